"""Puts very many entries in order: some are sorted at a time and kept aside on disk as a run, and
all runs are merged when they are read; it never holds more than a few of them."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from heapq import merge
from operator import itemgetter
from typing import Any, Final, Self

import msgspec

RUN_BYTES_MAX: Final = 4 * 1024 * 1024
"""How much is held before it is written as a run; what takes less is never written."""
RUNS_MAX: Final = 32
"""So many runs of about one size become one of the next, so that few are read at a time."""
BLOCK_BYTES: Final = 8 * 1024
"""About how much of each run is held while all of them are read."""
ENTRY_BYTES: Final = 200
"""About what an entry takes beside its body."""
Key = tuple[Any, ...]
Entry = tuple[Key, bytes]
_HEAD_BYTES: Final = 4
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(list[tuple[Key, bytes]])
_key: Final = itemgetter(0)


class Runs:
    """Entries on their way into the order of their keys, which no two share: tuples of whole
    numbers and texts. Read as often as one likes, and closed by whoever made it."""

    def __init__(self, bytes_max: int | None = None) -> None:
        """`bytes_max`: how much is held, `RUN_BYTES_MAX` unless given."""
        self.held_bytes = 0
        self._bytes_max = RUN_BYTES_MAX if bytes_max is None else bytes_max
        self._held: list[Entry] = []
        self._levels: list[list[_Run]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_gone: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything, on disk too."""
        self._held = []
        for run in self._written():
            run.close()

    @property
    def runs(self) -> int:
        """How many runs are on disk."""
        return len(self._written())

    def add(self, key: Key, body: bytes) -> None:
        """Take an entry."""
        self._held.append((key, body))
        self.held_bytes += ENTRY_BYTES + len(body)
        if self.held_bytes > self._bytes_max:
            self._write()

    def __iter__(self) -> Iterator[Entry]:
        self._held.sort(key=_key)
        written = self._written()
        return merge(*written, self._held, key=_key) if written else iter(self._held)

    def _written(self) -> list["_Run"]:
        return [run for level in self._levels for run in level]

    def _write(self) -> None:
        self._held.sort(key=_key)
        self._put(0, _Run(self._held))
        self._held, self.held_bytes = [], 0

    def _put(self, size: int, run: "_Run") -> None:
        """Keep a run of a size; those of one size become one of the next where they are many."""
        if size == len(self._levels):
            self._levels.append([])
        level = self._levels[size]
        level.append(run)
        if len(level) == RUNS_MAX:
            merged = _Run(merge(*level, key=_key))
            for one in level:
                one.close()
            level.clear()
            self._put(size + 1, merged)


class _Run:
    """Entries in order on disk, of which a block at a time is held."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        block, size = list[Entry](), 0
        for entry in entries:
            block.append(entry)
            size += ENTRY_BYTES + len(entry[1])
            if size > BLOCK_BYTES:
                self._put(block)
                block, size = [], 0
        if block:
            self._put(block)
        self._file.flush()
        self._end = self._file.tell()

    def close(self) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Entry]:
        at, file = 0, self._file.fileno()
        while at < self._end:
            size = int.from_bytes(os.pread(file, _HEAD_BYTES, at), "big")
            yield from _DECODER.decode(os.pread(file, size, at + _HEAD_BYTES))
            at += _HEAD_BYTES + size

    def _put(self, block: list[Entry]) -> None:
        packed = _ENCODER.encode(block)
        self._file.write(len(packed).to_bytes(_HEAD_BYTES, "big") + packed)
