"""The two clocks of an address: what people type, one canonical form; it never asks the time.

Dates are read by hand and not by a date library: those guess what is missing and read 02/03/2026 as
one of two days, while a clock that decides what a whole page says may not guess.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, TypeVar
from urllib.parse import urlencode

import msgspec

from domain.dates import partial_date
from services.dashboard.formats import day_text, moment_text
from services.dashboard.language import _, word
from services.partial_dates import month_number

Mode = Literal["now", "past", "ahead"]
Pairs = Iterable[tuple[str, str]]
_T = TypeVar("_T")

PAIRS_KEPT: Final = 4096
TEXT_CHARS_MAX: Final = 40
YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2199
HOW: Final = word("Enter a day, month or year: 27 Jun 2025, Jun 2025 or 2025.")
HOW_KNOWN: Final = word(
    "Enter a day, month or year: 27 Jun 2025, Jun 2025 or 2025, or a position of the log: seq:120."
)
_ISO: Final = re.compile(r"\d{4}(-\d{2}){0,2}")
_SEQ: Final = re.compile(r"(?:seq|position|posición)[: ]\s*(\d{1,18})")
_DAY: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?")
_STEP: Final = re.compile(r"(on|known)([+-]1)")


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """What an address asks for: `on` a day, `known_at` the contract's text; None means now."""

    on: date | None = None
    known_at: str | None = None
    """`seq:N`, a day `2025-12-05`, or a moment `2025-12-05T10:00:00Z`."""

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The query pairs that carry these clocks to the next page."""
        on = () if self.on is None else (("on", self.on.isoformat()),)
        known = () if self.known_at is None else (("known_at", self.known_at),)
        return on + known

    def mode(self, today: date) -> Mode:
        """`now`; `ahead` when only `on` is set, to a day to come; `past` otherwise."""
        if self.on is None and self.known_at is None:
            return "now"
        if self.known_at is None and self.on is not None and self.on > today:
            return "ahead"
        return "past"

    def on_text(self, today: date) -> str:
        """The first clock in words: `19 Feb 2026`."""
        return day_text(self.on or today)

    def known_text(self, today: date) -> str:
        """The second clock in words: `19 Feb 2026`, `position 120` or `5 Dec 2025 10:00 UTC`."""
        if self.known_at is None:
            return day_text(today)
        if self.known_at.startswith("seq:"):
            return _("position %(position)s", position=self.known_at[4:])
        if "T" in self.known_at:
            return moment_text(datetime.fromisoformat(self.known_at))
        return day_text(date.fromisoformat(self.known_at))


class ClockReading(msgspec.Struct, frozen=True, kw_only=True):
    """What the clocks of one address were found to say.

    `on_error` and `known_error` are sentences for the person who typed; the clock concerned then
    stands at now. `canonical` is False when the same question has a better address: answer with a
    redirect to it.
    """

    clocks: Clocks
    on_typed: str = ""
    known_typed: str = ""
    on_error: str | None = None
    known_error: str | None = None
    canonical: bool = True


def read_clocks(query: Mapping[str, str], today: date) -> ClockReading:
    """Read `on`, `known_at` and `step` (`on-1`, `on+1`, `known-1`, `known+1`); never raises."""
    on_typed, known_typed = query.get("on", ""), query.get("known_at", "")
    on, on_error = _read_or_refusal(read_on, on_typed, today)
    known_at, known_error = _read_or_refusal(read_known_at, known_typed, today)
    clocks = Clocks(on=on, known_at=known_at)
    step = _STEP.fullmatch(query.get("step", ""))
    if step is not None and on_error is None and known_error is None:
        clocks = _stepped(clocks, step[1] == "on", int(step[2]), today)
    given = tuple((key, query[key]) for key in ("on", "known_at") if key in query)
    mistaken = on_error is not None or known_error is not None
    return ClockReading(
        clocks=clocks,
        on_typed=on_typed,
        known_typed=known_typed,
        on_error=on_error,
        known_error=known_error,
        canonical=mistaken or ("step" not in query and given == clocks.pairs()),
    )


def _stepped(clocks: Clocks, world: bool, days: int, today: date) -> Clocks:
    """The clocks one step on or back: the first when `world`, else the second.

    A day moves by a day, a position by one event; a step out of bounds stays where it was.
    """
    if world:
        moved = (clocks.on or today) + timedelta(days=days)
        if not YEAR_MIN <= moved.year <= YEAR_MAX:
            return clocks
        return Clocks(on=None if moved == today else moved, known_at=clocks.known_at)
    known_at = clocks.known_at
    if known_at is not None and known_at.startswith("seq:"):
        return Clocks(on=clocks.on, known_at=f"seq:{max(0, int(known_at[4:]) + days)}")
    day = today if known_at is None else date.fromisoformat(known_at[:10])
    moved = day + timedelta(days=days)
    if moved.year < YEAR_MIN:
        return clocks
    return Clocks(on=clocks.on, known_at=None if moved >= today else moved.isoformat())


def read_on(text: str, today: date) -> date | None:
    """The day meant by what was typed, None for today; ValueError is a sentence for who typed it.

    A month or year stands for its last day, or for today while it still runs.
    """
    first, last = _period(text, today, HOW)
    day = today if first <= today <= last else last
    return None if day == today else day


def read_known_at(text: str, today: date) -> str | None:
    """The canonical `known_at` meant by what was typed, None for the head; ValueError as `read_on`.

    A day, month or year stands for its end; one that has not ended stands for now.
    """
    position = _SEQ.fullmatch(text.strip().casefold())
    if position is not None:
        return f"seq:{int(position[1])}"
    if "T" in text:
        return _moment(text)
    _, last = _period(text, today, HOW_KNOWN)
    return None if last >= today else last.isoformat()


def address(path: str, clocks: Clocks, pairs: Pairs = (), fragment: str = "") -> str:
    """`path` with the clocks, further query pairs and a fragment; what every link is made of."""
    query = "&".join([_written(*pair) for pair in (*clocks.pairs(), *pairs)])
    return path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


@lru_cache(maxsize=PAIRS_KEPT)
def _written(name: str, value: str) -> str:
    """A pair as queries have it; those of the links of a page are the same few."""
    return urlencode(((name, value),), safe=":")


def _read_or_refusal(
    read: Callable[[str, date], _T | None], text: str, today: date
) -> tuple[_T | None, str | None]:
    try:
        return (read(text, today) if text.strip() else None), None
    except ValueError as refusal:
        return None, str(refusal)


def _period(text: str, today: date, how: str) -> tuple[date, date]:
    """First and last day of the day, month or year that was typed."""
    said = " ".join(text.replace(",", " ").casefold().split())
    if len(said) > TEXT_CHARS_MAX:
        raise ValueError(f"{_('That is too long for a date.')} {_(how)}")
    if said in ("now", "today", _("now"), _("today")):
        return today, today
    edtf = said if _ISO.fullmatch(said) else _edtf_of_words(said)
    if edtf is None:
        why = _("“%(text)s” is not a date we can read.", text=text.strip())
        raise ValueError(f"{why} {_(how)}")
    try:
        found = partial_date(edtf)
    except ValueError:
        raise ValueError(
            _("%(text)s does not exist. Enter a real date.", text=text.strip())
        ) from None
    if not YEAR_MIN <= found.first_day.year <= YEAR_MAX:
        raise ValueError(
            _("Enter a year from %(first)s to %(last)s.", first=YEAR_MIN, last=YEAR_MAX)
        )
    return found.first_day, found.last_day


def _edtf_of_words(said: str) -> str | None:
    """`19 feb 2026`, `feb 19 2026` or `feb 2026` as EDTF; None for anything else."""
    words = [one for one in said.replace(".", " ").split() if one not in ("of", "de", "del")]
    if not words or not re.fullmatch(r"\d{4}", words[-1]):
        return None
    months = [month_number(one) for one in words[:-1]]
    days = [match[1] for one in words[:-1] if (match := _DAY.fullmatch(one))]
    named = [month for month in months if month is not None]
    if len(named) != 1 or len(days) + 1 != len(words) - 1 or len(days) > 1:
        return None
    return "-".join([words[-1], f"{named[0]:02}", *(f"{int(day):02}" for day in days)])


def _moment(text: str) -> str:
    """A timestamp as the contract writes it, in UTC; without an offset it is read as UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        why = _("“%(text)s” is not a moment.", text=text.strip()[:TEXT_CHARS_MAX])
        raise ValueError(f"{why} {_(HOW_KNOWN)}") from None
    return moment.isoformat().replace("+00:00", "Z")
