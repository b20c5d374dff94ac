"""Identifiers of events, sealed: they tell whether they, the idempotency key of their append and
the hash of its request are still what they were; nothing here talks to a database.

An identifier is a UUID of version 8. All but its last four bytes are drawn once for each append;
the last four are a number that begins with 31 bits of the CRC-32 of what was drawn, the key and the
hash, and goes on by one from event to event. That is a check, no signature: it finds what decayed
or was changed by hand, not a forger, who would reckon it anew. Events of releases before have
random ones (version 4).
"""

import os
from collections.abc import Sequence
from typing import Final
from zlib import crc32

SEALED, DRAWN = 8, 4
"""The versions of the UUIDs that the log gives, and that releases before gave."""
_DRAWN_BYTES: Final = 12
_SEAL_BITS: Final = 0x7FFFFFFF
_VERSION: Final = bytes(SEALED << 4 | (byte & 0x0F) for byte in range(256))
_VARIANT: Final = bytes(0x80 | (byte & 0x3F) for byte in range(256))


def identifiers(appends: Sequence[tuple[str, bytes, int]]) -> list[str]:
    """The identifiers of the events of some appends, each given as its key, the hash of its request
    and how many events it has: hexadecimal, parted by spaces."""
    drawn = bytearray(os.urandom(_DRAWN_BYTES * len(appends)))
    drawn[6::_DRAWN_BYTES] = drawn[6::_DRAWN_BYTES].translate(_VERSION)
    drawn[8::_DRAWN_BYTES] = drawn[8::_DRAWN_BYTES].translate(_VARIANT)
    beginnings = drawn.hex(" ", -_DRAWN_BYTES).split(" ")
    found, start = [], 0
    for beginning, (key, digest, count) in zip(beginnings, appends, strict=True):
        end = start + _DRAWN_BYTES
        seal = crc32(drawn[start:end] + key.encode() + digest) & _SEAL_BITS
        start = end
        if count == 1:
            found.append(f"{beginning}{seal:08x}")
        else:
            numbers = [f"{number:08x}" for number in range(seal, seal + count)]
            found.append(beginning + f" {beginning}".join(numbers))
    return found
