"""The contract's numbers and its legal clock written down a second time, slowly and from the text
alone; it shares no code with the product, and never is quick.

A claim is the plain JSON of the contract. A `Belief` is a claim with what is thought of it.
"""

import calendar
import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from math import exp, log2
from pathlib import Path
from typing import Any

COUNTED = ("accepted", "contested")
IMPOSSIBLE = ("rejected", "refuted", "retracted", "superseded")
OWN_FORCE = {"APMBC": date(1999, 3, 1), "CCM": date(2010, 8, 1)}
"""Treaty -> when it entered into force itself."""
STEPS = {
    "withdrawal_recommended": "recommended", "withdrawal_announced": "announced",
    "government_approval": "government_approval", "bill_introduced": "bill",
    "parliament_vote": "parliament_vote", "head_of_state_assent": "assent",
    "withdrawal_instrument_deposited": "deposit", "withdrawal_circulated": "circulated",
    "withdrawal_effective": "in_effect",
}  # fmt: skip
"""Kind of claim -> step of leaving, in the order in which a state takes them."""
TABLES = Path(__file__).parents[2] / "data" / "weights"


@dataclass
class Belief:
    """A claim as believed: its status, where it was recorded, and its group of claims declared the
    same (its own id where it is alone)."""

    claim: dict[str, Any]
    status: str
    position: int
    group: str

    @property
    def details(self) -> dict[str, Any]:
        """What its kind says beyond what all say."""
        found: dict[str, Any] = self.claim.get("details", {})
        return found

    @property
    def kind(self) -> str:
        """One of `data/event_kinds.csv`."""
        return str(self.claim["kind"])

    @property
    def day(self) -> date:
        """Its representative day."""
        return representative(self.claim["occurred_on"])

    @property
    def order(self) -> tuple[date, int]:
        """By representative day, then by position."""
        return self.day, self.position

    @property
    def states(self) -> list[str]:
        """The codes of the states among its actors."""
        return [actor["code"] for actor in self.claim.get("actors", []) if actor["kind"] == "state"]

    @property
    def voice(self) -> str:
        """Its first actor."""
        actors = self.claim.get("actors", [])
        return f"{actors[0]['kind']}:{actors[0].get('code') or actors[0]['name']}" if actors else ""

    def concerns(self, government: str) -> bool:
        """Whether a government is among its targets."""
        return government in self.claim.get("targets", [])


def representative(text: str) -> date:
    """The representative day of an EDTF date: first + floor((last - first) / 2)."""
    ends = [end.rstrip("~?%") for end in text.split("/")]
    first, last = _ends(ends[0])[0], _ends(ends[-1])[1]
    return first + timedelta(days=(last - first).days // 2)


def bounds(text: str) -> tuple[date, date]:
    """The first and the last day of an EDTF date."""
    ends = [end.rstrip("~?%") for end in text.split("/")]
    return _ends(ends[0])[0], _ends(ends[-1])[1]


def _ends(text: str) -> tuple[date, date]:
    year, *rest = (int(part) for part in text.split("-"))
    if not rest:
        return date(year, 1, 1), date(year, 12, 31)
    month = rest[0]
    if len(rest) == 1:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, rest[1]), date(year, month, rest[1])


@dataclass
class Tables:
    """The tables of weights, by their own words, with what a workspace's set changes."""

    changes: dict[str, dict[str, float]] = field(default_factory=dict)

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of a table from top to bottom."""
        return _rows(name)

    def changed(self, group: str, key: str, published: str) -> float:
        """A published figure, or what the workspace's set says instead."""
        return self.changes.get(group, {}).get(key, float(published or 0))

    def actor(self, kind: str) -> float:
        """The weight of a kind of actor."""
        (row,) = [r for r in self.rows("actor_weights") if r["actor"] == kind]
        return self.changed("actors", kind, row["weight"])

    def probability(self, belief: Belief) -> float:
        """That of its best source; nothing where no source is graded."""
        grades = {r["reliability"]: r["probability"] for r in self.rows("grades")}
        told = [source.get("reliability") for source in belief.claim.get("sources", [])]
        return max((self.changed("grades", g, grades[g]) for g in told if g), default=0.0)

    def instrument(self, belief: Belief) -> tuple[str, float, float] | None:
        """The first matching row of `pressure_1.csv`: name, weight, half-life in days."""
        for row in self.rows("pressure_1"):
            if _applies(row["applies_to"], belief):
                return self._weighed(row)
        return None

    def backing(self) -> tuple[str, float, float]:
        """The row of backing: w 2, H 90."""
        return self._weighed({"instrument": "backing", "weight": "2", "half_life_days": "90"})

    def _weighed(self, row: dict[str, str]) -> tuple[str, float, float]:
        name = row["instrument"]
        return (
            name,
            self.changed("instruments", name, row["weight"]),
            self.changed("half_lives", name, row["half_life_days"]),
        )

    def floor(self, kind: str) -> float:
        """The floor of a stage; 0 where it is none."""
        rows = [r for r in self.rows("erosion_1") if r["kind"] == kind]
        return self.changed("floors", kind, rows[0]["floor"]) if rows and rows[0]["floor"] else 0.0

    def conduct(self, kind: str) -> tuple[float, float] | None:
        """Weight and half-life in days of conduct; None where it is none."""
        rows = [r for r in self.rows("erosion_1") if r["kind"] == kind]
        if not rows or not rows[0]["weight"]:
            return None
        half_life = self.changed("half_lives", kind, rows[0]["half_life_days"])
        return self.changed("conduct", kind, rows[0]["weight"]), half_life


@cache
def _rows(name: str) -> list[dict[str, str]]:
    with (TABLES / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def _applies(text: str, belief: Belief) -> bool:
    kind, _, rest = re.sub(r",.*", "", text).partition(" with ")
    if belief.kind != kind or belief.details.get("stance") == "opposes_norm":
        return False
    if not rest:
        return True
    name, sign, value = rest.removeprefix("details.").split(" ", 2)
    told = belief.details.get(name)
    if sign == ">=":
        return told is not None and told >= int(value)
    return told in value.split(" or ")


@dataclass
class Figure:
    """A number with its bounds."""

    score: float
    low: float
    high: float


Quality = Callable[[Belief], float]


@dataclass
class World:
    """Everything that is believed, looked at on one day."""

    beliefs: list[Belief]
    on: date
    tables: Tables = field(default_factory=Tables)

    def pressure(self, government: str) -> Figure:
        """`pressure/1`."""

        def row(belief: Belief) -> tuple[str, float, float] | None:
            return self.tables.instrument(belief) if belief.concerns(government) else None

        return self._three(lambda those, q: 100 * (1 - exp(-sum(self._spoken(those, q, row)) / 25)))

    def backing(self, government: str) -> Figure:
        """`backing/1`: as pressure, over claims made by others than the government."""

        def row(belief: Belief) -> tuple[str, float, float] | None:
            contests = belief.kind == "statement_contesting_norm"
            opposes = belief.details.get("stance") == "opposes_norm"
            by_others = government not in belief.states
            if belief.concerns(government) and by_others and (contests or opposes):
                return self.tables.backing()
            return None

        return self._three(lambda those, q: 100 * (1 - exp(-sum(self._spoken(those, q, row)) / 25)))

    def erosion(self, government: str) -> Figure:
        """`erosion/1`."""

        def score(those: list[Belief], q: Quality) -> float:
            floor = max(self.floor(government, those, treaty) for treaty in OWN_FORCE)
            acts = sum(self._acts(government, those, q))
            return 100 * (1 - (1 - floor / 100) * exp(-acts / 25))

        return self._three(score)

    def _three(self, of: Callable[[list[Belief], Quality], float]) -> Figure:
        seen = [b for b in self.beliefs if b.day <= self.on]
        sure = [b for b in seen if b.status == "accepted" and self.tables.probability(b) >= 0.9]
        counted = [b for b in seen if b.status in COUNTED]
        possible = [b for b in seen if b.status not in IMPOSSIBLE]

        def quality(belief: Belief) -> float:
            return self.tables.probability(belief) / (2 if belief.status == "contested" else 1)

        score = of(counted, quality)
        low, high = of(sure, quality), of(possible, lambda _: 1.0)
        return Figure(score, min(low, score), max(high, score))

    def _spoken(
        self,
        those: list[Belief],
        quality: Quality,
        row: Callable[[Belief], tuple[str, float, float] | None],
    ) -> Iterator[float]:
        """The terms of what was said: c = w·a·s·ν·(1 + log2 n)·q·2^(-age/H)."""
        weighed = {}
        for belief in those:
            found = row(belief)
            if found is None:
                continue
            name, w, half_life = found
            kinds = {actor["kind"] for actor in belief.claim.get("actors", [])}
            a = max((self.tables.actor(kind) for kind in kinds), default=0.0)
            s = 1 if len(belief.claim["targets"]) == 1 else 0.5
            n = max(1, belief.details.get("signatories") or len(set(belief.states)))
            fading = 2 ** (-(self.on - belief.day).days / half_life)
            c = w * a * s * (1 + log2(n)) * quality(belief) * fading
            weighed[belief.position] = belief, name, c
        entering = _one_of_each([(b, c) for b, _, c in weighed.values()])
        for belief in entering:
            _, name, c = weighed[belief.position]
            earlier = [
                other
                for other in entering
                if weighed[other.position][1] == name
                and other.voice == belief.voice
                and other.order < belief.order
                and (belief.day - other.day).days < 90
            ]
            yield c / (len(earlier) + 1)

    def _acts(self, government: str, those: list[Belief], quality: Quality) -> Iterator[float]:
        """The terms of conduct: c = w·q·2^(-age/H)."""
        found = []
        for belief in those:
            row = self.tables.conduct(belief.kind)
            if row is None or not belief.concerns(government):
                continue
            if belief.kind == "policy_change" and belief.details.get("stance") != "weakens":
                continue
            fading = 2 ** (-(self.on - belief.day).days / row[1])
            found.append((belief, row[0] * quality(belief) * fading))
        entering = {belief.position for belief in _one_of_each(found)}
        yield from (c for belief, c in found if belief.position in entering)

    def floor(self, government: str, those: list[Belief], treaty: str) -> float:
        """The largest floor among the stages of leaving one treaty, since the last reversal, or
        since the state joined: as one that had not, or that had left."""
        largest, wars = 0.0, self.wars(government)
        has_joined, has_left, leaving = False, False, list[Belief]()
        for belief in sorted(those, key=lambda b: b.order):
            if belief.claim["treaty"] != treaty or not belief.concerns(government):
                continue
            if belief.kind in ("withdrawal_reversed", "state_joined"):
                effects = [takes_effect(one, wars, belief.day) for one in leaving]
                has_left = has_left or any(e is not None and e <= belief.day for e in effects)
                if belief.kind == "withdrawal_reversed" or not has_joined or has_left:
                    largest, has_left, leaving = 0.0, False, []
                has_joined = has_joined or belief.kind == "state_joined"
                continue
            if belief.kind == "withdrawal_effective":
                has_left = has_left or belief.status != "contested"
            leads_out = carried(belief) and belief.details.get("stance") == "weakens"
            if belief.kind != "parliament_vote" or leads_out:
                largest = max(largest, self.tables.floor(belief.kind))
            if belief.kind == "withdrawal_instrument_deposited" and not leaving:
                leaving.append(belief)
                leaves = takes_effect(belief, wars, self.on)
                if leaves is not None and leaves <= self.on:
                    largest = max(largest, self.tables.floor("withdrawal_effective"))
        return largest

    def wars(self, government: str) -> list[Belief]:
        """What counts of the reports that a government is engaged in armed conflict, or is not."""
        return [
            belief
            for belief in sorted(self.beliefs, key=lambda b: b.order)
            if belief.kind == "armed_conflict_engagement_reported"
            and belief.concerns(government)
            and belief.status in COUNTED
            and belief.day <= self.on
        ]

    def standing(self, government: str, treaty: str) -> "Clock":
        """The legal clock of a government under a treaty."""
        clock = Clock(treaty, self.on, self.wars(government))
        for belief in sorted(self.beliefs, key=lambda b: b.order):
            is_its_own = belief.concerns(government) and belief.claim["treaty"] == treaty
            if is_its_own and belief.day <= self.on and belief.status in COUNTED:
                clock.take(belief)
        return clock

    def counts(self, governments: list[str], treaty: str) -> tuple[int, int]:
        """`deposited` and `in_force`."""
        clocks = [self.standing(code, treaty) for code in governments]
        held = [c for c in clocks if c.deposited is not None and c.status != "former_party"]
        return len(held), len([c for c in held if c.in_force is not None and c.in_force <= self.on])


def _one_of_each(weighed: list[tuple[Belief, float]]) -> list[Belief]:
    """Of claims declared the same the one with the largest c; of equals the earliest."""
    best: dict[str, tuple[Belief, float]] = {}
    for belief, c in sorted(weighed, key=lambda pair: pair[0].order):
        if belief.group not in best or c > best[belief.group][1]:
            best[belief.group] = belief, c
    return [belief for belief, _ in best.values()]


def carried(vote: Belief) -> bool:
    """Whether a vote was carried: as it says, else by its votes; a bare report does not say, and
    neither do the votes in favour alone, unless they are as many as required or most of the seats.
    """
    if "carried" in vote.details:
        return bool(vote.details["carried"])
    votes = vote.details.get("votes")
    if votes is None:
        return False
    in_favour: int = votes["for"]
    required, opposed, seats = (votes.get(name) for name in ("threshold", "against", "seats"))
    if required is not None and in_favour < required:
        return False
    if opposed is None:
        return required is not None or (seats is not None and in_favour > seats / 2)
    return bool(in_favour > opposed)


def takes_effect(deposit: Belief, wars: list[Belief], on: date) -> date | None:
    """When a withdrawal takes effect whose instrument was received: six months later, on a day the
    month lacks on its last; not before the end of an armed conflict, None while it goes on."""
    year, month = divmod(deposit.day.year * 12 + deposit.day.month - 1 + 6, 12)
    last = calendar.monthrange(year, month + 1)[1]
    due = date(year, month + 1, min(deposit.day.day, last))
    if "effective_date" in deposit.details:
        due = representative(deposit.details["effective_date"])
    if not engaged(wars, min(due, on)):
        return due
    ends = [war.day for war in wars if not war.details.get("engaged", True)]
    return next((max(end, due) for end in ends if end > min(due, on)), None)


def engaged(wars: list[Belief], when: date) -> bool:
    """Whether the last report up to a day has the state engaged in armed conflict."""
    told = [war for war in wars if war.day <= when]
    return bool(told) and bool(told[-1].details.get("engaged", True))


class Clock:
    """What a government is to a treaty on a day; fed with its claims in order."""

    def __init__(self, treaty: str, on: date, wars: list[Belief]) -> None:
        self.treaty, self.on, self.wars = treaty, on, wars
        self.signed = False
        self.deposited: date | None = None
        self.in_force: date | None = None
        self.is_stored = False
        self.received: Belief | None = None
        self.effective: date | None = None
        self.claimed = False
        self.objectors: set[str] = set()
        self.signed_on: date | None = None
        self.furthest: str | None = None

    def take(self, belief: Belief) -> None:
        """Read one claim."""
        self._step(belief)
        if belief.kind == "state_signed":
            self.signed = True
            self.signed_on = self.signed_on or belief.day
        elif belief.kind == "state_joined":
            self._join(belief)
        elif belief.kind == "withdrawal_instrument_deposited":
            self.received = self.received or belief
        elif belief.kind == "withdrawal_effective" and belief.status == "accepted":
            self.effective = self.effective or belief.day
        elif belief.kind == "withdrawal_reversed":
            self.received, self.effective, self.claimed = None, None, False
            self.furthest = None if self.deposited is None else "reversed"
            self.objectors = set()
        elif belief.kind == "suspension_notified":
            self.claimed = True
        elif belief.kind == "objection_lodged":
            self.objectors |= set(belief.states)

    def _join(self, belief: Belief) -> None:
        stored = belief.details.get("entry_into_force")
        if self.deposited is not None and not self._had_left(belief.day):
            if stored and not self.is_stored and belief.day <= max(self.deposited, self.bound):
                self.in_force, self.is_stored = representative(stored), True
            return
        self.received = self.effective = self.furthest = None
        self.deposited, self.is_stored = belief.day, bool(stored)
        year, month = divmod(belief.day.year * 12 + belief.day.month - 1 + 6, 12)
        computed = max(date(year, month + 1, 1), OWN_FORCE[self.treaty])
        self.in_force = representative(stored) if stored else computed

    def _step(self, belief: Belief) -> None:
        """A step of leaving counts where a state has joined, or the depositary took it; the
        furthest one stands."""
        if belief.kind not in STEPS:
            return
        if belief.kind == "parliament_vote" and not (
            carried(belief) and belief.details.get("stance") == "weakens"
        ):
            return
        taken = ("withdrawal_instrument_deposited", "withdrawal_effective")
        if self.deposited is None and belief.kind not in taken:
            return
        if belief.kind == "withdrawal_effective" and belief.status != "accepted":
            return
        order = list(STEPS.values())
        step = STEPS[belief.kind]
        if self.furthest not in order or order.index(step) > order.index(self.furthest):
            self.furthest = step

    @property
    def stage(self) -> str | None:
        """The furthest step of leaving."""
        return "in_effect" if self._had_left(self.on) else self.furthest

    @property
    def since(self) -> date | None:
        """When the status began."""
        received = None if self.received is None else self.received.day
        return {
            "former_party": self.leaves,
            "leaving": received,
            "party": self.in_force,
            "acceding": self.deposited,
            "signatory": self.signed_on,
            "not_party": None,
        }[self.status]

    @property
    def bound(self) -> date:
        """When the treaty enters into force for the state; the last of days where it never does."""
        return self.in_force or date.max

    @property
    def leaves(self) -> date | None:
        """When a withdrawal takes effect; None without one, or while armed conflict holds it."""
        if self.effective is not None or self.received is None:
            return self.effective
        return takes_effect(self.received, self.wars, self.on)

    def _had_left(self, day: date) -> bool:
        return self.leaves is not None and self.leaves <= day

    @property
    def status(self) -> str:
        """One of the six of the contract."""
        if self._had_left(self.on):
            return "former_party"
        if self.received is not None:
            return "leaving"
        if self.deposited is None:
            return "signatory" if self.signed else "not_party"
        return "party" if self.bound <= self.on else "acceding"
