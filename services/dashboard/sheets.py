"""Tables as files: what a page lists, as a workbook, CSV, JSON Lines or JSON, in the order and
under the filters of the page; it never asks for rows that the page would not show."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, Literal, get_args

import msgspec
import xlsxwriter

from services.intake.sheets.cells import FORMULA

Cell = str | int | float | bool | date | datetime | None
Format = Literal["xlsx", "csv", "jsonl", "json"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ROWS_MAX: Final = 10_000
"""How many rows one file holds at most; it says so when there are more."""
XLSX_NAME_CHARS_MAX: Final = 31
XLSX_CELL_CHARS_MAX: Final = 32_767
_FORMULA: Final = tuple(FORMULA)


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A table: the name of its file, its columns, its rows, and the question it answers as pairs.

    Days are ISO dates, scores numbers; an unknown value is an empty cell in CSV and
    workbooks, and null in JSON.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    about: tuple[tuple[str, str], ...] = ()
    is_cut: bool = False


class Download(msgspec.Struct, frozen=True, kw_only=True):
    """A file as an answer carries it."""

    filename: str
    media_type: str
    body: bytes


def read_format(text: str | None) -> Format | None:
    """The format that an address asks for; None where it asks for the page."""
    return next((form for form in FORMATS if form == text), None)


def download(sheet: Sheet, form: Format) -> Download:
    """The sheet as a file of the format; the name says of one that is cut off how much it holds,
    since not every format has room for that."""
    name = f"{sheet.name}-first-{len(sheet.rows)}" if sheet.is_cut else sheet.name
    return Download(
        filename=f"{name}.{form}", media_type=MEDIA_TYPES[form], body=_WRITERS[form](sheet)
    )


def _csv(sheet: Sheet) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(sheet.columns)
    writer.writerows([_plain(cell) for cell in row] for row in sheet.rows)
    return out.getvalue().encode()


def _plain(cell: Cell) -> str:
    """A cell as spreadsheets read it: text that they would take for a formula is marked as text."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    if isinstance(cell, date):
        return cell.isoformat()
    return "yes" if cell is True else "no" if cell is False else str(cell)


def _objects(sheet: Sheet) -> list[dict[str, Cell]]:
    return [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]


def _json(sheet: Sheet) -> bytes:
    whole = {**dict(sheet.about), "cut_off": sheet.is_cut, "rows": _objects(sheet)}
    return msgspec.json.encode(whole)


def _jsonl(sheet: Sheet) -> bytes:
    return msgspec.json.Encoder().encode_lines(_objects(sheet))


def _xlsx(sheet: Sheet) -> bytes:
    """A workbook of the rows, and a second sheet that says which question they answer."""
    out = io.BytesIO()
    form = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, {**form, "default_date_format": "yyyy-mm-dd"})
    book.set_properties(
        {"created": datetime(2000, 1, 1, tzinfo=UTC)}
    )  # the same bytes for the same rows
    bold = book.add_format({"bold": True, "bottom": 1})
    table = book.add_worksheet(sheet.name[:XLSX_NAME_CHARS_MAX])
    table.write_row(0, 0, sheet.columns, bold)
    table.freeze_panes(1, 0)
    for number, row in enumerate(sheet.rows, 1):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                table.write_string(number, place, cell[:XLSX_CELL_CHARS_MAX])
            elif cell is not None:
                table.write(number, place, _bare(cell))
    question = book.add_worksheet("question")
    for number, pair in enumerate((*sheet.about, ("cut_off", "yes" if sheet.is_cut else "no"))):
        question.write_row(number, 0, pair)
    book.close()
    return out.getvalue()


def _bare(cell: Cell) -> Cell:
    """A cell as workbooks hold it: they know no time zones."""
    return cell.replace(tzinfo=None) if isinstance(cell, datetime) else cell


_WRITERS: Final[Mapping[Format, Callable[[Sheet], bytes]]] = {
    "xlsx": _xlsx,
    "csv": _csv,
    "jsonl": _jsonl,
    "json": _json,
}
