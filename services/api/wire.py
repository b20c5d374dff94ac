"""HTTP/1.1 on a connection: uvicorn's protocol within bounds of our own, and a straight way for a
delivery; it never decides what is answered.

uvicorn's parser is the judge of what is HTTP, whichever way a request goes. What the straight way
does not want becomes a request to the application, and both ways lead to the same answer.
"""

import asyncio
import re
import sys
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from services.api import old_clients
from services.api.answering import Answering
from services.api.lingering import Lingering
from services.api.upgrades import not_asked
from services.api.writing import LINE, RETRY_AFTER_SECONDS, Header, refused

HEAD_BYTES_MAX: Final = 64 * 1024
"""Of what comes before a body: the address with all headers."""
ADDRESS_BYTES_MAX: Final = 32 * 1024
"""Of the address alone."""
HEADERS_MAX: Final = 100
PIPELINED_MAX: Final = 64
"""Of requests that wait for those before them on their connection."""
HEAD_SECONDS_MAX: Final = 30
"""From its first byte on; a body has bounds of its own, where it is read."""
REST_SECONDS_MAX: Final = 75
"""Between an answer and the next request of a connection."""
GATHERING_SECONDS_MAX: Final = 1
"""How long the straight way waits for a body: senders write head and body apart."""
GATHERED_BYTES_MAX: Final = 64 * 1024
"""Of a body that goes straight."""
UNREAD_BYTES_MAX: Final = 256 * 1024
"""Of a body that comes when its request is answered already."""
STOPPING_SECONDS_MAX: Final = 1
"""How long a server that stops waits for the rest of a body."""
TICK_SECONDS: Final = 1
TOO_MUCH_BESIDES: Final = f"Beside a body come {HEAD_BYTES_MAX} bytes at most."
TOO_LONG: Final = f"Address and headers have {HEAD_BYTES_MAX} bytes at most."
_DELIVERY: Final = re.compile(rb"/hooks/([A-Za-z0-9._~-]{1,200})/?")

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
        self.lingering = Lingering()
        self.connections_max = connections_max
        self.straight = straight
        self.now = 0
        """Seconds since the start."""
        self.resting: dict[Wire, int] = {}
        self.beginning: dict[Wire, int] = {}
        self.gathering: dict[Wire, int] = {}
        """Connections that rest, whose request has no whole head yet, or whose delivery has no
        whole body yet: since when, who began first in front."""
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
        self.lingering.look(self.now, self.state.connections)
        for wire in _since(self.gathering, self.now - GATHERING_SECONDS_MAX):
            wire.take_the_long_way()
        for wire in _since(self.beginning, self.now - HEAD_SECONDS_MAX):
            wire.refuse(408, f"The request did not begin within {HEAD_SECONDS_MAX} s.")
        for wire in _since(self.resting, self.now - REST_SECONDS_MAX):
            wire.transport.close()

    async def close(self, seconds_max: float) -> None:
        """Let what is under way be answered, for so long, and end every connection."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for wire in list(self.state.connections):
            wire.shutdown()
        # Whoever left may have a request under way, which ends as soon as it notices.
        while (self.state.connections or self.state.tasks) and loop.time() < begun + seconds_max:
            await asyncio.sleep(0.01)
            if loop.time() > begun + STOPPING_SECONDS_MAX:
                left: list[Any] = list(self.state.connections)
                for wire in left:
                    if wire.is_in_body:
                        wire.refuse(503, "The server stops. Send it again.")
                    wire.shutdown()
        for wire in list(self.state.connections):
            wire.transport.abort()
        for task in list(self.state.tasks):
            task.cancel()

    def _tell_time(self) -> None:
        date = formatdate(usegmt=True).encode()
        self.date = LINE % (b"date", date)
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
        self.is_in_head = self.is_in_body = self.may_be_long = False
        self.head_bytes = self.unread_bytes = self.besides_bytes = 0
        self.running: Any = None
        """What the application was last handed: it may not be the newest, which is `cycle`."""
        self.gathered: bytearray | None = None
        """What there is of the body of a delivery that may go straight, to `source`."""
        self.source = ""
        self.data = self.again = b""
        """What came last, and what of it is to be read again."""

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
        if self.running is not None and not self.running.response_complete:
            self.running.disconnected = True
            self.running.message_event.set()
        self.pipeline.clear()
        self._leave_every_list()
        self.front.lingering.end(self)

    def pause_writing(self) -> None:
        """The client is behind with what it is sent."""
        super().pause_writing()
        self.front.lingering.begin(self, self.front.now)

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        self.front.lingering.end(self)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self.front.resting.pop(self, None)
        was_unread = self._is_unread()
        self.may_be_long = self.head_bytes + len(data) > HEAD_BYTES_MAX
        self.besides_bytes += len(data)
        self.data = data
        super().data_received(data)
        while self.again and not self.transport.is_closing():
            self.data, self.again = self.again, b""
            super().data_received(self.data)
        if self.transport.is_closing():
            return
        if self.is_in_body and self.besides_bytes > HEAD_BYTES_MAX:
            self.refuse(431, TOO_MUCH_BESIDES)
        elif self._is_unread():
            self.unread_bytes += len(data)
            self.front.beginning.setdefault(self, self.front.now)
            if self.unread_bytes > UNREAD_BYTES_MAX:
                self._end()
        elif self.is_in_head or (self.gathered is None and self._is_free() and not was_unread):
            self.head_bytes += len(data)
            self.front.beginning.setdefault(self, self.front.now)
            if self.head_bytes > HEAD_BYTES_MAX:
                self.refuse(431, TOO_LONG)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.is_in_head = True

    def on_url(self, url: bytes) -> None:
        """Some of an address."""
        super().on_url(url)
        if len(self.url) > ADDRESS_BYTES_MAX:
            self._refuse_head(414, f"The address has {ADDRESS_BYTES_MAX} bytes at most.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; those behind a body are not read: they would stand among the others."""
        if not self.is_in_body:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head of a request is whole; the exception is a refusal to uvicorn."""
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            return
        self._check_head()
        self.is_in_head = False
        self.head_bytes = self.besides_bytes = 0
        self.front.beginning.pop(self, None)
        delivery = _DELIVERY.fullmatch(self.url) if self._may_go_straight() else None
        if delivery is None:
            super().on_headers_complete()
        else:
            self.source = delivery[1].decode("ascii")
            self.gathered = bytearray()
            self.front.gathering[self] = self.front.now
        self.is_in_body = True

    def on_body(self, body: bytes) -> None:
        """Some of a body."""
        self.besides_bytes = 0
        if self.gathered is None:
            super().on_body(body)
            return
        self.gathered += body
        if len(self.gathered) > GATHERED_BYTES_MAX:
            self.take_the_long_way()

    def on_message_complete(self) -> None:
        """A request is whole: a delivery goes straight, if that way wants it."""
        if self.parser.should_upgrade():
            return
        if self._is_unread():
            self.unread_bytes = 0
            self.front.beginning.pop(self, None)
            self.front.resting[self] = self.front.now
        self.is_in_body = False
        if self.gathered is not None:
            answering = Answering(self, keep_alive=self.parser.should_keep_alive())
            body, straight = bytes(self.gathered), self.front.straight
            if straight is not None and straight(self.source, self.headers, body, answering.reply):
                self.gathered = None
                self.front.gathering.pop(self, None)
                self.cycle = answering
                return
            self.take_the_long_way()
        super().on_message_complete()

    def take_the_long_way(self) -> None:
        """Hand a delivery to the application, with what there is of its body."""
        body, self.gathered = self.gathered or b"", None
        self.front.gathering.pop(self, None)
        super().on_headers_complete()
        super().on_body(bytes(body))

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

    def _unsupported_upgrade_warning(self) -> None:
        # uvicorn drops the body of what asks for another protocol; here nothing else is spoken.
        stopped: Any = sys.exception()
        head = not_asked(self.parser.get_method(), self.url, self.headers)
        self.again = head + self.data[stopped.args[0] :]

    def shutdown(self) -> None:
        """End where nothing is under way; what is gets its answer first."""
        if self.gathered is None:
            super().shutdown()

    def refuse(self, status: int, detail: str) -> None:
        """Answer what cannot become a request, or no whole one, and end; what came before it is
        answered first."""
        if self.transport.is_closing():
            return
        if not self._is_free() and not self.is_in_body:
            self.cycle.keep_alive = False
            self._leave_every_list()
            return
        if self._is_unanswered():
            self.transport.write(refused(status, detail, self.front.date))
            if not self._is_free():
                # Nobody else may answer what has its answer.
                self.cycle.disconnected = True
                self.cycle.message_event.set()
        self._end()

    def _check_head(self) -> None:
        """ValueError, which uvicorn takes for a refusal, where a head may not be like that."""
        headers = self.headers
        if len(self.pipeline) >= PIPELINED_MAX:
            self._refuse_head(429, f"{PIPELINED_MAX} requests may wait for those before them.")
        if len(headers) > HEADERS_MAX:
            self._refuse_head(431, f"A request has {HEADERS_MAX} headers at most.")
        hosts = len([name for name, _ in headers if name == b"host"])
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            self._refuse_head(400, "A request names its host, once.")
        if self.may_be_long:
            size = len(self.url) + sum([len(name) + len(value) for name, value in headers])
            if size > HEAD_BYTES_MAX:
                self._refuse_head(431, TOO_LONG)

    def _refuse_head(self, status: int, detail: str) -> None:
        self.refuse(status, detail)
        raise ValueError(detail)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self.running = cycle
        if cycle.scope["http_version"] == old_clients.VERSION:
            app = old_clients.until_closed(app, cycle)
        super()._start_asgi_task(cycle, app)

    def _is_unread(self) -> bool:
        """Whether there is still some body to come of a request that is answered already."""
        return self.is_in_body and self.gathered is None and self._is_free()

    def _is_unanswered(self) -> bool:
        """Whether an answer written now is that to the newest request, or to what would be one."""
        if self._is_free():
            return not self._is_unread()
        return self.running is self.cycle and not self.cycle.response_started

    def _end(self) -> None:
        self._leave_every_list()
        self.transport.close()

    def _may_go_straight(self) -> bool:
        return (
            self.front.straight is not None
            and self._is_free()
            and not self.expect_100_continue
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
        )

    def _leave_every_list(self) -> None:
        self.gathered = None
        for waiting in (self.front.resting, self.front.beginning, self.front.gathering):
            waiting.pop(self, None)

    def _is_free(self) -> bool:
        return self.cycle is None or self.cycle.response_complete
