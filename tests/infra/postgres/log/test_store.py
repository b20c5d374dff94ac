"""Reading the log: pages, heads, single events, and what is said when it cannot be read."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Any

import asyncpg
import pytest
import uvloop

from domain.dcb import DCBEvent, DCBQuery, DCBQueryItem
from domain.errors import StoreUnavailable, UndecodableEvent
from domain.events import encode
from infra.postgres.log.appender import Appender, AppendRequest, Unstorable
from infra.postgres.log.pages import GapInLog, UnevenPage
from infra.postgres.log.store import (
    EventStore,
    InvalidWorkspace,
    Keyed,
    NoWorkspace,
    asked,
    opened,
    snapshot,
)
from infra.postgres.pool import connect, open_pool
from infra.postgres.proving.log_proof import prove_log
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import append, claim

EVENTS = 250
LOOKS_MAX = 3_000


@pytest.fixture
async def filled(store: EventStore, appender: Appender) -> EventStore:
    """A log of 250 events, every fifth of them about Finland."""
    events = tuple(
        DCBEvent("noted.v1", str(n).encode(), [f"claim:{n}", f"gov:{'POL' if n % 5 else 'FIN'}"])
        for n in range(1, EVENTS + 1)
    )
    await appender.append(WORKSPACE, AppendRequest(events=events, recorded_by="import"))
    return store


def about(tag: str) -> DCBQuery:
    """The events with a tag."""
    return DCBQuery([DCBQueryItem(tags=[tag])])


async def streamed(store: EventStore, *arguments: Any, **bounds: Any) -> list[list[int]]:
    """The positions of each page."""
    pages = store.stream(WORKSPACE, *arguments, **bounds)
    return [[event.position for event in page] async for page in pages]


async def test_a_stream_gives_everything_in_pages(filled: EventStore) -> None:
    """Pages follow each other without gap or overlap, and the last is as short as it is."""
    pages = await streamed(filled, page_events=100)
    assert [len(page) for page in pages] == [100, 100, 50]
    assert [position for page in pages for position in page] == list(range(1, EVENTS + 1))


async def test_a_stream_keeps_to_its_bounds(filled: EventStore) -> None:
    """It begins after a position, ends with another, and filters like a read."""
    assert await streamed(filled, after=98, until=101, page_events=2) == [[99, 100], [101]]
    assert await streamed(filled, about("gov:FIN"), after=10, until=30) == [[15, 20, 25, 30]]
    assert await streamed(filled, about("gov:FIN"), page_events=49) == [
        list(range(5, 250, 5)),
        [250],
    ]
    assert await streamed(filled, after=EVENTS) == []
    assert await streamed(filled, until=0) == []


async def test_a_stream_ends_with_the_head_it_began_with(
    filled: EventStore, appender: Appender
) -> None:
    """What is appended meanwhile is not in it, so that it ends however fast others write."""
    seen = 0
    async for page in filled.stream(WORKSPACE, page_events=100):
        seen += len(page)
        more = tuple(DCBEvent("noted.v1", b"", ["claim:more"]) for _ in range(100))
        await appender.append(WORKSPACE, AppendRequest(events=more))
    assert seen == EVENTS


async def test_a_read_gives_the_head_that_belongs_to_its_rows(
    store: EventStore, appender: Appender
) -> None:
    """While others append, what was read reaches exactly to the head that came with it."""
    ended = False

    async def write() -> None:
        while not ended:
            await appender.append(
                WORKSPACE, AppendRequest(events=(DCBEvent("noted.v1", b"", ["claim:a"]),) * 3)
            )

    writing = asyncio.gather(*(write() for _ in range(8)))
    for _ in range(100):
        batch = await store.read(WORKSPACE)
        assert [event.position for event in batch.events] == list(range(1, batch.head + 1))
        assert batch.head % 3 == 0
    ended = True
    await writing


async def test_an_event_comes_with_all_that_was_recorded(filled: EventStore) -> None:
    """Its identifier, type, data, tags in order, moment and recorder."""
    event = await filled.at(WORKSPACE, 7)
    assert event is not None
    assert (event.position, event.type, event.data) == (7, "noted.v1", b"7")
    assert (event.tags, event.recorded_by) == (("claim:7", "gov:POL"), "import")
    assert event.id.version == 8
    assert event.recorded_at.utcoffset() is not None


@pytest.mark.parametrize("position", [-1, 0, EVENTS + 1])
async def test_where_no_event_stands_there_is_none(filled: EventStore, position: int) -> None:
    """Before the first and after the head there is nothing."""
    assert await filled.at(WORKSPACE, position) is None


async def test_an_unknown_workspace_is_named(store: EventStore) -> None:
    """Reading what does not exist is an error, not an empty answer."""
    for reading in (store.head("nowhere"), store.read("nowhere"), store.at("nowhere", 1)):
        with pytest.raises(NoWorkspace, match="nowhere"):
            await reading


async def test_a_name_that_no_event_can_have_is_refused(store: EventStore) -> None:
    """A tag that would be taken apart on its way is an error of the question."""
    with pytest.raises(Unstorable, match="control character"):
        await store.read(WORKSPACE, about("a\x1fb"))


async def test_workspaces_are_made_once_and_listed(store: EventStore) -> None:
    """Making one again changes nothing; the list has names, heads and last moments."""
    assert await store.add_workspace("second")
    assert not await store.add_workspace("second")
    assert await store.workspaces() == [(WORKSPACE, 0, None), ("second", 0, None)]
    for bad in ("", "-a", "A", "a b", "a" * 64, "ä"):
        with pytest.raises(InvalidWorkspace):
            await store.add_workspace(bad)


async def test_a_key_tells_what_was_appended_under_it(filled: EventStore) -> None:
    """The positions and the hash of the body; nothing for a key that was not used."""
    appender = Appender(filled.pool)
    request = AppendRequest(
        events=(DCBEvent("noted.v1", b"", ["claim:x"]),) * 2, key="k", request_hash=b"body"
    )
    await appender.append(WORKSPACE, request)
    found = await filled.keyed_by(WORKSPACE, "k", "unused")
    assert found == {"k": Keyed("k", b"body", 251, 252)}


async def test_a_remembered_key_stands_for_what_is_there(filled: EventStore) -> None:
    """A key under which nothing is appended stands for one body for ever, as any other; an append
    under it is a repetition, and the log stays sound."""
    assert await filled.remember(WORKSPACE, [Keyed("late", b"body", 7, 7, "accepted")]) == set()
    again = [Keyed("late", b"body", 9, 9, "pending"), Keyed("new", b"x", 8, 8, "pending")]
    assert await filled.remember(WORKSPACE, again) == set()
    assert await filled.remember(WORKSPACE, [Keyed("late", b"other", 7, 7, "pending")]) == {"late"}
    found = await filled.keyed(WORKSPACE, "late")
    assert found == Keyed("late", b"body", 7, 7, "accepted")
    appender = Appender(filled.pool)
    event = DCBEvent("noted.v1", b"", ["claim:x"])
    head = await filled.head(WORKSPACE)
    request = AppendRequest(events=(event,), key="late", request_hash=b"body")
    appended = await appender.append(WORKSPACE, request)
    assert (appended.first, appended.last, appended.replayed) == (7, 7, True)
    assert await filled.head(WORKSPACE) == head


async def test_a_store_that_is_away_is_an_error_of_ours(filled: EventStore) -> None:
    """No driver's error reaches a reader."""
    await filled.pool.close()
    with pytest.raises(StoreUnavailable):
        await filled.read(WORKSPACE)
    with pytest.raises(StoreUnavailable):
        await filled.head(WORKSPACE)


async def test_decoded_pages_hold_what_the_rows_hold(store: EventStore, appender: Appender) -> None:
    """Position, moment, recorder and event are those of the log row by row, whatever the size of
    the pages and wherever they begin and end."""
    for number in (*range(1, 8), 100):
        events = tuple(
            encode(claim(f"c-{number}-{k}", known_since="2020-01-01")) for k in range(number)
        )
        by = f"person:{number % 3}"
        await appender.append(WORKSPACE, AppendRequest(events=events, recorded_by=by))
    rows = [opened(row) for row in (await store.read(WORKSPACE)).events]
    assert len(rows) == 128
    for page_events in (1, 3, 100, 1000):
        pages = [page async for page in store.recorded(WORKSPACE, page_events=page_events)]
        assert [event for page in pages for event in page] == rows
        assert max(map(len, pages)) <= page_events
    some = store.recorded(WORKSPACE, after=5, until=17, page_events=4)
    assert [[event.position for event in page] async for page in some] == [
        [6, 7, 8, 9],
        [10, 11, 12, 13],
        [14, 15, 16, 17],
    ]
    assert [page async for page in store.recorded(WORKSPACE, after=128)] == []
    assert [page async for page in store.recorded(WORKSPACE, until=0)] == []


async def test_decoded_pages_end_with_the_head_they_began_with(
    store: EventStore, appender: Appender
) -> None:
    """What is appended while a page is worked on comes into none of them; leaving early leaves
    nothing behind in the pool."""
    await append(appender, WORKSPACE, [claim(f"c-{n}") for n in range(10)])
    seen = []
    async for page in store.recorded(WORKSPACE, page_events=3):
        seen += [event.position for event in page]
        await append(appender, WORKSPACE, [claim(f"later-{len(seen)}")])
    assert seen == list(range(1, 11))
    for _ in range(20):
        async with aclosing(store.recorded(WORKSPACE, page_events=3)) as pages:
            async for _page in pages:
                break
    assert await store.head(WORKSPACE) == 14


async def test_a_page_that_cannot_be_decoded_names_its_event(filled: EventStore) -> None:
    """The first event that nobody can read is named with its position."""
    with pytest.raises(UndecodableEvent, match=r"position 1 of type 'noted\.v1'"):
        await anext(filled.recorded(WORKSPACE))
    pages = [page async for page in filled.pages(WORKSPACE, page_events=100)]
    assert [page.size for page in pages] == [100, 100, 50]
    assert (pages[2].first, pages[2].last, pages[2].head) == (201, 250, 250)
    assert pages[2].bodies()[-1] == b"250"


async def test_a_gap_in_the_log_stops_a_page(filled: EventStore, dsn: str) -> None:
    """Events at positions that do not follow each other are never taken for neighbours."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("DELETE FROM article20.event WHERE position = 120")
    await connection.close()
    pages = filled.pages(WORKSPACE, page_events=100)
    assert (await anext(pages)).last == 100
    with pytest.raises(GapInLog, match="positions 101 and 201 of the log only 100"):
        await anext(pages)


@pytest.mark.parametrize("page_events", [1, 4, 2000])
@pytest.mark.parametrize("bytes_max", [1, 700, 3000, 5000, 40_000, 1 << 25])
async def test_a_page_has_no_more_bytes_than_may_be(
    store: EventStore,
    appender: Appender,
    monkeypatch: pytest.MonkeyPatch,
    bytes_max: int,
    page_events: int,
) -> None:
    """Large events come few at a time, with one at the most that goes beyond the bound, none is
    left out, and no page is smaller than it must be; the proof of the log takes them alike."""
    for module in ("log.pages", "proving.log_proof"):
        monkeypatch.setattr(f"infra.postgres.{module}.PAGE_BYTES_MAX", bytes_max)
    monkeypatch.setattr("infra.postgres.proving.log_proof.PAGE_EVENTS", page_events)
    for number, characters in enumerate([1, 1, 1, 4000, 1, 1000, 1000, 1000, 1]):
        await append(appender, WORKSPACE, [claim(f"c-{number}", summary="x" * characters)])
    rows = await store.read(WORKSPACE)
    found = [page async for page in store.pages(WORKSPACE, page_events=page_events)]
    assert [body for page in found for body in page.bodies()] == [one.data for one in rows.events]
    for page in found:
        sizes = list(map(len, page.bodies()))
        assert sum(sizes[:-1]) < bytes_max
        is_full = page.size == page_events or sum(sizes) >= bytes_max
        assert is_full or page.last == rows.head
    async with snapshot(store.pool, WORKSPACE) as connection:
        proof = prove_log(store, connection, WORKSPACE, rows.head)
        assert [position async for position in proof] == [page.last for page in found]


async def test_an_author_who_parts_a_page_stops_it(filled: EventStore, dsn: str) -> None:
    """What would give every later event of a page another author is never read over."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(
        "UPDATE article20.event SET recorded_by = E'a\\x1fb' WHERE position = 120"
    )
    await connection.close()
    with pytest.raises(UnevenPage, match="positions 101 and 200 of the log"):
        [page async for page in filled.pages(WORKSPACE, after=100, page_events=100)]


async def test_a_statement_that_was_prepared_and_never_sent_is_in_nobodys_way(dsn: str) -> None:
    """Whoever is cancelled between the two leaves a connection that the next reader can use."""
    pool = await open_pool(dsn, connections_max=1)
    async with pool.acquire() as connection:
        await connection.prepare("SELECT position FROM event")
    assert await EventStore(pool).keyed(WORKSPACE, "none") is None
    await pool.close()


async def test_pages_of_an_unknown_workspace_are_an_error(store: EventStore) -> None:
    """A workspace that does not exist is named, not taken for an empty one."""
    with pytest.raises(NoWorkspace, match="nowhere"):
        await anext(store.pages("nowhere"))


def test_the_next_page_is_on_its_way_while_one_is_worked_on(dsn: str) -> None:
    """A question that was asked reaches the server before the loop takes its next turn, on the loop
    that the program runs on: what is worked on meanwhile keeps it from taking any."""

    async def is_asked() -> bool:
        connection = await connect(dsn)
        with ThreadPoolExecutor(1) as beside:
            question = await asked(connection.fetchval("SELECT 'asked'"))
            found = beside.submit(asyncio.run, _is_seen(dsn)).result()  # the loop stands still
            assert await question == "asked"
        await connection.close()
        return found

    assert uvloop.run(is_asked())


async def _is_seen(dsn: str) -> bool:
    """Whether the server works on the question within a while."""
    connection = await asyncpg.connect(dsn)
    found = False
    for _ in range(LOOKS_MAX):
        if found := await connection.fetchval(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE $1)", "SELECT 'aske_'"
        ):
            break
        await asyncio.sleep(0.02)
    await connection.close()
    return bool(found)
