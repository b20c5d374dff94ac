"""Reads the log: by position, types and tags, in order, in bounded memory; it never writes an
event."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from domain.claims import Status
from domain.dcb import DCBQuery, DCBQueryItem
from domain.errors import Article20Error
from domain.events import ClaimsDeclaredSame, ClaimsSeparated, Recorded, claim_tag, decode
from infra.postgres.log.names import checked, items
from infra.postgres.log.pages import Page, read_page
from infra.postgres.pool import HINDERED, unavailable
from infra.postgres.queries import queries

T = TypeVar("T")
PAGE_EVENTS: Final = 5000
"""How many events a stream holds at a time."""
PAGE_EVENTS_COLUMNS: Final = 640
"""How many events a page of columns holds, ten slices of `pages.SLICE_EVENTS`: so few that the
server makes each page in memory that it has. Where a value is longer than half a MiB, malloc gives
its pages back to the kernel and takes them anew for the next one, which doubles what an event
costs."""
_SQL: Final = queries("log")
_READING: Final[dict[str, Any]] = {"isolation": "repeatable_read", "readonly": True}


class NoWorkspace(Article20Error):
    """There is no workspace {workspace!r}. Make it with `article20 workspace add {workspace}`."""

    slug, status = "no-workspace", 404


class InvalidWorkspace(Article20Error):
    """{workspace!r} cannot name a workspace. Use up to 63 small letters, digits and dashes,
    beginning with a letter or digit."""

    slug, status = "invalid-workspace", 422


class StoredEvent(msgspec.Struct, frozen=True):
    """One row of the log; `data` is encoded, see `domain.events.decode`."""

    position: int
    id: UUID
    type: str
    data: bytes
    tags: tuple[str, ...]
    recorded_at: datetime
    recorded_by: str


def opened(stored: StoredEvent) -> Recorded:
    """The event inside a stored row; UndecodableEvent when it cannot be read."""
    return decode(
        stored.type,
        stored.data,
        position=stored.position,
        recorded_at=stored.recorded_at,
        recorded_by=stored.recorded_by,
    )


class ReadBatch(msgspec.Struct, frozen=True):
    """Events in order and the head of the log, seen at one moment."""

    events: list[StoredEvent]
    head: int


class Keyed(msgspec.Struct, frozen=True):
    """What stands under an idempotency key: for which body, and where.

    `answered`: the status that was answered, where nothing was appended under the key.
    """

    key: str
    request_hash: bytes
    first: int
    last: int
    answered: Status | None = None


class EventStore:
    """The log of every workspace, for reading."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool

    async def head(self, workspace: str) -> int:
        """The last position; NoWorkspace when there is no such workspace."""
        async with connected(self.pool) as connection:
            head = await connection.fetchval(_SQL["head"], workspace)
        if head is None:
            raise NoWorkspace(workspace=workspace)
        return int(head)

    async def read(
        self,
        workspace: str,
        query: DCBQuery | None = None,
        *,
        after: int = 0,
        limit: int | None = None,
    ) -> ReadBatch:
        """Events after a position that match a query, and the head seen with them, in one round
        trip.

        An event matches an item when its type is one of the item's (or the item names none) and it
        carries all of the item's tags; it matches a query when it matches any of its items (or
        there are none). In the tags of an item the most selective comes first.
        """
        types, tags = items(query)
        async with connected(self.pool) as connection:
            rows = await connection.fetch(_SQL["read"], workspace, after, limit, types, tags)
        if not rows:
            raise NoWorkspace(workspace=workspace)
        head: int = rows[0][0]
        return ReadBatch([stored(row) for row in rows[1:]], head)

    async def about(
        self,
        workspace: str,
        claims: Iterable[str],
        until: int,
        *,
        held: Iterable[Recorded] = (),
        after: int = 0,
    ) -> list[Recorded]:
        """The events up to a position about some claims, and about what was ever declared the same
        as them, in order; UndecodableEvent. `held`: all events about those claims up to the
        position `after`, which are not read again."""
        found = {one.position: one for one in held}
        known, sought = set[str](), set(claims)
        others = {claim for one in found.values() for claim in _declared(one)} - sought
        while sought:
            query = DCBQuery([DCBQueryItem(tags=[claim_tag(claim)]) for claim in sorted(sought)])
            batch = await self.read(workspace, query, after=after)
            known |= sought
            sought, others, after = others, set(), 0
            for one in batch.events:
                if one.position > until or one.position in found:
                    continue
                found[one.position] = recorded = decode(
                    one.type,
                    one.data,
                    position=one.position,
                    recorded_at=one.recorded_at,
                    recorded_by=one.recorded_by,
                )
                sought |= _declared(recorded) - known
        return [found[position] for position in sorted(found)]

    async def keyed(self, workspace: str, key: str) -> Keyed | None:
        """What stands under an idempotency key, or None."""
        return (await self.keyed_by(workspace, key)).get(key)

    async def keyed_by(self, workspace: str, *keys: str) -> dict[str, Keyed]:
        """What stands under some idempotency keys, by key; nothing for those that stand for
        nothing."""
        async with snapshot(self.pool, workspace) as connection:
            rows = await connection.fetch(_SQL["keys"], workspace, keys)
        return {
            row["key"]: Keyed(
                row["key"], row["request_hash"], row["first"], row["last"], row["answered"]
            )
            for row in rows
        }

    async def remember(self, workspace: str, keys: Sequence[Keyed]) -> set[str]:
        """Let keys stand for positions there are, for ever, though nothing is appended under them.

        The ones that stand for another body already, which they go on doing.
        """
        async with connected(self.pool) as connection:
            rows = await connection.fetch(
                _SQL["remember"],
                workspace,
                [checked(key.key, "an idempotency key") for key in keys],
                [key.request_hash for key in keys],
                [key.last for key in keys],
                [key.answered for key in keys],
            )
        return {row["key"] for row in rows}

    async def at(self, workspace: str, position: int) -> StoredEvent | None:
        """The event at a position, or None."""
        batch = await self.read(workspace, after=position - 1, limit=1)
        found = batch.events[0] if batch.events else None
        return found if found is not None and found.position == position else None

    async def stream(
        self,
        workspace: str,
        query: DCBQuery | None = None,
        *,
        after: int = 0,
        until: int | None = None,
        page_events: int = PAGE_EVENTS,
    ) -> AsyncIterator[list[StoredEvent]]:
        """Pages of events in order, up to a position or the head at the beginning, in bounded
        memory."""
        last = until
        while last is None or after < last:
            batch = await self.read(workspace, query, after=after, limit=page_events)
            last = batch.head if last is None else last
            page = batch.events
            if page and page[-1].position > last:
                page = [event for event in page if event.position <= last]
            if page:
                yield page
            if len(batch.events) < page_events or not page:
                return
            after = page[-1].position

    async def pages(
        self,
        workspace: str,
        *,
        after: int = 0,
        until: int | None = None,
        page_events: int = PAGE_EVENTS_COLUMNS,
    ) -> AsyncGenerator[Page]:
        """All events in order as columns, up to a position or the head at the beginning: the quick
        way to read the log as a whole.

        The next page is on its way while one is worked on; two are held at a time. NoWorkspace,
        GapInLog.
        """
        coming: asyncio.Task[Page] | None = None
        try:
            while until is None or after < until:
                limit = page_events if until is None else min(page_events, until - after)
                page = await (coming or self._page(workspace, after, limit))
                coming = None
                if until is None:
                    until = page.head
                if not page.last:
                    return
                after = page.last
                if after < until:
                    limit = min(page_events, until - after)
                    coming = await asked(self._page(workspace, after, limit))
                yield page
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    async def _page(self, workspace: str, after: int, limit: int) -> Page:
        async with connected(self.pool) as connection:
            page = await read_page(connection, workspace, after, limit)
        if page is None:
            raise NoWorkspace(workspace=workspace)
        return page

    async def recorded(
        self,
        workspace: str,
        *,
        after: int = 0,
        until: int | None = None,
        page_events: int = PAGE_EVENTS_COLUMNS,
    ) -> AsyncGenerator[list[Recorded]]:
        """All events in order, decoded, some at a time; see `pages`. UndecodableEvent.

        Whoever is done with some before taking the next reads three times as fast as who gathers
        them.
        """
        async for page in self.pages(workspace, after=after, until=until, page_events=page_events):
            for some in page.slices():
                yield some

    async def workspaces(self) -> list[tuple[str, int, datetime | None]]:
        """Every workspace with its head and the moment of its last event, by name."""
        async with connected(self.pool) as connection:
            rows = await connection.fetch(_SQL["workspaces"])
        return [(r["workspace"], r["head"], r["recorded_at"] if r["head"] else None) for r in rows]

    async def add_workspace(self, workspace: str) -> bool:
        """Make a workspace; False where it exists, InvalidWorkspace when that cannot name one."""
        try:
            async with connected(self.pool) as connection:
                return bool(await connection.fetchval(_SQL["add_workspace"], workspace))
        except asyncpg.CheckViolationError as error:
            raise InvalidWorkspace(workspace=workspace) from error


def _declared(recorded: Recorded) -> set[str]:
    """The two claims that an event declares the same, or separates."""
    event = recorded.event
    if isinstance(event, ClaimsDeclaredSame | ClaimsSeparated):
        return {event.claim, event.other}
    return set()


async def asked(question: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A question that the server works on from now on, though nobody waits for its answer yet."""
    asking = asyncio.create_task(question)
    try:
        await asyncio.sleep(0)  # so that it is sent before this loop is busy with something else
    except asyncio.CancelledError:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        raise
    return asking


@asynccontextmanager
async def connected(pool: Any) -> AsyncIterator[Any]:
    """A connection of the pool, for one statement; StoreUnavailable when the server is away, goes
    away or is hindered."""
    try:
        async with pool.acquire() as connection:
            yield connection
    except HINDERED as error:
        raise unavailable(error) from error


@asynccontextmanager
async def snapshot(pool: Any, workspace: str) -> AsyncIterator[Any]:
    """A connection in a read transaction that sees one workspace at one moment.

    StoreUnavailable when the server is away, goes away or is hindered.
    """
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(connected(pool))
        try:
            await stack.enter_async_context(connection.transaction(**_READING))
        except asyncpg.ActiveSQLTransactionError:
            # Whoever had it before was cancelled when a statement was prepared and not yet sent:
            # asyncpg leaves that open on the server. Given back, it is ended.
            await stack.aclose()
            connection = await stack.enter_async_context(connected(pool))
            await stack.enter_async_context(connection.transaction(**_READING))
        await connection.execute(_SQL["enter"], workspace)
        yield connection


def stored(row: Any) -> StoredEvent:
    """A row of the log's queries as a struct."""
    position, id_, type_, data, tags, recorded_at, recorded_by = row
    return StoredEvent(position, id_, type_, data, tuple(tags), recorded_at, recorded_by)
