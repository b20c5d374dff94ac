"""What the tests of views share: filling a log, replaying it, running projectors; no test of its
own."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from domain.claims import read_submission
from domain.clocks import KnownAt
from domain.desk import ClaimDesk
from domain.events import ClaimEvent, LogEvent, Recorded, encode
from domain.kinds import DETAILS_OF, recorded
from infra.postgres.log.appender import Appended, Appender, AppendRequest
from infra.postgres.log.store import EventStore, opened, snapshot
from infra.postgres.projecting.projector import Projector
from infra.postgres.queries import queries
from projections.histories import Histories, Version, fold_all
from tests.histories import NOW

CHANGES_BEFORE_TIMEOUT_SECONDS = 20.0
TABLES = ("version_rows", "government_rows", "relation_rows", "search_rows", "word_rows")


def claim(name: str = "nor-regret", *, accepted: bool = True, **fields: Any) -> ClaimEvent:
    """The event that records a claim; `fields` replace its own."""
    plain = {
        "id": name,
        "kind": "statement_of_criticism",
        "treaty": "APMBC",
        "occurred_on": "2025-04-02",
        "actors": [{"kind": "state", "code": "NOR"}],
        "targets": ["FIN"],
        "summary": "Norway regretted Finland's move.",
        "details": {"strength": "regret"},
    } | fields
    submission = read_submission(
        plain, details_of=DETAILS_OF, now=NOW, new_id="", backfill=True, restate=True
    )
    return recorded(
        submission.claim,
        status="accepted" if accepted else "pending",
        known_since=submission.known_since,
    )


async def new_workspace(store: EventStore) -> str:
    """The name of a workspace that nobody has used."""
    name = f"w{uuid4().hex}"
    await store.add_workspace(name)
    return name


async def append(appender: Appender, workspace: str, events: Iterable[LogEvent]) -> Appended:
    """Append events together."""
    request = AppendRequest(events=tuple(encode(event) for event in events), recorded_by="person:1")
    return await appender.append(workspace, request)


async def events_of(store: EventStore, workspace: str) -> list[Recorded]:
    """Every event of the log, decoded."""
    return [opened(one) for one in (await store.read(workspace)).events]


async def replayed(store: EventStore, workspace: str, until: int | None = None) -> Histories:
    """The histories that the events up to a position give."""
    events = await events_of(store, workspace)
    return fold_all(events[:until])


async def rows_of(store: EventStore, workspace: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every view that is read, without its generation, in order."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with snapshot(store.pool, workspace) as connection:
        states = await connection.fetch(queries("views")["standing"], workspace)
        generations = {row["view"]: row["generation"] for row in states}
        for query in TABLES:
            view = "governments" if query == "government_rows" else "claims"
            generation = generations.get(view, 0)
            rows = await connection.fetch(queries("verify")[query], workspace, generation)
            found[query] = sorted(tuple(row) for row in rows)
    return found


def clocks_of(histories: Histories, head: int) -> list[KnownAt]:
    """Every position, and every moment at which something came to be known."""
    moments = {v.known_from for history in histories.values() for v in history}
    return [
        KnownAt(),
        *(KnownAt(position=position) for position in range(head + 1)),
        *(KnownAt(moment=moment) for moment in sorted(moments)),
    ]


def ids(versions: Sequence[Version]) -> list[tuple[str, int]]:
    """Claim and number of some versions."""
    return [(version.claim.id, version.number) for version in versions]


@asynccontextmanager
async def running(*projectors: Projector) -> AsyncIterator[None]:
    """Projectors at work in this process."""
    tasks = [asyncio.create_task(projector.run()) for projector in projectors]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def decided(desk: ClaimDesk) -> list[Any]:
    """The events that a desk decided, taken from it."""
    return [tagged.decision for tagged in desk.collect_events()]
