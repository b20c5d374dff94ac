"""Pages of long lists: where one begins, and the first of very many rows, none of the others being
kept; never any I/O."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final, Generic, TypeVar

import msgspec

ROWS_MAX: Final = 1000
"""How many rows one page of a ledger lists."""
R = TypeVar("R")


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a row stands in a list by day: its day, and what names it among those of that day."""

    day: date
    names: tuple[str, ...]


class First(Generic[R]):
    """The first `count` of many rows by a `key` that no two share, and how many there were."""

    def __init__(self, count: int, key: Callable[[R], Any], *, reverse: bool = False) -> None:
        self.count, self.key, self.reverse = count, key, reverse
        self.total = 0
        self._rows: list[R] = []

    def add(self, rows: Iterable[R]) -> None:
        """Look at some rows."""
        for row in rows:
            self.total += 1
            self._rows.append(row)
            if len(self._rows) > 2 * self.count + 1:
                self._let_go()

    def rows(self) -> list[R]:
        """The first of the rows seen so far, in order."""
        self._let_go()
        return list(self._rows)

    def _let_go(self) -> None:
        self._rows.sort(key=self.key, reverse=self.reverse)
        del self._rows[self.count :]
