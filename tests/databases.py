"""Databases of a server of tests: copies of the migrated one, emptied for the next test; none whose
schema or rights were touched is handed on."""

from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

from tests import clusters

TERMINATED_MILLISECONDS_MAX: Final = 30_000
CATALOGUES: Final = (
    *("pg_proc", "pg_trigger", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_policy"),
    *("pg_type", "pg_rewrite", "pg_index", "pg_inherits", "pg_default_acl"),
    *("pg_event_trigger", "pg_extension", "pg_operator", "pg_cast", "pg_statistic"),
    *("pg_statistic_ext", "pg_publication", "pg_largeobject_metadata", "pg_init_privs"),
    "article20.migration",
)
"""What makes up a schema: a row that was added, changed or removed in one of them shows in how many
there are or in which transaction wrote last."""
COUNTED: Final = "SELECT 'NAME ' || count(*) || ' ' || max(xmin::text::bigint) FROM NAME"
STATE: Final = (
    """SELECT string_agg(concat_ws(' ', oid, relname, relkind, relowner, reltablespace,
        relpersistence, relrowsecurity, relforcerowsecurity, relhastriggers, relacl, reloptions),
    ';' ORDER BY oid) FROM pg_class WHERE relnamespace <> 'pg_toast'::regnamespace""",
    """SELECT string_agg(concat_ws(' ', nspname, nspowner, nspacl), ';' ORDER BY oid)
    FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'""",
    """SELECT concat_ws(' ', datacl, datallowconn, datconnlimit, dattablespace,
        (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = d.oid))
    FROM pg_database d WHERE datname = current_database()""",
    *(COUNTED.replace("NAME", name) for name in CATALOGUES),
)
EMPTYING: Final = """
SELECT string_agg(CASE
    WHEN pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0) <= $1
    THEN 'DELETE FROM ' || oid::regclass
    ELSE 'TRUNCATE ' || oid::regclass || ' CASCADE' END, '; ')
FROM pg_class
WHERE relnamespace = 'article20'::regnamespace AND relkind = 'r' AND relname <> 'migration'
    AND pg_relation_size(oid) > 0
"""
"""Asks for the statements that empty the tables in which something was written."""
DELETED_BYTES_MAX: Final = 9 * 8192
"""Of so small a table the rows are deleted: statements on it are planned as on an empty one, and to
give it new files would cost the server many times as much."""
TERMINATE: Final = """
SELECT count(*) FILTER (WHERE NOT pg_terminate_backend(pid, $1)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Databases:
    """The databases of one server; none serves two tests at a time."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._free: list[str] = []
        self._state: list[Any] = []

    async def take(self) -> str:
        """The address of an empty, migrated database."""
        if self._free:
            return self._free.pop()
        dsn = database(self.dsn, name := f"t{uuid4().hex}")
        await create(self.dsn, name, clusters.TEMPLATE)
        if not self._state:
            connection = await asyncpg.connect(dsn)
            self._state = await connection.fetch(" UNION ALL ".join(STATE))
            await connection.close()
        return dsn

    async def give_back(self, dsn: str) -> None:
        """Empty a database that was taken, or drop it."""
        if await self._empty(dsn):
            self._free.append(dsn)
            return
        connection = await asyncpg.connect(self.dsn)
        await connection.execute(f'DROP DATABASE "{name_of(dsn)}" WITH (FORCE)')
        await connection.close()

    async def _empty(self, dsn: str) -> bool:
        connection = await asyncpg.connect(dsn)
        try:
            if await connection.fetchval(TERMINATE, TERMINATED_MILLISECONDS_MAX):
                return False
            if await connection.fetch(" UNION ALL ".join(STATE)) != self._state:
                return False
            if emptying := await connection.fetchval(EMPTYING, DELETED_BYTES_MAX):
                # What the log defends itself with is for the application, and for no test's end.
                await connection.execute("SET session_replication_role = replica")
                await connection.execute(emptying)
            return True
        finally:
            await connection.close()


def name_of(dsn: str) -> str:
    """The name of the database an address leads to."""
    return urlsplit(dsn).path.removeprefix("/")


def database(dsn: str, name: str) -> str:
    """The address of another database of the same server."""
    return dsn.replace("/postgres?", f"/{name}?")


async def create(dsn: str, name: str, template: str | None) -> None:
    """Make a database on a server, as a copy of another where one is named."""
    connection = await asyncpg.connect(dsn)
    clause = f'TEMPLATE "{template}" STRATEGY file_copy' if template else ""
    await connection.execute(f'CREATE DATABASE "{name}" {clause}')
    await connection.close()
