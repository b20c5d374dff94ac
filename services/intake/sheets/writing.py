"""Claims written as CSV, XLSX or JSONL, and the template to fill in: what is written reads back as
the same claims, and no cell becomes a formula. It asks nothing and decides nothing.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, Literal, get_args

import msgspec
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from domain.errors import Article20Error
from domain.governments import GOVERNMENTS
from services.intake.sheets.cells import written_cell, written_text
from services.intake.sheets.columns import (
    FLATTENED,
    SOURCE_FIELDS,
    SOURCES_SHOWN,
    all_columns,
    source_column,
)
from services.intake.sheets.listed import CORE, MORE_SOURCES, RESTATED, Column
from services.intake.sheets.table import ROWS_MAX, column_name

SheetFormat = Literal["csv", "xlsx", "jsonl"]
SHEET_FORMATS: Final[tuple[SheetFormat, ...]] = get_args(SheetFormat)
MEDIA_TYPES: Final[Mapping[SheetFormat, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
}
SPOOLED_BYTES_MAX: Final = 16 * 1024 * 1024
XLSX_CELL_CHARS_MAX: Final = 32_767
XLSX_ROWS_MAX: Final = 1_048_576
TEMPLATE_ROWS: Final = 1_000
"""So many rows of a template have drop-downs."""
BOM: Final = b"\xef\xbb\xbf"
"""Without it a well-known spreadsheet program reads UTF-8 as something else."""
_TITLE: Final = "Claims, exported from article20"
_WIDTHS: Final = {"summary": 60, "targets": 24, "actors": 36, "kind": 30, "id": 28}
_TEMPLATE: Final = (
    *(one.path for one in CORE),
    *(f"sources.{n}.{f}" for n in (1, 2) for f in SOURCE_FIELDS),
    *("details.stance", "details.effective_date", "details.quantity", "details.mine_type"),
    *("details.votes.for", "details.votes.against", "details.votes.abstain", "details.place"),
    "details.note",
)


class TooLongForSheet(Article20Error):
    """Claim {claim!r} does not fit a workbook: its {column} would take {chars} characters, a cell
    holds 32767. Export it as CSV or JSONL."""

    slug, status = "too-long-for-sheet", 422


class TooManyForSheet(Article20Error):
    """There are more claims than a workbook has rows. Narrow the list, or export it as CSV or
    JSONL."""

    slug, status = "too-many-for-sheet", 422


class Claims:
    """Claims on their way into a file: kept aside in bounded memory until it is known which columns
    they take."""

    def __init__(self, spool: Any) -> None:
        self.count = 0
        self._spool = spool
        self._paths: set[str] = set()
        self._sources = 1

    def add(self, plain: Mapping[str, Any]) -> None:
        """Take a claim as export writes it."""
        whole = msgspec.to_builtins(plain)
        packed = msgspec.msgpack.encode(whole)
        self._spool.write(len(packed).to_bytes(4, "big") + packed)
        self.count += 1
        self._sources = max(self._sources, len(whole.get("sources", ())))
        for path, _value in _cells_of(whole):
            self._paths.add(path)

    def columns(self) -> list[Column]:
        """The columns they take: those of every claim, and the others that occur."""
        sources = range(1, min(self._sources, SOURCES_SHOWN) + 1)
        shown = [*CORE, *(source_column(n, f) for n in sources for f in SOURCE_FIELDS)]
        shown += [MORE_SOURCES] if self._sources > SOURCES_SHOWN else []
        named = {one.path for one in (*shown, *RESTATED)}
        known = all_columns()
        shown += [known[path] for path in sorted(self._paths - named)]
        return shown + [one for one in RESTATED if one.path in self._paths]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self._spool.seek(0)
        while head := self._spool.read(4):
            yield msgspec.msgpack.decode(self._spool.read(int.from_bytes(head, "big")))


@contextmanager
def claims_aside() -> Iterator[Claims]:
    """Room for claims on their way into a file."""
    with SpooledTemporaryFile(max_size=SPOOLED_BYTES_MAX) as spool:
        yield Claims(spool)


def write_claims(
    claims: Claims, form: SheetFormat, out: BinaryIO, about: Sequence[tuple[str, str]] = ()
) -> None:
    """Write claims into a file; `about` says what they are: the filters and the clocks.

    TooLongForSheet and TooManyForSheet where a workbook cannot hold them.
    """
    if form == "jsonl":
        for plain in claims:
            out.write(msgspec.json.encode(plain) + b"\n")
    elif form == "csv":
        _write_csv(claims, out, about)
    else:
        _write_xlsx(claims, out, about)


def cells_of(plain: Mapping[str, Any], columns: Sequence[Column]) -> list[Any]:
    """The cells of a claim in the order of some columns; None where it says nothing."""
    found = dict(_cells_of(plain))
    return [written_cell(one, found[one.path]) if one.path in found else None for one in columns]


def write_template(form: Literal["csv", "xlsx"], out: BinaryIO) -> None:
    """Write a table with headers and HXL tags and no rows; the workbook has lists and notes."""
    columns = [all_columns()[path] for path in _TEMPLATE]
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([one.label for one in columns])
        writer.writerow([one.hxl for one in columns])
        out.write(BOM + text.getvalue().encode())
        return
    with _workbook(out) as book:
        sheet = book.add_worksheet("Claims")
        _heads(book, sheet, columns, [one.label for one in columns])
        _lists(book, sheet, columns)
        _notes(book, columns)


def _cells_of(plain: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Path -> value of everything that a claim says."""
    for name, value in plain.items():
        if name == "sources":
            for number, source in enumerate(value[:SOURCES_SHOWN], 1):
                for field, said in source.items():
                    yield f"sources.{number}.{field}", said
            if len(value) > SOURCES_SHOWN:
                yield "more_sources", value[SOURCES_SHOWN:]
        elif name == "details":
            for field, said in value.items():
                if field in FLATTENED:
                    for inner, count in said.items():
                        yield f"details.{field}.{inner}", count
                else:
                    yield f"details.{field}", said
        else:
            yield name, value


def _write_csv(claims: Claims, out: BinaryIO, about: Sequence[tuple[str, str]]) -> None:
    columns = claims.columns()
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=False)
    try:
        out.write(BOM)
        writer = csv.writer(text, lineterminator="\r\n")
        for name, value in ((_TITLE, ""), *about) if about else ():
            writer.writerow([written_text(name), *([written_text(value)] if value else [])])
        writer.writerow([one.path for one in columns])
        writer.writerow([one.hxl for one in columns])
        for plain in claims:
            writer.writerow(cells_of(plain, columns))
    finally:
        text.detach()


def _write_xlsx(claims: Claims, out: BinaryIO, about: Sequence[tuple[str, str]]) -> None:
    if claims.count > min(XLSX_ROWS_MAX, ROWS_MAX) - 2:
        raise TooManyForSheet()
    columns = claims.columns()
    with _workbook(out) as book:
        sheet = book.add_worksheet("Claims")
        _heads(book, sheet, columns, [one.path for one in columns])
        for number, plain in enumerate(claims, 2):
            for index, cell in enumerate(cells_of(plain, columns)):
                if isinstance(cell, str):
                    if len(cell) > XLSX_CELL_CHARS_MAX:
                        raise TooLongForSheet(
                            claim=plain.get("id"), column=columns[index].path, chars=len(cell)
                        )
                    sheet.write_string(number, index, cell)
                elif cell is not None:
                    sheet.write_number(number, index, cell)
        if about:
            page = book.add_worksheet("About")
            page.set_column(0, 0, 24)
            page.set_column(1, 1, 60)
            for number, (name, value) in enumerate(((_TITLE, ""), *about)):
                page.write_string(number, 0, name)
                page.write_string(number, 1, value)


@contextmanager
def _workbook(out: BinaryIO) -> Iterator[Workbook]:
    """A workbook that is written row by row; whole only when all went well."""
    with ExitStack() as stack:
        made = stack.enter_context(SpooledTemporaryFile(max_size=SPOOLED_BYTES_MAX))
        book = xlsxwriter.Workbook(
            made,
            {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )
        try:
            yield book
        finally:
            book.close()
        made.seek(0)
        while part := made.read(1024 * 1024):
            out.write(part)


def _heads(
    book: Workbook, sheet: Worksheet, columns: Sequence[Column], heads: Iterable[str]
) -> None:
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    must = book.add_format({"bold": True, "bottom": 5, "text_wrap": True, "valign": "top"})
    faint = book.add_format({"font_color": "#5f6b6d", "italic": True})
    sheet.freeze_panes(2, 0)
    for index, one in enumerate(columns):
        sheet.set_column(index, index, _WIDTHS.get(one.path, 18))
    for index, (one, head) in enumerate(zip(columns, heads, strict=True)):
        sheet.write_string(0, index, head, must if one.is_required else bold)
        needed = "Every claim has it. " if one.is_required else ""
        sheet.write_comment(0, index, f"{needed}{one.note}", {"x_scale": 2})
    for index, one in enumerate(columns):
        sheet.write_string(1, index, one.hxl, faint)


def _lists(book: Workbook, sheet: Worksheet, columns: Sequence[Column]) -> None:
    """Drop-downs for what can be chosen; their words stand on a sheet of their own."""
    lists = book.add_worksheet("Lists")
    names = sorted(GOVERNMENTS.values())
    chosen = [
        (index, one, names if one.type in ("governments", "government") else list(one.choices))
        for index, one in enumerate(columns)
        if one.choices or one.type in ("governments", "government")
    ]
    # The rows of a sheet are written in order, once each: so the lists go in side by side.
    for row in range(max(len(words) for *_, words in chosen) + 1):
        for at, (_index, one, words) in enumerate(chosen):
            if row == 0:
                lists.write_string(0, at, one.label)
            elif row <= len(words):
                lists.write_string(row, at, words[row - 1])
    for at, (index, one, words) in enumerate(chosen):
        letter = column_name(at)
        several = one.type == "governments"
        sheet.data_validation(
            2,
            index,
            TEMPLATE_ROWS + 1,
            index,
            {
                "validate": "list",
                "source": f"=Lists!${letter}$2:${letter}${len(words) + 1}",
                "error_type": "information" if several else "warning",
                "error_title": one.label,
                "error_message": "Not in the list. Several are parted by ;"
                if several
                else "Not in the list; it may not be understood.",
            },
        )


def _notes(book: Workbook, columns: Sequence[Column]) -> None:
    """A sheet that says how each column is filled in."""
    page = book.add_worksheet("How to fill it in")
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 28)
    page.set_column(2, 2, 100)
    rows = [("Column", "Known as", "How to fill it in")]
    rows += [(one.label, one.path, one.note) for one in columns]
    rows.append(
        ("", "", "Every further detail of a kind has a column details.NAME; see docs/events.md.")
    )
    rows.append(
        ("", "", "Leave empty what is unknown. Keep the row of # tags, or delete it whole.")
    )
    for number, row in enumerate(rows):
        for index, text in enumerate(row):
            page.write_string(number, index, text)
