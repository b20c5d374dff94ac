"""What a spreadsheet is to those who read claims from it: numbered rows of plain cells, within
bounds; it knows nothing of claims."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final

import msgspec

from domain.errors import Article20Error

MEBIBYTE: Final = 1024 * 1024
ROWS_MAX: Final = 200_000
COLUMNS_MAX: Final = 400
CELL_CHARS_MAX: Final = 262_144
ROW_CHARS_MAX: Final = 4 * MEBIBYTE
"""Of one row with all its cells, as it stands in the file."""
INFLATED_BYTES_MAX: Final = 512 * MEBIBYTE
"""Of a workbook, unpacked."""
RATIO_MAX: Final = 250
"""How many times larger than packed a part of a workbook may be, from `RATIO_BYTES_MIN` on."""
RATIO_BYTES_MIN: Final = 8 * MEBIBYTE
PARTS_MAX: Final = 2_000
MERGED_MAX: Final = 10_000
STRETCH_ROWS: Final = 500
"""So many rows are read in turn, where the file has no parts that are quicker to tell."""
HEAD_ROWS_MAX: Final = 25
"""How far down the headers, or the row of HXL tags, may stand."""


class UnreadableTable(Article20Error):
    """The file cannot be read as a table of claims: {reason}"""

    slug, status = "unreadable-table", 422


class Unreadable(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A cell that has no value one could rely on, and what to do about it.

    `is_beyond`: it stands beyond the last heading, where a text that was torn apart goes on.
    """

    detail: str
    is_beyond: bool = False


Cell = str | int | float | bool | Unreadable | None
"""What a cell holds. Dates that are dates to the spreadsheet are ISO text; nothing is None or an
empty text, and zero and no are texts, so that what is falsy is empty."""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One row: its number from 1, as spreadsheet programs show it, and its cells from column A
    on."""

    number: int
    cells: list[Cell]


class Turns:
    """Whose turn it is where several read a table, each for itself: it falls into stretches, which
    are numbered, and of so many in a row each of them reads one. A table gives the rows that begin
    in one's own stretches, and leaves out the others, which may break bounds that this one does
    not see."""

    __slots__ = ("is_own", "part", "parts", "stretch")

    def __init__(self) -> None:
        self.part, self.parts = 0, 1
        self.stretch, self.is_own = 0, True

    def share(self, part: int, parts: int) -> None:
        """From now on, part the stretches among so many."""
        self.part, self.parts = part, parts
        self.begin(self.stretch)

    def begin(self, stretch: int) -> None:
        """The next row begins in this stretch."""
        self.stretch = stretch
        self.is_own = stretch % self.parts == self.part

    def own(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Those of some rows that are one's own, where a stretch is so many rows."""
        for count, row in enumerate(rows):
            if not count % STRETCH_ROWS:
                self.begin(count // STRETCH_ROWS)
            if self.is_own:
                yield row


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is read row by row; `rows` can be gone through once and raises UnreadableTable
    where the file breaks a bound.

    `turns`: which of them. `says`: what was found of the file, such as `CSV, UTF-8, parted by ;`.
    `is_text`: its cells are parted by a character, so that a row with too many of them was torn.
    """

    says: str
    rows: Iterator[Row]
    turns: Turns
    is_text: bool = False


def column_name(index: int) -> str:
    """The letters of a column, 0 for A."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def cell_name(index: int, row: int) -> str:
    """The name of a cell, such as C17."""
    return f"{column_name(index)}{row}"


def day_or_moment(value: date) -> str:
    """A date of a spreadsheet as text: the day alone where it is midnight."""
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        value = value.date()
    return value.isoformat()
