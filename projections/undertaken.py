"""What governments undertook and how they answered, kept at hand and in order, so that a page is
told without a look at what it does not show; pure, and it never names the claims that are answered.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from heapq import merge
from itertools import chain, islice
from typing import Any, Final

import msgspec

from projections.histories import Version
from projections.undertakings import (
    Group,
    ToldOf,
    UndertakenAsk,
    UndertakenExcerpt,
    Undertaking,
    What,
    latest,
    row_among,
    told_by,
)

_NEWEST_FIRST: Final = "newest", "government"
"""Orders in which the newest of a government stands before its older ones."""


class Held(msgspec.Struct, frozen=True):
    """A row as all its claims tell it, which it is from the day of the `last` of them on."""

    row: Undertaking
    first: date
    last: date
    place: tuple[date, str, str, str]


class Undertaken:
    """What is believed at the position `through` of commitments and responses."""

    def __init__(self) -> None:
        self.through = 0
        self._told: dict[str, ToldOf] = {}
        self._groups: dict[Group, list[ToldOf]] = {}
        self._held: dict[Group, Held] = {}
        self._spread: dict[Group, Held] = {}
        """Those of them whose claims tell of several days."""
        self._ordered: dict[str, list[Held]] = {"": []}
        """The rows of each government, and all under no name, in the order of their days."""
        self._lasts: dict[tuple[str, What, str], list[date]] = {}
        """Since when rows are told, by government, what it is and treaty."""

    @property
    def claims(self) -> int:
        """How many claims it rests on."""
        return len(self._told)

    def take(self, versions: Iterable[Version], through: int) -> bool:
        """Bring it up to a position: `versions` are those believed there of the claims that were
        touched since."""
        touched: set[Group] = set()
        for version in versions:
            told, held = told_by(version), self._told.pop(version.claim.id, None)
            if told is not None:
                self._told[told.claim] = told
            if told != held:
                touched |= self._moved(held, told)
        self._settle(touched)
        self.through = through
        return True

    def excerpt(
        self,
        ask: UndertakenAsk,
        rows_max: int,
        name: Callable[[str], Any],
        *,
        on: date,
        known_at: str,
    ) -> UndertakenExcerpt:
        """What a page shows of a day, where nothing were known of the claims that are answered; see
        `projections.undertakings.excerpt_of` and `answered`."""
        partly = [
            row_among(*key, [told for told in self._groups[key] if told.day <= on])
            for key, held in self._spread.items()
            if held.first <= on < held.last
        ]
        counts = {key: bisect_right(lasts, on) for key, lasts in self._lasts.items()}
        whole = {key: count for key, count in counts.items() if count}
        for row in partly:
            key = row.government, row.what, row.treaty
            whole[key] = whole.get(key, 0) + 1
        asked = {key for key in whole if ask.takes_of(*key)}
        by, reverse = ask.order_by(name)
        some = sorted(filter(ask.takes, partly), key=by, reverse=reverse)
        rows = merge(self._rows(ask, name, on), some, key=by, reverse=reverse)
        return UndertakenExcerpt(
            on=on,
            known_at=known_at,
            commitments=sum(count for key, count in whole.items() if key[1] == "commitment"),
            responses=sum(count for key, count in whole.items() if key[1] == "response"),
            governments=frozenset(government for government, _, _ in whole),
            total=sum(whole[key] for key in asked),
            rows=tuple(islice(rows, ask.before, ask.before + rows_max)),
        )

    def _rows(
        self, ask: UndertakenAsk, name: Callable[[str], Any], on: date
    ) -> Iterator[Undertaking]:
        """The rows that are whole by a day and asked for, in the order of the page."""
        lists: Iterable[list[Held]] = [self._ordered.get(ask.government, [])]
        if ask.order == "government" and not ask.government:
            codes = sorted((code for code in self._ordered if code), key=name)
            lists = (self._ordered[code] for code in codes)
        newest = ask.order in _NEWEST_FIRST
        for held in chain.from_iterable(_until(one, on, backwards=newest) for one in lists):
            if held.last <= on and ask.takes(held.row):
                yield held.row

    def _moved(self, held: ToldOf | None, told: ToldOf | None) -> set[Group]:
        """Take a claim out of the groups that it stood in and put it into those it stands in; the
        groups are given back."""
        touched: set[Group] = set()
        if held is not None:
            for key in _groups_of(held):
                self._groups[key].remove(held)
                touched.add(key)
        if told is not None:
            for key in _groups_of(told):
                insort(self._groups.setdefault(key, []), told, key=_recorded)
                touched.add(key)
        return touched

    def _settle(self, touched: Iterable[Group]) -> None:
        """Draw the rows of some groups anew, and put them where they belong."""
        fresh: list[Held] = []
        for key in touched:
            if (held := self._held.pop(key, None)) is not None:
                self._spread.pop(key, None)
                self._lose(held)
            if not (group := self._groups[key]):
                del self._groups[key]
                continue
            days = [told.day for told in group]
            row = row_among(*key, group)
            held = Held(row, min(days), max(days), latest(row))
            self._held[key] = held
            if held.first < held.last:
                self._spread[key] = held
            fresh.append(held)
        self._find(fresh)

    def _lose(self, held: Held) -> None:
        for ordered in (self._ordered[""], self._ordered[held.row.government]):
            del ordered[bisect_left(ordered, held.place, key=_place)]
        lasts = self._lasts[held.row.government, held.row.what, held.row.treaty]
        del lasts[bisect_left(lasts, held.last)]

    def _find(self, fresh: list[Held]) -> None:
        """Put new rows where they belong: sorting what was in order but for them costs little."""
        by_day: dict[int, list[Held]] = {}
        by_last: dict[int, list[date]] = {}
        for held in fresh:
            row = held.row
            for ordered in (self._ordered[""], self._ordered.setdefault(row.government, [])):
                ordered.append(held)
                by_day[id(ordered)] = ordered
            lasts = self._lasts.setdefault((row.government, row.what, row.treaty), [])
            lasts.append(held.last)
            by_last[id(lasts)] = lasts
        for ordered in by_day.values():
            ordered.sort(key=_place)
        for lasts in by_last.values():
            lasts.sort()


def _groups_of(told: ToldOf) -> list[Group]:
    """The groups that a claim stands in."""
    return [(told.what, code, told.happening) for code in told.speakers]


def _recorded(told: ToldOf) -> int:
    return told.recorded


def _place(held: Held) -> tuple[date, str, str, str]:
    return held.place


def _until(ordered: list[Held], on: date, *, backwards: bool) -> Iterator[Held]:
    """The rows of days up to one, the newest first if `backwards`."""
    end = bisect_right(ordered, on, key=lambda held: held.place[0])
    return (ordered[at] for at in (reversed(range(end)) if backwards else range(end)))
