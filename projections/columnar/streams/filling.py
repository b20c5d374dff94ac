"""Takes the stored columns of one government, some at a time, to rows of a fixed width, and finds
the versions that were believed at one point of knowledge; never any I/O of its own."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar, Final

import numpy as np

from domain.clocks import KnownAt
from projections.columnar.shelf.sifting import (
    BARE,
    PARTS,
    WORDS,
    Bare,
    at_most,
    encoded_words,
    picked,
    taken,
)
from projections.columnar.streams.orders import Order, Orders, Table
from projections.columns import (
    CLOSED,
    CODED,
    NUMBERS,
    OPEN,
    Ints,
    Part,
    Pieces,
    microseconds,
    pieces_of,
)

NAMED: Final = ("profile", "voice", "states")
"""The columns that are coded by a dictionary: the words of profiles, voices and states that object
are few, however long the history is."""
TOLD: Final = ("actor", "happening")
"""The columns that are told apart by a digest of their words, of which there is no end."""
ROW: Final = np.dtype(
    [
        *((name, "i8") for name in ("recorded", "position")),
        *((f"{name}_{half}", "i8") for name in TOLD for half in ("a", "b")),
        *((name, "i4") for name in ("day", "stated", "voices", *NAMED)),
        *((name, "i1") for name in ("status", "own", "ends")),
    ]
)
"""A version of a claim, or where `ends` is 1 that it is believed no longer."""
VERSION: Final = ("recorded", "position", "ends")
_NUMBERS: Final = tuple(name for name in NUMBERS if name != "known")
_PLACES: Final = (0, 1, 4)
_TOLD_PLACES: Final = (2, 3)
"""The dictionaries of `NAMED` and of `TOLD` among those of a block."""
_DIGEST_BYTES: Final = 16
ROWS_AT_ONCE: Final = 2_048
"""So many rows of a block are widened together."""


class Words:
    """One dictionary for each of `NAMED`."""

    def __init__(self) -> None:
        self._codes: tuple[dict[bytes, int], ...] = tuple({} for _ in NAMED)

    def lists(self) -> tuple[list[Any], ...]:
        """The words by their codes."""
        return tuple(
            [WORDS[place](word) for word in codes]
            for place, codes in zip(_PLACES, self._codes, strict=True)
        )

    def coded(self, name: str, words: Sequence[Any]) -> Ints:
        """The codes here of some words."""
        codes = self._codes[NAMED.index(name)]
        return np.array([codes.setdefault(bytes(word), len(codes)) for word in words], np.int64)


class Told:
    """The words of a block, with what those of `NAMED` and `TOLD` are told apart by; `kept`: where
    texts of other words are kept, by their column."""

    def __init__(
        self, words: Sequence[Any], named: Sequence[Ints], digests: Sequence[Ints]
    ) -> None:
        self.words, self.named, self.digests = words, named, digests
        self.kept: dict[str, tuple[Ints, Ints]] = {}


class Filling:
    """The rows of one government in the making, at one point of knowledge; its parts may come in
    any order."""

    form: ClassVar[np.dtype[Any]] = ROW
    taken_words: ClassVar[int] = len(WORDS)
    """How many of the coded columns are looked at."""

    def __init__(self, known_at: KnownAt, orders: Orders, words: Words | None = None) -> None:
        """`words`: the dictionary of the governments before it, where it is to be one."""
        self.words = words or Words()
        self.orders = orders
        self._rows: Order = orders.order(self.form, VERSION)
        self._begins, self._ends = "position", "position_to"
        self._limit = OPEN - 1 if known_at.position is None else known_at.position
        if known_at.moment is not None:
            self._begins, self._ends = "known", "known_to"
            self._limit = microseconds(known_at.moment)

    def take(self, bodies: Iterable[tuple[bool, bytes]]) -> None:
        """Take some blocks (True) and parts (False)."""
        for is_block, some in groupby(bodies, itemgetter(0)):
            if is_block:
                for _, body in some:
                    self._block(BARE.decode(body))
                continue
            parts = [PARTS.decode(body) for _, body in some]
            whole = Part(
                [row for part in parts for row in part.rows],
                [one for part in parts for one in part.closings],
            )
            self._part(pieces_of(whole))

    def believed(self) -> Iterator[Table]:
        """The versions that were believed, once all parts were taken, some at a time: those that
        nothing ended."""
        held = np.empty(0, self.form)
        for piece in self._rows.read():
            rows = np.concatenate([held, piece])
            yield _lasting(rows)[:-1] if len(rows) else rows
            held = rows[-1:]
        yield held[held["ends"] == 0]

    def _block(self, block: Bare) -> None:
        numbers = dict(zip(NUMBERS, block.numbers, strict=True))
        whole = picked([at_most(numbers[self._begins], self._limit)], block.size)
        words = (block.profiles, block.voices, block.actors, block.happenings, block.states)
        told = self._told((*words, block.speakers))
        for some in _some(block.size, whole):
            columns = {name: taken(numbers[name], block.size, some) for name in _NUMBERS}
            codes = [taken(one, block.size, some) for one in block.codes[: self.taken_words]]
            self._rows.put(self._made(columns, codes, told))
        ends = dict(zip(CLOSED, block.closings, strict=True))
        at = picked([at_most(ends[self._ends], self._limit)], block.closed)
        closed = (taken(ends[name], block.closed, at) for name in ("position", "recorded"))
        self._put_ends(*closed)

    def _part(self, pieces: Pieces) -> None:
        some = pieces.columns[self._begins] <= self._limit
        columns = {name: pieces.columns[name][some] for name in _NUMBERS}
        codes = [pieces.columns[name][some] for name in CODED[: self.taken_words]]
        told = self._told((*encoded_words(pieces.words), pieces.words[-1]))
        self._rows.put(self._made(columns, codes, told))
        ended = pieces.closings[self._ends] <= self._limit
        self._put_ends(*(pieces.closings[name][ended] for name in ("position", "recorded")))

    def _told(self, words: Sequence[Any]) -> Told:
        """What the words of a block are told apart by."""
        named = zip(NAMED, _PLACES, strict=True)
        return Told(
            words,
            tuple(self.words.coded(name, words[place]) for name, place in named),
            tuple(_digests(words[place]) for place in _TOLD_PLACES),
        )

    def _made(self, columns: dict[str, Ints], codes: Sequence[Ints], told: Told) -> Table:
        rows = np.zeros(len(columns["position"]), self.form)
        for name, column in columns.items():
            rows[name] = column
        for name, place, coded in zip(NAMED, _PLACES, told.named, strict=True):
            rows[name] = coded[codes[place]]
        for name, place, digests in zip(TOLD, _TOLD_PLACES, told.digests, strict=True):
            own = digests[codes[place]]
            rows[f"{name}_a"], rows[f"{name}_b"] = own[:, 0], own[:, 1]
        return rows

    def _put_ends(self, position: Ints, recorded: Ints) -> None:
        rows = np.zeros(len(position), self.form)
        rows["position"], rows["recorded"], rows["ends"] = position, recorded, 1
        self._rows.put(rows)


def _some(size: int, at: Ints | None) -> Iterator[Ints]:
    """Some places of a block, all unless given, no more than `ROWS_AT_ONCE` at a time."""
    whole = np.arange(size) if at is None else at
    for begin in range(0, len(whole), ROWS_AT_ONCE):
        yield whole[begin : begin + ROWS_AT_ONCE]


def _lasting(rows: Table) -> Table:
    """Of versions in order, each before what ends it, those that the next row does not end; the
    last one stands for itself."""
    ended = np.zeros(len(rows), np.bool_)
    ended[:-1] = rows["ends"][1:] == 1
    for name in ("recorded", "position"):
        ended[:-1] &= rows[name][:-1] == rows[name][1:]
    ended |= rows["ends"] == 1
    ended[-1:] = False
    found: Table = rows[~ended]
    return found


def _digests(words: Sequence[str]) -> Ints:
    """What each of some words is told apart by, 0 for none: two numbers of a hash that nobody finds
    two words for."""
    nothing = bytes(_DIGEST_BYTES)
    packed = (
        blake2b(word.encode(), digest_size=_DIGEST_BYTES).digest() if word else nothing
        for word in words
    )
    return np.frombuffer(b"".join(packed), "<i8").reshape(-1, 2)
