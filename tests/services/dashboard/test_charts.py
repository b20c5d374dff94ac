"""Charts: their text says what their marks show, and nothing lies over something else."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup as Drawing

from services.dashboard.charts import bound as bound_chart
from services.dashboard.charts import lanes, waterfall
from services.dashboard.charts import series as charts
from services.dashboard.charts.figures import (
    BoundStep,
    BoundSteps,
    DayMark,
    Interval,
    Lane,
    Mark,
    Measure,
    Series,
    SeriesPoint,
    Timeline,
)
from services.dashboard.charts.svg import element, place, ticks
from services.dashboard.formats import day_text, figure_text, score_text
from tests.services.dashboard import poland, samples
from tests.services.dashboard.markup import Markup, value

START = date(2025, 1, 1)
SCORES = st.floats(0, 100)
MEASURES_SAID: Final[tuple[Measure, ...]] = ("pressure", "backing")
NAMES = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=30)


@st.composite
def steps(draw: st.DrawFn) -> BoundSteps:
    """States bound over some months, with any run of joinings and leavings."""
    count = first = draw(st.integers(0, 200))
    found = []
    for offset in sorted(draw(st.lists(st.integers(0, 500), max_size=25, unique=True))):
        change = draw(st.integers(-min(4, count), 4).filter(bool))
        count += change
        names = tuple(draw(NAMES) for _ in range(abs(change)))
        joined, left = (names, ()) if change > 0 else ((), names)
        day = START + timedelta(days=offset)
        found.append(BoundStep(day, count, joined, left, expected=offset > 400))
    until, today = START + timedelta(days=500), START + timedelta(days=400)
    return BoundSteps(START, until, today, first, tuple(found))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    """A number within its interval, with or without claims."""
    low, score, high = sorted(draw(st.tuples(SCORES, SCORES, SCORES)))
    return Interval(score, low, high, draw(st.integers(0, 9)))


def _svg(chart: Drawing) -> Markup:
    return Markup(chart, fragment=True)


@given(steps())
def test_labels_of_the_step_chart_never_meet(bound: BoundSteps) -> None:
    """No label lies over another or over the line, and none leaves the chart."""
    boxes = [label.box for label in bound_chart.bound_labels(bound)]
    for index, box in enumerate(boxes):
        assert not any(box.meets(other) for other in boxes[index + 1 :])
        assert box.left >= 0
    lines = bound_chart._line_boxes(bound)
    assert not any(box.meets(line) for box in boxes[1:] for line in lines)


@given(steps())
def test_the_step_chart_says_every_step_in_its_text(bound: BoundSteps) -> None:
    """Each day, count and name of the data is in the text alternative, whatever found a label."""
    text = bound_chart.bound_text(bound)
    for step in bound.steps:
        assert (
            f"{step.count} {'expected on' if step.expected else 'on'} {day_text(step.day)}" in text
        )
        assert all(name in text for name in step.joined + step.left)
    assert value(_svg(bound_chart.bound_chart(bound)).all("svg")[0], "aria-label") == text


def test_the_step_chart_of_the_eve_labels_every_step() -> None:
    """The run of withdrawals of 2025 and 2026 reads without the list."""
    labels = bound_chart.bound_labels(samples.bound())
    assert [label.figure for label in labels] == ["164", "161", "162", "163", "166", "165"]
    assert [label.names for label in labels][1:3] == ["Poland, expected", "Finland"]
    assert bound_chart.bound_axis_start(samples.bound()) == 160


def test_what_is_expected_is_drawn_dashed() -> None:
    """The solid line ends today; what follows if nothing changes is dashed."""
    paths = _svg(bound_chart.bound_chart(samples.bound())).all("path")
    assert [value(path, "class") for path in paths] == ["line s-ink", "line s-ink dashed"]
    assert value(paths[1], "d").endswith("H100")
    assert "V105" in value(paths[1], "d")
    assert "V105" not in value(paths[0], "d")


@given(intervals(), intervals())
def test_bars_say_what_they_show(erosion: Interval, pressure: Interval) -> None:
    """The text has both numbers and both intervals, or says that none is recorded."""
    chart = charts.interval_bars("A & B", erosion, pressure)
    text = value(_svg(chart).all("svg")[0], "aria-label")
    for name, shown in (("Erosion", erosion), ("Pressure", pressure)):
        if not charts.recorded(shown):
            assert f"{name} none recorded" in text
            continue
        assert f"{name} {figure_text(shown.score)}, " in text
        low, high = score_text(shown.low), score_text(shown.high)
        assert (f"from {low} to {high}" in text) or (low == high and "beyond doubt" in text)
    for style, shown in (("f-erosion", erosion), ("f-pressure", pressure)):
        assert len(_svg(chart).all(f".{style}")) == int(charts.recorded(shown))


@given(intervals())
def test_a_bar_stays_within_its_scale(figure: Interval) -> None:
    """Even an interval of no width is seen, and none leaves the scale of 0 to 100."""
    shown = Interval(figure.score, figure.low, figure.high, 1)
    bar = _svg(charts.interval_bars("A", shown, Interval(0, 0, 0))).all(".f-erosion-soft")[0]
    left, width = (float(value(bar, key).rstrip("%")) for key in ("x", "width"))
    assert width >= 0.6
    assert 0 <= left <= left + width <= 100.01


@given(st.lists(st.tuples(SCORES, SCORES, SCORES), min_size=1, max_size=30))
def test_a_series_says_its_first_and_last_day(values: list[tuple[float, float, float]]) -> None:
    """The text has both ends of the line, the interval now, and the marks."""
    points = []
    for index, three in enumerate(values):
        low, score, high = sorted(three)
        points.append(SeriesPoint(START + timedelta(days=index), score, low, high))
    series = Series("pressure", tuple(points), (DayMark(START, "Deposited"),))
    chart = _svg(charts.series_chart(series, "Poland"))
    text = value(chart.all("svg")[0], "aria-label")
    last = points[-1]
    assert text == (
        f"Pressure of Poland from 1 Jan 2025, {score_text(points[0].score)}, "
        f"to {day_text(last.day)}, {score_text(last.score)}, "
        f"from {score_text(last.low)} to {score_text(last.high)}; Deposited 1 Jan 2025"
    )
    line = value(chart.all("polyline")[0], "points")
    assert len(line.split()) == len(points)


@given(st.lists(st.tuples(st.integers(0, 438), NAMES), max_size=80))
def test_marks_of_a_lane_never_touch(days: list[tuple[int, str]]) -> None:
    """Marks keep the width of a finger apart; those without a row are counted, not drawn."""
    marks = tuple(
        Mark(day=day, first_day=day, last_day=day, when=day_text(day), title=title, href="#e-x")
        for day, title in ((START + timedelta(days=offset), title) for offset, title in days)
    )
    lane = Lane("criticism", "Criticism", "", marks)
    timeline = Timeline(START, START + timedelta(days=438), START, (lane,))
    placed, left_over = lanes.placed(timeline, lane)
    assert len(placed) + left_over == len(marks)
    rows: dict[int, list[float]] = {}
    for mark in placed:
        rows.setdefault(mark.row, []).append(mark.x * lanes.WIDTH_PX_MIN / 100)
    assert len(rows) <= lanes.ROWS_MAX
    for places in rows.values():
        ends = sorted(places)
        assert all(b - a >= lanes.MARK_PX for a, b in pairwise(ends))


def test_every_mark_is_a_link_with_a_name() -> None:
    """Each mark leads to its record and is named by date, title and what is odd about it."""
    timeline = poland.timeline(chosen=poland.DEPOSIT)
    for lane in timeline.lanes:
        links = _svg(lanes.lane_chart(timeline, lane)).all("a")
        named = {(value(link, "href"), value(link, "aria-label")) for link in links}
        assert named == {(mark.href, lanes.mark_text(mark)) for mark in lane.marks}
    chosen = _svg(lanes.lane_chart(timeline, timeline.lanes[0])).all("a[aria-current]")
    assert [value(link, "href") for link in chosen] == [f"#e-{poland.DEPOSIT}"]


def test_what_is_not_counted_has_a_texture() -> None:
    """Hatched when not counted, a cross when refuted, dashed when expected."""
    timeline = poland.timeline()
    legal, _, criticism, _ = (_svg(lanes.lane_chart(timeline, lane)) for lane in timeline.lanes)
    assert len(legal.all(".x")) == 2
    assert len(legal.all(".exp")) == 1
    assert [value(mark, "fill") for mark in criticism.all("circle[fill]")] == ["url(#h-p)"]


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(0, 12000))
def test_ticks_lie_within_and_are_few(start: date, days: int) -> None:
    """First days of months, from start to end, never more than the axis has room for."""
    end = start + timedelta(days=days)
    found, months = ticks(start, end)
    assert len(found) <= 9
    assert all(start <= day <= end and day.day == 1 for day in found)
    assert months >= 1


@given(st.dates(), st.dates(), st.dates())
def test_a_place_lies_between_the_ends(day: date, start: date, end: date) -> None:
    """From 0 at the start to 100 at the end; days outside are held there."""
    assert 0 <= place(day, start, end) <= 100


@given(st.text(), st.text())
def test_an_element_escapes_what_it_is_given(text: str, label: str) -> None:
    """Data cannot open a tag or end an attribute."""
    written = element("text", text, aria_label=label)
    assert re.fullmatch(r'<text aria-label="[^"<>]*">[^<>]*</text>', written, re.DOTALL)


def test_erosion_is_a_square_and_what_is_said_a_disc() -> None:
    """On the page that opens a number as on the board: the two differ by shape, not by colour."""
    value = Interval(70, 65, 72, 5)
    assert "<circle" not in waterfall.interval_chart("erosion", value)
    for measure in MEASURES_SAID:
        assert "<circle" in waterfall.interval_chart(measure, value)
