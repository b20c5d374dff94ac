"""`import` that ends before it is through: what it recorded by then is said in its one line, with
the way on and the way back."""

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from infra.postgres import embedded
from infra.postgres.desk.imports import Imports
from infra.postgres.pool import open_pool
from tests.services.cli.program import STOP_SECONDS_MAX, Ended, Program, started
from tests.services.cli.test_files import CLAIM, lines, workspace

CLAIMS = 9_000
"""Several appends of an import."""
WAIT_SECONDS_MAX = 60
READ_BYTES = 1024 * 1024
HEARD_SECONDS = 0.3
HOLD = "SELECT head FROM article20.workspace WHERE workspace = $1 FOR UPDATE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> $1
"""
NUMBER = r"[\d,]+"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of more claims than one append takes."""
    path = tmp_path_factory.mktemp("import") / "many.jsonl"
    path.write_text(lines(*(CLAIM | {"id": f"c{n}"} for n in range(CLAIMS))))
    return path


@asynccontextmanager
async def held_up(dsn: str, name: str) -> AsyncIterator[asyncpg.Connection]:
    """Nothing is appended to a workspace until the block ends."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.fetchval(HOLD, name)
            yield connection
    finally:
        await connection.close()


async def somebody_waits(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not await connection.fetchval(WAITING):  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.05)
    await connection.close()


async def ran(article20: Program, *arguments: str | Path) -> Ended:
    """How the program ended, as a process of its own; this one goes on meanwhile."""
    return await asyncio.to_thread(article20.spawn, *arguments)


async def kept(dsn: str, name: str) -> tuple[int, bool]:
    """How many claims the one import of a workspace brought by what is kept of it, and whether it
    was broken off."""
    pool = await open_pool(dsn)
    try:
        (one,) = await Imports(pool).latest(name, 10)
    finally:
        pool.terminate()
    return one.recorded, bool(one.problem)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_import_that_is_ended_says_what_it_recorded_and_how_to_go_on(
    article20: Program, server: embedded.EmbeddedServer, many: Path, number: signal.Signals
) -> None:
    """Ctrl-C or a polite end by another: one line says how many claims were recorded,
    no more and no fewer than there are, and the command that takes them back. Importing again
    brings the rest, once; the import is among the others on their page meanwhile."""
    name = f"ended-{int(number)}"
    await ran(article20, "workspace", "add", name)
    arguments = ("import", str(many), "--workspace", name)
    async with held_up(server.dsn, name) as connection:
        with started(article20, *arguments) as process:
            await somebody_waits(server.dsn)
            process.send_signal(number)
            await asyncio.sleep(HEARD_SECONDS)
            await connection.execute("COMMIT; BEGIN")
            _, said = await asyncio.to_thread(process.communicate, timeout=STOP_SECONDS_MAX)
    assert process.returncode == 1
    told = re.fullmatch(
        rf"article20: stopped before it was done\. ({NUMBER}) of 9,000 claims were recorded: "
        r"import the file again for the rest, nothing is recorded twice, or take them back with "
        rf"`article20 (import --undo \w+ --workspace {name})`\.",
        said.splitlines()[-1],
    )
    assert told, said
    recorded = int(told[1].replace(",", ""))
    assert 0 < recorded < CLAIMS
    assert await kept(server.dsn, name) == (recorded, True)
    again = json.loads((await ran(article20, *arguments, "--format", "json")).stdout)
    assert (again["new"], again["already_there"]) == (CLAIMS - recorded, recorded)
    assert await kept(server.dsn, name) == (CLAIMS, False)
    undo = told[2].split()
    async with held_up(server.dsn, name) as connection:
        with started(article20, *undo) as process:
            await somebody_waits(server.dsn)
            process.send_signal(number)
            await asyncio.sleep(HEARD_SECONDS)
            await connection.execute("COMMIT; BEGIN")
            _, said = await asyncio.to_thread(process.communicate, timeout=STOP_SECONDS_MAX)
    assert said.splitlines()[-1].endswith(f" Do it again for what is left: `article20 {told[2]}`.")
    undone = json.loads((await ran(article20, *undo, "--format", "json")).stdout)
    assert undone["retracted"] + undone["already"] == CLAIMS


async def test_an_import_whose_store_goes_away_says_what_it_recorded(
    article20: Program, server: embedded.EmbeddedServer, many: Path
) -> None:
    """Where the connection is lost for good, the line says what is there for certain, what may be,
    and the way on; the next run finds it out."""
    await ran(article20, "workspace", "add", "lost")
    arguments = ("import", many, "--workspace", "lost")
    beside = await asyncpg.connect(server.dsn.replace("/postgres?", "/template1?"))
    try:
        async with held_up(server.dsn, "lost") as connection:
            running = asyncio.create_task(ran(article20, *arguments))
            await somebody_waits(server.dsn)
            await beside.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false")
            await beside.fetch(TERMINATE, connection.get_server_pid())
            ended = await running
    finally:
        await beside.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS true")
        await beside.close()
    assert ended.returncode == 1
    line = ended.stderr.splitlines()[-1]
    assert line.startswith("article20: The store does not answer")
    said = rf" 0 of 9,000 claims were recorded, perhaps as many as {NUMBER}: import the file again"
    assert re.search(said, line), line
    again = json.loads((await ran(article20, *arguments, "--format", "json")).stdout)
    assert again["new"] == CLAIMS


def test_an_import_that_is_ended_while_it_is_checked_recorded_nothing(
    article20: Program, tmp_path: Path
) -> None:
    """Until every line is checked nothing is recorded, and whoever ends it then is told so."""
    name = workspace(article20, "checking")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with started(article20, "import", str(pipe), "--workspace", name) as process:
        with pipe.open("w") as writing:
            writing.write(" " * READ_BYTES)  # more than a pipe holds: it has to have begun
            writing.flush()
            process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=STOP_SECONDS_MAX)
    assert process.returncode == 1
    assert said.strip() == "article20: stopped before it was done. Nothing was recorded."
