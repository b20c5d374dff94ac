"""The proof every fault ends with: no acknowledged event lost, none twice, positions gapless, views
equal to a replay; no test of its own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from domain.dcb import DCBAppendCondition, DCBQuery, DCBQueryItem
from domain.errors import Article20Error
from domain.events import encode
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appended, Appender, AppendRequest
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool
from infra.postgres.projecting.projector import Projector
from infra.postgres.proving.verify import verify
from infra.postgres.reading.views import Views
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import claim

Acknowledged = dict[str, int]
"""Claim -> the position its recording was acknowledged at."""
RETRY_SECONDS = 0.05
WAIT_SECONDS_MAX = 120


def recording(name: str) -> AppendRequest:
    """The request that records a claim once: under a key, and only if there is no such claim."""
    event = encode(claim(name))
    new = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=[f"claim:{name}"])]))
    return AppendRequest(events=(event,), condition=new, key=f"lost:{name}", recorded_by="test")


async def record(appender: Appender, name: str, acknowledged: Acknowledged) -> Appended:
    """Record a claim, as often as it takes, and keep where it was acknowledged."""
    while True:
        try:
            done = await appender.append(WORKSPACE, recording(name))
        except Article20Error as error:
            if not error.retryable:
                raise
            await asyncio.sleep(RETRY_SECONDS)
        else:
            acknowledged[name] = done.first
            return done


@asynccontextmanager
async def load(
    appender: Appender, acknowledged: Acknowledged, callers: int = 8, pause_seconds: float = 0
) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Callers that record one claim after another, with a pause in between, while the block lasts;
    gives a function that waits until so many more are acknowledged."""
    ended = asyncio.Event()

    async def caller(number: int) -> None:
        turn = 0
        while not ended.is_set():
            turn += 1
            await record(appender, f"c-{number}-{turn}", acknowledged)
            await asyncio.sleep(pause_seconds)

    async def more(count: int) -> None:
        wanted = len(acknowledged) + count
        for _ in range(WAIT_SECONDS_MAX * 200):
            if len(acknowledged) >= wanted:
                return
            await asyncio.sleep(0.005)
        raise TimeoutError

    tasks = [asyncio.create_task(caller(number)) for number in range(callers)]
    try:
        yield more
    finally:
        ended.set()
        await asyncio.gather(*tasks)


async def prove(dsn: str, acknowledged: Acknowledged) -> int:
    """Assert that the log of `coalition` is as acknowledged and its views as replayed; the head."""
    pool = await open_pool(dsn)
    store, listener = EventStore(pool), Listener(dsn)
    views = Views(pool, listener)
    try:
        pages = [page async for page in store.stream(WORKSPACE)]
        events = [event for page in pages for event in page]
        assert [event.position for event in events] == list(range(1, len(events) + 1))
        moments = [event.recorded_at for event in events]
        assert moments == sorted(moments)
        recorded = [
            (tag.removeprefix("claim:"), event.position)
            for event in events
            if event.type.startswith("statement_of_criticism")
            for tag in event.tags
            if tag.startswith("claim:")
        ]
        twice = [name for name, times in Counter(name for name, _ in recorded).items() if times > 1]
        assert not twice
        stands = dict(recorded)
        lost = {name: at for name, at in acknowledged.items() if stands.get(name) != at}
        assert not lost
        assert await Projector(dsn, listener, views).catch_up(WORKSPACE) == len(events)
        async for _ in verify(store, views, WORKSPACE):
            pass
        return len(events)
    finally:
        await pool.close()
