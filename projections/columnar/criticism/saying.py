"""What critics said of the governments of one leaf, cell by cell, as known at one point; never any
I/O, and it knows nothing of other leaves but in which happenings several speak."""

from typing import Any, Final

import msgspec
import numpy as np

from projections.columnar.shelf.addressing import JOINT, UNNAMED, Column
from projections.columnar.shelf.pointing import Point, holding, seen_on
from projections.columnar.shelf.shelving import WHEN_BITS, Leaf
from projections.columns import COUNTED_MAX, Ints, Mask
from projections.criticism import Joint

NONE: Final = np.empty(0, np.int64)
_RECORDED: Final = (1 << WHEN_BITS) - 1


class Cells(msgspec.Struct):
    """The cells in which anything was said, as columns: critics by code, targets by their place
    among all governments, `row` of the law for the strongest instrument, and where the last claim
    stands."""

    critic: Ints
    target: Ints
    count: Ints
    joint: Ints
    claims: Ints
    row: Ints
    day: Ints
    recorded: Ints
    position: Ints


class JointCells(msgspec.Struct):
    """The cells of joint statements that have a row of their own, as `Cells` has them.

    `key`: the code of the happening, or of a claim that tells no happening with others (`alone.py`)
    the place of its recording as `-1 - recorded`. `since` and `first`: the first claim, in order of
    happening, and its position. `lead`: who speaks first in it. `signed`: how many signed at most.
    """

    key: Ints
    target: Ints
    claims: Ints
    row: Ints
    day: Ints
    recorded: Ints
    position: Ints
    since: Ints
    first: Ints
    lead: Ints
    signed: Ints

    def some(self, at: Any) -> "JointCells":
        """Those at some places."""
        return JointCells(*(getattr(self, name)[at] for name in self.__struct_fields__))


def joined(parts: list[JointCells]) -> JointCells:
    """Cells one after another."""
    names = JointCells.__struct_fields__
    return JointCells(*(np.concatenate([NONE, *(getattr(p, n) for p in parts)]) for n in names))


class Leafed:
    """What was said of the governments of one leaf."""

    def __init__(self, leaf: Leaf, ranks: Ints, at: Point, joint: Joint) -> None:
        """`ranks`: of the rows of the law, the greater the stronger the instrument."""
        self.leaf, self.mode, self.rank = leaf, joint, ranks
        self.count = len(leaf.governments)
        voiced = slice(leaf.voiced)
        self.columns = leaf.columns
        self.seen: Mask = seen_on(leaf, at, voiced)
        self.is_joint: Mask = (leaf.columns["manner"] & JOINT) > 0
        self.happening: Column = leaf.columns["happening"][voiced]
        self.everything = np.flatnonzero(self.seen[leaf.addressed.at])

    def told_joint(self) -> Ints:
        """The happenings that claims declared the same as others tell, in any of which several
        speak."""
        at, columns = self.leaf.told.at, self.columns
        mask = self.seen[at] & self.is_joint[at] & (columns["kind"][at] % 2 == 0)
        mask &= columns["status"][at] <= COUNTED_MAX
        found: Ints = self.happening[at[mask]].astype(np.int64)
        return found

    def settle(self, together: Ints) -> None:
        """Say in which happenings several speak, and leave out what is not asked about."""
        at = self.leaf.told.at
        self.is_joint[at] = False
        self.is_joint[at[holding(self.happening[at], together)]] = True
        pairs, some = self.leaf.addressed, self.everything
        if self.mode != "each":
            some = some[self.is_joint[pairs.at[some]] == (self.mode == "only")]
        self.some, self.rows = some, pairs.at[some]
        self.starts, self.group = grouped(pairs.cell[some])
        self.own = pairs.cell[some][self.starts]
        rows = self._voiced() if self.mode == "one" else NONE
        self._settle_rows(rows[self.is_joint[rows] & (self.happening[rows] >= 0)])

    def _voiced(self) -> Ints:
        """The rows in which anybody speaks."""
        is_told = np.zeros(self.leaf.voiced, np.bool_)
        is_told[self.leaf.addressed.at[self.everything]] = True
        return np.flatnonzero(is_told)

    def _settle_rows(self, rows: Ints) -> None:
        """Put joint statements that several claims tell of in order, cell by cell."""
        columns, key = self.columns, self.happening[rows].astype(np.int64)
        recorded = columns["recorded"][rows].astype(np.int64)
        when = (columns["day"][rows].astype(np.int64) << WHEN_BITS) + recorded
        order = np.lexsort((when, key, columns["government"][rows]))
        self.joint_rows, self.joint_key = rows[order], key[order]
        government = columns["government"][self.joint_rows].astype(np.int64)
        self.joint_starts, self.joint_group = grouped(self.joint_key, government)
        self.joint_government = government[self.joint_starts]

    def cells(self, offset: int) -> tuple[Ints, ...]:
        """The columns of `Cells`; the places of governments begin at `offset`."""
        rows, starts = self.rows, self.starts
        if not len(rows):
            return (NONE,) * len(Cells.__struct_fields__)
        pairs, size = self.leaf.addressed, len(starts)
        some = self.is_joint[rows]
        return (
            pairs.critics[self.own].astype(np.int64),
            pairs.governments[self.own].astype(np.int64) + offset,
            self._happenings(rows, self.group, size),
            self._happenings(rows[some], self.group[some], size),
            *self._summed(rows, starts, self.group),
        )

    def joint_cells(self, offset: int) -> JointCells:
        """The cells of joint statements that several claims tell of, likewise."""
        rows, starts, columns = self.joint_rows, self.joint_starts, self.columns
        if not len(rows):
            return JointCells(*(NONE,) * len(JointCells.__struct_fields__))
        first = rows[starts]
        recorded = columns["recorded"][first].astype(np.int64)
        found = (
            self.joint_key[starts],
            self.joint_government + offset,
            *self._summed(rows, starts, self.joint_group),
            (columns["day"][first].astype(np.int64) << WHEN_BITS) + recorded,
            columns["position"][first].astype(np.int64),
            columns["lead"][first].astype(np.int64),
            np.maximum.reduceat(columns["signed"][rows].astype(np.int64), starts),
        )
        return JointCells(*found)

    def _summed(self, rows: Ints, starts: Ints, group: Ints) -> tuple[Ints, ...]:
        """Of each cell the claims, the strongest instrument, and where the last claim stands."""
        columns = self.columns
        sizes = np.diff(np.append(starts, len(rows)))
        last = rows[starts + sizes - 1]
        strength = self._strength(rows)
        strongest = strength == np.maximum.reduceat(strength, starts)[group]
        return (
            sizes,
            columns["row"][rows[strongest]].astype(np.int64),
            *(columns[name][last].astype(np.int64) for name in ("day", "recorded", "position")),
        )

    def strengths(self) -> Ints:
        """How strong the strongest instrument of each of `cells` is: the greater the stronger, of
        claims that are the same instrument the one that was recorded first."""
        if not len(self.rows):
            return NONE
        found: Ints = np.maximum.reduceat(self._strength(self.rows), self.starts)
        return found

    def _strength(self, rows: Ints) -> Ints:
        recorded = self.columns["recorded"][rows].astype(np.int64)
        found: Ints = (self.rank[self.columns["row"][rows]] << WHEN_BITS) + (_RECORDED - recorded)
        return found

    def heard(self) -> tuple[list[int], list[int], list[int]]:
        """Of each government the happenings that tell of it, those in which more signed than are
        named, and its critics; but for joint statements that one claim tells of where each has a
        row of its own."""
        is_told = np.zeros(self.leaf.voiced, np.bool_)
        is_told[self.rows] = True
        is_told[self.joint_rows] = True
        rows = np.flatnonzero(is_told)
        government = self.columns["government"][rows]
        unnamed = (self.columns["manner"][rows] & UNNAMED) > 0
        critics = np.bincount(self.leaf.addressed.governments[self.own], minlength=self.count)
        critics += np.bincount(self.joint_government, minlength=self.count)
        return (
            self._happenings(rows, government, self.count).tolist(),
            self._happenings(rows[unnamed], government[unnamed], self.count).tolist(),
            critics.tolist(),
        )

    def named(self, several: set[int]) -> tuple[Ints, Ints]:
        """Who speaks, and where that was recorded, of critics that claims name in several ways."""
        if not several:
            return NONE, NONE
        critic = self.leaf.addressed.critics[self.own][self.group]
        at = np.flatnonzero(np.isin(critic, np.array(sorted(several), np.int64)))
        speaker = self.leaf.addressed.speaker[self.some[at]]
        return speaker, self.columns["recorded"][self.rows[at]]

    def said_at_all(self) -> tuple[Ints, Ints]:
        """Every critic with each government that they spoke of, by its place on the leaf."""
        pairs = self.leaf.addressed
        cells = pairs.cell[self.everything]  # in their order
        cells = cells[np.diff(cells, prepend=-1) > 0]
        return pairs.critics[cells].astype(np.int64), pairs.governments[cells].astype(np.int64)

    def _happenings(self, rows: Ints, group: Column, size: int) -> Ints:
        """How many happenings some rows tell of in each group."""
        happening = self.happening[rows]
        is_told = happening >= 0
        found = np.bincount(group[~is_told], minlength=size)
        if is_told.any():
            width = int(happening.max()) + 1
            key = np.unique(group[is_told].astype(np.int64) * width + happening[is_told])
            found += np.bincount(key // width, minlength=size)
        return found


def grouped(*columns: Column) -> tuple[Ints, Ints]:
    """Where each run of equal values begins, and the run of each."""
    size = len(columns[0])
    is_first = np.zeros(size, np.bool_)
    is_first[:1] = True
    for column in columns:
        is_first[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(is_first), np.cumsum(is_first) - 1
