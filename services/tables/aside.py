"""Reads a big table in processes of their own, each so many rows in turn, and hands on what they
found in the order of the file; it records nothing, and a row is judged as it is anywhere else.
"""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import cycle
from typing import Any, BinaryIO, Final

import msgspec

from domain.errors import SetupRefused
from services.collecting import settle
from services.intake.lines import Seen
from services.intake.sheets.matching import matched
from services.intake.sheets.reading import open_table
from services.intake.sheets.table import Row, UnreadableTable
from services.tables.packing import PackedReader, Read

BLOCK_ROWS: Final = 250
"""So many rows are one process's, the next ones another's: what is on its way is no more."""
ASIDE_BYTES_MIN: Final = 8 * 1024 * 1024
"""A smaller file is nearly read when a process has begun."""
READERS_MAX: Final = 4
"""Each of them goes through the whole file, if only to see where its own rows begin."""
READ_BYTES: Final = 256 * 1024
"""So much of the file is read at a time."""
SIZE_BYTES: Final = 4

_encode: Final = msgspec.msgpack.Encoder(enc_hook=lambda said: str(said)).encode
"""What is wrong is said in texts that keep their template; it is the text that is handed on."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """How to read a file: how it is written where that is known, and which of its headers stand
    for which column; how its claims are packed."""

    encoding: str | None
    chosen: dict[str, str]
    now: datetime
    accepted: bool


class Part(msgspec.Struct, frozen=True):
    """Which of how many parts of the file somebody is to read."""

    order: Order
    part: int
    parts: int


class Block(msgspec.Struct, frozen=True, array_like=True):
    """Rows one after the other; `refused`: why the file cannot be read beyond them."""

    reads: list[Read]
    is_last: bool = False
    refused: str = ""


@contextmanager
def reading_aside(order: Order, file: int, readers: int) -> Iterator[Iterator[Read]]:
    """Every row of a table, in its order, read by so many processes, which begin at once;
    UnreadableTable where the file breaks a bound. `file`: a descriptor of it, which is what all of
    them read, whatever else its name comes to stand for."""
    with ExitStack() as stack:
        parts = [Part(order, part, readers) for part in range(readers)]
        processes = [stack.enter_context(_reader(part, file)) for part in parts]
        yield distinct_reads(merged([_blocks_of(process) for process in processes]))


def distinct_reads(reads: Iterable[Read]) -> Iterator[Read]:
    """The rows of a file; a second one that says something else under an id is faulty, see
    `services.intake.lines.distinct`."""
    seen = Seen()
    for one in reads:
        fault = None if one.errors else seen.fault(one.number, one.claim, one.digest)
        yield one if fault is None else Read(one.number, (fault,))


def merged(parts: Sequence[Iterator[Block]]) -> Iterator[Read]:
    """The rows of all parts, in the order of the file."""
    for part in cycle(parts):
        block = next(part)
        yield from block.reads
        if block.refused:
            raise UnreadableTable(reason=block.refused)
        if block.is_last:
            return


@contextmanager
def _reader(part: Part, file: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that reads its part, ended when nobody wants more of it."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(file,),
        process_group=0,  # so that Ctrl-C ends the import, which then ends its readers
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(_encode(part))
        process.stdin.close()
        yield process
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def _blocks_of(process: "subprocess.Popen[bytes]") -> Iterator[Block]:
    decoder = msgspec.msgpack.Decoder(Block)
    while True:
        yield decoder.decode(_said(process))


def _said(process: "subprocess.Popen[bytes]") -> bytes:
    assert process.stdout is not None
    size = int.from_bytes(process.stdout.read(SIZE_BYTES), "big")
    body = process.stdout.read(size)
    if not size or len(body) < size:
        raise SetupRefused(
            what=f"the table was not read to its end: a process that read it ended with"
            f" {process.wait()}",
            how="see that there is enough memory, and try again",
        )
    return body


def blocks(part: Part, file: BinaryIO) -> Iterator[Block]:
    """The blocks of one part of a table, the last of which says that there is no more."""
    order = part.order
    found = open_table(file, order.encoding)
    table = matched(found, order.chosen)
    reader = PackedReader(table.matches, order.now, accepted=order.accepted)
    refused: list[str] = []
    passing, reads = found.passing, list[Read]()
    passing.rows = BLOCK_ROWS * part.part
    for row in _until_refused(table.rows, refused):
        if passing.rows:
            passing.rows -= 1
            continue
        reads.append(reader.read(row))
        if len(reads) == BLOCK_ROWS:
            yield Block(reads)
            reads = []
            passing.rows = BLOCK_ROWS * (part.parts - 1)
    yield Block(reads, True, *refused)


def _until_refused(rows: Iterable[Row], refused: list[str]) -> Iterator[Row]:
    try:
        yield from rows
    except UnreadableTable as error:
        refused.append(str(error.facts["reason"]))


class _Apart(io.RawIOBase):
    """A file of which others read as well, each from where it is itself."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor, self.at = descriptor, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        count = os.preadv(self.descriptor, [into], self.at)
        self.at += count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self.at}
        if whence not in begin:
            begin[whence] = os.fstat(self.descriptor).st_size
        self.at = begin[whence] + offset
        return self.at


def main() -> None:
    """Read the part that the standard input asks for, and tell it to the standard output."""
    settle()
    # Where nobody reads on, because whoever began this was killed, it ends without a word.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    part = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Part)
    out = sys.stdout.buffer
    with io.BufferedReader(_Apart(int(sys.argv[1])), READ_BYTES) as file:
        for block in blocks(part, file):
            body = _encode(block)
            out.write(len(body).to_bytes(SIZE_BYTES, "big") + body)
            out.flush()


if __name__ == "__main__":
    main()
