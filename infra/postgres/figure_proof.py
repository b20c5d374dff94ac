"""Proves that the view `figures` equals a replay, one government at a time; it never mends."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

import msgspec
import numpy as np

from infra.postgres.queries import queries
from infra.postgres.store import snapshot
from projections.columns import Part, Pieces, joined, pack_part, parts_of, unpack_pieces
from projections.spans import Span

_SQL: Final = queries("figures")
_VIEWS: Final = queries("views")


async def figures_proof(
    pool: Any, workspace: str, spans: Iterable[Span], until: int
) -> AsyncIterator[tuple[str, bool]]:
    """Every government that either side knows, and whether its rows up to the position `until` are
    the ones that `spans` give."""
    expected = parts_of(spans, ())
    async with snapshot(pool, workspace) as connection:
        states = await connection.fetch(_VIEWS["standing"], workspace)
        generation = next((s["generation"] for s in states if s["view"] == "figures"), 0)
        found = await connection.fetch(_SQL["governments_with_parts"], workspace, generation)
        for government in sorted({*expected, *(row[0] for row in found)}):
            rows = await connection.fetch(_SQL["parts_since"], workspace, generation, government, 0)
            kept = [unpack_pieces(row["body"], is_block=row["is_block"]) for row in rows]
            held = joined([_EMPTY, *kept])
            yield government, is_same(held, expected.get(government, Part([], [])), until)


def is_same(held: Pieces, expected: Part, until: int) -> bool:
    """Whether columns hold just the rows and closings of a part, as far as they go back to
    `until`."""
    wanted = unpack_pieces(pack_part(expected), is_block=False)
    both = joined([_EMPTY, held, wanted])
    first, second = slice(None, held.size), slice(held.size, None)
    known = both.columns["position"] <= until
    for column in both.columns.values():
        if not np.array_equal(column[first][known[first]], column[second][known[second]]):
            return False
    return np.array_equal(_ended(held, until), _ended(wanted, until))


def _ended(pieces: Pieces, until: int) -> np.ndarray[Any, Any]:
    """The closings up to a position, in order."""
    closings = np.stack(list(pieces.closings.values()))
    known = closings[:, pieces.closings["position_to"] <= until]
    return known[:, np.lexsort((known[1], known[0]))]


_EMPTY: Final = unpack_pieces(msgspec.msgpack.encode(Part([], [])), is_block=False)
