"""Folds events of the log into rows of views, batch after batch; it never moves a watermark.

A batch that a view cannot digest is halved until one event is left; then the views that cannot
digest that one are told apart from those that can.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from time import perf_counter
from typing import Any, Final

import asyncpg
import msgspec

from domain.errors import Article20Error
from domain.events import ClaimsDeclaredSame, ClaimsSeparated, Recorded
from domain.kinds import ClaimRecorded
from infra.postgres.log.store import StoredEvent, opened, stored
from infra.postgres.observer import Observer
from infra.postgres.projecting.view_rows import Folded, View
from infra.postgres.queries import queries
from infra.postgres.reading.views import Fault
from projections.histories import Version, touched_by, unpack
from projections.spans import Advance, advance

FAULT_TEXT_MAX: Final = 500
INDIGESTIBLE: Final = (
    Article20Error,
    msgspec.MsgspecError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)
"""What an event can do to the code or the table of a view that is not ready for it."""
HISTORIES: Final = "claims"
"""The view whose rows the next fold starts from."""
_SQL: Final = queries("views")
_LOG: Final = queries("log")


class Indigestible(Exception):
    """A batch of `size` events holds one that a view cannot digest."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class Taken(msgspec.Struct, frozen=True):
    """A batch in the open transaction: its last event, and the views it has stopped."""

    position: int
    recorded_at: datetime
    size: int
    faults: tuple[Fault, ...]


class Course:
    """One writer's way along the log of a workspace: where it stands and which rows it writes.

    `views`: the ones there are, each after those it rests on. `generations`: of every view that is
    written; a view that stops leaves it. `limit`: how many events the next batch may hold;
    `size`: how many the present one holds.
    """

    def __init__(
        self,
        views: Sequence[View],
        workspace: str,
        *,
        position: int,
        generations: Mapping[str, int],
        events_max: int,
        observer: Observer | None = None,
    ) -> None:
        self.observer = observer or Observer()
        self.views = views
        self.workspace = workspace
        self.position = position
        self.generations = dict(generations)
        self.events_max = events_max
        self.limit = events_max
        self.size = 0

    async def step(
        self,
        connection: Any,
        *,
        until: int | None = None,
        finish: Callable[[Taken], Awaitable[None]] | None = None,
    ) -> Taken | None:
        """Digest the next batch in one transaction, which `finish` may complete; None when there is
        none.

        `until`: the last position to read. What `finish` raises rolls the batch back.
        """
        self.size = 0
        while True:
            try:
                async with connection.transaction():
                    await connection.execute(_SQL["project"], self.workspace)
                    taken = await self._take(connection, until)
                    if taken is not None and finish is not None:
                        await finish(taken)
            except Indigestible as error:
                self.limit = max(1, error.size // 2)
                continue
            break
        if taken is not None:
            self.position = taken.position
            self.limit = min(self.events_max, self.limit * 2)
            for fault in taken.faults:
                del self.generations[fault.view]
        return taken

    async def _take(self, connection: Any, until: int | None) -> Taken | None:
        limit = self.limit if until is None else min(self.limit, until - self.position)
        if limit <= 0:
            return None
        rows = await connection.fetch(_LOG["read_all"], self.workspace, self.position, limit)
        if not rows:
            return None
        batch = [stored(row) for row in rows]
        self.size = len(batch)
        faults: tuple[Fault, ...] = ()
        if self.limit == 1:
            faults = await self._digest_one(connection, batch[0])
        else:
            try:
                await self._digest(connection, batch)
            except INDIGESTIBLE as error:
                raise Indigestible(len(batch)) from error
        return Taken(batch[-1].position, batch[-1].recorded_at, len(batch), faults)

    async def _digest(self, connection: Any, batch: Sequence[StoredEvent]) -> None:
        views = self._written()
        if not views:
            return
        events = [opened(one) for one in batch]
        folded = Folded(events, await self._advance(connection, events))
        for view in views:
            await self._write(connection, view, folded)

    async def _digest_one(self, connection: Any, one: StoredEvent) -> tuple[Fault, ...]:
        """Digest one event into the views that can, and return what stops the others."""
        faults: dict[str, Fault] = {}

        def stop(names: Iterable[str], error: Exception) -> None:
            text = f"{type(error).__name__}: {error}".replace("\x00", " ")[:FAULT_TEXT_MAX]
            for name in names:
                faults.setdefault(name, Fault(name, one.position, text))

        views = self._written()
        try:
            events = [opened(one)]
        except INDIGESTIBLE as error:
            stop((view.name for view in views), error)
            return tuple(faults.values())
        change: Advance | None = None
        try:
            change = await self._advance(connection, events)
        except INDIGESTIBLE as error:
            stop((v.name for v in views if HISTORIES in (v.name, *v.rests_on)), error)
        folded = Folded(events, change)
        for view in views:
            if view.name in faults:
                continue
            try:
                async with connection.transaction():
                    await self._write(connection, view, folded)
            except INDIGESTIBLE as error:
                stop((v.name for v in views if view.name in (v.name, *v.rests_on)), error)
        return tuple(faults.values())

    async def _write(self, connection: Any, view: View, folded: Folded) -> None:
        started = perf_counter()
        await view.write(connection, self.workspace, self.generations[view.name], folded)
        self.observer.folded(view.name, perf_counter() - started)

    def _written(self) -> list[View]:
        """The views to write, without those that rest on one that is not written."""
        return [v for v in self.views if self.generations.keys() >= {v.name, *v.rests_on}]

    async def _advance(self, connection: Any, events: Sequence[Recorded]) -> Advance | None:
        generation = self.generations.get(HISTORIES)
        if generation is None:
            return None
        heads = await self._heads(connection, generation, events)
        return advance(heads, events)

    async def _heads(
        self, connection: Any, generation: int, events: Sequence[Recorded]
    ) -> dict[str, Version]:
        """The current versions that a fold of `events` starts from."""
        is_new = {r.event.claim for r in events if isinstance(r.event, ClaimRecorded)}
        touched = {
            claim
            for r in events
            if not isinstance(r.event, ClaimRecorded)
            for claim in touched_by(r.event)
            if claim not in is_new
        }
        if not touched:
            return {}
        regroups = any(isinstance(r.event, ClaimsDeclaredSame | ClaimsSeparated) for r in events)
        rows = await connection.fetch(
            _SQL["heads"], self.workspace, generation, sorted(touched), [] if regroups else None
        )
        versions = (unpack(row[0]) for row in rows)
        return {version.claim.id: version for version in versions}
