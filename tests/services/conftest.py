"""One real server per module of tests, over a database of its own."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest

from infra.postgres.embedded import EmbeddedServer
from tests.conftest import create, database
from tests.services.running import Running, running


@pytest.fixture(scope="module")
def module_dsn(server: EmbeddedServer, template: str) -> Iterator[str]:
    """The address of a fresh, migrated database for a whole module."""
    name = f"m{uuid4().hex}"
    asyncio.run(create(server.dsn, name, template))
    yield database(server.dsn, name)
    asyncio.run(_run(server.dsn, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture(scope="module")
def site(module_dsn: str) -> Iterator[Running]:
    """A server with the default settings."""
    with running(module_dsn) as found:
        yield found


async def _run(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()
