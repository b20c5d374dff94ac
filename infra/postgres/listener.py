"""One LISTEN connection per process that wakes whoever waits for a workspace; a hint, never
data."""

import asyncio
import logging
from collections import defaultdict
from typing import Any, Final

import asyncpg

from domain.errors import SetupRefused, StoreUnavailable
from infra.postgres.pool import UNREACHABLE, connect

APPENDED: Final = "article20"
"""Channel of appends; the payload is the workspace."""
VIEWED: Final = "article20_views"
"""Channel of views brought forward; the payload is the workspace."""
RECONNECT_PAUSE_SECONDS: Final = 0.5
ACCESS: Final = "article20_access"
"""Channel of changes to webhook sources; the payload is the workspace."""
POLL_SECONDS: Final = 2.0
"""After this long every waiter looks for itself, so that a lost notification costs little."""

_log: Final = logging.getLogger(__name__)


class Listener:
    """Keeps listening, reconnects when the connection is lost, and wakes the waiters."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.is_listening = False
        self._turns: dict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)
        self._task: asyncio.Task[None] | None = None
        self._woken: dict[str, set[str]] = defaultdict(set)
        self._any: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def start(self) -> None:
        """Begin to listen in the background."""
        self._task = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def turn(self, channel: str, workspace: str) -> asyncio.Event:
        """What the next hint about one workspace sets; take it, look, and wait only then."""
        return self._turns[channel, workspace]

    async def wait(self, channel: str, workspace: str, wait_seconds: float = POLL_SECONDS) -> bool:
        """Wait for the next hint about one workspace; False when none came in time."""
        try:
            async with asyncio.timeout(wait_seconds):
                await self.turn(channel, workspace).wait()
        except TimeoutError:
            return False
        return True

    async def wait_any(self, channel: str, wait_seconds: float = POLL_SECONDS) -> set[str]:
        """Wait for hints about any workspace and take them; an empty set when none came in time."""
        try:
            async with asyncio.timeout(wait_seconds):
                await self._any[channel].wait()
        except TimeoutError:
            return set()
        return self.take_any(channel)

    def take_any(self, channel: str) -> set[str]:
        """Take the hints that have come, without waiting."""
        self._any[channel].clear()
        return self._woken.pop(channel, set())

    def wake(self, channel: str, workspace: str) -> None:
        """Wake the waiters of this process, as a notification would."""
        event = self._turns.pop((channel, workspace), None)
        if event is not None:
            event.set()
        self._woken[channel].add(workspace)
        self._any[channel].set()

    async def _listen(self) -> None:
        while True:
            try:
                connection = await connect(self.dsn)
            except (StoreUnavailable, SetupRefused, asyncpg.PostgresError) as error:
                _log.warning("cannot listen: %s", error)
                await asyncio.sleep(RECONNECT_PAUSE_SECONDS)
                continue
            try:
                await self._listen_on(connection)
            except (*UNREACHABLE, asyncpg.PostgresError) as error:
                _log.warning("listening was cut off: %s", error or type(error).__name__)
                await asyncio.sleep(RECONNECT_PAUSE_SECONDS)
            finally:
                self.is_listening = False
                connection.terminate()

    async def _listen_on(self, connection: Any) -> None:
        """Listen until the connection is lost."""
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        for channel in (APPENDED, VIEWED, ACCESS):
            await connection.add_listener(channel, self._hear)
        self.is_listening = True
        self._wake_everyone()
        await lost.wait()

    def _hear(self, _connection: Any, _pid: int, channel: str, workspace: str) -> None:
        self.wake(channel, workspace)

    def _wake_everyone(self) -> None:
        """After a reconnection anything may have been missed."""
        for channel, workspace in list(self._turns):
            self.wake(channel, workspace)
        for hints in self._any.values():
            hints.set()
