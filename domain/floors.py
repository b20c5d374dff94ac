"""The legal floor of an erosion: how far a government has gone in leaving a treaty, on one day or
on any; pure, and silent on conduct.

Method `erosion/1`: the contract's "The numbers".
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Final

import msgspec

from domain.facts import RECEIVED, Facts
from domain.standing import Periods, conflicts, ends, expiry_in_conflict, known_by
from domain.treaties import TREATIES, Expiry, withdrawal_expiry
from domain.weights import Weights

RESETS: Final = frozenset({"withdrawal_reversed", "state_joined"})
"""Kinds that may take a government back to where it has not begun to leave: a reversal does, and a
joining that is none of a state that is bound already, of which a standing is not moved either."""
JOINED: Final = "state_joined"
EFFECTIVE: Final = "withdrawal_effective"


class Stage(msgspec.Struct, frozen=True, gc=False):
    """A step of leaving: its floor, the claim that tells of it, of the first deposit when it takes
    effect, armed conflict aside, and whether it is the effect, undisputed."""

    floor: float
    claim: str
    expiry: Expiry | None
    is_effect: bool


def floor_of(
    stages: Sequence[Facts], about: Sequence[Facts], government: str, on: date, weights: Weights
) -> tuple[float, str | None]:
    """The largest floor among the stages since the last reversal under each treaty, and its claim.

    `stages`: facts of which `is_stage` is true, in order; `about`: facts that hold all reports of
    armed conflict.
    """
    latest: dict[str, list[Stage]] = {}
    joined: set[str] = set()
    periods = conflicts(about, government, on)
    for fact in stages:
        reached = latest.setdefault(fact.treaty, [])
        if fact.kind not in RESETS:
            reached.append(_stage(fact, reached, weights))
        elif _resets(fact, fact.treaty in joined, reached, periods):
            latest[fact.treaty] = []
        if fact.kind == JOINED:
            joined.add(fact.treaty)
    return _highest(latest, periods, on, weights)


class Floors:
    """The floor of one government in one reading on every day, folded once: `take` stages in order
    of happening, then ask."""

    def __init__(self, periods: Periods, weights: Weights, *, keeps_days: bool = True) -> None:
        """`periods`: the armed conflicts of the government, see `conflicts`. Without `keeps_days`
        no more is kept than what a day after all of them needs."""
        self._periods, self._weights, self._keeps_days = periods, weights, keeps_days
        self._days: dict[str, list[date]] = {}
        self._reached: dict[str, list[tuple[Stage, ...]]] = {}
        self._most: dict[str, float] = {}
        self._joined: dict[str, date] = {}

    @property
    def size(self) -> int:
        """How many states are kept."""
        return sum(map(len, self._reached.values()))

    def take(self, fact: Facts) -> None:
        """Fold one stage or reset in."""
        code = fact.treaty
        days = self._days.setdefault(code, [])
        reached = self._reached.setdefault(code, [])
        held = reached[-1] if reached else ()
        if fact.kind in RESETS:
            is_joined = code in self._joined
            if fact.kind == JOINED:
                self._joined.setdefault(code, fact.day)
            if not _resets(fact, is_joined, held, self._periods):
                return
            now: tuple[Stage, ...] = ()
            self._most[code] = 0.0
        else:
            floor, most = self._weights.floors[fact.kind], self._most.get(code, 0.0)
            if reached and floor <= most and fact.kind not in (RECEIVED, EFFECTIVE):
                return
            self._most[code] = max(floor, most)
            now = self._with(held, fact, is_higher=floor > most)
        if reached and now == held:
            return
        if days and (days[-1] == fact.day or not self._keeps_days):
            days[-1], reached[-1] = fact.day, now
        else:
            days.append(fact.day)
            reached.append(now)

    def until(self, day: date) -> "Floors":
        """What was folded of the days before one; this stays as it is."""
        found = Floors(self._periods, self._weights)
        found._joined = {code: first for code, first in self._joined.items() if first < day}
        for code, days in self._days.items():
            if known := bisect_left(days, day):
                found._days[code] = days[:known]
                found._reached[code] = self._reached[code][:known]
                held = found._reached[code][-1]
                found._most[code] = max((stage.floor for stage in held), default=0.0)
        return found

    def copy(self) -> "Floors":
        """The same, which goes on by itself."""
        found = Floors(self._periods, self._weights, keeps_days=self._keeps_days)
        found._days = {code: list(days) for code, days in self._days.items()}
        found._reached = {code: list(some) for code, some in self._reached.items()}
        found._most = dict(self._most)
        found._joined = dict(self._joined)
        return found

    def turns(self) -> set[date]:
        """The days on which the floor may change: of stages, of what they lead to, and of armed
        conflicts, which hold that up."""
        held = chain.from_iterable(chain.from_iterable(self._reached.values()))
        expiries = {stage.expiry.on for stage in held if stage.expiry and stage.expiry.on}
        return expiries.union(ends(self._periods), *self._days.values())

    def on(self, day: date) -> tuple[float, str | None]:
        """The floor on a day, and its claim."""
        latest = {
            treaty: self._reached[treaty][known - 1]
            for treaty, days in self._days.items()
            if (known := bisect_right(days, day))
        }
        periods = known_by(self._periods, day) if self._periods else self._periods
        return _highest(latest, periods, day, self._weights)

    def _with(self, held: tuple[Stage, ...], fact: Facts, *, is_higher: bool) -> tuple[Stage, ...]:
        """What was reached, with a stage if it may ever matter: higher than all before, the deposit
        that starts the clock, or the first to be the effect."""
        stage = _stage(fact, held, self._weights)
        is_first = stage.is_effect and not any(one.is_effect for one in held)
        return (*held, stage) if is_higher or is_first or stage.expiry is not None else held


def _stage(fact: Facts, held: Sequence[Stage], weights: Weights) -> Stage:
    expiry = None
    if fact.kind == RECEIVED and all(one.expiry is None for one in held):
        expiry = withdrawal_expiry(TREATIES[fact.treaty], fact.day, fact.stated)
    # One that is pending is read for `high` alone, where all that may be true is taken to be so.
    is_effect = fact.kind == EFFECTIVE and fact.status != "contested"
    return Stage(weights.floors[fact.kind], fact.claim, expiry, is_effect)


def _resets(fact: Facts, is_joined: bool, reached: Sequence[Stage], periods: Periods) -> bool:
    """Whether a reversal or a joining takes back what was reached: the joining of a state that has
    joined and not left since, a second report of it, does not."""
    if fact.kind != JOINED or not is_joined:
        return True
    if any(stage.is_effect for stage in reached):
        return True
    known, treaty = known_by(periods, fact.day), TREATIES[fact.treaty]
    effects = (
        expiry_in_conflict(stage.expiry, treaty, known, fact.day).on
        for stage in reached
        if stage.expiry is not None
    )
    return any(effect is not None and effect <= fact.day for effect in effects)


def _highest(
    latest: Mapping[str, Sequence[Stage]], periods: Periods, on: date, weights: Weights
) -> tuple[float, str | None]:
    """The largest floor of what was reached under each treaty by a day, the first of equals."""
    best: tuple[float, str | None] = (0.0, None)
    for code, reached in latest.items():
        for stage in reached:
            floor = stage.floor
            if stage.expiry is not None:
                effect = expiry_in_conflict(stage.expiry, TREATIES[code], periods, on).on
                if effect is not None and effect <= on:
                    floor = max(floor, weights.floors[EFFECTIVE])
            if floor > best[0]:
                best = floor, stage.claim
    return best
