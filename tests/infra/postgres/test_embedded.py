"""The embedded PostgreSQL among several processes that come, go and are killed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from domain.errors import SetupRefused
from infra.postgres import embedded
from infra.postgres.pool import open_pool

USER = """
import sys
from pathlib import Path
from infra.postgres import embedded
server = embedded.start(Path(sys.argv[1]))
print("using", flush=True)
sys.stdin.readline()
server.close()
"""


@pytest.fixture
def empty() -> Iterator[Path]:
    """A data folder with nothing in it and a short name, because a socket's path is short."""
    with TemporaryDirectory(prefix="a20-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data folder whose server was made and stopped, to be copied."""
    with TemporaryDirectory(prefix="a20-") as name:
        embedded.start(Path(name)).close()
        yield Path(name)


@pytest.fixture
def folder(made: Path, empty: Path) -> Path:
    """A data folder of one's own whose server was made and stopped."""
    subprocess.run(["cp", "-a", made / embedded.FOLDER, empty], check=True)
    return empty


def use(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the server of a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "using\n"
    return process


def leave(process: subprocess.Popen[str]) -> None:
    """Let another process close the server and end."""
    process.communicate("\n", timeout=120)
    assert process.returncode == 0


def pid(folder: Path) -> int | None:
    """The process id of the running server, or None."""
    try:
        found = int((folder / embedded.FOLDER / "postmaster.pid").read_text().splitlines()[0])
        os.kill(found, 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return found


def test_the_last_to_leave_stops_the_server(folder: Path) -> None:
    """Whoever came first may leave first: the server runs until nobody uses it."""
    first, second = use(folder), use(folder)
    running = pid(folder)
    assert running is not None
    leave(first)
    assert pid(folder) == running
    third = embedded.start(folder)
    leave(second)
    assert pid(folder) == running
    third.close()
    third.close()
    assert pid(folder) is None


def test_a_killed_user_leaves_nothing_behind(folder: Path) -> None:
    """When every user was killed, the next one finds the server, uses it, and stops it."""
    killed = use(folder)
    running = pid(folder)
    killed.kill()
    killed.communicate()
    assert pid(folder) == running
    server = embedded.start(folder)
    assert pid(folder) == running
    server.close()
    assert pid(folder) is None


def test_a_folder_that_cannot_be_written_is_refused(empty: Path) -> None:
    """One line says which folder it is, and what to do."""
    (empty / "file").touch()
    with pytest.raises(SetupRefused, match="ARTICLE20_DATA_DIR"):
        embedded.start(empty / "file")


def asked(dsn: str, question: str) -> object:
    """The answer of the server to a question."""

    async def asking() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(asking())


def test_it_is_durable_and_reached_by_its_socket_alone(folder: Path) -> None:
    """Nothing is traded for speed, no port is opened, and others on the machine are kept out."""
    server = embedded.start(folder)
    settings = "SELECT string_agg(current_setting(name), ' ') FROM unnest(ARRAY[%s]) AS s (name)"
    names = "'fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'jit'"
    assert asked(server.dsn, settings % names) == "on on on on off"
    assert asked(server.dsn, "SHOW wal_segment_size") == f"{embedded.WAL_SEGMENT_MIB}MB"
    assert asked(server.dsn, "SHOW listen_addresses") == ""
    assert (folder / embedded.FOLDER / embedded.SOCKET).stat().st_mode & 0o077 == 0
    assert asked(server.dsn, "SELECT datcollversion IS NOT NULL FROM pg_database LIMIT 1")
    with pytest.raises(SetupRefused, match="article20 migrate"):
        asyncio.run(open_pool(server.dsn))
    server.close()


def test_a_second_start_finds_what_was_there(folder: Path) -> None:
    """Everything committed is back."""
    server = embedded.start(folder)
    asked(server.dsn, "CREATE TABLE kept AS SELECT 20 AS article")
    server.close()
    server = embedded.start(folder)
    assert asked(server.dsn, "SELECT article FROM kept") == 20
    server.close()


def test_a_killed_server_is_started_again(folder: Path) -> None:
    """After SIGKILL its process id, its shared memory and its children don't stand in the way, and
    everything committed is back."""
    server = embedded.start(folder)
    asked(server.dsn, "CREATE TABLE kept AS SELECT 20 AS article")
    killed = pid(folder)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    again = embedded.start(folder)
    assert pid(folder) != killed
    assert asked(again.dsn, "SELECT article FROM kept") == 20
    server.close()
    again.close()


def test_a_process_id_that_became_another_is_no_obstacle(folder: Path) -> None:
    """A file left by a killed server may name a process id that now belongs to something else."""
    data = folder / embedded.FOLDER
    left = [str(os.getpid()), str(data), "1", "5432", str(data), "", "  1 1", "ready   ", ""]
    (data / "postmaster.pid").write_text("\n".join(left))
    server = embedded.start(folder)
    assert pid(folder) != os.getpid()
    server.close()


def test_a_lock_that_came_with_a_backup_is_no_obstacle(
    folder: Path, server: embedded.EmbeddedServer
) -> None:
    """A backup brings the lock of a socket along, whose process may be another server by now."""
    pid = (server.folder / "postmaster.pid").read_text().splitlines()[0]
    lock = folder / embedded.FOLDER / f"{embedded.SOCKET}.lock"
    lock.write_text(f"{pid}\n{folder}\n1\n5432\n\n\n")
    embedded.start(folder).close()
    assert not lock.exists()


def test_a_making_that_was_broken_off_is_begun_again(empty: Path) -> None:
    """A cluster is in place only once it is whole; half of one is thrown away."""
    half = empty / f"{embedded.FOLDER}.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = embedded.start(empty)
    assert asked(server.dsn, "SELECT 20") == 20
    assert not half.exists()
    server.close()


def test_the_data_of_another_release_is_left_alone(empty: Path) -> None:
    """A folder of another major version is refused with what to do, and not touched."""
    data = empty / embedded.FOLDER
    data.mkdir()
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(SetupRefused, match="PostgreSQL 17"):
        embedded.start(empty)
    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]


def test_a_data_folder_may_have_a_long_path(folder: Path) -> None:
    """A socket's path is short; where the folder's is not, the socket lies elsewhere."""
    long = folder / ("long" * 30)
    long.mkdir()
    (folder / embedded.FOLDER).rename(long / embedded.FOLDER)
    server = embedded.start(long)
    assert asked(server.dsn, "SELECT 20") == 20
    elsewhere = Path(parse_qs(urlsplit(server.dsn).query)["host"][0])
    assert elsewhere.stat().st_mode & 0o077 == 0
    server.close()
    assert not elsewhere.exists()


def test_a_server_that_does_not_start_says_why(folder: Path) -> None:
    """One line with the program that failed and the file to read."""
    with (folder / embedded.FOLDER / "postgresql.conf").open("a") as configuration:
        configuration.write("shared_buffers = 'much'\n")
    with pytest.raises(SetupRefused, match="postgres/log"):
        embedded.start(folder)
