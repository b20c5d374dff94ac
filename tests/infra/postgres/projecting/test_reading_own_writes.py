"""Waiting for one's own write: woken, not polling, also when another process projects."""

import asyncio
from typing import Any

import pytest

from domain.errors import StillBehind
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import NoWorkspace
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading.views import Views
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import append, claim, running
from tests.infra.postgres.projecting.test_projector import led, process

WAIT_SECONDS = 120.0
CROWD = 200


class Counting(Views):
    """Views that count how often they look at the watermark."""

    looks = 0

    async def _read(self, workspace: str) -> int:
        self.looks += 1
        self.listener.wake("looked", workspace)
        return await super()._read(workspace)


async def test_a_crowd_that_waits_for_another_process_looks_once_per_hint(
    dsn: str, pool: Any, listener: Listener, appender: Appender
) -> None:
    """Many wait for what another process projects: its commit wakes all, and they look together."""
    views = Counting(pool, listener)
    async with process(dsn):
        await led(dsn)
        waiting = [
            asyncio.create_task(views.wait_for(WORKSPACE, 1, WAIT_SECONDS)) for _ in range(CROWD)
        ]
        await asyncio.sleep(0.2)
        await append(appender, WORKSPACE, [claim()])
        assert set(await asyncio.gather(*waiting)) == {1}
    assert views.looks < CROWD / 4


async def test_whoever_projects_in_this_process_wakes_without_a_look(
    appender: Appender, listener: Listener, pool: Any
) -> None:
    """The projector beside the waiter says how far the views are: nobody asks the store again."""
    views = Counting(pool, listener)
    waiting = asyncio.create_task(views.wait_for(WORKSPACE, 3, WAIT_SECONDS))
    assert await listener.wait("looked", WORKSPACE)
    views.reach(WORKSPACE, 3)
    assert await waiting == 3
    assert await views.wait_for(WORKSPACE, 2, WAIT_SECONDS) == 3
    assert views.looks == 1


async def test_one_who_gives_up_leaves_the_others_waiting(
    appender: Appender, projector: Projector, views: Views
) -> None:
    """Time runs out for one and another is cancelled; the third still gets its answer."""
    await append(appender, WORKSPACE, [claim()])
    short = asyncio.create_task(views.wait_for(WORKSPACE, 1, 0.1))
    gone = asyncio.create_task(views.wait_for(WORKSPACE, 1, WAIT_SECONDS))
    patient = asyncio.create_task(views.wait_for(WORKSPACE, 1, WAIT_SECONDS))
    with pytest.raises(StillBehind, match="reached position 0, not yet 1"):
        await short
    gone.cancel()
    async with running(projector):
        assert await patient == 1


async def test_waiting_in_no_workspace_is_refused(views: Views) -> None:
    """Nobody waits for what can never come."""
    with pytest.raises(NoWorkspace):
        await views.wait_for("nowhere", 1, WAIT_SECONDS)
