"""Asks the law of the numbers once of each profile and voice; it has no law of its own."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from domain.facts import Facts
from domain.numbers import best_grade, conduct, criticism, is_backing, is_stage
from domain.standing import LEGAL_KINDS, STAGES
from domain.treaties import TREATIES
from domain.weights import Row, Weights
from projections.columns import Ints, Profile, Voice

KINDS: Final = {
    kind: code
    for code, kind in enumerate(
        (
            "state_signed",
            "state_joined",
            "withdrawal_reversed",
            "suspension_notified",
            "objection_lodged",
            "armed_conflict_engagement_reported",
            "withdrawal_instrument_deposited",
            "withdrawal_effective",
        ),
        1,
    )
}
"""Legal kinds that stand for themselves, by the code that `Legal.kind` holds; 0 is any other."""
Role = tuple[int, int, int, int, int, int, int, int, int]
_TREATIES: Final = {code: place for place, code in enumerate(TREATIES)}


def _is_step(profile: Profile) -> bool:
    """Whether a claim is a step of leaving that is taken once, whoever else reports it."""
    if profile.kind == "parliament_vote":
        return profile.carried and profile.stance == "weakens"
    return profile.kind in STAGES and profile.kind not in KINDS


class Law:
    """What the law says of every profile and voice under one set of weights, asked once of each;
    `key` is the same for sets that say the same."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.key = hashlib.sha256(msgspec.msgpack.encode(weights, order="deterministic")).digest()
        self.rows: list[Row] = []
        self._places: dict[Row, int] = {}
        self._roles: dict[Profile, Role] = {}
        self._voices: dict[Voice, tuple[float, float, float]] = {}

    def role(self, profile: Profile) -> Role:
        """Places in `rows` of its instrument of pressure, its backing and its conduct, -1 for none;
        whether it is legal, its code among `KINDS`, that of its treaty, whether a state is reported
        engaged in armed conflict, whether it is a step of leaving, whether a floor of erosion may
        follow from it."""
        found = self._roles.get(profile)
        if found is None:
            fact = _prototype(profile)
            backs = self.weights.backing if is_backing(fact) else None
            rows = criticism(fact, self.weights), backs, conduct(fact, self.weights)
            stage = is_stage(fact, self.weights)
            legal = fact.kind in LEGAL_KINDS or stage
            pressure, backing, erosion = (self._place(row) for row in rows)
            found = self._roles[profile] = (
                pressure,
                backing,
                erosion,
                int(legal),
                KINDS.get(profile.kind, 0),
                _TREATIES[profile.treaty],
                int(profile.engaged),
                int(_is_step(profile)),
                int(stage),
            )
        return found

    def roles(self, profiles: Iterable[Profile]) -> Ints:
        """The role of each of some profiles, as rows."""
        return np.array([self.role(p) for p in profiles], np.int64).reshape(-1, 9)

    def said(self, voices: Iterable[Voice]) -> npt.NDArray[np.float64]:
        """What `voice` says of each of some, as rows."""
        return np.array([self.voice(v) for v in voices], np.float64).reshape(-1, 3)

    def weights_of(self, found: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """What each of some places in `rows` weighs."""
        weights: npt.NDArray[np.float64] = np.array([r.weight for r in self.rows], np.float64)
        return weights[found] if len(found) else np.empty(0)

    def half_lives_of(self, found: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """The half-life of each of some places in `rows`, in days."""
        halves: npt.NDArray[np.float64] = np.array([r.half_life_days for r in self.rows])
        return halves[found] if len(found) else np.empty(0)

    def voice(self, voice: Voice) -> tuple[float, float, float]:
        """Its weight among actors, its share of several targets, the probability of its best
        source."""
        found = self._voices.get(voice)
        if found is None:
            share = max((self.weights.actors[kind] for kind in voice.actors), default=0.0)
            q = best_grade(voice.reliabilities, self.weights)
            found = self._voices[voice] = share, 0.5 if voice.several else 1.0, q
        return found

    def _place(self, row: Row | None) -> int:
        if row is None:
            return -1
        if row not in self._places:
            self._places[row] = len(self.rows)
            self.rows.append(row)
        return self._places[row]


def _prototype(profile: Profile) -> Facts:
    """A claim with that profile, for asking the law which instrument, stage or conduct it is."""
    day = date(2000, 1, 1)
    return Facts(
        claim="", position=0, happening="", status="accepted", kind=profile.kind,
        treaty=profile.treaty, occurred_on="", first=day, last=day, day=day, targets=(),
        states=(), actor="", actors=(), signatories=2 if profile.joint else None,
        reliabilities=(), stance=profile.stance, forum=profile.forum, strength=profile.strength,
        stated=None, carried=profile.carried, engaged=profile.engaged, summary="",
    )  # fmt: skip
