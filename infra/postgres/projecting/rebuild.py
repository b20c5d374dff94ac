"""Builds views anew from the log beside the rows being read and swaps them in; readers never see a
half-built view.
"""

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from domain.errors import Article20Error
from infra.postgres.log.store import NoWorkspace
from infra.postgres.projecting.bulk import Bulk
from infra.postgres.projecting.digest import HISTORIES, Course, Indigestible
from infra.postgres.projecting.view_rows import View
from infra.postgres.queries import queries
from infra.postgres.reading.views import Fault

LOCK_KEY: Final = 20_1999
"""First half of the advisory lock of a rebuild; the second is the workspace."""
_SQL: Final = queries("views")
_LOG: Final = queries("log")
_log: Final = logging.getLogger(__name__)


FIRST_GENERATION: Final = 1
"""The rows that a projector begins to write in a new workspace, perhaps at this very moment: no
rebuild writes or deletes them before it has swapped its own in."""


BULK_SILENCE_MILLISECONDS: Final = 600_000
"""How long the lock of a bulk build is kept while its writers wait for a slow disk."""


class UnknownView(Article20Error):
    """There is no view {view!r}. Use one of {known}, or none for all of them."""

    slug, status = "unknown-view", 404


class ViewsAstray(Article20Error):
    """The views of workspace {workspace!r} stand where its log has another event, or none: an older
    backup was restored. Build all of them anew with `article20 rebuild --workspace {workspace}`."""

    slug, status, retryable = "views-astray", 503, True


class RebuildRunning(Article20Error):
    """Views of workspace {workspace!r} are being rebuilt already. Wait until that is done."""

    slug, status, retryable = "rebuild-running", 409, True


def resting(view: str | None, views: Sequence[View]) -> list[View]:
    """Which of `views` to build for one of them: itself and what it rests on; all for None."""
    if view is None:
        return list(views)
    found = next((one for one in views if one.name == view), None)
    if found is None:
        raise UnknownView(view=view, known=", ".join(one.name for one in views))
    return [one for one in views if one.name in (found.name, *found.rests_on)]


@asynccontextmanager
async def alone(connection: Any, workspace: str) -> AsyncIterator[None]:
    """As the one session that rebuilds views of a workspace; RebuildRunning while another does."""
    if not await connection.fetchval(_SQL["try_rebuild"], LOCK_KEY, workspace):
        raise RebuildRunning(workspace=workspace)
    try:
        yield
    finally:
        # Not left to the end of the session, which the server notices only later: who begins
        # the next rebuild at once would be refused.
        if not connection.is_closed():
            await connection.execute(_SQL["end_rebuild"], LOCK_KEY, workspace)


async def rebuild(
    connection: Any,
    workspace: str,
    views: Sequence[View],
    *,
    events_max: int,
    progress: Callable[[int, int], None] | None,
    reaches_head: bool,
    bulk_min: int,
    dsn: str,
) -> int:
    """Build `views` of a workspace up to its watermark and swap them in; returns that position.

    `connection` is the session that rebuilds, see `alone`. `reaches_head`: build up to the head of
    the log and bring the watermark there, which is right when `views` are all there are; then a
    watermark that the log does not know is put back to where the log ends. From `bulk_min` events
    on they are built in bulk, by sessions of their own at `dsn`.
    """
    position, read = await _begin(connection, workspace)
    # What an earlier rebuild left behind when it was killed.
    await _forget_others(connection, workspace, views, read)
    made = {view.name: read.get(view.name, FIRST_GENERATION) + 1 for view in views}
    course = Course(views, workspace, position=0, generations=made, events_max=events_max)
    faults: list[Fault] = []
    until = await connection.fetchval(_LOG["head"], workspace) if reaches_head else position
    if until >= bulk_min:
        course.position = await _build(dsn, connection, course, until, progress)
        if not course.position:
            await _forget_others(connection, workspace, views, read)
    while True:
        position, _ = await _begin(connection, workspace)
        until = max(until, position)
        if until - course.position < events_max:
            break  # little enough to be done while the watermark stands still
        while course.position < until and await _step(connection, course, until, faults):
            if progress is not None:
                progress(course.position, until)
    async with connection.transaction():
        await connection.execute(_SQL["project"], workspace)
        position = await connection.fetchval(_SQL["lock_watermark"], workspace)
        until = max(until, position)
        while course.position < until and await _step(connection, course, until, faults):
            pass
        for view in views:
            await connection.execute(
                _SQL["keep_state"], workspace, view.name, made[view.name], view.form
            )
        for fault in faults:
            await connection.execute(
                _SQL["keep_fault"], workspace, fault.view, fault.position, fault.error
            )
        is_astray = await connection.fetchval(_SQL["is_astray"], workspace)
        if is_astray and not reaches_head:
            raise ViewsAstray(workspace=workspace)
        if is_astray or course.position > position:
            await connection.execute(_SQL["put_watermark"], workspace, course.position)
        # Whoever projects wrote the old generation: a new epoch makes it look again.
        await connection.fetchrow(_SQL["begin_epoch"], workspace)
        await connection.execute(_SQL["tell"], workspace)
    if progress is not None:
        progress(course.position, course.position)
    await _forget_others(connection, workspace, views, made)
    return course.position


async def _build(
    dsn: str,
    connection: Any,
    course: Course,
    until: int,
    progress: Callable[[int, int], None] | None,
) -> int:
    """Build in bulk as far as the whole log can be digested, and return the position: all or 0."""
    if HISTORIES not in course.generations:
        return 0
    bulk = Bulk(
        dsn, course.workspace, course.views, course.generations, page_events=course.events_max
    )
    await connection.execute(_SQL["be_patient"], str(BULK_SILENCE_MILLISECONDS))
    try:
        await bulk.build(connection, until, progress)
    except (Indigestible, asyncpg.InsufficientPrivilegeError) as error:
        reason = error.__cause__ or error
        _log.warning("event by event, because a bulk build was given up: %r", reason)
        return 0
    return until


async def _begin(connection: Any, workspace: str) -> tuple[int, dict[str, int]]:
    """The watermark now, or the end of a log that is shorter, and the generation of each view that
    is read."""
    head = await connection.fetchval(queries("log")["head"], workspace)
    async with connection.transaction():
        await connection.execute(_SQL["project"], workspace)
        rows = await connection.fetch(_SQL["standing"], workspace)
        if not rows:
            raise NoWorkspace(workspace=workspace)
        await connection.execute(_SQL["add_watermark"], workspace)
    generations = {row["view"]: row["generation"] for row in rows if row["view"] is not None}
    return min(rows[0]["position"], head or 0), generations


async def _step(connection: Any, course: Course, until: int, faults: list[Fault]) -> bool:
    taken = await course.step(connection, until=until)
    if taken is None:
        return False
    faults += taken.faults
    return True


async def _forget_others(
    connection: Any, workspace: str, views: Sequence[View], kept: Mapping[str, int]
) -> None:
    """Delete every row of some views but those of the generations kept, some at a time."""
    for view in views:
        is_left = True
        while is_left:
            async with connection.transaction():
                await connection.execute(_SQL["project"], workspace)
                is_left = await view.forget(
                    connection, workspace, kept.get(view.name, FIRST_GENERATION)
                )
