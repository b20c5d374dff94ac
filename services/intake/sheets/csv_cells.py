"""Lines of a CSV file taken apart without the csv module, which a wide table gives much to do: the
same cells as it finds, or none where it is to be asked; it reads no file.

A line is taken apart at its quotation marks and at the marks between cells. What a line of a wide
table ends in, mostly nothing, comes again and again, and is known from the lines before.
"""

import re
from typing import Any, Final

from services.intake.sheets.table import CELL_CHARS_MAX

ENDINGS_KNOWN_MAX: Final = 4096
"""Of how many different endings of lines the cells are remembered."""
ENDING_CHARS_MAX: Final = 1000
"""A longer one is not remembered."""
EMPTY_CELLS_MIN: Final = 8
"""With so many empty cells in a row an ending begins."""
QUOTE: Final = '"'
_has_nul: Final = re.compile(r"\0|\\u0000").search


class Cells(list[Any]):
    """The cells of a line, `begun` of them before its ending, which is a text known from others: it
    holds neither U+0000 nor a quotation mark."""

    __slots__ = ("begun", "ending")

    begun: int
    ending: str


class Splitter:
    """Takes lines apart whose cells are parted by `mark`."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self._empty = mark * EMPTY_CELLS_MIN
        self._before = frozenset(f"{mark}\n".encode())
        self._after = frozenset(f"{mark}\r\n".encode())
        self._endings: dict[str, list[str]] = {}

    def cells(self, line: str) -> list[str] | None:
        """The cells of a line, its end with it; None where it does not tell for sure, as where a
        cell goes on in the next line."""
        if len(line) > CELL_CHARS_MAX:
            return None
        if line[-1:] == "\n":
            line = line[:-1]
        if line[-1:] == "\r":
            line = line[:-1]
        at = line.find(self._empty, line.rfind(QUOTE) + 1)
        if at < 0:
            return self._head(line)
        head, text = self._head(line[:at]), line[at:]
        if head is None:
            return None
        ending = self._endings.get(text)
        if ending is None:
            ending = text[1:].split(self.mark)
            if (
                len(text) > ENDING_CHARS_MAX
                or len(self._endings) == ENDINGS_KNOWN_MAX
                or _has_nul(text) is not None
            ):
                return head + ending
            self._endings[text] = ending
        cells = Cells(head)
        cells.begun, cells.ending = len(head), text
        cells += ending
        return cells

    def rows_in(self, text: bytes) -> int | None:
        """How many rows a text holds that ends where a line does, if each of its lines is surely a
        row; none is taken apart. None where it does not tell for sure. `text`: in UTF-8, or in
        another encoding that extends ASCII by bytes beyond it."""
        if len(text) > CELL_CHARS_MAX:
            return None
        lines = len(text.splitlines())
        if b"\r" in text and text.count(b"\r\n") + (text[-1:] != b"\n") != lines:
            return None  # they end in several ways
        parts = text.split(b'"')
        if not len(parts) % 2 or b"\n" in b"".join(parts[1::2]):
            return None
        first, last = parts[0], parts[-1]
        if len(parts) > 1 and (
            (first and first[-1] not in self._before) or (last and last[0] not in self._after)
        ):
            return None
        for between in parts[2:-1:2]:
            # Nothing is between the two marks that stand for one within a cell.
            if between and (between[0] not in self._after or between[-1] not in self._before):
                return None
        return lines

    def _head(self, text: str) -> list[str] | None:
        mark = self.mark
        if QUOTE not in text:
            return text.split(mark)
        parts = text.split(QUOTE)
        if not len(parts) % 2:
            return None
        first, last = parts[0], parts.pop()
        if not first:
            cells: list[str] = []
        elif first[-1] == mark:
            cells = first[:-1].split(mark)
        else:
            return None
        cells.append(parts[1])
        for index in range(2, len(parts), 2):
            between = parts[index]
            if between[:1] != mark or between[-1] != mark:
                return None
            if len(between) > 1:
                cells += between[1:-1].split(mark)
            cells.append(parts[index + 1])
        if last:
            if last[0] != mark:
                return None
            cells += last[1:].split(mark)
        return cells
