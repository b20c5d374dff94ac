"""The ledger of transfers: one row per happening, quantities as ranges; a pure question over
versions that never turns an unknown number into 0."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, Literal, TypeVar, get_args

import msgspec

from domain.claims import Status
from domain.details import Amount, Quantity, Transfer, TransferStage
from domain.facts import COUNTED
from projections.histories import Version
from projections.paging import ROWS_MAX, Place

Party = Literal["supplier", "recipient"]
T = TypeVar("T")

REQUESTED: Final = "transfer_requested"
TRANSFER_STAGES: Final[dict[str, TransferStage]] = {
    REQUESTED: "requested",
    "transfer_authorized": "authorised",
    "transfer_announced": "announced",
    "transfer_delivered": "received",
}
"""Kind of claim -> stage of a transfer, unless the claim states one."""
PLAN_KINDS: Final = (
    "production_announced",
    "production_capacity_stated",
    "procurement_announced",
)
"""Kinds of claim that tell of plans to make or buy mines, beside the ledger."""
STAGES: Final[tuple[TransferStage, ...]] = get_args(TransferStage)
"""Every stage, in the order in which a transfer takes them."""
COUNTED_AS_MINES: Final = frozenset({None, "mine", "mines"})
"""Units of quantities that enter totals; what is counted in others is unknown as a number of
mines."""


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """An uncertain count: None is an unknown bound, `words` what sources say beside or instead of
    numbers, `unit` what is counted where that is not mines."""

    at_least: int | None
    at_most: int | None
    words: str | None = None
    unit: str | None = None


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """One claim behind a row, and how many sources it has."""

    claim: str
    kind: str
    stage: TransferStage
    occurred_on: str
    status: Status
    sources: int


class TransferRow(msgspec.Struct, frozen=True, kw_only=True):
    """One happening: who supplies whom by which way, what, and how many.

    `status` is `accepted` when any of its claims is. `inferred`: which of supplier and recipient no
    claim states, so that they were read from its actors and targets. `quantity` is None where no
    claim says any.
    """

    happening: str
    stage: TransferStage
    occurred_on: str
    day: date
    status: Status
    supplier: str | None
    recipient: str | None
    inferred: tuple[Party, ...]
    via: tuple[str, ...]
    item: str | None
    mine_type: str | None
    quantity: Range | None
    tranche: int | None
    package: str | None
    claims: tuple[Reported, ...]


class TransferTotal(msgspec.Struct, frozen=True, kw_only=True):
    """The mines of all rows of one stage from one supplier to one recipient.

    `unknown`: rows that give no number of mines. `at_least` sums what accepted rows are sure of,
    None where they are sure of nothing; `at_most` is None while any row has no upper bound.
    """

    supplier: str | None
    recipient: str | None
    stage: TransferStage
    rows: int
    unknown: int
    at_least: int | None
    at_most: int | None


class Transfers(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger on the day `on`, as known at `known_at`, in order of happening: of
    `transfers_total` rows all, or those of a page; totals are of all.

    Stages are not added up: what was authorised, announced and received may be the same mines.
    """

    on: date
    known_at: str
    transfers: tuple[TransferRow, ...]
    transfers_total: int
    totals: tuple[TransferTotal, ...]


class LedgerAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What of the ledger is shown: the rows of a government and of a stage, empty for all, in the
    order `newest`, `oldest` or `supplier`; so many rows and totals at most."""

    government: str
    stage: str
    order: str
    rows_max: int
    totals_max: int


class LedgerExcerpt(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows of the ledger: of the whole how many rows there are, of how many somebody
    said how many mines, how many reached each stage and no further, which stages are told of and
    which governments; of what was asked for the first rows and totals, and how many more."""

    on: date
    known_at: str
    total: int
    said: int
    reached: dict[TransferStage, int]
    told: frozenset[TransferStage]
    codes: frozenset[str]
    rows: tuple[TransferRow, ...]
    more: int
    totals: tuple[TransferTotal, ...]
    more_totals: int


def excerpt_of(
    found: Transfers, ask: LedgerAsk, name: Callable[[str | None], Any]
) -> LedgerExcerpt:
    """What a page shows of a ledger; `name`: what governments are put in order by."""
    rows = _narrowed(found.transfers, ask, name)
    totals = [total for total in found.totals if is_asked(total, ask)]
    everything = found.transfers
    return LedgerExcerpt(
        on=found.on,
        known_at=found.known_at,
        total=len(everything),
        said=sum(is_said(row.quantity) for row in everything),
        reached={stage: sum(row.stage == stage for row in everything) for stage in STAGES},
        told=frozenset(reported.stage for row in everything for reported in row.claims),
        codes=frozenset(c for r in everything for c in (r.supplier, r.recipient) if c),
        rows=tuple(rows[: ask.rows_max]),
        more=len(rows[ask.rows_max :]),
        totals=tuple(totals[: ask.totals_max]),
        more_totals=len(totals[ask.totals_max :]),
    )


def _narrowed(
    rows: Sequence[TransferRow], ask: LedgerAsk, name: Callable[[str | None], Any]
) -> list[TransferRow]:
    """The rows of a ledger that are asked for, in that order."""
    some = [row for row in rows if is_asked(row, ask)]
    key, reverse = order_of(ask, name)
    return sorted(some, key=key, reverse=reverse)


def order_of(
    ask: LedgerAsk, name: Callable[[str | None], Any]
) -> tuple[Callable[[TransferRow], Any], bool]:
    """By what the rows are put in the order that is asked for, and whether backwards."""
    if ask.order == "supplier":
        return lambda r: (name(r.supplier), name(r.recipient), r.day, r.happening), False
    return place_of, ask.order != "oldest"


def is_asked(row: TransferRow | TransferTotal, ask: LedgerAsk) -> bool:
    """Whether a row, or a total, is between whom and of the stage that is asked for."""
    is_between = not ask.government or ask.government in (row.supplier, row.recipient)
    return is_between and (not ask.stage or row.stage == ask.stage)


def is_said(quantity: Range | None) -> bool:
    """Whether anybody said how many, in numbers or in words."""
    return quantity is not None and (
        quantity.at_least is not None or quantity.at_most is not None or bool(quantity.words)
    )


def transfers(versions: Iterable[Version], *, on: date, known_at: str) -> Transfers:
    """The ledger of transfers up to the day `on`, over the counted claims among `versions`."""
    groups: dict[str, list[Version]] = {}
    for version in versions:
        if (
            version.claim.kind in TRANSFER_STAGES
            and version.status in COUNTED
            and version.claim.date.representative_day <= on
        ):
            groups.setdefault(version.happening, []).append(version)
    rows = sorted((row_of(name, group) for name, group in groups.items()), key=place_of)
    return Transfers(
        on=on,
        known_at=known_at,
        transfers=tuple(rows),
        transfers_total=len(rows),
        totals=totals(rows),
    )


def page_of(
    found: Transfers, after: Place | None = None, rows_max: int = ROWS_MAX
) -> tuple[Transfers, Place | None]:
    """The page of a ledger that begins after a row, and after which row the next one begins."""
    rows = [row for row in found.transfers if after is None or place_of(row) > after]
    shown = rows[:rows_max]
    following = place_of(shown[-1]) if len(rows) > len(shown) else None
    return msgspec.structs.replace(found, transfers=tuple(shown)), following


def _stage_of(version: Version) -> TransferStage:
    """How far the transfer had gone that a claim tells of: as it states, else by its kind."""
    details = version.claim.details
    stated = details.stage if isinstance(details, Transfer) else None
    return stated or TRANSFER_STAGES[version.claim.kind]


def totals(rows: Sequence[TransferRow]) -> tuple[TransferTotal, ...]:
    """The rows added up as ranges, per supplier, recipient and stage."""
    groups: dict[tuple[str, str, int], list[TransferRow]] = {}
    for row in rows:
        key = (row.supplier or "", row.recipient or "", STAGES.index(row.stage))
        groups.setdefault(key, []).append(row)
    return tuple(_total(groups[key]) for key in sorted(groups))


def amount_range(amount: Amount | None) -> Range | None:
    """An amount as a range; None where nothing is said."""
    if amount is None:
        return None
    if isinstance(amount, Quantity):
        return Range(
            at_least=amount.at_least,
            at_most=amount.at_most,
            words=amount.words,
            unit=amount.unit,
        )
    return Range(at_least=amount, at_most=amount)


def _spanning(ranges: Sequence[Range]) -> Range | None:
    """The narrowest range that holds every one of `ranges`; None for none.

    Numbers in different units have no common range: only their words are kept then.
    """
    if not ranges:
        return None
    units = {r.unit for r in ranges}
    lows = [r.at_least for r in ranges if r.at_least is not None]
    highs = [r.at_most for r in ranges if r.at_most is not None]
    comparable = len(units) == 1
    return Range(
        at_least=min(lows) if comparable and len(lows) == len(ranges) else None,
        at_most=max(highs) if comparable and len(highs) == len(ranges) else None,
        words="; ".join(dict.fromkeys(r.words for r in ranges if r.words)) or None,
        unit=ranges[0].unit if comparable else None,
    )


def _total(rows: Sequence[TransferRow]) -> TransferTotal:
    counts = [mines(row.quantity) for row in rows]
    sure = [
        c.at_least
        for c, row in zip(counts, rows, strict=True)
        if c is not None and c.at_least is not None and row.status == "accepted"
    ]
    highs = [c.at_most for c in counts if c is not None and c.at_most is not None]
    return TransferTotal(
        supplier=rows[0].supplier,
        recipient=rows[0].recipient,
        stage=rows[0].stage,
        rows=len(rows),
        unknown=sum(c is None for c in counts),
        at_least=sum(sure) if sure else None,
        at_most=sum(highs) if len(highs) == len(rows) else None,
    )


def mines(quantity: Range | None) -> Range | None:
    """The quantity where it says a number of mines."""
    if quantity is None or quantity.unit not in COUNTED_AS_MINES:
        return None
    return None if quantity.at_least is None and quantity.at_most is None else quantity


def row_of(happening: str, group: Sequence[Version]) -> TransferRow:
    """One row from all counted claims of a happening; where they differ, the furthest stage leads,
    then what is accepted, then what was recorded first."""
    ordered = sorted(
        group,
        key=lambda v: (
            -STAGES.index(_stage_of(v)),
            v.status != "accepted",
            v.recorded_position,
        ),
    )
    first = ordered[0]
    told = [v.claim.details for v in ordered if isinstance(v.claim.details, Transfer)]

    def said(field: Callable[[Transfer], T | None]) -> T | None:
        return next((value for t in told if (value := field(t)) is not None), None)

    supplier, recipient = said(lambda t: t.supplier), said(lambda t: t.recipient)
    ends = _ends(ordered, supplier, recipient)
    ranges = [found for t in told if (found := amount_range(t.quantity)) is not None]
    inferred: list[Party] = []
    if supplier is None and ends[0] is not None:
        inferred.append("supplier")
    if recipient is None and ends[1] is not None:
        inferred.append("recipient")
    return TransferRow(
        happening=happening,
        stage=_stage_of(first),
        occurred_on=first.claim.occurred_on,
        day=first.claim.date.representative_day,
        status=min((v.status for v in group), key=lambda status: status != "accepted"),
        supplier=ends[0],
        recipient=ends[1],
        inferred=tuple(inferred),
        via=tuple(dict.fromkeys(way for t in told for way in t.via)),
        item=said(lambda t: t.item),
        mine_type=said(lambda t: t.mine_type),
        quantity=_spanning(ranges),
        tranche=said(lambda t: t.tranche),
        package=said(lambda t: t.package),
        claims=tuple(
            Reported(
                claim=v.claim.id,
                kind=v.claim.kind,
                stage=_stage_of(v),
                occurred_on=v.claim.occurred_on,
                status=v.status,
                sources=len(v.claim.sources),
            )
            for v in ordered
        ),
    )


def _ends(
    group: Sequence[Version], supplier: str | None, recipient: str | None
) -> tuple[str | None, str | None]:
    """Supplier and recipient; one that is not stated is read from the acting states, of whom those
    that ask are to receive, and then from the targets, where exactly one is left."""
    acting = dict.fromkeys(_states(v for v in group if v.claim.kind != REQUESTED))
    asking = dict.fromkeys(_states(v for v in group if v.claim.kind == REQUESTED))
    targets = dict.fromkeys(code for v in group for code in v.claim.targets)
    if recipient is None:
        recipient = _only(asking, supplier)
    if supplier is None:
        supplier = _only(acting, recipient) or (recipient and _only(targets, recipient)) or None
    if recipient is None and supplier is not None:
        recipient = _only(targets, supplier)
    return supplier, recipient


def _states(versions: Iterable[Version]) -> Iterator[str]:
    return (a.code for v in versions for a in v.claim.actors if a.code is not None)


def _only(codes: Iterable[str], but: str | None) -> str | None:
    found = [code for code in codes if code != but]
    return found[0] if len(found) == 1 else None


def place_of(row: TransferRow) -> Place:
    """Where a row stands in the ledger."""
    return Place(row.day, (row.happening,))
