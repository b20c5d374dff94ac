"""One projector at a time: taking over, fencing, lost notifications and connections, many
workspaces."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from domain.clocks import HEAD
from domain.errors import StillBehind
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import LOCK_KEY, Projector
from infra.postgres.projecting.view_rows import VIEWS, Folded, GovernmentsView
from infra.postgres.proving.verify import verify
from infra.postgres.reading.views import Views
from projections.histories import believed
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import append, claim, new_workspace, replayed, rows_of, running

ROOT = Path(__file__).resolve().parents[4]
WAIT_SECONDS = 120.0
LOCK_LIFE_SECONDS = 3.0


async def leader_pid(dsn: str) -> int | None:
    """The server process whose session holds the projector's lock."""
    connection = await asyncpg.connect(dsn)
    try:
        pid: int | None = await connection.fetchval(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32) + objid::bigint = $1",
            LOCK_KEY,
        )
        return pid
    finally:
        await connection.close()


async def led(dsn: str, *, not_by: int | None = None) -> int:
    """Wait until a projector leads, another than `not_by`, and return its server process."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            pid = await leader_pid(dsn)
            if pid is not None and pid != not_by:
                return pid
            await asyncio.sleep(0.05)


@asynccontextmanager
async def process(dsn: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A projector in a process of its own, killed at the end."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.infra.postgres.project", dsn, str(LOCK_LIFE_SECONDS), cwd=ROOT
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def assert_equal_to_replay(store: EventStore, views: Views, workspace: str) -> None:
    """Views at the head equal a replay, and the store verifies."""
    position, held = await views.versions(workspace, HEAD)
    assert held == believed(await replayed(store, workspace, position), HEAD)
    async for _ in verify(store, views, workspace):
        pass


async def test_of_two_projectors_one_writes(
    dsn: str, store: EventStore, appender: Appender, pool: Any, listener: Listener, views: Views
) -> None:
    """While both run, one leads, every event is digested once, and the epoch moves once."""
    first, second = (Projector(dsn, listener, Views(pool, listener)) for _ in range(2))
    async with running(first, second):
        for number in range(40):
            done = await append(appender, WORKSPACE, [claim(f"c-{number}")])
            await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS)
            assert first.is_leading != second.is_leading
        assert (await views.watermark(WORKSPACE)).epoch == 1
    await assert_equal_to_replay(store, views, WORKSPACE)


async def test_another_process_takes_over_from_one_that_is_killed(
    dsn: str, store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """SIGKILL of the leading process, again and again: another leads, nothing is lost or
    twice."""
    async with process(dsn) as leader:
        before = await led(dsn)
        async with running(projector):
            writing = asyncio.create_task(_write(appender, 150))
            await views.wait_for(WORKSPACE, 20, WAIT_SECONDS)
            leader.send_signal(signal.SIGKILL)
            await led(dsn, not_by=before)
            await leader.wait()
            await writing
            await views.wait_for(WORKSPACE, 150, WAIT_SECONDS)
    await assert_equal_to_replay(store, views, WORKSPACE)


async def _write(appender: Appender, count: int, name: str = "c") -> None:
    for number in range(count):
        await append(appender, WORKSPACE, [claim(f"{name}-{number}")])


async def test_a_process_that_was_paused_past_the_life_of_its_lock_wakes_as_a_stale_one(
    dsn: str, store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """SIGSTOP of the leader in the middle of its work: another takes over; when it goes on, it
    harms nothing."""
    async with process(dsn) as leader:
        before = await led(dsn)
        async with running(projector):
            await _write(appender, 20)
            leader.send_signal(signal.SIGSTOP)
            writing = asyncio.create_task(_write(appender, 100, "later"))
            await led(dsn, not_by=before)
            await views.wait_for(WORKSPACE, 60, WAIT_SECONDS)
            leader.send_signal(signal.SIGCONT)
            await writing
            await views.wait_for(WORKSPACE, 120, WAIT_SECONDS)
    await assert_equal_to_replay(store, views, WORKSPACE)


async def test_a_stale_epoch_writes_nothing(
    dsn: str, store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """Who began an earlier epoch is fenced off, rows and all, though it notices nothing."""
    await append(appender, WORKSPACE, [claim("c-0")])
    async with projector._session() as stale, projector._session() as fresh:
        old = await projector._hold(stale, WORKSPACE)
        new = await projector._hold(fresh, WORKSPACE)
        assert (old.epoch, new.epoch) == (1, 2)
        assert await projector._step(stale, old) is None
        assert (await views.watermark(WORKSPACE)).position == 0
        assert not any((await rows_of(store, WORKSPACE)).values())
        assert await projector._step(fresh, new) is new
        await append(appender, WORKSPACE, [claim("c-1")])
        assert await projector._step(stale, old) is None
        await projector._step(fresh, new)
    await assert_equal_to_replay(store, views, WORKSPACE)


async def test_a_projector_that_is_fenced_off_begins_anew(
    store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """A rebuild beside a running projector begins an epoch; the projector goes on in the next
    one."""
    async with running(projector):
        for number in range(5):
            done = await append(appender, WORKSPACE, [claim(f"c-{number}")])
            await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS)
            await projector.rebuild(WORKSPACE)
        done = await append(appender, WORKSPACE, [claim("last")])
        await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS)
    await assert_equal_to_replay(store, views, WORKSPACE)


async def test_a_lost_notification_costs_about_a_second(
    dsn: str, pool: Any, store: EventStore, appender: Appender, views: Views
) -> None:
    """A projector that hears nothing finds what is behind by looking."""
    deaf = Listener(dsn)
    async with running(Projector(dsn, deaf, Views(pool, deaf))):
        await led(dsn)
        for number in range(2):
            done = await append(appender, WORKSPACE, [claim(f"c-{number}")])
            await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS)
    await assert_equal_to_replay(store, views, WORKSPACE)


async def test_a_lost_connection_is_made_anew(
    dsn: str, store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """The server ends the projector's session under load; it leads again and misses nothing."""
    admin = await asyncpg.connect(dsn)
    async with running(projector):
        writing = asyncio.create_task(_write(appender, 100))
        for _ in range(3):
            await admin.execute("SELECT pg_terminate_backend($1)", await led(dsn))
            await asyncio.sleep(0.1)
        await writing
        await views.wait_for(WORKSPACE, 100, WAIT_SECONDS)
    await admin.close()
    await assert_equal_to_replay(store, views, WORKSPACE)


class Watched(GovernmentsView):
    """The view of governments, which notes whose batches it was given, in order."""

    def __init__(self) -> None:
        self.given: list[str] = []

    async def write(self, connection: Any, workspace: str, generation: int, folded: Folded) -> None:
        """Write, and note it."""
        self.given.append(workspace)
        await super().write(connection, workspace, generation, folded)


async def test_workspaces_are_projected_in_turns(
    dsn: str, store: EventStore, appender: Appender, listener: Listener, views: Views
) -> None:
    """Of workspaces with much to digest none gets two batches before every other has had one."""
    others = [await new_workspace(store) for _ in range(2)]
    sizes = {WORKSPACE: 300, others[0]: 40, others[1]: 10}
    for name, size in sizes.items():
        await append(appender, name, [claim(f"c-{n}") for n in range(size)])
    watched = Watched()
    projector = Projector(
        dsn, listener, views, written=(VIEWS[0], watched), events_max=10, bulk_min=10_000
    )
    async with running(projector):
        await views.wait_for(WORKSPACE, sizes[WORKSPACE], WAIT_SECONDS)
    given = watched.given
    assert {name: given.count(name) for name in sizes} == {
        name: size // 10 for name, size in sizes.items()
    }
    assert set(given[:3]) == set(sizes)
    assert given[3:9] == [name for name in given[:3] if name != others[1]] * 3
    assert set(given[9:]) == {WORKSPACE}


async def test_idle_workspaces_are_not_touched(
    store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """Of many workspaces only those with events get a watermark."""
    idle = [await new_workspace(store) for _ in range(30)]
    async with running(projector):
        done = await append(appender, WORKSPACE, [claim()])
        await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS)
        assert {(await views.watermark(name)).epoch for name in idle} == {0}


async def test_catching_up_waits_for_whoever_projects(
    dsn: str, appender: Appender, projector: Projector, pool: Any, listener: Listener
) -> None:
    """A command beside a running server does not project itself, and gives up on time."""
    done = await append(appender, WORKSPACE, [claim()])
    other = Projector(dsn, listener, Views(pool, listener))
    async with running(projector):
        assert await other.catch_up(WORKSPACE, wait_seconds=WAIT_SECONDS) == done.last
    holder = await asyncpg.connect(dsn)
    async with asyncio.timeout(WAIT_SECONDS):
        await holder.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
    await append(appender, WORKSPACE, [claim("c-2")])
    with pytest.raises(StillBehind, match="reached position 1, not yet 2"):
        await other.catch_up(WORKSPACE, wait_seconds=0.2)
    await holder.close()
