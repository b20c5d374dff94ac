"""What the desk may decide about claims: pure decisions over what the log says of them; no I/O.

A `ClaimDesk` is a perspective in the sense of dynamic consistency boundaries: it is folded from the
events of the claims it looks at, decides, and its boundary says which events must not have been
added meanwhile.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import reduce
from typing import Any, Final, Literal

import msgspec

from domain.amending import signatories_left, why_not_withdrawn
from domain.claims import (
    SOURCES_MAX,
    Actor,
    Source,
    Status,
    Submission,
    Visibility,
    read_submission,
)
from domain.dcb import DCBAppendCondition, DCBQuery, DCBQueryItem, Perspective, Selector
from domain.errors import (
    ClaimExists,
    ClaimNotFound,
    DecidedMeanwhile,
    DecisionRefused,
    FieldError,
    InvalidClaim,
    NotDeclaredSame,
    Said,
)
from domain.events import (
    WORDS,
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
    SignatoryWithdrawn,
    SourceAdded,
    VisibilityChanged,
    claim_json,
    tags_of,
)
from domain.kinds import DETAILS_OF, ClaimRecorded, recorded
from domain.known import Known, Step, first_known, known_since_by_sources


class OnFile(msgspec.Struct, frozen=True):
    """The same claim with the same content stands at `position`, with `status`; nothing to
    append."""

    position: int
    status: Status


STEPS_TOLD_MAX: Final = 5
"""How many of the steps that came between a refusal tells."""

Verdict = Literal["accepted", "rejected", "contested", "refuted", "superseded", "retracted"]

_MAY_FOLLOW: Final[dict[Verdict, frozenset[Status]]] = {
    "accepted": frozenset({"pending", "contested", "rejected", "refuted"}),
    "rejected": frozenset({"pending", "contested"}),
    "contested": frozenset({"pending", "accepted", "contested"}),
    "refuted": frozenset({"pending", "accepted", "contested"}),
    "superseded": frozenset({"pending", "accepted", "contested"}),
    "retracted": frozenset(
        {"pending", "accepted", "rejected", "contested", "refuted", "superseded"}
    ),
}
"""Verdict -> the statuses it may follow."""


def possible_verdicts(status: Status) -> tuple[Verdict, ...]:
    """The verdicts that may follow a status."""
    return tuple(verdict for verdict, after in _MAY_FOLLOW.items() if status in after)


class ClaimDesk(Perspective[ClaimEvent]):
    """The desk looking at some claims: fold with `take`, decide, then append what it decided."""

    def __init__(self, *claims: str) -> None:
        self.claims = claims
        self.known: dict[str, Known] = {}
        self.steps: list[Step] = []

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
            self.known[event.claim] = first_known(event, recorded)
        elif isinstance(event, ClaimDecided):
            word = WORDS[type(event)]
            self.steps.append(Step(event.claim, word, recorded.position, recorded.recorded_by))
            for claim in {event.claim, getattr(event, "other", event.claim)}:
                if claim in self.known:
                    self.known[claim].take(event, recorded)

    def unchanged_since(self, seen: int) -> None:
        """DecidedMeanwhile where something happened to the claims after position `seen`, which is
        what somebody who decides had before them."""
        later = [step for step in self.steps if step.position > seen]
        if later:
            told = [step.told for step in later[-STEPS_TOLD_MAX:]]
            happened = reduce(lambda one, two: Said("{one}, {two}", one=one, two=two), told)
            raise DecidedMeanwhile(claim=later[-1].claim, happened=happened)

    def record(
        self,
        submission: Submission,
        *,
        accepted: bool,
        now: datetime,
        backfilled: bool = False,
    ) -> OnFile | None:
        """Record a claim, accepted at once or pending, with the decisions it restates.

        `backfilled`: history brought in afterwards, known since its sources say where it does not
        state since when. Returns where it stands already when the content is the same; ClaimExists
        when another content stands under its id.
        """
        claim = submission.claim
        known = self.known.get(claim.id)
        if known is not None:
            if claim in (known.first, known.claim):
                return OnFile(known.position, known.status)
            raise ClaimExists(claim=claim.id, position=known.position)
        for event in recording(submission, accepted=accepted, now=now, backfilled=backfilled):
            self._append(event)
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
            raise DecisionRefused(claim=claim, decision=verdict, reason=_IT_IS[known.status])
        if verdict == "accepted" and known.recorded_by == by and not may_review_own:
            why = Said("whoever recorded a claim cannot accept it; ask a second person")
            raise DecisionRefused(claim=claim, decision=verdict, reason=why)
        if known.status == verdict == "contested" and known.contested_by.issuperset(contested_by):
            why = Said("it is contested by them already; name who else disputes it")
            raise DecisionRefused(claim=claim, decision=verdict, reason=why)
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

        InvalidClaim names what is wrong with the claim as it would read afterwards, by pointers
        that begin with `/changes`.
        """
        known = self._amendable(claim, Said("corrected"))
        elsewhere = [
            FieldError(pointer=f"/changes/{name}", detail=detail)
            for name, detail in _NEVER_CORRECTED.items()
            if name in changes
        ]
        if elsewhere:
            raise InvalidClaim(elsewhere)
        after = claim_json(known.claim)
        for name, value in changes.items():
            after[name] = _merged(after.get(name, {}), value) if name == "details" else value
        kept = {name: value for name, value in after.items() if value is not None}
        try:
            read = read_submission(kept, details_of=DETAILS_OF, now=now, new_id=claim).claim
        except InvalidClaim as error:
            faults = [FieldError(f"/changes{one.pointer}", one.detail) for one in error.errors]
            raise InvalidClaim(faults) from None
        changed = tuple(
            name
            for name in read.__struct_fields__
            if getattr(read, name) != getattr(known.claim, name)
        )
        if not changed:
            why = Said("nothing would change")
            raise DecisionRefused(claim=claim, decision=Said("corrected"), reason=why)
        event = ClaimCorrected(claim=claim, reason=reason, changed=changed, after=claim_json(read))
        self._append(event)

    def add_sources(self, claim: str, sources: Sequence[Source], *, reason: str | None) -> None:
        """Put further sources behind a claim; those it has are left out.

        DecisionRefused when it is retracted, has them all, or would have more than `SOURCES_MAX`.
        """
        known = self._amendable(claim, Said("given sources"))
        new = tuple(s for s in dict.fromkeys(sources) if s not in known.claim.sources)
        if not new:
            why = Said("it has all of them already")
            raise DecisionRefused(claim=claim, decision=Said("given sources"), reason=why)
        if len(known.claim.sources) + len(new) > SOURCES_MAX:
            why = Said("a claim has at most {most}; correct those it has", most=SOURCES_MAX)
            raise DecisionRefused(claim=claim, decision=Said("given sources"), reason=why)
        self._append(SourceAdded(claim=claim, reason=reason, sources=new))

    def withdraw_signatory(
        self, claim: str, signatory: Actor, *, reason: str | None, sources: Sequence[Source] = ()
    ) -> None:
        """Note that one who signed a joint statement no longer stands by it.

        Afterwards it speaks with one voice less; the version before stays readable. DecisionRefused
        where the claim does not know the signatory, or nobody would be left.
        """
        known = self._amendable(claim, Said("left by a signatory"))
        why = why_not_withdrawn(known.claim, known.withdrawn, signatory)
        if why is not None:
            raise DecisionRefused(claim=claim, decision=Said("left by a signatory"), reason=why)
        event = SignatoryWithdrawn(
            claim=claim,
            reason=reason,
            signatory=signatory,
            signatories=signatories_left(known.claim),
            sources=tuple(sources),
        )
        self._append(event)

    def show(self, claim: str, visibility: Visibility, *, reason: str | None) -> None:
        """Say whether a claim may be shown to everybody or only inside the workspace."""
        decision = Said("made {visibility}", visibility=visibility)
        known = self._amendable(claim, decision)
        if known.claim.visibility == visibility:
            why = Said("it is {visibility} already", visibility=visibility)
            raise DecisionRefused(claim=claim, decision=decision, reason=why)
        self._append(VisibilityChanged(claim=claim, reason=reason, visibility=visibility))

    def declare_same(
        self, claim: str, other: str, *, reason: str | None, known_since: datetime | None = None
    ) -> None:
        """Declare that two claims tell of the same happening."""
        known = self._pair(claim, other, Said("declared the same as another"))
        if other in known.same:
            why = Said("it is declared the same as {other!r} already", other=other)
            raise DecisionRefused(claim=claim, decision=Said("declared the same"), reason=why)
        event = ClaimsDeclaredSame(claim=claim, other=other, reason=reason, known_since=known_since)
        self._append(event)

    def separate(self, claim: str, other: str, *, reason: str | None) -> None:
        """Take a declaration of sameness back; NotDeclaredSame where there is none of the two
        themselves."""
        known = self._pair(claim, other, Said("separated"))
        if other not in known.same:
            why = Said("it is not declared the same as {other!r}", other=other)
            raise NotDeclaredSame(claim=claim, decision=Said("separated"), reason=why)
        self._append(ClaimsSeparated(claim=claim, other=other, reason=reason))

    def _of(self, claim: str) -> Known:
        known = self.known.get(claim)
        if known is None:
            raise ClaimNotFound(claim=claim)
        return known

    def _amendable(self, claim: str, decision: str) -> Known:
        known = self._of(claim)
        if known.status == "retracted":
            raise DecisionRefused(claim=claim, decision=decision, reason=_IT_IS["retracted"])
        return known

    def _pair(self, claim: str, other: str, decision: str) -> Known:
        if claim == other:
            why = Said("a claim is always the same as itself; name another one")
            raise DecisionRefused(claim=claim, decision=decision, reason=why)
        self._of(other)
        return self._of(claim)

    def _append(self, event: ClaimEvent) -> None:
        self.trigger_event(lambda: event, tags_of(event))


def recording(
    submission: Submission, *, accepted: bool, now: datetime, backfilled: bool = False
) -> Iterator[ClaimEvent]:
    """The events that record a claim for the first time, with the decisions it restates; see
    `ClaimDesk.record`."""
    since = submission.known_since
    if since is None and backfilled:
        since = known_since_by_sources(submission.claim, now)
    status = submission.status or ("accepted" if accepted else "pending")
    first: Literal["accepted", "pending"] = "pending" if status == "pending" else "accepted"
    yield recorded(submission.claim, status=first, known_since=since)
    if submission.status is not None or submission.withdrawn:
        yield from _restated(submission, since)


_IT_IS: Final[dict[Status, Said]] = {
    "pending": Said("it is pending"),
    "accepted": Said("it is accepted"),
    "rejected": Said("it is rejected"),
    "contested": Said("it is contested"),
    "refuted": Said("it is refuted"),
    "retracted": Said("it is retracted"),
    "superseded": Said("it is superseded"),
}
"""Status -> why a decision is not possible after it."""

_VERDICTS: Final[dict[str, type[ClaimDecided]]] = {
    "accepted": ClaimAccepted,
    "rejected": ClaimRejected,
    "contested": ClaimContested,
    "refuted": ClaimRefuted,
    "superseded": ClaimSuperseded,
    "retracted": ClaimRetracted,
}


_NEVER_CORRECTED: Final = {
    "id": "an id never changes",
    "visibility": "no correction of what is true; change it as a decision of its own",
}
"""Field of a claim -> why a correction does not change it."""


def _restated(submission: Submission, since: datetime | None) -> Iterator[ClaimDecided]:
    """The decisions that an export tells of a claim, told again: first its status, then who
    withdrew, which is known since moments of its own."""
    claim = submission.claim
    yield from _status_restated(submission, since)
    moments = submission.withdrawn_since or (since,) * len(submission.withdrawn)
    for signatory, moment in zip(submission.withdrawn, moments, strict=True):
        yield SignatoryWithdrawn(
            claim=claim.id,
            known_since=moment,
            signatory=signatory,
            signatories=claim.details.signatories,
        )


def _status_restated(submission: Submission, since: datetime | None) -> Iterator[ClaimDecided]:
    claim, status = submission.claim, submission.status
    if status is None or status in ("pending", "accepted"):
        return
    facts: dict[str, Any] = {"claim": claim.id, "reason": submission.status_reason}
    if status == "contested":
        facts |= {"by": submission.contested_by, "sources": submission.status_sources}
    elif status == "refuted":
        facts["sources"] = submission.status_sources
    elif status == "superseded":
        facts["by"] = submission.superseded_by
    yield _VERDICTS[status](known_since=since, **facts)


def _merged(before: Any, changes: Any) -> Any:
    if not isinstance(before, dict) or not isinstance(changes, dict):
        return changes
    merged = {**before, **changes}
    return {name: value for name, value in merged.items() if value is not None}
