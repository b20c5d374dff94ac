"""What single claims weigh in the numbers, and what they would had the desk decided, from a shelf:
it looks at the rows around each claim and never reckons a whole number anew.

A claim moves what the same speaker said by the same instrument within the days of repetition,
which stands beside it, and what was declared the same as it: a claim of which that is so is left
to `projections.columnar.supposing`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.numbers import SURE, Figure
from projections.columnar.entering import ERODING, Floats, decays
from projections.columnar.figures import Reckoned, Sums, eroded_figure, voiced_figure
from projections.columnar.legal import Floor, LegalRows
from projections.columnar.milestones import CONFLICT
from projections.columnar.shelving import Leaf, Same, Shelf
from projections.columnar.surveying import VOICED, Point, losing, point, seen_rows
from projections.columnar.winnowing import winnowed
from projections.columns import COUNTED_MAX, Ints, Mask
from projections.mornings import EFFECT_MIN, SHOWN, Effect
from projections.worklists import MeasureName, Narrowing, narrowing

ACCEPTED: Final = 0
CONTESTED: Final = 1
_NOTHING: Final[Sums] = 0.0, 0.0, 0.0
Wanted = Mapping[str, Iterable[int]]
"""Claims by where they were recorded, government by government."""
Found = dict[str, dict[int, list[Narrowing]]]


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

    def moved(self, reading: int, by: int, *, own: float = 1.0) -> float:
        """How the sum of a reading differs once the row enters it (1) with so much of what it
        weighs, or no longer does (-1)."""
        after = slice(self.own + 1, None)
        some = self.enters[reading][after]
        times, c = self.times[reading][after][some], self.c[reading][after][some]
        return by * own * self.weighs(reading) + float(
            (c * (1.0 / (times + by) - 1.0 / times)).sum()
        )


class Nearby:
    """The rows of one leaf at one point, some at a time."""

    def __init__(self, leaf: Leaf, shelf: Shelf, on: date, at: Point) -> None:
        self.leaf, self.shelf, self.law = leaf, shelf, shelf.law
        self.on, self.at = on, at
        self.columns = leaf.columns
        self._losers: dict[bool, tuple[Ints, Ints, Ints]] = {}

    def rows(self, wanted: Wanted) -> Iterator[tuple[str, int, int]]:
        """Government, claim and place of the believed rows of some claims."""
        asked = {
            (place, claim)
            for place, code in enumerate(self.leaf.governments)
            for claim in wanted.get(code, ())
        }
        claims = np.array(sorted({claim for _, claim in asked}), np.int64)
        some = np.flatnonzero(np.isin(self.columns["recorded"], claims))
        some = some[seen_rows({n: c[some] for n, c in self._spread.items()}, self.at)]
        places = self.columns["government"][some].tolist()
        recorded = self.columns["recorded"][some].tolist()
        for row, place, claim in zip(some.tolist(), places, recorded, strict=True):
            if (place, claim) in asked:
                yield self.leaf.governments[place], claim, row

    @property
    def _spread(self) -> dict[str, Floats]:
        names = ("day", "position", "position_to", "known", "known_to")
        return {name: self.columns[name] for name in names}

    def is_told(self, row: int) -> bool:
        """Whether a row was declared the same as another."""
        return bool(self.columns["happening"][row] >= 0)

    def voice(self, row: int) -> str | None:
        """Which of pressure and backing a row may be."""
        if row >= self.leaf.voiced:
            return None
        return VOICED[int(self.columns["kind"][row]) % 2]

    def window(self, row: int) -> Window:
        """The rows around a voiced one."""
        columns = self.columns
        begins = columns["begin"]
        low, high = int(begins[row]), int(np.searchsorted(begins, row, side="right"))
        here = slice(low, high)
        seen = seen_rows({n: c[here] for n, c in self._spread.items()}, self.at)
        half_life = self.law.rows[int(columns["row"][row])].half_life_days
        left = np.exp2(-np.maximum(self.at.day - columns["day"][here], 0) / half_life)
        enters, chances = self._readings(here)
        begin = np.maximum(begins[here] - low, 0)
        c = [columns["base"][here] * chance * left for chance in chances]
        masks: list[Mask] = []
        times: list[Ints] = []
        for mask, losers in zip(enters, self._lost(is_voiced=True), strict=True):
            one = mask & seen
            ends = np.searchsorted(losers, (low, high))
            one[losers[ends[0] : ends[1]] - low] = False
            running = np.zeros(high - low + 1, np.int64)
            np.cumsum(one, out=running[1:])
            masks.append(one)
            times.append(running[1:] - running[begin])
        return Window(
            row - low, (masks[0], masks[1], masks[2]), (c[0], c[1], c[2]),
            (times[0], times[1], times[2]),
        )  # fmt: skip

    def conduct(self, row: int) -> tuple[Sums, tuple[bool, bool, bool]] | None:
        """What a row weighs as conduct in each reading, and in which it enters; None where it is
        none."""
        place = int(self.columns["conduct"][row])
        if place < 0:
            return None
        law = self.law.rows[place]
        here = slice(row, row + 1)
        left = 2.0 ** (-(self.at.day - int(self.columns["day"][row])) / law.half_life_days)
        enters, chances = self._readings(here)
        lost = [row in losers for losers in self._lost(is_voiced=False)]
        weighs = [law.weight * float(np.broadcast_to(q, 1)[0]) * left for q in chances]
        is_in = [bool(mask[0]) and not out for mask, out in zip(enters, lost, strict=True)]
        return (weighs[0], weighs[1], weighs[2]), (is_in[0], is_in[1], is_in[2])

    def grade(self, row: int) -> float:
        """The probability of a row's best source."""
        return float(self.leaf.grades[self.columns["grade"][row]])

    def floors(self, government: str, claim: int, status: int | None) -> list[Floor] | None:
        """The legal floors had a claim another status (None: were it refused); None where it cannot
        move any."""
        place = self.leaf.governments.index(government)
        begin, end = self.leaf.legal_bounds[place : place + 2].tolist()
        own = {name: column[begin:end] for name, column in self.leaf.legal.items()}
        seen = seen_rows(own, self.at)
        mine = np.flatnonzero(seen & (own["recorded"] == claim))
        role = own["role"][mine]
        if not len(mine) or not (role[0, 8] == 1 or role[0, 4] == CONFLICT):
            return None
        if status is None:
            seen[mine] = False
        else:
            own["status"] = own["status"].copy()
            own["status"][mine] = status
        rows = winnowed(own, np.flatnonzero(seen), len(self.leaf.governments))
        steps = LegalRows(
            government, own, self.shelf.words.lists, rows,
            role=own["role"][rows], q=own["q"][rows], law=self.law,
        )  # fmt: skip
        return steps.floors(self.on)

    def _readings(self, here: slice) -> tuple[tuple[Mask, Mask, Mask], tuple[Floats, ...]]:
        grade = self.leaf.grades[self.columns["grade"][here]]
        status = self.columns["status"][here]
        chance = grade * np.where(status == CONTESTED, 0.5, 1.0)
        sure = (status == ACCEPTED) & (grade >= SURE)
        whole = np.ones(1)
        return (status <= COUNTED_MAX, sure, status >= 0), (chance, chance, whole)

    def _lost(self, *, is_voiced: bool) -> tuple[Ints, Ints, Ints]:
        """Of rows declared the same as others those that do not enter, in each reading."""
        if is_voiced not in self._losers:
            told = self.leaf.told if is_voiced else self.leaf.told_conduct
            self._losers[is_voiced] = self._losing(told, "row" if is_voiced else "conduct")
        return self._losers[is_voiced]

    def _losing(self, told: Same, name: str) -> tuple[Ints, Ints, Ints]:
        columns, at = self.columns, told.at
        seen = seen_rows({n: c[at] for n, c in self._spread.items()}, self.at)
        row = columns[name][at]
        ages = np.maximum(self.at.day - columns["day"][at], 0)
        base = columns["base"][at] if name == "row" else self.law.weights_of(row)
        left = decays(row, ages, self.law)
        grade, status = self.leaf.grades[columns["grade"][at]], columns["status"][at]
        chance = grade * np.where(status == CONTESTED, 0.5, 1.0)
        sure = (status == ACCEPTED) & (grade >= SURE)
        whole = np.ones(len(at))
        readings = (status <= COUNTED_MAX, chance), (sure, chance), (status >= 0, whole)
        found = [np.sort(at[losing(told, mask & seen, base * q * left)]) for mask, q in readings]
        return found[0], found[1], found[2]


def effects_nearby(
    shelf: Shelf, wanted: Wanted, reckoned: Mapping[str, Reckoned], on: date, known_at: KnownAt,
    *, until: int,
) -> dict[str, dict[int, list[Effect]]]:  # fmt: skip
    """What each of some claims does to the numbers of a government, which read as `reckoned`."""
    found: dict[str, dict[int, list[Effect]]] = {}
    for nearby in _leaves(shelf, wanted, on, known_at, until):
        for code, claim, row in nearby.rows(wanted):
            now = reckoned[code]
            weighs = dict.fromkeys(SHOWN, 0.0)
            voice, conduct = nearby.voice(row), nearby.conduct(row)
            if voice is not None:
                window = nearby.window(row)
                if window.enters[0][window.own]:
                    weighs[voice] = window.weighs(0)
            if conduct is not None and conduct[1][0]:
                weighs[ERODING] = conduct[0][0]
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
) -> tuple[Found, dict[str, list[int]]]:  # fmt: skip
    """Every interval that a decision about each of some waiting claims would narrow, and the claims
    that were declared the same as others, which are left."""
    found: Found = {}
    left: dict[str, list[int]] = {}
    for nearby in _leaves(shelf, wanted, on, known_at, until):
        for code, claim, row in nearby.rows(wanted):
            if nearby.is_told(row):
                left.setdefault(code, []).append(claim)
                continue
            some = [one for one in _narrowed(nearby, code, claim, row, reckoned[code]) if one]
            if some:
                found.setdefault(code, {})[claim] = some
    return found, left


def _narrowed(
    nearby: Nearby, code: str, claim: int, row: int, now: Reckoned
) -> Iterator[Narrowing | None]:
    status, is_sure = int(nearby.columns["status"][row]), nearby.grade(row) >= SURE
    if (voice := nearby.voice(row)) is not None:
        accepted, refused = _moved(nearby.window(row), status, is_sure)
        figures = [voiced_figure(_plus(now.sums[voice], by)) for by in (accepted, refused)]
        yield _one(code, voice, now, figures)
    conduct = nearby.conduct(row)
    floors = [nearby.floors(code, claim, ACCEPTED), nearby.floors(code, claim, None)]
    if conduct is not None or floors[0] is not None:
        moved = (_NOTHING, _NOTHING) if conduct is None else _acted(conduct[0], status, is_sure)
        figures = [
            eroded_figure(_plus(now.sums[ERODING], by), now.floors if some is None else some)
            for by, some in zip(moved, floors, strict=True)
        ]
        yield _one(code, ERODING, now, figures)


def _one(code: str, measure: str, now: Reckoned, figures: list[Figure]) -> Narrowing | None:
    name: MeasureName = measure  # type: ignore[assignment]  # it is one of them
    return narrowing(code, name, getattr(now, name), *figures)


def _moved(window: Window, status: int, is_sure: bool) -> tuple[Sums, Sums]:
    """How the sums differ once a waiting claim is accepted, and once it is refused."""
    is_halved = status == CONTESTED
    score = window.weighs(0) if is_halved else window.moved(0, 1)
    low = window.moved(1, 1, own=2.0 if is_halved else 1.0) if is_sure else 0.0
    fewer = window.moved(0, -1) if is_halved else 0.0
    return (score, low, 0.0), (fewer, 0.0, window.moved(2, -1))


def _acted(weighs: Sums, status: int, is_sure: bool) -> tuple[Sums, Sums]:
    """The same of conduct, which no repetition makes less."""
    score = weighs[0]  # halved while contested: accepted, the other half is added
    low = (2 * weighs[1] if status == CONTESTED else weighs[1]) if is_sure else 0.0
    fewer = -weighs[0] if status == CONTESTED else 0.0
    return (score, low, 0.0), (fewer, 0.0, -weighs[2])


def _plus(sums: Sums, by: Sums) -> Sums:
    score, low, high = (max(0.0, a + b) for a, b in zip(sums, by, strict=True))
    return score, low, high


def _leaves(
    shelf: Shelf, wanted: Wanted, on: date, known_at: KnownAt, until: int
) -> Iterator[Nearby]:
    at = point(on, known_at, until)
    for leaf in shelf.leaves:
        if not wanted.keys().isdisjoint(leaf.governments):
            yield Nearby(leaf, shelf, on, at)
