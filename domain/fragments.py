"""The stored bytes of a recorded claim, put together from the bytes of its fields, each packed
once; what `domain.events.encode` writes for the same claim is the same, and nothing is judged here.
"""

from functools import lru_cache
from typing import Any, Final

import msgspec

from domain.claims import Source
from domain.kinds.recorded import ClaimRecorded

NAMES_KEPT: Final = 64
_SHORT_MAX: Final = 15
"""As many entries a map or list may have whose first byte says how many."""
_DAY: Final = "published_on"
_NOTHING: Final = object()

pack: Final = msgspec.msgpack.Encoder().encode
"""A value as MessagePack, as every event is stored."""


def left_out(shape: Any) -> dict[str, Any]:
    """Field of a struct -> the value with which it is not stored."""
    defaults = shape.__struct_defaults__
    fields = shape.__struct_fields__[-len(defaults) :] if defaults else ()
    return dict(zip(fields, defaults, strict=True))


_DEFAULTS: Final = left_out(ClaimRecorded)
_SOURCE_DEFAULTS: Final = left_out(Source)


@lru_cache(maxsize=NAMES_KEPT)
def name_of(field: str) -> bytes:
    """The name of a field, packed."""
    return pack(field)


def fragment(field: str, value: Any) -> bytes:
    """A field of an event with its value; empty where it is left out."""
    if value is _DEFAULTS.get(field, _NOTHING):
        return b""
    return name_of(field) + pack(value)


class SourceFragment(msgspec.Struct, frozen=True, gc=False):
    """A source packed but for its day: `count` fields, some before that day, the others after."""

    count: int
    before: bytes
    after: bytes


def source_fragment(source: Source) -> SourceFragment:
    """A source without its day."""
    packed = {
        field: name_of(field) + pack(value)
        for field in Source.__struct_fields__
        if field != _DAY
        and (value := getattr(source, field)) is not _SOURCE_DEFAULTS.get(field, _NOTHING)
    }
    at = Source.__struct_fields__.index(_DAY)
    before = [packed[f] for f in Source.__struct_fields__[:at] if f in packed]
    after = [packed[f] for f in Source.__struct_fields__[at:] if f in packed]
    return SourceFragment(len(packed), b"".join(before), b"".join(after))


def day_fragment(day: str | None) -> bytes:
    """The day on which a source was published; empty for none."""
    return b"" if day is None else name_of(_DAY) + pack(day)


def map_head(count: int) -> bytes:
    """What a map of so many fields begins with; ValueError for more than are ever stored."""
    if count > _SHORT_MAX:
        raise ValueError(f"{count} fields are more than an event has")
    return bytes([0x80 | count])


def list_head(field: str, count: int) -> bytes:
    """A field that is a list of so many members, which follow; empty for none."""
    if not count:
        return b""
    head = bytes([0x90 | count]) if count <= _SHORT_MAX else b"\xdc" + count.to_bytes(2, "big")
    return name_of(field) + head
