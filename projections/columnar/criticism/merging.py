"""Adds up what several leaves say of the same cells of the matrix of Criticism; never any I/O."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from projections.columnar.criticism.saying import NONE, Cells
from projections.columnar.shelf.addressing import Column
from projections.columns import Ints

MERGED_CELLS: Final = 16_384
"""From so many more cells than there were after the last time on they are added up."""
_ADDED: Final = ("count", "joint", "claims")
_LAST: Final = ("day", "recorded", "position")
_NAMES: Final = Cells.__struct_fields__
_WIDE: Final = frozenset({"recorded", "position", "strength"})
"""What may need more than four bytes; other columns are held in so many."""


class Merging:
    """Cells of leaves of which each row stands in one, as do all rows about a government that tell
    one happening."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Column]] = {name: [] for name in (*_NAMES, "strength")}
        self._held, self._limit = 0, MERGED_CELLS
        self.twice = NONE
        """Of each target how often one of its cells was told of again."""

    def take(self, columns: Sequence[Ints], strength: Ints) -> None:
        """Add the cells of a leaf, and how strong the strongest instrument of each is."""
        for name, column in zip(self._parts, (*columns, strength), strict=True):
            self._parts[name].append(column if name in _WIDE else column.astype(np.int32))
        self._held += len(strength)
        if self._held > self._limit:
            self.merge()
            self._limit = self._held + MERGED_CELLS

    def merge(self) -> Cells:
        """All cells, each once. Of no column more than one more copy is held on the way."""
        some: dict[str, Column] = {}
        for name, parts in self._parts.items():
            some[name] = np.concatenate([*parts]) if parts else NONE
            parts.clear()
        order = np.lexsort((some["strength"], some["critic"], some["target"]))
        for name, column in some.items():
            some[name] = column[order]
        is_first = np.ones(len(order), np.bool_)
        is_first[1:] = np.diff(some["critic"]) != 0
        is_first[1:] |= np.diff(some["target"]) != 0
        starts = np.flatnonzero(is_first)
        ends = np.append(starts, len(order))[1:] - 1
        again = np.bincount(some["target"][~is_first])
        last = np.lexsort((some["recorded"], some["day"], np.cumsum(is_first)))[ends]
        for name, column in some.items():
            if name in _ADDED:
                some[name] = np.add.reduceat(column, starts) if len(starts) else NONE
            else:
                some[name] = column[last if name in _LAST else ends]
        size = max(len(again), len(self.twice))
        self.twice = np.pad(again, (0, size - len(again))) + np.pad(
            self.twice, (0, size - len(self.twice))
        )
        for name, column in some.items():
            self._parts[name].append(column if name in _WIDE else column.astype(np.int32))
        self._held = len(starts)
        return Cells(**{name: self._parts[name][0] for name in _NAMES})
