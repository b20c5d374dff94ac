"""Builds the page Transfers: the ledger by stage, and plans to make or buy; pure, and it never
shows an unknown number as 0."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import msgspec

from domain.claims import Status
from domain.details import Production, TransferStage
from projections.histories import Version
from projections.transfers import (
    Range,
    TransferRow,
    Transfers,
    TransferTotal,
    amount_range,
)
from services.dashboard.formats import names_text
from services.dashboard.frame import Frame
from services.dashboard.language import Words, _, count_text, many, told, told_many, word
from services.dashboard.models.claims import actor_names, publishers
from services.dashboard.models.shapes import Sentence
from services.dashboard.sheets import Cell, Sheet
from services.dashboard.states import GOVERNMENTS, in_order
from services.dashboard.words import kind_words

PLAN_KINDS: Final = (
    "production_announced",
    "production_capacity_stated",
    "procurement_announced",
)
ROWS_MAX: Final = 100
"""How many rows of a table the page lists; the files have every transfer."""
ORDERS: Final = ("newest", "oldest", "supplier")
STAGES: Final[Words[TransferStage]] = Words(
    {
        "requested": word("Requested"),
        "authorised": word("Authorised"),
        "announced": word("Announced"),
        "listed": word("Listed"),
        "shipped": word("Shipped"),
        "transited": word("Transited"),
        "received": word("Received"),
        "used": word("Used"),
    }
)
ALWAYS_SHOWN: Final = frozenset({"authorised", "announced", "received"})
"""Stages that have a column though no transfer on record is known to have reached them."""


class StageCell(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of one transfer that a claim tells of."""

    claim: str
    occurred_on: str
    status: Status
    sources: int


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer: who to whom, what, how many, and which stages are on record."""

    happening: str
    occurred_on: str
    stage: TransferStage
    supplier: str
    supplier_code: str | None
    recipient: str
    recipient_code: str | None
    inferred: bool
    via: str
    item: str
    quantity: str
    is_unknown: bool
    package: str
    status: Status
    stages: tuple[StageCell | None, ...]
    """In the order of the page's stages; None where none is recorded."""
    reports: int


class TotalRow(msgspec.Struct, frozen=True, kw_only=True):
    """What all rows of one stage between two governments come to, as a range."""

    supplier: str
    recipient: str
    stage: str
    rows: int
    unknown: int
    quantity: str
    is_unknown: bool


class PlanRow(msgspec.Struct, frozen=True, kw_only=True):
    """One plan to make or buy, as stated."""

    claim: str
    occurred_on: str
    who: str
    code: str | None
    act: str
    title: str
    quantity: str
    is_unknown: bool
    sources: str
    status: Status


class TransfersAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger was narrowed to."""

    government: str = ""
    stage: str = ""
    order: str = "newest"

    @property
    def narrows(self) -> bool:
        """Whether the page shows less than all."""
        return bool(self.government or self.stage)


class TransfersPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who moves or makes mines: said, shipped or received?"""

    frame: Frame
    on: date
    lead: Sentence
    ask: TransfersAsk
    facts: tuple[tuple[str, str, str], ...]
    """Counts of the facts row as (label, value, note)."""
    rows: tuple[LedgerRow, ...]
    more: int
    totals: tuple[TotalRow, ...]
    more_totals: int
    plans: tuple[PlanRow, ...]
    more_plans: int
    governments: tuple[tuple[str, str], ...]
    stages: tuple[tuple[str, str], ...]


def transfers_page(
    frame: Frame, found: Transfers, plans: Sequence[Version], *, ask: TransfersAsk
) -> TransfersPage:
    """The page over the ledger and the believed claims of plans."""
    rows = narrowed(found, ask)
    told = {reported.stage for row in found.transfers for reported in row.claims}
    stages = [stage for stage in STAGES if stage in ALWAYS_SHOWN | told]
    about = [p for p in plans if not ask.government or ask.government in p.claim.targets]
    planned = [] if ask.stage else _by_day(about)
    totals = [total for total in found.totals if _is_asked(total, ask)]
    codes = {c for r in found.transfers for c in (r.supplier, r.recipient) if c}
    codes |= {code for p in plans for code in p.claim.targets}
    names = sorted(
        ((code, GOVERNMENTS[code]) for code in codes), key=lambda pair: in_order(pair[1])
    )
    return TransfersPage(
        frame=frame,
        on=found.on,
        lead=_lead(found),
        ask=ask,
        facts=_facts(found, plans),
        rows=tuple(_row(row, stages) for row in rows[:ROWS_MAX]),
        more=len(rows[ROWS_MAX:]),
        totals=tuple(_total(t) for t in totals[:ROWS_MAX]),
        more_totals=len(totals[ROWS_MAX:]),
        plans=tuple(_plan(p) for p in planned[:ROWS_MAX]),
        more_plans=len(planned[ROWS_MAX:]),
        governments=tuple(names),
        stages=tuple((key, STAGES[key]) for key in stages),
    )


def narrowed(found: Transfers, ask: TransfersAsk) -> list[TransferRow]:
    """The transfers that the page is narrowed to, in its order."""
    rows = [row for row in found.transfers if _is_asked(row, ask)]
    if ask.order == "supplier":
        return sorted(rows, key=lambda r: (_name(r.supplier), _name(r.recipient), r.day))
    return sorted(rows, key=lambda r: (r.day, r.happening), reverse=ask.order != "oldest")


def ledger_sheet(found: Transfers, ask: TransfersAsk, frame: Frame) -> Sheet:
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
        for row in narrowed(found, ask)
    ]
    columns = (
        *("happening", "occurred_on", "stage", "status", "supplier", "recipient", "inferred"),
        *("via", "item", "mine_type", "at_least", "at_most", "in_words", "unit", "package"),
        *("tranche", "claims"),
    )
    about = (("on", found.on.isoformat()), ("known_at", frame.known_at))
    return Sheet(name="transfers", columns=columns, rows=rows, about=about)


def range_words(found: Range | None) -> str:
    """A quantity as a range in words: `199,387`, `at least 500`, `“tens of thousands”`; empty
    where unknown."""
    if found is None:
        return ""
    low, high = found.at_least, found.at_most
    unit = f" {found.unit}" if found.unit else ""
    if low is not None and high is not None:
        return (count_text(low) if low == high else f"{count_text(low)}–{count_text(high)}") + unit
    if low is not None:
        return _("at least %(count)s", count=count_text(low)) + unit
    if high is not None:
        return _("at most %(count)s", count=count_text(high)) + unit
    return f"“{found.words}”" if found.words else ""


def _is_asked(row: TransferRow | TransferTotal, ask: TransfersAsk) -> bool:
    is_between = not ask.government or ask.government in (row.supplier, row.recipient)
    return is_between and (not ask.stage or row.stage == ask.stage)


def _name(code: str | None) -> str:
    return GOVERNMENTS.get(code or "", "") or _("not stated")


def _row(row: TransferRow, stages: Sequence[TransferStage]) -> LedgerRow:
    by_stage = {reported.stage: reported for reported in reversed(row.claims)}
    cells = [by_stage.get(stage) for stage in stages]
    said = range_words(row.quantity)
    return LedgerRow(
        happening=row.happening,
        occurred_on=row.occurred_on,
        stage=row.stage,
        supplier=_name(row.supplier),
        supplier_code=row.supplier,
        recipient=_name(row.recipient),
        recipient_code=row.recipient,
        inferred=bool(row.inferred),
        via=", ".join(row.via),
        item=", ".join(filter(None, (row.item, row.mine_type))),
        quantity=said or _("unknown"),
        is_unknown=not said,
        package=row.package or "",
        status=row.status,
        stages=tuple(
            None
            if cell is None
            else StageCell(
                claim=cell.claim,
                occurred_on=cell.occurred_on,
                status=cell.status,
                sources=cell.sources,
            )
            for cell in cells
        ),
        reports=len(row.claims),
    )


def _total(total: TransferTotal) -> TotalRow:
    said = range_words(Range(at_least=total.at_least, at_most=total.at_most))
    return TotalRow(
        supplier=_name(total.supplier),
        recipient=_name(total.recipient),
        stage=STAGES[total.stage],
        rows=total.rows,
        unknown=total.unknown,
        quantity=said or _("unknown"),
        is_unknown=not said,
    )


def _by_day(versions: Sequence[Version]) -> list[Version]:
    return sorted(
        versions,
        key=lambda v: (v.claim.date.representative_day, v.recorded_position),
        reverse=True,
    )


def _stated(details: Production) -> Iterator[str]:
    """Each number that a plan states, with what it counts: they are no one quantity."""
    if count := range_words(amount_range(details.quantity)):
        yield count
    if count := range_words(amount_range(details.current_per_year)):
        yield _("%(count)s a year now", count=count)
    if count := range_words(amount_range(details.planned_per_year)):
        yield _("%(count)s a year planned", count=count)
    if count := range_words(amount_range(details.demand_total)):
        yield _("%(count)s needed", count=count)


def _plan(version: Version) -> PlanRow:
    claim = version.claim
    said = ""
    if isinstance(claim.details, Production):
        said = "; ".join(_stated(claim.details))
    codes = claim.targets
    return PlanRow(
        claim=claim.id,
        occurred_on=claim.occurred_on,
        who=names_text([GOVERNMENTS[code] for code in codes], 2)
        or names_text(actor_names(claim.actors), 2),
        code=codes[0] if codes else None,
        act=kind_words(claim.kind),
        title=claim.summary,
        quantity=said or _("unknown"),
        is_unknown=not said,
        sources=publishers(claim),
        status=version.status,
    )


def _lead(found: Transfers) -> Sentence:
    rows = found.transfers
    if not rows:
        return told("No transfer of mines is on record by %(day)s.", day=found.on)
    counted = told_many(
        "%(count)s transfer is on record by %(day)s.",
        "%(count)s transfers are on record by %(day)s.",
        len(rows),
        day=found.on,
    )
    unknown = sum(not range_words(row.quantity) for row in rows)
    received = sum(row.stage == "received" for row in rows)
    pieces: list[str | date] = [*counted, " "]
    if unknown:
        silent = many(
            "For %(count)s of them nobody said how many mines.",
            "For %(count)s of them nobody said how many mines.",
            unknown,
        )
        pieces.append(f"{silent} ")
    taken = many(
        "%(count)s is recorded as received.", "%(count)s are recorded as received.", received
    )
    return (*pieces, taken if received else _("None is recorded as received."))


def _facts(found: Transfers, plans: Sequence[Version]) -> tuple[tuple[str, str, str], ...]:
    rows = found.transfers
    known = [row for row in rows if range_words(row.quantity)]
    by_stage = {stage: sum(row.stage == stage for row in rows) for stage in STAGES}
    makers = sorted({GOVERNMENTS[code] for p in plans for code in p.claim.targets}, key=in_order)
    return (
        (_("Authorised"), str(by_stage["authorised"]), _("not known to be announced")),
        (_("Announced"), str(by_stage["announced"]), _("no receipt on record")),
        (_("Received"), str(by_stage["received"]), _("as reported")),
        (
            _("Quantity stated"),
            _("%(known)s of %(all)s", known=len(known), all=len(rows)),
            _("the others are unknown, never 0"),
        ),
        (
            _("Plans to make or buy"),
            str(len(plans)),
            names_text(makers, 2) if makers else _("none recorded"),
        ),
    )
