"""The parts of an .xlsx workbook, opened with bounds: nothing is unpacked before its size is known,
nothing is kept that is not asked for, and no document type is ever followed."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, BinaryIO, Final, Literal
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from services.intake.sheets.table import (
    INFLATED_BYTES_MAX,
    MEBIBYTE,
    MERGED_MAX,
    PARTS_MAX,
    RATIO_BYTES_MIN,
    RATIO_MAX,
    ROW_CHARS_MAX,
    UnreadableTable,
)

READ_BYTES: Final = 64 * 1024
TAGS_KEPT_MAX: Final = 256
COLUMNS_KEPT_MAX: Final = 1024
ENCRYPTED: Final = 0x1
PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
BUILTIN_DATES: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Number formats that are dates in every workbook (ECMA-376, 18.8.30)."""
RESAVE: Final = "Open it in a spreadsheet program and save it as .xlsx again."
_MERGED: Final = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?)"'
)
BUILTIN_MONTH: Final = 17
"""The one of them that shows month and year alone."""
DateShown = Literal["", "day", "month", "year"]
_DATE_LETTERS: Final = re.compile(r"[dmyhs]")
_DAY_OR_TIME: Final = re.compile(r"[dhs]")
_NOT_LETTERS: Final = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]|_.|\*.')
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(form) for form in ("utf-8", "utf-16-le", "utf-16-be"))
"""How a document type begins, in every form that the XML parser reads by itself."""
_DOCTYPE_REST: Final = max(len(begins) for begins in _DOCTYPES) - 1

Box = tuple[int, int, int, int]
"""Merged cells: first row, first column, last row, last column; rows from 1, columns from 0."""


class Parts:
    """The parts of one workbook; UnreadableTable where they break a bound or are no workbook."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise _damaged(error) from error
        self.names = {info.filename.lstrip("/").lower(): info for info in self.zip.infolist()}
        self._check(self.zip.infolist())

    def _check(self, infos: list[zipfile.ZipInfo]) -> None:
        if len(infos) > PARTS_MAX:
            raise UnreadableTable(
                reason=f"the workbook has {len(infos):,} parts, {PARTS_MAX:,} at most are opened."
            )
        if any(info.flag_bits & ENCRYPTED for info in infos):
            raise UnreadableTable(reason="it needs a password. Save it without one.")
        if any(info.compress_type not in PACKED for info in infos):
            raise UnreadableTable(reason=f"it is packed in an unusual way. {RESAVE}")
        inflated = sum(info.file_size for info in infos)
        if inflated > INFLATED_BYTES_MAX:
            raise UnreadableTable(
                reason=f"it unpacks to {inflated // MEBIBYTE:,} MiB,"
                f" {INFLATED_BYTES_MAX // MEBIBYTE} at most are read. Part it into several files."
            )
        for info in infos:
            packed = max(1, info.compress_size)
            if info.file_size >= RATIO_BYTES_MIN and info.file_size > packed * RATIO_MAX:
                raise UnreadableTable(
                    reason=f"its part {info.filename[:80]} unpacks to more than {RATIO_MAX} times"
                    " its size, as no sheet of claims does. Save it as CSV UTF-8."
                )

    def has(self, name: str) -> bool:
        """Whether there is a part of this name."""
        return name.lower() in self.names

    def raw(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, some at a time."""
        info = self.names.get(name.lower())
        if info is None:
            raise UnreadableTable(reason=f"the workbook lacks its part {name[:80]}. {RESAVE}")
        try:
            with self.zip.open(info) as part:
                while read := part.read(READ_BYTES):
                    yield read
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
            raise _damaged(error) from error

    def elements(self, name: str, wanted: str) -> Iterator[Element]:
        """The elements of one kind in a part, each whole, one after the other."""
        pulled = Pulled(name, wanted)
        for read in self.raw(name):
            yield from pulled.feed(read)
        pulled.close()

    def merged(self, name: str) -> list[Box]:
        """The merged cells of a sheet, by their first row."""
        found: list[Box] = []
        rest = b""
        for read in self.raw(name):
            text = rest + read
            for match in _MERGED.finditer(text):
                found.append(_box_of(match[1].decode()))
                if len(found) > MERGED_MAX:
                    raise UnreadableTable(
                        reason=f"it has more than {MERGED_MAX:,} merged cells. Unmerge them."
                    )
            rest = text[text.rfind(b"<") :] if b"<" in text[-200:] else b""
        return sorted(found)


class Pulled:
    """The elements of one kind in a part whose bytes are fed bit by bit; what is between two of
    them may be as long as a row at most.

    `depth` is how many elements are open, and `opened` the name of the last one that was.
    """

    def __init__(self, name: str, wanted: str) -> None:
        self.name, self.wanted = name, wanted
        self.depth, self.opened = 0, ""
        self._parser: Any = XMLPullParser(events=("start", "end"))
        self._since = 0
        self._rest = b""
        self._root: Element | None = None
        self._hits: dict[str, bool] = {}

    def feed(self, read: bytes) -> Iterator[Element]:
        """The elements that end in what is fed, each emptied when the next one is asked for."""
        if self._root is None:
            self._refuse_document_type(read)
        self._since += len(read)
        try:
            self._parser.feed(read)
            yield from self._ended()
        except ParseError as error:
            raise _damaged(error) from error
        if self._since > ROW_CHARS_MAX:
            raise UnreadableTable(
                reason=f"a row of it is longer than {ROW_CHARS_MAX:,} characters. Keep the"
                " columns of claims, and shorten what is long."
            )

    def _refuse_document_type(self, read: bytes) -> None:
        seen = self._rest + read
        self._rest = seen[-_DOCTYPE_REST:]  # it may begin in one read and end in the next
        if any(begins in seen for begins in _DOCTYPES):
            raise UnreadableTable(reason=f"its part {self.name[:80]} has a document type. {RESAVE}")

    def close(self) -> None:
        """UnreadableTable where the part is not whole."""
        try:
            self._parser.close()
        except ParseError as error:
            raise _damaged(error) from error

    def _ended(self) -> Iterator[Element]:
        hits = self._hits
        for event, element in self._parser.read_events():
            if event == "start":
                self._root = element if self._root is None else self._root
                self.depth += 1
                self.opened = element.tag
                continue
            self.depth -= 1
            is_wanted = hits.get(element.tag)
            if is_wanted is None:
                is_wanted = hits[element.tag] = local(element) == self.wanted
            if not is_wanted or self._root is None:
                continue
            self._since = 0
            yield element
            element.clear()
            if self.depth == 2:
                for parent in list(self._root)[-1:]:
                    parent.clear()
            elif self.depth == 1:
                self._root.clear()


def _damaged(error: Exception) -> UnreadableTable:
    return UnreadableTable(reason=f"it is a damaged workbook ({error}). {RESAVE}")


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return _local(element.tag)


@lru_cache(maxsize=TAGS_KEPT_MAX)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without a namespace; empty where there is none."""
    return next((v for key, v in element.attrib.items() if key.rpartition("}")[2] == name), "")


def date_shown(code: str) -> DateShown:
    """What of a date a number format shows; nothing where it shows no dates."""
    first = _NOT_LETTERS.sub("", code.split(";")[0]).lower()
    if first == "general" or _DATE_LETTERS.search(first) is None:
        return ""
    if "y" not in first or _DAY_OR_TIME.search(first) is not None:
        return "day"
    return "month" if "m" in first else "year"


def place_of(name: str) -> tuple[int, int]:
    """Row from 1 and column from 0 of a cell such as C17."""
    row = 0
    for character in name:
        if "0" <= character <= "9":
            row = row * 10 + ord(character) - 48
    return row, column_of(name)


def column_of(name: str) -> int:
    """The column of a cell, from 0."""
    return _column(name.rstrip("0123456789"))


@lru_cache(maxsize=COLUMNS_KEPT_MAX)
def _column(letters: str) -> int:
    column = 0
    for character in letters:
        if "A" <= character <= "Z":
            column = column * 26 + ord(character) - 64
    return column - 1


def _box_of(name: str) -> Box:
    """The corners of a range such as B2:C4."""
    first, _, last = name.partition(":")
    return (*place_of(first), *place_of(last or first))
