"""Which claims may tell of the same happening as another: suggestions with their reasons, and never
a decision; pure questions over versions.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final

import msgspec
from rapidfuzz import fuzz

from domain.claims import Claim, Status
from projections.histories import Version

WINDOW_DAYS: Final = 14
"""How far apart two reports of one happening may be dated."""
LIKENESS_MIN: Final = 0.55
"""From which likeness on a claim is suggested."""
SUGGESTIONS_MAX: Final = 20
_TEXT, _ACTORS, _TARGETS, _DAYS = 0.4, 0.25, 0.2, 0.15
"""What each reason weighs; together 1."""


class Similar(msgspec.Struct, frozen=True, kw_only=True):
    """One claim that may tell of the same happening: `likeness` 0 to 1, and the parts it is the
    weighted sum of: likeness of the words, shared actors and targets, nearness in days."""

    claim: str
    occurred_on: str
    summary: str
    status: Status
    likeness: float
    text: float
    actors: float
    targets: float
    days: float


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """Claims that may tell of the same happening as `claim`, likeliest first.

    Of the same kind and treaty, at most `WINDOW_DAYS` apart, sharing an actor or a target, and a
    target where both name some; without those it is declared the same as, and without those it was
    separated from.
    """

    claim: str
    known_at: str
    similar: tuple[Similar, ...]


def suggestions(
    claim: Claim, candidates: Iterable[Version], *, known_at: str, settled: Collection[str] = ()
) -> Suggestions:
    """The suggestions among `candidates`; `settled`: claims about which the desk has decided."""
    passed_over = {claim.id, *settled}
    found = [
        one
        for version in candidates
        if version.claim.id not in passed_over and (one := _similar(claim, version)) is not None
    ]
    likeliest = sorted(found, key=lambda one: (-one.likeness, one.claim))[:SUGGESTIONS_MAX]
    return Suggestions(claim=claim.id, known_at=known_at, similar=tuple(likeliest))


def settled_of(history: Iterable[Version]) -> set[str]:
    """Claims that this one was ever declared the same as: it still is, or was separated again."""
    return {other for version in history for other in version.same}


def _similar(claim: Claim, version: Version) -> Similar | None:
    other = version.claim
    if (claim.kind, claim.treaty) != (other.kind, other.treaty):
        return None
    gap = max(
        other.date.first_day - claim.date.last_day,
        claim.date.first_day - other.date.last_day,
        timedelta(0),
    )
    actors = _shared([a.key for a in claim.actors], [a.key for a in other.actors])
    targets = _shared(claim.targets, other.targets)
    elsewhere = bool(claim.targets and other.targets) and not targets
    if gap.days > WINDOW_DAYS or elsewhere or not (actors or targets):
        return None
    text = fuzz.token_set_ratio(claim.summary, other.summary) / 100
    days = 1 - gap.days / (WINDOW_DAYS + 1)
    likeness = _TEXT * text + _ACTORS * actors + _TARGETS * targets + _DAYS * days
    if likeness < LIKENESS_MIN:
        return None
    return Similar(
        claim=other.id,
        occurred_on=other.occurred_on,
        summary=other.summary,
        status=version.status,
        likeness=round(likeness, 4),
        text=round(text, 4),
        actors=round(actors, 4),
        targets=round(targets, 4),
        days=round(days, 4),
    )


def _shared(one: Collection[str], other: Collection[str]) -> float:
    """How much two sets have in common, 0 to 1; nothing where either is empty."""
    both = set(one) | set(other)
    return len(set(one) & set(other)) / len(both) if both else 0.0
