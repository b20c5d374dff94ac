"""What is judged is looked up one by one in a database of which the server knew nothing when it
planned."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from domain.dcb import DCBEvent
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore
from tests.conftest import WORKSPACE

FEW, MANY, ASKED = 5, 1000, 10
PLANNED = (  # as `append_batch` has it
    "SET search_path = article20",
    "SET plan_cache_mode = force_generic_plan",
    *(f"SET enable_{way} = off" for way in ("seqscan", "hashjoin", "mergejoin")),
    "ALTER TABLE event_tag SET (autovacuum_enabled = false)",
    "ALTER TABLE idempotency SET (autovacuum_enabled = false)",
)
JUDGED = "SELECT outcomes FROM judged($1, $2, now(), $3, $4, NULL, NULL, $5, $6, $7)"
ROWS_READ = (
    "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int"
    " FROM pg_stat_xact_user_tables WHERE relname IN ('event', 'event_tag', 'idempotency')"
)


@pytest.mark.parametrize(
    ("types", "keyed", "outcome"),
    [("", True, 1), ("", False, 4), ("noted.v1", False, 4)],
    ids=["a repeated key", "a tag that is there", "a tag and a type that are there"],
)
async def test_what_is_judged_is_looked_up_one_by_one(
    dsn: str, store: EventStore, appender: Appender, types: str, keyed: bool, outcome: int
) -> None:
    """However many events came since the server planned, a request costs the rows it is about."""

    async def note(names: Sequence[str]) -> None:
        for name in names:
            event = DCBEvent("noted.v1", b"data", [f"claim:{name}"])
            appender.begin(WORKSPACE, AppendRequest(events=(event,), key=name, request_hash=b"h"))
        last = AppendRequest(events=(DCBEvent("noted.v1", b"data", []),))
        await appender.append(WORKSPACE, last)

    async def judged(names: Sequence[str]) -> Any:
        keys = [name if keyed else f"another-{name}" for name in names]
        tags = [f"claim:{name}" for name in names]
        each = len(names)
        asked = keys, [b"h"] * each, [types] * each, tags, [-1] * each
        return await admin.fetchval(JUDGED, WORKSPACE, MANY, *asked)

    admin = await asyncpg.connect(dsn)
    for statement in PLANNED:
        await admin.execute(statement)
    names = [f"n{number}" for number in range(MANY)]
    await note(names[:FEW])
    assert await judged(names[:FEW]) == [outcome] * FEW
    await note(names[FEW:])
    async with admin.transaction():
        before = await admin.fetchval(ROWS_READ) or 0
        assert await judged(names[-ASKED:]) == [outcome] * ASKED
        read = await admin.fetchval(ROWS_READ) - before
    await admin.close()
    assert read <= 5 * ASKED < MANY
