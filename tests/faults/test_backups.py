"""The backups and restores that the documents describe, run as they stand there, while the log
goes on."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from infra.postgres import embedded
from infra.postgres.embedded import PROGRAMS
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool
from infra.shipped import chronology_path
from tests import clusters
from tests.conftest import WORKSPACE
from tests.faults.proof import Acknowledged, load, prove
from tests.house.tree import ROOT
from tests.infra.postgres.filling import append, claim
from tests.services.cli.program import Program, program_folder

BLOCK = re.compile(r"^```sh ([\w-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP_SECONDS_MAX = 120
PAUSE_SECONDS = 0.02
"""How long each caller waits: a log that grows all the while is enough, however fast it does."""
OTHER = "neighbours"
GUARDS = """
SELECT relname, relowner::regrole::text, relrowsecurity, relforcerowsecurity,
    ARRAY(SELECT item::text FROM unnest(relacl) item ORDER BY 1)
FROM pg_class WHERE relnamespace = 'article20'::regnamespace AND relkind IN ('r', 'v', 'S', 'p')
UNION ALL
SELECT oid::regprocedure::text, proowner::regrole::text, prosecdef, proleakproof,
    ARRAY(SELECT item::text FROM unnest(proacl) item ORDER BY 1) || proconfig
FROM pg_proc WHERE pronamespace = 'article20'::regnamespace
UNION ALL
SELECT polname, polrelid::regclass::text, polpermissive, true,
    polroles::regrole[]::text[] || polcmd::text || pg_get_expr(polqual, polrelid)
    || pg_get_expr(polwithcheck, polrelid)
FROM pg_policy
UNION ALL
SELECT tgname, tgrelid::regclass::text, tgenabled <> 'D', tgisinternal,
    ARRAY[pg_get_triggerdef(oid)]
FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1, 2, 5
"""
"""Everything that says who may do what: owners, grants, policies, triggers."""


@pytest.fixture
def program() -> Iterator[Program]:
    """The program with a data folder of its own, where nothing runs between two commands."""
    with program_folder() as found:
        (found.data_dir / "backup").mkdir()
        yield found


async def run(program: Program, name: str, **environ: str) -> str:
    """What a block of the document prints; any failure in it is one of the whole."""
    document = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    commands = program.data_dir / "commands"
    commands.mkdir(exist_ok=True)
    article20 = commands / "article20"
    article20.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m services.cli "$@"\n')
    article20.chmod(0o755)
    path = ":".join(map(str, (commands, Path(sys.executable).parent, PROGRAMS)))
    known = {"PATH": f"{path}:{os.environ['PATH']}", "BACKUP": str(program.data_dir / "backup")}
    ended = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-eu", "-c", dict(BLOCK.findall(document))[name]],
        env=program.environ | known | {"ARTICLE20_WORKSPACE": WORKSPACE} | environ,
        cwd=program.data_dir,
        capture_output=True,
        text=True,
        check=False,
        timeout=STEP_SECONDS_MAX,
    )
    log = program.data_dir / "postgres" / "log"
    said = log.read_text(encoding="utf-8")[-2000:] if log.exists() else ""
    assert ended.returncode == 0, f"{name}: {ended.stdout}\n{ended.stderr}\n{said}"
    return str(ended.stdout)


async def fill(program: Program, dsn: str) -> None:
    """Record the chronology in one workspace and a claim in another."""
    wanted = ("import", chronology_path(), "--database-url", dsn)
    ended = await asyncio.to_thread(program.spawn, *wanted, ARTICLE20_WORKSPACE=WORKSPACE)
    assert ended.returncode == 0, ended.stderr
    pool = await open_pool(dsn)
    await EventStore(pool).add_workspace(OTHER)
    appender = Appender(pool)
    await append(appender, OTHER, [claim("theirs")])
    await appender.close()
    await pool.close()


async def recorded(dsn: str) -> list[Any]:
    """The events of both workspaces, read as the application reads them."""
    pool = await open_pool(dsn)
    store = EventStore(pool)
    pages = [page for name in (WORKSPACE, OTHER) async for page in store.stream(name)]
    await pool.close()
    return [event for page in pages for event in page]


async def guards(dsn: str) -> list[Any]:
    """Who may do what in a database."""
    admin = await asyncpg.connect(dsn)
    found = await admin.fetch(GUARDS)
    await admin.close()
    return [tuple(row) for row in found]


async def defend(dsn: str) -> None:
    """Assert that the application's role sees one workspace and changes nothing recorded."""
    pool = await open_pool(dsn)
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM article20.event") == 0
        await connection.execute("SELECT set_config('article20.workspace', $1, false)", OTHER)
        seen = await connection.fetch("SELECT DISTINCT workspace FROM article20.event")
        assert [row[0] for row in seen] == [OTHER]
        for change in ("DELETE FROM article20.event", "UPDATE article20.event SET workspace = 'x'"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
    pool.terminate()


async def test_the_embedded_server_is_backed_up_and_restored(program: Program) -> None:
    """A backup taken under load and put in the place of a log that went on holds everything that
    was acknowledged before it, proves sound and is guarded as before."""
    clusters.copied(program.data_dir)
    server = await asyncio.to_thread(embedded.start, program.data_dir)
    dsn = server.dsn
    await fill(program, dsn)
    (program.data_dir / "secret_key").write_text("a key that is kept")
    before, guarded = await recorded(dsn), await guards(dsn)
    pool, acknowledged = await open_pool(dsn), Acknowledged()
    appender = Appender(pool)
    async with load(appender, acknowledged, pause_seconds=PAUSE_SECONDS) as more:
        await more(50)
        safe = dict(acknowledged)
        await run(program, "backup-embedded")
        await more(50)
    await appender.close()
    await pool.close()
    server.close()

    (program.data_dir / "secret_key").unlink()
    assert "is sound up to position" in await run(program, "restore-embedded")
    assert (program.data_dir / "secret_key").read_text() == "a key that is kept"
    server = await asyncio.to_thread(embedded.start, program.data_dir)
    after = await recorded(dsn)
    assert [*after[: len(before) - 1], after[-1]] == before
    assert len(after) < len(before) + len(acknowledged)
    assert await guards(dsn) == guarded
    await defend(dsn)
    await prove(dsn, safe)
    server.close()


async def test_a_server_of_ones_own_is_restored_on_another(program: Program, dsn: str) -> None:
    """A dump taken under load and restored on a server that never had article20 holds everything
    that was acknowledged before it, proves sound and is guarded as before."""
    await fill(program, dsn)
    before, guarded = await recorded(dsn), await guards(dsn)
    pool, acknowledged = await open_pool(dsn), Acknowledged()
    appender = Appender(pool)
    async with load(appender, acknowledged, pause_seconds=PAUSE_SECONDS) as more:
        await more(50)
        safe = dict(acknowledged)
        await run(program, "backup-external", ARTICLE20_DATABASE_URL=dsn)
        await more(50)
    await appender.close()
    await pool.close()

    server = await asyncio.to_thread(embedded.start, program.data_dir)
    await clusters.hurry(server.dsn)
    restored = server.dsn.replace("/postgres?", "/article20_restored?")
    known = {"SERVER_URL": server.dsn, "RESTORED_URL": restored}
    await run(program, "restore-external-roles", **known)
    assert "is sound up to position" in await run(program, "restore-external", **known)
    after = await recorded(restored)
    assert [*after[: len(before) - 1], after[-1]] == before
    assert len(after) < len(before) + len(acknowledged)
    assert await guards(restored) == guarded
    await defend(restored)
    await prove(restored, safe)
    server.close()
