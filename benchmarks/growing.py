"""Measures what a growing log does to appends and to reads by tag: logs of several lengths, each
made through the appender and measured in turns with the others."""

import asyncio
import random
import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

import asyncpg
import uvloop

from benchmarks import growth
from benchmarks.appending import Ours, waited
from benchmarks.contest import Round, deeds
from benchmarks.histories import weighed_governments
from benchmarks.rows import Row, Size
from benchmarks.server import SEED, WORKSPACE, loaded
from domain.dcb import DCBQuery, DCBQueryItem
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool
from services.collecting import settle

TITLE = "Growing"
ABOUT = """\
Logs of made histories, appended in batches of 1,000 as an import does, each in a database of its \
own on one server. Rounds go from one length to the next and around again; each appends a little, \
so that a log is as long as said, or up to 10,000 events longer. What loading left to be written \
is written before."""
EVENTS: Final[dict[Size, tuple[int, ...]]] = {
    "quick": (2_000, 20_000),
    "full": (10_000, 100_000, 1_000_000),
    "growth": (10_000, 100_000, 1_000_000, 10_000_000),
}
ROUNDS: Final = 5
CALLERS: Final = 128
APPENDS: Final = 1_500
"""Of a round, so few that the shortest log stays about as long as it is said to be."""
WARMING_APPENDS: Final = 500
SECONDS_MAX: Final = 600
"""How long a round may take."""
TAGGED_READS: Final = 300
TAGGED_LIMIT: Final = 100
LAST_EVENTS: Final = 2_000
"""Among so many of them those of a government are read."""


def measure(size: Size) -> Iterator[Row]:
    """Appends and reads by tag at each length, beside those at the first."""
    settle()
    logs = [_Log(events) for events in EVENTS[size]]
    try:
        for _ in range(ROUNDS):
            for log in logs:
                log.take_round()
        for log in logs:
            yield from log.rows(logs[0])
    finally:
        for log in logs:
            log.close()


class _Log:
    """A log of some length, with the rounds it was measured in."""

    def __init__(self, events: int) -> None:
        self.events = events
        self._dsn = loaded(events)
        self._gigabytes = asyncio.run(_written(self._dsn))
        self._ours = Ours(self._dsn)
        self._ours.append(deeds(1, WARMING_APPENDS), CALLERS, SECONDS_MAX)
        self._rounds: list[Round] = []
        self._reads: dict[str, list[float]] = {}

    def take_round(self) -> None:
        """Append, then read."""
        self._rounds.append(self._ours.append(deeds(1, APPENDS), CALLERS, SECONDS_MAX))
        for what, milliseconds in uvloop.run(_tagged(self._dsn, self.events)).items():
            self._reads.setdefault(what, []).append(milliseconds)

    def rows(self, first: "_Log") -> Iterator[Row]:
        """What was measured, beside the same of the first log."""
        target = None if self is first else round(1 / growth.SLOWER_MAX, 2)
        peer = "" if self is first else f"the same, {first.events:,} events"
        words = f"{self.events:,} events stored"
        yield Row(
            what=f"append one event at a time, {CALLERS} callers, {words}",
            unit="events/s",
            ours=self._rates(),
            peer=peer,
            theirs=first._rates() if peer else (),
            target=target,
            p99=waited(self._rounds),
            note=f"{self._gigabytes:.2g} GB on disk",
            curve=f"append, {CALLERS} callers",
            events=self.events,
        )
        for what, found in self._reads.items():
            yield Row(
                what=f"{what}, {words}",
                unit="ms",
                ours=tuple(found),
                peer=peer,
                theirs=tuple(first._reads[what]) if peer else (),
                is_less_better=True,
                target=target,
                curve=what,
                events=self.events,
            )

    def close(self) -> None:
        """Let go of the connections."""
        self._ours.close()

    def _rates(self) -> tuple[float, ...]:
        return tuple(one.rate for one in self._rounds)


async def _written(dsn: str) -> float:
    """How many gigabytes a database takes, all of which are on disk by now."""
    connection: Any = await asyncpg.connect(dsn)
    await connection.execute("CHECKPOINT")
    taken = await connection.fetchval("SELECT pg_database_size(current_database())")
    await connection.close()
    return float(taken) / 1e9


async def _tagged(dsn: str, events: int) -> dict[str, float]:
    """The median of reads of single claims, and of a hundred events, from the last of the history,
    of the government that most of it is about."""
    pool = await open_pool(dsn, connections_max=1)
    store, drawn = EventStore(pool), random.Random(SEED)
    most = f"gov:{weighed_governments()[0][0]}"
    claims = [f"claim:made-{SEED}-{drawn.randrange(events // 2)}" for _ in range(TAGGED_READS)]

    async def timed(tag: str, after: int) -> float:
        query = DCBQuery([DCBQueryItem(tags=[tag])])
        begun = time.perf_counter()
        await store.read(WORKSPACE, query, after=after, limit=TAGGED_LIMIT)
        return (time.perf_counter() - begun) * 1000

    await timed(most, 0)
    one = [await timed(claim, 0) for claim in claims]
    new = [await timed(most, events - LAST_EVENTS) for _ in range(TAGGED_READS)]
    await pool.close()
    return {"read one claim by its tag": median(one), "read a government's newest": median(new)}
