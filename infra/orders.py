"""Keeps very many rows of a table in the order of some of their columns, aside in a temporary file:
some are sorted at a time and written as a run, and all runs are merged when they are read; it never
holds more than a bounded number of them."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import IO, Any, Final, Self

import msgspec
import numpy as np

from projections.columnar.streams.orders import Key, Table, last_of, ordered, through

RUN_ROWS: Final = 8_192
"""So many rows are held before they are written as a run; fewer are never written."""
BLOCK_ROWS: Final = 256
"""So many rows of each run are held while runs are merged."""
RUNS_MERGED: Final = 16
"""So many runs of about one length are made one, so that however many rows there are, few runs are
read at a time."""


class Bounds(msgspec.Struct, frozen=True):
    """How much is held: rows before they are written, rows of each run while runs are merged, and
    how many runs there are of one length."""

    run_rows: int = RUN_ROWS
    block_rows: int = BLOCK_ROWS
    runs_merged: int = RUNS_MERGED


class Aside:
    """A temporary file for the orders of one answer and texts in them, which goes with it."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()
        self.end = 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_gone: object) -> None:
        if self._file is not None:
            self._file.close()

    def order(self, form: np.dtype[Any], key: Key) -> "Order":
        """A new order of rows of a form."""
        return Order(self, form, key)

    @property
    def file(self) -> IO[bytes]:
        """The file, made when it is first needed."""
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed on the way out
        return self._file

    def append(self, rows: Table) -> None:
        """Write some rows at the end of the file."""
        self._write(rows.tobytes())

    def keep(self, bodies: Sequence[bytes]) -> list[int]:
        """Keep some texts, and say where each is."""
        found = list(accumulate(map(len, bodies), initial=self.end))
        self._write(b"".join(bodies))
        return found[:-1]

    def kept(self, at: int, size: int) -> bytes:
        """One of them."""
        return os.pread(self.file.fileno(), size, at)

    def _write(self, body: bytes) -> None:
        self.file.write(body)
        self.file.flush()
        self.end += len(body)


class _Run(msgspec.Struct, frozen=True):
    begin: int
    rows: int


class _Reading:
    """A run that is read from its beginning, of which at most so many rows are held."""

    def __init__(self, file: IO[bytes], form: np.dtype[Any], run: _Run, rows_max: int) -> None:
        self._file, self._form, self._rows_max = file.fileno(), form, rows_max
        self._at, self._left = run.begin, run.rows
        self.rows: Table = np.empty(0, form)
        self._load()

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after the rows that are held."""
        return not self._left

    def take(self, count: int) -> Table:
        """Take so many of the rows held; where none is left of them, others are held."""
        taken, self.rows = self.rows[:count], self.rows[count:]
        if not len(self.rows):
            self._load()
        return taken

    def _load(self) -> None:
        count = min(self._left, self._rows_max)
        size = count * self._form.itemsize
        self.rows = np.frombuffer(os.pread(self._file, size, self._at), self._form)
        self._at += size
        self._left -= count


class Order:
    """Rows on their way into an order; see `projections.columnar.streams.orders`."""

    def __init__(self, aside: Aside, form: np.dtype[Any], key: Key) -> None:
        self.form, self.key, self.size = form, key, 0
        self._aside = aside
        self._held: list[Table] = []
        self._held_rows = 0
        self._levels: list[list[_Run]] = []

    def put(self, rows: Table) -> None:
        """Take some rows."""
        most = self._aside.bounds.run_rows
        for begin in range(0, len(rows), most):
            some = rows[begin : begin + most]
            self._held.append(some)
            self._held_rows += len(some)
            self.size += len(some)
            if self._held_rows >= most:
                self._write()

    def read(self) -> Iterator[Table]:
        """All rows in order, some at a time; as often as one likes, once all were put."""
        most = self._aside.bounds.block_rows * self._aside.bounds.runs_merged
        if not self._levels:
            held = self._sorted()
            self._held = [held]
            for begin in range(0, len(held), most):
                yield held[begin : begin + most]
            return
        if self._held_rows:
            self._write()
        runs = [run for level in self._levels for run in level]
        if len(runs) > 1:  # what is read twice is merged once
            self._levels = [[self._written(self._merged(runs))]]
        (run,) = (run for level in self._levels for run in level)
        reading = _Reading(self._aside.file, self.form, run, most)
        while len(reading.rows):
            yield reading.take(most)

    def _sorted(self) -> Table:
        rows = np.concatenate(self._held) if self._held else np.empty(0, self.form)
        return ordered(rows, self.key)

    def _write(self) -> None:
        run = self._written([self._sorted()])
        self._held, self._held_rows = [], 0
        for level in self._levels:
            level.append(run)
            if len(level) < self._aside.bounds.runs_merged:
                return
            run = self._written(self._merged(level))
            level.clear()
        self._levels.append([run])

    def _written(self, pieces: Iterable[Table]) -> _Run:
        begin, rows = self._aside.end, 0
        for piece in pieces:
            self._aside.append(piece)
            rows += len(piece)
        return _Run(begin, rows)

    def _merged(self, runs: Sequence[_Run]) -> Iterator[Table]:
        """The rows of some runs in order: of those held what comes no later than the last one held
        of any run of which there are more."""
        most = self._aside.bounds.block_rows
        each = [_Reading(self._aside.file, self.form, run, most) for run in runs]
        while each := [one for one in each if len(one.rows)]:
            lasts = [last_of(one.rows, self.key) for one in each if not one.is_last]
            cut = min(lasts) if lasts else None
            counts = [through(one.rows, self.key, cut) for one in each]
            some = [one.take(count) for one, count in zip(each, counts, strict=True) if count]
            yield ordered(np.concatenate(some), self.key)
