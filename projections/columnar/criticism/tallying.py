"""What critics said of the governments of one leaf on any day at the head, where every joint
statement is told with each of its speakers: a cell of the matrix is the beginning of a line of
pairs; the same as `saying.py` gives, and never any I/O.
"""

from typing import Final

import numpy as np

from projections.columnar.criticism.saying import NONE, Cells
from projections.columnar.numbers.lining import Lines, lines_of
from projections.columnar.shelf.addressing import JOINT, UNNAMED
from projections.columnar.shelf.narrowing import Column
from projections.columnar.shelf.shelving import WHEN_BITS, Leaf
from projections.columns import COUNTED_MAX, Ints, Mask

_RECORDED: Final = (1 << WHEN_BITS) - 1


class Tallied:
    """The pairs of critics and governments of a leaf believed at the head, counted along each cell
    in order of happening.

    `_told` counts the happenings, `_joint` the joint statements among claims that tell no happening
    with others, before each pair; `_strongest` is the row of the law of the strongest instrument up
    to each.
    """

    def __init__(self, leaf: Leaf, ranks: Ints) -> None:
        """`ranks`: of the rows of the law, the greater the stronger the instrument."""
        self.leaf, self.count = leaf, len(leaf.governments)
        pairs, columns = leaf.addressed, leaf.columns
        at, cell = pairs.at, pairs.cell.astype(np.int64)
        self._lines = lines_of(cell, columns["day"][at].astype(np.int64))
        self._cells = np.arange(len(pairs.critics))
        self._starts = self._lines.begins(self._cells)
        happening = columns["happening"][at]
        is_first = _firsts(cell, happening)
        is_joint = (columns["manner"][at] & JOINT) > 0
        self._told = _running(is_first)
        self._joint = _running(is_joint & (happening < 0))
        self._strongest = _strongest(cell, columns["row"][at], columns["recorded"][at], ranks)
        same = np.flatnonzero(is_first & (happening >= 0))
        self._same_cell, self._same_happening = cell[same], happening[same].astype(np.int64)
        self._same_day = columns["day"][at[same]]
        self._together_day, self._together = self._told_jointly()
        rows = np.unique(at)
        self._heard = self._heard_in(rows)
        self._unnamed = self._heard_in(rows[(columns["manner"][rows] & UNNAMED) > 0])

    @property
    def size_bytes(self) -> int:
        """How much memory it takes."""
        arrays = (
            self._lines.keys, self._cells, self._starts, self._told, self._joint, self._strongest,
            self._same_cell, self._same_happening, self._heard.keys, self._unnamed.keys,
        )  # fmt: skip
        return sum(array.nbytes for array in arrays)

    def _told_jointly(self) -> tuple[Ints, Ints]:
        """The happenings that claims declared the same as others tell in which several speak, by
        the day of the claim."""
        at, columns = self.leaf.told.at, self.leaf.columns
        mask = ((columns["manner"][at] & JOINT) > 0) & (columns["kind"][at] % 2 == 0)
        at = at[mask & (columns["status"][at] <= COUNTED_MAX)]
        at = at[np.argsort(columns["day"][at])]
        return columns["day"][at].astype(np.int64), columns["happening"][at].astype(np.int64)

    def _heard_in(self, rows: Ints) -> Lines:
        """The first row of each happening of each government, in lines of governments."""
        columns = self.leaf.columns
        government = columns["government"][rows].astype(np.int64)
        day = columns["day"][rows].astype(np.int64)
        order = np.lexsort((columns["recorded"][rows], day, government))
        rows, government, day = rows[order], government[order], day[order]
        some = np.flatnonzero(_firsts(government, columns["happening"][rows]))
        return lines_of(government[some], day[some])

    def on(self, day: int) -> "Tally":
        """What was said by a day."""
        return Tally(self, day)


class Tally:
    """The cells of one day; see `saying.Leafed`."""

    def __init__(self, tallied: Tallied, day: int) -> None:
        self._of, self._day = tallied, day
        self._ends = tallied._lines.ends(tallied._cells, day)
        self._some = np.flatnonzero(self._ends > tallied._starts)

    def told_joint(self) -> Ints:
        """The happenings that claims declared the same as others tell, in any of which several
        speak."""
        count = int(np.searchsorted(self._of._together_day, self._day, side="right"))
        return self._of._together[:count]

    def settle(self, together: Ints) -> None:
        """Say in which happenings several speak."""
        of = self._of
        is_joint = (of._same_day <= self._day) & np.isin(of._same_happening, together)
        self._same = np.bincount(of._same_cell[is_joint], minlength=len(of._cells))

    def cells(self, offset: int) -> tuple[Ints, ...]:
        """The columns of `Cells`; the places of governments begin at `offset`."""
        of, some, columns = self._of, self._some, self._of.leaf.columns
        if not len(some):
            return (NONE,) * len(Cells.__struct_fields__)
        pairs, starts, ends = of.leaf.addressed, of._starts[some], self._ends[some]
        last = pairs.at[ends - 1]
        return (
            pairs.critics[some].astype(np.int64),
            pairs.governments[some].astype(np.int64) + offset,
            (of._told[ends] - of._told[starts]).astype(np.int64),
            of._joint[ends] - of._joint[starts] + self._same[some],
            ends - starts,
            of._strongest[ends - 1].astype(np.int64),
            *(columns[name][last].astype(np.int64) for name in ("day", "recorded", "position")),
        )

    def heard(self) -> tuple[list[int], list[int], list[int]]:
        """Of each government the happenings that tell of it, those in which more signed than are
        named, and its critics."""
        of = self._of
        places = np.arange(of.count)
        told, unnamed = (
            (one.ends(places, self._day) - one.begins(places)).tolist()
            for one in (of._heard, of._unnamed)
        )
        heard = of.leaf.addressed.governments[self._some]
        return told, unnamed, np.bincount(heard, minlength=of.count).tolist()

    def named(self, several: set[int]) -> tuple[Ints, Ints]:
        """Who speaks, and where that was recorded, of critics that claims name in several ways."""
        of, pairs = self._of, self._of.leaf.addressed
        wanted = np.array(sorted(several), np.int64)
        some = self._some[np.isin(pairs.critics[self._some], wanted)]
        sizes = self._ends[some] - of._starts[some]
        before = np.cumsum(sizes) - sizes
        at = np.arange(int(sizes.sum())) + np.repeat(of._starts[some] - before, sizes)
        return pairs.speaker[at], of.leaf.columns["recorded"][pairs.at[at]]

    def said_at_all(self) -> tuple[Ints, Ints]:
        """Every critic with each government that they spoke of, by its place on the leaf."""
        pairs = self._of.leaf.addressed
        critics, places = pairs.critics[self._some], pairs.governments[self._some]
        return critics.astype(np.int64), places.astype(np.int64)


def _running(some: Mask) -> Column:
    """How many there are before each place."""
    found = np.zeros(len(some) + 1, np.int32)
    np.cumsum(some, out=found[1:])
    return found


def _firsts(group: Ints, happening: Column) -> Mask:
    """Which rows are the first of a group to tell of their happening; those that tell of none with
    others are."""
    found: Mask = happening < 0
    some = np.flatnonzero(~found)
    if len(some):
        width = int(happening.max()) + 1
        found[some[np.unique(group[some] * width + happening[some], return_index=True)[1]]] = True
    return found


def _strongest(cell: Ints, row: Column, recorded: Column, ranks: Ints) -> Column:
    """The row of the law of the strongest instrument up to each pair of a cell, the one recorded
    first of claims that are the same one."""
    if not len(cell):
        return row
    strength = (ranks[row] << WHEN_BITS) + (_RECORDED - recorded.astype(np.int64))
    order = np.argsort(strength, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    most = np.maximum.accumulate(cell * len(order) + place) - cell * len(order)
    return row[order[most]]


def tally_on(leaf: Leaf, ranks: Ints, day: int) -> Tally | None:
    """The cells of a day, of a leaf believed at the head, which keeps them for all days; None until
    it is asked about twice."""
    if not leaf.is_present:
        return None
    kept = leaf.said.copy()  # others may ask at once
    if not kept:
        leaf.said[:] = [None]
        return None
    if len(kept) == 1:
        kept.append(Tallied(leaf, ranks))
        leaf.said[:] = kept
    tallied: Tallied = kept[1]
    return tallied.on(day)
