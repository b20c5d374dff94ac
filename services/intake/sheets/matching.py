"""Which column of a claim each column of a table is, by its header or its HXL tag, with suggestions
for near misses; it reads no claim."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Final

import msgspec
from rapidfuzz import fuzz, process

from services.intake.sheets.columns import all_columns, folded, hxl_of, names, tags
from services.intake.sheets.listed import CORE, Column
from services.intake.sheets.table import (
    HEAD_ROWS_MAX,
    Cell,
    Row,
    Table,
    Unreadable,
    UnreadableTable,
    column_name,
)

LIKE: Final = 76
HEADER_CHARS_MAX: Final = 120
UNKNOWN_SHOWN_MAX: Final = 12
_HXL: Final = re.compile(r"\s*#[A-Za-z][A-Za-z0-9_]*(?:\s*\+\s*[A-Za-z][A-Za-z0-9_]*)*\s*")
UNUSED: Final = "-"
"""Chosen for a column that is to be left out."""


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """One column of the table: `header` as it stands there, `path` of the claim's column, None
    where it is left out; `suggestion` may be meant."""

    index: int
    header: str
    path: str | None = None
    suggestion: str | None = None

    @property
    def letter(self) -> str:
        """The letters of the column."""
        return column_name(self.index)


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a table, and the rows that follow its head, the first `ahead` of which were
    read to find it."""

    matches: tuple[Match, ...]
    rows: Iterator[Row]
    ahead: int
    has_tags: bool = False

    @property
    def left_out(self) -> tuple[Match, ...]:
        """The columns that are not read."""
        return tuple(match for match in self.matches if match.path is None)


def matched(
    table: Table, chosen: Mapping[str, str] | None = None, *, strict: bool = True
) -> Matched:
    """The columns of a table by headers and tags; `chosen`: header, or letter, -> path instead.

    `strict`: UnreadableTable where a column that every claim has is not there, with what may be
    meant by it.
    """
    rows = iter(table.rows)
    head = list(islice(rows, HEAD_ROWS_MAX))
    if not head:
        raise UnreadableTable(reason="it has no rows. Put the headers in the first one.")
    at, tag_at = _head_rows(head)
    headers = [_said(cell) for cell in head[at].cells] if at is not None else []
    tagged = [_said(cell) for cell in head[tag_at].cells] if tag_at is not None else []
    matches = columns_of(headers, tagged, chosen or {})
    if strict:
        require(matches)
    first = max(-1 if at is None else at, -1 if tag_at is None else tag_at) + 1
    below: Iterator[Row] = chain(head[first:], rows)
    if table.is_text:
        below = _within(below, max(len(head[n].cells) for n in (at, tag_at) if n is not None))
    return Matched(
        matches=matches,
        rows=below,
        ahead=len(head) - first,
        has_tags=tag_at is not None,
    )


def _within(rows: Iterator[Row], width: int) -> Iterator[Row]:
    """The rows; where one has more cells than there are headings, the first of those that hold
    something is marked, and those behind it left out."""
    for row in rows:
        cells = row.cells
        if len(cells) > width:
            beyond = next((n for n in range(width, len(cells)) if cells[n]), None)
            if beyond is not None:
                row = Row(row.number, [*cells[:beyond], _beyond(cells[beyond])])
        yield row


def _beyond(cell: Cell) -> Unreadable:
    return Unreadable(
        f"{str(cell)[:80]!r} stands beyond the last heading; put a text that holds the character"
        " between cells in quotation marks, or give the column a heading",
        is_beyond=True,
    )


def columns_of(
    headers: list[str], tagged: list[str], chosen: Mapping[str, str]
) -> tuple[Match, ...]:
    """What each column of a table is; a path that is taken is not given twice."""
    taken: set[str] = set()
    found = []
    for index in range(max(len(headers), len(tagged))):
        header = headers[index] if index < len(headers) else ""
        tag = tagged[index] if index < len(tagged) else ""
        if not header and not tag:
            continue
        path = _chosen(index, header, chosen)
        if path is None:
            path = tags().get(hxl_of(tag)) if tag else None
            path = path or names().get(folded(header))
        if path in taken or path == UNUSED:
            path = None
        if path is not None:
            taken.add(path)
        shown = (header or tag)[:HEADER_CHARS_MAX]
        found.append(Match(index=index, header=shown, path=path))
    return tuple(
        msgspec.structs.replace(one, suggestion=_suggested(one.header, taken))
        if one.path is None and names().get(folded(one.header)) not in taken
        else one
        for one in found
    )


def taken_by(match: Match, matches: tuple[Match, ...]) -> Match | None:
    """The column that is read as what the heading of another one says as well."""
    meant = names().get(folded(match.header))
    return next((one for one in matches if one.path is not None and one.path == meant), None)


def lacking(matches: tuple[Match, ...]) -> tuple[str, ...]:
    """The columns that every claim has and the table does not."""
    there = {match.path for match in matches}
    return tuple(c.path for c in CORE if c.is_required and c.path not in there)


def require(matches: tuple[Match, ...]) -> None:
    """UnreadableTable where a column that every claim has is not there."""
    missing = lacking(matches)
    if not missing:
        return
    unknown = [
        f"{m.letter} {m.header!r}" + (f", which may be {m.suggestion}" if m.suggestion else "")
        for m in matches
        if m.path is None
    ]
    shown = "; ".join(unknown[:UNKNOWN_SHOWN_MAX])
    more = f" and {len(unknown) - UNKNOWN_SHOWN_MAX} more" * (len(unknown) > UNKNOWN_SHOWN_MAX)
    hint = f"; not understood: column {shown}{more}" if unknown else ""
    raise UnreadableTable(
        reason=f"it lacks the column {' and the column '.join(missing)}{hint}."
        " Name the columns as the template does, or say what one is by --column HEADER=COLUMN."
    )


def is_heading(text: str) -> bool:
    """Whether a text heads a column of claims, or is an HXL tag."""
    return folded(text) in names() or _HXL.fullmatch(text) is not None


def column_of(match: Match) -> Column | None:
    """The claim's column that a column of the table is."""
    return None if match.path is None else all_columns()[match.path]


def _chosen(index: int, header: str, chosen: Mapping[str, str]) -> str | None:
    said = chosen.get(column_name(index)) or chosen.get(header)
    if said is None or said == UNUSED:
        return said
    path = names().get(folded(said))
    if path is None:
        raise UnreadableTable(reason=f"{said[:80]!r} is not a column of a claim. See the template.")
    return path


def _suggested(header: str, taken: set[str]) -> str | None:
    free = [name for name, path in names().items() if path not in taken]
    near = process.extractOne(folded(header), free, scorer=fuzz.WRatio, score_cutoff=LIKE)
    return names()[near[0]] if near is not None else None


def _head_rows(head: list[Row]) -> tuple[int | None, int | None]:
    """Which of the first rows holds the headers, and which the tags."""
    tag_at = next((n for n, row in enumerate(head) if _is_tags(row)), None)
    above = range(len(head) if tag_at is None else tag_at)
    known = [(sum(folded(_said(c)) in names() for c in head[n].cells if c), -n) for n in above]
    best = max(known, default=(0, 0))
    at = -best[1] if best[0] > 0 else next(iter(above), None)
    return at, tag_at


def _is_tags(row: Row) -> bool:
    said = [_said(cell) for cell in row.cells if cell is not None]
    return bool(said) and all(_HXL.fullmatch(text) for text in said)


def _said(cell: Cell) -> str:
    return " ".join(cell.split())[:HEADER_CHARS_MAX] if isinstance(cell, str) else ""
