"""`POST /hooks/{source}`: a bare ASGI route that takes signed submissions in the order of the
contract; before the signature holds it tells nobody anything.

Cap while streaming, headers, time, signature, idempotency, parse, validate, append.
"""

import re
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import asgi
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from domain.errors import Article20Error, InvalidQuestion
from services.api.access import SIGNED
from services.api.claims import Receipt
from services.api.methods import only
from services.api.problems import MEDIA_TYPE, log_failure, problem_of
from services.api.requests import (
    ClientGone,
    UnsupportedMediaType,
    instance_of,
    media_type,
    read_body,
    read_query,
    request_id,
)
from services.api.serving import Serving
from services.intake.webhooks import cloudevents
from services.intake.webhooks.signatures import Delivery, read_delivery, verify
from services.intake.webhooks.taking import (
    Sent,
    delivery_key,
    sent_as_event,
    sent_plainly,
    take,
    take_each,
    take_together,
)
from services.recording import Outcome
from services.wiring import Signer

JSON: Final = b"application/json"
ABORT: Final = (b"webhook-delivery", b"abort-message")
"""Tells the sender that sending the same again will not help."""
POSITION: Final = b"article20-position"
TEMPLATE: Final = "/hooks/{source}"
ENCODER: Final = msgspec.json.Encoder()
_PATH: Final = re.compile(r"/[^/]+/")

Header = tuple[bytes, bytes]


class SourceDisabled(Article20Error):
    """This webhook source is disabled. Ask whoever runs article20, or send no more."""

    slug, status = "source-disabled", 410


class ItemAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to one event of a batch: `status` is the one it would have had alone."""

    index: int
    id: str | None
    status: int
    claim: str | None = None
    position: int | None = None
    claim_status: str | None = None
    problem: Any = None


@asgi("/hooks", is_mount=True, copy_scope=False, opt={"role": SIGNED})
async def take_hook(scope: Scope, receive: Receive, send: Send) -> None:
    """Take one delivery of a webhook source."""
    call: Any = scope
    call["path_template"] = TEMPLATE
    # Mounted, because the framework's bare routes know no parameters; the rest of the path is ours.
    if not _PATH.fullmatch(call["path"]):
        raise NotFoundException()
    only(call, "POST")
    serving: Serving = call["app"].state.serving
    genuine: list[Signer] = []
    try:
        status, headers, body = await _answer(serving, call, receive, genuine)
    except ClientGone:
        return
    except Article20Error as error:
        status, headers, body = _refusal(call, error, is_genuine=bool(genuine))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _answer(
    serving: Serving, scope: Any, receive: Receive, genuine: list[Signer]
) -> tuple[int, list[Header], bytes]:
    settings = serving.settings
    media = media_type(scope)
    is_batch = media == cloudevents.BATCH
    body = await read_body(
        scope,
        receive,
        bytes_max=settings.batch_bytes_max if is_batch else settings.body_bytes_max,
        seconds_max=settings.body_seconds_max,
    )
    delivery = read_delivery(scope["headers"])
    signer = await serving.house.sources.find(scope["path"].strip("/"))
    verify(
        delivery,
        body,
        signer.secrets(serving.house.now()) if signer is not None else (),
        now=time.time(),
        tolerance_seconds=settings.signature_tolerance_seconds,
    )
    assert signer is not None  # no secrets, no verification
    genuine.append(signer)
    scope["state"]["workspace"] = signer.workspace
    if not signer.enabled:
        raise SourceDisabled()
    serving.source_buckets.take(signer.source)
    if is_batch:
        return await _batch(serving, signer, scope, delivery, body)
    outcome = await take(serving.house, signer, _sent(signer, scope, media, delivery, body))
    serving.saw(signer.workspace, outcome.position)
    return _receipt(outcome)


def _sent(signer: Signer, scope: Any, media: str, delivery: Delivery, body: bytes) -> Sent:
    if media == cloudevents.STRUCTURED:
        return sent_as_event(signer, cloudevents.read_structured(body), body)
    if media != cloudevents.JSON:
        raise UnsupportedMediaType(
            allowed=f"{cloudevents.JSON}, {cloudevents.STRUCTURED} or {cloudevents.BATCH}"
        )
    event = cloudevents.read_binary(scope["headers"], body)
    if event is not None:
        return sent_as_event(signer, event, body)
    return sent_plainly(signer, delivery.id, body)


def _receipt(outcome: Outcome) -> tuple[int, list[Header], bytes]:
    headers = [
        (b"content-type", JSON),
        (POSITION, b"%d" % outcome.position),
    ]
    if outcome.is_new:
        headers.append((b"location", f"/api/v1/claims/{outcome.claim}".encode()))
    if outcome.replayed:
        headers.append((b"idempotent-replayed", b"true"))
    receipt = Receipt(claim=outcome.claim, position=outcome.position, status=outcome.status)
    return 201 if outcome.is_new else 200, headers, ENCODER.encode(receipt)


async def _batch(
    serving: Serving, signer: Signer, scope: Any, delivery: Delivery, body: bytes
) -> tuple[int, list[Header], bytes]:
    """The answer to a batch: each event for itself, or all or nothing with `?atomic=true`."""
    query = read_query(scope, ("atomic",))
    atomic = query.get("atomic", "false")
    if atomic not in ("true", "false"):
        raise InvalidQuestion(parameter="atomic", value=atomic[:80], detail="use true or false")
    items: list[Sent | Article20Error] = []
    ids: list[str | None] = []
    for index, raw in enumerate(cloudevents.read_batch(body, serving.settings.batch_items_max)):
        try:
            event = cloudevents.read_structured(raw, f"/{index}")
        except Article20Error as error:
            items.append(error)
            ids.append(None)
        else:
            items.append(sent_as_event(signer, event, raw))
            ids.append(event.id)
    outcomes: Sequence[Outcome | Article20Error]
    if atomic == "true":
        outcomes = await _together(serving, signer, delivery, body, items)
    else:
        outcomes = await take_each(serving.house, signer, items)
    done = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    for outcome in done:
        serving.saw(signer.workspace, outcome.position)
    answers = [
        _item(scope, index, id_, outcome)
        for index, (id_, outcome) in enumerate(zip(ids, outcomes, strict=True))
    ]
    headers = [
        (b"content-type", JSON),
        (POSITION, b"%d" % serving.position(signer.workspace)),
    ]
    if done and all(outcome.replayed for outcome in done):
        headers.append((b"idempotent-replayed", b"true"))
    return 207, headers, ENCODER.encode(answers)


async def _together(
    serving: Serving,
    signer: Signer,
    delivery: Delivery,
    body: bytes,
    items: list[Sent | Article20Error],
) -> list[Outcome]:
    key = delivery_key(signer, delivery.id)
    whole = Sent(key, b"", body).request_hash
    return await take_together(serving.house, signer, items, key, whole)


def _item(scope: Any, index: int, id_: str | None, outcome: Outcome | Article20Error) -> ItemAnswer:
    if isinstance(outcome, Article20Error):
        problem, _ = problem_of(outcome, instance_of(scope))
        return ItemAnswer(index=index, id=id_, status=problem.status, problem=problem)
    return ItemAnswer(
        index=index,
        id=id_,
        status=201 if outcome.is_new else 200,
        claim=outcome.claim,
        position=outcome.position,
        claim_status=outcome.status,
    )


def _refusal(
    scope: Any, error: Article20Error, *, is_genuine: bool
) -> tuple[int, list[Header], bytes]:
    problem, more = problem_of(error, instance_of(scope))
    more.pop("WWW-Authenticate", None)
    if problem.status >= 500:
        log_failure(error, request_id(scope))
    headers = [(b"content-type", MEDIA_TYPE.encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in more.items()]
    if is_genuine and problem.status in (400, 409, 415, 422):
        headers.append(ABORT)
    return problem.status, headers, ENCODER.encode(problem)


ROUTES: Final[Sequence[ControllerRouterHandler]] = (take_hook,)
