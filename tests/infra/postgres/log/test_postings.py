"""The postings that an appending process makes, beside those the log makes by itself."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import asyncpg

from domain.dcb import DCBEvent
from domain.sheaf import bind
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.batch import POSTING_POSITIONS_MAX, Waiting, arguments
from infra.postgres.log.store import EventStore
from infra.postgres.queries import queries
from tests.conftest import WORKSPACE

LEFT_TO_THE_LOG = "aside"
OVERTAKEN = "behind"
BOUND = "bound"
PARTED = "parted"
SIZES = (1, 2, 7, 1, 200, 201, 450, 3)
APPEND = queries("log")["append"]
FIRSTS = 14
"""Which argument says where to look for what conflicts; without it the log judges everything."""
POSTED = """
SELECT t.tag, p.position, coalesce(cardinality(t.earlier), 0) + 1 AS size
FROM article20.event_tag t
CROSS JOIN LATERAL unnest(array_append(t.earlier, t.position)) AS p (position)
WHERE t.workspace = $1
"""


def drawn(source: random.Random, size: int) -> AppendRequest:
    """A request of so many events, whose tags repeat, also on one event; in half of the requests
    each event has a tag of its own."""
    tags = [f"gov:{code}" for code in ("EST", "FIN", "LTU")] + ["treaty:APMBC"]
    own = source.random() < 0.5
    events = tuple(
        DCBEvent(
            source.choice(("seen.v1", "said.v1")),
            b"{}",
            [*([f"claim:{source.random()}"] if own else []), *source.choices(tags, k=number)],
        )
        for number in (source.randrange(9) for _ in range(size))
    )
    return AppendRequest(events=events)


def bound(events: Sequence[DCBEvent]) -> AppendRequest:
    """The same events, as a sheaf."""
    return AppendRequest(sheaf=bind((one.type, one.data, tuple(one.tags)) for one in events))


async def plainly(store: EventStore, workspace: str) -> list[Any]:
    """Every event, to be compared."""
    events = (await store.read(workspace)).events
    return [(one.position, one.type, one.data, one.tags) for one in events]


async def posted(dsn: str, workspace: str) -> list[Any]:
    """Every tag and type with every position under it, and the longest posting."""
    connection: Any = await asyncpg.connect(dsn)
    rows = await connection.fetch(POSTED, workspace)
    await connection.close()
    assert max(row["size"] for row in rows) <= POSTING_POSITIONS_MAX
    return sorted((row["tag"], row["position"]) for row in rows)


async def test_an_appending_process_posts_what_the_log_would_post(
    dsn: str, pool: Any, store: EventStore, appender: Appender
) -> None:
    """Every tag and type of every event is found at its position once, whoever sorted the names of
    the batch: the process, the log, or the way of a lone event; also where others appended since
    the process last heard of the head, and where events come as sheaves, one or two."""
    for workspace in (LEFT_TO_THE_LOG, OVERTAKEN, BOUND, PARTED):
        await store.add_workspace(workspace)
    source = random.Random(20)
    for size in SIZES:
        request = drawn(source, size)
        await appender.append(WORKSPACE, request)
        waiting = Waiting(request, asyncio.get_running_loop().create_future())
        judged = list(arguments(LEFT_TO_THE_LOG, [waiting]))
        judged[FIRSTS] = None
        async with pool.acquire() as connection:
            await connection.fetch(APPEND, *judged)
            await connection.fetch(APPEND, *arguments(OVERTAKEN, [waiting], source.randrange(9)))
        await appender.append(BOUND, bound(request.events))
        at = source.randrange(size)
        for some in (request.events[:at], request.events[at:]):
            if some:
                await appender.append(PARTED, bound(some))
    found = await posted(dsn, WORKSPACE)
    assert found == await posted(dsn, LEFT_TO_THE_LOG)
    assert found == await posted(dsn, OVERTAKEN)
    for workspace in (BOUND, PARTED):
        assert found == await posted(dsn, workspace)
        assert await plainly(store, WORKSPACE) == await plainly(store, workspace)
    assert len(found) == len(set(found))
