"""What tests share: a database that served one of them is as good as new for the next, or is not
handed on."""

import asyncpg
import pytest

from infra.postgres.embedded import EmbeddedServer
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool
from tests.conftest import WORKSPACE
from tests.databases import Databases
from tests.infra.postgres.filling import append, claim

TOUCHES = (
    "ALTER TABLE article20.event DISABLE TRIGGER ALL",
    "GRANT DELETE ON article20.event TO article20_app",
    "ALTER FUNCTION article20.add_workspace SET search_path = article20, pg_temp",
    "ANALYZE article20.migration",
)


async def test_a_database_is_handed_on_empty(server: EmbeddedServer) -> None:
    """What one test recorded is gone for the next one, which works in the same database."""
    databases = Databases(server.dsn)
    dsn = await databases.take()
    for _ in range(2):
        pool = await open_pool(dsn)
        await EventStore(pool).add_workspace(WORKSPACE)
        appender = Appender(pool)
        await append(appender, WORKSPACE, [claim("one")])
        assert await EventStore(pool).head(WORKSPACE) == 1
        await appender.close()
        await databases.give_back(dsn)  # though the pool still holds a connection
        pool.terminate()
        assert await databases.take() == dsn


async def test_a_database_that_was_touched_is_thrown_away(server: EmbeddedServer) -> None:
    """Whatever a test changed of schema, rights or statistics, the next one works in another."""
    databases = Databases(server.dsn)
    dsn = await databases.take()
    for touch in TOUCHES:
        connection = await asyncpg.connect(dsn)
        await connection.execute(touch)
        await connection.close()
        await databases.give_back(dsn)
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await asyncpg.connect(dsn)
        dsn = await databases.take()
    await databases.give_back(dsn)
