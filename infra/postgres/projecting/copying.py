"""The binary form in which PostgreSQL's COPY takes rows; it knows no table and sends nothing.

A row is the number of its columns and then each column: its length and its bytes, or the length -1
where it is null. Made here by hand, because a row of a view is mostly bytes that are at hand
already. See "Binary Format" under COPY in PostgreSQL's manual.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from struct import Struct
from typing import Final

HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
"""What the data of a COPY begins with."""
TRAILER: Final = b"\xff\xff"
"""What it ends with."""
NULL: Final = b"\xff\xff\xff\xff"
INT2: Final = 2
INT4: Final = 4
INT8: Final = 8
"""Lengths of numbers, in bytes; a day takes `INT4`, a moment `INT8`."""
TRUE: Final = b"\x00\x00\x00\x01\x01"
FALSE: Final = b"\x00\x00\x00\x01\x00"
WORDS_KEPT: Final = 4096

UNIX_MICROSECONDS: Final = 946_684_800_000_000
"""From 1970 to 2000, which COPY counts from."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH_DAYS: Final = date(2000, 1, 1).toordinal()
_TEXT_OID: Final = 25
INT_OID: Final = 23
"""What an array of numbers of four bytes says they are."""
length: Final = Struct(">i").pack
"""What stands before the bytes of a column: how many there are."""
_array: Final = Struct(">iiiii").pack
_empty_array: Final = Struct(">iiii").pack(12, 0, 0, _TEXT_OID)


def text(value: str) -> bytes:
    """A column of text."""
    encoded = value.encode()
    return length(len(encoded)) + encoded


@lru_cache(maxsize=WORDS_KEPT)
def word(value: str) -> bytes:
    """A column of text that comes again and again."""
    return text(value)


def texts(values: Iterable[str]) -> bytes:
    """A column that is a list of texts."""
    parts = [text(value) for value in values]
    if not parts:
        return _empty_array
    body = b"".join(parts)
    return _array(20 + len(body), 1, 0, _TEXT_OID, len(parts)) + b"\x00\x00\x00\x01" + body


def microseconds(moment: datetime) -> int:
    """A moment as COPY counts it."""
    return (moment - _EPOCH) // _MICROSECOND


def day_number(day: date) -> int:
    """A day as COPY counts it."""
    return day.toordinal() - _EPOCH_DAYS
