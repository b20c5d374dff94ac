"""Joint statements that one claim alone tells of, where each has a row of its own in the matrix of
Criticism: what such a row says is the same on every day from its own on; never any I/O.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from projections.columnar.criticism.saying import NONE, JointCells
from projections.columnar.shelf.addressing import JOINT, UNNAMED, Addressed, Column
from projections.columnar.shelf.pointing import Point, seen_on
from projections.columnar.shelf.shelving import WHEN_BITS, Leaf, Shelf
from projections.columns import Ints, Mask

RECORDED: Final = (1 << WHEN_BITS) - 1
"""What tells the place of recording in an order of happening."""
_NEVER: Final = np.iinfo(np.int32).max
_STATEMENTS: Final = ("lead", "row", "position", "signed", "is_unnamed", "targets")


class Alone(msgspec.Struct, frozen=True):
    """Statements in order of happening (`since`): who takes the `lead`, the `row` of the law for
    the instrument, the `position` of the version, how many `signed`, and how many governments
    they address; then a row for each of those: the place of its `statement`, and the `place` of the
    government among all."""

    since: Ints
    lead: Column
    row: Column
    position: Column
    signed: Column
    is_unnamed: Column
    targets: Column
    statement: Column
    place: Column

    @property
    def size_bytes(self) -> int:
        """How much memory they take."""
        return sum(getattr(self, name).nbytes for name in self.__struct_fields__)

    def until(self, day: int) -> "Alone":
        """Those that were made by a day."""
        end = int(np.searchsorted(self.since, (day + 1) << WHEN_BITS))
        rows = int(np.searchsorted(self.statement, np.int32(end)))
        told = {name: getattr(self, name)[:end] for name in ("since", *_STATEMENTS)}
        return Alone(**told, statement=self.statement[:rows], place=self.place[:rows])

    def towards(self, place: int) -> Mask:
        """Which of them address a government."""
        found = np.zeros(len(self.since), np.bool_)
        found[self.statement[self.place == place]] = True
        return found

    def heard(self, count: int) -> tuple[Ints, Ints]:
        """Of each of so many governments how many it heard, and in how many of these more signed
        than are named."""
        unnamed = self.place[self.is_unnamed[self.statement]]
        return np.bincount(self.place, minlength=count), np.bincount(unnamed, minlength=count)

    def cells(self, some: Ints) -> JointCells:
        """The cells of some statements, given by their places in order."""
        narrow = some.astype(self.statement.dtype)  # or all of them were widened
        starts = np.searchsorted(self.statement, narrow)
        sizes = np.searchsorted(self.statement, narrow, side="right") - starts
        before = np.cumsum(sizes) - sizes
        rows = np.arange(int(sizes.sum())) + np.repeat(starts - before, sizes)
        own = self.statement[rows]
        since = self.since[own]
        recorded, position = since & RECORDED, self.position[own].astype(np.int64)
        return JointCells(
            key=-1 - recorded,
            target=self.place[rows].astype(np.int64),
            claims=np.ones(len(rows), np.int64),
            row=self.row[own].astype(np.int64),
            day=since >> WHEN_BITS,
            recorded=recorded,
            position=position,
            since=since,
            first=position,
            lead=self.lead[own].astype(np.int64),
            signed=self.signed[own].astype(np.int64),
        )


class Rest(msgspec.Struct, frozen=True):
    """A leaf at the head without the pairs that speak in statements which one claim alone tells of;
    and of every cell of the whole leaf the `day` on which anybody first spoke."""

    leaf: Leaf
    day: Column


class Apart(msgspec.Struct, frozen=True):
    """What is told of such statements on all days, and what is left of each leaf, by its id."""

    alone: Alone
    rests: dict[int, Rest]

    @property
    def size_bytes(self) -> int:
        """How much memory it takes beside the leaves."""
        rests = self.rests.values()
        return self.alone.size_bytes + sum(
            rest.day.nbytes + _own_bytes(rest.leaf.addressed) for rest in rests
        )


def apart_at_head(shelf: Shelf) -> Apart | None:
    """What a shelf keeps apart, where all of it is believed at the head and there is room; None
    until that is asked about twice."""
    if not shelf.sums or not all(leaf.is_present for leaf in shelf.leaves):
        return None
    kept = shelf.apart.copy()  # others may ask at once
    if not kept:
        shelf.apart[:] = [None]
        return None
    if len(kept) == 1:
        kept.append(_apart(shelf))
        shelf.apart[:] = kept
    found: Apart = kept[1]
    return found


def _apart(shelf: Shelf) -> Apart:
    parts, rests, offset = [], {}, 0
    for leaf in shelf.leaves:
        is_alone = alone_in(leaf)
        parts.append(rows_of(leaf, np.flatnonzero(is_alone), offset))
        rests[id(leaf)] = _rest(leaf, is_alone)
        offset += len(leaf.governments)
    return Apart(gathered(parts), rests)


def _rest(leaf: Leaf, is_alone: Mask) -> Rest:
    pairs = leaf.addressed
    is_left = ~is_alone[pairs.at]
    is_first = np.diff(pairs.cell, prepend=-1) > 0
    day = np.full(len(pairs.critics), _NEVER, np.int32)
    day[pairs.cell[is_first]] = leaf.columns["day"][pairs.at[is_first]]
    left = {name: getattr(pairs, name)[is_left] for name in ("at", "speaker", "cell")}
    return Rest(
        msgspec.structs.replace(leaf, addressed=msgspec.structs.replace(pairs, **left)), day
    )


def _own_bytes(pairs: Addressed) -> int:
    return pairs.at.nbytes + pairs.speaker.nbytes + pairs.cell.nbytes


def alone_in(leaf: Leaf, at: Point | None = None) -> Mask:
    """The voiced rows of a leaf in which several speak, and which tell no happening with others; as
    seen from a point, unless all are asked about."""
    columns = leaf.columns
    found = np.zeros(leaf.voiced, np.bool_)
    found[leaf.addressed.at] = True
    found &= ((columns["manner"] & JOINT) > 0) & (columns["happening"][: leaf.voiced] < 0)
    if at is not None:
        found &= seen_on(leaf, at, slice(leaf.voiced))
    return found


def rows_of(leaf: Leaf, rows: Ints, offset: int) -> dict[str, Column]:
    """The rows of a leaf as `gathered` takes them; the places of its governments begin at
    `offset`."""
    columns = leaf.columns
    day, recorded = (columns[name][rows].astype(np.int64) for name in ("day", "recorded"))
    manner = columns["manner"][rows]
    found = {name: columns[name][rows] for name in ("lead", "row", "position", "signed")}
    found["since"] = (day << WHEN_BITS) + recorded
    found["is_unnamed"] = (manner & UNNAMED) > 0
    found["place"] = columns["government"][rows].astype(np.int16) + np.int16(offset)
    return found


def gathered(parts: Sequence[dict[str, Column]]) -> Alone:
    """The statements of rows of several leaves, which are let go on the way."""
    names = ("since", "place", *_STATEMENTS[:-1])
    none: dict[str, Any] = dict.fromkeys(names, NONE)
    rows = {n: np.concatenate([p.pop(n) for p in (parts or [none])]) for n in names}
    order = np.argsort(rows["since"], kind="stable")
    since = rows["since"][order]
    is_first = np.diff(since, prepend=-1) > 0
    first = order[is_first]
    statement = np.cumsum(is_first, dtype=np.int32) - np.int32(1)
    told = {name: rows[name][first] for name in _STATEMENTS[:-1]}
    return Alone(
        since=since[is_first],
        **told,
        targets=np.bincount(statement, minlength=len(first)).astype(np.int16),
        statement=statement,
        place=rows["place"][order],
    )
