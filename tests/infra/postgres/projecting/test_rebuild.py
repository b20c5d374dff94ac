"""Views built anew beside the rows that are read: never half-built, never two at once."""

import asyncio
from typing import Any

import asyncpg
import pytest

from domain.clocks import HEAD
from domain.events import ClaimAccepted, ClaimsDeclaredSame
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore, snapshot
from infra.postgres.pool import connect
from infra.postgres.projecting.projector import Projector
from infra.postgres.projecting.rebuild import LOCK_KEY, RebuildRunning, ViewsAstray, alone, rebuild
from infra.postgres.projecting.view_rows import VIEWS, ClaimsView, Folded, GovernmentsView, View
from infra.postgres.proving.verify import verify
from infra.postgres.queries import queries
from infra.postgres.reading.views import Views, ViewUnbuilt
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import append, claim, rows_of, running

WAIT_SECONDS = 120.0


class Newer(GovernmentsView):
    """The view of governments as a later release writes it."""

    form = GovernmentsView.form + 1


class NewerClaims(ClaimsView):
    """The view of claims as a later release writes it."""

    form = ClaimsView.form + 1


class Stopping(ClaimsView):
    """The view of claims, whose builder is cut off at the tenth batch, as by a kill."""

    def __init__(self) -> None:
        self.batches = 0

    async def write(self, connection: Any, workspace: str, generation: int, folded: Folded) -> None:
        """Write, or be cut off."""
        self.batches += 1
        if self.batches == 10:
            raise asyncio.CancelledError
        await super().write(connection, workspace, generation, folded)


async def generations(store: EventStore) -> dict[str, set[int]]:
    """The generations that each table holds rows of."""
    async with snapshot(store.pool, WORKSPACE) as connection:
        rows = await connection.fetch(
            "SELECT 'claim_version', generation FROM claim_version"
            " UNION SELECT 'claim_relation', generation FROM claim_relation"
            " UNION SELECT 'government_claim', generation FROM government_claim"
        )
    return {table: {g for t, g in rows if t == table} for table, _ in rows}


async def fill(appender: Appender, claims: int) -> None:
    """Claims, each accepted, some related and some declared the same."""
    reply = {"claim": "elsewhere", "relation": "responds_to"}
    for start in range(0, claims, 200):
        names = [f"c-{n}" for n in range(start, min(start + 200, claims))]
        await append(
            appender,
            WORKSPACE,
            [
                *(claim(name, accepted=False, relates_to=[reply]) for name in names),
                *(ClaimAccepted(claim=name) for name in names),
                ClaimsDeclaredSame(claim=names[0], other=names[-1]),
            ],
        )


async def test_readers_never_see_a_half_built_view(
    store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """While views are built again and again, every answer is whole."""
    await fill(appender, 400)
    head = await projector.catch_up(WORKSPACE)
    projector.events_max = 50
    done = asyncio.Event()

    async def read() -> int:
        answers = 0
        while not done.is_set():
            assert (await views.facts(WORKSPACE, HEAD))[0] == head
            position, held = await views.versions(WORKSPACE, HEAD)
            assert (position, len(held)) == (head, 400)
            _, facts = await views.facts(WORKSPACE, HEAD, government="FIN")
            assert len(facts) == 400
            answers += 1
        return answers

    reading = asyncio.create_task(read())
    told: list[tuple[int, int]] = []
    for view in (None, "claims", "governments"):
        await projector.rebuild(WORKSPACE, view, lambda at, total: told.append((at, total)))
    done.set()
    assert await reading > 0
    assert told[-1] == (head, head)
    assert all(len(found) == 1 for found in (await generations(store)).values())


async def test_what_is_appended_during_a_rebuild_is_in_the_rows_afterwards(
    store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """A projector at work and a rebuild beside it end at the same picture as a replay."""
    await fill(appender, 200)
    projector.events_max = 40
    async with running(projector):
        await views.wait_for(WORKSPACE, 401, WAIT_SECONDS)
        rebuilding = asyncio.create_task(projector.rebuild(WORKSPACE))
        last = 0
        while not rebuilding.done():
            last += 1
            await append(appender, WORKSPACE, [claim(f"late-{last}"), ClaimAccepted(claim="c-1")])
        await rebuilding
        done = await append(appender, WORKSPACE, [claim("last")])
        await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS)
    assert last > 0
    async for _ in verify(store, views, WORKSPACE):
        pass


async def test_two_rebuilds_of_a_workspace_are_refused(
    appender: Appender, projector: Projector
) -> None:
    """The second is told to wait; another workspace's would not be."""
    await fill(appender, 100)
    await projector.catch_up(WORKSPACE)
    projector.events_max = 10
    told = asyncio.Event()
    first = asyncio.create_task(projector.rebuild(WORKSPACE, None, lambda *_: told.set()))
    async with asyncio.timeout(WAIT_SECONDS):
        await told.wait()
    with pytest.raises(RebuildRunning):
        await projector.rebuild(WORKSPACE)
    await first


async def test_a_rebuild_that_has_ended_is_in_the_way_of_no_other(
    dsn: str, store: EventStore, appender: Appender, projector: Projector
) -> None:
    """Done or refused, it gives back its lock before it says so, and does not leave that to the end
    of its session."""
    await fill(appender, 10)
    await projector.catch_up(WORKSPACE)
    session, admin = await connect(dsn), await asyncpg.connect(dsn)

    async def build(reaches_head: bool) -> int:
        async with alone(session, WORKSPACE):
            return await rebuild(
                *(session, WORKSPACE, VIEWS),
                events_max=10,
                progress=None,
                reaches_head=reaches_head,
                bulk_min=1000,
                dsn=dsn,
            )

    async def is_free() -> bool:
        async with admin.transaction():
            free: bool = await admin.fetchval(
                "SELECT pg_try_advisory_xact_lock($1, hashtext($2))", LOCK_KEY, WORKSPACE
            )
        return free

    assert await build(reaches_head=True) == await store.head(WORKSPACE)
    assert await is_free()
    await admin.execute("UPDATE article20.view_watermark SET position = 99")
    with pytest.raises(ViewsAstray):
        await build(reaches_head=False)
    assert await is_free()
    await session.close()
    await admin.close()


async def test_a_rebuild_that_was_killed_leaves_the_views_as_they_were(
    dsn: str, listener: Listener, store: EventStore, appender: Appender, views: Views
) -> None:
    """Its rows are never read, and the next rebuild clears them away."""
    await fill(appender, 100)
    projector = Projector(dsn, listener, views)
    await projector.catch_up(WORKSPACE)
    before = await rows_of(store, WORKSPACE)
    cut_off = Projector(dsn, listener, views, written=(Stopping(), VIEWS[1]), events_max=10)
    with pytest.raises(asyncio.CancelledError):
        await cut_off.rebuild(WORKSPACE)
    assert (await generations(store))["claim_version"] == {1, 2}
    assert await rows_of(store, WORKSPACE) == before
    await projector.rebuild(WORKSPACE)
    assert await rows_of(store, WORKSPACE) == before
    assert set().union(*(await generations(store)).values()) == {2}


async def test_a_new_form_of_a_view_is_built_at_the_next_start(
    dsn: str, listener: Listener, store: EventStore, appender: Appender, views: Views
) -> None:
    """Rows of another form are never read: the view is being built until the new rows are there."""
    await fill(appender, 100)
    await Projector(dsn, listener, views).catch_up(WORKSPACE)
    written: tuple[View, ...] = (VIEWS[0], Newer(), *VIEWS[2:])
    async with running(Projector(dsn, listener, views, written=written)):
        async with asyncio.timeout(WAIT_SECONDS):
            while (await forms(store))["governments"] != Newer.form:
                await views.wait_for(WORKSPACE, 1, 1)
        with pytest.raises(ViewUnbuilt):  # this process still reads the older form
            await views.facts(WORKSPACE, HEAD)
        done = await append(appender, WORKSPACE, [claim("later")])
        await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS)
        assert len((await views.versions(WORKSPACE, HEAD))[1]) == 101
    # The older release again: it builds its own form back.
    async with running(Projector(dsn, listener, views)), asyncio.timeout(WAIT_SECONDS):
        while (await forms(store))["governments"] != GovernmentsView.form:
            await views.wait_for(WORKSPACE, 1, 1)
    assert len((await views.facts(WORKSPACE, HEAD))[1]) == 101
    async for _ in verify(store, views, WORKSPACE):
        pass


async def forms(store: EventStore) -> dict[str, int]:
    """The form of each view that is read."""
    async with snapshot(store.pool, WORKSPACE) as connection:
        rows = await connection.fetch(queries("views")["standing"], WORKSPACE)
    return {row["view"]: row["form"] for row in rows}


async def test_a_rebuild_of_an_empty_workspace_is_harmless(
    store: EventStore, projector: Projector, views: Views
) -> None:
    """There is nothing to build, and the views stand at 0."""
    assert await projector.rebuild(WORKSPACE) == 0
    assert await views.versions(WORKSPACE, HEAD) == (0, [])
    assert await projector.catch_up(WORKSPACE) == 0


async def test_what_rests_on_a_view_of_another_form_is_built_with_it(
    dsn: str, listener: Listener, store: EventStore, appender: Appender, views: Views
) -> None:
    """It could not be written meanwhile: it is not read as if it had been, and is built too."""
    await append(appender, WORKSPACE, [claim("c-1")])
    await Projector(dsn, listener, views).catch_up(WORKSPACE)
    await append(appender, WORKSPACE, [claim("c-2")])
    newer = Projector(dsn, listener, views, written=(NewerClaims(), *VIEWS[1:]))
    await newer.catch_up(WORKSPACE)
    assert (await views.watermark(WORKSPACE)).faults == ()
    await newer.rebuild(WORKSPACE, "claims")
    with pytest.raises(ViewUnbuilt):
        await views.facts(WORKSPACE, HEAD)
    async with snapshot(store.pool, WORKSPACE) as connection:
        names, forms = ["governments"], [VIEWS[1].form]
        found = await connection.fetch(queries("views")["unbuilt"], names, forms, 10)
    assert [row[0] for row in found] == [WORKSPACE]
    await newer.rebuild(WORKSPACE, "governments")
    assert len((await views.facts(WORKSPACE, HEAD))[1]) == 2


async def test_a_bulk_build_that_is_ended_while_it_reads_lets_go_of_its_lock(
    appender: Appender, projector: Projector
) -> None:
    """As when a server stops: what it was reading is ended with it, so that the session gives the
    lock back, and whoever rebuilds next is not refused."""
    await fill(appender, 400)
    projector.bulk_min, projector.events_max = 1, 20

    async def build(steps: int) -> int:
        """Ended so many steps of the loop after its first page."""
        mine = asyncio.current_task()
        assert mine is not None

        def step(left: int) -> None:
            if left:
                mine.get_loop().call_soon(step, left - 1)
            else:
                mine.cancel()

        begun: list[int] = []

        def told(position: int, _total: int) -> None:
            begun.append(position)
            if len(begun) == 1:
                step(steps)

        return await projector.rebuild(WORKSPACE, progress=told)

    for steps in 2 * list(range(30)):
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(build(steps))
    await projector.rebuild(WORKSPACE)
