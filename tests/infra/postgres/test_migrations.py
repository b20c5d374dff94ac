"""Migrations: what they make, and what is refused."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from domain.errors import SetupRefused
from infra.postgres.embedded import EmbeddedServer
from infra.postgres.migrate import APP_ROLE, OWNER_ROLE, SCHEMA, Migration, migrate, migrations
from infra.postgres.pool import open_pool
from infra.postgres.schema import SCHEMA_FILE, dump
from tests.databases import create, database

MORE = Migration(len(migrations()) + 1, "more", "CREATE TABLE more (workspace text PRIMARY KEY);")
BROKEN = Migration(len(migrations()) + 2, "broken", "CREATE TABLE much (); SELECT 1 / 0;")


@pytest.fixture
async def empty(server: EmbeddedServer, template: str) -> AsyncIterator[str]:
    """The address of a database without our schema; the roles exist already."""
    name = f"empty{uuid4().hex}"
    await create(server.dsn, name, None)
    yield database(server.dsn, name)
    connection = await asyncpg.connect(server.dsn)
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


async def test_all_migrations_make_what_schema_sql_says(empty: str, dsn: str) -> None:
    """Types, tables, constraints, indexes, functions with their sources, triggers, policies, owners
    and grants of a migrated database are those of `schema.sql`, and running that file makes them
    again."""
    written = SCHEMA_FILE.read_text(encoding="utf-8")
    made = await asyncio.to_thread(dump, dsn)
    assert made == written, "run python -m infra.postgres.schema"
    connection = await asyncpg.connect(empty)
    await connection.execute(written)
    await connection.close()
    assert await asyncio.to_thread(dump, empty) == written


async def test_each_runs_once(empty: str) -> None:
    """The first process applies everything in order, the next ones find nothing to do."""
    names = [migration.name for migration in migrations()]
    assert await migrate(empty) == names
    assert await migrate(empty) == []
    assert await migrate(empty, [*migrations(), MORE]) == ["more"]


async def test_several_processes_may_start_at_once(empty: str) -> None:
    """One migrates while the others wait, whatever the number of workers."""
    ran = await asyncio.gather(*(migrate(empty) for _ in range(4)))
    assert sorted(map(len, ran)) == [0, 0, 0, len(migrations())]


async def test_a_migration_that_was_changed_after_it_ran_is_refused(dsn: str) -> None:
    """The text that ran is the text that stands; the error names the one that differs."""
    changed = [msgspec.structs.replace(migrations()[0], sql="SELECT 1;"), *migrations()[1:]]
    with pytest.raises(SetupRefused, match=r"another migration 1 \(log\) than this version has"):
        await migrate(dsn, changed)


async def test_a_database_of_a_newer_release_is_refused(dsn: str) -> None:
    """A release doesn't work on a schema it doesn't know."""
    await migrate(dsn, [*migrations(), MORE])
    with pytest.raises(SetupRefused, match="unknown here"):
        await migrate(dsn)


async def test_a_migration_that_fails_leaves_nothing(dsn: str) -> None:
    """Missing migrations are applied all or not at all."""
    before = await asyncio.to_thread(dump, dsn)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(dsn, [*migrations(), MORE, BROKEN])
    assert await asyncio.to_thread(dump, dsn) == before
    assert await migrate(dsn) == []


async def test_who_may_not_migrate_is_told_so(empty: str) -> None:
    """A database user without the right to make schemas gets one line, not a driver's error."""
    user = f"nobody{uuid4().hex}"
    admin = await asyncpg.connect(empty)
    await admin.execute(f"CREATE ROLE {user} LOGIN")
    with pytest.raises(SetupRefused, match="may not migrate"):
        await migrate(empty.replace("postgres@", f"{user}@"))
    await admin.execute(f"DROP ROLE {user}")
    await admin.close()


async def test_an_ordinary_user_who_may_make_roles_can_migrate(empty: str) -> None:
    """A server of one's own needs no superuser: the owner of the database, given the two roles, is
    enough, and serves the application as well."""
    user, name = f"owner{uuid4().hex}", empty.split("@/")[1].split("?")[0]
    admin = await asyncpg.connect(empty)
    await admin.execute(f"CREATE ROLE {user} LOGIN CREATEROLE")
    await admin.execute(f"GRANT {OWNER_ROLE}, {APP_ROLE} TO {user}")
    await admin.execute(f'ALTER DATABASE "{name}" OWNER TO {user}')
    own = empty.replace("postgres@", f"{user}@")
    assert len(await migrate(own)) == len(migrations())
    pool = await open_pool(own)
    assert await pool.fetchval("SELECT add_workspace('mine')")
    await pool.close()
    await admin.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    await admin.execute(f'ALTER DATABASE "{name}" OWNER TO postgres')
    await admin.execute(f"DROP OWNED BY {user}")
    await admin.execute(f"DROP ROLE {user}")
    await admin.close()


async def test_a_database_is_left_alone_while_a_backup_is_restored_into_it(empty: str) -> None:
    """Whatever pg_restore has not brought yet is not made before it comes; once it has ended,
    migrations run as ever."""
    restoring = await asyncpg.connect(empty, server_settings={"application_name": "pg_restore"})
    with pytest.raises(SetupRefused, match="a backup is being restored"):
        await migrate(empty)
    assert not await restoring.fetchval("SELECT to_regnamespace($1) IS NOT NULL", SCHEMA)
    await restoring.close()
    assert await _migrated_at_last(empty) == len(migrations())


async def _migrated_at_last(dsn: str) -> int:
    """How many migrations run once the server has noticed that a session ended."""
    async with asyncio.timeout(60):
        while True:
            try:
                return len(await migrate(dsn))
            except SetupRefused:
                await asyncio.sleep(0.05)
