"""Lets what critics said pass by, leaf after leaf, where a workspace is too big to be at hand; it
keeps none and never writes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from infra.postgres.shelves import parts_since
from projections.columnar.criticism.criticising import Table
from projections.columnar.criticism.matrices import Drawn, MatrixDraw, drawn
from projections.columnar.shelf.pointing import Point, point
from projections.columnar.shelf.shelving import Leaf, Shelf
from projections.columnar.shelf.slimming import critical
from projections.columns import Pieces

if TYPE_CHECKING:
    from infra.postgres.moments import Moment

PASSING_ROWS: Final = 32_768
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
    async for government, parts in parts_since(moment, 0):
        pieces = await asyncio.to_thread(_said, parts, at)
        if batch and sum(one.size for _, one in batch) + pieces.size > PASSING_ROWS:
            for leaf in (await asyncio.to_thread(shelf.put, batch)).leaves:
                yield leaf
            batch = []
        batch.append((government, pieces))
    for leaf in (await asyncio.to_thread(shelf.put, batch)).leaves:
        yield leaf


def _said(parts: list[Any], at: Point) -> Pieces:
    return critical(((row["is_block"], row["body"]) for row in parts), at)
