"""HTTP/1.1 on a connection: uvicorn's protocol within bounds of our own, and a straight way for a
plain delivery that is here whole; it never decides what is answered.

Nearly every delivery has a head so plain that it can be told apart and taken to pieces without a
parser. Whatever has another one goes through uvicorn's, which stays the judge of what is HTTP; and
so does what the straight way does not want. Both ways lead to the same answer.
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final

import msgspec
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from services.api.headers import CLOSE, SECURITY_HEADERS

HEAD_BYTES_MAX: Final = 64 * 1024
"""Of what comes before a body: the address with all headers."""
HEADERS_MAX: Final = 100
HEAD_SECONDS_MAX: Final = 30
"""From its first byte on; a body has bounds of its own, where it is read."""
REST_SECONDS_MAX: Final = 75
"""Between an answer and the next request of a connection."""
HALF_SECONDS_MAX: Final = 1
"""How long the straight way waits for the rest of a body: senders write head and body apart."""
RETRY_AFTER_SECONDS: Final = 5
TICK_SECONDS: Final = 1
NAMES_KEPT_MAX: Final = 1000
DELIVERY: Final = b"POST /hooks/"
_VERSION: Final = b" HTTP/1.1"
_END: Final = b"\r\n\r\n"
_SOURCE: Final = re.compile(rb"([A-Za-z0-9._~-]{1,200})/?")
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_ODD: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LENGTH: Final = re.compile(rb"\d{1,9}")
_NOT_PLAIN: Final = frozenset((b"transfer-encoding", b"expect", b"upgrade"))
_PROBLEM: Final = (b"content-type", b"application/problem+json")
_LINE: Final = b"%s: %s\r\n"

Header = tuple[bytes, bytes]
Reply = Callable[[int, Iterable[Header], bytes], None]
"""Takes an answer: status, headers without the length, body."""
Straight = Callable[[str, list[Header], bytes, Reply], bool]
"""Takes a delivery of a source, with its headers (names in small letters) and its body, and answers
it some time later; whether it does: else nothing was done about it."""


class Front:
    """What all connections of a server share: the application, the bounds, the time of day.

    One look a second at all of them takes the place of a timer for each request.
    """

    def __init__(
        self,
        app: Any,
        *,
        connections_max: int,
        forwarded_by: str | None = None,
        straight: Straight | None = None,
    ) -> None:
        self.config = Config(
            app,
            interface="asgi3",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",  # anybody can send what is no HTTP: that is no news
            access_log=False,
            proxy_headers=forwarded_by is not None,
            forwarded_allow_ips=forwarded_by,
        )
        self.config.load()
        self.state = ServerState()
        self.connections_max = connections_max
        self.straight = straight
        self.now = 0
        """Seconds since the start."""
        self.resting: dict[Wire, int] = {}
        self.beginning: dict[Wire, int] = {}
        self.halves: dict[Wire, int] = {}
        """Connections that rest, whose request has no whole head yet, or whose delivery lacks a
        part: since when, who began first in front."""
        self.date = b""
        self._tell_time()

    def connection(self) -> "Wire":
        """A connection that is about to be made."""
        return Wire(self)

    async def keep_watch(self) -> None:
        """Close what rests or dawdles too long, for as long as the server runs."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.look()

    def look(self) -> None:
        """One look, and a second more."""
        self.now += TICK_SECONDS
        self._tell_time()
        for wire in _since(self.halves, self.now - HALF_SECONDS_MAX):
            wire.take_the_long_way()
        for wire in _since(self.beginning, self.now - HEAD_SECONDS_MAX):
            wire.refuse(408, f"The request did not begin within {HEAD_SECONDS_MAX} s.")
        for wire in _since(self.resting, self.now - REST_SECONDS_MAX):
            wire.transport.close()

    async def close(self, seconds_max: float) -> None:
        """Let what is under way be answered, for so long, and end every connection."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds_max
        for wire in list(self.state.connections):
            wire.shutdown()
        while self.state.connections and loop.time() < until:  # noqa: ASYNC110  # many end it
            await asyncio.sleep(0.01)
        for wire in list(self.state.connections):
            wire.transport.abort()
        for task in list(self.state.tasks):
            task.cancel()

    def _tell_time(self) -> None:
        date = formatdate(usegmt=True).encode()
        self.date = _LINE % (b"date", date)
        self.state.default_headers = [(b"date", date)]


def _since(began: "dict[Wire, int]", moment: int) -> "list[Wire]":
    """Those that began before a moment, taken out."""
    found = []
    for wire, since in began.items():
        if since >= moment:
            break
        found.append(wire)
    for wire in found:
        del began[wire]
    return found


class Wire(HttpToolsProtocol):
    """One connection."""

    cycle: Any

    def __init__(self, front: Front) -> None:
        super().__init__(front.config, front.state, {})
        self.front = front
        self.is_in_head = False
        self.head_bytes = 0
        self.half = b""
        """The beginning of a delivery the rest of which may come soon."""

    def connection_made(self, transport: Any) -> None:
        """Serve it, unless there are as many as may be."""
        super().connection_made(transport)
        if len(self.connections) > self.front.connections_max:
            self.refuse(503, f"Too many connections. Try again in {RETRY_AFTER_SECONDS} s.")
        else:
            self.front.resting[self] = self.front.now

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        self.half = b""
        for waiting in (self.front.resting, self.front.beginning, self.front.halves):
            waiting.pop(self, None)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        front = self.front
        front.resting.pop(self, None)
        if self.half:
            front.halves.pop(self, None)
            data, self.half = self.half + data, b""
        elif self in front.beginning or not self._is_free():
            self._parse(data)
            return
        straight = front.straight if data.startswith(DELIVERY) else None
        if straight is None or not self._go_straight(straight, data):
            self._parse(data)

    def take_the_long_way(self) -> None:
        """Wait no longer for the rest of a delivery, but parse what there is of it."""
        data, self.half = self.half, b""
        self._parse(data)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.is_in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; the exception is a refusal to uvicorn."""
        if len(self.headers) >= HEADERS_MAX:
            raise ValueError("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head of a request is whole."""
        self.is_in_head = False
        self.head_bytes = 0
        self.front.beginning.pop(self, None)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """An answer is out: go on with the next request, or rest."""
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.front.resting[self] = self.front.now

    def send_400_response(self, msg: str) -> None:
        """What uvicorn answers to what is no HTTP."""
        self.refuse(400, msg)

    def refuse(self, status: int, detail: str) -> None:
        """Answer before there is a request to answer, unless one is under way, and end."""
        if self.transport.is_closing():
            return
        if self._is_free():
            title = HTTPStatus(status).phrase
            problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
            headers: list[Header] = [_PROBLEM, CLOSE, *SECURITY_HEADERS]
            if status == HTTPStatus.SERVICE_UNAVAILABLE:
                headers.append((b"retry-after", b"%d" % RETRY_AFTER_SECONDS))
            body = msgspec.json.encode(problem)
            self.transport.write(written(status, headers, self.front.date, body))
        self.transport.close()

    def _is_free(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _parse(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self.is_in_head or self._is_free():
            self.head_bytes += len(data)
            self.front.beginning.setdefault(self, self.front.now)
            if self.head_bytes > HEAD_BYTES_MAX:
                self.refuse(431, f"Address and headers have {HEAD_BYTES_MAX} bytes at most.")

    def _go_straight(self, straight: Straight, data: bytes) -> bool:
        """Whether what came is a plain delivery that is taken, or the beginning of one."""
        end = data.find(_END)
        if end < 0 or end > HEAD_BYTES_MAX:
            return False
        plain = _plain(data[:end])
        if plain is None:
            return False
        source, headers, length = plain
        missing = end + len(_END) + length - len(data)
        if missing > 0 and end + len(_END) == len(data):
            self.half = data
            self.front.halves[self] = self.front.now
            return True
        if missing:
            return False
        answering = Answering(self)
        if not straight(source, headers, data[end + len(_END) :], answering.reply):
            return False
        self.cycle = answering
        return True


class Answering:
    """The answer to a delivery that went straight, in the place of what uvicorn has for requests:
    it is written in one go."""

    __slots__ = ("disconnected", "keep_alive", "response_complete", "wire")

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.keep_alive = True
        self.disconnected = self.response_complete = False

    @property
    def message_event(self) -> "Answering":
        """What uvicorn sets when the client is gone."""
        return self

    def set(self) -> None:
        """Nobody waits for that."""

    def reply(self, status: int, headers: Iterable[Header], body: bytes) -> None:
        """Write the answer, unless the client is gone."""
        wire = self.wire
        self.response_complete = True
        if wire.transport.is_closing():
            return
        if not self.keep_alive:
            headers = [*headers, CLOSE]
        wire.transport.write(written(status, headers, wire.front.date, body))
        if not self.keep_alive:
            wire.transport.close()
        wire.on_response_complete()


def written(status: int, headers: Iterable[Header], date: bytes, body: bytes) -> bytes:
    """An answer as it goes over the wire; RuntimeError where a header holds the end of a line."""
    lines = [_LINE % header for header in headers]
    head = b"".join([STATUS_LINE[status], date, *lines])
    if head.count(b"\n") != len(lines) + 2 or head.count(b"\r") != len(lines) + 2:
        raise RuntimeError("a header holds the end of a line")
    return b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body)


_names: Final[dict[bytes, bytes]] = {}
"""Names of headers that were seen -> in small letters."""


def _plain(head: bytes) -> tuple[str, list[Header], int] | None:
    """The source of a plain delivery, its headers, and how long its body is; None for any other
    head."""
    first, *lines = head.split(b"\r\n")
    if not first.endswith(_VERSION) or len(lines) > HEADERS_MAX or _ODD.search(head) is not None:
        return None
    source = _SOURCE.fullmatch(first, len(DELIVERY), len(first) - len(_VERSION))
    if source is None or head.count(b"\r") != len(lines) or head.count(b"\n") != len(lines):
        return None
    headers: list[Header] = []
    length: bytes | None = None
    for line in lines:
        said, colon, value = line.partition(b":")
        name = _names.get(said) or _name(said)
        if not colon or name is None or name in _NOT_PLAIN:
            return None
        value = value.strip(b" \t")
        if name == b"content-length":
            if length is not None or _LENGTH.fullmatch(value) is None:
                return None
            length = value
        elif name == b"connection" and value.lower() != b"keep-alive":
            return None
        headers.append((name, value))
    return (source[1].decode("ascii"), headers, int(length)) if length is not None else None


def _name(said: bytes) -> bytes | None:
    """A name in small letters; None where it is no name."""
    if _NAME.fullmatch(said) is None:
        return None
    name = said.lower()
    if len(_names) < NAMES_KEPT_MAX:
        _names[said] = name
    return name
