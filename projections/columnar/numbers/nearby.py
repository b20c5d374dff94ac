"""What single claims weigh in the numbers, and what they would had the desk decided, from a shelf:
it looks at the rows around each claim and never reckons a whole number anew.

A claim moves what the same speaker said by the same instrument within the days of repetition,
which stands beside it; and of what was declared the same as it another one may enter in its place,
which moves what stands beside that.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple, TypeVar

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.numbers import SURE, Figure
from projections.columnar.legal.flooring import ACCEPTED, Steps
from projections.columnar.numbers.deciding import moved_at_once
from projections.columnar.numbers.reckoning import Reckoned, Sums, eroded_figure, voiced_figure
from projections.columnar.numbers.surveying import VOICED
from projections.columnar.shelf.narrowing import Column
from projections.columnar.shelf.pointing import SPREAD, Point, believed_at, holding, seen_rows
from projections.columnar.shelf.shelving import Leaf, Shelf
from projections.columnar.terms.entering import ERODING, Floats, decays
from projections.columnar.terms.sameness import Same, losing
from projections.columns import COUNTED_MAX, Ints, Mask
from projections.mornings import EFFECT_MIN, SHOWN, Effect
from projections.worklists import MeasureName, Narrowing, narrowing

CONTESTED: Final = 1
T = TypeVar("T")
_NOTHING: Final[Sums] = 0.0, 0.0, 0.0
Wanted = Mapping[str, Iterable[int]]
"""Claims by where they were recorded, government by government."""
NEIGHBOURS_MAX: Final = 64
"""How many stretches of neighbouring rows are remembered: both decisions about a claim look at the
same ones."""
Heaviest = tuple[int | None, float]


class Window(msgspec.Struct):
    """The rows around one, `own` among them: which enter the score, the low and the high bound,
    what each weighs there before repetition, and how often was spoken up to it."""

    own: int
    enters: tuple[Mask, Mask, Mask]
    c: tuple[Floats, Floats, Floats]
    times: tuple[Ints, Ints, Ints]

    def weighs(self, reading: int) -> float:
        """What the row weighs in a reading, or would if it entered."""
        is_in = bool(self.enters[reading][self.own])
        times = int(self.times[reading][self.own]) + (not is_in)
        return float(self.c[reading][self.own]) / times


class Around(NamedTuple):
    """Of neighbouring rows, in each reading, which enter, what each weighs there before repetition,
    and how often was spoken up to it."""

    enters: tuple[Mask, Mask, Mask]
    c: tuple[Floats, Floats, Floats]
    times: tuple[Ints, Ints, Ints]


class Nearby:
    """The rows of one leaf at one point, some at a time."""

    def __init__(self, leaf: Leaf, shelf: Shelf, on: date, at: Point) -> None:
        self.leaf, self.shelf, self.law = leaf, shelf, shelf.law
        self.on, self.at = on, at
        self.columns = leaf.columns
        self._neighbours: dict[tuple[int, int], Around] = {}

    def rows(self, wanted: Wanted) -> Iterator[tuple[str, int, int]]:
        """Government, claim and place of the believed rows of some claims."""
        asked = {
            (place, claim)
            for place, code in enumerate(self.leaf.governments)
            for claim in wanted.get(code, ())
        }
        claims = np.array(sorted({claim for _, claim in asked}), np.int64)
        some = holding(self.columns["recorded"], claims)
        some = some[seen_rows({n: c[some] for n, c in self._spread.items()}, self.at)]
        self.steps.look_at(claims)
        places = self.columns["government"][some].tolist()
        recorded = self.columns["recorded"][some].tolist()
        for row, place, claim in zip(some.tolist(), places, recorded, strict=True):
            if (place, claim) in asked:
                yield self.leaf.governments[place], claim, row

    @property
    def _spread(self) -> dict[str, Column]:
        return {name: self.columns[name] for name in SPREAD}

    def voice(self, row: int) -> str | None:
        """Which of pressure and backing a row may be."""
        if row >= self.leaf.voiced:
            return None
        return VOICED[int(self.columns["kind"][row]) % 2]

    def window(self, row: int) -> Window:
        """The rows around a voiced one."""
        low, high = self._reach(row)
        return Window(row - low, *self._around(low, high))

    def moved(self, row: int, status: int | None, *, is_voiced: bool) -> Sums:
        """How the sums of a number differ once a claim has a status, or is refused (None)."""
        told = self.leaf.told if is_voiced else self.leaf.told_conduct
        members = _members(told, row)
        members = members[seen_rows({n: c[members] for n, c in self._spread.items()}, self.at)]
        found = []
        for reading in range(3):
            now: dict[int, float | None] = {}
            for one in members.tolist():
                now[one] = self._weight(one, reading, int(self.columns["status"][one]), is_voiced)
            then = now | {row: self._weight(row, reading, status, is_voiced)}
            before, after = _heaviest(now), _heaviest(then)
            if before == after:
                found.append(0.0)
            elif is_voiced:
                found.append(self._differs(reading, before, after))
            else:
                found.append(after[1] - before[1])
        return found[0], found[1], found[2]

    def _weight(self, row: int, reading: int, status: int | None, is_voiced: bool) -> float | None:
        """What a row with a status weighs in a reading before repetition; None where it does not
        enter."""
        if status is None:
            return None
        columns = self.columns
        grade = self.grade(row)
        if reading == 0 and status > COUNTED_MAX:
            return None
        if reading == 1 and not (status == ACCEPTED and grade >= SURE):
            return None
        law = self.law.rows[int(columns["row" if is_voiced else "conduct"][row])]
        weight = float(columns["base"][row]) if is_voiced else law.weight
        chance = 1.0 if reading == 2 else grade * (0.5 if status == CONTESTED else 1.0)
        age = self.at.day - int(columns["day"][row])
        left: float = 2.0 ** -(age / law.half_life_days)
        return weight * chance * left

    def _differs(self, reading: int, before: Heaviest, after: Heaviest) -> float:
        """How the sum of a reading differs once one row enters in the place of another."""
        reaches = sorted(self._reach(one) for one, _ in (before, after) if one is not None)
        if len(reaches) == 2 and reaches[1][0] < reaches[0][1]:
            reaches = [(reaches[0][0], max(reaches[0][1], reaches[1][1]))]
        found = 0.0
        for low, high in reaches:
            around = self._around(low, high)
            enters, c, times = around.enters[reading], around.c[reading], around.times[reading]
            then, other = enters.copy(), c.copy()
            for (one, weight), is_in in ((before, False), (after, True)):
                if one is not None and low <= one < high:
                    then[one - low] = is_in
                    other[one - low] = weight
            now = (c[enters] / times[enters]).sum()
            found += float((other[then] / self._times(low, high, then)[then]).sum() - now)
        return found

    def _reach(self, row: int) -> tuple[int, int]:
        """From the first row that is counted with one to the last that it is counted with."""
        begins = self.columns["begin"]
        return int(begins[row]), int(np.searchsorted(begins, row, side="right"))

    def _around(self, low: int, high: int) -> Around:
        """Neighbouring rows, as far as these alone tell."""
        if (known := self._neighbours.get((low, high))) is not None:
            return known
        columns, here = self.columns, slice(low, high)
        readings, chances = self.readings(here)
        halves = self.law.half_lives_of(columns["row"][here])
        left = np.exp2(-np.maximum(self.at.day - columns["day"][here], 0) / halves)
        seen = seen_rows({n: c[here] for n, c in self._spread.items()}, self.at)
        lost = self.lost(np.arange(low, high), is_voiced=True)
        base = columns["base"][here]
        enters = [mask & seen & ~out for mask, out in zip(readings, lost, strict=True)]
        c = [base * chance * left for chance in chances]
        times = [self._times(low, high, mask) for mask in enters]
        if len(self._neighbours) >= NEIGHBOURS_MAX:
            self._neighbours.clear()
        around = Around(three(enters), three(c), three(times))
        self._neighbours[low, high] = around
        return around

    def _times(self, low: int, high: int, enters: Mask) -> Ints:
        begin = np.maximum(self.columns["begin"][low:high] - low, 0)
        running = np.zeros(high - low + 1, np.int64)
        np.cumsum(enters, out=running[1:])
        times: Ints = running[1:] - running[begin]
        return times

    def conduct(self, row: int) -> float:
        """What a row weighs in the score as conduct, 0 where it does not enter."""
        if self.columns["conduct"][row] < 0:
            return 0.0
        if self.lost(np.array([row]), is_voiced=False)[0][0]:
            return 0.0
        return self._weight(row, 0, int(self.columns["status"][row]), False) or 0.0

    def grade(self, row: int) -> float:
        """The probability of a row's best source."""
        return float(self.leaf.grades[self.columns["grade"][row]])

    @cached_property
    def steps(self) -> Steps:
        """What decisions about legal claims would move."""
        return Steps(self.leaf, self.shelf, self.on, self.at)

    def readings(self, here: slice | Ints) -> tuple[tuple[Mask, Mask, Mask], tuple[Floats, ...]]:
        """Which of some rows enter the score, the low and the high bound, and their probability."""
        grade = self.leaf.grades[self.columns["grade"][here]]
        status = self.columns["status"][here]
        chance = grade * np.where(status == CONTESTED, 0.5, 1.0)
        sure = (status == ACCEPTED) & (grade >= SURE)
        whole = np.ones(1)
        return (status <= COUNTED_MAX, sure, status >= 0), (chance, chance, whole)

    def lost(self, rows: Ints, *, is_voiced: bool) -> tuple[Mask, Mask, Mask]:
        """Which of some rows do not enter a reading because another one does that was declared the
        same; only those are looked at that were declared the same as these."""
        told = self.leaf.told if is_voiced else self.leaf.told_conduct
        is_out = np.zeros((3, self.leaf.size), np.bool_)
        is_asked = is_out[0]
        is_asked[rows] = True
        groups = np.zeros(len(told.starts), np.bool_)
        groups[told.group[is_asked[told.at]]] = True
        is_asked[rows] = False
        some = np.flatnonzero(groups[told.group])
        if len(some):
            own = told.group[some]
            is_first = np.diff(own, prepend=-1) != 0
            few = Same(told.at[some], np.flatnonzero(is_first), np.cumsum(is_first) - 1)
            for out, losers in zip(is_out, self._losing(few, is_voiced=is_voiced), strict=True):
                out[losers] = True
        return three([out[rows] for out in is_out])

    def _losing(self, told: Same, *, is_voiced: bool) -> list[Ints]:
        columns, at = self.columns, told.at
        seen = seen_rows({n: c[at] for n, c in self._spread.items()}, self.at)
        row = columns["row" if is_voiced else "conduct"][at]
        ages = np.maximum(self.at.day - columns["day"][at], 0)
        base = columns["base"][at] if is_voiced else self.law.weights_of(row)
        left = decays(row, ages, self.law)
        return [
            at[losing(told, mask & seen, base * chance * left)]
            for mask, chance in zip(*self.readings(at), strict=True)
        ]


def three(some: Iterable[T]) -> tuple[T, T, T]:
    """What holds in the score, the low and the high bound."""
    score, low, high = some
    return score, low, high


def effects_nearby(
    shelf: Shelf, wanted: Wanted, reckoned: Mapping[str, Reckoned], on: date, known_at: KnownAt,
    *, until: int,
) -> dict[str, dict[int, list[Effect]]]:  # fmt: skip
    """What each of some claims does to the numbers of a government, which read as `reckoned`."""
    found: dict[str, dict[int, list[Effect]]] = {}
    for nearby in _leaves(shelf, wanted, on, known_at, until):
        for code, claim, row in nearby.rows(wanted):
            now = reckoned[code]
            weighs: dict[str, float] = dict.fromkeys(map(str, SHOWN), 0.0)
            weighs[ERODING] = nearby.conduct(row)
            if (voice := nearby.voice(row)) is not None:
                window = nearby.window(row)
                if window.enters[0][window.own]:
                    weighs[voice] = window.weighs(0)
            some = found.setdefault(code, {}).setdefault(claim, [])
            some += _effects(code, claim, now, weighs)
    return found


def _effects(code: str, claim: int, now: Reckoned, weighs: Mapping[str, float]) -> Iterator[Effect]:
    for measure in SHOWN:
        whole = getattr(now, measure).score
        if measure == ERODING:
            whole -= now.floor
            if now.floor and now.floor_at == claim:
                yield Effect(government=code, measure=measure, points=now.floor, is_floor=True)
        total = now.sums[measure][0]
        points = whole * weighs[measure] / total if total else 0.0
        if points >= EFFECT_MIN:
            yield Effect(government=code, measure=measure, points=points, is_floor=False)


def narrowings_nearby(
    shelf: Shelf, wanted: Wanted, reckoned: Mapping[str, Reckoned], on: date, known_at: KnownAt,
    *, until: int,
) -> dict[str, dict[int, list[Narrowing]]]:  # fmt: skip
    """Every interval that a decision about each of some waiting claims would narrow."""
    found: dict[str, dict[int, list[Narrowing]]] = {}
    for nearby in _leaves(shelf, wanted, on, known_at, until):
        asked = list(nearby.rows(wanted))
        voiced = np.array([r for _, _, r in asked if nearby.voice(r) is not None], np.int64)
        is_told = np.zeros(nearby.leaf.voiced, np.bool_)
        is_told[nearby.leaf.told.at] = True
        alone = voiced[~is_told[voiced]]
        moves = moved_at_once(nearby, alone) if len(alone) else {}
        for code, claim, row in asked:
            narrowed = _narrowed(nearby, code, claim, row, reckoned[code], moves.get(row))
            some = [one for one in narrowed if one]
            if some:
                found.setdefault(code, {})[claim] = some
    return found


def _narrowed(
    nearby: Nearby,
    code: str,
    claim: int,
    row: int,
    now: Reckoned,
    moves: tuple[Sums, Sums] | None,
) -> Iterator[Narrowing | None]:
    decided = (ACCEPTED, None)
    if (voice := nearby.voice(row)) is not None:
        told = moves or [nearby.moved(row, status, is_voiced=True) for status in decided]
        figures = [voiced_figure(_plus(now.sums[voice], by)) for by in told]
        yield _one(code, voice, now, figures)
    is_conduct = nearby.columns["conduct"][row] >= 0
    floors = [nearby.steps.floors(code, claim, status, now.floors) for status in decided]
    if is_conduct or floors[0] is not None:
        moved = [_NOTHING, _NOTHING]
        if is_conduct:
            moved = [nearby.moved(row, status, is_voiced=False) for status in decided]
        figures = [
            eroded_figure(_plus(now.sums[ERODING], by), now.floors if some is None else some)
            for by, some in zip(moved, floors, strict=True)
        ]
        yield _one(code, ERODING, now, figures)


def _one(code: str, measure: str, now: Reckoned, figures: list[Figure]) -> Narrowing | None:
    name: MeasureName = measure  # type: ignore[assignment]  # it is one of them
    return narrowing(code, name, getattr(now, name), *figures)


def _members(told: Same, row: int) -> Ints:
    """A row with all that were declared the same as it, in order of happening."""
    place = np.flatnonzero(told.at == row)
    if not len(place):
        return np.array([row])
    group = int(told.group[place[0]])
    found: Ints = told.at[told.group == group]
    return found


def _heaviest(weights: Mapping[int, float | None]) -> Heaviest:
    """The row that weighs most, the first of equals, and what; None where none enters."""
    found: Heaviest = None, 0.0
    for row, weight in weights.items():
        if weight is not None and (found[0] is None or weight > found[1]):
            found = row, weight
    return found


def _plus(sums: Sums, by: Sums) -> Sums:
    score, low, high = (max(0.0, a + b) for a, b in zip(sums, by, strict=True))
    return score, low, high


def _leaves(
    shelf: Shelf, wanted: Wanted, on: date, known_at: KnownAt, until: int
) -> Iterator[Nearby]:
    shelf, at = believed_at(shelf, on, known_at, until)
    for leaf in shelf.leaves:
        if not wanted.keys().isdisjoint(leaf.governments):
            yield Nearby(leaf, shelf, on, at)
