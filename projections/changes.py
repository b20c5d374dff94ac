"""What differs between two points of knowledge, and which event made it differ; a pure question
over versions that never says which of the two was right."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final, Literal

import msgspec

from domain.claims import Status
from domain.clocks import HEAD, KnownAt
from domain.errors import InvalidQuestion
from domain.facts import Facts
from domain.governments import GOVERNMENTS
from domain.numbers import Figure
from domain.weights import Weights
from projections.board import BoardRow, board_row, by_government
from projections.histories import Histories, Version, believed

DIFFERENCES_MAX: Final = 1000
"""How many differences one answer lists; narrow the range to see the others."""
CLAIMS_NAMED_MAX: Final = 100
"""How many of the claims that differ are named beside a standing or a number."""
SCORE_STEP_MIN: Final = 0.05
"""The least difference of a score that is told."""
FIELDS: Final = (
    "kind", "treaty", "occurred_on", "actors", "targets", "summary", "details", "sources",
    "relates_to", "visibility",
)  # fmt: skip

MeasureName = Literal["erosion", "pressure", "backing"]
Rows = Mapping[str, BoardRow]


class Passed(msgspec.Struct, frozen=True):
    """A version that came to be believed between two points, and the one it replaced; None for the
    first of its claim. `was_known`: whether any version of it was known at the first point."""

    version: Version
    before: Version | None
    was_known: bool

    @property
    def first_day(self) -> date:
        """The earlier of the days it had and has."""
        days = [v.claim.date.representative_day for v in (self.version, self.before) if v]
        return min(days)


class Touched(msgspec.Struct, frozen=True):
    """A government about which `total` claims say something else at the second point, the first
    `CLAIMS_NAMED_MAX` of them by name."""

    government: str
    claims: tuple[str, ...]
    total: int


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Two points of knowledge: the versions passed on the way, in order of position, of which there
    are `total`, and the governments touched, by code."""

    passed: tuple[Passed, ...]
    total: int
    touched: tuple[Touched, ...]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One event that made a difference to one claim.

    `kind`: `news` where the claim was not known at the first point, `correction` where an earlier
    version of it was. `event` and `position`: what the desk did, and where the log holds it;
    `changed`: the fields that read otherwise since, `status` and `same_as` among them.
    """

    claim: str
    kind: Literal["news", "correction"]
    event: str
    position: int
    known_since: datetime
    backfilled: bool
    version: int
    claim_kind: str
    treaty: str
    occurred_on: str
    targets: tuple[str, ...]
    summary: str
    status_before: Status | None
    status: Status
    changed: tuple[str, ...]
    reason: str | None


class StandingChange(msgspec.Struct, frozen=True, kw_only=True):
    """A standing that reads otherwise at the second point; `claims`: those about the government
    that differ, of which there are `claims_total`; the first `CLAIMS_NAMED_MAX` by name."""

    government: str
    name: str
    treaty: str
    before: str
    after: str
    claims: tuple[str, ...]
    claims_total: int


class ScoreChange(msgspec.Struct, frozen=True, kw_only=True):
    """A number that differs by at least `SCORE_STEP_MIN`; `claims` as in `StandingChange`."""

    government: str
    name: str
    measure: MeasureName
    before: Figure
    after: Figure
    claims: tuple[str, ...]
    claims_total: int


class ChangeList(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between `from_known_at` and `to_known_at`, for the day `on`.

    `total` differences there are, of which the first `DIFFERENCES_MAX` by position are listed;
    standings and scores are compared over all of them.
    """

    on: date
    from_known_at: str
    to_known_at: str
    methods: tuple[str, ...]
    total: int
    differences: tuple[Difference, ...]
    standings: tuple[StandingChange, ...]
    scores: tuple[ScoreChange, ...]


def compared(
    histories: Histories, known_from: KnownAt, known_to: KnownAt, *, until: date
) -> Compared:
    """Two points of knowledge of the same histories.

    `until`: versions that neither happened by that day, nor replaced one that did, are left out.
    """
    passed = [
        Passed(
            version,
            history[version.number - 2] if version.number > 1 else None,
            _is_known(history[0], known_from),
        )
        for history in histories.values()
        for version in history
        if _is_known(version, known_to) and not _is_known(version, known_from)
    ]
    found = sorted((p for p in passed if p.first_day <= until), key=_passing)
    before = (v.facts for v in believed(histories, known_from))
    after = (v.facts for v in believed(histories, known_to))
    return Compared(
        passed=tuple(found[:DIFFERENCES_MAX]),
        total=len(found),
        touched=_touched(before, after, until),
    )


def joined(one: Compared, other: Compared) -> Compared:
    """What two comparisons of the same points say together, where no claim is in both."""
    passed = sorted((*one.passed, *other.passed), key=_passing)[:DIFFERENCES_MAX]
    touched = {each.government: each for each in one.touched}
    for each in other.touched:
        held = touched.get(each.government)
        if held is not None:
            claims = sorted((*held.claims, *each.claims))[:CLAIMS_NAMED_MAX]
            each = Touched(each.government, tuple(claims), held.total + each.total)
        touched[each.government] = each
    return Compared(
        passed=tuple(passed),
        total=one.total + other.total,
        touched=tuple(touched[code] for code in sorted(touched)),
    )


def changes(
    found: Compared,
    before: Rows,
    after: Rows,
    *,
    on: date,
    from_known_at: str,
    to_known_at: str,
    weights: Weights,
) -> ChangeList:
    """What differs between two points, and what that does to standings and numbers on `on`.

    `before` and `after`: the rows of the board at either point, of every government touched.
    """
    rows = [(before[one.government], after[one.government], one) for one in found.touched]
    return ChangeList(
        on=on,
        from_known_at=from_known_at,
        to_known_at=to_known_at,
        methods=weights.methods,
        total=found.total,
        differences=tuple(_difference(p) for p in found.passed),
        standings=tuple(change for row in rows for change in _standings(*row)),
        scores=tuple(change for row in rows for change in _scores(*row)),
    )


def changes_of(
    histories: Histories,
    known_from: KnownAt,
    known_to: KnownAt,
    *,
    on: date,
    from_known_at: str,
    to_known_at: str,
    weights: Weights,
) -> ChangeList:
    """What differs between two points of whole histories, as the readable law tells it."""
    found = compared(histories, known_from, known_to, until=on)
    before, after = [
        rows_of(found, (v.facts for v in believed(histories, known_at)), on, weights)
        for known_at in (known_from, known_to)
    ]
    return changes(
        found,
        before,
        after,
        on=on,
        from_known_at=from_known_at,
        to_known_at=to_known_at,
        weights=weights,
    )


def rows_of(found: Compared, facts: Iterable[Facts], on: date, weights: Weights) -> Rows:
    """The rows of the board of the governments touched, over facts that are believed."""
    grouped = by_government(fact for fact in facts if fact.day <= on)
    return {
        one.government: board_row(one.government, grouped[one.government], on, weights)
        for one in found.touched
    }


def read_range(known_from: KnownAt, known_to: KnownAt) -> None:
    """Check that one point of knowledge comes before the other; InvalidQuestion where it does not,
    or where that cannot be told."""
    detail = None
    if known_from.position is None and known_from.moment is None:
        detail = "say from which point on: seq:N, a day or a timestamp"
    elif known_to.position is not None:
        if known_from.position is None:
            detail = "both points are positions, or both are days or timestamps"
        elif known_from.position > known_to.position:
            detail = f"it comes after {known_to}"
    elif known_to.moment is not None:
        if known_from.moment is None:
            detail = "both points are positions, or both are days or timestamps"
        elif known_from.moment > known_to.moment:
            detail = f"it comes after {known_to}"
    if detail is not None:
        given = "" if known_from == HEAD else str(known_from)
        raise InvalidQuestion(parameter="from_known_at", value=given, detail=detail)


def _passing(passed: Passed) -> tuple[int, int]:
    return passed.version.position, passed.version.recorded_position


def _is_known(version: Version, known_at: KnownAt) -> bool:
    """Whether a version, or one after it, is believed by then."""
    return known_at.holds(version.position, version.known_from)


def _difference(passed: Passed) -> Difference:
    version, before = passed.version, passed.before
    claim = version.claim
    return Difference(
        claim=claim.id,
        kind="correction" if passed.was_known else "news",
        event=version.event,
        position=version.position,
        known_since=version.known_from,
        backfilled=version.backfilled,
        version=version.number,
        claim_kind=claim.kind,
        treaty=claim.treaty,
        occurred_on=claim.occurred_on,
        targets=claim.targets,
        summary=claim.summary,
        status_before=None if before is None else before.status,
        status=version.status,
        changed=() if before is None else _changed(before, version),
        reason=version.reason,
    )


def _changed(before: Version, after: Version) -> tuple[str, ...]:
    names = [f for f in FIELDS if getattr(before.claim, f) != getattr(after.claim, f)]
    if before.status != after.status:
        names.append("status")
    if (before.same, before.happening) != (after.same, after.happening):
        names.append("same_as")
    return tuple(names)


def _touched(before: Iterable[Facts], after: Iterable[Facts], until: date) -> tuple[Touched, ...]:
    was = {f.claim: f for f in before if f.day <= until}
    now = {f.claim: f for f in after if f.day <= until}
    found: dict[str, set[str]] = {}
    for claim in {**was, **now}:
        pair = was.get(claim), now.get(claim)
        if pair[0] != pair[1]:
            for code in (code for fact in pair if fact is not None for code in fact.targets):
                if code in GOVERNMENTS:
                    found.setdefault(code, set()).add(claim)
    return tuple(
        Touched(code, tuple(sorted(claims)[:CLAIMS_NAMED_MAX]), len(claims))
        for code, claims in sorted(found.items())
    )


def _standings(before: BoardRow, after: BoardRow, one: Touched) -> list[StandingChange]:
    return [
        StandingChange(
            government=after.government,
            name=after.name,
            treaty=treaty,
            before=before.standings[treaty].status,
            after=standing.status,
            claims=one.claims,
            claims_total=one.total,
        )
        for treaty, standing in after.standings.items()
        if standing.status != before.standings[treaty].status
    ]


def _scores(before: BoardRow, after: BoardRow, one: Touched) -> list[ScoreChange]:
    pairs: tuple[tuple[MeasureName, Figure, Figure], ...] = (
        ("erosion", before.erosion, after.erosion),
        ("pressure", before.pressure, after.pressure),
        ("backing", before.backing, after.backing),
    )
    return [
        ScoreChange(
            government=after.government,
            name=after.name,
            measure=measure,
            before=was,
            after=now,
            claims=one.claims,
            claims_total=one.total,
        )
        for measure, was, now in pairs
        if abs(now.score - was.score) >= SCORE_STEP_MIN
    ]
