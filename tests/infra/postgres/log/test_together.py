"""Requests that belong together: one batch, in the order in which they were begun, whatever else
waits and however little a batch holds."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import count
from random import Random

import asyncpg
import pytest

from domain.dcb import DCBEvent
from domain.errors import AlreadyRecorded, KeyReused
from domain.sheaf import bind
from infra.postgres.log.appender import Appended, Appender, AppendRequest
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool
from tests.conftest import WORKSPACE

TURNS = 20
LONE_MAX = 90
FEW = 64
BODIES = (b"one", b"other")
TRANSACTIONS = (
    "SELECT count(DISTINCT xmin::text) FROM article20.event"
    " WHERE workspace = $1 AND position BETWEEN $2 AND $3"
)


@pytest.fixture
async def narrow(dsn: str, store: EventStore) -> AsyncIterator[Appender]:
    """An appender whose batches hold little."""
    pool = await open_pool(dsn)
    appender = Appender(pool, batch_requests_max=100, batch_bytes_max=20_000)
    yield appender
    await appender.close()
    await pool.close()


def request(
    claim: str, key: str | None = None, body: bytes = b"", together: object | None = None
) -> AppendRequest:
    """One event about a claim that must be new."""
    return AppendRequest(
        events=(DCBEvent("noted.v1", b"data", [f"claim:{claim}"]),),
        absent=(f"claim:{claim}",),
        together=together,
        key=key,
        request_hash=body,
    )


def expected(requests: Sequence[AppendRequest]) -> list[object]:
    """What becomes of requests one after the other: the error, or which of them was recorded."""
    claims: set[str] = set()
    keys: dict[str | None, tuple[int, bytes | None]] = {}
    found: list[object] = []
    for number, one in enumerate(requests):
        if one.key in keys:
            first, body = keys[one.key]
            found.append(first if body == one.request_hash else KeyReused)
        elif claims & set(one.absent):
            found.append(AlreadyRecorded)
        else:
            claims |= set(one.absent)
            keys[one.key] = number, one.request_hash
            found.append(number)
    return found


@pytest.mark.parametrize("least", [1, 2, 32, 64, 250, 500])
async def test_what_belongs_together_stands_in_order(
    dsn: str, narrow: Appender, least: int
) -> None:
    """Of 1 to 1000 requests that belong together, among others of which the halves of a batch are
    made, those that are recorded stand one behind the other in the order they were begun, of one
    transaction; of several that name one claim the first counts, and a key stands for its first
    body."""
    random, numbers, admin = Random(least), count(), await asyncpg.connect(dsn)

    def begin(size: int) -> tuple[list[AppendRequest], list[asyncio.Future[Appended]]]:
        together, name, some = (
            object(),
            next(numbers),
            size * random.choice((1, 64) if size < FEW else (64,)),
        )
        requests = [
            request(
                f"{name}-{random.randrange(some)}",
                f"{name}-{random.randrange(some)}",
                random.choice(BODIES),
                together,
            )
            for _ in range(size)
        ]
        return requests, [narrow.begin(WORKSPACE, one) for one in requests]

    for _ in range(TURNS):
        groups, lone = [begin(least)], list[asyncio.Future[Appended]]()
        for _ in range(random.randint(1, 3)):
            several = range(random.randint(0, LONE_MAX))
            lone += [narrow.begin(WORKSPACE, request(f"lone-{next(numbers)}")) for _ in several]
            groups.append(begin(random.randint(least, 2 * least)))
            await asyncio.sleep(random.choice((0, 0, 0.002)))
        for requests, futures in groups:
            done = await asyncio.gather(*futures, return_exceptions=True)
            taken = [one for one in done if isinstance(one, Appended)]
            fresh = [one.first for one in taken if not one.replayed]
            assert fresh == list(range(fresh[0], fresh[0] + len(fresh)))
            assert await admin.fetchval(TRANSACTIONS, WORKSPACE, fresh[0], fresh[-1]) == 1
            at = {one.first: done.index(one) for one in reversed(taken)}
            found = [at[one.first] if isinstance(one, Appended) else type(one) for one in done]
            assert found == expected(requests)
        await asyncio.gather(*lone)
    await admin.close()


async def test_a_sheaf_belongs_with_nothing(appender: Appender) -> None:
    """What is appended by itself cannot be asked for together with others."""
    sheaf = bind([("noted.v1", b"data", ("claim:a",))])
    with pytest.raises(ValueError, match="by itself"):
        appender.begin(WORKSPACE, AppendRequest(sheaf=sheaf, together=object()))
