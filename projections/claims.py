"""Claims as lists and pages show them: what is believed, how it came about; pure questions over
versions."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal

import msgspec

from domain.claims import Actor, Claim, Relation, Source, Status, Visibility
from domain.clocks import KnownAt
from domain.details import Details
from domain.events import WORDS, SignatoryWithdrawn, SourceAdded
from domain.known import STATUS_AFTER
from projections.histories import History, Version, version_at

VERDICTS: Final = frozenset(WORDS[event] for event in STATUS_AFTER)
"""Words for the steps that give a claim its status."""


class ClaimRow(msgspec.Struct, frozen=True, kw_only=True):
    """One claim as believed: the contract's fields of a claim, then what the system holds beside
    them.

    `position`: where it was recorded. `known_since`: from when this version counts as known;
    `backfilled` marks history brought in afterwards. `version`: its number, from 1. `same_as`:
    claims declared the same. `withdrawn`: who signed it and took that back; `contested_by`: who
    disputes it, where it is contested.
    """

    id: str
    kind: str
    treaty: str
    occurred_on: str
    actors: tuple[Actor, ...]
    targets: tuple[str, ...]
    summary: str
    details: Details
    sources: tuple[Source, ...]
    relates_to: tuple[Relation, ...]
    visibility: Visibility
    status: Status
    position: int
    version: int
    recorded_at: datetime
    recorded_by: str
    known_since: datetime
    backfilled: bool
    happening: str
    same_as: tuple[str, ...]
    withdrawn: tuple[Actor, ...]
    contested_by: tuple[Actor, ...]


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """One step in the life of a claim: what was decided, where, when, by whom and why.

    `backfilled` marks what was brought in afterwards. `changed`: fields of the claim that read
    otherwise than before; `signatory`: who withdrew.
    """

    version: int
    event: str
    position: int
    decided_at: datetime
    decided_by: str
    known_since: datetime
    backfilled: bool
    reason: str | None
    status: Status
    contested_by: tuple[Actor, ...] = ()
    sources: tuple[Source, ...] = ()
    superseded_by: str | None = None
    changed: tuple[str, ...] = ()
    signatory: Actor | None = None


class Related(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that this one relates to (`to`) or that relates to this one (`from`).

    `author`: who says so, always there for a claimed cause that was recorded here. What the other
    claim says is None where it was not known by then.
    """

    claim: str
    relation: str
    direction: Literal["to", "from"]
    author: Actor | None = None
    kind: str | None = None
    occurred_on: str | None = None
    summary: str | None = None
    status: Status | None = None


class ClaimPage(ClaimRow, frozen=True, kw_only=True):
    """One claim in full: as believed, with every version, decision and relation known by then."""

    versions: tuple[ClaimRow, ...]
    decisions: tuple[Decided, ...]
    related: tuple[Related, ...]


class ClaimList(msgspec.Struct, frozen=True, kw_only=True):
    """Claims believed at `known_at`, newest first."""

    known_at: str
    claims: tuple[ClaimRow, ...]


def claim_row(version: Version) -> ClaimRow:
    """One version as lists show it."""
    return ClaimRow(**_fields(version))


def claim_page(history: History, beside: Sequence[Version], known_at: KnownAt) -> ClaimPage | None:
    """A claim in full at `known_at`, or None where it was not known yet.

    `beside`: believed claims among which are those that it relates to or that relate to it.
    """
    now = version_at(history, known_at)
    if now is None:
        return None
    known = [v for v in history if v.number <= now.number]
    return ClaimPage(
        **_fields(now),
        versions=tuple(claim_row(v) for v in known),
        decisions=tuple(_decided(*pair) for pair in zip(known, (None, *known), strict=False)),
        related=tuple(_related_claims(now.claim, beside)),
    )


def _related_claims(claim: Claim, beside: Sequence[Version]) -> Iterator[Related]:
    """The relations of a claim, first those it states, then those that claims `beside` it state
    towards it."""
    others = {version.claim.id: version for version in beside}
    for relation in claim.relates_to:
        yield _related(relation, "to", relation.claim, others.get(relation.claim))
    for name, version in sorted(others.items(), key=lambda item: item[1].recorded_position):
        for relation in version.claim.relates_to:
            if relation.claim == claim.id:
                yield _related(relation, "from", name, version)


def _related(
    relation: Relation, direction: Literal["to", "from"], name: str, other: Version | None
) -> Related:
    return Related(
        claim=name,
        relation=relation.relation,
        direction=direction,
        author=relation.author,
        kind=None if other is None else other.claim.kind,
        occurred_on=None if other is None else other.claim.occurred_on,
        summary=None if other is None else other.claim.summary,
        status=None if other is None else other.status,
    )


def claim_list(versions: Sequence[Version], *, known_at: str) -> ClaimList:
    """Claims in the order given."""
    return ClaimList(known_at=known_at, claims=tuple(claim_row(v) for v in versions))


def newest_first(versions: Sequence[Version], on: date | None) -> list[Version]:
    """Versions by representative day and place of recording, latest first; up to the day `on`."""
    found = [v for v in versions if on is None or v.claim.date.representative_day <= on]
    return sorted(
        found, key=lambda v: (v.claim.date.representative_day, v.recorded_position), reverse=True
    )


def _fields(version: Version) -> dict[str, Any]:
    claim = version.claim
    return {
        **{name: getattr(claim, name) for name in claim.__struct_fields__},
        "status": version.status,
        "position": version.recorded_position,
        "version": version.number,
        "recorded_at": version.recorded_at,
        "recorded_by": version.recorded_by,
        "known_since": version.known_from,
        "backfilled": version.backfilled,
        "happening": version.happening,
        "same_as": version.same,
        "withdrawn": version.withdrawn,
        "contested_by": version.contested_by,
    }


def _decided(version: Version, before: Version | None) -> Decided:
    is_verdict = version.event in VERDICTS
    changed: tuple[str, ...] = ()
    signatory: Actor | None = None
    sources = version.decision_sources if is_verdict else ()
    if before is not None:
        names = version.claim.__struct_fields__
        changed = tuple(n for n in names if getattr(version.claim, n) != getattr(before.claim, n))
        if version.event == WORDS[SourceAdded]:
            sources = tuple(s for s in version.claim.sources if s not in before.claim.sources)
        elif version.event == WORDS[SignatoryWithdrawn]:
            signatory = version.withdrawn[-1]
    return Decided(
        version=version.number,
        event=version.event,
        position=version.position,
        decided_at=version.decided_at,
        decided_by=version.decided_by,
        known_since=version.known_from,
        backfilled=version.backfilled,
        reason=version.reason,
        status=version.status,
        contested_by=version.contested_by if is_verdict else (),
        sources=sources,
        superseded_by=version.superseded_by if is_verdict else None,
        changed=changed,
        signatory=signatory,
    )
