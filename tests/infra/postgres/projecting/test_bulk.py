"""Views built in bulk hold the rows that views built event by event hold."""

import json
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import histories as made
from domain.clocks import HEAD
from domain.events import ClaimAccepted, ClaimRefuted, ClaimsDeclaredSame, Recorded
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore, snapshot
from infra.postgres.pool import connect
from infra.postgres.projecting import bulk, figure_view
from infra.postgres.projecting.bulk import Bulk
from infra.postgres.projecting.bulk_rows import GovernmentsPacker, Packer
from infra.postgres.projecting.projector import Projector
from infra.postgres.projecting.view_rows import VIEWS, Folded, GovernmentsView, View
from infra.postgres.proving.verify import verify
from infra.postgres.queries import queries
from infra.postgres.reading.views import Views
from projections.histories import Version
from tests.conftest import WORKSPACE
from tests.histories import histories
from tests.infra.postgres.filling import append, claim, new_workspace, rows_of, running
from tests.infra.postgres.projecting.test_view_faults import Tally

WAIT_SECONDS = 120.0


async def build(
    dsn: str, workspace: str, *, page_events: int, heads_max: int, handed_bytes_max: int
) -> None:
    """Build the next generation in bulk, as far as the log goes, and read it; no page leaves more
    in memory than the bounds allow."""
    lock = await connect(dsn)
    sql = queries("views")
    async with lock.transaction():
        await lock.execute(sql["project"], workspace)
        standing = await lock.fetch(sql["standing"], workspace)
    made = {row["view"]: row["generation"] + 1 for row in standing}
    until = standing[0]["position"]
    bulky = Bulk(dsn, workspace, VIEWS, made, page_events=page_events)
    bulky.heads_max, bulky.handed_bytes_max = heads_max, handed_bytes_max

    def is_within(_position: int, _until: int) -> None:
        assert len(bulky._packing.heads) <= heads_max
        assert bulky._sender.put_together() <= handed_bytes_max

    await bulky.build(lock, until, is_within)
    async with lock.transaction():
        await lock.execute(sql["project"], workspace)
        for view in VIEWS:
            await lock.execute(sql["keep_state"], workspace, view.name, made[view.name], view.form)
    await lock.close()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    events=histories(moves_max=40),
    page=st.integers(1, 12),
    heads=st.integers(0, 4),
    handed=st.sampled_from((0, 1_000_000)),
)
async def test_bulk_rows_equal_live_rows(
    dsn: str,
    store: EventStore,
    appender: Appender,
    projector: Projector,
    events: list[Recorded],
    page: int,
    heads: int,
    handed: int,
) -> None:
    """However small the pages, however few claims stay in memory, and however little is sent at a
    time, the rows are the same."""
    workspace = await new_workspace(store)
    await append(appender, workspace, [one.event for one in events])
    await projector.catch_up(workspace)
    live = await rows_of(store, workspace)
    await build(dsn, workspace, page_events=page, heads_max=heads, handed_bytes_max=handed)
    assert await rows_of(store, workspace) == live


async def test_a_group_is_recalled_whole(
    dsn: str, store: EventStore, appender: Appender, projector: Projector
) -> None:
    """A claim that is still in memory is declared the same as another, while one that it was
    declared the same as before has left the memory; and what is in memory is newer than what was
    written of it, where its end still waits to be sent."""
    same = ClaimsDeclaredSame(claim="a", other="b")
    accepted = ClaimAccepted(claim="a")
    last = ClaimsDeclaredSame(claim="a", other="d")
    for events, handed_bytes_max in (
        ([claim("a"), claim("b"), claim("c"), same, accepted, claim("d"), last], 0),
        (
            [
                *(claim("a"), claim("b"), same, claim("c")),
                *(claim("e"), accepted, claim("d"), last),
            ],
            1_000_000,
        ),
    ):
        workspace = await new_workspace(store)
        await append(appender, workspace, events)
        await projector.catch_up(workspace)
        live = await rows_of(store, workspace)
        bounds = {"page_events": 1, "heads_max": 2, "handed_bytes_max": handed_bytes_max}
        await build(dsn, workspace, **bounds)
        assert await rows_of(store, workspace) == live


async def test_rows_that_are_on_their_way_are_ended_when_they_are_there(
    dsn: str, store: EventStore, appender: Appender, projector: Projector
) -> None:
    """A claim leaves the memory and is decided at once, again and again: what ends its rows waits
    for them, though other sessions write them."""
    workspace = await new_workspace(store)
    decided = [ClaimAccepted(claim="a"), ClaimRefuted(claim="a", reason="no")] * 8
    await append(appender, workspace, [claim("a"), *decided])
    await projector.catch_up(workspace)
    live = await rows_of(store, workspace)
    await build(dsn, workspace, page_events=1, heads_max=0, handed_bytes_max=0)
    assert await rows_of(store, workspace) == live


async def test_a_rebuild_in_bulk_equals_a_replay(
    store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """A rebuild takes the bulk way from a number of events on; what it swaps in verifies."""
    await append(appender, WORKSPACE, [one.event for one in made.events(seed=7, count=900)])
    projector.bulk_min = 100
    told: list[tuple[int, int]] = []
    assert await projector.rebuild(WORKSPACE, None, lambda *at: told.append(at)) == 900
    assert told[-1] == (900, 900)
    assert (await views.watermark(WORKSPACE)).position == 900
    async for _ in verify(store, views, WORKSPACE):
        pass
    before = await rows_of(store, WORKSPACE)
    projector.bulk_min = 10_000
    await projector.rebuild(WORKSPACE)
    assert await rows_of(store, WORKSPACE) == before


async def test_no_block_of_figures_is_larger_for_a_longer_log(
    dsn: str,
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However often what was gathered of a government was written before it filled a block, what
    is put together in the end fills blocks and no more: each is read as a whole."""
    monkeypatch.setattr(figure_view, "BLOCK_ROWS", 20)
    monkeypatch.setattr(bulk, "FIGURES_BYTES_MAX", 2_000)
    await append(appender, WORKSPACE, [one.event for one in made.events(seed=7, count=900)])
    await projector.catch_up(WORKSPACE)
    await build(dsn, WORKSPACE, page_events=10, heads_max=50, handed_bytes_max=1_000_000)
    async with snapshot(store.pool, WORKSPACE) as connection:
        sizes = await connection.fetch(
            "SELECT government, array_agg(row_count ORDER BY first_position) AS rows"
            " FROM figure_part WHERE workspace = $1 AND generation = 2 GROUP BY government",
            WORKSPACE,
        )
    assert max(max(row["rows"]) for row in sizes) < 2 * 20
    assert all(min(row["rows"][:-1], default=20) >= 20 for row in sizes)
    assert sum(sum(row["rows"]) for row in sizes) > 900
    async for _ in verify(store, views, WORKSPACE):
        pass


async def test_readers_meet_good_plans_right_after_a_build(
    dsn: str, store: EventStore, appender: Appender, projector: Projector
) -> None:
    """The server knows how many the new rows are before they are read, and not only once it has
    come to look at them by itself."""
    admin = await asyncpg.connect(dsn)
    for table in ("claim_version", "government_claim"):
        await admin.execute(f"ALTER TABLE article20.{table} SET (autovacuum_enabled = false)")
    await append(appender, WORKSPACE, [claim(f"c-{n}") for n in range(400)])
    projector.bulk_min = 1
    for _ in range(2):
        await projector.rebuild(WORKSPACE)
    async with snapshot(store.pool, WORKSPACE) as connection:
        states = await connection.fetch(queries("views")["standing"], WORKSPACE)
    generations = {state["view"]: state["generation"] for state in states}
    for view, table in (("claims", "claim_version"), ("governments", "government_claim")):
        plan = await admin.fetchval(
            f"EXPLAIN (FORMAT json) SELECT FROM article20.{table}"
            f" WHERE workspace = '{WORKSPACE}' AND generation = {generations[view]}"
        )
        assert 300 < json.loads(plan)[0]["Plan"]["Plan Rows"] < 500, table
    await admin.close()


async def test_a_build_goes_on_where_samples_are_not_to_be_had(
    dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Something else that looks through the same tables is waited for in bounds, and then left to
    it: a warning says that readers may be slow at first."""
    holder = await asyncpg.connect(dsn)
    finder = await connect(dsn)
    await finder.execute("SET lock_timeout = '10ms'")
    async with holder.transaction():
        await holder.execute("LOCK TABLE article20.claim_version IN SHARE UPDATE EXCLUSIVE MODE")
        await bulk._sample(finder)
    assert "no samples were taken" in caplog.text
    await finder.close()
    await holder.close()


class Choosy(GovernmentsView):
    """The view of governments with a fault: its packer cannot digest a claim called `poison`."""

    def packer(self) -> Packer:
        """Pack, unless it is there."""
        return ChoosyPacker()

    async def write(self, connection: Any, workspace: str, generation: int, folded: Folded) -> None:
        """Write, unless it is there."""
        if any(span.version.claim.id == "poison" for span in folded.change.opened):
            raise KeyError("poison")
        await super().write(connection, workspace, generation, folded)


class ChoosyPacker(GovernmentsPacker):
    """See `Choosy`."""

    def share(self, version: Version, told: tuple[Any, ...]) -> tuple[Any, ...]:
        """Pack, unless it is there."""
        if version.claim.id == "poison":
            raise KeyError("poison")
        return super().share(version, told)


async def test_what_cannot_be_built_in_bulk_is_built_event_by_event(
    dsn: str,
    appender: Appender,
    listener: Listener,
    views: Views,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A view that cannot digest an event stops there, exactly as without a bulk build, and the
    others reach the head."""
    await append(appender, WORKSPACE, [claim(f"c-{n}") for n in range(30)] + [claim("poison")])
    await append(appender, WORKSPACE, [claim("after")])
    monkeypatch.setattr(bulk, "HANDED_BYTES_MAX", 0)
    monkeypatch.setattr(bulk, "HEADS_MAX", 0)
    written = (VIEWS[0], Choosy())
    faulty = Projector(dsn, listener, views, written=written, bulk_min=1, events_max=8)
    assert await faulty.rebuild(WORKSPACE) == 32
    assert [(f.view, f.position) for f in (await views.watermark(WORKSPACE)).faults] == [
        ("governments", 31)
    ]
    assert len((await views.versions(WORKSPACE, HEAD))[1]) == 32
    assert (await views.facts(WORKSPACE, HEAD))[0] == 30


async def test_a_view_without_a_packer_takes_part_in_a_bulk_build(
    dsn: str, appender: Appender, listener: Listener, views: Views
) -> None:
    """It is given every event once, with what each changes, while the others are packed."""
    await append(appender, WORKSPACE, [one.event for one in made.events(seed=8, count=300)])
    tally = Tally()
    written: tuple[View, ...] = (*VIEWS, tally)
    projector = Projector(dsn, listener, views, written=written, bulk_min=1)
    assert await projector.rebuild(WORKSPACE) == 300
    assert tally.seen == {2: set(range(1, 301))}


async def test_an_event_about_a_claim_recorded_twice_is_no_row_lost(
    dsn: str, store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """A log that records a claim twice is refused by the bulk build, and stops the views at the
    second."""
    await append(appender, WORKSPACE, [claim("c-1"), claim("c-2"), claim("c-1")])
    projector.bulk_min = 1
    await projector.rebuild(WORKSPACE)
    assert {f.position for f in (await views.watermark(WORKSPACE)).faults} == {3}


async def test_a_long_log_without_views_is_built_at_once(
    dsn: str, store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """Whoever projects takes the bulk way from nothing to the head, and goes on from there; another
    workspace does not wait for it."""
    await append(appender, WORKSPACE, [one.event for one in made.events(seed=9, count=600)])
    other = await new_workspace(store)
    projector.bulk_min = 500
    async with running(projector):
        done = await append(appender, other, [claim()])
        await views.wait_for(other, done.last, WAIT_SECONDS)
        await views.wait_for(WORKSPACE, 600, WAIT_SECONDS)
        done = await append(appender, WORKSPACE, [claim("later")])
        await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS)
    async with snapshot(store.pool, WORKSPACE) as connection:
        rows = await connection.fetch(queries("views")["standing"], WORKSPACE)
    assert {row["generation"] for row in rows} == {2}
    async for _ in verify(store, views, WORKSPACE):
        pass
