"""Appending with group commit: order, idempotency, conflicts, overload, shutdown."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from domain.dcb import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from domain.errors import (
    AlreadyRecorded,
    AppendConflict,
    KeyReused,
    Overloaded,
    StoreUnavailable,
)
from infra.postgres.log import appender as appending
from infra.postgres.log.appender import (
    Appended,
    Appender,
    AppendRequest,
    Unstorable,
)
from infra.postgres.log.borrowing import BORROWED_BATCHES_MAX
from infra.postgres.log.store import EventStore, NoWorkspace
from infra.postgres.pool import open_pool
from tests.conftest import WORKSPACE
from tests.infra.postgres.cut import cut


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


async def test_a_batch_with_a_conflict_stays_one_batch(
    store: EventStore, appender: Appender
) -> None:
    """The others of a batch are recorded together, at one moment, whichever of them conflicts."""
    await appender.append(WORKSPACE, request("claim:3"))
    done = await asyncio.gather(
        *(appender.append(WORKSPACE, request(f"claim:{n}", new=True)) for n in range(8)),
        return_exceptions=True,
    )
    assert [type(one) for one in done] == [*[Appended] * 3, AppendConflict, *[Appended] * 4]
    assert [one.first for one in done if isinstance(one, Appended)] == list(range(2, 9))
    assert len({one.recorded_at for one in done if isinstance(one, Appended)}) == 1


async def test_a_key_is_looked_at_before_the_condition(appender: Appender) -> None:
    """A retry of an append that succeeded gets its answer, not a conflict with itself."""
    first = await appender.append(WORKSPACE, request("claim:a", "k", new=True))
    again = await appender.append(WORKSPACE, request("claim:a", "k", new=True))
    assert (again.first, again.replayed) == (first.first, True)


async def test_what_must_not_exist_is_named_when_it_does(
    store: EventStore, appender: Appender
) -> None:
    """A conflict of its own kind, told before one with the condition: the tag, and the position of
    the first event that carries it; what is absent may be recorded once, within a batch as well."""
    for number in range(3):
        await appender.append(WORKSPACE, request("claim:a" if number else "claim:0"))
    new = DCBEvent("noted.v1", b"", ["claim:new", "gov:POL"])
    condition = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["gov:FIN"])]))

    def absent(*tags: str) -> AppendRequest:
        return AppendRequest(events=(new,), condition=condition, absent=tags)

    with pytest.raises(AlreadyRecorded, match="position 2 carries claim:a"):
        await appender.append(WORKSPACE, absent("claim:b", "claim:a"))
    with pytest.raises(AppendConflict):
        await appender.append(WORKSPACE, absent("claim:b"))
    only = AppendRequest(events=(new,), absent=("claim:new",))
    done = await asyncio.gather(
        *(appender.append(WORKSPACE, only) for _ in range(5)), return_exceptions=True
    )
    assert [type(one) for one in done] == [Appended] + [AlreadyRecorded] * 4
    assert {one.facts["position"] for one in done if isinstance(one, AlreadyRecorded)} == {4}
    with pytest.raises(Unstorable, match="control character"):
        await appender.append(WORKSPACE, absent("a\x1fb"))
    assert await store.head(WORKSPACE) == 4


async def test_too_many_waiting_are_refused_at_once(pool: Any, store: EventStore) -> None:
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
    pool: Any, store: EventStore
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


async def test_workspaces_append_in_turns(dsn: str, store: EventStore) -> None:
    """Where there is one connection only, a workspace that has much to append gets no second batch
    before every other that waits has had one."""
    others = ("quiet", "still")
    for name in others:
        await store.add_workspace(name)
    pool = await open_pool(dsn, connections_max=1)
    narrow = Appender(pool)
    done: list[str] = []
    busy = True

    async def append(workspace: str) -> None:
        await narrow.append(workspace, request(f"claim:{len(done)}"))
        done.append(workspace)

    async def ask() -> None:
        while busy:
            await append(WORKSPACE)

    asking = asyncio.create_task(ask())
    for round_ in range(1, 4):
        before = len(done)
        await asyncio.gather(*map(append, others))
        assert done[before:].count(WORKSPACE) <= 2, round_
    busy = False
    await asking
    await narrow.close()
    assert pool.get_idle_size() == 1
    await pool.close()


async def test_without_a_hash_the_events_are_the_body(appender: Appender) -> None:
    """A key given alone stands for exactly these events: the same replay, others are refused."""
    one = AppendRequest(events=(DCBEvent("noted.v1", b"1", ["claim:a"]),), key="k")
    other = AppendRequest(events=(DCBEvent("noted.v1", b"2", ["claim:a"]),), key="k")
    assert not (await appender.append(WORKSPACE, one)).replayed
    assert (await appender.append(WORKSPACE, one)).replayed
    with pytest.raises(KeyReused):
        await appender.append(WORKSPACE, other)


async def test_a_key_and_another_workspace_have_nothing_to_do_with_each_other(
    store: EventStore, appender: Appender
) -> None:
    """Keys and conditions are a workspace's own."""
    await store.add_workspace("another")
    for workspace in (WORKSPACE, "another"):
        done = await appender.append(workspace, request("claim:a", "k", new=True))
        assert (done.first, done.replayed) == (1, False)


async def test_a_tag_that_stands_twice_is_kept_once(store: EventStore, appender: Appender) -> None:
    """Tags are a set in the order given."""
    await appender.append(
        WORKSPACE, AppendRequest(events=(DCBEvent("noted.v1", b"", ["b", "a", "b"]),))
    )
    (event,) = (await store.read(WORKSPACE, DCBQuery([DCBQueryItem(tags=["b"])]))).events
    assert event.tags == ("b", "a")


@pytest.mark.parametrize(
    ("event", "key", "reason"),
    [
        (DCBEvent("noted.v1", b"", ["a\x1fb"]), None, "control character"),
        (DCBEvent("noted.v1", b"", ["a\x00"]), None, "control character"),
        (DCBEvent("noted.v1", b"", ["\ud800"]), None, "control character"),
        (DCBEvent("noted.v1", b"", [""]), None, "empty"),
        (DCBEvent("noted.v1", b"", ["a", ""]), None, "empty"),
        (DCBEvent("", b"", ["a"]), None, "empty"),
        (DCBEvent("noted.v1", b"", ["ä" * 501]), None, "longer than 1000 bytes"),
        (DCBEvent("noted.v1", b"", ["a"]), "k" * 1001, "longer than 1000 bytes"),
        (DCBEvent("noted.v1", b"", ["a"]), "", "empty"),
        (DCBEvent("noted.v1", bytes(16 * 1024 * 1024 + 1), ["a"]), None, "larger than"),
    ],
)
async def test_what_the_log_cannot_keep_is_refused_at_once(
    store: EventStore, appender: Appender, event: DCBEvent, key: str | None, reason: str
) -> None:
    """Names that would not come back as they were, or don't fit an index, are named."""
    with pytest.raises(Unstorable, match=reason):
        await appender.append(WORKSPACE, AppendRequest(events=(event,), key=key))
    assert await store.head(WORKSPACE) == 0


async def test_each_event_of_a_batch_keeps_who_recorded_it(
    store: EventStore, appender: Appender
) -> None:
    """Requests that travel together are told apart, and a name that would shift the others is
    refused."""
    batch = [
        AppendRequest(events=(DCBEvent("noted.v1", b"", []),) * size, recorded_by=f"person:{size}")
        for size in (1, 3, 2, 1)
    ]
    await asyncio.gather(*(appender.append(WORKSPACE, request) for request in batch))
    kept = Counter(event.recorded_by for event in (await store.read(WORKSPACE)).events)
    assert kept == {"person:1": 2, "person:2": 2, "person:3": 3}
    with pytest.raises(Unstorable, match="who records holds a control character"):
        await appender.append(
            WORKSPACE,
            AppendRequest(events=(DCBEvent("noted.v1", b"", []),), recorded_by="a\x1db"),
        )


async def test_names_up_to_the_bound_are_kept(store: EventStore, appender: Appender) -> None:
    """A type and a tag of 1000 bytes each fit, whatever the characters."""
    long = DCBEvent("t" * 1000, b"", ["ä" * 500, "x" * 1000])
    await appender.append(WORKSPACE, AppendRequest(events=(long,), key="k" * 1000))
    query = DCBQuery([DCBQueryItem(types=["t" * 1000], tags=["x" * 1000, "ä" * 500])])
    assert len((await store.read(WORKSPACE, query)).events) == 1


async def test_a_request_the_server_refuses_fails_alone(
    dsn: str, store: EventStore, appender: Appender
) -> None:
    """When a batch fails for good, its requests are taken one by one, and the others are done."""
    admin = await asyncpg.connect(dsn)
    await admin.execute("ALTER TABLE article20.event ADD CONSTRAINT odd CHECK (data <> 'odd')")
    await admin.close()
    odd = AppendRequest(events=(DCBEvent("noted.v1", b"odd", ["claim:odd"]),))
    done = await asyncio.gather(
        *(appender.append(WORKSPACE, request(f"claim:{n}")) for n in range(5)),
        appender.append(WORKSPACE, odd),
        *(appender.append(WORKSPACE, request(f"claim:{n}")) for n in range(5, 10)),
        return_exceptions=True,
    )
    assert [type(one) for one in done if isinstance(one, Exception)] == [Unstorable]
    assert await store.head(WORKSPACE) == 10


async def test_batches_are_bounded_by_bytes(store: EventStore, pool: Any) -> None:
    """Large requests go in batches of their own, and a request larger than a batch goes alone."""
    appender = Appender(pool, batch_bytes_max=1000)
    large = AppendRequest(events=(DCBEvent("noted.v1", bytes(5000), ["claim:a"]),))
    await asyncio.gather(*(appender.append(WORKSPACE, large) for _ in range(5)))
    moments = {event.recorded_at for event in (await store.read(WORKSPACE)).events}
    assert len(moments) == 5
    await appender.close()


async def test_time_never_runs_backwards(dsn: str, store: EventStore, appender: Appender) -> None:
    """When the clock is behind the last event, further events get the moment of that one."""
    first = await appender.append(WORKSPACE, request("claim:a"))
    admin = await asyncpg.connect(dsn)
    ahead = await admin.fetchval(
        "UPDATE article20.workspace SET recorded_at = now() + interval '1 hour'"
        " WHERE workspace = $1 RETURNING recorded_at",
        WORKSPACE,
    )
    await admin.close()
    second = await appender.append(WORKSPACE, request("claim:b"))
    third = await appender.append(WORKSPACE, request("claim:c"))
    assert first.recorded_at < ahead == second.recorded_at == third.recorded_at


async def test_an_answer_lost_after_the_commit_is_found_by_its_key(
    dsn: str, store: EventStore
) -> None:
    """The connection breaks when the events are durable and the answer is on its way: the caller
    is told where they stand, as the one who appended them, and they stand once."""
    async with cut(dsn) as (between, way):
        pool = await open_pool(way)
        appender = Appender(pool)
        await appender.append(WORKSPACE, request("claim:before"))
        between.loses_answer = True
        done = await appender.append(WORKSPACE, request("claim:a", "lost:a", new=True))
        assert (done.first, done.replayed, between.cuts) == (2, False, 1)
        await appender.close()
        await pool.close()
    assert await store.head(WORKSPACE) == 2


async def test_a_request_lost_before_the_commit_is_sent_again_under_its_key(
    dsn: str, store: EventStore
) -> None:
    """The connection breaks before anything is appended: nothing stands under the key, the request
    is sent again, and its events stand once."""
    async with cut(dsn) as (between, way):
        pool = await open_pool(way)
        appender = Appender(pool)
        await appender.append(WORKSPACE, request("claim:before"))
        between.loses_request = True
        done = await appender.append(WORKSPACE, request("claim:a", "lost:a", new=True))
        assert (done.first, done.replayed, between.cuts) == (2, False, 1)
        await appender.close()
        await pool.close()
    assert await store.head(WORKSPACE) == 2


async def test_the_connection_at_hand_is_given_back_when_nobody_appends(
    dsn: str, store: EventStore
) -> None:
    """Appends one after another go through one connection; when none follows others may borrow it,
    and one that was lost meanwhile is replaced."""
    pool = await open_pool(dsn, connections_max=1)
    appender = Appender(pool)
    for number in range(BORROWED_BATCHES_MAX + 2):
        await appender.append(WORKSPACE, request(f"claim:{number}"))
        assert pool.get_idle_size() == 0
    async with asyncio.timeout(60), pool.acquire() as connection:
        process = await connection.fetchval("SELECT pg_backend_pid()")
    await appender.append(WORKSPACE, request("claim:before"))
    admin = await asyncpg.connect(dsn)
    assert await admin.fetchval("SELECT pg_terminate_backend($1, 10000)", process)
    await admin.close()
    await appender.append(WORKSPACE, request("claim:after"))
    assert await store.head(WORKSPACE) == BORROWED_BATCHES_MAX + 4
    await appender.close()
    assert pool.get_idle_size() == 1
    await pool.close()


async def test_a_store_that_stays_away_is_given_up(
    pool: Any, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Callers are not kept waiting for ever: after bounded tries they are told to come again."""
    monkeypatch.setattr(appending, "RECONNECT_TRIES_MAX", 3)
    monkeypatch.setattr(appending, "RECONNECT_PAUSE_SECONDS", 0.01)
    appender = Appender(pool)
    await appender.append(WORKSPACE, request("claim:a"))
    await pool.close()
    waiting = (appender.append(WORKSPACE, request(f"claim:{n}")) for n in range(40))
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in done] == [StoreUnavailable] * 40
    assert appender.waiting == 0
    await appender.close()


async def test_connections_lost_under_load_lose_and_double_nothing(
    dsn: str, store: EventStore
) -> None:
    """Backends are terminated while callers append, more of them than there are connections; what
    was acknowledged stands once."""
    admin, pool = await asyncpg.connect(dsn), await open_pool(dsn, connections_max=2)
    appender = Appender(pool)
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

    async with asyncio.timeout(60):
        await asyncio.gather(attack(), *(caller(name) for name in range(10)))
    await appender.close()
    await pool.close()
    await admin.close()
    # Those of the fixture were told to end as well, and may notice that in the middle of a read.
    unharmed = await open_pool(dsn)
    events = [event async for page in EventStore(unharmed).stream(WORKSPACE) for event in page]
    await unharmed.close()
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= {event.position for event in events}
    assert len({event.tags[0] for event in events}) == len(events)
