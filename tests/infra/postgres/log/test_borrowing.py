"""Borrowing a connection for many batches: kept while nobody needs it, given back where somebody
may."""

import asyncio
from typing import Any

import pytest

from infra.postgres.log.borrowing import BORROWED_BATCHES_MAX, Parked
from infra.postgres.pool import open_pool

TURNS = 3


@pytest.mark.parametrize(
    ("connections_max", "others_taken", "lent"),
    [(1, 0, TURNS), (2, 1, TURNS), (2, 0, 1), (3, 1, 1)],
)
async def test_a_connection_is_kept_while_the_pool_has_another(
    dsn: str, connections_max: int, others_taken: int, lent: int
) -> None:
    """After a bounded number of batches a connection goes back where the pool has no other to lend,
    and is kept where it has one at rest or room for one."""
    pool = await open_pool(dsn, connections_max=connections_max)
    others = [await pool.acquire() for _ in range(others_taken)]
    borrowed = Parked(pool).take()
    used = [await borrowed.connection() for _ in range(TURNS * BORROWED_BATCHES_MAX)]
    assert len(set(map(id, used))) == lent
    await borrowed.give_back()
    for other in others:
        await pool.release(other)
    await pool.close()


async def test_who_waits_for_the_only_connection_gets_it_in_its_turn(dsn: str) -> None:
    """A reader waits for a bounded number of batches, however many follow."""
    pool = await open_pool(dsn, connections_max=1)
    borrowed = Parked(pool).take()
    await borrowed.connection()
    reading = asyncio.create_task(_read(pool))
    batches = 1
    async with asyncio.timeout(20):
        while not reading.done():
            await asyncio.sleep(0)
            await borrowed.connection()
            batches += 1
    assert await reading == 1
    assert BORROWED_BATCHES_MAX <= batches < 2 * BORROWED_BATCHES_MAX
    await borrowed.give_back()
    await pool.close()


async def _read(pool: Any) -> int:
    async with pool.acquire() as connection:
        found: int = await connection.fetchval("SELECT 1")
        return found
