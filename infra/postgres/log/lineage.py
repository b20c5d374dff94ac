"""Remembers the last event this process knows of each log, and refuses a log that has another one
there: it was restored from an older backup, or belongs to somebody else. It never reads a log for
any other end.

No server can be replaced under an open connection, so each new connection is looked at and no
other: appends and reads cost nothing more.
"""

import logging
from datetime import datetime
from typing import Any, Final

from domain.errors import Article20Error
from infra.postgres.queries import queries

WORKSPACES_REMEMBERED_MAX: Final = 1000
"""Those that something was heard of last."""
_SQL: Final = queries("log")
_log: Final = logging.getLogger(__name__)


class LogReplaced(Article20Error):
    """The log is not the one this process has known: an older backup was restored, or another
    database stands in its place. Stop every process of article20, prove the log with `article20
    verify`, and start them again."""

    slug, status, retryable = "log-replaced", 503, True


class Lineage:
    """What one process remembers; `replaced` once it has met another log."""

    def __init__(self) -> None:
        self.replaced = False
        self._last: dict[str, tuple[int, datetime]] = {}

    def saw(self, workspace: str, position: int, recorded_at: datetime | None) -> None:
        """Remember an event that is durable, unless a later one is remembered."""
        known = self._last.pop(workspace, (0, None))
        if recorded_at is not None and position > known[0]:
            known = (position, recorded_at)
        if known[1] is not None:
            self._last[workspace] = (known[0], known[1])
        if len(self._last) > WORKSPACES_REMEMBERED_MAX:
            del self._last[next(iter(self._last))]

    def last(self, workspace: str) -> int:
        """The position of the event remembered, 0 for none."""
        return self._last.get(workspace, (0, None))[0]

    async def check(self, connection: Any) -> None:
        """Look whether a new connection leads to the log remembered; LogReplaced where it does
        not, and ever after."""
        if not self.replaced and self._last:
            workspaces = list(self._last)
            positions = [self._last[name][0] for name in workspaces]
            moments = [self._last[name][1] for name in workspaces]
            other = await connection.fetchval(_SQL["unlike"], workspaces, positions, moments)
            if other is not None:
                self.replaced = True
                position = self._last[other][0]
                _log.critical("the log of %s has another event at %d, or none", other, position)
        if self.replaced:
            raise LogReplaced()
