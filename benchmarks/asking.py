"""Measures questions over a big history: the board against a replay and against PostgreSQL's own
pass over the rows, one government opened into terms; it writes nothing that is kept."""

import asyncio
import random
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import date, timedelta
from functools import partial
from statistics import quantiles
from typing import Any, Final

from benchmarks.rows import Row, Size
from benchmarks.server import WORKSPACE, projected_history
from domain.clocks import HEAD, KnownAt
from domain.weights import read_weights
from infra import shipped
from infra.postgres.listener import Listener
from infra.postgres.log.store import EventStore, opened
from infra.postgres.pool import connect, open_pool
from infra.postgres.reading.figures import Figures
from infra.postgres.reading.shelves import SHELVES_BYTES_MAX
from infra.postgres.reading.views import Views
from projections.board import board
from projections.columnar.numbers.reckoning import reckoned_board
from projections.histories import Version, fold

EVENTS: Final[dict[Size, int]] = {"quick": 10_000, "full": 100_000, "growth": 1_700_000}
"""About three in five record a claim: 1 700 000 events hold 1 000 000 claims."""
ROUNDS: Final = 3
BOARDS: Final = 9
"""Boards asked for in turns with PostgreSQL's pass: what each costs hangs on its day and point."""
REPLAYED_ONCE_EVENTS: Final = 1_000_000
"""A log so long is replayed once, which takes over a minute."""
QUESTIONS: Final = 100
TODAY: Final = date(2026, 1, 1)
FIRST_DAY: Final = date(2005, 1, 1)
SPEED_UP_MIN: Final = 50.0
OF_A_PASS_MIN: Final = 0.5
TITLE: Final = "Asking"
ABOUT: Final = (
    "The board on any day and as known at any point, by a process that keeps the facts at hand, "
    "each for a day that it was not asked for before; and one number of one government opened into "
    "its terms, over a made history whose claims fall on governments after Zipf."
)
_WEIGHTS: Final = read_weights(shipped.weights())
_TYPED: Final = """
CREATE TABLE typed AS
SELECT government, position_from, coalesce(position_to, 9223372036854775807) AS position_to,
    known_from, coalesce(known_to, 'infinity') AS known_to, day - date '1970-01-01' AS day,
    length(status) AS status, length(kind) AS kind
FROM government_claim WHERE workspace = $1
"""
_PASS: Final = """
SELECT sum(day), sum(status), sum(kind), sum(position_from),
    count(*) FILTER (WHERE position_to > $1 AND known_to > known_from)
FROM typed
"""


def measure(size: Size) -> Iterator[Row]:
    """Every question with its peer, in turns."""
    found = asyncio.run(_measured(projected_history(EVENTS[size]), EVENTS[size]))
    yield from found


async def _measured(dsn: str, events: int) -> list[Row]:
    pool = await open_pool(dsn)
    store, listener = EventStore(pool), Listener(dsn)
    views = Views(pool, listener)
    peer = await connect(dsn)
    await peer.execute("SET ROLE NONE")
    await peer.execute("SELECT set_config('article20.workspace', $1, false)", WORKSPACE)
    await peer.execute(_TYPED, WORKSPACE)
    await peer.execute("ANALYZE typed")
    try:
        return [row async for row in _rows(store, views, peer, events)]
    finally:
        await peer.close()
        await pool.close()


async def _rows(store: EventStore, views: Views, peer: Any, events: int) -> AsyncIterator[Row]:
    chance = random.Random(events)
    async for row in _boards(store, views, peer, chance, events):
        yield row
    async for row in _opened(views, chance, events):
        yield row


async def _boards(
    store: EventStore, views: Views, peer: Any, chance: random.Random, events: int
) -> AsyncIterator[Row]:
    """Boards of any day, as known at any point, and what they keep or take of memory."""
    replays_max = ROUNDS if events < REPLAYED_ONCE_EVENTS else 1
    ours, replays, passes, streamed = [list[float]() for _ in range(4)]
    firsts, seconds, heads = [list[float]() for _ in range(3)]
    for _ in range(BOARDS):
        on = _day(chance)
        known_at = KnownAt(position=chance.randint(events // 2, events))
        figures = Figures(views, shelves_bytes_max=SHELVES_BYTES_MAX)
        firsts.append(await _seconds(partial(figures.board, WORKSPACE, on, HEAD, _WEIGHTS)))
        ours.append(await _seconds(partial(figures.board, WORKSPACE, on, known_at, _WEIGHTS)))
        passes.append(await _seconds(partial(peer.fetch, _PASS, known_at.position)))
        for times in (seconds, heads):
            head = partial(figures.board, WORKSPACE, _day(chance), HEAD, _WEIGHTS)
            times.append(await _seconds(head))
        if len(replays) < replays_max:
            replays.append(await _seconds(partial(_replayed, store, on)))
        cold = Figures(views, kept_bytes_max=0, shelves_bytes_max=0)
        streamed.append(await _seconds(partial(cold.board, WORKSPACE, on, known_at, _WEIGHTS)))
    rows = await peer.fetchval("SELECT count(*) FROM typed")
    yield Row(
        what=f"board, any day at the head, {events:,} events",
        unit="s",
        ours=tuple(heads),
        peer="a full replay of the log",
        theirs=tuple(replays),
        is_less_better=True,
        target=SPEED_UP_MIN,
        note="" if replays_max == ROUNDS else "the whole log is replayed once, not in every round",
    )
    yield Row(
        what=f"board, any day as known at any point, {rows:,} rows",
        unit="s",
        ours=tuple(ours),
        peer="PostgreSQL: SELECT sum(…) over the same rows, typed",
        theirs=tuple(passes),
        is_less_better=True,
        target=OF_A_PASS_MIN,
    )
    for what, taken, note in (
        ("the first board of a process", firsts, "it puts the facts at hand"),
        ("the second board of a process at the head", seconds, "it sums what is at hand"),
        ("the same board where too much is on file to keep", streamed, "it reads every column"),
    ):
        yield Row(
            what=f"{what}, {rows:,} rows",
            unit="s",
            ours=tuple(taken),
            is_less_better=True,
            note=note,
        )
    yield Row(
        what=f"memory of the facts at hand, {rows:,} rows",
        unit="MB",
        ours=tuple([figures.shelves.size_bytes / 1e6] * ROUNDS),
        is_less_better=True,
        note=f"at most {SHELVES_BYTES_MAX / 1e6:.0f} MB by default",
    )
    yield Row(
        what=f"memory that a streamed board takes while it is reckoned, {rows:,} rows",
        unit="MB",
        ours=tuple([await _megabytes(views, chance, events) for _ in range(replays_max)]),
        is_less_better=True,
    )


async def _opened(views: Views, chance: random.Random, events: int) -> AsyncIterator[Row]:
    """A board asked for again, and its numbers opened."""
    figures = Figures(views)
    _, found = await figures.board(WORKSPACE, TODAY, HEAD, _WEIGHTS)
    codes = [code for code, row in found.items() if row.latest is not None]
    again = partial(figures.board, WORKSPACE, TODAY, HEAD, _WEIGHTS)
    kept = [await _seconds(again) for _ in range(ROUNDS)]
    yield Row(
        what="the board of a day at the head that was asked for before",
        unit="s",
        ours=tuple(kept),
        is_less_better=True,
    )
    explain = partial(figures.explain, WORKSPACE, "pressure")
    for what, ask in (
        ("explain the pressure on a government", explain),
        ("the dossier of a government", partial(figures.dossier, WORKSPACE)),
    ):
        tails = [await _tail(ask, codes, chance, events) for _ in range(ROUNDS)]
        yield Row(
            what=f"{what}, any pair of clocks, p95",
            unit="ms",
            ours=tuple(tails),
            is_less_better=True,
            note="at most 50 ms is promised",
        )


async def _tail(
    ask: Callable[..., Awaitable[object]], codes: list[str], chance: random.Random, events: int
) -> float:
    """The 95th percentile of questions, in ms; every government with claims is as likely."""
    spent = []
    for _ in range(QUESTIONS):
        asked = chance.choice(codes), _day(chance), _known(chance, events), _WEIGHTS
        spent.append(await _seconds(partial(ask, *asked)))
    return quantiles(spent, n=20)[-1] * 1000


async def _megabytes(views: Views, chance: random.Random, events: int) -> float:
    """The most that a board takes at a time beyond what was there before, in MB."""
    cold = Figures(views, kept_bytes_max=0, shelves_bytes_max=0)
    tracemalloc.start()
    try:
        await cold.board(WORKSPACE, _day(chance), _known(chance, events), _WEIGHTS)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def _known(chance: random.Random, events: int) -> KnownAt:
    return KnownAt(position=chance.randint(1, events))


async def _replayed(store: EventStore, on: date) -> object:
    """The board from the events alone."""
    current: dict[str, Version] = {}
    async for page in store.stream(WORKSPACE):
        for stored in page:
            current.update((v.claim.id, v) for v in fold(current, opened(stored)))
    facts = [version.facts for version in current.values()]
    found = board(facts, on=on, known_at="", weights=_WEIGHTS)
    return reckoned_board(
        {r.government: r for r in found.governments}, on=on, known_at="", weights=_WEIGHTS
    )


def _day(chance: random.Random) -> date:
    return FIRST_DAY + timedelta(days=chance.randint(0, (TODAY - FIRST_DAY).days))


async def _seconds(ask: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await ask()
    return time.perf_counter() - begun
