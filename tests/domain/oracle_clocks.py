"""The clocks of duties, and what was known by a moment, written down a second time, slowly and from
the text alone; it shares no code with the product.

A claim is the plain JSON of the contract, as in `tests.domain.oracle`.
"""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from tests.domain.oracle import Belief, World, bounds

DUTIES = {
    "APMBC": {"stockpile": (4, "4", False), "clearance": (10, "5", True)},
    "CCM": {"stockpile": (8, "3", True), "clearance": (10, "4", True)},
}
"""Treaty -> what is to be done -> within how many years, by which article, whether a meeting may
give more time."""
ANSWER_DAYS = 28
DONE = ("stockpile_destroyed", "clearance_completed")
Clock = tuple[str, date | None, str]
"""What is due, when, and whether that is computed, extended, missed or passed."""


def duties(world: World, government: str, treaty: str) -> list[Clock]:
    """The clocks of duties and of answers that run for a government on the world's day."""
    clock = world.standing(government, treaty)
    if clock.status not in ("party", "leaving") or clock.bound > world.on:
        return []
    told = [
        belief
        for belief in sorted(world.beliefs, key=lambda b: b.order)
        if belief.status in ("accepted", "contested")
        and belief.day <= world.on
        and belief.claim["treaty"] == treaty
        and belief.concerns(government)
    ]
    found = []
    for what, (years, article, may_extend) in DUTIES[treaty].items():
        due = _years_after(clock.bound, years)
        # Time that was given, or a day missed, before a state rejoined is none of its new time.
        meant = [
            belief
            for belief in _of_duty(told, what, article, may_extend)
            if belief.kind in DONE or clock.deposited is None or belief.day >= clock.deposited
        ]
        found += _duty(what, due, meant, government, world.on)
    for belief in told:
        if belief.kind == "clarification_requested":
            stated = belief.details.get("answer_due")
            due = bounds(stated)[1] if stated else belief.day + timedelta(days=ANSWER_DAYS)
            found += [("answer", due, "computed")] if due >= world.on else []
    return found


def _years_after(day: date, years: int) -> date:
    last = calendar.monthrange(day.year + years, day.month)[1]
    return date(day.year + years, day.month, min(day.day, last))


def _of_duty(told: list[Belief], what: str, article: str, may_extend: bool) -> list[Belief]:
    """The claims that say something of a duty: that it was done, missed, or given more time."""
    kinds = {"stockpile": ["stockpile_destroyed"], "clearance": ["clearance_completed"]}[what]
    kinds += ["clearance_deadline_extended"] if what == "clearance" else []
    found = []
    for belief in told:
        number = re.search(r"\d+", belief.details.get("article", ""))
        named = number[0] if number else belief.details.get("article")
        by_meeting = belief.kind == "meeting_decision" and may_extend and named == article
        missed = belief.kind == "obligation_deadline_missed"
        meant = named == article or (named is None and what == "stockpile")
        if belief.kind in kinds or by_meeting or (missed and meant):
            found.append(belief)
    return found


def _duty(what: str, due: date, told: list[Belief], government: str, on: date) -> list[Clock]:
    if any(b.kind in DONE for b in told):
        return []
    if not told:
        return [(what, due, "computed")] if due >= on else []
    last = told[-1]
    text = last.details.get("deadlines", {}).get(government) or last.details.get("deadline")
    stated = bounds(text)[1] if text else None
    if last.kind == "obligation_deadline_missed":
        return [(what, stated or due, "missed")]
    if stated is not None and stated < on:
        return [(what, stated, "passed")]
    return [(what, stated, "extended")]


@dataclass
class Known:
    """Reads a log event by event, and tells which of them were known by a moment: every event from
    its own `known_since` on, but of one claim never sooner than what came before, and what changes
    a group of claims declared the same never sooner than any of them."""

    moment: datetime
    since: dict[str, datetime] = field(default_factory=dict)
    links: set[frozenset[str]] = field(default_factory=set)

    def knows(self, named: Iterable[str], known_since: datetime, change: str) -> bool:
        """Whether the next event, about some claims, was known; `change`: `same` or `separate`
        where it declares two the same or parts them."""
        claims = list(named)
        if not change:
            (claim,) = claims
            self.since[claim] = max(known_since, self.since.get(claim, known_since))
            return self.since[claim] <= self.moment
        members = set().union(*(self._group(claim) for claim in claims))
        since = max(known_since, *(self.since[claim] for claim in members))
        before = {claim: (self._first(claim), self._beside(claim)) for claim in members}
        pair = frozenset(claims)
        self.links = self.links | {pair} if change == "same" else self.links - {pair}
        for claim in members:
            if (self._first(claim), self._beside(claim)) != before[claim]:
                self.since[claim] = since
        return since <= self.moment

    def _first(self, claim: str) -> str:
        """The claim of a group that was recorded first, after which its happening is called."""
        group = self._group(claim)
        return next(one for one in self.since if one in group)

    def _beside(self, claim: str) -> set[str]:
        return {other for pair in self.links if claim in pair for other in pair}

    def _group(self, claim: str) -> set[str]:
        found, waiting = {claim}, [claim]
        while waiting:
            new = self._beside(waiting.pop()) - found
            found |= new
            waiting += new
        return found


def moment_of(text: str) -> datetime:
    """What a day (its whole) or a timestamp of the second clock stands for."""
    if len(text) == len("2025-01-01"):
        return datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(days=1, microseconds=-1)
    return datetime.fromisoformat(text)
