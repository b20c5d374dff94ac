"""What the desk knows of one claim, folded from its events; whether a decision is possible is for
the desk.
"""

from datetime import datetime
from typing import Final

import msgspec

from domain.amending import Withdrawn, amended
from domain.claims import Actor, Claim, Status
from domain.dates import last_moment
from domain.errors import Said
from domain.events import (
    ClaimAccepted,
    ClaimContested,
    ClaimDecided,
    ClaimRefuted,
    ClaimRejected,
    ClaimRetracted,
    ClaimsDeclaredSame,
    ClaimsSeparated,
    ClaimSuperseded,
    Recorded,
)
from domain.kinds import ClaimRecorded, claim_of

STATUS_AFTER: Final[dict[type, Status]] = {
    ClaimAccepted: "accepted",
    ClaimRejected: "rejected",
    ClaimContested: "contested",
    ClaimRefuted: "refuted",
    ClaimRetracted: "retracted",
    ClaimSuperseded: "superseded",
}
"""Verdict -> the status a claim has after it; other decisions leave the status alone."""


class Known(msgspec.Struct, kw_only=True):
    """What the desk knows of one claim: contents, status, who brought it, who disputes it, who
    withdrew from it, and its links."""

    position: int
    recorded_by: str
    first: Claim
    claim: Claim
    status: Status
    known_since: datetime
    same: set[str]
    contested_by: set[Actor]
    withdrawn: Withdrawn = ()

    def take(self, event: ClaimDecided, recorded: Recorded) -> None:
        """Fold a decision in that names this claim first or second."""
        self.known_since = max(self.known_since, recorded.known_since)
        if isinstance(event, ClaimsDeclaredSame | ClaimsSeparated):
            other = event.other if self.claim.id == event.claim else event.claim
            if isinstance(event, ClaimsDeclaredSame):
                self.same.add(other)
            else:
                self.same.discard(other)
            return
        status = STATUS_AFTER.get(type(event))
        if status is None:
            self.claim, self.withdrawn = amended(self.claim, self.withdrawn, event)
            return
        if isinstance(event, ClaimContested):
            self.contested_by.update(event.by)
        else:
            self.contested_by.clear()
        self.status = status


class Step(msgspec.Struct, frozen=True):
    """Something that happened to claims: what, where in the log, and by whom."""

    claim: str
    word: str
    position: int
    by: str

    @property
    def told(self) -> Said:
        """The same for whoever decides too late."""
        return Said(
            "{claim!r} was {word} by {by} (position {position})",
            claim=self.claim,
            word=self.word.replace("_", " "),
            by=self.by,
            position=self.position,
        )


def first_known(event: ClaimRecorded, recorded: Recorded) -> Known:
    """What is known of a claim when it has just been recorded."""
    claim = claim_of(event)
    return Known(
        position=recorded.position,
        recorded_by=recorded.recorded_by,
        first=claim,
        claim=claim,
        status=event.status,
        known_since=recorded.known_since,
        same=set(),
        contested_by=set(),
    )


def known_since_by_sources(claim: Claim, now: datetime) -> datetime:
    """Since when history brought in afterwards counts as known, where its submitter does not say.

    The earliest `published_on` among its sources (the last day of a vague one: known by then for
    sure), or the last day of `occurred_on` where none is dated; never later than `now`.
    """
    days = [last_moment(s.published_on) for s in claim.sources if s.published_on]
    return min(min(days) if days else last_moment(claim.occurred_on), now)
