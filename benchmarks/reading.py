"""Measures the way from the log to typed events and folds beside its peers, and the proof of a
store; it writes to databases of its own alone."""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import asyncpg
import uvloop

from benchmarks import readers
from benchmarks.memory import forget_most, taken
from benchmarks.rows import Row, Size
from benchmarks.server import WORKSPACE, database, history
from benchmarks.timing import seconds
from domain.events import Recorded
from domain.weights import read_weights
from infra import shipped
from infra.postgres.listener import Listener
from infra.postgres.log.store import EventStore
from infra.postgres.pool import open_pool
from infra.postgres.projecting.projector import Projector
from infra.postgres.proving.verify import verify
from infra.postgres.reading.views import Views
from projections.columnar.numbers.folding import BoardFold
from services.collecting import settle

EVENTS: dict[Size, int] = {"quick": 10_000, "full": 100_000, "growth": 1_000_000}
ROUNDS = 7
PROOFS = 3
PROVED_PER_SECOND_MIN = 200_000
TITLE = "Reading"
ABOUT = """\
The same made history, read in order and decoded into the same typed structs by each reader; the \
light fold counts events by type. The peers get pages and batches of the size that suits them. The \
whole fold is the one of `article20 replay --view board` of a log that is short: every claim as it \
stands after all events, and at the end the board with every standing and number."""


def measure(size: Size) -> Iterator[Row]:
    """Reading and folding beside the peers, then the proof."""
    events = EVENTS[size]
    dsn = database(like=history(events))
    settle()  # as every process of the program does; the peers gain by it too
    ours = readers.Ours(dsn)
    library, umadb = readers.Library(dsn, events), readers.UmaDB(events)
    asyncio.run(_written(dsn))
    try:
        yield from _beside(dsn, events, ours, library, umadb)
        yield _memory(ours, events)
    finally:
        ours.close()
        library.close()
        umadb.close()
    yield from uvloop.run(_proved(dsn, events))


async def _written(dsn: str) -> None:
    """Have what was loaded written, so that nobody is measured beside it."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("CHECKPOINT")
    await connection.close()


def _beside(
    dsn: str, events: int, ours: readers.Ours, library: readers.Library, umadb: readers.UmaDB
) -> Iterator[Row]:
    works: dict[str, Callable[[], object]] = {
        "light": lambda: _light(ours.read, events, _types_of),
        "library": lambda: _light(library.read, events, _types),
        "umadb": lambda: _light(umadb.read, events, _types),
        "whole": lambda: _whole(ours),
        "copy": lambda: readers.copied(dsn),
    }
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            found[name].append(events / seconds(work))
    rates = {name: tuple(rates) for name, rates in found.items()}
    words = f"{events:,} events"
    for what, mine, peer, theirs, target in (
        ("read, decode and fold lightly", "light", library.name, "library", 7.0),
        ("read, decode and fold lightly", "light", umadb.name, "umadb", 1.5),
        ("read and fold the whole board", "whole", f"{library.name}, light", "library", 3.0),
        ("read, decode and fold lightly", "light", "COPY TO STDOUT, undecoded", "copy", None),
    ):
        yield Row(
            what=f"{what}, {words}",
            unit="events/s",
            ours=rates[mine],
            peer=peer,
            theirs=rates[theirs],
            target=target,
        )


def _types_of(page: Iterable[Recorded]) -> Iterator[type]:
    return (type(one.event) for one in page)


def _types(page: Iterable[Any]) -> Iterator[type]:
    return (type(one) for one in page)


def _light(
    read: Callable[[readers.Take], None],
    events: int,
    types: Callable[[Any], Iterator[type]],
) -> None:
    counts: dict[type, int] = {}

    def take(page: Iterable[Any]) -> None:
        for shape in types(page):
            counts[shape] = counts.get(shape, 0) + 1

    read(take)
    assert sum(counts.values()) == events


def _whole(ours: readers.Ours) -> None:
    fold = BoardFold()
    ours.read(fold.take)
    weights = read_weights(shipped.weights())
    fold.board(on=date(2026, 1, 1), known_at="head", weights=weights)


def _memory(ours: readers.Ours, events: int) -> Row:
    """How much more memory the process takes, at most, while it reads everything."""
    found, me = [], os.getpid()
    for _ in range(PROOFS):
        forget_most(me)
        before = taken(me, "VmRSS")
        _light(ours.read, events, _types_of)
        found.append(max(0.1, (taken(me, "VmHWM") - before) / 1024**2))
    return Row(
        what=f"memory while reading {events:,} events, above the rest", unit="MB", ours=tuple(found)
    )


async def _proved(dsn: str, events: int) -> list[Row]:
    pool = await open_pool(dsn)
    store, listener = EventStore(pool), Listener(dsn)
    views = Views(pool, listener)
    projector = Projector(dsn, listener, views)
    await projector.catch_up(WORKSPACE)
    alone: list[float] = []
    whole: list[float] = []
    for _ in range(PROOFS):
        begun = time.perf_counter()
        async for progress in verify(store, views, WORKSPACE):
            if progress.step == "keys":
                alone.append(events / (time.perf_counter() - begun))
        whole.append(events / (time.perf_counter() - begun))
    await pool.close()
    words = f"{events:,} events"
    return [
        Row(
            what=f"verify the log of {words} by itself",
            unit="events/s",
            ours=tuple(alone),
            note=(
                "positions, moments, every event decoded, its tags and its keys; at least"
                f" {PROVED_PER_SECOND_MIN:,} events/s are promised"
            ),
        ),
        Row(
            what=f"verify a store of {words}, its views beside a replay too",
            unit="events/s",
            ours=tuple(whole),
        ),
    ]
