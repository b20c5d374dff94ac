"""The matrix of Criticism from leaves: what critics said of governments by a day, as known at any
point; the same answer as `projections.criticism` gives, and never any I/O.

Claims are named by where they were recorded, until somebody looks their names up. All leaves pass
by twice, and once more where joint statements have a row of their own, so that of those that are
too much to keep no two need be at hand.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cached_property
from operator import itemgetter
from typing import Any

import msgspec
import numpy as np

from domain.claims import ActorKind
from domain.governments import GOVERNMENTS
from projections.columnar.criticism.alone import Apart, Rest
from projections.columnar.criticism.choosing import Chosen, chosen
from projections.columnar.criticism.jointly import (
    ALONE,
    Jointly,
    Leads,
    Row,
    led,
    name_of,
    objections_in,
)
from projections.columnar.criticism.merging import Merging
from projections.columnar.criticism.saying import NONE, Cells, JointCells, Leafed
from projections.columnar.criticism.tallying import Tally, tally_on
from projections.columnar.shelf.addressing import Critics
from projections.columnar.shelf.pointing import Point
from projections.columnar.shelf.shelving import Leaf
from projections.columnar.terms.law import Law
from projections.columns import Ints, Mask
from projections.criticism import Critic, Criticised, Joint


class Spared(Leafed):
    """What was said of the governments of a leaf of which joint statements that one claim tells of
    are kept apart."""

    def __init__(self, rest: Rest, ranks: Any, at: Point) -> None:
        super().__init__(rest.leaf, ranks, at, "one")
        self._since, self._until = rest.day, at.day

    def said_at_all(self) -> tuple[Ints, Ints]:
        """See `Leafed`: those that are kept apart included."""
        pairs, some = self.leaf.addressed, np.flatnonzero(self._since <= self._until)
        return pairs.critics[some].astype(np.int64), pairs.governments[some].astype(np.int64)


class Table:
    """What was said by a day. Whoever fills it lets it `see` all leaves, then `take` them all, and
    `hear` them all where it `hears`."""

    def __init__(
        self, law: Law, critics: Critics, at: Point, *, joint: Joint,
        government: str, jointly: Jointly | None, keeps: bool = False, apart: Apart | None = None,
        merges: bool = False,
    ) -> None:  # fmt: skip
        """`government`: which one is asked about, "" for any; `jointly`: the joint statements where
        they have a row of their own; `keeps`: whether leaves have room to keep what they are asked
        twice; `apart`: what is kept apart of these; `merges`: whether one government may stand on
        several leaves, each of its rows on one."""
        self.law, self.critics, self.at = law, critics, at
        self.joint, self.government, self.jointly = joint, government, jointly
        self.on = date.fromordinal(at.day)
        self.keeps = keeps
        self._rests = {} if apart is None else apart.rests
        self._tallies: dict[int, Tally] = {}
        self._together: list[Ints] = []
        self.codes: list[str] = []
        self.count: list[int] = []
        self.unnamed: list[int] = []
        self.heard: list[int] = []
        self._merging = Merging() if merges else None
        self._places: dict[str, int] = {}
        self._parts: list[tuple[Ints, ...]] = []
        self._named: list[tuple[Ints, Ints]] = []
        self._said: dict[str, Ints] = {}
        """The critics that ever spoke of each government, however joint statements are told."""

    @property
    def _ranks(self) -> Any:
        # The law knows the rows of what was seen by now, and of no more.
        order = sorted(self.law.weights.strengths().items(), key=itemgetter(1))
        ranks = {name: rank for rank, (name, _) in enumerate(order)}
        return np.array([ranks.get(row.name, -1) for row in self.law.rows], np.int64)

    def _leafed(self, leaf: Leaf) -> Leafed:
        rest = self._rests.get(id(leaf))
        if rest is not None:
            return Spared(rest, self._ranks, self.at)
        return Leafed(leaf, self._ranks, self.at, self.joint)

    def see(self, leaf: Leaf) -> None:
        """Look at a leaf for the first time."""
        if (tally := self._tally(leaf)) is not None:
            self._together.append(tally.told_joint())
            return
        self._together.append(self._leafed(leaf).told_joint())

    def _tally(self, leaf: Leaf) -> Tally | None:
        """What the leaf keeps for all days, where that is what is asked."""
        found = None
        if self.keeps and self.joint == "each":
            found = tally_on(leaf, self._ranks, self.at.day)
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
        own = self._placed(leaf.governments)
        critic, target, *rest = leafed.cells(0)
        cells = critic, own[target], *rest
        if self._merging is None:
            self._parts.append(cells)
        elif isinstance(leafed, Leafed):
            self._merging.take(cells, leafed.strengths())
        tallies = (self.count, self.unnamed, self.heard)
        for found, some in zip(tallies, leafed.heard(), strict=True):
            for place, number in zip(own.tolist(), some, strict=True):
                found[place] += number
        self._named.append(_named_last(*leafed.named(self.critics.several)))
        critics, places = leafed.said_at_all()
        ends = np.searchsorted(places, np.arange(len(leaf.governments) + 1)).tolist()
        for code, begin, end in zip(leaf.governments, ends, ends[1:], strict=False):
            before = self._said.get(code, NONE)
            said = critics[begin:end]
            self._said[code] = np.union1d(before, said) if len(before) else said
        if isinstance(leafed, Leafed) and self.jointly is not None:
            self.jointly.take(leafed, own)

    def _placed(self, governments: Iterable[str]) -> Ints:
        """The places of some governments among all, of which others may have come before."""
        for code in governments:
            if code not in self._places:
                self._places[code] = len(self.codes)
                self.codes.append(code)
                for tally in (self.count, self.unnamed, self.heard):
                    tally.append(0)
        return np.array([self._places[code] for code in governments], np.int64)

    @property
    def hears(self) -> bool:
        """Whether leaves are to be looked at for the third time."""
        return self.jointly is not None and bool(self.jointly.rows)

    def hear(self, leaf: Leaf) -> None:
        """Look at a leaf for the third time."""
        if self.jointly is not None:
            self.jointly.hear(leaf)

    @cached_property
    def cells(self) -> Cells:
        """The cells of everybody who has a row."""
        if self._merging is not None:
            return self._merging.merge()
        nothing = (NONE,) * len(Cells.__struct_fields__)
        columns = zip(nothing, *self._parts, strict=True)
        return Cells(*(np.concatenate(some) for some in columns))

    @cached_property
    def keys(self) -> Ints:
        """The critics that have a cell."""
        return np.unique(self.cells.critic)

    @cached_property
    def critics_total(self) -> int:
        """How many rows there are."""
        return len(self.keys) + (0 if self.jointly is None else self.jointly.count)

    @cached_property
    def cells_total(self) -> int:
        """How many cells there are."""
        return len(self.cells.critic) + (0 if self.jointly is None else self.jointly.cells_count)

    @cached_property
    def single_critics(self) -> tuple[Critic, ...]:
        """Everybody who has a row, by key."""
        targets = np.bincount(self.cells.critic, minlength=len(self.critics.keys)).tolist()
        found = []
        for code, one in self._speakers.items():
            key = self.critics.keys[code]
            found.append(
                Critic(
                    actor=key, kind=one.kind, name=name_of(one) or key, code=one.code,
                    targets=targets[code],
                )
            )  # fmt: skip
        return tuple(sorted(found, key=lambda critic: critic.actor))

    @cached_property
    def joint_critics(self) -> list[tuple[Row, Critic]]:
        """The joint statements that have a row of their own and are drawn, in their order."""
        if self.jointly is None:
            return []
        found, names = [], self.jointly.names
        for row in self.jointly.rows:
            voices = tuple(self.jointly.voices(row))
            critic = msgspec.structs.replace(
                led(self.critics, row.lead, row.targets),
                actor=f"{ALONE}{-1 - row.key}" if row.key < 0 else f"joint:{names[row.key]}",
                voices=voices,
                signatories=max(row.signed, len(voices)),
            )
            found.append((row, critic))
        return found

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

    @cached_property
    def _leads(self) -> Leads:
        if self.jointly is None:
            return Leads(Counter(), Counter(), Counter())
        return self.jointly.leads

    @property
    def spoke(self) -> set[str | None]:
        """The codes of those whose rows there are."""
        return {one.code for one in self._speakers.values()} | {
            self.critics.speakers[lead].code for lead in self._leads.every
        }

    @cached_property
    def kinds(self) -> frozenset[ActorKind]:
        """The kinds of those whose rows there are."""
        leads, speakers = self._leads.every, self.critics.speakers
        return frozenset(
            (*(c.kind for c in self.single_critics), *(speakers[lead].kind for lead in leads))
        )

    @cached_property
    def single_addressing(self) -> frozenset[str]:
        """Of everybody who has a row those that address the government that is asked about, or
        any."""
        some, code = self.keys, self.government
        if code:
            place = self.codes.index(code) if code in self.codes else -1
            some = np.unique(self.cells.critic[self.cells.target == place])
        return frozenset(self.critics.keys[one] for one in some.tolist())

    def addressed(self) -> dict[ActorKind, int]:
        """How many rows of each kind do so, of all there are."""
        some = self.single_addressing
        found = Counter(c.kind for c in self.single_critics if c.actor in some)
        for lead, count in self._leads.towards.items():
            found[self.critics.speakers[lead].kind] += count
        return dict(found)

    @property
    def objectors(self) -> int:
        """How many rows of states there are whose strongest instrument towards any government is an
        objection."""
        objections = objections_in(self.law)
        some = np.unique(self.cells.critic[np.isin(self.cells.row, objections)])
        found = sum(self._speakers[code].code is not None for code in some.tolist())
        leads, speakers = self._leads.objecting, self.critics.speakers
        return found + sum(n for lead, n in leads.items() if speakers[lead].code is not None)

    def all_targets(self) -> tuple[Criticised, ...]:
        """Every government that was criticised, sorted by code; nothing is told of silence."""
        alone = [0] * len(self.codes), [0] * len(self.codes)
        if self.jointly is not None:
            alone = self.jointly.heard(len(self.codes))
        columns = (self.codes, self._heard(), self.count, self.unnamed, *alone)
        found = [
            Criticised(
                government=code,
                name=GOVERNMENTS[code],
                critics=heard + told,
                count=count + told,
                unnamed=unnamed + hidden,
                silent=None,
                asked=0,
            )
            for code, heard, count, unnamed, told, hidden in zip(*columns, strict=True)
            if heard + told
        ]
        return tuple(sorted(found, key=lambda target: target.government))

    def _heard(self) -> list[int]:
        """How many critics of each government were heard, of which each was counted once for every
        leaf."""
        if self._merging is None:
            return self.heard
        again = np.zeros(len(self.codes), np.int64)
        if len(self.cells.target):  # all leaves are added up
            again[: len(self._merging.twice)] = self._merging.twice
        found: list[int] = (np.array(self.heard, np.int64) - again).tolist()
        return found

    def silent(self, target: Criticised, asked: Collection[str] | None) -> Criticised:
        """A target with those of the governments asked about that never spoke of it."""
        if asked is None:
            return target
        said = set(self._said[target.government].tolist())
        silent = tuple(c for c in asked if self.critics.code(f"state:{c}") not in said)
        return msgspec.structs.replace(target, silent=silent, asked=len(asked))

    def chosen(self, critics: Sequence[Critic], targets: frozenset[str] | None) -> Chosen:
        """The cells of some rows, in their order, and of targets, None for all."""
        places = {critic.actor: place for place, critic in enumerate(critics)}
        codes = sorted(self.codes)
        own = np.array([codes.index(code) for code in self.codes], np.int64)
        keyed = {self.critics.code(actor): place for actor, place in places.items()}
        cells = self.cells
        parts = [chosen(cells, cells.critic, keyed, own, self._of(cells, targets))]
        if self.jointly is not None:
            told = ((row.key, critic.actor) for row, critic in self.joint_critics)
            keyed = {key: places[actor] for key, actor in told if actor in places}
            joint = self.jointly.cells
            parts.append(chosen(joint, joint.key, keyed, own, self._of(joint, targets)))
        return Chosen(parts, list(places), codes, [row.name for row in self.law.rows])

    def _of(self, columns: Cells | JointCells, targets: frozenset[str] | None) -> Mask:
        if targets is None:
            return np.ones(len(columns.target), np.bool_)
        places = [place for place, code in enumerate(self.codes) if code in targets]
        return np.isin(columns.target, np.array(places, np.int64))


def _named_last(speaker: Ints, recorded: Ints) -> tuple[Ints, Ints]:
    """Of some speakers each once, with where they were recorded last."""
    order = np.lexsort((recorded, speaker))
    speaker, recorded = speaker[order], recorded[order]
    is_last = np.append(np.diff(speaker) != 0, np.ones(min(1, len(speaker)), np.bool_))
    return speaker[is_last], recorded[is_last]
