"""How dates, numbers, grades and lists are worded; it never looks up and never reads a clock.

Dates follow one form, `27 Jun 2025`; what is vague is said in words: `Jun 2025`, `c. Jun 2025`,
`25 or 26 Jun 2025`. Scores are whole numbers beside their interval from low to high.
"""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec
from babel.dates import format_date, format_time
from markupsafe import Markup, escape

from domain.dates import partial_date

LOCALE: Final = "en_GB"
YEARS_FROM_DAYS: Final = 731
MONTH_DAYS_MAX: Final = 62
RELIABILITY: Final = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "reliability cannot be judged",
}
CREDIBILITY: Final = {
    1: "confirmed",
    2: "probably true",
    3: "possibly true",
    4: "doubtful",
    5: "improbable",
    6: "truth cannot be judged",
}
LOW_GRADES: Final = frozenset("DEF")
_NUMBER_WORDS: Final = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_ORDINAL_WORDS: Final = (
    *("first", "second", "third", "fourth", "fifth", "sixth"),
    *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
)


class Tag(msgspec.Struct, frozen=True):
    """A word with a shape and a colour: `data` is `status` or `state`, `key` its value."""

    data: str
    key: str
    icon: str
    word: str


STATUS_TAGS: Final = {
    "party": Tag("status", "party", "st-party", "State Party"),
    "acceding": Tag("status", "joining", "st-joining", "Joining"),
    "leaving": Tag("status", "leaving", "st-leaving", "Leaving"),
    "former_party": Tag("status", "left", "st-left", "Left"),
    "signatory": Tag("status", "not", "st-not", "Signatory"),
    "not_party": Tag("status", "not", "st-not", "Not party"),
    "contested": Tag("status", "contested", "st-contested", "Contested"),
}
STATE_TAGS: Final = {
    "confirmed": Tag("state", "confirmed", "v-ok", "Confirmed"),
    "accepted": Tag("state", "confirmed", "v-ok", "Accepted"),
    "expected": Tag("state", "expected", "v-clock", "Expected"),
    "computed": Tag("state", "computed", "v-eq", "Computed"),
    "disputed": Tag("state", "disputed", "v-neq", "Disputed"),
    "contested": Tag("state", "disputed", "v-neq", "Contested"),
    "pending": Tag("state", "waiting", "v-two", "Waiting for review"),
    "unverified": Tag("state", "unverified", "v-hatch", "Unverified"),
    "refuted": Tag("state", "refuted", "v-x", "Refuted"),
    "rejected": Tag("state", "refuted", "v-x", "Rejected"),
    "retracted": Tag("state", "refuted", "v-x", "Retracted"),
    "superseded": Tag("state", "duplicate", "v-dup", "Superseded"),
    "duplicate": Tag("state", "duplicate", "v-dup", "Possible duplicate"),
    "corrected": Tag("state", "confirmed", "v-ok", "Corrected"),
    "new": Tag("state", "new", "v-plus", "New"),
    "gap": Tag("state", "gap", "v-gap", "Gap"),
}


def day_text(day: date) -> str:
    """`27 Jun 2025`."""
    return format_date(day, "d MMM y", locale="en")


def month_text(edtf: str) -> str:
    """The month of a date's middle, `Dec 2025`; the year alone where no month is known."""
    found = partial_date(edtf)
    if (found.last_day - found.first_day).days > MONTH_DAYS_MAX:
        return str(found.representative_day.year)
    return format_date(found.representative_day, "MMM y", locale="en")


def clock_text(moment: datetime) -> str:
    """`09:10 UTC`."""
    return format_time(moment.astimezone(UTC), "HH:mm", locale=LOCALE) + " UTC"


def moment_text(moment: datetime) -> str:
    """`27 Jun 2025 09:10 UTC`."""
    return f"{day_text(moment.astimezone(UTC).date())} {clock_text(moment)}"


def date_text(edtf: str) -> str:
    """An EDTF date in words: `27 Jun 2025`, `c. Jun 2025`, `25 or 26 Jun 2025`, `2010s`.

    `?` is said as ", uncertain". An interval of two days running is one of the two; a longer one
    spans.
    """
    found = partial_date(edtf)
    ends = [end.rstrip("~?%") for end in edtf.split("/")]
    words = _end_text(ends[0]) if len(ends) == 1 else _interval_text(ends[0], ends[1])
    return ("c. " if found.approximate else "") + words + (", uncertain" if found.uncertain else "")


def date_html(when: str | date) -> Markup:
    """A day or EDTF date in words inside `<time>`, where HTML has a form for it."""
    edtf = when if isinstance(when, str) else when.isoformat()
    words, plain = date_text(edtf), edtf.rstrip("~?%")
    if "/" in plain or "X" in plain:
        return Markup('<span class="nb">{}</span>').format(words)
    return Markup('<time datetime="{}">{}</time>').format(plain, words)


def sentence_html(pieces: Sequence[str | date]) -> Markup:
    """A sentence given as pieces, its days inside `<time>`."""
    return Markup("").join(
        escape(piece) if isinstance(piece, str) else date_html(piece) for piece in pieces
    )


def sentence_text(pieces: Sequence[str | date]) -> str:
    """The same sentence as plain text."""
    return "".join(piece if isinstance(piece, str) else day_text(piece) for piece in pieces)


def score_text(score: float) -> str:
    """A score as a whole number, halves rounded up."""
    return str(math.floor(score + 0.5))


def short_number(value: float) -> str:
    """A weight as short as it can be said: `5`, `1.5`."""
    return f"{value:g}"


def days_text(days: int) -> str:
    """A countdown: `today`, `1 day`, `70 days`, `7 years`, `3 days ago`."""
    if days == 0:
        return "today"
    size = abs(days)
    said = counted(size, "day") if size < YEARS_FROM_DAYS else counted(size * 4 // 1461, "year")
    return said if days > 0 else f"{said} ago"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 day`, `2 days`, `1,029,763 mines`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def number_word(number: int) -> str:
    """`one` to `twelve`, then figures."""
    known = 0 < number <= len(_NUMBER_WORDS)
    return _NUMBER_WORDS[number - 1] if known else f"{number:,}"


def ordinal_word(number: int) -> str:
    """`first` to `twelfth`, then `13th`, `21st`."""
    if 0 < number <= len(_ORDINAL_WORDS):
        return _ORDINAL_WORDS[number - 1]
    ending = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number:,}{ending}"


def names_text(names: Sequence[str], names_max: int | None = None) -> str:
    """`Estonia, Latvia and Lithuania`; past `names_max` the rest is counted: `Chad and 7 more`."""
    if names_max is not None and len(names) > names_max:
        return f"{', '.join(names[:names_max])} and {len(names) - names_max} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def upper_first(text: str) -> str:
    """The text with its first letter raised; the rest stays."""
    return text[:1].upper() + text[1:]


def web_address(url: str) -> str | None:
    """The address when it is one a page may link to (http or https with a host), else None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def web_host(url: str) -> str:
    """`press.un.org` of an address; the text itself when it has no host."""
    host = urlsplit(url).hostname if web_address(url) else None
    return url if host is None else host.removeprefix("www.")


def _end_text(end: str) -> str:
    year, _, rest = end.partition("-")
    if "X" in year:
        return f"{year.replace('X', '0')}s"
    month, _, day = rest.partition("-")
    if month in ("", "XX"):
        return year
    if day in ("", "XX"):
        return format_date(date(int(year), int(month), 1), "MMM y", locale="en")
    return day_text(date.fromisoformat(end))


def _interval_text(start: str, end: str) -> str:
    first, last = partial_date(start), partial_date(end)
    whole_days = first.is_day and last.is_day
    link = "or" if whole_days and (last.last_day - first.first_day).days == 1 else "to"
    left, right = _end_text(start).split(" "), _end_text(end).split(" ")
    shared = 0
    while shared < min(len(left), len(right)) - 1 and left[-1 - shared] == right[-1 - shared]:
        shared += 1
    kept = left[: len(left) - shared] if len(left) == len(right) else left
    return f"{' '.join(kept)} {link} {' '.join(right)}"
