"""What governments undertook for the norm, and how they answered those who addressed them; a pure
question over versions that never judges whether a word was kept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

import msgspec

from domain.claims import Actor, Status
from domain.facts import COUNTED
from domain.governments import GOVERNMENTS
from projections.histories import Version
from projections.paging import ROWS_MAX, Place

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
    each in order of happening: of `commitments_total` and `responses_total` all, or those of a
    page."""

    on: date
    known_at: str
    commitments: tuple[Undertaking, ...]
    commitments_total: int
    responses: tuple[Undertaking, ...]
    responses_total: int


def undertakings(
    versions: Iterable[Version], beside: Iterable[Version], *, on: date, known_at: str
) -> Undertakings:
    """What governments undertook and answered up to the day `on`, over counted claims.

    `versions` hold every believed claim of `KINDS` and every one that responds to another, in the
    order of recording; `beside` those that these respond to.
    """
    names = {version.claim.id: version for version in beside}
    told = (one for version in versions if (one := told_by(version)) is not None)
    groups = grouped(one for one in told if one.day <= on)
    rows = [answered(row_among(*key, group), names) for key, group in groups.items()]
    return undertaken(rows, on=on, known_at=known_at)


def answered(row: Undertaking, names: Mapping[str, Version]) -> Undertaking:
    """A row with what is known of the claims that it answers, by their names."""
    if not row.answers:
        return row
    answers = tuple(_answered(one.claim, names.get(one.claim)) for one in row.answers)
    return msgspec.structs.replace(row, answers=answers)


class ToldOf(msgspec.Struct, frozen=True, kw_only=True):
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


def told_by(version: Version) -> ToldOf | None:
    """What a version says of a commitment or a response; None where it says nothing that
    counts."""
    if version.status not in COUNTED or (what := _what(version)) is None:
        return None
    claim = version.claim
    return ToldOf(
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


def grouped(some: Iterable[ToldOf]) -> dict[Group, list[ToldOf]]:
    """What is told, by what of whom in which happening."""
    groups: dict[Group, list[ToldOf]] = {}
    for told in some:
        for code in told.speakers:
            groups.setdefault((told.what, code, told.happening), []).append(told)
    return groups


def undertaken(
    rows: Iterable[Undertaking],
    *,
    on: date,
    known_at: str,
    totals: tuple[int, int] | None = None,
) -> Undertakings:
    """Rows as an answer; `totals`: how many commitments and responses there are in all, these
    alone unless said."""
    ordered = sorted(rows, key=place_among)
    commitments = tuple(row for row in ordered if row.what == "commitment")
    responses = tuple(row for row in ordered if row.what == "response")
    all_commitments, all_responses = totals or (len(commitments), len(responses))
    return Undertakings(
        on=on,
        known_at=known_at,
        commitments=commitments,
        commitments_total=all_commitments,
        responses=responses,
        responses_total=all_responses,
    )


def page_of(
    found: Undertakings, after: Place | None = None, rows_max: int = ROWS_MAX
) -> tuple[Undertakings, Place | None]:
    """The page of the ledger that begins after a row, and after which row the next one begins."""
    rows = sorted((*found.commitments, *found.responses), key=place_among)
    rows = [row for row in rows if after is None or place_among(row) > after]
    shown = rows[:rows_max]
    following = place_among(shown[-1]) if len(rows) > len(shown) else None
    totals = found.commitments_total, found.responses_total
    return undertaken(shown, on=found.on, known_at=found.known_at, totals=totals), following


class UndertakenAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What of the ledger is shown: the rows of a government, of commitments or responses, and under
    a treaty, empty for all, in the order `newest`, `oldest` or `government`, and how many rows
    stand before those that are shown."""

    government: str = ""
    what: str = ""
    treaty: str = ""
    order: str = "newest"
    before: int = 0

    @property
    def narrows(self) -> bool:
        """Whether the list shows less than all."""
        return bool(self.government or self.what or self.treaty)

    def takes(self, row: Undertaking) -> bool:
        """Whether a row is asked for."""
        return self.takes_of(row.government, row.what, row.treaty)

    def takes_of(self, government: str, what: What, treaty: str) -> bool:
        """Whether the rows of a government, of a kind and under a treaty are."""
        return (
            self.government in ("", government)
            and self.what in ("", what)
            and self.treaty in ("", treaty)
        )

    def order_by(self, name: Callable[[str], Any]) -> tuple[Callable[[Undertaking], Any], bool]:
        """By what the rows are put in order, and whether backwards; `name`: what governments are
        put in order by."""
        if self.order == "government":
            return lambda row: (name(row.government), _Backwards(latest(row))), False
        return latest, self.order != "oldest"


class _Backwards(msgspec.Struct, frozen=True):
    """What comes before whatever is less than it."""

    key: tuple[date, str, str, str]

    def __lt__(self, other: "_Backwards") -> bool:
        return other.key < self.key


class UndertakenExcerpt(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows of the ledger: how many commitments and responses of which governments
    there are, how many rows are asked for, and those of them that are shown."""

    on: date
    known_at: str
    commitments: int
    responses: int
    governments: frozenset[str]
    total: int
    rows: tuple[Undertaking, ...]


def excerpt_of(
    found: Undertakings, ask: UndertakenAsk, rows_max: int, name: Callable[[str], Any]
) -> UndertakenExcerpt:
    """What a page shows of a whole ledger."""
    everything = (*found.commitments, *found.responses)
    rows = _narrowed(found, ask, name)
    return UndertakenExcerpt(
        on=found.on,
        known_at=found.known_at,
        commitments=len(found.commitments),
        responses=len(found.responses),
        governments=frozenset(row.government for row in everything),
        total=len(rows),
        rows=tuple(rows[ask.before : ask.before + rows_max]),
    )


def _narrowed(
    found: Undertakings, ask: UndertakenAsk, name: Callable[[str], Any]
) -> list[Undertaking]:
    """The rows of a ledger that are asked for, in that order."""
    key, reverse = ask.order_by(name)
    rows = [row for row in (*found.commitments, *found.responses) if ask.takes(row)]
    return sorted(rows, key=key, reverse=reverse)


def latest(row: Undertaking) -> tuple[date, str, str, str]:
    """What orders rows by their days."""
    return row.day, row.happening, row.government, row.what


def place_among(row: Undertaking) -> Place:
    """Where a row stands among all others, of both kinds."""
    return Place(row.day, (row.government, row.happening, row.what))


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


def row_among(what: What, code: str, happening: str, group: Sequence[ToldOf]) -> Undertaking:
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
