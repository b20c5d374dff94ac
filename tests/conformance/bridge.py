"""Our log as a synchronous recorder of the library, for its test cases alone; nothing of article20
uses it."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from copy import copy
from typing import Any, TypeVar

from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBReadResponse,
    DCBRecorder,
    DCBSequencedEvent,
)
from eventsourcing.dcb.persistence import DCBListenNotifySubscription
from eventsourcing.dcb.popo import SimpleDCBReadResponse
from eventsourcing.persistence import IntegrityError, ProgrammingError

from domain.errors import AppendConflict
from infra.postgres.listener import APPENDED, Listener
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool

WAIT_SECONDS_MAX = 60

T = TypeVar("T")


class Portal:
    """One event loop in a daemon thread, in which synchronous callers have coroutines run."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns or raises."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(WAIT_SECONDS_MAX)

    def close(self) -> None:
        """End the loop and its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(WAIT_SECONDS_MAX)
        self.loop.close()


class BridgedRecorder(DCBRecorder):
    """The log of one workspace behind the library's interface."""

    def __init__(self, portal: Portal, dsn: str, workspace: str) -> None:
        self.portal = portal
        self.workspace = workspace
        portal.run(self._open(dsn))

    async def _open(self, dsn: str) -> None:
        self.pool = await open_pool(dsn)
        self.store = EventStore(self.pool)
        await self.store.add_workspace(self.workspace)
        self.appender = Appender(self.pool)
        self.listener = Listener(dsn)
        await self.listener.start()

    def beside(self, workspace: str) -> "BridgedRecorder":
        """The log of another workspace, made if need be, over the same connections."""
        other = copy(self)
        other.workspace = workspace
        self.portal.run(self.store.add_workspace(workspace))
        return other

    def close(self) -> None:
        """Drain the appender and let go of every connection."""

        async def closing() -> None:
            await self.appender.close()
            await self.listener.close()
            await self.pool.close()

        self.portal.run(closing())

    def read(
        self,
        query: DCBQuery | None = None,
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> DCBReadResponse:
        """Events in the library's form; with a limit, its head is the last event's position."""
        batch = self.portal.run(
            self.store.read(self.workspace, query, after=after or 0, limit=limit)
        )
        events = [
            DCBSequencedEvent(DCBEvent(one.type, one.data, list(one.tags)), one.position)
            for one in batch.events
        ]
        last = events[-1].position if events else None
        head = last if limit is not None else batch.head or None
        return SimpleDCBReadResponse(iter(events), head)

    def append(
        self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None
    ) -> int:
        """The last position; the library's errors for ours."""
        if not events:
            raise ProgrammingError("an append has at least one event")
        request = AppendRequest(events=tuple(events), condition=condition)
        try:
            return self.portal.run(self.appender.append(self.workspace, request)).last
        except AppendConflict as error:
            raise IntegrityError(str(error)) from error

    def subscribe(
        self, query: DCBQuery | None = None, *, after: int | None = None
    ) -> "BridgedSubscription":
        """A subscription that our listener wakes."""
        return BridgedSubscription(self, query=query, after=after)


class BridgedSubscription(DCBListenNotifySubscription[BridgedRecorder]):
    """The library's subscription, woken by notifications of the log."""

    def __init__(
        self,
        recorder: BridgedRecorder,
        query: DCBQuery | None = None,
        after: int | None = None,
    ) -> None:
        super().__init__(recorder=recorder, query=query, after=after)
        self._wakes = asyncio.run_coroutine_threadsafe(self._wake(), recorder.portal.loop)

    async def _wake(self) -> None:
        while True:
            await self._recorder.listener.wait(APPENDED, self._recorder.workspace)
            self._has_been_notified.set()

    def stop(self) -> None:
        """End the iteration and the waking."""
        super().stop()
        self._wakes.cancel()
