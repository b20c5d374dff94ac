"""What single claims add to the numbers of one government, found without reckoning the whole anew;
never any I/O."""

from collections.abc import Callable, Iterable
from datetime import date

import numpy as np

from domain.clocks import KnownAt
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.reckoning import Reckoned
from projections.columnar.numbers.supposing import beside
from projections.columnar.terms.entering import ERODING, entered
from projections.columns import COUNTED_MAX, Mask
from projections.mornings import EFFECT_MIN, SHOWN, Effect


def effects_of(
    reckoner: Reckoner, claims: Iterable[int], reckoned: Reckoned, *, on: date, known_at: KnownAt
) -> dict[int, list[Effect]]:
    """What each of some claims, named by where they were recorded, does to the numbers of a
    government, which read as `reckoned`."""
    seen = reckoner.seen(on, known_at)

    def weighs(measure: str, claim: int) -> list[float]:
        places = np.flatnonzero(seen & (reckoner.recorded == claim)).tolist()
        return [_weighs(reckoner, measure, place, seen, on) for place in places]

    return effects_by(reckoner.government, claims, reckoned, weighs)


def effects_by(
    government: str,
    claims: Iterable[int],
    reckoned: Reckoned,
    weighs: Callable[[str, int], Iterable[float]],
) -> dict[int, list[Effect]]:
    """The same, given what a claim weighs in the score of a number."""
    found: dict[int, list[Effect]] = {}
    for claim in claims:
        some = found[claim] = []
        for measure in SHOWN:
            if measure == ERODING and reckoned.floor and reckoned.floor_at == claim:
                some.append(_effect(government, measure, reckoned.floor, is_floor=True))
            whole = getattr(reckoned, measure).score
            whole -= reckoned.floor if measure == ERODING else 0.0
            total = reckoned.sums[measure][0]
            for c in weighs(measure, claim):
                if total and (points := whole * c / total) >= EFFECT_MIN:
                    some.append(_effect(government, measure, points, is_floor=False))
    return found


def _effect(government: str, measure: str, points: float, *, is_floor: bool) -> Effect:
    return Effect(
        government=government,
        measure=measure,  # type: ignore[arg-type]  # it is one of `SHOWN`
        points=points,
        is_floor=is_floor,
    )


def _weighs(reckoner: Reckoner, measure: str, place: int, seen: Mask, on: date) -> float:
    """What the claim at a place weighs in the score of a number, 0 where it does not enter.

    That depends on what the same speaker said by the same instrument, and on what was declared the
    same as any of it: nothing else is looked at.
    """
    if reckoner.row_of(measure, place) < 0 or reckoner.status[place] > COUNTED_MAX:
        return 0.0
    some = beside(reckoner, measure, place, reckoner.matched(measure, seen))
    score = entered(reckoner.rows(some), measure, on.toordinal(), reckoner.law)[0]
    mine = np.flatnonzero(some[score.places] == place)
    return float(score.c[mine[0]]) if len(mine) else 0.0
