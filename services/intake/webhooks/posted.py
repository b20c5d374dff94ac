"""One delivery from its body to what became of it, whichever form it has, and again when it is
replayed; it never judges a signature and never speaks HTTP."""

from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from domain.errors import Article20Error
from services.house import House
from services.intake.webhooks import cloudevents
from services.intake.webhooks.taking import (
    Sent,
    delivery_key,
    sent_as_event,
    sent_plainly,
    take,
    take_each,
    take_together,
)
from services.recording import Key, Outcome
from services.wiring import Arrived, Noted, Signer, SourceNotFound

DETAIL_CHARS_MAX: Final = 2000
MEDIA_TYPE_CHARS_MAX: Final = 100
"""Of a media type that is noted; those that are taken are shorter, others may be as long as a head
may be."""
PARTLY: Final = "partly-refused"
"""The reason noted of a batch some events of which were taken."""


class SourceDisabled(Article20Error):
    """This webhook source is disabled. Ask whoever runs article20, or send no more."""

    slug, status = "source-disabled", 410


class UnknownForm(Article20Error):
    """The body is of a kind that is not taken here. Send {allowed}, in UTF-8, not compressed."""

    slug, status = "unsupported-media-type", 415


class NotReplayable(Article20Error):
    """Delivery {delivery} cannot be replayed: {reason}."""

    slug, status = "not-replayable", 409


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A genuine delivery: its id, the media type of its body, the attributes of an event in its
    headers (`ce-…`), the body, and whether a batch is all or nothing."""

    webhook_id: str
    media_type: str
    body: bytes
    attributes: tuple[tuple[bytes, bytes], ...] = ()
    is_atomic: bool = False


class Item(msgspec.Struct, frozen=True):
    """What became of one event of a batch, with its id where it could be read."""

    id: str | None
    outcome: Outcome | Article20Error


def take_posted(
    house: House, signer: Signer, posted: Posted
) -> Coroutine[Any, Any, Outcome | list[Item]]:
    """Take what was posted: one outcome, or one per event of a batch; an Article20Error says why
    not, at once or when it is awaited."""
    body = posted.body
    whole = delivery_key(signer, posted.webhook_id, body)
    if posted.media_type == cloudevents.BATCH:
        return _take_batch(house, signer, posted, whole)
    if posted.media_type == cloudevents.STRUCTURED:
        event = cloudevents.read_structured(body)
        return take(house, signer, sent_as_event(signer, event, body, whole))
    if posted.media_type != cloudevents.JSON:
        raise UnknownForm(
            allowed=f"{cloudevents.JSON}, {cloudevents.STRUCTURED} or {cloudevents.BATCH}"
        )
    if posted.attributes:
        found = cloudevents.read_binary(posted.attributes, body)
        if found is not None:
            return take(house, signer, sent_as_event(signer, found, body, whole))
    return take(house, signer, sent_plainly(whole, body))


async def replay(house: House, workspace: str, delivery: UUID) -> Noted:
    """Take a refused delivery again, as its source may submit now, and keep what became of it.

    DeliveryNotFound, NotReplayable where its body is not kept, SourceNotFound or SourceDisabled
    where its source is no more; a claim that is refused again is an answer, not an error.
    """
    held = await house.deliveries.held(workspace, delivery)
    before = held.noted
    if before.reason is None:
        raise NotReplayable(delivery=delivery, reason="it was taken")
    if held.body is None:
        raise NotReplayable(
            delivery=delivery,
            reason="its body is not kept: it was not verified, or it is too long ago",
        )
    signer = await house.sources.find(before.source)
    if signer is None or signer.workspace != workspace:
        raise SourceNotFound(source=before.source, workspace=workspace)
    if not signer.enabled:
        raise SourceDisabled()
    posted = Posted(
        webhook_id=before.webhook_id,
        media_type=before.media_type,
        body=held.body,
        attributes=tuple((name.encode(), value.encode()) for name, value in held.attributes),
        is_atomic=held.is_atomic,
    )
    try:
        taken = await take_posted(house, signer, posted)
    except Article20Error as error:
        if error.retryable:
            raise
        after = _after(before, error.status, error)
    else:
        after = _after(before, status_of(taken), taken)
    await house.deliveries.replayed(workspace, after)
    return (await house.deliveries.held(workspace, delivery)).noted


def status_of(taken: Outcome | list[Item]) -> int:
    """The HTTP status that says what became of a delivery."""
    if isinstance(taken, list):
        return 207
    return 201 if taken.is_new else 200


def noted(
    signer: Signer,
    posted: Posted,
    received_at: datetime,
    status: int,
    told: Outcome | list[Item] | Exception,
    *,
    is_genuine: bool = True,
) -> Arrived:
    """What is kept of a delivery; its body only where it was genuine and not taken whole."""
    reason, detail, claim, position = _told(told)
    keeps = is_genuine and reason is not None and status != 413
    return Arrived(
        source=signer.source,
        received_at=received_at,
        webhook_id=posted.webhook_id,
        media_type=posted.media_type[:MEDIA_TYPE_CHARS_MAX],
        body_bytes=len(posted.body),
        status=status,
        reason=reason,
        detail=detail,
        claim=claim,
        position=position,
        is_atomic=posted.is_atomic,
        body=posted.body if keeps else None,
        attributes=tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in posted.attributes
        )
        if keeps and posted.attributes
        else (),
    )


def _told(
    told: Outcome | list[Item] | Exception,
) -> tuple[str | None, str | None, str | None, int | None]:
    """What became of a delivery: the reason and the words of a refusal, the claim and where it
    stands."""
    if isinstance(told, Outcome):
        return None, None, told.claim, told.position
    reason = detail = claim = position = None
    if isinstance(told, list):
        errors = [(n, item.outcome) for n, item in enumerate(told)]
        refused = [(n, error) for n, error in errors if isinstance(error, Article20Error)]
        taken = [item.outcome for item in told if isinstance(item.outcome, Outcome)]
        if taken:
            claim, position = taken[0].claim, taken[0].position
        if refused:
            reason = PARTLY if taken else refused[0][1].slug
            detail = f"{len(refused)} of {len(told)} events were refused. " + " ".join(
                f"{number}: {error}" for number, error in refused
            )
    else:
        reason = told.slug if isinstance(told, Article20Error) else "internal"
        detail = str(told) if isinstance(told, Article20Error) and told.status < 500 else ""
    return (
        reason,
        detail[:DETAIL_CHARS_MAX].replace("\0", "") if detail else None,
        claim,
        position,
    )


def _after(before: Noted, status: int, told: Outcome | list[Item] | Exception) -> Noted:
    """A note with what became of the delivery when it was taken again."""
    reason, detail, claim, position = _told(told)
    return msgspec.structs.replace(
        before, status=status, reason=reason, detail=detail, claim=claim, position=position
    )


async def _take_batch(house: House, signer: Signer, posted: Posted, whole: Key) -> list[Item]:
    items: list[Sent | Article20Error] = []
    ids: list[str | None] = []
    raws = cloudevents.read_batch(posted.body, house.settings.batch_items_max)
    for index, raw in enumerate(raws):
        try:
            event = cloudevents.read_structured(raw, f"/{index}")
        except Article20Error as error:
            items.append(error)
            ids.append(None)
        else:
            items.append(sent_as_event(signer, event, raw))
            ids.append(event.id)
    outcomes: Sequence[Outcome | Article20Error]
    if posted.is_atomic:
        outcomes = await take_together(house, signer, items, whole)
    else:
        outcomes = await take_each(house, signer, items, whole)
    return [Item(id_, outcome) for id_, outcome in zip(ids, outcomes, strict=True)]
