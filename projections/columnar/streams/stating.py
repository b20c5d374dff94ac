"""Joint statements that have a row of their own in the matrix of Criticism, which pass by in order
of happening, however many there are; never any I/O of its own."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Final

import msgspec
import numpy as np

from projections.columnar.criticism.alone import RECORDED, alone_in, rows_of
from projections.columnar.criticism.jointly import (
    Jointly,
    Leads,
    Row,
    Wanted,
    counted,
    objections_in,
    ranked,
)
from projections.columnar.criticism.saying import JointCells, Leafed, grouped
from projections.columnar.shelf.addressing import Critics
from projections.columnar.shelf.pointing import Point
from projections.columnar.shelf.shelving import WHEN_BITS
from projections.columnar.streams.happenings import Happenings
from projections.columnar.streams.orders import Order, Orders, Table, unparted
from projections.columnar.terms.law import Law
from projections.columns import Ints, Mask

STATED: Final = np.dtype(
    [
        *((name, "i8") for name in ("key", "since", "recorded", "position", "first")),
        *((name, "i4") for name in ("claims", "row", "day", "lead", "signed")),
        ("target", "i2"),
        ("is_unnamed", "?"),
    ]
)
"""A cell of a statement (see `saying.JointCells`); `is_unnamed`, of one that one claim alone tells
of: whether more signed than are named."""
_WIDTH: Final = 1 << 16
"""More governments than a statement can address."""


class _Counts(msgspec.Struct):
    """What is told of all statements once they passed by: how many there are and who leads them,
    how many of those that are asked about are of each group (see `jointly.ranked`), and of each
    government how many one claim tells of."""

    statements: int
    leads: Leads
    groups: Counter[int]
    heard: Counter[int]
    unnamed: Counter[int]


class Stating(Jointly):
    """The joint statements of leaves that pass by."""

    def __init__(
        self, law: Law, critics: Critics, at: Point, wanted: Wanted, orders: Orders,
        happenings: Happenings,
    ) -> None:  # fmt: skip
        super().__init__(law, critics, at, wanted)
        self._happenings = happenings
        self._told = orders.order(STATED, ("key", "since"))
        self._stated = orders.order(STATED, ("since", "target"))

    def _take(self, leafed: Leafed, places: Ints) -> None:
        cells = leafed.joint_cells(0)
        told = np.zeros(len(cells.key), STATED)
        for name in JointCells.__struct_fields__:
            told[name] = getattr(cells, name)
        told["target"] = places[cells.target]
        self._told.put(told)
        some = np.flatnonzero(alone_in(leafed.leaf, self.at))
        rows = rows_of(leafed.leaf, some, 0)
        alone = np.zeros(len(some), STATED)
        for name in ("since", "row", "position", "lead", "signed", "is_unnamed"):
            alone[name] = rows[name]
        alone["target"] = places[rows["place"]]
        alone["day"], alone["recorded"] = rows["since"] >> WHEN_BITS, rows["since"] & RECORDED
        alone["key"], alone["claims"], alone["first"] = -1 - alone["recorded"], 1, rows["position"]
        self._stated.put(alone)

    @cached_property
    def _ordered(self) -> Order:
        """All cells in order of happening of their statements: no two of these are told first by
        the same claim, so that `since` tells them apart."""
        for told in unparted(self._told.read(), "key"):
            starts, own = grouped(told["key"])
            signed = np.maximum.reduceat(told["signed"], starts)
            together = told.copy()
            for name in ("since", "first", "lead"):  # as its first claim tells
                together[name] = told[name][starts][own]
            together["signed"] = signed[own]
            self._stated.put(together)
        return self._stated

    def _statements(self) -> Iterator[tuple[Table, Ints, Ints]]:
        """The cells of some statements at a time, where each of these begins, and the group it is
        of."""
        for rows in unparted(self._ordered.read(), "since"):
            starts, _ = grouped(rows["since"])
            sizes = np.diff(starts, append=len(rows))
            yield rows, starts, rows["lead"][starts].astype(np.int64) * _WIDTH + sizes

    def _towards(self, rows: Table, starts: Ints) -> Mask:
        """Which statements address the government that is asked about."""
        if not self.wanted.government:
            return np.ones(len(starts), np.bool_)
        found: Mask = np.logical_or.reduceat(rows["target"] == self.place, starts)
        return found

    @cached_property
    def _counts(self) -> _Counts:
        objections = objections_in(self.law)
        every, towards, objecting = Counter[int](), Counter[int](), Counter[int]()
        found = _Counts(0, Leads(every, towards, objecting), Counter(), Counter(), Counter())
        for rows, starts, group in self._statements():
            lead, some = rows["lead"][starts], self._towards(rows, starts)
            against = np.logical_or.reduceat(np.isin(rows["row"], objections), starts)
            alone = rows[rows["key"] < 0]
            found.statements += len(starts)
            every.update(counted(lead))
            towards.update(counted(lead[some]))
            objecting.update(counted(lead[against]))
            groups, sizes = np.unique(group[some], return_counts=True)
            found.groups.update(dict(zip(groups.tolist(), sizes.tolist(), strict=True)))
            found.heard.update(counted(alone["target"]))
            found.unnamed.update(counted(alone["target"][alone["is_unnamed"]]))
        return found

    @property
    def count(self) -> int:
        """See `Jointly`."""
        return self._counts.statements

    @property
    def cells_count(self) -> int:
        """See `Jointly`."""
        return self._ordered.size

    @property
    def leads(self) -> Leads:
        """See `Jointly`."""
        return self._counts.leads

    def heard(self, count: int) -> tuple[list[int], list[int]]:
        """See `Jointly`."""
        told, unnamed = self._counts.heard, self._counts.unnamed
        return [told[place] for place in range(count)], [unnamed[place] for place in range(count)]

    @cached_property
    def _limits(self) -> tuple[Ints, Ints, int, int]:
        """The groups in order, the rank of each; before which rank statements are drawn, and how
        many of that rank."""
        counts, wanted = self._counts.groups, self.wanted
        groups = np.array(sorted(counts), np.int64)
        ranks = np.zeros(len(groups), np.int64)
        if wanted.rank is not None:
            ranks = ranked(self.critics, groups, _WIDTH, wanted.rank)
        totals = np.zeros(int(ranks.max(initial=-1)) + 1, np.int64)
        sizes = np.array([counts[group] for group in groups.tolist()], np.int64)
        np.add.at(totals, ranks[ranks >= 0], sizes[ranks >= 0])
        if wanted.rows_max is None or totals.sum() <= wanted.rows_max:
            return groups, ranks, len(totals), 0
        until = int(np.searchsorted(np.cumsum(totals), wanted.rows_max))
        return groups, ranks, until, wanted.rows_max - int(totals[:until].sum())

    @cached_property
    def _drawn(self) -> Table:
        """The cells of the statements that are drawn, in their order."""
        groups, ranks, until, left = self._limits
        parts, order = [np.empty(0, STATED)], [np.empty(0, np.int64)]
        for rows, starts, group in self._statements():
            some = self._towards(rows, starts) & (rows["since"][starts] > self.wanted.after)
            rank = np.full(len(starts), -1)
            rank[some] = ranks[np.searchsorted(groups, group[some])]
            equal = np.flatnonzero(rank == until)
            rank[rank > until] = rank[equal[left:]] = -1
            left = max(0, left - len(equal))
            own = np.repeat(rank, np.diff(starts, append=len(rows)))
            parts.append(rows[own >= 0])
            order.append(own[own >= 0])
        drawn: Table = np.concatenate(parts)[np.argsort(np.concatenate(order), kind="stable")]
        return drawn

    @cached_property
    def rows(self) -> list[Row]:
        """See `Jointly`."""
        drawn = self._drawn
        starts, _ = grouped(drawn["since"])
        columns = (
            *(drawn[name][starts] for name in ("key", "lead")),
            np.diff(starts, append=len(drawn)),
            *(drawn[name][starts] for name in ("signed", "since", "first")),
        )
        return [Row(*values) for values in zip(*(c.tolist() for c in columns), strict=True)]

    @cached_property
    def names(self) -> dict[int, str]:
        """See `Jointly`."""
        return self._happenings.names([row.key for row in self.rows if row.key >= 0])

    @cached_property
    def cells(self) -> JointCells:
        """See `Jointly`."""
        names = JointCells.__struct_fields__
        return JointCells(*(self._drawn[name].astype(np.int64) for name in names))
