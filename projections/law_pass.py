"""The standings and the legal floor of one government told while its legal facts pass by in order,
none of them being kept; never a law of its own: `domain.standing` and `domain.floors` tell it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final

import msgspec

from domain.claims import Status
from domain.facts import COUNTED, POSSIBLE, Facts
from domain.floors import Floors
from domain.numbers import is_stage, readings_of
from domain.standing import (
    CONFLICT,
    LEGAL_KINDS,
    LegalFold,
    Periods,
    Standing,
    is_under,
    report,
)
from domain.treaties import TREATIES
from domain.weights import Weights

CONFLICTS: Final = 0
"""The rank of reports of armed conflict, which are told before anything that they hold up."""
LAW: Final = 1
"""The rank of legal facts, in order of happening; reports of armed conflict are among them."""
Tail = tuple[Any, ...]
Entry = tuple[Tail, bytes]
"""What is said of one government: where it stands among what is told of it, and what it says."""
Statuses = dict[int, Status]
"""Suppositions about a claim: the number of each, and the status that it supposes."""
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(tuple[Facts, Statuses])


def is_law(fact: Facts) -> bool:
    """Whether a standing is folded from a claim."""
    return fact.kind in LEGAL_KINDS and fact.status in COUNTED


def law_entries(
    fact: Facts, supposed: Mapping[int, Status], weights: Weights | None
) -> Iterator[Entry]:
    """What a claim says of standings and floors, also if it had another status; of standings alone
    without `weights`."""
    if fact.status not in POSSIBLE and not supposed:
        return
    if fact.kind in LEGAL_KINDS or (weights is not None and is_stage(fact, weights)):
        body = _ENCODER.encode((fact, supposed))
        if fact.kind == CONFLICT:
            yield (CONFLICTS, fact.day.toordinal(), fact.position), body
        yield (LAW, fact.day.toordinal(), fact.position), body


class LawPass:
    """One pass over what is said of the law of one government, in order.

    `folds`: by treaty. `floors`: of the three readings; `supposed`: the same under each supposition
    that changes anything of them.
    """

    def __init__(
        self, on: date, weights: Weights | None = None, *, names_surprises: bool = False
    ) -> None:
        """`weights`: None where nobody asks for floors."""
        self.on, self._weights, self._names_surprises = on, weights, names_surprises
        self._chosen = () if weights is None else [choose for choose, _ in readings_of(weights)]
        self._periods: Periods = []
        self._periods_supposed: dict[int, Periods] = {}
        self._begin()

    def take(self, entries: Iterable[Entry]) -> None:
        """Look at all that is said."""
        for rank, some in groupby(entries, key=lambda entry: entry[0][0]):
            for _, body in some:
                fact, supposed = _DECODER.decode(body)
                if rank == CONFLICTS:
                    self._report(fact, supposed)
                else:
                    self._fold(fact, supposed)
            if rank == CONFLICTS:
                self._begin()

    def standings(self) -> dict[str, Standing]:
        """The standing under each treaty."""
        return {code: fold.standing(self.on) for code, fold in self.folds.items()}

    def floor(self, supposition: int | None = None) -> list[tuple[float, str | None]]:
        """The floors of the three readings with their claims, as they are or as one supposes."""
        floors = self.floors
        if supposition is not None:
            floors = self.supposed.get(supposition, floors)
        return [one.on(self.on) for one in floors]

    def _begin(self) -> None:
        """Armed conflicts are known."""
        self.folds = {
            code: LegalFold(treaty, self._periods, names_surprises=self._names_surprises)
            for code, treaty in TREATIES.items()
        }
        self.floors = self._floors(self._periods)
        self.supposed = {s: self._floors(p) for s, p in self._periods_supposed.items()}

    def _floors(self, periods: Periods) -> list[Floors]:
        if self._weights is None:
            return []
        return [Floors(periods, self._weights, keeps_days=False) for _ in self._chosen]

    def _report(self, fact: Facts, supposed: Statuses) -> None:
        for one in supposed:
            self._periods_supposed.setdefault(one, list(self._periods))
        for one, periods in self._periods_supposed.items():
            if supposed.get(one, fact.status) in COUNTED:
                report(periods, fact)
        if fact.status in COUNTED:
            report(self._periods, fact)

    def _fold(self, fact: Facts, supposed: Statuses) -> None:
        if is_law(fact):
            for code, fold in self.folds.items():
                if is_under(fact, TREATIES[code]):
                    fold.take(fact)
        if self._weights is None or not is_stage(fact, self._weights):
            return
        for one in supposed:
            if one not in self.supposed:
                self.supposed[one] = [floors.copy() for floors in self.floors]
        for one, floors in self.supposed.items():
            status = supposed.get(one)
            self._reach(floors, fact if status is None else supposing(fact, status))
        self._reach(self.floors, fact)

    def _reach(self, floors: list[Floors], fact: Facts) -> None:
        if fact.status in POSSIBLE:
            for choose, one in zip(self._chosen, floors, strict=True):
                if choose(fact):
                    one.take(fact)


def supposing(fact: Facts, status: Status) -> Facts:
    """The same claim with another status."""
    return msgspec.structs.replace(fact, status=status)
