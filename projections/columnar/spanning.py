"""What the law says of one government, remembered for the stretch of days on which it says the
same; it reads no law itself and never does I/O.

Between two days on which something legal happened, entered into force or took effect, standings and
floors stay as they are: whoever scrubs through days asks the law once for each stretch.
"""

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from domain.facts import Facts
from domain.standing import Standing
from domain.treaties import TREATIES, in_force_for, withdrawal_expiry
from projections.columnar.law import KINDS
from projections.columnar.legal import Floor
from projections.columnar.shelving import Leaf

STRETCHES_KEPT_MAX: Final = 128
"""How many stretches of one government are remembered, before it begins anew."""
DAYS_KEPT: Final = 32_768
_JOINED: Final = KINDS["state_joined"]
_DEPOSIT: Final = KINDS["withdrawal_instrument_deposited"]
_TREATIES: Final = tuple(TREATIES.values())


class Lawful(msgspec.Struct, frozen=True):
    """What the law says of a government on a day: its floors of erosion in the three readings, the
    few counted facts that its standings follow from, and its standing under each treaty."""

    floors: tuple[Floor, ...]
    facts: tuple[Facts, ...]
    standings: dict[str, Standing]


class Spans:
    """What is remembered of one government; `turns` are the days (ordinals, in order) on which
    anything may change."""

    def __init__(self, turns: list[int]) -> None:
        self.turns = turns
        self._kept: dict[int, Lawful] = {}

    @property
    def size(self) -> int:
        """How many stretches are remembered."""
        return len(self._kept)

    def recall(self, day: int) -> Lawful | None:
        """What was kept of the stretch that a day lies in."""
        return self._kept.get(bisect_right(self.turns, day))

    def keep(self, day: int, found: Lawful) -> None:
        """Remember what the law says on a day."""
        if len(self._kept) >= STRETCHES_KEPT_MAX:
            self._kept.clear()
        self._kept[bisect_right(self.turns, day)] = found


def spans_of(leaf: Leaf, place: int) -> Spans:
    """What is remembered of the government at a place of a leaf of rows believed at the head."""
    code = leaf.governments[place]
    found = leaf.spans.get(code)
    if found is None:
        found = leaf.spans[code] = Spans(_turns(leaf, place))
    spans: Spans = found
    return spans


def _turns(leaf: Leaf, place: int) -> list[int]:
    """Every day on which the law may come to say otherwise: when something happened, when a joining
    enters into force and a withdrawal takes effect, as stated or as reckoned."""
    own = slice(*leaf.legal_bounds[place : place + 2].tolist())
    days, stated = leaf.legal["day"][own], leaf.legal["stated"][own]
    kind, treaty = leaf.legal["role"][own, 4], leaf.legal["role"][own, 5]
    found = {*days.tolist(), *stated[stated > 0].tolist()}
    for code, ends in ((_JOINED, _in_force_on), (_DEPOSIT, _expires_on)):
        some = (kind == code) & (stated == 0)
        pairs = zip(treaty[some].tolist(), days[some].tolist(), strict=True)
        found.update(ends(*pair) for pair in pairs)
    return sorted(found)


@lru_cache(maxsize=DAYS_KEPT)
def _in_force_on(treaty: int, day: int) -> int:
    return in_force_for(_TREATIES[treaty], date.fromordinal(day)).toordinal()


@lru_cache(maxsize=DAYS_KEPT)
def _expires_on(treaty: int, day: int) -> int:
    expires = withdrawal_expiry(_TREATIES[treaty], date.fromordinal(day)).on
    return date.max.toordinal() if expires is None else expires.toordinal()
