"""Of claims declared the same only one enters a number; never any I/O."""

import msgspec
import numpy as np

from projections.columnar.terms.entering import Floats
from projections.columns import Ints, Mask


class Same(msgspec.Struct, frozen=True):
    """Rows declared the same as others, group by group and in order of happening: their places,
    where each group begins, and the group of each."""

    at: Ints
    starts: Ints
    group: Ints


def same(at: Ints, key: Ints, when: tuple[Ints, ...]) -> Same:
    """Rows at some places, of one group where their keys are equal; `when`: the order of happening
    as `numpy.lexsort` takes it, least first."""
    order = np.lexsort((*when, key))
    key = key[order]
    is_first = np.ones(len(key), np.bool_)
    is_first[1:] = key[1:] != key[:-1]
    return Same(at[order], np.flatnonzero(is_first), np.cumsum(is_first) - 1)


def losing(told: Same, enters: Mask, weight: Floats) -> Mask:
    """Of rows declared the same as others, of which some enter with so much weight, those that do
    not: of each group only the one that weighs most does, the earliest of equals."""
    if not len(told.at):
        return enters
    weight = np.where(enters, weight, -1.0)
    most = np.maximum.reduceat(weight, told.starts)
    is_most = enters & (weight == most[told.group])
    order = np.where(is_most, np.arange(len(is_most)), len(is_most))
    first = np.minimum.reduceat(order, told.starts)
    loses = enters.copy()
    loses[first[first < len(order)]] = False
    return loses
