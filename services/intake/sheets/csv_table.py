"""CSV files, row by row in bounded memory: encoding and parting character are found out, and what
cannot be told for sure is refused with what to do; it knows nothing of claims."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, BinaryIO, Final

from services.intake.sheets.csv_cells import Splitter
from services.intake.sheets.table import (
    CELL_CHARS_MAX,
    COLUMNS_MAX,
    HEAD_ROWS_MAX,
    ROW_CHARS_MAX,
    ROWS_MAX,
    Row,
    Table,
    Turns,
    UnreadableTable,
)

SCANNED_BYTES: Final = 1024 * 1024
SAMPLE_CHARS: Final = 64 * 1024
READ_AT_ONCE: Final = 192 * 1024
"""So many bytes, or characters where they have no fixed end, are read at a time, and to the end of
the line: a stretch of the table, see `Turns`."""
PARTED_BY: Final = ",;\t|"
ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "latin-1": "ISO 8859-1",
}
"""Encodings that can be read, and what they are called."""
SAVE_AS: Final = "save it as “CSV UTF-8”, or as .xlsx"
QUOTED: Final = "Close it, and write a quotation mark within a quoted cell twice."
ROW_BYTES_MAX: Final = 4 * ROW_CHARS_MAX
"""No character has more bytes than four."""
LINES_END_IN_A_BYTE: Final = frozenset({"utf-8", "cp1252", "cp1250", "latin-1"})
"""Encodings in which the byte that ends a line stands for nothing else: what was read to the end of
a line can be decoded by itself."""
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF_32: Final = re.compile(
    rb"\xff\xfe\0\0|\0\0\xfe\xff|[^\0].\0\0[^\0].\0\0|\0\0.[^\0]\0\0.[^\0]", re.DOTALL
)
"""How a text in UTF-32 begins, with a mark of the order of its bytes or without one."""
_WESTERN: Final = re.compile(r"[\x00-\x7fÀ-ÖØ-öø-ÿŒœŠšŽžŸ€‚„…‘’“”•–—™°§©®«»¿¡ªº£\xa0·´]*")
"""What texts in Western European languages consist of; others are not Windows-1252."""
_foreign: Final = re.compile(r"[À-ÖØ-öø-ÿŒœŠšŽžŸ]{5}").search
"""Finds words such as Cyrillic or Greek ones become: no Western word has so many letters beyond
ASCII in a row, while Icelandic has three (þýðing) and Estonian four (jäääär)."""

_ends_otherwise: Final = re.compile(r"\r(?!\n|\Z)").search
"""Finds the end of a line that is neither LF nor CR LF."""

csv.field_size_limit(CELL_CHARS_MAX)


def csv_table(
    file: BinaryIO, encoding: str | None = None, is_heading: Callable[[str], bool] = lambda _: False
) -> Table:
    """The rows of a CSV file that can be sought in; UnreadableTable says what stands in the way.

    `encoding`: how it is written, where that is known; else it is found out. `is_heading`: whether
    a text is one of the headings by which the row of them is found, below a title for example.
    """
    written = encoding or _encoding(file)
    if written not in ENCODINGS:
        known = ", ".join(ENCODINGS)
        raise UnreadableTable(reason=f"{written!r} is no encoding known here; use one of {known}.")
    file.seek(0)
    text = io.TextIOWrapper(file, "utf-8-sig" if written == "utf-8" else written, newline="")
    try:
        sample = text.read(SAMPLE_CHARS)
    except UnicodeError as error:
        raise _misread(written) from error
    mark = _parted_by(sample, is_heading)
    shown = {"\t": "tabs"}.get(mark, mark)
    turns = Turns()
    rows = _rows(_texts(text, written, sample), mark, written, turns)
    says = f"CSV, {ENCODINGS[written]}, parted by {shown}"
    return Table(says=says, rows=rows, turns=turns, is_text=True)


def _texts(text: io.TextIOWrapper, encoding: str, sample: str) -> Iterator[str | bytes]:
    """A text from its beginning, so much at a time and to the end of the line, so that the end
    itself is not torn; as bytes where these can be decoded by themselves. `sample`: what it begins
    with."""
    if encoding not in LINES_END_IN_A_BYTE or _ends_otherwise(sample) is not None:
        return _read_as_text(text)
    file: Any = text.detach()
    file.seek(0)
    if encoding == "utf-8" and file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
        file.seek(0)
    return _read_as_bytes(file)


def _read_as_text(text: io.TextIOWrapper) -> Iterator[str]:
    text.seek(0)
    try:
        while some := text.read(READ_AT_ONCE):
            yield some + text.readline(ROW_CHARS_MAX + 1)
    finally:
        text.detach()


def _read_as_bytes(file: Any) -> Iterator[bytes]:
    while some := file.read(READ_AT_ONCE):
        rest = file.readline(ROW_BYTES_MAX)
        if len(rest) == ROW_BYTES_MAX:
            raise UnreadableTable(
                reason=f"a line is longer than {ROW_CHARS_MAX:,} characters. A quotation mark may"
                " be opened and not closed, or lines end in other ways further down."
            )
        yield some + rest


def _rows(texts: Iterator[str | bytes], mark: str, encoding: str, turns: Turns) -> Iterator[Row]:
    lines = _Lines(texts, encoding)
    # Strict: a quotation mark that is not closed would take the rows below it into its cell.
    reader = csv.reader(lines, delimiter=mark, strict=True)
    splitter = Splitter(mark)
    number = 0
    try:
        while True:
            if lines.at == len(lines.ready):
                number += lines.pass_over(splitter, turns)
            line = lines.take()
            if line is None:
                return
            if lines.stretch != turns.stretch:
                turns.begin(lines.stretch)
            cells = splitter.cells(line)
            if cells is None:
                lines.give_back()
                cells = next(reader)
            number += 1
            if len(cells) > COLUMNS_MAX:
                raise UnreadableTable(
                    reason=f"row {number} has {len(cells):,} columns, {COLUMNS_MAX} at most are"
                    " read. Keep the columns of claims, and check what parts them."
                )
            if any(cells):
                if number > ROWS_MAX:
                    raise UnreadableTable(
                        reason=f"it has more than {ROWS_MAX:,} rows. Part it into several files."
                    )
                if turns.is_own:
                    yield Row(number, cells)  # type: ignore[arg-type]  # texts are cells
    except csv.Error as error:
        raise UnreadableTable(reason=_said(error, number + 1)) from error
    except UnicodeError as error:
        raise _misread(encoding) from error
    finally:
        # What is wrong may stand further down than its row begins.
        turns.begin(max(0, lines.stretch))


class _Lines:
    """The lines of a text that comes in parts, each to the end of a line; those that the csv module
    asks for are within bounds, each and all of one row together. `stretch`: the number of the part
    read last."""

    def __init__(self, texts: Iterator[str | bytes], encoding: str) -> None:
        self.texts, self.encoding = texts, encoding
        self.chars = self.lines = self.at = 0
        self.stretch = -1
        self.ready: list[str] = []
        self.end, self.is_last_ended = "", True

    def take(self) -> str | None:
        """The next line, which begins a row, its end with it or not; None where there is none."""
        self.chars = 0
        return self._next()

    def give_back(self) -> None:
        """Let the line that was taken last be the next one again."""
        self.at -= 1
        self.lines -= 1

    def pass_over(self, splitter: Splitter, turns: Turns) -> int:
        """Leave out the next parts that are the turn of others and of which each line is surely a
        row; how many rows they were."""
        passed = 0
        while some := self._text():
            turns.begin(self.stretch)
            rows = None
            if not turns.is_own:
                rows = splitter.rows_in(some.encode() if isinstance(some, str) else some)
            if rows is None:
                self._part(some)
                break
            passed += rows
        self.lines += passed
        return passed

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._next()
        if line is None:
            raise StopIteration
        if self.is_last_ended or self.at < len(self.ready):
            line += self.end
        self.chars += len(line)
        if self.chars > ROW_CHARS_MAX:
            raise UnreadableTable(
                reason=f"the row that reaches line {self.lines:,} is longer than"
                f" {ROW_CHARS_MAX:,} characters. A quotation mark may be opened and not closed."
            )
        return line

    def _next(self) -> str | None:
        if self.at == len(self.ready) and not self._read():
            return None
        line = self.ready[self.at]
        self.at += 1
        self.lines += 1
        return line

    def _read(self) -> bool:
        """Whether there is more."""
        some = self._text()
        if some:
            self._part(some)
        return bool(some)

    def _text(self) -> str | bytes:
        self.stretch += 1
        return next(self.texts, "")

    def _part(self, text: str | bytes) -> None:
        some = text if isinstance(text, str) else text.decode(self.encoding)
        self.at = 0
        if some.count("\r") == some.count("\r\n"):
            self.ready, self.end = some.split("\n"), "\n"
            self.is_last_ended = not self.ready[-1]
            if self.is_last_ended:
                self.ready.pop()
        else:  # lines end in several ways
            self.ready, self.end = list(io.StringIO(some, newline="")), ""


def _encoding(file: BinaryIO) -> str:
    """How the bytes of a file are to be read."""
    file.seek(0)
    head = file.read(4096)
    if _UTF_32.match(head) is not None:
        raise UnreadableTable(reason=f"it is written in UTF-32, which is not read here. {_how()}")
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if b"\0" in head:
        zeros = [head[start::2].count(0) for start in (0, 1)]
        if max(zeros) > len(head) // 4 and min(zeros) == 0:
            return "utf-16-be" if zeros[0] else "utf-16-le"
        raise UnreadableTable(reason=f"it is neither a text nor an .xlsx workbook. {_how()}")
    return "utf-8" if _decodes(file, "utf-8") else _western(file)


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while part := file.read(SCANNED_BYTES):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _western(file: BinaryIO) -> str:
    """Windows-1252, where all that the file holds is what Western European texts consist of."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("cp1252")()
    try:
        while part := file.read(SCANNED_BYTES):
            text = decoder.decode(part)
            if _WESTERN.fullmatch(text) is None or _foreign(text) is not None:
                break
        else:
            return "cp1252"
    except UnicodeDecodeError:
        pass  # the refusal below is for this as well
    raise UnreadableTable(reason=f"its encoding is neither UTF-8 nor Windows-1252. {_how()}")


def _parted_by(sample: str, is_heading: Callable[[str], bool]) -> str:
    """The character that parts the cells: the one that parts most headings in one of the first
    rows, else the one that is most frequent in the first, outside quotation marks."""
    lines = list(islice((line for line in sample.splitlines() if line.strip()), HEAD_ROWS_MAX))
    bare = re.sub(r'"[^"]*"', "", lines[0]) if lines else ""

    def rank(mark: str) -> tuple[int, int, int]:
        headings = [
            sum(is_heading(cell.strip(' "')) for cell in line.split(mark)) for line in lines
        ]
        return max(headings, default=0), bare.count(mark), -PARTED_BY.index(mark)

    return max(PARTED_BY, key=rank)


def _said(error: csv.Error, number: int) -> str:
    text = str(error)
    if "field larger" in text:
        return f"a cell of row {number:,} is longer than {CELL_CHARS_MAX:,} characters. Shorten it."
    if "unexpected end" in text:
        return (
            f"row {number:,} opens a quotation mark that nothing closes, so that all below would be"
            f" one cell. {QUOTED}"
        )
    if "expected after" in text:
        return f"in row {number:,} a cell goes on after its closing quotation mark. {QUOTED}"
    return f"row {number:,}: {text}. {_how()}"


def _misread(encoding: str) -> UnreadableTable:
    return UnreadableTable(
        reason=f"it is not written in {ENCODINGS[encoding]} throughout. {_how()}"
    )


def _how() -> str:
    return f"{SAVE_AS[0].upper()}{SAVE_AS[1:]}."
