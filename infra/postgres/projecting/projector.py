"""Brings the views of every workspace forward, one projector at a time; it never sends anything but
wake-ups.

A session lock keeps a second projector waiting, and an epoch in each watermark fences off one that
lost its lock without noticing. Rows and watermark are committed together.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic, perf_counter, time
from typing import Any, Final

import asyncpg

from domain.errors import SetupRefused, StillBehind, StoreUnavailable
from infra.postgres.listener import APPENDED, Listener
from infra.postgres.log.store import NoWorkspace
from infra.postgres.observer import Observer
from infra.postgres.pool import UNREACHABLE, connect
from infra.postgres.projecting import rebuild
from infra.postgres.projecting.digest import Course, Taken
from infra.postgres.projecting.search_rows import PENDING_KILOBYTES
from infra.postgres.projecting.turns import Turns
from infra.postgres.projecting.view_rows import VIEWS, View
from infra.postgres.queries import queries
from infra.postgres.reading.views import Views

LOCK_KEY: Final = 20_1999_0301
"""Advisory lock of the one session that projects; the day the treaty entered into force."""
LOCK_RETRY_SECONDS: Final = 0.5
TRANSACTION_LIVES_MAX: Final = 3
"""How many lives of the lock one batch may take."""
LOCK_LIFE_SECONDS: Final = 10.0
"""After so long a silence the server ends the session of a projector, and its lock with it; longer
than a sweep."""
DEATH_CHECK_MILLISECONDS: Final = 500
"""How often the server looks whether the process of a statement that still runs is there."""
BATCH_EVENTS_MAX: Final = 2000
BULK_EVENTS_MIN: Final = 5000
"""From so many events on, views are built in bulk; fewer are not worth four more sessions."""
SWEEP_SECONDS: Final = 1.0
"""How often workspaces are looked for whose notification was lost."""
SWEEP_WORKSPACES_MAX: Final = 200
UNBUILT_SWEEP_SECONDS: Final = 30.0
WORKSPACES_HELD_MAX: Final = 10_000
CATCH_UP_PAUSE_SECONDS: Final = 0.05
CATCH_UP_SECONDS_MAX: Final = 600.0

CUT_OFF: Final = (*UNREACHABLE, asyncpg.InvalidTransactionStateError)
"""As what a session learns that the server has ended it, for its silence too."""
UNBUILT_FORM: Final = 0
"""The form of a view whose rows are not to be read: no view has it."""

_SQL: Final = queries("views")
_log: Final = logging.getLogger(__name__)


class _Fenced(Exception):
    """Someone else began an epoch of this workspace or moved its watermark."""


class _Held(Course):
    """The course of a workspace whose watermark this projector writes, in the epoch it began."""

    epoch: int = 0
    unbuilt: tuple[str, ...] = ()


class Projector:
    """The projector of one process; among several, one leads and the others wait for its lock.

    `beat_at`: when this one last went round while it led, in seconds since 1970; 0 before.
    """

    def __init__(
        self,
        dsn: str,
        listener: Listener,
        views: Views,
        *,
        written: Sequence[View] = VIEWS,
        events_max: int = BATCH_EVENTS_MAX,
        bulk_min: int = BULK_EVENTS_MIN,
        lock_life_seconds: float = LOCK_LIFE_SECONDS,
    ) -> None:
        self.dsn = dsn
        self.listener = listener
        self.views = views
        self.written = written
        self.events_max = events_max
        self.bulk_min = bulk_min
        self.lock_life_seconds = lock_life_seconds
        self.observer = Observer()
        self.is_leading = False
        self.beat_at = 0.0
        self._held: dict[str, _Held] = {}
        self._astray: set[str] = set()
        self._builds: dict[str, asyncio.Task[int]] = {}
        # Workspace -> how many events the next batch may hold, since one was cut off: folding it
        # may have taken longer than the server bears with a silent session.
        self._limits: dict[str, int] = {}

    async def run(self) -> None:
        """Project for ever, whenever no other process does; ends when cancelled."""
        while True:
            try:
                async with self._session() as connection:
                    while True:
                        if await connection.fetchval(_SQL["try_lead"], LOCK_KEY):
                            await self._lead(connection)
                        await asyncio.sleep(LOCK_RETRY_SECONDS)
            except (StoreUnavailable, SetupRefused, asyncpg.PostgresError) as error:
                _log.warning("the projector begins again: %s: %s", type(error).__name__, error)
                await asyncio.sleep(LOCK_RETRY_SECONDS)

    async def catch_up(self, workspace: str, *, wait_seconds: float = CATCH_UP_SECONDS_MAX) -> int:
        """Bring one workspace to the head it has now and return how far its views are.

        Projects itself when nobody does, else waits for the one that does. StillBehind after
        `wait_seconds`, NoWorkspace when there is no such workspace, ViewsAstray when its views
        belong to another log.
        """
        position = await self._patiently(workspace, wait_seconds)
        if position is None:
            # No session of one's own meanwhile: the server would end it for its silence.
            await self.rebuild(workspace)
            position = await self._patiently(workspace, wait_seconds)
        return position or 0

    async def _patiently(self, workspace: str, wait_seconds: float) -> int | None:
        """As `_catch_up`, begun again for as long as batches that took too long become smaller."""
        while True:
            limit = self._limits.get(workspace)
            try:
                return await self._catch_up(workspace, wait_seconds)
            except StoreUnavailable:
                if self._limits.get(workspace) == limit:
                    raise

    async def _catch_up(self, workspace: str, wait_seconds: float) -> int | None:
        """As `catch_up`; None where a long log without any views is to be built at once."""
        ends_at = monotonic() + wait_seconds
        async with self._session() as connection:
            head = await connection.fetchval(queries("log")["head"], workspace)
            if head is None:
                raise NoWorkspace(workspace=workspace)
            while True:
                if await connection.fetchval(_SQL["try_lead"], LOCK_KEY):
                    held = await self._hold(connection, workspace)
                    if held.position == 0 and head >= self.bulk_min:
                        return None
                    while held.position < head:
                        held = await self._step(connection, held) or held
                    await connection.execute(_SQL["unlead"], LOCK_KEY)
                position = (await self.views.watermark(workspace)).position
                if position >= head:
                    return position
                await self._check_lineage(connection, workspace)
                if monotonic() > ends_at:
                    raise StillBehind(
                        position=position, min_position=head, waited_seconds=wait_seconds
                    )
                await asyncio.sleep(CATCH_UP_PAUSE_SECONDS)

    async def rebuild(
        self,
        workspace: str,
        view: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Build one view and those it rests on (all of them by default) anew beside the rows being
        read, swap, and return the position they stand for.

        `progress` is told (events digested, events in all) after each batch. RebuildRunning when
        another one is at work on this workspace, UnknownView when there is no such view.
        """
        async with self._session() as connection, rebuild.alone(connection, workspace):
            position = await rebuild.rebuild(
                connection,
                workspace,
                rebuild.resting(view, self.written),
                events_max=self.events_max,
                progress=progress,
                reaches_head=view is None,
                bulk_min=self.bulk_min,
                dsn=self.dsn,
            )
        self.views.reach(workspace, position)
        return position

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Any]:
        """A connection of one's own; StoreUnavailable when there is none, or it is lost."""
        connection = await connect(self.dsn)
        try:
            life_milliseconds = str(round(self.lock_life_seconds * 1000))
            await connection.execute(
                _SQL["bound_session"], life_milliseconds, str(DEATH_CHECK_MILLISECONDS)
            )
            await connection.execute(_SQL["by_key"])
            await connection.execute(_SQL["keep_found"], str(PENDING_KILOBYTES))
            yield connection
        except CUT_OFF as error:
            raise StoreUnavailable(reason=str(error) or type(error).__name__) from error
        finally:
            connection.terminate()

    async def _lead(self, connection: Any) -> None:
        longest_milliseconds = str(round(self.lock_life_seconds * TRANSACTION_LIVES_MAX * 1000))
        await connection.execute(_SQL["bound_transactions"], longest_milliseconds)
        self._held.clear()
        self.is_leading = True
        turns = Turns()
        sweep_at = unbuilt_at = monotonic()
        try:
            while True:
                self.beat_at = time()
                if monotonic() >= unbuilt_at:
                    await self._build_missing(connection)
                    unbuilt_at = monotonic() + UNBUILT_SWEEP_SECONDS
                if monotonic() >= sweep_at:
                    found = await connection.fetch(_SQL["behind"], SWEEP_WORKSPACES_MAX)
                    turns.add(row[0] for row in found)
                    sweep_at = monotonic() + SWEEP_SECONDS
                turns.add(self.listener.take_any(APPENDED))
                if not turns:
                    turns.add(await self.listener.wait_any(APPENDED, sweep_at - monotonic()))
                if turns:
                    workspace = turns.take()
                    if await self._turn(connection, workspace):
                        turns.add((workspace,))
        finally:
            self.is_leading = False
            for build in self._builds.values():
                build.cancel()
            await asyncio.gather(*self._builds.values(), return_exceptions=True)
            self._builds.clear()

    async def _turn(self, connection: Any, workspace: str) -> bool:
        """Project one batch of a workspace; True when more may wait."""
        held = self._held.get(workspace)
        if held is None:
            try:
                held = await self._hold(connection, workspace)
            except NoWorkspace:
                return False  # a hint may name anything
            except rebuild.ViewsAstray as error:
                if workspace not in self._astray:
                    _log.critical("%s", error)
                self._astray.add(workspace)
                return False
            self._astray.discard(workspace)
            while len(self._held) >= WORKSPACES_HELD_MAX:
                del self._held[next(iter(self._held))]
            self._held[workspace] = held
            if held.unbuilt:
                self._build(workspace, held.unbuilt)
        if held.position == 0 and await self._is_long(connection, workspace):
            # A log without any view, as after a restore: from nothing to its head at once.
            del self._held[workspace]
            self._build(workspace, ())
            return False
        before = held.position
        if await self._step(connection, held) is None:
            del self._held[workspace]
            return True
        return held.position > before

    async def _is_long(self, connection: Any, workspace: str) -> bool:
        head = await connection.fetchval(queries("log")["head"], workspace)
        return bool(head >= self.bulk_min)

    async def _check_lineage(self, connection: Any, workspace: str) -> None:
        """ViewsAstray where nobody will bring the views forward, because they are another log's."""
        async with connection.transaction():
            await connection.execute(_SQL["project"], workspace)
            if await connection.fetchval(_SQL["is_astray"], workspace):
                raise rebuild.ViewsAstray(workspace=workspace)

    async def _hold(self, connection: Any, workspace: str) -> _Held:
        """Begin an epoch of a workspace and see which views are to be written from where."""
        async with connection.transaction():
            await connection.execute(_SQL["project"], workspace)
            found = await connection.fetch(_SQL["standing"], workspace)
            if not found:
                raise NoWorkspace(workspace=workspace)
            if await connection.fetchval(_SQL["is_astray"], workspace):
                raise rebuild.ViewsAstray(workspace=workspace)
            position, epoch = await connection.fetchrow(_SQL["begin_epoch"], workspace)
            # Again, now that no rebuild can swap a generation in between.
            rows = await connection.fetch(_SQL["standing"], workspace)
            states = {row["view"]: row for row in rows}
            generations: dict[str, int] = {}
            unbuilt: list[str] = []
            for view in self.written:
                state = states.get(view.name)
                if state is None and position == 0:
                    first = rebuild.FIRST_GENERATION
                    await connection.execute(
                        _SQL["keep_state"], workspace, view.name, first, view.form
                    )
                    generations[view.name] = first
                elif state is None or state["form"] != view.form:
                    unbuilt.append(view.name)
                elif not set(unbuilt).isdisjoint(view.rests_on):
                    # It is not written until both are built, and would miss what comes meanwhile.
                    kept = state["generation"]
                    await connection.execute(
                        _SQL["keep_state"], workspace, view.name, kept, UNBUILT_FORM
                    )
                    unbuilt.append(view.name)
                elif state["fault_position"] is None:
                    generations[view.name] = state["generation"]
        held = _Held(
            self.written,
            workspace,
            position=position,
            generations=generations,
            events_max=self.events_max,
            observer=self.observer,
        )
        held.epoch, held.unbuilt = epoch, tuple(unbuilt)
        held.limit = min(held.limit, self._limits.get(workspace, held.limit))
        return held

    async def _step(self, connection: Any, held: _Held) -> _Held | None:
        """Project one batch; None when fenced off."""

        async def finish(taken: Taken) -> None:
            for fault in taken.faults:
                await connection.execute(
                    _SQL["keep_fault"], held.workspace, fault.view, fault.position, fault.error
                )
            moved = await connection.fetch(
                _SQL["advance"],
                held.workspace,
                held.epoch,
                held.position,
                taken.position,
                taken.recorded_at,
            )
            if not moved:
                raise _Fenced

        started = perf_counter()
        try:
            taken = await held.step(connection, finish=finish)
        except _Fenced:
            return None
        except CUT_OFF:
            if held.size:
                self._limits[held.workspace] = max(1, held.size // 2)
            raise
        if (limit := self._limits.pop(held.workspace, None)) is not None:
            held.limit = min(held.limit, limit + limit // 8 + 1)
            if held.limit < self.events_max:
                self._limits[held.workspace] = held.limit
        if taken is not None:
            for fault in taken.faults:
                _log.error(
                    "view %s of %s stopped at position %d: %s",
                    fault.view,
                    held.workspace,
                    fault.position,
                    fault.error.partition(":")[0],  # the rest may hold what the event holds
                )
            self.observer.projected(taken.size, perf_counter() - started)
            self.views.reach(held.workspace, held.position)
        return held

    async def _build_missing(self, connection: Any) -> None:
        found = await connection.fetch(
            _SQL["unbuilt"],
            [view.name for view in self.written],
            [view.form for view in self.written],
            SWEEP_WORKSPACES_MAX,
        )
        for row in found:
            self._held.pop(row[0], None)
            await self._turn(connection, row[0])

    def _build(self, workspace: str, unbuilt: tuple[str, ...]) -> None:
        """Build what a workspace lacks in the background, so that the others go on."""
        running = self._builds.get(workspace)
        if running is None or running.done():
            view = unbuilt[0] if len(unbuilt) == 1 else None
            self._builds[workspace] = asyncio.create_task(self.rebuild(workspace, view))
            self._builds[workspace].add_done_callback(partial(_tell_failure, workspace))


def _tell_failure(workspace: str, build: asyncio.Task[int]) -> None:
    """Log why a build in the background ended; it is begun again when it is found missing."""
    error = None if build.cancelled() else build.exception()
    if error is not None:
        _log.warning(
            "building the views of %s ended: %s: %s", workspace, type(error).__name__, error
        )
