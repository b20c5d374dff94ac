"""The cells of the matrix of Criticism that an answer shows, as columns until their claims are
named; never any I/O."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from projections.columnar.criticism.saying import Cells, JointCells
from projections.columnar.shelf.narrowing import Column
from projections.columns import Ints, Mask
from projections.criticism import Cell

Name = tuple[str, str]
"""The name of a claim, and the day it tells of as it was written."""
STAND: Final = np.dtype([(name, "i8") for name in ("day", "recorded", "position")])
"""Where a version stands; see `infra.postgres.reading.moments.Place`."""
CELL: Final = np.dtype(
    [
        *((name, "i4") for name in ("critic", "target", "row")),
        *((name, "i8") for name in ("count", "joint", "claims")),
        *STAND.descr,
    ]
)
"""A cell: its critic and its target as places among those of an answer, the row of the law for the
strongest instrument, and where the last claim stands."""


class Chosen:
    """Some cells in the order of their critics and targets."""

    def __init__(
        self,
        cells: Sequence[Column],
        critics: Sequence[str],
        targets: Sequence[str],
        instruments: Sequence[str],
    ) -> None:
        """`critics`, `targets` and `instruments`: what their columns are places in."""
        whole = np.concatenate([np.empty(0, CELL), *cells])
        self.rows: Column = whole[np.lexsort((whole["target"], whole["critic"]))]
        self._critics, self._targets, self._instruments = critics, targets, instruments

    def stands(self) -> Column:
        """Where their last claims stand."""
        found = np.empty(len(self.rows), STAND)
        for name in STAND.names or ():
            found[name] = self.rows[name]
        return found

    def cells(self, names: Mapping[int, Name], actor: Callable[[str], str]) -> Iterator[Cell]:
        """The same as an answer has them, given the names of their claims by where these were
        recorded; `actor`: how the critics are named."""
        critics = [actor(critic) for critic in self._critics]
        for row in self.rows:
            count, joint = int(row["count"]), int(row["joint"])
            claim, occurred_on = names[int(row["recorded"])]
            yield Cell(
                critic=critics[row["critic"]],
                target=self._targets[row["target"]],
                count=count,
                joint=joint,
                single=count - joint,
                claims=int(row["claims"]),
                latest_on=occurred_on,
                latest_claim=claim,
                strongest=self._instruments[row["row"]],
            )


def chosen(
    columns: Cells | JointCells, keys: Ints, wanted: Mapping[int, int], targets: Ints, among: Mask
) -> Column:
    """Those `among` some cells whose keys are wanted: `wanted` has the place of each of their
    critics, `targets` that of each of their targets."""
    some = np.array(sorted(wanted), np.int64)
    places = np.array([wanted[key] for key in some.tolist()], np.int64)
    at = np.flatnonzero(np.isin(keys, some) & among)
    found = np.empty(len(at), CELL)
    for name in ("claims", "row", *(STAND.names or ())):
        found[name] = getattr(columns, name)[at]
    found["critic"] = places[np.searchsorted(some, keys[at])]
    found["target"] = targets[columns.target[at]]
    each: Any = columns if isinstance(columns, Cells) else None
    found["count"] = 1 if each is None else each.count[at]
    found["joint"] = 1 if each is None else each.joint[at]
    return found
