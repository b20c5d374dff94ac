"""Claims of an import on their way into the log: packed, recorded so many at a time, each once;
what is there is never recorded again, and nothing is decided for the desk.

Everything an import appends stands under idempotency keys that begin with its name: a run that was
broken off can be repeated without doubling, and what it brought can be found for ever.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from domain.desk import ClaimDesk
from domain.errors import AlreadyRecorded, AppendConflict, ClaimExists
from domain.events import claim_tag, decode, encode
from domain.kinds import ClaimRecorded, claim_of
from domain.known import Known
from services.house import House
from services.intake.lines import MADE_PREFIX
from services.intake.recorded_lines import Refuse
from services.recording import DECISION_TRIES_MAX
from services.tables.binding import Bound, bound, gathered
from services.tables.packing import Packed
from services.wiring import AppendRequest, opened

NAMES_TRIED_MAX: Final = 9
"""How often a claim without an id of its own, taken back before, is given a further name."""
TRIES_MAX: Final = DECISION_TRIES_MAX + NAMES_TRIED_MAX
CLAIMS_AT_ONCE: Final = 4000
"""So many claims are recorded with one append, which others that record wait for; of fewer each
costs more, because every append waits for the disk."""
APPENDS_UNDER_WAY_MAX: Final = 2
"""One in the log, one on its way to it."""


class Brought(msgspec.Struct, kw_only=True):
    """What an import recorded: how many claims were new, there already, and refused because they
    say something else than what is on file; `position`: of the last event.

    `asked`: how many more the log was asked to take and has not answered for; where an import is
    broken off, it may have them or not.
    """

    new: int = 0
    already_there: int = 0
    refused: int = 0
    position: int = 0
    asked: int = 0


class Turn(msgspec.Struct, frozen=True):
    """An append of an import: the key under which it is first tried, and its end."""

    key: str
    done: asyncio.Future[None]


async def bring(
    house: House,
    workspace: str,
    name: str,
    claims: Bound,
    *,
    by: str,
    into: Brought,
    refuse: Refuse,
    before: Turn | None = None,
) -> None:
    """Record claims with one append under the name of an import, after the one `before`; those that
    are there already are counted, those that say something else are refused. What was recorded
    stays whatever follows."""
    waiting = _each_once(claims, into)
    is_looked_up = True
    for tries in range(TRIES_MAX):
        if not is_looked_up:
            waiting = await _not_on_file(house, workspace, waiting, into, refuse)
        if not waiting.claims:
            return
        digest = _digest(waiting)
        request = AppendRequest(
            sheaf=waiting.sheaf,
            absent=tuple(map(claim_tag, waiting.claims)),
            key=_key(name, digest),
            request_hash=digest,
            recorded_by=by,
            follows=None if before is None else before.key,
        )
        is_looked_up = False
        number = len(waiting.claims)
        into.asked += number
        try:
            appended = await house.appender.append(workspace, request)
        except (AppendConflict, AlreadyRecorded) as conflict:
            into.asked -= number
            if tries == TRIES_MAX - 1:
                raise
            if before is not None:
                # It may only have overtaken the one before, or that one has none to record.
                await before.done
                before, is_looked_up = None, isinstance(conflict, AppendConflict)
            continue
        into.asked -= number
        if appended.replayed:  # an earlier run recorded them: what stands there now decides
            continue
        into.position = max(into.position, appended.last)
        into.new += number
        return


async def bring_all(
    house: House,
    workspace: str,
    name: str,
    claims: Iterable[Bound],
    *,
    by: str,
    into: Brought,
    refuse: Refuse,
    advance: Callable[[int], None] | None = None,
) -> None:
    """Record claims in their order, see `bring`; while the log takes some in, the next ones are
    made ready. `advance` hears of how many more are done.

    Whoever cancels it waits for what is on its way to the log, so that `into` says what is there.
    """
    under_way: deque[asyncio.Task[None]] = deque()
    before: Turn | None = None

    async def send(some: Bound, before: Turn | None) -> None:
        await bring(house, workspace, name, some, by=by, into=into, refuse=refuse, before=before)
        if advance is not None:
            advance(len(some.claims))

    try:
        for some in gathered(claims, CLAIMS_AT_ONCE):
            if len(under_way) == APPENDS_UNDER_WAY_MAX:
                await asyncio.wait({under_way[0]})
                under_way.popleft().result()
            some = _each_once(some, into)
            task = asyncio.create_task(send(some, before))
            before = Turn(_key(name, _digest(some)), task)
            under_way.append(task)
            await asyncio.sleep(0)
        while under_way:
            await asyncio.wait({under_way[0]})
            under_way.popleft().result()
    finally:
        await asyncio.gather(*under_way, return_exceptions=True)


def _digest(claims: Bound) -> bytes:
    return hashlib.sha256("\n".join(claims.claims).encode()).digest()


def _key(name: str, digest: bytes) -> str:
    return f"{prefix_of(name)}{digest.hex()[:32]}"


def prefix_of(name: str) -> str:
    """What the idempotency keys of an import begin with."""
    return f"import:{name}:"


def author_of(name: str) -> str:
    """What events keep of who brought them, where the import itself did."""
    return f"import:{name}"


async def desk_of(house: House, workspace: str, claims: Sequence[str]) -> ClaimDesk:
    """The desk looking at some claims as the log has them."""
    desk = ClaimDesk(*dict.fromkeys(claims))
    if claims:
        batch = await house.store.read(workspace, desk.query())
        desk.read((opened(stored) for stored in batch.events), batch.head)
    return desk


def _each_once(claims: Bound, into: Brought) -> Bound:
    """The same claims without those that come again."""
    if len(set(claims.claims)) == len(claims.claims):
        return claims
    first: dict[str, Packed] = {}
    for one in claims.packed():
        first.setdefault(one.claim, one)
    into.already_there += len(claims.claims) - len(first)
    return bound(list(first.values()))


async def _not_on_file(
    house: House, workspace: str, claims: Bound, into: Brought, refuse: Refuse
) -> Bound:
    """The claims that are still to be recorded, once those on file are settled."""
    left = {one.claim: one for one in claims.packed()}
    desk = await desk_of(house, workspace, list(left))
    for claim, known in desk.known.items():
        again = _settle(left.pop(claim), known, into, refuse)
        if again is not None:
            left[again.claim] = again
    return bound(list(left.values()))


def _settle(one: Packed, known: Known, into: Brought, refuse: Refuse) -> Packed | None:
    """Count a claim that turned out to be on file; one without an id of its own that was taken
    back is returned under a further name, to be brought anew."""
    event = _recorded(one)
    if claim_of(event) in (known.first, known.claim):
        name = _further(one.claim)
        if known.status == "retracted" and name is not None:
            first = encode(msgspec.structs.replace(event, claim=name))
            return Packed(one.number, name, ((first.type, first.data, tuple(first.tags)),))
        into.already_there += 1
        return None
    into.refused += 1
    refuse(one.number, str(ClaimExists(claim=one.claim, position=known.position)))
    return None


def _further(claim: str) -> str | None:
    """The name that follows a made one; None for a name of somebody's own, or after the last."""
    if not claim.startswith(MADE_PREFIX):
        return None
    first, _, number = claim.partition(".")
    following = int(number or 1) + 1
    return f"{first}.{following}" if following <= NAMES_TRIED_MAX else None


def _recorded(one: Packed) -> ClaimRecorded:
    type_, data, _tags = one.events[0]
    moment = datetime.min.replace(tzinfo=UTC)
    recorded = decode(type_, data, position=0, recorded_at=moment, recorded_by="").event
    assert isinstance(recorded, ClaimRecorded)
    return recorded
