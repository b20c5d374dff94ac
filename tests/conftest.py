"""Fixtures every test may use: one PostgreSQL per run and an empty, migrated database per test."""

import gc
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings

from infra.postgres import embedded
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool
from tests import clusters
from tests.databases import Databases

WORKSPACE = "coalition"
HASH_MEMORY_KIB = 64
"""How much memory a hash of a test's password takes: little, because nobody will guess at it."""
YOUNG_OBJECTS_MAX = 50_000
"""After so many new objects Python's collector of cycles looks at them, and not after 700: to look
through thousands of tests again and again took a fifth of the time to find them."""

gc.set_threshold(YOUNG_OBJECTS_MAX, 20, 50)

# How long an example takes depends on the machine: no test fails for it.
settings.register_profile("article20", deadline=None)
settings.load_profile("article20")


def pytest_configure(config: pytest.Config) -> None:
    """One cluster is made for all workers of a run, and what tests start can be ended by Ctrl-C: a
    run in the background of a shell ignores it, and so would they."""
    if not hasattr(config, "workerinput"):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        clusters.prepare()


def pytest_unconfigure(config: pytest.Config) -> None:
    """It goes with the run."""
    if not hasattr(config, "workerinput"):
        clusters.clear()


def pytest_collection_finish() -> None:
    """What was collected stays to the end: nobody looks for cycles in it any more."""
    gc.freeze()


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.EmbeddedServer]:
    """PostgreSQL 18 in a short-lived folder (short, because a socket's path is)."""
    folder = Path(tempfile.mkdtemp(prefix="a20-"))
    clusters.copied(folder)
    running = embedded.start(folder)
    yield running
    running.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(server: embedded.EmbeddedServer) -> str:
    """The name of a migrated database that others are cloned from."""
    return clusters.TEMPLATE


@pytest.fixture(scope="session")
def databases(server: embedded.EmbeddedServer) -> Databases:
    """The databases of that server."""
    return Databases(server.dsn)


@pytest.fixture
async def dsn(databases: Databases) -> AsyncIterator[str]:
    """The address of an empty, migrated database."""
    dsn = await databases.take()
    yield dsn
    await databases.give_back(dsn)


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections as the application role."""
    pool = await open_pool(dsn)
    yield pool
    pool.terminate()


@pytest.fixture
async def store(pool: asyncpg.Pool) -> EventStore:
    """The log, with one workspace, `coalition`."""
    store = EventStore(pool)
    await store.add_workspace(WORKSPACE)
    return store


@pytest.fixture
async def appender(pool: asyncpg.Pool, store: EventStore) -> AsyncIterator[Appender]:
    """The appender of the same log, drained at the end."""
    appender = Appender(pool)
    yield appender
    await appender.close()
