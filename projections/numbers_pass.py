"""The sums of the three numbers of one government, told while its claims pass by, speaker by
speaker: of a speaker no more is kept than on which of the last days something was said; never a law
of its own: `domain.numbers` is the oracle, and the sums agree with it to the last bit."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date
from itertools import groupby
from typing import Any, Final

import msgspec

from domain.claims import Status
from domain.exact import total, units
from domain.facts import POSSIBLE, Facts
from domain.numbers import NOVELTY_DAYS, Weighed, entering, readings_of, share, weighed
from domain.weights import MEASURES, Weights
from projections.law_pass import Entry, supposing

NUMBERS: Final = 2
"""The rank of what is said of numbers: by number, instrument, speaker, and order of happening."""
READINGS: Final = 3
_Shares = tuple[float | None, float | None, float | None]
"""What a claim adds to a number in each reading before repetition; None where it does not enter."""
_NOTHING: Final[_Shares] = (None, None, None)
NOTHING_TOLD: Final[Mapping[int, bytes]] = {}
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(tuple[_Shares, dict[int, _Shares], bytes])
Supposed = Mapping[str, Mapping[int, Status]]
"""Suppositions by claim: the number of each, and the status that it supposes."""
Look = Callable[[str, int, bytes, float | None, float], object]
"""Is shown the number, where the claim was recorded, what was told beside it, what it adds to the
score before repetition, and what repetition leaves of that."""


class Weighing:
    """Weighs claims for a day."""

    def __init__(self, on: date, weights: Weights) -> None:
        self.on, self.weights = on, weights
        self._readings = readings_of(weights)

    def entries(
        self,
        facts: Sequence[Facts],
        government: str,
        supposed: Supposed,
        told: Mapping[int, bytes] = NOTHING_TOLD,
    ) -> Iterator[Entry]:
        """What the claims of one happening, in order, say of the numbers of a government, also if
        one of them had another status.

        `told`: what is told beside them, by where they were recorded; claims beside which anything
        is told are named also where they enter no number after all.
        """
        found = self._shares(facts, government)
        others: dict[_Place, dict[int, _Shares]] = {}
        for fact in facts:
            for one, status in supposed.get(fact.claim, {}).items():
                some = [supposing(f, status) if f is fact else f for f in facts]
                shares = self._shares(some, government)
                for place in found.keys() | shares.keys():
                    held, given = found.get(place), shares.get(place)
                    if held is None and given is not None:
                        found[place] = given[0], _NOTHING
                    mine = _NOTHING if given is None else given[1]
                    if mine != found[place][1]:
                        others.setdefault(place, {})[one] = mine
        for place, (one_weighed, shares_now) in found.items():
            measure, position = place
            beside = told.get(position, b"")
            if not beside and shares_now == _NOTHING and place not in others:
                continue
            fact = one_weighed.fact
            who = ("", "") if measure == "erosion" else (one_weighed.row.name, fact.actor)
            body = _ENCODER.encode((shares_now, others.get(place, {}), beside))
            yield (NUMBERS, measure, *who, fact.day.toordinal(), position), body

    def _shares(
        self, facts: Sequence[Facts], government: str
    ) -> dict["_Place", tuple[Weighed, _Shares]]:
        found: dict[_Place, tuple[Weighed, _Shares]] = {}
        possible = [fact for fact in facts if fact.status in POSSIBLE]
        for measure in MEASURES:
            each = (weighed(measure, f, government, self.on, self.weights) for f in possible)
            some = [one for one in each if one is not None]
            if not some:
                continue
            if len(some) == 1:  # nothing else of the happening may count more
                (one,) = some
                score, low, high = (
                    share(one, q_of(one.fact)) if choose(one.fact) else None
                    for choose, q_of in self._readings
                )
                found[measure, one.fact.position] = one, (score, low, high)
                continue
            entered = [
                {e.weighed.fact.position: e.c for e in entering(_filter_by(choose, some), q_of)}
                for choose, q_of in self._readings
            ]
            for one in some:
                at = one.fact.position
                score, low, high = (reading.get(at) for reading in entered)
                found[measure, at] = one, (score, low, high)
        return found


_Place = tuple[str, int]
"""A number, and where a claim was recorded."""


def _filter_by(choose: Callable[[Facts], bool], some: Iterable[Weighed]) -> list[Weighed]:
    """Those whose claim is chosen."""
    return [one for one in some if choose(one.fact)]


class NumbersPass:
    """One pass over what is said of the numbers of one government, in order."""

    def __init__(self, look: Look | None = None) -> None:
        self._look = look
        self._sums = {measure: [0] * READINGS for measure in MEASURES}
        self._more: dict[int, dict[str, list[int]]] = {}

    def take(self, entries: Iterable[Entry]) -> None:
        """Look at all that is said."""
        for (measure, *_), some in groupby(entries, key=_speaker):
            if measure == "erosion":
                self._act(some)
            else:
                self._speak(measure, some)

    def sums(self, measure: str, supposition: int | None = None) -> list[float]:
        """What a number rests on in its three readings, as it is or as one supposes."""
        more = self._more.get(supposition, {}).get(measure) if supposition is not None else None
        pairs = zip(self._sums[measure], more or [0] * READINGS, strict=True)
        return [total(one + other) for one, other in pairs]

    def _act(self, entries: Iterable[Entry]) -> None:
        """Nobody's conduct is discounted for repetition."""
        for tail, body in entries:
            shares, supposed, told = _DECODER.decode(body)
            now = [units(c or 0.0) for c in shares]
            _add(self._sums["erosion"], now)
            for one, others in supposed.items():
                self._suppose(one, "erosion", now, [units(c or 0.0) for c in others])
            if self._look is not None:
                self._look("erosion", tail[-1], told, shares[0], 1.0)

    def _speak(self, measure: str, entries: Iterable[Entry]) -> None:
        """What one speaker said by one instrument."""
        speaker = _Speaker()
        supposed: dict[int, _Supposed] = {}
        for tail, body in entries:
            shares, others, told = _DECODER.decode(body)
            day = tail[-2]
            for one in [s for s, last in supposed.items() if last.day <= day - NOVELTY_DAYS]:
                # What it supposes lies too far back to be heard in what follows.
                self._suppose(one, measure, speaker.sums, supposed.pop(one).speaker.sums)
            for one in others:
                held = supposed.get(one)
                spoken = deepcopy(speaker) if held is None else held.speaker
                supposed[one] = _Supposed(day, spoken)
            for one, other in supposed.items():
                other.speaker.take(day, others.get(one, shares))
            left = speaker.take(day, shares)
            if self._look is not None:
                self._look(measure, tail[-1], told, shares[0], left)
        _add(self._sums[measure], speaker.sums)
        for one, other in supposed.items():
            self._suppose(one, measure, speaker.sums, other.speaker.sums)

    def _suppose(
        self, supposition: int, measure: str, now: Sequence[int], then: Sequence[int]
    ) -> None:
        more = self._more.setdefault(supposition, {}).setdefault(measure, [0] * READINGS)
        _add(more, [other - one for one, other in zip(now, then, strict=True)])


class _Speaker:
    """What one speaker said by one instrument so far in each reading: the sum, and how often on
    which of the last days."""

    def __init__(self) -> None:
        self.sums = [0] * READINGS
        self._days: list[deque[list[int]]] = [deque() for _ in range(READINGS)]
        self._times = [0] * READINGS

    def take(self, day: int, shares: _Shares) -> float:
        """Add what is said on a day; what repetition leaves of it in the score."""
        left = 1.0
        for reading, c in enumerate(shares):
            if c is None:
                continue
            times = self._spoken(reading, day)
            if times:
                nu = 1.0 / (1 + times)
                c *= nu
                if reading == 0:
                    left = nu
            self.sums[reading] += units(c)
        return left

    def _spoken(self, reading: int, day: int) -> int:
        """How often before, now that it is spoken once more."""
        days = self._days[reading]
        while days and days[0][0] <= day - NOVELTY_DAYS:
            self._times[reading] -= days.popleft()[1]
        if days and days[-1][0] == day:
            days[-1][1] += 1
        else:
            days.append([day, 1])
        self._times[reading] += 1
        return self._times[reading] - 1


class _Supposed(msgspec.Struct, frozen=True):
    """What a speaker would have said, and the last day on which that differs."""

    day: int
    speaker: Any


def _speaker(entry: Entry) -> tuple[str, str, str]:
    _, measure, instrument, actor, _, _ = entry[0]
    return measure, instrument, actor


def _add(sums: list[int], more: Iterable[int]) -> None:
    for reading, one in enumerate(more):
        sums[reading] += one
