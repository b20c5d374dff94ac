"""The matrix of Criticism drawn from a table of what was said: whole, by pages of critics, or as
far as a page shows it; the same as `projections.criticism` gives, and never any I/O."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import numpy as np

from domain.circles import Circles
from domain.clocks import KnownAt
from projections.columnar.criticism.alone import apart_at_head
from projections.columnar.criticism.choosing import STAND, Chosen, Name
from projections.columnar.criticism.criticising import Table
from projections.columnar.criticism.held import Held
from projections.columnar.criticism.jointly import ALONE, Wanted
from projections.columnar.shelf.narrowing import Column
from projections.columnar.shelf.pointing import believed_at
from projections.columnar.shelf.shelving import WHEN_BITS, Shelf
from projections.criticism import (
    Choice,
    Critic,
    Criticised,
    CriticismMatrix,
    Excerpt,
    Joint,
    recorded_name,
)
from projections.paging import Place
from projections.silence import Among, asked_of, listed, speakers_among


class Drawn(msgspec.Struct, frozen=True):
    """A matrix without its cells, whose joint statements that one claim tells of are named by where
    that was recorded; after which critic the next page begins; its cells, and where the claims
    stand, each once, whose names are to be looked up for them."""

    excerpt: Excerpt
    following: Place | None
    chosen: Chosen
    stands: Column


class MatrixDraw(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn: see `projections.criticism.criticism_matrix`, and of an excerpt
    `projections.criticism.excerpt_of`."""

    among: Among | None
    circles: Circles
    joint: Joint
    after: Place | None = None
    rows_max: int | None = None
    government: str = ""
    choice: Choice | None = None

    @property
    def wanted(self) -> Wanted:
        """Which joint statements that have a row of their own are drawn."""
        if self.choice is not None:
            choice = self.choice
            return Wanted(rows_max=choice.rows_max, government=self.government, rank=choice.rank)
        after = -1
        if self.after is not None and self.after.day > date.min:
            after = (self.after.day.toordinal() << WHEN_BITS) + int(self.after.names[0])
        return Wanted(after=after, rows_max=None if self.rows_max is None else self.rows_max + 1)


def tabled(shelf: Shelf, on: date, known_at: KnownAt, *, until: int, draw: MatrixDraw) -> Drawn:
    """What is drawn from a shelf."""
    shelf, at = believed_at(shelf, on, known_at, until)
    jointly, apart = None, None
    if draw.joint == "one":
        apart = apart_at_head(shelf)
        kept = None if apart is None else apart.alone
        jointly = Held(shelf, at, draw.wanted, kept)
    table = Table(
        shelf.law, shelf.critics, at, joint=draw.joint, government=draw.government,
        jointly=jointly, keeps=shelf.sums, apart=apart,
    )  # fmt: skip
    for leaf in shelf.leaves:
        table.see(leaf)
    for leaf in shelf.leaves:
        table.take(leaf)
    for leaf in shelf.leaves if table.hears else ():
        table.hear(leaf)
    return drawn(table, draw)


def drawn(table: Table, draw: MatrixDraw) -> Drawn:
    """What is drawn from a table that was filled."""
    singles, joint = table.single_critics, table.joint_critics
    targets, columns, following = table.all_targets(), None, None
    critics: Sequence[Critic]
    if draw.choice is None:
        critics, following = _page(singles, joint, draw)
        rows = {critic.actor for critic in critics}
    else:
        rows = _rows(table, draw.choice)
        columns = draw.choice.columns(targets)
        shown = sorted(joint, key=lambda pair: pair[0].since)
        critics = (*singles, *(critic for _, critic in shown if critic.actor in rows))
    among = speakers_among(draw.among, table.spoke)
    if among is not None:
        targets = _silent(table, targets, among, draw.circles, columns)
    chosen = table.chosen([critic for critic in critics if critic.actor in rows], columns)
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
        cells=(),
    )
    here = {critic.actor for critic in critics}
    told = (critic.actor for _, critic in joint)
    excerpt = Excerpt(
        matrix,
        cells=table.cells_total,
        objectors=table.objectors,
        addressing=table.single_addressing.union(told) & here,
        addressed=table.addressed(),
        kinds=table.kinds,
    )
    alone = [
        (row.since >> WHEN_BITS, row.recorded, row.position)
        for row, critic in joint
        if row.key < 0 and critic.actor in here
    ]
    stands = np.concatenate([chosen.stands(), np.array(alone, STAND)])
    first = np.unique(stands["recorded"], return_index=True)[1]
    return Drawn(excerpt, following, chosen, stands[first])


def named(found: Drawn, names: Mapping[int, Name]) -> Excerpt:
    """What was drawn, given the names of the claims by where they were recorded."""

    def actor(key: str) -> str:
        if not key.startswith(ALONE):
            return key
        return f"joint:{names[int(key.removeprefix(ALONE))][0]}"

    excerpt = found.excerpt
    critics = [
        one if one.signatories is None else msgspec.structs.replace(one, actor=actor(one.actor))
        for one in excerpt.matrix.critics
    ]
    cells = tuple(found.chosen.cells(names, actor))
    how: dict[str, Any] = {"cells": cells, "critics": tuple(critics)}
    return msgspec.structs.replace(
        excerpt,
        matrix=msgspec.structs.replace(excerpt.matrix, **how),
        addressing=frozenset(map(actor, excerpt.addressing)),
    )


def _rows(table: Table, choice: Choice) -> set[str]:
    """The critics that a page shows."""
    some = table.single_addressing
    singles = (critic for critic in table.single_critics if critic.actor in some)
    joint = (critic for _, critic in table.joint_critics)
    return {critic.actor for critic in choice.rows((*singles, *joint))}


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

    def told(target: Criticised) -> Criticised:
        if wanted is not None and target.government not in wanted:
            return target
        shared, asked = asked_of(target.government, names, among, circles, table.on)
        return msgspec.structs.replace(table.silent(target, asked), shared=shared)

    return tuple(map(told, targets))
