"""Pressure, erosion and backing with every term behind them; they count records and never judge
effect.

Formulas, tables and limits: the contract's "The numbers"; methods `pressure/1`, `erosion/1`,
`backing/1`. The same functions answer the live page, a replay and a report, so that their sums
agree to the last bit.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from math import exp, fsum, log2
from typing import Final

import msgspec

from domain.facts import COUNTED, POSSIBLE, Facts
from domain.floors import RESETS, floor_of
from domain.instruments import matches
from domain.weights import Row, Weights

SCALE: Final = 25.0
"""S (or C) at which a score reaches 1 - 1/e of its range."""
NOVELTY_DAYS: Final = 90
SURE: Final = 0.9
"""Least probability of a claim that is beyond doubt."""
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


class Weighed(msgspec.Struct, frozen=True, gc=False):
    """A claim with what its term is in every reading: all factors but the probability of its source
    and how often its actor repeated itself. `weight` is w * a * s * (1 + log2 n)."""

    fact: Facts
    row: Row
    age_days: int
    a: float
    s: float
    n: int
    weight: float
    decay: float


class Entered(msgspec.Struct, frozen=True, gc=False):
    """A claim that enters a reading."""

    weighed: Weighed
    q: float
    c: float
    nu: float = 1.0


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
    return next((row for row in weights.pressure if matches(row.name, fact)), None)


def backing(facts: Iterable[Facts], government: str, on: date, weights: Weights) -> Measure:
    """Recorded support by others for what `government` does against the norm (method backing/1)."""
    return _voiced("backing", facts, government, on, weights)


def voiced_sums(
    measure: str, facts: Iterable[Facts], government: str, on: date, weights: Weights
) -> tuple[float, float, float]:
    """What "pressure" or "backing" rests on: the sums of the terms that enter its score, its low
    and its high bound; `voiced` puts them on the scale."""
    _, readings = _voices(measure, facts, government, on, weights)
    score, low, high = (fsum(one.c for one in entered) for entered in readings)
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
    each = (weighed("erosion", f, government, on, weights) for f in about)
    matched = [one for one in each if one is not None]
    floors: list[tuple[float, str | None]] = []
    readings: list[list[Entered]] = []
    for choose, q_of in readings_of(weights):
        floors.append(floor_of([f for f in stages if choose(f)], about, government, on, weights))
        readings.append(entering([w for w in matched if choose(w.fact)], q_of))
    read = eroded([floor for floor, _ in floors], [fsum(c.c for c in some) for some in readings])
    floor, floor_claim = floors[0]
    return Measure(
        method=weights.method("erosion"),
        score=read.score,
        low=read.low,
        high=read.high,
        terms=_terms(readings[0], read.score - floor),
        excluded=_left_out(matched, readings[0], weights),
        floor=floor,
        floor_claim=floor_claim,
    )


def eroded(floors: Iterable[float], sums: Iterable[float]) -> Figure:
    """The erosion that the floors and the sums of conduct of the three readings make."""
    score, low, high = (
        100.0 * (1.0 - (1.0 - floor / 100.0) * exp(-one / SCALE))
        for floor, one in zip(floors, sums, strict=True)
    )
    return Figure(score=score, low=min(score, low), high=max(score, high))


def weighed(
    measure: str, fact: Facts, government: str, on: date, weights: Weights
) -> Weighed | None:
    """What a claim about `government` that may be true weighs in a number on a day after it; None
    where it does not enter that number."""
    if measure == "erosion":
        row = conduct(fact, weights)
        return None if row is None else _acting(fact, row, on)
    if measure == "pressure":
        row = criticism(fact, weights)
    else:
        row = weights.backing if is_backing(fact) and government not in fact.states else None
    return None if row is None else _speaking(fact, row, on, weights)


def _voiced(
    measure: str, facts: Iterable[Facts], government: str, on: date, weights: Weights
) -> Measure:
    matched, readings = _voices(measure, facts, government, on, weights)
    read = voiced(fsum(one.c for one in entered) for entered in readings)
    return Measure(
        method=weights.method(measure),
        score=read.score,
        low=read.low,
        high=read.high,
        terms=_terms(readings[0], read.score),
        excluded=_left_out(matched, readings[0], weights),
    )


def _voices(
    measure: str, facts: Iterable[Facts], government: str, on: date, weights: Weights
) -> tuple[list[Weighed], list[list[Entered]]]:
    """The claims that may enter pressure or backing, and those that enter the three readings."""
    about = [f for f in _about(facts, government, on) if f.status in POSSIBLE]
    each = (weighed(measure, f, government, on, weights) for f in about)
    matched = [one for one in each if one is not None]
    readings = [
        _discounted(entering([w for w in matched if choose(w.fact)], q_of))
        for choose, q_of in readings_of(weights)
    ]
    return matched, readings


Reading = tuple[Callable[[Facts], bool], Callable[[Facts], float]]


def readings_of(weights: Weights) -> tuple[Reading, Reading, Reading]:
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


def _weakens(fact: Facts) -> bool:
    if fact.kind == "parliament_vote":
        return fact.carried and fact.stance == "weakens"
    return fact.kind != "policy_change" or fact.stance == "weakens"


def _speaking(fact: Facts, row: Row, on: date, weights: Weights) -> Weighed:
    a = max((weights.actors[kind] for kind in fact.actors), default=0.0)
    s = 0.5 if len(fact.targets) > 1 else 1.0
    return _weighed(fact, row, on, a, s, fact.voices)


def _acting(fact: Facts, row: Row, on: date) -> Weighed:
    return _weighed(fact, row, on, 1.0, 1.0, 1)


def _weighed(fact: Facts, row: Row, on: date, a: float, s: float, n: int) -> Weighed:
    age_days = (on - fact.day).days
    weight = row.weight * a * s * (1.0 + log2(n))
    return Weighed(fact, row, age_days, a, s, n, weight, 2.0 ** (-age_days / row.half_life_days))


def share(weighed: Weighed, q: float) -> float:
    """What a claim adds to a reading in which its best source is given that probability, before
    repetition is discounted."""
    return weighed.weight * q * weighed.decay


def entering(matched: Iterable[Weighed], q_of: Callable[[Facts], float]) -> list[Entered]:
    """The claims that enter a reading, in order of happening; of claims declared the same only the
    largest does."""
    entering: dict[str, Entered] = {}
    for one in matched:
        q = q_of(one.fact)
        c = share(one, q)
        held = entering.get(one.fact.happening)
        if held is None or c > held.c:
            entering[one.fact.happening] = Entered(one, q, c)
    return sorted(entering.values(), key=lambda entered: entered.weighed.fact.order)


def _discounted(entered: Iterable[Entered]) -> list[Entered]:
    """The same with how often an actor repeated itself, which is counted among the claims that
    enter, so that the largest is chosen before repetition is discounted."""
    said: dict[tuple[str, str], list[int]] = {}
    found: list[Entered] = []
    for one in entered:
        fact = one.weighed.fact
        days = said.setdefault((one.weighed.row.name, fact.actor), [])
        day = fact.day.toordinal()
        times = len(days) - bisect_right(days, day - NOVELTY_DAYS)
        days.append(day)
        if times:
            nu = 1.0 / (1 + times)
            one = Entered(one.weighed, one.q, one.c * nu, nu)
        found.append(one)
    return found


def _terms(entered: Sequence[Entered], total: float) -> tuple[Term, ...]:
    whole = fsum(one.c for one in entered)
    return tuple(term_of(one, total, whole) for one in entered)


def term_of(entered: Entered, total: float, whole: float) -> Term:
    """The term of a claim with its share of `total`: points = total * c / sum of c, 0 where that
    sum, `whole`, is 0."""
    one, fact = entered.weighed, entered.weighed.fact
    return Term(
        claim=fact.claim,
        instrument=one.row.name,
        day=fact.day,
        status=fact.status,
        w=one.row.weight,
        half_life_days=one.row.half_life_days,
        a=one.a,
        s=one.s,
        nu=entered.nu,
        n=one.n,
        q=entered.q,
        age_days=one.age_days,
        c=entered.c,
        points=points_of(entered.c, total, whole),
    )


def points_of(c: float, total: float, whole: float) -> float:
    """The share of `total` of a term among those whose sum is `whole`."""
    return total * c / whole if whole else 0.0


def only_high(status: str) -> str:
    """Why a claim of that status is left out of a score."""
    return f"{status}: counts only towards the high bound"


def why_left_out(fact: Facts, *, is_in: bool, weights: Weights) -> str | None:
    """Why a claim that may enter a number counts nothing in its score; None where it counts."""
    if is_in:
        return COUNTS_NOTHING if probability(fact, weights) == 0.0 else None
    return DECLARED_SAME if fact.status in COUNTED else only_high(fact.status)


def _left_out(
    matched: Sequence[Weighed], entered: Sequence[Entered], weights: Weights
) -> tuple[Excluded, ...]:
    is_in = {one.weighed.fact.claim for one in entered}
    each = ((f, why_left_out(f, is_in=f.claim in is_in, weights=weights)) for f in _facts(matched))
    return tuple(Excluded(fact.claim, reason) for fact, reason in each if reason is not None)


def _facts(matched: Iterable[Weighed]) -> Iterator[Facts]:
    return (one.fact for one in matched)
