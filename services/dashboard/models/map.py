"""Builds the page Map: every government by its standing or by a number, and the same as a list;
pure, it neither fetches nor asks."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from domain.standing import Standing
from projections.board import Board
from projections.parties import Step, steps
from services.dashboard.charts.figures import Interval
from services.dashboard.formats import (
    STATUS_TAGS,
    about_text,
    day_text,
    expected_text,
    figure_text,
    names_text,
)
from services.dashboard.frame import Frame
from services.dashboard.language import _, many, told, word
from services.dashboard.models.shapes import Sentence, ShownStatus
from services.dashboard.models.today import shown_status
from services.dashboard.sentences import nothing_lead
from services.dashboard.sheets import Cell, Sheet
from services.dashboard.states import GOVERNMENTS, in_order

SINCE: Final = date(1999, 3, 1)
"""The treaty's own entry into force: where the slider begins."""
RECENT_DAYS: Final = 92
SHOWS: Final = ("status", "erosion", "pressure", "backing")
BANDS: Final = (0, 10, 25, 50, 75)
"""Where the bands of a number begin, in points."""
ORDER: Final[tuple[ShownStatus, ...]] = (
    *("leaving", "contested", "former_party", "acceding", "signatory", "not_party", "party"),
)


class Land(msgspec.Struct, frozen=True, kw_only=True):
    """One government as the map and the list show it."""

    code: str
    name: str
    status: ShownStatus
    note: str
    """What belongs to the status, such as `10 Jan 2026` or `expected 20 Feb 2026`."""
    day: str = ""
    """The day of the note alone, for where there is little room."""
    value: Interval | None = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Governments that are drawn alike; `key` is the class of the drawing."""

    key: str
    word: str
    status: ShownStatus | None
    lands: tuple[Land, ...]
    is_open: bool


class Jump(msgspec.Struct, frozen=True):
    """A day on which the number of states bound changed, and who made it so."""

    day: date
    words: str


class MapPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who is bound on a day, and who does how much?"""

    frame: Frame
    on: date
    show: str
    title: str
    lead: Sentence
    groups: tuple[Group, ...]
    bound: tuple[tuple[date, int], ...]
    """States bound from the day on, from `SINCE` to the day shown."""
    until: date
    earlier: Jump | None
    later: Jump | None
    marked: tuple[Land, ...]
    """Governments whose name stands on the enlarged part."""


def map_page(
    frame: Frame,
    standings: Mapping[str, Standing],
    board: Board | None,
    *,
    on: date,
    show: str,
) -> MapPage:
    """The page on the day `on`; `board` is needed only where a number is shown."""
    values = {} if board is None else {row.government: row for row in board.governments}
    lands = []
    for code, name in sorted(GOVERNMENTS.items(), key=lambda pair: in_order(pair[1])):
        figure = getattr(values[code], show) if code in values else None
        value = None if figure is None else Interval(figure.score, figure.low, figure.high)
        status = shown_status(standings[code])
        day = _day(standings[code], status)
        note = _note(standings[code], status, day)
        said = day_text(day) if day else ""
        lands.append(Land(code=code, name=name, status=status, note=note, day=said, value=value))
    changes = steps(standings, SINCE, on)
    past = [step for step in changes[1:] if step.day <= on]
    coming = [step for step in changes[1:] if step.day > on]
    bound = _bound(changes, on)
    return MapPage(
        frame=frame,
        on=on,
        show=show,
        title=_title(show, on),
        lead=_lead(bound, past, coming, on),
        groups=_by_status(lands) if show == "status" else _by_band(lands),
        # Before the treaty was in force nobody was bound, and the chart begins on that day.
        bound=tuple((s.day, s.bound) for s in changes if s.day <= on) or ((on, 0),),
        until=max(on, frame.today),
        earlier=_jump([s for s in past if s.day < on][-1:]),
        later=_jump(coming[:1]),
        marked=tuple(
            land for land in lands if land.status in ("leaving", "former_party", "contested")
        ),
    )


def map_sheet(page: MapPage) -> Sheet:
    """Every government as a file, grouped as on the page."""
    rows: list[tuple[Cell, ...]] = []
    for group in page.groups:
        for land in group.lands:
            value = land.value
            rows.append(
                (
                    *(land.code, land.name, land.status, land.note),
                    *((value.score, value.low, value.high) if value else (None, None, None)),
                )
            )
    columns = ("government", "name", "status", "note", "score", "low", "high")
    about = (("on", page.on.isoformat()), ("known_at", page.frame.known_at), ("show", page.show))
    return Sheet(name=f"map-{page.on.isoformat()}", columns=columns, rows=rows, about=about)


def _day(standing: Standing, status: ShownStatus) -> date | None:
    days = {
        "leaving": standing.expected_on,
        "former_party": standing.leaves_on,
        "acceding": standing.in_force_on,
    }
    return days.get(status)


def _note(standing: Standing, status: ShownStatus, day: date | None) -> str:
    if status == "contested":
        return _("counted as bound")
    if day is None:
        return _("no date") if status == "leaving" else ""
    if status == "leaving":
        return expected_text(day, about=standing.about)
    if status == "acceding":
        return _("bound from %(day)s", day=day_text(day))
    return about_text(day, about=standing.about)


def _by_status(lands: Sequence[Land]) -> tuple[Group, ...]:
    groups = []
    for status in ORDER:
        found = tuple(land for land in lands if land.status == status)
        if found:
            tag = STATUS_TAGS[status]
            groups.append(
                Group(
                    key=tag.key,
                    word=tag.word,
                    status=status,
                    lands=found,
                    is_open=len(found) <= 8,
                )
            )
    return tuple(groups)


def _by_band(lands: Sequence[Land]) -> tuple[Group, ...]:
    """Bands of the number, the highest first; what nobody recorded anything about is its own."""
    groups = []
    for at in range(len(BANDS) - 1, -1, -1):
        low = BANDS[at]
        high = BANDS[at + 1] if at + 1 < len(BANDS) else 101
        found = [n for n in lands if n.value and n.value.high > 0 and low <= n.value.score < high]
        if found:
            word = _("%(low)s to %(high)s", low=low, high=min(high, 100))
            groups.append(
                Group(key=f"n{at}", word=word, status=None, lands=tuple(found), is_open=True)
            )
    none = tuple(land for land in lands if not land.value or land.value.high <= 0)
    if none:
        word = _("none recorded")
        groups.append(Group(key="not", word=word, status=None, lands=none, is_open=False))
    return tuple(groups)


def _title(show: str, on: date) -> str:
    day = day_text(on)
    if show == "status":
        return _("Who is bound, %(day)s", day=day)
    return _(_TITLES[show], day=day)


_TITLES: Final = {
    "erosion": word("Erosion by government, %(day)s"),
    "pressure": word("Pressure by government, %(day)s"),
    "backing": word("Backing by government, %(day)s"),
}


def _bound(changes: Sequence[Step], on: date) -> int:
    return [step.bound for step in changes if step.day <= on or step is changes[0]][-1]


def _lead(bound: int, past: Sequence[Step], coming: Sequence[Step], on: date) -> Sentence:
    """How many are bound, who left of late, who is expected to follow."""
    if not bound and not past and not coming:
        return nothing_lead(on)
    all_ = len(GOVERNMENTS)
    pieces: list[str | date] = [
        many(
            "%(count)s of the %(all)s governments followed here is bound by the Mine Ban Treaty.",
            "%(count)s of the %(all)s governments followed here are bound by the Mine Ban Treaty.",
            bound,
            all=all_,
        )
    ]
    left = [
        GOVERNMENTS[code]
        for step in past
        if step.day > on - timedelta(days=RECENT_DAYS)
        for code in step.left
    ]
    if left:
        said = _("%(names)s left in the past three months.", names=names_text(left, 4))
        pieces.append(f" {said}")
    leaving = [step for step in coming if step.left]
    if leaving:
        names = names_text([GOVERNMENTS[code] for code in leaving[0].left], 4)
        day = leaving[0].day
        pieces += [" ", *told("%(names)s: expected to leave on %(day)s.", names=names, day=day)]
    return tuple(pieces)


def _jump(found: Sequence[Step]) -> Jump | None:
    if not found:
        return None
    step = found[0]
    who = names_text([GOVERNMENTS[code] for code in (step.left or step.joined)], 2)
    word = _("%(names)s left", names=who) if step.left else _("%(names)s joined", names=who)
    words = _("%(what)s, expected", what=word) if step.expected else word
    return Jump(step.day, words)


def land_text(land: Land) -> str:
    """A government as its mark is named: `Finland: Left, 10 Jan 2026`; by its name alone where it
    is a party, or where nothing is recorded, as most are."""
    if land.value is not None:
        is_none = land.value.high <= 0
        return land.name if is_none else f"{land.name}: {figure_text(land.value.score)}"
    if land.status == "party":
        return land.name
    note = f", {land.note}" if land.note else ""
    return f"{land.name}: {STATUS_TAGS[land.status].word}{note}"
