"""What proves views wrong as a whole: columns of figures, and tables as a server sends them."""

from itertools import pairwise

import asyncpg
import msgspec
import pytest

from benchmarks.histories import events as generated
from infra.orders import Aside, Bounds
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore, snapshot
from infra.postgres.projecting import bulk, figure_view
from infra.postgres.projecting.copying import HEADER, INT4, TRAILER, length
from infra.postgres.projecting.projector import Projector
from infra.postgres.proving import replaying, view_proof
from infra.postgres.proving import verify as proving
from infra.postgres.proving.figure_proof import figures_proof
from infra.postgres.proving.verify import Unsound, replayed, verify
from infra.postgres.proving.view_proof import Comparison, Digests, Sent, Tally
from infra.postgres.queries import queries
from infra.postgres.reading.views import Views
from projections.columns import Part, pack_part
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import append

EVENTS = 120
BATCH = 30
PARTS = "FROM article20.figure_part WHERE NOT is_block"
SURPLUS = (
    "INSERT INTO article20.figure_part SELECT workspace, generation, 'XKX', first_position,"
    " last_position, row_count, is_block, is_sealed, body FROM article20.figure_part"
    " WHERE government = $1"
)
CHANGED = (
    "UPDATE article20.figure_part SET {} WHERE ctid = (SELECT ctid FROM article20.figure_part"
    " WHERE row_count > 3 ORDER BY government LIMIT 1) RETURNING government"
)
BLOCKS = "FROM article20.figure_part WHERE is_block"
MISSING = "DELETE FROM article20.figure_part WHERE government = $1"


async def differing(store: EventStore, until: int) -> set[str]:
    """The governments whose columns are not what the events up to a position give."""
    return {code for code, what in (await found_wrong(store, until)).items() if what}


async def found_wrong(store: EventStore, until: int) -> dict[str, str]:
    """What is wrong with the columns of every government, beside the events up to a position."""
    digests = Digests(Aside())
    async for some in store.recorded(WORKSPACE, until=until):
        digests.digest(some)
    digests.finish()
    async with snapshot(store.pool, WORKSPACE) as connection:
        states = await connection.fetch(queries("views")["standing"], WORKSPACE)
        (generation,) = (s["generation"] for s in states if s["view"] == "figures")
        proof = figures_proof(connection, WORKSPACE, generation, digests.figures, until)
        return {code: what async for code, what in proof}


async def test_columns_that_differ_are_named_by_government(
    dsn: str, store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """Rows, ends, a whole government missing or too many: each is seen under its government, and
    what came after the replay is not held against it."""
    made = [one.event for one in generated(7, EVENTS)]
    for start in range(0, EVENTS, BATCH):
        await append(appender, WORKSPACE, made[start : start + BATCH])
        await projector.catch_up(WORKSPACE)
    for until in (0, EVENTS // 3, EVENTS):
        assert await differing(store, until) == set()
    admin = await asyncpg.connect(dsn)
    found = await admin.fetch(f"SELECT ctid, government, body {PARTS} ORDER BY government")
    decoded = [(*row, msgspec.msgpack.decode(row["body"], type=Part)) for row in found]
    place, government, body, part = next(one for one in decoded if one[3].rows and one[3].closings)
    for changed in (Part([], part.closings), Part(part.rows, [])):
        change = "UPDATE article20.figure_part SET body = $1 WHERE ctid = $2 RETURNING ctid"
        place = await admin.fetchval(change, pack_part(changed), place)
        assert await differing(store, EVENTS) == {government}
        place = await admin.fetchval(change, body, place)
    assert await differing(store, EVENTS) == set()
    await admin.execute(SURPLUS, government)
    assert await differing(store, EVENTS) == {"XKX"}
    await admin.execute(MISSING, government)
    assert await differing(store, EVENTS) == {"XKX", government}
    with pytest.raises(Unsound, match=f"figure_part of {min('XKX', government)} differs"):
        async for _ in verify(store, views, WORKSPACE):
            pass
    await admin.close()


async def test_a_table_counts_as_seen_only_when_all_of_it_came() -> None:
    """Rows are told apart however the server cuts what it sends; one that is cut off, or followed
    by what is no row, is no whole table."""
    row = b"\x00\x03" + length(INT4) + length(8) + length(INT4) + length(0) + length(4) + b"body"
    sent = Sent()
    for byte in HEADER + row + row + TRAILER:
        await sent.take(bytes((byte,)))
    assert (sent.is_whole, sent.tally.count) == (True, 2)
    for data in (HEADER + row, HEADER + row[:-1] + TRAILER, HEADER + row + b"?" + TRAILER, b""):
        cut = Sent()
        await cut.take(data)
        assert not cut.is_whole


async def test_a_view_without_rows_equals_nothing() -> None:
    """Where no generation is read, nothing was compared, and nothing is the same."""
    comparison = Comparison("claim_version", Tally())
    assert [done async for done in comparison.run(None, WORKSPACE, None)] == []
    assert not comparison.is_same


async def test_columns_are_sound_in_whatever_order_they_lie(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A rebuild that fills some blocks as it goes merges what lay between them at its end: rows are
    then not stored in their order, and the proof takes them for what they are."""
    monkeypatch.setattr(bulk, "FIGURES_BYTES_MAX", 8_000)
    monkeypatch.setattr(figure_view, "BLOCK_ROWS", 8)
    projector.bulk_min, projector.events_max = 1, 10
    await append(appender, WORKSPACE, [one.event for one in generated(7, EVENTS)])
    await projector.rebuild(WORKSPACE)
    async with snapshot(store.pool, WORKSPACE) as connection:
        spans = await connection.fetch(
            f"SELECT government, first_position, last_position {BLOCKS} ORDER BY 1, 2"
        )
    assert any(a[0] == b[0] and b[1] < a[2] for a, b in pairwise(spans))
    assert await differing(store, EVENTS) == set()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("first_position = last_position + 1", "says otherwise how far it reaches"),
        ("last_position = first_position - 1", "says otherwise how far it reaches"),
        ("row_count = row_count + 1", "says otherwise how far it reaches"),
        ("body = 'nonsense'", "holds what nobody can read"),
        ("body = substr(body, 1, 40)", "holds what nobody can read"),
        ("is_block = NOT is_block", "holds what nobody can read"),
    ],
)
async def test_a_part_that_readers_would_pass_over_is_named(
    dsn: str,
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    change: str,
    what: str,
) -> None:
    """Who asks for what came by a position, or after one, trusts a part to say where it begins and
    ends; one that says otherwise, or that nobody can read, is a fault of its government."""
    await append(appender, WORKSPACE, [one.event for one in generated(7, EVENTS)])
    await projector.catch_up(WORKSPACE)
    assert not any((await found_wrong(store, EVENTS)).values())
    admin = await asyncpg.connect(dsn)
    government = await admin.fetchval(CHANGED.format(change))
    await admin.close()
    wrong = {code: said for code, said in (await found_wrong(store, EVENTS)).items() if said}
    assert list(wrong) == [government]
    assert what in wrong[government]
    with pytest.raises(Unsound, match=f"figure_part of {government} .*{what}"):
        async for _ in verify(store, views, WORKSPACE):
            pass


@pytest.mark.parametrize("heads_max", [0, 1, 7, 40])
async def test_a_replay_that_sets_claims_aside_gives_the_same_tallies(
    store: EventStore,
    appender: Appender,
    monkeypatch: pytest.MonkeyPatch,
    heads_max: int,
) -> None:
    """However few claims are held at a time: what is decided about one that was set aside, or about
    what it was declared the same as, is digested as if it had been held all the while."""
    whole = Digests(Aside())
    monkeypatch.setattr(proving, "HEADS_MAX", heads_max)
    monkeypatch.setattr(replaying, "REPLAYED_EVENTS", 9)
    monkeypatch.setattr(proving, "FIGURES_BYTES_MAX", 100 * heads_max)
    monkeypatch.setattr(view_proof, "FEATURES_HELD_MAX", heads_max)
    await append(appender, WORKSPACE, [one.event for one in generated(7, 4 * EVENTS)])
    async for some in store.recorded(WORKSPACE):
        whole.digest(some)
    whole.finish()
    with Aside(Bounds(run_rows=heads_max + 1, block_rows=2, runs_merged=2)) as aside:
        pieces = Digests(aside)
        async for _ in replayed(store, WORKSPACE, pieces, 4 * EVENTS):
            assert len(pieces.heads) <= heads_max
        pieces.finish()
        assert aside.end > 0
    for table, tally in whole.tallies.items():
        assert tally.is_same(pieces.tallies[table]), table
        assert tally.count > 10 or table == "claim_relation"
    assert whole.figures.by_government == pieces.figures.by_government
    assert len(whole.figures.by_government) > 10
