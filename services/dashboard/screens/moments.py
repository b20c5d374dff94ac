"""The page Compare: reads the second pair of clocks, asks for both pictures and what came between,
builds and renders; it never decides which was right."""

from datetime import date, timedelta
from typing import Final

from domain.clocks import KnownAt, read_known_at
from domain.errors import InvalidQuestion
from services.dashboard.clocks import Clocks, read_clocks
from services.dashboard.language import _, error_words
from services.dashboard.models.compare import (
    ROWS_MAX,
    Between,
    ComparePage,
    Moment,
    came,
    compare_page,
    compare_sheet,
    happened,
)
from services.dashboard.render import render
from services.dashboard.sheets import download
from services.dashboard.visit import PageAnswer, Visit
from services.wiring import ClaimFilter

COMPARE_FIELDS: Final = ("vs_on", "vs_known_at", "format")


async def compare(visit: Visit) -> PageAnswer:
    """What is different between two moments, and because of what?"""
    kept = visit.kept("vs_on", "vs_known_at")
    if (better := visit.better(kept)) is not None:
        return better
    asked = {"on": visit.asked("vs_on"), "known_at": visit.asked("vs_known_at")}
    vs = read_clocks(asked, visit.today)
    after = _moment(visit, visit.reading.clocks)
    is_asked = bool(kept) and vs.on_error is None and vs.known_error is None
    await visit.weigh()
    position, board = await visit.questions.board(
        visit.workspace, visit.on, visit.known_at, method=visit.method
    )
    frame = await visit.frame(_("Compare"), position, pairs=kept)
    if not is_asked:
        page = ComparePage(frame=frame, before=None, after=after, vs=vs)
        return PageAnswer(position=position, html=render(page))
    before = _moment(visit, vs.clocks)
    known = read_known_at(vs.clocks.known_at)
    try:
        between, total = await _between(visit, before.on, known)
    except InvalidQuestion as refusal:
        page = ComparePage(
            frame=frame, before=None, after=after, vs=vs, refusal=error_words(refusal)
        )
        return PageAnswer(position=position, html=render(page))
    _position, other = await visit.questions.board(
        visit.workspace, before.on, known, method=visit.method
    )
    page = compare_page(frame, before, after, (other, board), between, total, vs=vs)
    if visit.form is not None:
        return PageAnswer(position=position, download=download(compare_sheet(page), visit.form))
    return PageAnswer(position=position, html=render(page))


async def _between(visit: Visit, on: date, known: KnownAt) -> tuple[list[Between], int]:
    """The claims that differ between the other moment and that of the page, and how many."""
    found: list[Between] = []
    total = 0
    if on != visit.on:
        first, last = sorted((on, visit.on))
        filter_ = ClaimFilter(first_day=first + timedelta(days=1), last_day=last)
        _position, versions, following = await visit.house.views.claims(
            visit.workspace, visit.known_at, filter_, after=None, limit=ROWS_MAX
        )
        found += [happened(v, is_back=on > visit.on) for v in versions]
        total += len(versions) + (following is not None)
    if str(known) != str(visit.known_at):
        is_back = _is_later(known, visit.known_at)
        ends = (visit.known_at, known) if is_back else (known, visit.known_at)
        _position, listed = await visit.questions.changes(
            visit.workspace, max(on, visit.on), ends[0], ends[1], visit.method
        )
        there = {between.claim for between in found}
        found += [came(d, is_back=is_back) for d in listed.differences if d.claim not in there]
        total += listed.total
    return found, max(total, len(found))


def _is_later(known: KnownAt, other: KnownAt) -> bool:
    """Whether the first point of knowledge comes after the other."""
    if known.position is None and known.moment is None:
        return True
    if other.position is None and other.moment is None:
        return False
    if known.position is not None and other.position is not None:
        return known.position > other.position
    return bool(known.moment and other.moment and known.moment > other.moment)


def _moment(visit: Visit, clocks: Clocks) -> Moment:
    return Moment(clocks.on or visit.today, clocks.known_text(visit.today), clocks)
