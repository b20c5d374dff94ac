"""Measures the way from the log to typed events and folds beside its peers, the proof of a store,
and reads by tag as the log grows; it writes to databases of its own alone."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

from benchmarks import readers
from benchmarks.rows import Row, Size
from benchmarks.server import SEED, WORKSPACE, database, history
from benchmarks.timing import seconds
from domain.dcb import DCBQuery, DCBQueryItem
from domain.events import Recorded
from domain.weights import read_weights
from infra import shipped
from infra.postgres.listener import Listener
from infra.postgres.pool import open_pool
from infra.postgres.projector import Projector
from infra.postgres.store import EventStore
from infra.postgres.verify import verify
from infra.postgres.views import Views
from projections.columnar.numbers.folding import BoardFold
from services.collecting import settle

EVENTS: dict[Size, int] = {"quick": 20_000, "full": 100_000, "growth": 1_000_000}
GROWTH: dict[Size, tuple[int, ...]] = {
    "quick": (2_000, 20_000),
    "full": (10_000, 100_000),
    "growth": (10_000, 100_000, 1_000_000, 10_000_000),
}
ROUNDS = 3
TAGGED_READS = 300
TAGGED_LIMIT = 100
SLOWER_MAX = 1.5
PROVED_PER_SECOND_MIN = 200_000
TITLE = "Reading"
ABOUT = """\
The same made history, read in order and decoded into the same typed structs by each reader; the \
light fold counts events by type. The peers get pages and batches of the size that suits them. The \
whole fold is the one of `article20 replay --view board`: every claim as it stands after all \
events, and at the end the board with every standing and number."""


def measure(size: Size) -> Iterator[Row]:
    """Reading and folding beside the peers, then the proof, then reads by tag by size of the
    log."""
    events = EVENTS[size]
    dsn = database(like=history(events))
    settle()  # as every process of the program does; the peers gain by it too
    ours = readers.Ours(dsn)
    library, umadb = readers.Library(dsn, events), readers.UmaDB(events)
    try:
        yield from _beside(dsn, events, ours, library, umadb)
        yield _memory(ours, events)
    finally:
        ours.close()
        library.close()
        umadb.close()
    yield from uvloop.run(_proved(dsn, events))
    yield from _growing(GROWTH[size])


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
    status = Path("/proc/self/status")

    def taken(name: str) -> float:
        line = next(one for one in status.read_text().splitlines() if one.startswith(name))
        return int(line.split()[1]) / 1024

    found = []
    for _ in range(ROUNDS):
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak
        before = taken("VmRSS")
        _light(ours.read, events, _types_of)
        found.append(max(0.1, taken("VmHWM") - before))
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
    for _ in range(ROUNDS):
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


def _growing(sizes: Sequence[int]) -> Iterator[Row]:
    """Reads by tag in logs of these sizes, each beside the smallest, in turns."""
    logs = {events: database(like=history(events)) for events in sizes}
    found: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for events, dsn in logs.items():
            for what, milliseconds in uvloop.run(_tagged(dsn, events)).items():
                found.setdefault((what, events), []).append(milliseconds)
    least = sizes[0]
    for what in dict.fromkeys(what for what, _ in found):
        for events in sizes:
            yield Row(
                what=f"{what}, {events:,} events",
                unit="ms",
                ours=tuple(found[what, events]),
                peer=f"the same, {least:,} events" if events > least else "",
                theirs=tuple(found[what, least]) if events > least else (),
                is_less_better=True,
                target=round(1 / SLOWER_MAX, 2) if events > least else None,
                curve=what,
                events=events,
            )


async def _tagged(dsn: str, events: int) -> dict[str, float]:
    """The median of reads of single claims, and of the newest hundred events of a government."""
    pool = await open_pool(dsn, connections_max=1)
    store, drawn = EventStore(pool), random.Random(SEED)
    head = await store.head(WORKSPACE)
    claims = [f"claim:made-{SEED}-{drawn.randrange(events // 2)}" for _ in range(TAGGED_READS)]

    async def timed(tag: str, after: int) -> float:
        query = DCBQuery([DCBQueryItem(tags=[tag])])
        begun = time.perf_counter()
        await store.read(WORKSPACE, query, after=after, limit=TAGGED_LIMIT)
        return (time.perf_counter() - begun) * 1000

    await timed("gov:FIN", 0)
    one = [await timed(claim, 0) for claim in claims]
    new = [await timed("gov:FIN", head - min(head, 2_000)) for _ in range(TAGGED_READS // 10)]
    await pool.close()
    return {"read one claim by its tag": median(one), "read a government's newest": median(new)}
