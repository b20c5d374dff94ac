"""What the law says of the governments of one leaf on a day: at the head it was folded once
(`coursing.py`); at another point the few legal facts that decide are chosen at a stroke, and the
law reads those; never any I/O, and never a law of its own.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import compress
from typing import Final

import msgspec
import numpy as np

from domain.facts import Facts
from domain.floors import floor_of
from domain.numbers import SURE
from domain.standing import Standing, standing_on
from domain.treaties import TREATIES
from projections.columnar.legal.coursing import Lawful, course_at
from projections.columnar.legal.legal import NO_FLOORS, Floor, facts_at
from projections.columnar.legal.milestones import CONFLICT
from projections.columnar.legal.winnowing import winnowed
from projections.columnar.shelf.pointing import Point, seen_rows
from projections.columnar.shelf.shelving import Leaf, Shelf
from projections.columns import COUNTED_MAX, Ints

FACTS_KEPT_MAX: Final = 8192
"""How many legal facts a leaf keeps as the law reads them, before it begins anew."""
UNHEARD_OF: Final = Lawful(tuple(NO_FLOORS), dict.fromkeys(TREATIES, Standing()))
"""What the law says of a government of which nothing legal is on file."""


class Rulings:
    """The questions of one day to the law, about the governments of one leaf."""

    def __init__(self, leaf: Leaf, shelf: Shelf, on: date, at: Point) -> None:
        self.leaf, self.shelf, self.on, self.at = leaf, shelf, on, at

    def of(self, places: Sequence[int]) -> Iterator[Lawful]:
        """What it says of the governments at some places, in their order."""
        if not (self.leaf.is_present and self.shelf.sums):
            yield from self._asked(places)
            return
        law, words = self.shelf.law, self.shelf.words.lists
        for place in places:
            yield course_at(self.leaf, place, law, words).on(self.on)

    def _asked(self, places: Sequence[int]) -> Iterator[Lawful]:
        leaf, legal = self.leaf, self.leaf.legal
        bounds = leaf.legal_bounds
        own = [np.arange(bounds[place], bounds[place + 1]) for place in places]
        rows = np.concatenate([np.empty(0, np.int64), *own])
        rows = rows[seen_rows(legal, self.at, rows)]
        rows = winnowed(legal, rows, len(leaf.governments))
        role, status = legal["role"][rows], legal["status"][rows]
        counted, is_stage = status <= COUNTED_MAX, role[:, 8] == 1
        sure = (status == 0) & (legal["q"][rows] >= SURE)
        reports = (counted & (role[:, 4] == CONFLICT)).tolist()
        readings = [(is_stage & one).tolist() for one in (counted, sure, status >= 0)]
        counts, facts = counted.tolist(), self._facts(rows)
        for place in places:
            ends = np.searchsorted(rows, bounds[place : place + 2]).tolist()
            mine = slice(*ends)
            some = facts[mine]
            if not some:
                yield UNHEARD_OF
                continue
            about = list(compress(some, reports[mine]))
            floors = self._floors(leaf.governments[place], some, about, [r[mine] for r in readings])
            counted_ones = tuple(compress(some, counts[mine]))
            yield self._ruled(leaf.governments[place], floors, counted_ones)

    def _ruled(self, code: str, floors: list[Floor], facts: tuple[Facts, ...]) -> Lawful:
        standings = {
            name: standing_on(treaty, code, facts, self.on) for name, treaty in TREATIES.items()
        }
        for name, one in standings.items():
            if one.surprises:  # of what was winnowed not all of them are left: none is named
                standings[name] = msgspec.structs.replace(one, surprises=())
        return Lawful(tuple(floors), standings)

    def _floors(
        self, code: str, some: list[Facts], about: list[Facts], readings: list[list[bool]]
    ) -> list[Floor]:
        floors: dict[tuple[bool, ...], Floor] = {}
        found = []
        for reading in readings:
            which = tuple(reading)
            if which not in floors:
                stages = list(compress(some, which))
                floors[which] = floor_of(stages, about, code, self.on, self.shelf.law.weights)
            found.append(floors[which])
        return found

    def _facts(self, rows: Ints) -> list[Facts]:
        """What some legal rows say; those told last are kept on the leaf."""
        leaf, kept = self.leaf, self.leaf.facts
        if len(kept) > FACTS_KEPT_MAX:
            kept.clear()
        held = [kept.get(row) for row in rows.tolist()]
        new = rows[[fact is None for fact in held]]
        codes = [leaf.governments[place] for place in leaf.legal["government"][new].tolist()]
        made = facts_at(codes, leaf.legal, self.shelf.words.lists, new)
        kept.update(zip(new.tolist(), made, strict=True))
        rest = iter(made)
        return [next(rest) if fact is None else fact for fact in held]
