"""What is asked of the outside: public addresses only, whatever a name or a redirect says."""

import asyncio
import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.outgoing import AddressRefused, FetchFailed, Outgoing, is_public
from tests.ending import ending


class Publisher(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        """One answer."""
        server: Any = self.server
        server.asked.append((self.path, dict(self.headers)))
        status, headers, body = server.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def web() -> Iterator[Any]:
    """A server on loopback; `answers` by path, `asked` what came."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    server.answers, server.asked = {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.port = server.server_address[1]
    yield server
    server.shutdown()
    server.server_close()


def outgoing(web: Any, **more: Any) -> Outgoing:
    """One that may ask the server of the test."""
    hosts = (f"127.0.0.1:{web.port}", f"feeds.example:{web.port}")
    bounds: dict[str, Any] = {"bytes_max": 10_000, "seconds_max": 5.0, "private_hosts": hosts}
    return Outgoing(**(bounds | more))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1",
        "192.88.99.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1", "fec0::1",
        "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::169.254.169.254", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::1", "not an address", "",
    ],
)  # fmt: skip
def test_an_address_within_is_never_public(address: str) -> None:
    """Private, local, reserved, multicast, and every wrapping of one in IPv6."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.1.69", "2606:4700::1111", "2a00:1450::1"])
def test_a_public_address_is_public(address: str) -> None:
    """What the internet reaches may be asked."""
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_a_wrapping_is_never_more_public_than_what_it_wraps(address: Any) -> None:
    """IPv4 in IPv6 is judged as the IPv4 address; through NAT64, 6to4 or Teredo never let by."""
    number = int(address)
    assert is_public(f"::ffff:{address}") == is_public(str(address))
    assert not is_public(f"64:ff9b::{address}")
    assert not is_public(f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/",
        "https:///feed", "https://user:secret@example.org/", "https://example.org@10.0.0.1/",
        "https://example.org\\@10.0.0.1/", "https://example.org:22/", "http://example.org:443/",
        "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/",
        "http://127.1/", "http://1.2.3.0x4/", "http://[::1", "http://exa mple.org/",
        "http://exämple.org/", "https://example.org:99999/", "http://127.0.0.1\t/", "",
        "https://" + "a" * 3000,
    ],
)  # fmt: skip
def test_a_misleading_address_is_refused_before_anything_is_asked(url: str) -> None:
    """Other schemes, users, ports and ways to write a number are refused as they stand."""
    never = Outgoing(bytes_max=10, seconds_max=1, resolve=_never)
    with pytest.raises(AddressRefused):
        asyncio.run(never.get(url))


def test_a_misleading_host_is_refused_at_once_however_long_it_is() -> None:
    """A name is looked at once from end to end: what a redirect says cannot keep us thinking."""
    never = Outgoing(bytes_max=10, seconds_max=1, resolve=_never)
    for host in ("a" * 250 + "!", "a." * 120 + "!", "a-" * 120 + "!", "_" * 63 + "*"):
        with ending(), pytest.raises(AddressRefused):
            never.checked(f"https://{host}/")
    label = "a" * 63
    assert never.checked(f"https://{label}.{label}.example.org./").hostname is not None
    with pytest.raises(AddressRefused):
        never.checked(f"https://{label}a.example.org/")


async def _never(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} was looked up")


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["2606:4700::1111", "::ffff:10.0.0.1"],
        ["64:ff9b::a9fe:a9fe"], ["8.8.8.8"] + [f"8.8.4.{n}" for n in range(20)],
    ],
)  # fmt: skip
def test_one_address_within_is_enough_to_refuse_a_name(found: list[str]) -> None:
    """Every address that a name has is looked at, not the first alone."""

    async def resolve(host: str, port: int) -> list[str]:
        return found

    asks = Outgoing(bytes_max=10, seconds_max=1, resolve=resolve)
    with pytest.raises(AddressRefused):
        asyncio.run(asks.get("https://rebind.example/"))


def test_a_name_that_changes_is_asked_where_it_was_checked(web: Any) -> None:
    """A name is looked up once for each connection, and the checked address is the one connected
    to: a second answer, within, is never used."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]

    async def resolve(host: str, port: int) -> list[str]:
        return answers.pop(0)

    web.answers["/once"] = (200, {}, b"whole")
    asks = outgoing(web, resolve=resolve)
    found = asyncio.run(asks.get(f"http://feeds.example:{web.port}/once"))
    assert found.body == b"whole"
    assert len(answers) == 1
    assert web.asked[-1][1]["Host"] == f"feeds.example:{web.port}"


@pytest.mark.parametrize(
    "where",
    [
        "http://169.254.169.254/latest/meta-data", "http://localhost/", "http://[::1]/",
        "http://2130706433/", "file:///etc/passwd", "http://127.0.0.1:1/", "//10.0.0.1/x",
        "http://user@example.org/",
    ],
)  # fmt: skip
def test_a_redirect_is_checked_like_an_address(web: Any, where: str) -> None:
    """What is public leads nowhere within."""
    web.answers["/moved"] = (302, {"Location": where}, b"")
    with pytest.raises(AddressRefused):
        asyncio.run(outgoing(web).get(f"http://127.0.0.1:{web.port}/moved"))


def test_redirects_are_followed_a_few_times(web: Any) -> None:
    """A redirect within bounds is followed; a loop ends."""
    web.answers["/a"] = (301, {"Location": "/b"}, b"")
    web.answers["/b"] = (200, {"X-Told": "yes"}, b"there")
    web.answers["/loop"] = (302, {"Location": "/loop"}, b"")
    asks = outgoing(web)
    found = asyncio.run(asks.get(f"http://127.0.0.1:{web.port}/a"))
    assert (found.body, found.headers["x-told"]) == (b"there", "yes")
    with pytest.raises(FetchFailed, match="redirects"):
        asyncio.run(asks.get(f"http://127.0.0.1:{web.port}/loop"))


def test_a_body_is_bounded_packed_or_not(web: Any) -> None:
    """A body beyond the bound is left, and so is a small one that unpacks to more."""
    web.answers["/large"] = (200, {}, b"x" * 20_000)
    web.answers["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 5_000_000))
    web.answers["/packed"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"small"))
    web.answers["/odd"] = (200, {"Content-Encoding": "br"}, b"?")
    web.answers["/broken"] = (200, {"Content-Encoding": "gzip"}, b"not gzip")
    asks = outgoing(web)
    for path in ("/large", "/bomb", "/odd", "/broken"):
        with pytest.raises(FetchFailed):
            asyncio.run(asks.get(f"http://127.0.0.1:{web.port}{path}"))
    assert asyncio.run(asks.get(f"http://127.0.0.1:{web.port}/packed")).body == b"small"


def test_who_does_not_answer_is_given_up() -> None:
    """A server that accepts and says nothing costs a bounded time."""

    async def silent() -> None:
        waiting = asyncio.Event()

        async def wait(_reader: Any, writer: Any) -> None:
            await waiting.wait()
            writer.close()

        server = await asyncio.start_server(wait, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        asks = Outgoing(bytes_max=10, seconds_max=0.2, private_hosts=(f"127.0.0.1:{port}",))
        with pytest.raises(FetchFailed, match="longer than"):
            await asks.get(f"http://127.0.0.1:{port}/")
        waiting.set()
        server.close()

    asyncio.run(silent())
