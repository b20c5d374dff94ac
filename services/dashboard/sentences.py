"""The sentences people quote, built from data; they never hold a word that the data does not carry.

Legal words: a state is bound, leaving, or a former party; who never joined is "not party" and is
never said to be in breach. What a state only claims is said to be claimed.
"""

from datetime import date, timedelta
from typing import Final

import msgspec

from services.dashboard.charts.figures import BoundStep, BoundSteps
from services.dashboard.formats import (
    counted,
    day_text,
    names_text,
    number_word,
    ordinal_word,
    upper_first,
)
from services.dashboard.models.shapes import Sentence, Status

SOON_DAYS: Final = 92
"""An expected date this near heads the page."""
RECENT_DAYS: Final = 31
"""A change this fresh heads the page when nothing is expected."""
RUN_DAYS: Final = 366
"""Leavings within this span are told together."""
WEEKS_DAYS_MAX: Final = 84
NAMES_MAX: Final = 4
INSTRUMENT_VERBS: Final = {
    "ratification": "ratified",
    "accession": "acceded",
    "acceptance": "accepted the treaty",
    "approval": "approved the treaty",
    "succession": "succeeded to the treaty",
}


class StandingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What one government is to one treaty on a day, as far as a sentence needs it."""

    status: Status
    instrument: str | None = None
    signed_on: date | None = None
    deposited_on: date | None = None
    in_force_on: date | None = None
    received_on: date | None = None
    """When the depositary received the instrument of withdrawal."""
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
    return (*_STANDINGS[facts.status](facts), *claim)


def today_headline(bound: BoundSteps) -> str:
    """What changes next, or changed last, in the number of states bound."""
    today = bound.today
    coming = [step for step in bound.steps if step.day > today]
    if coming and (coming[0].day - today).days <= SOON_DAYS:
        return f"{_who_does(coming[0])} {_when_text(coming[0].day, today)}"
    past = [step for step in bound.steps if step.day <= today]
    if past and (today - past[-1].day).days <= RECENT_DAYS:
        return f"{_who_did(past[-1])} {_when_text(past[-1].day, today)}"
    return f"{counted(bound_count(bound), 'state is', 'states are')} bound by the Mine Ban Treaty"


def today_lead(
    bound: BoundSteps, contested: tuple[StandingNote, ...] = (), *, now: bool = True
) -> Sentence:
    """How many are bound, what the next expected step makes of it, and who disputes being counted.

    `now` is False when the day asked about is not the day of the reader.
    """
    pieces: list[str | date] = [counted(bound_count(bound), "state is", "states are"), " bound "]
    pieces += ["today."] if now else ["on ", bound.today, "."]
    coming = next((step for step in bound.steps if step.day > bound.today), None)
    if coming is not None:
        pieces += [f" If nothing changes, {coming.count} will be from ", coming.day]
        pieces += _run_pieces(bound, coming) if coming.left else ()
        pieces += ["."]
    for note in contested:
        pieces.append(f" {note.name} is counted as bound; it claims to have {note.claimed}.")
    return tuple(pieces)


def bound_count(bound: BoundSteps) -> int:
    """States bound at the end of `today`."""
    counts = [step.count for step in bound.steps if step.day <= bound.today]
    return counts[-1] if counts else bound.count


def _run_pieces(bound: BoundSteps, coming: BoundStep) -> list[str | date]:
    """`: the fifth withdrawal in eight weeks, after …`, when others left shortly before."""
    since = coming.day - timedelta(days=RUN_DAYS)
    before = [step for step in bound.steps if step.left and since <= step.day < coming.day]
    if not before:
        return []
    nth = sum(len(step.left) for step in before) + 1
    span = _span_text((coming.day - before[0].day).days)
    which = ordinal_word(nth)
    if len(coming.left) > 1:
        which = f"{which} to {ordinal_word(nth + len(coming.left) - 1)}"
    noun = "withdrawal" if len(coming.left) == 1 else "withdrawals"
    pieces: list[str | date] = [f": the {which} {noun} in {span}, after "]
    for index, step in enumerate(before):
        joint = "" if index == 0 else (" and " if index == len(before) - 1 else ", ")
        pieces += [f"{joint}{names_text(step.left, NAMES_MAX)} on ", step.day]
    return pieces


def _span_text(days: int) -> str:
    if days < 14:
        return f"{number_word(days)} days"
    if days <= WEEKS_DAYS_MAX:
        return f"{number_word(-(-days // 7))} weeks"
    return f"{number_word(-(-days * 12 // 365))} months"


def _when_text(day: date, today: date) -> str:
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    return near.get((day - today).days, f"on {day_text(day)}")


def _who_does(step: BoundStep) -> str:
    return _who_text(step, ("stops being a State Party", "stop being States Parties"), "become")


def _who_did(step: BoundStep) -> str:
    return _who_text(
        step, ("stopped being a State Party", "stopped being States Parties"), "became"
    )


def _who_text(step: BoundStep, leaving: tuple[str, str], joining: str) -> str:
    names = step.left or step.joined
    who = names_text(names, NAMES_MAX)
    if step.left:
        return f"{who} {leaving[len(names) > 1]}"
    verb = f"{joining}s" if joining == "become" and len(names) == 1 else joining
    return f"{who} {verb} {'a State Party' if len(names) == 1 else 'States Parties'}"


def _joined_pieces(facts: StandingFacts, *, past: bool) -> list[str | date]:
    verb = INSTRUMENT_VERBS.get(facts.instrument or "", "joined")
    if facts.deposited_on is None:
        return []
    pieces: list[str | date] = [f" It {verb} on ", facts.deposited_on]
    if past and facts.in_force_on is not None:
        pieces += [" and was bound from ", facts.in_force_on]
    return [*pieces, "."]


def _not_party(_: StandingFacts) -> Sentence:
    return ("Not party: no instrument of joining is on file.",)


def _signatory(facts: StandingFacts) -> Sentence:
    if facts.signed_on is None:
        return ("Signatory: it signed and has not ratified.",)
    return ("Signatory: it signed on ", facts.signed_on, " and has not ratified.")


def _acceding(facts: StandingFacts) -> Sentence:
    pieces: list[str | date] = ["Joining."]
    verb = INSTRUMENT_VERBS.get(facts.instrument or "", "joined")
    if facts.deposited_on is not None:
        pieces = [f"Joining: it {verb} on ", facts.deposited_on]
        if facts.in_force_on is not None:
            pieces += [" and is bound from ", facts.in_force_on]
        pieces += ["."]
    return tuple(pieces)


def _party(facts: StandingFacts) -> Sentence:
    pieces: list[str | date] = ["State Party."]
    if facts.in_force_on is not None:
        pieces = ["State Party since ", facts.in_force_on, "."]
    return (*pieces, *_joined_pieces(facts, past=False))


def _leaving(facts: StandingFacts) -> Sentence:
    pieces: list[str | date] = ["State Party, leaving."]
    if facts.expected_on is not None:
        about = "about " if facts.about else ""
        pieces = [f"State Party until {about}", facts.expected_on, ", expected."]
    if facts.received_on is not None:
        pieces += [" Its instrument of withdrawal was received on ", facts.received_on, "."]
    if facts.reason:
        pieces += [f" It cannot take effect while {facts.reason}."]
    return (*pieces, *_joined_pieces(facts, past=True))


def _former_party(facts: StandingFacts) -> Sentence:
    pieces: list[str | date] = ["Former party."]
    left_on = facts.left_on or facts.expected_on
    if left_on is not None:
        about = "about " if facts.about else ""
        pieces = [f"Former party since {about}", left_on]
        pieces += ["." if facts.confirmed else ", computed: no source on file confirms it yet."]
    if facts.received_on is not None:
        pieces += [" Its instrument of withdrawal was received on ", facts.received_on, "."]
    return (*pieces, *_joined_pieces(facts, past=True))


def _claim_pieces(facts: StandingFacts) -> Sentence:
    pieces: list[str | date] = [f" It claims to have {facts.claimed}"]
    if facts.claimed_on is not None:
        pieces += [" since ", facts.claimed_on]
    if not facts.disputed_by:
        return (*pieces, "; its standing does not change by that.")
    who = upper_first(names_text(facts.disputed_by, NAMES_MAX))
    verb = "disputes" if len(facts.disputed_by) == 1 else "dispute"
    return (*pieces, f". {who} {verb} that; it is counted as bound.")


_STANDINGS: Final = {
    "not_party": _not_party,
    "signatory": _signatory,
    "acceding": _acceding,
    "party": _party,
    "leaving": _leaving,
    "former_party": _former_party,
}
