"""What a number would be if one claim said something else, by the readable law over the few facts
that this moves; it decides nothing and keeps no supposition."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from domain.facts import Facts
from domain.numbers import NOVELTY_DAYS, Figure, criticism, figure, voiced, voiced_sums
from domain.weights import Weights
from projections.dossier import MEASURES

ALL_FACTS_MAX: Final = 24
"""Of so few facts all are reckoned anew."""
_REACH: Final = timedelta(days=2 * NOVELTY_DAYS)
"""Who repeats themselves within the days of repetition of what is moved stands within these."""
Sums = tuple[float, float, float]


class Supposing:
    """A number of a government over the facts that may enter it.

    A claim moves what was declared the same as it, and what the same speakers said by the same
    instruments within the days of repetition: the sums of that are taken from the whole and put
    back as they would be. Erosion, whose floor follows from all steps, is reckoned as a whole.
    """

    def __init__(
        self, measure: str, government: str, facts: Sequence[Facts], on: date, weights: Weights
    ) -> None:
        self.measure, self.government, self.on, self.weights = measure, government, on, weights
        self.facts = facts

    def figure(self, claim: str, other: Facts | None) -> Figure:
        """The number if the claim said `other` instead, or nothing."""
        if self.measure == "erosion" or len(self.facts) <= ALL_FACTS_MAX:
            facts = _with(self.facts, claim, other)
            return figure(MEASURES[self.measure](facts, self.government, self.on, self.weights))
        some = self._beside(claim)
        before, after = self._sums(some), self._sums(_with(some, claim, other))
        moved = zip(self._whole, before, after, strict=True)
        return voiced(max(0.0, whole - b + a) for whole, b, a in moved)

    def later(self, on: date) -> Figure:
        """The number on another day, were nothing new on file by then."""
        asked = self.facts, self.government, on, self.weights
        if self.measure == "erosion":
            return figure(MEASURES[self.measure](*asked))
        return voiced(voiced_sums(self.measure, *asked))

    @cached_property
    def _whole(self) -> Sums:
        return self._sums(self.facts)

    def _beside(self, claim: str) -> list[Facts]:
        """The facts that decide what a claim weighs, or weigh otherwise because of it; none where
        it cannot enter the number."""
        one = next((fact for fact in self.facts if fact.claim == claim), None)
        if one is None:
            return []
        mates = [fact for fact in self.facts if fact.happening == one.happening]
        spoken = [(self._instrument(m), m.actor, m.day) for m in mates]
        around = {
            fact.happening
            for fact in self.facts
            for instrument, actor, day in spoken
            if fact.actor == actor
            and abs(fact.day - day) < _REACH
            and self._instrument(fact) == instrument
        }
        around.add(one.happening)
        return [fact for fact in self.facts if fact.happening in around]

    def _instrument(self, fact: Facts) -> str:
        row = criticism(fact, self.weights) if self.measure == "pressure" else None
        return "" if row is None else row.name

    def _sums(self, facts: Sequence[Facts]) -> Sums:
        return voiced_sums(self.measure, facts, self.government, self.on, self.weights)


def _with(facts: Sequence[Facts], claim: str, other: Facts | None) -> list[Facts]:
    """The facts with one of them changed, or left out."""
    swapped = (other if fact.claim == claim else fact for fact in facts)
    return [fact for fact in swapped if fact is not None]
