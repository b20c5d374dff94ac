"""How the cells of one column are read and where in a claim their values go; it judges no claim."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from domain.faults import nul_faults
from services.intake.sheets.cells import READERS, Unfit
from services.intake.sheets.columns import all_columns
from services.intake.sheets.listed import Column
from services.intake.sheets.matching import Match
from services.intake.sheets.table import Cell, Unreadable

KNOWN_MAX: Final = 4096
"""How many different cells of a column are remembered with what they mean."""
UNKNOWN: Final = object()
TOP, DETAIL, DEEP, SOURCE = range(4)
"""Where a column puts its value: beside `kind`, into `details`, deeper into them, into a source."""


class Read(msgspec.Struct, frozen=True):
    """How the cells of one column are read, and where their values go.

    `known`: cell -> value. Most columns have few words, which come again and again; of JSON, into
    which other columns may be put, nothing is remembered.
    """

    index: int
    column: Column
    parts: tuple[str, ...]
    read: Callable[[Column, Cell], Any]
    place: int
    known: dict[str, Any]


def reads_of(matches: Sequence[Match], *, restate: bool) -> list[Read]:
    """How the columns of a table are read, those left out that are none of a claim's; `restate`:
    whether columns that restate the desk's decisions are read."""
    columns = all_columns()
    found = []
    for match in matches:
        if match.path is None:
            continue
        column = columns[match.path]
        if restate or not column.restates:
            parts, read = column.parts, READERS[column.type]
            found.append(Read(match.index, column, parts, read, _place(parts), {}))
    return found


def value_of(one: Read, cell: Cell) -> Any:
    """The value of a cell, None where it holds blanks alone; Unfit says what is wrong with it."""
    if type(cell) is not str:
        if isinstance(cell, Unreadable):
            raise Unfit(cell.detail)
        return one.read(one.column, cell)
    value = one.read(one.column, cell) if not cell.isspace() else None
    if ("\0" in cell or "\\u0000" in cell) and nul_faults({"": value}):
        raise Unfit("holds the character U+0000, which no text may; leave it out")
    if one.column.type != "json" and len(one.known) < KNOWN_MAX:
        one.known[cell] = value
    return value


def put(plain: dict[str, Any], parts: tuple[str, ...], value: Any) -> None:
    """Set a value deep in a claim; what a column of JSON put there before stays beside it."""
    into = plain
    for part in parts[:-1]:
        inner = into.get(part)
        into[part] = inner = {} if not isinstance(inner, dict) else inner
        into = inner
    into[parts[-1]] = value


def _place(parts: tuple[str, ...]) -> int:
    if len(parts) == 1:
        return TOP
    if parts[0] == "sources":
        return SOURCE
    return DETAIL if len(parts) == 2 else DEEP
