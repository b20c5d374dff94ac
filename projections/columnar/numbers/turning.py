"""Of claims declared the same, which one enters a number on which days; it never reckons a number
and never does I/O.

Only the one that weighs most enters, and which that is changes with the days: a later one happens,
or what fades slower comes to weigh more.
"""

from itertools import pairwise
from math import floor, log2
from typing import Final

import msgspec
import numpy as np

from projections.columnar.terms.entering import Floats
from projections.columnar.terms.sameness import Same
from projections.columns import Ints, Mask

NEVER: Final = 2**31 - 1
"""The day on which something ends that never does."""
_SURE_AFTER_DAYS: Final = 8
"""So many days after two weigh the same by logarithms the one that fades slower is the heavier."""


class Turns(msgspec.Struct):
    """Stretches of days in which rows enter: the row, from which day on, and until before which."""

    row: Ints
    begins: Ints
    ends: Ints


class _Said(msgspec.Struct, gc=False):
    """One claim among those declared the same, at a `place` in order of happening: what it weighs
    on its day, and how soon that halves."""

    place: int
    row: int
    day: int
    weight: float
    half_life: float

    def on(self, day: int) -> float:
        """What it weighs on a day, as the law reckons it."""
        left: float = 2.0 ** -((day - self.day) / self.half_life)
        return self.weight * left


def turns(told: Same, rows: tuple[Ints, Ints, Floats, Floats], enters: Mask) -> Turns:
    """The stretches in which each of those `told` enters that may at all, `enters`; `rows` are
    their numbers, days, weights before age, and half-lives, in days."""
    some = np.flatnonzero(enters)
    group = told.group[some]
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    row, day, weight, half_life = (column[some] for column in rows)
    alone = starts[np.diff(starts, append=len(some)) == 1]
    found: list[tuple[int, int, int]] = []
    values = [one.tolist() for one in (row, day, weight, half_life)]
    for begin, end in pairwise([*starts.tolist(), len(some)]):
        if end - begin > 1:
            columns = (range(begin, end), *(v[begin:end] for v in values))
            said = [_Said(*one) for one in zip(*columns, strict=True)]
            found += _in_turn(said)
    several = np.array(found, np.int64).reshape(-1, 3)
    return Turns(
        np.concatenate([row[alone], several[:, 0]]),
        np.concatenate([day[alone], several[:, 1]]),
        np.concatenate([np.full(len(alone), NEVER), several[:, 2]]),
    )


def _in_turn(said: list[_Said]) -> list[tuple[int, int, int]]:
    """The stretches of some claims, in order of happening, of which one enters."""
    found: list[tuple[int, int, int]] = []
    now, since = said[0], said[0].day

    def pass_to(other: _Said, day: int) -> None:
        nonlocal now, since
        if day > since:
            found.append((now.row, since, day))
        now, since = other, day

    for place, one in enumerate(said[1:], 1):
        while (taken := _taken_over(said[:place], now, since)) and taken[1] <= one.day:
            pass_to(*taken)
        if one.on(one.day) > now.on(one.day):
            pass_to(one, one.day)
    while taken := _taken_over(said, now, since):
        pass_to(*taken)
    return [*found, (now.row, since, NEVER)]


def _taken_over(said: list[_Said], now: _Said, since: int) -> tuple[_Said, int] | None:
    """Which claim comes to weigh more than the one that weighs most, and on which day."""
    slower = [one for one in said if one.half_life > now.half_life and one.weight > 0.0]
    days = [day for one in slower if (day := _heavier_from(one, now, since)) < NEVER]
    if not days or now.weight <= 0.0:
        return None
    first = min(days)
    return max(said, key=lambda one: one.on(first)), first  # the earliest of equals


def _weighs_more(one: _Said, other: _Said, day: int) -> bool:
    """Whether a claim weighs more on a day, or as much and is the earlier one."""
    left, right = one.on(day), other.on(day)
    return left > right or (left == right and one.place < other.place)


def _heavier_from(one: _Said, now: _Said, since: int) -> int:
    """The first day after another on which a claim that fades slower weighs more."""
    if now.weight <= 0.0:
        return NEVER
    lead = log2(now.weight / one.weight) + now.day / now.half_life - one.day / one.half_life
    same = lead / (1.0 / now.half_life - 1.0 / one.half_life)
    if same >= NEVER - _SURE_AFTER_DAYS:
        return NEVER
    day = max(since + 1, floor(same) - 1)
    while not _weighs_more(one, now, day) and day < same + _SURE_AFTER_DAYS:
        day += 1
    return day
