"""Builds many rows of views from many events at once, beside the rows being read; what it writes is
seen by nobody before a rebuild swaps it in.

One fold for all views, as ever. What is different is how rows travel: packed by hand as soon as a
version is made, what all views need of its claim reckoned once, and sent while the next events are
folded (see `bulk_sending`). A version is written once, with its ends: the latest versions
wait in memory, and only one that has waited long is written open and closed later. Of
figures only whole blocks are written.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Any, Final

import asyncpg

from domain.events import DESK_EVENTS, Recorded, decode
from infra.postgres.log.pages import Page, read_page
from infra.postgres.log.store import asked
from infra.postgres.projecting.bulk_rows import OPEN, Packer, Ranged
from infra.postgres.projecting.bulk_sending import (
    WRITERS,
    BlockView,
    BulkView,
    Load,
    Sender,
    ended,
    session,
)
from infra.postgres.projecting.digest import HISTORIES, INDIGESTIBLE, Indigestible
from infra.postgres.projecting.packing import Head, Packing
from infra.postgres.projecting.uncollected import uncollected
from infra.postgres.projecting.view_rows import Folded, Settles, View
from infra.postgres.queries import queries
from projections.gathering import Gatherer
from projections.histories import REGROUPING, Version, touched_by, unpack
from projections.spans import Advance, Span, advance

HEADS_MAX: Final = 10_000
"""How many claims keep their current version in memory, with its rows: some kilobytes each."""
HANDED_BYTES_MAX: Final = 8 * 1024 * 1024
"""How many bytes of rows are gathered before they are sent; a page more at most."""
TURN_EVENTS: Final = 32
"""After so many events what is being sent gets its turn: no more of it travels in one than the
buffer of a socket holds."""
FIGURES_BYTES_MAX: Final = 32 * 1024 * 1024
"""How many bytes of figures are gathered before those of every government are written."""
SAMPLED_SHARE: Final = 0.7
"""When so much of the log is digested, samples of the rows are taken beside the rest: the server
may wait a second for each table that autovacuum is at."""
LOADS_SAMPLED_MIN: Final = 8
"""So many loads that were committed tell what rows are like; of fewer, the last are too many."""
_log: Final = logging.getLogger(__name__)
_SQL: Final = queries("bulk")
_VIEWS: Final = queries("views")


class _Packing(Packing):
    """Rows go out as soon as their ends are known; `closed` are those in the views that end."""

    def __init__(self, packers: Sequence[Packer], gatherers: Sequence[Gatherer]) -> None:
        super().__init__(packers, gatherers)
        self.closed: list[Span] = []

    def end(self, head: Head, follower: Version, ends: bytes) -> None:
        """See `Packing.end`."""
        if head.kept is None:
            self.closed.append(Span(head.version, follower.position, follower.known_from))
        else:
            _put(head.kept, ends)


class Bulk:
    """One build of the views of a workspace, from the first event on.

    `generations`: of each view, none of which may have rows yet. `page_events`: how many are read
    at a time.
    """

    def __init__(
        self,
        dsn: str,
        workspace: str,
        views: Sequence[View],
        generations: Mapping[str, int],
        *,
        page_events: int,
    ) -> None:
        self.dsn = dsn
        self.workspace = workspace
        self.views = views
        self.generations = generations
        self.page_events = page_events
        self.heads_max, self.handed_bytes_max = HEADS_MAX, HANDED_BYTES_MAX
        packed = [view for view in views if isinstance(view, BulkView)]
        blocks = [view for view in views if isinstance(view, BlockView)]
        self.plain = [view for view in views if not isinstance(view, BulkView | BlockView)]
        self.packers = [view.packer() for view in packed]
        self.gatherers = [(view, view.gatherer()) for view in blocks]
        self._sender = Sender(workspace, generations, list(zip(packed, self.packers, strict=True)))
        self._load = Load()
        self._packing = _Packing(self.packers, [gatherer for _, gatherer in self.gatherers])
        self._is_spilled = False
        self._plain_write: asyncio.Task[None] | None = None
        self._sampling: asyncio.Task[None] | None = None

    async def build(
        self, reader: Any, until: int, progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Write the rows of every event up to a position; Indigestible when a view cannot digest
        one.

        `reader` is the session that keeps the lock of the build: reading through it, a build whose
        lock was lost ends.
        """
        async with AsyncExitStack() as stack:
            finder, plain, sampler = [
                await session(stack, self.dsn, self.workspace) for _ in range(3)
            ]
            await self._sender.begin(stack, self.dsn)
            look_through = stack.enter_context(uncollected())
            try:
                # Closed here, or what it reads would still be under way in the session of whoever
                # ends the build.
                async with aclosing(self._pages(reader, until)) as pages:
                    async for page in pages:
                        await self._digest_page(finder, plain, page)
                        look_through()
                        if page.last >= until * SAMPLED_SHARE:
                            self._begin_sampling(sampler)
                        if progress is not None:
                            progress(page.last, until)
                await self._end(sampler, plain)
            except INDIGESTIBLE as error:
                # What is under way is let through, so that whoever clears away finds it.
                await asyncio.gather(*self._running(), return_exceptions=True)
                raise Indigestible(until) from error
            finally:
                await ended(self._running())

    async def _end(self, sampler: Any, plain: Any) -> None:
        """Send what is left, by all writers at once, and have samples taken, if they are not
        yet."""
        heads = len(self._packing.heads)
        for writer in range(1, WRITERS):
            self._let_go(heads - heads * writer // WRITERS)
            await self._hand_over()
        self._let_go(0)
        self._take_blocks(0)
        await self._hand_over()
        await self._finish_plain()
        await self._sender.settle()
        if self._sampling is None:
            self._sampling = asyncio.create_task(_sample(sampler))
        await self._settle_views(plain)
        await self._sampling

    def _begin_sampling(self, sampler: Any) -> None:
        """Have samples taken while the rest is digested, if enough was committed before to tell
        what the rows are like."""
        if self._sampling is None and self._sender.loads_committed >= LOADS_SAMPLED_MIN:
            self._sampling = asyncio.create_task(_sample(sampler))

    def _running(self) -> list[asyncio.Task[None]]:
        tasks = (*self._sender.loads, self._plain_write, self._sampling)
        return [task for task in tasks if task is not None]

    async def _pages(self, reader: Any, until: int) -> AsyncGenerator[Page]:
        """The events in pages, each being read while the one before is digested."""
        reading = asyncio.create_task(self._read(reader, 0, until))
        try:
            while True:
                page = await reading
                if page is None or not page.last:
                    return
                if page.last < until:
                    reading = await asked(self._read(reader, page.last, until))
                yield page
                if page.last >= until:
                    return
        finally:
            await ended([reading])

    async def _read(self, reader: Any, after: int, until: int) -> Page | None:
        limit = min(self.page_events, until - after)
        return await read_page(reader, self.workspace, after, limit)

    async def _digest_page(self, finder: Any, plain: Any, page: Page) -> None:
        if self._is_spilled:
            await self._recall(finder, page)
        if self.plain:
            await self._finish_plain()
            events = page.opened()
            change = advance(self._packing.current, events)
            self._plain_write = asyncio.create_task(self._write_plain(plain, events, change))
        for some in page.slices(TURN_EVENTS):
            self._packing.digest(some)
            self._sender.put_together()
            await asyncio.sleep(0)  # what is being sent gets its turn
        self._let_go(self.heads_max)
        self._take_blocks(FIGURES_BYTES_MAX)
        if self._load.blocks or self._sender.put_together() > self.handed_bytes_max:
            await self._hand_over()

    def _let_go(self, heads_max: int) -> None:
        """Let the claims that have not changed for longest leave the memory."""
        heads = self._packing.heads
        surplus = len(heads) - heads_max
        for claim in [c for c, _ in zip(heads, range(surplus), strict=False)]:
            self._is_spilled = True
            head = self._packing.let_go(claim)
            if head.kept is not None:
                _put(head.kept, OPEN)
                self._load.left[claim] = head.version

    def _take_blocks(self, bytes_max: int) -> None:
        for view, gatherer in self.gatherers:
            blocks = view.blocks(gatherer, bytes_max=bytes_max)
            if blocks:
                self._load.blocks.append((view, blocks))

    async def _recall(self, finder: Any, page: Page) -> None:
        """Bring back into memory what a page touches and what belongs to the same groups."""
        heads = self._packing.heads
        missing: set[str] = set()
        groups: set[str] = set()
        for event in _decisions(page):
            for claim in touched_by(event):
                head = heads.get(claim)
                if head is None:
                    missing.add(claim)  # or it is recorded in this page, and will not be found
                elif isinstance(event, REGROUPING):
                    groups.add(head.version.happening)
        if not missing and not groups:
            return
        # What is not committed yet, which is taken back as it left; what is found is older than
        # that, or all there is.
        unsettled = self._sender.unsettled | self._load.left
        groups |= {unsettled[claim].happening for claim in missing & unsettled.keys()}
        found = await self._find(finder, missing - unsettled.keys(), groups)
        groups |= {version.happening for version in found}
        for claim, version in unsettled.items():
            if claim not in heads and (claim in missing or version.happening in groups):
                self._packing.hold(version, None)
        for version in found:
            if version.claim.id not in heads and version.claim.id not in unsettled:
                self._packing.hold(version, None)

    async def _find(self, finder: Any, claims: set[str], groups: set[str]) -> list[Version]:
        generation = self.generations[HISTORIES]
        rows = await finder.fetch(
            _VIEWS["heads"], self.workspace, generation, list(claims), list(groups)
        )
        return [unpack(row[0]) for row in rows]

    async def _hand_over(self) -> None:
        load, self._load = self._load, Load()
        load.closed, self._packing.closed = self._packing.closed, []
        await self._sender.hand_over(load)

    async def _settle_views(self, connection: Any) -> None:
        for view in self.views:
            if isinstance(view, Settles):
                async with connection.transaction():
                    await view.settle(connection, self.workspace, self.generations[view.name])

    async def _write_plain(self, plain: Any, events: Sequence[Recorded], change: Advance) -> None:
        async with plain.transaction():
            for view in self.plain:
                generation = self.generations[view.name]
                await view.write(plain, self.workspace, generation, Folded(events, change))

    async def _finish_plain(self) -> None:
        if self._plain_write is not None:
            await self._plain_write


async def _sample(sampler: Any) -> None:
    """Have samples taken of the rows, before anybody reads them."""
    try:
        await sampler.execute(_SQL["sample"])
    except asyncpg.LockNotAvailableError as error:
        # Something else looks through the same tables: it will take them, or autovacuum.
        _log.warning("readers may be slow at first: no samples were taken (%s)", error)


def _put(rows: Iterable[Ranged], ends: bytes) -> None:
    for sheet_rows, row in rows:
        sheet_rows += (row, ends)


def _decisions(page: Page) -> Iterable[Any]:
    """The events of a page that are about earlier claims."""
    columns = zip(page.names, page.bodies(), page.moments, page.authors, strict=True)
    for position, (name, data, moment, author) in enumerate(columns, page.first):
        if name in DESK_EVENTS:
            yield decode(
                name, data, position=position, recorded_at=moment, recorded_by=author
            ).event
