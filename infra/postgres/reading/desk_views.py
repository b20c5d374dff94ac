"""What the desk's own pages need of the views: the claims around a campaign, and those that may
tell of the same happening as another; it never writes."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from domain.claims import Claim
from domain.clocks import HEAD, KnownAt
from domain.duties import DUTY_KINDS
from domain.facts import COUNTED, POSSIBLE
from domain.sheaf import SEPARATOR
from infra.postgres.listener import Listener
from infra.postgres.log.lineage import Lineage
from infra.postgres.log.store import snapshot
from infra.postgres.queries import queries
from infra.postgres.reading.at_hand import AtHand
from infra.postgres.reading.pouring import Take, pour
from infra.postgres.reading.views import Standing, Views, clocks_of, unglued
from projections.campaigns import TIMELINE_MAX, Happened
from projections.deadlines import Duties
from projections.histories import Version, unpack
from projections.ledgers import Ledger
from projections.search import actor_key
from projections.similar import WINDOW_DAYS
from projections.transfers import PLAN_KINDS, TRANSFER_STAGES
from projections.undertaken import Undertaken
from projections.undertakings import KINDS, told_by

CANDIDATES_MAX: Final = 500
"""How many claims are compared in full with one."""
CANDIDATES_OF_MANY_MAX: Final = 50
SPAN_DAYS: Final = 31
"""How far the day that stands for a vague date may lie from its ends and still be looked at."""
EARLIEST: Final = date.min
_SQL: Final = queries("views")


class DeskViews(Views):
    """The views with the questions of the desk beside those of everybody, and with the `ledgers` of
    transfers, what is told of `duties`, and `undertakings`, which are kept at hand."""

    def __init__(self, pool: Any, listener: Listener, lineage: Lineage | None = None) -> None:
        super().__init__(pool, listener, lineage)
        ledger_kinds = {*TRANSFER_STAGES, *PLAN_KINDS}
        self.ledgers: AtHand[Ledger] = AtHand(self, lambda: Ledger(PLAN_KINDS), ledger_kinds)
        self.duties: AtHand[Duties] = AtHand(self, Duties, DUTY_KINDS)
        self.undertakings: AtHand[Undertaken] = AtHand(
            self, Undertaken, KINDS, responding=True, tells=lambda version: bool(told_by(version))
        )

    async def happened(
        self,
        workspace: str,
        known_at: KnownAt,
        *,
        targets: Collection[str],
        since: date,
        until: date,
        claims: Collection[str],
    ) -> tuple[int, Happened]:
        """What a page of a campaign is drawn from, seen at one moment.

        The facts of its `targets` up to the day `until`; the latest counted claims that concern any
        of them from the day `since` on; and the `claims` that it names, as believed.
        """
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            position, clocks = clocks_of(standing, known_at, "claims", "governments")
            generation = standing.generation(workspace, "claims")
            of_governments = standing.generation(workspace, "governments")
            asked = (workspace, of_governments, *clocks, until)
            facts = {
                code: await connection.fetchrow(_SQL["facts_of_government"], *asked, code)
                for code in targets
            }
            around = await connection.fetch(
                _SQL["lately_of_governments"],
                *(workspace, generation, *clocks),
                *(sorted(COUNTED), since, until, of_governments, sorted(targets), TIMELINE_MAX),
            )
            named = await connection.fetch(
                _SQL["versions_of_claims"], workspace, generation, *clocks, sorted(claims)
            )
        return position, Happened(
            facts={
                code: sorted(unglued(*row), key=lambda f: f.position) for code, row in facts.items()
            },
            around=[unpack(row[0]) for row in around],
            named=[unpack(row[0]) for row in named],
        )

    async def undertaken(
        self,
        workspace: str,
        known_at: KnownAt,
        take: Take,
        answers: Callable[[], Collection[str]],
        *,
        until: date,
    ) -> tuple[int, list[Version]]:
        """Let `take` look, happening by happening, at the claims by which governments undertake or
        answer something, believed and not later than `until`; then the claims that `answers`
        names, as believed, in the order of recording."""
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            position, clocks = clocks_of(standing, known_at, "claims")
            asked = (workspace, standing.generation(workspace, "claims"), *clocks)
            responding = (*asked, sorted(KINDS), until)
            await pour(connection, _SQL["responding_by_happening"], responding, take)
            named = sorted(answers())
            rows = await connection.fetch(_SQL["versions_of_claims"], *asked, named)
        return position, [unpack(row[0]) for row in rows]

    async def candidates(
        self, workspace: str, known_at: KnownAt, claim: Claim
    ) -> tuple[int, list[Version]]:
        """Claims that may tell of the same happening: of its kind and treaty, dated near it, that
        share an actor or a target with it; at most `CANDIDATES_MAX`, those recorded first."""
        around = timedelta(days=WINDOW_DAYS + SPAN_DAYS)
        first, last = claim.date.first_day, claim.date.last_day
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            position, clocks = clocks_of(standing, known_at, "claims", "governments")
            rows = await connection.fetch(
                _SQL["candidates"],
                *(workspace, standing.generation(workspace, "claims"), *clocks),
                *(claim.kind, claim.treaty, sorted(POSSIBLE)),
                *(max(first, EARLIEST + around) - around, last + around),
                [actor_key(actor.key) for actor in claim.actors],
                standing.generation(workspace, "governments"),
                list(claim.targets),
                CANDIDATES_MAX,
            )
        return position, [unpack(row[0]) for row in rows]

    async def histories_of(
        self, workspace: str, claims: Collection[str], until: int
    ) -> list[Version]:
        """Every version of some claims up to a position, claim by claim, oldest first."""
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            generation = standing.generation(workspace, "claims")
            rows = await connection.fetch(
                _SQL["histories_of"], workspace, generation, sorted(claims), until
            )
        return [unpack(row[0]) for row in rows]

    async def candidates_of(self, workspace: str, claims: Sequence[Claim]) -> list[list[Version]]:
        """For each of some claims, those believed now that may tell of the same happening, as
        `candidates` finds them; at most `CANDIDATES_OF_MANY_MAX` each, with one question."""
        around = timedelta(days=WINDOW_DAYS + SPAN_DAYS)
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            _position, clocks = clocks_of(standing, HEAD, "claims", "governments")
            rows = await connection.fetch(
                _SQL["candidates_of"],
                *(workspace, standing.generation(workspace, "claims"), *clocks),
                *(sorted(POSSIBLE), standing.generation(workspace, "governments")),
                CANDIDATES_OF_MANY_MAX,
                [claim.kind for claim in claims],
                [claim.treaty for claim in claims],
                [max(claim.date.first_day, EARLIEST + around) - around for claim in claims],
                [claim.date.last_day + around for claim in claims],
                [_glued(actor_key(actor.key) for actor in claim.actors) for claim in claims],
                [_glued(claim.targets) for claim in claims],
            )
        found: list[list[Version]] = [[] for _ in claims]
        for number, body in rows:
            found[number - 1].append(unpack(body))
        return found

    async def waiting(
        self, workspace: str, limit: int, known_at: KnownAt = HEAD, *, newest: bool = False
    ) -> tuple[int, list[Version]]:
        """The claims that wait for the desk, pending or contested, oldest in the log first, or
        `newest` first; at most `limit`."""
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            position, clocks = clocks_of(standing, known_at, "claims")
            generation = standing.generation(workspace, "claims")
            asked = (workspace, generation, limit)
            if is_head(standing, known_at):
                query = _SQL["waiting_newest" if newest else "waiting"]
                rows = await connection.fetch(query, *asked)
            else:
                query = _SQL["waiting_newest_at" if newest else "waiting_at"]
                rows = await connection.fetch(query, *asked, *clocks)
        return position, [unpack(row[0]) for row in rows]

    async def waiting_count(self, workspace: str, count_max: int, known_at: KnownAt = HEAD) -> int:
        """How many claims wait for the desk, counted up to `count_max`."""
        async with snapshot(self.pool, workspace) as connection:
            standing = await self.standing(connection, workspace)
            _, clocks = clocks_of(standing, known_at, "claims")
            asked = (workspace, standing.generation(workspace, "claims"), count_max)
            if is_head(standing, known_at):
                return int(await connection.fetchval(_SQL["waiting_count"], *asked))
            return int(await connection.fetchval(_SQL["waiting_count_at"], *asked, *clocks))


def is_head(standing: Standing, known_at: KnownAt) -> bool:
    """Whether a second clock asks for what is known now."""
    return known_at == HEAD or known_at == KnownAt(position=standing.position("claims"))


def _glued(names: Iterable[str]) -> str:
    """Names as one text, as the function `names` of the schema parts them again."""
    return SEPARATOR.join(name for name in names if SEPARATOR not in name and "\0" not in name)
