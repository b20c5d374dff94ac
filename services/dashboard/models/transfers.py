"""Builds the page Transfers: the ledger by stage, and plans to make or buy; pure, and it never
shows an unknown number as 0."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from domain.claims import Status
from domain.details import Production, TransferStage
from projections.histories import Version
from projections.ledgers import PlansTold
from projections.passing import PlansPass
from projections.transfers import (
    LedgerAsk,
    LedgerExcerpt,
    Range,
    TransferRow,
    TransferTotal,
    amount_range,
)
from services.dashboard.formats import names_text
from services.dashboard.frame import Frame
from services.dashboard.language import Words, _, count_text, many, told, told_many, word
from services.dashboard.models.claims import actor_names, publishers
from services.dashboard.models.shapes import Sentence
from services.dashboard.states import GOVERNMENTS, in_order
from services.dashboard.words import kind_words

ROWS_MAX: Final = 40
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


class Plans(msgspec.Struct, frozen=True, kw_only=True):
    """What the page tells beside the ledger: how many plans there are, whom they concern, those
    that are listed, newest first, and how many more were asked for."""

    count: int
    codes: frozenset[str]
    listed: tuple[Version, ...]
    more: int


def shown_of(ask: TransfersAsk) -> LedgerAsk:
    """What the page shows of the ledger."""
    return LedgerAsk(
        government=ask.government,
        stage=ask.stage,
        order=ask.order,
        rows_max=ROWS_MAX,
        totals_max=ROWS_MAX,
    )


def plans_of(told: PlansTold, versions: Mapping[str, Version]) -> Plans:
    """The plans, of which those that are listed are among `versions`, by claim."""
    return Plans(
        count=told.count,
        codes=told.codes,
        listed=tuple(versions[plan.claim] for plan in told.listed),
        more=told.more,
    )


def is_listed(version: Version, ask: TransfersAsk) -> bool:
    """Whether a plan is asked for."""
    return not ask.stage and (not ask.government or ask.government in version.claim.targets)


def plans_passed(found: PlansPass) -> Plans:
    """The plans that passed by."""
    listed = tuple(found.first.rows())
    return Plans(
        count=found.count,
        codes=frozenset(found.codes),
        listed=listed,
        more=found.first.total - len(listed),
    )


def ledger_page(
    frame: Frame, found: LedgerExcerpt, plans: Plans, *, ask: TransfersAsk
) -> TransfersPage:
    """The page over what it shows of the ledger, and the plans."""
    stages = [stage for stage in STAGES if stage in ALWAYS_SHOWN | found.told]
    names = sorted(
        ((code, GOVERNMENTS[code]) for code in found.codes | plans.codes),
        key=lambda pair: in_order(pair[1]),
    )
    return TransfersPage(
        frame=frame,
        on=found.on,
        lead=_lead(found),
        ask=ask,
        facts=_facts(found, plans),
        rows=tuple(_row(row, stages) for row in found.rows),
        more=found.more,
        totals=tuple(_total(t) for t in found.totals),
        more_totals=found.more_totals,
        plans=tuple(_plan(p) for p in plans.listed),
        more_plans=plans.more,
        governments=tuple(names),
        stages=tuple((key, STAGES[key]) for key in stages),
    )


def _range_words(found: Range | None) -> str:
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


def party_name(code: str | None) -> str:
    """A supplier or recipient by name, or that none is stated."""
    return GOVERNMENTS.get(code or "", "") or _("not stated")


def _row(row: TransferRow, stages: Sequence[TransferStage]) -> LedgerRow:
    by_stage = {reported.stage: reported for reported in reversed(row.claims)}
    cells = [by_stage.get(stage) for stage in stages]
    said = _range_words(row.quantity)
    return LedgerRow(
        happening=row.happening,
        occurred_on=row.occurred_on,
        stage=row.stage,
        supplier=party_name(row.supplier),
        supplier_code=row.supplier,
        recipient=party_name(row.recipient),
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
    said = _range_words(Range(at_least=total.at_least, at_most=total.at_most))
    return TotalRow(
        supplier=party_name(total.supplier),
        recipient=party_name(total.recipient),
        stage=STAGES[total.stage],
        rows=total.rows,
        unknown=total.unknown,
        quantity=said or _("unknown"),
        is_unknown=not said,
    )


def _stated(details: Production) -> Iterator[str]:
    """Each number that a plan states, with what it counts: they are no one quantity."""
    if count := _range_words(amount_range(details.quantity)):
        yield count
    if count := _range_words(amount_range(details.current_per_year)):
        yield _("%(count)s a year now", count=count)
    if count := _range_words(amount_range(details.planned_per_year)):
        yield _("%(count)s a year planned", count=count)
    if count := _range_words(amount_range(details.demand_total)):
        yield _("%(count)s needed", count=count)


def _plan(version: Version) -> PlanRow:
    claim = version.claim
    said = ""
    if isinstance(claim.details, Production):
        said = _("; ").join(_stated(claim.details))
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


def _lead(found: LedgerExcerpt) -> Sentence:
    if not found.total:
        return told("No transfer of mines is on record by %(day)s.", day=found.on)
    counted = told_many(
        "%(count)s transfer is on record by %(day)s.",
        "%(count)s transfers are on record by %(day)s.",
        found.total,
        day=found.on,
    )
    unknown, received = found.total - found.said, found.reached["received"]
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


def _facts(found: LedgerExcerpt, plans: Plans) -> tuple[tuple[str, str, str], ...]:
    by_stage = found.reached
    makers = sorted((GOVERNMENTS[code] for code in plans.codes), key=in_order)
    return (
        (_("Authorised"), str(by_stage["authorised"]), _("not known to be announced")),
        (_("Announced"), str(by_stage["announced"]), _("no receipt on record")),
        (_("Received"), str(by_stage["received"]), _("as reported")),
        (
            _("Quantity stated"),
            _("%(known)s of %(all)s", known=found.said, all=found.total),
            _("the others are unknown, never 0"),
        ),
        (
            _("Plans to make or buy"),
            str(plans.count),
            names_text(makers, 2) if makers else _("none recorded"),
        ),
    )
