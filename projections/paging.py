"""Pages of long lists: where one begins, and the first of very many rows, none of the others being
kept; never any I/O."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final, Generic, TypeVar

import msgspec

from domain.errors import InvalidQuestion

ROWS_MAX: Final = 1000
"""How many rows one page of a ledger lists."""
SHEET_ROWS_MAX: Final = 1_000_000
"""How many rows a file of a ledger holds; a sheet of XLSX has no room for more."""
R = TypeVar("R")


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a row stands in a list by day: its day, and what names it among those of that day."""

    day: date
    names: tuple[str, ...]

    def __str__(self) -> str:
        """The place as an opaque word for addresses."""
        plain = " ".join((self.day.isoformat(), *self.names)).encode()
        return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def read_place(text: str, names: int) -> Place:
    """The place that `str` wrote of a row with so many names; InvalidQuestion when it is none."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        day, *found = plain.split(" ")
        if len(found) == names and all(re.fullmatch(r"[A-Za-z0-9._-]{1,128}", n) for n in found):
            return Place(date.fromisoformat(day), tuple(found))
    except (ValueError, binascii.Error):
        pass  # the one refusal below says what to do
    detail = "take it unchanged from the Link of the page before"
    raise InvalidQuestion(parameter="cursor", value=text[:80], detail=detail)


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
