"""Draws how many states are bound, as steps whose labels never meet; it never counts a state."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from markupsafe import Markup

from services.dashboard.charts.figures import BoundStep, BoundSteps
from services.dashboard.charts.svg import element, number, percent, place, text_px, ticks
from services.dashboard.formats import day_text, month_of, names_text
from services.dashboard.language import _, many

STEP_HEIGHT_PX: Final = 150
STEP_TOP_PX: Final = 20
STEP_SPAN_PX: Final = 85
STEP_UNIT_PX_MAX: Final = 17
STEP_WIDTH_PX_MIN: Final = 340
"""The narrowest the chart gets; labels that do not meet here meet nowhere."""
LABEL_HEIGHT_PX: Final = 13
LABEL_GAP_PX: Final = 4
LABEL_NAMES_MAX: Final = 3


class Box(NamedTuple):
    """A rectangle in px at the narrowest width of the chart."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether the two share any area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


class Label(NamedTuple):
    """A placed label: `names` in plain type, `figure` in strong type."""

    x: float
    y: float
    anchor: str
    names: str
    figure: str
    box: Box


def bound_text(bound: BoundSteps) -> str:
    """The text alternative: each step with its day, count and names."""
    said = [_("%(count)s on %(day)s", count=bound.count, day=day_text(bound.since))]
    for step in bound.steps:
        at = {"count": step.count, "day": day_text(step.day)}
        when = _("%(count)s expected on %(day)s", **at) if step.expected else None
        who = [_joining(step.joined), _leaving(step.left)]
        said.append(", ".join(filter(None, [when or _("%(count)s on %(day)s", **at), *who])))
    return _("Steps: %(steps)s.", steps="; ".join(said))


def bound_axis_start(bound: BoundSteps) -> int:
    """The count at the lower edge of the chart, said beside it because it is not zero."""
    return max(0, min(_counts(bound)) - 1)


def bound_chart(bound: BoundSteps) -> Markup:
    """States bound as a step line, expected steps dashed, labels that never meet."""
    parts = [
        element("line", class_="axis", x1=0, x2="100%", y1=number(y), y2=number(y))
        for y in _grid_lines(bound)
    ]
    parts += _axis_ticks(bound.since, bound.until)
    for label in bound_labels(bound):
        inside = [f"{label.names} "] if label.names else []
        strong = element("tspan", label.figure, class_="strong")
        shift = {"end": -6, "start": 4}[label.anchor] if label.x > 0 else 0
        parts.append(
            element(
                "text",
                *inside,
                strong,
                x=percent(label.x),
                dx=shift,
                y=number(label.y),
                text_anchor=label.anchor,
            )
        )
    solid, dashed = _step_paths(bound)
    lines = [element("path", class_="line s-ink", d=solid)]
    if dashed:
        lines.append(element("path", class_="line s-ink dashed", d=dashed))
    parts.append(
        element(
            "svg",
            *lines,
            width="100%",
            height=STEP_HEIGHT_PX,
            view_box=f"0 0 100 {STEP_HEIGHT_PX}",
            keep_ratio="none",
        )
    )
    return element(
        "svg",
        *parts,
        class_="chart",
        height=STEP_HEIGHT_PX,
        role="img",
        aria_label=bound_text(bound),
    )


def bound_labels(bound: BoundSteps) -> list[Label]:
    """The labels that find room, the newest first served.

    A step without room for its names shows its count alone, or nothing.
    """
    taken = _line_boxes(bound)
    first_y = _step_y(bound, bound.count) - 6
    placed = [_label(0.0, first_y, "start", "", str(bound.count))]
    taken.append(placed[0].box)
    counts = [bound.count, *(step.count for step in bound.steps)]
    for before, step in reversed(list(zip(counts, bound.steps, strict=False))):
        for candidate in _candidates(bound, step, rising=step.count > before):
            inside = candidate.box.left >= 0 and candidate.box.right <= STEP_WIDTH_PX_MIN
            if inside and not any(candidate.box.meets(box) for box in taken):
                placed.append(candidate)
                taken.append(candidate.box)
                break
    return placed


def _candidates(bound: BoundSteps, step: BoundStep, *, rising: bool) -> list[Label]:
    names = ", ".join(step.joined + step.left)
    if len(step.joined + step.left) > LABEL_NAMES_MAX:
        names = names_text(step.joined + step.left, LABEL_NAMES_MAX - 1)
    names = _("%(what)s, expected", what=names) if step.expected else names
    x, y = place(step.day, bound.since, bound.until), _step_y(bound, step.count)
    beside = y - 3 if rising else y + (4 if _unit(bound) >= LABEL_HEIGHT_PX else 11)
    after = y - 4 if rising else y + 13
    return [
        _label(x, at, anchor, said, str(step.count))
        for said in (names, "")
        for anchor, at in (("end", beside), ("start", after))
    ]


def _label(x: float, y: float, anchor: str, names: str, figure: str) -> Label:
    width = text_px(f"{names} {figure}".strip())
    at = x * STEP_WIDTH_PX_MIN / 100 + ({"end": -6, "start": 4}[anchor] if x > 0 else 0)
    left = at - width if anchor == "end" else at
    return Label(x, y, anchor, names, figure, Box(left, y - 10, left + width + LABEL_GAP_PX, y + 3))


def _counts(bound: BoundSteps) -> list[int]:
    return [bound.count, *(step.count for step in bound.steps)]


def _unit(bound: BoundSteps) -> float:
    span = max(_counts(bound)) - min(_counts(bound))
    return min(STEP_UNIT_PX_MAX, STEP_SPAN_PX / span) if span else STEP_UNIT_PX_MAX


def _step_y(bound: BoundSteps, count: int) -> float:
    return STEP_TOP_PX + (max(_counts(bound)) - count) * _unit(bound)


def _grid_lines(bound: BoundSteps) -> list[float]:
    every = next((n for n in (1, 2, 5, 10, 20, 50) if n * _unit(bound) >= 30), 100)
    low, high = min(_counts(bound)), max(_counts(bound))
    return [_step_y(bound, count) for count in range(low, high + 1, every)]


def _line_boxes(bound: BoundSteps) -> list[Box]:
    """The step line as thin rectangles, in px at the narrowest width."""
    boxes, x, y = [], 0.0, _step_y(bound, bound.count)
    for step in bound.steps:
        to_x = place(step.day, bound.since, bound.until) * STEP_WIDTH_PX_MIN / 100
        to_y = _step_y(bound, step.count)
        boxes.append(Box(x, y - 1, to_x, y + 1))
        boxes.append(Box(to_x - 1, min(y, to_y), to_x + 1, max(y, to_y)))
        x, y = to_x, to_y
    return [*boxes, Box(x, y - 1, STEP_WIDTH_PX_MIN, y + 1)]


def _step_paths(bound: BoundSteps) -> tuple[str, str]:
    """The path up to today and the one that is only expected."""
    today = place(bound.today, bound.since, bound.until)
    solid, dashed = [f"M0 {number(_step_y(bound, bound.count))}"], []
    level = bound.count
    for step in bound.steps:
        x = place(step.day, bound.since, bound.until)
        moves = f"H{number(x)}V{number(_step_y(bound, step.count))}"
        if step.day <= bound.today and not step.expected:
            solid.append(moves)
            level = step.count
        else:
            dashed.append(moves)
    solid.append(f"H{number(today)}")
    if today >= 100 and not dashed:
        return "".join(solid), ""
    begin = f"M{number(today)} {number(_step_y(bound, level))}"
    return "".join(solid), "".join([begin, *dashed, "H100"])


def _axis_ticks(start: date, end: date) -> list[Markup]:
    parts = []
    days, months = ticks(start, end, ticks_max=5)
    for day in days:
        x = place(day, start, end)
        if x > 86:
            continue
        said = str(day.year) if months >= 12 else month_of(day)
        parts.append(element("text", said, x=percent(x), y=146))
        parts.append(
            element("line", class_="axis axis--base", x1=percent(x), x2=percent(x), y1=128, y2=134)
        )
    return parts


def _joining(names: Sequence[str]) -> str:
    if not names:
        return ""
    return many("%(who)s joins", "%(who)s join", len(names), who=names_text(names))


def _leaving(names: Sequence[str]) -> str:
    if not names:
        return ""
    return many("%(who)s leaves", "%(who)s leave", len(names), who=names_text(names))
