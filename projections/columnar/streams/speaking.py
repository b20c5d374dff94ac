"""What critics said of all governments, in leaves of few rows that pass by as often as one likes,
of which no two need be at hand; never any I/O of its own.

Each row stands in one leaf, and so do all rows about a government that tell one happening: what
leaves say of a cell of the matrix can be added up.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, ClassVar, Final

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.numbers import CRITICAL_KINDS
from projections.columnar.criticism import criticising
from projections.columnar.criticism.matrices import Drawn, MatrixDraw, drawn
from projections.columnar.shelf.pointing import Point
from projections.columnar.shelf.shelving import Leaf, Shelf
from projections.columnar.shelf.sifting import WORDS
from projections.columnar.streams.filling import ROW, Filling, Told, Words
from projections.columnar.streams.happenings import Happenings, Numbers
from projections.columnar.streams.orders import Key, Orders, Table
from projections.columnar.streams.stating import Stating
from projections.columnar.terms.law import Law
from projections.columns import CLOSED, COUNTED_MAX, Ints, Mask, Pieces
from projections.speakers import Speakers

LEAF_ROWS: Final = 4_096
"""About so many rows stand in a leaf, unless more tell one happening."""
SPOKEN: Final = np.dtype(
    [
        *ROW.descr,
        ("government", "i2"),
        ("told", "i4"),
        *((name, "i8") for name in ("speakers_end", "name_end")),
        *((name, "i4") for name in ("speakers_size", "name_size")),
    ]
)
"""A row with the number of the happening that it tells with others, 0 for none, and where the text
ends of those who speak, and that of the name of its happening."""
_TOGETHER: Final = ("government", "told")
_KEY: Final[Key] = (*_TOGETHER, "day", "recorded")
_NOWHERE: Final = -1
"""Stands for where a text is that is not kept yet."""
_RAW: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])
_SPEAKERS: Final = msgspec.msgpack.Decoder(Speakers)
_ENCODER: Final = msgspec.msgpack.Encoder()


class _Speaking(Filling):
    """The rows of one government that criticise, in the making."""

    form: ClassVar[np.dtype[Any]] = SPOKEN
    taken_words: ClassVar[int] = len(WORDS) + 1

    def _told(self, words: Sequence[Any]) -> Told:
        told = words[5]
        speakers = _RAW.decode(told) if isinstance(told, msgspec.Raw) else told
        return super()._told((*words[:5], speakers))

    def _made(self, columns: dict[str, Ints], codes: Sequence[Ints], told: Told) -> Table:
        kinds = np.array(
            [WORDS[0](bytes(one)).kind in CRITICAL_KINDS for one in told.words[0]], np.bool_
        )
        some = np.flatnonzero(kinds[codes[0]] & (columns["status"] <= COUNTED_MAX))
        codes = [code[some] for code in codes]
        rows = super()._made({n: c[some] for n, c in columns.items()}, codes, told)
        self._point(rows, "name", told, told.words[3], codes[3])
        self._point(rows, "speakers", told, told.words[5], codes[5])
        return rows

    def _point(
        self, rows: Table, name: str, told: Told, words: Sequence[Any], column: Ints
    ) -> None:
        """Keep the texts of the words that rows use, each once, and note where they are."""
        nowhere = np.full(len(words), _NOWHERE), np.zeros(len(words), np.int64)
        end, size = told.kept.setdefault(name, nowhere)
        used = np.flatnonzero(np.bincount(column, minlength=len(words)))
        new = used[end[used] == _NOWHERE]
        bodies = [_text(words[place]) for place in new.tolist()]
        size[new] = [len(body) for body in bodies]
        end[new] = np.where(size[new], self.orders.keep(bodies) + size[new], 0)
        rows[f"{name}_end"], rows[f"{name}_size"] = end[column], size[column]


def _text(word: Any) -> bytes:
    if isinstance(word, str):
        return word.encode()
    return bytes(word) if isinstance(word, msgspec.Raw) else _ENCODER.encode(word)


class Speakings:
    """What critics said by a day, as known at a point; governments are taken one after another."""

    def __init__(self, law: Law, orders: Orders, *, on: date, known_at: KnownAt) -> None:
        self.shelf = Shelf(law, Numbers())
        self.orders, self._on, self._known_at = orders, on, known_at
        self._words = Words()
        self._codes: list[str] = []
        self._coming: _Speaking | None = None
        self._rows = orders.order(SPOKEN, _KEY)
        self.happenings = Happenings(orders, SPOKEN)
        self._is_whole = False

    def take(self, government: str, bodies: Sequence[tuple[bool, bytes]]) -> None:
        """Take some blocks (True) and parts (False) of a government."""
        if self._coming is None or self._codes[-1] != government:
            self._come()
            self._codes.append(government)
            self._coming = _Speaking(self._known_at, self.orders, self._words)
        self._coming.take(bodies)

    def _come(self) -> None:
        """No further part of the last government is to come."""
        for rows in () if self._coming is None else self._coming.believed():
            some = rows[rows["day"] <= self._on.toordinal()]
            some["government"] = len(self._codes) - 1
            self._rows.put(self.happenings.sift(some))
        self._coming = None

    def leaves(self) -> Iterator[Leaf]:
        """The leaves, once all parts were taken; as often as one likes."""
        if not self._is_whole:
            self._come()
            for rows in self.happenings.numbered():
                self._rows.put(rows)
            self._is_whole = True
        held = np.empty(0, SPOKEN)
        for piece in self._rows.read():
            held = np.concatenate([held, piece])
            end = _cut(held) if len(held) >= LEAF_ROWS else 0
            if end:
                yield from self._leaves(held[:end])
                held = held[end:]
        yield from self._leaves(held)

    def _leaves(self, rows: Table) -> tuple[Leaf, ...]:
        codes, starts = np.unique(rows["government"], return_index=True)
        ends = [*starts.tolist(), len(rows)][1:]
        profiles, voices, _ = self._words.lists()
        each = zip(codes.tolist(), starts.tolist(), ends, strict=True)
        return self.shelf.put(
            (self._codes[code], self._pieces(rows[begin:end], profiles, voices))
            for code, begin, end in each
        ).leaves

    def _pieces(self, rows: Table, profiles: list[Any], voices: list[Any]) -> Pieces:
        """Some rows of one government as a shelf takes them."""
        zeros = np.zeros(len(rows), np.int64)
        columns = dict.fromkeys(("known", "stated", "actor", "states"), zeros)
        for name in ("position", "recorded", "day", "status", "voices", "own"):
            columns[name] = rows[name].astype(np.int64)
        used, columns["profile"] = np.unique(rows["profile"], return_inverse=True)
        some, columns["voice"] = np.unique(rows["voice"], return_inverse=True)
        happenings, columns["happening"] = np.unique(rows["told"], return_inverse=True)
        speakers, columns["speakers"] = self._said(rows)
        words = (
            [profiles[code] for code in used.tolist()],
            [voices[code] for code in some.tolist()],
            [""],
            [number or "" for number in happenings.tolist()],
            [()],
            [_SPEAKERS.decode(body) for body in speakers],
        )
        return Pieces(columns, words, dict.fromkeys(CLOSED, zeros[:0]))

    def _said(self, rows: Table) -> tuple[list[bytes], Ints]:
        """Who speaks in some rows, each text once, and which of them each row says."""
        at, first, own = np.unique(rows["speakers_end"], return_index=True, return_inverse=True)
        sizes = rows["speakers_size"][first].tolist()
        codes: dict[bytes, int] = {}
        ends = zip(at.tolist(), sizes, strict=True)
        kept = (self.orders.kept(end - size, size) if size else b"" for end, size in ends)
        table = [codes.setdefault(body, len(codes)) for body in kept]
        return list(codes), np.array(table, np.int64)[own.reshape(-1)]


def tabled(speakings: Speakings, at: Point, draw: MatrixDraw) -> Drawn:
    """What is drawn of the matrix of Criticism, all leaves passing by twice, and once more to tell
    who speaks in joint statements that have a row of their own."""
    shelf, jointly = speakings.shelf, None
    if draw.joint == "one":
        jointly = Stating(
            shelf.law, shelf.critics, at, draw.wanted, speakings.orders, speakings.happenings
        )
    table = criticising.Table(
        shelf.law, shelf.critics, at, joint=draw.joint, government=draw.government,
        jointly=jointly, merges=True,
    )  # fmt: skip
    for look in (table.see, table.take):
        for leaf in speakings.leaves():
            look(leaf)
    for leaf in speakings.leaves() if table.hears else ():
        table.hear(leaf)
    return drawn(table, draw)


def _cut(rows: Table) -> int:
    """Before which row some rows are cut, so that none of a happening are parted; 0 where they
    cannot be."""
    is_first: Mask = rows["told"] == 0
    for name in _TOGETHER:
        is_first[1:] |= rows[name][1:] != rows[name][:-1]
    is_first[:1] = False
    found = np.flatnonzero(is_first)
    return int(found[-1]) if len(found) else 0
