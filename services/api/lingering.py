"""Connections whose clients do not take what is sent to them, which are given up after a while; it
never looks at what is sent."""

from collections.abc import Iterable
from typing import Any, Final

TAKING_SECONDS_MAX: Final = 60
"""How long a client may take for an answer, and the longer the more there is of it."""
TAKING_BYTES_PER_SECOND_MIN: Final = 4096
LEAVING_LOOK_SECONDS: Final = 30
"""How often it is looked which connections that were closed still have something to send: what is
left at two looks one behind the other is left for good."""


class Lingering:
    """Until when each of those connections may last."""

    def __init__(self) -> None:
        self._until: dict[Any, float] = {}
        self._leaving: set[Any] = set()

    def begin(self, wire: Any, now: float) -> None:
        """A client is behind: what waits for it is as much as it is now."""
        waiting = wire.transport.get_write_buffer_size()
        self._until[wire] = now + TAKING_SECONDS_MAX + waiting / TAKING_BYTES_PER_SECOND_MIN

    def end(self, wire: Any) -> None:
        """It has caught up, or is gone."""
        self._until.pop(wire, None)

    def look(self, now: int, connections: Iterable[Any]) -> None:
        """Give up those whose time is over."""
        for wire in [wire for wire, until in self._until.items() if until < now]:
            wire.transport.abort()
        if now % LEAVING_LOOK_SECONDS == 0:
            closed = {w for w in connections if w.transport.is_closing() and w not in self._until}
            for wire in closed & self._leaving:
                wire.transport.abort()
            self._leaving = closed
