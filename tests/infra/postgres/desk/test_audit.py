"""The audit list in the store: added to, never changed, paged, and no burden to readers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from infra.postgres.desk import audit as module
from infra.postgres.desk.audit import (
    Audit,
    AuditLine,
    LineFilter,
    add_lines,
)
from infra.postgres.log.store import EventStore
from infra.postgres.migrate import APP_ROLE, OWNER_ROLE, SCHEMA
from infra.postgres.scope import Entered
from tests.conftest import WORKSPACE

OTHER = "neighbours"
AT = datetime(2026, 2, 19, 9, 10, tzinfo=UTC)
OPENED = AuditLine(action="claim_opened", by="person:1", subject="claim:a")


@pytest.fixture
async def audit(pool: asyncpg.Pool, store: EventStore) -> Audit:
    """The audit list of two workspaces."""
    await store.add_workspace(OTHER)
    return Audit(pool)


async def listed(audit: Audit, workspace: str = WORKSPACE, **asked: Any) -> list[AuditLine]:
    """Every line that fits, newest first."""
    return await audit.lines(workspace, LineFilter(**asked), after=None, limit=1000)


@pytest.fixture
async def admin_(dsn: str) -> AsyncIterator[Any]:
    """A connection of the superuser."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": SCHEMA})
    yield connection
    await connection.close()


@pytest.mark.parametrize("role", [APP_ROLE, OWNER_ROLE, "postgres"])
async def test_no_line_is_changed_by_anyone(audit: Audit, admin_: Any, role: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused to the application by its rights, and to the owner
    and the superuser by a trigger."""
    await audit.write(WORKSPACE, OPENED)
    refusal = (
        asyncpg.InsufficientPrivilegeError
        if role == APP_ROLE
        else asyncpg.IntegrityConstraintViolationError
    )
    await admin_.execute(f"SET ROLE {role}")
    await admin_.execute("SELECT set_config('article20.workspace', $1, false)", WORKSPACE)
    for change in (
        "UPDATE audit SET detail = ''",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE false",
        "TRUNCATE audit",
    ):
        with pytest.raises(refusal):
            await admin_.execute(change)
    assert len(await listed(audit)) == 1


async def test_a_workspace_sees_its_own_lines(audit: Audit, admin_: Any) -> None:
    """Lines of one workspace are neither listed for another nor written from it."""
    await audit.write(WORKSPACE, OPENED)
    assert await listed(audit, OTHER) == []
    await admin_.execute(f"SET ROLE {APP_ROLE}")
    await admin_.execute("SELECT set_config('article20.workspace', $1, false)", OTHER)
    assert await admin_.fetch("TABLE audit") == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await admin_.execute(
            "INSERT INTO audit (workspace, at, action, done_by, subject, detail)"
            " VALUES ('coalition', now(), 'decided', '', '', '')"
        )


async def test_a_list_is_paged_without_gaps(audit: Audit, pool: asyncpg.Pool) -> None:
    """Pages, either way, hold each line once, also where many share one moment."""
    given = [
        AuditLine(action="decided", by="person:1", subject=f"claim:{n}", at=AT + timedelta(n // 5))
        for n in range(23)
    ]
    async with Entered(pool, WORKSPACE) as connection:
        await add_lines(connection, WORKSPACE, given)
    orders = []
    for oldest in (False, True):
        found: list[AuditLine] = []
        after = None
        while page := await audit.lines(
            WORKSPACE, LineFilter(), after=after, limit=4, oldest=oldest
        ):
            found += page
            after = AuditLine.read_cursor(page[-1].cursor)
        assert sorted(line.subject for line in found) == sorted(line.subject for line in given)
        orders.append([line.id for line in found])
    assert orders[0] == orders[1][::-1]


async def test_a_list_is_narrowed(audit: Audit, pool: asyncpg.Pool) -> None:
    """By action, by whom, by subject and by days, each alone and together."""
    given = [
        AuditLine(action="decided", by="person:1", subject="claim:a", at=AT),
        AuditLine(action="exported", by="person:2", subject="/claims", at=AT + timedelta(1)),
        AuditLine(action="decided", by="person:2", subject="claim:b", at=AT + timedelta(2)),
    ]
    async with Entered(pool, WORKSPACE) as connection:
        await add_lines(connection, WORKSPACE, given)

    async def subjects(**asked: Any) -> list[str]:
        return [line.subject for line in await listed(audit, **asked)]

    assert await subjects(actions=("decided",)) == ["claim:b", "claim:a"]
    assert await subjects(by="person:2") == ["claim:b", "/claims"]
    assert await subjects(subject="claim:a") == ["claim:a"]
    assert await subjects(since=AT + timedelta(1), until=AT + timedelta(2)) == ["/claims"]
    assert await subjects(actions=("decided",), by="person:2") == ["claim:b"]


async def test_looks_are_written_once_and_later(audit: Audit) -> None:
    """Noting a look writes nothing at once; the same look again within a while leaves no further
    line, another person's does."""
    for _ in range(50):
        audit.looked(WORKSPACE, OPENED)
    audit.looked(WORKSPACE, AuditLine(action="claim_opened", by="person:2", subject="claim:a"))
    assert await listed(audit) == []
    await audit.flush()
    assert sorted(line.by for line in await listed(audit)) == ["person:1", "person:2"]


async def test_lines_left_out_are_told(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more lines come than may wait, how many were left out stands in the list itself."""
    monkeypatch.setattr(module, "LINES_WAITING_MAX", 3)
    for number in range(5):
        audit.note(WORKSPACE, AuditLine(action="claim_opened", by="person:1", subject=str(number)))
    await audit.flush()
    found = await listed(audit)
    assert len(found) == 4
    assert [line.detail for line in found if line.action == "lines_left_out"] == ["2 lines"]


async def test_a_long_line_is_cut(audit: Audit) -> None:
    """What is longer than a line holds is cut, so that no address makes a line fail."""
    await audit.write(
        WORKSPACE,
        AuditLine(action="exported", by="person:1", subject="/" * 999, detail="x\0" * 999),
    )
    (line,) = await listed(audit)
    assert (len(line.subject), len(line.detail)) == (300, 250)
