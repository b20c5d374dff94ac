"""A PostgreSQL cluster that is made once per run and copied by every test that needs a server of
its own; it runs none itself."""

import asyncio
import fcntl
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Final

import asyncpg

from infra.postgres import embedded
from infra.postgres.migrate import migrate

PLACE: Final = "A20_TESTS_CLUSTER"
"""The variable that tells the workers of a run where its cluster is made."""
TEMPLATE: Final = "template_migrated"
"""A database that is at this release's schema: others are cloned from it."""

SPARING: Final = {"autovacuum_naptime": "1h", "io_method": "sync", "shared_buffers": "64MB"}
"""How a server of many small, short-lived databases is spared processes and memory."""


def prepare() -> None:
    """Name the folder of this run, of which the workers started from here learn too."""
    os.environ[PLACE] = tempfile.mkdtemp(prefix="a20-")


def clear() -> None:
    """Remove what `prepare` named."""
    shutil.rmtree(os.environ.pop(PLACE))


def copied(folder: Path) -> None:
    """Put a stopped cluster into a data folder that has none.

    Its databases `postgres` and `TEMPLATE` are at this release's schema, and it hurries.
    """
    subprocess.run(["cp", "-a", _made() / embedded.FOLDER, folder], check=True)


async def hurry(dsn: str) -> None:
    """Tests kill processes, never the machine: what reaches the system need not reach the disk."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("ALTER SYSTEM SET fsync = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


def _made() -> Path:
    """The folder of the cluster, made by the first worker that asks."""
    place = Path(os.environ[PLACE])
    made = place / "made"
    with (place / "gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if not made.exists():
            making = place / "making"
            with closing(embedded.start(making)) as server, ThreadPoolExecutor(1) as beside:
                # A test that asks may have the loop of this thread.
                beside.submit(asyncio.run, _fill(server.dsn)).result()
            making.rename(made)
    return made


async def _fill(dsn: str) -> None:
    await hurry(dsn)
    connection = await asyncpg.connect(dsn)
    for name, value in SPARING.items():
        await connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    await connection.execute(f'CREATE DATABASE "{TEMPLATE}"')
    await connection.close()
    await migrate(dsn)
    await migrate(dsn.replace("/postgres?", f"/{TEMPLATE}?"))
