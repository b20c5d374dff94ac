"""The log over HTTP: its events in order, as they were recorded; nothing is interpreted, and only
the contents of internal notes are kept from those who merely read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.openapi.spec import Schema
from litestar.types import ControllerRouterHandler

from domain.campaign_events import INTERNAL
from domain.errors import BeyondLog
from services.api.asking import POSITION, Asked, is_held, json_answer, number
from services.api.claims import link_next
from services.api.describing import INTEGER, MIN_POSITION, Field, route
from services.api.serving import Served
from services.wiring import AuditLine, StoredEvent, opened

WORKS: Final = "contributor"
"""The role from which on internal notes are read."""
QUERY: Final = (
    Field(
        name="after",
        says="Events after this position; from the first one unless given.",
        schema=Schema(type=INTEGER, minimum=0),
    ),
    Field(
        name="limit",
        says="How many events a page holds at most.",
        schema=Schema(type=INTEGER, minimum=1),
    ),
    MIN_POSITION,
)


class LogEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event: where, when and by whom it was recorded, its stable type, tags and contents, which
    are null where they are internal and who asks only reads. `backfilled` marks an event brought in
    after it was known."""

    position: int
    id: UUID
    type: str
    recorded_at: datetime
    recorded_by: str
    backfilled: bool
    tags: tuple[str, ...]
    data: dict[str, Any] | None


class LogPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events in order, and the last position of the log when they were read."""

    head: int
    events: tuple[LogEvent, ...]


@get("/api/v1/events", **route("viewer", query=QUERY))
async def read_events(request: Request[Any, Any, Any], serving: Served) -> Response[LogPage]:
    """The log after a position; pages follow by the header `Link`."""
    asked = Asked(request, serving)
    most = serving.settings.page_events_max
    after = number(asked.query, "after", 0)
    limit = min(number(asked.query, "limit", most, least=1), most)
    may_work = asked.principal.may(WORKS)
    await asked.wait()
    batch = await serving.house.store.read(asked.workspace, after=after, limit=limit)
    serving.saw(asked.workspace, batch.head)
    if after > batch.head:
        raise BeyondLog(position=after, head=batch.head)
    headers = {
        POSITION: str(batch.head),
        "Cache-Control": "private, no-cache",
        "ETag": asked.tag(batch.head, int(may_work)),
    }
    if is_held(request.scope, headers["ETag"]):
        return json_answer(None, 304, headers)
    if batch.events:
        line = AuditLine(action="log_read", by=asked.principal.by, subject="/api/v1/events")
        serving.house.audit.looked(asked.workspace, line)
    last = batch.events[-1].position if batch.events else after
    if batch.events and last < batch.head:
        headers |= link_next("/api/v1/events", asked.query, after=str(last))
    page = LogPage(
        head=batch.head, events=tuple(_event(stored, may_work) for stored in batch.events)
    )
    return json_answer(page, 200, headers)


def _event(stored: StoredEvent, may_work: bool) -> LogEvent:
    is_shown = may_work or stored.type not in INTERNAL
    found = opened(stored)
    return LogEvent(
        position=stored.position,
        id=stored.id,
        type=stored.type,
        recorded_at=stored.recorded_at,
        recorded_by=stored.recorded_by,
        backfilled=found.known_since < found.recorded_at,
        tags=stored.tags,
        data=msgspec.to_builtins(found.event) if is_shown else None,
    )


ROUTES: Final[Sequence[ControllerRouterHandler]] = (read_events,)
