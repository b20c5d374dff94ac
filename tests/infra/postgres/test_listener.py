"""Hints about what was appended: they wake, come back after a lost connection, and may be lost."""

import asyncio

import asyncpg
import pytest

from domain.dcb import DCBEvent
from infra.postgres.listener import APPENDED, VIEWED, Listener
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore
from tests.conftest import WORKSPACE

REQUEST = AppendRequest(events=(DCBEvent("noted.v1", b"", ["claim:a"]),))
WAIT_SECONDS_MAX = 120


async def listening(listener: Listener) -> None:
    """Return once the listener listens."""
    for _ in range(WAIT_SECONDS_MAX * 100):
        if listener.is_listening:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


async def test_a_waiter_that_is_cancelled_as_its_hint_comes_ends(listener: Listener) -> None:
    """A stop that comes together with a hint is heard: whoever waits in a loop ends, and a process
    told to stop under load does not go on for ever."""
    for wait in (listener.wait(VIEWED, WORKSPACE, 60), listener.wait_any(VIEWED, 60)):
        listener.take_any(VIEWED)
        waiting = asyncio.ensure_future(wait)
        await asyncio.sleep(0)
        listener.wake(VIEWED, WORKSPACE)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_an_append_wakes_who_waits_for_its_workspace(
    store: EventStore, appender: Appender, listener: Listener
) -> None:
    """Everyone who waits for the workspace wakes, whoever waits for another sleeps on."""
    await listening(listener)
    waiting = [
        asyncio.ensure_future(listener.wait(APPENDED, WORKSPACE, WAIT_SECONDS_MAX))
        for _ in range(3)
    ]
    other = asyncio.ensure_future(listener.wait(APPENDED, "another", 0.5))
    await asyncio.sleep(0)
    await appender.append(WORKSPACE, REQUEST)
    assert await asyncio.gather(*waiting) == [True] * 3
    assert not await other


async def test_hints_about_any_workspace_are_gathered(
    store: EventStore, appender: Appender, listener: Listener
) -> None:
    """Who waits for any workspace is told which, each once."""
    await store.add_workspace("another")
    await listening(listener)
    woken: set[str] = set()
    for workspace in (WORKSPACE, "another", WORKSPACE):
        await appender.append(workspace, REQUEST)
    while woken != {WORKSPACE, "another"}:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            woken |= await listener.wait_any(APPENDED)


async def test_a_lost_notification_costs_a_moment(listener: Listener) -> None:
    """Who waits looks for itself after a while, and is told that no hint came."""
    await listening(listener)
    assert not await listener.wait(APPENDED, WORKSPACE, 0.05)
    assert await listener.wait_any(APPENDED, 0.05) == set()


async def test_it_listens_again_after_a_lost_connection(
    dsn: str, store: EventStore, appender: Appender, listener: Listener
) -> None:
    """When its connection is terminated it takes another, wakes everyone, as something may have
    been missed, and hears what comes."""
    await listening(listener)
    waiting = asyncio.ensure_future(listener.wait(APPENDED, WORKSPACE, WAIT_SECONDS_MAX))
    await asyncio.sleep(0)
    admin = await asyncpg.connect(dsn)
    ended = await admin.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )
    await admin.close()
    assert len(ended) == 1
    assert await waiting
    await listening(listener)
    waiting = asyncio.ensure_future(listener.wait(APPENDED, WORKSPACE, WAIT_SECONDS_MAX))
    await asyncio.sleep(0)
    await appender.append(WORKSPACE, REQUEST)
    assert await waiting
