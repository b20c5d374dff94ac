"""What the page of one government is drawn from: standings, numbers with their course, and the
claims of its list; a pure question that never words anything.

`portrait` asks versions and the readable law; of a long log columns give the same for a bounded
list of claims.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from domain.facts import POSSIBLE
from domain.numbers import Figure, Measure, figure
from domain.standing import Standing, standing_on
from domain.treaties import APMBC, TREATIES
from domain.weights import Weights
from projections.dossier import MEASURES, series
from projections.histories import Version

SERIES_DAYS: Final = 420
SERIES_POINTS_MAX: Final = 140
COURSES: Final = ("erosion", "pressure")
"""The numbers whose course is drawn."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """One number as it reads: `terms` claims enter it, `weighing` of them with more than nothing;
    the legal `floor` of an erosion, with the claim it rests on; the `points` that claims add."""

    figure: Figure
    terms: int
    weighing: int
    floor: float
    floor_claim: str | None
    points: dict[str, float]

    @property
    def claims(self) -> int:
        """How many claims it rests on."""
        return self.terms + (self.floor_claim is not None)


class Portrait(msgspec.Struct, frozen=True, kw_only=True):
    """One government on the day `on`: `versions` that the page lists, of `records` that had
    happened, and legal `steps`, both in the order of recording; `courses`: numbers on days up to
    `on`, none where nothing that may be true is on file; `left_out`: why a listed claim does not
    count in a number."""

    standings: dict[str, Standing]
    numbers: dict[str, Read]
    courses: dict[str, tuple[tuple[date, Figure], ...]]
    versions: tuple[Version, ...]
    steps: tuple[Version, ...]
    records: int
    left_out: dict[str, dict[str, str]]


def portrait(
    government: str, versions: Sequence[Version], *, on: date, weights: Weights
) -> Portrait:
    """The portrait over the believed `versions` that concern a government, in the order of
    recording."""
    facts = [version.facts for version in versions]
    standings = {code: standing_on(t, government, facts, on) for code, t in TREATIES.items()}
    measures = {name: of(facts, government, on, weights) for name, of in MEASURES.items()}
    about = tuple(v for v in versions if v.claim.date.representative_day <= on)
    courses: dict[str, tuple[tuple[date, Figure], ...]] = {}
    if any(f.status in POSSIBLE for f in facts):
        days = course_days([f.day for f in facts], standings[APMBC.code], on)
        courses = {name: tuple(series(name, government, facts, days, weights)) for name in COURSES}
    return Portrait(
        standings=standings,
        numbers={name: _read(measure) for name, measure in measures.items()},
        courses=courses,
        versions=about,
        steps=about,
        records=len(about),
        left_out={
            name: {out.claim: out.reason for out in measure.excluded}
            for name, measure in measures.items()
        },
    )


def course_days(days: Sequence[date], standing: Standing, on: date) -> list[date]:
    """The days on which a course is drawn: those on which something happened, those before them,
    and days between."""
    start = on - timedelta(days=SERIES_DAYS)
    turns = {day for day in days if start < day <= on}
    turns |= {day - timedelta(days=1) for day in turns}
    if standing.leaves_on is not None and start < standing.leaves_on <= on:
        turns |= {standing.leaves_on, standing.leaves_on - timedelta(days=1)}
    step = max(1, SERIES_DAYS // max(1, SERIES_POINTS_MAX - len(turns)))
    return sorted(
        {start, on, *turns, *(start + timedelta(days=d) for d in range(0, SERIES_DAYS, step))}
    )


def _read(measure: Measure) -> Read:
    return Read(
        figure=figure(measure),
        terms=len(measure.terms),
        weighing=sum(term.c > 0 for term in measure.terms),
        floor=measure.floor or 0.0,
        floor_claim=measure.floor_claim,
        points={term.claim: term.points for term in measure.terms},
    )
