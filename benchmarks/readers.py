"""Readers of one and the same history, ours and its peers': each gives out every event in order as
its typed struct; none of them folds or measures."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import msgspec
import umadb
import uvloop
from eventsourcing.dcb.msgpack import MessagePackMapper
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.postgres import PostgresDatastore
from eventsourcing.utils import get_topic

from benchmarks.histories import encoded
from benchmarks.server import SEED, WORKSPACE
from benchmarks.timing import free_port
from domain.events import EVENT_TYPES, Recorded
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool

LIBRARY_PAGE_EVENTS = 10_000
UMADB_LOAD_EVENTS = 2_000
START_SECONDS_MAX = 20
Take = Callable[[Iterable[Any]], None]
"""What is done with the events of a page, which have the type and fields of ours; they are decoded
as they are taken, which is quickest."""


class Ours:
    """Our log, by `EventStore.recorded`, on the loop the product runs on; like its peers it is
    connected before anything is measured."""

    def __init__(self, dsn: str) -> None:
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._pool = self._runner.run(open_pool(dsn, connections_max=2))
        self._runner.run(EventStore(self._pool).head(WORKSPACE))

    def read(self, take: Callable[[list[Recorded]], None]) -> None:
        """Give out its events, some at a time."""

        async def read() -> None:
            async for some in EventStore(self._pool).recorded(WORKSPACE):
                take(some)

        self._runner.run(read())

    def close(self) -> None:
        """Let go of its connections."""
        self._runner.run(self._pool.close())
        self._runner.close()


def copied(dsn: str) -> int:
    """How many bytes `COPY … TO STDOUT` gives for what a reader needs of the log; nothing is
    decoded."""

    async def copy() -> int:
        connection = await asyncpg.connect(dsn)
        size = 0

        async def count(piece: bytes) -> None:
            nonlocal size
            size += len(piece)

        await connection.copy_from_query(
            "SELECT position, type, data, recorded_at, recorded_by FROM article20.event"
            " WHERE workspace = $1 ORDER BY position",
            WORKSPACE,
            output=count,
            format="binary",
        )
        await connection.close()
        return size

    return uvloop.run(copy())


class Library:
    """`PostgresDCBRecorderTT` and the MessagePack mapper of the library, over a table of its own in
    the same database, read in pages of a size that suits it."""

    name = "eventsourcing 9.5, PostgresDCBRecorderTT and its mapper"

    def __init__(self, dsn: str, events: int) -> None:
        url = urlsplit(dsn)
        self._datastore = PostgresDatastore(
            dbname=url.path.lstrip("/"),
            host=parse_qs(url.query)["host"][0],
            port=5432,
            user="postgres",
            password="",
        )
        self._recorder = PostgresDCBRecorderTT(self._datastore)
        self._recorder.create_table()
        asyncio.run(self._fill(dsn, events))
        self._mapper = MessagePackMapper()

    async def _fill(self, dsn: str, events: int) -> None:
        """Its table of events with ours, under its own names of types; reading uses no other."""
        topics = {name: get_topic(shape) for name, shape in EVENT_TYPES.items()}
        connection = await asyncpg.connect(dsn)
        await connection.copy_records_to_table(
            self._recorder.events_table_name,
            schema_name=self._datastore.schema,
            columns=("type", "data", "tags"),
            records=((topics[one.type], one.data, one.tags) for one in encoded(SEED, events)),
        )
        await connection.execute("VACUUM ANALYZE")
        await connection.close()

    def read(self, take: Take) -> None:
        """Give out its events page by page."""
        after = 0
        while True:
            found = list(self._recorder.read(after=after, limit=LIBRARY_PAGE_EVENTS))
            take(self._mapper.to_domain_event(one.event).decision for one in found)
            if len(found) < LIBRARY_PAGE_EVENTS:
                return
            after = found[-1].position

    def close(self) -> None:
        """Let go of its connections."""
        self._datastore.close()


class UmaDB:
    """The server of UmaDB as a process of its own and its Python client, whose batches are decoded
    with msgspec by decoders made beforehand."""

    name = "UmaDB 0.7, Python client and msgspec"

    def __init__(self, events: int) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="a20-"))
        address = f"127.0.0.1:{free_port()}"
        program = "import umadb.umadb_server_cli as cli; cli.main()"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", program, "--listen", address),
                *("--db-path", str(self._folder / "uma.db"), "--read-method", "mmap"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._client = umadb.Client(f"http://{address}")
        self._decode = {
            name: msgspec.msgpack.Decoder(shape).decode for name, shape in EVENT_TYPES.items()
        }
        self._wait()
        for batch in _batches(encoded(SEED, events), UMADB_LOAD_EVENTS):
            self._client.append([umadb.Event(one.type, one.data, one.tags) for one in batch])

    def _wait(self) -> None:
        ends_at = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                self._client.head()
                return
            except umadb.TransportError:
                if time.monotonic() > ends_at:
                    self.close()
                    raise
                time.sleep(0.05)

    def read(self, take: Take) -> None:
        """Give out its events batch by batch."""
        decode = self._decode
        response = self._client.read()
        while batch := response.next_batch():
            events = (one.event for one in batch)
            take(decode[event.event_type](event.data) for event in events)

    def close(self) -> None:
        """Stop the process and remove its files."""
        self._process.terminate()
        self._process.wait(START_SECONDS_MAX)
        shutil.rmtree(self._folder)


def _batches(events: Iterator[Any], size: int) -> Iterator[list[Any]]:
    batch = []
    for one in events:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
