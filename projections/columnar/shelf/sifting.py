"""Takes from stored columns the rows that were believed at one point of knowledge of claims that
had happened by one day and may be true; never any I/O.

What is passed over stays as it is stored: neither its numbers are widened nor its words read.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np

from domain.clocks import KnownAt
from projections.columns import (
    CLOSED,
    CODED,
    NUMBERS,
    OPEN,
    POSSIBLE_MAX,
    STATUSES,
    Closing,
    FigureRow,
    Ints,
    Mask,
    Packed,
    Part,
    Pieces,
    Profile,
    Voice,
    microseconds,
    pieces_of,
    unpacked,
)

Columns = dict[str, Ints]
Ended = tuple[Ints, Ints]
"""The position of rows that are believed no longer, and where their claims were recorded."""
WORDS_KEPT: Final = 8192
_KEY_BITS_MAX: Final = 63
_NONE: Final = np.empty(0, np.int64)
_NARROW_MAX: Final = 2**31 - 1
_CODES_MAX: Final = 2**15
"""So many codes fit two bytes."""


class Sifted(msgspec.Struct):
    """The rows of one government that were believed, by the name of the column; codes are places in
    `Sieve.words`."""

    columns: dict[str, Ints]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.columns["position"])

    def pieces(self, words: tuple[list[Any], ...]) -> Pieces:
        """The same under the words of its sieve; nothing is left that would end a row."""
        return Pieces(self.columns, words, dict.fromkeys(CLOSED, _NONE))


class Bare(msgspec.Struct, frozen=True, array_like=True, tag="b"):
    """A block as `projections.columns` packs it, its words unread."""

    size: int
    numbers: list[Packed]
    codes: list[Packed]
    profiles: list[msgspec.Raw]
    voices: list[msgspec.Raw]
    actors: list[str]
    happenings: list[str]
    states: list[msgspec.Raw]
    speakers: msgspec.Raw
    closed: int
    closings: list[Packed]


SIFTED: Final = CODED[:-1]
"""The columns that numbers are reckoned from; everybody who speaks is left out."""
BARE: Final = msgspec.msgpack.Decoder(Bare)
PARTS: Final = msgspec.msgpack.Decoder(Part)
_ENCODER: Final = msgspec.msgpack.Encoder()


class Sieve:
    """Sifts one government after another, under one dictionary for all of them; `every` status is
    let through where it is asked for, else what may be true."""

    def __init__(self, on: date, known_at: KnownAt, *, every: bool = False) -> None:
        self.day = on.toordinal()
        self.status_max = len(STATUSES) - 1 if every else POSSIBLE_MAX
        self.begins, self.ends = "position", "position_to"
        self.limit = OPEN - 1 if known_at.position is None else known_at.position
        if known_at.moment is not None:
            self.begins, self.ends = "known", "known_to"
            self.limit = microseconds(known_at.moment)
        self._codes: tuple[dict[Any, int], ...] = tuple({} for _ in SIFTED)

    def sift(self, bodies: Iterable[tuple[bool, bytes]]) -> Sifted:
        """The rows believed among the blocks (True) and parts (False) of a government, in order."""
        sifting = Sifting(self)
        sifting.take(bodies)
        return sifting.sifted()

    def words(self) -> tuple[list[Any], ...]:
        """The dictionary of every coded column: profiles, voices, actors, happenings, states."""
        return tuple(
            [made(one) for one in codes] for made, codes in zip(WORDS, self._codes, strict=True)
        )

    def block(self, block: Bare, found: list[Columns], closed: list[Ended]) -> None:
        """Sift a block: add what is believed of it, and which rows it ends."""
        numbers = dict(zip(NUMBERS, block.numbers, strict=True))
        limits = ((self.begins, self.limit), ("day", self.day), ("status", self.status_max))
        at = picked([at_most(numbers[name], limit) for name, limit in limits], block.size)
        if at is None or len(at):
            columns = {name: taken(one, block.size, at) for name, one in numbers.items()}
            words = (block.profiles, block.voices, block.actors, block.happenings, block.states)
            for place, (name, one) in enumerate(zip(SIFTED, block.codes, strict=False)):
                columns[name] = self._coded(place, words[place], taken(one, block.size, at))
            found.append(columns)
        if block.closed:
            ends = dict(zip(CLOSED, block.closings, strict=True))
            at = picked([at_most(ends[self.ends], self.limit)], block.closed)
            closed.append(
                (
                    taken(ends["position"], block.closed, at),
                    taken(ends["recorded"], block.closed, at),
                )
            )

    def part(self, part: Part, found: list[Columns], closed: list[Ended]) -> None:
        """The same of rows that are in no block yet."""
        pieces = pieces_of(part)
        columns = pieces.columns
        at = np.flatnonzero(
            (columns[self.begins] <= self.limit)
            & (columns["day"] <= self.day)
            & (columns["status"] <= self.status_max)
        )
        taken = {name: column[at] for name, column in columns.items()}
        words = encoded_words(pieces.words)
        for place, name in enumerate(SIFTED):
            taken[name] = self._coded(place, words[place], taken[name])
        found.append(taken)
        ended = pieces.closings[self.ends] <= self.limit
        closed.append((pieces.closings["position"][ended], pieces.closings["recorded"][ended]))

    def _coded(self, place: int, words: Sequence[Any], column: Ints) -> Ints:
        """A column in codes of the dictionary of all, given the words that its own codes stand for;
        words that no row uses are not looked at."""
        codes = self._codes[place]
        used = np.flatnonzero(np.bincount(column))
        some = used.tolist()
        if some and isinstance(words[some[0]], msgspec.Raw):
            mine = [bytes(words[i]) for i in some]
        else:
            mine = [words[i] for i in some]
        coded = [codes.setdefault(word, len(codes)) for word in mine]
        table: Any = np.zeros(len(words), np.int16 if len(codes) < _CODES_MAX else np.int32)
        table[used] = coded
        found: Ints = table[column]
        return found


class Sifting:
    """The believed rows of one government in the making.

    Its parts may come in any order, some at a time. Where the newest come first, hardly a row is
    held that another one ends.
    """

    def __init__(self, sieve: Sieve) -> None:
        self._sieve = sieve
        self._found: list[Columns] = []
        self._ended: Ended = _NONE, _NONE

    def take(self, bodies: Iterable[tuple[bool, bytes]]) -> None:
        """Take some blocks (True) and parts (False)."""
        found: list[Columns] = []
        ended = [self._ended]
        rows: list[FigureRow] = []
        closings: list[Closing] = []
        for is_block, body in bodies:
            if not is_block:
                part = PARTS.decode(body)
                rows += part.rows
                closings += part.closings
                continue
            if rows or closings:
                self._sieve.part(Part(rows, closings), found, ended)
                rows, closings = [], []
            self._sieve.block(BARE.decode(body), found, ended)
        if rows or closings:
            self._sieve.part(Part(rows, closings), found, ended)
        self._ended = _end_to_end([one[0] for one in ended]), _end_to_end([one[1] for one in ended])
        self._found.append(self._lasting(found))

    def sifted(self) -> Sifted:
        """The rows that are believed, once all parts were taken."""
        some = self._found
        return Sifted(some[0] if len(some) == 1 else self._lasting(some))

    def _lasting(self, found: list[Columns]) -> Columns:
        """Some rows together, without those that are known to end; each column is let go once it
        was put together."""
        columns = {
            name: _end_to_end([one.pop(name) for one in found]) for name in (*NUMBERS, *SIFTED)
        }
        lasting = alive(columns["position"], columns["recorded"], *self._ended)
        if lasting is not None:
            columns = {name: column[lasting] for name, column in columns.items()}
        return columns


def _end_to_end(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else _NONE


def at_most(packed: Packed, limit: int) -> Mask | bool:
    """Which numbers of a column are at most so much; one answer where it is the same for all."""
    span = limit - packed.least
    if span < 0:
        return False
    if not packed.form:
        return True
    stored = np.frombuffer(packed.body, packed.form)
    if span >= np.iinfo(stored.dtype).max:
        return True
    found: Mask = stored <= stored.dtype.type(span)
    return found


def picked(masks: Sequence[Mask | bool], size: int) -> Ints | None:
    """The places that all masks let through; None where it is all of them."""
    if any(mask is False for mask in masks):
        return _NONE
    real = [mask for mask in masks if not isinstance(mask, bool)]
    if not real:
        return None
    whole = real[0]
    for mask in real[1:]:
        whole = whole & mask
    found = np.flatnonzero(whole)
    return None if len(found) == size else found


def taken(packed: Packed, size: int, at: Ints | None = None) -> Any:
    """The numbers of a column at some places, all unless given, in four bytes where they fit."""
    if packed.form == "i8" or not 0 <= packed.least <= _NARROW_MAX:
        found = unpacked(packed, size)
        return found if at is None else found[at]
    if not packed.form:
        return np.full(size if at is None else len(at), packed.least, np.int32)
    stored = np.frombuffer(packed.body, packed.form)
    is_narrow = packed.least + np.iinfo(stored.dtype).max <= _NARROW_MAX or (
        packed.least + int(stored.max()) <= _NARROW_MAX
    )
    some: Any = (stored if at is None else stored[at]).astype(np.int32 if is_narrow else np.int64)
    some += packed.least
    return some


def alive(position: Ints, recorded: Ints, ended: Ints, ended_recorded: Ints) -> Ints | None:
    """The places of the rows that no closing ends; None where it is all of them."""
    if not len(position) or not len(ended):
        return None
    bits = int(max(recorded.max(), ended_recorded.max())).bit_length()
    alive = np.ones(len(position), np.bool_)
    if int(max(position.max(), ended.max())).bit_length() + bits < _KEY_BITS_MAX:
        keys = (position.astype(np.int64) << bits) + recorded
        wanted = (ended.astype(np.int64) << bits) + ended_recorded
        order = None
        if not bool((keys[1:] > keys[:-1]).all()):
            order = np.argsort(keys)
            keys = keys[order]
        places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        hit = places[keys[places] == wanted]
        alive[hit if order is None else order[hit]] = False
    else:
        gone = set(zip(ended.tolist(), ended_recorded.tolist(), strict=True))
        pairs = zip(position.tolist(), recorded.tolist(), strict=True)
        alive[:] = [pair not in gone for pair in pairs]
    return np.flatnonzero(alive)


_PROFILE: Final = msgspec.msgpack.Decoder(Profile)
_VOICE: Final = msgspec.msgpack.Decoder(Voice)
_STATES: Final = msgspec.msgpack.Decoder(tuple[str, ...])


@lru_cache(maxsize=WORDS_KEPT)
def _profile(packed: bytes) -> Profile:
    return _PROFILE.decode(packed)


@lru_cache(maxsize=WORDS_KEPT)
def _voice(packed: bytes) -> Voice:
    return _VOICE.decode(packed)


@lru_cache(maxsize=WORDS_KEPT)
def _states(packed: bytes) -> tuple[str, ...]:
    return _STATES.decode(packed)


WORDS: Final[tuple[Callable[[Any], Any], ...]] = (_profile, _voice, str, str, _states)
"""What makes a word of each of `SIFTED` of one as blocks have it, encoded or text."""


def encoded_words(words: Sequence[Sequence[Any]]) -> tuple[Sequence[Any], ...]:
    """The dictionaries of `SIFTED` as blocks have them."""
    profiles, voices, actors, happenings, states, *_ = words
    return (
        *([_ENCODER.encode(one) for one in some] for some in (profiles, voices)),
        *(actors, happenings, [_ENCODER.encode(one) for one in states]),
    )
