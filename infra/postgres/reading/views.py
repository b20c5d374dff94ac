"""Reads the views: every answer comes from one snapshot and names the position it stands for; it
never writes.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextvars import ContextVar
from datetime import date, datetime
from time import monotonic
from typing import Any, Final

import msgspec

from domain.clocks import KnownAt, reached
from domain.errors import Article20Error, BeyondLog, StillBehind
from domain.facts import Facts
from infra.postgres.listener import POLL_SECONDS, VIEWED, Listener
from infra.postgres.log.lineage import Lineage
from infra.postgres.log.store import NoWorkspace, connected, snapshot
from infra.postgres.projecting.view_rows import VIEWS
from infra.postgres.queries import queries
from infra.postgres.reading.claim_filter import ClaimFilter, Cursor
from infra.postgres.reading.finding import Page, Reach, claims_page, known_by
from infra.postgres.reading.pouring import Take, pour
from projections.histories import Version, unpack

CLAIMS_MAX: Final = 1000
"""How many claims one page may hold."""
DEAF_POLL_SECONDS: Final = 0.1
"""How often a process looks at the watermark that waits for it without hearing notifications."""
_SQL: Final = queries("views")
_FACTS: Final = msgspec.msgpack.Decoder(list[Facts])
_FORMS: Final = {view.name: view.form for view in VIEWS}


class ViewUnbuilt(Article20Error):
    """The view {view} of workspace {workspace!r} is being built. Ask again in a moment."""

    slug, status, retryable = "view-unbuilt", 503, True


RELATING_MAX: Final = 200
"""How many of the claims that relate to one claim are read with it."""


class Fault(msgspec.Struct, frozen=True):
    """A view that could not digest the event at `position`: its rows stand before it until
    rebuilt."""

    view: str
    position: int
    error: str


class Watermark(msgspec.Struct, frozen=True):
    """How far the views are: `position`, when its event was recorded, and the views that stopped.

    An answer about a position is the same for ever within one `epoch`; a rebuild begins a new one.
    """

    position: int
    recorded_at: datetime | None
    epoch: int
    faults: tuple[Fault, ...]


class Standing(msgspec.Struct, frozen=True):
    """The watermark with the generations that are read, as one snapshot saw them."""

    watermark: Watermark
    generations: dict[str, int]

    def generation(self, workspace: str, view: str) -> int:
        """The generation of a view's rows; 0, which no row has, before its first event."""
        if view in self.generations:
            return self.generations[view]
        if self.watermark.position:
            raise ViewUnbuilt(workspace=workspace, view=view)
        return 0

    def position(self, *views: str) -> int:
        """How far the rows of some views are: the watermark, or just before what one could not
        digest."""
        stopped = [f.position - 1 for f in self.watermark.faults if f.view in views]
        return min([self.watermark.position, *stopped])


_SEEN: Final[ContextVar[dict[str, Watermark] | None]] = ContextVar("article20_seen", default=None)
"""The watermarks that a task was told, where it reads each once."""


class Views:
    """The views of every workspace, for reading."""

    def __init__(self, pool: Any, listener: Listener, lineage: Lineage | None = None) -> None:
        self.pool = pool
        self.lineage = lineage or Lineage()
        self.listener = listener
        self._reached: dict[str, int] = {}
        self._looking: dict[str, tuple[asyncio.Event, asyncio.Task[int]]] = {}

    async def watermark(self, workspace: str) -> Watermark:
        """How far the views are; NoWorkspace when there is no such workspace."""
        seen = _SEEN.get()
        if seen is not None and workspace in seen:
            return seen[workspace]
        return await self.look_again(workspace)

    async def reached_by(self, workspace: str, known_at: KnownAt) -> int:
        """How far the views are, for an answer that rests on no rows of theirs; InvalidQuestion
        where they have not reached what is asked about."""
        position = (await self.watermark(workspace)).position
        reached(known_at, position, "the views have")
        return position

    async def look_again(self, workspace: str) -> Watermark:
        """The same, read anew whatever this task was told before."""
        async with snapshot(self.pool, workspace) as connection:
            found = (await self.standing(connection, workspace)).watermark
        if (seen := _SEEN.get()) is not None:
            seen[workspace] = found
        return found

    def look_once(self) -> None:
        """From here on, in this task, a watermark is read once and told again: a page asks for it
        with each of its questions."""
        _SEEN.set({})

    async def wait_for(self, workspace: str, min_position: int, wait_seconds: float) -> int:
        """Wait until the views have reached a position and return how far they are.

        StillBehind when they have not after `wait_seconds`, BeyondLog when the log does not reach
        that position either.
        """
        ends_at = monotonic() + wait_seconds
        is_late = False
        while (position := self._reached.get(workspace, 0)) < min_position:
            turn = self.listener.turn(VIEWED, workspace)
            position = await self._look(workspace, turn, anew=is_late)
            is_late = False
            if position >= min_position:
                break
            left_seconds = ends_at - monotonic()
            if left_seconds <= 0:
                head = await self._head(workspace)
                if head < min_position:
                    raise BeyondLog(position=min_position, head=head)
                raise StillBehind(
                    position=position, min_position=min_position, waited_seconds=wait_seconds
                )
            try:
                pause = POLL_SECONDS if self.listener.is_listening else DEAF_POLL_SECONDS
                async with asyncio.timeout(min(left_seconds, pause)):
                    await turn.wait()
            except TimeoutError:
                is_late = True  # a notification may have been lost: look again
        return position

    async def _look(self, workspace: str, turn: asyncio.Event, *, anew: bool) -> int:
        """How far the views are now.

        Whoever waits for the same hint shares the answer, so that a crowd asks once: nothing has
        come since, or the hint would have. `anew`: ask, whatever was answered before.
        """
        looking = self._looking.get(workspace)
        if looking is None or looking[0] is not turn or (looking[1].done() and anew):
            looking = self._looking[workspace] = turn, asyncio.create_task(self._read(workspace))
        try:
            return await asyncio.shield(looking[1])
        finally:
            if _has_failed(looking[1]) and self._looking.get(workspace) is looking:
                del self._looking[workspace]

    async def _read(self, workspace: str) -> int:
        async with connected(self.pool) as connection:
            position = await connection.fetchval(_SQL["reached"], workspace)
        if position is None:
            raise NoWorkspace(workspace=workspace)
        self._reached[workspace] = max(position, self._reached.get(workspace, 0))
        return int(position)

    async def _head(self, workspace: str) -> int:
        async with connected(self.pool) as connection:
            return int(await connection.fetchval(queries("log")["head"], workspace))

    def reach(self, workspace: str, position: int) -> None:
        """Note that the views of this database stand at a position, and wake who waits for it."""
        self._reached[workspace] = max(position, self._reached.get(workspace, 0))
        self.listener.wake(VIEWED, workspace)

    async def facts(
        self,
        workspace: str,
        known_at: KnownAt,
        *,
        government: str | None = None,
        until: date | None = None,
        legal_only: bool = False,
    ) -> tuple[int, list[Facts]]:
        """The facts of the believed claims, in the order of recording.

        `government`: only those that concern it; `until`: only those whose representative day is
        not later; `legal_only`: only the kinds a standing follows from.
        """
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            position, clocks = clocks_of(standing, known_at, "governments")
            generation = standing.generation(workspace, "governments")
            asked = [workspace, generation, *clocks, until]
            if legal_only:
                found = await connection.fetchrow(_SQL["legal_facts"], *asked, government)
            elif government is not None:
                found = await connection.fetchrow(_SQL["facts_of_government"], *asked, government)
            else:
                found = await connection.fetchrow(_SQL["facts"], *asked)
        count, glued = found
        return position, sorted(unglued(count, glued), key=lambda f: f.position)

    async def versions_of_kinds(
        self, workspace: str, known_at: KnownAt, kinds: Collection[str], *, until: date
    ) -> tuple[int, list[Version]]:
        """The believed versions of some kinds whose representative day is not later than `until`,
        in the order in which the claims were recorded."""
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            position, clocks = clocks_of(standing, known_at, "claims")
            generation = standing.generation(workspace, "claims")
            rows = await connection.fetch(
                _SQL["versions_of_kinds"], workspace, generation, *clocks, sorted(kinds), until
            )
        return position, [unpack(row[0]) for row in rows]

    async def pour_kinds(
        self,
        workspace: str,
        known_at: KnownAt,
        kinds: Collection[str],
        take: Take,
        *,
        until: date,
    ) -> int:
        """Let `take` look at the same versions some at a time, happening by happening, and return
        the position they stand for."""
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            position, clocks = clocks_of(standing, known_at, "claims")
            generation = standing.generation(workspace, "claims")
            asked = workspace, generation, *clocks, sorted(kinds), until
            await pour(connection, _SQL["versions_by_happening"], asked, take)
        return position

    async def versions_of_claims(
        self, workspace: str, known_at: KnownAt, claims: Collection[str]
    ) -> tuple[int, list[Version]]:
        """The believed versions of some claims, in the order in which the claims were recorded."""
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            position, clocks = clocks_of(standing, known_at, "claims")
            asked = (workspace, standing.generation(workspace, "claims"), *clocks, sorted(claims))
            rows = await connection.fetch(_SQL["versions_of_claims"], *asked)
        return position, [unpack(row[0]) for row in rows]

    async def versions(
        self, workspace: str, known_at: KnownAt, *, government: str | None = None
    ) -> tuple[int, list[Version]]:
        """The believed versions, in the order in which the claims were recorded; of one government
        where it is given."""
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            generation = standing.generation(workspace, "claims")
            if government is None:
                position, clocks = clocks_of(standing, known_at, "claims")
                rows = await connection.fetch(_SQL["versions"], workspace, generation, *clocks)
            else:
                position, clocks = clocks_of(standing, known_at, "claims", "governments")
                rows = await connection.fetch(
                    _SQL["versions_of_government"],
                    workspace,
                    generation,
                    *clocks,
                    standing.generation(workspace, "governments"),
                    government,
                )
        return position, [unpack(row[0]) for row in rows]

    async def history(self, workspace: str, claim: str) -> tuple[int, list[Version]]:
        """Every version of one claim in order; empty when there is no such claim."""
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            rows = await connection.fetch(
                _SQL["history"], workspace, standing.generation(workspace, "claims"), claim
            )
        return standing.position("claims"), [unpack(row[0]) for row in rows]

    async def claim(
        self, workspace: str, claim: str, known_at: KnownAt
    ) -> tuple[int, list[Version], list[Version]]:
        """Every version of one claim, and the believed claims that it relates to or that relate to
        it: of the latter at most `RELATING_MAX`, those recorded first."""
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            generation = standing.generation(workspace, "claims")
            position, clocks = clocks_of(standing, known_at, "claims")
            rows = await connection.fetch(_SQL["history"], workspace, generation, claim)
            history = [unpack(row[0]) for row in rows]
            asked = (workspace, generation, *clocks)
            beside = await connection.fetch(_SQL["relating"], *asked, claim, RELATING_MAX)
            named = sorted({r.claim for v in history for r in v.claim.relates_to})
            if named:
                beside += await connection.fetch(_SQL["versions_of_claims"], *asked, named)
        return position, history, [unpack(row[0]) for row in beside]

    async def claims(
        self,
        workspace: str,
        known_at: KnownAt,
        filter_: ClaimFilter,
        *,
        after: Cursor | None,
        limit: int,
        oldest: bool = False,
    ) -> tuple[int, list[Version], Cursor | None]:
        """One page of the believed claims that a filter lets through, and where the next begins.

        Newest first, or `oldest`: by representative day, then by where they were recorded. `limit`
        is at most `CLAIMS_MAX`. The cursor is None on the last page.
        """
        limit = max(1, min(limit, CLAIMS_MAX))
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            generation = standing.generation(workspace, "claims")
            is_of_one = filter_.government is not None
            needed = ("claims", "governments") if is_of_one else ("claims",)
            position, clocks = clocks_of(standing, known_at, *needed)
            governments = standing.generation(workspace, "governments") if is_of_one else 0
            mark = standing.watermark
            known = known_by(clocks, mark.position, mark.recorded_at)
            reach = Reach(workspace, generation, clocks, governments, known)
            page = Page(after, limit + 1, oldest)
            rows = await claims_page(connection, reach, filter_, page)
        shown = rows[:limit]
        following = Cursor(shown[-1][1], shown[-1][2]) if len(rows) > limit else None
        return position, [unpack(row[0]) for row in shown], following

    async def standing(self, connection: Any, workspace: str) -> Standing:
        """The watermark and the generations as a connection's transaction sees them, from where on
        this process knows the log."""
        found = await self.stood(connection, workspace)
        mark = found.watermark
        self._reached[workspace] = max(mark.position, self._reached.get(workspace, 0))
        self.lineage.saw(workspace, mark.position, mark.recorded_at)
        return found

    async def stood(self, connection: Any, workspace: str) -> Standing:
        """The same, on trial: nothing is concluded from it."""
        rows = await connection.fetch(_SQL["standing"], workspace)
        if not rows:
            raise NoWorkspace(workspace=workspace)
        faults = tuple(
            Fault(row["view"], row["fault_position"], row["fault_error"])
            for row in rows
            if row["fault_position"] is not None
        )
        position, recorded_at, epoch = rows[0][0], rows[0][1], rows[0][2]
        return Standing(
            Watermark(position, recorded_at, epoch, faults),
            {r["view"]: r["generation"] for r in rows if _FORMS.get(r["view"]) == r["form"]},
        )


def _has_failed(task: asyncio.Task[int]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def clocks_of(
    standing: Standing, known_at: KnownAt, *views: str
) -> tuple[int, tuple[int | None, datetime | None]]:
    """The position an answer stands for, and the position or the moment its rows are chosen by."""
    position = standing.position(*views)
    if known_at.moment is not None:
        return position, (None, known_at.moment)
    return position, (reached(known_at, position, "the views have"), None)


def unglued(count: int, glued: bytes) -> Sequence[Facts]:
    """The values of a MessagePack array whose `count` values were put one after another."""
    return _FACTS.decode(b"\xdd" + count.to_bytes(4, "big") + glued)
