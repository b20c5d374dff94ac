"""Connections of a pool: what their server processes keep."""

from pathlib import Path

from infra.postgres.log.appender import Appender
from infra.postgres.log.store import PAGE_EVENTS_COLUMNS, EventStore
from infra.postgres.pool import open_pool
from tests.infra.postgres.filling import append, claim, new_workspace

PAGES = 3
FAULTS_OF_A_PAGE_MAX = 20
"""A page of the log takes about eighty pages of memory for its bytes alone, and once more for each
time that they outgrow their place."""
SUMMARY_CHARACTERS = 400


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


def _faults(process: int) -> int:
    """How many pages of memory a process was given that it did not have, without the disk."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[7])
