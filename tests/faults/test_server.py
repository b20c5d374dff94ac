"""PostgreSQL itself: killed again and again under load, and cut off connection by connection."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from domain.errors import StoreUnavailable
from infra.postgres import embedded
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender
from infra.postgres.log.lineage import Lineage
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading.views import Views
from tests import clusters
from tests.conftest import WORKSPACE
from tests.faults.proof import Acknowledged, load, prove, record
from tests.infra.postgres.filling import running

KILLS = 20
ACKNOWLEDGED_BETWEEN_KILLS = 20
CUTS = 4
LOOKS_MAX = 20_000


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder of its own, for a server that nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="a20-"))
    clusters.copied(folder)
    yield folder
    shutil.rmtree(folder)


class Parts:
    """What a serving process is made of, over one database."""

    def __init__(self, dsn: str, pool: Any, listener: Listener, lineage: Lineage) -> None:
        self.pool, self.listener = pool, listener
        self.appender = Appender(pool, lineage=lineage)
        self.store = EventStore(pool)
        self.views = Views(pool, listener, lineage)
        self.projector = Projector(dsn, listener, self.views)


@asynccontextmanager
async def parts(dsn: str) -> AsyncIterator[Parts]:
    """They work while the block lasts: an appender, a listener and a projector."""
    lineage = Lineage()
    listener = Listener(dsn)
    made = Parts(dsn, await open_pool(dsn, check=lineage.check), listener, lineage)
    await made.store.add_workspace(WORKSPACE)
    await listener.start()
    async with running(made.projector):
        yield made
    await made.appender.close()
    await listener.close()
    made.pool.terminate()


def kill(folder: Path) -> None:
    """Kill the postmaster, as the kernel would when memory runs out."""
    pid = (folder / embedded.FOLDER / "postmaster.pid").read_text().splitlines()[0]
    os.kill(int(pid), signal.SIGKILL)


async def test_a_server_killed_twenty_times_loses_nothing(folder: Path) -> None:
    """Under load the server dies and recovers, twenty times, while callers, views and listener
    find it again by themselves."""
    servers = [await asyncio.to_thread(embedded.start, folder)]
    dsn = servers[0].dsn
    acknowledged: Acknowledged = {}
    async with parts(dsn) as made, load(made.appender, acknowledged) as more:
        for _ in range(KILLS):
            await more(ACKNOWLEDGED_BETWEEN_KILLS)
            kill(folder)
            servers.append(await asyncio.to_thread(embedded.start, folder))
        await more(ACKNOWLEDGED_BETWEEN_KILLS)
    assert await prove(dsn, acknowledged) >= KILLS * ACKNOWLEDGED_BETWEEN_KILLS
    for server in servers:
        server.close()


KINDS = {
    "appender": ("%FROM append\\_%", 0),
    "reader": ("%read_events%", 0),
    "listener": ("LISTEN%", 0),
    "projector": ("%", 1),
    "rebuild": ("%", 2),
}
"""How the backend of each kind of connection is known: by its query, or by the form of the advisory
lock it holds."""
CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity a
WHERE pid <> pg_backend_pid() AND datname = current_database() AND application_name = 'article20'
    AND query LIKE $1 AND ($2 = 0 OR EXISTS (
        SELECT FROM pg_locks l
        WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.objsubid = $2))
"""


async def read_on(store: EventStore, read: list[int], ended: asyncio.Event) -> None:
    """Read the log for ever, from where the last answer ended."""
    while not ended.is_set():
        try:
            batch = await store.read(WORKSPACE, after=len(read), limit=50)
        except StoreUnavailable:
            continue
        read.extend(event.position for event in batch.events)
        await asyncio.sleep(0.001)


async def rebuild_on(projector: Projector, ended: asyncio.Event) -> None:
    """Build all views anew for ever; a cut is a refusal of ours, not the driver's."""
    while not ended.is_set():
        with suppress(StoreUnavailable):
            await projector.rebuild(WORKSPACE)
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", KINDS)
async def test_any_connection_may_be_cut(dsn: str, kind: str) -> None:
    """While claims are recorded, read, listened for, projected and built anew, one kind of
    connection is terminated again and again: who used it goes on, and a reader skips and repeats
    nothing."""
    acknowledged: Acknowledged = {}
    read: list[int] = []
    ended = asyncio.Event()
    admin = await asyncpg.connect(dsn)
    async with parts(dsn) as made, load(made.appender, acknowledged) as more:
        others = asyncio.gather(read_on(made.store, read, ended), rebuild_on(made.projector, ended))
        await more(20)
        for _ in range(CUTS):
            cut = 0
            for _ in range(LOOKS_MAX):  # until there is one to cut
                if cut := await admin.fetchval(CUT, *KINDS[kind]):
                    break
                await asyncio.sleep(0.005)
            assert cut
            await more(20)
        ended.set()
        await others
    await admin.close()
    head = await prove(dsn, acknowledged)
    assert read == list(range(1, len(read) + 1))
    assert 0 < len(read) <= head


async def test_building_anew_keeps_off_what_a_projector_begins(dsn: str) -> None:
    """In a workspace without views a rebuild leaves the rows alone that a projector may be writing
    meanwhile, under whatever state it had seen."""
    lineage = Lineage()
    listener = Listener(dsn)
    made = Parts(dsn, await open_pool(dsn, check=lineage.check), listener, lineage)
    await made.store.add_workspace(WORKSPACE)
    acknowledged: Acknowledged = {}
    await record(made.appender, "one", acknowledged)
    await made.projector.rebuild(WORKSPACE)
    admin = await asyncpg.connect(dsn)
    generations = await admin.fetch("SELECT DISTINCT generation FROM article20.view_state")
    await admin.close()
    assert {row[0] for row in generations} == {2}
    await made.appender.close()
    made.pool.terminate()
    await prove(dsn, acknowledged)
