"""Joint statements that have a row of their own in the matrix of Criticism: which of very many are
kept, and in what order they are told; never any I/O."""

from collections import Counter
from datetime import date
from typing import Final

import msgspec
import numpy as np

from projections.columnar.criticism.saying import JointCells
from projections.columnar.shelf.addressing import Column
from projections.columnar.shelf.shelving import WHEN_BITS
from projections.columns import Ints, Mask

_RECORDED: Final = (1 << WHEN_BITS) - 1


class Wanted(msgspec.Struct, frozen=True):
    """Which joint statements are kept: those after a place in order of happening, of which the
    first `rows_max` and one more, or, where `each_max` is given, so many of every first voice and
    number of targets; with a `government` those that address it alone, and what they say of it."""

    after: int = -1
    rows_max: int | None = None
    each_max: int | None = None
    government: str = ""

    def kept(self, cells: JointCells, alone: Column, place: int) -> Mask:
        """The cells of a leaf to keep, given how many governments the statements of single claims
        address, and the place of the government; those that several claims tell of all are, because
        other leaves may know more of them."""
        is_alone = cells.key < 0
        kept = is_alone & (cells.since > self.after)
        if self.government:
            kept &= cells.target == place
        some = np.flatnonzero(kept)
        since = cells.since[some]
        if self.rows_max is not None:
            kept[some] = _among_first(since, self.rows_max + 1)
        if self.each_max is not None:
            targets = alone[-1 - cells.key[some]]
            kept[some] = first_of_each(self.each_max, cells.lead[some], targets, since)
        found: Mask = kept | ~is_alone
        return found


class Row(msgspec.Struct, frozen=True):
    """A joint statement that has a row of its own: its key and who speaks first, how many
    governments it addresses, how many signed, and where its first claim stands."""

    key: int
    lead: int
    targets: int
    signed: int
    since: int
    position: int

    @property
    def day(self) -> date:
        """The representative day of its first claim."""
        return date.fromordinal(self.since >> WHEN_BITS)

    @property
    def recorded(self) -> int:
        """Where its first claim was recorded."""
        return self.since & _RECORDED


class JointRows:
    """The joint statements that are kept, of which `cells` are all that is known; `alone` is how
    many governments those of single claims address, by where they were recorded."""

    def __init__(self, cells: JointCells, alone: Column, wanted: Wanted, place: int) -> None:
        self.cells, self.wanted = cells, wanted
        order = np.lexsort((cells.since, cells.key))
        self.key, starts = np.unique(cells.key[order], return_index=True)
        first = order[starts]
        self.since, self.lead = cells.since[first], cells.lead[first]
        self.position = cells.first[first]
        self.at = np.searchsorted(self.key, cells.key)
        self.is_told = self.key >= 0
        self.signed = np.zeros(len(self.key), np.int64)
        np.maximum.at(self.signed, self.at, cells.signed)
        self.targets = np.bincount(self.at, minlength=len(self.key))
        is_alone = ~self.is_told
        self.targets[is_alone] = alone[-1 - self.key[is_alone]]
        self._towards: Mask = np.ones(len(self.key), np.bool_)
        if wanted.government:
            self._towards = self._with(cells.target == place)

    @property
    def several(self) -> int:
        """How many there are that several claims tell of."""
        return int(self.is_told.sum())

    @property
    def several_cells(self) -> int:
        """How many cells those have."""
        return int(self.is_told[self.at].sum())

    def leads(self, *, towards: bool) -> Counter[int]:
        """Who speaks first in those that several claims tell of, `towards` the government alone."""
        return self._led(self._towards if towards else np.ones(len(self.key), np.bool_))

    def leads_with(self, rows: list[int]) -> Counter[int]:
        """The same of those of which a cell has one of these instruments for its strongest."""
        return self._led(self._with(np.isin(self.cells.row, rows)))

    def shown(self) -> list[Row]:
        """Those that are wanted, in order of happening."""
        mask = self._towards & (self.since > self.wanted.after)
        some = np.flatnonzero(mask)
        if self.wanted.each_max is not None:
            each = self.lead[some], self.targets[some], self.since[some]
            some = some[first_of_each(self.wanted.each_max, *each)]
        some = some[np.argsort(self.since[some])]
        if self.wanted.rows_max is not None:
            some = some[: self.wanted.rows_max + 1]
        columns = (self.key, self.lead, self.targets, self.signed, self.since, self.position)
        return [Row(*values) for values in zip(*(c[some].tolist() for c in columns), strict=True)]

    def _with(self, cells: Mask) -> Mask:
        found = np.zeros(len(self.key), np.bool_)
        found[self.at[cells]] = True
        return found

    def _led(self, rows: Mask) -> Counter[int]:
        return Counter(self.lead[rows & self.is_told].tolist())


def first_of_each(count: int, lead: Ints, targets: Column, since: Ints) -> Mask:
    """The cells of the first so many statements of each first voice and number of targets."""
    order = np.lexsort((since, targets, lead))
    group_begins = np.ones(len(order), np.bool_)
    group_begins[1:] = np.diff(lead[order]) != 0
    group_begins[1:] |= np.diff(targets[order].astype(np.int64)) != 0
    row_begins = group_begins.copy()
    row_begins[1:] |= np.diff(since[order]) != 0
    row = np.cumsum(row_begins)
    group = np.cumsum(group_begins) - 1
    found = np.zeros(len(order), np.bool_)
    found[order] = row - row[np.flatnonzero(group_begins)][group] < count
    return found


def _among_first(values: Ints, count: int) -> Mask:
    """Which values are among the first so many different ones."""
    some = np.unique(values)
    if len(some) <= count:
        return np.ones(len(values), np.bool_)
    found: Mask = values <= some[count - 1]
    return found
