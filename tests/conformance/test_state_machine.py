"""Our log and the library's memory store driven side by side, step by step, by a state machine."""

import asyncio
from typing import Any
from uuid import uuid4

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.errors import AppendConflict
from infra.postgres.log.appender import Appender, AppendRequest
from tests.conformance.bridge import BridgedRecorder
from tests.conformance.model import (
    EVENTS,
    QUERIES,
    REQUESTS,
    Model,
    append_together,
    in_short,
)

STEPS = 12
EXAMPLES = 30


class SideBySide(RuleBasedStateMachine):
    """Whatever is asked of both, in whatever order, gets the same answer from both."""

    log: BridgedRecorder

    @initialize()
    def begin(self) -> None:
        """A workspace of its own, and an empty memory."""
        self.ours = self.log.beside(f"machine-{uuid4().hex}")
        self.model = Model()
        self.seen: list[tuple[DCBQuery, int]] = []

    def _one(self, request: AppendRequest) -> Any:
        (answer,) = self.ours.portal.run(append_together(self.ours, [request]))
        return in_short(answer)

    @rule(requests=st.lists(REQUESTS, min_size=1, max_size=8))
    def append_a_batch(self, requests: list[AppendRequest]) -> None:
        """Requests of one batch are answered as if they came one by one."""
        answers = self.ours.portal.run(append_together(self.ours, requests))
        assert [in_short(one) for one in answers] == [self.model.append(one) for one in requests]

    @rule(wanted=st.lists(st.tuples(EVENTS, QUERIES), min_size=2, max_size=8))
    def decide_together_at_the_head(self, wanted: list[tuple[DCBEvent, DCBQuery]]) -> None:
        """Decisions of one batch on the same picture: each conflicts exactly with what an earlier
        one of the batch added."""
        head = len(self.model.recorder.events)
        self.append_a_batch(
            [
                AppendRequest(events=(event,), condition=DCBAppendCondition(query, head))
                for event, query in wanted
            ]
        )

    @rule(request=REQUESTS, times=st.integers(2, 4))
    def send_again(self, request: AppendRequest, times: int) -> None:
        """The same request in batches of its own: with a key it has one effect."""
        for _ in range(times):
            assert self._one(request) == self.model.append(request)

    @rule(query=QUERIES, after=st.integers(0, 30), limit=st.none() | st.integers(0, 6))
    def read(self, query: DCBQuery, after: int, limit: int | None) -> None:
        """The same events in order, and the same head; who reads may decide on it later."""
        ours = self.ours.read(query, after=after, limit=limit)
        theirs = self.model.recorder.read(query, after=after, limit=limit)
        assert list(ours) == list(theirs)
        assert ours.head == theirs.head
        self.seen.append((query, len(self.model.recorder.events)))

    @precondition(lambda self: self.seen)
    @rule(events=st.lists(EVENTS, min_size=1, max_size=2), back=st.integers(0, 5))
    def decide_on_what_was_read(self, events: list[DCBEvent], back: int) -> None:
        """An append under the condition that nothing new matches what was read, however long ago:
        it conflicts exactly when something does."""
        query, head = self.seen[-1 - min(back, len(self.seen) - 1)]
        request = AppendRequest(events=tuple(events), condition=DCBAppendCondition(query, head))
        news = list(self.model.recorder.read(query, after=head))
        answer = self._one(request)
        assert answer == self.model.append(request)
        assert (answer == (AppendConflict,)) is bool(news)

    @rule(requests=st.lists(REQUESTS, max_size=12))
    def append_through_the_appender(self, requests: list[AppendRequest]) -> None:
        """The appender takes what waits in the order in which it came."""
        answers = self.ours.portal.run(self._gathered(requests))
        assert [in_short(one) for one in answers] == [self.model.append(one) for one in requests]

    async def _gathered(self, requests: list[AppendRequest]) -> list[Any]:
        appender = Appender(self.ours.pool)
        calls = (appender.append(self.ours.workspace, request) for request in requests)
        answers = await asyncio.gather(*calls, return_exceptions=True)
        await appender.close()
        return answers

    @invariant()
    def the_same_stands_in_both(self) -> None:
        """Positions without gaps, the head at the last of them, every event once."""
        stored = list(self.ours.read())
        assert stored == list(self.model.recorder.read())
        assert [one.position for one in stored] == list(range(1, len(stored) + 1))


def test_our_log_and_the_memory_store_go_the_same_way(postgres_recorder: BridgedRecorder) -> None:
    """Batches, retries, reads, decisions on what was read, and the appender, in any order."""

    class Machine(SideBySide):
        log = postgres_recorder

    run_state_machine_as_test(
        Machine, settings=settings(deadline=None, max_examples=EXAMPLES, stateful_step_count=STEPS)
    )
