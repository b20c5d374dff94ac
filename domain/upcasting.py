"""Older versions of stored events raised to the newest one, step by step; pure, and never a change
of what is stored.

A shape that must change becomes the next version of its name, and an upcaster says how what was
stored under the version before reads under it. Events recorded under any version are then read as
the newest, for ever.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")
Fields = dict[str, Any]
Upcaster = Callable[[Fields], Fields]
"""From the plain fields of one version of an event to those of the next one. What an event is
tagged by (its claims, governments, treaty) stays as it is: tags were stored with it."""
UNREADABLE: Final = (msgspec.MsgspecError, ValueError, TypeError, LookupError, AttributeError)
"""What reading bytes that are no event of their name raises."""

_NAME: Final = re.compile(r"(?P<event>[a-z0-9_]+)\.v(?P<version>[1-9][0-9]*)")


class BrokenRegistry(ValueError):
    """The registry of events lacks a version or has one too many; the message says which."""


def readers(
    newest: Mapping[str, type[T]], upcasters: Mapping[str, Upcaster]
) -> dict[str, Callable[[bytes], T]]:
    """Every name an event may be stored under -> what reads its bytes as the newest version.

    `newest`: the name of the newest version of each event -> its struct. `upcasters`: the name of
    each older version -> the step to the next one. BrokenRegistry unless the versions of each event
    are 1, 2, 3 … up to the newest, each older one with its step.
    """
    versions = _versions(newest)
    for name in upcasters:
        event, version = _parted(name)
        if event not in versions:
            raise BrokenRegistry(f"{name} is raised, but no version of {event} is registered")
        if version >= versions[event]:
            raise BrokenRegistry(f"{name} is raised, but v{versions[event]} is the newest")
    found: dict[str, Callable[[bytes], T]] = {}
    for name, shape in newest.items():
        event, last = _parted(name)
        found[name] = msgspec.msgpack.Decoder(shape).decode
        steps: tuple[Upcaster, ...] = ()
        for version in range(last - 1, 0, -1):
            older = f"{event}.v{version}"
            if older not in upcasters:
                raise BrokenRegistry(f"nothing says how {older} reads as {event}.v{version + 1}")
            steps = (upcasters[older], *steps)
            found[older] = _raising(shape, steps)
    return found


def _raising(shape: type[T], steps: tuple[Upcaster, ...]) -> Callable[[bytes], T]:
    decode = msgspec.msgpack.Decoder(dict[str, Any]).decode

    def read(data: bytes) -> T:
        fields = decode(data)
        for step in steps:
            fields = step(fields)
        return msgspec.convert(fields, shape)

    return read


def _versions(newest: Mapping[str, Any]) -> dict[str, int]:
    """Event -> its newest version."""
    found: dict[str, int] = {}
    for name in newest:
        event, version = _parted(name)
        if event in found:
            raise BrokenRegistry(f"{name} and {event}.v{found[event]} are both the newest")
        found[event] = version
    return found


def _parted(name: str) -> tuple[str, int]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise BrokenRegistry(f"{name!r} is no name of an event: write name.v1, name.v2, …")
    return match["event"], int(match["version"])
