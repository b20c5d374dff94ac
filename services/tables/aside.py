"""Reads a big table in processes of their own, each a stretch of rows in turn, and hands on what
they found in the order of the file; it records nothing, and a row is judged as it is anywhere else.
"""

import io
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from heapq import merge
from io import FileIO
from itertools import islice
from multiprocessing.context import ForkProcess
from typing import Any, BinaryIO, Final

import msgspec

from domain.errors import SetupRefused
from services.collecting import settle
from services.intake.sheets.matching import matched
from services.intake.sheets.reading import open_table
from services.intake.sheets.table import UnreadableTable
from services.tables.binding import Block, blocks, distinct_blocks, encode
from services.tables.packing import PackedReader

ASIDE_BYTES_MIN: Final = 8 * 1024 * 1024
"""A smaller file is nearly read when a process has begun."""
READERS_MAX: Final = 4
"""Each of them goes through the whole file, if only to count the rows of the others."""
READ_BYTES: Final = 256 * 1024
"""So much of the file is read at a time."""
SIZE_BYTES: Final = 4

FORKED: Final = multiprocessing.get_context("fork")


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


@contextmanager
def reading_aside(order: Order, file: int, readers: int) -> Iterator[Iterator[Block]]:
    """Every row of a table, in its order, read by so many processes, which begin at once;
    UnreadableTable where the file breaks a bound. `file`: a descriptor of it, which is what all of
    them read, whatever else its name comes to stand for.

    The processes are forked, so that they have at hand what is loaded here: to be called where no
    other thread runs.
    """
    with ExitStack() as stack:
        parts = [Part(order, part, readers) for part in range(readers)]
        said = [stack.enter_context(_reader(part, file)) for part in parts]
        yield merged(said)


def merged(parts: Sequence[Iterator[Block]]) -> Iterator[Block]:
    """The rows of all parts, in the order of the file; a second one that says something else under
    an id is faulty."""
    return distinct_blocks(_in_turn(parts))


def _in_turn(parts: Sequence[Iterator[Block]]) -> Iterator[Block]:
    """The blocks of all parts, in the order of the file."""
    for block in merge(*parts, key=_place):
        yield block
        if block.refused:
            raise UnreadableTable(reason=block.refused)


def _place(block: Block) -> tuple[int, bool]:
    # Why the file cannot be read further may be found by one while another has rows before that.
    return block.stretch, block.is_last


@contextmanager
def _reader(part: Part, file: int) -> Iterator[Iterator[Block]]:
    """What a process says that reads its part, ended when nobody wants more of it."""
    taken, told = os.pipe()
    with os.fdopen(taken, "rb") as said:
        with os.fdopen(told, "wb", buffering=0) as out:
            process = FORKED.Process(target=_tell, args=(part, file, said, out))
            process.start()
        try:
            yield _blocks_of(process, said)
        finally:
            process.kill()
            process.join()


def _blocks_of(process: ForkProcess, said: BinaryIO) -> Iterator[Block]:
    decoder = msgspec.msgpack.Decoder(Block)
    while True:
        size = int.from_bytes(said.read(SIZE_BYTES), "big")
        body = said.read(size)
        if not size or len(body) < size:
            process.join()
            raise SetupRefused(
                what=f"the table was not read to its end: a process that read it ended with"
                f" {process.exitcode}",
                how="see that there is enough memory, and try again",
            )
        block = decoder.decode(body)
        yield block
        if block.is_last:
            return


def blocks_of_part(part: Part, file: BinaryIO) -> Iterator[Block]:
    """The blocks of one part of a table, the last of which says that there is no more."""
    order = part.order
    found = open_table(file, order.encoding)
    table = matched(found, order.chosen)
    reader = PackedReader(table.matches, order.now, accepted=order.accepted)
    found.turns.share(part.part, part.parts)
    # What was read to find the head was read by all; the first of them has it.
    rows = islice(table.rows, table.ahead, None) if part.part else table.rows
    return blocks(map(reader.read, rows), found.turns)


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


def _tell(part: Part, file: int, said: BinaryIO, out: FileIO) -> None:
    """Read a part, in a process of its own, and tell it."""
    os.setpgid(0, 0)  # so that Ctrl-C ends the import, which then ends its readers
    # Where nobody reads on, because whoever began this was killed, it ends without a word.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    said.close()
    settle()
    with io.BufferedReader(_Apart(file), READ_BYTES) as apart:
        for block in blocks_of_part(part, apart):
            body = encode(block)
            out.write(len(body).to_bytes(SIZE_BYTES, "big"))
            left = memoryview(body)
            while left:
                left = left[out.write(left) :]
