"""Fixtures of the views: a listener, a reader and a projector over one test's database."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from infra.postgres.listener import Listener
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading.views import Views


@pytest.fixture
async def listener(dsn: str) -> AsyncIterator[Listener]:
    """A listening listener."""
    listener = Listener(dsn)
    await listener.start()
    yield listener
    await listener.close()


@pytest.fixture
def views(pool: Any, listener: Listener, store: EventStore) -> Views:
    """The views of a database that has the workspace `coalition`."""
    return Views(pool, listener)


@pytest.fixture
def projector(dsn: str, listener: Listener, views: Views) -> Projector:
    """A projector that is not running yet."""
    return Projector(dsn, listener, views)
