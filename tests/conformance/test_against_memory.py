"""Batches of appends and reads that nobody thought of, compared with the library's memory store."""

from uuid import uuid4

import msgspec
from eventsourcing.dcb.api import DCBEvent, DCBQuery
from eventsourcing.dcb.popo import InMemoryDCBRecorder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.postgres.log.appender import AppendRequest
from tests.conformance.bridge import BridgedRecorder
from tests.conformance.model import (
    AFTERS,
    BATCHES,
    EVENTS,
    QUERIES,
    Model,
    append_together,
    in_short,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES)
def test_batches_are_judged_request_by_request(
    postgres_recorder: BridgedRecorder, batches: list[list[AppendRequest]]
) -> None:
    """A batch has the outcomes, the events and the positions of its requests made one by one."""
    model, recorder = Model(), postgres_recorder.beside(f"w{uuid4().hex}")
    for requests in batches:
        answers = recorder.portal.run(append_together(recorder, requests))
        assert [in_short(one) for one in answers] == [model.append(one) for one in requests]
    stored = list(recorder.read())
    assert stored == list(model.recorder.read())
    whole = recorder.portal.run(recorder.store.read(recorder.workspace))
    assert whole.head == len(stored)
    assert [one.recorded_at for one in whole.events] == sorted(
        one.recorded_at for one in whole.events
    )
    assert len({one.id for one in whole.events}) == len(stored)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(EVENTS, min_size=1, max_size=20),
    asked=st.lists(st.tuples(QUERIES, AFTERS, st.none() | st.integers(0, 8)), max_size=8),
)
def test_queries_find_the_same(
    postgres_recorder: BridgedRecorder,
    events: list[DCBEvent],
    asked: list[tuple[DCBQuery, int | None, int | None]],
) -> None:
    """Any query after any position with any limit gives the same events and the same head."""
    memory, recorder = InMemoryDCBRecorder(), postgres_recorder.beside(f"w{uuid4().hex}")
    memory.append(events)
    recorder.append(events)
    for query, after, limit in asked:
        expected = memory.read(query, after=after, limit=limit)
        found = recorder.read(query, after=after, limit=limit)
        assert list(found) == list(expected), msgspec.json.encode(query)
        assert found.head == expected.head
