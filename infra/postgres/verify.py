"""Proves the store of a workspace sound, or names the first fault and what to do; it never mends.

The log is read once, in pages; what the views must hold is packed from it as a rebuild would, and
kept as digests. What can be is compared as a whole first, and only where that fails one by one, to
name the first fault.
"""

import asyncio
from collections.abc import AsyncIterator
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
from infra.postgres.row_proof import Unsound, compare, fault
from infra.postgres.store import EventStore, NoWorkspace, StoredEvent, snapshot
from infra.postgres.view_proof import Comparison, Digests
from infra.postgres.views import Views, Watermark

__all__ = ["Progress", "Unsound", "verify"]

PAGE_EVENTS: Final = 1000
"""How many events of the log are checked at a time."""
_OF_EVENTS: Final = "\x1e"
OLDER: Final = "Was an older backup restored? Run `article20 rebuild`"
RESTORE: Final = "Restore the newest backup that verifies"
_SQL: Final = queries("verify")
_VIEWS: Final = queries("views")


class Progress(msgspec.Struct, frozen=True):
    """How far the proof has come: `done` of `total` events or rows of one `step`."""

    step: str
    done: int
    total: int


async def verify(store: EventStore, views: Views, workspace: str) -> AsyncIterator[Progress]:
    """Prove a workspace sound, telling the progress; Unsound names the first fault.

    Positions without gaps and the head row at the last of them, moments that never run backwards,
    every event decodable and under its tags, keys that stand for events of their own, and views
    equal to a replay. Everything is seen at one moment: what comes meanwhile is left for the next
    time.
    """
    pool: Any = store.pool
    async with snapshot(pool, workspace) as connection:
        await connection.execute(_SQL["unhurried"])
        ends = await connection.fetchrow(_SQL["ends"], workspace)
        if ends is None:
            raise NoWorkspace(workspace=workspace)
        _check_ends(ends)
        head = ends["head"]
        watermark = (await views.standing(connection, workspace)).watermark
        replay = _Replay(min(watermark.position, head))
        # What is appended never changes: it need not be seen at the same moment.
        aside = asyncio.create_task(_check_aside(pool, workspace, head))
        try:
            async for _ in _read(store, connection, workspace, replay, head):
                yield Progress("events", replay.position, head)
            if replay.position != head:
                raise fault(replay.position + 1, "the event is missing", RESTORE)
            await aside
        finally:
            aside.cancel()
            await asyncio.gather(aside, return_exceptions=True)
        yield Progress("tags", head, head)
        yield Progress("keys", head, head)
        await _check_watermark(store, workspace, watermark, head)
        if replay.broken is not None:
            position, error = replay.broken
            raise fault(position, str(error).rstrip("."), RESTORE)
        async for progress in _check_views(store, connection, workspace, replay):
            yield progress


async def _check_aside(pool: Any, workspace: str, head: int) -> None:
    """What the server can check while events are read: tags, then keys."""
    async with snapshot(pool, workspace) as connection:
        await connection.execute(_SQL["unhurried"])
        await _check_tags(connection, workspace, head)
        await _check_keys(connection, workspace)


async def _check_watermark(
    store: EventStore, workspace: str, watermark: Watermark, head: int
) -> None:
    if watermark.position > head:
        what = f"the views stand at {watermark.position}, beyond the head {head}"
        raise fault(head, what, OLDER)
    stands_at = await store.at(workspace, watermark.position) if watermark.position else None
    if stands_at is not None and stands_at.recorded_at != watermark.recorded_at:
        raise fault(watermark.position, "the views stand at another event than this", OLDER)
    for one in sorted(watermark.faults, key=lambda f: f.position):
        what = f"view {one.view} could not digest it ({one.error})"
        remedy = f"Mend the cause, then run `article20 rebuild {one.view}`"
        raise fault(one.position, what, remedy)


async def _check_views(
    store: EventStore, connection: Any, workspace: str, replay: "_Replay"
) -> AsyncIterator[Progress]:
    """Compare every table of the views, as the snapshot of a connection sees it, with a replay."""
    states = await connection.fetch(_VIEWS["standing"], workspace)
    generations = {state["view"]: state["generation"] for state in states}
    digests = replay.digests
    digests.finish()
    for table, expected in digests.tallies.items():
        comparison = Comparison(table, expected)
        generation = generations.get(comparison.view)
        async for done in comparison.run(connection, workspace, generation):
            yield Progress(table, done, expected.count)
        if not comparison.is_same:
            async for done, total in compare(store, workspace, table, replay.until):
                yield Progress(table, done, total)
    seen = 0
    generation = generations.get("figures", 0)
    gatherer, until = digests.gatherer, replay.until
    async for code, is_same in figures_proof(connection, workspace, generation, gatherer, until):
        if not is_same:
            what = f"figure_part of {code} differs from a replay"
            raise fault(until, what, "Run `article20 rebuild figures`")
        seen += 1
        yield Progress("figure_part", seen, seen)


async def _read(
    store: EventStore, connection: Any, workspace: str, replay: "_Replay", head: int
) -> AsyncIterator[None]:
    """Have a replay take the events up to `head`, page by page.

    They are read as columns, each page while the one before is checked; what is odd about a page is
    found by reading it again row by row.
    """
    coming = asyncio.create_task(_page(connection, workspace, 0, head))
    try:
        while page := await coming:
            columns, tags = page
            if columns.last < head:
                coming = asyncio.create_task(_page(connection, workspace, columns.last, head))
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


async def _page(
    connection: Any, workspace: str, after: int, until: int
) -> tuple[Page, list[str]] | None:
    """Events after a position as columns, and the tags each of them carries; None for none."""
    row = await connection.fetchrow(_SQL["proof_page"], workspace, after, until, PAGE_EVENTS)
    first, last, count, names, data, moments, authors, tags = row
    if not count:
        return None
    known = moments_of(moments, count)
    page = Page(until, first, last, names.split(SEPARATOR), data, known, authors)
    return page, tags.split(_OF_EVENTS)


class _Replay:
    """The checks of every event in turn, and what tables of views hold after those up to
    `until`."""

    def __init__(self, until: int) -> None:
        self.until = until
        self.position = 0
        self.recorded_at = datetime.min.replace(tzinfo=UTC)
        self.digests = Digests()
        self.broken: tuple[int, Exception] | None = None

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
                raise fault(expected, f"the next event stands at {stored.position}", RESTORE)
            if stored.recorded_at < self.recorded_at:
                what = f"recorded at {stored.recorded_at}, before the event before it"
                raise fault(expected, what, RESTORE)
            self.position, self.recorded_at = stored.position, stored.recorded_at
            self._check(stored)

    def _check(self, stored: StoredEvent) -> None:
        try:
            recorded = opened(stored)
        except UndecodableEvent as error:
            remedy = "Run the release that wrote it, or a newer one"
            raise fault(stored.position, str(error).rstrip("."), remedy) from error
        expected = tags_of(recorded.event)
        if sorted(stored.tags) != sorted(expected):
            what = f"its tags are {', '.join(stored.tags)} and should be {', '.join(expected)}"
            raise fault(stored.position, what, RESTORE)
        if stored.position <= self.until and self.broken is None:
            self._fold(recorded)

    def _fold(self, recorded: Recorded) -> None:
        try:
            self.digests.digest((recorded,))
        except (Article20Error, ValueError) as error:
            self.broken = recorded.position, error


def _check_ends(ends: Any) -> None:
    head, last = ends["head"], ends["last"]
    if head != last:
        raise fault(min(head, last), f"the head row says {head}, the last event {last}", RESTORE)
    if last and ends["recorded_at"] < ends["last_at"]:
        raise fault(last, "the head row is older than the last event", RESTORE)


async def _check_tags(connection: Any, workspace: str, head: int) -> None:
    carried = await connection.fetchrow(_SQL["tags_of_events"], workspace, head)
    kept = await connection.fetchrow(_SQL["tags_of_rows"], workspace, head)
    if tuple(carried) == tuple(kept):
        return
    found = await connection.fetchrow(_SQL["first_tag_fault"], workspace, head)
    if found is None:
        return  # some event carries a tag twice
    what = "has a row that no event carries" if found["is_surplus"] else "has no row"
    raise fault(found["position"], f"tag {found['tag']!r} {what}", RESTORE)


async def _check_keys(connection: Any, workspace: str) -> None:
    found = await connection.fetchrow(_SQL["first_key_fault"], workspace)
    if found is not None:
        stands = f"{found['first']} to {found['last']}"
        what = f"key {found['key']!r} stands for {stands}, which are not its own"
        raise fault(found["first"], what, RESTORE)
