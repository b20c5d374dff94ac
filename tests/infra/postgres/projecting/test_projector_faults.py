"""A projector that dies or is paused in the middle of a batch; held there, not hoped for."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import Projector
from infra.postgres.projecting.view_rows import VIEWS, ClaimsView, Folded
from infra.postgres.reading.views import Views
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import append, claim, rows_of, running
from tests.infra.postgres.projecting.test_projector import assert_equal_to_replay, led, process

WAIT_SECONDS = 120.0
EVENTS = 24
EVENT_SECONDS = 0.1
SHORT_LIFE_SECONDS = 1.2
WAITING_FOR_IT = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND wait_event_type = 'Lock' AND query LIKE '%UPDATE view_watermark%'"
)


@asynccontextmanager
async def watermark_held(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """While the watermark is held, whoever projects stops between its rows and its commit."""
    holder = await asyncpg.connect(dsn)
    await holder.execute("SET search_path = article20")
    await holder.execute("SELECT set_config('article20.workspace', $1, false)", WORKSPACE)
    held = holder.transaction()
    await held.start()
    await holder.execute("SELECT FROM view_watermark WHERE workspace = $1 FOR UPDATE", WORKSPACE)
    try:
        yield holder
    finally:
        await held.rollback()
        await holder.close()


async def in_the_middle(dsn: str) -> None:
    """Wait until a projector has written rows and waits for the watermark."""
    admin = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                if await admin.fetchval(WAITING_FOR_IT):
                    return
                await asyncio.sleep(0.05)
    finally:
        await admin.close()


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_batch_that_was_cut_off_is_digested_once(
    dsn: str,
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    fate: signal.Signals,
) -> None:
    """The process dies, or is paused past the life of its lock, after it wrote rows and before it
    committed: none of them is seen, another one digests the batch, and what wakes harms nothing."""
    async with process(dsn) as leader:
        before = await led(dsn)
        await append(appender, WORKSPACE, [claim("c-0")])
        await views.wait_for(WORKSPACE, 1, WAIT_SECONDS)
        async with watermark_held(dsn):
            await append(appender, WORKSPACE, [claim(f"c-{n}") for n in range(1, 30)])
            await in_the_middle(dsn)
            leader.send_signal(fate)
            assert len((await rows_of(store, WORKSPACE))["version_rows"]) == 1
        async with running(projector):
            await led(dsn, not_by=before)
            await views.wait_for(WORKSPACE, 30, WAIT_SECONDS)
            if leader.returncode is None:
                leader.send_signal(signal.SIGCONT)
            done = await append(appender, WORKSPACE, [claim("last")])
            await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS)
            assert len((await rows_of(store, WORKSPACE))["version_rows"]) == 31
    await assert_equal_to_replay(store, views, WORKSPACE)


async def test_a_leader_that_dies_while_its_statement_waits_gives_way(
    dsn: str, appender: Appender, projector: Projector, views: Views
) -> None:
    """The server notices that nobody is there any more, though it cannot answer yet: another one
    leads, and digests as soon as it can."""
    async with process(dsn) as leader:
        before = await led(dsn)
        await append(appender, WORKSPACE, [claim("c-0")])
        await views.wait_for(WORKSPACE, 1, WAIT_SECONDS)
        async with running(projector):
            async with watermark_held(dsn):
                await append(appender, WORKSPACE, [claim("c-1")])
                await in_the_middle(dsn)
                leader.kill()
                await led(dsn, not_by=before)
            await views.wait_for(WORKSPACE, 2, WAIT_SECONDS)


class Slow(ClaimsView):
    """The view of claims where the processor has little time for it."""

    async def write(self, connection: Any, workspace: str, generation: int, folded: Folded) -> None:
        """Write, after each event took its time."""
        time.sleep(EVENT_SECONDS * len(folded.events))  # noqa: ASYNC251  # as a fold: it lets nobody in
        await super().write(connection, workspace, generation, folded)


@pytest.mark.parametrize("is_alone", [True, False], ids=["catching up", "leading"])
async def test_a_batch_that_takes_longer_than_a_silence_may_last_is_taken_in_parts(
    dsn: str, store: EventStore, appender: Appender, views: Views, *, is_alone: bool
) -> None:
    """Where folding a batch takes longer than the server bears with a silent session, which ends
    that and the batch with it, the next one is smaller, until one fits: views come forward however
    large claims are and however slow the machine is."""
    written = [Slow(), *(view for view in VIEWS if not isinstance(view, ClaimsView))]
    slow = Projector(
        dsn, views.listener, views, written=written, lock_life_seconds=SHORT_LIFE_SECONDS
    )
    await append(appender, WORKSPACE, [claim(f"c-{n}") for n in range(EVENTS)])
    if is_alone:
        assert await slow.catch_up(WORKSPACE) == EVENTS
    else:
        async with running(slow):
            await views.wait_for(WORKSPACE, EVENTS, WAIT_SECONDS)
    await assert_equal_to_replay(store, views, WORKSPACE)


async def test_a_role_that_is_away_for_a_while_ends_no_projector(
    dsn: str,
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As while roles are restored, connections are refused that want to act as the application:
    a projector that lost its own asks again until it has one, and goes on."""
    admin = await asyncpg.connect(dsn)
    async with running(projector):
        await append(appender, WORKSPACE, [claim("before")])
        await views.wait_for(WORKSPACE, 1, WAIT_SECONDS)
        leader = await led(dsn)
        await admin.execute("ALTER ROLE article20_app RENAME TO article20_away")
        try:
            await admin.execute("SELECT pg_terminate_backend($1)", leader)
            async with asyncio.timeout(WAIT_SECONDS):
                while "SetupRefused" not in caplog.text:  # noqa: ASYNC110  # a log tells nobody
                    await asyncio.sleep(0.05)
        finally:
            await admin.execute("ALTER ROLE article20_away RENAME TO article20_app")
        await append(appender, WORKSPACE, [claim("after")])
        assert await views.wait_for(WORKSPACE, 2, WAIT_SECONDS) == 2
    await admin.close()
