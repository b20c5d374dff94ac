"""The numbers of the governments of one leaf on any day at the head, in closed form: each term
fades by its half-life from the day it comes in, so that sums are carried from mark to mark and only
the terms since the last mark are looked at; never any I/O, and never a law of its own.

What is summed and how exact that is: `docs/decisions/0023-sums-carried-through-the-days.md`.
"""

from collections.abc import Sequence
from math import inf
from typing import Final

import msgspec
import numpy as np

from domain.numbers import SURE
from projections.columnar.numbers.carrying import Carried, Lanes, carried, summed_up
from projections.columnar.numbers.lining import Lines, lines_of
from projections.columnar.numbers.reckoning import LatestAt, Sums
from projections.columnar.numbers.turning import NEVER, Turns, turns
from projections.columnar.shelf.narrowing import Column
from projections.columnar.shelf.shelving import Leaf
from projections.columnar.terms.entering import EXACT_ROWS_MAX, Floats, in_order
from projections.columnar.terms.law import Law
from projections.columnar.terms.sameness import Same
from projections.columns import COUNTED_MAX, Ints

MOVED_PER_ROW_MAX: Final = 2
"""Where those declared the same as others move more rows than so many for each, sums cost more than
they save, and are not kept."""
TOLD_TOGETHER_MAX: Final = 256
"""Nor are they where more claims than so many are declared the same as each other."""
_DAY_BITS: Final = 22
MEASURES: Final = ("pressure", "backing", "erosion")


class Counted(msgspec.Struct, frozen=True):
    """What rows amount to, of each government by its place: how many rows of each status, three
    for each government; the sums of each number in the three readings; how many rows enter
    pressure and erosion; the latest row that counts, and the latest that enters pressure."""

    tallies: list[int]
    totals: dict[str, list[list[float]]]
    voices: list[int]
    acts: list[int]
    latest: dict[int, LatestAt]
    heard: dict[int, LatestAt]


class Summed:
    """The rows of a leaf believed at the head, summed for every day."""

    def __init__(self, leaf: Leaf, law: Law, said: "_Rows", done: "_Rows") -> None:
        """`said` and `done`: the rows of pressure and backing, and those of conduct."""
        self.leaf, self.count = leaf, len(leaf.governments)
        self.readings = [
            _together(
                [rows.changes(reading) for rows in (said, done)],
                law,
                3 * self.count,
                counts=reading == 0,
            )
            for reading in range(3)
        ]
        self._entering = said.turns_of_score()
        self._line_up(said)

    def _line_up(self, said: "_Rows") -> None:
        """Put rows in a line for each government and status, and those that may enter the score
        of pressure in one for each government, in order of happening."""
        columns = self.leaf.columns
        when = columns["day"].astype(np.int64), columns["recorded"]
        status = columns["government"].astype(np.int64) * 3 + columns["status"]
        self._rows, self._lines = _lined(np.arange(self.leaf.size), status, *when)
        heard = np.flatnonzero(said.enters[0] & (columns["kind"] % 2 == 0))
        government = columns["government"][heard].astype(np.int64)
        self._voiced, self._voiced_lines = _lined(heard, government, *(w[heard] for w in when))

    @property
    def size_bytes(self) -> int:
        """How much memory it takes."""
        arrays = self._rows, self._lines.keys, self._voiced, self._voiced_lines.keys
        return sum(a.nbytes for a in arrays) + sum(one.size_bytes for one in self.readings)

    def on(self, day: int) -> Counted:
        """What the rows amount to on a day."""
        count = self.count
        lanes = np.arange(3 * count)
        ends = self._lines.ends(lanes, day)
        begins = self._lines.begins(lanes)
        sums = [self._sums(one, day) for one in self.readings]
        entering = np.rint(sums[0][3 * count :]).astype(np.int64)
        none = entering <= 0
        totals = {}
        for place, measure in enumerate(MEASURES):
            mine = slice(place * count, (place + 1) * count)
            readings = [np.maximum(one[mine], 0.0) for one in sums]
            readings[0] = np.where(none[mine], 0.0, readings[0])
            totals[measure] = [one.tolist() for one in readings]
        return Counted(
            tallies=(ends - begins).tolist(),
            totals=totals,
            voices=entering[:count].tolist(),
            acts=entering[2 * count :].tolist(),
            latest=self._latest(begins, ends),
            heard=self._heard(day),
        )

    def course(self, measure: str, place: int, days: Sequence[int]) -> list[Sums]:
        """The sums of a number of one government in the three readings, on each of some days."""
        cell = MEASURES.index(measure) * self.count + place
        found = []
        for one in self.readings:
            lanes = np.flatnonzero(one.lanes.cell == cell)
            found.append([max(0.0, total) for total in one.total(lanes, days)])
        return [(score, low, high) for score, low, high in zip(*found, strict=True)]

    def _sums(self, reading: Carried, day: int) -> Floats:
        return summed_up(reading.lanes.cell, reading.on(day), 6 * self.count)

    def _latest(self, begins: Ints, ends: Ints) -> dict[int, LatestAt]:
        """The latest row of each government among those accepted and contested."""
        some = ends > begins
        lane = np.flatnonzero(some & (np.arange(len(ends)) % 3 <= COUNTED_MAX))
        found: dict[int, LatestAt] = {}
        for place, one in zip((lane // 3).tolist(), self._told(self._rows[ends[lane] - 1]),
                              strict=True):  # fmt: skip
            held = found.get(place)
            if held is None or (held.day, held.recorded) < (one.day, one.recorded):
                found[place] = one
        return found

    def _heard(self, day: int) -> dict[int, LatestAt]:
        """The latest row of each government that enters the score of pressure."""
        places = np.arange(self.count)
        ends = self._voiced_lines.ends(places, day)
        begins = self._voiced_lines.begins(places)
        last = []
        for place, begin, end in zip(places.tolist(), begins.tolist(), ends.tolist(), strict=True):
            at = end - 1
            while at >= begin and not self._enters(int(self._voiced[at]), day):
                at -= 1
            if at >= begin:
                last.append((place, at))
        rows = self._voiced[[at for _, at in last]] if last else self._voiced[:0]
        return dict(zip((place for place, _ in last), self._told(rows), strict=True))

    def _enters(self, row: int, day: int) -> bool:
        stretches = self._entering.get(row)
        return stretches is None or any(begin <= day < end for begin, end in stretches)

    def _told(self, rows: Ints) -> list[LatestAt]:
        columns = self.leaf.columns
        values = (columns[name][rows].tolist() for name in ("day", "recorded", "position"))
        return [LatestAt(*one) for one in zip(*values, strict=True)]


def summed_at(leaf: Leaf, law: Law) -> Summed | None:
    """The sums of a leaf of rows believed at the head, which the leaf keeps; None until it is asked
    about twice, where terms are few enough for sums to the last bit, and where sums do not pay."""
    if not leaf.is_present or leaf.size <= EXACT_ROWS_MAX:
        return None
    kept = leaf.sums.copy()  # others may ask at once
    if not kept:
        leaf.sums[:] = [None]
        return None
    if len(kept) == 1:
        said, done = _voiced(leaf, law), _eroding(leaf, law)
        kept.append(Summed(leaf, law, said, done) if said.is_little_told() else None)
        leaf.sums[:] = kept
    found: Summed | None = kept[1]
    return found


def _voiced(leaf: Leaf, law: Law) -> "_Rows":
    columns = leaf.columns
    kind = columns["kind"].astype(np.int64)
    cell = (kind % 2) * len(leaf.governments) + kind // 2
    row, begin = columns["row"], columns["begin"].astype(np.int64)
    return _Rows(
        leaf, slice(leaf.voiced), row, columns["base"], begin, cell=cell, told=leaf.told, law=law
    )


def _eroding(leaf: Leaf, law: Law) -> "_Rows":
    at, own = leaf.conduct, np.arange(len(leaf.conduct))
    row = leaf.columns["conduct"][at]
    cell = 2 * len(leaf.governments) + leaf.columns["government"][at].astype(np.int64)
    places = np.zeros(leaf.size, np.int64)
    places[at] = own
    same = leaf.told_conduct
    told = Same(places[same.at], same.starts, same.group)
    return _Rows(leaf, at, row, law.weights_of(row), own, cell=cell, told=told, law=law)


class _Changes(msgspec.Struct):
    """How terms change: the row of the law, the cell, the day, what is added then, and by how much
    it changes how many enter."""

    row: Ints
    cell: Ints
    day: Ints
    adds: Floats
    enters: Ints


class _Rows:
    """Some rows of a leaf that make terms, in their order: `row` of the law, `base` what each
    weighs before source and age, `begin` the first it is counted with, `cell` where it adds up."""

    def __init__(
        self,
        leaf: Leaf,
        at: slice | Ints,
        row: Column,
        base: Floats,
        begin: Ints,
        *,
        cell: Ints,
        told: Same,
        law: Law,
    ) -> None:
        columns = leaf.columns
        grade, status = leaf.grades[columns["grade"][at]], columns["status"][at]
        chance = grade * np.where(status == 1, 0.5, 1.0)
        sure = (status == 0) & (grade >= SURE)
        self.day: Ints = columns["day"][at].astype(np.int64)
        self.row, self.begin, self.cell, self.told = row.astype(np.int64), begin, cell, told
        self.half_life = law.half_lives_of(self.row)
        self.enters = status <= COUNTED_MAX, sure, np.ones(len(row), np.bool_)
        self.weights: tuple[Floats, ...] = base * chance, base * chance, base
        self._turns: dict[int, Turns] = {}

    def turns(self, reading: int) -> Turns:
        """When those declared the same as others enter a reading."""
        if reading not in self._turns:
            at = self.told.at
            rows = at, self.day[at], self.weights[reading][at], self.half_life[at]
            self._turns[reading] = turns(self.told, rows, self.enters[reading][at])
        return self._turns[reading]

    def is_little_told(self) -> bool:
        """Whether few enough rows are declared the same as others for sums to pay."""
        at = self.told.at
        if not len(at):
            return True
        moved = np.searchsorted(self.begin, at, side="right") - at
        is_short = int(np.bincount(self.told.group).max()) <= TOLD_TOGETHER_MAX
        return is_short and int(moved.sum()) <= MOVED_PER_ROW_MAX * len(self.day)

    def turns_of_score(self) -> dict[int, list[tuple[int, int]]]:
        """The stretches in which rows enter the score, of those that do not from their day on."""
        own, at = self.turns(0), self.told.at
        always = own.row[(own.begins == self.day[own.row]) & (own.ends == NEVER)]
        found: dict[int, list[tuple[int, int]]] = {
            row: [] for row in np.setdiff1d(at[self.enters[0][at]], always).tolist()
        }
        columns = (own.row.tolist(), own.begins.tolist(), own.ends.tolist())
        for row, begin, end in zip(*columns, strict=True):
            if row in found:
                found[row].append((begin, end))
        return found

    def changes(self, reading: int) -> _Changes:
        """How terms change in a reading."""
        rows, days, share, enters = self._steps(reading)
        age = (days - self.day[rows]) / self.half_life[rows]
        return _Changes(
            row=self.row[rows],
            cell=self.cell[rows],
            day=days,
            adds=self.weights[reading][rows] * share * np.exp2(-age),
            enters=enters,
        )

    def _steps(self, reading: int) -> tuple[Ints, Ints, Floats, Ints]:
        """On which days which rows come to add more or less: the change of the share that
        repetition leaves of them, and of whether they enter."""
        own = self.turns(reading)
        plain = self.enters[reading].copy()
        plain[self.told.at] = False
        running = np.zeros(len(plain) + 1, np.int64)
        np.cumsum(plain, out=running[1:])
        times = running[1:] - running[self.begin]
        sizes = np.searchsorted(self.begin, own.row, side="right") - own.row
        which = np.repeat(np.arange(len(own.row)), sizes)
        rows = own.row[which] + np.arange(len(which)) - (np.cumsum(sizes) - sizes)[which]
        begins, ends = np.maximum(own.begins[which], self.day[rows]), own.ends[which]
        some = np.flatnonzero(ends > begins)
        rows, begins, ends = rows[some], begins[some], ends[some]
        is_own = (rows == own.row[which[some]]).astype(np.int64)
        moved = np.zeros(len(plain), np.bool_)
        moved[rows] = True
        alone = np.flatnonzero(plain & ~moved)
        both = np.flatnonzero(moved)
        over = np.flatnonzero(ends < NEVER)
        steps = _stepped(
            np.concatenate([both, rows, rows[over]]),
            np.concatenate([self.day[both], begins, ends[over]]),
            np.concatenate([times[both], np.ones(len(rows), np.int64), np.full(len(over), -1)]),
            np.concatenate([plain[both].astype(np.int64), is_own, -is_own[over]]),
        )
        firsts = alone, self.day[alone], 1.0 / times[alone], np.ones(len(alone), np.int64)
        found = [np.concatenate(pair) for pair in zip(firsts, steps, strict=True)]
        return found[0], found[1], found[2], found[3]


def _stepped(rows: Ints, days: Ints, times: Ints, enters: Ints) -> tuple[Ints, Ints, Floats, Ints]:
    """Changes of how often was spoken and of whether a row enters, as changes of its share."""
    order = np.argsort((rows << _DAY_BITS) + days)
    rows, days = rows[order], days[order]
    spoken, is_in = np.cumsum(times[order]), np.cumsum(enters[order])
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    before = np.repeat(first, np.diff(first, append=len(rows)))
    spoken = spoken - (spoken[before] - times[order][before])
    is_in = is_in - (is_in[before] - enters[order][before])
    is_last = np.ones(len(rows), np.bool_)
    is_last[:-1] = (rows[1:] != rows[:-1]) | (days[1:] != days[:-1])
    rows, days, spoken, is_in = rows[is_last], days[is_last], spoken[is_last], is_in[is_last]
    share = np.where(is_in > 0, 1.0 / np.maximum(spoken, 1), 0.0)
    begins = np.diff(rows, prepend=-1) != 0
    share_by = np.where(begins, share, np.diff(share, prepend=0.0))
    in_by = np.where(begins, is_in, np.diff(is_in, prepend=0))
    some = np.flatnonzero((share_by != 0.0) | (in_by != 0))
    return rows[some], days[some], share_by[some], in_by[some]


def _together(changes: list[_Changes], law: Law, cells: int, *, counts: bool) -> Carried:
    """One course of all changes of a reading; where that `counts`, cells beyond `cells` hold how
    many rows enter."""
    row, cell, day, enters = (
        np.concatenate([getattr(one, name) for one in changes])
        for name in ("row", "cell", "day", "enters")
    )
    adds = np.concatenate([one.adds for one in changes])
    half_lives, which = np.unique([*(r.half_life_days for r in law.rows), inf], return_inverse=True)
    ever = len(half_lives) - 1
    more = np.flatnonzero(enters if counts else enters[:0])
    keys = np.concatenate(
        [cell * len(half_lives) + which[row], (cell[more] + cells) * len(half_lives) + ever]
    )
    lanes = np.flatnonzero(np.bincount(keys, minlength=1))
    lane = np.zeros(lanes[-1] + 1 if len(lanes) else 1, np.int64)
    lane[lanes] = np.arange(len(lanes))
    return carried(
        np.concatenate([day, day[more]]),
        lane[keys],
        np.concatenate([adds, enters[more].astype(np.float64)]),
        Lanes(half_lives[lanes % len(half_lives)], lanes // len(half_lives)),
    )


def _lined(rows: Ints, line: Ints, day: Ints, recorded: Column) -> tuple[Column, Lines]:
    """Rows in order of their line and of happening, and the lines."""
    order = in_order((line << _DAY_BITS) + day, recorded)
    return rows[order].astype(np.int32), lines_of(line[order], day[order])
