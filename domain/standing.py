"""What a government is to a treaty on a day, folded from its legal facts; pure, and silent on
numbers."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from copy import copy
from datetime import date
from typing import Final, Literal

import msgspec

from domain.facts import COUNTED, Facts
from domain.treaties import Expiry, Treaty, in_force_for, withdrawal_expiry

Status = Literal["not_party", "signatory", "acceding", "party", "leaving", "former_party"]

STAGES: Final[dict[str, str]] = {
    "withdrawal_recommended": "recommended",
    "withdrawal_announced": "announced",
    "government_approval": "government_approval",
    "bill_introduced": "bill",
    "parliament_vote": "parliament_vote",
    "head_of_state_assent": "assent",
    "withdrawal_instrument_deposited": "deposit",
    "withdrawal_circulated": "circulated",
    "withdrawal_effective": "in_effect",
}
"""Kind of claim -> step of leaving, in the order in which a state takes them."""
STAGE_ORDER: Final = (*STAGES.values(), "reversed")
_RANKS: Final = {stage: rank for rank, stage in enumerate(STAGE_ORDER)}
CONFLICT: Final = "armed_conflict_engagement_reported"
LEGAL_KINDS: Final = frozenset(STAGES) | {
    "state_signed",
    "state_joined",
    "withdrawal_reversed",
    "suspension_notified",
    "objection_lodged",
    CONFLICT,
}
"""Kinds that a standing is folded from."""
SURPRISES_MAX: Final = 20
"""So many claims that do not fit are named, and none once a government joined more often."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A government's standing under one treaty on a day.

    `since`: when the status began. `stage`: the furthest step of leaving. `expected_on`: when a
    withdrawal takes (or took) effect; None with a `reason` while armed conflict holds it up;
    `about` when the month lacks the day, or the day of receipt is not known for certain, which
    `received_about` says. `confirmed`: whether an accepted claim says that it took effect.
    `stated_by`: the claim that gives the day on which a state that joins or leaves is to be bound
    or free; None where the day is reckoned.
    `claimed` and `disputed_by`: a claimed suspension, which changes nothing in law, and the states
    that object to it. `surprises`: claims that do not fit, such as a withdrawal by a state
    that is not party, or a reversal after the effect; not more than `SURPRISES_MAX`.
    """

    status: Status = "not_party"
    stage: str | None = None
    since: date | None = None
    expected_on: date | None = None
    confirmed: bool | None = None
    claimed: str | None = None
    disputed_by: tuple[str, ...] = ()
    signed_on: date | None = None
    deposited_on: date | None = None
    in_force_on: date | None = None
    received_on: date | None = None
    received_about: bool = False
    leaves_on: date | None = None
    about: bool = False
    stated_by: str | None = None
    reason: str | None = None
    surprises: tuple[str, ...] = ()


Periods = list[tuple[date, date | None]]
"""Armed conflicts: from, until."""


def standing_on(treaty: Treaty, government: str, facts: Iterable[Facts], on: date) -> Standing:
    """The standing of `government` under `treaty` on the day `on`.

    `facts`: believed claims, of which only the counted ones about this government and treaty up to
    `on` are used; armed conflict counts under whichever treaty it was recorded.
    """
    history = sorted(
        (f for f in facts if _is_relevant(f, treaty, government, on)), key=lambda f: f.order
    )
    fold = LegalFold(treaty, conflicts(history, government, on))
    for fact in history:
        fold.take(fact)
    return fold.standing(on)


class Standings:
    """The standings of one government under one treaty on every day, folded once: `take` counted
    facts in order of happening, then ask. Claims that do not fit are not named."""

    def __init__(self, treaty: Treaty, periods: Periods) -> None:
        """`periods`: the armed conflicts of the government, see `conflicts`."""
        self._fold = LegalFold(treaty, periods, names_surprises=False)
        self._days: list[date] = []
        self._folds: list[LegalFold] = []

    @property
    def size(self) -> int:
        """How many states are kept."""
        return len(self._folds)

    def take(self, fact: Facts) -> None:
        """Fold one fact in, which is counted and of the treaty."""
        fold = self._fold
        fold.take(fact)
        if self._folds and fold == self._folds[-1]:
            return
        if not self._days or self._days[-1] != fact.day:
            self._days.append(fact.day)
            self._folds.append(copy(fold))
        else:
            self._folds[-1] = copy(fold)

    def until(self, day: date) -> "Standings":
        """What was folded of the days before one; this stays as it is."""
        found = Standings(self._fold.treaty, self._fold.conflicts)
        known = bisect_left(self._days, day)
        found._days, found._folds = self._days[:known], self._folds[:known]
        if known:
            found._fold = copy(found._folds[-1])
        return found

    def turns(self) -> set[date]:
        """The days on which the standing may change: of facts, of what they lead to, and of armed
        conflicts, which hold that up."""
        found = {*self._days, *ends(self._fold.conflicts)}
        for fold in self._folds:
            expiry = fold.expiry.on if fold.expiry else None
            found.update(day for day in (fold.bound, expiry) if day is not None)
        return found

    def on(self, day: date) -> Standing:
        """The standing on a day."""
        known = bisect_right(self._days, day)
        return copy(self._folds[known - 1]).standing(day) if known else _NOTHING


def conflicts(facts: Iterable[Facts], government: str, on: date) -> Periods:
    """Periods up to `on` in which the government is reported engaged in armed conflict: (from,
    until)."""
    reports = [
        f
        for f in facts
        if f.kind == CONFLICT and f.status in COUNTED and government in f.targets and f.day <= on
    ]
    return _periods_of(sorted(reports, key=lambda f: f.order))


def _periods_of(reports: Iterable[Facts]) -> Periods:
    """The same, given all counted reports of armed conflict in order of happening."""
    periods: Periods = []
    for fact in reports:
        report(periods, fact)
    return periods


def report(periods: Periods, fact: Facts) -> None:
    """Let a counted report of armed conflict, which follows those before, begin or end a period."""
    is_open = bool(periods) and periods[-1][1] is None
    if fact.engaged and not is_open:
        periods.append((fact.day, None))
    elif not fact.engaged and is_open:
        periods[-1] = (periods[-1][0], fact.day)


def ends(periods: Periods) -> Iterator[date]:
    """The days on which armed conflicts begin and end."""
    return (day for period in periods for day in period if day is not None)


def known_by(periods: Periods, day: date) -> Periods:
    """What is known by a day of armed conflicts: those that began, and which of them ended."""
    return [
        (begin, end if end is not None and end <= day else None)
        for begin, end in periods
        if begin <= day
    ]


def expiry_in_conflict(expiry: Expiry, treaty: Treaty, periods: Periods, on: date) -> Expiry:
    """The day a withdrawal takes effect, given armed conflict: Art. 20(3), second sentence.

    A state engaged in armed conflict when the six months end stays bound until the conflict ends.
    Before that day the question is asked of today: engaged now means no date can be given.
    """
    if expiry.on is None or not treaty.conflict_clause:
        return expiry
    asked = min(expiry.on, on)
    for start, end in periods:
        if start <= asked and (end is None or end > asked):
            if end is None:
                reason = (
                    f"engaged in armed conflict since {start.isoformat()}; no withdrawal takes "
                    f"effect before its end ({treaty.code} {treaty.withdrawal_article})"
                )
                return Expiry(on=None, about=expiry.about, reason=reason)
            return Expiry(on=max(expiry.on, end), about=expiry.about)
    return expiry


def is_vote_to_leave(fact: Facts) -> bool:
    """Whether a parliament's vote is a step of leaving: one that was carried, and weakens."""
    return fact.carried and fact.stance == "weakens"


def _is_relevant(fact: Facts, treaty: Treaty, government: str, on: date) -> bool:
    return (
        fact.kind in LEGAL_KINDS
        and fact.status in COUNTED
        and government in fact.targets
        and fact.day <= on
        and is_under(fact, treaty)
    )


def is_under(fact: Facts, treaty: Treaty) -> bool:
    """Whether a legal fact counts under a treaty, as armed conflict does under any."""
    return fact.treaty == treaty.code or fact.kind == CONFLICT


class LegalFold(msgspec.Struct, gc=False):
    """The fold of one government's legal history under one treaty, in order of happening.

    An expected date passes between two facts just as it does for whoever asks later: an armed
    conflict of whose end nobody knew yet ended later than that.
    """

    treaty: Treaty
    conflicts: Periods
    names_surprises: bool = True
    signed: date | None = None
    joined: date | None = None
    bound: date | None = None
    bound_by: str | None = None
    expiry: Expiry | None = None
    received: date | None = None
    received_by: str | None = None
    left: date | None = None
    is_confirmed: bool = False
    is_received_about: bool = False
    stage: str | None = None
    suspended: bool = False
    objectors: frozenset[str] = frozenset()
    surprises: tuple[str, ...] = ()
    joinings: int = 0

    def take(self, fact: Facts) -> None:
        """Fold one legal fact in."""
        self._let_expiry_pass(fact.day)
        if fact.kind == "state_signed":
            self.signed = self.signed or fact.day
        elif fact.kind == "state_joined":
            self.joinings += 1
            self._join(fact)
        elif fact.kind == "withdrawal_reversed":
            self._reverse(fact)
        elif fact.kind == "suspension_notified":
            self.suspended = True
        elif fact.kind == "objection_lodged":
            self.objectors = self.objectors.union(fact.states)
        elif fact.kind in STAGES:
            self._step(fact)

    def standing(self, on: date) -> Standing:
        """The standing that the facts taken so far amount to on a day after them."""
        self._let_expiry_pass(on)
        expiry = self._expiry_on(on)
        status: Status
        since: date | None
        if self.left is not None:
            status, since = "former_party", self.left
        elif expiry is not None:
            status, since = "leaving", self.received
        elif self.joined is None:
            status, since = ("signatory" if self.signed else "not_party"), self.signed
        elif self.bound is not None and self.bound <= on:
            status, since = "party", self.bound
        else:
            status, since = "acceding", self.joined
        leaves = self.left or (expiry.on if expiry else None)
        is_going = status in ("leaving", "former_party")
        return Standing(
            status=status,
            stage="in_effect" if self.left is not None else self.stage,
            since=since,
            expected_on=leaves if is_going else None,
            confirmed=self.is_confirmed if is_going else None,
            claimed="suspended" if self.suspended else None,
            disputed_by=tuple(sorted(self.objectors)) if self.suspended else (),
            signed_on=self.signed,
            deposited_on=self.joined,
            in_force_on=self.bound,
            received_on=self.received,
            received_about=self.is_received_about,
            leaves_on=leaves,
            about=bool(expiry and expiry.about) and not self.is_confirmed,
            stated_by=self._stated_by(status, expiry),
            reason=expiry.reason if expiry and self.left is None else None,
            surprises=self.surprises,
        )

    def _stated_by(self, status: Status, expiry: Expiry | None) -> str | None:
        if status == "leaving":
            return self.received_by if expiry is not None and expiry.stated else None
        return self.bound_by if status == "acceding" else None

    def _expiry_on(self, day: date) -> Expiry | None:
        if self.expiry is None or not self.conflicts:
            return self.expiry
        return expiry_in_conflict(self.expiry, self.treaty, known_by(self.conflicts, day), day)

    def _let_expiry_pass(self, day: date) -> None:
        """An expected date that has passed counts as in effect, unconfirmed."""
        if self.left is None and self.expiry is not None:
            expiry = self._expiry_on(day)
            if expiry and expiry.on and expiry.on <= day:
                self.left = expiry.on

    def _join(self, fact: Facts) -> None:
        if self.joined is not None and self.left is None:
            self._join_again(fact)
            return
        self._clear_withdrawal()
        self.joined = fact.day
        self.bound_by = fact.claim if fact.stated is not None else None
        self.bound = in_force_for(self.treaty, fact.day, fact.stated)

    def _join_again(self, fact: Facts) -> None:
        """A second report of a joining: the first day stands, and a stored entry into force
        wins."""
        if self.bound is not None and self.joined and fact.day > max(self.bound, self.joined):
            self._be_surprised(fact)
        elif fact.stated is not None and self.bound_by is None:
            self.bound, self.bound_by = fact.stated, fact.claim

    def _reverse(self, fact: Facts) -> None:
        """A notice that is revoked, or a state that rejoins, as the kind says. A notice can be
        revoked before it takes effect alone (Vienna Convention on the Law of Treaties, Art. 68):
        afterwards the claim tells of rejoining without the instrument that one rejoins by."""
        if self.left is not None:
            self._be_surprised(fact)
        self._clear_withdrawal()
        self.stage = "reversed" if self.joined is not None else None
        self.suspended = False
        self.objectors = frozenset()

    def _clear_withdrawal(self) -> None:
        self.expiry = self.received = self.received_by = self.left = self.stage = None
        self.is_confirmed = self.is_received_about = False

    def _step(self, fact: Facts) -> None:
        if fact.kind == "parliament_vote" and not is_vote_to_leave(fact):
            return
        if fact.kind == "withdrawal_effective" and fact.status != "accepted":
            return
        if self.joined is None:
            # A withdrawal that the depositary took is a fact even where no joining was recorded.
            self._be_surprised(fact)
            if fact.kind not in ("withdrawal_instrument_deposited", "withdrawal_effective"):
                return
        stage = STAGES[fact.kind]
        if self.stage in (None, "reversed") or _rank(stage) > _rank(self.stage):
            self.stage = stage
        if fact.kind == "withdrawal_instrument_deposited" and self.received is None:
            self.received, self.is_received_about = fact.day, fact.is_about
            self.received_by = fact.claim
            self.expiry = withdrawal_expiry(
                self.treaty, fact.day, fact.stated, is_about=fact.is_about
            )
        elif fact.kind == "withdrawal_effective" and not self.is_confirmed:
            self.is_confirmed, self.left = True, min(fact.stated or fact.day, fact.day)

    def _be_surprised(self, fact: Facts) -> None:
        is_bounded = len(self.surprises) < SURPRISES_MAX and self.joinings <= SURPRISES_MAX
        if self.names_surprises and is_bounded:
            self.surprises = *self.surprises, fact.claim


_NOTHING: Final = Standing()


def _rank(stage: str | None) -> int:
    return _RANKS[stage] if stage is not None else -1
