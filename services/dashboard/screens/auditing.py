"""The page Audit list: asks for lines, builds and renders; it never writes one itself."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from services.dashboard.language import _
from services.dashboard.models.audit import (
    GROUPS,
    AuditAsk,
    AuditPage,
    audit_rows,
    audit_sheet,
)
from services.dashboard.render import render
from services.dashboard.sheets import ROWS_MAX, download
from services.dashboard.visit import PageAnswer, Visit
from services.wiring import AuditLine, LineFilter

FIELDS: Final = ("group", "by", "subject", "from", "to", "order", "cursor", "format")
ROWS_SHOWN_MAX: Final = 100
BATCH_ROWS: Final = 1000


async def audit(visit: Visit) -> PageAnswer:
    """Who decided, looked, took away, logged in, and let whom in?"""
    kept = visit.kept(*FIELDS[:-1])
    if (better := visit.better(kept)) is not None:
        return better
    ask, filter_ = _ask(visit)
    after = AuditLine.read_cursor(visit.asked("cursor"))
    position = (await visit.house.views.watermark(visit.workspace)).position
    members = await visit.house.roster.members(visit.workspace)
    names = {f"person:{m.id}": m.name for m in members}
    frame = await visit.frame(_("Audit list"), position, pairs=kept)
    if visit.form is not None:
        lines, is_cut = await _all(visit, filter_, ask.order == "oldest")
        file = download(audit_sheet(lines, names, frame, is_cut=is_cut), visit.form)
        return PageAnswer(position=position, download=file, is_fresh=True)
    found = await visit.house.audit.lines(
        visit.workspace,
        filter_,
        after=after,
        limit=ROWS_SHOWN_MAX + 1,
        oldest=ask.order == "oldest",
    )
    shown = found[:ROWS_SHOWN_MAX]
    page = AuditPage(
        frame=frame,
        rows=audit_rows(shown, names),
        people=tuple(sorted(names.items(), key=lambda pair: pair[1].casefold())),
        ask=ask,
        following=shown[-1].cursor if len(found) > ROWS_SHOWN_MAX else "",
        begun=after is not None,
        past=visit.reading.clocks.mode(visit.today) == "past",
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


async def _all(visit: Visit, filter_: LineFilter, oldest: bool) -> tuple[list[AuditLine], bool]:
    """Every line that fits, up to `ROWS_MAX`, and whether there are more."""
    lines: list[AuditLine] = []
    after = None
    while len(lines) <= ROWS_MAX:
        found = await visit.house.audit.lines(
            visit.workspace, filter_, after=after, limit=BATCH_ROWS, oldest=oldest
        )
        lines += found
        if len(found) < BATCH_ROWS:
            return lines[:ROWS_MAX], len(lines) > ROWS_MAX
        after = AuditLine.read_cursor(found[-1].cursor)
    return lines[:ROWS_MAX], True


def _ask(visit: Visit) -> tuple[AuditAsk, LineFilter]:
    """What was typed, and the filter it means; what cannot be read narrows nothing and is told."""
    errors: dict[str, str] = {}
    first, last = visit.span(errors)
    group = visit.choice("group", GROUPS)
    ask = AuditAsk(
        group=group,
        by=visit.asked("by"),
        subject=visit.asked("subject"),
        from_typed=visit.asked("from"),
        to_typed=visit.asked("to"),
        order="oldest" if visit.asked("order") == "oldest" else "newest",
        errors=errors,
    )
    return ask, LineFilter(
        actions=GROUPS.get(group),
        by=ask.by or None,
        subject=ask.subject or None,
        since=_midnight(first) if first else None,
        until=_midnight(last + timedelta(days=1)) if last and last < date.max else None,
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
