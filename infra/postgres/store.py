"""Reads the log: by position, types and tags, in order, in bounded memory; it never writes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from domain.dcb import DCBQuery
from domain.errors import Article20Error, StoreUnavailable
from infra.postgres.pool import UNREACHABLE
from infra.postgres.queries import queries

PAGE_EVENTS: Final = 5000
"""How many events a stream holds at a time."""
LIMIT_NONE: Final = 2**62


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


class ReadBatch(msgspec.Struct, frozen=True):
    """Events in order and the head of the log, seen at one moment."""

    events: list[StoredEvent]
    head: int


class Keyed(msgspec.Struct, frozen=True):
    """What was appended under an idempotency key: for which body, and where it stands."""

    request_hash: bytes
    first: int
    last: int


class EventStore:
    """The log of every workspace, for reading."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool

    async def head(self, workspace: str) -> int:
        """The last position; NoWorkspace when there is no such workspace."""
        async with snapshot(self.pool, workspace) as connection:
            return await self._head(connection, workspace)

    async def read(
        self,
        workspace: str,
        query: DCBQuery | None = None,
        *,
        after: int = 0,
        limit: int | None = None,
    ) -> ReadBatch:
        """Events after a position that match a query, and the head seen with them."""
        async with snapshot(self.pool, workspace) as connection:
            head = await self._head(connection, workspace)
            count = LIMIT_NONE if limit is None else limit
            rows = await self._rows(connection, workspace, query, after, count)
        return ReadBatch([stored(row) for row in rows], head)

    async def keyed(self, workspace: str, key: str) -> Keyed | None:
        """What was appended under an idempotency key, or None."""
        async with snapshot(self.pool, workspace) as connection:
            row = await connection.fetchrow(queries("log")["keys"], workspace, [key])
        return None if row is None else Keyed(row["request_hash"], row["first"], row["last"])

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
        """Pages of events in order, up to a position or the head at the beginning."""
        last = await self.head(workspace) if until is None else until
        while after < last:
            batch = await self.read(workspace, query, after=after, limit=page_events)
            page = [event for event in batch.events if event.position <= last]
            if page:
                yield page
            if len(batch.events) < page_events or not page:
                return
            after = page[-1].position

    async def workspaces(self) -> list[tuple[str, int, datetime | None]]:
        """Every workspace with its head and the moment of its last event, by name."""
        async with self.pool.acquire() as connection:
            rows = await connection.fetch(queries("log")["workspaces"])
        return [(r["workspace"], r["head"], r["recorded_at"] if r["head"] else None) for r in rows]

    async def add_workspace(self, workspace: str) -> bool:
        """Make a workspace; False where it exists, InvalidWorkspace when that cannot name one."""
        try:
            async with self.pool.acquire() as connection:
                return bool(await connection.fetchval(queries("log")["add_workspace"], workspace))
        except asyncpg.CheckViolationError as error:
            raise InvalidWorkspace(workspace=workspace) from error

    async def _head(self, connection: Any, workspace: str) -> int:
        head = await connection.fetchval(queries("log")["head"], workspace)
        if head is None:
            raise NoWorkspace(workspace=workspace)
        return int(head)

    async def _rows(
        self, connection: Any, workspace: str, query: DCBQuery | None, after: int, limit: int
    ) -> list[Any]:
        items = query.items if query is not None else []
        plain = not items or any(not item.tags and not item.types for item in items)
        if plain:
            found = await connection.fetch(queries("log")["read_all"], workspace, after, limit)
        elif all(not item.tags for item in items):
            types = sorted({name for item in items for name in item.types})
            found = await connection.fetch(
                queries("log")["read_by_types"], workspace, after, limit, types
            )
        else:
            described = [{"types": item.types, "tags": item.tags} for item in items]
            found = await connection.fetch(
                queries("log")["read_by_items"],
                workspace,
                after,
                limit,
                msgspec.json.encode(described).decode(),
            )
        return list(found)


@asynccontextmanager
async def snapshot(pool: Any, workspace: str) -> AsyncIterator[Any]:
    """A connection in a read transaction that sees one workspace at one moment.

    StoreUnavailable when the server is away or goes away.
    """
    try:
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute(queries("log")["enter"], workspace)
            yield connection
    except UNREACHABLE as error:
        raise StoreUnavailable(reason=str(error) or type(error).__name__) from error


def stored(row: Any) -> StoredEvent:
    """A row of the log's queries as a struct."""
    position, id_, type_, data, tags, recorded_at, recorded_by = row
    return StoredEvent(position, id_, type_, data, tuple(tags), recorded_at, recorded_by)
