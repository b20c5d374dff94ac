"""The desk's two worklists: governments that erode much and hear little, and claims that wait in
the order in which deciding them would narrow what is published; it weighs nothing anew."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from domain.claims import Status
from domain.errors import InvalidQuestion
from domain.facts import Facts
from domain.governments import GOVERNMENTS
from domain.numbers import Figure, Measure, figure
from domain.weights import Weights
from projections.board import Board, by_government
from projections.dossier import MEASURES
from projections.histories import Version

LITTLE_CRITICISED: Final = "eroding-little-criticised"
LISTS: Final = (LITTLE_CRITICISED,)
"""The lists that the board can be narrowed to."""
WAITING: Final[tuple[Status, ...]] = ("pending", "contested")
"""Statuses of claims that wait for a decision."""
RANKED_MAX: Final = 100
"""How many of the claims that wait are put in order; more than a desk works off in a week."""
TARGETS_RANKED_MAX: Final = 8
"""Of how many governments it is reckoned what a decision about one claim would change."""
POINTS_MIN: Final = 0.005
"""By less than this an interval is not called narrower."""

MeasureName = Literal["pressure", "erosion", "backing"]


class Listed(Board, frozen=True, kw_only=True):
    """The rows of the board that belong to the list of that name, sorted by code."""

    list: str


class Narrowing(msgspec.Struct, frozen=True, kw_only=True):
    """One published interval that a decision about a claim would narrow: as it reads now, if the
    claim were accepted, and if it were refused; `points`: how much narrower the better of the two
    makes it."""

    government: str
    name: str
    measure: MeasureName
    now: Figure
    accepted: Figure
    refused: Figure
    points: float


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    """One claim that waits; `points`: how much narrower a decision makes the interval that it
    narrows most, 0 where it narrows none; `intervals`: all that it narrows, the one of most points
    first."""

    claim: str
    position: int
    kind: str
    treaty: str
    occurred_on: str
    targets: tuple[str, ...]
    summary: str
    status: Status
    recorded_by: str
    points: float
    intervals: tuple[Narrowing, ...]


class ReviewQueue(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that wait on the day `on`, as known at `known_at`, most useful first, those that
    are equally useful in the order of recording.

    Of more than `RANKED_MAX` claims those recorded first are ranked; `more` then says that others
    wait behind them.
    """

    on: date
    known_at: str
    methods: tuple[str, ...]
    more: bool
    claims: tuple[Queued, ...]


def read_list(text: str | None) -> str | None:
    """The name of a list; None for None, InvalidQuestion where there is no such list."""
    if text is None or text in LISTS:
        return text
    detail = f"use {' or '.join(LISTS)}, or leave it out for the whole board"
    raise InvalidQuestion(parameter="list", value=text[:80], detail=detail)


def is_little_criticised(erosion: Figure | Measure, pressure: Figure | Measure) -> bool:
    """Whether the interval of erosion lies wholly above that of pressure."""
    return erosion.low > pressure.high


def listed(board: Board, name: str) -> Listed:
    """The rows of the board that belong to one of `LISTS`."""
    rows = tuple(r for r in board.governments if is_little_criticised(r.erosion, r.pressure))
    return Listed(
        on=board.on, known_at=board.known_at, methods=board.methods, governments=rows, list=name
    )


def narrowing(
    government: str, measure: MeasureName, now: Figure, accepted: Figure, refused: Figure
) -> Narrowing | None:
    """What a decision would do to one interval; None where neither decision narrows it."""
    points = _width(now) - min(_width(accepted), _width(refused))
    if points < POINTS_MIN:
        return None
    return Narrowing(
        government=government,
        name=GOVERNMENTS[government],
        measure=measure,
        now=now,
        accepted=accepted,
        refused=refused,
        points=points,
    )


def narrowings(
    claim: str, government: str, facts: Sequence[Facts], on: date, weights: Weights
) -> list[Narrowing]:
    """Every interval of one government that a decision about `claim` would narrow, by the readable
    law; columns reckon the same for long histories."""
    found: list[Narrowing] = []
    supposed = [
        [msgspec.structs.replace(f, status=status) if f.claim == claim else f for f in facts]
        for status in ("accepted", "rejected")
    ]
    for name, of in MEASURES.items():
        now, accepted, refused = (
            figure(of(some, government, on, weights)) for some in (facts, *supposed)
        )
        measure: MeasureName = name  # type: ignore[assignment]  # the names of MEASURES
        one = narrowing(government, measure, now, accepted, refused)
        if one is not None:
            found.append(one)
    return found


def review_queue(
    versions: Sequence[Version], *, on: date, known_at: str, weights: Weights
) -> ReviewQueue:
    """The queue over the claims believed at `known_at`, in the order of recording."""
    waiting = [v for v in versions if v.status in WAITING]
    grouped = by_government(v.facts for v in versions)
    narrowed = {
        version.claim.id: [
            one
            for code in version.claim.targets[:TARGETS_RANKED_MAX]
            if code in GOVERNMENTS
            for one in narrowings(version.claim.id, code, grouped[code], on, weights)
        ]
        for version in waiting[:RANKED_MAX]
    }
    return ranked(waiting, narrowed, on=on, known_at=known_at, methods=weights.methods)


def ranked(
    versions: Sequence[Version],
    narrowed: Mapping[str, Iterable[Narrowing]],
    *,
    on: date,
    known_at: str,
    methods: tuple[str, ...],
) -> ReviewQueue:
    """The queue of the claims that wait, most useful first; `versions`: they, those recorded first
    or those recorded last, and one more than `RANKED_MAX` where there are more; `narrowed`:
    what deciding each narrows."""
    claims = [_queued(v, narrowed.get(v.claim.id, ())) for v in versions[:RANKED_MAX]]
    claims.sort(key=lambda queued: (-round(queued.points, 9), queued.position))
    return ReviewQueue(
        on=on,
        known_at=known_at,
        methods=methods,
        more=len(versions) > RANKED_MAX,
        claims=tuple(claims),
    )


def by_recording(queue: ReviewQueue, *, newest: bool) -> ReviewQueue:
    """A queue in the order of recording: the oldest first, or the newest."""
    claims = sorted(queue.claims, key=lambda queued: queued.position, reverse=newest)
    return msgspec.structs.replace(queue, claims=tuple(claims))


def _queued(version: Version, narrowed: Iterable[Narrowing]) -> Queued:
    claim = version.claim
    intervals = sorted(narrowed, key=lambda n: (-round(n.points, 9), n.government, n.measure))
    return Queued(
        claim=claim.id,
        position=version.recorded_position,
        kind=claim.kind,
        treaty=claim.treaty,
        occurred_on=claim.occurred_on,
        targets=claim.targets,
        summary=claim.summary,
        status=version.status,
        recorded_by=version.recorded_by,
        points=intervals[0].points if intervals else 0.0,
        intervals=tuple(intervals),
    )


def _width(figure: Figure) -> float:
    return figure.high - figure.low
