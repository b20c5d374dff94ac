"""The matrix of Criticism drawn from a table of what was said: whole, by pages of critics, or as
far as a page shows it; the same as `projections.criticism` gives, and never any I/O."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from domain.circles import Circles
from domain.clocks import KnownAt
from projections.columnar.criticism.criticising import ALONE, Stand, Table
from projections.columnar.criticism.jointly import Wanted
from projections.columnar.shelf.pointing import believed_at
from projections.columnar.shelf.shelving import WHEN_BITS, Shelf
from projections.criticism import (
    Choose,
    Critic,
    Criticised,
    CriticismMatrix,
    Excerpt,
    Joint,
    recorded_name,
)
from projections.paging import Place
from projections.silence import Among, asked_of, listed, speakers_among

JOINT_EACH_MAX: Final = 100
"""Among so many joint statements of the same first voice towards as many governments a page of the
dashboard chooses."""
Name = tuple[str, str]
"""The name of a claim, and the day it tells of as it was written."""
Drawn = tuple[Excerpt, Place | None, dict[int, Stand]]
"""A matrix whose claims are named by where they were recorded, after which critic the next page
begins, and where those claims stand."""


class MatrixDraw(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn: see `projections.criticism.criticism_matrix`, and of an excerpt
    `projections.criticism.excerpt_of`."""

    among: Among | None
    circles: Circles
    joint: Joint
    after: Place | None = None
    rows_max: int | None = None
    government: str = ""
    choose: Choose | None = None

    @property
    def wanted(self) -> Wanted:
        """Which joint statements that have a row of their own may be drawn."""
        if self.choose is not None:
            return Wanted(each_max=JOINT_EACH_MAX, government=self.government)
        after = -1
        if self.after is not None and self.after.day > date.min:
            after = (self.after.day.toordinal() << WHEN_BITS) + int(self.after.names[0])
        return Wanted(after=after, rows_max=self.rows_max)


def tabled(shelf: Shelf, on: date, known_at: KnownAt, *, until: int, draw: MatrixDraw) -> Drawn:
    """What is drawn from a shelf."""
    shelf, at = believed_at(shelf, on, known_at, until)
    table = Table(
        shelf.law, shelf.words, shelf.critics, at, joint=draw.joint, wanted=draw.wanted,
        keeps=shelf.sums,
    )  # fmt: skip
    for leaf in shelf.leaves:
        table.see(leaf)
    for leaf in shelf.leaves:
        table.take(leaf)
    return drawn(table, draw)


def drawn(table: Table, draw: MatrixDraw) -> Drawn:
    """What is drawn from a table that was filled."""
    singles, joint = table.single_critics, table.joint_critics
    targets = table.all_targets()
    addressing = table.addressing()
    critics: Sequence[Critic] = (*singles, *(critic for _, critic in joint))
    following: Place | None = None
    wanted: tuple[frozenset[str] | None, frozenset[str] | None] = None, None
    if draw.choose is not None:
        wanted = draw.choose([c for c in critics if c.actor in addressing], targets)
    else:
        critics, following = _page(singles, joint, draw)
    among = speakers_among(draw.among, table.spoke)
    if among is not None:
        targets = _silent(table, targets, among, draw.circles, wanted[1])
    cells = table.chosen(
        [c for c in critics if wanted[0] is None or c.actor in wanted[0]], wanted[1]
    )
    matrix = CriticismMatrix(
        on=table.on,
        known_at="",
        methods=(table.law.weights.method("pressure"),),
        among=None if among is None else listed(among, draw.circles, table.on),
        alliances=() if among is None else among.alliances,
        regions=() if among is None else among.regions,
        joint=table.joint,
        critics=tuple(critics),
        critics_total=table.critics_total,
        targets=targets,
        cells=tuple(cell for cell, _ in cells),
    )
    shown = {critic.actor for critic in critics}
    addressing &= shown
    excerpt = Excerpt(matrix, table.cells_total, table.objectors, addressing, table.addressed())
    stands = {place.recorded: place for _, place in cells}
    stands |= {
        row.recorded: Stand(row.day, row.recorded, row.position)
        for row, critic in joint
        if row.key < 0 and critic.actor in shown
    }
    return excerpt, following, stands


def named(found: Excerpt, names: Mapping[int, Name]) -> Excerpt:
    """An excerpt whose claims are named by where they were recorded, by their names."""

    def actor(key: str) -> str:
        if not key.startswith(ALONE):
            return key
        return f"joint:{names[int(key.removeprefix(ALONE))][0]}"

    matrix = found.matrix
    cells = []
    for cell in matrix.cells:
        claim, occurred_on = names[int(cell.latest_claim)]
        cells.append(
            msgspec.structs.replace(
                cell, critic=actor(cell.critic), latest_claim=claim, latest_on=occurred_on
            )
        )
    critics = [msgspec.structs.replace(one, actor=actor(one.actor)) for one in matrix.critics]
    how: dict[str, Any] = {"cells": tuple(cells), "critics": tuple(critics)}
    return msgspec.structs.replace(
        found,
        matrix=msgspec.structs.replace(matrix, **how),
        addressing=frozenset(map(actor, found.addressing)),
    )


def _page(
    singles: Sequence[Critic], joint: Sequence[tuple[Any, Critic]], draw: MatrixDraw
) -> tuple[list[Critic], Place | None]:
    """The critics of a page, and where the next one begins."""
    places = [(Place(date.min, (critic.actor,)), critic) for critic in singles]
    places += [(Place(row.day, (recorded_name(row.recorded),)), critic) for row, critic in joint]
    left = [pair for pair in places if draw.after is None or pair[0] > draw.after]
    shown = left[: draw.rows_max]
    following = shown[-1][0] if len(left) > len(shown) else None
    return [critic for _, critic in shown], following


def _silent(
    table: Table,
    targets: Sequence[Criticised],
    among: Among,
    circles: Circles,
    wanted: frozenset[str] | None,
) -> tuple[Criticised, ...]:
    """The targets with who kept silent about those that are wanted."""
    names = listed(among, circles, table.on)
    return tuple(
        target
        if wanted is not None and target.government not in wanted
        else msgspec.structs.replace(table.silent(target, asked), shared=shared)
        for target in targets
        for shared, asked in [asked_of(target.government, names, among, circles, table.on)]
    )
