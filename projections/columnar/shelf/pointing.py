"""A point of the two clocks in numbers, and which rows of a shelf are believed there; it never
reckons."""

from datetime import date
from typing import Final

import msgspec
import numpy as np

from domain.clocks import KnownAt
from projections.columnar.shelf.narrowing import Column
from projections.columnar.shelf.presenting import at_head
from projections.columnar.shelf.shelving import Leaf, Shelf
from projections.columns import Ints, Mask, microseconds

SPREAD: Final = ("day", "position", "position_to", "known", "known_to")
"""The columns that say when a row is believed, and since when it had happened."""


class Point(msgspec.Struct, frozen=True):
    """A day and a point of knowledge, in numbers: a moment in microseconds since 1970, or None and
    a position; of the log no more counts than its first `until` events."""

    day: int
    moment: int | None
    position: int
    until: int


def point(on: date, known_at: KnownAt, until: int) -> Point:
    """The point of two clocks, of a log of which so many events are looked at."""
    moment = None if known_at.moment is None else microseconds(known_at.moment)
    position = until if known_at.position is None else min(known_at.position, until)
    return Point(on.toordinal(), moment, position, until)


def believed_at(shelf: Shelf, on: date, known_at: KnownAt, until: int) -> tuple[Shelf, Point]:
    """The leaves to look at for two clocks, and the point to look at them from."""
    at = point(on, known_at, until)
    return at_head(shelf, at.position) if at.moment is None else shelf, at


def seen_on(leaf: Leaf, at: Point, rows: slice | Ints = slice(None)) -> Mask:
    """The rows of a leaf, or some of them, that are believed at a point and had happened."""
    if leaf.is_present:
        found: Mask = leaf.columns["day"][rows] <= at.day
        return found
    return seen_rows(leaf.columns, at, rows)


def seen_rows(columns: dict[str, Column], at: Point, rows: slice | Ints = slice(None)) -> Mask:
    """The rows, or some of them, believed at a point of claims that had happened by its day."""
    position, position_to = columns["position"][rows], columns["position_to"][rows]
    seen: Mask = columns["day"][rows] <= at.day
    seen &= position <= at.position
    if at.moment is None:
        seen &= position_to > at.position
    else:
        seen &= columns["known"][rows] <= at.moment
        seen &= (columns["known_to"][rows] > at.moment) | (position_to > at.until)
    return seen


def holding(positions: Column, wanted: Ints) -> Ints:
    """Where a column of positions holds one of some, looked up in a table of
    these, as there are many rows and few that are wanted."""
    table = np.zeros(int(wanted.max(initial=0)) + 2, np.bool_)
    table[wanted] = True
    found: Ints = np.flatnonzero(table.take(positions, mode="clip"))
    return found
