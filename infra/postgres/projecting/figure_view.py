"""The view `figures` as rows: every government's facts as columns of numbers, a part per batch,
merged into blocks; it never reckons and never commits."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from infra.postgres.queries import queries
from projections.columns import Part, gathered, pack_block, pack_part, parts_of, pieces_of
from projections.gathering import Gatherer

if TYPE_CHECKING:
    from infra.postgres.projecting.view_rows import Folded

PARTS_MAX: Final = 32
"""From so many unsealed parts on those of a government are merged into one block. No batch merges
more than about its share, the government with most parts first: many that come to this number at
once would keep everybody waiting."""
BLOCK_ROWS: Final = 8192
"""A block with so many rows is sealed: never merged again."""
BLOCK_AT_ONCE_ROWS: Final = 64
"""A part of so many rows is written as a block, which is read many times faster than rows."""
FORGET_PARTS: Final = 500
"""How many parts of an abandoned generation are deleted in one statement."""
_SQL: Final = queries("figures")
Block = tuple[str, int, int, int, bool, bytes]
"""A row of `figure_part` that is a block: government, first and last position, how many rows,
whether it is sealed, and the block itself."""


class FiguresView:
    """The facts of every version under each government it concerns, as columns of numbers."""

    name = "figures"
    form = 5
    rests_on: tuple[str, ...] = ("claims",)

    async def write(
        self, connection: Any, workspace: str, generation: int, folded: "Folded"
    ) -> None:
        """See `View.write`."""
        change = folded.change
        parts = parts_of(change.opened, change.closed)
        if not parts:
            return
        rows = [
            (code, *_reach(part), len(part.rows), *_packed(part)) for code, part in parts.items()
        ]
        merged_max = 1 + 2 * len(rows) // PARTS_MAX
        found = await connection.fetch(
            _SQL["add_parts"], workspace, generation, *_columns(rows), PARTS_MAX, merged_max
        )
        if found:
            await self._merge(connection, workspace, generation, [row[0] for row in found])

    def gatherer(self) -> Gatherer:
        """What gathers its rows for a bulk build."""
        return Gatherer()

    def blocks(self, gatherer: Gatherer, *, bytes_max: int) -> list[Block]:
        """What is full of what was gathered, or everything where that takes more bytes than
        this."""
        found = gatherer.by_government
        full = [code for code, one in found.items() if one.row_count >= BLOCK_ROWS]
        return [
            (
                government,
                gathered.first,
                gathered.last,
                pieces.size,
                pieces.size >= BLOCK_ROWS,
                pack_block(pieces),
            )
            for government, gathered, pieces in gatherer.taken(
                full if gatherer.size <= bytes_max else list(found)
            )
        ]

    async def add(
        self, connection: Any, workspace: str, generation: int, blocks: Sequence[Block]
    ) -> None:
        """Write blocks, in the transaction that is open."""
        await connection.execute(_SQL["add_blocks"], workspace, generation, *_columns(blocks))

    async def settle(self, connection: Any, workspace: str, generation: int) -> None:
        """See `Settles.settle`: the unsealed parts of each government become blocks."""
        for row in await connection.fetch(_SQL["unmerged"], workspace, generation):
            await self._merge(connection, workspace, generation, [row["government"]])

    async def forget(self, connection: Any, workspace: str, generation: int) -> bool:
        """See `View.forget`."""
        done = await connection.execute(_SQL["forget_parts"], workspace, generation, FORGET_PARTS)
        return bool(done != "DELETE 0")

    async def _merge(
        self, connection: Any, workspace: str, generation: int, governments: list[str]
    ) -> None:
        """Replace the unsealed parts of some governments by blocks, no more in each than fill it:
        a block is read as a whole."""
        taken = await connection.fetch(_SQL["take_parts"], workspace, generation, governments)
        by_government: dict[str, list[Any]] = {}
        for row in sorted(taken, key=lambda row: row["first_position"]):
            by_government.setdefault(row["government"], []).append(row)
        blocks: list[Block] = []
        for government, parts in by_government.items():
            for some in _filling(parts):
                merged = gathered((p["is_block"], p["body"]) for p in some)
                first = some[0]["first_position"]
                last = max(part["last_position"] for part in some)
                sealed = merged.size >= BLOCK_ROWS
                blocks.append((government, first, last, merged.size, sealed, pack_block(merged)))
        await self.add(connection, workspace, generation, blocks)


def _filling(parts: Iterable[Any]) -> Iterator[list[Any]]:
    """Parts one after another, as many together as fill a block, and those that are left."""
    some: list[Any] = []
    rows = 0
    for part in parts:
        some.append(part)
        rows += part["row_count"]
        if rows >= BLOCK_ROWS:
            yield some
            some, rows = [], 0
    if some:
        yield some


def _packed(part: Part) -> tuple[bool, bytes]:
    """Whether a part is written as a block, and its body."""
    if len(part.rows) < BLOCK_AT_ONCE_ROWS:
        return False, pack_part(part)
    return True, pack_block(pieces_of(part))


def _reach(part: Part) -> tuple[int, int]:
    """The first and the last position of the events that made a part."""
    positions = [row.position for row in part.rows]
    positions += [one.position_to for one in part.closings]
    return min(positions), max(positions)


def _columns(rows: Iterable[tuple[Any, ...]]) -> Iterable[list[Any]]:
    return map(list, zip(*rows, strict=True))
