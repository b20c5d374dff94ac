"""Lets what critics said pass by, leaf after leaf, where a workspace is too big to be at hand; it
keeps none and never writes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from infra.postgres.queries import queries
from projections.columnar.criticism.criticising import Table
from projections.columnar.criticism.matrices import Drawn, MatrixDraw, drawn
from projections.columnar.shelf.pointing import Point, point
from projections.columnar.shelf.shelving import Leaf, Shelf
from projections.columnar.shelf.slimming import Spoken
from projections.columns import Pieces

if TYPE_CHECKING:
    from infra.postgres.reading.moments import Moment

PARTS_AT_ONCE: Final = 4
"""How many parts are read at a time."""
_SQL: Final = queries("figures")
PASSING_ROWS: Final = 8_192
"""So many critical rows are looked at together and let go, unless one government has more."""


async def streamed(moment: "Moment", on: date, draw: MatrixDraw) -> Drawn:
    """What is drawn of the matrix of Criticism, all leaves passing by twice, and once more to tell
    who speaks in joint statements that have a row of their own."""
    shelf = Shelf(moment.law)
    at = point(on, moment.known_at, moment.position)
    words, critics = shelf.words, shelf.critics
    table = Table(moment.law, words, critics, at, joint=draw.joint, wanted=draw.wanted)
    for look in (table.see, table.take):
        async for leaf in _leaves(shelf, moment, at):
            await asyncio.to_thread(look, leaf)
    if await asyncio.to_thread(lambda: table.hears):
        async for leaf in _leaves(shelf, moment, at):
            await asyncio.to_thread(table.hear, leaf)
    return await asyncio.to_thread(drawn, table, draw)


async def _leaves(shelf: Shelf, moment: "Moment", at: Point) -> AsyncIterator[Leaf]:
    batch: list[tuple[str, Pieces]] = []
    async for government, pieces in _spoken(moment, at):
        if batch and sum(one.size for _, one in batch) + pieces.size > PASSING_ROWS:
            leaves, batch = (await asyncio.to_thread(shelf.put, batch)).leaves, []
            for leaf in leaves:
                yield leaf
        batch.append((government, pieces))
    for leaf in (await asyncio.to_thread(shelf.put, batch)).leaves:
        yield leaf


async def _spoken(moment: "Moment", at: Point) -> AsyncIterator[tuple[str, Pieces]]:
    """What critics said of each government, whose parts pass by, the newest first."""
    nobody: list[str] = []
    asked = moment.workspace, moment.generation, at.position, nobody
    cursor = await moment.connection.cursor(_SQL["parts"], *asked)
    coming: tuple[str, Spoken] | None = None
    while rows := await cursor.fetch(PARTS_AT_ONCE):
        for government, parts in groupby(rows, itemgetter("government")):
            if coming is None or coming[0] != government:
                if coming is not None:
                    yield coming[0], await asyncio.to_thread(coming[1].pieces)
                coming = government, Spoken(at)
            bodies = [(row["is_block"], row["body"]) for row in parts]
            await asyncio.to_thread(coming[1].take, bodies)
    if coming is not None:
        yield coming[0], await asyncio.to_thread(coming[1].pieces)
