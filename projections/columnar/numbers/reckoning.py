"""What is reckoned of a government, however its claims are held, and the answers built from that,
as the pure questions give them from facts; never any I/O."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import exp

import msgspec

from domain.claims import Claim
from domain.facts import Facts
from domain.governments import GOVERNMENTS
from domain.numbers import SCALE, Figure
from domain.standing import Standing, standing_on
from domain.treaties import TREATIES
from domain.weights import Weights
from projections.board import Board, BoardRow, ClaimCounts, Latest, standing_row
from projections.columnar.legal.legal import Floor
from projections.histories import Heading

Sums = tuple[float, float, float]
"""The sums of the terms that enter the score, the low and the high bound."""


class LatestAt(msgspec.Struct, frozen=True):
    """Where the latest counted claim stands: its day, where it was recorded, and its version."""

    day: int
    recorded: int
    position: int


class Reckoned(msgspec.Struct, frozen=True, kw_only=True):
    """One government on a day: its numbers, how many claims, the latest of them, and the few facts
    that its standings follow from, which name claims by where they were recorded.

    `standings`: under each treaty, where the law was asked already; `sums`: of the terms of each
    number, and the legal `floors` of erosion, in the score, the low and the high bound; `floor`:
    that of the score, with where its claim was recorded; `acts` and `voices`: how many claims enter
    erosion, the floor being one, and pressure; `heard`: the last one that enters pressure.
    """

    erosion: Figure
    pressure: Figure
    backing: Figure
    claims: ClaimCounts
    latest: LatestAt | None
    legal: tuple[Facts, ...]
    standings: dict[str, Standing] | None = None
    sums: dict[str, Sums] = {}
    floors: tuple[Floor, ...] = ()
    floor: float = 0.0
    floor_at: int | None = None
    acts: int = 0
    voices: int = 0
    heard: LatestAt | None = None


_NOTHING = Figure(score=0.0, low=0.0, high=0.0)
NOTHING: Reckoned = Reckoned(
    erosion=_NOTHING,
    pressure=_NOTHING,
    backing=_NOTHING,
    claims=ClaimCounts(accepted=0, pending=0, contested=0),
    latest=None,
    legal=(),
    standings=dict.fromkeys(TREATIES, Standing()),
)
"""What is reckoned of a government that no claim concerns."""


def reckoned_of(
    sums: dict[str, Sums],
    floors: Sequence[Floor],
    statuses: Sequence[int],
    *,
    acts: int,
    voices: int,
    latest: LatestAt | None,
    heard: LatestAt | None,
    legal: Sequence[Facts] = (),
    standings: dict[str, Standing] | None = None,
) -> Reckoned:
    """One government, of which `statuses` says how many claims have each that may be true, and
    `acts` how many of conduct enter erosion."""
    floor, at = floors[0]
    accepted, contested, pending = statuses
    return Reckoned(
        erosion=eroded_figure(sums["erosion"], floors),
        pressure=voiced_figure(sums["pressure"]),
        backing=voiced_figure(sums["backing"]),
        claims=ClaimCounts(accepted=accepted, pending=pending, contested=contested),
        latest=latest,
        legal=tuple(legal),
        standings=standings,
        sums=sums,
        floors=tuple(floors),
        floor=floor,
        floor_at=None if at is None else int(at),
        acts=acts + (at is not None),
        voices=voices,
        heard=heard,
    )


def voiced_figure(totals: Sums) -> Figure:
    """Pressure or backing from the sums of its score, its low and its high bound."""
    return _figure([100.0 * (1.0 - exp(-total / SCALE)) for total in totals])


def eroded_figure(totals: Sums, floors: Sequence[Floor]) -> Figure:
    """Erosion from its sums and the legal floors."""
    return _figure(
        [
            100.0 * (1.0 - (1.0 - floor / 100.0) * exp(-total / SCALE))
            for total, (floor, _) in zip(totals, floors, strict=True)
        ]
    )


def _figure(scores: list[float]) -> Figure:
    return Figure(score=scores[0], low=min(scores[0], scores[1]), high=max(scores[0], scores[2]))


def board_row_of(government: str, found: Reckoned, latest: Latest | None, on: date) -> BoardRow:
    """The row of one government; `latest` is the claim that `found.latest` names."""
    return BoardRow(
        government=government,
        name=GOVERNMENTS[government],
        standings={
            code: standing_row(one) for code, one in standings_of(government, found, on).items()
        },
        erosion=found.erosion,
        pressure=found.pressure,
        backing=found.backing,
        claims=found.claims,
        latest=latest,
    )


def settled(government: str, found: Reckoned, on: date) -> Reckoned:
    """What was reckoned with the standings that its legal facts make, instead of these."""
    standings = standings_of(government, found, on)
    return msgspec.structs.replace(found, legal=(), standings=standings)


def standings_of(government: str, found: Reckoned, on: date) -> dict[str, Standing]:
    """The standing of one government under each treaty."""
    if found.standings is not None:
        return found.standings
    return {
        code: standing_on(treaty, government, found.legal, on) for code, treaty in TREATIES.items()
    }


def standings_under(found: Mapping[str, Reckoned], on: date) -> dict[str, dict[str, Standing]]:
    """The standing of every government under each treaty, by treaty and government."""
    return by_treaty({code: standings_of(code, one, on) for code, one in found.items()})


def by_treaty(found: Mapping[str, Mapping[str, Standing]]) -> dict[str, dict[str, Standing]]:
    """Standings by treaty and government, of those by government and treaty."""
    codes = sorted(found)
    return {treaty: {code: found[code][treaty] for code in codes} for treaty in TREATIES}


def latest_of(claim: Claim | Heading) -> Latest:
    """A claim as the board shows the latest one."""
    return Latest(
        claim=claim.id, occurred_on=claim.occurred_on, kind=claim.kind, summary=claim.summary
    )


def reckoned_board(
    rows: Mapping[str, BoardRow], *, on: date, known_at: str, weights: Weights
) -> Board:
    """The board of some rows, one for every government of the status table."""
    return Board(
        on=on,
        known_at=known_at,
        methods=weights.methods,
        governments=tuple(rows[code] for code in sorted(GOVERNMENTS)),
    )
