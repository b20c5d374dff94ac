"""The questions about ledgers: transfers, commitments, clocks that run; each answer stands for one
position, and is drawn from claims that pass by, few at a time."""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any

from domain.clocks import HEAD, KnownAt, known_text
from domain.duties import DUTY_KINDS, Deciding
from domain.standing import Standing
from domain.treaties import TREATIES
from projections.deadlines import Deadlines, clocks_under, each_told
from projections.histories import Version
from projections.paging import ROWS_MAX, First, Place
from projections.parties import standings
from projections.passing import LedgerPass, PlansPass, UndertakenPass, page_kept, stands_after
from projections.transfers import (
    PLAN_KINDS,
    TRANSFER_STAGES,
    LedgerAsk,
    LedgerExcerpt,
    Transfers,
)
from projections.undertakings import (
    UndertakenAsk,
    UndertakenExcerpt,
    Undertaking,
    Undertakings,
)
from services.house import House

LAW_EVENTS_MAX = 100
"""Up to so long a log the readable law reckons the board sooner than columns do."""


class LedgerQuestions:
    """Asks the views about ledgers, and lets what they hold pass by the pure functions."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def transfers(
        self,
        workspace: str,
        on: date,
        known_at: KnownAt,
        after: Place | None = None,
        limit: int = ROWS_MAX,
    ) -> tuple[int, Transfers, Place | None]:
        """A page of the ledger of transfers up to the day `on`, and after which row the next one
        begins."""
        ledger = LedgerPass(on, after=after, rows_max=limit)
        position = await self.house.views.pour_kinds(
            workspace, known_at, TRANSFER_STAGES, ledger.take, until=on
        )
        return position, *ledger.page(known_text(known_at, position))

    async def transfers_shown(
        self,
        workspace: str,
        on: date,
        known_at: KnownAt,
        ask: LedgerAsk,
        name: Callable[[str | None], Any],
        plans: PlansPass,
    ) -> tuple[int, LedgerExcerpt]:
        """What a page shows of the ledger, while what is told beside it passes by `plans`; see
        `projections.transfers.excerpt_of`."""
        ledger = LedgerPass(on, ask, name=name, rows_max=0)

        def take(versions: Iterable[Version]) -> None:
            some = list(versions)
            ledger.take(some)
            plans.take(some)

        position = await self.house.views.pour_kinds(
            workspace, known_at, {*TRANSFER_STAGES, *PLAN_KINDS}, take, until=on
        )
        return position, ledger.excerpt(known_text(known_at, position))

    async def undertakings(
        self,
        workspace: str,
        on: date,
        known_at: KnownAt,
        after: Place | None = None,
        limit: int = ROWS_MAX,
    ) -> tuple[int, Undertakings, Place | None]:
        """A page of what governments undertook, and how they answered, up to the day `on`, and
        after which row the next one begins."""
        told = UndertakenPass(on, page_kept(limit), stands_after(after))
        position, names = await self._undertaken(workspace, known_at, told)
        return position, *told.page(limit, names, known_text(known_at, position))

    async def undertakings_shown(
        self,
        workspace: str,
        on: date,
        known_at: KnownAt,
        ask: UndertakenAsk,
        rows_max: int,
        name: Callable[[str], Any],
    ) -> tuple[int, UndertakenExcerpt]:
        """What a page shows of the same; see `projections.undertakings.excerpt_of`."""
        key, reverse = ask.order_by(name)
        first: First[Undertaking] = First(ask.before + rows_max, key, reverse=reverse)
        told = UndertakenPass(on, first, ask.takes)
        position, names = await self._undertaken(workspace, known_at, told)
        return position, told.excerpt(ask.before, names, known_text(known_at, position))

    async def _undertaken(
        self, workspace: str, known_at: KnownAt, told: UndertakenPass
    ) -> tuple[int, dict[str, Version]]:
        """Let what was undertaken pass by, and name the claims that are answered."""
        position, beside = await self.house.views.undertaken(
            workspace, known_at, told.take, told.answers, until=told.on
        )
        return position, {version.claim.id: version for version in beside}

    async def deadlines(self, workspace: str, on: date, known_at: KnownAt) -> tuple[int, Deadlines]:
        """Every clock that runs on the day `on`, under every treaty."""
        async with self.house.views.duties.of(workspace, known_at) as duties:
            position = None if duties is None else duties.through
            told = None if duties is None else duties.told(on)
        asked = known_at if position is None else KnownAt(position=position)
        position, under = await self.under_treaties(workspace, on, asked)
        if told is None:
            if known_at == HEAD:
                asked = KnownAt(position=position)
            deciding = Deciding(on)
            await self.house.views.pour_kinds(
                workspace,
                asked,
                DUTY_KINDS,
                lambda versions: deciding.take(each_told(versions)),
                until=on,
            )
            told = deciding.by_government()
        known = known_text(known_at, position)
        return position, clocks_under(under, told, on=on, known_at=known)

    async def under_treaties(
        self, workspace: str, on: date, known_at: KnownAt, only: Collection[str] | None = None
    ) -> tuple[int, dict[str, dict[str, Standing]]]:
        """The standing of every government, or of `only` some, by treaty and government; of a long
        log from what is at hand, so that an answer needs no more memory than a short log's."""
        if await self.is_long(workspace):
            asked = workspace, on, known_at, self.house.weights, only
            return await self.house.figures.standings(*asked)
        views = self.house.views
        position, facts = await views.facts(workspace, known_at, until=on, legal_only=True)
        return position, {code: standings(law, facts, on) for code, law in TREATIES.items()}

    async def is_long(self, workspace: str) -> bool:
        """Whether columns answer sooner than the readable law."""
        return (await self.house.views.watermark(workspace)).position > LAW_EVENTS_MAX
