"""What the law says of one government on any day at the head, from its legal facts folded once: the
law itself folds them and answers; never any I/O.

`docs/decisions/0023-sums-carried-through-the-days.md` says why.
"""

from bisect import bisect_right
from datetime import date
from itertools import compress, repeat
from typing import Any, Generic, Protocol, TypeVar

import msgspec
import numpy as np

from domain.floors import Floors
from domain.numbers import SURE
from domain.standing import Periods, Standing, Standings, conflicts
from domain.treaties import TREATIES
from projections.columnar.legal.legal import READINGS, Floor, facts_at
from projections.columnar.legal.milestones import CONFLICT
from projections.columnar.shelf.shelving import Leaf
from projections.columnar.terms.law import Law
from projections.columns import COUNTED_MAX

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Folded(Protocol[T_co]):
    """The law folded over facts."""

    def turns(self) -> set[date]:
        """The days on which it may come to say something else."""

    def on(self, day: date) -> T_co:
        """What it says on a day."""


class Lawful(msgspec.Struct, frozen=True):
    """What the law says of a government on a day: its floors of erosion in the three readings, and
    its standing under each treaty."""

    floors: tuple[Floor, ...]
    standings: dict[str, Standing]


class Told(Generic[T]):
    """What the law says on every day, asked once for each stretch of days on which it says the
    same."""

    def __init__(self, law: Folded[T]) -> None:
        self._days: list[date] = []
        self._told: list[T] = []
        for day in sorted({date.min, *law.turns()}):
            told = law.on(day)
            if not self._told or told != self._told[-1]:
                self._days.append(day)
                self._told.append(told)

    @property
    def size(self) -> int:
        """How many stretches there are."""
        return len(self._days)

    def on(self, day: date) -> T:
        """What it says on a day."""
        return self._told[bisect_right(self._days, day) - 1]


class Course:
    """The legal facts of one government, folded: its standings, and its floors in each reading.

    `folded_until`: from which day on facts are still to be folded in; None where all are. `size`:
    how many states and stretches are kept.
    """

    def __init__(
        self, periods: Periods, standings: dict[str, Standings], floors: list[Floors]
    ) -> None:
        self.periods, self.standings, self.floors = periods, standings, floors
        self.folded_until: date | None = None
        self.size = 0
        self._told_standings: dict[str, Told[Standing]] = {}
        self._told_floors: list[Told[Floor]] = []

    def close(self) -> "Course":
        """The same with all facts folded in, ready to be asked."""
        self.folded_until = None
        self._told_standings = {code: Told(one) for code, one in self.standings.items()}
        self._told_floors = [Told(one) for one in self.floors]
        self.size = sum(one.size for one in self.standings.values())
        self.size += sum(one.size for one in self.floors)
        self.size += sum(one.size for one in self._told_standings.values())
        self.size += sum(one.size for one in self._told_floors)
        return self

    def on(self, day: date) -> Lawful:
        """What the law says on a day."""
        standings = {code: one.on(day) for code, one in self._told_standings.items()}
        return Lawful(self.floors_on(day), standings)

    def floors_on(self, day: date) -> tuple[Floor, ...]:
        """The floors on a day."""
        return tuple([one.on(day) for one in self._told_floors])

    def until(self, day: date) -> "Course":
        """The same of what happened before a day; this stays as it is."""
        if self.folded_until is not None:
            day = min(day, self.folded_until)
        found = Course(
            self.periods,
            {code: one.until(day) for code, one in self.standings.items()},
            [one.until(day) for one in self.floors],
        )
        found.folded_until = day
        return found


def course_at(leaf: Leaf, place: int, law: Law, words: tuple[list[Any], ...]) -> Course:
    """The course of the government at a place of a leaf of rows believed at the head, which the
    leaf keeps; of a government that was touched only what happened since is folded anew."""
    code = leaf.governments[place]
    found: Course | None = leaf.courses.get(code)
    if found is None or found.folded_until is not None:
        found = leaf.courses[code] = _folded(leaf, place, law, words, found)
    return found


def _folded(
    leaf: Leaf, place: int, law: Law, words: tuple[list[Any], ...], earlier: Course | None
) -> Course:
    code, own = leaf.governments[place], slice(*leaf.legal_bounds[place : place + 2].tolist())
    legal = {name: column[own] for name, column in leaf.legal.items()}
    counted, role = legal["status"] <= COUNTED_MAX, legal["role"]
    rows = np.flatnonzero(counted & (role[:, 4] == CONFLICT))
    periods = conflicts(facts_at(repeat(code, len(rows)), legal, words, rows), code, date.max)
    course = _begun(periods, law)
    begin = 0
    if earlier is not None and earlier.folded_until is not None and earlier.periods == periods:
        course = earlier.until(earlier.folded_until)
        begin = int(np.searchsorted(legal["day"], earlier.folded_until.toordinal()))
    rows = np.arange(begin, len(counted))
    facts = facts_at(repeat(code, len(rows)), legal, words, rows)
    for fact in compress(facts, counted[rows].tolist()):
        course.standings[fact.treaty].take(fact)
    is_stage, status, q = role[rows, 8] == 1, legal["status"][rows], legal["q"][rows]
    readings = counted[rows], (status == 0) & (q >= SURE), status >= 0
    for floors, reading in zip(course.floors, readings, strict=True):
        for fact in compress(facts, (reading & is_stage).tolist()):
            floors.take(fact)
    return course.close()


def _begun(periods: Periods, law: Law) -> Course:
    standings = {code: Standings(treaty, periods) for code, treaty in TREATIES.items()}
    return Course(periods, standings, [Floors(periods, law.weights) for _ in READINGS])
