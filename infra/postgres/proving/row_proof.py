"""Compares the rows of a view's tables with a replay one by one, to name the first that differs; it
never mends.

This is for where `view_proof` has found a difference. Rows are taken apart: of each that a replay
gives, and of each that lies in the table, a digest goes by its key into one order, aside on disk.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import groupby
from struct import Struct
from typing import Any, Final

import msgspec

from domain.errors import Article20Error
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.search_rows import search_rows
from infra.postgres.projecting.view_rows import government_rows, relation_rows, version_row
from infra.postgres.proving.replaying import advances
from infra.postgres.queries import queries
from infra.runs import Entry, Key, Runs
from projections.spans import Advance

PAGE_ROWS: Final = 2000
"""How many rows of a view are read at a time."""
_OPENED, _CLOSED, _STORED = range(3)
"""Where a row comes from, as the last part of its key: from a version that a replay opened or, with
its ends, closed, of which the last counts; or from the table."""
_ENCODER: Final = msgspec.msgpack.Encoder()
_entry: Final = Struct(">qq")
"""The digest of a row and the position where it begins."""
_SQL: Final = queries("verify")


class Unsound(Article20Error):
    """The store is not sound at position {position}: {fault}. {remedy}."""

    slug, status = "unsound", 500


def fault(position: int, what: str, remedy: str) -> Unsound:
    """The first fault, where it is and what mends it."""
    return Unsound(position=position, fault=what, remedy=remedy)


Row = tuple[Any, ...]


class _Table(msgspec.Struct, frozen=True):
    """A table of a view: the query that reads all its rows, how many of their columns are their
    key, and which says where they begin, if one does.

    `opened` and `closed`: the rows that a replay gives where it changes so much. `may_have_more`:
    whether a row that no replay gives is no fault.
    """

    view: str
    query: str
    key_length: int
    begins: int | None
    opened: Callable[[Advance], Iterable[Row]]
    closed: Callable[[Advance], Iterable[Row]] | None = None
    may_have_more: bool = False


TABLES: Final[dict[str, _Table]] = {
    "claim_version": _Table(
        "claims",
        "version_rows",
        2,
        2,
        lambda change: map(version_row, change.opened),
        lambda change: map(version_row, change.closed),
    ),
    "claim_relation": _Table(
        "claims",
        "relation_rows",
        4,
        None,
        lambda change: (row for span in change.opened for row in relation_rows(span)),
    ),
    "claim_search": _Table(
        "claims", "search_rows", 2, 2, lambda change: search_rows(change.opened)[0]
    ),
    # Nobody knows where a word came from; one too many finds nothing.
    "search_word": _Table(
        "claims",
        "word_rows",
        1,
        None,
        lambda change: search_rows(change.opened)[1],
        may_have_more=True,
    ),
    "government_claim": _Table(
        "governments",
        "government_rows",
        3,
        4,
        lambda change: (row for span in change.opened for row in government_rows(span)),
        lambda change: (row for span in change.closed for row in government_rows(span)),
    ),
}
"""The tables that can be compared row by row, by their names."""


async def compare(
    store: EventStore, connection: Any, workspace: str, generation: int, table: str, until: int
) -> AsyncIterator[tuple[int, int]]:
    """Compare a generation of one of `TABLES`, as the snapshot of a connection sees it, with a
    replay up to the position where it stands, telling how far it is: first how many events are
    replayed, then how many rows are read, of how many. Unsound names the first that differs."""
    form = TABLES[table]
    with Runs() as rows:
        async for position, change in advances(store, workspace, until):
            _put(rows, form, form.opened(change), _OPENED, until)
            if form.closed is not None:
                _put(rows, form, form.closed(change), _CLOSED, until)
            yield position, until
        cursor = await connection.cursor(_SQL[form.query], workspace, generation)
        seen = 0
        while page := await cursor.fetch(PAGE_ROWS):
            _put(rows, form, map(tuple, page), _STORED, until)
            seen += len(page)
            yield seen, seen
        first = min(_differing(rows, form), default=None)
    if first is not None:
        position, key, how = first
        raise fault(position, f"{table} {key} {how}", f"Run `article20 rebuild {form.view}`")


def _put(rows: Runs, form: _Table, some: Iterable[Row], origin: int, until: int) -> None:
    for row in some:
        begins = until if form.begins is None else row[form.begins]
        body = _entry.pack(hash(_ENCODER.encode(row)), begins)
        rows.add((*row[: form.key_length], origin), body)


def _differing(rows: Runs, form: _Table) -> Iterator[tuple[int, Key, str]]:
    """Where each row begins of which replay and table say otherwise, its key, and how."""
    for key, entries in groupby(rows, _key_of_row):
        given: bytes | None = None
        stored: list[bytes] = []
        for (*_, origin), body in entries:
            if origin == _STORED:
                stored.append(body)
            else:
                given = body
        if given is None:
            if not form.may_have_more:
                yield _begins(stored[0]), key, "is not in a replay"
        elif not stored:
            yield _begins(given), key, "is missing"
        elif stored != [given]:
            yield _begins(given), key, "differs from a replay"


def _key_of_row(entry: Entry) -> Key:
    return entry[0][:-1]


def _begins(body: bytes) -> int:
    _digest, begins = _entry.unpack(body)
    return int(begins)
