"""Measures how views follow the log: rebuilding, the way from commit to view, waiting for one's own
write, taking over, idle workspaces; every figure on one embedded PostgreSQL."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from statistics import median
from typing import Any, Final
from uuid import uuid4

import asyncpg
import psutil

from benchmarks import peer_projection
from benchmarks.histories import encoded, events
from benchmarks.rows import ROUNDS, Row, Size
from benchmarks.server import SEED, WORKSPACE, database, history, projected
from domain.clocks import HEAD
from domain.dcb import DCBEvent
from domain.events import Recorded, encode
from domain.kinds import ClaimRecorded
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore
from infra.postgres.migrate import migrate
from infra.postgres.pool import open_pool
from infra.postgres.projecting.projector import LOCK_KEY, Projector
from infra.postgres.reading.claim_filter import ClaimFilter
from infra.postgres.reading.views import Views
from services.collecting import settle

TITLE = "Projecting"
ABOUT = (
    "Views of a made history (three events in five record a claim), every view there is, against "
    "the library's projection runner with one small view; PostgreSQL with fsync."
)
EVENTS: Final[dict[Size, int]] = {"quick": 10_000, "full": 100_000, "growth": 1_000_000}
"""As many as `reading` and `asking` are given: the history is made once for all of them."""
PEER_EVENTS: Final[dict[Size, int]] = {"quick": 800, "full": 4000, "growth": 4000}
"""What the library's runner is given in a round: its rate does not change with their number."""
PACE_PER_SECOND: Final = 1000
PACED_SECONDS: Final[dict[Size, float]] = {"quick": 0.5, "full": 5.0, "growth": 5.0}
OWN_WRITES: Final[dict[Size, int]] = {"quick": 40, "full": 200, "growth": 200}
PEER_WRITES: Final[dict[Size, int]] = {"quick": 4, "full": 20, "growth": 20}
IDLE_SECONDS: Final[dict[Size, float]] = {"quick": 0.7, "full": 4.0, "growth": 4.0}
SETTLE_SECONDS: Final = 1.2
IDLE_WORKSPACES: Final[dict[Size, int]] = {"quick": 50, "full": 1000, "growth": 1000}
TICK_SECONDS: Final = 1 / os.sysconf("SC_CLK_TCK")
"""The system counts processor time in ticks: less than one cannot be told from one."""
EVENTS_MADE: Final = 100_000
"""More than any round takes."""
READER_PAUSE_SECONDS: Final = 0.05
WAIT_SECONDS_MAX: Final = 60.0
PEER: Final = "the library's ProjectionRunner"


def measure(size: Size) -> Iterator[Row]:
    """Rebuilds with readers beside them, then the live path."""
    yield from _rebuilding(size)
    rounds = [asyncio.run(_paced(size)) for _ in range(ROUNDS[size])]
    yield Row(
        what=f"from commit to view at {PACE_PER_SECOND:,} events/s, median",
        unit="ms",
        ours=tuple(_percentile(waits, 0.5) for waits in rounds),
        is_less_better=True,
        p99=f"{median(_percentile(waits, 0.99) for waits in rounds):.1f} ms",
    )
    pairs = [(asyncio.run(_own_writes(size)), _library_writes(size)) for _ in range(ROUNDS[size])]
    yield Row(
        what="read one's own write: from its commit until its view is committed, median",
        unit="ms",
        ours=tuple(_percentile(ours, 0.5) for ours, _ in pairs),
        peer=f"{PEER}.wait",
        theirs=tuple(_percentile(theirs, 0.5) for _, theirs in pairs),
        is_less_better=True,
        target=12.0,
        p99=" / ".join(
            f"{median(_percentile(pair[side], 0.99) for pair in pairs):.1f}" for side in (0, 1)
        )
        + " ms",
    )
    yield Row(
        what="a second process leads after SIGKILL of the first",
        unit="s",
        ours=tuple(asyncio.run(_take_over()) for _ in range(ROUNDS[size])),
        is_less_better=True,
    )
    idle = [
        (asyncio.run(_idle(size, IDLE_WORKSPACES[size])), asyncio.run(_idle(size, 1)))
        for _ in range(ROUNDS[size])
    ]
    yield Row(
        what=f"processor time of a projector with {IDLE_WORKSPACES[size]:,} idle workspaces",
        unit="ms/s",
        ours=tuple(ours for ours, _ in idle),
        peer="the same with one",
        theirs=tuple(theirs for _, theirs in idle),
        is_less_better=True,
    )


def _rebuilding(size: Size) -> Iterator[Row]:
    count = EVENTS[size]
    dsn = database(like=history(count))
    asyncio.run(projected(dsn))  # so that there is something to read while they are built anew
    ours: list[float] = []
    cleared: list[float] = []
    theirs: list[float] = []
    beside: list[list[float]] = []
    alone: list[list[float]] = []
    for _ in range(ROUNDS[size]):
        swapped, whole, waits = asyncio.run(_rebuild(dsn, count))
        ours.append(count / swapped)
        cleared.append(whole - swapped)
        beside.append(waits)
        alone.append(asyncio.run(_read_alone(dsn)))
        theirs.append(_library_rate(PEER_EVENTS[size]))
    yield Row(
        what=f"rebuild every view from {count:,} events, readers served meanwhile",
        unit="events/s",
        ours=tuple(ours),
        peer=PEER,
        theirs=tuple(theirs),
        target=50.0,
        note=(
            f"until the new rows are read; the old ones are cleared away within"
            f" {max(cleared):.1f} s more. The peer was given {PEER_EVENTS[size]:,} events a round"
        ),
    )
    yield Row(
        what="a page of claims and a government's facts, read during a rebuild, median",
        unit="ms",
        ours=tuple(_percentile(waits, 0.5) for waits in beside),
        peer="the same reader without a rebuild",
        theirs=tuple(_percentile(waits, 0.5) for waits in alone),
        is_less_better=True,
        p99=f"{median(_percentile(waits, 0.99) for waits in beside):.1f} / "
        f"{median(_percentile(waits, 0.99) for waits in alone):.1f} ms",
    )


async def _rebuild(dsn: str, count: int) -> tuple[float, float, list[float]]:
    """Seconds until the swap, seconds in all, and how long whole answers took meanwhile."""
    process = await asyncio.create_subprocess_exec(
        *_command("rebuild", dsn), stdout=subprocess.PIPE
    )
    telling = asyncio.create_task(process.communicate())
    waits: list[float] = []
    async with _views(dsn) as views:
        while not telling.done():
            begun = time.perf_counter()
            if await _ask(views) == count:
                waits.append((time.perf_counter() - begun) * 1000)
            await asyncio.wait([telling], timeout=READER_PAUSE_SECONDS)
    told, _ = await telling
    position, swapped, whole = told.split()
    assert int(position) == count
    return float(swapped), float(whole), waits


async def _read_alone(dsn: str) -> list[float]:
    waits = []
    async with _views(dsn) as views:
        for _ in range(40):
            begun = time.perf_counter()
            await _ask(views)
            waits.append((time.perf_counter() - begun) * 1000)
            await asyncio.sleep(READER_PAUSE_SECONDS / 5)
    return waits


async def _ask(views: Views) -> int:
    """Read what a page shows, and return the position it stands for."""
    position, _, _ = await views.claims(WORKSPACE, HEAD, ClaimFilter(), after=None, limit=50)
    await views.facts(WORKSPACE, HEAD, government="TUV")
    return position


def _library_rate(count: int) -> float:
    """Events a second of the library's runner, from an empty view on."""
    dsn = database()
    events = peer_projection.stored(list(encoded(SEED, count)))
    with peer_projection.application(dsn) as app:
        for start in range(0, count, 1000):
            app.recorder.append(events[start : start + 1000])
    begun = time.perf_counter()
    with peer_projection.runner(dsn) as runner:
        runner.wait(count, timeout=WAIT_SECONDS_MAX)
        return count / (time.perf_counter() - begun)


async def _paced(size: Size) -> list[float]:
    """Milliseconds from each commit until whoever waits for its view is woken."""
    async with _house() as (appender, views):
        waits: list[float] = []

        async def one(event: Any) -> None:
            done = await appender.append(WORKSPACE, AppendRequest(events=(event,)))
            begun = time.perf_counter()
            await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS_MAX)
            waits.append((time.perf_counter() - begun) * 1000)

        count = round(PACE_PER_SECOND * PACED_SECONDS[size])
        begun = time.perf_counter()
        running = []
        for number, event in enumerate(islice(_claims(), 1, count + 1)):
            await asyncio.sleep(max(0.0, begun + number / PACE_PER_SECOND - time.perf_counter()))
            running.append(asyncio.create_task(one(event)))
        await asyncio.gather(*running)
        return waits


async def _own_writes(size: Size) -> list[float]:
    async with _house() as (appender, views):
        waits = []
        for event in islice(_claims(), 1, OWN_WRITES[size] + 1):
            done = await appender.append(WORKSPACE, AppendRequest(events=(event,)))
            begun = time.perf_counter()
            await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS_MAX)
            waits.append((time.perf_counter() - begun) * 1000)
        return waits


def _library_writes(size: Size) -> list[float]:
    count = PEER_WRITES[size]
    events = peer_projection.stored(list(islice(_claims(), count)))
    waits = []
    with peer_projection.runner(database()) as runner:
        for event in events:
            position = runner.app.recorder.append([event])
            begun = time.perf_counter()
            runner.wait(position, timeout=WAIT_SECONDS_MAX)
            waits.append((time.perf_counter() - begun) * 1000)
    return waits


async def _take_over() -> float:
    """Seconds from the death of the process that leads until another one does."""
    dsn = await _migrated()
    first = await asyncio.create_subprocess_exec(*_command("project", dsn))
    connection = await asyncpg.connect(dsn)
    leader = await _leader(connection, None)
    second = await asyncio.create_subprocess_exec(*_command("project", dsn))
    await asyncio.sleep(2)  # it starts, and asks for the lock in vain
    first.kill()
    begun = time.perf_counter()
    await _leader(connection, leader)
    seconds = time.perf_counter() - begun
    second.kill()
    await asyncio.gather(first.wait(), second.wait(), connection.close())
    return seconds


async def _leader(connection: Any, before: int | None) -> int:
    """The server process of whoever leads, as soon as it is another than `before`."""
    while True:
        pid: Any = await connection.fetchval(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32) + objid::bigint = $1",
            LOCK_KEY,
        )
        if pid not in (None, before):
            return int(pid)
        await asyncio.sleep(0.005)


async def _idle(size: Size, workspaces: int) -> float:
    """Milliseconds of processor time a second of an idle projector, its process alone."""
    dsn = await _migrated()
    pool = await open_pool(dsn)
    store, appender = EventStore(pool), Appender(pool)
    event = next(_claims())
    names = [f"w{uuid4().hex}" for _ in range(workspaces)]
    for name in names:
        await store.add_workspace(name)
        await appender.append(name, AppendRequest(events=(event,)))
    await appender.close()
    process = await asyncio.create_subprocess_exec(*_command("project", dsn))
    async with _views(dsn) as views:
        for name in names:
            await views.wait_for(name, 1, WAIT_SECONDS_MAX)
    await asyncio.sleep(SETTLE_SECONDS)
    watched = psutil.Process(process.pid)
    before = _spent(watched)
    await asyncio.sleep(IDLE_SECONDS[size])
    spent = _spent(watched) - before
    process.kill()
    await process.wait()
    await pool.close()
    return max(spent, TICK_SECONDS) / IDLE_SECONDS[size] * 1000


def _claims() -> Iterator[DCBEvent]:
    """Events that need no earlier one, whatever order they are appended in."""
    return (encode(one.event) for one in events(SEED, EVENTS_MADE) if _records(one))


def _records(one: Recorded) -> bool:
    return isinstance(one.event, ClaimRecorded)


@asynccontextmanager
async def _house() -> AsyncIterator[tuple[Appender, Views]]:
    """A log and a projector at work in this process, as a server has them."""
    dsn = await _migrated()
    pool = await open_pool(dsn)
    await EventStore(pool).add_workspace(WORKSPACE)
    listener = Listener(dsn)
    await listener.start()
    appender, views = Appender(pool), Views(pool, listener)
    projector = Projector(dsn, listener, views)
    running = asyncio.create_task(projector.run())
    for event in islice(_claims(), 1):  # its view is there as soon as it leads
        done = await appender.append(WORKSPACE, AppendRequest(events=(event,)))
        await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS_MAX)
    settle()  # as a server does when it begins
    yield appender, views
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await appender.close()
    await listener.close()
    await pool.close()


@asynccontextmanager
async def _views(dsn: str) -> AsyncIterator[Views]:
    pool = await open_pool(dsn)
    listener = Listener(dsn)
    await listener.start()
    yield Views(pool, listener)
    await listener.close()
    await pool.close()


async def _migrated() -> str:
    dsn = await asyncio.to_thread(database)
    await migrate(dsn)
    return dsn


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _command(work: str, dsn: str) -> tuple[str, ...]:
    return sys.executable, "-m", "benchmarks.projector", work, dsn


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
