"""The matrix of Criticism from leaves: what critics said of governments by a day, as known at any
point; the same answer as `projections.criticism` gives, and never any I/O.

Claims are named by where they were recorded, until somebody looks their names up. All leaves pass
by twice, so that of those that are too much to keep no two need be at hand.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

import msgspec
import numpy as np

from domain.claims import ActorKind
from domain.governments import GOVERNMENTS
from projections.columnar.criticism.jointly import JointRows, Row, Wanted
from projections.columnar.criticism.saying import NONE, Cells, JointCells, Leafed, joined
from projections.columnar.criticism.tallying import Tally, tally_on
from projections.columnar.shelf.addressing import Critics
from projections.columnar.shelf.pointing import Point
from projections.columnar.shelf.shelving import Leaf, Words
from projections.columnar.terms.law import Law
from projections.columns import Ints, Mask
from projections.criticism import Cell, Critic, Criticised, Joint
from projections.speakers import Speaker

ALONE: Final = "joint:@"
"""What begins the key of a joint statement that one claim tells of, before where it was recorded:
until somebody looks its name up."""


class Stand(msgspec.Struct, frozen=True):
    """Where a version stands; see `infra.postgres.moments.Place`."""

    day: date
    recorded: int
    position: int


class Table:
    """What was said by a day. Whoever fills it lets it `see` all leaves, then `take` them all."""

    def __init__(
        self, law: Law, words: Words, critics: Critics, at: Point, *, joint: Joint,
        wanted: Wanted, keeps: bool = False,
    ) -> None:  # fmt: skip
        """`keeps`: whether leaves have room to keep what they are asked twice."""
        self.law, self.words, self.critics, self.at = law, words, critics, at
        self.joint, self.wanted = joint, wanted
        self.on = date.fromordinal(at.day)
        self.keeps = keeps
        self._tallies: dict[int, Tally] = {}
        self._together: list[Ints] = []
        is_one = joint == "one"
        self._alone = np.zeros(at.until + 1 if is_one else 0, np.uint8)
        """How many governments a joint statement addresses, by where it was recorded."""
        self._leads: Counter[int] = Counter()
        self.codes: list[str] = []
        self.count: list[int] = []
        self.unnamed: list[int] = []
        self.heard: list[int] = []
        self._parts: list[tuple[Ints, ...]] = []
        self._named: list[tuple[Ints, Ints]] = []
        self._joint: list[JointCells] = []
        self._voices: dict[int, set[int]] = {}
        self._addressing: Counter[int] = Counter()
        self._objecting: Counter[int] = Counter()
        self._alone_cells = 0
        self._said: dict[str, Ints] = {}
        """The critics that ever spoke of each government, however joint statements are told."""

    @property
    def _weights(self) -> Any:
        # The law knows the rows of what was seen by now, and of no more.
        return np.array([row.weight for row in self.law.rows])

    def _leafed(self, leaf: Leaf) -> Leafed:
        return Leafed(leaf, self._weights, self.at, self.joint)

    @property
    def _objections(self) -> list[int]:
        rows = enumerate(self.law.rows)
        return [place for place, row in rows if row.name == "objection"]

    def see(self, leaf: Leaf) -> None:
        """Look at a leaf for the first time."""
        if (tally := self._tally(leaf)) is not None:
            self._together.append(tally.told_joint())
            return
        leafed = self._leafed(leaf)
        self._together.append(leafed.told_joint())
        if self.joint == "one":
            recorded, lead, row = leafed.alone()
            _, places = np.unique(recorded, return_index=True)
            new = places[self._alone[recorded[places]] == 0]
            self._leads.update(lead[new].tolist())
            self._objecting.update(lead[new[np.isin(row[new], self._objections)]].tolist())
            np.add.at(self._alone, recorded, 1)

    def _tally(self, leaf: Leaf) -> Tally | None:
        """What the leaf keeps for all days, where that is what is asked."""
        found = None
        if self.keeps and self.joint == "each":
            found = tally_on(leaf, self._weights, self.at.day)
        if found is not None:
            self._tallies[id(leaf)] = found
        return found

    @cached_property
    def together(self) -> Ints:
        """The happenings of several claims in any of which several speak."""
        return np.unique(np.concatenate([NONE, *self._together]))

    def take(self, leaf: Leaf) -> None:
        """Look at a leaf for the second time."""
        tally = self._tallies.get(id(leaf))
        leafed = tally or self._leafed(leaf)
        leafed.settle(self.together)
        offset = len(self.codes)
        self.codes += leaf.governments
        self._parts.append(leafed.cells(offset))
        tallies = (self.count, self.unnamed, self.heard)
        for found, own in zip(tallies, leafed.heard(), strict=True):
            found += own
        self._named.append(leafed.named(self.critics.several))
        critics, places = leafed.said_at_all()
        ends = np.searchsorted(places, np.arange(len(leaf.governments) + 1)).tolist()
        for code, begin, end in zip(leaf.governments, ends, ends[1:], strict=False):
            self._said[code] = critics[begin:end]
        if isinstance(leafed, Leafed) and self.joint == "one":
            self._take_joint(leafed, leafed.joint_cells(offset))

    def _take_joint(self, leafed: Leafed, cells: JointCells) -> None:
        """Keep the cells of joint statements that may be wanted."""
        place = self._place
        self._alone_cells += int((cells.key < 0).sum())
        if self.wanted.government:
            here = cells.some((cells.key < 0) & (cells.target == place))
            self._addressing.update(here.lead.tolist())
        cells = cells.some(self.wanted.kept(cells, self._alone, place))
        self._joint.append(cells)
        keys, critics = leafed.voices(cells.key)
        for key, critic in set(zip(keys.tolist(), critics.tolist(), strict=True)):
            self._voices.setdefault(key, set()).add(critic)

    @property
    def _place(self) -> int:
        """The place of the government that is asked about; -1 where nothing was said of it yet."""
        code = self.wanted.government
        return self.codes.index(code) if code in self.codes else -1

    @cached_property
    def cells(self) -> Cells:
        """The cells of everybody who has a row."""
        nothing = (NONE,) * len(Cells.__struct_fields__)
        columns = zip(nothing, *self._parts, strict=True)
        return Cells(*(np.concatenate(some) for some in columns))

    @cached_property
    def rows(self) -> JointRows:
        """The joint statements that have a row of their own, as far as they are kept."""
        return JointRows(joined(self._joint), self._alone, self.wanted, self._place)

    @cached_property
    def keys(self) -> Ints:
        """The critics that have a cell."""
        return np.unique(self.cells.critic)

    @cached_property
    def critics_total(self) -> int:
        """How many rows there are."""
        return len(self.keys) + sum(self._leads.values()) + self.rows.several

    @cached_property
    def cells_total(self) -> int:
        """How many cells there are."""
        return len(self.cells.critic) + self._alone_cells + self.rows.several_cells

    @cached_property
    def single_critics(self) -> tuple[Critic, ...]:
        """Everybody who has a row, by key."""
        targets = np.bincount(self.cells.critic, minlength=len(self.critics.keys)).tolist()
        found = []
        for code, one in self._speakers.items():
            key = self.critics.keys[code]
            found.append(
                Critic(
                    actor=key, kind=one.kind, name=_name(one) or key, code=one.code,
                    targets=targets[code],
                )
            )  # fmt: skip
        return tuple(sorted(found, key=lambda critic: critic.actor))

    @cached_property
    def joint_critics(self) -> list[tuple[Row, Critic]]:
        """The joint statements that have a row of their own and are wanted, in order of
        happening."""
        found = []
        for row in self.rows.shown():
            lead = self.critics.speakers[row.lead]
            voices = sorted(self.critics.keys[critic] for critic in self._voices[row.key])
            critic = Critic(
                actor=self._joint_key(row.key),
                kind=lead.kind,
                name=_name(lead) or lead.key,
                code=lead.code,
                targets=row.targets,
                voices=tuple(voices),
                signatories=max(row.signed, len(voices)),
            )
            found.append((row, critic))
        return found

    def _joint_key(self, key: int) -> str:
        return f"{ALONE}{-1 - key}" if key < 0 else f"joint:{self.words.lists[3][key]}"

    @cached_property
    def _speakers(self) -> dict[int, Any]:
        """Everybody who has a row as claims name them; where they do so in several ways, as the one
        that was recorded last."""
        critics = self.critics
        found = dict(zip(critics.critic, critics.speakers, strict=True))
        if critics.several:
            last: dict[int, tuple[int, int]] = {}
            for speaker, recorded in self._named:
                for one, when in zip(speaker.tolist(), recorded.tolist(), strict=True):
                    code = critics.critic[one]
                    last[code] = max(last.get(code, (0, 0)), (when, one))
            found |= {code: critics.speakers[one] for code, (_, one) in last.items()}
        return {code: found[code] for code in self.keys.tolist()}

    @property
    def spoke(self) -> set[str | None]:
        """The codes of those whose rows there are."""
        leads = {*self._leads, *self.rows.leads(towards=False)}
        return {one.code for one in self._speakers.values()} | {
            self.critics.speakers[lead].code for lead in leads
        }

    def addressing(self) -> frozenset[str]:
        """The rows here that address the government that is asked about, or any."""
        some = self.keys
        if self.wanted.government:
            some = np.unique(self.cells.critic[self.cells.target == self._place])
        joint = (critic.actor for _, critic in self.joint_critics)
        return frozenset((*(self.critics.keys[code] for code in some.tolist()), *joint))

    def addressed(self) -> dict[ActorKind, int]:
        """How many rows of each kind do so, of all there are."""
        some, narrows = self.addressing(), bool(self.wanted.government)
        found = Counter(c.kind for c in self.single_critics if c.actor in some)
        leads = self._addressing if narrows else self._leads
        for lead, count in (leads + self.rows.leads(towards=narrows)).items():
            found[self.critics.speakers[lead].kind] += count
        return dict(found)

    @property
    def objectors(self) -> int:
        """How many rows of states there are whose strongest instrument towards any government is an
        objection."""
        some = np.unique(self.cells.critic[np.isin(self.cells.row, self._objections)])
        found = sum(self._speakers[code].code is not None for code in some.tolist())
        leads = self._objecting + self.rows.leads_with(self._objections)
        speakers = self.critics.speakers
        return found + sum(n for lead, n in leads.items() if speakers[lead].code is not None)

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

    def silent(self, target: Criticised, asked: Collection[str] | None) -> Criticised:
        """A target with those of the governments asked about that never spoke of it."""
        if asked is None:
            return target
        said = set(self._said[target.government].tolist())
        silent = tuple(c for c in asked if self.critics.code(f"state:{c}") not in said)
        return msgspec.structs.replace(target, silent=silent, asked=len(asked))

    def chosen(
        self, critics: Sequence[Critic], targets: frozenset[str] | None
    ) -> list[tuple[Cell, Stand]]:
        """The cells of some rows, in their order, and of targets, None for all, each with where its
        last claim stands."""
        rank = {critic.actor: place for place, critic in enumerate(critics)}
        found = [*self._cells(rank.keys(), targets), *self._joint_cells(rank.keys(), targets)]
        return sorted(found, key=lambda pair: (rank[pair[0].critic], pair[0].target))

    def _cells(
        self, critics: Collection[str], targets: frozenset[str] | None
    ) -> Iterator[tuple[Cell, Stand]]:
        columns = self.cells
        wanted = [self.critics.code(key) for key in critics]
        mask = np.isin(columns.critic, np.array(wanted, np.int64)) & self._of(columns, targets)
        for at in np.flatnonzero(mask).tolist():
            count, joint = int(columns.count[at]), int(columns.joint[at])
            key = self.critics.keys[int(columns.critic[at])]
            yield self._cell(columns, at, key, count, joint)

    def _joint_cells(
        self, critics: Collection[str], targets: frozenset[str] | None
    ) -> Iterator[tuple[Cell, Stand]]:
        columns = self.rows.cells
        actors = {row.key: critic.actor for row, critic in self.joint_critics}
        wanted = [key for key, actor in actors.items() if actor in critics]
        mask = np.isin(columns.key, np.array(wanted, np.int64)) & self._of(columns, targets)
        for at in np.flatnonzero(mask).tolist():
            yield self._cell(columns, at, actors[int(columns.key[at])], 1, 1)

    def _of(self, columns: Cells | JointCells, targets: frozenset[str] | None) -> Mask:
        if targets is None:
            return np.ones(len(columns.target), np.bool_)
        places = [place for place, code in enumerate(self.codes) if code in targets]
        return np.isin(columns.target, np.array(places, np.int64))

    def _cell(
        self, columns: Cells | JointCells, at: int, critic: str, count: int, joint: int
    ) -> tuple[Cell, Stand]:
        recorded = int(columns.recorded[at])
        cell = Cell(
            critic=critic,
            target=self.codes[int(columns.target[at])],
            count=count,
            joint=joint,
            single=count - joint,
            claims=int(columns.claims[at]),
            latest_on="",
            latest_claim=str(recorded),
            strongest=self.law.rows[int(columns.row[at])].name,
        )
        day = date.fromordinal(int(columns.day[at]))
        return cell, Stand(day, recorded, int(columns.position[at]))


def _name(speaker: Speaker) -> str | None:
    return GOVERNMENTS[speaker.code] if speaker.code is not None else speaker.name
