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
    told = (one for version in versions if (one := _told(version)) is not None)
    groups = _grouped(one for one in told if one.day <= on)
    rows = [answered(_row(*key, group), names) for key, group in groups.items()]
    return _undertakings(rows, on=on, known_at=known_at)


class Undertaken:
    """What is believed at the position `through` of commitments and responses, kept at hand."""

    def __init__(self) -> None:
        self.through = 0
        self._told: dict[str, _Told] = {}
        self._groups: list[tuple[Group, list[_Told], Undertaking, date, date]] | None = None

    @property
    def claims(self) -> int:
        """How many claims it rests on."""
        return len(self._told)

    def take(self, versions: Iterable[Version], through: int) -> bool:
        """Bring it up to a position: `versions` are those believed there of the claims that were
        touched since."""
        for version in versions:
            told, held = _told(version), self._told.pop(version.claim.id, None)
            if told is not None:
                self._told[told.claim] = told
            if told != held:
                self._groups = None
        self.through = through
        return True

    def on(self, on: date, known_at: str) -> Undertakings:
        """What `undertakings` tells of a day, where nothing were known of the claims that were
        answered; see `answered`."""
        if self._groups is None:
            ordered = sorted(self._told.values(), key=lambda told: told.recorded)
            self._groups = []
            for key, group in _grouped(ordered).items():
                days = [told.day for told in group]
                self._groups.append((key, group, _row(*key, group), min(days), max(days)))
        rows = [
            row if last <= on else _row(*key, [told for told in group if told.day <= on])
            for key, group, row, first, last in self._groups
            if first <= on
        ]
        return _undertakings(rows, on=on, known_at=known_at)


def answered(row: Undertaking, names: Mapping[str, Version]) -> Undertaking:
    """A row with what is known of the claims that it answers, by their names."""
    if not row.answers:
        return row
    answers = tuple(_answered(one.claim, names.get(one.claim)) for one in row.answers)
    return msgspec.structs.replace(row, answers=answers)


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a counted claim says of a commitment or a response."""

    what: What
    speakers: tuple[str, ...]
    happening: str
    claim: str
    kind: str
    treaty: str
    occurred_on: str
    day: date
    recorded: int
    status: Status
    summary: str
    answers: tuple[str, ...]


Group = tuple[What, str, str]


def _told(version: Version) -> _Told | None:
    if version.status not in COUNTED or (what := _what(version)) is None:
        return None
    claim = version.claim
    return _Told(
        what=what,
        speakers=tuple(_speakers(version)),
        happening=version.happening,
        claim=claim.id,
        kind=claim.kind,
        treaty=claim.treaty,
        occurred_on=claim.occurred_on,
        day=claim.date.representative_day,
        recorded=version.recorded_position,
        status=version.status,
        summary=claim.summary,
        answers=tuple(r.claim for r in claim.relates_to if r.relation == RESPONDS),
    )


def _grouped(some: Iterable[_Told]) -> dict[Group, list[_Told]]:
    groups: dict[Group, list[_Told]] = {}
    for told in some:
        for code in told.speakers:
            groups.setdefault((told.what, code, told.happening), []).append(told)
    return groups


def _undertakings(rows: list[Undertaking], *, on: date, known_at: str) -> Undertakings:
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


def _row(what: What, code: str, happening: str, group: Sequence[_Told]) -> Undertaking:
    """One row; nothing is told yet of the claims that it answers."""
    first = min(group, key=lambda told: (told.status != "accepted", told.recorded))
    answers = dict.fromkeys(name for told in group for name in told.answers)
    return Undertaking(
        government=code,
        name=GOVERNMENTS[code],
        what=what,
        happening=happening,
        claim=first.claim,
        kind=first.kind,
        treaty=first.treaty,
        occurred_on=first.occurred_on,
        day=first.day,
        status=first.status,
        summary=first.summary,
        claims=tuple(told.claim for told in group),
        answers=tuple(Answered(claim=name) for name in answers),
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
