"""Draws the bars of a waterfall, one per row of a table, on a scale of 0 to 100; it never sums."""

from markupsafe import Markup

from services.dashboard.charts.figures import Interval, Measure
from services.dashboard.charts.series import interval_words
from services.dashboard.charts.svg import element, percent

WIDTH_PERCENT_MIN = 0.35
"""The thinnest a bar is drawn, so that a small term is seen."""


def bar(measure: Measure, start: float, points: float) -> Markup:
    """One term: where the one above ended, to where it ends; lines join it to both."""
    width = max(WIDTH_PERCENT_MIN, points)
    left = min(start, 100 - width)
    parts = [
        element("line", class_="wf-c", x1=percent(start), x2=percent(start), y1=0, y2="32%"),
        element(
            "rect",
            class_=f"f-{measure}",
            x=percent(left),
            width=percent(width),
            y="32%",
            height="36%",
        ),
        element(
            "line",
            class_="wf-c",
            x1=percent(start + points),
            x2=percent(start + points),
            y1="68%",
            y2="100%",
        ),
    ]
    return element("svg", *parts, class_="chart chart--grid", height="100%", aria_hidden="true")


def total(measure: Measure, value: Interval) -> Markup:
    """The whole score as one bar, its interval below."""
    low, high = percent(value.low), percent(value.high)
    parts = [
        element(
            "rect", class_=f"f-{measure}", x=0, width=percent(value.score), y="22%", height="36%"
        ),
        element("line", class_="wf-i", x1=low, x2=high, y1="80%", y2="80%"),
        element("line", class_="wf-i", x1=low, x2=low, y1="70%", y2="90%"),
        element("line", class_="wf-i", x1=high, x2=high, y1="70%", y2="90%"),
    ]
    label = interval_words(measure, value)
    return element(
        "svg", *parts, class_="chart chart--grid", height="100%", role="img", aria_label=label
    )


def interval_chart(measure: Measure, value: Interval) -> Markup:
    """One number within its interval, on a scale of 0 to 100."""
    width = max(0.6, value.high - value.low)
    parts = [
        element(
            "rect",
            class_=f"f-{measure}-soft",
            x=percent(min(value.low, 100 - width)),
            width=percent(width),
            y=6,
            height=10,
            rx=2,
        ),
        _mark(measure, value.score),
    ]
    label = interval_words(measure, value)
    return element(
        "svg", *parts, class_="chart chart--grid", height=22, role="img", aria_label=label
    )


def _mark(measure: Measure, score: float) -> Markup:
    """A square for erosion and a disc for what is said, as on the board."""
    if measure != "erosion":
        return element("circle", class_=f"f-{measure}", cx=percent(score), cy=11, r=4.8)
    square = element("rect", class_="f-erosion", x=-4.5, y=-4.5, width=9, height=9)
    return element("svg", square, x=percent(score), y=11, overflow="visible")
