"""The kinds of claim: one frozen event struct each, with its stable, versioned name; facts without
behaviour.

Recording a claim appends one event of its kind. The name in the log is `<kind>.v1` and never
changes; a shape that must change becomes `version` 2, with a step in `domain.events.UPCASTERS` for
what was recorded before. `tests/events/` keeps one stored sample of every name.
"""

from datetime import datetime
from typing import Any, Final, Literal

from domain.claims import Claim
from domain.details import Details
from domain.kinds import legal, mines, voices
from domain.kinds.recorded import ClaimRecorded

__all__ = ["DETAILS_OF", "KINDS", "ClaimRecorded", "claim_of", "recorded"]

KINDS: Final[dict[str, type[ClaimRecorded]]] = {
    shape.kind: shape
    for module in (legal, voices, mines)
    for shape in vars(module).values()
    if isinstance(shape, type) and issubclass(shape, ClaimRecorded) and shape is not ClaimRecorded
}
"""Kind of claim -> the struct of its event."""

DETAILS_OF: Final[dict[str, type[Details]]] = {
    kind: shape.__annotations__["details"] for kind, shape in KINDS.items()
}
"""Kind of claim -> the struct of its details."""


def recorded(
    claim: Claim, *, status: Literal["pending", "accepted"], known_since: datetime | None
) -> ClaimRecorded:
    """The event that records `claim`."""
    # Written out, as `claim_of` is: a server records thousands of these a second.
    shape: Any = KINDS[claim.kind]
    event: ClaimRecorded = shape(
        claim=claim.id,
        status=status,
        known_since=known_since,
        treaty=claim.treaty,
        occurred_on=claim.occurred_on,
        actors=claim.actors,
        targets=claim.targets,
        summary=claim.summary,
        details=claim.details,
        sources=claim.sources,
        relates_to=claim.relates_to,
        visibility=claim.visibility,
    )
    return event


def claim_of(event: ClaimRecorded) -> Claim:
    """The claim that `event` recorded."""
    # Written out: a history is folded from a million of these.
    return Claim(
        id=event.claim,
        kind=event.kind,
        treaty=event.treaty,
        occurred_on=event.occurred_on,
        actors=event.actors,
        targets=event.targets,
        summary=event.summary,
        details=event.details,
        sources=event.sources,
        relates_to=event.relates_to,
        visibility=event.visibility,
    )
