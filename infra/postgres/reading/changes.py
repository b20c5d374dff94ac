"""What changed in the views between two positions: which claims, and which governments they
concern; it never says what they say."""

from typing import Any, Final

import msgspec

from domain.governments import GOVERNMENTS
from infra.postgres.log.store import snapshot
from infra.postgres.queries import queries
from projections.histories import unpack

EVENTS_MAX: Final = 1000
"""Further apart than this the answer is short: everything may have changed."""


class Changed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What changed up to `position`: every government concerned, and the claims.

    `more`: further claims changed than are named.
    """

    position: int
    governments: tuple[str, ...]
    claims: tuple[str, ...]
    more: bool = False


class Changes:
    """Answers what changed, for every workspace."""

    def __init__(self, pool: Any, *, claims_max: int) -> None:
        self.pool, self.claims_max = pool, claims_max

    async def between(self, workspace: str, after: int, until: int) -> Changed:
        """What changed after one position and up to another that the views have reached."""
        if until - after > EVENTS_MAX:
            return Changed(
                position=until, governments=tuple(sorted(GOVERNMENTS)), claims=(), more=True
            )
        async with snapshot(self.pool, workspace) as connection:
            rows = await connection.fetch(
                queries("changes")["changed_versions"], workspace, after, until
            )
        governments: set[str] = set()
        claims: dict[str, None] = {}
        believed = [(row[0], unpack(row[1]).claim) for row in rows]
        for position, claim in believed:
            if position > after:
                claims[claim.id] = None
        for _, claim in believed:
            if claim.id in claims:
                governments.update(claim.targets)
        return Changed(
            position=until,
            governments=tuple(sorted(governments)),
            claims=tuple(claims)[: self.claims_max],
            more=len(claims) > self.claims_max,
        )
