"""Sums of terms that fade, carried through the days from mark to mark, so that the sum on any day
looks at few terms; it knows nothing of what is summed, and never does I/O."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from projections.columnar.shelf.narrowing import Column
from projections.columnar.terms.entering import Floats
from projections.columns import Ints

MARK_CHANGES: Final = 4096
"""After so many changes of terms the sums are marked: so many are added up at most for a day."""


class Lanes(msgspec.Struct):
    """Sums side by side, each of terms that fade alike: `half_life` of each in days, and the `cell`
    it is part of."""

    half_life: Floats
    cell: Ints


class Carried(msgspec.Struct):
    """How the sums of some lanes go through the days: changes in order of their days, what each
    adds to a lane on its day, and what the lanes came to after every so many, on the day of the
    last of these."""

    day: Column
    lane: Column
    adds: Floats
    marks: Floats
    marked: Ints
    lanes: Lanes

    @property
    def size_bytes(self) -> int:
        """How much memory it takes."""
        return sum(a.nbytes for a in (self.day, self.lane, self.adds, self.marks, self.marked))

    def on(self, day: int) -> Floats:
        """The sum of each lane on a day."""
        end = int(np.searchsorted(self.day, day, side="right"))
        mark = end // MARK_CHANGES
        half_life = self.lanes.half_life
        found: Floats = self.marks[mark] * np.exp2((self.marked[mark] - day) / half_life)
        since = slice(mark * MARK_CHANGES, end)
        found += _added(self.lane[since], self.day[since], self.adds[since], half_life, day)
        return found

    def total(self, lanes: Ints, days: Sequence[int]) -> list[float]:
        """What some lanes come to together on each of some days, in their order: what came since
        the day before is faded to the next and added to what is left by then."""
        half_life = self.lanes.half_life[lanes]
        ends = np.searchsorted(self.day, days, side="right")
        mark = int(ends[0]) // MARK_CHANGES
        own = np.full(len(self.lanes.half_life), -1)
        own[lanes] = np.arange(len(lanes))
        lane = own[self.lane[mark * MARK_CHANGES : ends[-1]]]
        some = np.flatnonzero(lane >= 0)
        lane, some = lane[some], some + mark * MARK_CHANGES
        which = np.searchsorted(ends, some, side="right")
        age = (self.day[some].astype(np.int64) - np.array(days)[which]) / half_life[lane]
        come = summed_up(
            which * len(lanes) + lane, self.adds[some] * np.exp2(age), len(days) * len(lanes)
        )
        held, since = self.marks[mark][lanes], int(self.marked[mark])
        found = []
        for day, new in zip(days, come.reshape(len(days), len(lanes)), strict=True):
            held = held * np.exp2((since - day) / half_life) + new
            since = day
            found.append(float(held.sum()))
        return found


def carried(day: Ints, lane: Ints, adds: Floats, lanes: Lanes) -> Carried:
    """The course of some changes of lanes."""
    order = np.argsort(day)
    days, lane, adds = day[order], lane[order], adds[order]
    half_life = lanes.half_life
    marks = [np.zeros(len(half_life))]
    marked = [0]
    for begin in range(0, len(days) - MARK_CHANGES + 1, MARK_CHANGES):
        some = slice(begin, begin + MARK_CHANGES)
        last = int(days[some][-1])
        left = marks[-1] * np.exp2((marked[-1] - last) / half_life)
        marks.append(left + _added(lane[some], days[some], adds[some], half_life, last))
        marked.append(last)
    narrow = np.uint16 if len(half_life) <= np.iinfo(np.uint16).max else np.int32
    return Carried(
        days.astype(np.int32), lane.astype(narrow), adds, np.array(marks), np.array(marked), lanes
    )


def _added(lane: Column, days: Column, adds: Floats, half_life: Floats, day: int) -> Floats:
    left = adds * np.exp2((days.astype(np.int64) - day) / half_life[lane])
    return summed_up(lane, left, len(half_life))


def summed_up(which: Column, values: Floats, count: int) -> Floats:
    """The sums of some values, of so many."""
    found: Floats = np.bincount(which, weights=values, minlength=count).astype(np.float64)
    return found
