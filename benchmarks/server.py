"""One PostgreSQL for a run of the benchmarks, durable as it is delivered, with databases that hold
made histories; started once, removed at the end. Everyone who is measured on PostgreSQL uses it."""

import asyncio
import atexit
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import asyncpg
import psutil

from benchmarks import timing
from benchmarks.histories import encoded
from infra.postgres import embedded
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore
from infra.postgres.migrate import migrate
from infra.postgres.pool import open_pool
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading.views import Views

WORKSPACE = "measured"
SEED = 20
LOAD_EVENTS = 1000
LOADS_IN_FLIGHT = 4
LOG_MIB = 1536
"""So much write-ahead log lies ready before anything is measured."""


@cache
def server() -> str:
    """The address of the server of this run, whose write-ahead log is in place."""
    folder = Path(tempfile.mkdtemp(prefix="a20-"))
    running = embedded.start(folder)
    asyncio.run(_fill_log(running.dsn))

    def remove() -> None:
        running.close()
        shutil.rmtree(folder)

    atexit.register(remove)
    return running.dsn


async def _fill_log(dsn: str) -> None:
    """Have the server make segments of its write-ahead log and keep them for use again, as one does
    that has run for a while: no commit that is measured waits for a new one, whoever's it is."""
    connection = await asyncpg.connect(dsn)
    for _ in range(LOG_MIB // embedded.WAL_SEGMENT_MIB):
        await connection.execute("SELECT pg_logical_emit_message(false, '', '')")
        await connection.execute("SELECT pg_switch_wal()")
    await connection.execute("CHECKPOINT")
    await connection.close()


def cpu_seconds() -> float:
    """The time of the processor that the server of this run has taken, with all its processes."""
    folder = Path(parse_qs(urlsplit(server()).query)["host"][0])
    postmaster = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
    gone = postmaster.cpu_times()
    running = 0.0
    for one in postmaster.children():
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile, and counts next time
            running += timing.cpu_seconds(one)
    return float(running + gone.children_user + gone.children_system)


def database(name: str | None = None, *, like: str | None = None) -> str:
    """The address of a new database: empty, or a copy of another."""
    return asyncio.run(_create(server(), name or f"m{uuid4().hex}", like))


def rest() -> None:
    """Have the server look through and write what was done in any database so far, so that nobody
    is measured beside that."""
    asyncio.run(_rest(server()))


@cache
def history(events: int) -> str:
    """The name of a database whose workspace `measured` holds a made history of so many events,
    without views; made once in a run. It is for copying: `database(like=history(10_000))`."""
    name = f"history_{events}"
    asyncio.run(_load(database(name), events))
    return name


def loaded(events: int) -> str:
    """The address of a new database that holds the same history, for those who write to it."""
    dsn = database()
    asyncio.run(_load(dsn, events))
    return dsn


@cache
def projected_history(events: int) -> str:
    """The address of a database that holds the same history with its views; made once in a run, for
    those who only read."""
    dsn = database(_projected_name(events), like=history(events))
    asyncio.run(projected(dsn))
    return dsn


def projected_copy(events: int) -> str:
    """The address of a copy of it, for those who write too; nobody may be connected to it
    meanwhile."""
    projected_history(events)
    return database(like=_projected_name(events))


def _projected_name(events: int) -> str:
    return f"projected_{events}"


async def _rest(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("SELECT datname FROM pg_database WHERE datallowconn")
    for (name,) in rows:
        one = await asyncpg.connect(_leading_to(dsn, name))
        await one.execute("VACUUM ANALYZE")
        await one.close()
    await connection.execute("CHECKPOINT")
    await connection.close()


async def projected(dsn: str) -> None:
    """Bring the views of a database up to its log."""
    pool, listener = await open_pool(dsn), Listener(dsn)
    await Projector(dsn, listener, Views(pool, listener)).rebuild(WORKSPACE)
    await pool.close()


async def _load(dsn: str, events: int) -> None:
    await migrate(dsn)
    pool = await open_pool(dsn)
    await EventStore(pool).add_workspace(WORKSPACE)
    appender = Appender(pool)
    made = encoded(SEED, events)
    running: set[asyncio.Task[object]] = set()
    while batch := tuple(islice(made, LOAD_EVENTS)):
        request = AppendRequest(events=batch, recorded_by="made")
        running.add(asyncio.create_task(appender.append(WORKSPACE, request)))
        if len(running) >= LOADS_IN_FLIGHT:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
    await asyncio.gather(*running)
    await appender.close()
    await pool.close()
    connection = await asyncpg.connect(dsn)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _create(dsn: str, name: str, like: str | None) -> str:
    connection = await asyncpg.connect(dsn)
    clause = f'TEMPLATE "{like}" STRATEGY file_copy' if like else ""
    await connection.execute(f'CREATE DATABASE "{name}" {clause}')
    await connection.close()
    return _leading_to(dsn, name)


def _leading_to(dsn: str, name: str) -> str:
    """The address of a database of the server, given that of its first."""
    return dsn.replace("/postgres?", f"/{name}?")
