"""Keeps at hand what is told of some kinds of claims at the head of each workspace, and brings it
up to date by what came since; it never keeps more than so many claims."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Final, Generic, Protocol, TypeVar

from domain.clocks import HEAD, KnownAt
from infra.postgres.log.store import snapshot
from infra.postgres.queries import queries
from infra.postgres.reading.views import Views, clocks_of
from projections.histories import Version, unpack

AT_HAND_CLAIMS_MAX: Final = 100_000
"""How many claims of some kinds all workspaces of a process keep at hand; up to 150 MB."""
READ_AT_ONCE: Final = 5_000
"""How many claims are looked at together while they are read."""
BEHIND_EVENTS_MAX: Final = 1_000
"""What is further behind is read anew."""
_SQL: Final = queries("views")


class Taking(Protocol):
    """What is told of claims at the position `through`; see `projections.ledgers.Ledger`."""

    through: int

    @property
    def claims(self) -> int:
        """How many claims it rests on."""

    def take(self, versions: Iterable[Version], through: int) -> bool:
        """Bring it up to a position by what was touched since; False where that cannot be."""


L = TypeVar("L", bound=Taking)


class _Held(Generic[L]):
    """What is told of one workspace, of which one question is answered at a time."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.told: L | None = None
        self.generation = -1


class AtHand(Generic[L]):
    """What one process keeps at hand of claims of some kinds, the workspaces asked about last
    first."""

    def __init__(
        self,
        views: Views,
        make: Callable[[], L],
        kinds: Collection[str],
        *,
        claims_max: int = AT_HAND_CLAIMS_MAX,
        responding: bool = False,
        tells: Callable[[Version], bool] | None = None,
    ) -> None:
        """`responding`: claims of other kinds that respond to another one are told of too;
        `tells`: whether it is told of a claim of these kinds, where it is not of all."""
        self.views, self.make, self.kinds = views, make, sorted(kinds)
        self.claims_max = claims_max
        self.tells = tells
        self._statement = _SQL["versions_responding" if responding else "versions_of_kinds"]
        self._held: OrderedDict[str, _Held[L]] = OrderedDict()

    @asynccontextmanager
    async def of(self, workspace: str, known_at: KnownAt) -> AsyncIterator[L | None]:
        """What is told at the head, which nobody changes meanwhile; None where it is asked as known
        at another point, or where there are too many claims to keep."""
        if known_at != HEAD:
            yield None
            return
        held = self._held.setdefault(workspace, _Held())
        self._held.move_to_end(workspace)
        async with held.lock:
            async with snapshot(self.views.pool, workspace) as connection:
                standing = await self.views.standing(connection, workspace)
                position, _ = clocks_of(standing, known_at, "claims")
                generation = standing.generation(workspace, "claims")
                told = held.told if held.generation == generation else None
                if told is not None and told.through != position:
                    told = await self._brought_up(told, connection, workspace, position)
                if told is None:
                    told = await self._read(connection, workspace, generation, position)
            held.told, held.generation = told, generation
            self._let_go()
            yield told

    async def _brought_up(
        self, told: L, connection: Any, workspace: str, position: int
    ) -> L | None:
        """The same at a position; None where it is to be read anew."""
        if not 0 < position - told.through <= BEHIND_EVENTS_MAX:
            return None
        asked = workspace, told.through, position
        rows = await connection.fetch(queries("changes")["changed_versions"], *asked)
        now: dict[str, Version] = {}
        for row in rows:  # in the order in which they came to be believed
            version = unpack(row[1])
            now[version.claim.id] = version
        return told if told.take(now.values(), position) else None

    async def _read(
        self, connection: Any, workspace: str, generation: int, position: int
    ) -> L | None:
        """The same from all that is believed; None where that is too much."""
        told = self.make()
        asked = workspace, generation, position, None, self.kinds, date.max
        cursor = await connection.cursor(self._statement, *asked)
        kept: list[bytes] = []
        while rows := await cursor.fetch(READ_AT_ONCE):
            bodies = [row[0] for row in rows]
            kept += await asyncio.to_thread(self._told_of, bodies)
            if len(kept) > self.claims_max:
                return None
        await asyncio.to_thread(lambda: told.take(map(unpack, kept), position))
        return told

    def _told_of(self, bodies: list[bytes]) -> list[bytes]:
        """Those of some packed claims of which it is told."""
        tells = self.tells
        return bodies if tells is None else [body for body in bodies if tells(unpack(body))]

    def _let_go(self) -> None:
        total = sum(one.told.claims for one in self._held.values() if one.told)
        while total > self.claims_max and len(self._held) > 1:
            _, gone = self._held.popitem(last=False)
            total -= gone.told.claims if gone.told else 0
