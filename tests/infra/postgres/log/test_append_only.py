"""The log attacked by the roles that reach it: nothing recorded changes, and no workspace sees
another."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from domain.dcb import DCBEvent
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore
from infra.postgres.migrate import APP_ROLE, OWNER_ROLE, SCHEMA
from tests.conftest import WORKSPACE

OTHER = "another"
LOG = ("event", "event_tag", "idempotency")
CHANGES = (
    "UPDATE {} SET workspace = workspace",
    "UPDATE {} SET workspace = 'another' WHERE workspace = 'coalition'",
    "DELETE FROM {}",
    "DELETE FROM {} WHERE false",
    "TRUNCATE {}",
    "TRUNCATE {} CASCADE",
    "MERGE INTO {} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
)
INSERTS = (
    "INSERT INTO event VALUES ('coalition', 9, gen_random_uuid(), 't', '', '{}', now(), 'x')",
    "INSERT INTO event_tag VALUES ('coalition', 'tag', 9, '{8}')",
    "INSERT INTO idempotency VALUES ('coalition', 'key', '', 9, 9)",
    "INSERT INTO workspace VALUES ('mine')",
    "UPDATE workspace SET head = 100",
    "DELETE FROM workspace",
    "TRUNCATE workspace",
    "COPY event FROM PROGRAM 'true'",
)


@pytest.fixture(autouse=True)
async def recorded(store: EventStore, appender: Appender) -> None:
    """Two events in each of two workspaces."""
    await store.add_workspace(OTHER)
    for workspace in (WORKSPACE, OTHER):
        events = tuple(DCBEvent("noted.v1", b"x", [f"of:{workspace}", tag]) for tag in "ab")
        await appender.append(workspace, AppendRequest(events=events, key="key"))


@pytest.fixture
async def admin(dsn: str) -> AsyncIterator[Any]:
    """A connection of the superuser, who stands above row-level security but not above triggers."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": SCHEMA})
    yield connection
    await connection.close()


async def as_role(connection: Any, role: str, workspace: str = WORKSPACE) -> None:
    """Act as a role in a workspace from here on."""
    await connection.execute(f"SET ROLE {role}")
    await connection.execute("SELECT set_config('article20.workspace', $1, false)", workspace)


async def content(connection: Any) -> list[Any]:
    """Everything in the tables of the log, as the superuser sees it."""
    await connection.execute("RESET ROLE")
    return [sorted(await connection.fetch(f"TABLE {table}"), key=repr) for table in LOG]


@pytest.mark.parametrize("role", [APP_ROLE, OWNER_ROLE, "postgres"])
async def test_nothing_recorded_is_changed_by_anyone(admin: Any, role: str) -> None:
    """UPDATE, DELETE, TRUNCATE and MERGE are refused to the application by its rights, and to the
    owner and the superuser by triggers."""
    before = await content(admin)
    refusal = (
        asyncpg.InsufficientPrivilegeError
        if role == APP_ROLE
        else asyncpg.IntegrityConstraintViolationError
    )
    await as_role(admin, role)
    for table in LOG:
        for change in CHANGES:
            with pytest.raises(refusal):
                await admin.execute(change.format(table))
    assert await content(admin) == before


async def test_the_application_places_nothing_by_hand(admin: Any) -> None:
    """It appends through append_batch alone: rows, heads and workspaces are out of its reach, and
    so are the triggers that guard them."""
    before = await content(admin)
    await as_role(admin, APP_ROLE)
    for statement in (
        *INSERTS,
        "ALTER TABLE event DISABLE TRIGGER append_only",
        "ALTER TABLE event DISABLE ROW LEVEL SECURITY",
        "DROP TRIGGER append_only ON event",
        "DROP TABLE event",
        "CREATE TABLE mine ()",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await admin.execute(statement)
    assert await content(admin) == before


async def test_a_head_only_moves_forward(admin: Any) -> None:
    """Not even the owner turns a head or its clock back, renames or removes a workspace."""
    await as_role(admin, OWNER_ROLE)
    for statement in (
        "UPDATE workspace SET head = head - 1",
        "UPDATE workspace SET recorded_at = recorded_at - interval '1 second'",
        "UPDATE workspace SET workspace = 'renamed' WHERE workspace = 'coalition'",
        "DELETE FROM workspace",
        "TRUNCATE workspace CASCADE",
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await admin.execute(statement)


async def test_a_workspace_begins_at_nothing_under_a_name_that_suits(admin: Any) -> None:
    """Not even the owner adds one with a head below 0, or whose name an address cannot hold."""
    await as_role(admin, OWNER_ROLE)
    for name, head in (("mine", -1), ("Mine", 0), ("", 0), ("-mine", 0), ("m" * 64, 0)):
        with pytest.raises(asyncpg.CheckViolationError):
            await admin.execute("INSERT INTO workspace VALUES ($1, $2)", name, head)
    await admin.execute("INSERT INTO workspace VALUES ('mine')")


async def test_nobody_places_a_row_in_a_workspace_not_entered(admin: Any) -> None:
    """Row-level security holds for what the owner inserts as for what anybody reads."""
    await as_role(admin, OWNER_ROLE, OTHER)
    for statement in INSERTS[: len(LOG)]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await admin.execute(statement)


async def test_temporary_tables_lead_nobody_astray(pool: Any, appender: Appender) -> None:
    """Tables of the same names in a session's temporary schema are not the ones appended to."""
    request = AppendRequest(events=(DCBEvent("noted.v1", b"y", ["c"]),))
    connections = [await pool.acquire() for _ in range(pool.get_max_size())]
    for connection in connections:
        for table in (*LOG, "workspace"):
            await connection.execute(f"CREATE TEMP TABLE {table} (LIKE {SCHEMA}.{table})")
    for connection in connections:
        await pool.release(connection)
    assert (await appender.append(WORKSPACE, request)).first == 3
    async with pool.acquire() as connection:
        for table in LOG:
            assert not await connection.fetch(f"TABLE pg_temp.{table}")


@pytest.mark.parametrize("role", [APP_ROLE, OWNER_ROLE])
async def test_another_workspace_cannot_be_read(admin: Any, role: str) -> None:
    """A transaction sees the rows of the workspace it names and no others, even when it asks for
    them; without a name it sees none."""
    await as_role(admin, role)
    for table in LOG:
        found = await admin.fetch(f"TABLE {table}")
        assert {row["workspace"] for row in found} == {WORKSPACE}
        assert not await admin.fetch(f"SELECT FROM {table} WHERE workspace = $1", OTHER)
        assert not await admin.fetch(f"SELECT FROM {table} WHERE workspace <> $1", WORKSPACE)
    for nobody in ("", "nowhere", "%"):
        await as_role(admin, role, nobody)
        for table in LOG:
            assert not await admin.fetch(f"SELECT FROM {table}")


async def test_the_application_sees_no_other_head(admin: Any) -> None:
    """The rows of heads are kept apart too; only their list, names and numbers, is given out."""
    await as_role(admin, APP_ROLE)
    found = await admin.fetch("SELECT workspace FROM workspace")
    assert [row["workspace"] for row in found] == [WORKSPACE]
    listed = await admin.fetch("SELECT workspace, head FROM workspaces()")
    assert [tuple(row) for row in listed] == [(OTHER, 2), (WORKSPACE, 2)]


async def test_the_owner_cannot_write_into_another_workspace(admin: Any) -> None:
    """Row-level security holds for what is inserted as for what is read."""
    await as_role(admin, OWNER_ROLE, OTHER)
    for statement in INSERTS[:3]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await admin.execute(statement)


async def test_every_table_of_the_schema_is_kept_apart(admin: Any) -> None:
    """Row-level security is on for every table keyed by workspace; the address book of webhooks and
    the list of migrations have none to be keyed by."""
    open_ = await admin.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r'"
        " AND NOT relrowsecurity ORDER BY 1",
        SCHEMA,
    )
    assert {row["relname"] for row in open_} <= {"hook", "migration"}


async def test_every_key_begins_with_the_workspace(admin: Any) -> None:
    """The first column of every primary key and unique index is the workspace, so that the tables
    can be distributed by it as they are."""
    found = await admin.fetch(
        "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE i.indisunique AND c.relnamespace = $1::regnamespace",
        SCHEMA,
    )
    other = {row["relname"] for row in found if row["attname"] != "workspace"}
    assert other <= {"hook_is_free", "migration_pkey"}


async def test_reading_by_the_store_stays_within_the_workspace(store: EventStore) -> None:
    """What belongs to another workspace is found neither by tag, nor by key, nor by position."""
    events = (await store.read(OTHER)).events
    assert {event.tags[0] for event in events} == {f"of:{OTHER}"}
    assert [event.position for event in events] == [1, 2]
