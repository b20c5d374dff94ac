"""The clocks of what a party must do under a treaty, folded from what is told of them; pure, and
silent on whether a duty was done well.

Which duties there are, and by when, is the treaty's value (see `domain.treaties`); here is only how
claims end, move or overrun them.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from domain.standing import Standing
from domain.treaties import TREATIES, Duty, Treaty, answer_due, due_on

MISSED: Final = "obligation_deadline_missed"
DECIDED: Final = "meeting_decision"
REQUESTED: Final = "clarification_requested"
DUTY_KINDS: Final = frozenset({MISSED, REQUESTED}).union(
    *(duty.done_by | duty.extended_by for t in TREATIES.values() for duty in t.duties)
)
"""Kinds of claims that say something of a duty."""
_BOUND: Final = frozenset({"party", "leaving"})

ClockState = Literal["computed", "extended", "missed", "passed"]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What one counted claim says of duties: `due` the day it states for a government, `article`
    the article it names."""

    claim: str
    kind: str
    treaty: str
    day: date
    position: int
    targets: tuple[str, ...]
    due: dict[str, date] = {}
    article: str | None = None


class DutyClock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock: what is due, by when, after which article, and the claim that moved it, if any.

    `on` is None with a `reason` where more time was given and no claim says until when; `stated`:
    whether it is the day that `claim` states, not one that is reckoned.
    """

    what: str
    on: date | None
    counted_from: date | None
    article: str
    state: ClockState
    claim: str | None = None
    reason: str | None = None
    stated: bool = False


class Deciding:
    """The few of everything told up to the day `on` that the clocks of that day follow from.

    `duty_clocks` says the same of them as of all: of each duty of each government one claim that it
    is done and the last that moved it, and the requests that still have time to be answered.
    """

    def __init__(self, on: date) -> None:
        self.on = on
        self._done: dict[_Duty, Told] = {}
        self._last: dict[_Duty, Told] = {}
        self._asked: list[Told] = []

    def take(self, told: Iterable[Told]) -> None:
        """Look at some of what is told, in any order."""
        for one in told:
            if one.day <= self.on:
                self._look(one, TREATIES[one.treaty])

    def by_government(self) -> dict[str, list[Told]]:
        """What was kept, by the government it is kept of."""
        found: dict[str, dict[str, Told]] = {}
        for those in (self._done, self._last):
            for (government, _, _), one in those.items():
                found.setdefault(government, {})[one.claim] = one
        for one in self._asked:
            for government in one.targets:
                found.setdefault(government, {})[one.claim] = one
        return {government: list(those.values()) for government, those in found.items()}

    def _look(self, one: Told, treaty: Treaty) -> None:
        if one.kind == REQUESTED:
            due = _answer_due(treaty, one)
            if due is not None and due >= self.on:
                self._asked.append(one)
            return
        for duty in treaty.duties:
            if not _is_meant(duty, one):
                continue
            for government in one.targets:
                key = government, treaty.code, duty.what
                if one.kind in duty.done_by:
                    self._done.setdefault(key, one)
                elif one.kind in duty.extended_by or one.kind == MISSED:
                    held = self._last.get(key)
                    if held is None or (held.day, held.position) < (one.day, one.position):
                        self._last[key] = one


_Duty = tuple[str, str, str]
"""A government, a treaty by its code, and what is to be done."""


def duty_clocks(
    treaty: Treaty, government: str, standing: Standing, told: Iterable[Told], on: date
) -> list[DutyClock]:
    """The clocks of one government on the day `on`: for whom the treaty is in force, and until it
    has left.

    A clock whose computed day has passed is told only where a claim says that the duty was
    extended or missed: of most governments nobody recorded that they had nothing to destroy or
    clear.
    """
    entered = standing.in_force_on
    if entered is None or entered > on or standing.status not in _BOUND:
        return []
    meant = sorted(
        (t for t in told if t.treaty == treaty.code and government in t.targets and t.day <= on),
        key=lambda t: (t.day, t.position),
    )
    since = standing.deposited_on or date.min
    found = [_duty_clock(duty, government, entered, since, meant, on) for duty in treaty.duties]
    return [*(clock for clock in found if clock is not None), *_answers(treaty, meant, on)]


def _duty_clock(
    duty: Duty, government: str, entered: date, since: date, told: Sequence[Told], on: date
) -> DutyClock | None:
    """`since`: the deposit; what moved a clock before it belongs to a membership that ended."""
    due = due_on(duty, entered)
    last: Told | None = None
    for one in told:
        if one.kind in duty.done_by:
            return None
        if one.day >= since and (one.kind in duty.extended_by or one.kind == MISSED):
            last = one if _is_meant(duty, one) else last
    if last is None:
        if due < on:
            return None
        return DutyClock(
            what=duty.what,
            on=due,
            counted_from=entered,
            article=duty.article,
            state="computed",
            reason=duty.only_if or None,
        )
    stated = last.due.get(government)
    if last.kind == MISSED:
        missed = _moved(duty, last, stated, "missed", None)
        if stated is None:
            missed = msgspec.structs.replace(missed, on=due, counted_from=entered)
        return missed
    if stated is None:
        return _moved(duty, last, None, "extended", "no claim says until when")
    if stated < on:
        reason = "no claim says that it was met, or extended again"
        return _moved(duty, last, stated, "passed", reason)
    return _moved(duty, last, stated, "extended", None)


def _moved(
    duty: Duty, by: Told, on: date | None, state: ClockState, reason: str | None
) -> DutyClock:
    article = duty.article if state == "missed" else duty.extension_article or duty.article
    return DutyClock(
        what=duty.what,
        on=on,
        counted_from=by.day,
        article=article,
        state=state,
        claim=by.claim,
        reason=reason,
        stated=on is not None,
    )


def _is_meant(duty: Duty, told: Told) -> bool:
    """Whether a claim speaks of this duty: by its kind where that serves one duty alone, else by
    the article it names; what was missed without an article is the destruction of stocks."""
    if told.kind not in (MISSED, DECIDED):
        return True
    if told.article is None:
        return told.kind == MISSED and duty.what == "stockpile"
    return _article(told.article) == _article(duty.article)


def _article(text: str) -> str:
    number = re.search(r"\d+", text)
    return number[0] if number else text


def _answers(treaty: Treaty, told: Iterable[Told], on: date) -> Iterable[DutyClock]:
    for one in told:
        if one.kind != REQUESTED:
            continue
        due = _answer_due(treaty, one)
        if due is not None and due >= on:
            yield DutyClock(
                what="answer",
                on=due,
                counted_from=one.day,
                article=treaty.answer_article,
                state="computed",
                claim=one.claim,
                stated=bool(one.due),
            )


def _answer_due(treaty: Treaty, request: Told) -> date | None:
    return answer_due(treaty, request.day, next(iter(request.due.values()), None))
