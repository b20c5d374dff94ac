"""One data folder per module, with PostgreSQL kept running in it, so that commands start fast."""

import asyncio
from collections.abc import Iterator

import pytest

from infra.postgres import embedded
from tests.conftest import hurry
from tests.services.cli.program import Program, program_folder


@pytest.fixture(scope="module")
def article20() -> Iterator[Program]:
    """The program with a data folder of its own, in which this process keeps PostgreSQL running."""
    with program_folder() as program:
        server = embedded.start(program.data_dir)
        asyncio.run(hurry(server.dsn))
        try:
            yield program
        finally:
            server.close()
