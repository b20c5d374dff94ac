"""The memory store of the library as what our log must answer like, and batches that nobody thought
of; nothing of it touches a database by itself."""

import asyncio
from typing import Any

from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBQueryItem,
)
from eventsourcing.dcb.popo import InMemoryDCBRecorder
from eventsourcing.persistence import IntegrityError
from hypothesis import strategies as st

from domain.errors import AlreadyRecorded, AppendConflict, KeyReused
from infra.postgres.log.appender import Appended, AppendRequest
from infra.postgres.log.batch import Waiting, arguments, settle_answered
from infra.postgres.queries import queries
from tests.conformance.bridge import BridgedRecorder

TYPES = st.sampled_from(["said.v1", "left.v1", "voted.v1"])
TAGS = st.sampled_from(["claim:a", "claim:b", "gov:FIN", "gov:POL"])
EVENTS = st.builds(
    DCBEvent, type=TYPES, data=st.binary(max_size=3), tags=st.lists(TAGS, unique=True, max_size=3)
)
ITEMS = st.builds(
    DCBQueryItem,
    types=st.lists(TYPES, unique=True, max_size=2),
    tags=st.lists(TAGS, unique=True, max_size=3),
)
QUERIES = st.builds(DCBQuery, items=st.lists(ITEMS, max_size=3))
AFTERS = st.none() | st.integers(0, 20)
CONDITIONS = st.none() | st.builds(DCBAppendCondition, QUERIES, AFTERS)
REQUESTS = st.builds(
    AppendRequest,
    events=st.lists(EVENTS, min_size=1, max_size=3).map(tuple),
    condition=CONDITIONS,
    key=st.sampled_from([None, None, "k1", "k2", "k3"]),
    request_hash=st.sampled_from([b"one", b"two"]),
    absent=st.lists(TAGS, unique=True, max_size=2).map(tuple),
)
BATCHES = st.lists(st.lists(REQUESTS, min_size=1, max_size=6), min_size=1, max_size=4)


class Model:
    """The memory store of the library, with idempotency keys looked at first, then what must not
    exist."""

    def __init__(self) -> None:
        self.recorder = InMemoryDCBRecorder()
        self.keys: dict[str, tuple[bytes | None, int, int]] = {}

    def append(self, request: AppendRequest) -> tuple[Any, ...]:
        """What the log is to answer."""
        if request.key in self.keys:
            known, first, last = self.keys[request.key]
            if known != request.request_hash:
                return (KeyReused,)
            return first, last, True
        for tag in request.absent:
            carrying = DCBQuery([DCBQueryItem(tags=[tag])])
            for one in self.recorder.read(carrying, limit=1):
                return AlreadyRecorded, tag, one.position
        try:
            last = self.recorder.append(request.events, request.condition)
        except IntegrityError:
            return (AppendConflict,)
        first = last - len(request.events) + 1
        if request.key is not None:
            self.keys[request.key] = (request.request_hash, first, last)
        return first, last, False


async def append_together(
    recorder: BridgedRecorder, requests: list[AppendRequest]
) -> list[Appended | BaseException]:
    """What the log answers to the requests as one batch, in order."""
    loop = asyncio.get_running_loop()
    batch = [Waiting(request, loop.create_future()) for request in requests]
    async with recorder.pool.acquire() as connection:
        sent = arguments(recorder.workspace, batch)
        (answer,) = await connection.fetch(queries("log")["append"], *sent)
    settle_answered(batch, answer)
    return [one.future.exception() or one.future.result() for one in batch]


def in_short(answer: Appended | BaseException) -> tuple[Any, ...]:
    """An answer in the model's words."""
    if isinstance(answer, Appended):
        return answer.first, answer.last, answer.replayed
    if isinstance(answer, AlreadyRecorded):
        return type(answer), answer.facts["tag"], answer.facts["position"]
    return (type(answer),)
