"""What a page lists of one number of one government, from columns: of any number of claims no more
than is listed is ever named; never any I/O."""

from datetime import date

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.numbers import Excluded, Figure, Measure
from projections.accounts import Account, Share, shares_of, voice_of
from projections.columnar.numbers.figures import Reckoner, eroded_of, voiced_of
from projections.columnar.opened.explaining import excluded_of, left_out_of, placed, terms_of
from projections.columnar.terms.entering import ERODING, Entered, Floats
from projections.columns import Ints, Mask

Places = tuple[tuple[date, int, int], ...]


class Accounted(msgspec.Struct):
    """An account under the names of `places`, which are (day, recorded, position) of the versions
    it rests on."""

    account: Account
    places: Places


def entering_places(
    reckoner: Reckoner, measure: str, on: date, known_at: KnownAt, most: int
) -> Places | None:
    """The places of all claims that may enter a number; None where there are more than so many."""
    seen = reckoner.seen(on, known_at)
    some = reckoner.matched(measure, seen)
    if measure == ERODING:
        some = np.union1d(some, reckoner.legal[reckoner.legal_rows(seen).at])
    return None if len(some) > most else placed(reckoner, some)


def figured(reckoner: Reckoner, measure: str, on: date, known_at: KnownAt) -> tuple[Figure, int]:
    """A number, and how many claims it rests on."""
    seen = reckoner.seen(on, known_at)
    figure, floor_at, made = _number(reckoner, measure, seen, on)
    return figure, int((made.c > 0).sum()) + (floor_at[1] is not None)


def accounted(
    reckoner: Reckoner,
    measure: str,
    *,
    on: date,
    known_at: KnownAt,
    order: str,
    terms_max: int,
    excluded_max: int | None,
    later: date,
) -> Accounted:
    """The account of a number in one of `projections.accounts.ORDERS`, and what it would be on a
    later day were nothing new on file by then; where no `excluded_max` is given, it lists as many
    that were left out as it lists fewer terms than `terms_max`."""
    seen = reckoner.seen(on, known_at)
    figure, (floor, floor_at), score = _number(reckoner, measure, seen, on)
    whole, total = figure.score - (floor or 0.0), score.total
    some = np.flatnonzero(score.c > 0)
    points = whole * score.c[some] / total if total else np.zeros(len(some))
    by_points = _heaviest(reckoner, score.places[some], points, max(terms_max, 1))
    ordered = _ordered(reckoner, measure, score.places[some], points, order, terms_max)
    page, first = (_taken(score, some[at]) for at in (ordered, by_points[:1]))
    terms = terms_of(reckoner, measure, page, on, whole, total)
    heaviest = terms_of(reckoner, measure, first, on, whole, total)
    out, is_in = left_out_of(reckoner, measure, seen, score)
    most = terms_max - len(terms) if excluded_max is None else excluded_max
    left = out[_by_happening(reckoner, out, most)]
    named = np.concatenate([page.places, first.places, left])
    if floor_at is not None:
        named = np.concatenate([named, np.flatnonzero(seen & (reckoner.recorded == floor_at))])
    is_listed = np.zeros(len(some), np.bool_)
    is_listed[ordered] = True
    return Accounted(
        Account(
            number=Measure(
                method=reckoner.law.weights.method(measure),
                score=figure.score,
                low=figure.low,
                high=figure.high,
                terms=terms,
                excluded=excluded_of(reckoner, left, is_in),
                floor=floor,
                floor_claim=None if floor_at is None else str(floor_at),
            ),
            counted=len(some),
            rest_points=float(points[~is_listed].sum()),
            total_c=total,
            repeats=int((score.nu < 1).sum()),
            heaviest=heaviest[0] if heaviest else None,
            shares=() if floor is not None else _shares(reckoner, score.places[some], points),
            left_out=len(out),
            later=_number(reckoner, measure, seen, later)[0],
        ),
        placed(reckoner, named),
    )


def named_account(found: Account, claims: dict[str, str]) -> Account:
    """The account with its claims by their names, given by where they were recorded."""
    number = found.number
    first = found.heaviest
    return msgspec.structs.replace(
        found,
        number=msgspec.structs.replace(
            number,
            terms=tuple(msgspec.structs.replace(t, claim=claims[t.claim]) for t in number.terms),
            excluded=tuple(Excluded(claims[e.claim], e.reason) for e in number.excluded),
            floor_claim=None if number.floor_claim is None else claims[number.floor_claim],
        ),
        heaviest=None if first is None else msgspec.structs.replace(
            first, claim=claims[first.claim]
        ),
    )  # fmt: skip


def pointed(
    reckoner: Reckoner, measure: str, recorded: Ints, on: date, known_at: KnownAt
) -> dict[int, float]:
    """The points that the claims recorded at some positions add to a number."""
    seen = reckoner.seen(on, known_at)
    figure, (floor, _), score = _number(reckoner, measure, seen, on)
    at = np.flatnonzero(np.isin(reckoner.recorded[score.places], recorded))
    whole, total = figure.score - (floor or 0.0), score.total
    points = whole * score.c[at] / total if total else np.zeros(len(at))
    return dict(zip(reckoner.recorded[score.places[at]].tolist(), points.tolist(), strict=True))


Floored = tuple[float | None, int | None]


def _number(
    reckoner: Reckoner, measure: str, seen: Mask, on: date
) -> tuple[Figure, Floored, Entered]:
    """A number of the rows seen, its legal floor with where its claim was recorded, and what enters
    its score."""
    made = reckoner.entered(measure, seen, on)
    if measure != ERODING:
        return voiced_of(made), (None, None), made[0]
    floors = reckoner.floors(seen, on)
    floor, at = floors[0]
    return eroded_of(made, floors), (floor, None if at is None else int(at)), made[0]


def _taken(entered: Entered, at: Ints) -> Entered:
    return Entered(entered.places[at], entered.c[at], entered.nu[at], entered.q[at])


def _heaviest(reckoner: Reckoner, places: Ints, points: Floats, count: int) -> Ints:
    """Which of some places weigh most, so many of them, the earliest of equals first."""
    some = np.arange(len(places))
    if len(places) > 4 * count:
        some = np.flatnonzero(points >= -np.partition(-points, count)[count])
    at = places[some]
    order = np.lexsort((reckoner.recorded[at], reckoner.day[at], -points[some]))
    return some[order[:count]]


def _ordered(
    reckoner: Reckoner, measure: str, places: Ints, points: Floats, order: str, count: int
) -> Ints:
    """The first of some places in an order."""
    if order == "points":
        return _heaviest(reckoner, places, points, count)[:count]
    when = reckoner.recorded[places], reckoner.day[places]
    if order == "day":
        return np.lexsort(when)[::-1][:count]
    names = [row.name for row in reckoner.law.rows]
    rank = np.array([sorted(set(names)).index(name) for name in names], np.int64)
    kind = rank[reckoner.rows_of(measure, places)]
    return np.lexsort((*when, -points, kind))[:count]


def _by_happening(reckoner: Reckoner, places: Ints, count: int) -> Ints:
    return np.lexsort((reckoner.recorded[places], reckoner.day[places]))[:count]


def _shares(reckoner: Reckoner, places: Ints, points: Floats) -> tuple[Share, ...]:
    """What groups of speakers add."""
    voices = reckoner.pieces.words[1]
    codes = reckoner.pieces.columns["voice"][places].astype(np.int64)
    counts = np.bincount(codes, minlength=len(voices)).tolist()
    totals = np.bincount(codes, points, minlength=len(voices)).tolist()
    groups: dict[str, tuple[int, float]] = {}
    for voice, count, total in zip(voices, counts, totals, strict=True):
        if count:
            name = voice_of(voice.actors, reckoner.law.weights)
            before = groups.get(name, (0, 0.0))
            groups[name] = before[0] + count, before[1] + total
    return tuple(shares_of(groups))
