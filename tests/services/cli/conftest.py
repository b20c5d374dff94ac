"""The program with the data folder of the run's server, so that commands start fast; its database
is as new for each module."""

import asyncio
import shutil
from collections.abc import Iterator

import asyncpg
import pytest

from infra.postgres import embedded
from tests import clusters
from tests.databases import create
from tests.services.cli.program import Program


@pytest.fixture(scope="module")
def article20(server: embedded.EmbeddedServer) -> Iterator[Program]:
    """The program, with nothing in its data folder but a server whose database is empty."""
    program = Program(server.folder.parent)
    asyncio.run(_renew(server.dsn.replace("/postgres?", "/template1?")))
    yield program
    for path in program.data_dir.iterdir():
        if path.is_dir() and path != server.folder:
            shutil.rmtree(path)
        elif not path.name.startswith(embedded.FOLDER):
            path.unlink()


async def _renew(beside: str) -> None:
    """Put a migrated database in the place of the one that the program uses; `beside` leads to
    another."""
    connection = await asyncpg.connect(beside)
    await connection.execute("DROP DATABASE postgres WITH (FORCE)")
    await connection.close()
    await create(beside, "postgres", clusters.TEMPLATE)
