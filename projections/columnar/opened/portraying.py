"""The page of one government from columns: its outline, and the course of its numbers; never any
I/O."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.numbers import Figure
from domain.standing import standing_on
from domain.treaties import TREATIES
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.reckoning import Sums, eroded_figure, voiced_figure
from projections.columnar.opened.outlining import Outline, outlined
from projections.columnar.terms.entering import ERODING, entered, sums
from projections.columns import POSSIBLE_MAX, Ints, Mask
from projections.histories import Version
from projections.portraits import COURSES, SERIES_DAYS, Portrait, Read

COURSE_POINTS: Final = range(12, 61)
"""On how many days, at the least and at the most, the course of a number is reckoned."""
COURSE_ROWS_MAX: Final = 40_000
"""About how many rows are reckoned with for one course, however long the history is."""
COURSE_FACTS_MAX: Final = 128
"""So many legal facts are all read by the law on every day of a course."""


Courses = dict[str, tuple[tuple[date, Figure], ...]]


class Drawn(msgspec.Struct, frozen=True):
    """What a portrait is drawn from, claims named by where they were recorded."""

    outline: Outline
    courses: Courses


def drawn(reckoner: Reckoner, on: date, known_at: KnownAt, courses: Courses | None = None) -> Drawn:
    """The outline of a government with the latest claims, and the course of its numbers, unless
    that is at hand."""
    outline = outlined(reckoner, on, known_at, 0, every=True)
    everything = reckoner.seen(date.max, known_at)
    if not bool((reckoner.status[everything] <= POSSIBLE_MAX).any()):
        courses = {}
    elif courses is None:
        courses = {name: _course(reckoner, name, on, known_at) for name in COURSES}
    return Drawn(outline, courses)


def course_days(on: date, points: int = COURSE_POINTS[-1]) -> list[date]:
    """So many days of the time that is drawn, the first and the last among them."""
    first = [on - timedelta(days=round(SERIES_DAYS * i / (points - 1))) for i in range(points)]
    return first[::-1]


def _course(
    reckoner: Reckoner, measure: str, on: date, known_at: KnownAt
) -> tuple[tuple[date, Figure], ...]:
    """A number on days of the time that is drawn, the first and the last among them."""
    seen = reckoner.seen(on, known_at)
    matched = reckoner.matched(measure, seen)
    wanted = COURSE_ROWS_MAX // max(1, len(matched))
    days = course_days(on, min(max(wanted, COURSE_POINTS[0]), COURSE_POINTS[-1]))
    if len(matched) * len(days) <= COURSE_ROWS_MAX:
        each = _sums_at_once(reckoner, measure, matched, days)
    else:
        each = [_sums(reckoner, measure, seen, day) for day in days]
    if measure != ERODING:
        return tuple(zip(days, map(voiced_figure, each), strict=True))
    legal = reckoner.legal_rows(seen)
    return tuple(
        (day, eroded_figure(some, legal.until(day).floors(day, few_max=COURSE_FACTS_MAX)))
        for day, some in zip(days, each, strict=True)
    )


def _sums(reckoner: Reckoner, measure: str, seen: Mask, day: date) -> Sums:
    """The sums of a number on a day, of the rows seen."""
    made = reckoner.entered(measure, seen & (reckoner.day <= day.toordinal()), day)
    return made[0].total, made[1].total, made[2].total


def _sums_at_once(
    reckoner: Reckoner, measure: str, matched: Ints, days: Sequence[date]
) -> list[Sums]:
    """The same of few rows on all days at a stroke, as if each were a government of its own."""
    ordinals = np.array([day.toordinal() for day in days], np.int64)
    which, row = np.nonzero(reckoner.day[matched][np.newaxis, :] <= ordinals[:, np.newaxis])
    if not len(row):
        return [(0.0, 0.0, 0.0)] * len(days)
    rows = reckoner.rows(matched[row])
    rows.government = which
    made = entered(rows, measure, ordinals[which], reckoner.law)
    return list(zip(*(sums(one, which, len(days)) for one in made), strict=True))


def portrayed(
    government: str, found: Drawn, versions: Mapping[int, Version], *, on: date
) -> Portrait:
    """The portrait of an outline; `versions`: those at its places, by where they were recorded."""
    outline, reckoned = found.outline, found.outline.reckoned
    names = {recorded: version.claim.id for recorded, version in versions.items()}
    legal = [msgspec.structs.replace(fact, claim=names[fact.position]) for fact in reckoned.legal]
    steps = {*outline.steps, *(fact.position for fact in reckoned.legal)}
    return Portrait(
        standings={code: standing_on(t, government, legal, on) for code, t in TREATIES.items()},
        numbers={
            name: Read(
                figure=getattr(reckoned, name),
                terms=outline.terms[name],
                weighing=outline.weighing[name],
                floor=reckoned.floor if name == "erosion" else 0.0,
                floor_claim=_floor_claim(reckoned.floor_at, names) if name == "erosion" else None,
                points={names[recorded]: p for recorded, p in outline.points[name].items()},
            )
            for name in outline.terms
        },
        courses=found.courses,
        versions=tuple(versions[recorded] for recorded in sorted(outline.page)),
        steps=tuple(versions[recorded] for recorded in sorted(steps)),
        records=outline.total,
        left_out={
            name: {names[recorded]: why for recorded, why in some.items()}
            for name, some in outline.left_out.items()
        },
    )


def _floor_claim(recorded: int | None, names: Mapping[int, str]) -> str | None:
    return None if recorded is None else names[recorded]
