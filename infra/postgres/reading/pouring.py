"""Shows believed versions to a fold some at a time, so that what is drawn from very many of them
holds few; it never writes and keeps nothing."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from projections.histories import Version, unpack

POURED_AT_ONCE: Final = 500
"""How many versions are read and looked at together."""
Take = Callable[[Iterable[Version]], object]


async def pour(connection: Any, statement: str, asked: Sequence[Any], take: Take) -> None:
    """Let `take` look at the versions whose bodies a statement reads, in its order, beside the
    event loop; the next are on their way meanwhile."""
    cursor = await connection.cursor(statement, *asked)
    coming = asyncio.create_task(cursor.fetch(POURED_AT_ONCE))
    try:
        while rows := await coming:
            coming = asyncio.create_task(cursor.fetch(POURED_AT_ONCE))
            bodies = [row[0] for row in rows]
            await asyncio.to_thread(_look, take, bodies)
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


def _look(take: Take, bodies: Sequence[bytes]) -> None:
    take(unpack(body) for body in bodies)
