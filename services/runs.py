"""Puts very many entries in order: some are sorted at a time and kept aside on disk as a run, and
all runs are merged when they are read; it never holds more than a few of them."""

import os
import tempfile
from collections.abc import Iterator
from heapq import merge
from operator import itemgetter
from typing import Any, Final, Self

import msgspec

RUN_BYTES_MAX: Final = 4 * 1024 * 1024
"""How much is held before it is written as a run; what takes less is never written."""
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
        self._file: Any = None
        self._runs: list[tuple[int, int]] = []
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_gone: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything, on disk too."""
        self._held = []
        if self._file is not None:
            self._file.close()

    @property
    def runs(self) -> int:
        """How many runs are on disk."""
        return len(self._runs)

    def add(self, key: Key, body: bytes) -> None:
        """Take an entry."""
        self._held.append((key, body))
        self.held_bytes += ENTRY_BYTES + len(body)
        if self.held_bytes > self._bytes_max:
            self._write()

    def __iter__(self) -> Iterator[Entry]:
        self._held.sort(key=_key)
        if not self._runs:
            return iter(self._held)
        each = (self._read(begin, end) for begin, end in self._runs)
        return merge(*each, self._held, key=_key)

    def _write(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        self._held.sort(key=_key)
        begin, block, size = self._end, list[Entry](), 0
        for entry in self._held:
            block.append(entry)
            size += ENTRY_BYTES + len(entry[1])
            if size > BLOCK_BYTES:
                self._put(block)
                block, size = [], 0
        if block:
            self._put(block)
        self._file.flush()
        self._runs.append((begin, self._end))
        self._held, self.held_bytes = [], 0

    def _put(self, block: list[Entry]) -> None:
        packed = _ENCODER.encode(block)
        self._file.write(len(packed).to_bytes(_HEAD_BYTES, "big") + packed)
        self._end += _HEAD_BYTES + len(packed)

    def _read(self, at: int, end: int) -> Iterator[Entry]:
        file = self._file.fileno()
        while at < end:
            size = int.from_bytes(os.pread(file, _HEAD_BYTES, at), "big")
            yield from _DECODER.decode(os.pread(file, size, at + _HEAD_BYTES))
            at += _HEAD_BYTES + size
