"""Puts the columns of a leaf in the fewest bytes that hold them, and back; it never looks at what
they say."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from projections.columns import OPEN

Column = npt.NDArray[Any]
Table = dict[str, Column]
_NARROW_MAX: Final = 2**31 - 1
"""Positions up to this take four bytes."""
_WIDTHS: Final[dict[str, Any]] = {
    "government": np.uint8, "grade": np.uint8, "kind": np.uint16, "status": np.uint8,
    "conduct": np.int16,
    "row": np.int16, "day": np.int32, "actor": np.int32, "happening": np.int32,
    "begin": np.int32, "profile": np.int32, "voice": np.int32, "states": np.int32,
    "manner": np.int8, "lead": np.int32, "signed": np.int32, "voices": np.int32,
    "stated": np.int32, "role": np.int8,
}  # fmt: skip


def narrowed(columns: Table) -> Table:
    """Columns in the fewest bytes that hold them; a range without an end has the greatest number
    of its width."""
    found: Table = {}
    for name, column in columns.items():
        width = _WIDTHS.get(name)
        if name in ("position", "recorded", "position_to") and _is_narrow(columns):
            found[name] = np.minimum(column, _NARROW_MAX).astype(np.int32)
        else:
            found[name] = column if width is None else column.astype(width)
    return found


def _is_narrow(columns: Table) -> bool:
    position, ends = columns["position"], columns["position_to"]
    last = max(int(position.max(initial=0)), int(ends[ends < OPEN].max(initial=0)))
    return last < _NARROW_MAX


def widened(table: Table) -> Table:
    """The same columns in eight bytes, as they were before."""
    found = {
        name: column.astype(np.int64) if column.dtype.kind in "iu" else column.copy()
        for name, column in table.items()
    }
    found["position_to"][found["position_to"] == _NARROW_MAX] = OPEN
    return found
