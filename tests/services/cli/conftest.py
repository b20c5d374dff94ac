"""One data folder per module, with PostgreSQL kept running in it, so that commands start fast."""

from collections.abc import Iterator

import pytest

from infra.postgres import embedded
from tests import clusters
from tests.services.cli.program import Program, program_folder


@pytest.fixture(scope="module")
def article20() -> Iterator[Program]:
    """The program with a data folder of its own, in which this process keeps PostgreSQL running."""
    with program_folder() as program:
        clusters.copied(program.data_dir)
        server = embedded.start(program.data_dir)
        try:
            yield program
        finally:
            server.close()
