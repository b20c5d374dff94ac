"""One real server per module of tests, over a database of its own."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.databases import Databases
from tests.services.running import Running, running


@pytest.fixture(scope="module")
def module_dsn(databases: Databases) -> Iterator[str]:
    """The address of an empty, migrated database for a whole module."""
    dsn = asyncio.run(databases.take())
    yield dsn
    asyncio.run(databases.give_back(dsn))


@pytest.fixture(scope="module")
def site(module_dsn: str) -> Iterator[Running]:
    """A server with the default settings."""
    with running(module_dsn) as found:
        yield found
