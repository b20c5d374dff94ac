"""The dossier of one government: standings, steps, numbers and timeline; a pure question over
versions."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import fsum
from typing import Final

import msgspec

from domain.claims import Actor, Source
from domain.facts import COUNTED, POSSIBLE, Facts
from domain.governments import GOVERNMENTS
from domain.numbers import Figure, Measure, backing, erosion, figure, pressure
from domain.standing import STAGES, Standing, standing_on
from domain.treaties import TREATIES
from domain.weights import Weights
from projections.board import ClaimCounts, Latest, StandingRow, board_row
from projections.histories import Version


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded step of leaving: its claim, its date as written, and what sources say of it."""

    stage: str
    claim: str
    kind: str
    occurred_on: str
    day: date
    status: str
    summary: str
    publishers: tuple[str, ...]
    backfilled: bool


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One claim on the timeline; `erosion`, `pressure`, `backing` are the points it adds, None
    if none."""

    claim: str
    kind: str
    treaty: str
    occurred_on: str
    first_day: date
    last_day: date
    status: str
    summary: str
    actors: tuple[Actor, ...]
    sources: tuple[Source, ...]
    erosion: float | None
    pressure: float | None
    backing: float | None
    happening: str
    known_since: str
    backfilled: bool


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the system holds on one government on the day `on`, as known at `known_at`.

    `stages`: of each treaty the last `STEPS_MAX` steps, in order. `timeline`: a page of at most
    `ENTRIES_MAX` claims of `timeline_total`, latest first by representative day and recording;
    `next_after`: ask `after` it for the next page, None on the last.
    """

    government: str
    name: str
    on: date
    known_at: str
    methods: tuple[str, ...]
    standings: dict[str, StandingRow]
    dates: dict[str, Standing]
    stages: dict[str, tuple[Step, ...]]
    erosion: Figure
    pressure: Figure
    backing: Figure
    claims: ClaimCounts
    latest: Latest | None
    timeline: tuple[Entry, ...]
    timeline_total: int
    next_after: int | None


ENTRIES_MAX: Final = 100
"""How many claims one page of a timeline lists."""
STEPS_MAX: Final = 100
"""How many steps under one treaty are listed."""
SHOWN: Final = POSSIBLE | {"refuted"}
"""Statuses of the claims that stand on a timeline."""
TERMS_MAX: Final = 500
"""How many terms, and how many claims left out, one page of an explanation lists."""


class Explanation(Measure, frozen=True, kw_only=True):
    """One number of one government on a day, opened into its terms, a page of them at a time.

    `sum` is of the c of all `terms_total` terms, and `points` are shares of the whole score;
    `excluded_total` claims were left out. `next_after`: ask `after` it for the next page, None on
    the last.
    """

    government: str
    name: str
    on: date
    known_at: str
    sum: float
    terms_total: int
    excluded_total: int
    next_after: int | None


def dossier(
    government: str,
    versions: Sequence[Version],
    *,
    on: date,
    known_at: str,
    weights: Weights,
    after: int = 0,
) -> Dossier:
    """The dossier of `government` on the day `on`, its timeline beginning after so many claims.

    `versions`: the claims believed at `known_at` that concern it; claims of a later day are left
    out.
    """
    found = [v for v in versions if government in v.claim.targets]
    facts = [v.facts for v in found]
    row = board_row(government, facts, on, weights)
    points = {
        name: {t.claim: t.points for t in of(facts, government, on, weights).terms}
        for name, of in MEASURES.items()
    }
    happened = [v for v in found if v.claim.date.representative_day <= on]
    shown = sorted((v for v in happened if v.status in SHOWN), key=when, reverse=True)
    standings = {code: standing_on(t, government, facts, on) for code, t in TREATIES.items()}
    return Dossier(
        government=government,
        name=GOVERNMENTS[government],
        on=on,
        known_at=known_at,
        methods=weights.methods,
        standings=row.standings,
        dates=standings,
        stages={code: stages(happened, code) for code in TREATIES},
        erosion=row.erosion,
        pressure=row.pressure,
        backing=row.backing,
        claims=row.claims,
        latest=row.latest,
        timeline=tuple(entry(v, points) for v in shown[after : after + ENTRIES_MAX]),
        timeline_total=len(shown),
        next_after=after + ENTRIES_MAX if after + ENTRIES_MAX < len(shown) else None,
    )


MEASURES = {"pressure": pressure, "erosion": erosion, "backing": backing}


def explain(
    measure: str,
    government: str,
    facts: Sequence[Facts],
    *,
    on: date,
    known_at: str,
    weights: Weights,
    after: int = 0,
) -> Explanation:
    """A page of one of `MEASURES` for `government`: its terms, what was left out, and why."""
    whole = MEASURES[measure](facts, government, on, weights)
    last = after + TERMS_MAX
    page = msgspec.structs.replace(
        whole, terms=whole.terms[after:last], excluded=whole.excluded[after:last]
    )
    return Explanation(
        government=government,
        name=GOVERNMENTS[government],
        on=on,
        known_at=known_at,
        sum=fsum(term.c for term in whole.terms),
        terms_total=len(whole.terms),
        excluded_total=len(whole.excluded),
        next_after=last if last < max(len(whole.terms), len(whole.excluded)) else None,
        **msgspec.structs.asdict(page),
    )


def series(
    measure: str, government: str, facts: Sequence[Facts], days: Sequence[date], weights: Weights
) -> list[tuple[date, Figure]]:
    """One number on each of `days`, over the same believed claims."""
    return [(d, figure(MEASURES[measure](facts, government, d, weights))) for d in days]


def stages(versions: Sequence[Version], treaty: str) -> tuple[Step, ...]:
    """The last `STEPS_MAX` counted steps under a treaty among some versions, in order."""
    steps = [
        v
        for v in versions
        if v.claim.kind in STAGES and v.claim.treaty == treaty and v.status in COUNTED
    ]
    order = list(STAGES.values())
    last = (_step(v) for v in sorted(steps, key=when)[-STEPS_MAX:])
    return tuple(sorted(last, key=lambda s: (s.day, order.index(s.stage), s.claim)))


def when(version: Version) -> tuple[date, int]:
    """Where a version stands on a timeline: its representative day, then where its claim was
    recorded."""
    return version.claim.date.representative_day, version.recorded_position


def entry(version: Version, points: Mapping[str, Mapping[str, float]]) -> Entry:
    """A claim on the timeline; `points`: what claims add to each number, by its name."""
    claim = version.claim
    return Entry(
        claim=claim.id,
        kind=claim.kind,
        treaty=claim.treaty,
        occurred_on=claim.occurred_on,
        first_day=claim.date.first_day,
        last_day=claim.date.last_day,
        status=version.status,
        summary=claim.summary,
        actors=claim.actors,
        sources=claim.sources,
        erosion=points["erosion"].get(claim.id),
        pressure=points["pressure"].get(claim.id),
        backing=points["backing"].get(claim.id),
        happening=version.happening,
        known_since=version.known_from.isoformat(),
        backfilled=version.backfilled,
    )


def _step(version: Version) -> Step:
    claim = version.claim
    return Step(
        stage=STAGES[claim.kind],
        claim=claim.id,
        kind=claim.kind,
        occurred_on=claim.occurred_on,
        day=claim.date.representative_day,
        status=version.status,
        summary=claim.summary,
        publishers=tuple(s.publisher for s in claim.sources if s.publisher),
        backfilled=version.backfilled,
    )
