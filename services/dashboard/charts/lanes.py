"""Draws the timeline of one government in lanes; it never chooses which records are on it.

Marks of a lane that would touch move to the next row. A mark is a link to its record; what is not
counted is hatched, what was refuted is a cross, what is expected is dashed.
"""

from datetime import date
from typing import Final, NamedTuple

from markupsafe import Markup

from services.dashboard.charts.figures import Lane, LaneKey, Mark, Timeline
from services.dashboard.charts.svg import element, percent, place, ticks
from services.dashboard.formats import month_of
from services.dashboard.language import _

WIDTH_PX_MIN: Final = 660
"""The narrowest a lane gets; below it the timeline scrolls sideways."""
MARK_PX: Final = 26
FIRST_ROW_PX: Final = 20
LAST_ROW_PX: Final = 20
ROWS_MAX: Final = 8
BEYOND_PX: Final = 60
"""How far lines reach below the marks, for a label of more lines; the lane cuts them."""
TODAY_ROOM_PERCENT: Final = 7
COLOURS: Final[dict[LaneKey, str]] = {
    "legal": "erosion",
    "mines": "erosion",
    "criticism": "pressure",
    "other": "neutral",
}
HATCHES: Final = {"erosion": "url(#h-e)", "pressure": "url(#h-p)", "neutral": "url(#h-ink)"}


class Placed(NamedTuple):
    """A mark with its place across and its row, both from 0."""

    mark: Mark
    x: float
    row: int


def placed(timeline: Timeline, lane: Lane) -> tuple[list[Placed], int]:
    """The marks of a lane in rows where none touch, and how many found no row."""
    ends: list[float] = []
    found: list[Placed] = []
    left_over = 0
    for mark in sorted(lane.marks, key=lambda mark: (mark.day, mark.title)):
        x = place(mark.day, timeline.start, timeline.end)
        at = x * WIDTH_PX_MIN / 100
        row = next((row for row, end in enumerate(ends) if at - end >= MARK_PX), len(ends))
        if row >= ROWS_MAX:
            left_over += 1
            continue
        ends[row : row + 1] = [at]
        found.append(Placed(mark, x, row))
    return found, left_over


def mark_text(mark: Mark) -> str:
    """The name of a mark: its date, its title and what is odd about it."""
    return f"{mark.when}: {mark.title}" + (f" ({mark.note})" if mark.note else "")


def lane_chart(timeline: Timeline, lane: Lane) -> Markup:
    """One lane: quarters, today, and its marks in rows."""
    marks, _ = placed(timeline, lane)
    rows = max((mark.row for mark in marks), default=0) + 1
    height = FIRST_ROW_PX + LAST_ROW_PX + (rows - 1) * MARK_PX
    days, _ = ticks(timeline.start, timeline.end)
    lines = [_line("axis", place(day, timeline.start, timeline.end), height) for day in days]
    today = place(timeline.today, timeline.start, timeline.end)
    lines.append(_line("axis axis--now", today, height))
    drawn = [part for mark in marks for part in _mark(timeline, lane, mark)]
    return element(
        "svg", *lines, *drawn, class_="chart", height=height, role="group", aria_label=lane.label
    )


def axis_chart(timeline: Timeline) -> Markup:
    """Months and years below the lanes, and today."""
    days, months = ticks(timeline.start, timeline.end)
    today = place(timeline.today, timeline.start, timeline.end)
    parts = []
    for day in days:
        x = place(day, timeline.start, timeline.end)
        if abs(x - today) < TODAY_ROOM_PERCENT:
            continue
        parts.append(
            element(
                "text",
                _tick_text(day, months, first=day == days[0]),
                x=percent(x),
                y=12,
                class_="strong" if day.month == 1 else None,
                text_anchor="start" if x < TODAY_ROOM_PERCENT / 2 else "middle",
            )
        )
    anchor = "middle" if today < 100 - TODAY_ROOM_PERCENT / 2 else "end"
    parts.append(
        element("text", _("Today"), class_="strong", x=percent(today), y=12, text_anchor=anchor)
    )
    return element("svg", *parts, class_="chart", height=20, aria_hidden="true")


def _tick_text(day: date, months: int, *, first: bool) -> str:
    if months >= 12:
        return str(day.year)
    return month_of(day, with_year=first or day.month == 1)


def _mark(timeline: Timeline, lane: Lane, at: Placed) -> list[Markup]:
    mark, y, colour = at.mark, FIRST_ROW_PX + at.row * MARK_PX, COLOURS[lane.key]
    name = mark_text(mark)
    link = element(
        "a",
        element("title", name),
        element("circle", class_="hit", r=12.5),
        _shape(lane.key, mark, colour),
        href=mark.href,
        class_="mk",
        aria_current="true" if mark.chosen else None,
        aria_label=name,
    )
    parts = [element("svg", link, x=percent(at.x), y=y, overflow="visible")]
    if mark.first_day != mark.last_day:
        ends = (place(day, timeline.start, timeline.end) for day in (mark.first_day, mark.last_day))
        x1, x2 = (percent(x) for x in ends)
        parts.insert(0, element("line", class_=f"mk-span s-{colour}", x1=x1, x2=x2, y1=y, y2=y))
    return parts


def _shape(key: LaneKey, mark: Mark, colour: str) -> Markup:
    if mark.state == "refuted":
        return element("path", class_="x", d="M-5-5l10 10M5-5L-5 5")
    fill = HATCHES[colour] if mark.state == "not_counted" else None
    style = {"expected": "exp", "not_counted": f"pt s-{colour}"}.get(mark.state, f"pt f-{colour}")
    if key == "legal":
        return element("rect", class_=style, fill=fill, x=-6, y=-6, width=12, height=12)
    if key == "mines":
        return element("path", class_=style, fill=fill, d="M0-8l8 8-8 8-8-8z")
    if key == "criticism":
        return element("circle", class_=style, fill=fill, r=6.5)
    return element("path", class_=style, fill=fill, d="M0-7l7 12h-14z")


def _line(style: str, x: float, height: int) -> Markup:
    return element("line", class_=style, x1=percent(x), x2=percent(x), y1=0, y2=height + BEYOND_PX)
