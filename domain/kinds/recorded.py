"""The event every kind of claim extends, and the way between an event and its claim; facts only."""

from datetime import datetime
from typing import ClassVar, Literal

from domain.claims import Actor, Relation, Source, Visibility
from domain.dcb import Decision
from domain.details import Details


class ClaimRecorded(Decision, frozen=True, kw_only=True, omit_defaults=True):
    """A claim entered the log: `claim` is its id, `known_since` when its submitter knew it, if
    earlier."""

    kind: ClassVar[str] = ""
    version: ClassVar[int] = 1

    claim: str
    treaty: str
    occurred_on: str
    summary: str
    details: Details
    status: Literal["pending", "accepted"] = "pending"
    actors: tuple[Actor, ...] = ()
    targets: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    relates_to: tuple[Relation, ...] = ()
    visibility: Visibility = "internal"
    known_since: datetime | None = None
