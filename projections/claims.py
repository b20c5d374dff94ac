"""Claims as lists and pages show them: what is believed, how it came about; pure questions over
versions."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from domain.claims import Actor, Relation, Source, Status, Visibility
from domain.clocks import KnownAt
from domain.details import Details
from projections.histories import History, Version, version_at


class ClaimRow(msgspec.Struct, frozen=True, kw_only=True):
    """One claim as believed: the contract's fields of a claim, then what the system holds beside
    them.

    `position`: where it was recorded. `known_since`: from when this version counts as known;
    `backfilled` marks history brought in afterwards. `version`: its number, from 1. `same_as`:
    claims declared the same.
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


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """One step in the life of a claim: what was decided, where, when, by whom and why."""

    version: int
    event: str
    position: int
    decided_at: datetime
    decided_by: str
    known_since: datetime
    reason: str | None
    status: Status
    contested_by: tuple[Actor, ...] = ()
    sources: tuple[Source, ...] = ()
    superseded_by: str | None = None


class Related(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that this one relates to (`to`) or that relates to this one (`from`)."""

    claim: str
    relation: str
    direction: Literal["to", "from"]


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


def claim_page(
    history: History, relating: Sequence[tuple[str, str]], known_at: KnownAt
) -> ClaimPage | None:
    """A claim in full at `known_at`, or None where it was not known yet.

    `relating`: claims that relate to this one, as (claim, relation).
    """
    now = version_at(history, known_at)
    if now is None:
        return None
    known = [v for v in history if v.number <= now.number]
    return ClaimPage(
        **_fields(now),
        versions=tuple(claim_row(v) for v in known),
        decisions=tuple(_decided(v) for v in known),
        related=(
            *(
                Related(claim=r.claim, relation=r.relation, direction="to")
                for r in now.claim.relates_to
            ),
            *(
                Related(claim=claim, relation=relation, direction="from")
                for claim, relation in relating
            ),
        ),
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
    }


def _decided(version: Version) -> Decided:
    return Decided(
        version=version.number,
        event=version.event,
        position=version.position,
        decided_at=version.decided_at,
        decided_by=version.decided_by,
        known_since=version.known_from,
        reason=version.reason,
        status=version.status,
        contested_by=version.contested_by,
        sources=version.decision_sources,
        superseded_by=version.superseded_by,
    )
