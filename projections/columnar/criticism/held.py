"""Joint statements that have a row of their own in the matrix of Criticism, all at hand at once;
never any I/O."""

from functools import cached_property

import numpy as np

from projections.columnar.criticism.alone import RECORDED, Alone, alone_in, gathered, rows_of
from projections.columnar.criticism.jointly import (
    Jointly,
    Leads,
    Row,
    Wanted,
    counted,
    objections_in,
    ranked,
)
from projections.columnar.criticism.saying import JointCells, Leafed, joined
from projections.columnar.shelf.addressing import Column
from projections.columnar.shelf.pointing import Point
from projections.columnar.shelf.shelving import Shelf
from projections.columns import Ints, Mask


class Told:
    """The joint statements that several claims tell of, of which `cells` are all that is known."""

    def __init__(self, cells: JointCells) -> None:
        self.cells = cells
        order = np.lexsort((cells.since, cells.key))
        self.key, starts = np.unique(cells.key[order], return_index=True)
        first = order[starts]
        self.since, self.lead = cells.since[first], cells.lead[first]
        self.position = cells.first[first]
        self.at = np.searchsorted(self.key, cells.key)
        self.signed = np.zeros(len(self.key), np.int64)
        np.maximum.at(self.signed, self.at, cells.signed)
        self.targets = np.bincount(self.at, minlength=len(self.key))

    def having(self, cells: Mask) -> Mask:
        """Which of them have one of some cells."""
        found = np.zeros(len(self.key), np.bool_)
        found[self.at[cells]] = True
        return found


class Held(Jointly):
    """The joint statements of leaves that are at hand."""

    def __init__(self, shelf: Shelf, at: Point, wanted: Wanted, kept: Alone | None) -> None:
        """`kept`: the statements that one claim tells of, where they are at hand for all days."""
        super().__init__(shelf.law, shelf.critics, at, wanted)
        self._happenings, self._kept = shelf.words.lists[3], kept
        self._parts: list[dict[str, Column]] = []
        self._cells: list[JointCells] = []

    def _take(self, leafed: Leafed, places: Ints) -> None:
        cells = leafed.joint_cells(0)
        cells.target = places[cells.target]
        self._cells.append(cells)
        if self._kept is None:
            rows = np.flatnonzero(alone_in(leafed.leaf, self.at))
            found = rows_of(leafed.leaf, rows, 0)
            found["place"] = places[found["place"]].astype(np.int16)
            self._parts.append(found)

    @cached_property
    def alone(self) -> Alone:
        """Those that one claim tells of."""
        return gathered(self._parts) if self._kept is None else self._kept.until(self.at.day)

    @cached_property
    def told(self) -> Told:
        """Those that several claims tell of."""
        return Told(joined(self._cells))

    @property
    def count(self) -> int:
        """See `Jointly`."""
        return len(self.alone.since) + len(self.told.key)

    @property
    def cells_count(self) -> int:
        """See `Jointly`."""
        return len(self.alone.statement) + len(self.told.cells.key)

    @cached_property
    def leads(self) -> Leads:
        """See `Jointly`."""
        alone, told, objections = self.alone, self.told, objections_in(self.law)
        some = self._towards()
        against = (
            np.isin(alone.row, objections),
            told.having(np.isin(told.cells.row, objections)),
        )
        return Leads(
            counted(alone.lead) + counted(told.lead),
            *(
                counted(alone.lead[one]) + counted(told.lead[other])
                for one, other in (some, against)
            ),
        )

    def heard(self, count: int) -> tuple[list[int], list[int]]:
        """See `Jointly`."""
        told, unnamed = self.alone.heard(count)
        return told.tolist(), unnamed.tolist()

    def _towards(self) -> tuple[Mask, Mask]:
        if not self.wanted.government:
            return np.ones(len(self.alone.since), np.bool_), np.ones(len(self.told.key), np.bool_)
        told = self.told.having(self.told.cells.target == self.place)
        return self.alone.towards(self.place), told

    @cached_property
    def _drawn(self) -> tuple[Ints, Ints, Ints]:
        """Those that are drawn: the places of those that one claim tells of, then of those that
        several tell of, and the places of both, one after the other, in the order of the page."""
        alone, told = map(np.flatnonzero, self._towards())
        lead = np.concatenate([self.alone.lead[alone], self.told.lead[told]]).astype(np.int64)
        targets = np.concatenate([self.alone.targets[alone], self.told.targets[told]])
        since = np.concatenate([self.alone.since[alone], self.told.since[told]])
        rank = np.where(since > self.wanted.after, 0, -1)
        if self.wanted.rank is not None and len(lead):
            width = int(targets.max()) + 1
            group = lead * width + targets
            groups = np.flatnonzero(np.bincount(group))
            table = np.zeros(int(groups[-1]) + 1, np.int64)
            table[groups] = ranked(self.critics, groups, width, self.wanted.rank)
            rank = table[group]
        some = _first(rank, since, self.wanted.rows_max)
        is_alone = some < len(alone)
        chosen = alone[some[is_alone]], told[some[~is_alone] - len(alone)]
        before = np.cumsum(is_alone) - 1, np.cumsum(~is_alone) - 1 + len(chosen[0])
        return *chosen, np.where(is_alone, *before)

    @cached_property
    def rows(self) -> list[Row]:
        """See `Jointly`."""
        some, several, order = self._drawn
        alone, told = self.alone, self.told
        since = alone.since[some]
        columns = (
            (-1 - (since & RECORDED), told.key[several]),
            (alone.lead[some], told.lead[several]),
            (alone.targets[some], told.targets[several]),
            (alone.signed[some], told.signed[several]),
            (since, told.since[several]),
            (alone.position[some], told.position[several]),
        )
        both = (np.concatenate(pair)[order].tolist() for pair in columns)
        return [Row(*map(int, values)) for values in zip(*both, strict=True)]

    @cached_property
    def names(self) -> dict[int, str]:
        """See `Jointly`."""
        return {row.key: self._happenings[row.key] for row in self.rows if row.key >= 0}

    @cached_property
    def cells(self) -> JointCells:
        """See `Jointly`."""
        some, several, _ = self._drawn
        cells = self.told.cells
        mine = cells.some(np.isin(cells.key, self.told.key[several]))
        return joined([self.alone.cells(np.sort(some)), mine])


def _first(rank: Ints, since: Ints, count: int | None) -> Ints:
    """The first so many by rank, equals by when they were made; those of rank -1 are left out."""
    some = np.flatnonzero(rank >= 0)
    if count is not None and len(some) > count:
        until = int(np.searchsorted(np.cumsum(np.bincount(rank[some])), count))
        before, equal = some[rank[some] < until], some[rank[some] == until]
        left = count - len(before)
        last = np.partition(since[equal], left - 1)[left - 1]
        some = np.concatenate([before, equal[since[equal] <= last]])
    found: Ints = some[np.lexsort((since[some], rank[some]))]
    return found
