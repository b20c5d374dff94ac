"""One number opened into its terms from columns, a page of them at a time; never any I/O: who asks
names the claims, which columns know by where they were recorded."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.governments import GOVERNMENTS
from domain.numbers import COUNTS_NOTHING, DECLARED_SAME, Excluded, Term, only_high
from projections.columnar.numbers.figures import Reckoner, eroded_of, voiced_of
from projections.columnar.terms.entering import ERODING, Entered
from projections.columnar.terms.law import Law
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
    made = reckoner.entered(measure, seen, on)
    floor, floor_place = None, None
    if measure == ERODING:
        floors = reckoner.floors(seen, on)
        figure = eroded_of(made, floors)
        floor, floor_place = floors[0]
    else:
        figure = voiced_of(made)
    score, total = made[0], made[0].total
    terms_total = len(score.places)
    picked = _page(reckoner, score.places, after)
    score = Entered(score.places[picked], score.c[picked], score.nu[picked], score.q[picked])
    terms = terms_of(reckoner, measure, score, on, figure.score - (floor or 0.0), total)
    out, is_in = left_out_of(reckoner, measure, seen, made[0])
    page = out[_page(reckoner, out, after)]
    excluded = excluded_of(reckoner, page, is_in)
    places = np.concatenate([score.places, page])
    if floor_place is not None:
        of_floor = np.flatnonzero(seen & (reckoner.recorded == int(floor_place)))
        places = np.concatenate([places, of_floor])
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
            terms_total=terms_total,
            excluded_total=len(out),
            next_after=last if last < max(terms_total, len(out)) else None,
        ),
        placed(reckoner, places),
    )


def placed(reckoner: Reckoner, places: Ints) -> tuple[tuple[date, int, int], ...]:
    """The (day, recorded, position) of the versions of some rows."""
    columns = reckoner.day, reckoner.recorded, reckoner.position
    return tuple(
        (date.fromordinal(day), recorded, position)
        for day, recorded, position in zip(*(c[places].tolist() for c in columns), strict=True)
    )


def excluded_of(reckoner: Reckoner, places: Ints, is_in: Mask) -> tuple[Excluded, ...]:
    """Why the rows at some places were left out, given of every row whether it entered."""
    return excluded_for(reckoner.recorded[places], reckoner.status[places], is_in[places])


def excluded_for(recorded: Ints, status: Any, enters: Any) -> tuple[Excluded, ...]:
    """The same of columns."""
    told = zip(recorded.tolist(), status.tolist(), enters.tolist(), strict=True)
    return tuple(Excluded(str(one), reason_for(code, enters=is_in)) for one, code, is_in in told)


def named(found: Explanation, known_at: str, claims: Mapping[str, str]) -> Explanation:
    """The page with its claims by their names, given by where they were recorded."""
    return msgspec.structs.replace(
        found,
        known_at=known_at,
        terms=tuple(msgspec.structs.replace(t, claim=claims[t.claim]) for t in found.terms),
        excluded=tuple(Excluded(claims[e.claim], e.reason) for e in found.excluded),
        floor_claim=None if found.floor_claim is None else claims[found.floor_claim],
    )


def _page(reckoner: Reckoner, places: Ints, after: int) -> Ints:
    """Which of some places stand on a page of them, in order of happening."""
    size, last = len(places), after + TERMS_MAX
    some = np.arange(size)
    if size > 4 * last:
        some = np.flatnonzero(
            reckoner.day[places] <= np.partition(reckoner.day[places], last)[last]
        )
    at = places[some]
    return some[np.lexsort((reckoner.recorded[at], reckoner.day[at]))][after:last]


def left_out_of(
    reckoner: Reckoner, measure: str, seen: Mask, entered: Entered
) -> tuple[Ints, Mask]:
    """The rows that were left out or count nothing; and of every row whether it entered."""
    is_in = np.zeros(reckoner.pieces.size, np.bool_)
    is_in[entered.places] = True
    ready = reckoner.readied(measure)
    if ready is None:
        return np.empty(0, np.int64), is_in
    matched = ready.at[seen[ready.at]]
    return matched[~is_in[matched] | (reckoner.q[matched] == 0.0)], is_in


def reason_of(reckoner: Reckoner, place: int, *, enters: bool) -> str:
    """Why the row at a place, which may enter a number, adds nothing to it."""
    return reason_for(int(reckoner.status[place]), enters=enters)


def reason_for(status: int, *, enters: bool) -> str:
    """The same of a claim with a status."""
    if enters:
        return COUNTS_NOTHING
    if status > COUNTED_MAX:
        return only_high(STATUSES[status])
    return DECLARED_SAME


def terms_of(
    reckoner: Reckoner, measure: str, entered: Entered, on: date, whole: float, total: float
) -> tuple[Term, ...]:
    """The terms of a page, column by column: numbers are taken out of their columns together."""
    places, columns = entered.places, reckoner.pieces.columns
    size = len(places)
    shares, several = np.ones(size), np.ones(size)
    voices = np.ones(size, np.int64)
    if measure != ERODING:
        shares, several = reckoner.said_at(places)
        voices = columns["voices"][places]
    return told_terms(
        reckoner.law,
        (reckoner.recorded[places], reckoner.day[places], reckoner.status[places]),
        reckoner.rows_of(measure, places),
        (shares, several, entered.nu, voices, entered.q, entered.c),
        on,
        whole,
        total,
    )


def told_terms(
    law: Law,
    claims: tuple[Any, Any, Any],
    rows: Ints,
    factors: tuple[Any, ...],
    on: date,
    whole: float,
    total: float,
) -> tuple[Term, ...]:
    """Terms of columns: of their claims where they were recorded, the days and the statuses; their
    rows of the law; the weights of their actors, their shares of several targets, what repetition
    leaves, voices, sources, and what they weigh."""
    recorded, days, status = claims
    values = recorded, days, on.toordinal() - days, status, rows, *factors
    told = zip(*(v.tolist() for v in values), strict=True)
    weighed = law.rows
    return tuple(
        Term(
            claim=str(claim),
            instrument=weighed[row].name,
            day=date.fromordinal(day),
            status=STATUSES[code],
            w=weighed[row].weight,
            half_life_days=weighed[row].half_life_days,
            a=a,
            s=s,
            nu=nu,
            n=n,
            q=q,
            age_days=age,
            c=c,
            points=whole * c / total if total else 0.0,
        )
        for claim, day, age, code, row, a, s, nu, n, q, c in told
    )
