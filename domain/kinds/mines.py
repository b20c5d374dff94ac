"""Kinds of claim about mines: moved, made, kept, destroyed, used, cleared; facts without
behaviour."""

from domain.details import (
    Clearance,
    Funding,
    Incident,
    Production,
    Report,
    Stockpile,
    Transfer,
)
from domain.kinds.recorded import ClaimRecorded


class TransferRequested(ClaimRecorded, frozen=True, kw_only=True):
    """Request for mines by a government; no act of the one that is asked."""

    kind = "transfer_requested"
    details: Transfer


class TransferAuthorized(ClaimRecorded, frozen=True, kw_only=True):
    """Decision to transfer mines."""

    kind = "transfer_authorized"
    details: Transfer


class TransferAnnounced(ClaimRecorded, frozen=True, kw_only=True):
    """Official notice that a package contains mines."""

    kind = "transfer_announced"
    details: Transfer


class TransferDelivered(ClaimRecorded, frozen=True, kw_only=True):
    """Delivery or transit confirmed."""

    kind = "transfer_delivered"
    details: Transfer


class ProductionAnnounced(ClaimRecorded, frozen=True, kw_only=True):
    """Plan or decision to produce."""

    kind = "production_announced"
    details: Production


class ProductionCapacityStated(ClaimRecorded, frozen=True, kw_only=True):
    """Maker states capacity."""

    kind = "production_capacity_stated"
    details: Production


class ProcurementAnnounced(ClaimRecorded, frozen=True, kw_only=True):
    """Plan or order to acquire mines."""

    kind = "procurement_announced"
    details: Production


class StockpileDestroyed(ClaimRecorded, frozen=True, kw_only=True):
    """Article 4 destruction completed or declared."""

    kind = "stockpile_destroyed"
    details: Stockpile


class StockpileRetained(ClaimRecorded, frozen=True, kw_only=True):
    """Mines kept under Article 3."""

    kind = "stockpile_retained"
    details: Stockpile


class StockpileEstimateRevised(ClaimRecorded, frozen=True, kw_only=True):
    """Third-party estimate changes."""

    kind = "stockpile_estimate_revised"
    details: Stockpile


class ObligationDeadlineMissed(ClaimRecorded, frozen=True, kw_only=True):
    """Article 4, 5 or 7 deadline passed."""

    kind = "obligation_deadline_missed"
    details: Stockpile


class MineUseAlleged(ClaimRecorded, frozen=True, kw_only=True):
    """Claim of use, not confirmed by an independent body."""

    kind = "mine_use_alleged"
    details: Incident


class MineUseConfirmed(ClaimRecorded, frozen=True, kw_only=True):
    """Independent body finds use."""

    kind = "mine_use_confirmed"
    details: Incident


class MineUseDenied(ClaimRecorded, frozen=True, kw_only=True):
    """Accused party denies."""

    kind = "mine_use_denied"
    details: Incident


class MineIncident(ClaimRecorded, frozen=True, kw_only=True):
    """Explosion or find with date and place."""

    kind = "mine_incident"
    details: Incident


class ComplianceComplaint(ClaimRecorded, frozen=True, kw_only=True):
    """Complaint by a party about another party, letter or MSP floor."""

    kind = "compliance_complaint"
    details: Incident


class ClarificationRequested(ClaimRecorded, frozen=True, kw_only=True):
    """Article 8(2) request through the Secretary-General."""

    kind = "clarification_requested"
    details: Incident


class ClearanceCompleted(ClaimRecorded, frozen=True, kw_only=True):
    """Declaration of completion under Article 5."""

    kind = "clearance_completed"
    details: Clearance


class ClearanceDeadlineExtended(ClaimRecorded, frozen=True, kw_only=True):
    """Article 5(3) extension granted."""

    kind = "clearance_deadline_extended"
    details: Clearance


class FundingSuspended(ClaimRecorded, frozen=True, kw_only=True):
    """Donor money for mine action stopped."""

    kind = "funding_suspended"
    details: Funding


class CasualtyReport(ClaimRecorded, frozen=True, kw_only=True):
    """Casualty figure for a place and period."""

    kind = "casualty_report"
    details: Report
