"""Sheets of .xlsx workbooks, row by row in bounded memory: dates as dates, formulas by the value
last shown; what has no value to rely on is named by its cell. It knows nothing of claims.

Read here, and not by a library for spreadsheets: those build the whole sheet in memory, a far cell
with it, and do not tell a formula from its value.
"""

import math
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import BinaryIO, Final

from services.intake.sheets.table import (
    CELL_CHARS_MAX,
    COLUMNS_MAX,
    ROWS_MAX,
    Cell,
    Row,
    Table,
    Turns,
    Unreadable,
    UnreadableTable,
    cell_name,
    day_or_moment,
)
from services.intake.sheets.xlsx_parts import (
    BUILTIN_DATES,
    BUILTIN_MONTH,
    RESAVE,
    Box,
    DateShown,
    Parts,
    attribute,
    date_shown,
)
from services.intake.sheets.xlsx_rows import Raw, rows_of, text_of

CLAIMS_SHEET: Final = "claims"
BESIDE_CLAIMS: Final = frozenset({"about", "how to fill it in", "lists"})
"""Sheets that templates and exports have beside it."""
SHEETS_SAID_MAX: Final = 5
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  # spreadsheets know no time zone
_DAYS_1904: Final = 1462
_LEAP_BUG_DAYS: Final = 60
"""Spreadsheets count a 29 February 1900 that never was."""
_SERIAL_MAX: Final = 2_958_465
FIGURES_MAX: Final = 9
SHEET_COLUMNS: Final = 16_384
"""Of any sheet, whatever is read of it."""
_NO_VALUE: Final = Unreadable(
    "holds a formula without its value; open the file in a spreadsheet program and save it, or"
    " paste the value"
)


class _Book:
    """What the cells of a workbook refer to."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.sheets, self.is_1904 = self._sheets()
        self.strings = self._strings()
        self.dates = self._date_styles()

    def _sheets(self) -> tuple[list[tuple[str, str, bool]], bool]:
        """Name, part and visibility of the sheets in order; whether days count from 1904."""
        links: dict[str, str] = {}
        for link in self.parts.elements("xl/_rels/workbook.xml.rels", "Relationship"):
            target = attribute(link, "Target").lstrip("/")
            inside = target if target.startswith("xl/") else f"xl/{target}"
            if attribute(link, "Type").endswith("/worksheet"):
                links[attribute(link, "Id")] = inside
        found = []
        for sheet in self.parts.elements("xl/workbook.xml", "sheet"):
            part = links.get(attribute(sheet, "id"))
            if part is not None:
                visible = attribute(sheet, "state") in ("", "visible")
                found.append((attribute(sheet, "name"), part, visible))
        odd = [
            attribute(e, "date1904") for e in self.parts.elements("xl/workbook.xml", "workbookPr")
        ]
        return found, any(value in ("1", "true") for value in odd)

    def _strings(self) -> list[str]:
        name = "xl/sharedStrings.xml"
        if not self.parts.has(name):
            return []
        return [text_of(item) for item in self.parts.elements(name, "si")]

    def _date_styles(self) -> list[DateShown]:
        """For each cell style, what of a date it shows where its number is one."""
        name = "xl/styles.xml"
        if not self.parts.has(name):
            return []
        custom = {
            attribute(fmt, "numFmtId"): date_shown(attribute(fmt, "formatCode"))
            for fmt in self.parts.elements(name, "numFmt")
        }
        found: list[DateShown] = []
        for styles in self.parts.elements(name, "cellXfs"):
            for style in styles:
                number = attribute(style, "numFmtId") or "0"
                known = _whole(number)
                builtin: DateShown = "day" if known in BUILTIN_DATES else ""
                found.append(custom.get(number, "month" if known == BUILTIN_MONTH else builtin))
        return found


def xlsx_table(file: BinaryIO) -> Table:
    """The rows of a workbook's sheet `Claims`, or of its first visible one; UnreadableTable."""
    parts = Parts(file)
    if not parts.has("xl/workbook.xml"):
        raise UnreadableTable(
            reason="it is packed, but no .xlsx workbook. Save it as .xlsx or CSV."
        )
    book = _Book(parts)
    shown = [sheet for sheet in book.sheets if sheet[2]]
    named = [sheet for sheet in shown if sheet[0].strip().casefold() == CLAIMS_SHEET]
    if not shown:
        raise UnreadableTable(reason=f"the workbook shows no sheet. {RESAVE}")
    name, part, _visible = (named or shown)[0]
    others = [
        f"“{other}”"
        for other, beside, _ in shown
        if beside != part and other.strip().casefold() not in BESIDE_CLAIMS
    ]
    more = f" and {len(others) - SHEETS_SAID_MAX} more" * (len(others) > SHEETS_SAID_MAX)
    aside = f"; left out: {', '.join(others[:SHEETS_SAID_MAX])}{more}" if others else ""
    says, turns = f"XLSX, sheet “{name}”{aside}", Turns()
    return Table(says=says, rows=turns.own(_rows(book, part)), turns=turns)


def _rows(book: _Book, part: str) -> Iterator[Row]:
    covers = _Merged(book.parts.merged(part))
    number = 0
    for stated, raws in rows_of(book.parts, part):
        number = max(_whole(stated), number + 1)
        cells = _cells(book, raws, number)
        covers.mark(number, cells)
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            if number > ROWS_MAX:
                raise UnreadableTable(
                    reason=f"row {number:,} is beyond row {ROWS_MAX:,}, the last that is read. Part"
                    " it into several files, and leave no gaps."
                )
            yield Row(number, cells)


def _cells(book: _Book, raws: list[Raw], number: int) -> list[Cell]:
    cells: list[Cell] = []
    for told, kind, style, text, has_formula in raws:
        index = len(cells) if told is None else told
        if index >= COLUMNS_MAX:
            raise UnreadableTable(
                reason=f"cell {cell_name(index, number)} is beyond column"
                f" {COLUMNS_MAX}, the last that is read. Keep the columns of claims."
            )
        value = _value(book, kind, style, text, has_formula)
        if value is None:
            continue
        if len(cells) <= index:
            cells.extend([None] * (index + 1 - len(cells)))
        cells[index] = value
    return cells


def _value(book: _Book, kind: str, style: str, text: str | None, has_formula: bool) -> Cell:
    if not text and has_formula and kind != "str":  # a text may be one of no characters
        return _NO_VALUE
    if text is None:
        return None
    if len(text) > CELL_CHARS_MAX:
        return Unreadable(f"holds more than {CELL_CHARS_MAX:,} characters; shorten it")
    if kind == "e":
        return Unreadable(f"holds the error {text[:20]}; mend the formula, or paste the value")
    if kind == "s":
        index = _whole(text)
        known = 0 <= index < len(book.strings)
        return (book.strings[index] or None) if known else Unreadable("is damaged; type it anew")
    if kind == "b":
        return True if text == "1" else "no"
    if kind in ("str", "inlineStr", "d"):
        return text or None
    return _number(book, text, style)


def _number(book: _Book, text: str, style: str) -> Cell:
    try:
        number = float(text)
    except ValueError:
        return text or None
    if not math.isfinite(number):
        return text  # which is a number to Python, and to nobody else
    index = _whole(style)
    shown: DateShown = book.dates[index] if 0 <= index < len(book.dates) else ""
    if not shown:
        if not number:
            return "0"  # no cell that holds something is falsy
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    days = number + (_DAYS_1904 if book.is_1904 else 0)
    if not 1 <= days <= _SERIAL_MAX:
        return Unreadable(f"shows a date and holds the number {number:.15g}, which is none")
    if days < _LEAP_BUG_DAYS and not book.is_1904:
        days += 1
    moment = _EPOCH + timedelta(seconds=round(days * 86_400))
    return _as_shown(moment, shown) or day_or_moment(moment)


def _as_shown(moment: datetime, shown: DateShown) -> str | None:
    """The month or year that a date stands for: who types `Mar 2025` sees just that, while the
    spreadsheet keeps its first day. None for any other date: somebody gave it its day."""
    if shown == "day" or moment.day != 1 or moment.time() != time():
        return None
    if shown == "month":
        return f"{moment:%Y-%m}"
    return f"{moment:%Y}" if moment.month == 1 else None


def _whole(text: str) -> int:
    """A number that counts rows, styles and the like; -1 where it is none, or longer than any."""
    return int(text) if len(text) <= FIGURES_MAX and text.isdecimal() else -1


class _Merged:
    """Which cells of a row are covered by merged ones; rows are asked in order."""

    def __init__(self, boxes: list[Box]) -> None:
        self.coming = boxes[::-1]
        self.open: list[Box] = []

    def mark(self, number: int, cells: list[Cell]) -> None:
        """Mark every cell of a row that belongs to merged cells."""
        while self.coming and self.coming[-1][0] <= number:
            self.open.append(self.coming.pop())
        if not self.open:
            return
        self.open = [box for box in self.open if box[2] >= number]
        if sum(box[3] - box[1] + 1 for box in self.open) > SHEET_COLUMNS:
            raise UnreadableTable(
                reason=f"the merged cells of row {number:,} lie over one another. Unmerge them."
            )
        for top, left, bottom, right in self.open:
            last = min(right, COLUMNS_MAX - 1)
            if len(cells) <= last:
                cells.extend([None] * (last + 1 - len(cells)))
            of = f"{cell_name(left, top)}:{cell_name(right, bottom)}"
            for index in range(left, last + 1):
                is_first = (number, index) == (top, left)
                if is_first and bottom == top:
                    continue
                cells[index] = Unreadable(
                    f"is one of the merged cells {of}; unmerge them and fill in each row"
                )
