"""A log that the first release filled, brought to this one: nothing is lost, all is found."""

from itertools import islice
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from benchmarks.histories import encoded
from domain.dcb import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from domain.errors import AppendConflict
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.names import joined
from infra.postgres.log.store import EventStore
from infra.postgres.migrate import migrate, migrations
from infra.postgres.pool import open_pool
from infra.postgres.projecting.projector import Projector
from infra.postgres.proving.verify import verify
from infra.postgres.reading.views import Views
from tests.conftest import WORKSPACE
from tests.databases import create, database

FIRST_RELEASE = 4
"""The last migration of before tags became postings."""
BATCHES = (1, 250, 3, 146)
APPEND = """
SELECT article20.append_batch(
    $1, ARRAY[$2], ARRAY[$3::bytea], ARRAY[cardinality($4::uuid[])],
    array_fill(1, ARRAY[cardinality($4)]), $4, $5, $6, $7,
    array_fill('person:1'::text, ARRAY[cardinality($4)]), '{}', '{}', '{}', '{}')
"""


async def fill(dsn: str) -> list[DCBEvent]:
    """Events appended the way the first release did, in batches."""
    events = encoded(20, sum(BATCHES))
    filled: list[DCBEvent] = []
    connection: Any = await asyncpg.connect(dsn)
    await connection.execute("INSERT INTO article20.workspace VALUES ($1)", WORKSPACE)
    for number, size in enumerate(BATCHES):
        batch = list(islice(events, size))
        filled += batch
        await connection.execute(
            APPEND,
            WORKSPACE,
            f"batch-{number}",
            b"h" * 32,
            [uuid4() for _ in batch],
            [event.type for event in batch],
            [event.data for event in batch],
            [joined(event.tags) for event in batch],
        )
    await connection.close()
    return filled


async def test_a_log_of_the_first_release_is_found_whole_by_this_one(server: Any) -> None:
    """Every event stands where it stood, every tag and type finds exactly its events, what must not
    exist twice is still refused, a key still stands for its answer, and the store verifies."""
    name = f"older{uuid4().hex}"
    await create(server.dsn, name, None)
    dsn = database(server.dsn, name)
    await migrate(dsn, migrations()[:FIRST_RELEASE])
    filled = await fill(dsn)
    assert await migrate(dsn) == [one.name for one in migrations()[FIRST_RELEASE:]]

    pool = await open_pool(dsn)
    store, appender, listener = EventStore(pool), Appender(pool), Listener(dsn)
    read = (await store.read(WORKSPACE)).events
    assert [(one.type, one.data, list(one.tags)) for one in read] == [
        (one.type, one.data, list(dict.fromkeys(one.tags))) for one in filled
    ]
    for tag in sorted({tag for one in filled for tag in one.tags})[::7]:
        found = await store.read(WORKSPACE, DCBQuery([DCBQueryItem(tags=[tag])]))
        assert [one.position for one in found.events] == [
            position for position, one in enumerate(filled, 1) if tag in one.tags
        ]
    for type_ in sorted({one.type for one in filled}):
        found = await store.read(WORKSPACE, DCBQuery([DCBQueryItem(types=[type_])]))
        assert [one.position for one in found.events] == [
            position for position, one in enumerate(filled, 1) if one.type == type_
        ]

    taken = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=[filled[0].tags[0]])]))
    with pytest.raises(AppendConflict):
        await appender.append(WORKSPACE, AppendRequest(events=(filled[0],), condition=taken))
    again = await appender.append(
        WORKSPACE,
        AppendRequest(events=(filled[1],), key="batch-1", request_hash=b"h" * 32),
    )
    assert (again.replayed, again.first, again.last) == (True, 2, 251)

    views = Views(pool, listener)
    await Projector(dsn, listener, views).catch_up(WORKSPACE)
    async for _progress in verify(store, views, WORKSPACE):
        pass
    await appender.close()
    await pool.close()
