"""Builds many rows of views from many events at once, beside the rows being read; what it writes is
seen by nobody before a rebuild swaps it in.

One fold for all views, as ever. What is different is how rows travel: packed by hand, by COPY into
tables of the session and from there into the views, while the next events are folded. A version is
written once, with its ends: the latest versions wait in memory, and only one that has waited long
is written open and closed later.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, Protocol, runtime_checkable

import msgspec

from domain.events import ClaimsDeclaredSame, ClaimsSeparated, Recorded
from domain.kinds import ClaimRecorded
from infra.postgres.bulk_rows import OPEN, Packer, Ranged, Sheet, begins_of, ends_of
from infra.postgres.copying import HEADER, TRAILER
from infra.postgres.digest import INDIGESTIBLE, Indigestible
from infra.postgres.pages import Page, read_page
from infra.postgres.pool import connect
from infra.postgres.queries import queries
from infra.postgres.view_rows import Folded, Settles, View
from projections.histories import Version, touched_by, unpack
from projections.spans import Advance, Span, advance

SLICE_VERSIONS: Final = 100
"""How many are packed before what is being sent gets its turn."""
HEADS_MAX: Final = 10_000
"""How many claims keep their current version in memory."""
HANDED_BYTES_MAX: Final = 4 * 1024 * 1024
"""How many bytes of rows are gathered before they are sent; a page more at most."""
CHUNK_BYTES: Final = 128 * 1024
WRITERS: Final = 2
STAGING_MEMORY: Final = "32MB"
_SQL: Final = queries("bulk")
_VIEWS: Final = queries("views")


@runtime_checkable
class BulkView(View, Protocol):
    """A view whose rows can be packed; of any other, `write` is called with bigger batches."""

    def packer(self) -> Packer:
        """What packs its rows for one build."""


class _Head(msgspec.Struct, gc=False):
    """The current version of a claim with its rows, which lack their ends.

    `is_written`: the rows are in the view, with open ends. `shared` is None until it is needed.
    """

    version: Version
    shared: list[Any] | None
    rows: list[Ranged]
    is_written: bool = False


class _Load:
    """What is handed to a writer at once: rows of sheets, versions to close, claims that left the
    memory."""

    def __init__(
        self, sheets: list[tuple[Sheet, list[bytes]]], closed: list[Span], left: list[str]
    ) -> None:
        self.sheets, self.closed, self.left = sheets, closed, left


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
        self.generations = generations
        self.page_events = page_events
        self.heads_max = HEADS_MAX
        self.packed = [view for view in views if isinstance(view, BulkView)]
        self.plain = [view for view in views if not isinstance(view, BulkView)]
        self.packers = [view.packer() for view in self.packed]
        self._heads: dict[str, _Head] = {}
        self._closed: list[Span] = []
        self._left: list[str] = []
        self._unsettled: dict[str, str] = {}
        """Claim -> happening of the versions that left the memory and are not committed yet."""
        self._is_spilled = False
        self._writers: list[Any] = []
        self._loads: list[asyncio.Task[None] | None] = [None] * WRITERS
        self._turn = 0
        self._plain_write: asyncio.Task[None] | None = None

    async def build(
        self, reader: Any, until: int, progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Write the rows of every event up to a position; Indigestible when a view cannot digest
        one.

        `reader` is the session that keeps the lock of the build: reading through it, a build whose
        lock was lost ends.
        """
        async with AsyncExitStack() as stack:
            finder, plain, *self._writers = [await self._session(stack) for _ in range(2 + WRITERS)]
            for writer in self._writers:
                await writer.execute(_SQL["roomy"], STAGING_MEMORY)
                for packer in self.packers:
                    for sheet in packer.sheets:
                        await writer.execute(_SQL[sheet.make])
            try:
                async for page in self._pages(reader, until):
                    await self._digest_page(finder, plain, page)
                    if progress is not None:
                        progress(page[-1].position, until)
                self._let_go(0)
                await self._finish_plain()
                await self._settle()
                await self._settle_plain(plain)
            except INDIGESTIBLE as error:
                # What is under way is let through, so that whoever clears away finds it.
                running = filter(None, (*self._loads, self._plain_write))
                await asyncio.gather(*running, return_exceptions=True)
                raise Indigestible(until) from error
            finally:
                await _end(list(filter(None, (*self._loads, self._plain_write))))

    async def _session(self, stack: AsyncExitStack) -> Any:
        connection = await connect(self.dsn)
        stack.callback(connection.terminate)
        return connection

    async def _pages(self, reader: Any, until: int) -> AsyncIterator[list[Recorded]]:
        """The events in pages, each being read while the one before is digested."""
        reading = asyncio.create_task(self._read(reader, 0, until))
        try:
            while True:
                page = await reading
                if page is None or not page.last:
                    return
                if page.last < until:
                    reading = asyncio.create_task(self._read(reader, page.last, until))
                    await asyncio.sleep(0)  # so that it is asked for before this page is used
                yield page.opened()
                if page.last >= until:
                    return
        finally:
            await _end([reading])

    async def _read(self, reader: Any, after: int, until: int) -> Page | None:
        limit = min(self.page_events, until - after)
        return await read_page(reader, self.workspace, after, limit)

    async def _digest_page(self, finder: Any, plain: Any, page: list[Recorded]) -> None:
        await self._recall(finder, page)
        change = self._advance(page)
        if self.plain:
            await self._finish_plain()
            self._plain_write = asyncio.create_task(self._write_plain(plain, page, change))
        await self._take(change)
        self._let_go(self.heads_max)
        if self._gathered() > HANDED_BYTES_MAX:
            await self._hand_over()

    async def _write_plain(self, plain: Any, page: list[Recorded], change: Advance) -> None:
        async with plain.transaction():
            await plain.execute(_VIEWS["project"], self.workspace)
            await self._write(plain, self.plain, Folded(page, change))

    async def _settle_plain(self, plain: Any) -> None:
        for view in self.plain:
            if isinstance(view, Settles):
                async with plain.transaction():
                    await plain.execute(_VIEWS["project"], self.workspace)
                    await view.settle(plain, self.workspace, self.generations[view.name])

    async def _finish_plain(self) -> None:
        if self._plain_write is not None:
            await self._plain_write

    async def _write(self, connection: Any, views: Sequence[View], folded: Folded) -> None:
        for view in views:
            await view.write(connection, self.workspace, self.generations[view.name], folded)

    def _advance(self, events: Sequence[Recorded]) -> Advance:
        """What some events change, from the current versions in memory."""
        heads: dict[str, Version] = {}
        grouped: set[str] = set()
        for recorded in events:
            event = recorded.event
            if isinstance(event, ClaimRecorded):
                continue
            waiting = list(touched_by(event))
            regroups = isinstance(event, ClaimsDeclaredSame | ClaimsSeparated)
            while waiting:
                claim = waiting.pop()
                head = self._heads.get(claim)
                if head is not None and claim not in grouped:
                    heads[claim] = head.version
                    if regroups:
                        grouped.add(claim)
                        waiting += head.version.same
        return advance(heads, events)

    async def _take(self, change: Advance) -> None:
        """Pack what changed: closed versions go out, the ones that are current now stay."""
        before: dict[str, _Head] = {}
        for span in change.closed:
            head = before[span.version.claim.id] = self._heads.pop(span.version.claim.id)
            if head.is_written:
                self._closed.append(span)
            else:
                _put(head.rows, ends_of(span))
        for number, span in enumerate(change.opened):
            if number % SLICE_VERSIONS == 0:
                await asyncio.sleep(0)
            version = span.version
            claim = version.claim.id
            last = before.get(claim)
            if last is not None and last.shared is not None and last.version.claim is version.claim:
                shared = last.shared
            else:
                shared = [packer.share(version) for packer in self.packers]
            begins = begins_of(version)
            rows: list[Ranged] = []
            for packer, part in zip(self.packers, shared, strict=True):
                rows += packer.pack(version, part, begins)
            head = before[claim] = _Head(version, shared, rows)
            if span.position_to is not None:
                _put(rows, ends_of(span))
            elif claim in self._heads:
                raise ValueError(f"the claim {claim} was recorded twice")
            else:
                self._heads[claim] = head

    def _let_go(self, heads_max: int) -> None:
        """Let the claims that have not changed for longest leave the memory."""
        surplus = len(self._heads) - heads_max
        for claim in [c for c, _ in zip(self._heads, range(surplus), strict=False)]:
            self._is_spilled = True
            head = self._heads.pop(claim)
            if not head.is_written:
                _put(head.rows, OPEN)
                self._unsettled[claim] = head.version.happening
                self._left.append(claim)

    async def _recall(self, finder: Any, page: Sequence[Recorded]) -> None:
        """Bring back into memory what a page touches and what belongs to the same groups."""
        if not self._is_spilled:
            return
        recorded = {r.event.claim for r in page if isinstance(r.event, ClaimRecorded)}
        missing: set[str] = set()
        groups: set[str] = set()
        for one in page:
            event = one.event
            if isinstance(event, ClaimRecorded):
                continue
            for claim in touched_by(event):
                head = self._heads.get(claim)
                if head is not None:
                    if isinstance(event, ClaimsDeclaredSame | ClaimsSeparated):
                        groups.add(head.version.happening)
                elif claim not in recorded:
                    missing.add(claim)
        if not missing and not groups:
            return
        if not self._unsettled.keys().isdisjoint(missing):
            await self._settle()
        while True:
            found = await self._find(finder, missing, groups)
            wanted = groups.union(version.happening for version in found)
            if wanted.isdisjoint(self._unsettled.values()):
                break
            await self._settle()
        for version in found:
            if version.claim.id not in self._heads:
                self._heads[version.claim.id] = _Head(version, None, [], is_written=True)

    async def _find(self, finder: Any, claims: set[str], groups: set[str]) -> list[Version]:
        generation = self.generations["claims"]
        async with finder.transaction(readonly=True):
            await finder.execute(_VIEWS["project"], self.workspace)
            rows = await finder.fetch(
                _SQL["heads_and_groups"], self.workspace, generation, list(claims), list(groups)
            )
        return [unpack(row[0]) for row in rows]

    def _gathered(self) -> int:
        return sum(sum(map(len, sheet.rows)) for packer in self.packers for sheet in packer.sheets)

    async def _hand_over(self) -> None:
        """Give what was gathered to the writer whose turn it is, once that is done with its
        last."""
        sheets = []
        for packer in self.packers:
            for sheet in packer.sheets:
                sheets.append((sheet, sheet.rows[:]))
                sheet.rows.clear()
        load = _Load(sheets, self._closed, self._left)
        self._closed, self._left = [], []
        turn, self._turn = self._turn, (self._turn + 1) % WRITERS
        running = self._loads[turn]
        if running is not None:
            await running
        self._loads[turn] = asyncio.create_task(self._send(self._writers[turn], load))

    async def _settle(self) -> None:
        """Send what was gathered and wait until everything is committed."""
        await self._hand_over()
        for task in self._loads:
            if task is not None:
                await task

    async def _send(self, writer: Any, load: _Load) -> None:
        async with writer.transaction():
            await writer.execute(_VIEWS["project"], self.workspace)
            for view, packer in zip(self.packed, self.packers, strict=True):
                generation = self.generations[view.name]
                for sheet, rows in load.sheets:
                    if rows and sheet in packer.sheets:
                        source = _chunks(rows)
                        await writer.copy_to_table(sheet.staged, source=source, format="binary")
                        await writer.execute(_SQL[sheet.fill], self.workspace, generation)
            if load.closed:
                closing = Folded((), Advance([], load.closed))
                await self._write(writer, self.packed, closing)
        for claim in load.left:
            self._unsettled.pop(claim, None)


def _put(rows: Iterable[Ranged], ends: bytes) -> None:
    for sheet_rows, row in rows:
        sheet_rows += (row, ends)


async def _chunks(rows: list[bytes]) -> AsyncIterator[bytes]:
    """The data of a COPY, in pieces that fit into a socket."""
    waiting, size = [HEADER], len(HEADER)
    for row in rows:
        waiting.append(row)
        size += len(row)
        if size >= CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join([*waiting, TRAILER])


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
