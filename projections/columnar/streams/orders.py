"""Rows of a table in the order of some of its columns, however many there are: what is asked of
whoever keeps them, and how two rows compare; never any I/O."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[Any]
"""Rows with named columns."""
Key = tuple[str, ...]
"""The columns by which rows are in order, the first one first."""


class Order(Protocol):
    """Rows that are put in any order, and read in that of a key as often as one likes."""

    @property
    def size(self) -> int:
        """How many rows were put."""

    def put(self, rows: Table) -> None:
        """Take some rows, before any is read."""

    def read(self) -> Iterator[Table]:
        """All of them in order, some at a time; rows of one key may be parted."""


class Orders(Protocol):
    """Makes orders, and keeps the texts that rows in them point to."""

    def order(self, form: np.dtype[Any], key: Key) -> Order:
        """A new one, of rows of a form."""

    def keep(self, bodies: Sequence[bytes]) -> list[int]:
        """Keep some texts, and say where each is."""

    def kept(self, at: int, size: int) -> bytes:
        """One of them."""


def ordered(rows: Table, key: Key) -> Table:
    """Some rows in order."""
    found: Table = rows[np.lexsort([rows[name] for name in reversed(key)])]
    return found


def last_of(rows: Table, key: Key) -> tuple[int, ...]:
    """The key of the last row."""
    return tuple(int(rows[name][-1]) for name in key)


def through(rows: Table, key: Key, cut: tuple[int, ...] | None) -> int:
    """How many of some rows in order come no later than a key; all where there is none."""
    begin, end = 0, len(rows)
    for name, value in zip(key, cut or (), strict=False):
        column = rows[name][begin:end]
        begin, end = (
            begin + int(np.searchsorted(column, value)),
            begin + int(np.searchsorted(column, value, side="right")),
        )
    return end


def unparted(pieces: Iterable[Table], name: str) -> Iterator[Table]:
    """Rows in order of a column, cut anew so that none of one value of it are parted."""
    held: Table | None = None
    for piece in pieces:
        held = piece if held is None else np.concatenate([held, piece])
        begin = int(np.searchsorted(held[name], held[name][-1]))
        if begin:
            yield held[:begin]
            held = held[begin:]
    if held is not None:
        yield held
