"""Looks after the store as a whole: how far all views are behind, whether anybody projects, and
whether the views belong to the log; it never mends anything.
"""

from collections import Counter
from datetime import datetime
from typing import Any, Final

import msgspec

from infra.postgres.log.store import connected
from infra.postgres.projecting.projector import LOCK_KEY
from infra.postgres.projecting.view_rows import VIEWS
from infra.postgres.queries import queries

LATE_WORKSPACES_MAX: Final = 100
"""In how many workspaces the oldest event is looked for that waits for its views."""
UNBUILT_WORKSPACES_MAX: Final = 1000
"""Up to how many workspaces are counted whose views have yet to be built."""
_SQL: Final = queries("views")


class HowFar(msgspec.Struct, frozen=True, kw_only=True):
    """How far the views of all workspaces are behind the log.

    `waiting_since`: when the oldest event was recorded that they have yet to take in. `beyond`: how
    many workspaces have views beyond the end of their log. `faulted`: in how many workspaces each
    view stopped. `unbuilt`: how many workspaces have views that this release cannot read, because
    they have yet to be built in its form, as after an upgrade; at most `UNBUILT_WORKSPACES_MAX`.
    `is_projected`: whether some process brings the views forward.
    """

    workspaces: int
    lag_events: int
    waiting_since: datetime | None
    beyond: int
    faulted: dict[str, int]
    unbuilt: int
    is_projected: bool

    def lag_seconds(self, now: datetime) -> float:
        """For how long the oldest event has waited for its views."""
        since = self.waiting_since
        return 0.0 if since is None else max(0.0, (now - since).total_seconds())


class Watch:
    """Looks at every workspace at once, in two statements whatever their number."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool

    async def how_far(self) -> HowFar:
        """How it stands now; StoreUnavailable when the server is away, LogReplaced when it is
        another's."""
        async with connected(self.pool) as connection:
            found = await connection.fetchrow(
                _SQL["how_far"],
                LATE_WORKSPACES_MAX,
                [view.name for view in VIEWS],
                [view.form for view in VIEWS],
                UNBUILT_WORKSPACES_MAX,
            )
            is_projected = await connection.fetchval(_SQL["projecting"], LOCK_KEY)
        workspaces, lag_events, since, beyond, faulted, unbuilt = found
        return HowFar(
            workspaces=workspaces,
            lag_events=lag_events,
            waiting_since=since,
            beyond=beyond,
            faulted=dict(Counter(faulted)),
            unbuilt=unbuilt,
            is_projected=is_projected,
        )

    async def astray(self) -> str | None:
        """The first workspace whose views stand where its log has another event, or none."""
        async with connected(self.pool) as connection:
            found: str | None = await connection.fetchval(_SQL["astray"])
        return found
