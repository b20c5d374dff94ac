"""The peers of the appending benchmark, each durable and with its best settings: the library's
recorder, UmaDB, and pgbench's one-row INSERT."""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import umadb
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.persistence import IntegrityError
from eventsourcing.postgres import PostgresDatastore

from benchmarks.contest import DATA_BYTES, Deed, Round, deeds, in_threads
from benchmarks.server import database
from infra.postgres.embedded import PROGRAMS

PROBE_SECONDS = 0.5
START_SECONDS_MAX = 20
SPARE_RATE = 20_000
"""Events a second for which work is made beforehand, for a peer that is not known yet."""
LIBRARY_THREADS = (2, 4, 8, 16)
PGBENCH_TABLE = """\
CREATE TABLE plain (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, type text, data text, tags text[])"""
PGBENCH_SCRIPT = "INSERT INTO plain (type, data, tags) VALUES (:type, :data, :tags);"


class Library:
    """`PostgresDCBRecorderTT` of the eventsourcing library, with as many threads and connections as
    suit it best: appends hold a lock of the table, so that is few."""

    name = "eventsourcing 9.5, PostgresDCBRecorderTT"

    def __init__(self) -> None:
        self._url = urlsplit(database())
        self._recorders: dict[int, PostgresDCBRecorderTT] = {}
        self._best: dict[tuple[int, int], int] = {}
        self._rates: dict[tuple[int, int], float] = {}

    def run(self, callers: int, seconds: float, batch: int) -> Round:
        """A round with the number of threads that was best in a first try of each."""
        if (callers, batch) not in self._best:
            sizes = [size for size in LIBRARY_THREADS if size <= callers] or [callers]
            tries = {
                size: self._run(size, PROBE_SECONDS, batch, SPARE_RATE / batch) for size in sizes
            }
            self._best[callers, batch] = max(tries, key=lambda size: tries[size].rate)
            self._rates[callers, batch] = max(one.rate for one in tries.values())
        rate = self._rates[callers, batch] * 2
        return self._run(self._best[callers, batch], seconds, batch, rate)

    def threads(self, callers: int, batch: int) -> int:
        """How many threads were best."""
        return self._best[callers, batch]

    def _run(self, threads: int, seconds: float, batch: int, rate: float) -> Round:
        recorder = self._recorder(threads)
        work = deeds(batch, int(rate * seconds) + 10)

        def append(deed: Deed) -> bool:
            try:
                recorder.append(deed.events, deed.condition)
            except IntegrityError:
                return False
            return True

        return in_threads(lambda _: append, threads, work, seconds)

    def _recorder(self, threads: int) -> PostgresDCBRecorderTT:
        if threads not in self._recorders:
            datastore = PostgresDatastore(
                dbname=self._url.path.lstrip("/"),
                host=parse_qs(self._url.query)["host"][0],
                port=5432,
                user="postgres",
                password="",
                pool_size=threads,
            )
            recorder = PostgresDCBRecorderTT(datastore)
            if not self._recorders:
                recorder.create_table()
            self._recorders[threads] = recorder
        return self._recorders[threads]

    def stored(self) -> int:
        """How many events its table holds."""
        recorder = next(iter(self._recorders.values()))
        return recorder.read(limit=None).head or 0

    def close(self) -> None:
        """Let go of its connections."""
        for recorder in self._recorders.values():
            recorder.datastore.close()


class UmaDB:
    """The server of UmaDB as a process of its own, with its Python client in a thread per caller,
    and whichever of its writers and ways of sharing clients is best."""

    name = "UmaDB 0.7"

    def __init__(self) -> None:
        self._servers = {piped: _UmaServer(pipelined=piped) for piped in (False, True)}
        self._best: dict[tuple[int, int], tuple[bool, bool]] = {}
        self._rates: dict[tuple[int, int], float] = {}

    def run(self, callers: int, seconds: float, batch: int) -> Round:
        """A round with the settings that were best in a first try of each."""
        if (callers, batch) not in self._best:
            rates = {}
            for piped in self._servers:
                for shared in (False, True) if callers > 1 else (True,):
                    tried = self._run(
                        (piped, shared), callers, PROBE_SECONDS, batch, SPARE_RATE / batch
                    )
                    rates[piped, shared] = tried.rate
            self._best[callers, batch] = max(rates, key=lambda way: rates[way])
            self._rates[callers, batch] = max(rates.values())
        way = self._best[callers, batch]
        return self._run(way, callers, seconds, batch, self._rates[callers, batch] * 2)

    def way(self, callers: int, batch: int) -> str:
        """Which settings were best, in words."""
        piped, shared = self._best[callers, batch]
        writer = "pipelined writer" if piped else "plain writer"
        return f"{writer}, {'one client' if shared else 'a client per thread'}"

    def _run(
        self, way: tuple[bool, bool], callers: int, seconds: float, batch: int, rate: float
    ) -> Round:
        server, shared = self._servers[way[0]], way[1]
        work = deeds(batch, int(rate * seconds) + 10)
        made = {deed.claim: _for_umadb(deed) for deed in work}

        def caller(number: int) -> Callable[[Deed], bool]:
            client = server.client(0 if shared else number)

            def append(deed: Deed) -> bool:
                try:
                    client.append(*made[deed.claim])
                except umadb.IntegrityError:
                    return False
                return True

            return append

        return in_threads(caller, callers, work, seconds)

    def stored(self) -> int:
        """How many events its servers hold together."""
        return sum(server.client(0).head() or 0 for server in self._servers.values())

    def close(self) -> None:
        """Stop the servers and remove their files."""
        for server in self._servers.values():
            server.close()


class _UmaServer:
    def __init__(self, *, pipelined: bool) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="a20-"))
        self._clients: dict[int, umadb.Client] = {}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        program = "import umadb.umadb_server_cli as cli; cli.main()"
        options = ["--listen", address, "--db-path", str(self._folder / "uma.db")]
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, *options, "--pipelined-writer", str(pipelined).lower()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._url = f"http://{address}"
        ends_at = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                self.client(0).head()
                return
            except umadb.TransportError:
                if time.monotonic() > ends_at:
                    self.close()
                    raise
                time.sleep(0.05)

    def client(self, number: int) -> umadb.Client:
        """A client, kept for later rounds."""
        if number not in self._clients:
            self._clients[number] = umadb.Client(self._url)
        return self._clients[number]

    def close(self) -> None:
        """Stop the process and remove its files."""
        for client in self._clients.values():
            with suppress(umadb.TransportError):
                client.close()
        self._process.terminate()
        self._process.wait(START_SECONDS_MAX)
        shutil.rmtree(self._folder)


def _for_umadb(deed: Deed) -> tuple[list[umadb.Event], umadb.AppendCondition]:
    events = [umadb.Event(one.type, one.data, one.tags, uuid4()) for one in deed.events]
    query = umadb.Query([umadb.QueryItem(tags=[deed.claim])])
    return events, umadb.AppendCondition(query)


class Pgbench:
    """The plainest durable log: pgbench's prepared INSERT of one row of the same size, with one
    index, without conditions, keys or tags to find."""

    name = "pgbench, prepared one-row INSERT"

    def __init__(self) -> None:
        self._dsn = database()
        self._url = urlsplit(self._dsn)
        self._folder = Path(tempfile.mkdtemp(prefix="a20-"))
        (self._folder / "script").write_text(PGBENCH_SCRIPT)
        self._psql(PGBENCH_TABLE)

    def run(self, callers: int, seconds: float, batch: int) -> Round:
        """A round of whole seconds, at least one, each caller a client of its own."""
        whole = max(1, round(seconds))
        subprocess.run(
            [
                *(str(PROGRAMS / "pgbench"), "-n", "-M", "prepared", "-c", str(callers)),
                *("-j", str(min(callers, 2)), "-T", str(whole), "-f", "script", "-l"),
                *("-D", "type=statement_of_criticism.v1", "-D", f"data={'x' * DATA_BYTES}"),
                *("-D", "tags={claim:contest-000000001,gov:FIN,gov:POL,treaty:APMBC}"),
                *self._server(),
            ],
            cwd=self._folder,
            capture_output=True,
            check=True,
        )
        waits = []
        for log in self._folder.glob("pgbench_log.*"):
            waits += [int(line.split()[2]) / 1e6 for line in log.read_text().splitlines()]
            log.unlink()
        return Round(len(waits), 0, whole, sorted(waits))

    def stored(self) -> int:
        """How many rows the table holds."""
        return int(self._psql("SELECT count(*) FROM plain"))

    def close(self) -> None:
        """Remove its files."""
        shutil.rmtree(self._folder)

    def _psql(self, statement: str) -> str:
        command = [str(PROGRAMS / "psql"), "-qAt", "-c", statement, *self._server()]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def _server(self) -> list[str]:
        host = parse_qs(self._url.query)["host"][0]
        return ["-h", host, "-U", "postgres", self._url.path.lstrip("/")]
