"""Files of claims that the command line reads more than once, and claims kept aside between the
readings; it records nothing."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
import msgspec

from services.cli.output import counted
from services.intake.jsonl import read_lines
from services.intake.lines import Line
from services.intake.sheets.matching import Match, Matched, matched, taken_by
from services.intake.sheets.reading import RowReader, open_table
from services.tables import aside
from services.tables.aside import SIZE_BYTES, Order, merged, reading_aside
from services.tables.binding import Block, Bound, blocks
from services.tables.packing import PackedReader, read

FAULTS_SAID_MAX: Final = 100
SPOOLED_BYTES_MAX: Final = 32 * 1024 * 1024
COLUMNS_SAID_MAX: Final = 20
TABLE_ENDINGS: Final = frozenset({".csv", ".tsv", ".xlsx", ".xlsm"})
JSON_BEGINS: Final = (b"{", b"[")
BOM: Final = b"\xef\xbb\xbf"


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a line, where in it, and how to mend it."""

    line: int
    pointer: str
    detail: str


class Faults:
    """The faults of a file: the first are said at once, all are counted, the first ones
    remembered."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.count = 0
        self.kept: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Say and remember a fault, unless there were too many already."""
        self.count += 1
        if self.count <= FAULTS_SAID_MAX:
            self.kept.append(fault)
            where = f" {fault.pointer}:" if fault.pointer else ""
            click.echo(f"{self.noun} {fault.line}:{where} {fault.detail}", err=True)

    def close(self) -> None:
        """Say how many went unsaid."""
        if self.count > FAULTS_SAID_MAX:
            click.echo(f"… and {self.count - FAULTS_SAID_MAX:,} more.", err=True)


class Source:
    """A file of claims that can be read more than once: JSONL, or a table."""

    def __init__(self, path: Path, file: BinaryIO, encoding: str | None, chosen: dict[str, str]):
        self.path, self.file, self.encoding, self.chosen = path, file, encoding, chosen
        self.file.seek(0)
        head = self.file.read(256).removeprefix(BOM).lstrip()
        # What is empty is what its name says: a table without rows is none.
        is_named_table = path.suffix.lower() in TABLE_ENDINGS
        self.is_table = not head.startswith(JSON_BEGINS) if head else is_named_table
        self.noun = "row" if self.is_table else "line"
        self.says = "JSONL"
        self.matches: tuple[Match, ...] = ()

    def lines(self, now: datetime) -> Iterator[Line]:
        """Every line with the claim it holds; UnreadableTable where the file breaks a bound."""
        self.file.seek(0)
        if not self.is_table:
            return read_lines(self.file, now)
        found = self._table()
        return RowReader(found.matches, now, restate=True).lines(found.rows)

    @contextmanager
    def blocks(self, now: datetime, *, accepted: bool) -> Iterator[Iterator[Block]]:
        """The same lines, packed and bound; a big table is read by processes of their own, which
        begin at once."""
        if not self.is_table:
            reads = (read(line, accepted=accepted, now=now) for line in self.lines(now))
            yield merged([blocks(reads)])
            return
        table = self._table()
        if not self.is_read_aside:
            reader = PackedReader(table.matches, now, accepted=accepted)
            yield merged([blocks(map(reader.read, table.rows))])
            return
        order = Order(encoding=self.encoding, chosen=self.chosen, now=now, accepted=accepted)
        readers = min(aside.READERS_MAX, os.cpu_count() or 1)
        with reading_aside(order, self.file.fileno(), readers) as found:
            yield found

    def _table(self) -> Matched:
        self.file.seek(0)
        table = open_table(self.file, self.encoding)
        found = matched(table, self.chosen)
        self.says, self.matches = table.says, found.matches
        return found

    @property
    def is_read_aside(self) -> bool:
        """Whether it is a big table, which other processes may as well read."""
        if not self.is_table or not self.path.is_file():
            return False
        return (os.cpu_count() or 1) > 1 and os.fstat(
            self.file.fileno()
        ).st_size >= aside.ASIDE_BYTES_MIN

    def name(self, accepted: bool) -> str:
        """The name of the import, which is the same for the same file."""
        self.file.seek(0)
        digest = hashlib.file_digest(self.file, "sha256")  # type: ignore[arg-type]  # any file
        digest.update(b"accepted" if accepted else b"pending")
        digest.update(repr(sorted(self.chosen.items())).encode())
        return digest.hexdigest()[:12]

    def say_columns(self) -> None:
        """Say how a table is read, and which of its columns are left out."""
        if not self.is_table:
            return
        click.echo(f"Reading {self.says}.", err=True)
        left_out = [match for match in self.matches if match.path is None]
        for match in left_out[:COLUMNS_SAID_MAX]:
            near = f"; did you mean {match.suggestion}?" if match.suggestion else ""
            other = taken_by(match, self.matches)
            near = f"; column {other.letter} is {other.path} already" if other else near
            click.echo(f"column {match.letter} {match.header!r} is left out{near}", err=True)
        if len(left_out) > COLUMNS_SAID_MAX:
            more = counted(len(left_out) - COLUMNS_SAID_MAX, "more column")
            click.echo(f"… and {more} left out.", err=True)


class Checked:
    """What a first reading found: how many lines and faulty ones, the claims ready to be recorded,
    and which are declared the same."""

    def __init__(self, spool: Any) -> None:
        self.spool = spool
        self.lines = self.claims = self.faulty = 0
        self.pairs: dict[tuple[str, str], int] = {}

    def add(self, block: Block) -> None:
        """Keep the claims of a block aside, and which are declared the same."""
        self.lines += block.rows
        self.faulty += len(block.faulty)
        self.claims += len(block.claims)
        for number, pair in block.pairs:
            self.pairs.setdefault(pair, number)
        body = memoryview(block.bound)
        self.spool.write(len(body).to_bytes(SIZE_BYTES, "big"))
        self.spool.write(body)

    def __iter__(self) -> Iterator[Bound]:
        self.spool.seek(0)
        decoder = msgspec.msgpack.Decoder(Bound)
        while head := self.spool.read(SIZE_BYTES):
            yield decoder.decode(self.spool.read(int.from_bytes(head, "big")))


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, to be read more than once; what cannot be is copied first."""
    if str(path) == "-":
        with _spooled(sys.stdin.buffer) as copy:
            yield copy
        return
    with path.open("rb") as file:
        if file.seekable():
            yield file
        else:
            with _spooled(file) as copy:
                yield copy


@contextmanager
def _spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES_MAX) as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy  # type: ignore[misc]  # a spooled file reads like any other
