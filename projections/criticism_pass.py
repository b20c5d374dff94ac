"""The matrix of critics told while claims pass by, happening by happening: no more is kept than
some pairs of critics and governments; never a law of its own: `projections.criticism` is the
oracle."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, Final, Protocol

import msgspec

from domain.circles import NO_CIRCLES, Circles
from domain.claims import Actor
from domain.governments import GOVERNMENTS
from domain.weights import Weights
from projections.criticism import (
    Cell,
    Critic,
    Criticised,
    CriticismMatrix,
    Joint,
    Pair,
    Said,
    cell_of,
    critic_of,
    place_among,
    rows_of,
)
from projections.paging import First, Place
from projections.silence import Among, asked_of, listed, speakers_among

PAIRS_MAX: Final = 10_000
"""How many pairs of critics and governments are kept before they are put aside."""
Key = tuple[Any, ...]
_ENCODER: Final = msgspec.msgpack.Encoder()
_happening = attrgetter("facts.happening")


class Aside(Protocol):
    """Takes entries and gives them back in the order of their keys."""

    def add(self, key: Key, body: bytes) -> None:
        """Take an entry."""

    def __iter__(self) -> Iterator[tuple[Key, bytes]]:
        """All of them, in order."""


class _Pair(msgspec.Struct, array_like=True):
    """What one critic said of one government so far: happenings, how many of them joint, claims,
    the last of these and the strongest."""

    count: int
    joint: int
    claims: int
    last: tuple[date, int]
    latest_on: str
    latest_claim: str
    strength: tuple[float, int]
    strongest: str

    def join(self, other: "_Pair") -> None:
        """Say what both say, of which no happening is in both."""
        self.count += other.count
        self.joint += other.joint
        self.claims += other.claims
        if other.last > self.last:
            self.last, self.latest_on = other.last, other.latest_on
            self.latest_claim = other.latest_claim
        if other.strength > self.strength:
            self.strength, self.strongest = other.strength, other.strongest


_PAIR: Final = msgspec.msgpack.Decoder(_Pair)
_NAMED: Final = msgspec.msgpack.Decoder(tuple[int, Actor])


class _Heard(msgspec.Struct):
    """What one government heard so far: from how many joint rows, in how many happenings, and in
    how many of those from voices that nobody here knows."""

    rows: int = 0
    count: int = 0
    unnamed: int = 0


class _JointRow(msgspec.Struct, frozen=True):
    """A joint statement in a row of its own."""

    place: Place
    critic: Critic
    cells: tuple[Cell, ...]


class MatrixPass:
    """One pass over what is said by a day that is an instrument of pressure."""

    def __init__(
        self, joint: Joint, rows_max: int, aside: Aside, *, pairs_max: int = PAIRS_MAX
    ) -> None:
        """`joint`: how happenings in which several speak are told; `rows_max`: how many critics
        the page lists. `aside`: where pairs go of which there are more than `pairs_max`."""
        self.joint, self.rows_max = joint, rows_max
        self._aside, self._pairs_max, self._times = aside, pairs_max, 0
        self._pairs: dict[Pair, _Pair] = {}
        self._actors: dict[str, tuple[int, Actor]] = {}
        self._heard: dict[str, _Heard] = {}
        self._spoke: set[Pair] = set()
        self._codes: set[str] = set()
        self._rows: First[_JointRow] = First(rows_max, attrgetter("place"))

    def take(self, everything: Iterable[Said]) -> None:
        """Look at what is said, all of it, happening by happening."""
        for happening, some in groupby(everything, _happening):
            self._look(happening, list(some))
            if len(self._pairs) > self._pairs_max:
                self._put_aside()

    def page(
        self, *, on: date, known_at: str, weights: Weights, among: Among | None = None,
        circles: Circles = NO_CIRCLES,
    ) -> CriticismMatrix:  # fmt: skip
        """What `projections.criticism.criticism_matrix` gives."""
        critics, cells, total = list[Critic](), list[Cell](), 0
        of = Counter[str]()
        for key, actor, pairs in self._critics():
            total += 1
            of.update(to for to, _ in pairs)
            if total <= self.rows_max:
                critics.append(_critic(key, actor, len(pairs)))
                cells += (_cell((key, to), one) for to, one in pairs)
        joint = self._rows.rows()[: self.rows_max - len(critics)]
        among = speakers_among(among, sorted(self._codes))
        names = None if among is None else listed(among, circles, on)
        return CriticismMatrix(
            on=on,
            known_at=known_at,
            methods=(weights.method("pressure"),),
            among=names,
            alliances=() if among is None else among.alliances,
            regions=() if among is None else among.regions,
            joint=self.joint,
            critics=(*critics, *(row.critic for row in joint)),
            critics_total=total + self._rows.total,
            targets=tuple(
                self._criticised(code, of[code], *asked_of(code, names, among, circles, on))
                for code in sorted(self._heard)
            ),
            cells=(*cells, *(cell for row in joint for cell in row.cells)),
        )

    def _put_aside(self) -> None:
        """Let go of the pairs so far; what is said of them again is joined with this."""
        self._times += 1
        for (key, to), one in self._pairs.items():
            self._aside.add((key, to, self._times), _ENCODER.encode(one))
        for key, named in self._actors.items():
            self._aside.add((key, "", self._times), _ENCODER.encode(named))
        self._pairs, self._actors = {}, {}

    def _critics(self) -> Iterator[tuple[str, Actor, list[tuple[str, _Pair]]]]:
        """Every critic by key, and what was said of each government, by code."""
        if not self._times:
            for key, pairs in groupby(sorted(self._pairs), key=itemgetter(0)):
                yield key, self._actors[key][1], [(pair[1], self._pairs[pair]) for pair in pairs]
            return
        self._put_aside()
        for key, entries in groupby(self._aside, key=lambda entry: entry[0][0]):
            named: tuple[int, Actor] | None = None
            found: list[tuple[str, _Pair]] = []
            for (_, to, _), body in entries:
                if not to:
                    actor = _NAMED.decode(body)
                    named = actor if named is None or actor[0] > named[0] else named
                elif found and found[-1][0] == to:
                    found[-1][1].join(_PAIR.decode(body))
                else:
                    found.append((to, _PAIR.decode(body)))
            assert named is not None, f"{key} was never named"
            yield key, named[1], found

    def _look(self, happening: str, some: list[Said]) -> None:
        some.sort(key=lambda said: said.facts.position)
        together = {happening} if any(said.is_joint for said in some) else set[str]()
        pairs: set[Pair] = set()
        rows: dict[str, list[Said]] = {}
        heard: dict[str, bool] = {}
        for said in some:
            self._spoke |= {
                (key, to)
                for key, actor in said.actors.items()
                if actor.kind == "state"
                for to in said.targets
            }
            keys = rows_of(said, self.joint, together)
            for to in said.targets if keys else ():
                heard[to] = heard.get(to, False) or said.is_unnamed
            for key in keys:
                if key in said.actors:
                    self._name(key, said)
                    pairs |= {(key, to) for to in said.targets}
                    self._add(key, said)
                else:
                    rows.setdefault(key, []).append(said)
        for pair in pairs:
            self._pairs[pair].count += 1
            self._pairs[pair].joint += bool(together)
        for to, is_unnamed in heard.items():
            one = self._heard.setdefault(to, _Heard())
            one.count += 1
            one.unnamed += is_unnamed
        for key, each in rows.items():
            self._put(key, each, together)

    def _name(self, key: str, said: Said) -> None:
        """Whose row it is: the actor as the claim names it that was recorded last."""
        held = self._actors.get(key)
        if held is None or held[0] < said.facts.position:
            self._actors[key] = said.facts.position, said.actors[key]
        code = said.actors[key].code
        if code is not None:
            self._codes.add(code)

    def _add(self, key: str, said: Said) -> None:
        facts = said.facts
        for to in said.targets:
            held = self._pairs.get((key, to))
            if held is None:
                last = facts.order, facts.occurred_on, facts.claim
                self._pairs[key, to] = _Pair(0, 0, 1, *last, said.strength, said.row.name)
                continue
            held.claims += 1
            if facts.order > held.last:
                held.last = facts.order
                held.latest_on, held.latest_claim = facts.occurred_on, facts.claim
            if said.strength > held.strength:
                held.strength, held.strongest = said.strength, said.row.name

    def _put(self, key: str, said: list[Said], together: set[str]) -> None:
        """A joint statement is told whole."""
        by_target: dict[str, list[Said]] = {}
        for one in said:
            for to in one.targets:
                by_target.setdefault(to, []).append(one)
        critic = critic_of(key, said, len(by_target))
        if critic.code is not None:
            self._codes.add(critic.code)
        for to in by_target:
            self._heard.setdefault(to, _Heard()).rows += 1
        cells = (cell_of((key, to), by_target[to], together) for to in sorted(by_target))
        self._rows.add((_JointRow(place_among(key, said), critic, tuple(cells)),))

    def _criticised(
        self, code: str, critics: int, shared: tuple[str, ...], asked: tuple[str, ...] | None
    ) -> Criticised:
        silent = None
        if asked is not None:
            silent = tuple(ally for ally in asked if (f"state:{ally}", code) not in self._spoke)
        heard = self._heard[code]
        return Criticised(
            government=code,
            name=GOVERNMENTS[code],
            critics=critics + heard.rows,
            count=heard.count,
            unnamed=heard.unnamed,
            silent=silent,
            asked=len(asked or ()),
            shared=shared,
        )


def _critic(key: str, actor: Actor, targets: int) -> Critic:
    return Critic(
        actor=key,
        kind=actor.kind,
        name=GOVERNMENTS[actor.code] if actor.code is not None else actor.name or key,
        code=actor.code,
        targets=targets,
    )


def _cell(pair: Pair, held: _Pair) -> Cell:
    return Cell(
        critic=pair[0],
        target=pair[1],
        count=held.count,
        joint=held.joint,
        single=held.count - held.joint,
        claims=held.claims,
        latest_on=held.latest_on,
        latest_claim=held.latest_claim,
        strongest=held.strongest,
    )
