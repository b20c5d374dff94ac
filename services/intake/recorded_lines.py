"""Claims of lines recorded, so many at a time and each once, and declared the same; the desk's
rules are never bent here.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, Literal

import msgspec

from domain.claims import Submission
from domain.desk import ClaimDesk
from domain.errors import Article20Error, ClaimExists, ClaimNotFound
from services.house import House
from services.intake.lines import Line, pairs_of
from services.recording import How, decide, record, record_together
from services.wiring import opened

CHUNK_CLAIMS: Final = 500
"""Claims looked up with one read and recorded with one append, one chunk after the other: so the
log has them in the order of the file."""
Fate = Literal["new", "already_there", "refused", "faulty"]


class Tally(msgspec.Struct, kw_only=True):
    """What became of an import: how many claims were new, there already, refused, faulty.

    `same`: how many pairs were newly declared the same.
    """

    new: int = 0
    already_there: int = 0
    refused: int = 0
    faulty: int = 0
    same: int = 0


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of one line, and why."""

    line: int
    claim: str | None
    fate: Fate
    detail: str = ""


Refuse = Callable[[int, str], None]
"""Told the number of a line and why it was refused."""


async def record_lines(
    house: House,
    workspace: str,
    lines: Iterable[Line],
    *,
    by: str,
    accepted: bool,
    refuse: Refuse,
    advance: Callable[[int], None],
) -> Tally:
    """Record the claims of `lines` in their order as history brought in afterwards.

    `accepted`: accepted at once, else pending, unless a line restates its status. `refuse` hears of
    every claim the desk refused; `advance` of how many more lines are done. Faulty lines are
    counted and left out. When the store fails half-way, what was recorded stays; do it again for
    the rest.
    """
    tally = Tally()
    pairs: dict[tuple[str, str], int] = {}
    waiting = iter(lines)
    while chunk := list(islice(waiting, CHUNK_CLAIMS)):
        new = await _judge(house, workspace, chunk, accepted, refuse, tally)
        await _record_chunk(house, workspace, new, by, accepted, refuse, tally)
        for line in chunk:
            if line.submission is not None:
                for pair in pairs_of(line.submission):
                    pairs.setdefault(pair, line.number)
        advance(len(chunk))
    await declare_same(house, workspace, pairs, by, refuse, tally)
    return tally


async def _judge(
    house: House,
    workspace: str,
    chunk: Sequence[Line],
    accepted: bool,
    refuse: Refuse,
    tally: Tally,
) -> dict[str, tuple[int, Submission]]:
    """The new claims among some lines by id, with the number of their line; the others are
    counted."""
    desk = await _look_up(house, workspace, _claims(chunk))
    new: dict[str, tuple[int, Submission]] = {}
    for line in chunk:
        foreseen = _foreseen(desk, line, accepted, house.now())
        if foreseen.fate == "new" and line.submission is not None:
            claim = line.submission.claim.id
            if claim not in new:
                new[claim] = line.number, line.submission
            else:
                tally.already_there += 1
            continue
        _count(tally, foreseen)
        if foreseen.fate == "refused":
            refuse(line.number, foreseen.detail)
    return new


async def _record_chunk(
    house: House,
    workspace: str,
    new: dict[str, tuple[int, Submission]],
    by: str,
    accepted: bool,
    refuse: Refuse,
    tally: Tally,
) -> None:
    """Record new claims with one append, which keeps them in their order; one by one where
    somebody else recorded one of them meanwhile."""
    if not new:
        return
    how = How(by=by, accepted=accepted, backfilled=True)
    try:
        outcomes = await record_together(house, workspace, [s for _, s in new.values()], how)
    except ClaimExists:
        outcomes = []
        for number, submission in new.values():
            try:
                outcomes.append(await record(house, workspace, submission, how))
            except ClaimExists as error:
                tally.refused += 1
                refuse(number, str(error))
    recorded = sum(outcome.is_new for outcome in outcomes)
    tally.new += recorded
    tally.already_there += len(outcomes) - recorded


async def declare_same(
    house: House,
    workspace: str,
    pairs: dict[tuple[str, str], int],
    by: str,
    refuse: Refuse,
    tally: Tally,
) -> None:
    """Declare the pairs the same that are not yet; `pairs` maps each to the line that said so."""
    waiting = iter(pairs.items())
    while chunk := list(islice(waiting, CHUNK_CLAIMS // 2)):
        ids = sorted({claim for pair, _ in chunk for claim in pair})
        desk = await _look_up(house, workspace, ids)
        for (first, second), number in chunk:
            if first in desk.known and second in desk.known[first].same:
                continue
            try:
                await decide(
                    house, workspace, (first, second), _sameness(first, second), by=by, again=True
                )
            except ClaimNotFound as error:
                tally.refused += 1
                refuse(number, f"/same_as: {error}")
            else:
                tally.same += 1


def _sameness(first: str, second: str) -> Callable[[ClaimDesk], None]:
    def declare(desk: ClaimDesk) -> None:
        known = [desk.known[claim].known_since for claim in (first, second) if claim in desk.known]
        since = max(known, default=None)
        desk.declare_same(first, second, reason=None, known_since=since)

    return declare


def _claims(lines: Sequence[Line]) -> list[str]:
    """The ids of the claims in some lines, each once."""
    return sorted({line.submission.claim.id for line in lines if line.submission is not None})


def _count(tally: Tally, foreseen: Foreseen) -> None:
    setattr(tally, foreseen.fate, getattr(tally, foreseen.fate) + 1)


async def _look_up(house: House, workspace: str, claims: Sequence[str]) -> ClaimDesk:
    desk = ClaimDesk(*claims)
    if claims:
        batch = await house.store.read(workspace, desk.query())
        desk.read((opened(stored) for stored in batch.events), batch.head)
    return desk


def _foreseen(desk: ClaimDesk, line: Line, accepted: bool, now: datetime) -> Foreseen:
    submission = line.submission
    if submission is None:
        said = "; ".join(f"{error.pointer or '/'}: {error.detail}" for error in line.errors)
        return Foreseen(line=line.number, claim=None, fate="faulty", detail=said)
    claim = submission.claim.id
    try:
        held = desk.record(submission, accepted=accepted, now=now, backfilled=True)
    except Article20Error as error:
        return Foreseen(line=line.number, claim=claim, fate="refused", detail=str(error))
    if held is not None:
        detail = f"{held.status}, recorded at position {held.position}"
        return Foreseen(line=line.number, claim=claim, fate="already_there", detail=detail)
    status = submission.status or ("accepted" if accepted else "pending")
    return Foreseen(line=line.number, claim=claim, fate="new", detail=status)
