"""The numbers of every government on a day, as known at any point, from a shelf: a few passes over
each leaf; never any I/O, and never a law of its own.

Rows stand in the order of the reckoning whatever is asked, so that how often somebody repeated
themselves is counted by one running sum over the rows that enter.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from math import fsum
from typing import Final

import numpy as np

from domain.clocks import KnownAt
from domain.numbers import SURE, Figure
from domain.standing import Standing
from projections.columnar.legal.coursing import course_at
from projections.columnar.legal.ruling import Rulings
from projections.columnar.numbers.reckoning import (
    LatestAt,
    Reckoned,
    eroded_figure,
    reckoned_of,
    voiced_figure,
)
from projections.columnar.numbers.summing import Counted, summed_at
from projections.columnar.shelf.narrowing import Column
from projections.columnar.shelf.pointing import Point, believed_at, seen_on
from projections.columnar.shelf.shelving import WHEN_BITS, Leaf, Shelf
from projections.columnar.terms.entering import ERODING, EXACT_ROWS_MAX, MEASURES_AT, Floats, decays
from projections.columnar.terms.law import Law
from projections.columnar.terms.sameness import Same, losing
from projections.columns import COUNTED_MAX, Ints, Mask

VOICED: Final = ("pressure", "backing")
"""The numbers of the voiced rows, in the order of the lowest bit of their `kind`."""


def survey(
    shelf: Shelf,
    on: date,
    known_at: KnownAt,
    *,
    until: int,
    only: Collection[str] | None = None,
) -> dict[str, Reckoned]:
    """What is reckoned of every government on the shelf, or of `only` some; the log is read as it
    was at the position `until`."""
    found: dict[str, Reckoned] = {}
    shelf, at = believed_at(shelf, on, known_at, until)
    for leaf in shelf.leaves:
        if only is None or not set(only).isdisjoint(leaf.governments):
            found.update(_Leafed(leaf, shelf, on, at).each(only))
    return found


def standings_on(
    shelf: Shelf, on: date, known_at: KnownAt, *, until: int, only: Collection[str]
) -> dict[str, dict[str, Standing]]:
    """The standing of some governments under each treaty, as `survey` gives it; nothing of those
    that are on no leaf."""
    shelf, at = believed_at(shelf, on, known_at, until)
    found: dict[str, dict[str, Standing]] = {}
    for leaf in shelf.leaves:
        places = [place for place, code in enumerate(leaf.governments) if code in only]
        told = Rulings(leaf, shelf, on, at).of(places)
        found.update(
            (leaf.governments[place], one.standings)
            for place, one in zip(places, told, strict=True)
        )
    return found


def courses_on(
    shelf: Shelf,
    government: str,
    measures: Sequence[str],
    days: Sequence[date],
    known_at: KnownAt,
    *,
    until: int,
) -> dict[str, tuple[tuple[date, Figure], ...]] | None:
    """Some numbers of one government on each of some days; None where they are not summed, as they
    are at the head alone."""
    shelf, _ = believed_at(shelf, days[-1], known_at, until)
    leaf = next((one for one in shelf.leaves if government in one.governments), None)
    summed = summed_at(leaf, shelf.law) if leaf is not None and shelf.sums else None
    if leaf is None or summed is None:
        return None
    place = leaf.governments.index(government)
    ordinals = [day.toordinal() for day in days]
    found: dict[str, tuple[tuple[date, Figure], ...]] = {}
    for measure in measures:
        each = summed.course(measure, place, ordinals)
        figures: Iterable[Figure] = map(voiced_figure, each)
        if measure == ERODING:
            law = course_at(leaf, place, shelf.law, shelf.words.lists)
            floors = map(law.floors_on, days)
            figures = map(eroded_figure, each, floors)
        found[measure] = tuple(zip(days, figures, strict=True))
    return found


class _Leafed:
    """The questions of one day to one leaf."""

    def __init__(self, leaf: Leaf, shelf: Shelf, on: date, at: Point) -> None:
        self.leaf, self.shelf, self.on, self.at = leaf, shelf, on, at
        self.law: Law = shelf.law
        self.count = len(leaf.governments)
        self.columns = leaf.columns

    @cached_property
    def seen(self) -> Mask:
        """The rows believed that had happened."""
        return seen_on(self.leaf, self.at)

    def each(self, only: Collection[str] | None) -> Iterator[tuple[str, Reckoned]]:
        """What was reckoned of each government, in their order."""
        summed = summed_at(self.leaf, self.law) if self.shelf.sums else None
        counted = self._counted() if summed is None else summed.on(self.at.day)
        tallies = counted.tallies
        totals = [(measure, counted.totals[measure]) for measure in MEASURES_AT]
        governments = self.leaf.governments
        places = [p for p, code in enumerate(governments) if only is None or code in only]
        told = Rulings(self.leaf, self.shelf, self.on, self.at).of(places)
        for place, lawful in zip(places, told, strict=True):
            yield (
                governments[place],
                reckoned_of(
                    {m: (o[0][place], o[1][place], o[2][place]) for m, o in totals},
                    lawful.floors,
                    tallies[3 * place : 3 * place + 3],
                    acts=counted.acts[place],
                    voices=counted.voices[place],
                    latest=counted.latest.get(place),
                    heard=counted.heard.get(place),
                    standings=lawful.standings,
                ),
            )

    def _counted(self) -> Counted:
        """What the rows amount to, term by term."""
        seen, columns = np.flatnonzero(self.seen), self.columns
        government = columns["government"][seen].astype(np.int64)
        status = columns["status"][seen]
        totals, spoke = self._voiced()
        totals["erosion"], acting = self._eroding()
        return Counted(
            tallies=np.bincount(government * 3 + status, minlength=3 * self.count).tolist(),
            totals=totals,
            voices=self._counts(spoke),
            acts=self._counts(acting),
            latest=self._latest(seen[status <= COUNTED_MAX]),
            heard=self._latest(spoke),
        )

    def _voiced(self) -> tuple[dict[str, list[list[float]]], Ints]:
        """The sums of pressure and backing of each government in the three readings, and the rows
        that enter the score of pressure."""
        columns, some = self.columns, self.seen[: self.leaf.voiced]
        rows = np.flatnonzero(some)
        rank = np.zeros(len(some) + 1, np.int64)
        np.cumsum(some, out=rank[1:])
        begin = rank[columns["begin"][rows]]
        kind = columns["kind"][rows]
        whole, chance, readings = self._weighed(rows, columns["row"][rows], columns["base"][rows])
        found: list[list[float]] = []
        spoke = rows[:0]
        for reading, q in zip(readings, (chance, chance, None), strict=True):
            c = whole[0] * whole[1] if q is None else whole[0] * q * whole[1]
            entering = _entering(reading, self.leaf.told, some, rank, c)
            running = np.zeros(len(rows) + 1, np.int32)
            np.cumsum(entering, out=running[1:])
            times = np.maximum(running[1:] - running[begin], 1)
            c = c * (1.0 / times)
            c *= entering
            if not found:
                spoke = rows[entering & (kind % 2 == 0)]
            found.append(self._sums(c, kind, 2 * self.count))
        return {m: [one[bit::2] for one in found] for bit, m in enumerate(VOICED)}, spoke

    def _eroding(self) -> tuple[list[list[float]], Ints]:
        """The sums of conduct of each government in the three readings, and the rows that enter the
        score."""
        columns, some = self.columns, self.seen
        rows = self.leaf.conduct[some[self.leaf.conduct]]
        conduct = columns["conduct"][rows]
        whole, chance, readings = self._weighed(rows, conduct, self.law.weights_of(conduct))
        rank = np.zeros(self.leaf.size + 1, np.int64)
        rank[rows] = np.arange(len(rows))
        government = columns["government"][rows]
        found: list[list[float]] = []
        acting = rows[:0]
        for reading, q in zip(readings, (chance, chance, None), strict=True):
            c = whole[0] * whole[1] if q is None else whole[0] * q * whole[1]
            entering = _entering(reading, self.leaf.told_conduct, some, rank, c)
            if not found:
                acting = rows[entering]
            found.append(self._sums(c * entering, government, self.count))
        return found, acting

    def _weighed(
        self, rows: Ints, row: Column, base: Floats
    ) -> tuple[tuple[Floats, Floats], Floats, tuple[Mask, Mask, Mask]]:
        """What rows weigh before their source, and what age leaves of that; the probability of
        their sources; and which enter the score, the low and the high bound."""
        columns = self.columns
        left = decays(row, self.at.day - columns["day"][rows], self.law)
        grade = self.leaf.grades[columns["grade"][rows]]
        status = columns["status"][rows]
        chance = grade * np.where(status == 1, 0.5, 1.0)
        everything = np.ones(len(rows), np.bool_)
        return (
            (base, left),
            chance,
            (status <= COUNTED_MAX, (status == 0) & (grade >= SURE), everything),
        )

    def _sums(self, c: Floats, kind: Column, count: int) -> list[float]:
        """The sum of each kind, to the last bit on a small leaf."""
        if self.leaf.size > EXACT_ROWS_MAX:
            found: list[float] = np.bincount(kind, weights=c, minlength=count).tolist()
            return found
        terms: list[list[float]] = [[] for _ in range(count)]
        for one, value in zip(kind.tolist(), c.tolist(), strict=True):
            terms[one].append(value)
        return [fsum(some) for some in terms]

    def _latest(self, rows: Ints) -> dict[int, LatestAt]:
        """The latest of some rows of each government that has any."""
        columns = self.columns
        government = columns["government"][rows]
        when = columns["day"][rows].astype(np.int64) << WHEN_BITS
        when += columns["recorded"][rows]
        last = np.full(self.count, -1, np.int64)
        np.maximum.at(last, government, when)
        is_last = when == last[government]
        some = rows[is_last]
        values = (columns[name][some].tolist() for name in ("day", "recorded", "position"))
        told = map(LatestAt, *values)
        return dict(zip(government[is_last].tolist(), told, strict=True))

    def _counts(self, rows: Ints) -> list[int]:
        found: list[int] = np.bincount(
            self.columns["government"][rows], minlength=self.count
        ).tolist()
        return found


def _entering(reading: Mask, told: Same, some: Mask, rank: Ints, c: Floats) -> Mask:
    """Which rows enter a reading, of those looked at: `rank` is where each row of the leaf stands
    among them."""
    if not len(told.at):
        return reading
    at = np.flatnonzero(some[told.at])
    place = rank[told.at[at]]
    enters = np.zeros(len(told.at), np.bool_)
    enters[at] = reading[place]
    weight = np.zeros(len(told.at))
    weight[at] = c[place]
    found = reading.copy()
    found[rank[told.at[losing(told, enters, weight)]]] = False
    return found
