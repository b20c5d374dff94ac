"""The rows of one government that may enter one number, made ready once for any day and any point
of knowledge: a question is then a few passes over whole columns; never any I/O, and never a law of
its own."""

from typing import Any, Final

import numpy as np

from domain.numbers import NOVELTY_DAYS, SURE
from projections.columnar.terms.entering import NOBODY, Entered, Floats, Readings, Ready, decays
from projections.columnar.terms.sameness import losing, same
from projections.columns import COUNTED_MAX, Ints, Mask

FEW_OF: Final = 10
"""Where fewer than one in so many rows are seen, these are taken out by themselves."""
_CONTESTED: Final = 1


class Steady:
    """The rows of a `Ready` with what is the same whenever they are seen: which enter the score
    and the low bound, what each weighs before its age, and the first row that each is counted
    with."""

    def __init__(self, ready: Ready) -> None:
        self.ready, self.at = ready, ready.at.astype(np.int32)
        status = ready.status
        self.q = ready.grade * np.where(status == _CONTESTED, 0.5, 1.0)
        self._base: tuple[Floats, ...] = ready.base * self.q, ready.base
        self._counted: Mask = status <= COUNTED_MAX
        self._sure: Mask = (status == 0) & (ready.grade >= SURE)
        self._begin = _begins(ready.group_day) if ready.is_voiced else None
        told = np.flatnonzero(ready.told)
        when = ready.recorded[told], ready.day[told]
        self._told = same(told, ready.group[told], when)

    def enter(self, seen: Mask, on: int) -> Readings:
        """What enters of the rows whose places are seen, on the day of that ordinal."""
        ready = self.ready
        visible = seen[self.at]
        count = int(np.count_nonzero(visible))
        if not count:
            return NOBODY, NOBODY, NOBODY
        if count * FEW_OF < len(visible):
            return ready.among(seen).enter(on)
        left = decays(ready.found, np.maximum(on - ready.day, 0), ready.law)
        weighed = self._base[0] * left
        ones = np.ones(len(left))
        return (
            self._entered(visible & self._counted, weighed, self.q),
            self._entered(visible & self._sure, weighed, self.q),
            self._entered(visible, self._base[1] * left, ones),
        )

    def _entered(self, enters: Mask, c: Floats, q: Floats) -> Entered:
        self._without_lesser(enters, c)
        places = np.flatnonzero(enters)
        if self._begin is None:
            return Entered(self.ready.at[places], c[places], np.ones(len(places)), q[places])
        running = np.zeros(len(enters) + 1, np.int32)
        np.cumsum(enters, out=running[1:])
        nu = 1.0 / (running[places + 1] - running[self._begin[places]])
        return Entered(self.ready.at[places], c[places] * nu, nu, q[places])

    def _without_lesser(self, enters: Mask, c: Floats) -> None:
        """Of claims declared the same leave only the one that weighs most, the earliest of
        equals."""
        told = self._told
        enters[told.at[losing(told, enters[told.at], c[told.at])]] = False


def _begins(group_day: Ints) -> Any:
    """For each row the first of its group within the days in which repetition counts less."""
    begin = np.arange(len(group_day), dtype=np.int32)
    near = np.flatnonzero(np.diff(group_day) < NOVELTY_DAYS) + 1
    begin[near] = np.searchsorted(group_day, group_day[near] - (NOVELTY_DAYS - 1))
    return begin
