"""Adds up what several leaves say of the same cells of the matrix of Criticism; never any I/O."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from projections.columnar.criticism.saying import NONE, Cells
from projections.columns import Ints

MERGED_CELLS: Final = 16_384
"""From twice as many cells as there were after the last time on, or so many, they are added up."""
_ADDED: Final = ("count", "joint", "claims")
_LAST: Final = ("day", "recorded", "position")


class Merging:
    """Cells of leaves of which each row stands in one, as do all rows about a government that tell
    one happening."""

    def __init__(self) -> None:
        self._parts: list[tuple[Cells, Ints]] = []
        self._held, self._limit = 0, MERGED_CELLS
        self.twice = NONE
        """Of each target how often one of its cells was told of again."""

    def take(self, columns: Sequence[Ints], strength: Ints) -> None:
        """Add the cells of a leaf, and how strong the strongest instrument of each is."""
        self._parts.append((Cells(*columns), strength))
        self._held += len(strength)
        if self._held > self._limit:
            self.merge()
            self._limit = max(MERGED_CELLS, 2 * self._held)

    def merge(self) -> Cells:
        """All cells, each once."""
        names = Cells.__struct_fields__
        some = {n: np.concatenate([NONE, *(getattr(p, n) for p, _ in self._parts)]) for n in names}
        strength = np.concatenate([NONE, *(one for _, one in self._parts)])
        order = np.lexsort((strength, some["critic"], some["target"]))
        some = {name: column[order] for name, column in some.items()}
        is_first = np.ones(len(order), np.bool_)
        is_first[1:] = np.diff(some["critic"]) != 0
        is_first[1:] |= np.diff(some["target"]) != 0
        starts = np.flatnonzero(is_first)
        ends = np.append(starts, len(order))[1:] - 1
        found = {name: some[name][ends] for name in names}
        for name in _ADDED:
            found[name] = np.add.reduceat(some[name], starts) if len(starts) else NONE
        last = np.lexsort((some["recorded"], some["day"], np.cumsum(is_first)))[ends]
        found |= {name: some[name][last] for name in _LAST}
        again = np.bincount(some["target"][~is_first])
        size = max(len(again), len(self.twice))
        self.twice = np.pad(again, (0, size - len(again))) + np.pad(
            self.twice, (0, size - len(self.twice))
        )
        cells = Cells(**found)
        self._parts, self._held = [(cells, strength[order][ends])], len(starts)
        return cells
