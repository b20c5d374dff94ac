"""The dossier of one government: standings, steps, numbers and timeline; a pure question over
versions."""

from collections.abc import Sequence
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
from projections.board import ClaimCounts, Latest, StandingRow, board_row, standing_row
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
    """Everything the system holds on one government on the day `on`, as known at `known_at`."""

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


TERMS_MAX: Final = 1000
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
    government: str, versions: Sequence[Version], *, on: date, known_at: str, weights: Weights
) -> Dossier:
    """The dossier of `government` on the day `on`.

    `versions`: the claims believed at `known_at` that concern it; claims of a later day are left
    out.
    """
    found = [v for v in versions if government in v.claim.targets]
    facts = [v.facts for v in found]
    row = board_row(government, facts, on, weights)
    standings = {code: standing_on(t, government, facts, on) for code, t in TREATIES.items()}
    return Dossier(
        government=government,
        name=GOVERNMENTS[government],
        on=on,
        known_at=known_at,
        methods=weights.methods,
        standings={code: standing_row(standing) for code, standing in standings.items()},
        dates=standings,
        stages={code: _stages(found, code, on) for code in TREATIES},
        erosion=row.erosion,
        pressure=row.pressure,
        backing=row.backing,
        claims=row.claims,
        latest=row.latest,
        timeline=_timeline(government, found, facts, on, weights),
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


def _stages(versions: Sequence[Version], treaty: str, on: date) -> tuple[Step, ...]:
    steps = [
        Step(
            stage=STAGES[v.claim.kind],
            claim=v.claim.id,
            kind=v.claim.kind,
            occurred_on=v.claim.occurred_on,
            day=v.claim.date.representative_day,
            status=v.status,
            summary=v.claim.summary,
            publishers=tuple(s.publisher for s in v.claim.sources if s.publisher),
            backfilled=v.backfilled,
        )
        for v in versions
        if v.claim.kind in STAGES
        and v.claim.treaty == treaty
        and v.status in COUNTED
        and v.claim.date.representative_day <= on
    ]
    order = list(STAGES.values())
    return tuple(sorted(steps, key=lambda s: (s.day, order.index(s.stage), s.claim)))


def _timeline(
    government: str,
    versions: Sequence[Version],
    facts: Sequence[Facts],
    on: date,
    weights: Weights,
) -> tuple[Entry, ...]:
    points = {
        name: {t.claim: t.points for t in of(facts, government, on, weights).terms}
        for name, of in MEASURES.items()
    }
    entries = [
        Entry(
            claim=v.claim.id,
            kind=v.claim.kind,
            treaty=v.claim.treaty,
            occurred_on=v.claim.occurred_on,
            first_day=v.claim.date.first_day,
            last_day=v.claim.date.last_day,
            status=v.status,
            summary=v.claim.summary,
            actors=v.claim.actors,
            sources=v.claim.sources,
            erosion=points["erosion"].get(v.claim.id),
            pressure=points["pressure"].get(v.claim.id),
            backing=points["backing"].get(v.claim.id),
            happening=v.happening,
            known_since=v.known_from.isoformat(),
            backfilled=v.backfilled,
        )
        for v in versions
        if v.claim.date.representative_day <= on and v.status in POSSIBLE | {"refuted"}
    ]
    return tuple(sorted(entries, key=lambda e: (e.first_day, e.last_day, e.claim), reverse=True))
