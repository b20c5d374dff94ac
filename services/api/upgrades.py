"""Requests that would rather speak another protocol, such as those of Java's client, which asks for
HTTP/2 each time: it writes them as if they had not asked, and never changes what they say."""

from collections.abc import Iterable
from typing import Final

ASKING: Final = frozenset((b"upgrade", b"http2-settings"))


def not_asked(method: bytes, address: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A head as it goes over the wire, without what asks for another protocol; names of headers
    are in small letters."""
    lines = [b"%s %s HTTP/1.1\r\n" % (method, address)]
    for name, value in headers:
        if name == b"connection":
            said = [part.strip() for part in value.split(b",")]
            value = b", ".join([part for part in said if part.lower() not in ASKING])
        if name not in ASKING:
            lines.append(b"%s: %s\r\n" % (name, value))
    return b"".join([*lines, b"\r\n"])
