"""Recording claims and giving verdicts: reads what the desk needs, lets it decide, appends; no
rules here."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import msgspec

from domain.claims import Status, Submission
from domain.dcb import DCBAppendCondition, Tagged
from domain.desk import ClaimDesk, OnFile, recording
from domain.errors import AlreadyRecorded, AppendConflict, KeyReused, NotDeclaredSame, Said
from domain.events import ClaimDecided, ClaimEvent, encode
from domain.kinds import ClaimRecorded
from domain.known import STATUS_AFTER
from domain.sameness import JOINED_CLAIMS_MAX, how_joined
from services.house import House
from services.wiring import Appended, AppendRequest, AuditLine, Keyed, opened

DECISION_TRIES_MAX = 5
"""How often a decision is taken anew while others keep deciding about the same claims."""


Begun: TypeAlias = tuple[list[ClaimEvent], asyncio.Future[Appended]]
"""The events of a claim on their way to the log, and what is done when they are there."""


class Key(msgspec.Struct, frozen=True):
    """An idempotency key, with the SHA-256 of the body that it stands for."""

    name: str
    request_hash: bytes


def key_over(name: str, body: bytes) -> Key:
    """The idempotency key of this name, standing for a body."""
    return Key(name, hashlib.sha256(body).digest())


class How(msgspec.Struct, frozen=True, kw_only=True):
    """How claims are recorded: by whom, `accepted` at once or else pending, under which key.

    `backfilled`: known since their sources say.
    """

    by: str
    accepted: bool
    backfilled: bool = False
    key: Key | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one submission or decision.

    `position`: of its last event, for read-your-writes. `is_new`: whether this call recorded it;
    `replayed`: whether an earlier call with the same idempotency key did.
    """

    claim: str
    position: int
    status: Status
    is_new: bool
    replayed: bool = False


def request_of(
    decided: Iterable[Tagged[Any]],
    condition: DCBAppendCondition,
    *,
    by: str,
    key: Key | None = None,
) -> AppendRequest:
    """What to ask of the appender for the events of a decision, taken within a boundary."""
    return AppendRequest(
        events=tuple(encode(tagged.decision) for tagged in decided),
        condition=condition,
        key=None if key is None else key.name,
        request_hash=None if key is None else key.request_hash,
        recorded_by=by,
    )


async def record(house: House, workspace: str, submission: Submission, how: How) -> Outcome:
    """Record one claim; see `record_together`.

    It is appended as a new one first, which nearly all are; where its id is taken, the desk looks
    at what stands under it.
    """
    begun = begin_recording(house, workspace, submission, how)
    return await end_recording(house, workspace, submission, how, begun)


def begin_recording(
    house: House,
    workspace: str,
    submission: Submission,
    how: How,
    *,
    together: object | None = None,
) -> Begun:
    """Begin to record one claim as a new one: its events, and what is done when they are durable,
    or stand already (AlreadyRecorded); see `Appender.begin`, and `AppendRequest` for what belongs
    `together`."""
    now, key = house.now(), how.key
    made = list(recording(submission, accepted=how.accepted, now=now, backfilled=how.backfilled))
    events = tuple(map(encode, made))
    request = AppendRequest(
        events=events,
        absent=(events[0].tags[0],),
        together=together,
        key=None if key is None else key.name,
        request_hash=None if key is None else key.request_hash,
        recorded_by=how.by,
    )
    return made, house.appender.begin(workspace, request)


async def end_recording(
    house: House, workspace: str, submission: Submission, how: How, begun: Begun
) -> Outcome:
    """The outcome of what `begin_recording` began with the same; where the id of the claim is
    taken, upon what stands under it."""
    made, appending = begun
    try:
        appended = await appending
    except AlreadyRecorded:
        return await _standing_already(house, workspace, submission, how)
    if appended.replayed:
        found = await _found(house, workspace, appended, how.key)
        return next(iter(found.values()))
    return first_outcome(appended, made)


def first_outcome(appended: Appended, made: Sequence[ClaimEvent]) -> Outcome:
    """The outcome of an append that recorded a claim."""
    return next(iter(_made(appended, made).values()))


async def record_together(
    house: House, workspace: str, submissions: Sequence[Submission], how: How
) -> list[Outcome]:
    """Record claims all or nothing, in one append; returns one outcome per submission.

    A claim that stands already with the same content is not recorded again. ClaimExists when one
    stands with another content, KeyReused when the key was used for another body; then nothing is
    recorded.
    """
    ids = [submission.claim.id for submission in submissions]
    desk = ClaimDesk(*ids)  # as if nothing stood there, which saves the first try a look
    for tries in range(DECISION_TRIES_MAX):
        if tries:
            desk = await _read_desk(house, workspace, *ids)
        held = {one.claim.id: _recorded_on(desk, house, one, how) for one in submissions}
        decided = desk.collect_events()
        if not decided:
            standing = [_standing(claim, held[claim]) for claim in ids]
            if how.key is not None:
                await remember(house, workspace, [how.key], standing[:1])
            return standing
        request = request_of(decided, desk.condition(), by=how.by, key=how.key)
        try:
            appended = await house.appender.append(workspace, request)
        except AppendConflict:
            if tries == DECISION_TRIES_MAX - 1:
                raise
            continue
        if appended.replayed:
            return list((await _found(house, workspace, appended, how.key)).values())
        made = _made(appended, [tagged.decision for tagged in decided])
        return [made[claim] if claim in made else _standing(claim, held[claim]) for claim in ids]
    raise AssertionError("the loop returns or raises")


async def _standing_already(
    house: House, workspace: str, submission: Submission, how: How
) -> Outcome:
    """Where a claim stands that the log holds already, under the key from now on; nothing is
    recorded. Errors as of `record_together`."""
    claim = submission.claim.id
    desk = await _read_desk(house, workspace, claim)
    standing = _standing(claim, _recorded_on(desk, house, submission, how))
    if how.key is not None:
        await remember(house, workspace, [how.key], [standing])
    return standing


def _recorded_on(desk: ClaimDesk, house: House, submission: Submission, how: How) -> OnFile | None:
    return desk.record(
        submission, accepted=how.accepted, now=house.now(), backfilled=how.backfilled
    )


async def decide(
    house: House,
    workspace: str,
    claims: Sequence[str],
    decision: Callable[[ClaimDesk], None],
    *,
    by: str,
    seen: int | None = None,
    again: bool = False,
) -> Outcome:
    """Let the desk take a `decision` about `claims` and append it; the outcome is of the first
    claim.

    `seen`: the position of the claims that whoever decides had before them. Where something
    happened to the claims since, or while this decision was taken, DecidedMeanwhile says what, and
    nothing is recorded. With `again` a decision that lost is taken anew instead, for those that no
    other decision makes wrong; AppendConflict after `DECISION_TRIES_MAX` tries.
    """
    for tries in range(DECISION_TRIES_MAX):
        desk = await _read_desk(house, workspace, *claims)
        if seen is not None:
            desk.unchanged_since(seen)
        try:
            decision(desk)
        except NotDeclaredSame as refusal:
            joined = await _how_joined(house, workspace, *claims)
            if joined is None:
                raise
            raise NotDeclaredSame(**refusal.facts | {"reason": joined}) from None
        decided = desk.collect_events()
        request = request_of(decided, desk.condition(), by=by)
        try:
            appended = await house.appender.append(workspace, request)
        except AppendConflict:
            if tries == DECISION_TRIES_MAX - 1:
                raise
            if not again:
                seen = desk.last_known_position
            continue
        told = ", ".join(event.type for event in request.events)
        subject = " ".join(f"claim:{claim}" for claim in claims)
        detail = f"{told} at position {appended.last}"
        line = AuditLine(action="decided", by=by, subject=subject, detail=detail)
        house.audit.note(workspace, line)
        status = desk.known[claims[0]].status
        for tagged in decided:
            status = STATUS_AFTER.get(type(tagged.decision), status)
        return Outcome(claim=claims[0], position=appended.last, status=status, is_new=True)
    raise AssertionError("the loop returns or raises")


async def _how_joined(house: House, workspace: str, first: str, second: str) -> Said | None:
    """How two claims are joined through others, as far as so many claims tell."""
    links: dict[str, set[str]] = {}
    waiting = {first, second}
    while waiting and len(links) < JOINED_CLAIMS_MAX:
        desk = await _read_desk(house, workspace, *sorted(waiting))
        links |= {claim: desk.known[claim].same for claim in waiting}
        waiting = {other for claim in waiting for other in links[claim]} - links.keys()
    known = {claim: others & links.keys() for claim, others in links.items()}
    return how_joined(known, first, second)


async def _read_desk(house: House, workspace: str, *claims: str) -> ClaimDesk:
    desk = ClaimDesk(*claims)
    batch = await house.store.read(workspace, desk.query())
    desk.read((opened(stored) for stored in batch.events), batch.head)
    return desk


def _standing(claim: str, held: OnFile | None) -> Outcome:
    if held is None:
        raise AssertionError(f"claim {claim} was neither appended nor there already")
    return Outcome(claim=claim, position=held.position, status=held.status, is_new=False)


async def remember(
    house: House,
    workspace: str,
    keys: Sequence[Key],
    outcomes: Sequence[Outcome],
    *,
    is_recorded: bool = False,
) -> None:
    """Let idempotency keys stand for what was answered though nothing was appended under them.

    KeyReused when one stands for another body, unless what it would stand for `is_recorded` in the
    same breath: then there is nothing left to refuse.
    """
    found = [
        Keyed(key.name, key.request_hash, outcome.position, outcome.position, outcome.status)
        for key, outcome in zip(keys, outcomes, strict=True)
    ]
    reused = await house.store.remember(workspace, found)
    if reused and not is_recorded:
        raise KeyReused(key=min(reused))


async def _found(
    house: House, workspace: str, appended: Appended, key: Key | None
) -> dict[str, Outcome]:
    """The outcomes by claim of an append that was repeated, of the events that stand in the log."""
    keyed = await house.store.keyed(workspace, key.name) if key is not None else None
    count = appended.last - appended.first + 1
    batch = await house.store.read(workspace, after=appended.first - 1, limit=count)
    decided = [opened(stored).event for stored in batch.events]
    return _made(appended, decided, keyed.answered if keyed is not None else None)


def _made(
    appended: Appended, decided: Sequence[object], answered: Status | None = None
) -> dict[str, Outcome]:
    """The outcomes by claim of an append of these events; `answered`: the status that was answered,
    where it is another than theirs."""
    made: dict[str, Outcome] = {}
    for position, event in enumerate(decided, start=appended.first):
        if isinstance(event, ClaimRecorded):
            status: Status = event.status if answered is None else answered
        elif isinstance(event, ClaimDecided):
            status = STATUS_AFTER.get(type(event), made[event.claim].status)
        else:
            raise AssertionError(f"{event!r} is not an event of a claim")
        made[event.claim] = Outcome(
            claim=event.claim,
            position=position,
            status=status,
            is_new=not appended.replayed,
            replayed=appended.replayed,
        )
    return made
