"""The board: every government's standings, numbers and claims on a day; a pure question over
facts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from domain.facts import COUNTED, Facts
from domain.governments import GOVERNMENTS
from domain.numbers import Figure, backing, erosion, figure, pressure
from domain.standing import Standing, Status, standing_on
from domain.treaties import TREATIES
from domain.weights import Weights


class StandingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A standing as lists show it; see `domain.standing.Standing` for the meaning of each field."""

    status: Status
    stage: str | None
    since: date | None
    expected_on: date | None
    confirmed: bool | None
    claimed: str | None
    disputed_by: tuple[str, ...]
    reason: str | None
    about: bool


class ClaimCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many claims concern a government, by status."""

    accepted: int
    pending: int
    contested: int


class Latest(msgspec.Struct, frozen=True, kw_only=True):
    """The latest counted claim about a government."""

    claim: str
    occurred_on: str
    kind: str
    summary: str


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One government on the board; scores run from 0 to 100."""

    government: str
    name: str
    standings: dict[str, StandingRow]
    erosion: Figure
    pressure: Figure
    backing: Figure
    claims: ClaimCounts
    latest: Latest | None


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """Every government on the day `on`, as known at `known_at`, sorted by code."""

    on: date
    known_at: str
    methods: tuple[str, ...]
    governments: tuple[BoardRow, ...]


def by_government(facts: Iterable[Facts]) -> dict[str, list[Facts]]:
    """The facts that concern each government of the status table, by its code."""
    found: dict[str, list[Facts]] = {code: [] for code in GOVERNMENTS}
    for fact in facts:
        for code in fact.targets:
            if code in found:
                found[code].append(fact)
    return found


def board(facts: Iterable[Facts], *, on: date, known_at: str, weights: Weights) -> Board:
    """The board on the day `on` over the claims believed at `known_at`."""
    grouped = by_government(facts)
    rows = tuple(board_row(code, grouped[code], on, weights) for code in sorted(grouped))
    return Board(
        on=on,
        known_at=known_at,
        methods=weights.methods,
        governments=rows,
    )


def board_row(government: str, facts: Sequence[Facts], on: date, weights: Weights) -> BoardRow:
    """The row of one government, from the facts that concern it."""
    happened = [f for f in facts if f.day <= on]
    counted = [f for f in happened if f.status in COUNTED]
    last = max(counted, key=lambda f: f.order, default=None)
    return BoardRow(
        government=government,
        name=GOVERNMENTS[government],
        standings={
            code: standing_row(standing_on(treaty, government, facts, on))
            for code, treaty in TREATIES.items()
        },
        erosion=figure(erosion(facts, government, on, weights)),
        pressure=figure(pressure(facts, government, on, weights)),
        backing=figure(backing(facts, government, on, weights)),
        claims=_count_claims(happened),
        latest=None if last is None else _latest(last),
    )


def _latest(fact: Facts) -> Latest:
    return Latest(
        claim=fact.claim, occurred_on=fact.occurred_on, kind=fact.kind, summary=fact.summary
    )


def _count_claims(facts: Iterable[Facts]) -> ClaimCounts:
    """How many of the claims are accepted, pending and contested."""
    counts: Mapping[str, int] = _tally(f.status for f in facts)
    return ClaimCounts(
        accepted=counts.get("accepted", 0),
        pending=counts.get("pending", 0),
        contested=counts.get("contested", 0),
    )


def standing_row(standing: Standing) -> StandingRow:
    """A standing as lists show it."""
    return StandingRow(
        status=standing.status,
        stage=standing.stage,
        since=standing.since,
        expected_on=standing.expected_on,
        confirmed=standing.confirmed,
        claimed=standing.claimed,
        disputed_by=standing.disputed_by,
        reason=standing.reason,
        about=standing.about,
    )


def _tally(words: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts
