"""Follows the log of a workspace from any position, for as long as it is listened to; it never
skips an event, never repeats one, and keeps no position but its own.

What comes next is always read from the log, after the last position that was given out: positions
have no gaps and stand in commit order, so nothing can appear behind it. Notifications only say when
to look; one that is lost costs a moment, and so does a server that goes away and comes back.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Final

from domain.dcb import DCBQuery
from domain.errors import Article20Error, StoreUnavailable
from infra.postgres.listener import APPENDED, POLL_SECONDS, Listener
from infra.postgres.log.store import EventStore, StoredEvent

PAGE_EVENTS: Final = 1000
"""How many events are given out at a time, at most."""
RETRY_PAUSE_SECONDS: Final = 0.25
"""How long it waits before it asks a store again that was away."""
_log: Final = logging.getLogger(__name__)


class LogWentBack(Article20Error):
    """The log of {workspace!r} ends at position {head}, but was read up to {position} before: an
    older backup was restored. Whoever follows it must begin anew."""

    slug, status = "log-went-back", 409


async def follow(
    store: EventStore,
    listener: Listener,
    workspace: str,
    query: DCBQuery | None = None,
    *,
    after: int = 0,
    page_events: int = PAGE_EVENTS,
    poll_seconds: float = POLL_SECONDS,
) -> AsyncGenerator[list[StoredEvent]]:
    """Every event after a position that matches a query, in order, as it comes; pages are never
    empty.

    While the store is away it waits for it. Whoever stops may begin again after the last position
    taken. LogWentBack when the log has become shorter than what was seen of it; NoWorkspace,
    Unstorable for a question that cannot be asked.
    """
    is_away = False
    while True:
        # Taken before looking, so that what is appended while looking wakes at once.
        turn = listener.turn(APPENDED, workspace)
        try:
            batch = await store.read(workspace, query, after=after, limit=page_events)
        except StoreUnavailable as error:
            if not is_away:
                _log.warning("cannot follow %s for now: %s", workspace, error)
            is_away = True
            await asyncio.sleep(RETRY_PAUSE_SECONDS)
            continue
        is_away = False
        if batch.head < after:
            raise LogWentBack(workspace=workspace, head=batch.head, position=after)
        if batch.events:
            after = batch.events[-1].position
            yield batch.events
        if len(batch.events) == page_events:
            continue
        # Up to the head that was seen with them nothing else matches.
        after = max(after, batch.head)
        try:
            async with asyncio.timeout(poll_seconds):
                await turn.wait()
        except TimeoutError:
            pass
