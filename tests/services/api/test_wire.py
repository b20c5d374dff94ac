"""Requests as they stand on a connection: whichever way a delivery takes its answer is the same,
and nobody holds a connection for nothing."""

import asyncio
import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.api import lingering, wire
from services.api.wire import Front
from services.api.writing import written
from tests.services.running import Running, claim, running, signed

SECRET = "whsec_" + "A" * 32


@pytest.fixture(scope="module")
def site(module_dsn: str) -> Iterator[Running]:
    """A server for all of these."""
    with running(module_dsn) as found:
        yield found


def sent(site: Running, parts: list[bytes]) -> tuple[int, dict[str, str], Any]:
    """What is answered to a request that comes in parts: status, headers, body."""
    url = httpx.URL(site.url)
    with socket.create_connection((url.host, url.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            connection.sendall(part)
            site.call(_turn())  # so that the server has had it before the next one comes
        received = b""
        while True:
            received += connection.recv(65536)
            head, end, body = received.partition(b"\r\n\r\n")
            found = re.search(rb"content-length: (\d+)", head)
            if end and found and len(body) >= int(found[1]):
                break
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, json.loads(body)


async def _turn() -> None:
    """Nothing, where the server runs."""


def ways(path: str, headers: dict[str, str], body: bytes) -> dict[str, list[bytes]]:
    """A request as it goes over the wire, in the ways that it may come."""
    lines = [f"{name}: {value}\r\n" for name, value in {"host": "here", **headers}.items()]
    first, length = f"POST {path} HTTP/1.1\r\n", f"content-length: {len(body)}\r\n"
    head = "".join([first, *lines, length, "\r\n"]).encode()
    loud = "".join([first, *lines, length, "\r\n"]).replace("webhook-id", "Webhook-ID").encode()
    chunked = "".join([first, *lines, "transfer-encoding: chunked\r\n\r\n"]).encode()
    wish = "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEA\r\n"
    asking = "".join([first, *lines, length, wish, "\r\n"]).encode()
    middle = len(body) // 2
    return {
        "whole": [head + body],
        "in capitals": [loud + body],
        "head and body apart": [head, body],
        "in three parts": [head[:40], head[40:] + body[:middle], body[middle:]],
        "head, and the body in two": [head, body[:middle], body[middle:]],
        "asking for HTTP/2": [asking + body],
        "asking for HTTP/2, in two": [asking, body],
        "chunked": [chunked, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)],
    }


def cases(site: Running) -> Iterator[tuple[str, str, dict[str, str], bytes]]:
    """Deliveries of every sort, each new: a name, the path, the headers, the body."""
    source, name = site.source(), f"wire-{uuid4().hex}"
    body = json.dumps(claim(id=name))
    good = site.signed(source, body, name)
    path = f"/hooks/{source}"
    yield "new", path, good, body.encode()
    yield "again", path, good, body.encode()
    other = json.dumps(claim(id=name, summary="Something else."))
    yield "other content", path, site.signed(source, other, f"{name}-2"), other.encode()
    yield "key for another body", path, site.signed(source, other, name), other.encode()
    wrong = json.dumps(claim(id=f"{name}-3", kind="none-of-these"))
    yield "faulty", path, site.signed(source, wrong, f"{name}-3"), wrong.encode()
    yield "forged", path, {**good, "webhook-signature": "v1,AAAA"}, body.encode()
    yield "malformed", path, {**good, "webhook-timestamp": "now"}, body.encode()
    yield "of a form nobody knows", path, {**good, "content-type": "text/csv"}, body.encode()
    yield "compressed", path, {**good, "content-encoding": "gzip"}, body.encode()
    yield "by nobody", "/hooks/nobody", good, body.encode()
    yield "with a slash", f"{path}/", good, body.encode()
    yield "asked something", f"{path}?atomic=true", good, body.encode()


def test_whichever_way_it_comes_the_answer_is_the_same(site: Running) -> None:
    """A delivery that came whole, in parts, in capitals or chunked has the same status, the same
    headers and the same body of an answer, whatever becomes of it."""
    statuses: dict[str, set[int]] = {}
    answers: dict[str, list[Any]] = {}
    for way in ways("/", {}, b""):
        for case, path, headers, body in cases(site):
            status, told, said = sent(site, ways(path, headers, body)[way])
            statuses.setdefault(case, set()).add(status)
            for one in ("position", "claim", "instance", "detail"):  # name what is another one
                said.pop(one, None)
            alike = {name for name in told if name != "connection"}
            answers.setdefault(case, []).append((status, alike, said))
    assert {case: found for case, found in statuses.items() if len(found) > 1} == {}
    assert {case: min(found) for case, found in statuses.items()} == {
        "new": 201,
        "again": 200,
        "other content": 409,
        "key for another body": 422,
        "faulty": 422,
        "forged": 401,
        "malformed": 400,
        "of a form nobody knows": 415,
        "compressed": 415,
        "by nobody": 401,
        "with a slash": 200,
        "asked something": 200,
    }
    for case, found in answers.items():
        assert all(one == found[0] for one in found), case


def test_requests_one_behind_the_other_are_answered_in_order(site: Running) -> None:
    """A sender that does not wait for answers gets all of them, in the order it asked."""
    source, url = site.source(), httpx.URL(site.url)
    names = [f"pipe-{uuid4().hex}" for _ in range(4)]
    stream = b""
    for name in names:
        body = json.dumps(claim(id=name))
        headers = site.signed(source, body, name)
        way = "whole" if len(stream) % 2 else "asking for HTTP/2"
        stream += ways(f"/hooks/{source}", headers, body.encode())[way][0]
    stream += b"GET /healthz HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n"
    with socket.create_connection((url.host, url.port), timeout=30) as connection:
        connection.sendall(stream)
        received = b""
        while part := connection.recv(65536):
            received += part
    assert re.findall(rb'"claim":"([^"]+)"', received) == [name.encode() for name in names]
    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"201"] * 4 + [b"200"]


class Line:
    """The other end of a connection: what was written to it, and whether it was closed."""

    def __init__(self) -> None:
        self.written = b""
        self.closings = self.waiting = 0
        self.is_aborted = False

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self.closings > 0

    def get_extra_info(self, _name: str, default: Any = None) -> Any:
        """Nothing is known of it."""
        return default

    def write(self, data: bytes) -> None:
        """Keep it."""
        self.written += data

    def close(self) -> None:
        """Close it."""
        self.closings += 1

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.is_closed

    def get_write_buffer_size(self) -> int:
        """How much of what was written was not taken."""
        return self.waiting

    def abort(self) -> None:
        """End it, whatever was not taken."""
        self.is_aborted = True

    def pause_reading(self) -> None:
        """It goes on."""

    def resume_reading(self) -> None:
        """It never stopped."""


async def nobody(_scope: Any, receive: Any, _send: Any) -> None:
    """An application that reads until nobody is there, and never answers."""
    while (await receive())["type"] != "http.disconnect":
        pass


def connected(front: Front) -> tuple[wire.Wire, Line]:
    """A new connection."""
    found, line = front.connection(), Line()
    found.connection_made(line)
    return found, line


async def test_nobody_holds_a_connection_for_nothing() -> None:
    """A connection that rests too long is closed; one whose head does not end is 408; a head that
    is too long, or has too many headers, is refused; so is one connection more than may be."""
    front = Front(nobody, connections_max=4)
    _, resting = connected(front)
    slow, dawdling = connected(front)
    slow.data_received(b"GET / HT")
    long, loud = connected(front)
    long.data_received(b"GET / HTTP/1.1\r\nx: ")
    long.data_received(b"a" * (wire.HEAD_BYTES_MAX + 1))
    assert loud.written.startswith(b"HTTP/1.1 431 ")
    assert loud.is_closed
    many, crowded = connected(front)
    many.data_received(b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * (wire.HEADERS_MAX + 1) + b"\r\n")
    assert crowded.written.startswith(b"HTTP/1.1 431 ")
    _, beyond = connected(front)
    assert beyond.written.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: " in beyond.written
    for _ in range(wire.HEAD_SECONDS_MAX):
        front.look()
    assert not dawdling.written
    front.look()
    assert dawdling.written.startswith(b"HTTP/1.1 408 ")
    for _ in range(wire.REST_SECONDS_MAX - wire.HEAD_SECONDS_MAX):
        front.look()
    assert resting.is_closed
    assert not resting.written


async def test_nobody_holds_an_answer_for_ever() -> None:
    """Who takes nothing of what is sent is given up, later the more there is of it; so is one whose
    connection was closed before that; whoever catches up stays."""
    front = Front(nobody, connections_max=9)
    slow, held = connected(front)
    long, downloading = connected(front)
    quick, taken = connected(front)
    _, leaving = connected(front)
    _, resting = connected(front)
    leaving.close()
    held.waiting, downloading.waiting = 64 * 1024, 100 * lingering.TAKING_BYTES_PER_SECOND_MIN
    for one in (slow, long, quick):
        one.pause_writing()
    quick.resume_writing()
    for _ in range(lingering.TAKING_SECONDS_MAX):
        front.look()
    assert [one.is_aborted for one in (held, leaving)] == [False, True]
    for _ in range(17):
        front.look()
    assert [one.is_aborted for one in (held, downloading, taken)] == [True, False, False]
    slow.connection_lost(None)
    for _ in range(84):
        front.look()
    assert downloading.is_aborted
    assert resting.is_closed


@pytest.mark.parametrize("more", [b"a: b\r\n", b"a", b"a: " + b"b" * 997])
async def test_nobody_sends_more_beside_a_body_than_before_it(more: bytes) -> None:
    """Headers behind a body are not kept, and no more of them comes than of those before it; nor
    does what may stand beside the length of a chunk."""
    front = Front(nobody, connections_max=9)
    found, line = connected(front)
    begun = POST + b"transfer-encoding: chunked\r\n\r\n0" + (b";" if b":" not in more else b"\r\n")
    found.data_received(begun)
    await turns()
    for _ in range(wire.HEAD_BYTES_MAX // len(more)):
        found.data_received(more)
    assert not line.is_closed
    assert len(found.headers) == 2
    for _ in range(2000 // len(more) + 1):
        found.data_received(more)
    assert line.written.startswith(b"HTTP/1.1 431 ")
    assert line.is_closed


def test_a_signature_behind_a_body_is_none(site: Running) -> None:
    """Headers that come after the body do not count, whichever way the delivery takes."""
    source, name = site.source(), f"wire-{uuid4().hex}"
    body = json.dumps(claim(id=name)).encode()
    headers = dict(site.signed(source, body.decode(), name))
    late = {n: headers.pop(n) for n in list(headers) if n.lower().endswith("-signature")}
    assert late
    head = "".join(f"{n}: {value}\r\n" for n, value in {"host": "here", **headers}.items())
    begun = f"POST /hooks/{source} HTTP/1.1\r\n{head}transfer-encoding: chunked\r\n\r\n".encode()
    end = "".join(f"{n}: {value}\r\n" for n, value in late.items()).encode()
    whole = b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, end)
    assert sent(site, [begun + whole])[0] == 400
    assert sent(site, [begun, whole])[0] == 400


async def test_few_requests_wait_for_those_before_them() -> None:
    """Of thousands sent at once on a connection a few are kept; those are answered, and it ends."""
    app = Early()
    app.holds = True
    front = Front(app, connections_max=9)
    found, line = connected(front)
    found.data_received(GET * 5000)
    await turns()
    assert len(found.pipeline) == wire.PIPELINED_MAX
    app.holds = False
    found.running.body += b" "  # so that the application looks again
    found.running.message_event.set()
    for _ in range(wire.PIPELINED_MAX):
        await turns()
    assert line.written.count(b"HTTP/1.1 401 ") == wire.PIPELINED_MAX + 1
    assert line.is_closed


class Early:
    """An application that answers 401 as soon as it is asked, without a look at the body; while it
    is told to hold, it notes who left instead."""

    def __init__(self) -> None:
        self.holds = False
        self.gone = 0

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        while self.holds:
            if (await receive())["type"] == "http.disconnect":
                self.gone += 1
                return
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body"})


async def turns() -> None:
    """Whatever can go on goes on."""
    for _ in range(9):
        await asyncio.sleep(0)


GET = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: here\r\n"


async def test_what_is_no_request_has_one_answer_that_says_why() -> None:
    """An address or a head that is too long is refused however it comes, as is a request without a
    host or with two, and a chunk that is none in the middle of a body; a request that came whole
    before that has its answer first."""
    front = Front(Early(), connections_max=99)
    for status, request in [
        (414, b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nhost: here\r\n\r\n"),
        (431, GET[:-2] + b"x: " + b"a" * wire.HEAD_BYTES_MAX + b"\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\n\r\n"),
        (400, b"CONNECT here:80 HTTP/1.1\r\nhost: here\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n"),
    ]:
        one, line = connected(front)
        one.data_received(request)
        await turns()
        assert line.written.startswith(b"HTTP/1.1 %d " % status)
        assert b"\r\narticle20-position: 0\r\n" in line.written
        assert line.is_closed
    first, answered = connected(front)
    first.data_received(GET + b"garbage\r\n\r\n")
    await turns()
    assert re.findall(rb"HTTP/1.1 (\d+)", answered.written) == [b"401"]
    assert answered.is_closed
    patient = Front(nobody, connections_max=99)
    broken, told = connected(patient)
    broken.data_received(POST + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n")
    await turns()
    broken.data_received(b"zz\r\n")
    assert told.written.startswith(b"HTTP/1.1 400 ")
    assert told.is_closed
    for task in patient.state.tasks:
        task.cancel()


async def test_the_rest_of_a_body_gets_no_second_answer() -> None:
    """What still comes of a body whose request was answered is let pass, and the connection serves
    the next request; where too much comes, or too slowly, it is closed without a word."""
    front = Front(Early(), connections_max=99)
    length = 200_000
    head = POST + b"content-length: %d\r\n\r\n" % length
    one, line = connected(front)
    two, dawdling = connected(front)
    for wired in (one, two):
        wired.data_received(head)
        await turns()
        wired.data_received(b"x" * (length - 1))
    one.data_received(b"x")
    for _ in range(wire.HEAD_SECONDS_MAX + 1):
        front.look()
    assert dawdling.is_closed
    assert not line.is_closed
    one.data_received(GET)
    await turns()
    three, loud = connected(front)
    three.data_received(POST + b"content-length: 9999999\r\n\r\n")
    await turns()
    three.data_received(b"x" * (wire.UNREAD_BYTES_MAX + 1))
    assert loud.is_closed
    assert [len(re.findall(rb"HTTP/1.1 401", w.written)) for w in (line, dawdling, loud)] == [
        2,
        1,
        1,
    ]
    assert b"HTTP/1.1 4" not in re.sub(rb"HTTP/1.1 401", b"", loud.written + dawdling.written)


async def test_whoever_leaves_is_gone_for_every_request() -> None:
    """A client that leaves ends the request that is under way, also where it asked something more
    behind it, which is then never begun."""
    app = Early()
    app.holds = True
    front = Front(app, connections_max=9)
    one, _ = connected(front)
    one.data_received(GET + GET)
    await turns()
    one.connection_lost(None)
    await turns()
    assert app.gone == 1
    assert not front.state.tasks


async def test_a_server_that_stops_lets_whoever_left_be_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A request whose client left just before the server stops ends as it would have without that,
    and nothing is logged of it."""
    app = Early()
    app.holds = True
    front = Front(app, connections_max=9)
    streams = [connected(front)[0] for _ in range(3)]
    for one in streams:
        one.data_received(GET)
    await turns()
    for one in streams:
        one.connection_lost(None)
    await front.close(60)
    await turns()
    assert app.gone == len(streams)
    assert not caplog.records


async def test_a_server_that_stops_waits_for_no_body(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is still sending a body when the server stops is told to send it again."""
    monkeypatch.setattr(wire, "STOPPING_SECONDS_MAX", 0)
    front = Front(nobody, connections_max=9)
    one, line = connected(front)
    one.data_received(POST + b"content-length: 9\r\n\r\nx")
    await turns()
    closing = asyncio.create_task(front.close(60))
    while not line.is_closed:  # noqa: ASYNC110  # the test is over when it is not
        await asyncio.sleep(0.01)
    one.connection_lost(None)
    await closing
    assert line.written.startswith(b"HTTP/1.1 503 ")


async def test_the_straight_way_waits_a_moment_for_a_body_and_no_longer() -> None:
    """A delivery whose body does not follow its head goes to the application, which has bounds of
    its own for slow bodies."""
    taken: list[bytes] = []

    def take(_source: str, _headers: Any, body: bytes, _reply: Any) -> bool:
        taken.append(body)
        return True

    front = Front(nobody, connections_max=9, straight=take)
    body = b"{}"
    head = ways("/hooks/a", signed(SECRET, "{}", "m"), body)["whole"][0][: -len(body)]
    quick, _ = connected(front)
    quick.data_received(head)
    quick.data_received(body)
    assert taken == [body]
    slow, _ = connected(front)
    slow.data_received(head)
    for _ in range(wire.GATHERING_SECONDS_MAX):
        front.look()
    assert not front.state.tasks
    front.look()
    assert len(front.state.tasks) == 1
    assert taken == [body]
    for task in front.state.tasks:
        task.cancel()


def test_no_header_holds_the_end_of_a_line() -> None:
    """What would end a header early is never written."""
    date = b"date: now\r\n"
    good = written(200, [(b"a", b"b")], date, b"c")
    assert good.endswith(b"\r\ndate: now\r\na: b\r\ncontent-length: 1\r\n\r\nc")
    for bad in (b"b\r\nx: y", b"b\nx", b"b\r"):
        with pytest.raises(RuntimeError):
            written(200, [(b"a", bad)], date, b"")


@pytest.mark.parametrize("path", ["/api/v1/live?after=0", "/api/v1/export?format=jsonl"])
def test_a_client_of_http_1_0_gets_no_chunks(site: Running, path: str) -> None:
    """What has no length ends with the connection, the stream and a file alike, and stands there
    as it is."""
    source, name = site.source(), f"old-{uuid4().hex}"
    body = json.dumps(claim(id=name))
    with site.client() as client:
        client.post(f"/hooks/{source}", content=body, headers=site.signed(source, body, name))
    site.caught_up()
    url = httpx.URL(site.url)
    with socket.create_connection((url.host, url.port), timeout=30) as connection:
        token = site.token("viewer")
        request = f"GET {path} HTTP/1.0\r\nauthorization: Bearer {token}\r\n\r\n"
        connection.sendall(request.encode())
        received = b""
        while name.encode() not in received:
            part = connection.recv(65536)
            assert part, received
            received += part
    head, _, rest = received.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head
    assert b"connection: close" in head
    assert rest[:1] in (b"{", b"r", b"i", b":"), rest  # no size of a chunk
