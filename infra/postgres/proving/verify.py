"""Proves the store of a workspace sound, or names the first fault and what to do; it never mends.

First the log is proved by itself (see `log_proof`), then the views: what they must hold is packed
from the log as a rebuild would, and kept as digests. Tables are compared as a whole first, and only
where that fails row by row, to name the first fault.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec

from domain.errors import Article20Error
from domain.events import Recorded
from infra.orders import Aside
from infra.postgres.log.store import EventStore, NoWorkspace, snapshot
from infra.postgres.projecting.rebuild import FIRST_GENERATION
from infra.postgres.projecting.rebuild import LOCK_KEY as REBUILD_LOCK_KEY
from infra.postgres.projecting.uncollected import uncollected
from infra.postgres.projecting.view_rows import VIEWS
from infra.postgres.proving.figure_proof import figures_proof
from infra.postgres.proving.log_proof import RESTORE, prove_log
from infra.postgres.proving.replaying import HEADS_MAX, passages
from infra.postgres.proving.row_proof import TABLES, Unsound, compare, fault
from infra.postgres.proving.view_proof import Comparison, Digests
from infra.postgres.queries import queries
from infra.postgres.reading.views import Views, Watermark

__all__ = ["Progress", "Unsound", "verify"]

FIGURES_BYTES_MAX: Final = 4 * 1024 * 1024
"""How many bytes of figures are gathered before they are digested."""
DIGESTED_EVENTS: Final = 250
"""How many events are digested together: more take less time each, and hold more rows."""
BROKEN: Final = (Article20Error, ValueError)
"""What an event raises that does not follow from those before it."""
OLDER: Final = "Was an older backup restored? Run `article20 rebuild`"
_SQL: Final = queries("verify")
_VIEWS: Final = queries("views")


class Progress(msgspec.Struct, frozen=True):
    """How far the proof has come: `done` of `total` events or rows of one `step`; `left`: a
    sentence on what is no fault and can be cleared away."""

    step: str
    done: int
    total: int
    left: str = ""


async def verify(store: EventStore, views: Views, workspace: str) -> AsyncIterator[Progress]:
    """Prove a workspace sound, telling the progress; Unsound names the first fault.

    Positions without gaps and the head row at the last of them, moments that never run backwards,
    every event decodable and under its tags, keys that stand for events of their own, ids that
    belong to them, and views equal to a replay, with no rows beside them that no rebuild made.
    Everything is seen at one moment: what comes meanwhile is left for the next time.
    """
    pool: Any = store.pool
    async with snapshot(pool, workspace) as connection:
        await connection.execute(_SQL["unhurried"])
        ends = await connection.fetchrow(_SQL["ends"], workspace)
        if ends is None:
            raise NoWorkspace(workspace=workspace)
        _check_ends(ends)
        head = ends["head"]
        watermark = (await views.stood(connection, workspace)).watermark
        async for position in prove_log(store, connection, workspace, head):
            yield Progress("events", position, head)
        yield Progress("tags", head, head)
        yield Progress("keys", head, head)
        await _check_watermark(store, workspace, watermark, head)
        until = min(watermark.position, head)
        with Aside() as aside:
            digests = Digests(aside)
            async for position in replayed(store, workspace, digests, until):
                yield Progress("replay", position, until)
            async for progress in _check_views(store, connection, workspace, digests, until):
                yield progress
    async for progress in _unread(pool, workspace, until):
        yield progress


async def replayed(
    store: EventStore, workspace: str, digests: Digests, until: int
) -> AsyncIterator[int]:
    """Digest the events up to a position, telling how far that is; Unsound names the first that
    does not follow from those before it."""
    with uncollected() as look_through:
        async for passage in passages(store, workspace, until, digests.current):
            for version in passage.recalled:
                digests.take_back(version)
            for begin in range(0, len(passage.events), DIGESTED_EVENTS):
                _digest(digests, passage.events[begin : begin + DIGESTED_EVENTS])
            digests.let_pass(heads_max=HEADS_MAX, figures_bytes_max=FIGURES_BYTES_MAX)
            look_through()
            yield passage.position


def _digest(digests: Digests, events: Sequence[Recorded]) -> None:
    before = list(digests.current.values())
    try:
        digests.digest(events)
    except BROKEN:
        with Aside() as aside:  # the same again, one by one
            again = Digests(aside)
            for version in before:
                again.take_back(version)
            for recorded in events:
                try:
                    again.digest((recorded,))
                except BROKEN as error:
                    raise fault(recorded.position, str(error).rstrip("."), RESTORE) from error
        raise


async def _check_watermark(
    store: EventStore, workspace: str, watermark: Watermark, head: int
) -> None:
    if watermark.position > head:
        what = f"the views stand at {watermark.position}, beyond the head {head}"
        raise fault(head, what, OLDER)
    stands_at = await store.at(workspace, watermark.position) if watermark.position else None
    if stands_at is not None and stands_at.recorded_at != watermark.recorded_at:
        raise fault(watermark.position, "the views stand at another event than this", OLDER)
    for one in sorted(watermark.faults, key=lambda f: f.position):
        what = f"view {one.view} could not digest it ({one.error})"
        remedy = f"Mend the cause, then run `article20 rebuild {one.view}`"
        raise fault(one.position, what, remedy)


async def _check_views(
    store: EventStore, connection: Any, workspace: str, digests: Digests, until: int
) -> AsyncIterator[Progress]:
    """Compare every table of the views, as the snapshot of a connection sees it, with a replay."""
    states = await connection.fetch(_VIEWS["standing"], workspace)
    forms = {view.name: view.form for view in VIEWS}
    for state in states:
        if state["view"] in forms and state["form"] != forms[state["view"]]:
            what = f"view {state['view']} is in the form of another release"
            raise fault(until, what, f"Run `article20 rebuild {state['view']}`")
    generations = {state["view"]: state["generation"] for state in states}
    digests.finish()
    for table, expected in digests.tallies.items():
        comparison = Comparison(table, expected)
        generation = generations.get(comparison.view)
        if generation is None and not expected.count:
            continue  # nothing was ever projected, and nothing had to be
        async for done in comparison.run(connection, workspace, generation):
            yield Progress(table, done, expected.count)
        if not comparison.is_same:
            rows = compare(store, connection, workspace, generation or 0, table, until)
            async for done, total in rows:
                yield Progress(table, done, total)
            if not TABLES[table].may_have_more:
                what = f"{table} as a whole differs from a replay, though none of its rows does"
                raise fault(until, what, f"Run `article20 rebuild {comparison.view}`")
    generation = generations.get("figures", 0)
    figures = figures_proof(connection, workspace, generation, digests.figures, until)
    seen = 0
    async for code, what in figures:
        if what:
            what = f"figure_part of {code} {what}"
            raise fault(until, what, "Run `article20 rebuild figures`")
        seen += 1
        yield Progress("figure_part", seen, len(digests.figures.by_government))


async def _unread(pool: Any, workspace: str, until: int) -> AsyncIterator[Progress]:
    """Look for rows that nobody reads: Unsound where no rebuild made them; those that one left when
    it was stopped are told of."""
    for _ in range(2):  # a rebuild that ended while it was looked for has none the second time
        async with snapshot(pool, workspace) as connection:
            rows = await connection.fetch(
                _SQL["unread_rows"], workspace, REBUILD_LOCK_KEY, FIRST_GENERATION
            )
        if not rows or rows[0]["is_rebuilding"]:
            return
    for row in rows:
        what = f"{row['name']} holds rows of generation {row['generation']}, which nobody reads"
        remedy = f"Run `article20 rebuild {row['view']}`"
        if not row["is_left"]:
            raise fault(until, what, remedy)
        left = f"{what}: a rebuild that was stopped left them. {remedy} to clear them away."
        yield Progress(row["name"], 0, 0, left)


def _check_ends(ends: Any) -> None:
    head, last = ends["head"], ends["last"]
    if head != last:
        raise fault(min(head, last), f"the head row says {head}, the last event {last}", RESTORE)
    if last and ends["recorded_at"] < ends["last_at"]:
        raise fault(last, "the head row is older than the last event", RESTORE)
