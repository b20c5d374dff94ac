"""Proves that the log of a workspace is sound by itself, or names the first fault; it looks at no
view and never mends.

Pages are read as columns and compared as a whole: each event is decoded, and the tags that follow
from it are those it carries. Where something is odd about a page, it is read again row by row to
name the first fault.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from operator import gt
from typing import Any, Final

from domain.errors import UndecodableEvent
from domain.events import tags_of
from domain.sheaf import SEPARATOR
from infra.postgres.log.pages import PAGE_BYTES_MAX, SLICE_EVENTS, Page, page_of
from infra.postgres.log.store import (
    PAGE_EVENTS_COLUMNS,
    EventStore,
    StoredEvent,
    asked,
    opened,
    snapshot,
)
from infra.postgres.proving.identifier_proof import Sequel, is_known
from infra.postgres.proving.row_proof import fault
from infra.postgres.queries import queries

PAGE_EVENTS: Final = PAGE_EVENTS_COLUMNS
"""How many events of the log are checked at a time."""
RESTORE: Final = "Restore the newest backup that verifies"
OVERLAP: Final = timedelta(days=1)
"""For how long a release before this one may go on recording beside it, with random ids."""
_OF_EVENTS: Final = "\x1e"
_SQL: Final = queries("verify")


async def prove_log(
    store: EventStore, connection: Any, workspace: str, head: int
) -> AsyncIterator[int]:
    """Prove every event up to the head, as the snapshot of a connection sees them, telling how far
    that is; Unsound names the first fault.

    Positions without gaps, moments that never run backwards, every event decodable and under its
    tags, keys that stand each for events of their own and together for all, and ids that belong to
    their keys.
    """
    # What is appended never changes: it need not be seen at the same moment.
    aside = asyncio.create_task(_check_aside(store.pool, workspace, head))
    since = await connection.fetchval(_SQL["sealed_since"])
    checked = _Checked(None if since is None else since + OVERLAP)
    try:
        async for _ in _read(store, connection, workspace, checked, head):
            yield checked.position
        if checked.position != head:
            raise fault(checked.position + 1, "the event is missing", RESTORE)
        if await aside != (checked.sequel.beginnings, checked.sequel.events):
            await _check_seals(connection, workspace)
    finally:
        aside.cancel()
        await asyncio.gather(aside, return_exceptions=True)


async def _check_aside(pool: Any, workspace: str, head: int) -> tuple[int, int]:
    """What the server can check while events are read: tags, then keys. How many appends up to the
    head begin with a sealed id, and how many events they have."""
    async with snapshot(pool, workspace) as connection:
        await connection.execute(_SQL["unhurried"])
        await _check_tags(connection, workspace, head)
        return await _check_keys(connection, workspace, head)


async def _read(
    store: EventStore, connection: Any, workspace: str, checked: "_Checked", head: int
) -> AsyncIterator[None]:
    """Check the events up to `head`, page by page.

    They are read as columns, each page while the one before is checked; what is odd about a page is
    found by reading it again row by row.
    """
    coming = await asked(_page(connection, workspace, 0, head))
    try:
        while page := await coming:
            columns, tags, ids = page
            if columns.last < head:
                coming = await asked(_page(connection, workspace, columns.last, head))
            if not checked.take_page(columns, tags, ids):
                after, left = checked.position, columns.last - checked.position
                rows = await store.read(workspace, after=after, limit=max(left, 1))
                checked.take(rows.events)
            yield
            if columns.last >= head:
                return
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _page(
    connection: Any, workspace: str, after: int, until: int
) -> tuple[Page, list[str], bytes] | None:
    """Events after a position as columns, the tags each of them carries, and their ids; None for
    none."""
    limit = min(PAGE_EVENTS, until - after)
    row = await connection.fetchrow(_SQL["proof_page"], workspace, after, limit, PAGE_BYTES_MAX)
    *columns, tags, ids = row
    page = page_of(*columns)
    return (page, tags.split(_OF_EVENTS), ids) if page.last else None


class _Checked:
    """The checks of every event in turn, and how far they are."""

    def __init__(self, sealed_from: datetime | None) -> None:
        """`sealed_from`: the moment from which no random id may stand in the log; None for
        always."""
        self.sequel = Sequel(sealed_from)
        self.position = 0
        self.recorded_at = datetime.min.replace(tzinfo=UTC)

    def take_page(self, page: Page, tags: list[str], ids: bytes) -> bool:
        """Check a page that follows the ones before; False where something is odd about it: then
        only the events before that are taken."""
        moments = page.moments
        if (
            not self.sequel.take(ids, moments)
            or page.first != self.position + 1
            or page.last - page.first + 1 != page.size
            or moments[0] < self.recorded_at
            or any(map(gt, moments, moments[1:]))
            or not page.is_even
        ):
            return False
        try:
            for start, some in enumerate(page.slices()):
                carried = tags[start * SLICE_EVENTS : (start + 1) * SLICE_EVENTS]
                if [SEPARATOR.join(tags_of(one.event)) for one in some] != carried:
                    return False
                self.position, self.recorded_at = some[-1].position, some[-1].recorded_at
        except UndecodableEvent:
            return False
        return True

    def take(self, page: list[StoredEvent]) -> None:
        """Check a page of events that follow the ones before; Unsound names the first fault."""
        for stored in page:
            expected = self.position + 1
            if stored.position != expected:
                raise fault(expected, f"the next event stands at {stored.position}", RESTORE)
            if stored.recorded_at < self.recorded_at:
                what = f"recorded at {stored.recorded_at}, before the event before it"
                raise fault(expected, what, RESTORE)
            self.position, self.recorded_at = stored.position, stored.recorded_at
            self._check(stored)

    def _check(self, stored: StoredEvent) -> None:
        if SEPARATOR in stored.recorded_by:
            raise fault(stored.position, "its author holds a control character", RESTORE)
        if not is_known(stored.id, stored.recorded_at, self.sequel.sealed_from):
            raise fault(stored.position, f"its id {stored.id} is none that the log gave", RESTORE)
        try:
            recorded = opened(stored)
        except UndecodableEvent as error:
            remedy = "Run the release that wrote it, or a newer one"
            raise fault(stored.position, str(error).rstrip("."), remedy) from error
        expected = tags_of(recorded.event)
        if sorted(stored.tags) != sorted(expected):
            what = f"its tags are {', '.join(stored.tags)} and should be {', '.join(expected)}"
            raise fault(stored.position, what, RESTORE)


async def _check_tags(connection: Any, workspace: str, head: int) -> None:
    carried = await connection.fetchrow(_SQL["tags_of_events"], workspace, head)
    kept = await connection.fetchrow(_SQL["tags_of_rows"], workspace, head)
    if tuple(carried) == tuple(kept):
        return
    found = await connection.fetchrow(_SQL["first_tag_fault"], workspace, head)
    if found is None:
        return  # some event carries a tag twice
    what = "has a row that no event carries" if found["is_surplus"] else "has no row"
    raise fault(found["position"], f"tag {found['tag']!r} {what}", RESTORE)


async def _check_keys(connection: Any, workspace: str, head: int) -> tuple[int, int]:
    """How many appends up to the head begin with a sealed id, and how many events they have."""
    seen = await connection.fetchrow(_SQL["keys_beside_events"], workspace, head)
    if not seen["is_whole"]:
        found = await connection.fetchrow(_SQL["first_key_fault"], workspace)
        stands = f"{found['first']} to {found['last']}"
        what = f"key {found['key']!r} stands for {stands}, which are not its own"
        if found["key"] is None:
            what = f"no idempotency key stands for {stands}"
        raise fault(found["first"], what, RESTORE)
    if not seen["is_intact"]:
        await _check_seals(connection, workspace)
    return seen["beginnings"], seen["events"]


async def _check_seals(connection: Any, workspace: str) -> None:
    found = await connection.fetchrow(_SQL["first_seal_fault"], workspace)
    if found is None:
        return  # two ids happen to follow one another
    what = "its id does not go on from the one before it, with which it was appended"
    if found["is_first"]:
        what = f"its id, its key {found['key']!r} and the hash of its request do not fit"
    raise fault(found["position"], what, RESTORE)
