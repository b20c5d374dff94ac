"""Dates as people write them, read as EDTF; it never guesses between two days, and never reads a
clock.

`March 2025`, `18 Mar 2025`, `March 18, 2025`, `18.3.2025`, `about 2025`, `between 1 and 5 May
2025`, `25 or 26 Jun 2025`, `the 1990s`, `Q1 2025`, and EDTF itself. What EDTF cannot hold (`before
2020`, `spring 2025`) or what could be two days (`02/03/2026`) is refused with how to write it.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Final

from babel.dates import get_month_names

from domain.dates import partial_date

TEXT_CHARS_MAX: Final = 80
LANGUAGES: Final = ("en", "fr", "es")
HOW: Final = (
    "write 18 Mar 2025, Mar 2025 or 2025; about Mar 2025; or between 1 Mar 2025 and 5 Apr 2025"
)
_ABOUT: Final = re.compile(
    r"^(?:about|around|approximately|approx|roughly|circa|ca|c|environ|vers|hacia|~)[. ]*(?=[\w])"
)
_UNSURE: Final = re.compile(r"^(?:perhaps|maybe|possibly|probably|presumably|uncertain)[: ]+")
_SPAN: Final = re.compile(
    r"^(?:between|from|entre|de)\s+(?P<first>.+?)\s+(?:and|to|until|till|y|et|a|à)\s+(?P<last>.+)$"
)
_RANGE: Final = re.compile(r"^(?P<first>.+?)\s*(?:\bto\b|\bor\b|\buntil\b|–|—| - )\s*(?P<last>.+)$")
_DAYS: Final = re.compile(r"^(?P<first>\d{1,2})\s*[-–—]\s*(?P<last>\d{1,2} .*[^\W\d].*)$")
_QUARTER: Final = re.compile(r"^(?:q([1-4])|([1-4])q) (\d{4})$")
_DECADE: Final = re.compile(r"^(?:the )?(\d{3})0s$")
_NUMBERS: Final = re.compile(r"^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$")
_YEAR_FIRST: Final = re.compile(r"^(\d{4})[./](\d{1,2})(?:[./](\d{1,2}))?$")
_DAY: Final = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|er|º)?$")
_YEAR: Final = re.compile(r"^\d{4}$")
_FILLERS: Final = frozenset({"of", "the", "de", "del", "le", "el", "on", "in"})
_OPEN: Final = ("before", "after", "since", "until", "by", "early", "late", "mid", "end", "start")
_SEASONS: Final = ("spring", "summer", "autumn", "fall", "winter")


def read_date(text: str, today: date) -> str:
    """The EDTF text of a date as people write it; ValueError is a sentence for who typed it.

    `today` stands for the word itself, and for `yesterday`.
    """
    said = " ".join(text.split())
    if not said:
        raise ValueError(f"Enter a date: {HOW}.")
    if len(said) > TEXT_CHARS_MAX:
        raise ValueError(f"That is too long for a date; {HOW}.")
    for written in (said, said.upper()):
        if _is_edtf(written):
            return written
    found = _read(said.casefold().replace(",", " "), today)
    if found is None:
        raise ValueError(f"“{said}” is not a date we can read; {_advice(said)}.")
    if not _is_edtf(found):
        raise ValueError(f"“{said}” does not exist, or ends before it begins; {HOW}.")
    return found


def _is_edtf(text: str) -> bool:
    try:
        partial_date(text)
    except ValueError:
        return False
    return True


def _read(said: str, today: date) -> str | None:
    """EDTF of words in small letters; the mark of doubt goes to both ends of a span."""
    said = " ".join(said.split())
    for pattern, mark in ((_ABOUT, "~"), (_UNSURE, "?")):
        if (match := pattern.match(said)) is not None:
            found = _read(said[match.end() :], today)
            if found is None or found[-1] in "~?%":
                return None
            return "/".join(end + mark for end in found.split("/"))
    if said.endswith(("?", "~")):
        found = _read(said[:-1], today)
        return None if found is None else "/".join(end + said[-1] for end in found.split("/"))
    if (one := _one(said, today)) is not None:
        return one
    for pattern in (_SPAN, _DAYS, _RANGE):
        match = pattern.match(said)
        if match is not None:
            last = _one(match["last"], today)
            first = None if last is None else _first(match["first"], last, today)
            if first is not None:
                return f"{first}/{last}"
    return None


def _first(said: str, last: str, today: date) -> str | None:
    """The beginning of a span: whole, or without the month or year that its end states."""
    if (whole := _one(said, today)) is not None:
        return whole
    year, month = last[:4], last[5:7]
    if (day := _DAY.match(said)) is not None and len(last) == 10:
        return f"{year}-{month}-{int(day[1]):02}"
    return _one(f"{said} {year}", today)


def _one(said: str, today: date) -> str | None:
    """EDTF of one day, month, quarter, year or decade."""
    if said in ("today", "aujourd’hui", "hoy"):
        return today.isoformat()
    if said in ("yesterday", "hier", "ayer"):
        return (today - timedelta(days=1)).isoformat()
    if (match := _DECADE.match(said)) is not None:
        return f"{match[1]}X"
    if (match := _QUARTER.match(said)) is not None:
        month = 3 * int(match[1] or match[2]) - 2
        return f"{match[3]}-{month:02}/{match[3]}-{month + 2:02}"
    if (match := _YEAR_FIRST.match(said)) is not None:
        return "-".join([match[1], *(f"{int(part):02}" for part in match.groups()[1:] if part)])
    if (match := _NUMBERS.match(said)) is not None:
        return _numbers(match)
    if _is_edtf(said) and "/" not in said:
        return said
    return _words(said)


def _numbers(match: re.Match[str]) -> str | None:
    """`18.3.2025` has the day first; with other signs only what can be but one day is read."""
    first, last, year = int(match[1]), int(match[3]), match[4]
    if match[2] == "." or first > 12 or first == last:
        return f"{year}-{last:02}-{first:02}"
    return f"{year}-{first:02}-{last:02}" if last > 12 else None


def _words(said: str) -> str | None:
    """`19 feb 2026`, `feb 19 2026`, `feb 2026`."""
    words = [w for w in said.replace(".", " ").split() if w not in _FILLERS]
    years = [w for w in words if _YEAR.match(w)]
    rest = [w for w in words if not _YEAR.match(w)]
    months = [m for w in rest if (m := _months().get(w)) is not None]
    days = [int(found[1]) for w in rest if (found := _DAY.match(w)) is not None]
    if len(years) != 1 or len(months) != 1 or len(days) + 1 != len(rest) or len(days) > 1:
        return None
    return "-".join([years[0], f"{months[0]:02}", *(f"{day:02}" for day in days)])


@cache
def _months() -> Mapping[str, int]:
    """Names of months and their beginnings of three letters or more that name no other one."""
    found: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for number, name in get_month_names("wide", locale=language).items():
            for length in range(3, len(name) + 1):
                found.setdefault(name.casefold()[:length], set()).add(number)
    return {start: numbers.pop() for start, numbers in found.items() if len(numbers) == 1}


def _advice(said: str) -> str:
    words = said.casefold().replace("-", " ").split()
    match = _NUMBERS.match(said)
    if match is not None and max(int(match[1]), int(match[3])) <= 12:
        day, month, year = int(match[1]), int(match[3]), match[4]
        names = get_month_names("abbreviated", locale="en")
        both = f"{day} {names[month]} or {month} {names[day]} {year}"
        return f"is it {both}? Write the month as a word"
    if words and words[0] in _OPEN:
        return "a date needs a beginning and an end: write between 1 Mar 2025 and 30 Apr 2025"
    if any(word in _SEASONS for word in words):
        return "seasons differ by hemisphere: write between Mar 2025 and May 2025"
    return HOW
