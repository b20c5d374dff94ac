"""Pressure, erosion and backing with every term behind them; they count records and never judge
effect.

Formulas, tables and limits: the contract's "The numbers"; methods `pressure/1`, `erosion/1`,
`backing/1`. The same functions answer the live page, a replay and a report, so that their sums
agree to the last bit.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from math import exp, fsum, log2
from typing import Final

import msgspec

from domain.facts import COUNTED, POSSIBLE, Facts
from domain.floors import RESETS, floor_of
from domain.weights import Row, Weights

SCALE: Final = 25.0
"""S (or C) at which a score reaches 1 - 1/e of its range."""
NOVELTY_DAYS: Final = 90
SURE: Final = 0.9
"""Least probability of a claim that is beyond doubt."""
WORLD_FORUMS: Final = frozenset({"treaty", "un"})
COUNTS_NOTHING: Final = "counts 0: no source of reliability A, B or C"
DECLARED_SAME: Final = "declared the same as a claim that counts more"
CRITICAL_KINDS: Final = frozenset(
    {
        "statement_of_criticism",
        "objection_lodged",
        "clarification_requested",
        "compliance_complaint",
        "meeting_decision",
        "diplomatic_demarche",
        "open_letter",
        "campaign_action",
        "parliamentary_question",
    }
)
"""The kinds of claims that may be instruments of pressure (see `criticism`)."""


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One claim's part of a score.

    c = w * a * s * nu * (1 + log2 n) * q * 2^(-age / H); `points` is its share of the score.
    Conduct claims of erosion have a = s = nu = n = 1.
    """

    claim: str
    instrument: str
    day: date
    status: str
    w: float
    half_life_days: float
    a: float
    s: float
    nu: float
    n: int
    q: float
    age_days: int
    c: float
    points: float = 0.0


class Excluded(msgspec.Struct, frozen=True):
    """A claim that would be in the score but for the reason given."""

    claim: str
    reason: str


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One number: score between `low` (beyond doubt) and `high` (what may be true), each 0 to 100.

    `floor`: the legal stage's part of an erosion, with the claim it rests on; None for the others.
    """

    method: str
    score: float
    low: float
    high: float
    terms: tuple[Term, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    floor: float | None = None
    floor_claim: str | None = None


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A number as lists show it: without its terms."""

    score: float
    low: float
    high: float


def figure(measure: Measure) -> Figure:
    """The number without its terms."""
    return Figure(score=measure.score, low=measure.low, high=measure.high)


def pressure(facts: Iterable[Facts], government: str, on: date, weights: Weights) -> Measure:
    """Recorded criticism of `government`, decayed to the day `on` (method pressure/1)."""
    return _voiced("pressure", facts, government, on, weights)


def criticism(fact: Facts, weights: Weights) -> Row | None:
    """The instrument of pressure that a claim is, whatever its status and grade; None for claims
    that criticise nobody."""
    if fact.kind not in CRITICAL_KINDS or fact.stance == "opposes_norm":
        return None
    return next((row for row in weights.pressure if _matches(row.name, fact)), None)


def backing(facts: Iterable[Facts], government: str, on: date, weights: Weights) -> Measure:
    """Recorded support by others for what `government` does against the norm (method backing/1)."""
    return _voiced("backing", facts, government, on, weights)


def voiced_sums(
    measure: str, facts: Iterable[Facts], government: str, on: date, weights: Weights
) -> tuple[float, float, float]:
    """What "pressure" or "backing" rests on: the sums of the terms that enter its score, its low
    and its high bound; `voiced` puts them on the scale."""
    _, readings = _voices(measure, facts, government, on, weights)
    score, low, high = (fsum(term.c for term in terms) for terms in readings)
    return score, low, high


def voiced(sums: Iterable[float]) -> Figure:
    """The number that three such sums make."""
    score, low, high = (100.0 * (1.0 - exp(-one / SCALE)) for one in sums)
    return Figure(score=score, low=min(score, low), high=max(score, high))


def is_backing(fact: Facts) -> bool:
    """Whether a claim backs what the governments it concerns do against the norm, unless they make
    it themselves."""
    return fact.kind == "statement_contesting_norm" or fact.stance == "opposes_norm"


def is_stage(fact: Facts, weights: Weights) -> bool:
    """Whether a claim is a step of leaving that sets a floor of erosion, or resets it."""
    return fact.kind in RESETS or (fact.kind in weights.floors and _weakens(fact))


def conduct(fact: Facts, weights: Weights) -> Row | None:
    """The row of the conduct against the norm that a claim tells of; None where it tells of
    none."""
    return weights.conduct.get(fact.kind) if _weakens(fact) else None


def erosion(facts: Iterable[Facts], government: str, on: date, weights: Weights) -> Measure:
    """What `government` does against the norm: a legal floor and decaying conduct (erosion/1)."""
    about = [f for f in _about(facts, government, on) if f.status in POSSIBLE]
    stages = [f for f in about if is_stage(f, weights)]
    matched = [(f, row) for f in about if (row := conduct(f, weights)) is not None]
    floors: list[tuple[float, str | None]] = []
    sums: list[list[Term]] = []
    for choose, q_of in _readings(weights):
        floors.append(floor_of([f for f in stages if choose(f)], about, government, on, weights))
        chosen = [(f, row) for f, row in matched if choose(f)]
        sums.append(_terms(chosen, on, weights, q_of, voiced=False))
    scores = [
        100.0 * (1.0 - (1.0 - floor / 100.0) * exp(-fsum(t.c for t in terms) / SCALE))
        for (floor, _), terms in zip(floors, sums, strict=True)
    ]
    floor, floor_claim = floors[0]
    return Measure(
        method=weights.method("erosion"),
        score=scores[0],
        low=min(scores[0], scores[1]),
        high=max(scores[0], scores[2]),
        terms=_with_points(sums[0], scores[0] - floor),
        excluded=_left_out([f for f, _ in matched], sums[0], weights),
        floor=floor,
        floor_claim=floor_claim,
    )


def _voiced(
    measure: str, facts: Iterable[Facts], government: str, on: date, weights: Weights
) -> Measure:
    matched, readings = _voices(measure, facts, government, on, weights)
    read = voiced(fsum(term.c for term in terms) for terms in readings)
    return Measure(
        method=weights.method(measure),
        score=read.score,
        low=read.low,
        high=read.high,
        terms=_with_points(readings[0], read.score),
        excluded=_left_out(matched, readings[0], weights),
    )


def _voices(
    measure: str, facts: Iterable[Facts], government: str, on: date, weights: Weights
) -> tuple[list[Facts], list[list[Term]]]:
    """The facts that may enter pressure or backing, and the terms of the three readings."""

    def row_of(fact: Facts) -> Row | None:
        if measure == "pressure":
            return criticism(fact, weights)
        return weights.backing if is_backing(fact) and government not in fact.states else None

    about = [f for f in _about(facts, government, on) if f.status in POSSIBLE]
    matched = [(f, row) for f in about if (row := row_of(f)) is not None]
    readings = [
        _terms([(f, row) for f, row in matched if choose(f)], on, weights, q_of, voiced=True)
        for choose, q_of in _readings(weights)
    ]
    return [fact for fact, _ in matched], readings


Reading = tuple[Callable[[Facts], bool], Callable[[Facts], float]]


def _readings(weights: Weights) -> tuple[Reading, Reading, Reading]:
    """Which claims enter, and with what probability: for the score, for `low` and for `high`."""

    def q_of(fact: Facts) -> float:
        return probability(fact, weights) * (0.5 if fact.status == "contested" else 1.0)

    return (
        (lambda f: f.status in COUNTED, q_of),
        (lambda f: f.status == "accepted" and probability(f, weights) >= SURE, q_of),
        (lambda f: True, lambda f: 1.0),
    )


def probability(fact: Facts, weights: Weights) -> float:
    """The probability of the claim's best source, 0 where it has none."""
    return best_grade(fact.reliabilities, weights)


def best_grade(reliabilities: Iterable[str], weights: Weights) -> float:
    """The probability of the best of some reliability letters, 0 where there are none."""
    return max((weights.grades[letter] for letter in reliabilities), default=0.0)


def _about(facts: Iterable[Facts], government: str, on: date) -> list[Facts]:
    found = [f for f in facts if f.day <= on and government in f.targets]
    return sorted(found, key=lambda f: f.order)


def _matches(instrument: str, fact: Facts) -> bool:
    """Whether a row of the table of instruments applies; the rows' own words are in
    `applies_to`."""
    kind = fact.kind
    if instrument in (
        "demarche",
        "meeting_decision",
        "open_letter",
        "campaign_action",
        "parliamentary_question",
    ):
        named = "diplomatic_demarche" if instrument == "demarche" else instrument
        return kind == named and fact.stance == "critical"
    if instrument == "objection":
        return kind == "objection_lodged"
    if instrument in ("clarification_request", "compliance_complaint"):
        named = "clarification_requested" if instrument == "clarification_request" else instrument
        return kind == named
    if kind != "statement_of_criticism":
        return False
    if instrument == "forum_statement":
        return fact.forum in WORLD_FORUMS
    if instrument == "joint_statement":
        return fact.forum not in WORLD_FORUMS and (fact.signatories or 0) >= 2
    if instrument == "condemnation":
        return fact.strength == "condemnation"
    return instrument == "statement"


def _weakens(fact: Facts) -> bool:
    if fact.kind == "parliament_vote":
        return fact.carried and fact.stance == "weakens"
    return fact.kind != "policy_change" or fact.stance == "weakens"


def _terms(
    matched: Sequence[tuple[Facts, Row]],
    on: date,
    weights: Weights,
    q_of: Callable[[Facts], float],
    *,
    voiced: bool,
) -> list[Term]:
    """The terms that enter a figure, in order of happening.

    Of claims declared the same only the largest enters; how often an actor repeated itself is
    counted among the claims that enter, so the largest is chosen before repetition is discounted.
    """
    entering: dict[str, tuple[Term, Facts]] = {}
    for fact, row in matched:
        term = _term(fact, row, on, weights, q_of(fact), voiced=voiced)
        held = entering.get(fact.happening)
        if held is None or term.c > held[0].c:
            entering[fact.happening] = term, fact
    ordered = sorted(entering.values(), key=lambda pair: pair[1].order)
    if not voiced:
        return [term for term, _ in ordered]
    said: dict[tuple[str, str], list[int]] = {}
    terms: list[Term] = []
    for term, fact in ordered:
        days = said.setdefault((term.instrument, fact.actor), [])
        day = fact.day.toordinal()
        times = len(days) - bisect_right(days, day - NOVELTY_DAYS)
        days.append(day)
        if times:
            nu = 1.0 / (1 + times)
            term = msgspec.structs.replace(term, nu=nu, c=term.c * nu)
        terms.append(term)
    return terms


def _term(fact: Facts, row: Row, on: date, weights: Weights, q: float, *, voiced: bool) -> Term:
    age_days = (on - fact.day).days
    a = max((weights.actors[kind] for kind in fact.actors), default=0.0) if voiced else 1.0
    s = 0.5 if voiced and len(fact.targets) > 1 else 1.0
    n = fact.voices if voiced else 1
    c = row.weight * a * s * (1.0 + log2(n)) * q * 2.0 ** (-age_days / row.half_life_days)
    return Term(
        claim=fact.claim,
        instrument=row.name,
        day=fact.day,
        status=fact.status,
        w=row.weight,
        half_life_days=row.half_life_days,
        a=a,
        s=s,
        nu=1.0,
        n=n,
        q=q,
        age_days=age_days,
        c=c,
    )


def _with_points(terms: Sequence[Term], total: float) -> tuple[Term, ...]:
    """The terms with their shares of `total`: points = total * c / sum of c, 0 where the sum is
    0."""
    whole = fsum(t.c for t in terms)
    if whole == 0.0:
        return tuple(terms)
    return tuple(msgspec.structs.replace(t, points=total * t.c / whole) for t in terms)


def only_high(status: str) -> str:
    """Why a claim of that status is left out of a score."""
    return f"{status}: counts only towards the high bound"


def _left_out(
    matched: Sequence[Facts], terms: Sequence[Term], weights: Weights
) -> tuple[Excluded, ...]:
    entered = {term.claim for term in terms}
    out: list[Excluded] = []
    for fact in matched:
        if fact.claim in entered:
            if probability(fact, weights) == 0.0:
                out.append(Excluded(fact.claim, COUNTS_NOTHING))
        elif fact.status not in COUNTED:
            out.append(Excluded(fact.claim, only_high(fact.status)))
        else:
            out.append(Excluded(fact.claim, DECLARED_SAME))
    return tuple(out)
