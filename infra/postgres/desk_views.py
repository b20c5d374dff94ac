"""What the desk's own pages need of the views: the claims around a campaign; it never writes."""

from collections.abc import Collection
from datetime import date
from typing import Final

from domain.clocks import KnownAt
from domain.facts import COUNTED
from infra.postgres.queries import queries
from infra.postgres.store import snapshot
from infra.postgres.views import Views, clocks_of, unglued
from projections.campaigns import TIMELINE_MAX, Happened
from projections.histories import unpack

_SQL: Final = queries("views")


class DeskViews(Views):
    """The views with the questions of the desk beside those of everybody."""

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
