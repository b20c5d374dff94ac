"""Feeds of a workspace and the drafts their entries become, as rows; it asks no address and makes
no claim."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import msgspec

from domain.errors import Article20Error
from infra.feed_reading import Entry
from infra.postgres.desk.audit import PROGRAM, Action, tell
from infra.postgres.log.store import NoWorkspace
from infra.postgres.queries import queries
from infra.postgres.scope import Entered, constraint

FEED_NAME: Final = "^[a-z0-9][a-z0-9._-]{0,62}$"
ERROR_CHARS_MAX: Final = 400
_SQL: Final = queries("feeds")


class FeedExists(Article20Error):
    """A feed {feed!r}, or one at this address, is there already. See `article20 feed list`."""

    slug, status = "feed-exists", 409


class FeedNotFound(Article20Error):
    """There is no feed {feed!r} in workspace {workspace!r}. See `article20 feed list`."""

    slug, status = "feed-not-found", 404


class InvalidFeed(Article20Error):
    """{feed!r} cannot name a feed. Use up to 63 small letters, digits, dots, dashes and
    underscores, beginning with a letter or digit."""

    slug, status = "invalid-feed", 422


class DraftNotFound(Article20Error):
    """There is no draft {draft} that waits in workspace {workspace!r}; somebody may have recorded
    or dismissed it."""

    slug, status = "draft-not-found", 404


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as lists show it. `title` is its own, once it was read; `failures`: how often in a row
    it could not be, and `last_error` why."""

    feed: str
    url: str
    title: str
    created_at: datetime
    polled_at: datetime | None
    next_poll_at: datetime
    etag: str | None
    last_modified: str | None
    failures: int
    last_error: str | None
    disabled_at: datetime | None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that waits for a person, or what became of it: `claim` is what was made of it, and
    None with `decided_at` means that it was dismissed."""

    draft: UUID
    feed: str
    guid: str
    title: str
    link: str
    language: str
    summary: str
    published_on: date | None
    created_at: datetime
    claim: str | None = None
    decided_at: datetime | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How asking a feed went: when it is asked next, what is sent along then, and what failed."""

    next_seconds: float
    title: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0
    error: str | None = None
    is_gone: bool = False


class Feeds:
    """Adds, lists and switches feeds, and keeps their drafts."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool

    async def add(self, workspace: str, feed: str, url: str, *, by: str = PROGRAM) -> Feed:
        """Add a feed whose address was checked; it is asked soon."""
        if not re.fullmatch(FEED_NAME, feed):
            raise InvalidFeed(feed=feed[:80])
        try:
            async with Entered(self.pool, workspace) as connection:
                row = await connection.fetchrow(_SQL["add_feed"], workspace, feed, url)
                await tell(connection, workspace, "feed_added", by, f"feed:{feed}")
        except asyncpg.IntegrityConstraintViolationError as error:
            if constraint(error) in ("feed_pkey", "feed_url_once"):
                raise FeedExists(feed=feed) from error
            if constraint(error) == "workspace_exists":
                raise NoWorkspace(workspace=workspace) from error
            raise
        return _feed(row)

    async def listed(self, workspace: str) -> list[Feed]:
        """The feeds of a workspace by name, disabled ones included."""
        async with Entered(self.pool, workspace) as connection:
            return [_feed(row) for row in await connection.fetch(_SQL["feeds"], workspace)]

    async def switch(self, workspace: str, feed: str, *, on: bool, by: str = PROGRAM) -> Feed:
        """Let a feed be asked, soon, or no longer; FeedNotFound."""
        async with Entered(self.pool, workspace) as connection:
            row = await connection.fetchrow(_SQL["switch_feed"], workspace, feed, on)
            if row is None:
                raise FeedNotFound(feed=feed[:80], workspace=workspace)
            action: Action = "feed_enabled" if on else "feed_disabled"
            await tell(connection, workspace, action, by, f"feed:{feed}")
        return _feed(row)

    async def take_due(
        self, workspace: str, *, lease_seconds: float, limit: int, feed: str | None = None
    ) -> list[Feed]:
        """The feeds that are due, or the one named whenever it is due, for this process alone
        until the lease is over."""
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(_SQL["take_due"], workspace, lease_seconds, limit, feed)
        return [_feed(row) for row in rows]

    async def polled(self, workspace: str, feed: str, asked: Asked) -> None:
        """Keep how asking a feed went."""
        async with Entered(self.pool, workspace) as connection:
            await connection.execute(
                _SQL["polled"],
                workspace,
                feed,
                asked.next_seconds,
                asked.title,
                asked.etag,
                asked.last_modified,
                asked.failures,
                None if asked.error is None else asked.error[:ERROR_CHARS_MAX],
                asked.is_gone,
            )

    async def add_drafts(
        self,
        workspace: str,
        feed: str,
        entries: Sequence[Entry],
        *,
        language: str,
        waiting_max: int,
    ) -> tuple[int, bool]:
        """Keep entries that are new as drafts; how many there were, and whether as many wait as
        may, so that some may have been left out. An entry is known by its id for ever."""
        once = list({entry.guid: entry for entry in reversed(entries)}.values())[::-1]
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(
                _SQL["add_drafts"],
                workspace,
                feed,
                [uuid4() for _entry in once],
                [entry.guid for entry in once],
                [entry.title for entry in once],
                [entry.link for entry in once],
                [entry.summary for entry in once],
                language,
                [entry.published_on for entry in once],
                waiting_max,
            )
            waiting = await connection.fetchval(_SQL["feed_waiting"], workspace, feed)
        return len(rows), waiting >= waiting_max

    async def drafts(self, workspace: str, *, limit: int) -> tuple[int, list[Draft]]:
        """How many drafts wait, and the newest of them."""
        async with Entered(self.pool, workspace) as connection:
            count = await connection.fetchval(_SQL["drafts_waiting"], workspace)
            rows = await connection.fetch(_SQL["drafts"], workspace, limit)
        return count, [_draft(row) for row in rows]

    async def draft(self, workspace: str, draft: UUID) -> Draft:
        """One draft, whatever became of it; DraftNotFound."""
        async with Entered(self.pool, workspace) as connection:
            row = await connection.fetchrow(_SQL["draft"], workspace, draft)
        if row is None:
            raise DraftNotFound(draft=draft, workspace=workspace)
        return _draft(row)

    async def decide(self, workspace: str, draft: UUID, *, claim: str | None, by: str) -> Draft:
        """Complete a draft with the claim made of it, or dismiss it with None; DraftNotFound where
        it waits no longer."""
        async with Entered(self.pool, workspace) as connection:
            row = await connection.fetchrow(_SQL["decide_draft"], workspace, draft, claim, by)
        if row is None:
            raise DraftNotFound(draft=draft, workspace=workspace)
        return _draft(row)


def _feed(row: Any) -> Feed:
    return Feed(**dict(row))


def _draft(row: Any) -> Draft:
    return Draft(**{**dict(row), "draft": UUID(bytes=row["draft"].bytes)})
