"""Tables made for tests: rows as CSV and as workbooks, and what they read as."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from services.intake.lines import Line
from services.intake.sheets.matching import matched
from services.intake.sheets.reading import RowReader, open_table

NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)
HEADS = ("id", "kind", "treaty", "occurred_on", "targets", "summary")
ROW = ("fin-1", "withdrawal_announced", "APMBC", "2025-04-01", "FIN", "Finland announced to leave.")


def as_csv(rows: Sequence[Sequence[Any]], mark: str = ",", encoding: str = "utf-8") -> bytes:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[Any]], *, merge: str = "", hidden: bool = False) -> bytes:
    """Rows as a workbook, dates as dates; texts that begin with = as formulas."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy"})
    if hidden:
        book.add_worksheet("Old").hide()
        book.worksheets()[0].write(0, 0, "nothing")
    sheet = book.add_worksheet("Events")
    for number, row in enumerate(rows):
        for index, cell in enumerate(row):
            sheet.write(number, index, cell)
    if merge:
        sheet.merge_range(merge, "merged")
    if hidden:
        sheet.activate()
        sheet.set_first_sheet()
    book.close()
    return out.getvalue()


def changed(workbook: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A workbook with a change in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            body = before.read(name)
            if name == part:
                assert old in body
                body = body.replace(old, new)
            after.writestr(name, body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def with_part(workbook: bytes, part: str, body: bytes) -> bytes:
    """A workbook with one of its parts put in the place of what it was."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            after.writestr(name, body if name == part else before.read(name))
    return out.getvalue()


def lines(body: bytes, *, encoding: str | None = None, **chosen: str) -> list[Line]:
    """What a file reads as."""
    found = matched(open_table(io.BytesIO(body), encoding), chosen)
    return list(RowReader(found.matches, NOW, restate=True).lines(found.rows))


def only(body: bytes, **chosen: str) -> Any:
    """The one claim that a file holds."""
    (line,) = lines(body, **chosen)
    assert line.submission is not None, line.errors
    return line.submission.claim


def fault(body: bytes) -> tuple[str, str]:
    """The one fault that a file has: the cell and what is wrong with it."""
    (found,) = [error for line in lines(body) for error in line.errors]
    return found.pointer, found.detail
