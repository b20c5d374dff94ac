"""One number of a government opened as its claims pass by: a page of its terms, an account of it,
or what a few claims add to it; never any I/O, and of any number of claims no more than is listed is
held."""

from collections.abc import Iterator, Sequence
from datetime import date
from math import fsum
from typing import Any, Final

import msgspec
import numpy as np

from domain.governments import GOVERNMENTS
from domain.numbers import Figure, Measure
from projections.accounts import Account, Share, shares_of, voice_of
from projections.columnar.legal.legal import LegalRows
from projections.columnar.numbers.reckoning import eroded_figure, voiced_figure
from projections.columnar.opened.accounting import Accounted, Places
from projections.columnar.opened.explaining import Opened, excluded_for, told_terms
from projections.columnar.streams.lawful import lawful, placed
from projections.columnar.streams.orders import Key, Table
from projections.columnar.streams.stream import HAPPENED, TERM, Stream, Summing, Terms
from projections.columnar.terms.entering import ERODING, MEASURES_AT
from projections.columns import POSSIBLE_MAX, Ints
from projections.dossier import TERMS_MAX, Explanation

_RANKED: Final = np.dtype(
    [
        *TERM.descr,
        *((name, "f8") for name in ("c", "nu", "q", "points")),
        *(("enters", "i1"), ("kind", "i4")),
    ]
)
"""A row that may enter the score of a number, with what it weighs there."""
_KEYS: Final[dict[str, Key]] = {
    "points": ("points", *HAPPENED),
    "latest": HAPPENED,
    "first": HAPPENED,
    "kind": ("kind", "points", *HAPPENED),
}
_FALLING: Final = frozenset({"points"})


class Number(msgspec.Struct, frozen=True):
    """A number as it reads, its legal floor, where the claim of that was recorded, and the sum of
    its terms."""

    figure: Figure
    floor: float | None
    floor_at: int | None
    total: float

    @property
    def whole(self) -> float:
        """What its terms add to it together."""
        return self.figure.score - (self.floor or 0.0)


class _First:
    """The first rows of those that pass by, in an order."""

    def __init__(self, count: int, order: str) -> None:
        self.rows = np.empty(0, _RANKED)
        self._count, self._order = count, order

    def take(self, rows: Table) -> None:
        """Look at some."""
        some = np.concatenate([self.rows, rows])
        keys = [-some[n] if n in _FALLING else some[n] for n in _KEYS[self._order]]
        if self._order == "latest":
            keys = [-key.astype(np.int64) for key in keys]
        self.rows = some[np.lexsort(keys[::-1])[: self._count]]


def numbered(
    stream: Stream, measure: str, law: LegalRows | None = None, day: date | None = None
) -> Number:
    """A number, on another day too; `law`: the legal rows of the stream, which erosion is asked
    of."""
    sums = stream.tally(measure, day).sums
    if measure != ERODING or law is None:
        return Number(voiced_figure(sums), None, None, sums[0])
    floors = law.floors(day or stream.on)
    floor, at = floors[0]
    return Number(eroded_figure(sums, floors), floor, None if at is None else int(at), sums[0])


def _law_for(stream: Stream, measure: str) -> LegalRows | None:
    """The legal rows that a number is asked of; None for one that rests on none."""
    return lawful(stream).told() if measure == ERODING else None


def figured(stream: Stream, measure: str) -> tuple[Figure, int]:
    """A number, and how many claims it rests on."""
    number = numbered(stream, measure, _law_for(stream, measure))
    return number.figure, stream.tally(measure).weighing + (number.floor_at is not None)


def opened(stream: Stream, measure: str, *, after: int) -> Opened:
    """See `projections.columnar.opened.explaining.opened`."""
    law = _law_for(stream, measure)
    number, tally = numbered(stream, measure, law), stream.tally(measure)
    terms, left_out = (stream.orders.order(_RANKED, HAPPENED) for _ in range(2))
    for rows in _ranked(stream, measure, number):
        terms.put(rows[rows["enters"] == 1])
        left_out.put(rows[_counts_nothing(rows)])
    page, out = (_page(order.read(), after) for order in (terms, left_out))
    last = after + TERMS_MAX
    floor = None if number.floor_at is None else str(number.floor_at)
    return Opened(
        Explanation(
            government=stream.government,
            name=GOVERNMENTS[stream.government],
            on=stream.on,
            known_at=str(stream.known_at),
            method=stream.law.weights.method(measure),
            score=number.figure.score,
            low=number.figure.low,
            high=number.figure.high,
            terms=_terms(stream, measure, page, number),
            excluded=excluded_for(out["recorded"], out["status"], out["enters"] == 1),
            floor=number.floor,
            floor_claim=floor,
            sum=number.total,
            terms_total=tally.terms,
            excluded_total=left_out.size,
            next_after=last if last < max(tally.terms, left_out.size) else None,
        ),
        _places((page, out), law, number),
    )


def accounted(
    stream: Stream,
    measure: str,
    *,
    order: str,
    terms_max: int,
    excluded_max: int | None,
    later: date,
) -> Accounted:
    """See `projections.columnar.opened.accounting.accounted`."""
    law = _law_for(stream, measure)
    number, tally = numbered(stream, measure, law), stream.tally(measure)
    listed = _First(terms_max, "latest" if order == "day" else order)
    first = _First(1, "points")
    out = _First(terms_max if excluded_max is None else excluded_max, "first")
    points, left_out = Summing(), 0
    sharing = _Sharing(stream)
    for rows in _ranked(stream, measure, number):
        some = rows[(rows["enters"] == 1) & (rows["c"] > 0)]
        listed.take(some)
        first.take(some)
        points.add(some["points"])
        if number.floor is None:
            sharing.take(some)
        gone = rows[_counts_nothing(rows)]
        left_out += len(gone)
        out.take(gone)
    left = out.rows
    if excluded_max is None:
        left = left[: terms_max - len(listed.rows)]
    terms = _terms(stream, measure, listed.rows, number)
    heaviest = _terms(stream, measure, first.rows, number)
    return Accounted(
        Account(
            number=Measure(
                method=stream.law.weights.method(measure),
                score=number.figure.score,
                low=number.figure.low,
                high=number.figure.high,
                terms=terms,
                excluded=excluded_for(left["recorded"], left["status"], left["enters"] == 1),
                floor=number.floor,
                floor_claim=None if number.floor_at is None else str(number.floor_at),
            ),
            counted=tally.weighing,
            rest_points=fsum([points.total, *(-listed.rows["points"]).tolist()]),
            total_c=number.total,
            repeats=tally.repeats,
            heaviest=heaviest[0] if heaviest else None,
            shares=sharing.shares(),
            left_out=left_out,
            later=numbered(stream, measure, law, later).figure,
        ),
        _places((listed.rows, first.rows, left), law, number),
    )


def pointed(stream: Stream, measure: str, recorded: Ints) -> dict[int, float]:
    """The points that the claims recorded at some positions add to a number."""
    number = numbered(stream, measure, _law_for(stream, measure))
    found: dict[int, float] = {}
    for rows in _ranked(stream, measure, number):
        some = rows[(rows["enters"] == 1) & np.isin(rows["recorded"], recorded)]
        found |= dict(zip(some["recorded"].tolist(), some["points"].tolist(), strict=True))
    return found


def entering_places(stream: Stream, measure: str, most: int) -> Places | None:
    """The places of all claims that may enter a number; None where there are more than so many."""
    column = MEASURES_AT.index(measure)
    found: dict[int, tuple[date, int, int]] = {}
    if stream.matched(measure) > most:
        return None
    for rows in stream.rows():
        roles = stream.roles[rows["profile"]]
        may = roles[:, column] >= 0
        if measure == "backing":
            may &= rows["own"] == 0
        if measure == ERODING:
            may |= roles[:, 3] == 1
        found |= placed(rows[may & (rows["status"] <= POSSIBLE_MAX)])
        if len(found) > most:
            return None
    return tuple(found.values())


def ranked(rows: Terms, number: Number, kinds: Ints | None = None) -> Table:
    """The rows of the score of a number with what they weigh there."""
    made = np.empty(len(rows.rows), _RANKED)
    for name in TERM.names or ():
        made[name] = rows.rows[name]
    made["c"], made["nu"], made["q"] = rows.c[0], rows.nu[0], rows.q[0]
    made["enters"] = rows.enters[0]
    made["points"] = number.whole * rows.c[0] / number.total if number.total else 0.0
    made["kind"] = 0 if kinds is None else kinds[rows.rows["found"]]
    return made


def _ranked(stream: Stream, measure: str, number: Number) -> Iterator[Table]:
    names = [row.name for row in stream.law.rows]
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    kinds = np.array([places[name] for name in names], np.int64)
    for rows in stream.terms(measure):
        yield ranked(rows, number, kinds)


def _counts_nothing(rows: Table) -> Any:
    return (rows["enters"] == 0) | (rows["grade"] == 0.0)


def _page(pieces: Iterator[Table], after: int) -> Table:
    """A page of rows in order, after so many."""
    found = np.empty(0, _RANKED)
    for rows in pieces:
        found = np.concatenate([found, rows[after : after + TERMS_MAX - len(found)]])
        after = max(0, after - len(rows))
        if len(found) == TERMS_MAX:
            break
    return found


def _terms(stream: Stream, measure: str, rows: Table, number: Number) -> Any:
    ones = np.ones(len(rows))
    shares, several, voices = ones, ones, ones.astype(np.int64)
    if measure != ERODING:
        said = stream.said[rows["voice"]]
        shares, several, voices = said[:, 0], said[:, 1], rows["voices"]
    return told_terms(
        stream.law,
        (rows["recorded"], rows["day"].astype(np.int64), rows["status"]),
        rows["found"],
        (shares, several, rows["nu"], voices, rows["q"], rows["c"]),
        stream.on,
        number.whole,
        number.total,
    )


def _places(pages: Sequence[Table], law: LegalRows | None, number: Number) -> Places:
    found: dict[int, tuple[date, int, int]] = {}
    if law is not None and number.floor_at is not None:
        found |= places_among(law, [number.floor_at])
    for rows in pages:
        found |= placed(rows)
    return tuple(found.values())


def places_among(law: LegalRows, recorded: Sequence[int]) -> dict[int, tuple[date, int, int]]:
    """The places of the legal rows recorded at some positions."""
    at = np.flatnonzero(np.isin(law.columns["recorded"], np.array(recorded, np.int64)))
    columns = (law.columns[name][at].tolist() for name in ("day", "recorded", "position"))
    return {one[1]: (date.fromordinal(one[0]), *one[1:]) for one in zip(*columns, strict=True)}


class _Sharing:
    """What groups of speakers add."""

    def __init__(self, stream: Stream) -> None:
        self._weights, self._voices = stream.law.weights, stream.voices
        self._counts = np.zeros(len(self._voices), np.int64)
        self._totals = np.zeros(len(self._voices))

    def take(self, rows: Table) -> None:
        """Look at some terms."""
        size = len(self._voices)
        self._counts += np.bincount(rows["voice"], minlength=size)
        self._totals += np.bincount(rows["voice"], rows["points"], minlength=size)

    def shares(self) -> tuple[Share, ...]:
        """See `projections.accounts.shares_of`."""
        groups: dict[str, tuple[int, float]] = {}
        each = zip(self._voices, self._counts.tolist(), self._totals.tolist(), strict=True)
        for voice, count, total in each:
            if count:
                name = voice_of(voice.actors, self._weights)
                before = groups.get(name, (0, 0.0))
                groups[name] = before[0] + count, before[1] + total
        return tuple(shares_of(groups))
