"""Sends the rows of a bulk build by COPY into tables of its own sessions and from there into the
views; it packs nothing and knows nothing of events."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, Protocol, runtime_checkable

from infra.postgres.pool import connect
from infra.postgres.projecting.bulk_rows import Packer
from infra.postgres.projecting.copying import HEADER, TRAILER
from infra.postgres.projecting.figure_view import Block
from infra.postgres.projecting.search_rows import PENDING_OF_BUILD_KILOBYTES
from infra.postgres.projecting.sheets import Sheet
from infra.postgres.projecting.view_rows import Folded, View
from infra.postgres.queries import queries
from projections.gathering import Gatherer
from projections.histories import Version
from projections.spans import Advance, Span

WRITERS: Final = 3
"""So many take turns that one is free when rows are ready, though each waits for many turns of the
loop."""
STAGING_MEMORY: Final = "32MB"
_SQL: Final = queries("bulk")


@runtime_checkable
class BulkView(View, Protocol):
    """A view whose rows can be packed; of any other, `write` is called with bigger batches."""

    def packer(self) -> Packer:
        """What packs its rows for one build."""


@runtime_checkable
class BlockView(View, Protocol):
    """A view of columns, of which a build writes whole blocks."""

    def gatherer(self) -> Gatherer:
        """What gathers its rows for one build."""

    def blocks(self, gatherer: Gatherer, *, bytes_max: int) -> list[Block]:
        """What is full of what was gathered, or everything where that takes more bytes than
        this."""

    async def add(
        self, connection: Any, workspace: str, generation: int, blocks: Sequence[Block]
    ) -> None:
        """Write blocks, in the transaction that is open."""


class Load:
    """What is handed to a writer at once, beside the rows that were packed.

    `closed`: versions in the views that end now. `left`: claim -> version of those that left the
    memory. `blocks`: of each view of columns.
    """

    def __init__(self) -> None:
        self.closed: list[Span] = []
        self.left: dict[str, Version] = {}
        self.blocks: list[tuple[BlockView, list[Block]]] = []
        self.sheets: list[tuple[Sheet, list[bytes]]] = []


class Sender:
    """The writers of one build, each in a session of its own, given work in turns.

    `unsettled`: claim -> version of what left the memory and is not committed yet, or not all that
    was sent before it.
    `loads_committed`: how many were.
    """

    def __init__(
        self,
        workspace: str,
        generations: Mapping[str, int],
        packed: Sequence[tuple[BulkView, Packer]],
    ) -> None:
        self.workspace, self.generations, self.packed = workspace, generations, packed
        self.unsettled: dict[str, Version] = {}
        self.loads_committed = 0
        self.loads: list[asyncio.Task[None] | None] = [None] * WRITERS
        self._writers: list[Any] = []
        self._turn = 0

    async def begin(self, stack: AsyncExitStack, dsn: str) -> None:
        """Connect; the sessions end with `stack`."""
        for _ in range(WRITERS):
            writer = await session(stack, dsn, self.workspace)
            self._writers.append(writer)
            await writer.execute(_SQL["roomy"], STAGING_MEMORY, str(PENDING_OF_BUILD_KILOBYTES))
            for _view, packer in self.packed:
                for sheet in packer.sheets:
                    await writer.execute(_SQL[sheet.make])

    def put_together(self) -> int:
        """Make pieces of the rows that were packed; how many bytes wait to be handed over."""
        size = 0
        for _, packer in self.packed:
            for sheet in packer.sheets:
                sheet.put_together()
                size += sheet.size
        return size

    async def hand_over(self, load: Load) -> None:
        """Give what was packed to the writer whose turn it is, once that is done with its last."""
        for _, packer in self.packed:
            for sheet in packer.sheets:
                load.sheets.append((sheet, sheet.taken()))
        # What ends rows that are on their way still has to find them.
        is_late = any(span.version.claim.id in self.unsettled for span in load.closed)
        self.unsettled |= load.left
        turn, self._turn = self._turn, (self._turn + 1) % WRITERS
        running, earlier = self.loads[turn], self.loads[turn - 1]
        if running is not None:
            await running
        self.loads[turn] = asyncio.create_task(
            self._send(self._writers[turn], load, earlier, is_late=is_late)
        )

    async def settle(self) -> None:
        """Wait until everything is committed."""
        for task in self.loads:
            if task is not None:
                await task

    async def _send(
        self, writer: Any, load: Load, earlier: asyncio.Task[None] | None, *, is_late: bool
    ) -> None:
        # Waiting for each other, with words of the vocabulary locked already, two would wait for
        # ever: so what is late waits before it begins.
        if is_late and earlier is not None:
            await earlier
        async with writer.transaction():
            for view, packer in self.packed:
                generation = self.generations[view.name]
                for sheet, pieces in load.sheets:
                    if pieces and sheet in packer.sheets:
                        source = _chunks(pieces)
                        await writer.copy_to_table(sheet.staged, source=source, format="binary")
                        await writer.execute(_SQL[sheet.fill], self.workspace, generation)
                if load.closed:
                    closing = Folded((), Advance([], load.closed))
                    await view.write(writer, self.workspace, generation, closing)
            for columns, blocks in load.blocks:
                generation = self.generations[columns.name]
                await columns.add(writer, self.workspace, generation, blocks)
        self.loads_committed += 1
        if earlier is not None:
            await earlier
        for claim, version in load.left.items():
            if self.unsettled.get(claim) is version:
                del self.unsettled[claim]


async def session(stack: AsyncExitStack, dsn: str, workspace: str) -> Any:
    """A connection for a build of a workspace that ends with `stack`."""
    connection = await connect(dsn)
    stack.callback(connection.terminate)
    await connection.execute(_SQL["enter"], workspace)
    return connection


async def ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they have ended, however they do."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _chunks(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    """The data of a COPY."""
    yield HEADER
    for piece in pieces:
        yield piece
    yield TRAILER
