"""What the page Transfers lists, as files: the ledger, its sums, and the plans beside it; pure."""

from typing import Final

from domain.details import Details, Production
from projections.transfers import LedgerExcerpt, amount_range
from services.dashboard.frame import Frame
from services.dashboard.models.claims import actor_names
from services.dashboard.models.transfers import Plans
from services.dashboard.sheets import Cell, Sheet

_PLANNED: Final = ("quantity", "current_per_year", "planned_per_year", "demand_total")
_BOUNDS: Final = ("at_least", "at_most", "words")


def ledger_sheet(found: LedgerExcerpt, frame: Frame) -> Sheet:
    """The ledger as a file: the rows of the page in its order; an unknown bound is empty."""
    rows: list[tuple[Cell, ...]] = [
        (
            *(row.happening, row.occurred_on, row.stage, row.status, row.supplier, row.recipient),
            *(" ".join(row.inferred), "; ".join(row.via), row.item, row.mine_type),
            row.quantity.at_least if row.quantity else None,
            row.quantity.at_most if row.quantity else None,
            row.quantity.words if row.quantity else None,
            row.quantity.unit if row.quantity else None,
            row.package,
            row.tranche,
            " ".join(reported.claim for reported in row.claims),
        )
        for row in found.rows
    ]
    columns = (
        *("happening", "occurred_on", "stage", "status", "supplier", "recipient", "inferred"),
        *("via", "item", "mine_type", "at_least", "at_most", "in_words", "unit", "package"),
        *("tranche", "claims"),
    )
    about, is_cut = frame.question, found.more > 0
    return Sheet(name="transfers", columns=columns, rows=rows, about=about, is_cut=is_cut)


def totals_sheet(found: LedgerExcerpt, frame: Frame) -> Sheet:
    """The sums as a file: an unknown bound is empty."""
    rows: list[tuple[Cell, ...]] = [
        (t.supplier, t.recipient, t.stage, t.rows, t.unknown, t.at_least, t.at_most)
        for t in found.totals
    ]
    columns = (
        *("supplier", "recipient", "stage", "transfers", "without_number"),
        *("at_least", "at_most"),
    )
    about, is_cut = frame.question, found.more_totals > 0
    return Sheet(name="transfer-totals", columns=columns, rows=rows, about=about, is_cut=is_cut)


def plans_sheet(plans: Plans, frame: Frame) -> Sheet:
    """The plans as a file, newest first, with every number that one states: at least, at most and
    in words."""
    rows: list[tuple[Cell, ...]] = [
        (
            *(claim.id, claim.occurred_on, " ".join(claim.targets)),
            *("; ".join(actor_names(claim.actors)), claim.kind, version.status, claim.summary),
            *(cell for name in _PLANNED for cell in _stated_cells(claim.details, name)),
        )
        for version in plans.listed
        for claim in (version.claim,)
    ]
    bounds = (
        name if bound == "words" else f"{name}_{bound}" for name in _PLANNED for bound in _BOUNDS
    )
    columns = ("claim", "occurred_on", "targets", "actors", "kind", "status", "summary", *bounds)
    about, is_cut = frame.question, plans.more > 0
    return Sheet(name="plans", columns=columns, rows=rows, about=about, is_cut=is_cut)


def _stated_cells(details: Details, name: str) -> tuple[Cell, ...]:
    found = amount_range(getattr(details, name)) if isinstance(details, Production) else None
    return tuple(getattr(found, bound, None) for bound in _BOUNDS)
