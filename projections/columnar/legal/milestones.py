"""Picks from a long legal history the few facts that a standing or a floor follows from; it decides
nothing itself: the law in `domain.standing` and `domain.numbers` reads what is left.

What is left out can change nothing there: a second signature, a step taken again before anything
reset it, a reversal of nothing, an objection to a suspension that was lifted since.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from domain.standing import SURPRISES_MAX
from projections.columnar.terms.law import KINDS
from projections.columns import COUNTED_MAX, STATUSES, Ints, Mask

TABLE_PER_VALUE_MAX: Final = 8
"""Up to so much larger than how many they are, values are looked up instead of sorted."""
_SIGNED, _JOINED, _REVERSED, _SUSPENDED, _OBJECTED, _CONFLICT, _DEPOSIT, _EFFECTIVE = KINDS.values()
_STEP: Final = 1 + max(KINDS.values())
"""Stands for a step of leaving beside the codes of `KINDS`."""
_CODES: Final = 1 + _STEP
CONTESTED: Final = STATUSES.index("contested")
CONFLICT: Final = _CONFLICT
"""The code of a report of armed conflict."""
JOINED: Final = _JOINED
REVERSED: Final = _REVERSED
"""The code of what takes a government back to where it has not begun to leave, whatever was before;
a joining does where it is none of a state that is bound already."""


class Legal(msgspec.Struct):
    """Legal facts of one government in order of happening: profile, kind, treaty, engagement and
    step as `projections.columnar.terms.law.Law.role` has them, the days they state (0 for
    none), their statuses, and codes of the states that object."""

    profile: Ints
    kind: Ints
    treaty: Ints
    engaged: Ints
    step: Ints
    stated: Ints
    status: Ints
    states: Ints


def milestones(
    legal: Legal, *, surprises: bool = False, until: Mapping[int, int] | None = None
) -> Ints:
    """Places of the counted facts that standings follow from, in order.

    `surprises`: with claims that a standing names as not fitting it; `until`: under each treaty the
    place of the joining after which none is named, where facts that came before it are left out
    already.
    """
    keep = np.zeros(len(legal.profile), np.bool_)
    keep[_reports_of_conflict(legal)] = True
    for treaty, places in _by_kind(legal):
        last: int | None = None
        if surprises:
            last = _until(legal, places[_JOINED]) if until is None else until.get(treaty)
            last = len(legal.profile) if last is None else last
        keep[_of_treaty(legal, places, last)] = True
    return np.flatnonzero(keep)


def _until(legal: Legal, joins: Ints) -> int:
    return int(joins[SURPRISES_MAX]) if len(joins) > SURPRISES_MAX else len(legal.profile)


def _by_kind(legal: Legal) -> Iterator[tuple[int, list[Ints]]]:
    """For each treaty the places of its facts of each of `KINDS`, by code, and of its steps, in
    order of happening: sorted once, instead of all looked through for each kind."""
    code = (legal.treaty * _CODES + np.where(legal.step == 1, _STEP, legal.kind)).astype(np.int16)
    order = np.argsort(code, kind="stable")
    codes = _CODES * (int(legal.treaty.max(initial=0)) + 1)
    ends = [0, *np.cumsum(np.bincount(code, minlength=codes)).tolist()]
    for treaty in present(legal.treaty).tolist():
        first = treaty * _CODES
        bounds = pairwise(ends[first : first + _CODES + 1])
        yield treaty, [order[begin:end] for begin, end in bounds]


def _reports_of_conflict(legal: Legal) -> Ints:
    """Places of the reports of armed conflict that change what was so."""
    reports = np.flatnonzero((legal.kind == _CONFLICT) & (legal.status <= COUNTED_MAX))
    return reports[changes(legal.engaged[reports])]


def stages_since(legal: Legal) -> Ints:
    """Places of the facts that a floor of erosion follows from: per treaty the first joining; since
    the last reversal, or the last joining that beyond doubt was one of a state that had left, the
    first step of each kind and those after each joining that may be one."""
    keep = np.zeros(len(legal.profile), np.bool_)
    is_join, is_deposit = legal.kind == _JOINED, legal.kind == _DEPOSIT
    is_effect = (legal.kind == _EFFECTIVE) & (legal.status != CONTESTED)
    for treaty in present(legal.treaty):
        at = np.flatnonzero(legal.treaty == treaty)
        keep[at[0]] = True  # which treaty came first decides between equals
        joins, reversals = at[is_join[at]], at[legal.kind[at] == _REVERSED]
        back = _last_return(joins, reversals, at[is_effect[at]])
        begin = max(back, int(reversals[-1]) if len(reversals) else -1)
        keep[joins[:1]] = True
        since = at[at >= begin]
        left = np.cumsum(is_deposit[since] | is_effect[since])
        turns = since[is_join[since] & ((left > 0) | np.isin(since, joins[:1]))]
        keep[turns] = True
        keep[since[:1]] = True
        spell = np.searchsorted(turns, since)
        kinds = spell * (int(legal.profile.max(initial=0)) + 1) + legal.profile[since]
        keep[since[_firsts(kinds)]] = True
        effects = is_effect[since]
        keep[since[effects][_firsts(spell[effects])]] = True
        deposits = is_deposit[since]
        keep[since[deposits][_firsts(spell[deposits])]] = True
    return np.flatnonzero(keep)


def lasting(legal: Legal, stages: Sequence[Mask], until: Mapping[int, int]) -> Ints:
    """Places of the facts that standings and floors follow from, whatever happens after them: what
    is left of those and what is to come says what all of them would. `stages`: which set a stage in
    each reading; `until`: see `milestones`, of the counted ones."""
    counted = legal.status <= COUNTED_MAX
    some = np.flatnonzero(counted)
    mine = _some(legal, some)
    keep = np.zeros(len(counted), np.bool_)
    keep[some[milestones(mine, surprises=True, until=until)]] = True
    for _, places in _by_kind(mine):
        # An objection stands also where the suspension is notified after it.
        objections, last = places[_OBJECTED], places[_REVERSED][-1:]
        objections = objections[objections > (last[0] if len(last) else -1)]
        keep[some[objections[_firsts(mine.states[objections])]]] = True
        # Where a government last came back, or will have once it joins again.
        effective = places[_EFFECTIVE][mine.status[places[_EFFECTIVE]] == 0]
        back = _last_return(places[_JOINED], places[_REVERSED], effective)
        keep[some[effective[-1:]]] = True
        keep[some[effective[effective == back]]] = True
    for reading in stages:
        some = np.flatnonzero(reading)
        keep[some[stages_since(_some(legal, some))]] = True
    return np.flatnonzero(keep)


def _some(legal: Legal, places: Ints) -> Legal:
    return Legal(*(getattr(legal, name)[places] for name in Legal.__struct_fields__))


def _of_treaty(legal: Legal, places: list[Ints], until: int | None) -> Ints:
    """Places of what a standing under one treaty follows from, armed conflict aside, given the
    `places` of its facts by kind; before `until` it is looked for claims that do not fit."""
    kept: list[Ints] = []
    joins, reversals, deposits = places[_JOINED], places[_REVERSED], places[_DEPOSIT]
    effective = places[_EFFECTIVE][legal.status[places[_EFFECTIVE]] == 0]
    left = leaving = np.sort(np.concatenate([effective, deposits]))
    steps = places[_STEP]
    last = int(reversals[-1]) if len(reversals) else -1
    first_join = int(joins[0]) if len(joins) else len(legal.profile)
    begin = _last_return(joins, reversals, effective)
    looked = 0 if until is None else until + 1  # with the joining after which none is named
    joins, reversals, leaving = (
        some[(some >= begin) | (some < looked)] for some in (joins, reversals, leaving)
    )
    first_leaving = int(leaving[0]) if len(leaving) else len(legal.profile)
    kept.append(places[_SIGNED][:1])
    early, late = joins[joins < first_leaving], joins[joins > first_leaving]
    kept += [early[:1], early[1:][legal.stated[early[1:]] > 0][:1], late]
    clears = np.sort(np.concatenate([early[:1], late, reversals]))
    kept.append(reversals[-1:])
    kept.append(reversals[_changes_of(np.searchsorted(leaving, reversals))])
    kept.append(
        leaving[_firsts(np.searchsorted(clears, leaving) * 2 + (legal.kind[leaving] == _EFFECTIVE))]
    )
    suspensions = places[_SUSPENDED]
    suspensions = suspensions[suspensions > last][:1]
    kept.append(suspensions)
    if len(suspensions):
        objections = places[_OBJECTED]
        objections = objections[objections > last]
        kept.append(objections[_firsts(legal.states[objections])])
    after = steps[steps > max(last, begin)]
    segment = np.searchsorted(clears, after)
    kept.append(
        after[_firsts(segment * (int(legal.profile.max(initial=0)) + 1) + legal.profile[after])]
    )
    if until is not None:
        kept += [joins[: SURPRISES_MAX + 1], reversals[:SURPRISES_MAX]]
        unfit = np.zeros(first_join, np.bool_)
        for some in (steps, left):
            unfit[some[some < first_join]] = True
        kept.append(np.flatnonzero(unfit)[:SURPRISES_MAX])
    return np.concatenate(kept)


def present(codes: Ints) -> Ints:
    """The small codes that occur."""
    found: Ints = np.flatnonzero(np.bincount(codes))
    return found


def _last_return(joins: Ints, reversals: Ints, effective: Ints) -> int:
    """The place of the last leaving in effect that a joining is the next to clear, -1 for none.

    Whatever was so before, that joining begins anew: only signatures, suspensions and objections
    outlast it.
    """
    if not len(joins) or not len(effective):
        return -1
    clears = np.sort(np.concatenate([joins, reversals]))
    left = np.searchsorted(effective, joins)
    cleared = np.searchsorted(clears, joins)
    before = np.where(left > 0, effective[np.maximum(left, 1) - 1], -1)
    clear = np.where(cleared > 0, clears[np.maximum(cleared, 1) - 1], -1)
    returns = before[before > clear]
    return int(returns[-1]) if len(returns) else -1


def changes(values: Ints) -> Mask:
    """Which values differ from the one before; the first does."""
    found = np.ones(len(values), np.bool_)
    found[1:] = values[1:] != values[:-1]
    return found


def _changes_of(counts: Ints) -> Mask:
    """Which counts are above the one before; the first where it is above 0."""
    return np.diff(counts, prepend=0) > 0


def _firsts(values: Ints) -> Ints:
    """The first place of each value, which is not below 0."""
    most = int(values.max(initial=0))
    if most > TABLE_PER_VALUE_MAX * len(values):
        return np.unique(values, return_index=True)[1]
    first = np.full(most + 1, len(values))
    first[values[::-1]] = np.arange(len(values))[::-1]  # the last one assigned stays
    found: Ints = first[first < len(values)]
    return found
