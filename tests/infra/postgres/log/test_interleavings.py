"""Appends and reads in orders that matter, brought about on purpose: a trigger and an advisory lock
hold one append invisible while others come."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from domain.dcb import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from domain.errors import AlreadyRecorded, AppendConflict
from infra.postgres.log.appender import Appended, Appender, AppendRequest
from infra.postgres.log.store import EventStore
from infra.postgres.pool import connect, open_pool
from infra.postgres.queries import queries
from tests.conftest import WORKSPACE
from tests.infra.postgres.log.test_sheaves import sheaf

GATE = 20
TRIES_MAX = 3000
HOLD = f"""
CREATE FUNCTION article20.hold() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NEW; END $$;
CREATE TRIGGER hold AFTER INSERT ON article20.event
    FOR EACH ROW WHEN (NEW.type = 'held.v1') EXECUTE FUNCTION article20.hold()"""
WAITING = (
    "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE NOT l.granted AND a.datname = current_database() AND a.application_name = 'article20'"
)
HELD = (
    "SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE NOT l.granted AND l.locktype = 'advisory' AND a.datname = current_database()"
)


class Gate:
    """While it is closed, an append of the type `held.v1` has inserted everything and doesn't
    commit."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def waiting(self, number: int) -> None:
        """Return once so many appends wait: one at the gate, the others behind it."""
        for _ in range(TRIES_MAX):
            if await self.connection.fetchval(WAITING) >= number:
                return
            await asyncio.sleep(0.01)
        raise TimeoutError

    async def open(self) -> None:
        """Let what is held commit."""
        await self.connection.execute("SELECT pg_advisory_unlock($1)", GATE)

    async def kill(self) -> None:
        """End the connection of what is held."""
        pid = await self.connection.fetchval(HELD)
        await self.connection.execute("SELECT pg_terminate_backend($1)", pid)


@pytest.fixture
async def gate(dsn: str, store: EventStore) -> AsyncIterator[Gate]:
    """A closed gate."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(HOLD)
    await connection.execute("SELECT pg_advisory_lock($1)", GATE)
    yield Gate(connection)
    await connection.close()


@pytest.fixture
async def other(dsn: str) -> AsyncIterator[Appender]:
    """The appender of another process, as far as the log can tell."""
    pool = await open_pool(dsn)
    appender = Appender(pool)
    yield appender
    await appender.close()
    await pool.close()


def event(kind: str, tag: str, *, new: bool = False, key: str | None = None) -> AppendRequest:
    """One event; `new` refuses when the tag is used already."""
    return AppendRequest(
        events=(DCBEvent(f"{kind}.v1", b"data", [tag, "gov:FIN"]),),
        condition=DCBAppendCondition(DCBQuery([DCBQueryItem(tags=[tag])])) if new else None,
        key=key,
    )


async def types(store: EventStore, workspace: str = WORKSPACE) -> list[str]:
    """What a reader sees now, checked to be without gaps up to the head that came with it."""
    batch = await store.read(workspace)
    assert [one.position for one in batch.events] == list(range(1, batch.head + 1))
    return [one.type for one in batch.events]


async def test_nobody_sees_a_later_append_before_an_earlier_one(
    store: EventStore, appender: Appender, other: Appender, gate: Gate
) -> None:
    """While an append has its position and is not committed, readers see neither it nor any later
    one, and later ones are not acknowledged; then both stand, in order."""
    await appender.append(WORKSPACE, event("first", "claim:0"))
    held = asyncio.create_task(appender.append(WORKSPACE, event("held", "claim:a")))
    await gate.waiting(1)
    later = asyncio.create_task(other.append(WORKSPACE, event("later", "claim:b")))
    await gate.waiting(2)
    assert await types(store) == ["first.v1"]
    about = DCBQuery([DCBQueryItem(tags=["gov:FIN"])])
    assert len((await store.read(WORKSPACE, about)).events) == 1
    assert not held.done()
    assert not later.done()
    await gate.open()
    assert ((await held).first, (await later).first) == (2, 3)
    assert await types(store) == ["first.v1", "held.v1", "later.v1"]


async def test_a_condition_sees_what_was_not_committed_when_it_came(
    store: EventStore, appender: Appender, other: Appender, gate: Gate
) -> None:
    """Two processes want the same claim: the second one's condition is judged after the first one's
    commit, and conflicts, though nobody could see the first when the second came."""
    held = asyncio.create_task(appender.append(WORKSPACE, event("held", "claim:a", new=True)))
    await gate.waiting(1)
    second = asyncio.create_task(other.append(WORKSPACE, event("later", "claim:a", new=True)))
    await gate.waiting(2)
    await gate.open()
    assert (await held).first == 1
    with pytest.raises(AppendConflict):
        await second
    assert await types(store) == ["held.v1"]


async def test_a_key_in_flight_elsewhere_is_waited_for(
    store: EventStore, appender: Appender, other: Appender, gate: Gate
) -> None:
    """The same key sent to two processes at once has one effect: the second waits for the first one
    and gets its answer."""
    held = asyncio.create_task(appender.append(WORKSPACE, event("held", "claim:a", key="k")))
    await gate.waiting(1)
    again = asyncio.create_task(other.append(WORKSPACE, event("held", "claim:a", key="k")))
    await gate.waiting(2)
    await gate.open()
    first, second = await held, await again
    assert (first.first, first.replayed) == (1, False)
    assert (second.first, second.replayed, second.recorded_at) == (1, True, first.recorded_at)
    assert await types(store) == ["held.v1"]


async def test_a_key_remembered_while_an_append_waits_is_found(
    dsn: str, store: EventStore, appender: Appender
) -> None:
    """A key that comes to stand for an earlier event while an append under it waits for the head
    gives that append the earlier answer, and nothing is appended."""
    await appender.append(WORKSPACE, event("first", "claim:0"))
    connection = await connect(dsn)
    async with connection.transaction():
        await connection.fetch(queries("log")["remember"], WORKSPACE, ["k"], [b"h"], [1], [None])
        request = AppendRequest(events=event("later", "claim:a").events, key="k", request_hash=b"h")
        waiting = asyncio.create_task(appender.append(WORKSPACE, request))
        await Gate(connection).waiting(1)
    answer = await waiting
    await connection.close()
    assert (answer.first, answer.last, answer.replayed) == (1, 1, True)
    assert await types(store) == ["first.v1"]


async def test_an_append_that_dies_while_held_leaves_its_position_to_the_next(
    store: EventStore, appender: Appender, other: Appender, gate: Gate
) -> None:
    """The connection of a held append is terminated: the one behind it gets the position, and what
    was cut off is sent again under its key and stands once, after it."""
    held = asyncio.create_task(appender.append(WORKSPACE, event("held", "claim:a", new=True)))
    await gate.waiting(1)
    later = asyncio.create_task(other.append(WORKSPACE, event("later", "claim:b")))
    await gate.waiting(2)
    await gate.kill()
    assert (await later).first == 1
    await gate.waiting(1)
    await gate.open()
    assert (await held).first == 2
    assert await types(store) == ["later.v1", "held.v1"]


async def test_another_workspace_is_not_held_up(
    store: EventStore, appender: Appender, gate: Gate
) -> None:
    """Appends to one workspace wait for each other, never for those to another one, not even in the
    same process."""
    await store.add_workspace("another")
    held = asyncio.create_task(appender.append(WORKSPACE, event("held", "claim:a")))
    await gate.waiting(1)
    done = await appender.append("another", event("later", "claim:a", new=True))
    assert done.first == 1
    assert not held.done()
    await gate.open()
    assert (await held).first == 1


async def test_a_caller_who_goes_away_while_held_takes_nothing_along(
    store: EventStore, appender: Appender, gate: Gate
) -> None:
    """The caller of an append in flight is cancelled: the append is finished, and those who wait
    behind it in the same process get their answers."""
    held = asyncio.create_task(appender.append(WORKSPACE, event("held", "claim:a")))
    await gate.waiting(1)
    behind = [
        asyncio.create_task(appender.append(WORKSPACE, event("later", f"claim:{n}")))
        for n in range(3)
    ]
    await asyncio.sleep(0)
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
    await gate.open()
    assert sorted(one.first for one in await asyncio.gather(*behind)) == [2, 3, 4]
    assert await types(store) == ["held.v1", *["later.v1"] * 3]


async def test_shutting_down_waits_for_what_is_held(
    store: EventStore, appender: Appender, gate: Gate
) -> None:
    """An appender that is closed while an append is in flight ends when that one and those behind
    it have their answers."""
    waiting = [
        asyncio.create_task(appender.append(WORKSPACE, event("held", f"claim:{n}")))
        for n in range(3)
    ]
    await gate.waiting(1)
    closing = asyncio.create_task(appender.close())
    await asyncio.sleep(0)
    assert not closing.done()
    await gate.open()
    await closing
    assert sorted(one.first for one in await asyncio.gather(*waiting)) == [1, 2, 3]
    assert await types(store) == ["held.v1"] * 3


async def behind_another(
    appender: Appender, other: Appender, gate: Gate, *claims: str
) -> asyncio.Task[Appended]:
    """A sheaf of some claims that came while an append about `claim:a` was held, which is done."""
    held = asyncio.create_task(appender.append(WORKSPACE, event("held", "claim:a")))
    await gate.waiting(1)
    behind = asyncio.create_task(other.append(WORKSPACE, sheaf(*claims)))
    await gate.waiting(2)
    await gate.open()
    assert (await held).last == 1
    return behind


async def test_a_sheaf_that_comes_while_an_append_is_held_stands_behind_it(
    store: EventStore, appender: Appender, other: Appender, gate: Gate
) -> None:
    """It takes the positions that follow, whatever the head was when it came."""
    found = await (await behind_another(appender, other, gate, "b", "c"))
    assert (found.first, found.last) == (2, 3)
    assert await types(store) == ["held.v1", "said.v1", "said.v1"]


async def test_a_sheaf_sees_what_was_not_committed_when_it_came(
    store: EventStore, appender: Appender, other: Appender, gate: Gate
) -> None:
    """What must be new in it is not where an append held before it brings it."""
    behind = await behind_another(appender, other, gate, "b", "a")
    with pytest.raises(AlreadyRecorded) as found:
        await behind
    assert (found.value.facts["tag"], found.value.facts["position"]) == ("claim:a", 1)
    assert await types(store) == ["held.v1"]
