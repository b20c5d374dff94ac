"""Keeps the ledgers of transfers of workspaces at hand, and brings them up to date by what came
since; it never keeps more than so many claims."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import date
from typing import Any, Final

from domain.clocks import HEAD, KnownAt
from infra.postgres.queries import queries
from infra.postgres.store import snapshot
from infra.postgres.views import Views, clocks_of
from projections.histories import Version, unpack
from projections.ledgers import Ledger, Plan
from projections.transfers import TRANSFER_STAGES, LedgerAsk, LedgerExcerpt

LEDGER_CLAIMS_MAX: Final = 100_000
"""How many claims of transfers the ledgers of one process rest on; about 150 MB."""
BEHIND_EVENTS_MAX: Final = 1_000
"""A ledger that is further behind is read anew."""
_SQL: Final = queries("views")
Found = tuple[int, LedgerExcerpt, list[Plan]]


class _Held:
    """The ledger of one workspace, of which one question is answered at a time."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.ledger: Ledger | None = None
        self.generation = -1


class Ledgers:
    """The ledgers of one process, those asked about last first."""

    def __init__(
        self, views: Views, beside: Collection[str], claims_max: int = LEDGER_CLAIMS_MAX
    ) -> None:
        self.views, self.beside, self.claims_max = views, beside, claims_max
        self._held: OrderedDict[str, _Held] = OrderedDict()

    async def excerpt(
        self,
        workspace: str,
        ask: LedgerAsk,
        *,
        on: date,
        known_at: KnownAt,
        name: Callable[[str | None], Any],
    ) -> Found | None:
        """What a page shows of the ledger on a day, what is told beside it, and the position both
        stand for; None where it is asked as known at another point than the head, or where there
        are too many claims to keep."""
        if known_at != HEAD:
            return None
        held = self._held.setdefault(workspace, _Held())
        self._held.move_to_end(workspace)
        async with held.lock, snapshot(self.views.pool, workspace) as connection:
            standing = await self.views.standing(connection, workspace)
            position, _ = clocks_of(standing, known_at, "claims")
            generation = standing.generation(workspace, "claims")
            ledger = held.ledger if held.generation == generation else None
            if ledger is not None and ledger.through != position:
                ledger = await self._brought_up(ledger, connection, workspace, position)
            if ledger is None:
                ledger = await self._read(connection, workspace, generation, position)
            held.ledger, held.generation = ledger, generation
            self._let_go()
            if ledger is None:
                return None
            found = ledger.excerpt(ask, on=on, known_at=f"seq:{position}", name=name)
            return position, found, ledger.plans(on)

    async def _brought_up(
        self, ledger: Ledger, connection: Any, workspace: str, position: int
    ) -> Ledger | None:
        """The ledger at a position; None where it is to be read anew."""
        if not 0 < position - ledger.through <= BEHIND_EVENTS_MAX:
            return None
        asked = workspace, ledger.through, position
        rows = await connection.fetch(queries("changes")["changed_versions"], *asked)
        now: dict[str, Version] = {}
        for row in rows:  # in the order in which they came to be believed
            version = unpack(row[1])
            now[version.claim.id] = version
        return ledger if ledger.take(now.values(), position) else None

    async def _read(
        self, connection: Any, workspace: str, generation: int, position: int
    ) -> Ledger | None:
        """The ledger from all that is believed; None where that is too much."""
        ledger = Ledger(self.beside)
        kinds = sorted({*TRANSFER_STAGES, *self.beside})
        asked = workspace, generation, position, None, kinds, date.max
        rows = await connection.fetch(_SQL["versions_of_kinds"], *asked)
        if len(rows) > self.claims_max:
            return None

        def taken() -> None:
            ledger.take((unpack(row[0]) for row in rows), position)

        await asyncio.to_thread(taken)
        return ledger

    def _let_go(self) -> None:
        total = sum(one.ledger.claims for one in self._held.values() if one.ledger)
        while total > self.claims_max and len(self._held) > 1:
            _, gone = self._held.popitem(last=False)
            total -= gone.ledger.claims if gone.ledger else 0
