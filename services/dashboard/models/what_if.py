"""What would change a number most: the same formula over other facts; pure, and never recorded."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from domain.facts import COUNTED, POSSIBLE, Facts
from domain.numbers import Figure, Measure, conduct, criticism, is_backing, is_stage
from domain.standing import LEGAL_KINDS
from domain.weights import Weights
from services.dashboard.charts.figures import Interval
from services.dashboard.formats import day_text
from services.dashboard.language import _
from services.dashboard.models.supposing import Supposing

TRIED_MAX: Final = 4
"""How many of the heaviest terms, and of the claims that wait, are tried out."""
SCENARIOS_MAX: Final = 6
FACTS_MAX: Final = 1000
"""Beyond so many facts that may enter a number only the passing of time is tried out: each try
reckons the number anew."""
QUIET_DAYS: Final = 182


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """What the number would be if something else were on file; `claim` is the one concerned."""

    what: str
    claim: str | None
    now: Interval
    moves: float
    """By how much score and width of the interval change together."""


def scenarios(
    measure: str,
    government: str,
    facts: Sequence[Facts],
    found: Measure,
    *,
    on: date,
    weights: Weights,
) -> tuple[Scenario, ...]:
    """The changes that would move the number most, the largest first; quiet time stands last."""
    if not found.high:
        return ()
    entering = [fact for fact in facts if _may_enter(measure, fact, weights)]
    tried = [] if len(entering) > FACTS_MAX else list(_tries(entering, found, weights))
    supposing = Supposing(measure, government, entering, on, weights)
    made = [
        _scenario(what, claim, found, supposing.figure(claim, other))
        for what, claim, other in tried
    ]
    made.sort(key=lambda scenario: -scenario.moves)
    quiet = passing(found, supposing.later(later_than(on)), on)
    return (*(s for s in made[:SCENARIOS_MAX] if s.moves >= 0.05), *quiet)


def later_than(on: date) -> date:
    """The day until which nothing new may come."""
    return on + timedelta(days=QUIET_DAYS)


def passing(found: Measure, later: Figure | None, on: date) -> tuple[Scenario, ...]:
    """The passing of time alone; nothing where nothing may be true."""
    if not found.high or later is None:
        return ()
    what = _("Nothing new until %(day)s", day=day_text(later_than(on)))
    return (_scenario(what, None, found, later),)


def _may_enter(measure: str, fact: Facts, weights: Weights) -> bool:
    """Whether a number could differ without a claim, whatever its sources."""
    if fact.status not in POSSIBLE:
        return False
    if measure == "pressure":
        return criticism(fact, weights) is not None
    if measure == "backing":
        return is_backing(fact)
    is_legal = fact.kind in LEGAL_KINDS or is_stage(fact, weights)
    return is_legal or conduct(fact, weights) is not None


def _tries(
    facts: Sequence[Facts], found: Measure, weights: Weights
) -> list[tuple[str, str, Facts | None]]:
    """What is tried out: a claim, and what it would say instead, None for nothing."""
    by_claim = {fact.claim: fact for fact in facts}
    heaviest = sorted(found.terms, key=lambda t: -t.points)[:TRIED_MAX]
    tries: list[tuple[str, str, Facts | None]] = []
    for term in heaviest:
        fact = by_claim[term.claim]
        short = _short(fact.summary)
        tries.append((_("Withdrawn: %(what)s", what=short), fact.claim, None))
        if max((weights.grades[g] for g in fact.reliabilities), default=0.0) < weights.grades["A"]:
            better = msgspec.structs.replace(fact, reliabilities=(*fact.reliabilities, "A"))
            what = _("A source of grade A for: %(what)s", what=short)
            tries.append((what, fact.claim, better))
    left_out = {out.claim for out in found.excluded}
    may_count = found.floor is not None
    waiting = [f for f in facts if f.status == "pending" and (may_count or f.claim in left_out)]
    for fact in waiting[-TRIED_MAX:]:
        accepted = msgspec.structs.replace(fact, status="accepted")
        what = _("Accepted: %(what)s", what=_short(fact.summary))
        tries.append((what, fact.claim, accepted))
    contested = [f for f in facts if f.status == "contested" and f.status in COUNTED]
    for fact in contested[-TRIED_MAX:]:
        settled = msgspec.structs.replace(fact, status="accepted")
        what = _("No longer contested: %(what)s", what=_short(fact.summary))
        tries.append((what, fact.claim, settled))
    return tries


def _scenario(what: str, claim: str | None, found: Measure, other: Figure) -> Scenario:
    width = abs((other.high - other.low) - (found.high - found.low))
    return Scenario(
        what=what,
        claim=claim,
        now=Interval(other.score, other.low, other.high, 1),
        moves=abs(other.score - found.score) + width,
    )


def _short(text: str, chars_max: int = 70) -> str:
    """The beginning of a summary, cut between words."""
    if len(text) <= chars_max:
        return text.rstrip(".")
    return text[:chars_max].rsplit(" ", 1)[0].rstrip(",;:.") + " …"
