"""The embedded PostgreSQL among several processes that come, go and are killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from domain.errors import SetupRefused
from infra.postgres import embedded

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
def folder() -> Iterator[Path]:
    """A data folder with a short name, because a socket's path is short."""
    with TemporaryDirectory(prefix="a20-") as name:
        yield Path(name)


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
    process.communicate("\n", timeout=30)
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


def test_a_folder_that_cannot_be_written_is_refused(folder: Path) -> None:
    """One line says which folder it is, and what to do."""
    (folder / "file").touch()
    with pytest.raises(SetupRefused, match="ARTICLE20_DATA_DIR"):
        embedded.start(folder / "file")
