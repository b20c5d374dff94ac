"""The facts of all governments side by side, narrow and in the order in which numbers are reckoned,
for one set of weights; it never reckons and never does I/O.

A shelf is for a process to keep: a board is then a few passes over it. Rows stand on leaves of
neighbouring governments; when one is touched its leaf is written anew, beside the one before.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import numpy as np

from domain.facts import Facts
from domain.numbers import NOVELTY_DAYS
from projections.columnar.shelf.addressing import Addressed, Critics, in_order, paired
from projections.columnar.shelf.narrowing import Column, Table, narrowed, widened
from projections.columnar.terms.entering import Floats, spoken
from projections.columnar.terms.law import Law
from projections.columnar.terms.sameness import Same, same
from projections.columns import COUNTED_MAX, POSSIBLE_MAX, Ints, Pieces, ends_of

LEAF_ROWS: Final = 131_072
"""Governments share a leaf until it holds so many rows."""
ROW_BYTES: Final = 82
"""About how much memory a row takes on a shelf, with its share of the dictionary."""
PRESENT_BYTES: Final = 56
"""About how much more it takes, on the average of all, where what is believed at the head is kept
once more."""
SUMS_BYTES: Final = 48
"""And how much more where that is summed, and its legal facts folded."""
FACT_BYTES: Final = 500
"""About how much memory a legal fact takes as the law reads it."""
STATE_BYTES: Final = 200
"""About how much memory a state takes that the law came to."""
GOVERNMENTS_MAX: Final = 250
"""So many governments share a leaf at most: their places on it are a byte each."""
_DAY_BITS: Final = 22
WHEN_BITS: Final = 40
TOLD_NOTHING: Final = -1
"""The code of claims that were declared the same as no other."""
_SPREAD: Final = ("position", "known", "day", "recorded", "status")


class Leaf(msgspec.Struct, frozen=True):
    """The possible rows of some governments: first the `voiced` ones, which may be pressure or
    backing, by government, instrument and speaker in order of happening; then all others.

    `columns`: of every row; of the voiced alone `kind` (government, and whether it is backing),
    `row` of the law, `actor`, `base` (what it weighs before source and age), how it is spoken (see
    `addressing.paired`) and `begin`: the first row of its group within the days of repetition.
    `conduct`: places of rows that erode. `legal`: what standings follow from, a table of its own in
    order of happening, government by government, with `legal_bounds`; `facts`: some of its rows as
    the law reads them, kept by whoever asks; `courses`: its governments' legal facts at the head,
    folded, kept likewise (`coursing.py`); `sums` and `said`: the numbers of a leaf at the head, and
    who criticises whom, for all days, once somebody asked there twice (`summing.py`,
    `tallying.py`).
    `addressed`: who criticises whom in the voiced rows that count. `present`: the leaf of the rows
    believed at the head, once somebody asked there (`presenting.py`), which `is_present` itself.
    """

    governments: tuple[str, ...]
    columns: dict[str, Column]
    grades: Floats
    voiced: int
    told: Same
    conduct: Ints
    told_conduct: Same
    legal: dict[str, Column]
    legal_bounds: Ints
    facts: dict[int, Facts]
    addressed: Addressed
    present: list[Any]
    courses: dict[str, Any]
    sums: list[Any]
    said: list[Any]
    is_present: bool = False

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.columns["position"])

    @property
    def size_bytes(self) -> int:
        """How much memory the rows take."""
        arrays = [
            *self.columns.values(), *self.legal.values(), self.conduct,
            *(a for s in (self.told, self.told_conduct) for a in (s.at, s.starts, s.group)),
        ]  # fmt: skip
        rest = FACT_BYTES * len(self.facts) + self.addressed.size_bytes
        rest += sum(one.leaf.size_bytes for one in self.present)
        rest += sum(one.size_bytes for one in (*self.sums, *self.said) if one is not None)
        courses = () if self.is_present else tuple(self.courses.copy().values())
        rest += STATE_BYTES * sum(one.size for one in courses)
        found: int = rest + sum(array.nbytes for array in arrays)
        return found


class Words:
    """One dictionary for all leaves: profiles, voices, actors, happenings, states; words are added
    and stay."""

    def __init__(self) -> None:
        self.lists: tuple[list[Any], ...] = ([], [], [], [], [])
        self._codes: tuple[dict[Any, int], ...] = ({}, {}, {}, {}, {})

    def coded(self, place: int, words: Sequence[Any], column: Ints) -> Ints:
        """A column in codes of this dictionary, given the words its own codes stand for."""
        codes, known = self._codes[place], self.lists[place]
        table: Any = np.zeros(len(words), np.int32)
        for own in np.flatnonzero(np.bincount(column, minlength=len(words))).tolist():
            code = codes.setdefault(words[own], len(known))
            if code == len(known):
                known.append(words[own])
            table[own] = code
        found: Ints = table[column]
        return found


class Shelf:
    """The leaves of one workspace, through a position of its log; `leaves` are never changed.
    `presents`: whether there is room for what is believed at the head once more, and `sums` for the
    sums of that; `apart`: what joint statements say there on all days, once somebody asked about
    each of them twice (`alone.py`)."""

    def __init__(self, law: Law, words: Words | None = None) -> None:
        self.law, self.words, self.critics = law, words or Words(), Critics()
        self.leaves: tuple[Leaf, ...] = ()
        self.through = 0
        self.presents = self.sums = True
        self.apart: list[Any] = []

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(leaf.size for leaf in self.leaves)

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        apart: int = sum(one.size_bytes for one in self.apart if one is not None)
        return apart + sum(leaf.size_bytes for leaf in self.leaves)

    def put(self, parts: Iterable[tuple[str, Pieces]], through: int | None = None) -> "Shelf":
        """The shelf with what came since, government by government in order of their codes; this
        one stays as it is.

        `through`: the position of the log that it goes through then, where these are all parts up
        to there.
        """
        found = Shelf(self.law)
        found.words, found.critics = self.words, self.critics
        found.through = self.through if through is None else through
        new = dict(parts)
        leaves = []
        for leaf in self.leaves:
            touched = {code: new.pop(code) for code in leaf.governments if code in new}
            leaves.append(self._extended(leaf, touched) if touched else leaf)
        found.leaves = (*leaves, *self._leaves(sorted(new.items())))
        return found

    def _leaves(self, parts: Iterable[tuple[str, Pieces]]) -> list[Leaf]:
        """New leaves of governments that have none yet."""
        leaves: list[Leaf] = []
        waiting: list[tuple[str, Tables]] = []
        for code, pieces in parts:
            waiting.append((code, _tables(pieces, self)))
            if sum(len(t[0]["day"]) for _, t in waiting) >= LEAF_ROWS or (
                len(waiting) == GOVERNMENTS_MAX
            ):
                leaves.append(_together(waiting, self.critics))
                waiting = []
        if waiting:
            leaves.append(_together(waiting, self.critics))
        return leaves

    def _extended(self, leaf: Leaf, touched: Mapping[str, Pieces]) -> Leaf:
        rows, legal, pairs = _opened(leaf)
        tables: list[Tables] = [(rows, legal, pairs)]
        courses = leaf.courses.copy()
        for place, code in enumerate(leaf.governments):
            pieces = touched.get(code)
            if pieces is None:
                continue
            is_old = pieces.closings["position"] <= self.through
            over = {n: c[is_old] for n, c in pieces.closings.items()}
            _close(rows, place, over)
            days = legal["day"][_close(legal, place, over)]
            own = {name: column[~is_old] for name, column in pieces.closings.items()}
            some = _tables(Pieces(pieces.columns, pieces.words, own), self)
            for table in some[:2]:
                table["government"] = np.full(len(table["day"]), place, np.int64)
            tables.append(some)
            days = np.concatenate([days, some[1]["day"]])
            if code in courses and len(days):
                courses[code] = courses[code].until(date.fromordinal(int(days.min())))
        return _leaf(leaf.governments, tables, self.critics, courses)


Tables = tuple[Table, Table, Table]


def _tables(pieces: Pieces, shelf: Shelf) -> Tables:
    """The rows of one government as a leaf wants them, the legal ones among them once more, and who
    speaks in those that criticise."""
    law, words = shelf.law, shelf.words
    position_to, known_to = ends_of(pieces)
    at = np.flatnonzero(pieces.columns["status"] <= POSSIBLE_MAX)
    columns = {name: column[at] for name, column in pieces.columns.items()}
    profiles, voices, _, happenings, *_ = pieces.words
    role: Column = law.roles(profiles).astype(np.int16)[columns["profile"]]
    said = law.said(voices)[columns["voice"]]
    is_backing = (role[:, 1] >= 0) & (columns["own"] == 0)
    if bool((is_backing & (role[:, 0] >= 0)).any()):
        raise ValueError("a claim cannot be pressure and backing at once")
    row = np.where(is_backing, role[:, 1], role[:, 0])
    weight = np.array([*(r.weight for r in law.rows), 0.0], np.float64)[row]
    none = happenings.index("") if "" in happenings else -1
    coded = {
        name: words.coded(place, pieces.words[place], columns[name])
        for place, name in enumerate(("profile", "voice", "actor", "happening", "states"))
    }
    criticises = (role[:, 0] >= 0) & ~is_backing & (columns["status"] <= COUNTED_MAX)
    some = Pieces(columns, pieces.words, {})
    pairs, spoke = paired(some, np.flatnonzero(criticises), shelf.critics)
    common = {name: columns[name] for name in _SPREAD} | {
        "position_to": position_to[at],
        "known_to": known_to[at],
        "q": said[:, 2],
    }
    rows: Table = common | {
        "happening": np.where(columns["happening"] == none, TOLD_NOTHING, coded["happening"]),
        "conduct": role[:, 2],
        "row": row,
        "is_backing": is_backing,
        "actor": coded["actor"],
        **spoke,
        "base": weight * said[:, 0] * said[:, 1] * spoken(columns["voices"]),
    }
    legal = np.flatnonzero(role[:, 3])
    table = common | coded | {name: columns[name] for name in ("voices", "stated")}
    table |= {"role": role}
    return rows, {name: column[legal] for name, column in table.items()}, pairs


def _together(tables: Sequence[tuple[str, Tables]], critics: Critics) -> Leaf:
    for place, (_, (rows, legal, _)) in enumerate(tables):
        for table in (rows, legal):
            table["government"] = np.full(len(table["day"]), place, np.int64)
    return _leaf(tuple(code for code, _ in tables), [some for _, some in tables], critics, {})


def _joined(tables: Sequence[Table]) -> Table:
    if len(tables) == 1:
        return tables[0]
    return {name: np.concatenate([t[name] for t in tables]) for name in tables[0]}


def _leaf(
    governments: tuple[str, ...],
    tables: Sequence[Tables],
    critics: Critics,
    courses: dict[str, Any],
) -> Leaf:
    """Rows in their order on a leaf, narrowed."""
    rows, legal, pairs = (_joined([some[which] for some in tables]) for which in range(3))
    before = np.cumsum([0, *(len(some[0]["day"]) for some in tables[:-1])])
    pairs["at"] += np.repeat(before, [len(some[2]["at"]) for some in tables])
    at = np.flatnonzero(rows["row"] >= 0)
    kind = rows["government"][at] * 2 + rows["is_backing"][at]
    group = kind * (int(rows["row"].max(initial=0)) + 1) + rows["row"][at]
    group = group * (int(rows["actor"].max(initial=0)) + 1) + rows["actor"][at]
    order = np.lexsort((_when(rows, at), group))
    at, kind, group = at[order], kind[order], group[order]
    begin = _begins(group, rows["day"][at])
    whole = np.concatenate([at, np.flatnonzero(rows["row"] < 0)])
    columns = {name: rows[name][whole] for name in (*_SPREAD, *_SHARED, "happening", "conduct")}
    grades, columns["grade"] = np.unique(rows["q"][whole], return_inverse=True)
    conduct = np.flatnonzero(columns["conduct"] >= 0)
    told = np.flatnonzero(columns["happening"][: len(at)] >= 0)
    told_conduct = conduct[columns["happening"][conduct] >= 0]
    own = {name: rows[name][at] for name in _VOICED}
    places = np.empty(len(whole), np.int64)
    places[whole] = np.arange(len(whole))
    pairs["at"] = places[pairs["at"]]
    place = np.lexsort((_when(legal, slice(None)), legal["government"]))
    table = {name: column[place] for name, column in legal.items()}
    bounds = np.searchsorted(table["government"], np.arange(len(governments) + 1))
    return Leaf(
        governments=governments,
        columns=narrowed(columns | own | {"kind": kind, "begin": begin}),
        grades=grades,
        voiced=len(at),
        told=_same(told, kind[told], columns),
        conduct=conduct,
        told_conduct=_same(told_conduct, columns["government"][told_conduct], columns),
        legal=narrowed(table),
        legal_bounds=bounds,
        facts={},
        present=[],
        courses=courses,
        sums=[],
        said=[],
        addressed=in_order(pairs, columns["government"], _when(columns, slice(None)), critics),
    )


_VOICED: Final = ("row", "actor", "base", "manner", "lead", "signed")
"""The columns of voiced rows alone, besides those that follow from their order."""
_SHARED: Final = ("government", "position_to", "known_to")


def _when(table: Table, at: Any) -> Ints:
    """The order of happening as one number."""
    found: Ints = (table["day"][at].astype(np.int64) << WHEN_BITS) + table["recorded"][at]
    return found


def _begins(group: Ints, day: Ints) -> Ints:
    """For each row the first of its group within the days in which repetition counts less."""
    begin = np.arange(len(group))
    if not len(group):
        return begin
    dense = np.zeros(len(group), np.int64)
    np.cumsum(group[1:] != group[:-1], out=dense[1:])
    group_day = (dense << _DAY_BITS) + day
    near = np.flatnonzero(np.diff(group_day) < NOVELTY_DAYS) + 1
    begin[near] = np.searchsorted(group_day, group_day[near] - (NOVELTY_DAYS - 1))
    return begin


def _same(at: Ints, kind: Column, columns: Table) -> Same:
    """Rows declared the same as others, by what they count in and by happening."""
    happening = columns["happening"][at].astype(np.int64)
    key = kind.astype(np.int64) * (int(happening.max(initial=0)) + 1) + happening
    return same(at, key, (_when(columns, at),))


def _opened(leaf: Leaf) -> Tables:
    """The tables of a leaf as they were before they were put in order, all columns widened."""
    rows = {name: column for name, column in leaf.columns.items() if len(column) == leaf.size}
    rest = leaf.size - leaf.voiced
    for name in _VOICED:
        filler = np.full(rest, -1, leaf.columns[name].dtype)
        rows[name] = np.concatenate([leaf.columns[name], filler])
    is_backing = leaf.columns["kind"] % 2 == 1
    rows["is_backing"] = np.concatenate([is_backing, np.zeros(rest, np.bool_)])
    rows["q"] = leaf.grades[rows.pop("grade")]
    for name in ("kind", "begin"):
        rows.pop(name, None)
    pairs = {name: getattr(leaf.addressed, name).astype(np.int64) for name in ("at", "speaker")}
    return widened(rows), widened(leaf.legal), pairs


def _close(table: Table, government: int, closings: Mapping[str, Ints]) -> list[int]:
    """Note which rows of a government are followed by others, and tell which; rows that are on no
    leaf are passed over."""
    if not len(closings["position"]):
        return []
    at = np.flatnonzero(
        (table["government"] == government) & np.isin(table["position"], closings["position"])
    )
    place = {key: i for i, key in enumerate(zip(
        closings["position"].tolist(), closings["recorded"].tolist(), strict=True
    ))}  # fmt: skip
    keys = zip(table["position"][at].tolist(), table["recorded"][at].tolist(), strict=True)
    pairs = [(row, place[key]) for row, key in zip(at.tolist(), keys, strict=True) if key in place]
    for row, one in pairs:
        table["position_to"][row] = closings["position_to"][one]
        table["known_to"][row] = closings["known_to"][one]
    return [row for row, _ in pairs]
