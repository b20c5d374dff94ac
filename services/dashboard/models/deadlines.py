"""Builds the page Deadlines: every clock that runs, its date, its basis and whether a claim states
it; pure, and it never says what happens when a date passes."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Final, Literal

import msgspec

from domain.treaties import TREATIES
from projections.deadlines import Deadline, Deadlines, State, What
from services.dashboard.calendars import Due, calendar
from services.dashboard.formats import about_text, upper_first
from services.dashboard.frame import Frame
from services.dashboard.language import Words, _, many, told, told_many, word
from services.dashboard.models.shapes import Sentence
from services.dashboard.sheets import Cell, Download, Sheet
from services.dashboard.states import GOVERNMENTS, in_order, treaty_name
from services.dashboard.words import reason_words

ROWS_SHOWN_MAX: Final = 50
ORDERS: Final = ("soonest", "latest", "government")
SOON_DAYS: Final = 365
Band = Literal["over", "soon", "later", "undated"]
BANDS: Final[Words[Band]] = Words(
    {
        "over": word("Date passed"),
        "soon": word("Within a year"),
        "later": word("Later"),
        "undated": word("No date"),
    }
)
"""Where a clock stands against the day of the page -> what the list says above such clocks."""
WHATS: Final[Words[What]] = Words(
    {
        "withdrawal": word("Withdrawal takes effect"),
        "entry_into_force": word("Treaty enters into force"),
        "no_exit": word("No exit can take effect"),
        "yearly_report": word("Yearly transparency reports"),
        "first_report": word("First transparency report"),
        "stockpile": word("Stockpile to be destroyed"),
        "clearance": word("Mined areas to be cleared"),
        "answer": word("Answer to a request"),
    }
)
BASES: Final[Words[What]] = Words(
    {
        "withdrawal": word("six months after the depositary received the instrument"),
        "entry_into_force": word("the first day of the sixth month after the month of deposit"),
        "no_exit": word("no instrument of withdrawal is on record"),
        "yearly_report": word("every year on the same day"),
        "first_report": word("180 days after entry into force"),
        "stockpile": word(
            "as long after entry into force as the treaty gives for destroying stocks"
        ),
        "clearance": word("as long after entry into force as the treaty gives for clearing mines"),
        "answer": word("as long after the request as the treaty gives for an answer"),
    }
)
STATES: Final[Words[State]] = Words(
    {
        "expected": word("Expected"),
        "computed": word("Reckoned"),
        "disputed": word("Disputed"),
        "extended": word("Extended"),
        "missed": word("Missed"),
        "passed": word("Passed"),
    }
)
TAGS: Final[dict[State, str]] = {
    "expected": "expected",
    "computed": "computed",
    "disputed": "disputed",
    "extended": "confirmed",
    "missed": "gap",
    "passed": "computed",
}
"""State of a clock -> the mark it has."""


class ClockRow(msgspec.Struct, frozen=True, kw_only=True):
    """One running clock; `on` is None where no date can be given, and `why` then says so."""

    government: str | None
    name: str
    treaty: str
    what: str
    on: date | None
    days: int | None
    about: bool
    basis: str
    counted_from: date | None
    article: str
    why: str
    tag: str
    word: str
    confirmed: bool
    claim: str | None

    @property
    def band(self) -> Band:
        """Where its date stands against the day of the page."""
        if self.days is None:
            return "undated"
        if self.days < 0:
            return "over"
        return "soon" if self.days <= SOON_DAYS else "later"


class DeadlinesAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What the list was narrowed to, its order, and how many rows stand before the page."""

    government: str = ""
    what: str = ""
    treaty: str = ""
    confirmed: str = ""
    order: str = "soonest"
    before: int = 0

    @property
    def narrows(self) -> bool:
        """Whether the list shows less than all."""
        return bool(self.government or self.what or self.treaty or self.confirmed)


class DeadlinesPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which clocks are running, until when, and how do we know?"""

    frame: Frame
    on: date
    lead: Sentence
    ask: DeadlinesAsk
    rows: tuple[ClockRow, ...]
    total: int
    """How many rows the filters let through, on every page."""
    following: str
    governments: tuple[tuple[str, str], ...]
    whats: tuple[tuple[str, str], ...]
    treaties: tuple[tuple[str, str], ...]
    confirmations: tuple[tuple[str, str], ...]

    @property
    def banded(self) -> tuple[tuple[str, tuple[ClockRow, ...]], ...]:
        """The rows of the page in their order, those of one band after another together under its
        name; under none where they stand by government."""
        if self.ask.order == "government":
            return (("", self.rows),)
        bands = groupby(self.rows, key=lambda row: row.band)
        return tuple((BANDS[band], tuple(rows)) for band, rows in bands)


def deadlines_page(frame: Frame, found: Deadlines, *, ask: DeadlinesAsk) -> DeadlinesPage:
    """The page over every running clock."""
    rows = narrowed(found, ask)
    shown = rows[ask.before : ask.before + ROWS_SHOWN_MAX]
    end = ask.before + len(shown)
    codes = {d.government for d in found.deadlines if d.government}
    whats = {d.what for d in found.deadlines}
    return DeadlinesPage(
        frame=frame,
        on=found.on,
        lead=_lead(found),
        ask=ask,
        rows=tuple(_row(row, found.on) for row in shown),
        total=len(rows),
        following=str(end) if end < len(rows) else "",
        governments=tuple(
            sorted(((c, GOVERNMENTS[c]) for c in codes), key=lambda pair: in_order(pair[1]))
        ),
        whats=tuple((what, said) for what, said in WHATS.items() if what in whats),
        treaties=tuple((code, treaty_name(code)) for code in TREATIES),
        confirmations=(("yes", _("Stated by a claim")), ("no", _("Reckoned alone"))),
    )


def narrowed(found: Deadlines, ask: DeadlinesAsk) -> list[Deadline]:
    """The clocks that the page is narrowed to, in its order; those without a date stand last."""
    rows = [
        row
        for row in found.deadlines
        if ask.government in ("", row.government)
        and ask.what in ("", row.what)
        and ask.treaty in ("", row.treaty)
        and ask.confirmed in ("", "yes" if row.confirmed else "no")
    ]
    if ask.order == "latest":
        rows.sort(key=lambda row: (row.on is None, -(row.on or date.min).toordinal()))
    elif ask.order == "government":
        rows.sort(key=lambda row: in_order(_name(row.government)))
    return rows


def deadlines_sheet(found: Deadlines, ask: DeadlinesAsk, frame: Frame) -> Sheet:
    """The list as a file: the clocks of every page, in their order."""
    rows: list[tuple[Cell, ...]] = [
        (
            *(row.government, _name(row.government), row.treaty, row.what, row.on, row.about),
            *(row.counted_from, row.article, row.state, row.confirmed, row.basis, row.reason),
            row.claim,
        )
        for row in narrowed(found, ask)
    ]
    columns = (
        *("government", "name", "treaty", "what", "on", "about", "counted_from", "article"),
        *("state", "confirmed", "basis", "reason", "claim"),
    )
    return Sheet(name="deadlines", columns=columns, rows=rows, about=frame.question)


def deadlines_calendar(found: Deadlines, ask: DeadlinesAsk) -> Download:
    """The clocks of the list that have a date, as a calendar."""
    return calendar(_("Deadlines"), map(_due, _dated(narrowed(found, ask))), as_of=found.on)


def _dated(rows: Iterable[Deadline]) -> Iterator[tuple[Deadline, date]]:
    for row in rows:
        if row.on is not None:
            yield row, row.on


def _due(dated: tuple[Deadline, date]) -> Due:
    row, on = dated
    shown = _row(row, on)
    about = about_text(on, about=True) if row.about else ""
    said = (f"{shown.treaty}, {row.article}", shown.basis, shown.why, about)
    return Due(
        uid=f"{row.treaty}-{row.government or 'all'}-{row.what}-{row.claim or on.year}@article20",
        on=on,
        title=_("%(label)s: %(value)s", label=shown.name, value=shown.what),
        says=". ".join(upper_first(one) for one in said if one),
        is_stated=row.confirmed,
    )


_DEPOSITED: Final = ("withdrawal", "entry_into_force")
"""Clocks that a deposit starts, of which it is told when that was, whoever states their end."""


def _name(code: str | None) -> str:
    return GOVERNMENTS[code] if code else _("All parties")


def _row(row: Deadline, on: date) -> ClockRow:
    # More time that was given until nobody says when is a claim's word as well.
    is_told = row.confirmed or (row.on is None and row.claim is not None)
    return ClockRow(
        government=row.government,
        name=_name(row.government),
        treaty=treaty_name(row.treaty),
        what=WHATS[row.what],
        on=row.on,
        days=None if row.on is None else (row.on - on).days,
        about=row.about,
        basis=_("stated by a claim") if is_told else BASES[row.what],
        counted_from=None if is_told and row.what not in _DEPOSITED else row.counted_from,
        article=row.article,
        why=reason_words(row.reason) if row.reason else "",
        tag=TAGS[row.state],
        word=STATES[row.state],
        confirmed=row.confirmed,
        claim=row.claim,
    )


def _lead(found: Deadlines) -> Sentence:
    running = len(found.deadlines)
    if not running:
        return told("No clock is running on %(day)s.", day=found.on)
    stated = sum(d.confirmed for d in found.deadlines)
    undated = sum(d.on is None for d in found.deadlines)
    pieces: list[str | date] = [
        *told_many(
            "%(count)s clock is running on %(day)s.",
            "%(count)s clocks are running on %(day)s.",
            running,
            day=found.on,
        ),
        " ",
        _("All are reckoned from the treaties.")
        if not stated
        else many(
            "A claim states the date of %(count)s, the others are reckoned from the treaties.",
            "Claims state the dates of %(count)s, the others are reckoned from the treaties.",
            stated,
        ),
    ]
    if undated:
        pieces += [" ", many("%(count)s has no date.", "%(count)s have no date.", undated)]
    return tuple(pieces)
