"""Tables as files: what a page lists, as CSV or JSON, in the order and under the filters of the
page; it never asks for rows that the page would not show."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal

import msgspec

Cell = str | int | float | bool | date | datetime | None
Format = Literal["csv", "json"]
FORMATS: Final[tuple[Format, ...]] = ("csv", "json")
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
ROWS_MAX: Final = 10_000
"""How many rows one file holds at most; it says so when there are more."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A table: the name of its file, its columns, its rows, and the question it answers as pairs.

    Days are ISO dates, scores numbers; an unknown value is an empty cell in CSV and null in JSON.
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
    """The sheet as a file of the format."""
    body = _csv(sheet) if form == "csv" else _json(sheet)
    return Download(
        filename=f"{sheet.name}.{form}", media_type=MEDIA_TYPES[form], body=body.encode()
    )


def _csv(sheet: Sheet) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(sheet.columns)
    writer.writerows([_plain(cell) for cell in row] for row in sheet.rows)
    return out.getvalue()


def _plain(cell: Cell) -> str:
    """A cell as spreadsheets read it: text that they would take for a formula is marked as text."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    if isinstance(cell, date):
        return cell.isoformat()
    return "yes" if cell is True else "no" if cell is False else str(cell)


def _json(sheet: Sheet) -> str:
    rows = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
    whole = {**dict(sheet.about), "cut_off": sheet.is_cut, "rows": rows}
    return msgspec.json.encode(whole).decode()
