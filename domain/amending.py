"""How decisions that are no verdicts amend what a claim says: one fold for the desk and for the
views; whether a decision is possible is for the desk.
"""

from collections.abc import Sequence

import msgspec

from domain.claims import Actor, Claim, read_claim
from domain.errors import Said
from domain.events import (
    ClaimCorrected,
    ClaimDecided,
    SignatoryWithdrawn,
    SourceAdded,
    VisibilityChanged,
)
from domain.kinds import DETAILS_OF

Withdrawn = tuple[Actor, ...]


def amended(claim: Claim, withdrawn: Withdrawn, event: ClaimDecided) -> tuple[Claim, Withdrawn]:
    """The claim, and who withdrew from it, after `event`; unchanged by what amends nothing.

    A withdrawal states how many signatories are left, so that telling it again changes nothing.
    """
    if isinstance(event, ClaimCorrected):
        corrected = read_claim(event.after, DETAILS_OF)
        listed = {actor.key for actor in corrected.actors}
        return corrected, tuple(actor for actor in withdrawn if actor.key not in listed)
    if isinstance(event, SourceAdded):
        sources = tuple(dict.fromkeys((*claim.sources, *event.sources)))
        return msgspec.structs.replace(claim, sources=sources), withdrawn
    if isinstance(event, VisibilityChanged):
        return msgspec.structs.replace(claim, visibility=event.visibility), withdrawn
    if isinstance(event, SignatoryWithdrawn):
        key = event.signatory.key
        details = claim.details
        if event.signatories is not None:
            details = msgspec.structs.replace(details, signatories=event.signatories)
        actors = tuple(actor for actor in claim.actors if actor.key != key)
        left = msgspec.structs.replace(claim, actors=actors, details=details)
        return left, (*(one for one in withdrawn if one.key != key), event.signatory)
    return claim, withdrawn


def why_not_withdrawn(claim: Claim, withdrawn: Sequence[Actor], signatory: Actor) -> str | None:
    """Why `signatory` cannot withdraw from what the claim tells of; None where it can."""
    if signatory.key in {actor.key for actor in withdrawn}:
        return Said("{who} has withdrawn from it already", who=signatory.key)
    listed = signatory.key in {actor.key for actor in claim.actors}
    count = claim.details.signatories
    if not listed and count is None:
        return Said("it neither lists {who} nor states how many signed", who=signatory.key)
    if count == 1 or (count is None and all(a.key == signatory.key for a in claim.actors)):
        return Said("nobody would be left who signed it; retract the claim instead")
    return None


def signatories_left(claim: Claim) -> int | None:
    """How many signatories are left after one withdraws, where the claim states a number."""
    count = claim.details.signatories
    return None if count is None else count - 1
