"""The words the pages use for kinds, steps and lanes of the record; a table, without any logic
of its own."""

from typing import Final

from services.dashboard.figures import LaneKey

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
