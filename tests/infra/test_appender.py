"""Appending with group commit: order, idempotency, conflicts, overload, shutdown."""

import asyncio

import asyncpg
import pytest

from domain.dcb import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from domain.errors import AppendConflict, KeyReused, Overloaded, StoreUnavailable
from infra.postgres.appender import Appender, AppendRequest
from infra.postgres.store import EventStore, NoWorkspace
from tests.conftest import WORKSPACE


def request(
    tag: str, key: str | None = None, body: bytes = b"1", *, new: bool = False
) -> AppendRequest:
    """One event with a tag; `new` refuses when the tag is used already."""
    query = DCBQuery([DCBQueryItem(tags=[tag])])
    return AppendRequest(
        events=(DCBEvent("noted.v1", b"data", [tag, "gov:FIN"]),),
        condition=DCBAppendCondition(query) if new else None,
        key=key,
        request_hash=body,
    )


async def test_many_callers_at_once_get_positions_without_gaps(
    store: EventStore, appender: Appender
) -> None:
    """Two hundred concurrent appends stand at 1 to 200, each once."""
    done = await asyncio.gather(
        *(appender.append(WORKSPACE, request(f"claim:{n}")) for n in range(200))
    )
    assert sorted(one.first for one in done) == list(range(1, 201))
    assert [e.position for e in (await store.read(WORKSPACE)).events] == list(range(1, 201))


async def test_the_same_key_and_body_gives_the_first_answer(
    store: EventStore, appender: Appender
) -> None:
    """Of fifty deliveries of one request at once, one is appended and all get its position."""
    done = await asyncio.gather(
        *(appender.append(WORKSPACE, request("claim:a", "k")) for _ in range(50))
    )
    assert {(one.first, one.last, one.recorded_at) for one in done} == {(1, 1, done[0].recorded_at)}
    assert sum(not one.replayed for one in done) == 1
    assert await store.head(WORKSPACE) == 1


async def test_the_same_key_with_another_body_is_refused(
    store: EventStore, appender: Appender
) -> None:
    """A used key never stands for something else."""
    await appender.append(WORKSPACE, request("claim:a", "k"))
    with pytest.raises(KeyReused):
        await appender.append(WORKSPACE, request("claim:a", "k", b"2"))
    assert await store.head(WORKSPACE) == 1


async def test_a_conflict_fails_its_own_request_and_no_other(
    store: EventStore, appender: Appender
) -> None:
    """Requests of one batch are judged in turn, each seeing the earlier ones."""
    done = await asyncio.gather(
        *(appender.append(WORKSPACE, request(f"claim:{n % 3}", new=True)) for n in range(9)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, AppendConflict) for one in done) == 6
    assert await store.head(WORKSPACE) == 3


async def test_a_key_is_looked_at_before_the_condition(appender: Appender) -> None:
    """A retry of an append that succeeded gets its answer, not a conflict with itself."""
    first = await appender.append(WORKSPACE, request("claim:a", "k", new=True))
    again = await appender.append(WORKSPACE, request("claim:a", "k", new=True))
    assert (again.first, again.replayed) == (first.first, True)


async def test_too_many_waiting_are_refused_at_once(pool: object, store: EventStore) -> None:
    """The queue is bounded; who comes after is told when to come again, and nothing is recorded."""
    appender = Appender(pool, queue_requests_max=5)
    done = await asyncio.gather(
        *(appender.append(WORKSPACE, request(f"claim:{n}")) for n in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Overloaded) for one in done) == 15
    await appender.close()
    assert await store.head(WORKSPACE) == 5


async def test_closing_finishes_what_waits_and_refuses_what_comes(
    pool: object, store: EventStore
) -> None:
    """Shutdown drains."""
    appender = Appender(pool)
    waiting = [
        asyncio.ensure_future(appender.append(WORKSPACE, request(f"claim:{n}"))) for n in range(50)
    ]
    await asyncio.sleep(0)
    await appender.close()
    assert sorted(one.first for one in await asyncio.gather(*waiting)) == list(range(1, 51))
    with pytest.raises(StoreUnavailable):
        await appender.append(WORKSPACE, request("claim:late"))


async def test_a_caller_who_goes_away_harms_no_other(store: EventStore, appender: Appender) -> None:
    """Cancelling one of many leaves the others with their positions and no gap."""
    waiting = [
        asyncio.ensure_future(appender.append(WORKSPACE, request(f"claim:{n}"))) for n in range(20)
    ]
    await asyncio.sleep(0)
    waiting[7].cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(one, asyncio.CancelledError) for one in done) == 1
    head = await store.head(WORKSPACE)
    positions = [event.position for event in (await store.read(WORKSPACE)).events]
    assert positions == list(range(1, head + 1))


async def test_an_unknown_workspace_is_named(appender: Appender) -> None:
    """Appending to a workspace that does not exist says which and how to make it."""
    with pytest.raises(NoWorkspace, match="workspace add nowhere"):
        await appender.append("nowhere", request("claim:a"))


async def test_connections_lost_under_load_lose_and_double_nothing(
    dsn: str, store: EventStore, appender: Appender
) -> None:
    """Backends are terminated while callers append; what was acknowledged stands once."""
    admin = await asyncpg.connect(dsn)
    acknowledged: list[int] = []

    async def caller(name: int) -> None:
        for turn in range(40):
            try:
                done = await appender.append(WORKSPACE, request(f"claim:{name}-{turn}"))
            except StoreUnavailable:
                continue
            acknowledged.append(done.first)

    async def attack() -> None:
        for _ in range(4):
            await asyncio.sleep(0.05)
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'article20' AND datname = current_database()"
            )

    await asyncio.gather(attack(), *(caller(name) for name in range(10)))
    await admin.close()
    events = [event async for page in store.stream(WORKSPACE) for event in page]
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= {event.position for event in events}
    assert len({event.tags[0] for event in events}) == len(events)
