"""Brings a database to the schema this release needs; it never changes a migration that has run.

To add one: write `migrations/NNNN_<what>.sql` with the next number, in plain SQL, and bring
`schema.sql` up to date (a test compares the two). It runs once per database, as the owner role, in
one transaction, inside the schema `article20`. It must suit the release that is still running: add
first, remove one release later.
"""

import hashlib
import re
from importlib.resources import files
from typing import Any, Final

import asyncpg
import msgspec

from domain.errors import SetupRefused

OWNER_ROLE: Final = "article20_owner"
APP_ROLE: Final = "article20_app"
SCHEMA: Final = "article20"
LOCK_KEY: Final = 20_1997_0918
"""Advisory lock that one migrating process holds; the day the treaty was adopted."""

_PREPARE: Final = """
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['article20_owner', 'article20_app'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- another database of this cluster made it at the same moment
        END;
        IF NOT pg_has_role(current_user, wanted, 'SET') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
        END IF;
    END LOOP;
END $$;
CREATE SCHEMA IF NOT EXISTS article20 AUTHORIZATION article20_owner;
GRANT USAGE ON SCHEMA article20 TO article20_app;
CREATE TABLE IF NOT EXISTS article20.migration (
    number int PRIMARY KEY,
    name text NOT NULL,
    digest text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON article20.migration TO article20_app;
"""


class Migration(msgspec.Struct, frozen=True):
    """One numbered file of SQL."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """SHA-256 of the SQL, hexadecimal."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """The migrations of this release in order; SetupRefused when their numbers have a gap."""
    found = []
    for file in files("infra.postgres").joinpath("migrations").iterdir():
        match = re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name)
        if match:
            found.append(Migration(int(match[1]), match[2], file.read_text("utf-8")))
    found.sort(key=lambda m: m.number)
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise SetupRefused(
            what="the migrations are not numbered 1, 2, 3 …", how="renumber the newest one"
        )
    return found


async def migrate(dsn: str, wanted: list[Migration] | None = None) -> list[str]:
    """Apply what is missing, all or nothing, and return the names applied.

    SetupRefused when the database was made by a newer release or a migration was changed after it
    ran.
    """
    connection: Any = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK_KEY)
            await connection.execute("SET LOCAL client_min_messages = warning")
            await connection.execute(_PREPARE)
            return await _apply(connection, migrations() if wanted is None else wanted)
    finally:
        await connection.close()


async def _apply(connection: Any, wanted: list[Migration]) -> list[str]:
    rows = await connection.fetch("SELECT number, name, digest FROM article20.migration")
    by_number = {m.number: m for m in wanted}
    for row in rows:
        known = by_number.get(row["number"])
        if known is None:
            raise SetupRefused(
                what=f"the database has migration {row['number']} ({row['name']}), unknown here",
                how="run the release that made it, or a newer one",
            )
        if known.digest != row["digest"]:
            raise SetupRefused(
                what=f"migration {row['number']} ({row['name']}) was changed after it ran",
                how="put it back as it was and write a further migration instead",
            )
    done = {row["number"] for row in rows}
    names = []
    for migration in wanted:
        if migration.number in done:
            continue
        await connection.execute("SET LOCAL ROLE article20_owner")
        await connection.execute("SET LOCAL search_path = article20")
        await connection.execute(migration.sql)
        await connection.execute("RESET ROLE")
        await connection.execute(
            "INSERT INTO article20.migration (number, name, digest) VALUES ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.digest,
        )
        names.append(migration.name)
    return names
