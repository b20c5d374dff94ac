"""Looking after the store: how far everything is, and what happens when an older log is put in the
place of the one that was known."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from infra.postgres.embedded import EmbeddedServer
from infra.postgres.log.appender import Appender
from infra.postgres.log.lineage import Lineage, LogReplaced
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool
from infra.postgres.projecting.projector import Projector
from infra.postgres.projecting.rebuild import ViewsAstray
from infra.postgres.projecting.watching import Watch
from infra.postgres.proving.verify import Unsound, verify
from infra.postgres.reading.views import Views
from tests.conftest import WORKSPACE
from tests.infra.postgres import older
from tests.infra.postgres.filling import append, claim, running

WAIT_SECONDS = 120.0


async def sound(store: EventStore, views: Views) -> None:
    """The workspace verifies."""
    async for _ in verify(store, views, WORKSPACE):
        pass


async def test_one_look_says_how_far_all_workspaces_are(
    dsn: str, store: EventStore, appender: Appender, projector: Projector
) -> None:
    """Events that no view has are counted over all workspaces, since the oldest of them; so are
    views that stopped or stand beyond their log."""
    watch = Watch(store.pool)
    await store.add_workspace("another")
    first = await append(appender, WORKSPACE, [claim("one")])
    await append(appender, "another", [claim("two"), claim("three")])
    found = await watch.how_far()
    assert (found.workspaces, found.lag_events, found.beyond, found.faulted) == (2, 3, 0, {})
    assert found.waiting_since == first.recorded_at
    assert found.lag_seconds(datetime.now(UTC)) > 0
    for workspace in (WORKSPACE, "another"):
        await projector.catch_up(workspace)
    found = await watch.how_far()
    assert (found.lag_events, found.lag_seconds(datetime.now(UTC))) == (0, 0.0)
    admin = await asyncpg.connect(dsn)
    await admin.execute("UPDATE article20.view_watermark SET position = 9 WHERE position = 2")
    await admin.execute(
        "UPDATE article20.view_state SET fault_position = 1, fault_error = 'odd'"
        " WHERE view = 'claims'"
    )
    await admin.close()
    found = await watch.how_far()
    assert (found.beyond, found.faulted) == (1, {"claims": 2})


async def test_views_in_the_form_of_another_release_are_counted(
    dsn: str, store: EventStore, appender: Appender, projector: Projector
) -> None:
    """Workspaces are counted whose views this release cannot read yet, as beside an older one that
    still brings them forward; not those that are empty."""
    watch = Watch(store.pool)
    await store.add_workspace("empty")
    await append(appender, WORKSPACE, [claim("one")])
    await projector.catch_up(WORKSPACE)
    assert (await watch.how_far()).unbuilt == 0
    admin = await asyncpg.connect(dsn)
    await admin.execute("UPDATE article20.view_state SET form = form - 1 WHERE view = 'figures'")
    await admin.close()
    assert (await watch.how_far()).unbuilt == 1
    await projector.rebuild(WORKSPACE)
    assert (await watch.how_far()).unbuilt == 0


async def test_it_is_seen_whether_anybody_projects(
    store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """While a projector leads, in whatever process, it is said so; before and after, it is not."""
    watch = Watch(store.pool)
    assert not (await watch.how_far()).is_projected
    await append(appender, WORKSPACE, [claim()])
    async with running(projector):
        await views.wait_for(WORKSPACE, 1, WAIT_SECONDS)
        assert (await watch.how_far()).is_projected
        assert projector.beat_at > 0


@pytest.mark.parametrize("grown", [False, True], ids=["shorter", "grown again"])
async def test_an_older_log_in_the_place_of_the_known_one_is_refused(
    server: EmbeddedServer, dsn: str, grown: bool
) -> None:
    """A process whose acknowledged event is not in the log that answers now refuses to read or
    append, for good, also when that log has grown past the position again; a process that begins
    afresh takes it as it is."""
    pool = await open_pool(dsn)
    await EventStore(pool).add_workspace(WORKSPACE)
    appender = Appender(pool)
    await append(appender, WORKSPACE, [claim("kept")])
    await appender.close()
    await pool.close()
    copied = await older.copy(server.dsn, dsn)

    lineage = Lineage()
    pool = await open_pool(dsn, check=lineage.check)
    appender, store = Appender(pool, lineage=lineage), EventStore(pool)
    await append(appender, WORKSPACE, [claim("lost")])
    await older.put_in_place(server.dsn, copied, dsn)
    fresh = await open_pool(dsn)
    other = Appender(fresh)
    if grown:
        await append(other, WORKSPACE, [claim("another"), claim("yet-another")])
    head = await EventStore(fresh).head(WORKSPACE)

    with pytest.raises(LogReplaced, match="article20 verify"):
        await append(appender, WORKSPACE, [claim("more")])
    for _ in range(2):
        with pytest.raises(LogReplaced):
            await store.head(WORKSPACE)
    assert lineage.replaced
    assert await EventStore(fresh).head(WORKSPACE) == head
    await other.close()
    await fresh.close()
    await appender.close()
    pool.terminate()


async def test_a_lost_connection_alone_is_no_other_log(dsn: str) -> None:
    """When every connection is cut and the log is the same, work goes on."""
    lineage = Lineage()
    pool = await open_pool(dsn, check=lineage.check)
    await EventStore(pool).add_workspace(WORKSPACE)
    appender = Appender(pool, lineage=lineage)
    for turn in range(3):
        await append(appender, WORKSPACE, [claim(f"c-{turn}")])
        admin = await asyncpg.connect(dsn)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'article20' AND datname = current_database()"
        )
        await admin.close()
    assert (await append(appender, WORKSPACE, [claim("last")])).first == 4
    await appender.close()
    await pool.close()


async def test_views_of_another_log_are_not_carried_on(
    dsn: str, store: EventStore, appender: Appender, views: Views, projector: Projector
) -> None:
    """Where the views stand beyond the log, or at another event than it has there, they are not
    brought forward, one view alone is not built, and building all of them mends it."""
    await append(appender, WORKSPACE, [claim("one"), claim("two")])
    await projector.catch_up(WORKSPACE)
    watch, admin = Watch(store.pool), await asyncpg.connect(dsn)
    for position, off in ((99, "0"), (2, "1 day")):
        await admin.execute(
            "UPDATE article20.view_watermark"
            " SET position = $1, recorded_at = recorded_at - $2::text::interval",
            *(position, off),
        )
        assert await watch.astray() == WORKSPACE
        with pytest.raises(ViewsAstray, match=f"article20 rebuild --workspace {WORKSPACE}"):
            await projector.catch_up(WORKSPACE)
        with pytest.raises(ViewsAstray):
            await projector.rebuild(WORKSPACE, "claims")
        assert await projector.rebuild(WORKSPACE) == 2
        assert await watch.astray() is None
        await sound(store, views)
    await append(appender, WORKSPACE, [claim("three")])
    assert await projector.catch_up(WORKSPACE) == 3
    await sound(store, views)
    await admin.close()


async def test_only_so_many_workspaces_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process remembers is bounded: the workspaces that nothing was heard of for longest are
    forgotten first."""
    monkeypatch.setattr("infra.postgres.log.lineage.WORKSPACES_REMEMBERED_MAX", 2)
    lineage, now = Lineage(), datetime.now(UTC)
    for name in ("a", "b", "a", "c"):
        lineage.saw(name, 1, now)
    asked: list[Any] = []

    class Connection:
        async def fetchval(self, _query: str, workspaces: list[str], *_rest: Any) -> None:
            asked.extend(workspaces)

    await lineage.check(Connection())
    assert asked == ["a", "c"]


async def test_verify_says_what_to_do_with_views_beyond_the_log(
    dsn: str, store: EventStore, appender: Appender, views: Views, projector: Projector
) -> None:
    """Views beyond the end of the log are named as what an older backup leaves."""
    await append(appender, WORKSPACE, [claim("one")])
    await projector.catch_up(WORKSPACE)
    admin = await asyncpg.connect(dsn)
    await admin.execute("UPDATE article20.view_watermark SET position = 99")
    await admin.close()
    with pytest.raises(Unsound, match="older backup"):
        await sound(store, views)
