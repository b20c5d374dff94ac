"""Imports of tables: what each row would become, and taking back what an import brought; the desk's
rules are never bent here.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from domain.claims import Claim, Submission
from domain.desk import ClaimDesk
from domain.errors import AppendConflict, Article20Error, FieldError
from domain.events import Recorded
from domain.kinds import ClaimRecorded
from projections.similar import suggestions
from services.house import House
from services.intake.lines import MADE_PREFIX, Line
from services.recording import DECISION_TRIES_MAX, request_of
from services.tables.bringing import NAMES_TRIED_MAX, author_of, desk_of, prefix_of
from services.wiring import Fate, opened

UNDONE_CLAIMS: Final = 500
"""So many claims are taken back with one append."""
SAID_CHARS_MAX: Final = 60
READ_EVENTS: Final = 1000


class NothingBrought(Article20Error):
    """Import {name!r} recorded nothing in this workspace, or there is none of that name."""

    slug, status = "nothing-brought", 404


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of one row, and why.

    `beside`: the claim on file that it is, contradicts or resembles, with a `likeness` 0 to 1.
    """

    line: Line
    fate: Fate
    submission: Submission | None = None
    detail: str = ""
    beside: str = ""
    likeness: float = 0.0


class Undone(msgspec.Struct, kw_only=True):
    """What an undo took back, and what it left, with why; `position`: of the last event."""

    retracted: int = 0
    already: int = 0
    left: list[tuple[str, str]] = []
    position: int = 0


async def judge(
    house: House,
    workspace: str,
    lines: Sequence[Line],
    seen: dict[str, int],
    *,
    likely: bool,
) -> list[Judged]:
    """What would become of some rows of a table; nothing is recorded.

    `seen`: claim -> the row that brings it, of the rows before; it is added to. `likely`: whether
    claims on file that may tell of the same happening are looked for.
    """
    asked = [line.submission for line in lines if line.submission is not None]
    desk = await desk_of(house, workspace, [one.claim.id for one in asked])
    named = await _named(house, workspace, asked, desk)
    found: list[Judged] = []
    for line in lines:
        if line.submission is None:
            said = "; ".join(_fault(error) for error in line.errors)
            found.append(Judged(line=line, fate="error", detail=said))
            continue
        found.append(_judged(line, named[line.submission.claim.id], desk, seen))
    return await _with_likely(house, workspace, found) if likely else found


async def undo(house: House, workspace: str, name: str, *, by: str, reason: str) -> Undone:
    """Take back every claim that an import brought and that nobody has touched since.

    What was decided about meanwhile is left, with what happened. NothingBrought where the import
    recorded nothing. Doing it again takes back the rest.
    """
    ranges = await house.imports.brought(workspace, prefix_of(name))
    if not ranges:
        raise NothingBrought(name=name[:80])
    undone = Undone()
    waiting: list[str] = []
    for first, last in ranges:
        async for event in _events(house, workspace, first, last):
            if isinstance(event.event, ClaimRecorded):
                waiting.append(event.event.claim)
            if len(waiting) == UNDONE_CLAIMS:
                await _retract(
                    house, workspace, waiting, ranges, author_of(name), by, reason, undone
                )
                waiting = []
    if waiting:
        await _retract(house, workspace, waiting, ranges, author_of(name), by, reason, undone)
    return undone


def differences(claim: Claim, on_file: Claim) -> str:
    """What two versions of a claim say differently, field by field, in words."""
    found = []
    for field in claim.__struct_fields__:
        ours, theirs = getattr(claim, field), getattr(on_file, field)
        if ours != theirs:
            found.append(f"{field}: {_short(theirs)} on file, {_short(ours)} here")
    return "; ".join(found)


def _short(value: object) -> str:
    text = msgspec.json.encode(value).decode().strip('"')
    return text if len(text) <= SAID_CHARS_MAX else f"{text[:SAID_CHARS_MAX]}…"


def _fault(error: FieldError) -> str:
    return f"{error.pointer}: {error.detail}" if error.pointer else error.detail


async def _named(
    house: House, workspace: str, asked: Sequence[Submission], desk: ClaimDesk
) -> dict[str, Submission]:
    """The submissions by the id of their row. One without an id of its own that was taken back
    before, as by an undo, gets a further one, so that it can be brought anew."""
    named = {one.claim.id: one for one in asked}
    for number in range(2, NAMES_TRIED_MAX + 1):
        again = {
            first: msgspec.structs.replace(one.claim, id=f"{first}.{number}")
            for first, one in named.items()
            if first.startswith(MADE_PREFIX)
            and one.claim.id in desk.known
            and desk.known[one.claim.id].status == "retracted"
        }
        if not again:
            break
        further = await desk_of(house, workspace, [claim.id for claim in again.values()])
        desk.known.update(further.known)
        for first, claim in again.items():
            named[first] = msgspec.structs.replace(named[first], claim=claim)
    return named


def _judged(line: Line, submission: Submission, desk: ClaimDesk, seen: dict[str, int]) -> Judged:
    claim = submission.claim
    before = seen.setdefault(claim.id, line.number)
    if before != line.number:
        return Judged(
            line=line, fate="duplicate", submission=submission, detail=f"the same as row {before}"
        )
    known = desk.known.get(claim.id)
    if known is None:
        return Judged(line=line, fate="new", submission=submission)
    if claim in (known.first, known.claim):
        detail = f"{known.status}, recorded at position {known.position}"
        return Judged(
            line=line, fate="duplicate", submission=submission, detail=detail, beside=claim.id
        )
    return Judged(
        line=line,
        fate="conflict",
        submission=submission,
        detail=differences(claim, known.claim),
        beside=claim.id,
    )


async def _with_likely(house: House, workspace: str, found: list[Judged]) -> list[Judged]:
    """The rows that are new, with what on file resembles them."""
    new = [one for one in found if one.fate == "new" and one.submission is not None]
    if not new:
        return found
    claims = [one.submission.claim for one in new if one.submission is not None]
    candidates = await house.views.candidates_of(workspace, claims)
    likely: dict[int, Judged] = {}
    for one, claim, versions in zip(new, claims, candidates, strict=True):
        near = suggestions(claim, versions, known_at="head").similar
        if near:
            likely[one.line.number] = msgspec.structs.replace(
                one,
                fate="likely",
                detail=near[0].summary,
                beside=near[0].claim,
                likeness=near[0].likeness,
            )
    return [likely.get(one.line.number, one) for one in found]


async def _events(house: House, workspace: str, first: int, last: int) -> AsyncIterator[Recorded]:
    after = first - 1
    while after < last:
        limit = min(READ_EVENTS, last - after)
        batch = await house.store.read(workspace, after=after, limit=limit)
        for stored in batch.events:
            yield opened(stored)
        after += limit


async def _retract(
    house: House,
    workspace: str,
    claims: Sequence[str],
    ranges: Sequence[tuple[int, int]],
    author: str,
    by: str,
    reason: str,
    undone: Undone,
) -> None:
    """Take some claims back with one append; taken anew while others decide about them."""
    for tries in range(DECISION_TRIES_MAX):
        desk = await desk_of(house, workspace, claims)
        touched: dict[str, str] = {}
        for step in desk.steps:
            own = step.by == author or any(a <= step.position <= b for a, b in ranges)
            if not own:
                touched[step.claim] = f"{step.word.replace('_', ' ')} (position {step.position})"
        already = [c for c in claims if desk.known[c].status == "retracted"]
        free = [c for c in claims if c not in touched and c not in already]
        for claim in free:
            desk.decide(claim, "retracted", by=by, reason=reason)
        events = desk.collect_events()
        if events:
            request = request_of(events, desk.condition(), by=by)
            try:
                appended = await house.appender.append(workspace, request)
            except AppendConflict:
                if tries == DECISION_TRIES_MAX - 1:
                    raise
                continue
            undone.position = max(undone.position, appended.last)
        undone.retracted += len(free)
        undone.already += len(already)
        undone.left += [(c, touched[c]) for c in claims if c in touched and c not in already]
        return
