"""Lets all leaves of a workspace that is too big to be kept at hand pass by, a batch of governments
after another; it keeps none and never writes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import TYPE_CHECKING

from infra.postgres.shelves import Batch, parts_since, pieces_of
from projections.columnar.criticising import Table
from projections.columnar.matrices import Drawn, MatrixDraw, drawn
from projections.columnar.pointing import point
from projections.columnar.shelving import LEAF_ROWS, Leaf, Shelf

if TYPE_CHECKING:
    from infra.postgres.moments import Moment


async def streamed(moment: "Moment", on: date, draw: MatrixDraw) -> Drawn:
    """What is drawn of the matrix of Criticism, all leaves passing by twice."""
    shelf = Shelf(moment.law)
    at = point(on, moment.known_at, moment.position)
    words, critics = shelf.words, shelf.critics
    table = Table(moment.law, words, critics, at, joint=draw.joint, wanted=draw.wanted)
    for look in (table.see, table.take):
        async for leaf in _leaves(shelf, moment):
            await asyncio.to_thread(look, leaf)
    return await asyncio.to_thread(drawn, table, draw)


async def _leaves(shelf: Shelf, moment: "Moment") -> AsyncIterator[Leaf]:
    batch: Batch = []
    async for government, parts in parts_since(moment, 0):
        batch.append((government, parts))
        if sum(row["row_count"] for _, some in batch for row in some) >= LEAF_ROWS:
            for leaf in await asyncio.to_thread(_made, shelf, batch):
                yield leaf
            batch = []
    for leaf in await asyncio.to_thread(_made, shelf, batch):
        yield leaf


def _made(shelf: Shelf, batch: Batch) -> tuple[Leaf, ...]:
    return shelf.put(pieces_of(batch, 0)).leaves
