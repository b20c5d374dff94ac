"""Compares the rows of a view's tables with a replay one by one, to name the first that differs; it
never mends.

This is for where `view_proof` has found a difference: it holds every version of every claim, and
takes rows apart.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import msgspec

from domain.errors import Article20Error
from infra.postgres.log.store import EventStore, snapshot
from infra.postgres.projecting.search_rows import search_rows
from infra.postgres.projecting.view_rows import government_rows, relation_rows, version_row
from infra.postgres.queries import queries
from projections.histories import Histories, Version, fold
from projections.spans import Span, spans

PAGE_ROWS: Final = 2000
"""How many rows of a view are compared at a time."""
_SQL: Final = queries("verify")
_VIEWS: Final = queries("views")


class Unsound(Article20Error):
    """The store is not sound at position {position}: {fault}. {remedy}."""

    slug, status = "unsound", 500


def fault(position: int, what: str, remedy: str) -> Unsound:
    """The first fault, where it is and what mends it."""
    return Unsound(position=position, fault=what, remedy=remedy)


class Replayed:
    """The histories that the events up to a position make."""

    def __init__(self, until: int) -> None:
        self.until = until
        self.histories: Histories = {}

    def spans(self) -> Iterator[Span]:
        """Every version of every claim with its ranges as they were at `until`."""
        for history in self.histories.values():
            yield from spans(history)


async def compare(
    store: EventStore, workspace: str, table: str, until: int
) -> AsyncIterator[tuple[int, int]]:
    """Compare one of `TABLES` with a replay up to a position, telling how many rows are through of
    how many; Unsound names the first that differs."""
    replay, current = Replayed(until), dict[str, Version]()
    async for page in store.recorded(workspace, until=until):
        for recorded in page:
            for version in fold(current, recorded):
                current[version.claim.id] = version
                replay.histories.setdefault(version.claim.id, []).append(version)
    async for done in _compare(store.pool, workspace, TABLES[table](replay)):
        yield done


Row = tuple[Any, ...]


class _Table(msgspec.Struct, frozen=True):
    """What a table of a view must hold: `rows` by their key, which is as long as `first`.

    `known` gives a row as it was at the position of the replay, or None if it came later; `begins`
    is the column that says where a row began, if one does.
    """

    name: str
    view: str
    query: str
    first: Row
    rows: dict[Row, Row]
    known: Callable[[Row], Row | None]
    begins: int | None
    until: int

    def key(self, row: Row) -> Row:
        """The key of a row: its leading columns."""
        return row[: len(self.first)]


def _versions(replay: Replayed) -> _Table:
    until = replay.until
    rows = map(version_row, replay.spans())
    return _Table(
        "claim_version",
        "claims",
        "version_rows",
        ("", 0),
        {row[:2]: row for row in rows},
        lambda row: _as_at(until, row, begins=2, position_to=3, known_to=5),
        2,
        until,
    )


def _relations(replay: Replayed) -> _Table:
    def is_known(row: Row) -> bool:
        return bool(0 < row[2] <= len(replay.histories.get(row[1], ())))

    rows = (row for span in replay.spans() for row in relation_rows(span))
    return _Table(
        "claim_relation",
        "claims",
        "relation_rows",
        ("", "", 0, ""),
        {row: row for row in rows},
        lambda row: row if is_known(row) else None,
        None,
        replay.until,
    )


def _searches(replay: Replayed) -> _Table:
    rows, _words = search_rows(replay.spans())
    return _Table(
        "claim_search",
        "claims",
        "search_rows",
        ("", 0),
        {row[:2]: row for row in rows},
        lambda row: row if row[2] <= replay.until else None,
        2,
        replay.until,
    )


def _words(replay: Replayed) -> _Table:
    _rows, words = search_rows(replay.spans())
    rows: dict[Row, Row] = {row[:1]: row for row in words}
    return _Table(
        "search_word",
        "claims",
        "word_rows",
        ("",),
        rows,
        # Nobody knows where a word came from; one too many finds nothing.
        lambda row: row if row[:1] in rows else None,
        None,
        replay.until,
    )


def _facts(replay: Replayed) -> _Table:
    until = replay.until
    rows = (row for span in replay.spans() for row in government_rows(span))
    return _Table(
        "government_claim",
        "governments",
        "government_rows",
        ("", "", 0),
        {row[:3]: row for row in rows},
        lambda row: _as_at(until, row, begins=4, position_to=5, known_to=7),
        4,
        until,
    )


TABLES: Final[dict[str, Callable[[Replayed], _Table]]] = {
    "claim_version": _versions,
    "claim_relation": _relations,
    "claim_search": _searches,
    "search_word": _words,
    "government_claim": _facts,
}
"""Table of a view -> what it must hold."""


def _as_at(until: int, row: Row, *, begins: int, position_to: int, known_to: int) -> Row | None:
    """The row as it was when the views stood at `until`; None if it was not there yet."""
    if row[begins] > until:
        return None
    if row[position_to] is None or row[position_to] <= until:
        return row
    return tuple(None if i in (position_to, known_to) else v for i, v in enumerate(row))


async def _compare(pool: Any, workspace: str, table: _Table) -> AsyncIterator[tuple[int, int]]:
    """Compare the rows of a table with the expected ones, page by page, telling how many are
    through of how many."""
    total = len(table.rows)
    generation, after, seen = -1, table.first, 0
    while True:
        async with snapshot(pool, workspace) as connection:
            states = await connection.fetch(_VIEWS["standing"], workspace)
            now = next((s["generation"] for s in states if s["view"] == table.view), 0)
            if now != generation:
                # Built anew meanwhile: compare the rows that are read now, from the beginning.
                generation, after, seen = now, table.first, 0
            rows = await connection.fetch(
                _SQL[table.query], workspace, generation, *after, PAGE_ROWS
            )
        for row in rows:
            seen += _same(table, tuple(row))
        yield seen, total
        if len(rows) < PAGE_ROWS:
            break
        after = table.key(tuple(rows[-1]))
    if seen != total:
        what = f"{table.name} holds {seen} of the {total} rows that a replay gives"
        raise fault(table.until, what, f"Run `article20 rebuild {table.view}`")


def _same(table: _Table, row: Row) -> bool:
    """Whether a row counts among the expected ones; Unsound when it differs from its own."""
    known = table.known(row)
    if known is None:
        return False
    expected = table.rows.get(table.key(row))
    if expected == known:
        return True
    position = table.until if table.begins is None else row[table.begins]
    how = "is not in" if expected is None else "differs from"
    what = f"{table.name} {table.key(row)} {how} a replay"
    raise fault(position, what, f"Run `article20 rebuild {table.view}`")
