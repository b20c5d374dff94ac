"""Rows of a table read as claims, each fault with its cell; what is recorded is decided
elsewhere."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any, BinaryIO, Final

from domain.claims import read_submission
from domain.errors import FieldError, InvalidClaim
from domain.kinds import DETAILS_OF
from services.intake.jsonl import MADE_LATER, Line, distinct, named
from services.intake.sheets.cells import READERS, Unfit
from services.intake.sheets.columns import all_columns
from services.intake.sheets.csv_table import csv_table
from services.intake.sheets.listed import Column
from services.intake.sheets.matching import Match
from services.intake.sheets.table import Cell, Row, Table, Unreadable, UnreadableTable, cell_name
from services.intake.sheets.xlsx_table import xlsx_table

ZIPPED: Final = b"PK\x03\x04"
OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"

REPEATED: Final = frozenset(
    ("choice", "date", "government", "governments", "actors", "integer", "bool", "number")
)
KNOWN_MAX: Final = 4096

Read = tuple[int, tuple[str, ...], Column, Callable[[Column, Cell], Any]]


Known = tuple[int, tuple[str, ...], Column, Callable[[Column, Cell], Any], dict[Cell, Any] | None]


def open_table(file: BinaryIO, encoding: str | None = None) -> Table:
    """A spreadsheet by what it holds, not by its name; UnreadableTable says what to do instead."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if not head:
        raise UnreadableTable(reason="it is empty.")
    if head == ZIPPED:
        return xlsx_table(file)
    if head == OLD_OFFICE:
        raise UnreadableTable(
            reason="it is an old .xls workbook, or one with a password. Save it as .xlsx, without."
        )
    return csv_table(file, encoding)


class RowReader:
    """Reads rows whose columns are matched; `restate`: whether columns that restate the desk's
    decisions are read, or left out."""

    def __init__(self, matches: Sequence[Match], now: datetime, *, restate: bool) -> None:
        self.now, self.restate = now, restate
        columns = all_columns()
        self.reads: list[Read] = []
        for match in matches:
            if match.path is None:
                continue
            column = columns[match.path]
            if restate or not column.restates:
                self.reads.append((match.index, column.parts, column, READERS[column.type]))
        # Cells of few words come again and again: what they mean is remembered.
        width = max((read[0] for read in self.reads), default=-1) + 1
        self._by_index: list[Known | None] = [None] * width
        for read in self.reads:
            repeats = read[2].type in REPEATED
            self._by_index[read[0]] = (*read, {} if repeats else None)

    def lines(self, rows: Iterator[Row]) -> Iterator[Line]:
        """Every row as a line of claims; a second row that says something else under an id of the
        table is faulty."""
        return distinct(self.line(row) for row in rows)

    def line(self, row: Row) -> Line:
        """One row: the claim in it, or what is wrong in which cell."""
        plain, faults, places = self._plain(row)
        if faults:
            return Line(number=row.number, errors=tuple(faults))
        try:
            read = read_submission(
                plain,
                details_of=DETAILS_OF,
                now=self.now,
                new_id=MADE_LATER,
                backfill=True,
                restate=self.restate,
            )
        except InvalidClaim as error:
            found = tuple(self._placed(fault, row, places) for fault in error.errors)
            return Line(number=row.number, errors=found)
        return named(row.number, read)

    def _plain(self, row: Row) -> tuple[dict[str, Any], list[FieldError], dict[str, str]]:
        """A row as a claim is sent, its faults, and where its numbered sources come from."""
        plain: dict[str, Any] = {}
        faults: list[FieldError] = []
        sources: dict[str, dict[str, Any]] = {}
        # Most cells of a wide table are empty; they are passed over without a look.
        for cell, one in compress(zip(row.cells, self._by_index, strict=False), row.cells):
            if one is None:
                continue
            index, parts, column, read, known = one
            if known is not None and cell in known:
                value = known[cell]
            else:
                try:
                    value = _read(column, cell, read)
                except Unfit as fault:
                    faults.append(FieldError(cell_name(index, row.number), str(fault)))
                    continue
                if value is None:
                    continue
                if known is not None and len(known) < KNOWN_MAX:
                    known[cell] = value
            first = parts[0]
            if len(parts) == 1:
                if first == "details" and first in plain and isinstance(value, dict):
                    value = {**value, **plain[first]}
                plain[first] = value
            elif first == "sources":
                source = sources.get(parts[1])
                if source is None:
                    source = sources[parts[1]] = {}
                source[parts[2]] = value
            else:
                _put(plain, parts, value)
        places: dict[str, str] = {}
        if sources or "more_sources" in plain:
            more = plain.pop("more_sources", [])
            numbered = sorted(sources, key=int)
            places = {str(at): number for at, number in enumerate(numbered)}
            plain["sources"] = [*(sources[n] for n in numbered), *_listed(more)]
        return plain, faults, places

    def _placed(self, fault: FieldError, row: Row, places: Mapping[str, str]) -> FieldError:
        """A fault of a claim with the cell it stands in, or the column that lacks it."""
        steps = fault.pointer.split("/")[1:]
        if steps[:1] == ["sources"] and len(steps) > 1:
            number = places.get(steps[1])
            steps = ["sources", number, *steps[2:]] if number else ["more_sources"]
        best: Read | None = None
        for one in self.reads:
            path = one[1]
            fits = list(path) == steps[: len(path)] or steps == list(path[: len(steps)])
            if fits and (best is None or len(path) > len(best[1])):
                best = one
        if best is None:
            where = ".".join(steps)
            return FieldError("", f"{where}: {fault.detail}" if where else fault.detail)
        rest = ".".join(steps[len(best[1]) :])
        detail = f"{rest}: {fault.detail}" if rest and not rest.isdecimal() else fault.detail
        return FieldError(cell_name(best[0], row.number), detail)


def _read(column: Column, cell: Cell, read: Callable[[Column, Cell], Any]) -> Any:
    """The value of a cell, None where it holds blanks alone; Unfit says what is wrong with it."""
    if type(cell) is str:
        return read(column, cell) if not cell.isspace() else None
    if isinstance(cell, Unreadable):
        raise Unfit(cell.detail)
    return read(column, cell)


def _put(plain: dict[str, Any], parts: tuple[str, ...], value: Any) -> None:
    """Set a value deep in a claim; what a column of JSON put there before stays beside it."""
    into = plain
    for part in parts[:-1]:
        inner = into.get(part)
        into[part] = inner = {} if not isinstance(inner, dict) else inner
        into = inner
    into[parts[-1]] = value


def _listed(more: Any) -> list[Any]:
    return more if isinstance(more, list) else [more]
