"""Lets the rows of one government pass by that are too many to be at hand: its parts are read some
at a time, and kept in order aside in a temporary file while a question is asked; it never writes to
the database."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Final, TypeVar

from infra.orders import Aside
from infra.postgres.queries import queries
from projections.columnar.streams.filling import Filling
from projections.columnar.streams.stream import Stream

if TYPE_CHECKING:
    from infra.postgres.reading.moments import Moment

HELD_ROWS_MAX: Final = 16_384
"""The rows of a government that are not kept at hand pass by from so many on; fewer are held while
a question is asked."""
PARTS_AT_ONCE: Final = 2
"""How many parts are read at a time."""
_LAST: Final = 2**63 - 1
_SQL: Final = queries("figures")
T = TypeVar("T")


async def passing(moment: "Moment", government: str, on: date, ask: Callable[[Stream], T]) -> T:
    """What is asked of one government on a day, in memory that does not grow with its history."""
    with Aside(moment.figures.bounds) as aside:
        filling = Filling(moment.known_at, aside)
        asked = moment.workspace, moment.generation, government, moment.known_at.position or _LAST
        cursor = await moment.connection.cursor(_SQL["parts_of"], *asked)
        while rows := await cursor.fetch(PARTS_AT_ONCE):
            bodies = [(row["is_block"], row["body"]) for row in rows]
            await asyncio.to_thread(filling.take, bodies)

        def answered() -> T:
            stream = Stream(government, moment.law, filling, aside, on=on, known_at=moment.known_at)
            return ask(stream)

        return await asyncio.to_thread(answered)
