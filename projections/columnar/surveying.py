"""The numbers of every government on a day, as known at any point, from a shelf: a few passes over
each leaf; never any I/O, and never a law of its own.

Rows stand in the order of the reckoning whatever is asked, so that how often somebody repeated
themselves is counted by one running sum over the rows that enter.
"""

from collections.abc import Collection, Iterator
from datetime import date
from functools import cached_property
from itertools import compress
from math import fsum
from typing import Final

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.facts import Facts
from domain.numbers import SURE, floor_of
from projections.board import ClaimCounts
from projections.columnar.entering import EXACT_ROWS_MAX, MEASURES_AT, Floats, decays
from projections.columnar.figures import Latest, Reckoned, eroded_figure, voiced_figure
from projections.columnar.law import Law
from projections.columnar.legal import NO_FLOORS, Floor, facts_at
from projections.columnar.milestones import CONFLICT
from projections.columnar.presenting import at_head
from projections.columnar.shelving import WHEN_BITS, Column, Leaf, Same, Shelf
from projections.columnar.winnowing import winnowed
from projections.columns import COUNTED_MAX, Ints, Mask, microseconds

FACTS_KEPT_MAX: Final = 8192
"""How many legal facts a leaf keeps as the law reads them, before it begins anew."""
SPREAD: Final = ("day", "position", "position_to", "known", "known_to")
"""The columns that say when a row is believed, and since when it had happened."""
VOICED: Final = ("pressure", "backing")
"""The numbers of the voiced rows, in the order of the lowest bit of their `kind`."""


class Point(msgspec.Struct, frozen=True):
    """A day and a point of knowledge, in numbers: a moment in microseconds since 1970, or None and
    a position; of the log no more counts than its first `until` events."""

    day: int
    moment: int | None
    position: int
    until: int


def point(on: date, known_at: KnownAt, until: int) -> Point:
    """The point of two clocks, of a log of which so many events are looked at."""
    moment = None if known_at.moment is None else microseconds(known_at.moment)
    position = until if known_at.position is None else min(known_at.position, until)
    return Point(on.toordinal(), moment, position, until)


def believed_at(shelf: Shelf, on: date, known_at: KnownAt, until: int) -> tuple[Shelf, Point]:
    """The leaves to look at for two clocks, and the point to look at them from."""
    at = point(on, known_at, until)
    return at_head(shelf, at.position) if at.moment is None else shelf, at


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


def milestones_on(
    shelf: Shelf, on: date, known_at: KnownAt, *, until: int, only: Collection[str]
) -> list[Facts]:
    """The facts that the standings of some governments follow from, as `survey` gives them."""
    shelf, at = believed_at(shelf, on, known_at, until)
    leaves = [leaf for leaf in shelf.leaves if not set(only).isdisjoint(leaf.governments)]
    return [fact for leaf in leaves for fact in _Leafed(leaf, shelf, on, at).milestones(set(only))]


def seen_on(leaf: Leaf, at: Point, rows: slice | Ints = slice(None)) -> Mask:
    """The rows of a leaf, or some of them, that are believed at a point and had happened."""
    if leaf.is_present:
        found: Mask = leaf.columns["day"][rows] <= at.day
        return found
    return seen_rows({name: leaf.columns[name][rows] for name in SPREAD}, at)


def seen_rows(columns: dict[str, Column], at: Point) -> Mask:
    """The rows believed at a point of claims that had happened by its day."""
    position, position_to = columns["position"], columns["position_to"]
    seen: Mask = columns["day"] <= at.day
    seen &= position <= at.position
    if at.moment is None:
        seen &= position_to > at.position
    else:
        seen &= columns["known"] <= at.moment
        seen &= (columns["known_to"] > at.moment) | (position_to > at.until)
    return seen


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
        seen, columns = np.flatnonzero(self.seen), self.columns
        government = columns["government"][seen].astype(np.int64)
        status = columns["status"][seen]
        tallies = np.bincount(government * 3 + status, minlength=3 * self.count).tolist()
        latest = self._latest(seen[status <= COUNTED_MAX])
        totals, spoke = self._voiced()
        totals["erosion"], acting = self._eroding()
        heard = self._latest(spoke)
        voices = self._counts(spoke)
        acts = self._counts(acting)
        for place, (floors, milestones) in enumerate(self._legal()):
            code = self.leaf.governments[place]
            if only is not None and code not in only:
                continue
            sums = {m: (one[0][place], one[1][place], one[2][place]) for m, one in totals.items()}
            accepted, contested, pending = tallies[3 * place : 3 * place + 3]
            yield (
                code,
                Reckoned(
                    erosion=eroded_figure(sums["erosion"], floors),
                    pressure=voiced_figure(sums["pressure"]),
                    backing=voiced_figure(sums["backing"]),
                    claims=ClaimCounts(accepted=accepted, pending=pending, contested=contested),
                    latest=latest.get(place),
                    legal=milestones,
                    sums={measure: sums[measure] for measure in MEASURES_AT},
                    floors=tuple(floors),
                    floor=floors[0][0],
                    floor_at=None if floors[0][1] is None else int(floors[0][1]),
                    acts=acts[place] + (floors[0][1] is not None),
                    voices=voices[place],
                    heard=heard.get(place),
                ),
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

    def _facts(self, rows: Ints) -> list[Facts]:
        """What some legal rows say; those told last are kept on the leaf."""
        leaf, kept = self.leaf, self.leaf.facts
        if len(kept) > FACTS_KEPT_MAX:
            kept.clear()
        held = [kept.get(row) for row in rows.tolist()]
        new = rows[[fact is None for fact in held]]
        codes = [leaf.governments[place] for place in leaf.legal["government"][new].tolist()]
        made = facts_at(codes, leaf.legal, self.shelf.words.lists, new)
        kept.update(zip(new.tolist(), made, strict=True))
        rest = iter(made)
        return [next(rest) if fact is None else fact for fact in held]

    def _sums(self, c: Floats, kind: Column, count: int) -> list[float]:
        """The sum of each kind, to the last bit on a small leaf."""
        if self.leaf.size > EXACT_ROWS_MAX:
            found: list[float] = np.bincount(kind, weights=c, minlength=count).tolist()
            return found
        terms: list[list[float]] = [[] for _ in range(count)]
        for one, value in zip(kind.tolist(), c.tolist(), strict=True):
            terms[one].append(value)
        return [fsum(some) for some in terms]

    def _latest(self, rows: Ints) -> dict[int, Latest]:
        """The latest of some rows of each government that has any."""
        columns = self.columns
        government = columns["government"][rows]
        when = columns["day"][rows].astype(np.int64) << WHEN_BITS
        when += columns["recorded"][rows]
        last = np.full(self.count, -1, np.int64)
        np.maximum.at(last, government, when)
        found = {}
        for row in rows[when == last[government]].tolist():
            found[int(columns["government"][row])] = Latest(
                *(int(columns[name][row]) for name in ("day", "recorded", "position"))
            )
        return found

    def _counts(self, rows: Ints) -> list[int]:
        found: list[int] = np.bincount(
            self.columns["government"][rows], minlength=self.count
        ).tolist()
        return found

    def milestones(self, only: Collection[str]) -> list[Facts]:
        """The facts that the standings of some governments follow from."""
        leaf, legal = self.leaf, self.leaf.legal
        bounds = leaf.legal_bounds.tolist()
        own = [
            np.arange(bounds[place], bounds[place + 1])
            for place, code in enumerate(leaf.governments)
            if code in only
        ]
        rows = np.concatenate(own)
        rows = rows[seen_rows({name: legal[name][rows] for name in SPREAD}, self.at)]
        rows = winnowed(legal, rows, self.count)
        return self._facts(rows[legal["status"][rows] <= COUNTED_MAX])

    def _legal(self) -> Iterator[tuple[list[Floor], tuple[Facts, ...]]]:
        """The floors of each government, and the facts that its standings follow from."""
        leaf, legal = self.leaf, self.leaf.legal
        rows = winnowed(legal, np.flatnonzero(seen_rows(legal, self.at)), self.count)
        bounds = np.searchsorted(rows, leaf.legal_bounds).tolist()
        role, status = legal["role"][rows], legal["status"][rows]
        counted, is_stage = status <= COUNTED_MAX, role[:, 8] == 1
        sure = (status == 0) & (legal["q"][rows] >= SURE)
        reports = (counted & (role[:, 4] == CONFLICT)).tolist()
        readings = [(is_stage & one).tolist() for one in (counted, sure, status >= 0)]
        counts, facts = counted.tolist(), self._facts(rows)
        for place, code in enumerate(leaf.governments):
            own = slice(bounds[place], bounds[place + 1])
            some = facts[own]
            if not some:
                yield NO_FLOORS, ()
                continue
            about = list(compress(some, reports[own]))
            floors: dict[tuple[bool, ...], Floor] = {}
            found = []
            for reading in readings:
                which = tuple(reading[own])
                if which not in floors:
                    stages = list(compress(some, which))
                    floors[which] = floor_of(stages, about, code, self.on, self.law.weights)
                found.append(floors[which])
            yield found, tuple(compress(some, counts[own]))


def losing(told: Same, enters: Mask, weight: Floats) -> Mask:
    """Of rows declared the same as others, of which some enter with so much weight, those that do
    not: of each group only the one that weighs most does, the earliest of equals."""
    if not len(told.at):
        return enters
    weight = np.where(enters, weight, -1.0)
    most = np.maximum.reduceat(weight, told.starts)
    is_most = enters & (weight == most[told.group])
    order = np.where(is_most, np.arange(len(is_most)), len(is_most))
    first = np.minimum.reduceat(order, told.starts)
    loses = enters.copy()
    loses[first[first < len(order)]] = False
    return loses


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
