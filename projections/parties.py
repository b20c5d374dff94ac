"""Who is party to a treaty on a day, and how many; a pure question over facts."""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from domain.facts import Facts
from domain.standing import LEGAL_KINDS, Standing, standing_on
from domain.treaties import Treaty
from projections.board import by_government


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A state whose instrument is deposited and whose leaving is not in effect.

    `stated_by`: the claim that gives the day on which it is to be bound or free, where one does.
    `about`: that `leaves_on` is not certain to the day; `reason`: why a state that leaves has none.
    """

    government: str
    standing: str
    deposited_on: date
    in_force_on: date | None
    leaves_on: date | None
    stated_by: str | None = None
    about: bool = False
    reason: str | None = None


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """The parties of a treaty: `deposited` counts all of them, `in_force` those already bound."""

    treaty: str
    on: date
    known_at: str
    deposited: int
    in_force: int
    parties: tuple[Party, ...]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which the number of states bound changed: `bound` from then on, who joined or left.

    `expected`: the change lies after the day the question was asked for, or is not confirmed.
    """

    day: date
    bound: int
    joined: tuple[str, ...]
    left: tuple[str, ...]
    expected: bool


def standings(treaty: Treaty, facts: Iterable[Facts], on: date) -> dict[str, Standing]:
    """The standing of every government under `treaty` on the day `on`."""
    legal = by_government(f for f in facts if f.kind in LEGAL_KINDS)
    return {code: standing_on(treaty, code, legal[code], on) for code in sorted(legal)}


def parties(treaty: Treaty, facts: Iterable[Facts], *, on: date, known_at: str) -> Parties:
    """The parties of `treaty` on the day `on`, over the claims believed at `known_at`."""
    return parties_among(treaty, standings(treaty, facts, on), on=on, known_at=known_at)


def parties_among(
    treaty: Treaty, standings: Mapping[str, Standing], *, on: date, known_at: str
) -> Parties:
    """The same, given the standing of every government."""
    found = tuple(
        Party(
            government=code,
            standing=standing.status,
            deposited_on=standing.deposited_on,
            in_force_on=standing.in_force_on,
            leaves_on=standing.leaves_on,
            stated_by=standing.stated_by,
            about=standing.about,
            reason=standing.reason,
        )
        for code, standing in standings.items()
        if standing.deposited_on is not None and standing.status in _DEPOSITED
    )
    bound = [p for p in found if p.in_force_on is not None and p.in_force_on <= on]
    return Parties(
        treaty=treaty.code,
        on=on,
        known_at=known_at,
        deposited=len(found),
        in_force=len(bound),
        parties=found,
    )


def steps(now: Mapping[str, Standing], since: date, on: date) -> tuple[Step, ...]:
    """Every change of the number of states bound from `since` on, as seen on the day `on`.

    The first step is `since` itself with the number bound then. Changes after `on` are expected
    ones.
    """
    days: dict[date, tuple[list[str], list[str]]] = {}
    bound = 0
    for code, standing in now.items():
        entered, left = standing.in_force_on, standing.leaves_on
        if entered is None:
            continue
        if entered <= since:
            bound += 1
        else:
            days.setdefault(entered, ([], []))[0].append(code)
        if left is not None and left <= since:
            bound -= 1
        elif left is not None:
            days.setdefault(left, ([], []))[1].append(code)
    found = [Step(day=since, bound=bound, joined=(), left=(), expected=False)]
    for day in sorted(days):
        joined, gone = days[day]
        bound += len(joined) - len(gone)
        found.append(
            Step(day=day, bound=bound, joined=tuple(joined), left=tuple(gone), expected=day > on)
        )
    return tuple(found)


_DEPOSITED = frozenset({"acceding", "party", "leaving"})
