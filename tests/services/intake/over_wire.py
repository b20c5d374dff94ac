"""Sends deliveries over sockets as no client would, whole, in pieces, with broken heads, and reads
whatever is answered; it makes no delivery itself."""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec

IDLE_SECONDS: Final = 0.5
"""How long a request that may have no end is given after all others were answered."""
ANSWER_SECONDS_MAX: Final = 60
HOST: Final = (b"host", b"here")
LENGTH: Final = b"content-length"
BROKEN: Final = (
    b"\r\n", b"\n", b"\r", b"\0", b"\xff", b" ", b":", b"\t", b"\r\n\r\n", b"transfer-encoding:",
    b"\r\ncontent-length: 5", b"\r\ntransfer-encoding: chunked", b"HTTP/1.1", b"\r\nhost: x",
    b"GET ", b"\x16\x03\x01", b"a" * 70_000, b"\r\nx: y" * 101, b"\r\nexpect: 100-continue",
)  # fmt: skip
"""What a head is broken with."""
WISHES: Final = (
    (b"upgrade", b"h2c"),
    (b"connection", b"Upgrade, HTTP2-Settings"),
    (b"http2-settings", b"AAEA"),
)
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_NAME: Final = re.compile(rb"[a-z0-9-]+")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)\r\n")

Header = tuple[bytes, bytes]


class Made(msgspec.Struct, frozen=True):
    """One delivery: its headers, query and body."""

    headers: list[Header]
    query: bytes
    body: bytes


class Answered(msgspec.Struct, frozen=True):
    """What it was answered."""

    status: int
    body: bytes

    @property
    def recorded(self) -> int:
        """How many claims the answer says were recorded by it."""
        if self.status == 207:
            return sum(item["status"] == 201 for item in json.loads(self.body))
        return int(self.status == 201)


class Spoken(msgspec.Struct, frozen=True):
    """What goes over one connection, in so many pieces; `answers`: how many must be answered, None
    where that depends on what the server takes for the end of a request."""

    pieces: list[bytes]
    answers: int | None


def plainly(source: str, made: Made, more: Sequence[Header] = ()) -> bytes:
    """A delivery as it goes over the wire."""
    return _head(source, made, [*made.headers, *more]) + made.body


def spoken(source: str, several: Sequence[Made], chance: random.Random) -> Spoken:
    """Some deliveries on one connection, one behind the other, in a way that chance has chosen."""
    raw, sure = b"", True
    for number, made in enumerate(several, 1):
        bodies = [value for name, value in made.headers if name == LENGTH]
        named = all(_NAME.fullmatch(name) for name, _ in made.headers)
        sure = sure and named and bodies == [b"%d" % len(made.body)]
        raw += _said(source, made, chance, is_last=number == len(several))
    if chance.random() < 0.1:
        at = chance.randrange(min(len(raw), 600))
        raw = raw[:at] + chance.choice(BROKEN) + raw[at + chance.choice((0, 0, 1, 9)) :]
        sure = False
    cuts = sorted(chance.randrange(len(raw)) for _ in range(chance.choice((0, 0, 0, 1, 3, 9))))
    pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    return Spoken(pieces, len(several) if sure else None)


class Connection(asyncio.Protocol):
    """The client's end of a connection; `left` is whether the server ended it."""

    def __init__(self, said: Spoken) -> None:
        self.said = said
        self.received = b""
        self.answers: list[Answered] = []
        self.left = False
        self.transport: Any = None
        self.changed = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        """Keep what to write to."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Take the answers apart; AssertionError where they are no HTTP."""
        self.received += data
        while (first := _first(self.received)) is not None:
            answer, size = first
            self.received = self.received[size:]
            if answer.status >= 200:
                self.answers.append(answer)
        if self.is_done():
            self.changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        self.left = True
        self.changed.set()

    def is_done(self) -> bool:
        """Whether everything was answered that must be, or nothing more can be."""
        return self.left or self.said.answers in (None, len(self.answers))

    async def answered(self) -> None:
        """Until it is done; AssertionError where an answer is missing."""
        if not self.is_done():
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                await self.changed.wait()
        assert self.said.answers in (None, len(self.answers)), (self.said, self.answers)
        assert self.said.answers is None or not self.received, (self.said, self.received)

    async def ask(self, whole: bytes) -> Answered:
        """What one more request is answered, once all before it were."""
        self.said = Spoken([whole], len(self.answers) + 1)
        self.changed.clear()
        self.transport.write(whole)
        await self.answered()
        return self.answers[-1]

    async def speak(self, port: int) -> None:
        """Connect and send everything."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", port)
        for piece in self.said.pieces:
            if self.transport.is_closing():  # it was answered enough, or what came was no HTTP
                return
            self.transport.write(piece)
            await asyncio.sleep(0)  # so that the server may have had it before the next one comes


@asynccontextmanager
async def conversations(port: int, several: Sequence[Spoken]) -> AsyncIterator[list[Connection]]:
    """All of them at once, open until the block ends: everything that must be answered was, and
    what may have no end has had its time. AssertionError where an answer is missing."""
    connections = [Connection(said) for said in several]
    try:
        await asyncio.gather(*(one.speak(port) for one in connections))
        await asyncio.gather(*(one.answered() for one in connections))
        await asyncio.sleep(IDLE_SECONDS)
        yield connections
    finally:
        for one in connections:
            if one.transport is not None:
                one.transport.abort()


def _first(received: bytes) -> tuple[Answered, int] | None:
    """The first whole answer, and how many bytes it takes."""
    head, end, rest = received.partition(b"\r\n\r\n")
    if not end:
        return None
    status = _STATUS.match(head)
    assert status, received
    length = _LENGTH.search(head + b"\r\n")
    size = int(length[1]) if length else 0
    assert length or status[1] == b"100", received
    if len(rest) < size:
        return None
    return Answered(int(status[1]), rest[:size]), len(head) + len(end) + size


def _head(source: str, made: Made, headers: Sequence[Header], version: bytes = b"1.1") -> bytes:
    query = b"?" + made.query if made.query else b""
    lines = [b"%s: %s\r\n" % header for header in [HOST, *headers]]
    first = b"POST /hooks/%s%s HTTP/%s\r\n" % (source.encode(), query, version)
    return b"".join([first, *lines, b"\r\n"])


def _said(source: str, made: Made, chance: random.Random, *, is_last: bool) -> bytes:
    """One delivery as it goes over the wire: mostly as everybody sends it."""
    headers, way = made.headers, chance.randrange(12)
    if way == 0:
        return _head(source, made, [*headers, *WISHES]) + made.body
    if way == 1:
        return _head(source, made, [*headers, (b"expect", b"100-continue")]) + made.body
    if way == 2:
        return plainly(source, Made([(n.title(), v) for n, v in headers], made.query, made.body))
    if way == 3 and is_last:  # a connection ends with the answer to it
        keep = [*headers, (b"connection", b"keep-alive")]
        return _head(source, made, keep, b"1.0") + made.body
    if way == 4 and made.body:
        rest = [(name, value) for name, value in headers if name != LENGTH]
        at = chance.randrange(len(made.body)) + 1
        chunks = [part for part in (made.body[:at], made.body[at:], b"") if part] + [b""]
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in chunks)
        return _head(source, made, [*rest, (b"transfer-encoding", b"chunked")]) + body
    return plainly(source, made)
