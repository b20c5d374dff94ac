"""Brings a database to the schema this release needs; it never changes a migration that has run.

To add a migration:
1. Write `migrations/NNNN_<what>.sql` with the next number, in plain SQL, opening with a comment of
   what it brings. It runs once per database, in one transaction with the other missing ones, as the
   role `article20_owner`, with the schema `article20` as search path.
2. Key every table by `workspace` first, enable row-level security on it as the tables before it do,
   and grant `article20_app` what it needs, column by column if need be. A function that is
   `SECURITY DEFINER` fixes its path: `SET search_path = article20, pg_temp`.
3. Suit the release that is still running: add first, remove one release later.
4. Run `python -m infra.postgres.schema`, which writes `schema.sql` afresh; a test compares the two.
"""

import hashlib
import re
from importlib.resources import files
from typing import Any, Final

import asyncpg
import msgspec

from domain.errors import SetupRefused
from infra.postgres.queries import queries

OWNER_ROLE: Final = "article20_owner"
APP_ROLE: Final = "article20_app"
SCHEMA: Final = "article20"
LOCK_KEY: Final = 20_1997_0918
"""Advisory lock that one migrating process holds; the day the treaty was adopted."""

_SQL: Final = queries("migrate")


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

    SetupRefused while a backup is being restored into the database, or when it was made by a newer
    release, a migration was changed after it ran, or the user may not make roles and schemas.
    """
    connection: Any = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.fetchval(_SQL["lock"], LOCK_KEY)
            if await connection.fetchval(_SQL["is_restored"]):
                # Half of it is here: what is missing is on its way, and not for us to make.
                raise SetupRefused(
                    what="a backup is being restored into the database by pg_restore",
                    how="start again when that has ended",
                )
            await connection.execute(_SQL["prepare"])
            return await _apply(connection, migrations() if wanted is None else wanted)
    except asyncpg.InsufficientPrivilegeError as error:
        raise SetupRefused(
            what=f"the database user may not migrate ({error})",
            how=f"log in as one who may create roles and schemas, or make {OWNER_ROLE} and"
            f" {APP_ROLE} beforehand and grant them to the user",
        ) from error
    finally:
        await connection.close()


async def _apply(connection: Any, wanted: list[Migration]) -> list[str]:
    rows = await connection.fetch(_SQL["applied"])
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
                what=f"the database was made with another migration {row['number']}"
                f" ({row['name']}) than this version has, as builds before a release may",
                how="take the claims out with the article20 that made it (`export --out FILE`) and"
                " bring them into a new database with this one (`import FILE`); or, where you"
                " changed the migration, put it back and write a further one",
            )
    done = {row["number"] for row in rows}
    missing = [migration for migration in wanted if migration.number not in done]
    for migration in missing:
        await connection.execute(_SQL["as_owner"])
        await connection.execute(migration.sql)
        await connection.execute(_SQL["as_oneself"])
        await connection.execute(_SQL["record"], migration.number, migration.name, migration.digest)
    return [migration.name for migration in missing]
