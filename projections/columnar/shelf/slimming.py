"""Takes the stored columns of one government for reckoning with it: numbers in as few bytes as hold
them, and without everybody who speaks, whom no number needs; never any I/O."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from projections.columnar.shelf.sifting import BARE, PARTS, WORDS, Bare, encoded_words, taken
from projections.columns import (
    CLOSED,
    CODED,
    NUMBERS,
    Closing,
    FigureRow,
    Ints,
    Part,
    Pieces,
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


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
