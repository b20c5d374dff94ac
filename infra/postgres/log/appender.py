"""Group commit: gathers what waits into batches per workspace, each appended in one round trip; it
never retries blindly.

While one batch of a workspace is in flight the next one gathers, so the cost of a durable commit is
shared. When a connection is lost in flight, the idempotency keys tell what became of each request;
what was not recorded is sent again under its key, which the log looks at first.
"""

import asyncio
from collections import deque
from time import perf_counter
from typing import Any, Final

import asyncpg

from domain.errors import Article20Error, KeyReused, Overloaded, StoreUnavailable
from infra.postgres.log.batch import (
    Appended,
    AppendRequest,
    Waiting,
    arguments,
    settle_answered,
    sheaf_arguments,
    single,
)
from infra.postgres.log.borrowing import Borrowed, Parked
from infra.postgres.log.lineage import Lineage
from infra.postgres.log.names import Unstorable
from infra.postgres.log.store import NoWorkspace
from infra.postgres.observer import Observer
from infra.postgres.pool import UNREACHABLE, unavailable
from infra.postgres.queries import queries

__all__ = ["AppendRequest", "Appended", "Appender", "Unstorable"]

BATCH_REQUESTS_MAX: Final = 1000
BATCH_BYTES_MAX: Final = 8 * 1024 * 1024
QUEUE_REQUESTS_MAX: Final = 20_000
RETRY_AFTER_SECONDS: Final = 1
OVERLAP_BATCHES_MAX: Final = 2
"""How many batches of one workspace are under way: one in the log, one on its way to it."""
SPLIT_REQUESTS_MIN: Final = 64
"""From so many waiting requests on, a batch takes half of them, so that this process prepares one
half while the log takes the other. Of fewer the halves cost more than they save: a batch has its
price, here and in PostgreSQL, however small it is."""
ATTEMPTS_MAX: Final = 3
RECONNECT_TRIES_MAX: Final = 20
RECONNECT_PAUSE_SECONDS: Final = 0.25

PERMANENT: Final = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,  # what asyncpg cannot encode
)
"""Sent again, these would fail again."""
_SQL: Final = queries("log")


class _Lane:
    """What waits for one workspace, and how much of it is under way.

    `head`: where the log ends as far as this process knows; `events`: how many more are on their
    way to it.
    """

    __slots__ = ("batches", "events", "head", "requests", "waiting", "workspace")

    def __init__(self, workspace: str, head: int) -> None:
        self.workspace = workspace
        self.head = head
        self.events = 0
        self.waiting: deque[Waiting] = deque()
        self.batches = 0
        self.requests = 0

    def wants_another(self) -> bool:
        """Whether a further batch pays: always the first, a second when it is no smaller than what
        is under way."""
        if self.batches == 0:
            return bool(self.waiting)
        return self.batches < OVERLAP_BATCHES_MAX and len(self.waiting) >= self.requests > 0


class Appender:
    """Appends for every caller of this process; one lane per workspace with something waiting."""

    def __init__(
        self,
        pool: Any,
        *,
        lineage: Lineage | None = None,
        batch_requests_max: int = BATCH_REQUESTS_MAX,
        batch_bytes_max: int = BATCH_BYTES_MAX,
        queue_requests_max: int = QUEUE_REQUESTS_MAX,
    ) -> None:
        self.pool = pool
        self.batch_requests_max = batch_requests_max
        self.batch_bytes_max = batch_bytes_max
        self.queue_requests_max = queue_requests_max
        self.lineage = lineage or Lineage()
        self.observer = Observer()
        self.waiting = 0
        self._lanes: dict[str, _Lane] = {}
        self._batches: set[asyncio.Task[None]] = set()
        self._parked = Parked(pool)
        self._closing = False

    async def append(self, workspace: str, request: AppendRequest) -> Appended:
        """Append and return when it is durable.

        Raises what `begin` raises, and what its future does.
        """
        return await self.begin(workspace, request)

    def begin(self, workspace: str, request: AppendRequest) -> asyncio.Future[Appended]:
        """Begin to append; the future is done when it is durable.

        AlreadyRecorded when something exists that must be absent, AppendConflict when the
        condition fails, KeyReused when the key stands for another body,
        Unstorable for what the log cannot keep, NoWorkspace, Overloaded when too much waits,
        StoreUnavailable when the store is away. A cancelled caller may find its events recorded;
        no other caller is harmed.
        """
        if self._closing:
            raise StoreUnavailable(reason="this process is shutting down")
        if self.waiting >= self.queue_requests_max:
            raise Overloaded(retry_after_seconds=RETRY_AFTER_SECONDS)
        waiting = Waiting(request, asyncio.get_running_loop().create_future())
        lane = self._lanes.get(workspace)
        if lane is None:
            lane = self._lanes[workspace] = _Lane(workspace, self.lineage.last(workspace))
        self.waiting += 1
        lane.waiting.append(waiting)
        if lane.wants_another():
            self._begin(lane)
        return waiting.future

    async def close(self) -> None:
        """Refuse new requests and finish the ones that wait."""
        self._closing = True
        while self._batches:
            await asyncio.wait(self._batches)
        await self._parked.close()

    def _begin(self, lane: _Lane) -> None:
        lane.batches += 1
        task = asyncio.create_task(self._serve(lane))
        self._batches.add(task)
        task.add_done_callback(self._batches.discard)

    async def _serve(self, lane: _Lane) -> None:
        """Append one batch after another for as long as a further one pays."""
        borrowed = self._parked.take()
        try:
            while True:
                batch: list[Waiting] = []
                try:
                    await self._append(lane, batch, borrowed)
                except BaseException as error:
                    # Nobody may be left waiting for an answer, whatever went wrong here.
                    self._gather(lane, batch, everything=True)
                    self._give_up(batch, StoreUnavailable(reason=f"broken off: {_words(error)}"))
                    lane.batches -= 1
                    raise
                finally:
                    self.waiting -= len(batch)
                    lane.requests -= len(batch)
                try:
                    if not lane.waiting:  # whoever was answered may ask for more at once
                        await asyncio.sleep(0)
                finally:
                    lane.batches -= 1
                if not lane.wants_another():
                    break
                lane.batches += 1
        except BaseException:
            await borrowed.give_back()
            raise
        await self._parked.park(borrowed)
        if not lane.batches and self._lanes.get(lane.workspace) is lane:
            del self._lanes[lane.workspace]

    async def _append(self, lane: _Lane, batch: list[Waiting], borrowed: Borrowed) -> None:
        """Fill a batch with what waits once there is a connection for it, and settle it."""
        for tries_left in reversed(range(RECONNECT_TRIES_MAX)):
            try:
                connection = await borrowed.connection()
                self._gather(lane, batch)
                await self._commit(connection, lane, batch)
                return
            except Article20Error as error:  # the store answers, and is not the one we know
                self._gather(lane, batch, everything=True)
                self._give_up(batch, error)
                return
            except UNREACHABLE as error:
                await borrowed.give_back()
                if batch:
                    await self._look_up(lane, batch, error)
                    return
                if not tries_left:
                    self._gather(lane, batch, everything=True)
                    self._give_up(batch, StoreUnavailable(reason=_words(error)))
                    return
            await asyncio.sleep(RECONNECT_PAUSE_SECONDS)

    def _gather(self, lane: _Lane, batch: list[Waiting], *, everything: bool = False) -> None:
        """Move what waits into a batch, within bounds, and let a second one begin with the rest."""
        if everything:
            batch.extend(lane.waiting)
            lane.waiting.clear()
        else:
            number = min(len(lane.waiting), self.batch_requests_max)
            if lane.requests == 0 and number >= SPLIT_REQUESTS_MIN:
                number = min(number, (len(lane.waiting) + 1) // 2)
            size = 0
            while lane.waiting:
                one = lane.waiting[0]
                size += one.size
                is_full = len(batch) >= number or size > self.batch_bytes_max or one.is_alone
                if batch and (is_full or batch[0].is_alone) and not one.goes_with(batch[-1]):
                    break
                batch.append(lane.waiting.popleft())
        lane.requests += len(batch)
        if lane.wants_another():
            self._begin(lane)

    async def _commit(self, connection: Any, lane: _Lane, batch: list[Waiting]) -> None:
        """One round trip; UNREACHABLE when its outcome is unknown."""
        if not batch:
            return
        workspace, head = lane.workspace, lane.head + lane.events
        under_way = sum(one.count for one in batch)
        lane.events += under_way
        started = perf_counter()
        try:
            answer = await _asked(connection, workspace, batch, head)
        except asyncpg.NoDataFoundError:
            self._give_up(batch, NoWorkspace(workspace=workspace))
        except PERMANENT as error:
            # Rolled back as a whole: nothing of it stands. One by one, only the faulty one fails.
            if len(batch) == 1:
                batch[0].settle(Unstorable(reason=_words(error)))
            else:
                for one in batch:
                    await self._commit(connection, lane, [one])
        except UNREACHABLE:
            raise
        except asyncpg.PostgresError as error:
            self._give_up(batch, unavailable(error))
        else:
            seconds = perf_counter() - started
            last, moment = settle_answered(batch, answer)
            lane.head = max(lane.head, last, answer["head"])
            self.lineage.saw(workspace, last, moment)
            events = max(0, last - answer["head"])
            self.observer.appended(answer["outcomes"], len(batch), events, seconds)
        finally:
            lane.events -= under_way

    async def _look_up(self, lane: _Lane, batch: list[Waiting], error: BaseException) -> None:
        """After a connection lost in flight: what stands under the keys is done, the rest is sent
        again under the same keys."""
        unsettled = [one for one in batch if not one.future.done()]
        for _ in range(RECONNECT_TRIES_MAX):
            await asyncio.sleep(RECONNECT_PAUSE_SECONDS)
            try:
                found = await self._keys(lane.workspace, unsettled)
                break
            except Article20Error as refusal:
                self._give_up(unsettled, refusal)
                return
            except UNREACHABLE as again:
                error = again
        else:
            reason = f"the connection was lost, the outcome is unknown: {_words(error)}"
            self._give_up(unsettled, StoreUnavailable(reason=reason))
            return
        again_: list[Waiting] = []
        for one in unsettled:
            row = found.get(one.key)
            if row is None:
                one.attempts += 1
                if one.attempts < ATTEMPTS_MAX:
                    again_.append(one)
                else:
                    self._give_up([one], StoreUnavailable(reason=_words(error)))
            elif row["request_hash"] != one.digest:
                one.settle(KeyReused(key=one.key))
            else:
                replayed = not one.ids.startswith(row["id"].hex)
                one.settle(Appended(row["first"], row["last"], row["recorded_at"], replayed))
        lane.waiting.extendleft(reversed(again_))
        for one in again_:
            batch.remove(one)
        lane.requests -= len(again_)

    def _give_up(self, batch: list[Waiting], error: Exception) -> None:
        for one in batch:
            one.settle(error)
        self.observer.append_failed(len(batch), error)

    async def _keys(self, workspace: str, batch: list[Waiting]) -> dict[str, Any]:
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["enter"], workspace)
            # The lost batch may still be running: its lock on the head row decides when it is not.
            await connection.fetchval(_SQL["settled_head"], workspace)
            rows = await connection.fetch(_SQL["keys"], workspace, [one.key for one in batch])
        return {row["key"]: row for row in rows}


async def _asked(connection: Any, workspace: str, batch: list[Waiting], head: int) -> Any:
    """What the log says to a batch, as one row."""
    if batch[0].is_alone:
        sheaf = sheaf_arguments(workspace, batch[0], head)
        (answer,) = await connection.fetch(_SQL["append_sheaf"], *sheaf)
        return answer
    alone = single(workspace, batch[0]) if len(batch) == 1 else None
    if alone is not None:
        try:
            (answer,) = await connection.fetch(_SQL["append_alone"], *alone)
        except asyncpg.UniqueViolationError:
            # Its key was remembered while it waited for the head: nothing of it stands, and asked
            # as a batch of one it is judged with that key before it.
            pass
        else:
            return answer
    (answer,) = await connection.fetch(_SQL["append"], *arguments(workspace, batch, head))
    return answer


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
