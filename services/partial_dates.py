"""Dates as people write them, read as EDTF: days, months and years in words and figures, rough ones
and spans; it refuses what can be read as two days and never guesses.
"""

import re
import unicodedata
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Final

from babel.dates import get_month_names

from domain.dates import partial_date

LANGUAGES: Final = ("en", "fr", "es", "de", "pt", "it", "nl", "pl")
TEXT_CHARS_MAX: Final = 60
SERIAL_MIN: Final = 20_000
SERIAL_MAX: Final = 80_000
"""Days since 30 Dec 1899 that stand for dates from 1954 to 2119, as spreadsheets count them."""
HOW: Final = "write 2025, 2025-03, 2025-03-18, 18 Mar 2025 or March 2025"
BOTH_ENDS: Final = "it needs both ends: write between 1 Mar 2025 and 30 Apr 2025"
PART_OF_MONTH: Final = (
    "it can mean several days: write 1 to 10 Mar 2025 for early March, 21 to 31 Mar 2025 for late"
    " March, or Mar 2025 alone"
)
PART_OF_YEAR: Final = (
    "it can mean several months: write Jan to Mar 2025 for early 2025, Oct to Dec 2025 for late"
    " 2025, or 2025 alone"
)
NO_CENTURY: Final = "a year has four figures: write 18 Mar 2025 or March 2025"
NO_SEASONS: Final = "seasons differ by hemisphere: write between Mar 2025 and May 2025"

_EPOCH: Final = date(1899, 12, 30)
_BEGINS_EDTF: Final = re.compile(r"\d{3}[\dX]|\d{2}XX")
_FIGURES: Final = re.compile(r"(\d{1,4})([./-])(\d{1,2})(?:\2(\d{1,4}))?")
_ABOUT: Final = re.compile(
    r"^(?:c\.|ca\.?|circa|about|around|approximately|approx\.?|vers|environ|hacia)\s+"
)
_UNSURE: Final = re.compile(
    r"^(?:perhaps|maybe|possibly|probably|presumably|peut-etre|probablement|quiza|probablemente)\s+"
)
_SPAN: Final = re.compile(
    r"^(?:between|from|entre|du|de|del)\s+(?P<first>.+?)\s+(?:and|to|et|y|a|au|al)\s+(?P<last>.+)$"
)
_ISO: Final = re.compile(r"\d{4}(-\d{2}){0,2}")
_DAYS: Final = re.compile(r"^(?P<first>\d{1,2})\s*-\s*(?P<last>\d{1,2}\s+[^\W\d].*)$")
_DECADE: Final = re.compile(r"^(?:the )?(\d{3})0s$")
_QUARTER: Final = re.compile(r"^q([1-4]) (\d{4})$")
_OPEN: Final = (
    *("before", "after", "since", "until", "by", "avant", "apres", "depuis"),
    *("antes", "despues", "desde", "hasta"),
)
_PARTS: Final = frozenset(
    {
        *("early", "late", "mid", "middle", "beginning", "start", "end"),
        *("debut", "mi", "milieu", "fin", "courant"),
        *("principios", "comienzos", "inicios", "mediados", "finales", "fines"),
        *("anfang", "mitte", "ende"),
    }
)
"""Words for a part of a month or a year, by which sources mean different days."""
_SEASONS: Final = ("spring", "summer", "autumn", "fall", "winter")
_LINKS: Final = ("of", "de", "del", "le", "el", "den")
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*")
_TIMED: Final = re.compile(r"(.*\d)[ ,]+\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?")
"""A day with the time that a spreadsheet wrote behind it."""
_TWO_FIGURES: Final = re.compile(r"(?:\d{1,2}[-/ .]+)?([^\W\d]{3,})[-/ .']+\d{2}")
_BETWEEN: Final = re.compile(r"\s+(?:to|until|and|or|a|au|et|ou|al|y|o|-|–|—)\s+|\s*[–—]\s*")


class NotADate(ValueError):
    """What was written is no date: `template` says why, with the named `facts` put in."""

    def __init__(self, template: str, **facts: str) -> None:
        self.template, self.facts = template, facts
        super().__init__(template % facts)


@lru_cache(maxsize=65536)
def edtf(text: str) -> str:
    """The EDTF date meant by what was written; ValueError says what is wrong and how to write it.

    `18/03/2025` is read where only one order of day and month is possible.
    """
    said = text.strip()
    if len(said) > TEXT_CHARS_MAX:
        typed = said[:TEXT_CHARS_MAX]
        raise NotADate("%(typed)r … is too long for a date; %(how)s", typed=typed, how=HOW)
    try:
        partial_date(said)
    except ValueError as error:
        found = _meant(said)
        if found is None:
            if _BEGINS_EDTF.match(said):
                raise
            how = _advice(said)
            raise NotADate("%(typed)r is not a date; %(how)s", typed=said, how=how) from error
        return found
    return said


def of_number(number: float) -> str:
    """A date that stands as a number: a year, or days as spreadsheets count them; ValueError."""
    whole = int(number)
    if whole == number and 1900 <= whole <= 2199:
        return str(whole)
    if SERIAL_MIN <= number <= SERIAL_MAX:
        return (_EPOCH + timedelta(days=whole)).isoformat()
    raise ValueError(f"{number:.15g} is not a date; {HOW}")


def _meant(said: str) -> str | None:
    """What words and figures mean, as EDTF; None where they mean no date."""
    folded = _folded(said)
    rough = _ABOUT.sub("", folded)
    mark = "~" if rough != folded else ""
    if not mark and (sure := _UNSURE.sub("", rough).removesuffix("?").rstrip()) != rough:
        rough, mark = sure, "?"
    if (decade := _DECADE.match(rough)) is not None:
        return f"{decade[1]}X{mark}"
    if (quarter := _QUARTER.match(rough)) is not None:
        last = 3 * int(quarter[1])
        return f"{quarter[2]}-{last - 2:02}{mark}/{quarter[2]}-{last:02}{mark}"
    span = _SPAN.match(rough) or _DAYS.match(rough)
    parts = [span["first"], span["last"]] if span is not None else _BETWEEN.split(rough)
    if len(parts) == 2:
        return _between(said, parts[0], parts[1], mark)
    moment = _MOMENT.fullmatch(said)
    if moment is not None:
        return _existing(moment[1], said)
    if (timed := _TIMED.fullmatch(rough)) is not None:
        day = _meant(timed[1])
        return None if day is None else day + mark
    found = rough if _ISO.fullmatch(rough) else _figures(rough, said) or _words(rough)
    return None if found is None else _existing(found, said) + mark


def _advice(said: str) -> str:
    """How to write what EDTF holds in another way."""
    words = _folded(said).replace("-", " ").split()
    if words and words[0] in _OPEN:
        return BOTH_ENDS
    short = _TWO_FIGURES.fullmatch(_folded(said))
    if short is not None and month_number(short[1]) is not None:
        return NO_CENTURY
    if not _PARTS.isdisjoint(words):
        has_month = any(month_number(word) for word in words if word not in _PARTS)
        return PART_OF_MONTH if has_month else PART_OF_YEAR
    if any(word in _SEASONS for word in words):
        return NO_SEASONS
    return HOW


def _between(said: str, first: str, last: str, mark: str) -> str | None:
    """`10 to 20 May 2025`, `between May and June 2025`, `27 May 2025 to 2 June 2025`."""
    end = _meant(last)
    begin = _meant(first)
    if end is None:
        return None
    if begin is None:
        words = _folded(last).split()
        for count in (1, 2, 4):
            begin = begin or _meant(" ".join([first, *words[-count:]]))
    if begin is None or "/" in begin or "/" in end:
        return None
    return _existing(f"{begin}{mark}/{end}{mark}", said)


def _existing(found: str, said: str) -> str:
    try:
        partial_date(found)
    except ValueError:
        raise NotADate(
            "%(typed)r does not exist in the calendar; %(how)s", typed=said, how=HOW
        ) from None
    return found


def _figures(said: str, typed: str) -> str | None:
    """`2025/03/18`, `18.03.2025`, `18/3/2025`, `3/2025`."""
    match = _FIGURES.fullmatch(said)
    if match is None:
        return None
    first, mark, second, third = match[1], match[2], match[3], match[4]
    if third is None:
        if len(second) == 4 or len(first) < 4:
            return None
        return f"{first}-{int(second):02}"
    if len(first) == 4:
        return f"{first}-{int(second):02}-{int(third):02}"
    if len(third) != 4:
        raise NotADate("%(typed)r lacks the century; %(how)s", typed=typed, how=HOW)
    day, month = int(first), int(second)
    if mark != "." and day <= 12 and month <= 12 and day != month:
        raise NotADate("%(typed)r can be read as two days; %(how)s", typed=typed, how=HOW)
    if mark != "." and month > 12:
        day, month = month, day
    return f"{third}-{month:02}-{day:02}"


def _words(said: str) -> str | None:
    """`18 March 2025`, `March 18, 2025`, `mars 2025`, `03/2025`."""
    of_month = re.fullmatch(r"(\d{1,2})[/.-](\d{4})", said)
    if of_month is not None:
        return f"{of_month[2]}-{int(of_month[1]):02}"
    words = [w for w in re.split(r"[\s,./-]+", said) if w and w not in _LINKS]
    if len(words) not in (2, 3) or not re.fullmatch(r"\d{4}", words[-1]):
        return None
    months = [number for word in words[:-1] if (number := month_number(word)) is not None]
    days = [m[1] for w in words[:-1] if (m := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|er|º)?", w))]
    if len(months) != 1 or len(days) != len(words) - 2:
        return None
    return "-".join([words[-1], f"{months[0]:02}", *(f"{int(day):02}" for day in days)])


def month_number(word: str) -> int | None:
    """1 to 12 for a month, or for the first three or more letters of one; None where no language
    knows it or two disagree."""
    word = _folded(word)
    if len(word) < 3:
        return None
    meant = {number for name, number in _months() if name.startswith(word)}
    return meant.pop() if len(meant) == 1 else None


@cache
def _months() -> tuple[tuple[str, int], ...]:
    named = {
        (_folded(name).rstrip("."), number)
        for language in LANGUAGES
        for context in ("format", "stand-alone")
        for number, name in get_month_names("wide", context, locale=language).items()
    }
    return tuple(sorted(named))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
