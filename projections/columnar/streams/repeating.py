"""What the rows before a piece leave to be known of them: which of claims declared the same weighs
most, and how often somebody repeated themselves within days; however a stream is cut, the answers
are the same. Never any I/O."""

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from domain.numbers import NOVELTY_DAYS
from projections.columnar.streams.orders import Table
from projections.columnar.terms.entering import Floats
from projections.columns import Ints, Mask

READINGS: Final = 3
"""The score, the low and the high bound."""
LOSING: Final = np.dtype([("at", "i8"), ("readings", "i1")])
"""A row that was declared the same as another one, which enters in its place; readings as bits."""
_DAY_BITS: Final = 24


class Weighed(msgspec.Struct):
    """Rows declared the same as others, group by group and in order of happening: where each stands
    in the stream, two numbers that tell its group, and what it weighs in each reading, -1 where it
    does not enter."""

    at: Ints
    group: Ints
    weights: Floats


def losing(pieces: Iterator[Weighed]) -> Iterator[Table]:
    """Of rows declared the same as others those that do not enter: of each group only the one that
    weighs most does, the earliest of equals. A row may be named more than once."""
    held: Weighed | None = None
    for piece in pieces:
        some = piece if held is None else _after(held, piece)
        if not len(some.at):
            continue
        is_first = np.ones(len(some.at), np.bool_)
        is_first[1:] = (some.group[1:] != some.group[:-1]).any(axis=1)
        starts, group = np.flatnonzero(is_first), np.cumsum(is_first) - 1
        place = np.arange(len(some.at))
        wins = np.zeros(some.weights.shape, np.bool_)
        for reading in range(READINGS):
            weight = some.weights[:, reading]
            is_most = (weight >= 0) & (weight == np.maximum.reduceat(weight, starts)[group])
            first = np.minimum.reduceat(np.where(is_most, place, len(place)), starts)
            wins[first[first < len(place)], reading] = True
        loses = (some.weights >= 0) & ~wins
        readings = (loses << np.arange(READINGS)).sum(axis=1)
        gone = np.flatnonzero(readings)
        lost = np.empty(len(gone), LOSING)
        lost["at"], lost["readings"] = some.at[gone], readings[gone]
        yield lost
        last = starts[-1] + np.flatnonzero(wins[starts[-1] :].any(axis=1))
        weights = np.where(wins[last], some.weights[last], -1.0)
        held = Weighed(some.at[last], some.group[last], weights)


def _after(held: Weighed, piece: Weighed) -> Weighed:
    return Weighed(
        np.concatenate([held.at, piece.at]),
        np.concatenate([held.group, piece.group]),
        np.concatenate([held.weights, piece.weights]),
    )


class Lost:
    """What loses, in the order of the stream, read beside it."""

    def __init__(self, pieces: Iterator[Table]) -> None:
        self._pieces = pieces
        self._held = np.empty(0, LOSING)

    def among(self, begin: int, end: int) -> Ints:
        """In which readings, as bits, each of the next rows of the stream loses."""
        found = np.zeros(end - begin, np.int8)
        while True:
            count = int(np.searchsorted(self._held["at"], end))
            some = self._held[:count]
            np.bitwise_or.at(found, some["at"] - begin, some["readings"])
            self._held = self._held[count:]
            if len(self._held):
                return found  # type: ignore[return-value]  # of one byte each
            following = next(self._pieces, None)
            if following is None:
                return found  # type: ignore[return-value]  # of one byte each
            self._held = following


class Repeating:
    """How often somebody repeated themselves, in one reading: of the group at the end of what
    passed by how many rows entered on each of its last days."""

    def __init__(self) -> None:
        self._group: Table | None = None
        self._days = np.empty(0, np.int64)
        self._counts = np.empty(0, np.int64)

    def counted(self, groups: Table, number: Ints, day: Ints, enters: Mask) -> Floats:
        """The how-manieth of its group each of the next rows that enter is within the days in which
        repetition counts less; `number`: groups as numbers that rise."""
        places = np.flatnonzero(enters)
        own, when = number[places], day[places].astype(np.int64)
        key = (own << _DAY_BITS) + when
        begins = np.searchsorted(key, key - (NOVELTY_DAYS - 1))
        found = (np.arange(len(places)) - begins + 1).astype(np.float64)
        is_same = self._group is not None and bool((groups[0] == self._group).all())
        if is_same:
            some = np.flatnonzero(own == 0)
            running = np.append(0, np.cumsum(self._counts))
            before = np.searchsorted(self._days, when[some] - (NOVELTY_DAYS - 1))
            found[some] += running[-1] - running[before]
        self._keep(groups[-1], when[own == number[-1]], joins=is_same and number[-1] == 0)
        return found

    def _keep(self, group: Table, when: Ints, *, joins: bool) -> None:
        days, counts = np.unique(when, return_counts=True)
        if joins:
            whole = np.concatenate([self._days, days])
            days, which = np.unique(whole, return_inverse=True)
            counts = np.bincount(which, np.concatenate([self._counts, counts]))
        some = days > (int(days[-1]) if len(days) else 0) - NOVELTY_DAYS
        self._group = group
        self._days, self._counts = days[some], counts[some].astype(np.int64)
