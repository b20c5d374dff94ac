"""Kinds of claim about what was said and decided: statements, letters, meetings, reports; facts
only."""

from domain.details import (
    Action,
    Decided,
    Details,
    Meeting,
    PartiesCount,
    Policy,
    Report,
    Statement,
    Vote,
)
from domain.kinds.recorded import ClaimRecorded


class MeetingDecision(ClaimRecorded, frozen=True, kw_only=True):
    """Decision or final report of an MSP, Review or Special Conference."""

    kind = "meeting_decision"
    details: Decided


class MeetingHeld(ClaimRecorded, frozen=True, kw_only=True):
    """Formal or informal meeting took place."""

    kind = "meeting_held"
    details: Meeting


class StatementOfCriticism(ClaimRecorded, frozen=True, kw_only=True):
    """Public disapproval of a government's act against the norm."""

    kind = "statement_of_criticism"
    details: Statement


class StatementOfSupport(ClaimRecorded, frozen=True, kw_only=True):
    """Public support for the treaty, a joining state, or the norm."""

    kind = "statement_of_support"
    details: Statement


class StatementContestingNorm(ClaimRecorded, frozen=True, kw_only=True):
    """Public support for leaving the treaty or for the weapon."""

    kind = "statement_contesting_norm"
    details: Statement


class OfficialJustification(ClaimRecorded, frozen=True, kw_only=True):
    """A government defends its own measure."""

    kind = "official_justification"
    details: Statement


class PolicyStatement(ClaimRecorded, frozen=True, kw_only=True):
    """Position without open criticism or support."""

    kind = "policy_statement"
    details: Statement


class PolicyChange(ClaimRecorded, frozen=True, kw_only=True):
    """Change of national policy on use, production, transfer or stockpiles."""

    kind = "policy_change"
    details: Policy


class OpenLetter(ClaimRecorded, frozen=True, kw_only=True):
    """Letter with named signatories to a government."""

    kind = "open_letter"
    details: Statement


class CampaignAction(ClaimRecorded, frozen=True, kw_only=True):
    """Petition, demonstration, hand-over, letter-writing, social media action."""

    kind = "campaign_action"
    details: Action


class ParliamentaryQuestion(ClaimRecorded, frozen=True, kw_only=True):
    """Question, debate or appeal by legislators."""

    kind = "parliamentary_question"
    details: Statement


class DiplomaticDemarche(ClaimRecorded, frozen=True, kw_only=True):
    """Government-to-government step, public or reported."""

    kind = "diplomatic_demarche"
    details: Statement


class UngaVote(ClaimRecorded, frozen=True, kw_only=True):
    """Vote on the annual General Assembly resolution."""

    kind = "unga_vote"
    details: Vote


class BilateralAgreement(ClaimRecorded, frozen=True, kw_only=True):
    """Agreement between the states concerned."""

    kind = "bilateral_agreement"
    details: Decided


class ReportPublished(ClaimRecorded, frozen=True, kw_only=True):
    """Monitor, NGO or UN report."""

    kind = "report_published"
    details: Report


class AwardReceived(ClaimRecorded, frozen=True, kw_only=True):
    """Prize or award."""

    kind = "award_received"
    details: Details


class StatesPartiesCountReported(ClaimRecorded, frozen=True, kw_only=True):
    """A source states how many parties there are."""

    kind = "states_parties_count_reported"
    details: PartiesCount


class StatesPartiesCountComputed(ClaimRecorded, frozen=True, kw_only=True):
    """Count derived from deposits."""

    kind = "states_parties_count_computed"
    details: PartiesCount
