"""Draws intervals and series as SVG with a text alternative; it never computes a number.

Places are attributes in per cent, so that a chart stretches with the page; colours are classes of
`ui.css`. Nothing carries a style of its own.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from markupsafe import Markup, escape

from services.dashboard.charts.figures import Interval, Measure, Series
from services.dashboard.charts.svg import element, number, percent, place
from services.dashboard.formats import day_text, figure_text, score_text, status_tag
from services.dashboard.frame import government_path, measure_path
from services.dashboard.language import Words, _, many, word

MEASURE_NAMES: Final[Words[str]] = Words(
    {
        "erosion": word("Erosion"),
        "pressure": word("Pressure"),
        "backing": word("Backing"),
    }
)
SERIES_HEIGHT_PX: Final = 110
MARK_LABEL_PX: Final = 12


def recorded(value: Interval) -> bool:
    """Whether any claim enters the number, or may yet."""
    return value.claims > 0 or value.high > 0


def interval_words(measure: Measure, value: Interval) -> str:
    """`Erosion 69, from 64 to 74`, or that none is recorded."""
    name = MEASURE_NAMES[measure]
    if not recorded(value):
        return _("%(measure)s none recorded", measure=name)
    score = figure_text(value.score)
    return _("%(measure)s %(score)s, %(spread)s", measure=name, score=score, spread=spread(value))


def spread(value: Interval) -> str:
    """How far a number reaches: `from 64 to 74`, or that it is beyond doubt."""
    low, high = score_text(value.low), score_text(value.high)
    return _("beyond doubt") if low == high else _("from %(low)s to %(high)s", low=low, high=high)


def _series_text(series: Series, name: str) -> str:
    """The text alternative: first and last day, the number now and its interval, the marks."""
    first, last = series.points[0], series.points[-1]
    marks = "".join(f"; {mark.label} {day_text(mark.day)}" for mark in series.marks)
    said = _(
        "%(measure)s of %(name)s from %(day)s, %(score)s, to %(last_day)s, %(last_score)s,"
        " from %(low)s to %(high)s",
        measure=MEASURE_NAMES[series.measure],
        name=name,
        day=day_text(first.day),
        score=score_text(first.score),
        last_day=day_text(last.day),
        last_score=score_text(last.score),
        low=score_text(last.low),
        high=score_text(last.high),
    )
    return said + marks


def series_chart(series: Series, name: str) -> Markup:
    """A number over time as a line within the band from low to high, on a scale of 0 to 100."""
    start, end, height = series.points[0].day, series.points[-1].day, SERIES_HEIGHT_PX
    parts = [
        element("line", class_=style, x1=0, x2="100%", y1=number(y), y2=number(y))
        for style, y in (("axis axis--base", height), ("axis", height / 2), ("axis", 0))
    ]
    parts += [_mark_line(place(mark.day, start, end)) for mark in series.marks]
    at = [(number(place(point.day, start, end)), point) for point in series.points]
    upper = [f"{x},{number(100 - point.high)}" for x, point in at]
    lower = [f"{x},{number(100 - point.low)}" for x, point in reversed(at)]
    line = [f"{x},{number(100 - point.score)}" for x, point in at]
    parts.append(
        element(
            "svg",
            element("polygon", class_=f"f-{series.measure}-soft", points=" ".join(upper + lower)),
            element("polyline", class_=f"line s-{series.measure}", points=" ".join(line)),
            width="100%",
            height=height,
            view_box="0 0 100 100",
            keep_ratio="none",
        )
    )
    last_y = height * (1 - series.points[-1].score / 100)
    parts.append(element("circle", class_=f"f-{series.measure}", cx="100%", cy=number(last_y), r=4))
    for row, mark in enumerate(series.marks):
        x = place(mark.day, start, end)
        side = {"dx": -4, "text_anchor": "end"} if x > 60 else {"dx": 4}
        baseline = MARK_LABEL_PX * (row + 1) - 2
        parts.append(element("text", mark.label, x=percent(x), y=baseline, **side))
    for said, at_y in (("0", height + 4), ("50", height / 2 + 4), ("100", 4)):
        parts.append(element("text", said, x="100%", dx=6, y=number(at_y)))
    label = _series_text(series, name)
    return element("svg", *parts, class_="chart", height=height, role="img", aria_label=label)


def _bars_text(name: str, erosion: Interval, pressure: Interval) -> str:
    """The text alternative of the two bars."""
    words = interval_words("erosion", erosion), interval_words("pressure", pressure)
    return f"{name}: {'; '.join(words)}"


def interval_bars(name: str, erosion: Interval, pressure: Interval) -> Markup:
    """Erosion over pressure on a scale of 0 to 100: a square and a disc, each within its bar."""
    # Written by hand: a board has hundreds, and all that is put in are numbers, but the label.
    drawn = ""
    if recorded(erosion):
        drawn += _bar("erosion", erosion, 6)
        drawn += (
            f'<svg x="{percent(erosion.score)}" y="11" overflow="visible">'
            '<rect class="f-erosion" x="-4.5" y="-4.5" width="9" height="9"/></svg>'
        )
    if recorded(pressure):
        drawn += _bar("pressure", pressure, 20)
        drawn += f'<circle class="f-pressure" cx="{percent(pressure.score)}" cy="25" r="4.8"/>'
    label = escape(_bars_text(name, erosion, pressure))
    head = f'<svg class="chart chart--grid" height="36" role="img" aria-label="{label}"'
    return Markup(f"{head}>{drawn}</svg>" if drawn else f"{head}/>")


class Numbered(Protocol):
    """A row of a table about one government that has numbers."""

    @property
    def code(self) -> str:
        """Its code, as its name, its standing to the treaty and its numbers."""

    @property
    def name(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def erosion(self) -> Interval: ...

    @property
    def pressure(self) -> Interval: ...


def government_cells(
    row: Numbered, measures: Sequence[Measure], query: str, note: str = ""
) -> Markup:
    """The first cells of a row: the government with its standing and a note, its bars, and each of
    some numbers, which lead to where they are opened; `query` carries on the clocks of the page."""
    name, after = escape(row.name), escape(query)
    address = escape(government_path(row.code))
    under = f'<span class="sub">{escape(note)}</span>' if note else ""
    head = f'<a href="{address}{after}">{name}</a> {status_tag(row.status)}{under}'
    bars = interval_bars(row.name, row.erosion, row.pressure)
    cells = "".join(
        [
            score_cell(
                MEASURE_NAMES[one], getattr(row, one), f"{measure_path(row.code, one)}{query}"
            )
            for one in measures
        ]
    )
    return Markup(f'<th scope="row">{head}</th><td data-l="">{bars}</td>{cells}')


def score_cell(label: str, value: Interval, address: str = "") -> Markup:
    """The cell of a table that holds a number with its interval; `address`: where it is opened."""
    score, reach = score_words(value)
    said = escape(label)
    if not reach:
        shown = f'<span class="softer">{escape(score)}</span>'
    else:
        shown = str(escape(score))
        if address:
            every = escape(_("every term"))
            shown = (
                f'<a href="{escape(address)}">{shown}<span class="vh">, {said}, {every}</span></a>'
            )
        shown += f' <span class="softer">({escape(reach)})</span>'
    return Markup(f'<td class="n" data-l="{said}">{shown}</td>')


def scale() -> Markup:
    """The scale of 0 to 100 above a column of bars."""
    anchors = ((0, "start"), (25, "middle"), (50, "middle"), (75, "middle"), (100, "end"))
    parts = [
        element("text", str(value), x=percent(value), y=11, text_anchor=anchor)
        for value, anchor in anchors
    ]
    return element("svg", *parts, class_="chart", height=14, aria_hidden="true")


def progress(passed: int, total: int) -> Markup:
    """Days that have passed of those between two dates."""
    done = percent(100 * min(max(passed, 0), total) / total) if total > 0 else "100%"
    bars = [
        element("rect", class_=style, width=width, height=6, y=2, rx=3)
        for style, width in (("f-line", "100%"), ("f-leaving", done))
    ]
    label = many(
        "%(passed)s of %(count)s day has passed",
        "%(passed)s of %(count)s days have passed",
        total,
        passed=passed,
    )
    return element("svg", *bars, class_="chart", height=10, role="img", aria_label=label)


def score_words(value: Interval) -> tuple[str, str]:
    """The number and its interval as a table shows them; `none` without any claim."""
    if not recorded(value):
        return _("none"), ""
    low, high = score_text(value.low), score_text(value.high)
    return figure_text(value.score), _("beyond doubt") if low == high else f"{low}–{high}"


def _bar(measure: Measure, value: Interval, y: int) -> str:
    width = max(0.6, value.high - value.low)
    left = percent(min(value.low, 100 - width))
    return (
        f'<rect class="f-{measure}-soft" x="{left}" width="{percent(width)}" y="{y}" height="10"'
        ' rx="2"/>'
    )


def _mark_line(x: float) -> Markup:
    return element(
        "line", class_="axis axis--now", x1=percent(x), x2=percent(x), y1=0, y2=SERIES_HEIGHT_PX
    )
