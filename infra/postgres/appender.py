"""Group commit: gathers what waits into one batch per workspace and appends it in one round trip.

While one batch of a workspace is in flight the next one gathers, so the cost of a durable commit is
shared. Nothing is retried blindly: when a connection is lost in flight, the idempotency key tells
what became of each request.
"""

import asyncio
import hashlib
from collections import deque
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import asyncpg
import msgspec

from domain.dcb import DCBAppendCondition, DCBEvent
from domain.errors import AppendConflict, KeyReused, Overloaded, StoreUnavailable
from infra.postgres.pool import UNREACHABLE
from infra.postgres.queries import queries
from infra.postgres.store import NoWorkspace

BATCH_REQUESTS_MAX: Final = 1000
BATCH_BYTES_MAX: Final = 8 * 1024 * 1024
QUEUE_REQUESTS_MAX: Final = 20_000
RETRY_AFTER_SECONDS: Final = 1
LOOK_UP_TRIES_MAX: Final = 20
LOOK_UP_PAUSE_SECONDS: Final = 0.25

DONE, REPLAYED, CONFLICT, KEY_REUSED = range(4)


class AppendRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Events to append together under a condition.

    `key`: idempotency key, with `request_hash` of the body it stands for; without one the request
    gets a random key of its own, so that its outcome can always be looked up.
    """

    events: tuple[DCBEvent, ...]
    condition: DCBAppendCondition | None = None
    key: str | None = None
    request_hash: bytes | None = None
    recorded_by: str = "system"


class Appended(msgspec.Struct, frozen=True):
    """Where the events stand. `replayed`: an earlier request with the same key appended them."""

    first: int
    last: int
    recorded_at: datetime
    replayed: bool


class _Waiting:
    """One request in the queue with the future its caller awaits."""

    __slots__ = ("bytes", "digest", "future", "key", "request")

    def __init__(self, request: AppendRequest) -> None:
        self.request = request
        self.key = request.key or f"once:{uuid4().hex}"
        self.digest = request.request_hash or hashlib.sha256(self.key.encode()).digest()
        self.bytes = sum(len(event.data) + 200 for event in request.events)
        self.future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()

    def settle(self, outcome: Appended | Exception) -> None:
        """Answer the caller, unless it has gone away."""
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class Appender:
    """Appends for every caller of this process; one lane per workspace with something waiting."""

    def __init__(
        self,
        pool: Any,
        *,
        batch_requests_max: int = BATCH_REQUESTS_MAX,
        batch_bytes_max: int = BATCH_BYTES_MAX,
        queue_requests_max: int = QUEUE_REQUESTS_MAX,
    ) -> None:
        self.pool = pool
        self.batch_requests_max = batch_requests_max
        self.batch_bytes_max = batch_bytes_max
        self.queue_requests_max = queue_requests_max
        self.waiting = 0
        self._lanes: dict[str, deque[_Waiting]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closing = False

    async def append(self, workspace: str, request: AppendRequest) -> Appended:
        """Append and return when it is durable.

        AppendConflict when the condition fails, KeyReused when the key stands for another body,
        Overloaded when too much waits, StoreUnavailable when the store is away. A cancelled caller
        may find its events recorded; no other caller is harmed.
        """
        if not request.events:
            raise ValueError("an append needs at least one event")
        if self._closing:
            raise StoreUnavailable(reason="this process is shutting down")
        if self.waiting >= self.queue_requests_max:
            raise Overloaded(retry_after_seconds=RETRY_AFTER_SECONDS)
        waiting = _Waiting(request)
        self.waiting += 1
        self._lanes.setdefault(workspace, deque()).append(waiting)
        if workspace not in self._tasks:
            self._tasks[workspace] = asyncio.create_task(self._serve(workspace))
        return await asyncio.shield(waiting.future)

    async def close(self) -> None:
        """Refuse new requests and finish the ones that wait."""
        self._closing = True
        await asyncio.gather(*self._tasks.values())

    async def _serve(self, workspace: str) -> None:
        lane = self._lanes[workspace]
        batch: list[_Waiting] = []
        try:
            while lane:
                batch = self._gather(lane)
                await self._commit(workspace, batch)
                self.waiting -= len(batch)
        except BaseException as error:
            # Nobody may be left waiting for an answer, whatever went wrong here.
            unanswered = [*batch, *lane]
            self.waiting -= len(unanswered)
            _settle_all(unanswered, StoreUnavailable(reason=repr(error)))
            raise
        finally:
            del self._tasks[workspace]
            del self._lanes[workspace]

    def _gather(self, lane: deque[_Waiting]) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while lane and len(batch) < self.batch_requests_max:
            size += lane[0].bytes
            if batch and size > self.batch_bytes_max:
                break
            batch.append(lane.popleft())
        return batch

    async def _commit(self, workspace: str, batch: list[_Waiting]) -> None:
        try:
            async with self.pool.acquire() as connection:
                rows = await connection.fetch(
                    queries("log")["append"], *_arguments(workspace, batch)
                )
        except asyncpg.NoDataFoundError:
            _settle_all(batch, NoWorkspace(workspace=workspace))
        except UNREACHABLE as error:
            await self._look_up(workspace, batch, error)
        except asyncpg.PostgresError as error:
            # The batch was rolled back as a whole: nothing of it stands.
            _settle_all(batch, StoreUnavailable(reason=str(error)))
        else:
            for waiting, row in zip(batch, rows, strict=True):
                waiting.settle(_outcome(waiting, row))

    async def _look_up(self, workspace: str, batch: list[_Waiting], error: Exception) -> None:
        """After a connection lost in flight: what stands under the keys is done, the rest is
        not."""
        for _ in range(LOOK_UP_TRIES_MAX):
            await asyncio.sleep(LOOK_UP_PAUSE_SECONDS)
            try:
                found = await self._keys(workspace, batch)
            except UNREACHABLE:
                continue
            for waiting in batch:
                row = found.get(waiting.key)
                if row is None:
                    waiting.settle(StoreUnavailable(reason=f"connection lost: {error}"))
                elif row["request_hash"] != waiting.digest:
                    waiting.settle(KeyReused(key=waiting.key))
                else:
                    waiting.settle(Appended(row["first"], row["last"], row["recorded_at"], False))
            return
        _settle_all(batch, StoreUnavailable(reason=f"connection lost, outcome unknown: {error}"))

    async def _keys(self, workspace: str, batch: list[_Waiting]) -> dict[str, Any]:
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(queries("log")["enter"], workspace)
            # The lost batch may still be running: its lock on the head row decides when it is not.
            await connection.fetchval(queries("log")["settled_head"], workspace)
            rows = await connection.fetch(
                queries("log")["keys"], workspace, [waiting.key for waiting in batch]
            )
        return {row["key"]: row for row in rows}


def _settle_all(batch: list[_Waiting], error: Exception) -> None:
    for waiting in batch:
        waiting.settle(error)


def _outcome(waiting: _Waiting, row: Any) -> Appended | Exception:
    outcome, first, last, recorded_at = row
    if outcome == DONE:
        return Appended(first, last, recorded_at, False)
    if outcome == REPLAYED:
        return Appended(first, last, recorded_at, True)
    if outcome == CONFLICT:
        return AppendConflict(head=last)
    return KeyReused(key=waiting.key)


def _arguments(workspace: str, batch: list[_Waiting]) -> tuple[Any, ...]:
    requests = [waiting.request for waiting in batch]
    events = [event for request in requests for event in request.events]
    return (
        workspace,
        [uuid4() for _ in events],
        [event.type for event in events],
        [event.data for event in events],
        [tag for event in events for tag in event.tags],
        [len(event.tags) for event in events],
        [len(request.events) for request in requests],
        [waiting.key for waiting in batch],
        [waiting.digest for waiting in batch],
        [request.recorded_by for request in requests],
        [_condition(request.condition) for request in requests],
    )


def _condition(condition: DCBAppendCondition | None) -> str | None:
    if condition is None:
        return None
    items = [
        {"types": item.types, "tags": item.tags} for item in condition.fail_if_events_match.items
    ]
    return msgspec.json.encode({"after": condition.after, "items": items}).decode()
