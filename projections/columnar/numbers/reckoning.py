"""Answers built from what columns were reckoned to, the same ones that the pure questions give from
facts; never any I/O."""

from collections.abc import Mapping
from datetime import date

import msgspec

from domain.claims import Claim
from domain.governments import GOVERNMENTS
from domain.numbers import Figure
from domain.standing import Standing, standing_on
from domain.treaties import TREATIES
from domain.weights import Weights
from projections.board import Board, BoardRow, ClaimCounts, Latest, standing_row
from projections.columnar.numbers.figures import Reckoned
from projections.histories import Heading

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
