"""What hinders the log without killing anybody: a full disk, locks and slow statements, lost
notifications, a clock set back, and appends of unusual size."""

import asyncio
import os
import pwd
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from domain.errors import StoreFull, StoreUnavailable
from domain.events import encode
from infra.postgres import embedded
from infra.postgres import pool as pools
from infra.postgres.desk.audit import Audit, AuditLine
from infra.postgres.embedded import SYSTEM_USER, EmbeddedServer
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading.views import Views
from tests import clusters
from tests.conftest import WORKSPACE
from tests.databases import name_of
from tests.faults.proof import Acknowledged, load, prove, record, recording
from tests.infra.postgres.filling import claim, running

MEBIBYTE = 1024 * 1024


def large(name: str, size_bytes: int) -> AppendRequest:
    """The request that records a claim of at least so many bytes, which do not compress."""
    event = msgspec.structs.replace(claim(name), summary=os.urandom(size_bytes // 2).hex())
    return AppendRequest(events=(encode(event),), key=f"lost:{name}", recorded_by="test")


async def fill(appender: Appender, acknowledged: Acknowledged, size_bytes: int) -> None:
    """Record large claims until the log refuses one."""
    for number in range(1000):
        name = f"large-{number}"
        done = await appender.append(WORKSPACE, large(name, size_bytes))
        acknowledged[name] = done.first


async def fill_audit(audit: Audit) -> None:
    """Write lines beside the log until there is no room for another."""
    for _ in range(10_000):
        await audit.write(WORKSPACE, AuditLine(action="exported", by="test", subject="all"))


def mounted(folder: Path, size_bytes: int) -> bool:
    """Whether a small disk could be put at a folder; only some may."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "article20-tests", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk() -> Iterator[Path | None]:
    """A folder on a disk of 64 MiB that belongs to PostgreSQL; None where mounting is refused."""
    folder = Path(tempfile.mkdtemp(prefix="a20-"))
    try:
        if os.geteuid() != 0 or not mounted(folder, 64 * MEBIBYTE):
            yield None
            return
        user = pwd.getpwnam(SYSTEM_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
        yield folder
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    finally:
        shutil.rmtree(folder)


def take_what_is_left(disk: Path) -> Path:
    """A file that leaves no room on a disk."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file, suppress(OSError):
        while True:
            file.write(bytes(MEBIBYTE))
            file.flush()
    return ballast


async def test_a_full_disk_refuses_and_loses_nothing(
    server: EmbeddedServer, dsn: str, small_disk: Path | None
) -> None:
    """When the disk of the tables is full, appends are refused as what may be tried again, and so
    is what stands beside the log; with room they are recorded again, and what was acknowledged
    before stands."""
    if small_disk is None:
        return  # whoever may not mount has the next test
    admin = await asyncpg.connect(server.dsn)
    await admin.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
    await admin.execute(f'ALTER DATABASE "{name_of(dsn)}" SET TABLESPACE small')
    pool = await open_pool(dsn, connections_max=2)
    await EventStore(pool).add_workspace(WORKSPACE)
    appender = Appender(pool)
    acknowledged: Acknowledged = {}
    await record(appender, "before", acknowledged)
    ballast = take_what_is_left(small_disk)
    with pytest.raises(StoreFull, match="No space left on device"):
        await fill(appender, acknowledged, MEBIBYTE)
    refused = len(acknowledged)
    with pytest.raises(StoreFull, match="No space left on device"):
        await fill_audit(Audit(pool))
    ballast.unlink()
    await asyncio.gather(*(record(appender, f"after-{n}", acknowledged) for n in range(5)))
    await appender.close()
    await pool.close()
    assert await prove(dsn, acknowledged) == refused + 5
    await admin.execute(f'ALTER DATABASE "{name_of(dsn)}" SET TABLESPACE pg_default')
    await admin.execute("DROP TABLESPACE small")
    await admin.close()


@contextmanager
def files_no_larger_than(size_bytes: int) -> Iterator[None]:
    """What is started meanwhile may write no larger file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_tables_that_cannot_grow_refuse_and_lose_nothing() -> None:
    """The same without a disk to fill: the system refuses the server's files to grow, until it is
    started again."""
    folder = Path(tempfile.mkdtemp(prefix="a20-"))
    clusters.copied(folder)
    with files_no_larger_than(17 * MEBIBYTE):  # one more than a file of the WAL
        running_ = embedded.start(folder)
    pool = await open_pool(running_.dsn)
    await EventStore(pool).add_workspace(WORKSPACE)
    appender = Appender(pool)
    acknowledged: Acknowledged = {}
    with pytest.raises(StoreUnavailable, match="File too large"):
        await fill(appender, acknowledged, MEBIBYTE)
    refused = len(acknowledged)
    running_.close()
    again = embedded.start(folder)
    await asyncio.gather(*(record(appender, f"after-{n}", acknowledged) for n in range(5)))
    await appender.close()
    await pool.close()
    assert await prove(again.dsn, acknowledged) == refused + 5
    again.close()
    shutil.rmtree(folder)


async def test_a_lock_that_is_not_given_back_is_refused_in_time(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody sits on the head row, appends are refused after a bounded wait, and recorded
    once it is free."""
    monkeypatch.setitem(pools.SETTINGS, "lock_timeout", "100ms")
    pool = await open_pool(dsn)
    await EventStore(pool).add_workspace(WORKSPACE)
    appender, admin = Appender(pool), await asyncpg.connect(dsn)
    acknowledged: Acknowledged = {}
    async with load(appender, acknowledged) as more:
        await more(20)
        async with admin.transaction():
            await admin.execute("SELECT FROM article20.workspace FOR UPDATE")
            held = len(acknowledged)
            with pytest.raises(StoreUnavailable, match="lock timeout"):
                await appender.append(WORKSPACE, recording("refused"))
            assert len(acknowledged) - held <= 8  # answered before the lock was taken
        await more(20)
    await admin.close()
    await appender.close()
    await pool.close()
    await prove(dsn, acknowledged)


SLOW = """
CREATE FUNCTION public.slowly() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(5); RETURN NULL; END $$;
CREATE TRIGGER slowly AFTER INSERT ON article20.event EXECUTE FUNCTION public.slowly();
"""


async def test_a_statement_that_takes_too_long_is_refused_in_time(
    dsn: str, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An append whose statement is cancelled is rolled back and refused, and recorded once when it
    is sent again."""
    monkeypatch.setitem(pools.SETTINGS, "statement_timeout", "1s")
    pool = await open_pool(dsn)
    appender, admin = Appender(pool), await asyncpg.connect(dsn)
    acknowledged: Acknowledged = {}
    await record(appender, "before", acknowledged)
    await admin.execute(SLOW)
    done = await asyncio.gather(
        *(appender.append(WORKSPACE, recording(f"slow-{n}")) for n in range(5)),
        return_exceptions=True,
    )
    assert {type(one) for one in done} == {StoreUnavailable}
    await admin.execute("DROP TRIGGER slowly ON article20.event")
    await asyncio.gather(*(record(appender, f"slow-{n}", acknowledged) for n in range(5)))
    await admin.close()
    await appender.close()
    await pool.close()
    assert await prove(dsn, acknowledged) == 6


class Deaf(Listener):
    """A listener that loses every notification."""

    def _hear(self, _connection: Any, _pid: int, channel: str, workspace: str) -> None:
        return


async def test_lost_notifications_cost_time_and_nothing_else(
    dsn: str, store: EventStore, appender: Appender
) -> None:
    """Views follow and readers are woken though no notification arrives, neither where the views
    are written nor where somebody waits for them."""
    writing, waiting = Deaf(dsn), Deaf(dsn)
    for listener in (writing, waiting):
        await listener.start()
    acknowledged: Acknowledged = {}
    projector = Projector(dsn, writing, Views(store.pool, writing))
    async with running(projector):
        for name in ("one", "two"):
            done = await record(appender, name, acknowledged)
            assert await Views(store.pool, waiting).wait_for(WORKSPACE, done.last, 60) == done.last
    for listener in (writing, waiting):
        await listener.close()
    assert await prove(dsn, acknowledged) == 2


CLOCK = """
CREATE TABLE public.clock AS SELECT interval '0' AS off;
GRANT SELECT ON public.clock TO article20_owner;
CREATE FUNCTION article20.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
    $$ SELECT pg_catalog.clock_timestamp() + off FROM public.clock $$;
DO $$
DECLARE f regprocedure;
BEGIN
    FOR f IN SELECT oid FROM pg_proc
        WHERE pronamespace = 'article20'::regnamespace AND prosrc LIKE '%clock_timestamp()%'
            AND proname <> 'clock_timestamp'
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = article20, pg_catalog, pg_temp', f);
    END LOOP;
END $$;
"""


async def test_a_clock_set_back_does_not_take_the_log_with_it(
    dsn: str, store: EventStore, appender: Appender
) -> None:
    """The server's clock jumps ahead by an hour and back by two: events are never recorded before
    the one before them, and go with the clock again once it has caught up."""
    admin = await asyncpg.connect(dsn)
    await admin.execute(CLOCK)
    acknowledged: Acknowledged = {}
    moments = []
    for turn, off in enumerate(("0", "1 hour", "-1 hour", "0", "2 hours")):
        await admin.execute("UPDATE public.clock SET off = $1::text::interval", off)
        moments.append((await record(appender, f"c-{turn}", acknowledged)).recorded_at)
    await admin.close()
    before, ahead, back, again, later = moments
    assert before < ahead == back == again < later
    assert (ahead - before).total_seconds() >= 3600
    await prove(dsn, acknowledged)


async def test_ten_thousand_events_are_appended_as_one(
    dsn: str, store: EventStore, appender: Appender
) -> None:
    """They stand one after the other at one moment, with nothing of other callers in between."""
    acknowledged: Acknowledged = {}
    many = AppendRequest(
        events=tuple(encode(claim(f"many-{n}")) for n in range(10_000)), key="many"
    )
    async with load(appender, acknowledged, callers=2) as more:
        await more(2)
        done = await appender.append(WORKSPACE, many)
        await more(2)
    assert done.last - done.first == 9_999
    again = await appender.append(WORKSPACE, many)
    assert (again.first, again.last, again.replayed) == (done.first, done.last, True)
    acknowledged |= {f"many-{n}": done.first + n for n in range(10_000)}
    await prove(dsn, acknowledged)


async def test_a_mebibyte_is_one_event(dsn: str, store: EventStore, appender: Appender) -> None:
    """A large event stands between small ones, and comes back whole."""
    acknowledged: Acknowledged = {}
    request = large("large", MEBIBYTE)
    done = await asyncio.gather(
        record(appender, "one", acknowledged),
        appender.append(WORKSPACE, request),
        record(appender, "two", acknowledged),
    )
    acknowledged["large"] = done[1].first
    stored = await store.at(WORKSPACE, done[1].first)
    assert stored is not None
    assert stored.data == request.events[0].data
    assert len(stored.data) > MEBIBYTE
    assert await prove(dsn, acknowledged) == 3
