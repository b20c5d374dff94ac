"""Kinds of claim about the law: joining, leaving, suspending, objecting; facts without
behaviour."""

from domain.details import (
    ArmedConflict,
    Court,
    Departure,
    Details,
    Joined,
    PartiesCount,
    Statement,
    Suspension,
    Vote,
)
from domain.kinds.recorded import ClaimRecorded


class TreatyAdopted(ClaimRecorded, frozen=True, kw_only=True):
    """Text of a treaty adopted by a conference."""

    kind = "treaty_adopted"
    details: Details


class TreatyOpenedForSignature(ClaimRecorded, frozen=True, kw_only=True):
    """Treaty opened for signature."""

    kind = "treaty_opened_for_signature"
    details: Details


class StateSigned(ClaimRecorded, frozen=True, kw_only=True):
    """A state signed the treaty."""

    kind = "state_signed"
    details: Details


class TreatyEnteredIntoForce(ClaimRecorded, frozen=True, kw_only=True):
    """Treaty becomes binding as a whole."""

    kind = "treaty_entered_into_force"
    details: Details


class StateJoined(ClaimRecorded, frozen=True, kw_only=True):
    """Instrument of ratification, acceptance, approval, accession or succession deposited."""

    kind = "state_joined"
    details: Joined


class WithdrawalRecommended(ClaimRecorded, frozen=True, kw_only=True):
    """Ministers or another body recommend leaving, no decision yet."""

    kind = "withdrawal_recommended"
    details: Statement


class WithdrawalAnnounced(ClaimRecorded, frozen=True, kw_only=True):
    """Government states an intention to leave."""

    kind = "withdrawal_announced"
    details: Departure


class GovernmentApproval(ClaimRecorded, frozen=True, kw_only=True):
    """Cabinet adopts or submits the withdrawal bill."""

    kind = "government_approval"
    details: Departure


class BillIntroduced(ClaimRecorded, frozen=True, kw_only=True):
    """Bill registered in parliament."""

    kind = "bill_introduced"
    details: Departure


class ParliamentVote(ClaimRecorded, frozen=True, kw_only=True):
    """Recorded vote in a chamber, with reading and threshold."""

    kind = "parliament_vote"
    details: Vote


class HeadOfStateAssent(ClaimRecorded, frozen=True, kw_only=True):
    """Signature or promulgation of the act by the head of state."""

    kind = "head_of_state_assent"
    details: Departure


class WithdrawalInstrumentDeposited(ClaimRecorded, frozen=True, kw_only=True):
    """Depositary receives the instrument; the six months start."""

    kind = "withdrawal_instrument_deposited"
    details: Departure


class WithdrawalCirculated(ClaimRecorded, frozen=True, kw_only=True):
    """Notice made known to the other parties (C.N. or presidency letter)."""

    kind = "withdrawal_circulated"
    details: Departure


class WithdrawalEffective(ClaimRecorded, frozen=True, kw_only=True):
    """Withdrawal takes legal effect."""

    kind = "withdrawal_effective"
    details: Departure


class WithdrawalReversed(ClaimRecorded, frozen=True, kw_only=True):
    """Notice revoked, or state rejoins."""

    kind = "withdrawal_reversed"
    details: Departure


class SuspensionNotified(ClaimRecorded, frozen=True, kw_only=True):
    """State claims to suspend the operation of the treaty."""

    kind = "suspension_notified"
    details: Suspension


class ObjectionLodged(ClaimRecorded, frozen=True, kw_only=True):
    """State communicates an objection to the depositary."""

    kind = "objection_lodged"
    details: Statement


class ObjectionCountReported(ClaimRecorded, frozen=True, kw_only=True):
    """A third party reports how many objections exist."""

    kind = "objection_count_reported"
    details: PartiesCount


class ArmedConflictEngagementReported(ClaimRecorded, frozen=True, kw_only=True):
    """A source reports that a state is, or is no longer, engaged in armed conflict (matters
    for Article 20)."""

    kind = "armed_conflict_engagement_reported"
    details: ArmedConflict


class CourtChallenge(ClaimRecorded, frozen=True, kw_only=True):
    """A court is asked to rule on a government act."""

    kind = "court_challenge"
    details: Court
