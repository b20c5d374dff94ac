"""How the sums of pressure and backing would move had the desk decided about single claims, many at
once; it looks at the rows around each and never reckons a whole number anew.

It is for claims that were declared the same as no other: all that a decision moves then stands in
the stretch of rows that are counted with one.
"""

from typing import TYPE_CHECKING

import numpy as np

from domain.numbers import SURE
from projections.columnar.numbers.reckoning import Sums
from projections.columnar.shelf.pointing import SPREAD, seen_rows
from projections.columnar.terms.entering import Floats
from projections.columns import Ints

if TYPE_CHECKING:
    from projections.columnar.numbers.nearby import Nearby


def moved_at_once(nearby: "Nearby", rows: Ints) -> dict[int, tuple[Sums, Sums]]:
    """How the sums differ once the claim of each of some voiced rows is accepted, and once it is
    refused."""
    columns, begins = nearby.columns, nearby.columns["begin"]
    low = begins[rows].astype(np.int64)
    sizes = np.searchsorted(begins, rows, side="right") - low
    starts = np.cumsum(sizes) - sizes
    group = np.repeat(np.arange(len(rows)), sizes)
    place = np.arange(len(group))
    flat = low[group] + place - starts[group]
    own = starts + rows - low
    counted_from = begins[flat] - low[group]
    counted_from = starts[group] + np.maximum(counted_from, 0)
    seen = seen_rows({name: columns[name][flat] for name in SPREAD}, nearby.at)
    halves = nearby.law.half_lives_of(columns["row"][flat])
    left = np.exp2(-np.maximum(nearby.at.day - columns["day"][flat], 0) / halves)
    whole = columns["base"][flat] * left
    readings, chances = nearby.readings(flat)
    grade = nearby.leaf.grades[columns["grade"][rows]]
    always = np.ones(len(rows), np.bool_)
    accepted: list[Floats] = []
    refused: list[Floats] = []
    for reading, lost in enumerate(nearby.lost(flat, is_voiced=True)):
        enters = readings[reading] & seen & ~lost
        c = whole * chances[reading]
        running = np.zeros(len(flat) + 1, np.int64)
        np.cumsum(enters, out=running[1:])
        later = np.flatnonzero(enters & (place > own[group]))
        by, times = group[later], (running[1:] - running[counted_from])[later]
        is_in = enters[own]
        kth = running[own] - running[starts] + 1
        now = np.where(is_in, c[own] / kth, 0.0)
        is_sure = always if reading != 1 else grade >= SURE
        would = whole[own] * (grade if reading < 2 else 1.0) / kth
        for moves, then, weighs in (
            (accepted, is_sure, np.where(is_sure, would, 0.0)),
            (refused, ~always, np.zeros(len(rows))),
        ):
            more = then.astype(np.int64) - is_in
            others = c[later] * (1.0 / (times + more[by]) - 1.0 / times)
            moves.append(np.add(np.bincount(by, weights=others, minlength=len(rows)), weighs - now))
    found = zip(rows.tolist(), zip(*(m.tolist() for m in accepted), strict=True),
                zip(*(m.tolist() for m in refused), strict=True), strict=True)  # fmt: skip
    return {row: (one, other) for row, one, other in found}
