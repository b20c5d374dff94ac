"""Numbers the happenings that several claims tell, however many there are, so that none of their
names need be at hand; never any I/O of its own."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import numpy as np

from projections.columnar.shelf.shelving import TOLD_NOTHING, Words
from projections.columnar.streams.orders import Key, Orders, Table
from projections.columns import Ints, Mask

HAPPENING: Final[Key] = ("happening_a", "happening_b")
"""What happenings are told apart by; see `filling.ROW`."""
_PLACE: Final = 3
"""The dictionary of happenings among those of a shelf."""


class Numbers(Words):
    """A dictionary for a shelf of leaves that pass by, in which the words of happenings are their
    numbers and stand for themselves."""

    def coded(self, place: int, words: Sequence[Any], column: Ints) -> Ints:
        """See `Words`."""
        if place != _PLACE:
            return super().coded(place, words, column)
        numbers: Ints = np.array([word or TOLD_NOTHING for word in words], np.int64)
        found: Ints = numbers[column]
        return found


class Happenings:
    """Rows that tell a happening with others, on their way to its number."""

    def __init__(self, orders: Orders, form: np.dtype[Any]) -> None:
        """`form`: what rows have, `told` among it for the number, and where the name is kept."""
        self._orders, self._form = orders, form
        self._rows = orders.order(form, HAPPENING)

    def sift(self, rows: Table) -> Table:
        """Take those of some rows that tell one, and give back the others."""
        is_told: Mask = (rows["happening_a"] != 0) | (rows["happening_b"] != 0)
        self._rows.put(rows[is_told])
        others: Table = rows[~is_told]
        return others

    def numbered(self) -> Iterator[Table]:
        """All that were taken, with the number of the happening of each, from 1 on."""
        last, number = np.zeros(1, self._form), 0
        for piece in self._rows.read():
            rows = np.concatenate([last, piece])
            is_next = np.zeros(len(piece), np.bool_)
            for name in HAPPENING:
                is_next |= rows[name][1:] != rows[name][:-1]
            rows["told"][1:] = number + np.cumsum(is_next)
            yield rows[1:]
            last, number = rows[-1:], int(rows["told"][-1])

    def names(self, numbers: Collection[int]) -> dict[int, str]:
        """The names of some, by their numbers."""
        found: dict[int, str] = {}
        wanted = np.array(sorted(numbers), np.int64)
        for rows in self.numbered() if len(wanted) else ():
            for row in rows[np.isin(rows["told"], wanted)]:
                number, end, size = (int(row[name]) for name in ("told", "name_end", "name_size"))
                if number not in found:
                    found[number] = self._orders.kept(end - size, size).decode()
        return found
