"""What a page lists of one number: its heaviest terms, what they leave, and who speaks; a pure
question that never words anything.

`account` asks facts and the readable law; of many claims columns give the same (see
`projections.columnar.opened.accounting`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from math import fsum
from typing import Final, Literal

import msgspec

from domain.facts import Facts
from domain.numbers import Figure, Measure, Term
from domain.weights import Weights

Order = Literal["points", "day", "kind"]
ORDERS: Final[tuple[Order, ...]] = ("points", "day", "kind")
"""By points, largest first; by day, latest first; or by kind, then by points."""


class Share(msgspec.Struct, frozen=True):
    """What the statements of one group of speakers add: the kind of actor that weighs most in them,
    empty where nobody is named, how many they are, and their points."""

    voice: str
    count: int
    points: float


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One number as a page lists it.

    `number`: with the terms that are listed, in their order, and the first that were left out;
    `counted`: how many terms add something, `rest_points` what those add that are not listed,
    `total_c` the sum of c of all; `repeats`: terms whose speaker repeated themselves; `heaviest`:
    the first by points; `left_out`: how many were left out; `later`: the number on a later day,
    where it was asked for.
    """

    number: Measure
    counted: int
    rest_points: float
    total_c: float
    repeats: int
    heaviest: Term | None
    shares: tuple[Share, ...]
    left_out: int
    later: Figure | None = None


class AccountAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Which number is asked about and what is to be listed: see `opened.accounting.accounted`.

    `few_max`: of so few claims that may enter the number all versions are wanted. `official`: the
    weights of the number that is told beside it, where it is asked with others.
    """

    measure: str
    on: date
    order: str
    later: date
    few_max: int
    terms_max: int
    excluded_max: int | None
    official: Weights


def account(
    found: Measure,
    by_claim: Mapping[str, Facts],
    weights: Weights,
    *,
    order: str,
    terms_max: int,
    excluded_max: int,
) -> Account:
    """The account of a number, given the facts of every claim that it names."""
    by_points = in_order(found, by_claim, "points")
    ordered = in_order(found, by_claim, order)
    listed = msgspec.structs.replace(
        found, terms=tuple(ordered[:terms_max]), excluded=found.excluded[:excluded_max]
    )
    return Account(
        number=listed,
        counted=len(ordered),
        rest_points=fsum(term.points for term in ordered[terms_max:]),
        total_c=fsum(term.c for term in found.terms),
        repeats=sum(term.nu < 1 for term in found.terms),
        heaviest=by_points[0] if by_points else None,
        shares=() if found.floor is not None else tuple(_shares(ordered, by_claim, weights)),
        left_out=len(found.excluded),
    )


def in_order(found: Measure, by_claim: Mapping[str, Facts], order: str) -> list[Term]:
    """The terms that add something, in one of `ORDERS`."""
    entering = [term for term in found.terms if term.c > 0]
    terms = sorted(entering, key=lambda t: (-t.points, by_claim[t.claim].order))
    if order == "day":
        return sorted(terms, key=lambda t: by_claim[t.claim].order, reverse=True)
    return sorted(terms, key=lambda t: t.instrument) if order == "kind" else terms


def voice_of(kinds: Sequence[str], weights: Weights) -> str:
    """The kind among some actors that weighs most; empty where nobody is named."""
    return max(kinds, key=lambda kind: weights.actors[kind], default="")


def shares_of(points: Mapping[str, tuple[int, float]]) -> list[Share]:
    """Groups of speakers by count and points, those that add most first."""
    shares = [Share(voice, count, total) for voice, (count, total) in points.items()]
    return sorted(shares, key=lambda share: (-share.points, share.voice))


def _shares(terms: Sequence[Term], by_claim: Mapping[str, Facts], weights: Weights) -> list[Share]:
    groups: dict[str, tuple[int, float]] = {}
    for term in terms:
        voice = voice_of(by_claim[term.claim].actors, weights)
        count, points = groups.get(voice, (0, 0.0))
        groups[voice] = count + 1, points + term.points
    return shares_of(groups)
