"""The names of the `eventsourcing` library that the domain uses; the one module of it that knows
them."""

from eventsourcing.dcb import msgpack
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.domain import Perspective, Selector, Tagged

__all__ = [
    "DCBAppendCondition",
    "DCBEvent",
    "DCBQuery",
    "DCBQueryItem",
    "Decision",
    "Perspective",
    "Selector",
    "Tagged",
]


class Decision(msgpack.Decision, frozen=True, kw_only=True):  # type: ignore[misc]  # theirs is not frozen
    """A fact that was decided: the library's decision, made immutable."""
