"""Proves the store of a workspace sound, or names the first fault and what to do; it never mends.

The log is read in pages; the histories that the views must equal are folded from it in memory. What
can be is compared as a whole first, and only where that fails one by one, to name the first fault.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from operator import gt
from typing import Any, Final

import msgspec

from domain.errors import Article20Error, UndecodableEvent
from domain.events import Recorded, tags_of
from infra.postgres.digest import opened
from infra.postgres.figure_proof import figures_proof
from infra.postgres.names import SEPARATOR
from infra.postgres.pages import Page, moments_of
from infra.postgres.queries import queries
from infra.postgres.store import EventStore, NoWorkspace, StoredEvent, snapshot
from infra.postgres.view_proof import COMPARED, Comparison
from infra.postgres.view_rows import government_rows, relation_rows, version_row
from infra.postgres.views import Views
from projections.histories import Histories, Version, fold
from projections.spans import Span, spans

PAGE_ROWS: Final = 2000
"""How many rows of a view are compared at a time."""
PAGE_EVENTS: Final = 1000
"""How many events of the log are checked at a time."""
_OF_EVENTS: Final = "\x1e"
OLDER: Final = "Was an older backup restored? Run `article20 rebuild`"
RESTORE: Final = "Restore the newest backup that verifies"
_SQL: Final = queries("verify")
_VIEWS: Final = queries("views")


class Unsound(Article20Error):
    """The store is not sound at position {position}: {fault}. {remedy}."""

    slug, status = "unsound", 500


class Progress(msgspec.Struct, frozen=True):
    """How far the proof has come: `done` of `total` events or rows of one `step`."""

    step: str
    done: int
    total: int


async def verify(store: EventStore, views: Views, workspace: str) -> AsyncIterator[Progress]:
    """Prove a workspace sound, telling the progress; Unsound names the first fault.

    Positions without gaps and the head row at the last of them, moments that never run backwards,
    every event decodable and under its tags, keys that stand for events of their own, and views
    equal to a replay. Events and rows that come meanwhile are left for the next time.
    """
    pool: Any = store.pool
    async with snapshot(pool, workspace) as connection:
        ends = await connection.fetchrow(_SQL["ends"], workspace)
    if ends is None:
        raise NoWorkspace(workspace=workspace)
    _check_ends(ends)
    head = ends["head"]
    watermark = await views.watermark(workspace)
    replay = _Replay(min(watermark.position, head))
    async for _ in _read(store, workspace, replay, head):
        yield Progress("events", replay.position, head)
    if replay.position != head:
        raise _fault(replay.position + 1, "the event is missing", RESTORE)
    async with snapshot(pool, workspace) as connection:
        await connection.execute(_SQL["unhurried"])
        await _check_tags(connection, workspace, head)
        yield Progress("tags", head, head)
        await _check_keys(connection, workspace)
        yield Progress("keys", head, head)
    if watermark.position > head:
        what = f"the views stand at {watermark.position}, beyond the head {head}"
        raise _fault(head, what, OLDER)
    stands_at = await store.at(workspace, watermark.position) if watermark.position else None
    if stands_at is not None and stands_at.recorded_at != watermark.recorded_at:
        raise _fault(watermark.position, "the views stand at another event than this", OLDER)
    for fault in sorted(watermark.faults, key=lambda f: f.position):
        what = f"view {fault.view} could not digest it ({fault.error})"
        remedy = f"Mend the cause, then run `article20 rebuild {fault.view}`"
        raise _fault(fault.position, what, remedy)
    if replay.broken is not None:
        position, error = replay.broken
        raise _fault(position, str(error).rstrip("."), RESTORE)
    total = sum(map(len, replay.histories.values()))
    for name, table in TABLES.items():
        if name in COMPARED:
            comparison = Comparison(replay.histories, name, replay.until)
            async for done in comparison.run(pool, workspace):
                yield Progress(name, done, total)
            if comparison.is_same:
                continue
        async for progress in _compare(pool, workspace, table(replay)):
            yield progress
    seen = 0
    async for government, is_same in figures_proof(pool, workspace, replay.spans(), replay.until):
        if not is_same:
            what = f"figure_part of {government} differs from a replay"
            raise _fault(replay.until, what, "Run `article20 rebuild figures`")
        seen += 1
        yield Progress("figure_part", seen, seen)


async def _read(
    store: EventStore, workspace: str, replay: "_Replay", head: int
) -> AsyncIterator[None]:
    """Have a replay take the events up to `head`, page by page.

    They are read as columns, each page while the one before is checked; what is odd about a page is
    found by reading it again row by row.
    """
    coming = asyncio.create_task(_page(store.pool, workspace, 0, head))
    try:
        while page := await coming:
            columns, tags = page
            if columns.last < head:
                coming = asyncio.create_task(_page(store.pool, workspace, columns.last, head))
                await asyncio.sleep(0)  # so that it is asked for before this page is checked
            if not replay.take_page(columns, tags):
                after, left = replay.position, columns.last - replay.position
                rows = await store.read(workspace, after=after, limit=max(left, 1))
                replay.take(rows.events)
            yield
            if columns.last >= head:
                return
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _page(pool: Any, workspace: str, after: int, until: int) -> tuple[Page, list[str]] | None:
    """Events after a position as columns, and the tags each of them carries; None for none."""
    async with snapshot(pool, workspace) as connection:
        row = await connection.fetchrow(_SQL["proof_page"], workspace, after, until, PAGE_EVENTS)
    first, last, count, names, data, moments, authors, tags = row
    if not count:
        return None
    known = moments_of(moments, count)
    page = Page(until, first, last, names.split(SEPARATOR), data, known, authors)
    return page, tags.split(_OF_EVENTS)


class _Replay:
    """The checks of every event in turn, and the histories that the events up to `until` make."""

    def __init__(self, until: int) -> None:
        self.until = until
        self.position = 0
        self.recorded_at = datetime.min.replace(tzinfo=UTC)
        self.histories: Histories = {}
        self.current: dict[str, Version] = {}
        self.broken: tuple[int, Article20Error] | None = None

    def take_page(self, page: Page, tags: list[str]) -> bool:
        """Check a page that follows the ones before; False where something is odd about it: then
        only the events before that are taken."""
        moments = page.moments
        if (
            page.first != self.position + 1
            or page.last - page.first + 1 != len(page)
            or moments[0] < self.recorded_at
            or any(map(gt, moments, moments[1:]))
            or len(tags) != len(page)
        ):
            return False
        carried = iter(tags)
        try:
            for some in page.slices():
                for recorded in some:
                    if SEPARATOR.join(tags_of(recorded.event)) != next(carried):
                        return False
                    if recorded.position <= self.until and self.broken is None:
                        self._fold(recorded)
                    self.position, self.recorded_at = recorded.position, recorded.recorded_at
        except UndecodableEvent:
            return False
        return True

    def take(self, page: list[StoredEvent]) -> None:
        """Check a page of events that follow the ones before; Unsound names the first fault."""
        for stored in page:
            expected = self.position + 1
            if stored.position != expected:
                raise _fault(expected, f"the next event stands at {stored.position}", RESTORE)
            if stored.recorded_at < self.recorded_at:
                what = f"recorded at {stored.recorded_at}, before the event before it"
                raise _fault(expected, what, RESTORE)
            self.position, self.recorded_at = stored.position, stored.recorded_at
            self._check(stored)

    def _check(self, stored: StoredEvent) -> None:
        try:
            recorded = opened(stored)
        except UndecodableEvent as error:
            remedy = "Run the release that wrote it, or a newer one"
            raise _fault(stored.position, str(error).rstrip("."), remedy) from error
        expected = tags_of(recorded.event)
        if sorted(stored.tags) != sorted(expected):
            what = f"its tags are {', '.join(stored.tags)} and should be {', '.join(expected)}"
            raise _fault(stored.position, what, RESTORE)
        if stored.position <= self.until and self.broken is None:
            self._fold(recorded)

    def _fold(self, recorded: Recorded) -> None:
        try:
            made = fold(self.current, recorded)
        except Article20Error as error:
            self.broken = recorded.position, error
            return
        for version in made:
            self.current[version.claim.id] = version
            self.histories.setdefault(version.claim.id, []).append(version)

    def spans(self) -> Iterator[Span]:
        """Every version of every claim with its ranges as they were at `until`."""
        for history in self.histories.values():
            yield from spans(history)


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


def _versions(replay: _Replay) -> _Table:
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


def _relations(replay: _Replay) -> _Table:
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


def _facts(replay: _Replay) -> _Table:
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


TABLES: Final[dict[str, Callable[[_Replay], _Table]]] = {
    "claim_version": _versions,
    "claim_relation": _relations,
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


async def _compare(pool: Any, workspace: str, table: _Table) -> AsyncIterator[Progress]:
    """Compare the rows of a table with the expected ones, page by page."""
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
        yield Progress(table.name, seen, total)
        if len(rows) < PAGE_ROWS:
            break
        after = table.key(tuple(rows[-1]))
    if seen != total:
        what = f"{table.name} holds {seen} of the {total} rows that a replay gives"
        raise _fault(table.until, what, f"Run `article20 rebuild {table.view}`")


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
    raise _fault(position, what, f"Run `article20 rebuild {table.view}`")


def _check_ends(ends: Any) -> None:
    head, last = ends["head"], ends["last"]
    if head != last:
        raise _fault(min(head, last), f"the head row says {head}, the last event {last}", RESTORE)
    if last and ends["recorded_at"] < ends["last_at"]:
        raise _fault(last, "the head row is older than the last event", RESTORE)


async def _check_tags(connection: Any, workspace: str, head: int) -> None:
    carried = await connection.fetchrow(_SQL["tags_of_events"], workspace, head)
    kept = await connection.fetchrow(_SQL["tags_of_rows"], workspace, head)
    if tuple(carried) == tuple(kept):
        return
    found = await connection.fetchrow(_SQL["first_tag_fault"], workspace, head)
    what = "has a row that no event carries" if found["is_surplus"] else "has no row"
    raise _fault(found["position"], f"tag {found['tag']!r} {what}", RESTORE)


async def _check_keys(connection: Any, workspace: str) -> None:
    found = await connection.fetchrow(_SQL["first_key_fault"], workspace)
    if found is not None:
        stands = f"{found['first']} to {found['last']}"
        what = f"key {found['key']!r} stands for {stands}, which are not its own"
        raise _fault(found["first"], what, RESTORE)


def _fault(position: int, fault: str, remedy: str) -> Unsound:
    return Unsound(position=position, fault=fault, remedy=remedy)
