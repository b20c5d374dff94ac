"""Fetches documents from addresses that somebody configured, and never from inside our own network.

A name is resolved once, every address it has is checked, and the connection is made to a checked
address: what a name means cannot change between the check and the use. The name stays in the Host
header and in the certificate that is asked for. Redirects are followed by hand, each checked in the
same way; no proxy of the environment is used; bodies, redirects and time are bounded.
"""

import asyncio
import contextlib
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore
import msgspec

from domain.errors import Article20Error

PORTS: Final = {"http": 80, "https": 443}
URL_CHARS_MAX: Final = 2000
REDIRECTS_MAX: Final = 3
CONNECT_SECONDS_MAX: Final = 10.0
VET_SECONDS_MAX: Final = 3.0
"""How long whoever gives an address waits for what its name stands for."""
ADDRESSES_MAX: Final = 16
"""How many addresses of a name are looked at; a name with more is refused."""
GZIP: Final = 16 + zlib.MAX_WBITS
_LABEL: Final = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
"""Only a dot ends a label: an expression that may part a name anywhere tries every way to do so."""
_NUMBERED: Final = re.compile(r"(?:0x[0-9a-f]*|\d+)\Z")
_HIDING: Final = tuple(
    ipaddress.ip_network(block)
    for block in (
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64 of one's own network
        "2002::/16",  # 6to4
        "2001::/23",  # Teredo, and what else the registry keeps for protocols
        "::/96",  # IPv4-compatible
        "fec0::/10",  # site-local
        "192.88.99.0/24",  # 6to4 relays
    )
)
"""Blocks whose addresses may stand for others, or that are local though they look global."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class AddressRefused(Article20Error):
    """{url!r} is not fetched: {reason}. Give the public https address of the feed itself."""

    slug, status = "address-refused", 422


class FetchFailed(Article20Error):
    """{url!r} could not be fetched: {reason}."""

    slug, status = "fetch-failed", 502
    retryable = True


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What came: the status, the headers by small name, and the body, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Outgoing:
    """Fetches, with bounds. `private_hosts`: `host` or `host:port` names whose addresses may be
    private and whose ports may be any, because whoever runs the installation says so."""

    def __init__(
        self,
        *,
        bytes_max: int,
        seconds_max: float,
        private_hosts: Iterable[str] = (),
        resolve: Resolve | None = None,
    ) -> None:
        self.bytes_max, self.seconds_max = bytes_max, seconds_max
        self.private_hosts = frozenset(host.strip().lower() for host in private_hosts if host)
        self._resolve = resolve or _resolved

    def checked(self, url: str) -> SplitResult:
        """An address in its parts; AddressRefused where it may not be asked whatever it resolves
        to."""
        if len(url) > URL_CHARS_MAX or not url.isascii() or re.search(r"[\s\\\x00-\x1f\x7f]", url):
            raise AddressRefused(url=url[:80], reason="it is no plain web address")
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            raise AddressRefused(url=url[:80], reason="it is no web address") from None
        if parts.scheme not in PORTS or not host:
            raise AddressRefused(url=url[:80], reason="it does not begin with https://")
        if "@" in parts.netloc:
            raise AddressRefused(url=url[:80], reason="it names a user")
        if not _is_ip(host) and (_HOST.fullmatch(host) is None or _is_numbered(host)):
            raise AddressRefused(url=url[:80], reason="its host is written in a misleading way")
        if port not in (None, PORTS[parts.scheme]) and not self._is_private_host(host, port or 0):
            raise AddressRefused(url=url[:80], reason=f"port {port} is not asked")
        return parts

    async def vet(self, url: str) -> None:
        """AddressRefused where an address may not be asked as things stand. A name that has no
        address now, or of which nothing is heard in time, may have one when it is asked."""
        parts = self.checked(url)
        host, port = (parts.hostname or "").lower(), parts.port or PORTS[parts.scheme]
        with contextlib.suppress(FetchFailed, TimeoutError):
            async with asyncio.timeout(VET_SECONDS_MAX):
                await self.vetted(host, port)

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """What an address answers, after at most `REDIRECTS_MAX` redirects.

        AddressRefused where it, or what it leads to, lies within our own network; FetchFailed where
        nothing whole came in time.
        """
        try:
            async with asyncio.timeout(self.seconds_max):
                return await self._follow(url, headers or {})
        except TimeoutError:
            reason = f"it took longer than {self.seconds_max:g} s"
            raise FetchFailed(url=url[:80], reason=reason) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise FetchFailed(url=url[:80], reason=str(error) or type(error).__name__) from error
        except (OSError, ssl.SSLError) as error:
            raise FetchFailed(url=url[:80], reason=error.strerror or str(error)) from error

    async def vetted(self, host: str, port: int) -> list[str]:
        """The addresses of a host, each of them one that may be asked; AddressRefused where any of
        them may not."""
        found = list(dict.fromkeys(await self._resolve(host, port)))
        if not found:
            raise FetchFailed(url=host, reason="the name has no address")
        if len(found) > ADDRESSES_MAX:
            raise AddressRefused(
                url=host, reason=f"the name has more than {ADDRESSES_MAX} addresses"
            )
        if not self._is_private_host(host, port):
            for text in found:
                if not is_public(text):
                    raise AddressRefused(
                        url=host, reason=f"{text} lies within a network of its own"
                    )
        return found

    def _is_private_host(self, host: str, port: int) -> bool:
        return host in self.private_hosts or f"{host}:{port}" in self.private_hosts

    async def _follow(self, url: str, headers: Mapping[str, str]) -> Fetched:
        for _redirect in range(REDIRECTS_MAX + 1):
            parts = self.checked(url)
            found = await self._ask(url, headers)
            where = found.headers.get("location")
            if found.status not in (301, 302, 303, 307, 308) or not where:
                return found
            following = urljoin(url, where)
            if parts.scheme == "https" and not following.startswith("https:"):
                raise AddressRefused(url=following[:80], reason="it leads from https to http")
            url = following
        raise FetchFailed(url=url[:80], reason=f"more than {REDIRECTS_MAX} redirects")

    async def _ask(self, url: str, headers: Mapping[str, str]) -> Fetched:
        sent: list[tuple[bytes | str, bytes | str]] = [("Accept-Encoding", "gzip")]
        sent += headers.items()
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self.seconds_max)
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=ssl.create_default_context(), network_backend=_Pinned(self)
            ) as pool,
            pool.stream("GET", url, headers=sent, extensions={"timeout": timeouts}) as answer,
        ):
            told = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in answer.headers}
            body = await self._body(url, answer, told) if answer.status == 200 else b""
            return Fetched(status=answer.status, headers=told, body=body)

    async def _body(self, url: str, answer: httpcore.Response, told: Mapping[str, str]) -> bytes:
        """The body, unpacked, counted while it comes."""
        coding = told.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip", ""):
            raise FetchFailed(url=url[:80], reason=f"it is packed as {coding[:40]}")
        unpack = zlib.decompressobj(GZIP) if "gzip" in coding else None
        whole = bytearray()
        async for part in answer.aiter_stream():
            room = self.bytes_max - len(whole) + 1
            try:
                whole += part if unpack is None else unpack.decompress(part, room)
            except zlib.error:
                raise FetchFailed(url=url[:80], reason="its packing is broken") from None
            if len(whole) > self.bytes_max or (unpack is not None and unpack.unconsumed_tail):
                raise FetchFailed(url=url[:80], reason=f"it is larger than {self.bytes_max} bytes")
        return bytes(whole)


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to an address that was vetted, whatever the name would resolve to next."""

    def __init__(self, outgoing: Outgoing) -> None:
        self.outgoing = outgoing
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of the library
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to the first vetted address that answers."""
        failure: Exception = FetchFailed(url=host, reason="the name has no address")
        for address in await self.outgoing.vetted(host, port):
            try:
                return await self._plain.connect_tcp(
                    address, port, timeout=CONNECT_SECONDS_MAX, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of the library
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never: a socket of this machine is nobody's public address."""
        raise AddressRefused(url=path, reason="it is a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """Wait, as the library asks."""
        await asyncio.sleep(seconds)


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet: not private, local, reserved, multicast,
    nor one that may stand for such an address of another kind."""
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
    if any(address.version == block.version and address in block for block in _HIDING):
        return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or address.is_private
    )


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_numbered(host: str) -> bool:
    """Whether the last part of a host is a number: 2130706433, 0x7f.1 and 0177.0.0.1 are addresses
    to some resolvers and names to none."""
    return _NUMBERED.match(host.rstrip(".").rpartition(".")[2]) is not None


async def _resolved(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(url=host[:80], reason="the name cannot be resolved") from error
    return [str(info[4][0]) for info in found]
