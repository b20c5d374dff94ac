"""The rows of a leaf that are believed at the head, as a leaf of their own: what is asked of the
head need not look at what was believed before; it never reckons and never does I/O."""

import msgspec
import numpy as np

from projections.columnar.shelf.addressing import Addressed
from projections.columnar.shelf.narrowing import Column
from projections.columnar.shelf.shelving import Leaf, Shelf
from projections.columnar.terms.sameness import Same
from projections.columns import Ints, Mask


class Present(msgspec.Struct, frozen=True):
    """A leaf of the rows that no later version follows, and the `last` position that the whole leaf
    knows of: asked as known there or later, it is all there is."""

    leaf: Leaf
    last: int


def at_head(shelf: Shelf, position: int) -> Shelf:
    """The shelf as far as it is believed at a position of the log; leaves that know of more than
    that are left whole, as all are where there is no room for both."""
    if not shelf.presents:
        return shelf
    found = Shelf(shelf.law)
    found.words, found.critics, found.through = shelf.words, shelf.critics, shelf.through
    found.sums, found.apart = shelf.sums, shelf.apart
    found.leaves = tuple(_of(leaf, position) for leaf in shelf.leaves)
    return found


def _of(leaf: Leaf, position: int) -> Leaf:
    if not leaf.present:
        leaf.present.append(_presented(leaf))
    one: Present = leaf.present[0]
    return one.leaf if one.last <= position else leaf


def _presented(leaf: Leaf) -> Present:
    """The rows of a leaf that no later version follows."""
    columns = leaf.columns
    is_open, ended = _open(columns["position_to"])
    rows = np.flatnonzero(is_open)
    voiced = int(np.searchsorted(rows, leaf.voiced))
    rank = np.zeros(leaf.size + 1, np.int64)
    np.cumsum(is_open, out=rank[1:])
    taken = {
        name: column[rows if len(column) == leaf.size else rows[:voiced]]
        for name, column in columns.items()
    }
    begin = columns["begin"]
    taken["begin"] = rank[begin[rows[:voiced]]].astype(begin.dtype)
    legal_open, legal_ended = _open(leaf.legal["position_to"])
    before = np.concatenate([[0], np.cumsum(legal_open)])
    last = max(int(columns["position"].max(initial=0)), ended, legal_ended)
    found = Leaf(
        governments=leaf.governments,
        columns=taken,
        grades=leaf.grades,
        voiced=voiced,
        told=_same(leaf.told, is_open, rank),
        conduct=rank[leaf.conduct[is_open[leaf.conduct]]],
        told_conduct=_same(leaf.told_conduct, is_open, rank),
        legal={name: column[legal_open] for name, column in leaf.legal.items()},
        legal_bounds=before[leaf.legal_bounds],
        facts={},
        addressed=_addressed(leaf.addressed, is_open, rank),
        present=[],
        courses=leaf.courses,
        sums=[],
        said=[],
        is_present=True,
    )
    return Present(found, last)


def _open(position_to: Column) -> tuple[Mask, int]:
    """Which ranges have no end, and the greatest end of the others."""
    is_open: Mask = position_to == np.iinfo(position_to.dtype).max
    return is_open, int(position_to[~is_open].max(initial=0))


def _same(told: Same, is_open: Mask, rank: Ints) -> Same:
    """Those declared the same that are left, under the places they have then."""
    some = is_open[told.at]
    group = told.group[some]
    is_first = np.ones(len(group), np.bool_)
    is_first[1:] = group[1:] != group[:-1]
    return Same(rank[told.at[some]], np.flatnonzero(is_first), np.cumsum(is_first) - 1)


def _addressed(pairs: Addressed, is_open: Mask, rank: Ints) -> Addressed:
    some = is_open[pairs.at]
    return Addressed(
        at=rank[pairs.at[some]].astype(pairs.at.dtype),
        speaker=pairs.speaker[some],
        cell=pairs.cell[some],
        governments=pairs.governments,
        critics=pairs.critics,
    )
