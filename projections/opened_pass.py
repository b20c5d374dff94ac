"""A number opened into its terms while the claims of a government pass by: those of one page are
kept; never a law of its own: `domain.numbers` is the oracle."""

from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from typing import Final

import msgspec

from domain.facts import Facts
from domain.governments import GOVERNMENTS
from domain.numbers import (
    Entered,
    Excluded,
    Term,
    readings_of,
    term_of,
    weighed,
    why_left_out,
)
from domain.weights import Weights
from projections.dossier import TERMS_MAX, Explanation
from projections.law_pass import Entry
from projections.paging import First
from projections.rows_pass import Reckoned

_SCORE: Final = 0
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Facts)


def packed_facts(fact: Facts) -> bytes:
    """The facts of a claim, to be told beside what it says of numbers."""
    return _ENCODER.encode(fact)


class _Seen(msgspec.Struct, frozen=True):
    """A claim that may enter the number: what it adds to the score before repetition, None where it
    does not enter, and what repetition leaves of that."""

    fact: Facts
    c: float | None
    nu: float

    @property
    def order(self) -> tuple[date, int]:
        return self.fact.order


def explanation_told(
    measure: str, government: str, entries: Iterable[Entry], on: date, known_at: str,
    weights: Weights,
) -> Explanation:  # fmt: skip
    """What `projections.dossier.explain` says on its first page, of all that is said of the
    government, beside which `packed_facts` are told."""
    terms: First[_Seen] = First(TERMS_MAX, attrgetter("order"))
    left_out: First[_Seen] = First(TERMS_MAX, attrgetter("order"))

    def look(name: str, _position: int, told: bytes, c: float | None, nu: float) -> None:
        if name != measure:
            return
        fact = _DECODER.decode(told)
        seen = (_Seen(fact, c, nu),)
        if c is not None:
            terms.add(seen)
        if why_left_out(fact, is_in=c is not None, weights=weights) is not None:
            left_out.add(seen)

    reckoned = Reckoned(entries, on, weights, look=look)
    figure = reckoned.figure(measure)
    share, whole = reckoned.share(measure), reckoned.sum_of(measure)
    shown = [
        term_told(measure, government, (seen.fact, seen.c * seen.nu, seen.nu), on, weights, share,
                  whole)
        for seen in terms.rows()
        if seen.c is not None
    ]  # fmt: skip
    reasons = (
        (s.fact, why_left_out(s.fact, is_in=s.c is not None, weights=weights))
        for s in left_out.rows()
    )
    is_eroding = measure == "erosion"
    return Explanation(
        method=weights.method(measure),
        score=figure.score,
        low=figure.low,
        high=figure.high,
        terms=tuple(shown),
        excluded=tuple(Excluded(fact.claim, why) for fact, why in reasons if why is not None),
        floor=reckoned.floor if is_eroding else None,
        floor_claim=reckoned.floor_claim if is_eroding else None,
        government=government,
        name=GOVERNMENTS[government],
        on=on,
        known_at=known_at,
        sum=whole,
        terms_total=terms.total,
        excluded_total=left_out.total,
        next_after=TERMS_MAX if max(terms.total, left_out.total) > TERMS_MAX else None,
    )


def term_told(
    measure: str, government: str, entered: tuple[Facts, float, float], on: date, weights: Weights,
    share: float, whole: float,
) -> Term:  # fmt: skip
    """The term of a claim that enters a number: its facts, what it adds to the score and what
    repetition left of that; its points are its share of what the terms of `whole` share."""
    fact, c, nu = entered
    one = weighed(measure, fact, government, on, weights)
    if one is None:
        raise ValueError(f"{fact.claim} does not enter {measure}")
    _, q_of = readings_of(weights)[_SCORE]
    return term_of(Entered(one, q_of(fact), c, nu), share, whole)
