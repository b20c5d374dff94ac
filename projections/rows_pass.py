"""What one government's row of the board says, told while its claims pass by in order; the same as
the plain question `projections.board.board_row` says of all of them together."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Final, get_args

import msgspec

from domain.facts import COUNTED, Facts
from domain.governments import GOVERNMENTS
from domain.numbers import Figure, eroded, voiced
from domain.standing import Standing
from domain.weights import MEASURES, Weights
from projections.board import BoardRow, ClaimCounts, Latest, standing_row
from projections.law_pass import Entry, LawPass
from projections.numbers_pass import NUMBERS, Look, NumbersPass
from projections.worklists import MeasureName, Narrowing, narrowing

MEASURE_NAMES: Final[tuple[MeasureName, ...]] = get_args(MeasureName)


class Tally(msgspec.Struct):
    """How many claims about a government there are by status, and the latest that counts."""

    accepted: int = 0
    pending: int = 0
    contested: int = 0
    order: tuple[date, int] | None = None
    latest: Latest | None = None

    def take(self, fact: Facts) -> None:
        """Count one claim, in any order."""
        if fact.status == "accepted":
            self.accepted += 1
        elif fact.status == "pending":
            self.pending += 1
        elif fact.status == "contested":
            self.contested += 1
        if fact.status in COUNTED and (self.order is None or fact.order > self.order):
            self.order = fact.order
            self.latest = Latest(
                claim=fact.claim, occurred_on=fact.occurred_on, kind=fact.kind, summary=fact.summary
            )


class Reckoned:
    """What is told of one government in one pass on a day."""

    def __init__(
        self,
        entries: Iterable[Entry],
        on: date,
        weights: Weights,
        *,
        look: Look | None = None,
        names_surprises: bool = False,
    ) -> None:
        self._law = LawPass(on, weights, names_surprises=names_surprises)
        self._numbers = NumbersPass(look)
        for is_number, some in groupby(entries, key=_is_number):
            one: LawPass | NumbersPass = self._numbers if is_number else self._law
            one.take(some)
        self.standings: dict[str, Standing] = self._law.standings()
        self.floor, self.floor_claim = self._law.floor()[0]

    def figure(self, measure: str, supposition: int | None = None) -> Figure:
        """A number, as it is or as one supposes."""
        sums = self._numbers.sums(measure, supposition)
        if measure != "erosion":
            return voiced(sums)
        return eroded([floor for floor, _ in self._law.floor(supposition)], sums)

    def figures(self, supposition: int | None = None) -> dict[str, Figure]:
        """The three numbers."""
        return {measure: self.figure(measure, supposition) for measure in MEASURES}

    def sum_of(self, measure: str) -> float:
        """What the terms of a number's score come to."""
        return self._numbers.sums(measure)[0]

    def share(self, measure: str) -> float:
        """What the terms of a number's score share: all of it but the floor of an erosion."""
        score = self.figure(measure).score
        return score - self.floor if measure == "erosion" else score


def row_told(government: str, reckoned: Reckoned, tally: Tally) -> BoardRow:
    """The row of one government."""
    return BoardRow(
        government=government,
        name=GOVERNMENTS[government],
        standings={code: standing_row(one) for code, one in reckoned.standings.items()},
        **reckoned.figures(),
        claims=ClaimCounts(
            accepted=tally.accepted, pending=tally.pending, contested=tally.contested
        ),
        latest=tally.latest,
    )


def narrowings_told(
    government: str, reckoned: Reckoned, accepted: int, refused: int
) -> list[Narrowing]:
    """Every interval of a government that a decision about a claim would narrow, given the numbers
    of two suppositions: that it were accepted, and that it were refused."""
    now, *supposed = (reckoned.figures(one) for one in (None, accepted, refused))
    each = (
        narrowing(government, measure, now[measure], *(one[measure] for one in supposed))
        for measure in MEASURE_NAMES
    )
    return [one for one in each if one is not None]


def _is_number(entry: Entry) -> bool:
    return bool(entry[0][0] == NUMBERS)
