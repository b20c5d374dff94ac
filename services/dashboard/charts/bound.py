"""Draws how many states are bound, as steps whose labels never meet; it never counts a state."""

from collections.abc import Iterable, Sequence
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
COLUMN_PX: Final = 10
"""What is taken is looked up by columns of the chart so wide."""


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


class Taken:
    """Boxes that no other may meet, found by the columns of the chart that they reach into."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._columns: dict[int, list[Box]] = {}
        for box in boxes:
            self.take(box)

    def take(self, box: Box) -> None:
        """Let no other box meet this one."""
        for column in _columns(box):
            self._columns.setdefault(column, []).append(box)

    def leaves(self, box: Box) -> bool:
        """Whether a box lies on the chart and meets none that is taken."""
        return (box.left >= 0 and box.right <= STEP_WIDTH_PX_MIN) and not any(
            box.meets(other) for column in _columns(box) for other in self._columns.get(column, ())
        )


class Heights(NamedTuple):
    """How high counts are drawn: the least and the most there are, and the px of one state."""

    least: int
    most: int
    unit: float

    def y(self, count: int) -> float:
        """Where a count lies, from above."""
        return STEP_TOP_PX + (self.most - count) * self.unit


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
    return max(0, _heights(bound).least - 1)


def bound_chart(bound: BoundSteps) -> Markup:
    """States bound as a step line, expected steps dashed, labels that never meet."""
    heights = _heights(bound)
    parts = [
        element("line", class_="axis", x1=0, x2="100%", y1=number(y), y2=number(y))
        for y in _grid_lines(heights)
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
    solid, dashed = _step_paths(bound, heights)
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
    heights = _heights(bound)
    taken = Taken(_line_boxes(bound))
    placed = [_label(0.0, heights.y(bound.count) - 6, "start", "", str(bound.count))]
    taken.take(placed[0].box)
    counts = [bound.count, *(step.count for step in bound.steps)]
    for before, step in reversed(list(zip(counts, bound.steps, strict=False))):
        places = _places(bound, step, heights, rising=step.count > before)
        # What has no room without its names has none with them.
        bare = [_label(*one, "", str(step.count)) for one in places]
        bare = [label for label in bare if taken.leaves(label.box)]
        names = _names(step) if bare else ""
        named = (_label(one.x, one.y, one.anchor, names, one.figure) for one in bare)
        label = next((one for one in (*named, *bare) if taken.leaves(one.box)), None)
        if label is not None:
            placed.append(label)
            taken.take(label.box)
    return placed


def _names(step: BoundStep) -> str:
    names = ", ".join(step.joined + step.left)
    if len(step.joined + step.left) > LABEL_NAMES_MAX:
        names = names_text(step.joined + step.left, LABEL_NAMES_MAX - 1)
    return _("%(what)s, expected", what=names) if step.expected else names


def _places(
    bound: BoundSteps, step: BoundStep, heights: Heights, *, rising: bool
) -> list[tuple[float, float, str]]:
    """Where the label of a step may stand, and which end of it: before the step, then after it."""
    x, y = place(step.day, bound.since, bound.until), heights.y(step.count)
    beside = y - 3 if rising else y + (4 if heights.unit >= LABEL_HEIGHT_PX else 11)
    after = y - 4 if rising else y + 13
    return [(x, beside, "end"), (x, after, "start")]


def _label(x: float, y: float, anchor: str, names: str, figure: str) -> Label:
    width = text_px(f"{names} {figure}".strip())
    at = x * STEP_WIDTH_PX_MIN / 100 + ({"end": -6, "start": 4}[anchor] if x > 0 else 0)
    left = at - width if anchor == "end" else at
    return Label(x, y, anchor, names, figure, Box(left, y - 10, left + width + LABEL_GAP_PX, y + 3))


def _columns(box: Box) -> range:
    return range(int(box.left // COLUMN_PX), int(box.right // COLUMN_PX) + 1)


def _heights(bound: BoundSteps) -> Heights:
    counts = [bound.count, *(step.count for step in bound.steps)]
    least, most = min(counts), max(counts)
    span = most - least
    unit = min(STEP_UNIT_PX_MAX, STEP_SPAN_PX / span) if span else STEP_UNIT_PX_MAX
    return Heights(least, most, unit)


def _grid_lines(heights: Heights) -> list[float]:
    every = next((n for n in (1, 2, 5, 10, 20, 50) if n * heights.unit >= 30), 100)
    return [heights.y(count) for count in range(heights.least, heights.most + 1, every)]


def _line_boxes(bound: BoundSteps) -> list[Box]:
    """The step line as thin rectangles, in px at the narrowest width."""
    heights = _heights(bound)
    boxes, x, y = [], 0.0, heights.y(bound.count)
    for step in bound.steps:
        to_x = place(step.day, bound.since, bound.until) * STEP_WIDTH_PX_MIN / 100
        to_y = heights.y(step.count)
        boxes.append(Box(x, y - 1, to_x, y + 1))
        boxes.append(Box(to_x - 1, min(y, to_y), to_x + 1, max(y, to_y)))
        x, y = to_x, to_y
    return [*boxes, Box(x, y - 1, STEP_WIDTH_PX_MIN, y + 1)]


def _step_paths(bound: BoundSteps, heights: Heights) -> tuple[str, str]:
    """The path up to today and the one that is only expected."""
    today = place(bound.today, bound.since, bound.until)
    solid, dashed = [f"M0 {number(heights.y(bound.count))}"], []
    level = bound.count
    for step in bound.steps:
        x = place(step.day, bound.since, bound.until)
        moves = f"H{number(x)}V{number(heights.y(step.count))}"
        if step.day <= bound.today and not step.expected:
            solid.append(moves)
            level = step.count
        else:
            dashed.append(moves)
    solid.append(f"H{number(today)}")
    if today >= 100 and not dashed:
        return "".join(solid), ""
    begin = f"M{number(today)} {number(heights.y(level))}"
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
