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
"""Kinds that take a government back to where it has not begun to leave."""
EFFECTIVE: Final = "withdrawal_effective"


class Stage(msgspec.Struct, frozen=True, gc=False):
    """A step of leaving: its floor, the claim that tells of it, and of a deposit when it takes
    effect, armed conflict aside."""

    floor: float
    claim: str
    expiry: Expiry | None


def floor_of(
    stages: Sequence[Facts], about: Sequence[Facts], government: str, on: date, weights: Weights
) -> tuple[float, str | None]:
    """The largest floor among the stages since the last reversal under each treaty, and its claim.

    `stages`: facts of which `is_stage` is true, in order; `about`: facts that hold all reports of
    armed conflict.
    """
    latest: dict[str, list[Stage]] = {}
    for fact in stages:
        if fact.kind in RESETS:
            latest[fact.treaty] = []
        else:
            latest.setdefault(fact.treaty, []).append(_stage(fact, weights))
    return _highest(latest, conflicts(about, government, on), on, weights)


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
            now: tuple[Stage, ...] = ()
            self._most[code] = 0.0
        else:
            floor, most = self._weights.floors[fact.kind], self._most.get(code, 0.0)
            if reached and floor <= most and fact.kind != RECEIVED:
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
        """What was reached, with a stage if it may ever be the highest: higher than all before, or
        a deposit that takes effect before others."""
        stage = _stage(fact, self._weights)
        return (*held, stage) if is_higher or _is_earlier(stage, held) else held


def _stage(fact: Facts, weights: Weights) -> Stage:
    expiry = None
    if fact.kind == RECEIVED:
        expiry = withdrawal_expiry(TREATIES[fact.treaty], fact.day, fact.stated)
    return Stage(weights.floors[fact.kind], fact.claim, expiry)


def _is_earlier(stage: Stage, held: tuple[Stage, ...]) -> bool:
    """Whether a deposit takes effect before all others that are held."""
    day = stage.expiry.on if stage.expiry else None
    days = [one.expiry.on for one in held if one.expiry and one.expiry.on]
    return day is not None and all(day < other for other in days)


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
