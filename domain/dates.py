"""Uncertain calendar dates after EDTF levels 0 and 1, with their bounds; it never asks a clock.

Source: Library of Congress, Extended Date/Time Format (EDTF) Specification, 4 Feb 2019, levels 0
and 1, which is also ISO 8601-2:2019 Annex A. Left out, because a claim needs a first and a last day
that lie in a plain calendar: times of day, open or unknown interval ends, years before 0001 or
after 9999, seasons.
"""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

EDTF_PATTERN: Final = (
    r"^[0-9X]{4}(-[0-9X]{2}(-[0-9X]{2})?)?[~?%]?(/[0-9X]{4}(-[0-9X]{2}(-[0-9X]{2})?)?[~?%]?)?$"
)
_ONE: Final = re.compile(
    r"(?P<year>\d{4}|\d{3}X|\d{2}XX)(-(?P<month>\d{2}|XX)(-(?P<day>\d{2}|XX))?)?(?P<mark>[~?%]?)",
    re.ASCII,
)
_OPEN: Final = frozenset(("", ".."))
"""How an interval says that its end is unknown, and that it has none."""
_SEASONS: Final = range(21, 42)
"""Where a month would stand: a season (level 1), a quarter or another part of a year (level 2)."""
_PLAIN: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DAYS_KEPT_MAX: Final = 65_536
"""How many dates that were read are remembered."""
_HOW: Final = "write YYYY, YYYY-MM, YYYY-MM-DD, a/b for an interval, ~ approximate, ? uncertain"


class PartialDate:
    """One EDTF date: `text` as written, `first_day` and `last_day` its bounds (both inclusive).

    `representative_day` stands for the whole: first + floor((last - first) / 2).
    Two dates are equal when their texts are. Build it with `partial_date`, which remembers it.
    """

    __slots__ = (
        "approximate", "first_day", "last_day", "representative_day", "text", "uncertain",
    )  # fmt: skip

    def __init__(self, text: str) -> None:
        """Parse `text`; ValueError says what is wrong and how to write it."""
        ends = text.split("/")
        if len(ends) > 2:
            raise ValueError(f"{text!r} has more than one '/': {_HOW}")
        if len(ends) == 2 and not _OPEN.isdisjoint(ends):
            raise ValueError(f"{text!r} is open, where a first and a last day count: {_HOW}")
        self.text = text
        self.first_day = _bounds(ends[0], text)[0]
        self.last_day = _bounds(ends[-1], text)[1]
        self.approximate = "~" in text or "%" in text
        self.uncertain = "?" in text or "%" in text
        if self.last_day < self.first_day:
            raise ValueError(f"{text!r} ends before it begins: write the earlier date first")
        half = timedelta(days=(self.last_day - self.first_day).days // 2)
        self.representative_day = self.first_day + half

    @property
    def is_day(self) -> bool:
        """True when the date is one certain calendar day."""
        return self.first_day == self.last_day and not (self.approximate or self.uncertain)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PartialDate) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"PartialDate({self.text!r})"


@lru_cache(maxsize=65536)
def partial_date(text: str) -> PartialDate:
    """The EDTF date written as `text`; ValueError when it is not one."""
    return PartialDate(text)


def _bounds(text: str, whole: str) -> tuple[date, date]:
    match = _ONE.fullmatch(text)
    if match is None:
        raise ValueError(f"{whole!r} is no date that is understood here: {_HOW}")
    years = match["year"]
    first_year, last_year = int(years.replace("X", "0")), int(years.replace("X", "9"))
    if first_year == 0:
        raise ValueError(f"{whole!r} lies before the year 0001: {_HOW}")
    month, day = match["month"], match["day"]
    if month in (None, "XX"):
        if day not in (None, "XX"):
            raise ValueError(f"{whole!r} has a day in an unspecified month: {_HOW}")
        return date(first_year, 1, 1), date(last_year, 12, 31)
    if first_year != last_year:
        raise ValueError(f"{whole!r} has a month in an unspecified year: {_HOW}")
    if day is None and int(month) in _SEASONS:
        raise ValueError(f"{whole!r} is a season or a part of a year, write its months: {_HOW}")
    if not 1 <= int(month) <= 12:
        raise ValueError(f"{whole!r} has no such month: {_HOW}")
    last = calendar.monthrange(first_year, int(month))[1]
    if day in (None, "XX"):
        return date(first_year, int(month), 1), date(first_year, int(month), last)
    if not 1 <= int(day) <= last:
        raise ValueError(f"{whole!r} has no such day: {_HOW}")
    exact = date(first_year, int(month), int(day))
    return exact, exact


def plain_day(text: str) -> date | None:
    """The day of the calendar written as `text`; None for any other text, be it an EDTF date."""
    if _PLAIN.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:  # the calendar has no such day
        return None


def add_months(day: date, months: int) -> tuple[date, bool]:
    """`day` moved by whole months and whether the day of the month exists there.

    Where the month lacks the day, the last day of that month and False; beyond the calendar its
    last day, 9999-12-31, and False.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year > date.max.year:
        return date.max, False
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)), day.day <= last


def days_after(day: date, days: int) -> date:
    """`day` moved by days, at most to the last day of the calendar, 9999-12-31."""
    return day + timedelta(days=min(days, (date.max - day).days))


@lru_cache(maxsize=DAYS_KEPT_MAX)
def last_moment(text: str) -> datetime:
    """The last day of an EDTF date, as the moment it begins."""
    last_day = plain_day(text) or partial_date(text).last_day
    return datetime.combine(last_day, time.min, UTC)
