"""What a number would be had a claim another status, from columns; it keeps no supposition."""

from collections.abc import Iterable
from copy import copy
from datetime import date

import numpy as np

from domain.claims import Status
from domain.clocks import KnownAt
from domain.numbers import Figure
from projections.columns import STATUSES, Mask
from projections.figures import Reckoner
from projections.worklists import MeasureName, Narrowing, narrowing


def narrowings_of(
    reckoner: Reckoner, claims: Iterable[int], on: date, known_at: KnownAt
) -> dict[int, list[Narrowing]]:
    """Every interval of one government that a decision about each of some claims would narrow, as
    `projections.worklists.narrowings` has them; claims are named by where they were recorded."""
    seen = reckoner.seen(on, known_at)
    now: dict[MeasureName, Figure] = {}
    found: dict[int, list[Narrowing]] = {}
    for claim in claims:
        places = np.flatnonzero(seen & (reckoner.recorded == claim))
        if not len(places):
            continue
        place = int(places[0])
        accepted, refused = (_supposed(reckoner, place, s) for s in ("accepted", "rejected"))
        for measure in _moved_by(reckoner, place):
            if measure not in now:
                now[measure] = _measured(reckoner, measure, seen, on)
            one = narrowing(
                reckoner.government,
                measure,
                now[measure],
                _measured(accepted, measure, seen, on),
                _measured(refused, measure, seen, on),
            )
            if one is not None:
                found.setdefault(claim, []).append(one)
    return found


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


def _measured(reckoner: Reckoner, measure: MeasureName, seen: Mask, on: date) -> Figure:
    if measure == "erosion":
        return reckoner.erosion(seen, on)
    return reckoner.figure(measure, seen, on)


def _supposed(reckoner: Reckoner, place: int, status: Status) -> Reckoner:
    """The same columns, had one row another status."""
    other = copy(reckoner)
    other.status = reckoner.status.copy()
    other.status[place] = STATUSES.index(status)
    return other
