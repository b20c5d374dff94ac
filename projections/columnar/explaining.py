"""One number opened into its terms from columns, a page of them at a time; never any I/O: who asks
names the claims, which columns know by where they were recorded."""

from collections.abc import Mapping
from datetime import date

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.governments import GOVERNMENTS
from domain.numbers import COUNTS_NOTHING, DECLARED_SAME, Excluded, Term, only_high
from projections.columnar.entering import ERODING, Entered
from projections.columnar.figures import Reckoner
from projections.columns import COUNTED_MAX, STATUSES, Ints, Mask
from projections.dossier import TERMS_MAX, Explanation


class Opened(msgspec.Struct):
    """A page of a number: the number whole, its terms and what was left out under the names of
    `places`, which are (day, recorded, position) of the versions they rest on."""

    explanation: Explanation
    places: tuple[tuple[date, int, int], ...]


def opened(reckoner: Reckoner, measure: str, *, on: date, known_at: KnownAt, after: int) -> Opened:
    """A page of one of `MEASURES`, beginning after so many terms and so many left out."""
    seen = reckoner.seen(on, known_at)
    score, _, _ = reckoner.entered(measure, seen, on)
    floor, floor_place = None, None
    if measure == "erosion":
        figure = reckoner.erosion(seen, on)
        floor, floor_place = reckoner.floors(seen, on)[0]
    else:
        figure = reckoner.figure(measure, seen, on)
    score = _in_order(reckoner, score)
    out, reasons = _left_out(reckoner, measure, seen, score)
    total = score.total
    share = figure.score - (floor or 0.0)
    picked = range(after, min(after + TERMS_MAX, len(score.places)))
    terms = tuple(_term(reckoner, measure, score, i, on, share, total) for i in picked)
    page = out[after : after + TERMS_MAX]
    excluded = tuple(
        Excluded(str(reckoner.recorded[place]), reasons[place]) for place in page.tolist()
    )
    places = [*score.places[after : after + TERMS_MAX].tolist(), *page.tolist()]
    if floor_place is not None:
        places += np.flatnonzero(seen & (reckoner.recorded == int(floor_place))).tolist()
    last = after + TERMS_MAX
    return Opened(
        Explanation(
            government=reckoner.government,
            name=GOVERNMENTS[reckoner.government],
            on=on,
            known_at=str(known_at),
            method=reckoner.law.weights.method(measure),
            score=figure.score,
            low=figure.low,
            high=figure.high,
            terms=terms,
            excluded=excluded,
            floor=floor,
            floor_claim=floor_place,
            sum=total,
            terms_total=len(score.places),
            excluded_total=len(out),
            next_after=last if last < max(len(score.places), len(out)) else None,
        ),
        tuple(
            (
                date.fromordinal(int(reckoner.day[p])),
                int(reckoner.recorded[p]),
                int(reckoner.position[p]),
            )
            for p in places
        ),
    )


def named(found: Explanation, known_at: str, claims: Mapping[str, str]) -> Explanation:
    """The page with its claims by their names, given by where they were recorded."""
    return msgspec.structs.replace(
        found,
        known_at=known_at,
        terms=tuple(msgspec.structs.replace(t, claim=claims[t.claim]) for t in found.terms),
        excluded=tuple(Excluded(claims[e.claim], e.reason) for e in found.excluded),
        floor_claim=None if found.floor_claim is None else claims[found.floor_claim],
    )


def _in_order(reckoner: Reckoner, entered: Entered) -> Entered:
    """What entered in order of happening."""
    at = entered.places
    order = np.lexsort((reckoner.recorded[at], reckoner.day[at]))
    return Entered(at[order], entered.c[order], entered.nu[order], entered.q[order])


def _left_out(
    reckoner: Reckoner, measure: str, seen: Mask, entered: Entered
) -> tuple[Ints, dict[int, str]]:
    """The rows that were left out, or count nothing, in order of happening; and why."""
    matched = reckoner.matched(measure, seen)
    is_in = np.zeros(reckoner.pieces.size, np.bool_)
    is_in[entered.places] = True
    out = matched[~is_in[matched] | (reckoner.q[matched] == 0.0)]
    out = out[np.lexsort((reckoner.recorded[out], reckoner.day[out]))]
    reasons: dict[int, str] = {}
    for place in out.tolist():
        reasons[place] = reason_of(reckoner, place, enters=bool(is_in[place]))
    return out, reasons


def reason_of(reckoner: Reckoner, place: int, *, enters: bool) -> str:
    """Why the row at a place, which may enter a number, adds nothing to it."""
    if enters:
        return COUNTS_NOTHING
    if reckoner.status[place] > COUNTED_MAX:
        return only_high(STATUSES[int(reckoner.status[place])])
    return DECLARED_SAME


def _term(
    reckoner: Reckoner,
    measure: str,
    entered: Entered,
    index: int,
    on: date,
    whole: float,
    total: float,
) -> Term:
    place = int(entered.places[index])
    row = reckoner.law.rows[reckoner.row_of(measure, place)]
    is_voiced = measure != ERODING
    share, several = reckoner.said_of(place) if is_voiced else (1.0, 1.0)
    c = float(entered.c[index])
    return Term(
        claim=str(reckoner.recorded[place]),
        instrument=row.name,
        day=date.fromordinal(int(reckoner.day[place])),
        status=STATUSES[int(reckoner.status[place])],
        w=row.weight,
        half_life_days=row.half_life_days,
        a=share,
        s=several,
        nu=float(entered.nu[index]),
        n=int(reckoner.pieces.columns["voices"][place]) if is_voiced else 1,
        q=float(entered.q[index]),
        age_days=on.toordinal() - int(reckoner.day[place]),
        c=c,
        points=whole * c / total if total else 0.0,
    )
