"""Lets what critics said pass by, leaf after leaf, where a workspace is too big to be at hand: its
parts are read once, and what is believed of them is kept aside in a temporary file meanwhile; it
never writes to the database."""

import asyncio
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from infra.orders import Aside
from infra.postgres.queries import queries
from projections.columnar.criticism.matrices import Drawn, MatrixDraw
from projections.columnar.shelf.pointing import point
from projections.columnar.streams.speaking import Speakings, tabled

if TYPE_CHECKING:
    from infra.postgres.reading.moments import Moment

PARTS_AT_ONCE: Final = 2
"""How many parts are read at a time."""
_SQL: Final = queries("figures")


async def streamed(moment: "Moment", on: date, draw: MatrixDraw) -> Drawn:
    """What is drawn of the matrix of Criticism, in memory that does not grow with the history."""
    at = point(on, moment.known_at, moment.position)
    with Aside(moment.figures.bounds) as aside:
        speakings = Speakings(moment.law, aside, on=on, known_at=moment.known_at)
        nobody: list[str] = []
        asked = moment.workspace, moment.generation, at.position, nobody
        cursor = await moment.connection.cursor(_SQL["parts"], *asked)
        while rows := await cursor.fetch(PARTS_AT_ONCE):
            for government, parts in groupby(rows, itemgetter("government")):
                bodies = [(row["is_block"], row["body"]) for row in parts]
                await asyncio.to_thread(speakings.take, government, bodies)

        return await asyncio.to_thread(tabled, speakings, at, draw)
