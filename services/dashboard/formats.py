"""How dates, numbers, grades and lists are worded; it never looks up and never reads a clock.

Dates follow one form, `27 Jun 2025`; what is vague is said in words: `Jun 2025`, `c. Jun 2025`,
`25 or 26 Jun 2025`. Scores are whole numbers beside their interval from low to high. All of it is
said in the language that is chosen: month names, the order of words and the marks within numbers
are those of the Common Locale Data Repository, through Babel, looked up once.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Final
from urllib.parse import urlsplit

import msgspec
from babel.dates import get_month_names
from markupsafe import Markup, escape

from domain.dates import partial_date
from services.dashboard.language import Words, _, chosen, count_text, decimal_text, many, word

TAGS_KEPT: Final = 1024
YEARS_FROM_DAYS: Final = 731
PERCENT_SHOWN_MIN: Final = 0.005
SCORE_SHOWN_MIN: Final = 0.5
MONTH_DAYS_MAX: Final = 62
RELIABILITY: Final = Words(
    {
        "A": word("completely reliable"),
        "B": word("usually reliable"),
        "C": word("fairly reliable"),
        "D": word("not usually reliable"),
        "E": word("unreliable"),
        "F": word("reliability cannot be judged"),
    }
)
CREDIBILITY: Final = Words(
    {
        1: word("confirmed"),
        2: word("probably true"),
        3: word("possibly true"),
        4: word("doubtful"),
        5: word("improbable"),
        6: word("truth cannot be judged"),
    }
)
LOW_GRADES: Final = frozenset("DEF")
TURNS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters nobody sees that turn the order of those after them, at times past their own end."""
_NUMBER_WORDS: Final = Words(
    dict(
        enumerate(
            (
                *(word("one"), word("two"), word("three"), word("four"), word("five")),
                *(word("six"), word("seven"), word("eight"), word("nine"), word("ten")),
                *(word("eleven"), word("twelve")),
            ),
            start=1,
        )
    )
)
_ORDINAL_WORDS: Final = Words(
    dict(
        enumerate(
            (
                *(word("first"), word("second"), word("third"), word("fourth"), word("fifth")),
                *(word("sixth"), word("seventh"), word("eighth"), word("ninth"), word("tenth")),
                *(word("eleventh"), word("twelfth")),
            ),
            start=1,
        )
    )
)
_ORDINAL_ENDINGS: Final[Mapping[str, str]] = {"fr": "e", "es": ".ª"}
"""What follows the figure of a rank, where it is always the same."""


class Tag(msgspec.Struct, frozen=True):
    """A word with a shape and a colour: `data` is `status` or `state`, `key` its value; `text` is
    the word as it stands in the code."""

    data: str
    key: str
    icon: str
    text: str

    @property
    def word(self) -> str:
        """The word in the chosen language."""
        return _(self.text)


STATUS_TAGS: Final = {
    "party": Tag("status", "party", "st-party", word("State Party")),
    "acceding": Tag("status", "joining", "st-joining", word("Joining")),
    "leaving": Tag("status", "leaving", "st-leaving", word("Leaving")),
    "former_party": Tag("status", "left", "st-left", word("Left")),
    "signatory": Tag("status", "not", "st-not", word("Signatory")),
    "not_party": Tag("status", "not", "st-not", word("Not party")),
    "contested": Tag("status", "contested", "st-contested", word("Contested")),
}
STATE_TAGS: Final = {
    "confirmed": Tag("state", "confirmed", "v-ok", word("Confirmed")),
    "accepted": Tag("state", "confirmed", "v-ok", word("Accepted")),
    "expected": Tag("state", "expected", "v-clock", word("Expected")),
    "computed": Tag("state", "computed", "v-eq", word("Computed")),
    "disputed": Tag("state", "disputed", "v-neq", word("Disputed")),
    "contested": Tag("state", "disputed", "v-neq", word("Contested")),
    "pending": Tag("state", "waiting", "v-two", word("Waiting for review")),
    "unverified": Tag("state", "unverified", "v-hatch", word("Unverified")),
    "refuted": Tag("state", "refuted", "v-x", word("Refuted")),
    "rejected": Tag("state", "refuted", "v-x", word("Rejected")),
    "retracted": Tag("state", "refuted", "v-x", word("Retracted")),
    "superseded": Tag("state", "duplicate", "v-dup", word("Superseded")),
    "duplicate": Tag("state", "duplicate", "v-dup", word("Possible duplicate")),
    "corrected": Tag("state", "confirmed", "v-ok", word("Corrected")),
    "amended": Tag("state", "confirmed", "v-ok", word("Amended")),
    "new": Tag("state", "new", "v-plus", word("New")),
    "gap": Tag("state", "gap", "v-gap", word("Gap")),
}


def day_text(day: date) -> str:
    """`27 Jun 2025`."""
    return _day(chosen().locale, day)


def about_text(day: date, *, about: bool) -> str:
    """`10 Jan 2026`, or `about 28 Feb 2026` where neither treaty nor source says the day."""
    return _("about %(day)s", day=day_text(day)) if about else day_text(day)


def expected_text(day: date, *, about: bool) -> str:
    """`expected 10 Jan 2026`, or `expected about 28 Feb 2026`."""
    if about:
        return _("expected about %(day)s", day=day_text(day))
    return _("expected %(day)s", day=day_text(day))


def month_text(edtf: str) -> str:
    """The month of a date's middle, `Dec 2025`; the year alone where no month is known."""
    found = partial_date(edtf)
    if (found.last_day - found.first_day).days > MONTH_DAYS_MAX:
        return str(found.representative_day.year)
    return month_of(found.representative_day)


def month_of(day: date, *, with_year: bool = True) -> str:
    """`Dec 2025`, or `Dec` alone."""
    name = _months(chosen().locale)[day.month]
    return f"{name} {day.year}" if with_year else name


def clock_text(moment: datetime) -> str:
    """`09:10 UTC`."""
    return f"{moment.astimezone(UTC):%H:%M} UTC"


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
    if found.approximate:
        words = _("c. %(when)s", when=words)
    return _("%(when)s, uncertain", when=words) if found.uncertain else words


def date_html(when: str | date) -> Markup:
    """A day or EDTF date in words inside `<time>`, where HTML has a form for it."""
    return _date_html(chosen().code, when if isinstance(when, str) else when.isoformat())


def status_tag(status: str) -> Markup:
    """The word of a standing with its shape and colour."""
    return tag(STATUS_TAGS[status])


def state_tag(state: str, said: str = "") -> Markup:
    """The word of a state with its shape and colour, or what is `said` in its place."""
    return tag(STATE_TAGS[state], said)


def tag(found: Tag, said: str = "") -> Markup:
    """The word of a tag with its shape and colour, or what is `said` in its place."""
    return _tag(chosen().code, found, said)


def ticked(text: str) -> Markup:
    """Words, of which what stands between backticks is set as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else part
        for number, part in enumerate(parts)
    )


@cache
def icon(name: str, style: str = "") -> Markup:
    """A shape of the sprite; display alone."""
    styled = f" {escape(style)}" if style else ""
    return Markup(
        f'<svg class="ico{styled}" aria-hidden="true"><use href="#{escape(name)}"/></svg>'
    )


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


def figure_text(score: float) -> str:
    """A score as a whole number; one that would read 0 and is more says so: `<1`."""
    return "<1" if 0 < score < SCORE_SHOWN_MIN else score_text(score)


def short_number(value: float) -> str:
    """A weight as short as it can be said: `5`, `1.5`."""
    written = f"{value:g}"
    mark = chosen().decimal
    return written if mark == "." else written.replace(".", mark)


def tenths(value: float) -> str:
    """A number to one place: `12.5`."""
    return decimal_text(value, 1)


def hundredths(value: float) -> str:
    """A number to two places: `0.84`."""
    return decimal_text(value, 2)


def signed(value: float) -> str:
    """How much a number rose or fell, whole: `+7`, `-3`."""
    return f"{value:+.0f}"


def percent_text(share: float) -> str:
    """A share as whole per cent, from 0 to 1: `84%`, `84 %`; one that would read 0 says so."""
    if 0 < share < PERCENT_SHOWN_MIN:
        return _("under %(number)s%%", number=1)
    return _("%(number)s%%", number=score_text(100 * share))


def days_text(days: int) -> str:
    """A countdown: `today`, `1 day`, `70 days`, `7 years`, `3 days ago`."""
    if days == 0:
        return _("today")
    size = abs(days)
    if size < YEARS_FROM_DAYS:
        said = many("%(count)s day", "%(count)s days", size)
    else:
        said = many("%(count)s year", "%(count)s years", size * 4 // 1461)
    return said if days > 0 else _("%(time)s ago", time=said)


def number_word(number: int) -> str:
    """`one` to `twelve`, then figures."""
    return _NUMBER_WORDS.get(number) or count_text(number)


def ordinal_word(number: int) -> str:
    """`first` to `twelfth`, then `13th`, `21st`."""
    if number in _ORDINAL_WORDS:
        return _ORDINAL_WORDS[number]
    if (ending := _ORDINAL_ENDINGS.get(chosen().locale)) is None:
        teens = 10 <= number % 100 <= 20
        ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{count_text(number)}{ending}"


def names_text(names: Sequence[str], names_max: int | None = None) -> str:
    """`Estonia, Latvia and Lithuania`; past `names_max` the rest is counted: `Chad and 7 more`."""
    if names_max is not None and len(names) > names_max:
        return many(
            "%(names)s and %(count)s more",
            "%(names)s and %(count)s more",
            len(names) - names_max,
            names=", ".join(names[:names_max]),
        )
    if len(names) < 2:
        return names[0] if names else ""
    first, last = ", ".join(names[:-1]), names[-1]
    if chosen().locale == "es" and _in_vowel_i(last):
        return f"{first} e {last}"
    return _("%(names)s and %(last)s", names=first, last=last)


def _in_vowel_i(text: str) -> bool:
    """Whether a Spanish word begins with the sound of "y", before which "y" becomes "e"."""
    begun = text[:3].casefold().replace("í", "i")
    return begun.startswith(("i", "hi")) and not begun.startswith("hie")


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
    year, _dash, rest = end.partition("-")
    if "X" in year:
        return _("%(decade)ss", decade=year.replace("X", "0"))
    month, _dash, day = rest.partition("-")
    if month in ("", "XX"):
        return year
    if day in ("", "XX"):
        return month_of(date(int(year), int(month), 1))
    return day_text(date.fromisoformat(end))


def _interval_text(start: str, end: str) -> str:
    first, last = partial_date(start), partial_date(end)
    whole_days = first.is_day and last.is_day
    either = whole_days and (last.last_day - first.first_day).days == 1
    left, right = _end_text(start).split(" "), _end_text(end).split(" ")
    shared = 0
    while shared < min(len(left), len(right)) - 1 and left[-1 - shared] == right[-1 - shared]:
        shared += 1
    kept = left[: len(left) - shared] if len(left) == len(right) else left
    ends = {"first": " ".join(kept), "last": " ".join(right)}
    return _("%(first)s or %(last)s", **ends) if either else _("%(first)s to %(last)s", **ends)


@lru_cache(maxsize=16_384)
def _date_html(language: str, edtf: str) -> Markup:
    """`language` is the chosen one, which the words are in."""
    words, plain = date_text(edtf), edtf.rstrip("~?%")
    if "/" in plain or "X" in plain:
        return Markup('<span class="nb">{}</span>').format(words)
    return Markup('<time datetime="{}">{}</time>').format(plain, words)


@lru_cache(maxsize=TAGS_KEPT)
def _tag(language: str, found: Tag, said: str) -> Markup:
    """`language` is the chosen one, which the word is in."""
    written = f'<span class="tag" data-{found.data}="{found.key}">{icon(found.icon)}<span>'
    return Markup(f"{written}{escape(said or found.word)}</span></span>")


@lru_cache(maxsize=16_384)
def _day(locale: str, day: date) -> str:
    number = "1er" if locale == "fr" and day.day == 1 else str(day.day)
    return f"{number} {_months(locale)[day.month]} {day.year}"


@cache
def _months(locale: str) -> Mapping[int, str]:
    return dict(get_month_names("abbreviated", locale=locale))


def without_turns(html: str) -> str:
    """A document in which no text turns the order of another; letters written from right to left
    are read so all the same."""
    for turn in TURNS:
        if turn in html:
            html = html.replace(turn, "")
    return html
