"""Deliveries of webhook sources and what became of them, noted in batches behind the answers and
kept for a bounded time; it never makes a sender wait and never keeps what could not be verified."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from domain.errors import Article20Error
from domain.sheaf import LIST_SEPARATOR
from infra.postgres.pool import UNREACHABLE
from infra.postgres.queries import queries
from infra.postgres.scope import Entered

PAUSE_SECONDS: Final = 0.25
"""How long deliveries gather before they are written together."""
PRUNE_SECONDS: Final = 60.0
BATCH_DELIVERIES_MAX: Final = 1000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SQL: Final = queries("deliveries")
_log: Final = logging.getLogger(__name__)


class DeliveryNotFound(Article20Error):
    """There is no delivery {delivery} in workspace {workspace!r}; they are kept for a bounded time.
    See `article20 webhook-source deliveries`."""

    slug, status = "delivery-not-found", 404


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery as lists show it.

    `status`: what HTTP answered. `reason`: the last part of the problem's type where it was
    refused, with `detail` in words; None where it was taken. `claim` and `position`: what was
    recorded, or stood already. `has_body`: whether it can be replayed; `replayed_at`: when it last
    was, with the outcome of that.
    """

    delivery: UUID
    source: str
    received_at: datetime
    webhook_id: str
    media_type: str
    body_bytes: int
    status: int
    reason: str | None = None
    detail: str | None = None
    claim: str | None = None
    position: int | None = None
    has_body: bool = False
    replayed_at: datetime | None = None


class SourceCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many deliveries of a source were taken and refused, and when the last one came."""

    taken: int = 0
    refused: int = 0
    last_at: datetime | None = None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery with what is needed to take it again: the body, the attributes of an event in
    headers, and whether a batch was all or nothing."""

    noted: Noted
    body: bytes | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    is_atomic: bool = False


class Arrived(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A delivery as it is noted: what `Noted` and `Held` say of it; the store numbers it, in the
    order of arrival."""

    source: str
    received_at: datetime
    webhook_id: str
    media_type: str
    body_bytes: int
    status: int
    reason: str | None
    detail: str | None
    claim: str | None
    position: int | None
    is_atomic: bool
    body: bytes | None
    attributes: tuple[tuple[str, str], ...]


class DeliveryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries are asked for; None leaves a condition out."""

    source: str | None = None
    refused: bool | None = None
    reason: str | None = None
    webhook_id: str | None = None
    claim: str | None = None


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how much is kept."""

    days_max: int
    bodies_days_max: int
    bodies_bytes_max: int
    waiting_max: int


class Deliveries:
    """Notes deliveries and answers for them; one per process."""

    def __init__(self, pool: Any, bounds: Bounds) -> None:
        self.pool, self.bounds = pool, bounds
        self.left_out = 0
        """How many were not noted, because more came than could be written."""
        self._waiting: deque[tuple[str, Arrived]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._pruned: dict[str, float] = {}

    def note(self, workspace: str, arrived: Arrived) -> None:
        """Note a delivery soon; where too many wait, it is left out and counted."""
        if len(self._waiting) >= self.bounds.waiting_max:
            self.left_out += 1
            return
        self._waiting.append((workspace, arrived))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_soon())

    async def flush(self) -> None:
        """Wait until everything noted so far is written."""
        if self._task is not None:
            await asyncio.wait({self._task})
        while self._waiting:
            await self._write_waiting()

    async def listed(
        self,
        workspace: str,
        asked: DeliveryFilter,
        *,
        before: UUID | None,
        limit: int,
        oldest: bool = False,
    ) -> list[Noted]:
        """Deliveries that fit, newest first, or oldest first where `oldest` is asked for; `limit`
        at most, those that the order has behind the one named by `before`."""
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(
                _SQL["deliveries_oldest" if oldest else "deliveries"],
                workspace,
                asked.source,
                asked.refused,
                asked.reason,
                asked.webhook_id,
                asked.claim,
                before,
                limit,
            )
        return [_noted(row) for row in rows]

    async def counts(self, workspace: str, *, days: int) -> dict[str, SourceCounts]:
        """What each source delivered in the last `days`, by its name."""
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(_SQL["counts"], workspace, days)
        return {
            row["source"]: SourceCounts(
                taken=row["taken"], refused=row["refused"], last_at=row["last_at"]
            )
            for row in rows
        }

    async def held(self, workspace: str, delivery: UUID) -> Held:
        """One delivery with its body, where it is kept; DeliveryNotFound."""
        async with Entered(self.pool, workspace) as connection:
            row = await connection.fetchrow(_SQL["delivery"], workspace, delivery)
        if row is None:
            raise DeliveryNotFound(delivery=delivery, workspace=workspace)
        names = row["attributes"] or ()
        return Held(
            noted=_noted(row),
            body=row["body"],
            attributes=tuple(zip(names[::2], names[1::2], strict=True)),
            is_atomic=row["is_atomic"],
        )

    async def replayed(self, workspace: str, noted: Noted) -> None:
        """Keep what became of a delivery that was taken again; the body goes once it was taken."""
        async with Entered(self.pool, workspace) as connection:
            await connection.execute(
                _SQL["replayed"],
                workspace,
                noted.delivery,
                noted.status,
                noted.reason,
                noted.detail,
                noted.claim,
                noted.position,
                noted.reason is not None,
            )

    async def prune(self, workspace: str) -> None:
        """Let go of what is older than the bounds, and of the oldest bodies beyond their size."""
        bounds = self.bounds
        async with Entered(self.pool, workspace) as connection:
            await connection.execute(_SQL["prune_rows"], workspace, bounds.days_max)
            await connection.execute(
                _SQL["prune_bodies"], workspace, bounds.bodies_days_max, bounds.bodies_bytes_max
            )

    async def _write_soon(self) -> None:
        while self._waiting:
            # Where many come, no pause: a full batch waits already.
            if len(self._waiting) < BATCH_DELIVERIES_MAX:
                await asyncio.sleep(PAUSE_SECONDS)
            await self._write_waiting()

    async def _write_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        by_workspace: dict[str, list[Arrived]] = defaultdict(list)
        for _ in range(min(len(self._waiting), BATCH_DELIVERIES_MAX)):
            workspace, arrived = self._waiting.popleft()
            by_workspace[workspace].append(arrived)
        for workspace, several in by_workspace.items():
            try:
                await self._write(workspace, several)
                if loop.time() >= self._pruned.get(workspace, 0.0):
                    self._pruned[workspace] = loop.time() + PRUNE_SECONDS
                    await self.prune(workspace)
            except (Article20Error, asyncpg.PostgresError, *UNREACHABLE) as error:
                # The claims themselves are safe in the log; this is the record of their coming.
                self.left_out += len(several)
                _log.warning("deliveries were not noted: %s", type(error).__name__)

    async def _write(self, workspace: str, several: Sequence[Arrived]) -> None:
        async with Entered(self.pool, workspace) as connection:
            await connection.execute(_SQL["note"], workspace, *_columns(several))


def _columns(several: Sequence[Arrived]) -> tuple[Any, ...]:
    """Deliveries as the query `note` takes them: what every one has in texts, which the driver
    sends much faster than arrays; the rest, which few have, as arrays, None where nobody has it."""
    return (
        LIST_SEPARATOR.join([one.source for one in several]),
        _numbers([(one.received_at - _EPOCH) // _MICROSECOND for one in several]),
        LIST_SEPARATOR.join([one.webhook_id for one in several]),
        _texts([one.media_type for one in several]),
        _numbers([one.body_bytes for one in several]),
        _numbers([one.status for one in several]),
        _texts([one.claim for one in several]),
        _numbers([one.position for one in several]),
        _listed([one.reason for one in several]),
        _listed([one.detail for one in several]),
        _listed([_flat(one.attributes) for one in several]),
        _listed([one.is_atomic or None for one in several]),
        _listed([one.body for one in several]),
    )


def _texts(texts: Sequence[str | None]) -> str:
    """Texts as one, each ended by the separator, which none may hold; empty for None."""
    kept = [text.replace(LIST_SEPARATOR, " ") if text else "" for text in texts]
    return LIST_SEPARATOR.join([*kept, ""])


def _numbers(numbers: Sequence[int | None]) -> str:
    """Numbers in the text form of an array."""
    return f"{{{','.join(['NULL' if one is None else str(one) for one in numbers])}}}"


def _listed(values: Sequence[Any]) -> Sequence[Any] | None:
    return values if any(one is not None for one in values) else None


def _flat(attributes: Sequence[tuple[str, str]]) -> str | None:
    """Pairs as one text: ragged arrays have no form of their own in PostgreSQL."""
    return "\x1f".join(part for pair in attributes for part in pair) if attributes else None


def _noted(row: Any) -> Noted:
    return Noted(
        delivery=UUID(bytes=row["delivery"].bytes),
        source=row["source"],
        received_at=row["received_at"],
        webhook_id=row["webhook_id"],
        media_type=row["media_type"],
        body_bytes=row["body_bytes"],
        status=row["status"],
        reason=row["reason"],
        detail=row["detail"],
        claim=row["claim"],
        position=row["position"],
        has_body=row["has_body"],
        replayed_at=row["replayed_at"],
    )
