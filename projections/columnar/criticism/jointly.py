"""Joint statements that have a row of their own in the matrix of Criticism: how many there are, and
which of very many are drawn, in what order; never any I/O."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any, Final

import msgspec
import numpy as np

from domain.governments import GOVERNMENTS
from projections.columnar.criticism.alone import RECORDED, Alone, alone_in, gathered, rows_of
from projections.columnar.criticism.saying import NONE, JointCells, Leafed, joined
from projections.columnar.shelf.addressing import Column, Critics
from projections.columnar.shelf.pointing import Point, holding, seen_on
from projections.columnar.shelf.shelving import WHEN_BITS, Leaf
from projections.columns import Ints, Mask
from projections.criticism import Critic
from projections.speakers import Speaker

ALONE: Final = "joint:@"
"""What begins the key of a joint statement that one claim tells of, before where it was recorded:
until somebody looks its name up."""


class Wanted(msgspec.Struct, frozen=True):
    """Which joint statements are drawn: of those that address a `government`, or any, after a place
    in order of happening, the first `rows_max`, or all; in order of the `rank` that they have by
    their first voice and the number of their targets (see `projections.criticism.Choice`), equals
    in order of happening."""

    after: int = -1
    rows_max: int | None = None
    government: str = ""
    rank: Callable[[Critic], Any] | None = None


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
        return self.since & RECORDED


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


class Jointly:
    """The joint statements of a table. Whoever fills it lets it `take` all leaves, then `hear` them
    all."""

    def __init__(
        self, critics: Critics, codes: list[str], at: Point, wanted: Wanted, kept: Alone | None
    ) -> None:
        """`codes`: the governments of the leaves that were taken; `kept`: the statements that one
        claim tells of, where they are at hand for all days."""
        self.critics, self.codes, self.at, self.wanted = critics, codes, at, wanted
        self._kept = kept
        self._parts: list[dict[str, Column]] = []
        self._cells: list[JointCells] = []
        self._voices: dict[int, set[int]] = {}

    def take(self, leafed: Leafed, places: Ints) -> None:
        """Look at a leaf, whose governments have these places."""
        cells = leafed.joint_cells(0)
        cells.target = places[cells.target]
        self._cells.append(cells)
        if self._kept is None:
            rows = np.flatnonzero(alone_in(leafed.leaf, self.at))
            found = rows_of(leafed.leaf, rows, 0)
            found["place"] = places[found["place"]].astype(np.int16)
            self._parts.append(found)

    def hear(self, leaf: Leaf) -> None:
        """Note who speaks in those that are drawn, of the governments of a leaf."""
        keys = np.array([row.key for row in self.rows], np.int64)
        recorded, happening = (leaf.columns[n][: leaf.voiced] for n in ("recorded", "happening"))
        alone, told = holding(recorded, -1 - keys[keys < 0]), holding(happening, keys[keys >= 0])
        rows = np.concatenate([alone[happening[alone] < 0], told[happening[told] >= 0]])
        found = np.zeros(leaf.voiced, np.bool_)
        found[rows[seen_on(leaf, self.at, rows)]] = True
        pairs = leaf.addressed
        some = np.flatnonzero(found[pairs.at])
        at, critics = pairs.at[some], pairs.critics[pairs.cell[some]]
        own = np.where(happening[at] >= 0, happening[at], -1 - recorded[at].astype(np.int64))
        for key, critic in zip(own.tolist(), critics.tolist(), strict=True):
            self._voices.setdefault(key, set()).add(critic)

    def voices(self, row: Row) -> list[str]:
        """Who speaks in one that is drawn, by key."""
        return sorted(self.critics.keys[critic] for critic in self._voices[row.key])

    @property
    def place(self) -> int:
        """The place of the government that is asked about; -1 where nothing was said of it yet."""
        code = self.wanted.government
        return self.codes.index(code) if code in self.codes else -1

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
        """How many there are."""
        return len(self.alone.since) + len(self.told.key)

    @property
    def cells_count(self) -> int:
        """How many cells they have."""
        return len(self.alone.statement) + len(self.told.cells.key)

    def leads(self) -> Counter[int]:
        """Who speaks first, in how many."""
        return _counted(self.alone.lead) + _counted(self.told.lead)

    def leads_towards(self) -> Counter[int]:
        """The same of those that address the government that is asked about."""
        alone, told = self._towards()
        return _counted(self.alone.lead[alone]) + _counted(self.told.lead[told])

    def leads_with(self, rows: list[int]) -> Counter[int]:
        """The same of those of which a cell has one of these instruments for its strongest."""
        alone, told = np.isin(self.alone.row, rows), np.isin(self.told.cells.row, rows)
        return _counted(self.alone.lead[alone]) + _counted(self.told.lead[self.told.having(told)])

    def heard(self) -> tuple[list[int], list[int]]:
        """Of each government how many one claim tells of, and of these in how many more signed than
        are named; those that several tell of are counted with the others of their leaf."""
        told, unnamed = self.alone.heard(len(self.codes))
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
        if self.wanted.rank is not None:
            rank = self._ranked(lead, targets.astype(np.int64), self.wanted.rank)
        some = _first(rank, since, self.wanted.rows_max)
        is_alone = some < len(alone)
        chosen = alone[some[is_alone]], told[some[~is_alone] - len(alone)]
        before = np.cumsum(is_alone) - 1, np.cumsum(~is_alone) - 1 + len(chosen[0])
        return *chosen, np.where(is_alone, *before)

    def _ranked(self, lead: Ints, targets: Ints, rank: Callable[[Critic], Any]) -> Ints:
        """The rank of each statement as a number; -1 where it is left out."""
        if not len(lead):
            return NONE
        width = int(targets.max()) + 1
        group = lead * width + targets
        some = np.flatnonzero(np.bincount(group)).tolist()
        ranks = [rank(led(self.critics, *divmod(one, width))) for one in some]
        order = sorted({one for one in ranks if one is not None})
        numbers = {one: number for number, one in enumerate(order)}
        table = np.full(some[-1] + 1, -1)
        table[some] = [-1 if one is None else numbers[one] for one in ranks]
        found: Ints = table[group]
        return found

    @cached_property
    def rows(self) -> list[Row]:
        """Those that are drawn, in their order."""
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
    def cells(self) -> JointCells:
        """The cells of those that are drawn."""
        some, several, _ = self._drawn
        cells = self.told.cells
        mine = cells.some(np.isin(cells.key, self.told.key[several]))
        return joined([self.alone.cells(np.sort(some)), mine])


def led(critics: Critics, lead: int, targets: int) -> Critic:
    """A joint statement of which no more is known than who speaks first, and how many governments
    it addresses."""
    one = critics.speakers[lead]
    name = name_of(one) or one.key
    return Critic(actor="", kind=one.kind, name=name, code=one.code, targets=targets)


def name_of(speaker: Speaker) -> str | None:
    """How a speaker is called, where that is known: a state by its name."""
    return GOVERNMENTS[speaker.code] if speaker.code is not None else speaker.name


def _counted(codes: Column) -> Counter[int]:
    counts = np.bincount(codes)
    some = np.flatnonzero(counts)
    return Counter(dict(zip(some.tolist(), counts[some].tolist(), strict=True)))


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
