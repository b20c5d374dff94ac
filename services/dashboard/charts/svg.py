"""The little that all charts share: elements, places in per cent, ticks; it never draws a chart."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Final

from markupsafe import Markup, escape

from domain.dates import add_months

CHAR_PX: Final = 6.3
"""Width taken for one character of a 12 px label, on the wide side of the fonts in use."""
TICKS_MAX: Final = 9
MONTH_DAYS_MAX: Final = 31
_TICK_MONTHS: Final = (1, 3, 6, 12, 24, 60, 120)
_RENAMED: Final = {"class_": "class", "view_box": "viewBox", "keep_ratio": "preserveAspectRatio"}

_PLAIN: Final = frozenset({int, float})
"""Values that need no escaping."""


def element(name: str, *inside: str | Markup, **attributes: object) -> Markup:
    """One element, values escaped; `None` leaves an attribute out, `_` in a name becomes `-`."""
    # By hand, each part escaped: a page holds thousands, and Markup's own format is slow.
    written = "".join(
        [
            f' {_written(key)}="{value if type(value) in _PLAIN else escape(value)}"'
            for key, value in attributes.items()
            if value is not None
        ]
    )
    if inside:
        body = "".join(map(escape, inside))
        return Markup(f"<{name}{written}>{body}</{name}>")
    return Markup(f"<{name}{written}/>")


@cache
def _written(key: str) -> str:
    return _RENAMED.get(key) or key.replace("_", "-")


def number(value: float) -> str:
    """A number as short as it can be said to two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(value: float) -> str:
    """A place or length in per cent, as SVG attributes take it."""
    return f"{number(value)}%"


def place(day: date, start: date, end: date) -> float:
    """Where a day lies between two others, 0 to 100; days outside are held at the ends."""
    span = (end - start).days
    return min(100.0, max(0.0, 100 * (day - start).days / span)) if span > 0 else 100.0


def ticks(start: date, end: date, ticks_max: int = TICKS_MAX) -> tuple[list[date], int]:
    """First days of months between two days, at most `ticks_max`, and the months between them."""
    for months in _TICK_MONTHS:
        if (end - start).days > MONTH_DAYS_MAX * months * (ticks_max + 1):
            continue  # there are more for certain
        found = list(_firsts(start, end, months))
        if len(found) <= ticks_max:
            return found, months
    found = list(_firsts(start, end, _TICK_MONTHS[-1]))
    return found[:: len(found) // ticks_max + 1], _TICK_MONTHS[-1]


def text_px(text: str) -> float:
    """About how wide a 12 px label is."""
    return CHAR_PX * len(text)


def _firsts(start: date, end: date, months: int) -> Iterator[date]:
    day = date(start.year - start.year % max(1, months // 12), 1, 1)
    while day <= end:
        if day >= start:
            yield day
        day, _ = add_months(day, months)
