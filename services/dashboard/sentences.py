"""The sentences people quote, built from data; they never hold a word that the data does not carry.

Legal words: a state is bound, leaving, or a former party; who never joined is "not party" and is
never said to be in breach. What a state only claims is said to be claimed.
"""

from datetime import date, timedelta
from typing import Final

import msgspec

from services.dashboard.charts.figures import BoundStep, BoundSteps
from services.dashboard.formats import (
    day_text,
    names_text,
    number_word,
    ordinal_word,
    upper_first,
)
from services.dashboard.language import Words, _, count_text, many, told, told_many, word
from services.dashboard.models.shapes import Sentence, Status

SOON_DAYS: Final = 92
"""An expected date this near heads the page."""
RECENT_DAYS: Final = 31
"""A change this fresh heads the page when nothing is expected."""
RUN_DAYS: Final = 366
"""Leavings within this span are told together."""
WEEKS_DAYS_MAX: Final = 84
NAMES_MAX: Final = 4
JOINED: Final = word("joined")
INSTRUMENT_VERBS: Final = Words(
    {
        "ratification": word("ratified"),
        "accession": word("acceded"),
        "acceptance": word("accepted the treaty"),
        "approval": word("approved the treaty"),
        "succession": word("succeeded to the treaty"),
    }
)


class StandingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What one government is to one treaty on a day, as far as a sentence needs it."""

    status: Status
    instrument: str | None = None
    signed_on: date | None = None
    deposited_on: date | None = None
    in_force_on: date | None = None
    received_on: date | None = None
    """When the depositary received the instrument of withdrawal."""
    received_about: bool = False
    expected_on: date | None = None
    left_on: date | None = None
    confirmed: bool = True
    about: bool = False
    reason: str | None = None
    """Why a withdrawal has no date, such as `it is engaged in armed conflict`."""
    claimed: str | None = None
    """What the state itself claims, such as `suspended the treaty`."""
    claimed_on: date | None = None
    disputed_by: tuple[str, ...] = ()


class StandingNote(msgspec.Struct, frozen=True):
    """A government counted as bound, and what it claims instead."""

    name: str
    claimed: str


def standing_sentence(facts: StandingFacts) -> Sentence:
    """Where a government stands, and how it came there."""
    claim = _claim_pieces(facts) if facts.claimed else ()
    return _joined(_STANDINGS[facts.status](facts), claim)


def today_headline(bound: BoundSteps) -> str:
    """What changes next, or changed last, in the number of states bound."""
    if (step := _heading(bound)) is not None:
        return _change_text(step, bound.today)
    return many(
        "%(count)s state is bound by the Mine Ban Treaty",
        "%(count)s states are bound by the Mine Ban Treaty",
        bound_count(bound),
    )


def nothing_headline(on: date) -> str:
    """What heads a day of which nothing is told."""
    return _("Nothing is on file by %(day)s", day=day_text(on))


def nothing_lead(on: date) -> Sentence:
    """Why no number of states is told: a record that is empty says of none that it is not bound."""
    return told("No record says where any state stands on %(day)s.", day=on)


def today_lead(
    bound: BoundSteps, contested: tuple[StandingNote, ...] = (), *, now: bool = True
) -> Sentence:
    """How many are bound, or, where the headline says that, what changed last; what the next
    expected step makes of it, and who disputes being counted.

    `now` is False when the day asked about is not the day of the reader.
    """
    count = bound_count(bound)
    if _heading(bound) is None:
        first = _last_change(bound)
    elif now:
        first = told_many(
            "%(count)s state is bound today.", "%(count)s states are bound today.", count
        )
    else:
        first = told_many(
            "%(count)s state is bound on %(day)s.",
            "%(count)s states are bound on %(day)s.",
            count,
            day=bound.today,
        )
    parts: list[Sentence] = [first]
    coming = next((step for step in bound.steps if step.day > bound.today), None)
    if coming is not None:
        run = _run(bound, coming) if coming.left else ()
        parts.append(
            told(
                "If nothing changes, %(count)s will be from %(day)s: %(run)s.",
                count=count_text(coming.count),
                day=coming.day,
                run=run,
            )
            if run
            else told(
                "If nothing changes, %(count)s will be from %(day)s.",
                count=count_text(coming.count),
                day=coming.day,
            )
        )
    parts += [
        told(
            "%(name)s is counted as bound; it claims to have %(claimed)s.",
            name=note.name,
            claimed=note.claimed,
        )
        for note in contested
    ]
    return _joined(*parts)


def bound_count(bound: BoundSteps) -> int:
    """States bound at the end of `today`."""
    counts = [step.count for step in bound.steps if step.day <= bound.today]
    return counts[-1] if counts else bound.count


def _heading(bound: BoundSteps) -> BoundStep | None:
    """The change that is told above all others: one that is near, else one that is fresh."""
    today = bound.today
    coming = [step for step in bound.steps if step.day > today]
    if coming and (coming[0].day - today).days <= SOON_DAYS:
        return coming[0]
    past = [step for step in bound.steps if step.day <= today]
    return past[-1] if past and (today - past[-1].day).days <= RECENT_DAYS else None


def _last_change(bound: BoundSteps) -> Sentence:
    past = [step for step in bound.steps if step.day <= bound.today]
    if past:
        return (f"{_change_text(past[-1], bound.today)}.",)
    return told("None joined or left since %(day)s.", day=bound.since)


def _joined(*parts: Sentence) -> Sentence:
    """Sentences one after the other, a space between them."""
    whole: list[str | date] = []
    for part in parts:
        if not part:
            continue
        if whole:
            whole.append(" ")
        whole += part
    return tuple(whole)


def _run(bound: BoundSteps, coming: BoundStep) -> Sentence:
    """`the fifth withdrawal in eight weeks, after …`, when others left shortly before."""
    since = coming.day - timedelta(days=RUN_DAYS)
    before = [step for step in bound.steps if step.left and since <= step.day < coming.day]
    if not before:
        return ()
    nth = sum(len(step.left) for step in before) + 1
    span = _span_text((coming.day - before[0].day).days)
    others = _others(before)
    if len(coming.left) == 1:
        return told(
            "the %(which)s withdrawal in %(span)s, after %(others)s",
            which=ordinal_word(nth),
            span=span,
            others=others,
        )
    return told(
        "the %(first)s to %(last)s withdrawals in %(span)s, after %(others)s",
        first=ordinal_word(nth),
        last=ordinal_word(nth + len(coming.left) - 1),
        span=span,
        others=others,
    )


def _others(steps: list[BoundStep]) -> Sentence:
    """`Lithuania on 27 Dec 2025, Latvia on … and Estonia on …`."""
    said = [
        told("%(names)s on %(day)s", names=names_text(step.left, NAMES_MAX), day=step.day)
        for step in steps
    ]
    if len(said) == 1:
        return said[0]
    first: list[str | date] = []
    for one in said[:-1]:
        first += [*((", ",) if first else ()), *one]
    return told("%(names)s and %(last)s", names=tuple(first), last=said[-1])


def _span_text(days: int) -> str:
    if days < 14:
        return many("%(number)s day", "%(number)s days", days, number=number_word(days))
    if days <= WEEKS_DAYS_MAX:
        weeks = -(-days // 7)
        return many("%(number)s week", "%(number)s weeks", weeks, number=number_word(weeks))
    months = -(-days * 12 // 365)
    return many("%(number)s month", "%(number)s months", months, number=number_word(months))


def _when_text(day: date, today: date) -> str:
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    return near.get((day - today).days) or _("on %(day)s", day=day_text(day))


def _change_text(step: BoundStep, today: date) -> str:
    """Who stops being, or becomes, a State Party, and when."""
    names = step.left or step.joined
    told_of = {"who": names_text(names, NAMES_MAX), "when": _when_text(step.day, today)}
    count, is_past = len(names), step.day <= today
    if step.left and is_past:
        return many(
            "%(who)s stopped being a State Party %(when)s",
            "%(who)s stopped being States Parties %(when)s",
            count,
            **told_of,
        )
    if step.left:
        return many(
            "%(who)s stops being a State Party %(when)s",
            "%(who)s stop being States Parties %(when)s",
            count,
            **told_of,
        )
    if is_past:
        return many(
            "%(who)s became a State Party %(when)s",
            "%(who)s became States Parties %(when)s",
            count,
            **told_of,
        )
    return many(
        "%(who)s becomes a State Party %(when)s",
        "%(who)s become States Parties %(when)s",
        count,
        **told_of,
    )


def _verb(facts: StandingFacts) -> str:
    return INSTRUMENT_VERBS.get(facts.instrument or "") or _(JOINED)


def _how_joined(facts: StandingFacts, *, past: bool) -> Sentence:
    if facts.deposited_on is None:
        return ()
    if past and facts.in_force_on is not None:
        return told(
            "It %(joined)s on %(day)s and was bound from %(from)s.",
            joined=_verb(facts),
            day=facts.deposited_on,
            **{"from": facts.in_force_on},
        )
    return told("It %(joined)s on %(day)s.", joined=_verb(facts), day=facts.deposited_on)


def _received(facts: StandingFacts) -> Sentence:
    if facts.received_on is None:
        return ()
    if facts.received_about:
        return told(
            "Its instrument of withdrawal was received about %(day)s.", day=facts.received_on
        )
    return told("Its instrument of withdrawal was received on %(day)s.", day=facts.received_on)


def _not_party(_facts: StandingFacts) -> Sentence:
    return (_("Not party: no instrument of joining is on file."),)


def _signatory(facts: StandingFacts) -> Sentence:
    if facts.signed_on is None:
        return (_("Signatory: it signed and has not ratified."),)
    return told("Signatory: it signed on %(day)s and has not ratified.", day=facts.signed_on)


def _acceding(facts: StandingFacts) -> Sentence:
    if facts.deposited_on is None:
        return (_("Joining."),)
    if facts.in_force_on is None:
        return told(
            "Joining: it %(joined)s on %(day)s.", joined=_verb(facts), day=facts.deposited_on
        )
    return told(
        "Joining: it %(joined)s on %(day)s and is bound from %(from)s.",
        joined=_verb(facts),
        day=facts.deposited_on,
        **{"from": facts.in_force_on},
    )


def _party(facts: StandingFacts) -> Sentence:
    first: Sentence = (_("State Party."),)
    if facts.in_force_on is not None:
        first = told("State Party since %(day)s.", day=facts.in_force_on)
    return _joined(first, _how_joined(facts, past=False))


def _leaving(facts: StandingFacts) -> Sentence:
    first: Sentence = (_("State Party, leaving."),)
    if facts.expected_on is not None and facts.about:
        first = told("State Party until about %(day)s, expected.", day=facts.expected_on)
    elif facts.expected_on is not None:
        first = told("State Party until %(day)s, expected.", day=facts.expected_on)
    why: Sentence = ()
    if facts.reason:
        why = told("It cannot take effect while %(reason)s.", reason=_(facts.reason))
    return _joined(first, _received(facts), why, _how_joined(facts, past=True))


def _former_party(facts: StandingFacts) -> Sentence:
    left_on = facts.left_on or facts.expected_on
    first: Sentence = (_("Former party."),)
    if left_on is not None and facts.confirmed:
        first = (
            told("Former party since about %(day)s.", day=left_on)
            if facts.about
            else told("Former party since %(day)s.", day=left_on)
        )
    elif left_on is not None:
        since = (
            told("Former party since about %(day)s", day=left_on)
            if facts.about
            else told("Former party since %(day)s", day=left_on)
        )
        first = told("%(since)s, computed: no source on file confirms it yet.", since=since)
    return _joined(first, _received(facts), _how_joined(facts, past=True))


def _claim_pieces(facts: StandingFacts) -> Sentence:
    claimed = facts.claimed
    since = facts.claimed_on
    if not facts.disputed_by:
        if since is None:
            return told(
                "It claims to have %(claimed)s; its standing does not change by that.",
                claimed=claimed,
            )
        return told(
            "It claims to have %(claimed)s since %(day)s; its standing does not change by that.",
            claimed=claimed,
            day=since,
        )
    first = (
        told("It claims to have %(claimed)s.", claimed=claimed)
        if since is None
        else told("It claims to have %(claimed)s since %(day)s.", claimed=claimed, day=since)
    )
    disputed = told_many(
        "%(who)s disputes that; it is counted as bound.",
        "%(who)s dispute that; it is counted as bound.",
        len(facts.disputed_by),
        who=upper_first(names_text(facts.disputed_by, NAMES_MAX)),
    )
    return _joined(first, disputed)


_STANDINGS: Final = {
    "not_party": _not_party,
    "signatory": _signatory,
    "acceding": _acceding,
    "party": _party,
    "leaving": _leaving,
    "former_party": _former_party,
}
