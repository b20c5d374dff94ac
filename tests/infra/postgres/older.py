"""Puts an older copy of a database in its place, as restoring a backup does; no test of its own."""

import asyncio

import asyncpg

from tests.databases import create, name_of

TRIES_MAX = 200


async def copy(server: str, dsn: str) -> str:
    """The name of a copy of a database as it is now; nobody may be connected to it."""
    name = f"{name_of(dsn)}_older"
    for _ in range(TRIES_MAX):
        try:
            await create(server, name, name_of(dsn))
        except asyncpg.ObjectInUseError:
            await asyncio.sleep(0.05)  # a backend that ends, or one that vacuums
        else:
            return name
    raise TimeoutError


async def put_in_place(server: str, older: str, dsn: str) -> None:
    """Drop a database, whoever uses it, and give its name to the copy."""
    connection = await asyncpg.connect(server)
    await connection.execute(f'ALTER DATABASE "{name_of(dsn)}" ALLOW_CONNECTIONS false')
    await connection.execute(f'DROP DATABASE "{name_of(dsn)}" WITH (FORCE)')
    await connection.execute(f'ALTER DATABASE "{older}" RENAME TO "{name_of(dsn)}"')
    await connection.close()
