"""The rows of one government that were believed at a point and had happened by a day, in the orders
that questions ask for, and what enters its numbers, a piece at a time; never any I/O of its own,
and never a law of its own."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from math import fsum
from typing import Any, Final

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.numbers import SURE
from projections.columnar.numbers.reckoning import LatestAt, Sums
from projections.columnar.streams.filling import NAMED, ROW, Filling
from projections.columnar.streams.orders import Order, Orders, Table
from projections.columnar.streams.repeating import (
    LOSING,
    READINGS,
    Lost,
    Repeating,
    Weighed,
    losing,
)
from projections.columnar.terms.entering import ERODING, MEASURES_AT, Floats, decays, spoken
from projections.columnar.terms.law import Law
from projections.columns import COUNTED_MAX, POSSIBLE_MAX, STATUSES, Mask

HAPPENED: Final = ("day", "recorded")
GROUP: Final = ("found", "actor_a", "actor_b")
RECKONED: Final = (*GROUP, *HAPPENED)
"""The order of the reckoning: by instrument and speaker, then as things happened."""
SAME: Final = ("happening_a", "happening_b")
_CONTESTED: Final = 1
_WHOLE: Final = (
    *(("recorded", "i8"), ("position", "i8"), ("day", "i4"), ("status", "i1"), ("found", "i4")),
    *((name, "i8") for name in SAME),
    *(("base", "f8"), ("grade", "f8")),
)
TERM: Final = np.dtype(
    [
        *_WHOLE,
        *((name, "i8") for name in GROUP[1:]),
        *((name, "i4") for name in ("voices", "profile", "voice", "states")),
    ]
)
"""A row that may enter a number: its place among the rows of the law, what it weighs before its
source and its age, and how good its source is."""
_TOLD: Final = np.dtype([*_WHOLE, ("at", "i8")])
"""One that was declared the same as others, with where it stands in the order of reckoning."""


class Terms(msgspec.Struct):
    """The next rows of a number in the order of the reckoning: in the score, the low and the high
    bound which of them enter, what each weighs, how much repetition takes from it, and how good its
    source is taken for; of rows that do not enter the last three say nothing."""

    rows: Table
    enters: tuple[Mask, ...]
    c: tuple[Floats, ...]
    nu: tuple[Floats, ...]
    q: tuple[Floats, ...]


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """A number summed up: the sums of its readings, how many claims enter its score, how many of
    them weigh anything and how many repeat others, and the last one."""

    sums: Sums
    terms: int
    weighing: int
    repeats: int
    last: LatestAt | None


class Summing:
    """A sum that is the same to the last bit however its numbers are cut in pieces, but for very
    few of very many."""

    def __init__(self) -> None:
        self.total = self._rest = 0.0

    def add(self, numbers: Floats) -> None:
        """Add some numbers."""
        some = [self.total, self._rest, *numbers.tolist()]
        self.total = fsum(some)
        self._rest = fsum([*some, -self.total])


class Stream:
    """One government on a day, as known at a point, under one set of weights."""

    def __init__(
        self, government: str, law: Law, filling: Filling, orders: Orders, *, on: date,
        known_at: KnownAt,
    ) -> None:  # fmt: skip
        """`filling`: it has taken all parts of the government."""
        self.government, self.law, self.on, self.known_at = government, law, on, known_at
        words = dict(zip(NAMED, filling.words.lists(), strict=True))
        self.profiles, self.voices, self.states = (words[name] for name in NAMED)
        self.roles = law.roles(self.profiles)
        self.said = law.said(self.voices)
        self.happened: Order = orders.order(ROW, HAPPENED)
        self.may_be_true = False
        self.statuses = np.zeros(len(STATUSES), np.int64)
        self.latest: LatestAt | None = None
        self.orders = orders
        self._entering: dict[str, Order] = {}
        self._told: dict[str, Order] = {}
        self._tallies: dict[str, Tally] = {}
        for measure in MEASURES_AT:
            self._entering[measure] = orders.order(TERM, RECKONED)
        for rows in filling.believed():
            self._put(rows)

    @cached_property
    def grades(self) -> Floats:
        """How good the best source of each voice is."""
        found: Floats = self.said[:, 2]
        return found

    def matched(self, measure: str) -> int:
        """How many rows may enter a number."""
        return self._entering[measure].size

    def rows(self) -> Iterator[Table]:
        """All rows in order of happening, whatever their status."""
        return self.happened.read()

    def terms(self, measure: str, day: date | None = None) -> Iterator[Terms]:
        """What enters a number, of the rows that had happened by a day; of all of them and on the
        day of the stream unless one is given."""
        when = (day or self.on).toordinal()
        lost = Lost(self._losing(measure, when))
        repeating = tuple(Repeating() for _ in range(READINGS))
        begin = 0
        for rows in self.entering(measure):
            made = self._weighed(rows, when)
            loses = lost.among(begin, begin + len(rows))
            begin += len(rows)
            enters = tuple(one & (loses & 1 << n == 0) for n, one in enumerate(made.enters))
            if measure == ERODING:
                made.enters = enters
                yield made
                continue
            groups = np.stack([rows[name] for name in GROUP], axis=1)
            is_new = np.zeros(len(rows), np.int64)
            is_new[1:] = (groups[1:] != groups[:-1]).any(axis=1)
            number = np.cumsum(is_new)
            for nu, one, counting in zip(made.nu, enters, repeating, strict=True):
                nu[one] = 1.0 / counting.counted(groups, number, rows["day"], one)
            c = tuple(c * nu for c, nu in zip(made.c, made.nu, strict=True))
            yield Terms(rows, enters, c, made.nu, made.q)

    def tally(self, measure: str, day: date | None = None) -> Tally:
        """A number summed up."""
        if day is None and measure in self._tallies:
            return self._tallies[measure]
        sums = tuple(Summing() for _ in range(READINGS))
        terms = weighing = repeats = 0
        last: LatestAt | None = None
        for some in self.terms(measure, day):
            for reading, one in enumerate(sums):
                one.add(some.c[reading][some.enters[reading]])
            enters = some.enters[0]
            terms += int(enters.sum())
            weighing += int((some.c[0][enters] > 0).sum())
            repeats += int((some.nu[0][enters] < 1).sum())
            last = later(last, some.rows[enters])
        found = Tally(
            sums=(sums[0].total, sums[1].total, sums[2].total),
            terms=terms, weighing=weighing, repeats=repeats, last=last,
        )  # fmt: skip
        if day is None:
            self._tallies[measure] = found
        return found

    def _put(self, rows: Table) -> None:
        self.may_be_true |= bool((rows["status"] <= POSSIBLE_MAX).any())
        rows = rows[rows["day"] <= self.on.toordinal()]
        if not len(rows):
            return
        self.happened.put(rows)
        self.statuses += np.bincount(rows["status"], minlength=len(STATUSES))
        self.latest = later(self.latest, rows[rows["status"] <= COUNTED_MAX])
        for column, (measure, order) in enumerate(self._entering.items()):
            found = self.roles[rows["profile"], column]
            mask = (found >= 0) & (rows["status"] <= POSSIBLE_MAX)
            if measure == "backing":
                mask &= rows["own"] == 0
            order.put(self.entering_rows(rows[mask], measure))

    def entering(self, measure: str) -> Iterator[Table]:
        """The rows that may enter a number, in the order of reckoning."""
        return self._entering[measure].read()

    def entering_rows(self, rows: Table, measure: str) -> Table:
        """Some rows as they enter a number."""
        found = self.roles[rows["profile"], MEASURES_AT.index(measure)]
        made = np.empty(len(rows), TERM)
        for name in TERM.names or ():
            if name in (ROW.names or ()):
                made[name] = rows[name]
        weight = self.law.weights_of(found)
        said = self.said[rows["voice"]]
        if measure != ERODING:
            weight = weight * said[:, 0] * said[:, 1] * spoken(rows["voices"])
        made["found"], made["base"], made["grade"] = found, weight, said[:, 2]
        return made

    def _weighed(self, rows: Table, when: int) -> Terms:
        """Some rows before repetition and sameness."""
        left = decays(rows["found"], np.maximum(when - rows["day"], 0), self.law)
        status, grade = rows["status"], rows["grade"]
        visible = rows["day"] <= when
        q = grade * np.where(status == _CONTESTED, 0.5, 1.0)
        sure = (status == 0) & (grade >= SURE)
        c = rows["base"] * q * left
        ones = tuple(np.ones(len(rows)) for _ in range(READINGS + 1))
        enters = visible & (status <= COUNTED_MAX), visible & sure, visible
        return Terms(rows, enters, (c, c, rows["base"] * left), ones[:-1], (q, q, ones[-1]))

    def _losing(self, measure: str, when: int) -> Iterator[Table]:
        """What does not enter for being declared the same as something else."""
        told = self._declared_same(measure)
        if not told.size:
            return iter(())
        lost = self.orders.order(LOSING, ("at",))
        for some in losing(self._contending(told, when)):
            lost.put(some)
        return lost.read()

    def _contending(self, told: Order, when: int) -> Iterator[Weighed]:
        for rows in told.read():
            made = self._weighed(rows, when)
            weights = [np.where(e, c, -1.0) for e, c in zip(made.enters, made.c, strict=True)]
            group = np.stack([rows[name] for name in SAME], axis=1)
            yield Weighed(rows["at"], group, np.stack(weights, axis=1))

    def _declared_same(self, measure: str) -> Order:
        if measure not in self._told:
            told = self._told[measure] = self.orders.order(_TOLD, (*SAME, *HAPPENED))
            begin = 0
            for rows in self.entering(measure):
                some = np.flatnonzero((rows["happening_a"] != 0) | (rows["happening_b"] != 0))
                made = np.empty(len(some), _TOLD)
                for name, _ in _WHOLE:
                    made[name] = rows[name][some]
                made["at"] = begin + some
                told.put(made)
                begin += len(rows)
        return self._told[measure]


def later(last: LatestAt | None, rows: Table) -> LatestAt | None:
    """The latest of some rows and of one before them."""
    if not len(rows):
        return last
    some: Any = rows[rows["day"] == rows["day"].max()]
    row = some[some["recorded"].argmax()]
    found = LatestAt(int(row["day"]), int(row["recorded"]), int(row["position"]))
    if last is not None and (last.day, last.recorded) > (found.day, found.recorded):
        return last
    return found
