"""Takes from the legal facts of many governments at a stroke those that a standing or a floor may
follow from; it decides nothing: what is left is chosen among and read as all facts would be.

What a government did before it last came back, or before a stage was reset for the last time,
changes nothing any more: of a long history little is left.
"""

from typing import Final

import msgspec
import numpy as np

from domain.numbers import SURE
from projections.columnar.legal.milestones import CONFLICT, CONTESTED
from projections.columnar.shelf.narrowing import Column
from projections.columnar.terms.law import KINDS
from projections.columns import COUNTED_MAX, Ints, Mask

_SIGNED, _JOINED, _REVERSED, _SUSPENDED, _OBJECTED, _, _DEPOSIT, _EFFECTIVE = KINDS.values()
ALL_ROWS_MAX: Final = 24
"""Of so few facts of a government none is left out: choosing takes longer than reading them."""


class _Steps(msgspec.Struct):
    """Legal rows of one treaty in order of happening, government by government: `at` are their
    places among the rows looked at."""

    at: Ints
    government: Ints
    kind: Column
    status: Column
    profile: Column
    states: Column
    is_stage: Mask
    is_step: Mask
    is_sure: Mask


def winnowed(legal: dict[str, Column], rows: Ints, governments: int) -> Ints:
    """Of the believed rows of a legal table those that standings and floors may follow from, in
    their order."""
    government = legal["government"][rows].astype(np.int64)
    many = np.bincount(government, minlength=governments) > ALL_ROWS_MAX
    if not many.any():
        return rows
    keep = ~many[government]
    some = np.flatnonzero(~keep)
    role, status = legal["role"][rows[some]], legal["status"][rows[some]]
    is_sure = (status == 0) & (legal["q"][rows[some]] >= SURE)
    keep[some[_reports(role, status, government[some])]] = True
    for treaty in np.flatnonzero(np.bincount(role[:, 5])).tolist():
        mine = np.flatnonzero(role[:, 5] == treaty)
        at = some[mine]
        steps = _Steps(
            at=at,
            government=government[at],
            kind=role[mine, 4],
            status=status[mine],
            profile=legal["profile"][rows[at]],
            states=legal["states"][rows[at]],
            is_stage=role[mine, 8] == 1,
            is_step=role[mine, 7] == 1,
            is_sure=is_sure[mine],
        )
        for found in (*_floors(steps, governments), *_standings(steps, governments)):
            keep[at[found]] = True
    return rows[keep]


def _reports(role: Column, status: Column, government: Ints) -> Ints:
    """Counted reports of armed conflict that say otherwise than the one before."""
    reports = np.flatnonzero((role[:, 4] == CONFLICT) & (status <= COUNTED_MAX))
    engaged, of = role[reports, 6], government[reports]
    changes = np.ones(len(reports), np.bool_)
    changes[1:] = (engaged[1:] != engaged[:-1]) | (of[1:] != of[:-1])
    return reports[changes]


def _floors(steps: _Steps, governments: int) -> list[Ints]:
    """What a floor follows from in each reading: the first stage and the first joining, the last
    reversal, and since then the joinings after something led out, and the first stage of each kind,
    deposit and effect between them."""
    found: list[Ints] = []
    is_join, is_deposit = steps.kind == _JOINED, steps.kind == _DEPOSIT
    is_effect = (steps.kind == _EFFECTIVE) & (steps.status != CONTESTED)
    for reading in (steps.status <= COUNTED_MAX, steps.is_sure, steps.status >= 0):
        at = np.flatnonzero(reading & steps.is_stage)
        found.append(at[_firsts(steps.government[at])])
        joins, reversals = at[is_join[at]], at[steps.kind[at] == _REVERSED]
        first_joins = joins[_firsts(steps.government[joins])]
        found.append(first_joins)
        begin = np.maximum(
            _lasts(steps.government[reversals], reversals, governments),
            _last_returns(steps, at[is_join[at] | is_effect[at] | (steps.kind[at] == _REVERSED)],
                          is_effect, governments),
        )  # fmt: skip
        since = at[at >= begin[steps.government[at]]]
        found.append(since[_firsts(steps.government[since])])
        leading = since[is_deposit[since] | is_effect[since]]
        first = np.full(governments, len(steps.kind))
        first[steps.government[leading[::-1]]] = leading[::-1]
        joined = since[is_join[since]]
        turns = joined[(joined > first[steps.government[joined]]) | np.isin(joined, first_joins)]
        found.append(turns)
        spell = _pairs(np.searchsorted(turns, since, side="right"), steps.government[since])
        for some in (
            np.ones(len(since), np.bool_), is_deposit[since], is_effect[since]
        ):  # fmt: skip
            found.append(since[some][_firsts(_pairs(spell[some], steps.profile[since[some]]))])
    return found


def _last_returns(steps: _Steps, turns: Ints, is_effect: Mask, governments: int) -> Ints:
    """Of each government the place of the last effect that a joining is the next to clear, among
    the joinings, reversals and effects `turns`; -1 where there is none."""
    of = steps.government[turns]
    is_back = (steps.kind[turns[1:]] == _JOINED) & is_effect[turns[:-1]] & (of[1:] == of[:-1])
    back = turns[np.flatnonzero(is_back)]
    return _lasts(steps.government[back], back, governments)


def _standings(steps: _Steps, governments: int) -> list[Ints]:
    """What a standing follows from: the first signature; the joinings, reversals, steps and
    leavings since the government last came back; since the last reversal the suspension and who
    objects to it."""
    kind, government = steps.kind, steps.government
    counted = steps.status <= COUNTED_MAX
    is_effective = (kind == _EFFECTIVE) & (steps.status == 0)
    is_clear = counted & ((kind == _JOINED) | (kind == _REVERSED))
    turns = np.flatnonzero(is_clear | is_effective)
    back = np.flatnonzero(
        (kind[turns[1:]] == _JOINED)
        & is_effective[turns[:-1]]
        & (government[turns[1:]] == government[turns[:-1]])
    )
    begin = _lasts(government[turns[back]], turns[back], governments)
    reversals = np.flatnonzero(counted & (kind == _REVERSED))
    reversal = _lasts(government[reversals], reversals, governments)
    place = np.arange(len(kind))
    recent = place >= begin[government]
    upset = place > reversal[government]
    signed = np.flatnonzero(counted & (kind == _SIGNED))
    leaving = recent & (is_effective | (counted & (kind == _DEPOSIT)))
    taken = recent & upset & counted & steps.is_step
    moves = np.flatnonzero(leaving | taken)
    spell = np.cumsum(is_clear)[moves]
    suspended = np.flatnonzero(counted & upset & (kind == _SUSPENDED))
    is_suspended = np.zeros(governments, np.bool_)
    is_suspended[government[suspended]] = True
    objected = np.flatnonzero(counted & upset & (kind == _OBJECTED) & is_suspended[government])
    return [
        signed[_firsts(government[signed])],
        np.flatnonzero(recent & is_clear),
        # A floor may follow from a suspension that it ended.
        np.flatnonzero(counted & (kind == _REVERSED) & (place == reversal[government])),
        moves[_firsts(_pairs(_pairs(government[moves], spell), steps.profile[moves]))],
        suspended[_firsts(government[suspended])],
        objected[_firsts(_pairs(government[objected], steps.states[objected]))],
    ]


def _pairs(first: Ints, second: Column) -> Ints:
    """Two codes as one number."""
    found: Ints = first * (int(second.max(initial=0)) + 1) + second
    return found


def _firsts(values: Ints) -> Ints:
    """The first place of each value."""
    return np.unique(values, return_index=True)[1]


def _lasts(government: Ints, places: Ints, governments: int) -> Ints:
    """The last of some places of each government, -1 where it has none; places rise."""
    found = np.full(governments, -1, np.int64)
    found[government] = places  # the last one assigned stays
    return found
