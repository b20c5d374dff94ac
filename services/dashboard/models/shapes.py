"""The page models: what each page is given to show, as plain frozen fields; they never fetch.

A page model holds answers, not questions: a pure function builds it from projection answers, a
template shows it. Days are `date`; uncertain dates are EDTF text; scores run from 0 to 100. A
sentence is a tuple of pieces, text and days, so that a page can mark up the days.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from projections.worklists import LITTLE_CRITICISED
from services.dashboard.charts.figures import (
    BoundSteps,
    Interval,
    LaneKey,
    Measure,
    Series,
    Timeline,
)
from services.dashboard.frame import Frame, Link
from services.dashboard.models.ordering import Head, Order

Sentence = tuple[str | date, ...]
Status = Literal["not_party", "signatory", "acceding", "party", "leaving", "former_party"]
ShownStatus = Literal[
    "not_party", "signatory", "acceding", "party", "leaving", "former_party", "contested"
]
ClaimStatus = Literal[
    "pending", "accepted", "rejected", "contested", "refuted", "retracted", "superseded"
]
StageState = Literal["done", "disputed", "expected", "missing"]
DateState = Literal["expected", "computed", "confirmed", "disputed", "unverified"]
ChangeKind = Literal[
    "new", "accepted", "corrected", "confirmed", "contested", "refuted", "rejected", "retracted",
    "amended",
]  # fmt: skip


# ---------- Today ----------


class Fact(msgspec.Struct, frozen=True):
    """One count of the facts row."""

    label: str
    value: int
    note: str
    status: ShownStatus | None = None


class LegalDate(msgspec.Struct, frozen=True, kw_only=True):
    """A date that follows from a treaty; without `on`, `when` says in words why there is none;
    `about`: it is not certain to the day; `claim` is the one that states it."""

    on: date | None
    about: bool = False
    when: str = ""
    who: str
    code: str | None = None
    what: str
    basis: str
    state: DateState
    claim: str | None = None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One claim that waits for a person."""

    claim: str
    code: str | None
    state: Literal["pending", "contested", "duplicate", "unverified"]
    title: str
    note: str


class GapRow(msgspec.Struct, frozen=True, kw_only=True):
    """Erosion beside pressure for one government; `last_critic` spoke `last_on` (EDTF)."""

    code: str
    name: str
    status: ShownStatus
    erosion: Interval
    pressure: Interval
    last_critic: str | None = None
    last_on: str | None = None
    verdict: Literal["gap", "none", "collect"] = "none"
    little_criticised: bool = False
    """Whether its whole Erosion interval lies above its whole Pressure interval."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One record or decision that came to be known, and what it moved."""

    claim: str
    code: str | None
    kind: ChangeKind
    occurred_on: str
    known_on: date
    back_filled: bool = False
    what: str
    source: str
    effects: tuple[str, ...] = ()


class TodayPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which clocks run, what changed, what waits, who does much and hears little?"""

    frame: Frame
    on: date
    headline: str
    lead: Sentence
    bound: BoundSteps | None
    """None where nothing is on file, so that nothing is told of any state."""
    facts: tuple[Fact, ...]
    dates: tuple[LegalDate, ...]
    waiting: tuple[Waiting, ...]
    waiting_count: int
    gaps: tuple[GapRow, ...]
    further: int = 0
    """How many more governments do much or hear little."""
    little: int = 0
    """How many governments erode and hear little, those in no row among them."""
    changes: tuple[Change, ...]
    changes_say: str
    """What the list of changes covers, such as `the latest 6 of 175 records`."""
    little_criticised: str = LITTLE_CRITICISED
    """The name of the list of those who erode and hear little."""


# ---------- Governments ----------


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One government of the board that has acts, criticism or backing on file."""

    code: str
    name: str
    status: ShownStatus
    status_note: str = ""
    """A few words beside the tag, such as `expected 20 Feb 2026`."""
    erosion: Interval
    pressure: Interval
    backing: Interval
    claims: int
    waiting: int = 0
    latest: str | None = None
    latest_on: str | None = None


class QuietGroup(msgspec.Struct, frozen=True):
    """The governments of one status with nothing but their standing on file, as (code, name)."""

    status: ShownStatus
    governments: tuple[tuple[str, str], ...]


class StatusChoice(msgspec.Struct, frozen=True):
    """One status to narrow the board to; `key` empty means all."""

    key: str
    label: str
    count: int
    current: bool = False


class GovernmentsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Where does every government stand, what does it do and what does it hear?"""

    frame: Frame
    on: date
    lead: Sentence
    choices: tuple[StatusChoice, ...]
    lists: tuple[StatusChoice, ...] = ()
    asked: str = ""
    """What was typed into the search field."""
    order: Order = Order("name")
    heads: Mapping[str, Head] = {}
    """What the rows can be sorted by, with the link that does it."""
    rows: tuple[BoardRow, ...] = ()
    """A page of the governments that have anything on file besides their standing."""
    total: int = 0
    """How many of them there are on all pages."""
    begun: bool = False
    """Whether some stand before this page."""
    following: str = ""
    """Where the next page begins; empty after the last."""
    quiet: tuple[QuietGroup, ...] = ()


# ---------- Government ----------


class Countdown(msgspec.Struct, frozen=True):
    """Days from `start` (receipt by the depositary) to `end` (effect), seen on `today`."""

    label: str
    start: date
    end: date
    today: date
    about: bool = False


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One step of leaving or joining; `when` is EDTF, or None when there is no date."""

    title: str
    state: StageState
    when: str | None
    summary: str
    sources: str
    claim: str | None = None


class Misfit(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that does not fit the standing it stands beside, and why."""

    claim: str
    title: str
    why: str


class TreatyStanding(msgspec.Struct, frozen=True, kw_only=True):
    """What a government is to one treaty; `title` heads its steps, `stages` may be empty;
    `stated_by` is the claim that gives the day of which the sentence tells."""

    treaty: str
    treaty_name: str
    status: ShownStatus
    sentence: Sentence
    title: str = ""
    stages: tuple[Stage, ...] = ()
    stated_by: str | None = None
    misfits: tuple[Misfit, ...] = ()


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of a government: today, over time, and a sentence on what it is made of."""

    measure: Measure
    now: Interval
    series: Series | None
    note: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One claim in the list of all records; `points` is what it adds to pressure."""

    claim: str
    occurred_on: str
    lane: LaneKey
    title: str
    sources: str
    status: ClaimStatus
    counted: bool = True
    note: str = ""
    """Said in the tag instead of the status, such as `Day disputed` or `Grade D, not counted`."""
    points: float | None = None


class RecordFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list of records was narrowed to; `from_error` is a sentence for who typed it."""

    lane: str = ""
    status: str = ""
    from_typed: str = ""
    from_error: str | None = None
    shown: int
    total: int
    listed: int = 0
    """How many of all the list begins with, the newest; the others are among the claims."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One publication behind a claim with its Admiralty grade."""

    publisher: str
    title: str
    url: str
    published_on: str | None
    reliability: str
    credibility: int
    language: str | None = None


class LogLine(msgspec.Struct, frozen=True):
    """One thing that happened to a claim: when it was recorded, at which position, and what."""

    day: date
    position: int
    what: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One claim opened: what it says, both clocks, its sources, what follows and its history."""

    claim: str
    kind: str
    title: str
    text: str
    status: ClaimStatus
    occurred_on: str
    published_on: date | None
    recorded_on: date
    known_since: date | None = None
    """Set when the claim was brought in afterwards: the day since when it was known."""
    sources: tuple[Source, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    """Further typed details in words, such as (`Votes`, `157 to 18`)."""
    consequences: tuple[Sentence, ...] = ()
    history: tuple[LogLine, ...] = ()


class GovernmentPage(msgspec.Struct, frozen=True, kw_only=True):
    """What has it done, on whose word, and what did it hear?"""

    frame: Frame
    code: str
    name: str
    standings: tuple[TreatyStanding, ...]
    """The Mine Ban Treaty first."""
    countdown: Countdown | None
    numbers: tuple[Number, ...]
    backing: str
    timeline: Timeline
    records: tuple[Record, ...]
    filter: RecordFilter
    evidence: Evidence | None = None
    links: tuple[Link, ...] = ()


# ---------- outside the frame ----------


class LoginPage(msgspec.Struct, frozen=True, kw_only=True):
    """The form that signs a person in; `next` is the address asked for first.

    `workspace` is empty for the one the server is set to.
    """

    csrf_token: str
    next: str = "/"
    workspace: str = ""
    email: str = ""
    error: str | None = None


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """A form that came without a session or with the token of another: where it goes, and what was
    typed, by the names of its fields. Without `csrf_token` nobody is logged in yet."""

    path: str
    fields: tuple[tuple[str, str], ...]
    csrf_token: str | None = None


class ErrorPage(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal in words: what happened, what to do, and the request id to quote."""

    status: int
    title: str
    detail: str
    todo: str
    request_id: str
    frame: Frame | None = None
    links: tuple[Link, ...] = ()
    again: Again | None = None
