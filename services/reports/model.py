"""What a country brief holds, as plain frozen fields in the order in which it is read; it never
says how it looks."""

from collections.abc import Collection
from datetime import date

import msgspec

from domain.numbers import Excluded


class Cited(msgspec.Struct, frozen=True, kw_only=True):
    """A source with the number under which the brief cites it, from 1 in order of first mention.

    `grades`: the Admiralty grades it was given, such as `A1`; `?` where no reliability or
    credibility was given.
    """

    number: int
    publisher: str | None
    title: str | None
    url: str | None
    published_on: str | None
    language: str | None
    grades: tuple[str, ...]


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """One day of a standing: what happened or is computed, on which rule, by which sources."""

    what: str
    on: date
    basis: str
    cites: tuple[int, ...] = ()


class StepLine(msgspec.Struct, frozen=True, kw_only=True):
    """One step of leaving; `claim` is None for the day that the treaty itself sets."""

    stage: str
    when: str
    summary: str
    state: str
    claim: str | None = None
    backfilled: bool = False
    cites: tuple[int, ...] = ()


class StandingPart(msgspec.Struct, frozen=True, kw_only=True):
    """What the government is to one treaty: the sentence, its days and the steps of leaving."""

    treaty: str
    treaty_name: str
    status: str
    stage: str | None
    since: date | None
    expected_on: date | None
    confirmed: bool | None
    claimed: str | None
    """What the government itself claims instead, which changes nothing in law."""
    disputed_by: tuple[str, ...]
    sentence: str
    milestones: tuple[Milestone, ...]
    steps: tuple[StepLine, ...]


class TermLine(msgspec.Struct, frozen=True, kw_only=True):
    """One term of a number, with the claim it rests on; the factors are those of
    `domain.numbers.Term`."""

    claim: str
    when: str
    summary: str
    status: str
    instrument: str
    w: float
    half_life_days: float
    a: float
    s: float
    nu: float
    n: int
    q: float
    age_days: int
    c: float
    points: float
    backfilled: bool
    cites: tuple[int, ...]


class NumberPart(msgspec.Struct, frozen=True, kw_only=True):
    """One number from `low` (beyond doubt) to `high` (may be true), 0 to 100, with every term.

    `floor`: the legal stage's part of an erosion, resting on `floor_claim`.
    """

    measure: str
    method: str
    score: float
    low: float
    high: float
    floor: float | None
    floor_claim: str | None
    floor_cites: tuple[int, ...]
    terms: Collection[TermLine]
    excluded: Collection[Excluded]


class RecordLine(msgspec.Struct, frozen=True, kw_only=True):
    """One claim of the record: when it happened, who acted, what, and since when it was known.

    `known_since` is a day; `backfilled` marks what was brought in after that day.
    """

    claim: str
    kind: str
    treaty: str
    when: str
    who: str
    summary: str
    status: str
    known_since: date
    backfilled: bool
    same_as: tuple[str, ...]
    """Claims that tell of the same happening; only one of them counts."""
    cites: tuple[int, ...]


class DisputedLine(RecordLine, frozen=True, kw_only=True):
    """A claim that is contested or refuted: by whom, why, and on which sources."""

    disputed_by: tuple[str, ...]
    reason: str | None
    decision_cites: tuple[int, ...]


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """What makes the brief this one: both clocks, the last event that entered it, methods and
    digests.

    `records`: how many claims were used. `records_sha256`: of their contents and statuses in the
    order of recording. `weights_sha256`: of the tables of weights.
    """

    on: date
    known_at: str
    position: int
    methods: tuple[str, ...]
    records: int
    records_sha256: str
    weights_sha256: str


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """The country brief: title, pin, status, standings, numbers, record, disputes, limits,
    sources."""

    title: str
    government: str
    name: str
    pin: Pin
    lead: str
    standings: tuple[StandingPart, ...]
    numbers: tuple[NumberPart, ...]
    timeline: Collection[RecordLine]
    disputed: Collection[DisputedLine]
    waiting: int
    """Claims that wait for review: they count towards the high bounds alone."""
    limits: tuple[str, ...]
    citation: str
    sources: Collection[Cited]
