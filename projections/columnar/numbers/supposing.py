"""What a number would be had a claim another status, from columns; it keeps no supposition.

A claim moves what was declared the same as it, and what the same speakers said by the same
instruments within the days of repetition: only that is reckoned anew.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

import numpy as np

from domain.claims import Status
from domain.clocks import KnownAt
from domain.numbers import Figure
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.reckoning import Reckoned, Sums, eroded_figure, voiced_figure
from projections.columnar.terms.entering import ERODING, MEASURES_AT, entered
from projections.columns import POSSIBLE_MAX, Ints, Mask
from projections.worklists import MeasureName, Narrowing, narrowing

WHOLE_ROWS_MAX: Final = 256
"""Of so few claims all are reckoned anew, which gives what the law gives to the last bit."""


def narrowings_of(
    reckoner: Reckoner, claims: Iterable[int], reckoned: Reckoned, *, on: date, known_at: KnownAt
) -> dict[int, list[Narrowing]]:
    """Every interval of one government that a decision about each of some claims would narrow, as
    `projections.worklists.narrowings` has them; claims are named by where they were recorded, and
    the numbers read as `reckoned`."""
    seen = reckoner.seen(on, known_at)
    matched = {measure: reckoner.matched(measure, seen) for measure in MEASURES_AT}
    found: dict[int, list[Narrowing]] = {}
    for claim in claims:
        places = np.flatnonzero(seen & (reckoner.recorded == claim))
        if not len(places):
            continue
        place = int(places[0])
        for measure in _moved_by(reckoner, place):
            how = _Supposing(reckoner, reckoned, measure, matched[measure], seen, on)
            now = getattr(reckoned, measure)
            one = narrowing(
                reckoner.government,
                measure,
                now,
                how.figure(place, "accepted"),
                how.figure(place, "rejected"),
            )
            if one is not None:
                found.setdefault(claim, []).append(one)
    return found


def beside(reckoner: Reckoner, measure: str, place: int, matched: Ints) -> Ints:
    """Of the rows that may enter a number those that decide what the row at a place weighs there,
    or weigh otherwise because of it.

    Those are what the same speaker said by the same instrument as it, or as anything declared the
    same as it; and what was declared the same as any of that, which decides whether that enters.
    """
    if len(matched) <= WHOLE_ROWS_MAX:
        return matched
    columns = reckoner.pieces.columns
    speaker, happening = columns["actor"][matched], columns["happening"][matched]
    profile = columns["profile"][matched]
    mine = matched == place
    own = int(columns["happening"][place])
    if own != reckoner.no_happening:
        mine |= happening == own
    group = np.zeros(len(matched), np.bool_)
    of_rows = matched[mine] if mine.any() else np.array([place])
    for one in of_rows.tolist():
        like = reckoner.profiles_like(measure, one)[profile]
        group |= like & (speaker == columns["actor"][one])
    group |= mine
    told = np.unique(happening[group])
    told = told[told != reckoner.no_happening]
    if len(told):
        group |= np.isin(happening, told)
    found: Ints = matched[group]
    return found


class _Supposing:
    """One number of one government, of which one claim is supposed to have another status."""

    def __init__(
        self,
        reckoner: Reckoner,
        reckoned: Reckoned,
        measure: MeasureName,
        matched: Ints,
        seen: Mask,
        on: date,
    ) -> None:
        self.reckoner, self.reckoned, self.measure = reckoner, reckoned, measure
        self.matched, self.seen, self.on = matched, seen, on

    def figure(self, place: int, status: Status) -> Figure:
        """The number if the claim at a place had that status."""
        other = self.reckoner.supposing(place, status)
        some = np.empty(0, np.int64)
        if self.reckoner.row_of(self.measure, place) >= 0:
            some = np.union1d(beside(self.reckoner, self.measure, place, self.matched), [place])
        before, after = self._sums(self.reckoner, some), self._sums(other, some)
        whole = self.reckoned.sums[self.measure]
        low, middle, high = (
            max(0.0, w - b + a) for w, b, a in zip(whole, before, after, strict=True)
        )
        sums = low, middle, high
        if self.measure != ERODING:
            return voiced_figure(sums)
        floors = self.reckoned.floors
        if place in self.reckoner.legal:
            floors = tuple(other.floors(self.seen, self.on))
        return eroded_figure(sums, floors)

    def _sums(self, reckoner: Reckoner, some: Ints) -> Sums:
        possible = some[reckoner.status[some] <= POSSIBLE_MAX]
        if not len(possible):
            return 0.0, 0.0, 0.0
        on = self.on.toordinal()
        made = entered(reckoner.rows(possible), self.measure, on, reckoner.law)
        return made[0].total, made[1].total, made[2].total


def _moved_by(reckoner: Reckoner, place: int) -> list[MeasureName]:
    """The numbers that one row can move at all."""
    measures: list[MeasureName] = []
    if reckoner.row_of("pressure", place) >= 0:
        measures.append("pressure")
    if reckoner.row_of("erosion", place) >= 0 or place in reckoner.legal:
        measures.append("erosion")
    if reckoner.row_of("backing", place) >= 0 and not reckoner.pieces.columns["own"][place]:
        measures.append("backing")
    return measures
