"""Measures durable appends to the log of an embedded PostgreSQL that it starts and removes; no
other store is touched."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.made import history
from benchmarks.rows import Row, Size
from domain.dcb import DCBEvent
from domain.events import encode
from domain.kinds import ClaimRecorded
from infra.postgres import embedded
from infra.postgres.appender import Appender, AppendRequest
from infra.postgres.migrate import migrate
from infra.postgres.pool import open_pool
from infra.postgres.store import EventStore

CLAIMS = 5_000
TITLE = "Appending"
ABOUT = f"Durable appends to an embedded PostgreSQL, {CLAIMS:,} made claims."
CALLERS = (1, 32, 512)
PEER = """
CREATE TABLE plain (position bigint PRIMARY KEY, type text, data bytea, tags text[]);
"""
PEER_INSERT = "INSERT INTO plain VALUES ($1, $2, $3, $4)"


def measure(_size: Size) -> Iterator[Row]:
    """Events a second, and how long a caller waits, by the number of callers at a time."""
    folder = Path(tempfile.mkdtemp(prefix="a20-"))
    server = embedded.start(folder)
    try:
        yield from asyncio.run(_measure(server.dsn))
    finally:
        server.close()
        shutil.rmtree(folder)


async def _measure(dsn: str) -> list[Row]:
    await migrate(dsn)
    events = [encode(one.event) for one in history(CLAIMS) if isinstance(one.event, ClaimRecorded)]
    found = []
    async for name, value, unit in _appender(dsn, events):
        found.append(Row(what=name, unit=unit, ours=(value,)))
    found.append(await _peer(dsn, events[: CLAIMS // 10]))
    return found


async def _appender(dsn: str, events: list[DCBEvent]) -> AsyncIterator[tuple[str, float, str]]:
    pool = await open_pool(dsn)
    store, appender = EventStore(pool), Appender(pool)
    for callers in CALLERS:
        workspace = f"callers-{callers}"
        await store.add_workspace(workspace)
        some = events if callers > 1 else events[: CLAIMS // 10]

        async def append(event: DCBEvent, workspace: str = workspace) -> Any:
            return await appender.append(workspace, AppendRequest(events=(event,)))

        seconds, waits = await _timed(some, callers, append)
        words = f"{callers} caller{'s' if callers > 1 else ''}"
        yield f"append one claim at a time, {words}", len(some) / seconds, "events/s"
        yield f"half of these callers wait at most, {words}", waits[len(waits) // 2] * 1000, "ms"
        yield f"99 % of them wait at most, {words}", waits[len(waits) * 99 // 100] * 1000, "ms"
    await appender.close()
    await pool.close()


async def _peer(dsn: str, events: list[DCBEvent]) -> Row:
    """The plainest log: one table without conditions, keys or tags, one commit for each event."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(PEER)
    begun = time.perf_counter()
    for position, event in enumerate(events):
        await connection.execute(PEER_INSERT, position, event.type, event.data, event.tags)
    rate = len(events) / (time.perf_counter() - begun)
    await connection.close()
    return Row(what="one INSERT and one commit per event, 1 caller", unit="events/s", ours=(rate,))


async def _timed(
    events: list[DCBEvent], callers: int, append: Callable[[DCBEvent], Awaitable[Any]]
) -> tuple[float, list[float]]:
    """Seconds for all, and the sorted seconds of each, with `callers` waiting at a time."""
    left = iter(events)
    waits: list[float] = []

    async def call() -> None:
        for event in left:
            begun = time.perf_counter()
            await append(event)
            waits.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    return time.perf_counter() - begun, sorted(waits)
