"""The words the pages use for kinds, steps and lanes of the record; a table, without any logic
of its own."""

from typing import Final

from services.dashboard.charts.figures import LaneKey

STAGE_TITLES: Final[dict[str, str]] = {
    "recommended": "Recommended",
    "announced": "Announced",
    "government_approval": "Government approved",
    "bill": "Bill introduced",
    "parliament_vote": "Parliament voted",
    "assent": "Head of state signed",
    "deposit": "Deposited",
    "circulated": "Circulated",
    "in_effect": "Took effect",
}
LANES: Final[tuple[tuple[LaneKey, str, str], ...]] = (
    ("legal", "Legal steps", "own acts"),
    ("mines", "Mines", "make, buy, move, lay"),
    ("criticism", "Criticism", "recorded against it"),
    ("other", "Other", "neutral or backing"),
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


def kind_words(kind: str) -> str:
    """A kind in words: `withdrawal_announced` is `Withdrawal announced`."""
    return kind.replace("_", " ").capitalize()


VOICES: Final[dict[str, str]] = {
    "state": "States",
    "io": "International organisations",
    "parliament": "Parliaments",
    "coalition": "Coalitions",
    "ngo": "NGOs",
    "individual": "Individuals",
    "media": "Media",
}
"""Kind of actor -> the group of speakers it belongs to."""
JOINT_WORDS: Final[dict[str, str]] = {
    "each": "Per voice",
    "one": "As one voice",
    "only": "Joint alone",
    "off": "Leave out",
}
"""How joint statements are told -> its name for people."""
CIRCLES: Final[dict[str, str]] = {
    "allies": "Allies of each government",
    "region": "Each government's own region",
    "AU": "African Union",
    "ASEAN": "Association of Southeast Asian Nations",
    "EU": "European Union",
    "NATO": "NATO",
    "australia-and-new-zealand": "Australia and New Zealand",
    "caribbean": "Caribbean",
    "central-america": "Central America",
    "central-asia": "Central Asia",
    "eastern-africa": "Eastern Africa",
    "eastern-asia": "Eastern Asia",
    "eastern-europe": "Eastern Europe",
    "melanesia": "Melanesia",
    "micronesia": "Micronesia",
    "middle-africa": "Middle Africa",
    "northern-africa": "Northern Africa",
    "northern-america": "Northern America",
    "northern-europe": "Northern Europe",
    "polynesia": "Polynesia",
    "south-america": "South America",
    "south-eastern-asia": "South-Eastern Asia",
    "southern-africa": "Southern Africa",
    "southern-asia": "Southern Asia",
    "southern-europe": "Southern Europe",
    "western-africa": "Western Africa",
    "western-asia": "Western Asia",
    "western-europe": "Western Europe",
}
"""Alliance or region whose governments' silence is asked about -> its name for people; one without
an entry is shown by its own name."""
INSTRUMENTS: Final[dict[str, str]] = {
    "objection": "Objection to the depositary",
    "clarification_request": "Request for clarification",
    "meeting_decision": "Decision of a meeting",
    "forum_statement": "Treaty or UN forum",
    "joint_statement": "Joint statement",
    "compliance_complaint": "Complaint on compliance",
    "condemnation": "Explicit condemnation",
    "demarche": "Diplomatic demarche",
    "open_letter": "Open letter",
    "campaign_action": "Protest or petition",
    "parliamentary_question": "Question in parliament",
    "statement": "Other statement",
}
"""Instrument of pressure -> its name for people."""


def instrument_words(name: str) -> str:
    """An instrument of pressure, or a kind of claim, in words."""
    return INSTRUMENTS.get(name) or kind_words(name)


EVENTS: Final[dict[str, str]] = {
    "recorded": "Recorded",
    "accepted": "Accepted",
    "rejected": "Rejected",
    "contested": "Contested",
    "refuted": "Refuted",
    "retracted": "Retracted",
    "superseded": "Superseded",
    "corrected": "Corrected",
    "declared_same": "Declared the same as another",
    "separated": "Separated from another",
}
"""What made a version of a claim -> its name for people."""
FIELDS: Final[dict[str, str]] = {
    "status": "Status",
    "occurred_on": "Date",
    "kind": "Kind",
    "treaty": "Treaty",
    "targets": "Governments",
    "summary": "Wording",
    "actors": "Who acted",
    "details": "Details",
    "sources": "Sources",
    "relates_to": "Relations",
    "visibility": "Visibility",
    "same_as": "Same as",
}
"""Field of a claim that a decision may change -> its name for people."""
RELATIONS: Final[dict[str, dict[str, str]]] = {
    "to": {
        "follows": "follows",
        "responds_to": "responds to",
        "confirms": "confirms",
        "contradicts": "contradicts",
        "claimed_cause": "names as its cause",
        "supersedes": "supersedes",
        "mentions": "mentions",
    },
    "from": {
        "follows": "is followed by",
        "responds_to": "is answered by",
        "confirms": "is confirmed by",
        "contradicts": "is contradicted by",
        "claimed_cause": "is named as the cause of",
        "supersedes": "is superseded by",
        "mentions": "is mentioned by",
    },
}
"""Direction and kind of a relation -> how it reads from this claim to the other."""
