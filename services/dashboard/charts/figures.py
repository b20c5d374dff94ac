"""Charts as data: intervals, series, steps and timelines; they never say how they are drawn."""

from datetime import date
from typing import Final, Literal

import msgspec

Measure = Literal["erosion", "pressure", "backing"]
LaneKey = Literal["legal", "mines", "criticism", "other"]
LATE_SHARE: Final = 0.6
"""From this part of a timeline on it is late: about what a narrow screen shows of its end."""


class Interval(msgspec.Struct, frozen=True):
    """A number from `low` (beyond doubt) to `high` (may be true); `claims` enter it."""

    score: float
    low: float
    high: float
    claims: int = 0


class SeriesPoint(msgspec.Struct, frozen=True):
    """A number and its interval at the end of a day."""

    day: date
    score: float
    low: float
    high: float


class DayMark(msgspec.Struct, frozen=True):
    """A day worth a line across a chart."""

    day: date
    label: str


class Series(msgspec.Struct, frozen=True):
    """A number over time, oldest first, at least one point."""

    measure: Measure
    points: tuple[SeriesPoint, ...]
    marks: tuple[DayMark, ...] = ()


class BoundStep(msgspec.Struct, frozen=True):
    """The day on which the number of states bound becomes `count`, and who made it so."""

    day: date
    count: int
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    expected: bool = False


class BoundSteps(msgspec.Struct, frozen=True):
    """States bound from `since` to `until`: `count` at first, then the steps in order.

    What lies after `today` is drawn as expected.
    """

    since: date
    until: date
    today: date
    count: int
    steps: tuple[BoundStep, ...] = ()


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One record on the timeline; `href` is where a press leads on the same page."""

    day: date
    first_day: date
    last_day: date
    when: str
    title: str
    href: str
    state: Literal["counted", "not_counted", "refuted", "expected"] = "counted"
    note: str = ""
    chosen: bool = False


class Lane(msgspec.Struct, frozen=True):
    """One lane of the timeline."""

    key: LaneKey
    label: str
    sub: str
    marks: tuple[Mark, ...]


class Timeline(msgspec.Struct, frozen=True):
    """Records by day in lanes, from `start` to `end`; `today` is the day of the first clock."""

    start: date
    end: date
    today: date
    lanes: tuple[Lane, ...]
    earlier: int = 0
    """Records before `start`, which are in the list alone."""

    @property
    def opens_late(self) -> bool:
        """Whether anything lies in the last part of it, where a narrow screen then begins."""
        turn = self.start + (self.end - self.start) * LATE_SHARE
        return any(mark.day >= turn for lane in self.lanes for mark in lane.marks)
