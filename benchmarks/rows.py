"""What one benchmark says: a row of ours beside its peer's; it never measures."""

from collections.abc import Iterator
from statistics import median
from typing import Final, Literal, Protocol

import msgspec

Size = Literal["quick", "full", "growth"]
"""How much data a run takes: two minutes for all of it, twenty, or as much as the growth needs."""
ROUNDS: Final[dict[Size, int]] = {"quick": 1, "full": 3, "growth": 3}
"""How many rounds a figure is the median of where one takes seconds: what is claimed has three, a
look has one."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One claim about speed.

    `ours` and `theirs` are the measurements of every round, in `unit`, taken in turns in one run;
    `theirs` is empty where nobody else does the same. `target` is the least ratio we promise.
    `p99` holds the tails of both where each measurement is of many calls. `curve`: which curve of
    the growth this is a point of, at so many stored `events`, its peer being the first point.
    """

    what: str
    unit: str
    ours: tuple[float, ...]
    peer: str = ""
    theirs: tuple[float, ...] = ()
    is_less_better: bool = False
    target: float | None = None
    p99: str = ""
    note: str = ""
    curve: str = ""
    events: int = 0

    @property
    def ratio(self) -> float | None:
        """How many times better ours is, by the medians; None without a peer."""
        if not self.theirs:
            return None
        ours, theirs = median(self.ours), median(self.theirs)
        return theirs / ours if self.is_less_better else ours / theirs


class Section(Protocol):
    """A module that measures one thing: what it is called, on what data, and its rows."""

    TITLE: str
    ABOUT: str

    def measure(self, size: Size) -> Iterator[Row]:
        """The rows, as they come; each of at least `ROUNDS`, ours and the peer's in turns."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of one section with the run they come from."""

    title: str
    about: str
    machine: str
    commit: str
    day: str
    size: Size
    rows: tuple[Row, ...]
