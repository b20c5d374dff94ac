"""Rows of a table read as claims, each fault with its cell; what is recorded is decided
elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any, BinaryIO, Final

from domain.claims import read_submission
from domain.errors import FieldError, InvalidClaim
from domain.kinds import DETAILS_OF
from services.intake.lines import MADE_LATER, Line, distinct, named
from services.intake.sheets.cells import Unfit
from services.intake.sheets.csv_table import csv_table
from services.intake.sheets.matching import Match, is_heading
from services.intake.sheets.placing import (
    DEEP,
    DETAIL,
    TOP,
    UNKNOWN,
    Read,
    put,
    reads_of,
    value_of,
)
from services.intake.sheets.recalling import Recalling
from services.intake.sheets.table import Row, Table, Unreadable, UnreadableTable, cell_name
from services.intake.sheets.xlsx_table import xlsx_table

ZIPPED: Final = b"PK\x03\x04"
OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
NO_TABLES: Final = {
    b"%pdf": "a PDF document",
    b"{\\rtf": "a text document",
    **dict.fromkeys((b"<!doctype", b"<html", b"<table", b"<?xml"), "a web page or XML"),
}
"""How files begin that are taken for tables by their names, and what they are."""
SNIFFED_BYTES: Final = 64


def open_table(file: BinaryIO, encoding: str | None = None) -> Table:
    """A spreadsheet by what it holds, not by its name; UnreadableTable says what to do instead."""
    file.seek(0)
    head = file.read(SNIFFED_BYTES)
    file.seek(0)
    if not head:
        raise UnreadableTable(reason="it is empty.")
    if head.startswith(ZIPPED):
        return xlsx_table(file)
    for begins, what in NO_TABLES.items():
        if head.lstrip().lower().startswith(begins):
            raise UnreadableTable(reason=f"it is {what}. Save it as .xlsx or CSV.")
    if head.startswith(OLD_OFFICE):
        raise UnreadableTable(
            reason="it is an old .xls workbook, or one with a password. Save it as .xlsx, without."
        )
    return csv_table(file, encoding, is_heading)


class RowReader:
    """Reads rows whose columns are matched; `restate`: whether columns that restate the desk's
    decisions are read, or left out."""

    def __init__(self, matches: Sequence[Match], now: datetime, *, restate: bool) -> None:
        self.now, self.restate = now, restate
        self.reads = reads_of(matches, restate=restate)
        self.recalling = Recalling(self.reads, now, restate=restate)
        width = max((read.index for read in self.reads), default=-1) + 1
        self._by_index: list[Read | None] = [None] * width
        for one in self.reads:
            self._by_index[one.index] = one

    def lines(self, rows: Iterator[Row]) -> Iterator[Line]:
        """Every row as a line of claims; a second row that says something else under an id of the
        table is faulty."""
        return distinct(self.line(row) for row in rows)

    def line(self, row: Row) -> Line:
        """One row: the claim in it, or what is wrong in which cell."""
        last = row.cells[-1] if row.cells else None
        if isinstance(last, Unreadable) and last.is_beyond:
            where = cell_name(len(row.cells) - 1, row.number)
            return Line(number=row.number, errors=(FieldError(where, last.detail),))
        recalled = self.recalling.submission(row.cells)
        return self.whole(row) if recalled is None else named(row.number, recalled)

    def whole(self, row: Row) -> Line:
        """The same as `line`, without parts that are known from other rows."""
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
                is_nul_free=True,
            )
        except InvalidClaim as error:
            found = tuple(self._placed(fault, row, places) for fault in error.errors)
            return Line(number=row.number, errors=found)
        return named(row.number, read)

    def _plain(self, row: Row) -> tuple[dict[str, Any], list[FieldError], dict[str, str]]:
        """A row as a claim is sent, its faults, and where its numbered sources come from."""
        plain: dict[str, Any] = {}
        details: dict[str, Any] = {}
        faults: list[FieldError] = []
        sources: dict[str, dict[str, Any]] = {}
        # Most cells of a wide table are empty; they are passed over without a look.
        for cell, one in compress(zip(row.cells, self._by_index, strict=False), row.cells):
            if one is None:
                continue
            value = one.known.get(cell, UNKNOWN) if type(cell) is str else UNKNOWN
            if value is UNKNOWN:
                try:
                    value = value_of(one, cell)
                except Unfit as fault:
                    faults.append(FieldError(cell_name(one.index, row.number), str(fault)))
                    continue
            if value is None:
                continue
            place, parts = one.place, one.parts
            if place == TOP:
                plain[parts[0]] = value
            elif place == DETAIL:
                details[parts[1]] = value
            elif place == DEEP:
                put(details, parts[1:], value)
            elif parts[1] in sources:
                sources[parts[1]][parts[2]] = value
            else:
                sources[parts[1]] = {parts[2]: value}
        if details:
            whole = plain.get("details", {})
            plain["details"] = {**whole, **details} if isinstance(whole, dict) else whole
        places: dict[str, str] = {}
        if sources or "more_sources" in plain:
            more = plain.pop("more_sources", [])
            numbered = sorted(sources, key=int) if len(sources) > 1 else list(sources)
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
            path = one.parts
            fits = list(path) == steps[: len(path)] or steps == list(path[: len(steps)])
            if fits and (best is None or len(path) > len(best.parts)):
                best = one
        if best is None:
            where = ".".join(steps)
            return FieldError("", f"{where}: {fault.detail}" if where else fault.detail)
        rest = ".".join(steps[len(best.parts) :])
        detail = f"{rest}: {fault.detail}" if rest and not rest.isdecimal() else fault.detail
        return FieldError(cell_name(best.index, row.number), detail)


def _listed(more: Any) -> list[Any]:
    return more if isinstance(more, list) else [more]
