"""The views as rows: what each one writes for a batch of events; it never reads a row and never
commits.

To add one: its table in a migration, its queries in `sql/views.sql`, a class here with the five
members of `View`, its place in `VIEWS`. It is built from the log at the next start, and the tests
that compare replay and live pick it up through `VIEWS`.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol, runtime_checkable

import msgspec

from domain.events import Recorded
from domain.standing import LEGAL_KINDS
from infra.postgres.projecting.bulk_rows import (
    NO_GOVERNMENT,
    ClaimsPacker,
    GovernmentsPacker,
    Packer,
)
from infra.postgres.projecting.figure_view import FiguresView
from infra.postgres.projecting.search_rows import search_rows
from infra.postgres.queries import queries
from projections.histories import pack
from projections.search import actor_key, words_of
from projections.spans import Advance, Span

FORGET_ROWS: Final = 20_000
"""How many rows of an abandoned generation are deleted in one statement."""
_PARTED: Final = "\x1f"
_ENCODER: Final = msgspec.msgpack.Encoder()
_SQL: Final = queries("views")


class Folded(msgspec.Struct, frozen=True):
    """A batch of one workspace as views take it: the events and what they change in the histories.

    `advance` is None for a batch whose events do not fit the histories; only views that rest on
    nothing see such a batch.
    """

    events: Sequence[Recorded]
    advance: Advance | None

    @property
    def change(self) -> Advance:
        """The advance of a batch that fits."""
        if self.advance is None:
            raise ValueError("a view that reads histories must rest on the view `claims`")
        return self.advance


class View(Protocol):
    """One view: its name, the number of the form of its rows, and the views it rests on.

    A view rests on `claims` when it reads `Folded.change`. A new `form` makes every workspace build
    it anew.
    """

    name: str
    form: int
    rests_on: tuple[str, ...]

    async def write(self, connection: Any, workspace: str, generation: int, folded: Folded) -> None:
        """Write what a batch changes into the rows of a generation, in the transaction that is
        open."""

    async def forget(self, connection: Any, workspace: str, generation: int) -> bool:
        """Delete some rows of every other generation; False when none is left."""


@runtime_checkable
class Settles(Protocol):
    """A view whose rows are read faster once they are put together at the end of a build."""

    async def settle(self, connection: Any, workspace: str, generation: int) -> None:
        """Put the rows of a generation together, in the transaction that is open."""


class ClaimsView:
    """The history of every claim as versions, with relations, and what lists are filtered and
    claims are found by."""

    name = "claims"
    form = 2
    rests_on: tuple[str, ...] = ()

    async def write(self, connection: Any, workspace: str, generation: int, folded: Folded) -> None:
        """See `View.write`."""
        closed, opened = folded.change.closed, folded.change.opened
        if closed:
            ends = [(s.version.claim.id, s.version.number, *_ends(s)) for s in closed]
            await connection.execute(_SQL["close_versions"], workspace, generation, *_columns(ends))
        if not opened:
            return
        await connection.execute(
            _SQL["insert_versions"], workspace, generation, *_columns(map(version_row, opened))
        )
        relations = [row for span in opened for row in relation_rows(span)]
        if relations:
            await connection.execute(
                _SQL["insert_relations"], workspace, generation, *_columns(relations)
            )
        searches, words = search_rows(opened)
        if searches:
            asked = (workspace, generation)
            await connection.execute(_SQL["insert_words"], *asked, *_columns(words))
            await connection.execute(_SQL["insert_searches"], *asked, *_columns(searches))

    async def settle(self, connection: Any, workspace: str, generation: int) -> None:
        """See `Settles.settle`: the indexes of words take in what waits beside them."""
        await connection.execute(_SQL["settle_search"])

    def packer(self) -> Packer:
        """What packs its rows for a bulk build."""
        return ClaimsPacker()

    async def forget(self, connection: Any, workspace: str, generation: int) -> bool:
        """See `View.forget`."""
        for query in (
            *("forget_claim_versions", "forget_claim_relations"),
            *("forget_claim_searches", "forget_search_words"),
        ):
            done = await connection.execute(_SQL[query], workspace, generation, FORGET_ROWS)
            if done != "DELETE 0":
                return True
        return False


class GovernmentsView:
    """The facts of every version under each government it concerns, for figures and standings."""

    name = "governments"
    form = 3
    rests_on: tuple[str, ...] = ("claims",)

    async def write(self, connection: Any, workspace: str, generation: int, folded: Folded) -> None:
        """See `View.write`."""
        closed, opened = folded.change.closed, folded.change.opened
        if closed:
            ends = [
                (government, s.version.claim.id, s.version.number, *_ends(s))
                for s in closed
                for government in _governments_of(s)
            ]
            await connection.execute(
                _SQL["close_government_claims"], workspace, generation, *_columns(ends)
            )
        if opened:
            rows = (row for span in opened for row in government_rows(span))
            await connection.execute(
                _SQL["insert_government_claims"], workspace, generation, *_columns(rows)
            )

    def packer(self) -> Packer:
        """What packs its rows for a bulk build."""
        return GovernmentsPacker()

    async def forget(self, connection: Any, workspace: str, generation: int) -> bool:
        """See `View.forget`."""
        done = await connection.execute(
            _SQL["forget_government_claims"], workspace, generation, FORGET_ROWS
        )
        return bool(done != "DELETE 0")


VIEWS: Final[tuple[View, ...]] = (ClaimsView(), GovernmentsView(), FiguresView())
"""Every view, each after the ones it rests on."""


def version_row(span: Span) -> tuple[Any, ...]:
    """A row of `claim_version` without workspace and generation; actors parted by U+001F."""
    version = span.version
    claim, when = version.claim, version.claim.date
    return (
        claim.id,
        version.number,
        version.position,
        span.position_to,
        version.known_from,
        span.known_to,
        version.status,
        claim.kind,
        claim.treaty,
        when.representative_day,
        when.first_day,
        when.last_day,
        version.recorded_position,
        version.happening,
        _PARTED.join(dict.fromkeys(actor_key(actor.key) for actor in claim.actors)),
        words_of(claim),
        pack(version),
    )


def relation_rows(span: Span) -> list[tuple[Any, ...]]:
    """Rows of `claim_relation`: claim related to, claim, number, relation."""
    claim, number = span.version.claim, span.version.number
    # The same cause may be claimed by several authors: one row leads to all of them.
    return list(dict.fromkeys((r.claim, claim.id, number, r.relation) for r in claim.relates_to))


def government_rows(span: Span) -> list[tuple[Any, ...]]:
    """Rows of `government_claim` without workspace and generation."""
    version = span.version
    facts = version.facts
    body = _ENCODER.encode(facts)
    return [
        (
            government,
            facts.claim,
            version.number,
            ordinal,
            version.position,
            span.position_to,
            version.known_from,
            span.known_to,
            facts.status,
            facts.kind,
            facts.treaty,
            facts.day,
            facts.kind in LEGAL_KINDS,
            body,
        )
        for ordinal, government in enumerate(_governments_of(span))
    ]


def _governments_of(span: Span) -> tuple[str, ...]:
    """The codes a version stands under."""
    return span.version.claim.targets or (NO_GOVERNMENT,)


def _ends(span: Span) -> tuple[Any, Any]:
    return span.position_to, span.known_to


def _columns(rows: Iterable[tuple[Any, ...]]) -> Iterable[list[Any]]:
    """The rows turned into one list per column, as `unnest` takes them."""
    return map(list, zip(*rows, strict=True))
