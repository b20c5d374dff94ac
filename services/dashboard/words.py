"""The words the pages use for kinds, steps and lanes of the record; a table, without any logic
of its own."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from services.dashboard.charts.figures import LaneKey
from services.dashboard.formats import day_text
from services.dashboard.language import Words, _, word

STAGE_TITLES: Final = Words(
    {
        "recommended": word("Recommended"),
        "announced": word("Announced"),
        "government_approval": word("Government approved"),
        "bill": word("Bill introduced"),
        "parliament_vote": word("Parliament voted"),
        "assent": word("Head of state signed"),
        "deposit": word("Deposited"),
        "circulated": word("Circulated"),
        "in_effect": word("Took effect"),
    }
)
LANES: Final[tuple[tuple[LaneKey, str, str], ...]] = (
    ("legal", word("Legal steps"), word("own acts")),
    ("mines", word("Mines"), word("make, buy, move, lay")),
    ("criticism", word("Criticism"), word("recorded against it")),
    ("other", word("Other"), word("neutral or backing")),
)
MINES_KINDS: Final = frozenset(
    {
        "transfer_requested",
        "transfer_authorized",
        "transfer_announced",
        "transfer_delivered",
        "production_announced",
        "production_capacity_stated",
        "procurement_announced",
        "stockpile_destroyed",
        "stockpile_retained",
        "stockpile_estimate_revised",
        "obligation_deadline_missed",
        "mine_use_alleged",
        "mine_use_confirmed",
        "mine_use_denied",
        "mine_incident",
        "policy_change",
        "funding_suspended",
        "clearance_completed",
        "clearance_deadline_extended",
    }
)
JOINING_KINDS: Final = frozenset({"state_signed", "state_joined", "withdrawal_reversed"})


def english_words(name: str) -> str:
    """A name of the domain as it stands in the catalogues: `withdrawal_announced` is
    `Withdrawal announced`."""
    return name.replace("_", " ").capitalize()


def kind_words(kind: str) -> str:
    """A kind, a field or a choice of the domain in words."""
    return _(english_words(kind))


VOICES: Final = Words(
    {
        "state": word("States"),
        "io": word("International organisations"),
        "parliament": word("Parliaments"),
        "coalition": word("Coalitions"),
        "ngo": word("NGOs"),
        "individual": word("Individuals"),
        "media": word("Media"),
    }
)
"""Kind of actor -> the group of speakers it belongs to."""
JOINT_WORDS: Final = Words(
    {
        "each": word("Per voice"),
        "one": word("As one voice"),
        "only": word("Joint alone"),
        "off": word("Leave out"),
    }
)
"""How joint statements are told -> its name for people."""
CIRCLES: Final = Words(
    {
        "allies": word("Allies of each government"),
        "region": word("Each government's own region"),
        "AU": word("African Union"),
        "ASEAN": word("Association of Southeast Asian Nations"),
        "EU": word("European Union"),
        "NATO": word("NATO"),
        "australia-and-new-zealand": word("Australia and New Zealand"),
        "caribbean": word("Caribbean"),
        "central-america": word("Central America"),
        "central-asia": word("Central Asia"),
        "eastern-africa": word("Eastern Africa"),
        "eastern-asia": word("Eastern Asia"),
        "eastern-europe": word("Eastern Europe"),
        "melanesia": word("Melanesia"),
        "micronesia": word("Micronesia"),
        "middle-africa": word("Middle Africa"),
        "northern-africa": word("Northern Africa"),
        "northern-america": word("Northern America"),
        "northern-europe": word("Northern Europe"),
        "polynesia": word("Polynesia"),
        "south-america": word("South America"),
        "south-eastern-asia": word("South-Eastern Asia"),
        "southern-africa": word("Southern Africa"),
        "southern-asia": word("Southern Asia"),
        "southern-europe": word("Southern Europe"),
        "western-africa": word("Western Africa"),
        "western-asia": word("Western Asia"),
        "western-europe": word("Western Europe"),
    }
)
"""Alliance or region whose governments' silence is asked about -> its name for people; one without
an entry is shown by its own name."""
INSTRUMENTS: Final = Words(
    {
        "objection": word("Objection to the depositary"),
        "clarification_request": word("Request for clarification"),
        "meeting_decision": word("Decision of a meeting"),
        "forum_statement": word("Treaty or UN forum"),
        "joint_statement": word("Joint statement"),
        "compliance_complaint": word("Complaint on compliance"),
        "condemnation": word("Explicit condemnation"),
        "demarche": word("Diplomatic demarche"),
        "open_letter": word("Open letter"),
        "campaign_action": word("Protest or petition"),
        "parliamentary_question": word("Question in parliament"),
        "statement": word("Other statement"),
    }
)
"""Instrument of pressure -> its name for people."""


def instrument_words(name: str) -> str:
    """An instrument of pressure, or a kind of claim, in words."""
    return INSTRUMENTS.get(name) or kind_words(name)


EVENTS: Final = Words(
    {
        "recorded": word("Recorded"),
        "accepted": word("Accepted"),
        "rejected": word("Rejected"),
        "contested": word("Contested"),
        "refuted": word("Refuted"),
        "retracted": word("Retracted"),
        "superseded": word("Superseded"),
        "corrected": word("Corrected"),
        "declared_same": word("Declared the same as another"),
        "separated": word("Separated from another"),
    }
)
"""What made a version of a claim -> its name for people."""
FIELDS: Final = Words(
    {
        "status": word("Status"),
        "occurred_on": word("Date"),
        "kind": word("Kind"),
        "treaty": word("Treaty"),
        "targets": word("Governments"),
        "summary": word("Wording"),
        "actors": word("Who acted"),
        "details": word("Details"),
        "sources": word("Sources"),
        "relates_to": word("Relations"),
        "visibility": word("Visibility"),
        "same_as": word("Same as"),
    }
)
"""Field of a claim that a decision may change -> its name for people."""
RELATIONS: Final[Mapping[str, Words[str]]] = {
    "to": Words(
        {
            "follows": word("follows"),
            "responds_to": word("responds to"),
            "confirms": word("confirms"),
            "contradicts": word("contradicts"),
            "claimed_cause": word("names as its cause"),
            "supersedes": word("supersedes"),
            "mentions": word("mentions"),
        }
    ),
    "from": Words(
        {
            "follows": word("is followed by"),
            "responds_to": word("is answered by"),
            "confirms": word("is confirmed by"),
            "contradicts": word("is contradicted by"),
            "claimed_cause": word("is named as the cause of"),
            "supersedes": word("is superseded by"),
            "mentions": word("is mentioned by"),
        }
    ),
}
"""Direction and kind of a relation -> how it reads from this claim to the other."""


LEFT_OUT: Final = (
    word("counts 0: no source of reliability A, B or C"),
    word("declared the same as a claim that counts more"),
    word("pending: counts only towards the high bound"),
    word("rejected: counts only towards the high bound"),
    word("contested: counts only towards the high bound"),
    word("refuted: counts only towards the high bound"),
    word("retracted: counts only towards the high bound"),
    word("superseded: counts only towards the high bound"),
    word("where it has stocks"),
    word("where it has mined areas"),
    word("where it has contaminated areas"),
    word("no claim says until when"),
    word("claims to have suspended the treaty; no instrument of withdrawal on record"),
    word("both points are positions, or both are days or timestamps"),
)
"""Reasons that the numbers and the legal clock give, as they stand in the domain."""
_CONFLICT: Final = re.compile(
    r"engaged in armed conflict since (?P<day>\d{4}-\d\d-\d\d);"
    r" no withdrawal takes effect before its end \((?P<article>.+)\)"
)


def reason_words(reason: str) -> str:
    """Why something is left out, or has no date, in words."""
    if (conflict := _CONFLICT.fullmatch(reason)) is None:
        return _(reason)
    return _(
        "engaged in armed conflict since %(day)s; no withdrawal takes effect before its end"
        " (%(article)s)",
        day=day_text(date.fromisoformat(conflict["day"])),
        article=conflict["article"],
    )
