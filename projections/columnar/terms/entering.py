"""What each claim adds to a number, many claims of one or of all governments at a stroke; never any
I/O, and never a law of its own: `domain.numbers` stays the readable one and the oracle.
"""

from functools import cached_property, lru_cache
from itertools import pairwise
from math import fsum, log2
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from domain.numbers import NOVELTY_DAYS, SURE
from projections.columnar.terms.law import Law
from projections.columns import COUNTED_MAX, Ints, Mask

Floats = npt.NDArray[np.float64]

MEASURES_AT: Final = ("pressure", "backing", "erosion")
"""The numbers in the order in which `Law.role` has their places."""
ERODING: Final = "erosion"
EXACT_ROWS_MAX: Final = 4096
"""Up to so many claims a number agrees with the law to the last bit, beyond that to 1e-9."""
TABLE_DAYS_MAX: Final = 32_768
"""Up to so many days, ninety years, what is left of a claim is looked up."""
TABLE_ROWS_MIN: Final = 64
"""Of so few rows what is left is reckoned one by one: to put the tables together takes longer."""
TABLES_MAX: Final = 64
VOICES_TABLE_MAX: Final = 4096
_KEY_BITS_MAX: Final = 63


class Rows(msgspec.Struct):
    """Believed claims that may be true, government by government: `government` is a number that
    never falls; the other columns are those of `projections.columns.FigureRow`, `role` and `said`
    what `Law.role` and `Law.voice` say of each profile and voice, `none` the code of claims that
    were declared the same as no other."""

    government: Ints
    recorded: Ints
    day: Ints
    status: Ints
    voices: Ints
    own: Ints
    actor: Ints
    happening: Ints
    profile: Ints
    voice: Ints
    role: Ints
    said: Floats
    none: int


class Entered(msgspec.Struct, dict=True):
    """The claims that enter one reading of one number, in the order of the reckoning: places of
    their rows, what each weighs, and how much repetition takes from it."""

    places: Ints
    c: Floats
    nu: Floats
    q: Floats

    @cached_property
    def total(self) -> float:
        """The sum of all terms, where they are of one government: figure, sums and points ask."""
        return _sum(self.c)


Readings = tuple[Entered, Entered, Entered]
"""What enters the score, the low and the high bound."""
NOBODY: Final = Entered(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))


class Ready(msgspec.Struct):
    """The rows that may enter one number, in the order of the reckoning, with all that is the same
    on any day and as known at any point: `at` are their places, `group_day` as `_group_days` has
    it, `base` what each weighs before its source and its age, `group` its government and
    happening, `told` whether it was declared the same as any other."""

    at: Ints
    group_day: Ints
    base: Floats
    found: Ints
    day: Ints
    status: Ints
    grade: Floats
    recorded: Ints
    group: Ints
    told: Mask
    law: Law
    is_voiced: bool

    def among(self, seen: Mask) -> "Ready":
        """Those of them whose places are seen."""
        some = np.flatnonzero(seen[self.at])
        return self if len(some) == len(self.at) else self._of(some)

    def _of(self, some: Ints) -> "Ready":
        return Ready(
            at=self.at[some],
            group_day=self.group_day[some],
            base=self.base[some],
            found=self.found[some],
            day=self.day[some],
            status=self.status[some],
            grade=self.grade[some],
            recorded=self.recorded[some],
            group=self.group[some],
            told=self.told[some],
            law=self.law,
            is_voiced=self.is_voiced,
        )

    def enter(self, on: int | Ints) -> Readings:
        """What enters on the day of that ordinal; see `entered`."""
        if not len(self.at):
            return NOBODY, NOBODY, NOBODY
        asked = on if isinstance(on, int) else on[self.at]
        decay = decays(self.found, asked - self.day, self.law)
        q = self.grade * np.where(self.status == 1, 0.5, 1.0)
        sure = (self.status == 0) & (self.grade >= SURE)
        made: list[Entered] = []
        for reading, chance in ((self.status <= COUNTED_MAX, q), (sure, q), (None, None)):
            entering = np.arange(len(self.at)) if reading is None else np.flatnonzero(reading)
            chances = np.ones(len(entering)) if chance is None else chance[entering]
            c = self.base[entering] * chances * decay[entering]
            keep = self._largest(entering, c)
            if keep is not None:
                entering, c, chances = entering[keep], c[keep], chances[keep]
            nu = np.ones(len(entering))
            if self.is_voiced:
                nu = 1.0 / _counted(self.group_day[entering])
                c = c * nu
            made.append(Entered(self.at[entering], c, nu, chances))
        return made[0], made[1], made[2]

    def _largest(self, entering: Ints, c: Floats) -> Mask | None:
        """Of claims declared the same only the one that weighs most, the earliest of equals; None
        where nothing is left out."""
        some = np.flatnonzero(self.told[entering])
        if not len(some):
            return None
        places = entering[some]
        group = self.group[places]
        order = np.lexsort((self.recorded[places], self.day[places], -c[some], group))
        first = np.ones(len(order), np.bool_)
        first[1:] = group[order[1:]] != group[order[:-1]]
        keep = np.ones(len(entering), np.bool_)
        keep[some[order[~first]]] = False
        return keep


def readied(rows: Rows, measure: str, law: Law) -> Ready | None:
    """The rows that may enter a number, for `Ready.enter`; None where none may."""
    role: Any = rows.role[:, MEASURES_AT.index(measure)].astype(np.int16)
    found = role[rows.profile]
    mask = found >= 0
    if measure == "backing":
        mask &= rows.own == 0
    at = np.flatnonzero(mask)
    if not len(at):
        return None
    is_voiced = measure != ERODING
    group_day = _group_days(rows, found, at)
    order = in_order(group_day, rows.recorded[at])
    at, group_day = at[order], group_day[order]
    happening = rows.happening[at]
    return Ready(
        at=at,
        group_day=group_day,
        base=_weights(rows, at, found[at], law, is_voiced),
        found=found[at],
        day=rows.day[at],
        status=rows.status[at].astype(np.int8),
        grade=rows.said[rows.voice[at], 2],
        recorded=rows.recorded[at],
        group=rows.government[at] * (int(rows.happening.max()) + 1) + happening,
        told=happening != rows.none,
        law=law,
        is_voiced=is_voiced,
    )


def entered(rows: Rows, measure: str, on: int | Ints, law: Law) -> Readings:
    """What enters a number on the day of that ordinal: in its score, its low, its high bound.

    `on` may be of each row: then what is called a government is one on one day.
    """
    ready = readied(rows, measure, law)
    return (NOBODY, NOBODY, NOBODY) if ready is None else ready.enter(on)


def sums(found: Entered, government: Ints, governments: int) -> list[float]:
    """The sum of the terms of each of so many governments."""
    bounds = np.searchsorted(government[found.places], np.arange(governments + 1)).tolist()
    return [_sum(found.c[a:b]) if b > a else 0.0 for a, b in pairwise(bounds)]


def _sum(c: Floats) -> float:
    return fsum(c.tolist()) if len(c) <= EXACT_ROWS_MAX else float(c.sum())


def _group_days(rows: Rows, found: Ints, at: Ints) -> Ints:
    """Government, instrument and speaker as one number, with the day in its lowest bits, so that
    two groups lie further apart than repetition reaches."""
    day = rows.day[at]
    first = int(day.min())
    bits = (int(day.max()) - first + NOVELTY_DAYS).bit_length()
    group = rows.government[at] * (int(found.max()) + 1) + found[at]
    group = group * (int(rows.actor.max()) + 1) + rows.actor[at]
    return (group << bits) + (day - first)


def _weights(rows: Rows, at: Ints, found: Ints, law: Law, is_voiced: bool) -> Floats:
    """What each row weighs before its source and its age."""
    weight: Floats = np.array([r.weight for r in law.rows], np.float64)[found]
    if is_voiced:
        said = rows.said[rows.voice[at]]
        weight = weight * said[:, 0] * said[:, 1] * spoken(rows.voices[at])
    return weight


def spoken(voices: Ints) -> Floats:
    """What so many voices weigh, for each row."""
    most = int(voices.max(initial=1))
    if most < VOICES_TABLE_MAX:
        table: Floats = np.array([1.0, *(1.0 + log2(n) for n in range(1, most + 1))])
        return table[voices]
    several, code = np.unique(voices, return_inverse=True)
    return np.array([1.0 + log2(n) for n in several.tolist()])[code]


def decays(found: Ints, ages: Ints, law: Law) -> Floats:
    """What age leaves of each row, given its row of the law and its age in days, reckoned as the
    law does."""
    if not len(found):
        return np.empty(0)
    half_lives = np.array([r.half_life_days for r in law.rows], np.float64)
    oldest = int(ages.max(initial=0))
    if len(found) <= TABLE_ROWS_MIN or oldest >= TABLE_DAYS_MAX:
        pairs = zip(ages.tolist(), half_lives[found].tolist(), strict=True)
        return np.array([2.0 ** -(age / half) for age, half in pairs], np.float64)
    distinct, which = np.unique(half_lives, return_inverse=True)
    size = 1 << max(oldest, 1023).bit_length()
    table = np.concatenate([_halves(half, size) for half in distinct.tolist()])
    left: Floats = table[which[found] * size + ages]
    return left


@lru_cache(maxsize=TABLES_MAX)
def _halves(half_life: float, size: int) -> Floats:
    """What is left after each of so many days."""
    return np.array([2.0 ** -(age / half_life) for age in range(size)], np.float64)


def _counted(group_day: Ints) -> Floats:
    """The how-manieth of its group each is within the days in which repetition counts less."""
    found = np.ones(len(group_day))
    near = np.flatnonzero(np.diff(group_day) < NOVELTY_DAYS) + 1
    if len(near):
        begins = np.searchsorted(group_day, group_day[near] - (NOVELTY_DAYS - 1))
        found[near] = near - begins + 1
    return found


def in_order(group_day: Ints, recorded: Ints) -> Ints:
    """The places in order of group and day, then of recording; by one key where it has room."""
    if not len(recorded):
        return np.empty(0, np.int64)
    first = int(recorded.min())
    bits = (int(recorded.max()) - first).bit_length()
    if int(group_day.max()).bit_length() + bits < _KEY_BITS_MAX:
        return np.argsort((group_day << bits) + (recorded - first))
    return np.lexsort((recorded, group_day))
