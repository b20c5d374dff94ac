"""Joint statements that have a row of their own in the matrix of Criticism: which of them are asked
about, and what is told of them, whoever keeps them; never any I/O."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import msgspec
import numpy as np

from domain.governments import GOVERNMENTS
from projections.columnar.criticism.alone import RECORDED
from projections.columnar.criticism.saying import JointCells, Leafed
from projections.columnar.shelf.addressing import Column, Critics
from projections.columnar.shelf.pointing import Point, holding, seen_on
from projections.columnar.shelf.shelving import WHEN_BITS, Leaf
from projections.columnar.terms.law import Law
from projections.columns import Ints
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


class Leads(msgspec.Struct, frozen=True):
    """Who speaks first, by code, in how many statements: in `every` one, in those that go `towards`
    the government that is asked about, or any, and in those of which a cell has an objection for
    its strongest instrument."""

    every: Counter[int]
    towards: Counter[int]
    objecting: Counter[int]


class Jointly(ABC):
    """The joint statements of a table. Whoever fills it lets it `take` all leaves, then `hear` them
    all."""

    def __init__(self, law: Law, critics: Critics, at: Point, wanted: Wanted) -> None:
        self.law, self.critics, self.at, self.wanted = law, critics, at, wanted
        self.place = -1
        """The place of the government that is asked about, -1 where nothing was said of it yet."""
        self._voices: dict[int, set[int]] = {}

    def take(self, leafed: Leafed, places: Ints) -> None:
        """Look at a leaf, whose governments have these places."""
        governments = leafed.leaf.governments
        if self.wanted.government in governments:
            self.place = int(places[governments.index(self.wanted.government)])
        self._take(leafed, places)

    @abstractmethod
    def _take(self, leafed: Leafed, places: Ints) -> None: ...

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
    @abstractmethod
    def count(self) -> int:
        """How many there are."""

    @property
    @abstractmethod
    def cells_count(self) -> int:
        """How many cells they have."""

    @property
    @abstractmethod
    def leads(self) -> Leads:
        """Who speaks first, in how many."""

    @abstractmethod
    def heard(self, count: int) -> tuple[list[int], list[int]]:
        """Of each of so many governments how many one claim tells of, and of these in how many more
        signed than are named; those that several tell of are counted with the others of their
        leaf."""

    @property
    @abstractmethod
    def rows(self) -> list[Row]:
        """Those that are drawn, in their order."""

    @property
    @abstractmethod
    def names(self) -> dict[int, str]:
        """The names of happenings that several claims tell of, by key, of those that are drawn."""

    @property
    @abstractmethod
    def cells(self) -> JointCells:
        """The cells of those that are drawn."""


def objections_in(law: Law) -> list[int]:
    """The rows of the law that are objections, of all that were seen by now."""
    return [place for place, row in enumerate(law.rows) if row.name == "objection"]


def ranked(critics: Critics, groups: Ints, width: int, rank: Callable[[Critic], Any]) -> Ints:
    """The rank as a number of each group of statements, -1 where they are left out; a group is
    who speaks first, times `width`, and how many governments are addressed."""
    ranks = [rank(led(critics, *divmod(one, width))) for one in groups.tolist()]
    order = sorted({one for one in ranks if one is not None})
    numbers = {one: number for number, one in enumerate(order)}
    return np.array([-1 if one is None else numbers[one] for one in ranks], np.int64)


def led(critics: Critics, lead: int, targets: int) -> Critic:
    """A joint statement of which no more is known than who speaks first, and how many governments
    it addresses."""
    one = critics.speakers[lead]
    name = name_of(one) or one.key
    return Critic(actor="", kind=one.kind, name=name, code=one.code, targets=targets)


def name_of(speaker: Speaker) -> str | None:
    """How a speaker is called, where that is known: a state by its name."""
    return GOVERNMENTS[speaker.code] if speaker.code is not None else speaker.name


def counted(codes: Column) -> Counter[int]:
    """How often each code occurs."""
    counts = np.bincount(codes)
    some = np.flatnonzero(counts)
    return Counter(dict(zip(some.tolist(), counts[some].tolist(), strict=True)))
