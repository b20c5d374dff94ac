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
    matched = [_acting(f, row, on) for f in about if (row := conduct(f, weights)) is not None]
    floors: list[tuple[float, str | None]] = []
    readings: list[list[_Entered]] = []
    for choose, q_of in _readings(weights):
        floors.append(floor_of([f for f in stages if choose(f)], about, government, on, weights))
        readings.append(_entering([w for w in matched if choose(w.fact)], q_of))
    scores = [
        100.0 * (1.0 - (1.0 - floor / 100.0) * exp(-fsum(one.c for one in entered) / SCALE))
        for (floor, _), entered in zip(floors, readings, strict=True)
    ]
    floor, floor_claim = floors[0]
    return Measure(
        method=weights.method("erosion"),
        score=scores[0],
        low=min(scores[0], scores[1]),
        high=max(scores[0], scores[2]),
        terms=_terms(readings[0], scores[0] - floor),
        excluded=_left_out(matched, readings[0], weights),
        floor=floor,
        floor_claim=floor_claim,
    )


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
) -> tuple[list["_Weighed"], list[list["_Entered"]]]:
    """The claims that may enter pressure or backing, and those that enter the three readings."""

    def row_of(fact: Facts) -> Row | None:
        if measure == "pressure":
            return criticism(fact, weights)
        return weights.backing if is_backing(fact) and government not in fact.states else None

    about = [f for f in _about(facts, government, on) if f.status in POSSIBLE]
    matched = [_speaking(f, row, on, weights) for f in about if (row := row_of(f)) is not None]
    readings = [
        _discounted(_entering([w for w in matched if choose(w.fact)], q_of))
        for choose, q_of in _readings(weights)
    ]
    return matched, readings


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


class _Weighed(msgspec.Struct, frozen=True, gc=False):
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


class _Entered(msgspec.Struct, frozen=True, gc=False):
    """A claim that enters a reading."""

    weighed: _Weighed
    q: float
    c: float
    nu: float = 1.0


def _speaking(fact: Facts, row: Row, on: date, weights: Weights) -> _Weighed:
    a = max((weights.actors[kind] for kind in fact.actors), default=0.0)
    s = 0.5 if len(fact.targets) > 1 else 1.0
    return _weighed(fact, row, on, a, s, fact.voices)


def _acting(fact: Facts, row: Row, on: date) -> _Weighed:
    return _weighed(fact, row, on, 1.0, 1.0, 1)


def _weighed(fact: Facts, row: Row, on: date, a: float, s: float, n: int) -> _Weighed:
    age_days = (on - fact.day).days
    weight = row.weight * a * s * (1.0 + log2(n))
    return _Weighed(fact, row, age_days, a, s, n, weight, 2.0 ** (-age_days / row.half_life_days))


def _entering(matched: Iterable[_Weighed], q_of: Callable[[Facts], float]) -> list[_Entered]:
    """The claims that enter a reading, in order of happening; of claims declared the same only the
    largest does."""
    entering: dict[str, _Entered] = {}
    for one in matched:
        q = q_of(one.fact)
        c = one.weight * q * one.decay
        held = entering.get(one.fact.happening)
        if held is None or c > held.c:
            entering[one.fact.happening] = _Entered(one, q, c)
    return sorted(entering.values(), key=lambda entered: entered.weighed.fact.order)


def _discounted(entered: Iterable[_Entered]) -> list[_Entered]:
    """The same with how often an actor repeated itself, which is counted among the claims that
    enter, so that the largest is chosen before repetition is discounted."""
    said: dict[tuple[str, str], list[int]] = {}
    found: list[_Entered] = []
    for one in entered:
        fact = one.weighed.fact
        days = said.setdefault((one.weighed.row.name, fact.actor), [])
        day = fact.day.toordinal()
        times = len(days) - bisect_right(days, day - NOVELTY_DAYS)
        days.append(day)
        if times:
            nu = 1.0 / (1 + times)
            one = _Entered(one.weighed, one.q, one.c * nu, nu)
        found.append(one)
    return found


def _terms(entered: Sequence[_Entered], total: float) -> tuple[Term, ...]:
    """The terms with their shares of `total`: points = total * c / sum of c, 0 where the sum is
    0."""
    whole = fsum(one.c for one in entered)
    return tuple(
        Term(
            claim=one.weighed.fact.claim,
            instrument=one.weighed.row.name,
            day=one.weighed.fact.day,
            status=one.weighed.fact.status,
            w=one.weighed.row.weight,
            half_life_days=one.weighed.row.half_life_days,
            a=one.weighed.a,
            s=one.weighed.s,
            nu=one.nu,
            n=one.weighed.n,
            q=one.q,
            age_days=one.weighed.age_days,
            c=one.c,
            points=total * one.c / whole if whole else 0.0,
        )
        for one in entered
    )


def only_high(status: str) -> str:
    """Why a claim of that status is left out of a score."""
    return f"{status}: counts only towards the high bound"


def _left_out(
    matched: Sequence[_Weighed], entered: Sequence[_Entered], weights: Weights
) -> tuple[Excluded, ...]:
    is_in = {one.weighed.fact.claim for one in entered}
    out: list[Excluded] = []
    for fact in (one.fact for one in matched):
        if fact.claim in is_in:
            if probability(fact, weights) == 0.0:
                out.append(Excluded(fact.claim, COUNTS_NOTHING))
        elif fact.status not in COUNTED:
            out.append(Excluded(fact.claim, only_high(fact.status)))
        else:
            out.append(Excluded(fact.claim, DECLARED_SAME))
    return tuple(out)
