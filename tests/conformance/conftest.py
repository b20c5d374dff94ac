"""The two recorders every case here runs over: the library's in memory, and ours."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from eventsourcing.dcb.api import DCBRecorder
from eventsourcing.dcb.popo import InMemoryDCBRecorder

from infra.postgres.embedded import EmbeddedServer
from tests.conformance.bridge import BridgedRecorder, Portal
from tests.conftest import WORKSPACE
from tests.databases import create, database


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    """The thread in which our log's coroutines run."""
    portal = Portal()
    yield portal
    portal.close()


@pytest.fixture(scope="session")
def log(portal: Portal, server: EmbeddedServer, template: str) -> Iterator[BridgedRecorder]:
    """Our log in a database of its own, for all cases together."""
    name = f"conformance{uuid4().hex}"
    portal.run(create(server.dsn, name, template))
    recorder = BridgedRecorder(portal, database(server.dsn, name), WORKSPACE)
    yield recorder
    recorder.close()


@pytest.fixture
def postgres_recorder(log: BridgedRecorder) -> BridgedRecorder:
    """Our log, empty: a workspace of its own."""
    return log.beside(f"case-{uuid4().hex}")


@pytest.fixture(params=["memory", "postgres"])
def recorder(request: pytest.FixtureRequest) -> DCBRecorder:
    """An empty recorder of each kind in turn."""
    if request.param == "memory":
        return InMemoryDCBRecorder()
    bridged: BridgedRecorder = request.getfixturevalue("postgres_recorder")
    return bridged
