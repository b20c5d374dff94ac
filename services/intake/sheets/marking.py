"""A table given back with what is wrong in it: a workbook with a comment on each faulty cell, and a
column that says it in words, in CSV too; it reads no claim and mends nothing."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, Final, Literal

import msgspec
import xlsxwriter

from services.intake.sheets.cells import FORMULA
from services.intake.sheets.table import Cell, Unreadable

MARK: Final = "What is wrong"
"""The header of the column of faults; no claim has a column of that name, so it is left out when
the table is brought again."""
BOM: Final = b"\xef\xbb\xbf"
XLSX_CELL_CHARS_MAX: Final = 32_767
COMMENT_CHARS_MAX: Final = 1_000
MarkedFormat = Literal["csv", "xlsx"]


class MarkedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it was read, and what was found of it: in words, and by column from 0."""

    number: int
    cells: Sequence[Cell]
    said: str = ""
    faulty: tuple[int, ...] = ()


def write_marked(
    heads: Sequence[tuple[int, str]],
    rows: Iterable[MarkedRow],
    form: MarkedFormat,
    out: BinaryIO,
) -> None:
    """Write a table with its faults; `heads`: column, from 0, and header. Rows stand where they
    stood, so that the names of cells hold, and the headers in the row before the first."""
    width = max((index for index, _ in heads), default=-1) + 1
    header = [""] * width
    for index, text in heads:
        header[index] = text
    if form == "csv":
        _write_csv(header, rows, out)
    else:
        _write_xlsx(header, rows, out)


def _write_csv(header: list[str], rows: Iterable[MarkedRow], out: BinaryIO) -> None:
    out.write(BOM)
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    line = 0
    for row in rows:
        if not line:
            # Rows above the headers said nothing that is read; empty ones keep the numbers.
            line = _blank(writer, 0, row.number - 2)
            writer.writerow([*map(_inert, header), MARK])
            line += 1
        line = _blank(writer, line, row.number - 1)
        cells = [_text(cell) for cell in row.cells[: len(header)]]
        cells += [""] * (len(header) - len(cells))
        writer.writerow([*map(_inert, cells), _inert(row.said)])
        line += 1
    text.flush()
    text.detach()


def _blank(writer: Any, line: int, until: int) -> int:
    """Empty lines up to a row, as the file had where a row was empty."""
    for _ in range(until - line):
        writer.writerow([])
    return max(line, until)


def _write_xlsx(header: list[str], rows: Iterable[MarkedRow], out: BinaryIO) -> None:
    how = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, how)
    sheet = book.add_worksheet("claims")
    bold = book.add_format({"bold": True, "bottom": 1})
    marked = book.add_format({"bg_color": "#F6D5CF"})
    begun = False
    for row in rows:
        if not begun:
            for index, text in enumerate([*header, MARK]):
                sheet.write_string(max(row.number - 2, 0), index, text, bold)
            begun = True
        at = row.number - 1
        for index in range(len(header)):
            cell = row.cells[index] if index < len(row.cells) else None
            form = marked if index in row.faulty else None
            if isinstance(cell, int | float):
                sheet.write(at, index, cell, form)
            elif (text := _text(cell)) or form is not None:
                sheet.write_string(at, index, text[:XLSX_CELL_CHARS_MAX], form)
        if row.said:
            sheet.write_string(at, len(header), row.said[:XLSX_CELL_CHARS_MAX])
        for index in row.faulty:
            sheet.write_comment(at, index, row.said[:COMMENT_CHARS_MAX], {"x_scale": 2})
    book.close()


def _text(cell: Cell) -> str:
    if cell is None or isinstance(cell, Unreadable):
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def _inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula; it is read without the apostrophe."""
    return f"'{text}" if text[:1] and text[0] in FORMULA else text
