"""What the desk may decide about claims: pure decisions over what the log says of them; no I/O.

A `ClaimDesk` is a perspective in the sense of dynamic consistency boundaries: it is folded from the
events of the claims it looks at, decides, and its boundary says which events must not have been
added meanwhile.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from domain.claims import (
    Actor,
    Claim,
    Source,
    Status,
    Submission,
    known_since_by_sources,
    read_claim,
    read_submission,
)
from domain.dcb import DCBAppendCondition, DCBQuery, DCBQueryItem, Perspective, Selector
from domain.errors import ClaimExists, ClaimNotFound, DecisionRefused, FieldError, InvalidClaim
from domain.events import (
    ClaimAccepted,
    ClaimContested,
    ClaimCorrected,
    ClaimDecided,
    ClaimEvent,
    ClaimRefuted,
    ClaimRejected,
    ClaimRetracted,
    ClaimsDeclaredSame,
    ClaimsSeparated,
    ClaimSuperseded,
    Recorded,
    claim_json,
    tags_of,
)
from domain.kinds import DETAILS_OF, ClaimRecorded, claim_of, recorded


class Known(msgspec.Struct, kw_only=True):
    """What the desk knows of one claim: contents, status, who brought it and its links."""

    position: int
    recorded_by: str
    first: Claim
    claim: Claim
    status: Status
    known_since: datetime
    same: set[str]


class AlreadyRecorded(msgspec.Struct, frozen=True):
    """The same claim with the same content stands at `position`, with `status`; nothing to
    append."""

    position: int
    status: Status


Verdict = Literal["accepted", "rejected", "contested", "refuted", "superseded", "retracted"]

_MAY_FOLLOW: Final[dict[Verdict, frozenset[Status]]] = {
    "accepted": frozenset({"pending", "contested", "rejected", "refuted"}),
    "rejected": frozenset({"pending", "contested"}),
    "contested": frozenset({"pending", "accepted"}),
    "refuted": frozenset({"pending", "accepted", "contested"}),
    "superseded": frozenset({"pending", "accepted", "contested"}),
    "retracted": frozenset(
        {"pending", "accepted", "rejected", "contested", "refuted", "superseded"}
    ),
}
"""Verdict -> the statuses it may follow."""


class ClaimDesk(Perspective[ClaimEvent]):
    """The desk looking at some claims: fold with `take`, decide, then append what it decided."""

    def __init__(self, *claims: str) -> None:
        self.claims = claims
        self.known: dict[str, Known] = {}

    def consistency_boundary(self) -> list[Selector]:
        """Every event of the claims looked at: whoever adds one meanwhile makes this decision
        stale."""
        return [Selector(tags=[f"claim:{claim}"]) for claim in self.claims]

    def query(self) -> DCBQuery:
        """The boundary as a query of the log."""
        return DCBQuery([DCBQueryItem(tags=list(s.tags)) for s in self.consistency_boundary()])

    def condition(self) -> DCBAppendCondition:
        """The boundary as a condition of the append, after what was read."""
        return DCBAppendCondition(self.query(), after=self.last_known_position)

    def read(self, events: Iterable[Recorded], head: int) -> None:
        """Fold the events of the boundary, read when the log's head was `head`."""
        for event in events:
            self.take(event)
        self.last_known_position = head

    def take(self, recorded: Recorded) -> None:
        """Fold one event in."""
        event = recorded.event
        if isinstance(event, ClaimRecorded):
            claim = claim_of(event)
            self.known[event.claim] = Known(
                position=recorded.position,
                recorded_by=recorded.recorded_by,
                first=claim,
                claim=claim,
                status=event.status,
                known_since=recorded.known_since,
                same=set(),
            )
            return
        for claim_id in {event.claim, getattr(event, "other", event.claim)}:
            known = self.known.get(claim_id)
            if known is not None:
                known.known_since = max(known.known_since, recorded.known_since)
                _apply(known, event, claim_id)

    def record(
        self,
        submission: Submission,
        *,
        accepted: bool,
        now: datetime,
        backfilled: bool = False,
    ) -> AlreadyRecorded | None:
        """Record a claim, accepted at once or pending, with the decisions it restates.

        `backfilled`: history brought in afterwards, known since its sources say where it does not
        state since when. Returns where it stands already when the content is the same; ClaimExists
        when another content stands under its id.
        """
        claim = submission.claim
        known = self.known.get(claim.id)
        if known is not None:
            if claim in (known.first, known.claim):
                return AlreadyRecorded(known.position, known.status)
            raise ClaimExists(claim=claim.id, position=known.position)
        since = submission.known_since
        if since is None and backfilled:
            since = known_since_by_sources(claim, now)
        status = submission.status or ("accepted" if accepted else "pending")
        first: Literal["accepted", "pending"] = "pending" if status == "pending" else "accepted"
        self._append(recorded(claim, status=first, known_since=since))
        if status != first:
            decision = _VERDICTS[status](
                claim=claim.id, reason=submission.status_reason, known_since=since
            )
            self._append(decision)
        return None

    def decide(
        self,
        claim: str,
        verdict: Verdict,
        *,
        by: str,
        reason: str | None,
        may_review_own: bool = False,
        contested_by: Sequence[Actor] = (),
        sources: Sequence[Source] = (),
        superseded_by: str | None = None,
    ) -> None:
        """Give a verdict on a claim; DecisionRefused says why one is not possible.

        Nobody accepts a claim that they recorded, unless the workspace says so (`may_review_own`).
        """
        known = self._of(claim)
        if known.status not in _MAY_FOLLOW[verdict]:
            raise DecisionRefused(claim=claim, decision=verdict, reason=f"it is {known.status}")
        if verdict == "accepted" and known.recorded_by == by and not may_review_own:
            reason = "whoever recorded a claim cannot accept it; ask a second person"
            raise DecisionRefused(claim=claim, decision=verdict, reason=reason)
        facts: dict[str, Any] = {"claim": claim, "reason": reason}
        if verdict == "contested":
            facts |= {"by": tuple(contested_by), "sources": tuple(sources)}
        elif verdict == "refuted":
            facts["sources"] = tuple(sources)
        elif verdict == "superseded":
            facts["by"] = superseded_by
        self._append(_VERDICTS[verdict](**facts))

    def correct(
        self, claim: str, changes: dict[str, Any], *, reason: str | None, now: datetime
    ) -> None:
        """Correct fields of a claim; in `details` only the fields named change, null removes one.

        InvalidClaim names what is wrong with the claim as it would read afterwards.
        """
        known = self._of(claim)
        if known.status == "retracted":
            raise DecisionRefused(claim=claim, decision="corrected", reason="it is retracted")
        if "id" in changes:
            raise InvalidClaim([FieldError(pointer="/changes/id", detail="an id never changes")])
        after = claim_json(known.claim)
        for name, value in changes.items():
            after[name] = _merged(after.get(name, {}), value) if name == "details" else value
        kept = {name: value for name, value in after.items() if value is not None}
        read = read_submission(kept, details_of=DETAILS_OF, now=now, new_id=claim).claim
        changed = tuple(
            name
            for name in read.__struct_fields__
            if getattr(read, name) != getattr(known.claim, name)
        )
        if not changed:
            raise DecisionRefused(claim=claim, decision="corrected", reason="nothing would change")
        event = ClaimCorrected(claim=claim, reason=reason, changed=changed, after=claim_json(read))
        self._append(event)

    def declare_same(
        self, claim: str, other: str, *, reason: str | None, known_since: datetime | None = None
    ) -> None:
        """Declare that two claims tell of the same happening."""
        known = self._pair(claim, other, "declared the same as another")
        if other in known.same:
            why = f"it is declared the same as {other!r} already"
            raise DecisionRefused(claim=claim, decision="declared the same", reason=why)
        event = ClaimsDeclaredSame(claim=claim, other=other, reason=reason, known_since=known_since)
        self._append(event)

    def separate(self, claim: str, other: str, *, reason: str | None) -> None:
        """Take a declaration of sameness back."""
        known = self._pair(claim, other, "separated")
        if other not in known.same:
            why = f"it is not declared the same as {other!r}"
            raise DecisionRefused(claim=claim, decision="separated", reason=why)
        self._append(ClaimsSeparated(claim=claim, other=other, reason=reason))

    def _of(self, claim: str) -> Known:
        known = self.known.get(claim)
        if known is None:
            raise ClaimNotFound(claim=claim)
        return known

    def _pair(self, claim: str, other: str, decision: str) -> Known:
        if claim == other:
            why = "a claim is always the same as itself; name another one"
            raise DecisionRefused(claim=claim, decision=decision, reason=why)
        self._of(other)
        return self._of(claim)

    def _append(self, event: ClaimEvent) -> None:
        self.trigger_event(lambda: event, tags_of(event))


_VERDICTS: Final[dict[str, type[ClaimDecided]]] = {
    "accepted": ClaimAccepted,
    "rejected": ClaimRejected,
    "contested": ClaimContested,
    "refuted": ClaimRefuted,
    "superseded": ClaimSuperseded,
    "retracted": ClaimRetracted,
}
_STATUS_OF: Final[dict[type[ClaimDecided], str]] = {e: status for status, e in _VERDICTS.items()}


def _apply(known: Known, event: ClaimDecided, claim: str) -> None:
    if isinstance(event, ClaimCorrected):
        known.claim = read_claim(event.after, DETAILS_OF)
    elif isinstance(event, ClaimsDeclaredSame | ClaimsSeparated):
        other = event.other if claim == event.claim else event.claim
        if isinstance(event, ClaimsDeclaredSame):
            known.same.add(other)
        else:
            known.same.discard(other)
    else:
        known.status = _STATUS_OF[type(event)]  # type: ignore[assignment]  # keys of _VERDICTS


def _merged(before: Any, changes: Any) -> Any:
    if not isinstance(before, dict) or not isinstance(changes, dict):
        return changes
    merged = {**before, **changes}
    return {name: value for name, value in merged.items() if value is not None}
