"""The matrix of Criticism from a shelf: what critics said of governments by a day, as known at any
point; the same answer as `projections.criticism` gives, and never any I/O.

The last claim of a cell is named by where it was recorded, until somebody looks its name up.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final

import msgspec
import numpy as np

from domain.circles import Circles
from domain.clocks import KnownAt
from domain.governments import GOVERNMENTS
from projections.columnar.addressing import JOINT, UNNAMED, Column
from projections.columnar.pointing import Point, believed_at, seen_on
from projections.columnar.shelving import WHEN_BITS, Leaf, Shelf
from projections.columns import COUNTED_MAX, Ints, Mask
from projections.criticism import (
    Among,
    Cell,
    Choose,
    Critic,
    Criticised,
    CriticismMatrix,
    Excerpt,
    Joint,
    asked_of,
    listed,
    speakers_among,
)

_RECORDED: Final = (1 << WHEN_BITS) - 1
Name = tuple[str, str]
"""The name of a claim, and the day it tells of as it was written."""


class Place(msgspec.Struct, frozen=True):
    """Where the last version of a cell stands; see `infra.postgres.moments.Place`."""

    day: date
    recorded: int
    position: int


class Cells(msgspec.Struct):
    """The cells in which anything was said, as columns: critics by code, targets by their place
    among all governments of the shelf, `row` of the law for the strongest instrument."""

    critic: Ints
    target: Ints
    count: Ints
    joint: Ints
    claims: Ints
    row: Ints
    day: Ints
    recorded: Ints
    position: Ints


class Table:
    """What was said by a day, on all leaves."""

    def __init__(
        self, shelf: Shelf, on: date, known_at: KnownAt, *, until: int, joint: Joint
    ) -> None:
        shelf, at = believed_at(shelf, on, known_at, until)
        self.shelf, self.on, self.joint, self.critics = shelf, on, joint, shelf.critics
        self.codes: list[str] = [code for leaf in shelf.leaves for code in leaf.governments]
        leaves = [_Leafed(leaf, shelf, at, joint) for leaf in shelf.leaves]
        together = np.unique(np.concatenate([_NONE, *(leaf.told_joint() for leaf in leaves)]))
        parts: list[tuple[Ints, ...]] = []
        tallies: list[list[int]] = [[0] * len(self.codes) for _ in range(3)]
        self.count, self.unnamed, self.heard = tallies
        named: list[tuple[Ints, Ints]] = []
        offset = 0
        for leaf in leaves:
            leaf.settle(together)
            parts.append(leaf.cells(offset))
            for found, own in zip(tallies, leaf.heard(), strict=True):
                found[offset : offset + len(own)] = own
            named.append(leaf.named())
            offset += leaf.count
        self._leaves = leaves
        columns = zip(*parts, strict=True)
        self.cells = Cells(*(np.concatenate([_NONE, *some]) for some in columns)) if parts else None
        self._named = named

    @cached_property
    def keys(self) -> Ints:
        """The critics that have a cell."""
        return _NONE if self.cells is None else np.unique(self.cells.critic)

    def all_critics(self) -> tuple[Critic, ...]:
        """Every critic, sorted by key."""
        if self.cells is None:
            return ()
        targets = np.bincount(self.cells.critic, minlength=len(self.critics.keys)).tolist()
        speakers = self._speakers()
        found = []
        for code in self.keys.tolist():
            one = speakers[code]
            name = GOVERNMENTS[one.code] if one.code is not None else one.name
            key = self.critics.keys[code]
            found.append(
                Critic(
                    actor=key, kind=one.kind, name=name or key, code=one.code, targets=targets[code]
                )
            )
        return tuple(sorted(found, key=lambda critic: critic.actor))

    def _speakers(self) -> dict[int, Any]:
        """Each critic as claims name them; where they do so in several ways, as the one that was
        recorded last."""
        critics = self.critics
        found = dict(zip(critics.critic, critics.speakers, strict=True))
        if critics.several:
            last: dict[int, tuple[int, int]] = {}
            for speaker, recorded in self._named:
                for one, when in zip(speaker.tolist(), recorded.tolist(), strict=True):
                    code = critics.critic[one]
                    last[code] = max(last.get(code, (0, 0)), (when, one))
            found |= {code: critics.speakers[one] for code, (_, one) in last.items()}
        return found

    def all_targets(self) -> tuple[Criticised, ...]:
        """Every government that was criticised, sorted by code; nothing is told of silence."""
        found = [
            Criticised(
                government=code,
                name=GOVERNMENTS[code],
                critics=heard,
                count=count,
                unnamed=unnamed,
                silent=None,
                asked=0,
            )
            for code, heard, count, unnamed in zip(
                self.codes, self.heard, self.count, self.unnamed, strict=True
            )
            if heard
        ]
        return tuple(sorted(found, key=lambda target: target.government))

    @cached_property
    def said_at_all(self) -> frozenset[tuple[int, str]]:
        """Every critic with each government that they spoke of, however joint statements are
        told."""
        found: set[tuple[int, str]] = set()
        for leaf in self._leaves:
            found.update(leaf.said_at_all())
        return frozenset(found)

    def silent(self, target: Criticised, asked: Collection[str] | None) -> Criticised:
        """A target with those of the governments asked about that never spoke of it."""
        if asked is None:
            return target
        critics, said, code = self.critics, self.said_at_all, target.government
        silent = tuple(c for c in asked if (critics.code(f"state:{c}"), code) not in said)
        return msgspec.structs.replace(target, silent=silent, asked=len(asked))

    def chosen(self, critics: frozenset[str] | None, targets: frozenset[str] | None) -> list[Any]:
        """The cells of some critics and targets, None for all, each with where its last claim
        stands."""
        if self.cells is None:
            return []
        columns = self.cells
        mask = np.ones(len(columns.critic), np.bool_)
        if critics is not None:
            wanted = [self.critics.code(key) for key in critics]
            mask &= np.isin(columns.critic, np.array(wanted, np.int64))
        if targets is not None:
            places = [place for place, code in enumerate(self.codes) if code in targets]
            mask &= np.isin(columns.target, np.array(places, np.int64))
        at = np.flatnonzero(mask)
        taken = (getattr(columns, name)[at].tolist() for name in Cells.__struct_fields__)
        found = [self._cell(*values) for values in zip(*taken, strict=True)]
        return sorted(found, key=lambda pair: (pair[0].critic, pair[0].target))

    def _cell(
        self,
        critic: int, target: int, count: int, joint: int, claims: int, row: int,
        day: int, recorded: int, position: int,
    ) -> tuple[Cell, Place]:  # fmt: skip
        cell = Cell(
            critic=self.critics.keys[critic],
            target=self.codes[target],
            count=count,
            joint=joint,
            single=count - joint,
            claims=claims,
            latest_on="",
            latest_claim=str(recorded),
            strongest=self.shelf.law.rows[row].name,
        )
        return cell, Place(date.fromordinal(day), recorded, position)

    def addressing(self, government: str) -> frozenset[str]:
        """The critics of one government, or of any where the code is empty."""
        if self.cells is None:
            return frozenset()
        some = self.keys
        if government:
            place = self.codes.index(government) if government in self.codes else -1
            some = np.unique(self.cells.critic[self.cells.target == place])
        return frozenset(self.critics.keys[code] for code in some.tolist())

    def objecting(self) -> frozenset[str]:
        """The critics whose strongest instrument towards any government is an objection."""
        rows = [i for i, row in enumerate(self.shelf.law.rows) if row.name == "objection"]
        if self.cells is None:
            return frozenset()
        some = np.unique(self.cells.critic[np.isin(self.cells.row, rows)])
        return frozenset(self.critics.keys[code] for code in some.tolist())


_NONE: Final = np.empty(0, np.int64)


class _Leafed:
    """What was said of the governments of one leaf."""

    def __init__(self, leaf: Leaf, shelf: Shelf, at: Point, joint: Joint) -> None:
        self.leaf, self.shelf, self.mode = leaf, shelf, joint
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
        self.is_joint[at] = np.isin(self.happening[at], together)
        pairs, some = self.leaf.addressed, self.everything
        if self.mode != "each":
            some = some[self.is_joint[pairs.at[some]] == (self.mode == "only")]
        self.some, self.rows = some, pairs.at[some]
        cell = pairs.cell[some]
        is_first = np.ones(len(some), np.bool_)
        is_first[1:] = cell[1:] != cell[:-1]
        self.starts = np.flatnonzero(is_first)
        self.group = np.cumsum(is_first) - 1
        self.own = cell[is_first]

    def cells(self, offset: int) -> tuple[Ints, ...]:
        """The columns of `Cells`; the places of governments begin at `offset`."""
        rows, starts, columns = self.rows, self.starts, self.columns
        if not len(rows):
            return (_NONE,) * len(Cells.__struct_fields__)
        pairs, size = self.leaf.addressed, len(starts)
        sizes = np.diff(np.append(starts, len(rows)))
        last = rows[starts + sizes - 1]
        recorded = columns["recorded"][rows].astype(np.int64)
        weights = np.array([row.weight for row in self.shelf.law.rows])
        rank = np.unique(weights, return_inverse=True)[1]
        strength = (rank[columns["row"][rows]] << WHEN_BITS) + (_RECORDED - recorded)
        strongest = strength == np.maximum.reduceat(strength, starts)[self.group]
        return (
            pairs.critics[self.own].astype(np.int64),
            pairs.governments[self.own].astype(np.int64) + offset,
            self._happenings(rows, self.group, size),
            self._happenings(rows[self.is_joint[rows]], self.group[self.is_joint[rows]], size),
            sizes,
            columns["row"][rows[strongest]].astype(np.int64),
            *(columns[name][last].astype(np.int64) for name in ("day", "recorded", "position")),
        )

    def heard(self) -> tuple[list[int], list[int], list[int]]:
        """Of each government the happenings that tell of it, those in which more signed than are
        named, and its critics."""
        is_told = np.zeros(self.leaf.voiced, np.bool_)
        is_told[self.rows] = True
        rows = np.flatnonzero(is_told)
        government = self.columns["government"][rows]
        unnamed = (self.columns["manner"][rows] & UNNAMED) > 0
        critics = np.bincount(self.leaf.addressed.governments[self.own], minlength=self.count)
        return (
            self._happenings(rows, government, self.count).tolist(),
            self._happenings(rows[unnamed], government[unnamed], self.count).tolist(),
            critics.tolist(),
        )

    def named(self) -> tuple[Ints, Ints]:
        """Who speaks, and where that was recorded, of critics that claims name in several ways."""
        several = self.shelf.critics.several
        if not several:
            return _NONE, _NONE
        critic = self.leaf.addressed.critics[self.own][self.group]
        at = np.flatnonzero(np.isin(critic, np.array(sorted(several), np.int64)))
        speaker = self.leaf.addressed.speaker[self.some[at]]
        return speaker, self.columns["recorded"][self.rows[at]]

    def said_at_all(self) -> Iterator[tuple[int, str]]:
        """Every critic with each government that they spoke of."""
        pairs = self.leaf.addressed
        cells = pairs.cell[self.everything]  # in their order
        cells = cells[np.diff(cells, prepend=-1) > 0]
        governments = self.leaf.governments
        critics, places = pairs.critics[cells].tolist(), pairs.governments[cells].tolist()
        return ((c, governments[p]) for c, p in zip(critics, places, strict=True))

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


def tabled(
    table: Table,
    *,
    known_at: str,
    among: Among | None,
    circles: Circles,
    government: str = "",
    choose: Choose | None = None,
) -> tuple[Excerpt, dict[int, Place]]:
    """The matrix with every critic and target, and with the cells, and the silence about targets,
    that were chosen, all where nobody chooses; and where the last claims of its cells stand."""
    on, weights = table.on, table.shelf.law.weights
    critics, targets = table.all_critics(), table.all_targets()
    addressing = table.addressing(government)
    wanted: tuple[frozenset[str] | None, frozenset[str] | None] = None, None
    if choose is not None:
        wanted = choose([c for c in critics if c.actor in addressing], targets)
    among = speakers_among(among, critics)
    if among is not None:
        named = listed(among, circles, on)
        targets = tuple(
            target
            if wanted[1] is not None and target.government not in wanted[1]
            else msgspec.structs.replace(table.silent(target, asked), shared=shared)
            for target in targets
            for shared, asked in [asked_of(target.government, named, among, circles, on)]
        )
    found = table.chosen(*wanted)
    matrix = CriticismMatrix(
        on=on,
        known_at=known_at,
        methods=(weights.method("pressure"),),
        among=None if among is None else listed(among, circles, on),
        alliances=() if among is None else among.alliances,
        regions=() if among is None else among.regions,
        joint=table.joint,
        critics=critics,
        targets=targets,
        cells=tuple(cell for cell, _ in found),
    )
    states = {critic.actor for critic in critics if critic.code is not None}
    count = 0 if table.cells is None else len(table.cells.critic)
    excerpt = Excerpt(matrix, count, len(table.objecting() & states), addressing)
    return excerpt, {place.recorded: place for _, place in found}


def named(found: Excerpt, names: Mapping[int, Name]) -> Excerpt:
    """An excerpt whose claims are named by where they were recorded, by their names."""
    cells = []
    for cell in found.matrix.cells:
        claim, occurred_on = names[int(cell.latest_claim)]
        cells.append(msgspec.structs.replace(cell, latest_claim=claim, latest_on=occurred_on))
    matrix = msgspec.structs.replace(found.matrix, cells=tuple(cells))
    return msgspec.structs.replace(found, matrix=matrix)
