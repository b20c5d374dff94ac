"""What governments undertook for the norm, and how they answered those who addressed them; a pure
question over versions that never judges whether a word was kept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from domain.claims import Actor, Status
from domain.facts import COUNTED
from domain.governments import GOVERNMENTS
from projections.histories import Version

What = Literal["commitment", "response"]

COMMITMENT_KINDS: Final = frozenset(
    {"policy_statement", "policy_change", "statement_of_support", "withdrawal_reversed"}
)
"""Kinds by which a government undertakes something, where its stance is for the norm."""
COMMITTED_STANCES: Final = frozenset({"supports_norm", "strengthens"})
RESPONSE_KINDS: Final = frozenset({"official_justification", "mine_use_denied"})
"""Kinds that answer somebody, also where no relation says whom."""
KINDS: Final = COMMITMENT_KINDS | RESPONSE_KINDS
RESPONDS: Final = "responds_to"


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that a government answered: what, by whom, and when; None for what was not known by
    then."""

    claim: str
    kind: str | None = None
    occurred_on: str | None = None
    summary: str | None = None
    actors: tuple[Actor, ...] = ()


class Undertaking(msgspec.Struct, frozen=True, kw_only=True):
    """One commitment or response of one government: a happening, with the claims that tell of it.

    `status` is `accepted` when any of its claims is. `answers`: the claims that a response states
    it responds to, in the order of the claims that state it.
    """

    government: str
    name: str
    what: What
    happening: str
    claim: str
    kind: str
    treaty: str
    occurred_on: str
    day: date
    status: Status
    summary: str
    claims: tuple[str, ...]
    answers: tuple[Answered, ...]


class Undertakings(msgspec.Struct, frozen=True, kw_only=True):
    """The commitments and the responses of governments on the day `on`, as known at `known_at`,
    each in order of happening."""

    on: date
    known_at: str
    commitments: tuple[Undertaking, ...]
    responses: tuple[Undertaking, ...]


def undertakings(
    versions: Iterable[Version], beside: Iterable[Version], *, on: date, known_at: str
) -> Undertakings:
    """What governments undertook and answered up to the day `on`, over counted claims.

    `versions` hold every believed claim of `KINDS` and every one that responds to another, in the
    order of recording; `beside` those that these respond to.
    """
    names = {version.claim.id: version for version in beside}
    groups: dict[tuple[What, str, str], list[Version]] = {}
    for version in versions:
        if version.status not in COUNTED or version.claim.date.representative_day > on:
            continue
        what = _what(version)
        if what is not None:
            for code in _speakers(version):
                groups.setdefault((what, code, version.happening), []).append(version)
    rows = [_row(*key, group, names) for key, group in groups.items()]
    rows.sort(key=lambda row: (row.day, row.government, row.happening))
    return Undertakings(
        on=on,
        known_at=known_at,
        commitments=tuple(row for row in rows if row.what == "commitment"),
        responses=tuple(row for row in rows if row.what == "response"),
    )


def answered_by(versions: Iterable[Version]) -> set[str]:
    """The claims that some versions respond to."""
    return {r.claim for v in versions for r in v.claim.relates_to if r.relation == RESPONDS}


def is_told(version: Version) -> bool:
    """Whether the ledger looks at a version at all."""
    return version.claim.kind in KINDS or bool(answered_by((version,)))


def _what(version: Version) -> What | None:
    claim = version.claim
    if claim.kind in RESPONSE_KINDS or answered_by((version,)):
        return "response"
    if claim.kind == "withdrawal_reversed" or claim.details.stance in COMMITTED_STANCES:
        return "commitment"
    return None


def _speakers(version: Version) -> list[str]:
    """The governments that speak; a reversal is its targets' own."""
    claim = version.claim
    acting = dict.fromkeys(a.code for a in claim.actors if a.code in GOVERNMENTS and a.code)
    if claim.kind == "withdrawal_reversed" and not acting:
        acting = dict.fromkeys(code for code in claim.targets if code in GOVERNMENTS)
    return list(acting)


def _row(
    what: What,
    code: str,
    happening: str,
    group: Sequence[Version],
    names: Mapping[str, Version],
) -> Undertaking:
    first = min(group, key=lambda v: (v.status != "accepted", v.recorded_position))
    claim = first.claim
    answered = dict.fromkeys(
        r.claim for v in group for r in v.claim.relates_to if r.relation == RESPONDS
    )
    return Undertaking(
        government=code,
        name=GOVERNMENTS[code],
        what=what,
        happening=happening,
        claim=claim.id,
        kind=claim.kind,
        treaty=claim.treaty,
        occurred_on=claim.occurred_on,
        day=claim.date.representative_day,
        status=first.status,
        summary=claim.summary,
        claims=tuple(version.claim.id for version in group),
        answers=tuple(_answered(name, names.get(name)) for name in answered),
    )


def _answered(name: str, version: Version | None) -> Answered:
    if version is None:
        return Answered(claim=name)
    claim = version.claim
    return Answered(
        claim=name,
        kind=claim.kind,
        occurred_on=claim.occurred_on,
        summary=claim.summary,
        actors=claim.actors,
    )
