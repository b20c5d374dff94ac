"""The numbers of every government at one day and point of knowledge, many governments at a stroke;
never any I/O, and never a law of its own.

Of each block only what was believed is widened and kept: the rest is passed over as it is stored.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from domain.clocks import KnownAt
from projections.columnar.legal.legal import LegalRows
from projections.columnar.numbers.reckoning import LatestAt, Reckoned, reckoned_of
from projections.columnar.shelf.sifting import Sieve, Sifted, Sifting
from projections.columnar.terms.entering import MEASURES_AT, Rows, entered, sums
from projections.columnar.terms.law import Law
from projections.columns import COUNTED_MAX, Ints, Profile, Voice

SWEPT_ROWS: Final = 16_384
"""The governments at hand are reckoned and let go before there are more believed rows than that; of
a government that has more, its own are held."""


class Sweep:
    """One pass over the columns of governments, one after another."""

    def __init__(self, law: Law, on: date, known_at: KnownAt) -> None:
        self.law, self.on = law, on
        self._known_at = known_at
        self._coming: tuple[str, Sifting] | None = None
        self._begin()

    def take(
        self, government: str, bodies: Iterable[tuple[bool, bytes]], rows: int = 0
    ) -> Iterator[tuple[str, Reckoned]]:
        """Take some parts of a government, one government after another and best the newest parts
        first; gives governments taken before it that are reckoned by now. `rows`: how many all its
        parts hold."""
        if self._coming is None or self._coming[0] != government:
            self._come()
            if self._rows + rows > SWEPT_ROWS:
                yield from self._reckoned()
            self._coming = government, Sifting(self._sieve)
        self._coming[1].take(bodies)

    def rest(self) -> Iterator[tuple[str, Reckoned]]:
        """The governments taken that were not given yet."""
        self._come()
        yield from self._reckoned()

    def _come(self) -> None:
        """No further part of the last government is to come."""
        if self._coming is not None:
            sifted = self._coming[1].sifted()
            del sifted.columns["known"]  # what is believed was told by it, and nothing else is
            self._sifted.append((self._coming[0], sifted))
            self._rows += self._sifted[-1][1].size
            self._coming = None

    def _reckoned(self) -> Iterator[tuple[str, Reckoned]]:
        if self._sifted:
            codes, some = zip(*self._sifted, strict=True)
            sizes = np.array([one.size for one in some])
            names = tuple(some[0].columns)
            # What was put together is let go at once.
            columns = {name: np.concatenate([o.columns.pop(name) for o in some]) for name in names}
            words = self._sieve.words()
            yield from Reckoning(codes, sizes, columns, words, self.law, self.on).each()
        self._begin()

    def _begin(self) -> None:
        self._sieve = Sieve(self.on, self._known_at)
        self._sifted: list[tuple[str, Sifted]] = []
        self._rows = 0


class Reckoning:
    """Some governments' believed rows at hand, of each as many as its size, under one
    dictionary."""

    def __init__(
        self,
        codes: Sequence[str],
        sizes: Ints,
        columns: dict[str, Ints],
        words: tuple[list[Any], ...],
        law: Law,
        on: date,
    ) -> None:
        self.codes, self.columns = codes, columns
        self.law, self.on, self.words = law, on, words
        profiles: list[Profile] = words[0]
        voices: list[Voice] = words[1]
        self.rows = Rows(
            government=np.repeat(np.arange(len(codes)), sizes),
            recorded=columns["recorded"],
            day=columns["day"],
            status=columns["status"],
            voices=columns["voices"],
            own=columns["own"],
            actor=columns["actor"],
            happening=columns["happening"],
            profile=columns["profile"],
            voice=columns["voice"],
            role=law.roles(profiles).astype(np.int16),
            said=law.said(voices),
            none=words[3].index("") if "" in words[3] else -1,
        )

    def each(self) -> Iterator[tuple[str, Reckoned]]:
        """What was reckoned of each government, in their order."""
        rows, count = self.rows, len(self.codes)
        totals: dict[str, list[list[float]]] = {}
        entering: dict[str, Ints] = {}
        for measure in MEASURES_AT:  # what enters one number is let go before the next
            made = entered(rows, measure, self.on.toordinal(), self.law)
            totals[measure] = [sums(one, rows.government, count) for one in made]
            entering[measure] = made[0].places
        tallies = np.bincount(rows.government * 3 + rows.status, minlength=3 * count).tolist()
        latest = _latest(rows, self.columns["position"], np.flatnonzero(rows.status <= COUNTED_MAX))
        last = _latest(rows, self.columns["position"], entering["pressure"])
        acts = _counts(entering["erosion"], rows, count)
        voices = _counts(entering["pressure"], rows, count)
        legal = np.flatnonzero(rows.role[:, 3][rows.profile])
        order = np.lexsort((rows.recorded[legal], rows.day[legal], rows.government[legal]))
        legal = legal[order]
        ends = np.searchsorted(rows.government[legal], np.arange(count + 1)).tolist()
        for number, code in enumerate(self.codes):
            at = legal[ends[number] : ends[number + 1]]
            steps = self._legal(code, at)
            yield (
                code,
                reckoned_of(
                    {m: (o[0][number], o[1][number], o[2][number]) for m, o in totals.items()},
                    steps.floors(self.on),
                    tallies[3 * number : 3 * number + 3],
                    acts=acts[number],
                    voices=voices[number],
                    latest=latest.get(number),
                    heard=last.get(number),
                    legal=steps.milestones(),
                ),
            )

    def _legal(self, code: str, at: Ints) -> LegalRows:
        rows = self.rows
        role, q = rows.role[rows.profile[at]], rows.said[rows.voice[at], 2]
        return LegalRows(code, self.columns, self.words, at, role=role, q=q, law=self.law)


def _counts(entering: Ints, rows: Rows, governments: int) -> list[int]:
    found: list[int] = np.bincount(rows.government[entering], minlength=governments).tolist()
    return found


def _latest(rows: Rows, position: Ints, some: Ints) -> dict[int, LatestAt]:
    """The latest of some rows of each government that has any."""
    if not len(some):
        return {}
    government, day, recorded = rows.government[some], rows.day[some], rows.recorded[some]
    last_day = np.zeros(int(government.max()) + 1, np.int64)
    np.maximum.at(last_day, government, day)
    late = np.flatnonzero(day == last_day[government])
    order = late[np.lexsort((recorded[late], government[late]))]
    found = {}
    for place in order.tolist():  # the last of each government stays
        row = some[place]
        found[int(government[place])] = LatestAt(
            int(day[place]), int(recorded[place]), int(position[row])
        )
    return found


def sweep(
    law: Law,
    on: date,
    known_at: KnownAt,
    governments: Iterable[tuple[str, Iterable[tuple[bool, bytes]]]],
) -> dict[str, Reckoned]:
    """What is reckoned of governments whose parts are all at hand."""
    one = Sweep(law, on, known_at)
    found: dict[str, Reckoned] = {}
    for code, bodies in governments:
        found.update(one.take(code, bodies))
    found.update(one.rest())
    return found
