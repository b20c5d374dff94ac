"""Makes pages and files of the dashboard small for slow lines, where that gives nothing away; it
never decides what a page says.

How long a squeezed page is tells whether its parts say the same. So a page is sent as it is where
its address holds words of whoever wrote that address, who may be somebody else than who follows it,
and every other is made longer by a chance number of bytes.
"""

import re
import secrets
import struct
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from services.api.requests import header

GZIP: Final = "gzip"
VARIES: Final = "Accept-Encoding"
PAGE_LEVEL: Final = 3
"""A page to a fifth in half a millisecond; the most takes twice that for a tenth less."""
FILE_LEVEL: Final = 9
NOISE_BYTES_MAX: Final = 100
"""By up to so many bytes a page is made longer."""
_HEAD: Final = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff"
"""Squeezed by deflate, with a name; of no time and no system (RFC 1952)."""
_CLOCKS: Final = {
    "on": re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII),
    "known_at": re.compile(r"seq:\d{1,12}|\d{4}-\d{2}-\d{2}", re.ASCII),
}
"""What an address may say of a page that is squeezed: nothing that could stand beside a secret."""


def is_taken(scope: Any) -> bool:
    """Whether whoever asks reads gzip."""
    for one in (header(scope, b"accept-encoding") or "").split(","):
        name, _semicolon, weight = one.partition(";")
        if name.strip().lower() == GZIP:
            return not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)
    return False


def is_silent(query: Mapping[str, str]) -> bool:
    """Whether an address holds no words, but clocks alone."""
    return all(
        (known := _CLOCKS.get(name)) is not None and known.fullmatch(value)
        for name, value in query.items()
    )


def page_squeezed(page: bytes) -> bytes:
    """A page as gzip, longer by a chance number of bytes in place of a file's name."""
    noise = b"x" * secrets.randbelow(NOISE_BYTES_MAX + 1)
    packer = zlib.compressobj(PAGE_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(page) + packer.flush()
    return b"%b%b\0%b%b" % (_HEAD, noise, packed, struct.pack("<II", zlib.crc32(page), len(page)))


@cache
def file_squeezed(body: bytes) -> bytes:
    """A file that is the same for everybody, as gzip, as small as it gets."""
    packer = zlib.compressobj(FILE_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return packer.compress(body) + packer.flush()
