"""Takes the stored columns of one government for reckoning with it: numbers in as few bytes as hold
them, and without everybody who speaks, whom no number needs; never any I/O."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import numpy as np

from domain.numbers import CRITICAL_KINDS
from projections.columnar.shelf.pointing import Point
from projections.columnar.shelf.sifting import BARE, PARTS, WORDS, Bare, alive, encoded_words, taken
from projections.columns import (
    CLOSED,
    CODED,
    COUNTED_MAX,
    NUMBERS,
    Closing,
    FigureRow,
    Ints,
    Mask,
    Part,
    Pieces,
    gathered,
    in_order,
    joined,
    pieces_of,
    unpacked,
)

NAMES: Final = CODED[:-1]


class _Slim:
    """Columns in the making, under one dictionary for each of `NAMES`."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Ints]] = {name: [] for name in (*NUMBERS, *NAMES)}
        self.closings: dict[str, list[Ints]] = {name: [] for name in CLOSED}
        self._codes: tuple[dict[Any, int], ...] = tuple({} for _ in NAMES)

    def block(self, block: Bare) -> None:
        """Add a block."""
        for name, one in zip(NUMBERS, block.numbers, strict=True):
            self.columns[name].append(taken(one, block.size))
        words = (block.profiles, block.voices, block.actors, block.happenings, block.states)
        for place, one in enumerate(block.codes[: len(NAMES)]):
            some = [w if isinstance(w, str) else bytes(w) for w in words[place]]
            self._coded(place, some, taken(one, block.size))
        for name, one in zip(CLOSED, block.closings, strict=True):
            self.closings[name].append(unpacked(one, block.closed))

    def part(self, part: Part) -> None:
        """Add rows that are in no block yet."""
        pieces = pieces_of(part)
        for name in NUMBERS:
            self.columns[name].append(pieces.columns[name])
        for place, words in enumerate(encoded_words(pieces.words)):
            self._coded(place, words, pieces.columns[NAMES[place]])
        for name in CLOSED:
            self.closings[name].append(pieces.closings[name])

    def pieces(self) -> Pieces:
        """What came together, in order of position."""
        each = zip(WORDS, self._codes, strict=True)
        found = Pieces(
            {name: _joined(self.columns.pop(name)) for name in (*NUMBERS, *NAMES)},
            tuple([made(word) for word in codes] for made, codes in each),
            {name: _joined(parts) for name, parts in self.closings.items()},
        )
        position = found.columns["position"]
        if not bool((position[1:] >= position[:-1]).all()):
            order = np.argsort(position, kind="stable")
            found.columns = {name: column[order] for name, column in found.columns.items()}
        return found

    def _coded(self, place: int, words: Sequence[Any], column: Ints) -> None:
        codes = self._codes[place]
        table: Any = np.array([codes.setdefault(word, len(codes)) for word in words], np.int32)
        self.columns[NAMES[place]].append(table[column] if len(column) else column)


def slim(bodies: Iterable[tuple[bool, bytes]]) -> Pieces:
    """The columns of blocks (True) and parts (False), in order of position; as
    `projections.columns.gathered` has them but for the speakers."""
    found = _Slim()
    rows: list[FigureRow] = []
    closings: list[Closing] = []
    for is_block, body in bodies:
        if is_block:
            found.block(BARE.decode(body))
        else:
            part = PARTS.decode(body)
            rows += part.rows
            closings += part.closings
    if rows or closings:
        found.part(Part(rows, closings))
    return found.pieces()


class Spoken:
    """The rows of one government that count as criticism and are believed at a point, with those
    who speak in them, in the making.

    Its parts may come in any order, some at a time. Where the newest come first, hardly a row is
    held that another one ends.
    """

    def __init__(self, at: Point) -> None:
        self.at = at
        self._held: list[Pieces] = []
        self._ended: list[Ints] = [np.empty((2, 0), np.int64)]

    def take(self, bodies: Iterable[tuple[bool, bytes]]) -> None:
        """Take some blocks (True) and parts (False); what else they hold is let go block by
        block."""
        for is_block, run in groupby(bodies, itemgetter(0)):
            for some in ([one] for one in run) if is_block else (list(run),):
                self._look(gathered(some))
        whole = joined(self._held)
        self._ended = [np.concatenate(self._ended, axis=1)]
        rows = alive(whole.columns["position"], whole.columns["recorded"], *self._ended[0])
        if rows is not None:
            whole.columns = {name: column[rows] for name, column in whole.columns.items()}
        self._held = [whole]

    def pieces(self) -> Pieces:
        """The rows, once all parts were taken, in order of position; nothing is left that would end
        one."""
        return in_order(joined(self._held))

    def _look(self, pieces: Pieces) -> None:
        at, columns, closings = self.at, pieces.columns, pieces.closings
        profiles, position = pieces.words[0], columns["position"]
        is_critical = np.array([p.kind in CRITICAL_KINDS for p in profiles], np.bool_)
        mask = is_critical[columns["profile"]]
        mask &= columns["status"] <= COUNTED_MAX
        mask &= (columns["day"] <= at.day) & (position <= at.position)
        ended = closings["position_to"] <= at.position
        if at.moment is not None:
            mask &= columns["known"] <= at.moment
            ended &= closings["known_to"] <= at.moment
        self._held.append(_some(pieces, mask))
        self._ended.append(np.stack([closings[name][ended] for name in ("position", "recorded")]))


def _some(pieces: Pieces, rows: Mask) -> Pieces:
    """Some rows, under the words that these use, and no closings."""
    columns = {name: pieces.columns[name][rows] for name in NUMBERS}
    words: list[list[Any]] = []
    for place, name in enumerate(CODED):
        used, columns[name] = np.unique(pieces.columns[name][rows], return_inverse=True)
        words.append([pieces.words[place][code] for code in used.tolist()])
    nothing = {name: column[:0] for name, column in pieces.closings.items()}
    return Pieces(columns, tuple(words), nothing)


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
