"""What the legal floors of a government would be had the desk decided about one claim; it decides
nothing itself: the law in `domain.numbers` reads the facts that are left to choose from.
"""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

import numpy as np

from domain.facts import Facts
from domain.numbers import SURE
from domain.treaties import TREATIES
from projections.columnar.legal.legal import Floor, LegalRows
from projections.columnar.legal.milestones import CONFLICT, JOINED, REVERSED
from projections.columnar.shelf.narrowing import Column
from projections.columnar.shelf.pointing import Point, holding, seen_rows
from projections.columnar.shelf.shelving import WHEN_BITS, Leaf, Shelf
from projections.columnar.terms.law import KINDS, Law
from projections.columns import COUNTED_MAX, Ints, Profile

ACCEPTED: Final = 0
Own = tuple[dict[str, Column], Ints, dict[int, Facts]]
_DEPOSIT: Final = KINDS["withdrawal_instrument_deposited"]
_EFFECTIVE: Final = KINDS["withdrawal_effective"]


class Steps:
    """The legal rows of one leaf at one point, as far as some claims can move a floor."""

    def __init__(self, leaf: Leaf, shelf: Shelf, on: date, at: Point) -> None:
        self.leaf, self.shelf, self.law = leaf, shelf, shelf.law
        self.on, self.at = on, at
        self._claims: frozenset[int] = frozenset()
        self._own: dict[int, Own] = {}

    def look_at(self, claims: Ints) -> None:
        """Name the claims that are asked about, by where they were recorded."""
        recorded = self.leaf.legal["recorded"]
        self._claims = frozenset(recorded[holding(recorded, claims)].tolist())

    def floors(
        self, government: str, claim: int, status: int | None, now: Sequence[Floor]
    ) -> Sequence[Floor] | None:
        """The legal floors, which are `now`, had a claim another status (None: were it refused);
        None where it is nothing legal."""
        if claim not in self._claims:
            return None
        own, some, made = self._of(self.leaf.governments.index(government))
        mine = some[own["recorded"][some] == claim]
        if not len(mine):
            return None
        if all(self._leaves(own, row, status, now) for row in mine.tolist()):
            return now
        if status is None:
            some = some[own["recorded"][some] != claim]
        else:
            statuses = own["status"].copy()
            statuses[mine] = status
            own = own | {"status": statuses}
        steps = LegalRows(
            government, own, self.shelf.words.lists, some,
            role=own["role"][some], q=own["q"][some], law=self.law, made=made,
        )  # fmt: skip
        found = steps.floors(self.on)
        for row in mine.tolist():
            made.pop(row, None)  # it was read with a status that it does not have
        return found

    def _leaves(
        self, own: dict[str, Column], row: int, status: int | None, now: Sequence[Floor]
    ) -> bool:
        profile: Profile = self.shelf.words.lists[0][int(own["profile"][row])]
        is_sure = bool(own["q"][row] >= SURE)
        return leaves(self.law, profile, int(own["status"][row]), status, now, is_sure=is_sure)

    def _of(self, place: int) -> Own:
        """The legal facts of one government, which of them are believed and may set its floor, and
        what was read of them: reports of armed conflict, joinings, and of each treaty the stages
        that were not reversed beyond doubt since."""
        if place not in self._own:
            begin, end = self.leaf.legal_bounds[place : place + 2].tolist()
            own = {name: column[begin:end] for name, column in self.leaf.legal.items()}
            role = own["role"]
            when = (own["day"].astype(np.int64) << WHEN_BITS) + own["recorded"]
            may_set = (role[:, 8] == 1) & (when >= self._last_reversals[place, role[:, 5]])
            may_set |= (role[:, 4] == CONFLICT) | (role[:, 4] == JOINED)
            self._own[place] = own, np.flatnonzero(may_set & seen_rows(own, self.at)), {}
        return self._own[place]

    @cached_property
    def _last_reversals(self) -> Ints:
        """When stages of each government under each treaty were reversed beyond doubt for the last
        time: the day, and where that was recorded in the lowest bits; 0 for never."""
        legal: dict[str, Any] = self.leaf.legal
        role = legal["role"]
        is_sure = (legal["status"] == ACCEPTED) & (legal["q"] >= SURE)
        at = np.flatnonzero((role[:, 4] == REVERSED) & is_sure)
        at = at[seen_rows(legal, self.at, at)]
        found = np.zeros((len(self.leaf.governments), len(TREATIES)), np.int64)
        when = (legal["day"][at].astype(np.int64) << WHEN_BITS) + legal["recorded"][at]
        np.maximum.at(found, (legal["government"][at], role[at, 5]), when)
        return found


def leaves(
    law: Law,
    profile: Profile,
    before: int,
    status: int | None,
    now: Sequence[Floor],
    *,
    is_sure: bool,
) -> bool:
    """Whether a decision about a claim, which has the status `before` and gets another (None: is
    refused), leaves the floors, which are `now`, as they are, beyond doubt: a step sets a floor of
    its own or none, so it moves one only where that is no lower. Of a deposit and of the effect it
    follows besides whether a later joining is one of a state that had left."""
    role = law.role(profile)
    if role[4] in (CONFLICT, JOINED, REVERSED, _DEPOSIT, _EFFECTIVE):
        return False
    if role[8] != 1:
        return True
    most = law.weights.floors[profile.kind]
    readings = zip(_readings(before, is_sure), _readings(status, is_sure), now, strict=True)
    return all(
        was == then or (floor >= most if then else floor > most)
        for was, then, (floor, _) in readings
    )


def _readings(status: int | None, is_sure: bool) -> tuple[bool, bool, bool]:
    """Whether a claim with a status, None for a refused one, enters the score, the low and the high
    bound."""
    if status is None:
        return False, False, False
    return status <= COUNTED_MAX, status == ACCEPTED and is_sure, True
