"""Proves that tables of views hold, byte by byte, the rows that a replay gives; where they do not,
it only says so, and `row_proof` looks for the row.

A replay packs each row as a bulk build would, and keeps of it only a digest, to which its ends are
added once they are known. The server sends each table as it lies, in the binary form of COPY, with
the length of every row before it; the digests of its rows, in whatever order, must have the same
sum. They are those of Python's keyed hash of 64 bits: that two tables which differ have the same
sum happens once in 2**64 times.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import islice
from struct import Struct
from typing import Any, Final

import numpy as np

from domain.facts import told as told_of
from infra.orders import Aside
from infra.postgres.projecting.bulk_rows import (
    OPEN,
    ClaimsPacker,
    GovernmentsPacker,
    Ranged,
    begins_of,
)
from infra.postgres.projecting.copying import HEADER, TRAILER, microseconds
from infra.postgres.projecting.packing import Head, Packing
from infra.postgres.projecting.search_rows import SearchPacker
from infra.postgres.proving.figure_proof import FigureTallies
from infra.postgres.queries import queries
from projections.gathering import Gatherer
from projections.histories import Version

PROGRESS_SECONDS: Final = 0.25
FEATURES_HELD_MAX: Final = 50_000
"""So many features are held packed; then it begins anew, and words that come again are told apart
later."""
COMPARED: Final = {
    "claim_version": ("claims", "copied_versions"),
    "claim_relation": ("claims", "copied_relations"),
    "claim_search": ("claims", "copied_searches"),
    "search_word": ("claims", "copied_words"),
    "government_claim": ("governments", "copied_facts"),
}
"""Table -> the view it belongs to and the query that sends it."""
_SQL: Final = queries("verify")
_COUNT_BYTES: Final = 2
"""What a row begins with: how many columns it has."""
_WORDS: Final = np.dtype([("digest", "i8")])
_WORDS_KEY: Final = ("digest",)
_lengths: Final = Struct(">xxxxxxixxxxi")
"""The number of columns, and two columns: how long the row is up to its ends, and how long they
are."""


class Tally:
    """Rows that were seen, in whatever order: how many, and the sum of their digests."""

    def __init__(self) -> None:
        self.count = self.total = 0

    def add(self, digest: int, ends: bytes) -> None:
        """Count a row, given the digest of all but its ends."""
        self.count += 1
        self.total += hash((digest, ends))

    def drop(self, digest: int, ends: bytes) -> None:
        """Count a row no longer that was added with these ends."""
        self.count -= 1
        self.total -= hash((digest, ends))

    def is_same(self, other: "Tally") -> bool:
        """Whether both saw the same rows."""
        return (self.count, self.total) == (other.count, other.total)


class Digests(Packing):
    """What the tables of the views must hold after the events that were digested, as tallies by
    the name of the table; and what the columns of `figures` must.

    Digests of words, of which each counts once, are kept in order `aside` until it is finished.
    """

    def __init__(self, aside: Aside) -> None:
        claims, facts = ClaimsPacker(SearchPacker(held_max=FEATURES_HELD_MAX)), GovernmentsPacker()
        self._gatherer, self.figures = Gatherer(), FigureTallies()
        super().__init__([claims, facts], [self._gatherer])
        self.tallies = {table: Tally() for table in COMPARED}
        self._at_once = {
            "claim_relation": claims.relations.rows,
            "claim_search": claims.search.searches.rows,
        }
        self._word_rows = claims.search.words.rows
        self._words = aside.order(_WORDS, _WORDS_KEY)

    def keep(self, rows: list[Ranged]) -> tuple[int, ...]:
        """See `Packing.keep`: the digest of the row of the version, then those of its facts."""
        for table, packed in self._at_once.items():
            for row in packed:
                self.tallies[table].add(hash(row[_COUNT_BYTES:]), b"")
            packed.clear()
        return tuple([hash(row[_COUNT_BYTES:]) for _, row in rows])

    def let_pass(self, *, heads_max: int, figures_bytes_max: int) -> None:
        """Hold only so many current versions, those that changed last, and so many bytes of
        figures: of other versions the rows are added as if no other followed."""
        for claim in list(islice(self.heads, max(0, len(self.heads) - heads_max))):
            self._add(self.let_go(claim).kept, OPEN)
        digests = [hash(row[_COUNT_BYTES:]) for row in self._word_rows]
        self._words.put(np.array(digests, np.int64).view(_WORDS))
        self._word_rows.clear()
        if self._gatherer.size > figures_bytes_max:
            self.figures.take(self._gatherer)

    def end(self, head: Head, follower: Version, ends: bytes) -> None:
        """See `Packing.end`."""
        self._add(head.kept, ends)

    def take_back(self, version: Version) -> None:
        """Hold the current version of a claim again that was set aside."""
        values = told_of(version.claim)
        begins = begins_of(version, microseconds(version.known_from))
        rows: list[Ranged] = []
        for packer in self.packers:
            rows += packer.pack(version, packer.share(version, values), begins)
        for packed in self._at_once.values():
            packed.clear()  # counted when the version was made
        kept = tuple([hash(row[_COUNT_BYTES:]) for _, row in rows])
        self._each(kept, OPEN, Tally.drop)
        self.hold(version, kept)

    def finish(self) -> None:
        """Add the versions that no other follows, and each word once; nothing is to be digested
        afterwards."""
        self.let_pass(heads_max=0, figures_bytes_max=0)
        tally, last = self.tallies["search_word"], np.empty(0, np.int64)
        for words in self._words.read():
            found = np.unique(words["digest"])
            for digest in found[~np.isin(found, last)].tolist():
                tally.add(digest, b"")
            last = found[-1:]

    def _add(self, kept: tuple[int, ...], ends: bytes) -> None:
        self._each(kept, ends, Tally.add)

    def _each(
        self, kept: tuple[int, ...], ends: bytes, do: Callable[[Tally, int, bytes], None]
    ) -> None:
        version, *facts = kept
        do(self.tallies["claim_version"], version, ends)
        for digest in facts:
            do(self.tallies["government_claim"], digest, ends)


class Sent:
    """The rows of a table as a server sends them: tallied, and whether all could be read."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._waiting = b""
        self._passed = len(HEADER)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left but what the data of a COPY end with."""
        return not self._passed and self._waiting == TRAILER

    async def take(self, piece: bytes) -> None:
        """Tally the rows that are whole by now."""
        data = self._waiting + piece
        if len(data) < self._passed:
            self._waiting = data
            return
        at, self._passed = self._passed, 0
        add, lengths, last = self.tally.add, _lengths.unpack_from, len(data) - _lengths.size
        while at <= last:
            row, ends = lengths(data, at)
            begins = at + _lengths.size
            stops = begins + max(0, row)
            over = stops + max(0, ends)
            if over > len(data):
                break
            add(hash(data[begins:stops]), data[stops:over])
            at = over
        self._waiting = data[at:]


class Comparison:
    """The comparison of one table with what it must hold: how many rows are through, and whether
    all were the same."""

    def __init__(self, table: str, expected: Tally) -> None:
        self.view, self.query = COMPARED[table]
        self.expected = expected
        self.is_same = False
        self._sent = Sent()

    async def run(
        self, connection: Any, workspace: str, generation: int | None
    ) -> AsyncIterator[int]:
        """Compare the rows of a generation in the snapshot of a connection, telling now and then
        how many are through; no generation holds none."""
        if generation is not None:
            copying = asyncio.create_task(
                connection.copy_from_query(
                    _SQL[self.query],
                    workspace,
                    generation,
                    output=self._sent.take,
                    format="binary",
                )
            )
            try:
                while not copying.done():
                    await asyncio.wait({copying}, timeout=PROGRESS_SECONDS)
                    yield self._sent.tally.count
                await copying
            finally:
                copying.cancel()
                await asyncio.gather(copying, return_exceptions=True)
            self.is_same = self._sent.is_whole and self._sent.tally.is_same(self.expected)
