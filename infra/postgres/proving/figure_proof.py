"""Proves that the view `figures` equals a replay, one government at a time; it never mends."""

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
import numpy as np

from infra.postgres.queries import queries
from projections.columns import Ints, Part, Pieces, joined, unpack_pieces
from projections.gathering import Gatherer

_SQL: Final = queries("figures")


async def figures_proof(
    connection: Any, workspace: str, generation: int, gatherer: Gatherer, until: int
) -> AsyncIterator[tuple[str, bool]]:
    """Every government that either side knows, and whether its rows up to the position `until` are
    the ones that were gathered from a replay; seen by the snapshot of a connection."""
    found = await connection.fetch(_SQL["governments_with_parts"], workspace, generation)
    names = {*gatherer.by_government, *(row[0] for row in found)}
    for government in sorted(names):
        rows = await connection.fetch(_SQL["parts_since"], workspace, generation, government, 0)
        kept = [unpack_pieces(row["body"], is_block=row["is_block"]) for row in rows]
        held = joined([_EMPTY, *kept])
        known = [government] if government in gatherer.by_government else []
        expected = next((pieces for *_, pieces in gatherer.taken(known)), _EMPTY)
        yield government, is_same(held, expected, until)


def is_same(held: Pieces, wanted: Pieces, until: int) -> bool:
    """Whether columns hold just the rows and closings of others, in whatever order, as far as they
    go back to `until`."""
    both = joined([_EMPTY, held, wanted])
    first, second = slice(None, held.size), slice(held.size, None)
    held_rows, wanted_rows = (
        _in_order(both.columns["position"][side], both.columns["recorded"][side], until)
        for side in (first, second)
    )
    for column in both.columns.values():
        if not np.array_equal(column[first][held_rows], column[second][wanted_rows]):
            return False
    return np.array_equal(_ended(held, until), _ended(wanted, until))


def _in_order(position: Ints, recorded: Ints, until: int) -> Ints:
    """The places of rows up to a position, in order: where a block was filled by what lay on both
    sides of others, rows are not stored in theirs."""
    known = np.flatnonzero(position <= until)
    return known[np.lexsort((recorded[known], position[known]))]


def _ended(pieces: Pieces, until: int) -> np.ndarray[Any, Any]:
    """The closings up to a position, in order."""
    closings = np.stack(list(pieces.closings.values()))
    known = closings[:, pieces.closings["position_to"] <= until]
    return known[:, np.lexsort((known[1], known[0]))]


_EMPTY: Final = unpack_pieces(msgspec.msgpack.encode(Part([], [])), is_block=False)
