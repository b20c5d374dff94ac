"""The rows of a sheet as the file has them, number and cells, before anything is made of a cell.

Nearly every row has a shape so plain that it can be told apart and taken to pieces by an
expression; whatever has another one goes through the XML parser, the rest of the part with it, so
that it stays the judge of what is well formed. Both ways lead to the same cells, and a test says
so.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Generator, Iterator
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element

from services.intake.sheets.table import ROW_CHARS_MAX
from services.intake.sheets.xlsx_parts import (
    COLUMNS_KEPT_MAX,
    READ_BYTES,
    Parts,
    Pulled,
    column_of,
    local,
)

Raw = tuple[int | None, str, str, str | None, bool]
"""A cell: its column from 0 where it is told, its type, its style, its text where it has one, and
whether it has a formula."""

_SHEET_DATA: Final = b"<sheetData>"
_ROW: Final = b"<row"
_ROW_END: Final = b"</row>"
_DECLARED: Final = re.compile(rb"<\?xml[^>]*?encoding=[\"']([^\"']*)")
_HEAD: Final = re.compile(
    r'<row(?: r="(\d{1,7})")?(?: spans="[\d: ]*")?(?: s="\d+")?(?: customFormat="\w+")?'
    r'(?: ht="[\d.]+")?(?: hidden="\w+")?(?: customHeight="\w+")?(?: outlineLevel="\d+")?'
    r'(?: collapsed="\w+")?(?: thickTop="\w+")?(?: thickBot="\w+")?( x14ac:dyDescent="[\d.]+")?>',
    re.ASCII,
)
_TEXT: Final = r"([^<\x00-\x08\x0b-\x1f\ufffe\uffff]+)"
_CELL: Final = re.compile(
    r'(<c r="([A-Z]{1,3})\d{1,7}"(?: s="(\d{1,9})")?(?: t="(\w+)")?'
    rf'(?:/>|>(?:<v>{_TEXT}</v>|<is><t(?: xml:space="preserve")?>{_TEXT}</t></is>)?</c>))',
    re.ASCII,
)
_ODD_REFERENCE: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")
_REFERENCES: Final = (
    ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"),
)  # fmt: skip
"""Reference -> character, the one that begins them all last."""
_DIALECT: Final = b"xmlns:x14ac="
DATA_DEPTH: Final = 2
"""How many elements are open between two rows."""


def rows_of(parts: Parts, name: str) -> Iterator[tuple[str, list[Raw]]]:
    """The rows of a part: the number that each states, or nothing, and its cells. UnreadableTable
    where they break a bound or are no XML."""
    pulled = Pulled(name, "row")
    reads = parts.raw(name)
    rest = next(reads, b"")
    begins = _data_begins(rest)
    if begins:
        head, rest = rest[:begins], rest[begins:]
        yield from _pulled(pulled, head)
        # Where the parser is elsewhere, as within a comment, it reads all of the part.
        if pulled.depth == DATA_DEPTH and pulled.opened.rpartition("}")[2] == "sheetData":
            knows = _DIALECT in head
            rest = yield from _plain_rows(pulled, rest, reads, knows_dialect=knows)
    yield from _pulled(pulled, rest)
    for read in reads:
        yield from _pulled(pulled, read)
    pulled.close()


def _plain_rows(
    pulled: Pulled, rest: bytes, reads: Iterator[bytes], *, knows_dialect: bool
) -> Generator[tuple[str, list[Raw]], None, bytes]:
    """The rows that stand one behind the other; returned is what comes then, as far as it was
    read."""
    at = 0
    while True:
        end = rest.find(_ROW_END, at) if rest.startswith(_ROW, at) else -1
        if end < 0:
            is_other = len(rest) - at >= len(_ROW) and not rest.startswith(_ROW, at)
            if is_other or len(rest) - at > ROW_CHARS_MAX or not (read := next(reads, b"")):
                return rest[at:]
            rest, at = rest[at:] + read, 0
            continue
        row = rest[at : end + len(_ROW_END)]
        at += len(row)
        plain = _plain(row, knows_dialect)
        if plain is not None:
            yield plain
            continue
        yield from _pulled(pulled, row)
        # What looks like the end of a row is none within a comment and the like.
        if pulled.depth != DATA_DEPTH or b"<!" in row or b"<?" in row:
            return rest[at:]


def _plain(row: bytes, knows_dialect: bool) -> tuple[str, list[Raw]] | None:
    """A row of the plain shape; None for any other."""
    try:
        text = row.decode()
    except UnicodeDecodeError:
        return None
    head = _HEAD.match(text)
    if head is None or "]]>" in text or (head[2] and not knows_dialect):
        return None
    refers = "&" in text
    if refers and _ODD_REFERENCE.search(text) is not None:
        return None
    found = _CELL.findall(text, head.end())
    if sum([len(one[0]) for one in found]) != len(text) - head.end() - len(_ROW_END):
        return None
    cells: list[Raw] = []
    for _whole, letters, style, kind, value, inline in found:
        said = value or inline
        if refers:
            said = _dereferenced(said)
        if inline:
            said = _unescaped(said)
        cells.append((_index(letters), kind or "n", style or "0", said or None, False))
    return head[1] or "", cells


def _pulled(pulled: Pulled, read: bytes) -> Iterator[tuple[str, list[Raw]]]:
    """The rows that end in what is read, by way of the XML parser."""
    for start in range(0, len(read), READ_BYTES):
        for element in pulled.feed(read[start : start + READ_BYTES]):
            yield element.get("r", ""), [_raw(one) for one in element if local(one) == "c"]


def _raw(cell: Element) -> Raw:
    text, has_formula = None, False
    for part in cell:
        name = local(part)
        if name == "v":
            text = part.text or ""
        elif name == "f":
            has_formula = True
        elif name == "is":
            text = text_of(part)
    named = cell.get("r")
    index = column_of(named) if named else None
    return index, cell.get("t", "n"), cell.get("s", "0"), text, has_formula


def _data_begins(head: bytes) -> int:
    """Where the rows begin in the beginning of a sheet in UTF-8; 0 where that cannot be told."""
    declared = _DECLARED.match(head.removeprefix(BOM_UTF8))
    if declared is not None and declared[1].upper() != b"UTF-8":
        return 0
    at = head.find(_SHEET_DATA)
    return at + len(_SHEET_DATA) if at >= 0 else 0


def _dereferenced(text: str) -> str:
    """A text with its references to the characters that XML needs itself resolved."""
    for reference, character in _REFERENCES:
        text = text.replace(reference, character)
    return text


@lru_cache(maxsize=COLUMNS_KEPT_MAX)
def _index(letters: str) -> int:
    return column_of(letters)


def text_of(element: Element) -> str:
    """The text of a string, its runs joined, without the reading aids of Japanese."""
    found = []
    for part in element:
        name = local(part)
        if name == "t":
            found.append(part.text or "")
        elif name == "r":
            found += [run.text or "" for run in part if local(run) == "t"]
    return _unescaped("".join(found))


def _unescaped(text: str) -> str:
    """A text with its `_xHHHH_` read as the characters they stand for (ECMA-376, 22.9.2.19)."""
    if "_x" not in text:
        return text
    head, *rest = text.split("_x")
    found = [head]
    for part in rest:
        code, after = part[:4], part[4:]
        if (
            len(code) == 4
            and after.startswith("_")
            and all(c in "0123456789abcdefABCDEF" for c in code)
        ):
            found.append(chr(int(code, 16)) + after[1:])
        else:
            found.append(f"_x{part}")
    return "".join(found)
