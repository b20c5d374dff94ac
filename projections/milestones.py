"""Picks from a long legal history the few facts that a standing or a floor follows from; it decides
nothing itself: the law in `domain.standing` and `domain.numbers` reads what is left.

What is left out can change nothing there: a second signature, a step taken again before anything
reset it, a reversal of nothing, an objection to a suspension that was lifted since.
"""

from typing import Any, Final

import msgspec
import numpy as np

from domain.standing import STAGES
from projections.columns import Ints, Mask, Profile

SURPRISES_MAX: Final = 100
"""How many claims that fit no standing are kept beside the ones that make it."""
_CONFLICT: Final = "armed_conflict_engagement_reported"
_DEPOSIT: Final = "withdrawal_instrument_deposited"
_EFFECTIVE: Final = "withdrawal_effective"


class Legal(msgspec.Struct):
    """Legal facts of one government in order of happening: codes of their profiles, the days they
    state (0 for none), their statuses, and codes of the states that object."""

    profiles: list[Profile]
    profile: Ints
    stated: Ints
    status: Ints
    states: Ints

    def each(self, of: Any) -> Mask:
        """Which facts have a profile of which something is true."""
        return np.array([*(of(p) for p in self.profiles), False], np.bool_)[self.profile]

    def kind(self, *kinds: str) -> Mask:
        """Which facts are of one of some kinds."""
        return self.each(lambda profile: profile.kind in kinds)


def milestones(legal: Legal, *, surprises: bool = False) -> Ints:
    """Places of the counted facts that standings follow from, in order.

    `surprises`: with claims that a standing names as not fitting it, at most `SURPRISES_MAX`.
    """
    keep = np.zeros(len(legal.profile), np.bool_)
    engaged = legal.each(lambda profile: profile.engaged)
    reports = np.flatnonzero(legal.kind(_CONFLICT))
    keep[reports[_changes(engaged[reports])]] = True
    for treaty in {profile.treaty for profile in legal.profiles}:
        of_treaty = legal.each(lambda profile, treaty=treaty: profile.treaty == treaty)
        keep[_of_treaty(legal, of_treaty, surprises)] = True
    return np.flatnonzero(keep)


def stages_since(legal: Legal) -> Ints:
    """Places of the facts that a floor of erosion follows from: per treaty those since the last
    reset, the first of each kind; of deposits those that may take effect first."""
    keep = np.zeros(len(legal.profile), np.bool_)
    resets = legal.kind("withdrawal_reversed", "state_joined")
    for treaty in {profile.treaty for profile in legal.profiles}:
        at = np.flatnonzero(legal.each(lambda profile, treaty=treaty: profile.treaty == treaty))
        if not len(at):
            continue
        keep[at[0]] = True  # which treaty came first decides between equals
        last = at[resets[at]][-1:]
        keep[last] = True
        rest = at[at > last[0]] if len(last) else at
        keep[rest[_firsts(legal.profile[rest])]] = True
        deposits = rest[legal.kind(_DEPOSIT)[rest] & (legal.stated[rest] > 0)]
        keep[deposits[_records(legal.stated[deposits])]] = True
        unstated = rest[legal.kind(_DEPOSIT)[rest] & (legal.stated[rest] == 0)]
        keep[unstated[:1]] = True
    return np.flatnonzero(keep)


def _of_treaty(legal: Legal, of_treaty: Mask, surprises: bool) -> Ints:
    """Places of what a standing under one treaty follows from, armed conflict aside."""
    kept: list[Ints] = []

    def of(mask: Mask, after: int = -1) -> Ints:
        found = np.flatnonzero(of_treaty & mask)
        return found[found > after]

    joins = of(legal.kind("state_joined"))
    reversals = of(legal.kind("withdrawal_reversed"))
    leaving = of(legal.kind(_DEPOSIT) | (legal.kind(_EFFECTIVE) & (legal.status == 0)))
    last = int(reversals[-1]) if len(reversals) else -1
    first_leaving = int(leaving[0]) if len(leaving) else len(legal.profile)
    kept.append(of(legal.kind("state_signed"))[:1])
    early, late = joins[joins < first_leaving], joins[joins > first_leaving]
    kept += [early[:1], early[1:][legal.stated[early[1:]] > 0][:1], late]
    clears = np.sort(np.concatenate([early[:1], late, reversals]))
    kept.append(reversals[-1:])
    kept.append(reversals[_changes_of(np.searchsorted(leaving, reversals))])
    kept.append(leaving[_firsts(np.searchsorted(clears, leaving) * 2 + _is(legal, leaving))])
    suspensions = of(legal.kind("suspension_notified"), last)[:1]
    kept.append(suspensions)
    if len(suspensions):
        objections = of(legal.kind("objection_lodged"), last)
        kept.append(objections[_firsts(legal.states[objections])])
    steps = of(legal.each(_is_step))
    after = steps[steps > last]
    segment = np.searchsorted(clears, after)
    kept.append(after[_firsts(segment * (len(legal.profiles) + 1) + legal.profile[after])])
    if surprises:
        kept.append(joins[:SURPRISES_MAX])
        first_join = int(joins[0]) if len(joins) else len(legal.profile)
        unfit = np.union1d(steps, leaving)
        kept.append(unfit[unfit < first_join][:SURPRISES_MAX])
    return np.concatenate(kept)


def _is_step(profile: Profile) -> bool:
    if profile.kind == "parliament_vote":
        return profile.carried and profile.stance == "weakens"
    return profile.kind in STAGES and profile.kind not in (_DEPOSIT, _EFFECTIVE)


def _is(legal: Legal, places: Ints) -> Ints:
    return legal.kind(_EFFECTIVE)[places].astype(np.int64)


def _changes(values: Mask) -> Mask:
    """Which values differ from the one before; the first does."""
    found = np.ones(len(values), np.bool_)
    found[1:] = values[1:] != values[:-1]
    return found


def _changes_of(counts: Ints) -> Mask:
    """Which counts are above the one before; the first where it is above 0."""
    return np.diff(counts, prepend=0) > 0


def _firsts(values: Ints) -> Ints:
    """The first place of each value."""
    return np.unique(values, return_index=True)[1]


def _records(values: Ints) -> Mask:
    """Which values are less than all before."""
    if not len(values):
        return np.empty(0, np.bool_)
    found = np.ones(len(values), np.bool_)
    found[1:] = values[1:] < np.minimum.accumulate(values)[:-1]
    return found
