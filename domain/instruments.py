"""Which instrument of pressure a critical claim is: the rows of the table of weights are tried in
their order, and each says in its own words (`applies_to`) what it applies to."""

from typing import Final

from domain.facts import Facts

WORLD_FORUMS: Final = frozenset({"treaty", "un"})


def matches(instrument: str, fact: Facts) -> bool:
    """Whether a row of the table of instruments applies to a claim."""
    kind = fact.kind
    if instrument in (
        "demarche",
        "meeting_decision",
        "open_letter",
        "campaign_action",
        "parliamentary_question",
    ):
        named = "diplomatic_demarche" if instrument == "demarche" else instrument
        return kind == named and fact.stance == "critical"
    if instrument == "objection":
        return kind == "objection_lodged"
    if instrument in ("clarification_request", "compliance_complaint"):
        named = "clarification_requested" if instrument == "clarification_request" else instrument
        return kind == named
    if kind != "statement_of_criticism":
        return False
    if instrument == "forum_statement":
        return fact.forum in WORLD_FORUMS
    if instrument == "joint_statement":
        return fact.forum not in WORLD_FORUMS and (fact.signatories or 0) >= 2
    if instrument == "condemnation":
        return fact.strength == "condemnation"
    return instrument == "statement"
