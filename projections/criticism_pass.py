"""The matrix of critics told while claims pass by, happening by happening: no more is kept than
pairs of critics and governments; never a law of its own: `projections.criticism` is the oracle."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from operator import attrgetter

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

_happening = attrgetter("facts.happening")


class _Pair(msgspec.Struct):
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


class _Heard(msgspec.Struct):
    """What one government heard so far: from how many critics, in how many happenings, and in how
    many of those from voices that nobody here knows."""

    critics: int = 0
    count: int = 0
    unnamed: int = 0


class _JointRow(msgspec.Struct, frozen=True):
    """A joint statement in a row of its own."""

    place: Place
    critic: Critic
    cells: tuple[Cell, ...]


class MatrixPass:
    """One pass over what is said by a day that is an instrument of pressure."""

    def __init__(self, joint: Joint, rows_max: int) -> None:
        """`joint`: how happenings in which several speak are told; `rows_max`: how many critics
        the page lists."""
        self.joint, self.rows_max = joint, rows_max
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

    def page(
        self, *, on: date, known_at: str, weights: Weights, among: Among | None = None,
        circles: Circles = NO_CIRCLES,
    ) -> CriticismMatrix:  # fmt: skip
        """What `projections.criticism.criticism_matrix` gives."""
        targets = Counter(critic for critic, _ in self._pairs)
        shown = sorted(targets)[: self.rows_max]
        joint = self._rows.rows()[: self.rows_max - len(shown)]
        among = speakers_among(among, sorted(self._codes))
        names = None if among is None else listed(among, circles, on)
        rank = set(shown)
        pairs = sorted(pair for pair in self._pairs if pair[0] in rank)
        return CriticismMatrix(
            on=on,
            known_at=known_at,
            methods=(weights.method("pressure"),),
            among=names,
            alliances=() if among is None else among.alliances,
            regions=() if among is None else among.regions,
            joint=self.joint,
            critics=(
                *(_critic(key, self._actors[key][1], targets[key]) for key in shown),
                *(row.critic for row in joint),
            ),
            critics_total=len(targets) + self._rows.total,
            targets=tuple(
                self._criticised(code, *asked_of(code, names, among, circles, on))
                for code in sorted(self._heard)
            ),
            cells=(
                *(_cell(pair, self._pairs[pair]) for pair in pairs),
                *(cell for row in joint for cell in row.cells),
            ),
        )

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
        strength = said.row.weight, -facts.position  # of equals the one that was recorded first
        for to in said.targets:
            held = self._pairs.get((key, to))
            if held is None:
                last = facts.order, facts.occurred_on, facts.claim
                self._pairs[key, to] = _Pair(0, 0, 1, *last, strength, said.row.name)
                self._heard.setdefault(to, _Heard()).critics += 1
                continue
            held.claims += 1
            if facts.order > held.last:
                held.last = facts.order
                held.latest_on, held.latest_claim = facts.occurred_on, facts.claim
            if strength > held.strength:
                held.strength, held.strongest = strength, said.row.name

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
            self._heard.setdefault(to, _Heard()).critics += 1
        cells = (cell_of((key, to), by_target[to], together) for to in sorted(by_target))
        self._rows.add((_JointRow(place_among(key, said), critic, tuple(cells)),))

    def _criticised(
        self, code: str, shared: tuple[str, ...], asked: tuple[str, ...] | None
    ) -> Criticised:
        silent = None
        if asked is not None:
            silent = tuple(ally for ally in asked if (f"state:{ally}", code) not in self._spoke)
        heard = self._heard[code]
        return Criticised(
            government=code,
            name=GOVERNMENTS[code],
            critics=heard.critics,
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
