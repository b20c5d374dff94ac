"""Rows that stand in lines, in order of their days: how many of each line had happened by a day is
a look-up; it knows nothing of what the rows say."""

from typing import Any

import msgspec
import numpy as np

from projections.columnar.shelf.narrowing import Column
from projections.columns import Ints


class Lines(msgspec.Struct):
    """The line and the day of each row as one number, in as few bytes as hold it: `width` numbers
    for each line, the least of them for what is before the `first` day."""

    keys: Column
    first: int
    width: int

    def ends(self, lines: Ints, day: int) -> Ints:
        """Where the rows of some lines that had happened by a day end."""
        since = min(max(day - self.first + 1, 0), self.width - 1)
        asked = (lines * self.width + since).astype(self.keys.dtype)
        found: Ints = np.searchsorted(self.keys, asked, side="right")
        return found

    def begins(self, lines: Ints) -> Ints:
        """Where the rows of some lines begin."""
        return self.ends(lines, self.first - 1)


def lines_of(line: Ints, day: Ints) -> Lines:
    """The lines of rows that stand in order of line and day, in eight bytes."""
    first = int(day.min(initial=2**31))
    width = int(day.max(initial=0)) - first + 2 if len(day) else 1
    keys = line * width + (day - first + 1)
    narrow: Any = np.int32 if int(keys.max(initial=0)) + width < 2**31 else np.int64
    return Lines(keys.astype(narrow), first, width)
