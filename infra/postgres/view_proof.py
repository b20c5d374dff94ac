"""Proves that tables of views hold, byte by byte, the rows that a replay gives; where they do not,
it only says so, and `verify` looks for the row.

The server sends a table in the order of its claims and in the binary form of COPY; the same bytes
are made from the histories and compared as they come. Nothing is taken apart, and neither side is
held.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from infra.postgres.bulk_rows import ClaimsPacker, GovernmentsPacker, Packer, begins_of, ends_of
from infra.postgres.copying import HEADER, TRAILER, microseconds
from infra.postgres.queries import queries
from infra.postgres.store import snapshot
from projections.histories import History
from projections.spans import spans

PROGRESS_SECONDS: Final = 0.25
COMPARED: Final[dict[str, tuple[str, str, Callable[[], Packer]]]] = {
    "claim_version": ("claims", "copied_versions", ClaimsPacker),
    "government_claim": ("governments", "copied_facts", GovernmentsPacker),
}
"""Table -> the view it belongs to, the query that sends it, and what packs its rows."""
_SQL: Final = queries("verify")
_VIEWS: Final = queries("views")


class Comparison:
    """The comparison of one table with a replay: how many versions are through, and whether all
    bytes were the same."""

    def __init__(self, histories: Mapping[str, History], table: str, until: int) -> None:
        self.histories, self.until = histories, until
        self.view, self.query, self._packer = COMPARED[table]
        self.done = 0
        self.is_same = False

    async def run(self, pool: Any, workspace: str) -> AsyncIterator[int]:
        """Compare, telling now and then how many versions are through."""
        task = asyncio.create_task(self._compare(pool, workspace))
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=PROGRESS_SECONDS)
                yield self.done
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _compare(self, pool: Any, workspace: str) -> None:
        expected = Bytes(self._rows())
        async with snapshot(pool, workspace) as connection:
            await connection.execute(_SQL["unhurried"])
            states = await connection.fetch(_VIEWS["standing"], workspace)
            state = next((one for one in states if one["view"] == self.view), None)
            if state is None or state["position"] != self.until:
                return  # rows that came meanwhile are told apart one by one
            await connection.copy_from_query(
                _SQL[self.query],
                workspace,
                state["generation"],
                output=expected.take,
                format="binary",
            )
        self.is_same = expected.is_same and expected.is_over()

    def _rows(self) -> Iterator[bytes]:
        """The bytes of the table: every version of every claim, claims in the order of their
        names."""
        packer = self._packer()
        yield HEADER
        for claim in sorted(self.histories):
            before, shared = None, None
            for span in spans(self.histories[claim]):
                version = span.version
                if version.claim is not before:
                    before, shared = version.claim, packer.share(version, version.facts)
                ends = ends_of(span)
                begins = begins_of(version, microseconds(version.known_from))
                for _, row in packer.pack(version, shared, begins):
                    yield row + ends
                self.done += 1
            for sheet in packer.sheets:
                sheet.rows.clear()
        yield TRAILER


class Bytes:
    """Bytes that are expected one after the other, and whether they came."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)
        self._waiting = b""
        self.is_same = True

    async def take(self, piece: bytes) -> None:
        """Compare what came with what comes next; after the first difference nothing is looked
        at."""
        if not self.is_same:
            return
        parts, size = [self._waiting], len(self._waiting)
        while size < len(piece):
            part = next(self._parts, None)
            if part is None:
                break
            parts.append(part)
            size += len(part)
        expected = b"".join(parts)
        self.is_same = expected.startswith(piece)
        self._waiting = expected[len(piece) :]

    def is_over(self) -> bool:
        """Whether nothing more was expected."""
        return not self._waiting and next(self._parts, None) is None
