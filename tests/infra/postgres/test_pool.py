"""Connections of a pool: what their server processes keep, and who is turned away by the server."""

import asyncio
import socket
from pathlib import Path

import asyncpg
import pytest

from domain.errors import StoreUnavailable
from infra.postgres.embedded import EmbeddedServer
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import PAGE_EVENTS_COLUMNS, EventStore
from infra.postgres.pool import SENT_BYTES, connect, open_pool
from infra.postgres.scope import Entered
from tests.databases import name_of
from tests.infra.postgres.filling import append, claim, new_workspace

PAGES = 3
FAULTS_OF_A_PAGE_MAX = 20
"""A page of the log takes about eighty pages of memory for its bytes alone, and once more for each
time that they outgrow their place."""
SUMMARY_CHARACTERS = 400
BACKENDS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'article20'
"""
CANCELLED = 300
CANCELLED_APART_SECONDS = 0.00004


async def test_pages_of_the_log_are_made_in_memory_that_the_server_has_at_hand(
    dsn: str, store: EventStore, appender: Appender
) -> None:
    """Once some pages were read over a connection, its server process takes no memory anew from the
    kernel for the next ones."""
    workspace = await new_workspace(store)
    summary = "mines " * (SUMMARY_CHARACTERS // len("mines "))
    events = [
        claim(f"made-{place}", summary=summary) for place in range(PAGES * PAGE_EVENTS_COLUMNS)
    ]
    await append(appender, workspace, events)
    pool = await open_pool(dsn, connections_max=1)
    async with pool.acquire() as connection:
        process = await connection.fetchval("SELECT pg_backend_pid()")
    taken = []
    for _ in range(2):
        before = _faults(process)
        pages = [page.size async for page in EventStore(pool).pages(workspace)]
        taken.append((_faults(process) - before) / len(pages))
    assert pages == [PAGE_EVENTS_COLUMNS] * PAGES
    assert taken[-1] <= FAULTS_OF_A_PAGE_MAX
    await pool.close()


async def test_a_large_batch_is_taken_over_by_the_kernel_at_once(dsn: str) -> None:
    """To a server on this machine as much is on its way at a time as the system allows, and not as
    little as it gives by default."""
    pool = await open_pool(dsn, connections_max=1)
    async with pool.acquire() as connection:
        sending = connection._transport.get_extra_info("socket")
        taken = sending.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
    await pool.close()
    assert taken == 2 * min(SENT_BYTES, _sent_bytes_allowed())  # doubled, for what the kernel adds


def _sent_bytes_allowed() -> int:
    return int(Path("/proc/sys/net/core/wmem_max").read_text("ascii"))


@pytest.mark.parametrize("is_there", [True, False], ids=["closed", "not there"])
async def test_a_database_that_takes_no_connections_is_unavailable_until_it_does(
    server: EmbeddedServer, dsn: str, store: EventStore, *, is_there: bool
) -> None:
    """While a database is closed to connections or has another name, as when a backup is put in its
    place, who reads or writes is told to try again, not that something failed; then it goes on."""
    workspace = await new_workspace(store)
    pool = await open_pool(dsn)
    name, aside = name_of(dsn), f"{name_of(dsn)}_aside"
    admin = await asyncpg.connect(server.dsn)
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name
    )
    if not is_there:
        await admin.execute(f'ALTER DATABASE "{name}" RENAME TO "{aside}"')
    with pytest.raises(StoreUnavailable):
        await EventStore(pool).head(workspace)
    with pytest.raises(StoreUnavailable):
        async with Entered(pool, workspace):
            pass
    if not is_there:
        await admin.execute(f'ALTER DATABASE "{aside}" RENAME TO "{name}"')
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await admin.close()
    assert await EventStore(pool).head(workspace) == 0
    await pool.close()


async def test_a_connection_that_cannot_be_made_ready_is_not_kept(
    dsn: str, store: EventStore
) -> None:
    """Where the server cancels what makes a connection ready, or refuses it, whoever wanted it may
    try again and again: each one is ended."""
    admin = await asyncpg.connect(dsn)
    await admin.execute("REVOKE EXECUTE ON FUNCTION repeat(text, int) FROM PUBLIC")
    before = await admin.fetchval(BACKENDS)
    refusals = []  # which hold on to everything that was at hand where they were raised
    for _ in range(3):
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as refused:
            await connect(dsn)
        refusals.append(refused)
    async with asyncio.timeout(60):
        while await admin.fetchval(BACKENDS) > before:  # noqa: ASYNC110  # nobody tells of an end
            await asyncio.sleep(0.01)
    await admin.execute("GRANT EXECUTE ON FUNCTION repeat(text, int) TO PUBLIC")
    await admin.close()
    await (await connect(dsn)).close()


def _faults(process: int) -> int:
    """How many pages of memory a process was given that it did not have, without the disk."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[7])


async def test_whoever_is_cancelled_in_a_workspace_leaves_no_transaction_behind(
    pool: asyncpg.Pool, store: EventStore
) -> None:
    """At whatever moment a caller is cancelled, as all are when a server stops, its transaction is
    ended with it: the pool finds none that is open, and complains of nothing."""
    workspace = await new_workspace(store)
    complaints: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, complaint: complaints.append(complaint))

    async def look() -> None:
        async with Entered(pool, workspace) as connection:
            await connection.fetchval("SELECT pg_sleep(0.001)")

    moments = 0
    for turn in range(CANCELLED):
        looking = asyncio.create_task(look())
        await asyncio.sleep(turn % 100 * CANCELLED_APART_SECONDS)
        looking.cancel()
        (ended,) = await asyncio.gather(looking, return_exceptions=True)
        moments += isinstance(ended, asyncio.CancelledError)
    assert moments > 1
    assert complaints == []
