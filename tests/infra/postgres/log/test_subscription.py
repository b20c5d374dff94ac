"""Following the log: nothing is skipped or repeated, whatever becomes of connections, servers and
notifications."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import pytest

from domain.dcb import DCBEvent, DCBQuery, DCBQueryItem
from domain.errors import StoreUnavailable
from infra.postgres import embedded
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore, NoWorkspace
from infra.postgres.log.subscription import LogWentBack, follow
from infra.postgres.pool import open_pool
from tests import clusters
from tests.conftest import WORKSPACE

WAIT_SECONDS_MAX = 120


def noted(*tags: str) -> AppendRequest:
    """An append of one event."""
    return AppendRequest(events=(DCBEvent("noted.v1", b"", ["claim:a", *tags]),))


async def positions(pages: Any, until: int) -> list[int]:
    """The positions of the pages up to one that must come."""
    found: list[int] = []
    async with asyncio.timeout(WAIT_SECONDS_MAX), aclosing(pages):
        async for page in pages:
            found += [event.position for event in page]
            if found[-1] >= until:
                return found
    raise AssertionError("a subscription ended by itself")


@asynccontextmanager
async def writing(appender: Appender, times: int) -> AsyncIterator[asyncio.Task[None]]:
    """Appends, one after the other, that outlast a store that is away."""

    async def write() -> None:
        for number in range(times):
            while True:
                try:
                    await appender.append(WORKSPACE, noted(f"n:{number}"))
                    break
                except StoreUnavailable:
                    await asyncio.sleep(0.05)
            await asyncio.sleep(0.002)

    task = asyncio.create_task(write())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def terminate(dsn: str) -> None:
    """End every connection to the database but this one's."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


async def test_what_stands_comes_first_and_what_follows_as_it_comes(
    store: EventStore, appender: Appender, listener: Listener
) -> None:
    """From any position: the events that are there, then each new one soon after its append."""
    for _ in range(5):
        await appender.append(WORKSPACE, noted())
    pages = follow(store, listener, WORKSPACE, after=2, page_events=2)
    assert [event.position for event in await anext(pages)] == [3, 4]
    assert [event.position for event in await anext(pages)] == [5]
    coming = asyncio.ensure_future(anext(pages))
    await asyncio.sleep(0.1)
    assert not coming.done()
    await appender.append(WORKSPACE, noted())
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        assert [event.position for event in await coming] == [6]
    await pages.aclose()


async def test_only_what_matches_comes(
    store: EventStore, appender: Appender, listener: Listener
) -> None:
    """A query leaves out what it does not match, and the place among the others is kept."""
    about = DCBQuery([DCBQueryItem(tags=["gov:FIN"])])
    pages = follow(store, listener, WORKSPACE, about, page_events=2, poll_seconds=0.1)
    following = asyncio.create_task(positions(pages, until=12))
    for number in range(1, 13):
        await appender.append(WORKSPACE, noted("gov:FIN" if number % 3 == 0 else "gov:POL"))
    assert await following == [3, 6, 9, 12]


async def test_a_notification_that_is_lost_loses_no_event(
    dsn: str, store: EventStore, appender: Appender
) -> None:
    """With a listener that hears nothing at all, events come by looking now and then."""
    deaf = Listener(dsn)
    pages = follow(store, deaf, WORKSPACE, poll_seconds=0.05)
    following = asyncio.create_task(positions(pages, until=20))
    async with writing(appender, 20):
        assert await following == list(range(1, 21))


async def test_terminated_connections_skip_and_repeat_nothing(
    dsn: str, store: EventStore, appender: Appender, listener: Listener
) -> None:
    """While every connection is cut again and again, listening, reading and appending ones, each
    event comes exactly once and in order."""
    following = asyncio.create_task(positions(follow(store, listener, WORKSPACE), until=150))
    async with writing(appender, 150) as task:
        for _ in range(8):
            await asyncio.sleep(0.1)
            await terminate(dsn)
        await task
        found = await following
    assert found == list(range(1, len(found) + 1))


async def test_a_killed_server_that_comes_back_skips_and_repeats_nothing() -> None:
    """The server dies without a word and recovers: the subscription waits, then goes on where it
    was."""
    with TemporaryDirectory(prefix="a20-") as name:
        folder = Path(name)
        clusters.copied(folder)
        server = embedded.start(folder)
        pool = await open_pool(server.dsn)
        store, appender, listener = EventStore(pool), Appender(pool), Listener(server.dsn)
        await store.add_workspace(WORKSPACE)
        await listener.start()
        following = asyncio.create_task(positions(follow(store, listener, WORKSPACE), until=60))
        async with writing(appender, 60) as task:
            await asyncio.sleep(0.1)
            pid = int((folder / embedded.FOLDER / "postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.3)
            again = await asyncio.to_thread(embedded.start, folder)
            await task
            found = await following
        assert found == list(range(1, len(found) + 1))
        await appender.close()
        await listener.close()
        pool.terminate()
        again.close()
        server.close()


async def test_a_log_that_went_back_is_not_followed_on(
    dsn: str, store: EventStore, appender: Appender, listener: Listener
) -> None:
    """When an older backup was restored under a reader, it says so instead of waiting until the
    same positions come again with other events."""
    for _ in range(5):
        await appender.append(WORKSPACE, noted())
    pages = follow(store, listener, WORKSPACE, poll_seconds=0.05)
    await anext(pages)
    connection = await asyncpg.connect(dsn)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("DELETE FROM article20.event WHERE position > 3")
    await connection.execute("UPDATE article20.workspace SET head = 3")
    await connection.close()
    with pytest.raises(LogWentBack, match="ends at position 3, but was read up to 5"):
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            await anext(pages)


async def test_an_unknown_workspace_is_not_waited_for(
    store: EventStore, listener: Listener
) -> None:
    """A workspace that does not exist is an error at once."""
    with pytest.raises(NoWorkspace):
        await anext(follow(store, listener, "nowhere"))
