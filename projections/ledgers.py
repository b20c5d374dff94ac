"""The ledger of transfers kept at hand at the head of a log, so that the page of any day is drawn
from columns; the same answer as `projections.transfers` gives, and never any I/O.

A row whose claims had all happened is the same on every later day. Those of which only some had
happened are put together anew, for the day that is asked about.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from domain.facts import COUNTED
from projections.histories import Version
from projections.transfers import (
    STAGES,
    TRANSFER_STAGES,
    LedgerAsk,
    LedgerExcerpt,
    TransferRow,
    TransferTotal,
    is_said,
    mines,
    row_of,
)

Ints = npt.NDArray[np.int64]
NO_BOUND: Final = -1
"""Stands for a bound that is not known; counts are never negative."""


class _Entry(msgspec.Struct, frozen=True):
    """One happening: its row once all its claims had happened, the days of the first and the last
    of these, and the claims where they are several."""

    row: TransferRow
    first: int
    last: int
    group: tuple[Version, ...]


class Plan(msgspec.Struct, frozen=True):
    """A claim that may be told beside the ledger: its day, where it was recorded, and whom it
    concerns."""

    claim: str
    day: int
    recorded: int
    targets: tuple[str, ...]


class PlansTold(msgspec.Struct, frozen=True):
    """What is told beside the ledger of a day: how many there are, whom they concern, the first of
    those that are asked for, newest first, and how many more of them there are."""

    count: int
    codes: frozenset[str]
    listed: tuple[Plan, ...]
    more: int


class Ledger:
    """What is believed at the position `through` of claims of transfers, and of the kinds that are
    told `beside` them."""

    def __init__(self, beside: Collection[str]) -> None:
        self.through = 0
        self.beside = frozenset(beside)
        self._entries: dict[str, _Entry] = {}
        self._happenings: dict[str, str] = {}
        self._plans: dict[str, Plan] = {}
        self._codes: list[str] = [""]

    @property
    def claims(self) -> int:
        """How many claims it rests on."""
        return len(self._happenings) + len(self._plans)

    def take(self, versions: Iterable[Version], through: int) -> bool:
        """Bring it up to a position: `versions` are those believed there of the claims that were
        touched since, and of what is declared the same as these. False where one is missing that a
        row needs: then it is of no use any more."""
        touched: dict[str, dict[str, Version]] = {}
        versions = list(versions)
        for version in versions:
            claim = version.claim.id
            if version.claim.kind in self.beside:
                day = version.claim.date.representative_day.toordinal()
                targets = version.claim.targets
                self._plans[claim] = Plan(claim, day, version.recorded_position, targets)
            old = self._happenings.pop(claim, None)
            if old is not None:
                touched.setdefault(old, self._group(old)).pop(claim, None)
        for version in versions:
            if version.claim.kind in TRANSFER_STAGES and version.status in COUNTED:
                group = touched.setdefault(version.happening, self._group(version.happening))
                group[version.claim.id] = version
                self._happenings[version.claim.id] = version.happening
        given = {version.claim.id for version in versions}
        for happening, group in touched.items():
            held = self._entries.pop(happening, None)
            if held and not held.group and held.row.claims[0].claim not in given:
                return False
            if group:
                self._entries[happening] = _entry(happening, list(group.values()))
        self.through = through
        for name in ("_columns", "_spread", "_in_order"):
            self.__dict__.pop(name, None)
        return True

    def excerpt(
        self, ask: LedgerAsk, *, on: date, known_at: str, name: Callable[[str | None], Any]
    ) -> LedgerExcerpt:
        """What a page shows of the ledger on the day `on`; what `projections.transfers.excerpt_of`
        gives."""
        day, columns = on.toordinal(), self._columns
        partial = [
            row_of(key, [v for v in entry.group if v.claim.date.representative_day <= on])
            for key, entry in self._spread
            if entry.first <= day < entry.last
        ]
        some = columns.those(np.flatnonzero(columns.last <= day))
        if partial:
            some = some.beside(_columns(partial, [day] * len(partial), self._codes))
        return some.excerpt(ask, on=on, known_at=known_at, name=name)

    def plans(self, ask: LedgerAsk, *, on: date) -> PlansTold:
        """What is told beside the ledger of a day; nothing of it has reached a stage."""
        plans, days, places = self._in_order
        count = bisect_right(days, on.toordinal())
        asked: Sequence[int] = range(count)
        if ask.government:
            own = places.get(ask.government, [])
            asked = own[: bisect_left(own, count)]
        if ask.stage:
            asked = ()
        shown = asked[max(0, len(asked) - ask.rows_max) :]
        return PlansTold(
            count=count,
            codes=frozenset(code for code, own in places.items() if own[0] < count),
            listed=tuple(plans[place] for place in reversed(shown)),
            more=len(asked) - len(shown),
        )

    def _group(self, happening: str) -> dict[str, Version]:
        held = self._entries.get(happening)
        return {} if held is None else {v.claim.id: v for v in held.group}

    @cached_property
    def _in_order(self) -> tuple[list[Plan], list[int], dict[str, list[int]]]:
        """What is told beside the ledger, oldest first, the day of each, and where those stand that
        concern a government."""
        plans = sorted(self._plans.values(), key=lambda plan: (plan.day, plan.recorded))
        places: dict[str, list[int]] = {}
        for place, plan in enumerate(plans):
            for code in dict.fromkeys(plan.targets):
                places.setdefault(code, []).append(place)
        return plans, [plan.day for plan in plans], places

    @cached_property
    def _columns(self) -> "_Columns":
        some = self._entries.values()
        return _columns([e.row for e in some], [e.last for e in some], self._codes)

    @cached_property
    def _spread(self) -> list[tuple[str, _Entry]]:
        """Happenings whose claims are of several days."""
        return [(key, e) for key, e in self._entries.items() if e.first < e.last]


def _entry(happening: str, group: list[Version]) -> _Entry:
    days = [v.claim.date.representative_day.toordinal() for v in group]
    return _Entry(
        row=row_of(happening, group),
        first=min(days),
        last=max(days),
        group=tuple(group) if len(group) > 1 else (),
    )


class _Columns(msgspec.Struct):
    """Rows of a ledger as columns: `last` is when all their claims had happened, `supplier` and
    `recipient` are places among `codes`, `told` has a bit for each stage that a claim tells of,
    `sure` and `most` are the bounds that enter totals."""

    codes: list[str]
    rows: list[TransferRow]
    at: Ints
    last: Ints
    day: Ints
    stage: Ints
    supplier: Ints
    recipient: Ints
    told: Ints
    is_said: Ints
    is_known: Ints
    sure: Ints
    most: Ints

    def those(self, some: Ints) -> "_Columns":
        """Some of the rows."""
        taken = {name: getattr(self, name)[some] for name in _ARRAYS}
        return _Columns(self.codes, self.rows, **taken)

    def beside(self, other: "_Columns") -> "_Columns":
        """These rows and others under the same codes."""
        taken = {n: np.concatenate([getattr(self, n), getattr(other, n)]) for n in _ARRAYS}
        taken["at"][len(self.at) :] += len(self.rows)
        return _Columns(self.codes, [*self.rows, *other.rows], **taken)

    def excerpt(
        self, ask: LedgerAsk, *, on: date, known_at: str, name: Callable[[str | None], Any]
    ) -> LedgerExcerpt:
        """What is asked for of these rows."""
        some = self.those(np.flatnonzero(self._asked(ask)))
        shown = some.in_order(ask.order, ask.rows_max, name)
        totals = some.totals()
        reached = np.bincount(self.stage, minlength=len(STAGES)).tolist()
        told = int(np.bitwise_or.reduce(self.told, initial=0))
        ends = np.unique(np.concatenate([self.supplier, self.recipient])).tolist()
        return LedgerExcerpt(
            on=on,
            known_at=known_at,
            total=len(self.at),
            said=int(self.is_said.sum()),
            reached=dict(zip(STAGES, reached, strict=True)),
            told=frozenset(stage for bit, stage in enumerate(STAGES) if told >> bit & 1),
            codes=frozenset(self.codes[end] for end in ends) - {""},
            rows=tuple(shown),
            more=len(some.at) - len(shown),
            totals=tuple(totals[: ask.totals_max]),
            more_totals=len(totals[ask.totals_max :]),
        )

    def _asked(self, ask: LedgerAsk) -> npt.NDArray[np.bool_]:
        mask = np.ones(len(self.at), np.bool_)
        if ask.government:
            code = self.codes.index(ask.government) if ask.government in self.codes else -1
            mask &= (self.supplier == code) | (self.recipient == code)
        if ask.stage:
            mask &= self.stage == [str(stage) for stage in STAGES].index(ask.stage)
        return mask

    def in_order(
        self, order: str, count: int, name: Callable[[str | None], Any]
    ) -> list[TransferRow]:
        """The first of the rows in an order."""
        keys = [self.day]
        if order == "supplier":
            names = sorted({name(code or None) for code in self.codes})
            rank = np.array([names.index(name(code or None)) for code in self.codes], np.int64)
            keys = [rank[self.supplier], rank[self.recipient], self.day]
        some = _first(keys, count, reverse=order == "newest")
        found = [self.rows[at] for at in self.at[some].tolist()]

        def key(row: TransferRow) -> tuple[Any, ...]:
            ends = (name(row.supplier), name(row.recipient)) if order == "supplier" else ()
            return (*ends, row.day, row.happening)

        return sorted(found, key=key, reverse=order == "newest")[:count]

    def totals(self) -> list[TransferTotal]:
        """The rows added up as `projections.transfers.totals` does."""
        if not len(self.at):
            return []
        rank = np.argsort(np.argsort(np.array(self.codes)))
        width = len(self.codes)
        key = (rank[self.supplier] * width + rank[self.recipient]) * len(STAGES) + self.stage
        _, first, which = np.unique(key, return_index=True, return_inverse=True)
        size = len(first)
        counts = np.bincount(which, minlength=size)
        known = np.bincount(which[self.is_known > 0], minlength=size)
        least, most = np.zeros(size, np.int64), np.zeros(size, np.int64)
        sure, bound = self.sure != NO_BOUND, self.most != NO_BOUND
        np.add.at(least, which[sure], self.sure[sure])
        np.add.at(most, which[bound], self.most[bound])
        sures = np.bincount(which[sure], minlength=size)
        bounds = np.bincount(which[bound], minlength=size)
        columns = (counts, counts - known, least, sures, most, bounds)
        values = zip(first.tolist(), *(column.tolist() for column in columns), strict=True)
        return [
            TransferTotal(
                supplier=self.codes[int(self.supplier[place])] or None,
                recipient=self.codes[int(self.recipient[place])] or None,
                stage=STAGES[int(self.stage[place])],
                rows=rows,
                unknown=unknown,
                at_least=low if some_sure else None,
                at_most=high if some_bound == rows else None,
            )
            for place, rows, unknown, low, some_sure, high, some_bound in values
        ]


_ARRAYS: Final = _Columns.__struct_fields__[2:]


def _first(keys: list[Ints], count: int, *, reverse: bool) -> Ints:
    """The places of at least the first `count` in order of some keys: all that equal the last of
    them too, which something else then puts in order."""
    order = np.lexsort(keys[::-1])
    if reverse:
        order = order[::-1]
    if len(order) <= count:
        return order
    last = order[count - 1]
    is_equal = np.ones(len(order), np.bool_)
    for key in keys:
        is_equal &= key[order] == key[last]
    is_equal[:count] = True
    found: Ints = order[is_equal]
    return found


def _columns(rows: list[TransferRow], last: list[int], codes: list[str]) -> _Columns:
    """Rows as columns; codes that are new are added."""
    places = {code: place for place, code in enumerate(codes)}

    def coded(code: str | None) -> int:
        if (code or "") not in places:
            places[code or ""] = len(codes)
            codes.append(code or "")
        return places[code or ""]

    stages = {stage: place for place, stage in enumerate(STAGES)}
    values = []
    for row in rows:
        counted = mines(row.quantity)
        is_sure = counted is not None and row.status == "accepted"
        least = counted.at_least if counted is not None and is_sure else None
        most = None if counted is None else counted.at_most
        told = 0
        for reported in row.claims:
            told |= 1 << stages[reported.stage]
        values.append(
            (
                *(row.day.toordinal(), stages[row.stage], coded(row.supplier)),
                *(coded(row.recipient), told, is_said(row.quantity), counted is not None),
                *(NO_BOUND if least is None else least, NO_BOUND if most is None else most),
            )
        )
    table = np.array(values, np.int64).reshape(-1, 9)
    return _Columns(codes, rows, np.arange(len(rows)), np.array(last, np.int64), *table.T)
