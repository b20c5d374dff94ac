"""Keeps the facts of whole workspaces at hand, so that a board reads only what came since; it never
keeps more than so many bytes, and never reckons."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from infra.postgres.queries import queries
from projections.columnar.shelf.shelving import (
    LEAF_ROWS,
    PRESENT_BYTES,
    ROW_BYTES,
    SUMS_BYTES,
    Shelf,
)
from projections.columns import gathered

if TYPE_CHECKING:
    from infra.postgres.reading.moments import Moment

SHELVES_BYTES_MAX: Final = 512 * 1024 * 1024
"""How much memory the shelves of a process may take, unless it is told otherwise."""
PARTS_AT_ONCE: Final = 32
"""How many parts are read at a time."""
_SQL: Final = queries("figures")
Key = tuple[str, int, bytes]
Batch = list[tuple[str, list[Any]]]


class _Held:
    """The shelf of one key, which one reader at a time brings up to date, and the position up to
    which it has every part."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.shelf: Shelf | None = None
        self.position = 0


class Shelves:
    """The shelves of one process, those used last first."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self._held: OrderedDict[Key, _Held] = OrderedDict()

    @property
    def size_bytes(self) -> int:
        """How much memory all shelves take."""
        return sum(one.shelf.size_bytes for one in self._held.values() if one.shelf)

    async def at(self, moment: "Moment") -> Shelf | None:
        """The shelf of a workspace, which holds at least what a snapshot sees; None where that is
        too much to keep."""
        key = moment.workspace, moment.generation, moment.law.key
        for other in [k for k in self._held if k[0] == key[0] and k[1] < key[1]]:
            del self._held[other]  # rows of a generation that is no longer read
        held = self._held.setdefault(key, _Held())
        self._held.move_to_end(key)
        async with held.lock:
            shelf = held.shelf
            if shelf is None:
                asked = moment.workspace, moment.generation
                rows = await moment.connection.fetchval(_SQL["row_total"], *asked)
                if rows * ROW_BYTES > self.bytes_max:
                    self._held.pop(key, None)
                    return None
                shelf = Shelf(moment.law)
            if held.shelf is None or held.position < moment.position:
                shelf = held.shelf = await _brought_up(shelf, moment)
                held.position = moment.position
            twice = ROW_BYTES + PRESENT_BYTES
            shelf.presents = twice * shelf.rows <= self.bytes_max
            shelf.sums = (twice + SUMS_BYTES) * shelf.rows <= self.bytes_max
        self._let_go()
        return shelf

    def _let_go(self) -> None:
        total = self.size_bytes
        while total > self.bytes_max and self._held:
            _, gone = self._held.popitem(last=False)
            total -= gone.shelf.size_bytes if gone.shelf else 0


async def _brought_up(shelf: Shelf, moment: "Moment") -> Shelf:
    """The shelf with the parts that a snapshot sees after those it has."""
    through = after = shelf.through
    batch: Batch = []
    async for government, parts in parts_since(moment, after):
        batch.append((government, parts))
        through = max(through, *(row["last_position"] for row in parts))
        if sum(row["row_count"] for _, some in batch for row in some) >= LEAF_ROWS:
            shelf = await asyncio.to_thread(_put, shelf, batch, after, None)
            batch = []
    if through == after:
        return shelf
    return await asyncio.to_thread(_put, shelf, batch, after, through)


async def parts_since(moment: "Moment", after: int) -> AsyncIterator[tuple[str, list[Any]]]:
    """The parts of each government that end after a position."""
    asked = moment.workspace, moment.generation, after
    cursor = await moment.connection.cursor(_SQL["parts_after"], *asked)
    waiting: list[Any] = []
    while rows := await cursor.fetch(PARTS_AT_ONCE):
        waiting += rows
        *whole, last = [(g, list(some)) for g, some in groupby(waiting, itemgetter("government"))]
        for government, parts in whole:
            yield government, parts
        waiting = last[1]
    if waiting:
        yield waiting[0]["government"], waiting


def _put(shelf: Shelf, batch: Batch, after: int, through: int | None) -> Shelf:
    pieces = [
        (code, gathered((row["is_block"], row["body"]) for row in parts).after(after))
        for code, parts in batch
    ]
    return shelf.put(pieces, through)
