"""The audit list of a workspace: who decided, looked, exported, logged in, invited; lines are only
ever added, hold no text of a claim and no secret, and never make a reader wait."""

import asyncio
import logging
from collections import OrderedDict, defaultdict, deque
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

import asyncpg
import msgspec

from domain.errors import Article20Error, InvalidQuestion
from infra.postgres.pool import UNREACHABLE
from infra.postgres.queries import queries
from infra.postgres.scope import Entered

Action = Literal[
    "decided",
    "campaign_decided",
    "claim_opened",
    "claims_listed",
    "log_read",
    "exported",
    "logged_in",
    "login_refused",
    "logged_out",
    "logins_ended",
    "left_quickly",
    "invited",
    "invitation_withdrawn",
    "joined",
    "person_added",
    "role_changed",
    "disabled",
    "enabled",
    "password_changed",
    "token_created",
    "token_revoked",
    "source_added",
    "source_rotated",
    "source_disabled",
    "source_enabled",
    "source_trusted",
    "source_limited",
    "feed_added",
    "feed_disabled",
    "feed_enabled",
    "lines_left_out",
]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
PROGRAM: Final = "program"
"""Who did it, where it was done with the program on the machine itself."""
NOBODY: Final = ""
PAUSE_SECONDS: Final = 0.25
"""How long lines gather before they are written together."""
LINES_BATCH_MAX: Final = 1000
LINES_WAITING_MAX: Final = 20_000
LOOKS_KEPT_MAX: Final = 50_000
LOOK_SECONDS: Final = 900.0
"""Somebody who looks at the same thing again within this time leaves no further line."""
SUBJECT_CHARS_MAX: Final = 300
DETAIL_CHARS_MAX: Final = 500
_SQL: Final = queries("audit")
_log: Final = logging.getLogger(__name__)


class AuditLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line: who did what to what. `by` and `subject` are opaque ids; `at` is None for now."""

    action: Action
    by: str
    subject: str = ""
    detail: str = ""
    at: datetime | None = None
    id: UUID | None = None

    @property
    def cursor(self) -> str:
        """Where a list goes on after this line, as an address carries it."""
        return f"{self.at.isoformat() if self.at else ''}~{self.id}"

    @staticmethod
    def read_cursor(text: str) -> tuple[datetime, UUID] | None:
        """The place that an address names, None where it names none; InvalidQuestion."""
        if not text:
            return None
        moment, _, line = text.partition("~")
        try:
            found = datetime.fromisoformat(moment), UUID(line)
            if found[0].tzinfo is None:
                raise ValueError("no offset")
        except ValueError:
            detail = "follow the links of the list"
            raise InvalidQuestion(parameter="cursor", value=text[:80], detail=detail) from None
        return found


class LineFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are asked for; None lets everything through. `until` is not in it."""

    actions: tuple[Action, ...] | None = None
    by: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def tell(
    connection: Any, workspace: str, action: Action, by: str, subject: str, detail: str = ""
) -> None:
    """Write one line within a transaction."""
    line = AuditLine(action=action, by=by, subject=subject, detail=detail)
    await add_lines(connection, workspace, [line])


async def add_lines(connection: Any, workspace: str, lines: Sequence[AuditLine]) -> None:
    """Write lines within a transaction, so that they stand if, and only if, their matter does."""
    await connection.execute(
        _SQL["add_lines"],
        workspace,
        [line.at for line in lines],
        [line.action for line in lines],
        [line.by for line in lines],
        [line.subject[:SUBJECT_CHARS_MAX] for line in lines],
        [line.detail[:DETAIL_CHARS_MAX].replace("\0", "") for line in lines],
    )


class Audit:
    """Writes lines behind the answers, and lists them; one per process."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool
        self._waiting: deque[tuple[str, AuditLine]] = deque()
        self._left_out: dict[str, int] = defaultdict(int)
        self._looks: OrderedDict[tuple[str, str, str, str], float] = OrderedDict()
        self._task: asyncio.Task[None] | None = None

    async def write(self, workspace: str, line: AuditLine) -> None:
        """Write a line before going on; StoreUnavailable when it cannot be written."""
        async with Entered(self.pool, workspace) as connection:
            await add_lines(connection, workspace, [line])

    def note(self, workspace: str, line: AuditLine) -> None:
        """Write a line soon; where too many wait it is left out, which a line of its own tells."""
        if len(self._waiting) >= LINES_WAITING_MAX:
            self._left_out[workspace] += 1
            return
        self._waiting.append((workspace, msgspec.structs.replace(line, at=datetime.now(UTC))))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_soon())

    def looked(self, workspace: str, line: AuditLine) -> None:
        """Note that somebody looked at something, once in `LOOK_SECONDS`."""
        now = asyncio.get_running_loop().time()
        key = (workspace, line.by, line.action, line.subject)
        if now - self._looks.get(key, -LOOK_SECONDS) < LOOK_SECONDS:
            return
        self._looks[key] = now
        self._looks.move_to_end(key)
        if len(self._looks) > LOOKS_KEPT_MAX:
            self._looks.popitem(last=False)
        self.note(workspace, line)

    async def flush(self) -> None:
        """Wait until everything noted so far is written."""
        if self._task is not None:
            await asyncio.wait({self._task})
        while self._waiting:
            await self._write_waiting()

    async def lines(
        self,
        workspace: str,
        asked: LineFilter,
        *,
        after: tuple[datetime, UUID] | None,
        limit: int,
        oldest: bool = False,
    ) -> list[AuditLine]:
        """Lines that fit, newest or oldest first, `limit` at most, after the one named."""
        moment, line = after if after is not None else (None, None)
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(
                _SQL["oldest_lines" if oldest else "newest_lines"],
                workspace,
                asked.actions,
                asked.by,
                asked.subject,
                asked.since,
                asked.until,
                moment,
                line,
                limit,
            )
        return [
            AuditLine(
                action=row["action"],
                by=row["done_by"],
                subject=row["subject"],
                detail=row["detail"],
                at=row["at"],
                id=UUID(bytes=row["line"].bytes),
            )
            for row in rows
        ]

    async def _write_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(PAUSE_SECONDS)
            await self._write_waiting()

    async def _write_waiting(self) -> None:
        by_workspace: dict[str, list[AuditLine]] = defaultdict(list)
        for _ in range(min(len(self._waiting), LINES_BATCH_MAX)):
            workspace, line = self._waiting.popleft()
            by_workspace[workspace].append(line)
        for workspace, count in self._left_out.items():
            told = AuditLine(action="lines_left_out", by=NOBODY, detail=f"{count} lines")
            by_workspace[workspace].append(told)
        self._left_out.clear()
        for workspace, lines in by_workspace.items():
            try:
                async with Entered(self.pool, workspace) as connection:
                    await add_lines(connection, workspace, lines)
            except (Article20Error, asyncpg.PostgresError, *UNREACHABLE) as error:
                # Told by a line as soon as one can be written again.
                self._left_out[workspace] += len(lines)
                _log.warning("audit lines were not written: %s", type(error).__name__)
