"""Ledgers told in one pass over claims in order of their happenings, of which no more is kept than
an answer shows; the same answers as the plain questions give, and never any I/O.

A pass is shown all claims of one happening before those of the next.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import itemgetter
from typing import Any, Final

import msgspec

from domain.facts import COUNTED
from projections.dossier import when
from projections.histories import Version
from projections.paging import ROWS_MAX, First, Place
from projections.transfers import (
    PLAN_KINDS,
    STAGES,
    TRANSFER_STAGES,
    LedgerAsk,
    LedgerExcerpt,
    TransferRow,
    Transfers,
    TransferTotal,
    is_asked,
    is_said,
    mines,
    order_of,
    place_of,
    row_of,
)
from projections.undertakings import (
    ToldOf,
    UndertakenExcerpt,
    Undertaking,
    Undertakings,
    answered,
    grouped,
    place_among,
    row_among,
    told_by,
    undertaken,
)

LEDGER: Final = LedgerAsk(government="", stage="", order="oldest", rows_max=0, totals_max=0)
"""Asks for no row: for what the whole comes to."""


class LedgerPass:
    """One pass over claims of transfers; see `projections.transfers`."""

    def __init__(
        self,
        on: date,
        ask: LedgerAsk = LEDGER,
        *,
        name: Callable[[str | None], Any] = lambda code: code or "",
        after: Place | None = None,
        rows_max: int = ROWS_MAX,
    ) -> None:
        """`ask` and `name`: of an `excerpt`; `after`: where a `page` of so many rows begins."""
        self.on, self.ask, self.after = on, ask, after
        self._group: list[Version] = []
        self._page: First[TransferRow] = First(rows_max + 1, place_of)
        self._rows_max = rows_max
        key, reverse = order_of(ask, name)
        self._asked: First[TransferRow] = First(ask.rows_max, key, reverse=reverse)
        self._all, self._some = Summing(), Summing()
        self._total = self._said = 0
        self._reached = dict.fromkeys(STAGES, 0)
        self._told: set[Any] = set()
        self._codes: set[str] = set()

    def take(self, versions: Iterable[Version]) -> None:
        """Look at some claims."""
        for version in versions:
            if self._group and self._group[0].happening != version.happening:
                self._close()
            claim = version.claim
            if (
                claim.kind in TRANSFER_STAGES
                and version.status in COUNTED
                and claim.date.representative_day <= self.on
            ):
                self._group.append(version)

    def page(self, known_at: str) -> tuple[Transfers, Place | None]:
        """What `projections.transfers.page_of` gives."""
        self._close()
        rows = self._page.rows()
        shown = rows[: self._rows_max]
        following = place_of(shown[-1]) if len(rows) > len(shown) else None
        return Transfers(
            on=self.on,
            known_at=known_at,
            transfers=tuple(shown),
            transfers_total=self._total,
            totals=self._all.totals(),
        ), following

    def excerpt(self, known_at: str) -> LedgerExcerpt:
        """What `projections.transfers.excerpt_of` gives."""
        self._close()
        totals, ask = self._some.totals(), self.ask
        rows = self._asked.rows()
        return LedgerExcerpt(
            on=self.on,
            known_at=known_at,
            total=self._total,
            said=self._said,
            reached=dict(self._reached),
            told=frozenset(self._told),
            codes=frozenset(self._codes),
            rows=tuple(rows),
            more=self._asked.total - len(rows),
            totals=totals[: ask.totals_max],
            more_totals=len(totals[ask.totals_max :]),
        )

    def _close(self) -> None:
        """The happening is told whole."""
        if not self._group:
            return
        row = row_of(self._group[0].happening, self._group)
        self._group = []
        self._total += 1
        self._said += is_said(row.quantity)
        self._reached[row.stage] += 1
        self._told |= {reported.stage for reported in row.claims}
        self._codes |= {code for code in (row.supplier, row.recipient) if code}
        self._all.add(row)
        if is_asked(row, self.ask):
            self._some.add(row)
            self._asked.add((row,))
        if self.after is None or place_of(row) > self.after:
            self._page.add((row,))


class PlansPass:
    """One pass over claims that are told beside the ledger: plans to make or buy mines."""

    def __init__(self, on: date, takes: Callable[[Version], bool], rows_max: int) -> None:
        """`first`: so many of those that it `takes` are kept, the latest first."""
        self.on, self._takes = on, takes
        self.count = 0
        self.codes: set[str] = set()
        self.first: First[Version] = First(rows_max, when, reverse=True)

    def take(self, versions: Iterable[Version]) -> None:
        """Look at some claims."""
        for version in versions:
            claim = version.claim
            if claim.kind in PLAN_KINDS and claim.date.representative_day <= self.on:
                self.count += 1
                self.codes |= set(claim.targets)
                if self._takes(version):
                    self.first.add((version,))


class Summing:
    """Rows being added up one by one, as `projections.transfers.totals` adds them up together."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, int], _Sum] = {}

    def add(self, row: TransferRow) -> None:
        """Add a row."""
        key = (row.supplier or "", row.recipient or "", STAGES.index(row.stage))
        total = self._sums.setdefault(key, _Sum())
        total.rows += 1
        count = mines(row.quantity)
        if count is None:
            total.unknown += 1
            return
        if count.at_least is not None and row.status == "accepted":
            total.sure = (total.sure or 0) + count.at_least
        if count.at_most is not None:
            total.bounded += 1
            total.most += count.at_most

    def totals(self) -> tuple[TransferTotal, ...]:
        """What the rows come to so far."""
        return tuple(
            TransferTotal(
                supplier=supplier or None,
                recipient=recipient or None,
                stage=STAGES[stage],
                rows=total.rows,
                unknown=total.unknown,
                at_least=total.sure,
                at_most=total.most if total.bounded == total.rows else None,
            )
            for (supplier, recipient, stage), total in sorted(self._sums.items(), key=itemgetter(0))
        )


class _Sum(msgspec.Struct):
    """The rows of one total: how many there are, of how many no number of mines is known, what
    those that are accepted are sure of, how many have an upper bound, and what these come to."""

    rows: int = 0
    unknown: int = 0
    sure: int | None = None
    bounded: int = 0
    most: int = 0


class UndertakenPass:
    """One pass over claims of commitments and responses; see `projections.undertakings`."""

    def __init__(
        self,
        on: date,
        first: First[Undertaking],
        takes: Callable[[Undertaking], bool] = lambda row: True,
    ) -> None:
        """`first`: the rows that are kept of those that it `takes`."""
        self.on, self.first, self._takes = on, first, takes
        self._commitments = self._responses = 0
        self._governments: set[str] = set()
        self._group: list[ToldOf] = []

    def take(self, versions: Iterable[Version]) -> None:
        """Look at some claims."""
        for version in versions:
            if self._group and self._group[0].happening != version.happening:
                self._close()
            told = told_by(version)
            if told is not None and told.day <= self.on:
                self._group.append(told)

    def answers(self) -> set[str]:
        """The claims that the rows that are kept answer."""
        self._close()
        return {one.claim for row in self.first.rows() for one in row.answers}

    def page(
        self, rows_max: int, names: Mapping[str, Version], known_at: str
    ) -> tuple[Undertakings, Place | None]:
        """A page of as many of the rows that are kept, and where the next begins, with what is
        known of the claims that they answer, by their names; what
        `projections.undertakings.page_of` gives."""
        rows = self._answered(names)
        shown = rows[:rows_max]
        totals = self._commitments, self._responses
        found = undertaken(shown, on=self.on, known_at=known_at, totals=totals)
        return found, place_among(shown[-1]) if len(rows) > len(shown) else None

    def excerpt(
        self, before: int, names: Mapping[str, Version], known_at: str
    ) -> UndertakenExcerpt:
        """The rows that are kept but for the first few; what
        `projections.undertakings.excerpt_of` gives."""
        rows = self._answered(names)
        return UndertakenExcerpt(
            on=self.on,
            known_at=known_at,
            commitments=self._commitments,
            responses=self._responses,
            governments=frozenset(self._governments),
            total=self.first.total,
            rows=tuple(rows[before:]),
        )

    def _answered(self, names: Mapping[str, Version]) -> list[Undertaking]:
        self._close()
        return [answered(row, names) for row in self.first.rows()]

    def _close(self) -> None:
        """The happening is told whole."""
        ordered = sorted(self._group, key=lambda told: told.recorded)
        self._group = []
        for key, group in grouped(ordered).items():
            row = row_among(*key, group)
            self._commitments += row.what == "commitment"
            self._responses += row.what == "response"
            self._governments.add(row.government)
            if self._takes(row):
                self.first.add((row,))


def stands_after(place: Place | None) -> Callable[[Undertaking], bool]:
    """Whether rows stand after a place; from the first one on unless given."""
    return lambda row: place is None or place_among(row) > place


def page_kept(rows_max: int) -> First[Undertaking]:
    """What is kept of a page of commitments and responses: a row more than it lists."""
    return First(rows_max + 1, place_among)
