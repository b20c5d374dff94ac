"""Builds the page Governments, the board for people, from the board's answer; pure."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from domain.dates import partial_date
from domain.numbers import Figure
from domain.treaties import APMBC
from projections.board import Board, StandingRow
from projections.board import BoardRow as Answer
from projections.worklists import LITTLE_CRITICISED, is_little_criticised
from services.dashboard.charts.figures import Interval
from services.dashboard.formats import STATUS_TAGS, about_text, expected_text
from services.dashboard.frame import Frame
from services.dashboard.language import Words, _, many, told_many, word
from services.dashboard.models.ordering import Head, Order, head
from services.dashboard.models.shapes import (
    BoardRow,
    GovernmentsPage,
    QuietGroup,
    Sentence,
    ShownStatus,
    StatusChoice,
)
from services.dashboard.models.today import shown_status
from services.dashboard.sentences import nothing_lead
from services.dashboard.sheets import Cell, Sheet
from services.dashboard.states import GOVERNMENTS, in_order, treaty_name

ROWS_SHOWN_MAX: Final = 40
"""How many governments with anything on file one page lists."""
_ORDER: Final[tuple[ShownStatus, ...]] = (
    *("leaving", "former_party", "contested", "acceding", "party", "signatory", "not_party"),
)
SORTS: Final = Words(
    {
        "name": word("Government"),
        "status": word("Standing"),
        "erosion": word("Erosion"),
        "pressure": word("Pressure"),
        "backing": word("Backing"),
        "latest": word("Latest record"),
        "claims": word("Records"),
    }
)
"""What the list can be sorted by, as the heads of its columns say it."""
_DOWN_FIRST: Final = frozenset({"erosion", "pressure", "backing", "latest", "claims"})
"""Where the greatest is what is looked for."""
ORDERS: Final[Mapping[str, Order]] = {
    f"-{key}" if is_down else key: Order(key, is_down)
    for key in SORTS
    for is_down in ((True, False) if key in _DOWN_FIRST else (False, True))
}
"""The orders of the list, as addresses have them."""
BY_NAME: Final = ORDERS["name"]


def governments_page(
    frame: Frame,
    board: Board,
    *,
    on: date,
    status: str = "",
    list_: str = "",
    asked: str = "",
    order: Order = BY_NAME,
    before: int = 0,
) -> GovernmentsPage:
    """The board on the day `on`, narrowed to a status, to one of `LISTS`, or to names that contain
    what was asked; `before`: how many governments stand before the page."""
    statuses = _statuses(board)
    wanted = _wanted(board, statuses, status, list_, asked)
    loud = _in_order([row for row in wanted if _has_record(row)], statuses, order)
    before = before if before < len(loud) else 0  # another day may have fewer
    quiet = [] if before else _quiet(wanted, statuses)
    end = before + ROWS_SHOWN_MAX
    return GovernmentsPage(
        frame=frame,
        on=on,
        lead=_lead(statuses, on),
        choices=_choices(statuses, status),
        lists=_lists(board, list_),
        asked=asked,
        order=order,
        heads=heads_of(order),
        rows=tuple(_row(row, statuses[row.government]) for row in loud[before:end]),
        total=len(loud),
        begun=before > 0,
        following=str(end) if end < len(loud) else "",
        quiet=tuple(
            QuietGroup(
                key,
                tuple(
                    (r.government, GOVERNMENTS[r.government])
                    for r in quiet
                    if statuses[r.government] == key
                ),
            )
            for key in _ORDER
            if any(statuses[r.government] == key for r in quiet)
        ),
    )


def governments_sheet(
    frame: Frame,
    board: Board,
    *,
    status: str = "",
    list_: str = "",
    asked: str = "",
    order: Order = BY_NAME,
) -> Sheet:
    """The list as a file: every government that it is narrowed to, in the order of the page, those
    without anything on file behind the others as there."""
    statuses = _statuses(board)
    wanted = _wanted(board, statuses, status, list_, asked)
    loud = _in_order([row for row in wanted if _has_record(row)], statuses, order)
    rows: list[tuple[Cell, ...]] = [
        (
            *(row.government, GOVERNMENTS[row.government], statuses[row.government]),
            *_leaving(row.standings[APMBC.code]),
            *(figure for of in (row.erosion, row.pressure, row.backing) for figure in _cells(of)),
            *(row.claims.accepted, row.claims.contested, row.claims.pending),
            row.latest.summary if row.latest else None,
            row.latest.occurred_on if row.latest else None,
        )
        for row in (*loud, *_quiet(wanted, statuses))
    ]
    numbers = ((name, f"{name}_low", f"{name}_high") for name in ("erosion", "pressure", "backing"))
    columns = (
        *("government", "name", "status", "expected_on", "expected_about"),
        *(name for of in numbers for name in of),
        *("accepted", "contested", "pending", "latest", "latest_on"),
    )
    about = (*frame.question, ("methods", ", ".join(board.methods)))
    return Sheet(name="governments", columns=columns, rows=rows, about=about)


def _statuses(board: Board) -> dict[str, ShownStatus]:
    return {row.government: shown_status(row.standings[APMBC.code]) for row in board.governments}


def _wanted(
    board: Board, statuses: Mapping[str, ShownStatus], status: str, list_: str, asked: str
) -> list[Answer]:
    """The governments that the list is narrowed to, by name."""
    wanted = [
        row
        for row in board.governments
        if (not status or statuses[row.government] == status)
        and (list_ != LITTLE_CRITICISED or is_little_criticised(row.erosion, row.pressure))
        and _is_asked(row, asked)
    ]
    wanted.sort(key=lambda row: in_order(GOVERNMENTS[row.government]))
    return wanted


def _in_order(
    rows: list[Answer], statuses: Mapping[str, ShownStatus], order: Order
) -> list[Answer]:
    """Rows that stand by name, in an order; what is alike stays by name, and what has nothing to
    be sorted by stands last either way."""
    value = _values(statuses)[order.key]
    told = [(found, row) for row in rows if (found := value(row)) is not None]
    told.sort(key=lambda pair: pair[0], reverse=order.is_down)
    return [row for _found, row in told] + [row for row in rows if value(row) is None]


def _values(
    statuses: Mapping[str, ShownStatus],
) -> Mapping[str, Callable[[Answer], Any]]:
    return {
        "name": lambda row: in_order(GOVERNMENTS[row.government]),
        "status": lambda row: _ORDER.index(statuses[row.government]),
        "erosion": lambda row: row.erosion.score,
        "pressure": lambda row: row.pressure.score,
        "backing": lambda row: row.backing.score,
        "latest": lambda row: (
            partial_date(row.latest.occurred_on).representative_day if row.latest else None
        ),
        "claims": _counted,
    }


def _quiet(rows: list[Answer], statuses: Mapping[str, ShownStatus]) -> list[Answer]:
    """Those with nothing but their standing on file: by it, and by name."""
    quiet = [row for row in rows if not _has_record(row)]
    return sorted(quiet, key=lambda row: _ORDER.index(statuses[row.government]))


def heads_of(order: Order) -> Mapping[str, Head]:
    """The heads of the columns while the list stands in an order."""
    return {key: head(words, key, order, ORDERS) for key, words in SORTS.items()}


def _counted(row: Answer) -> int:
    return row.claims.accepted + row.claims.contested


def _cells(of: Figure) -> tuple[float, float, float]:
    return of.score, of.low, of.high


def _is_asked(row: Answer, asked: str) -> bool:
    words = asked.casefold().strip()
    return not words or (
        in_order(words) in in_order(GOVERNMENTS[row.government])
        or words in row.name.casefold()
        or words == row.government.casefold()
    )


def _has_record(row: Answer) -> bool:
    return any(figure.high > 0 for figure in (row.erosion, row.pressure, row.backing))


def _lead(statuses: Mapping[str, ShownStatus], on: date) -> Sentence:
    bound = sum(status in ("party", "leaving", "contested") for status in statuses.values())
    left = sum(status == "former_party" for status in statuses.values())
    if all(status == "not_party" for status in statuses.values()):
        return nothing_lead(on)
    said = told_many(
        "%(count)s of %(all)s states is bound by the %(treaty)s on %(day)s.",
        "%(count)s of %(all)s states are bound by the %(treaty)s on %(day)s.",
        bound,
        all=len(GOVERNMENTS),
        treaty=treaty_name(APMBC.code),
        day=on,
    )
    return (*said, " ", many("%(count)s has left.", "%(count)s have left.", left)) if left else said


def _choices(statuses: Mapping[str, ShownStatus], current: str) -> tuple[StatusChoice, ...]:
    counts = {key: sum(status == key for status in statuses.values()) for key in _ORDER}
    return (
        StatusChoice("", _("All"), len(statuses), current=not current),
        *(
            StatusChoice(key, STATUS_TAGS[key].word, counts[key], current=current == key)
            for key in _ORDER
            if counts[key] or current == key
        ),
    )


def _lists(board: Board, current: str) -> tuple[StatusChoice, ...]:
    count = sum(is_little_criticised(row.erosion, row.pressure) for row in board.governments)
    chosen = current == LITTLE_CRITICISED
    return (
        StatusChoice("", _("All"), len(board.governments), current=not chosen),
        StatusChoice(LITTLE_CRITICISED, _("Eroding, little criticised"), count, current=chosen),
    )


def _row(row: Answer, status: ShownStatus) -> BoardRow:
    standing = row.standings[APMBC.code]
    return BoardRow(
        code=row.government,
        name=GOVERNMENTS[row.government],
        status=status,
        status_note=_note(standing, status),
        erosion=_interval(row.erosion),
        pressure=_interval(row.pressure),
        backing=_interval(row.backing),
        claims=_counted(row),
        waiting=row.claims.pending,
        latest=row.latest.summary if row.latest else None,
        latest_on=row.latest.occurred_on if row.latest else None,
    )


def _note(standing: StandingRow, status: ShownStatus) -> str:
    if status == "contested":
        return _("counted as bound")
    if status == "leaving":
        day = standing.expected_on
        return expected_text(day, about=standing.about) if day else _("no date")
    if status == "former_party" and standing.expected_on:
        return about_text(standing.expected_on, about=standing.about)
    return ""


def _leaving(standing: StandingRow) -> tuple[date | None, bool | None]:
    day = standing.expected_on
    return day, None if day is None else standing.about


def _interval(figure: Figure) -> Interval:
    return Interval(figure.score, figure.low, figure.high)
