"""Measures durable conditional appends with idempotency key beside the peers; each store is started
here and removed at the end."""

import asyncio
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import asyncpg
import uvloop

from benchmarks.contest import DATA_BYTES, Contestant, Deed, Round, deeds
from benchmarks.peers import Library, Pgbench, UmaDB
from benchmarks.rows import ROUNDS, Row, Size
from benchmarks.server import WORKSPACE, database, rest
from domain.errors import AppendConflict
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore
from infra.postgres.migrate import migrate
from infra.postgres.pool import open_pool
from services.collecting import settle

TITLE = "Appending"
ABOUT = (
    f"Durable conditional appends with idempotency key to an embedded PostgreSQL, fsync on: events "
    f"of {DATA_BYTES} bytes under four tags, each under the condition that its claim is new, so "
    f"that none conflicts unless it says so. After each contest every store holds exactly what it "
    f"acknowledged. The library and pgbench use the same server, UmaDB one of its own. Before each "
    f"contest PostgreSQL vacuums and writes what those before left it to do."
)
SECONDS: dict[Size, float] = {"quick": 0.4, "full": 2.0, "growth": 2.0}
TARGETS = {
    (128, 1): {"library": 15.0, "umadb": 3.0, "pgbench": 1.5},
    (16, 1): {"library": 10.0},
    (1, 1): {"library": 3.0},
    (1, 1000): {"library": 5.0, "umadb": 1.5},
}
QUICK = ((128, 1), (1, 1000))
LATENCY_TARGET = 1 / 2.5
WORK_RATE = 60_000
"""Events a second for which work is made before the first round of so many callers; for later ones
it is twice what they appended before, as for the peers."""


def measure(size: Size) -> Iterator[Row]:
    """Appends a second and the waits of callers, by callers and batch."""
    settle()  # as every process of the program does; the peers gain by it too
    ours = Ours()
    peers: dict[str, Contestant] = {"library": Library(), "umadb": UmaDB(), "pgbench": Pgbench()}
    try:
        for callers, batch in QUICK if size == "quick" else TARGETS:
            yield from _contest(ours, peers, callers, batch, size)
        yield from _conflicting(ours, size)
    finally:
        for one in (ours, *peers.values()):
            one.close()


class Ours:
    """The appender over a database of its own, or over one that holds a log, in an event loop of
    this process."""

    name = "article20"

    def __init__(self, dsn: str | None = None) -> None:
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._runner.run(self._open(dsn or database()))

    async def _open(self, dsn: str) -> None:
        await migrate(dsn)
        self._dsn = dsn
        self._pool = await open_pool(dsn)
        self._store = EventStore(self._pool)
        await self._store.add_workspace(WORKSPACE)
        self._appender = Appender(self._pool)
        self._rates: dict[tuple[int, int], float] = {}

    def run(self, callers: int, seconds: float, batch: int) -> Round:
        """A round with as many waiting coroutines as callers."""
        rate = self._rates.get((callers, batch), WORK_RATE / batch / 2)
        taken = self.append(deeds(batch, int(rate * 2 * seconds) + 10), callers, seconds)
        self._rates[callers, batch] = taken.rate
        return taken

    def append(self, work: list[Deed], callers: int, seconds: float) -> Round:
        """Append this work until the time is over."""
        requests = [
            AppendRequest(
                events=deed.events, condition=deed.condition, key=deed.claim, request_hash=b"h" * 32
            )
            for deed in work
        ]
        return self._runner.run(self._append(iter(requests), callers, seconds))

    async def _append(
        self, requests: Iterator[AppendRequest], callers: int, seconds: float
    ) -> Round:
        waits: list[float] = []
        refused = 0
        begun = time.perf_counter()
        ends_at = begun + seconds

        async def caller() -> None:
            nonlocal refused
            for request in requests:
                asked = time.perf_counter()
                if asked > ends_at:
                    return
                try:
                    await self._appender.append(WORKSPACE, request)
                except AppendConflict:
                    refused += 1
                else:
                    waits.append(time.perf_counter() - asked)

        await asyncio.gather(*(caller() for _ in range(callers)))
        return Round(len(waits), refused, time.perf_counter() - begun, sorted(waits))

    def stored(self) -> int:
        """How many events the table holds, which is what the head says."""
        return self._runner.run(self._stored())

    async def _stored(self) -> int:
        head = await self._store.head(WORKSPACE)
        connection: Any = await asyncpg.connect(self._dsn)
        held = await connection.fetchval("SELECT count(*) FROM article20.event")
        await connection.close()
        if held != head:
            raise AssertionError(f"the head says {head}, the table holds {held} events")
        return head

    def close(self) -> None:
        """Drain the appender and let go of the connections."""

        async def closing() -> None:
            await self._appender.close()
            await self._pool.close()

        self._runner.run(closing())
        self._runner.close()


def _contest(
    ours: Ours, peers: dict[str, Contestant], callers: int, batch: int, size: Size
) -> Iterator[Row]:
    """Rounds in turns of ours and the peers that a ratio is promised against."""
    wanted = TARGETS[callers, batch]
    taking = {name: peers[name] for name in wanted}
    if (callers, batch) == (1, 1):
        taking["pgbench"] = peers["pgbench"]
    everyone: dict[str, Contestant] = {"ours": ours, **taking}
    rest()
    for one in everyone.values():
        one.run(callers, SECONDS[size] / 4, batch)  # warm up, and find the best settings
    before = {name: one.stored() for name, one in everyone.items()}
    rounds: dict[str, list[Round]] = {name: [] for name in everyone}
    for _ in range(ROUNDS[size]):
        for name, one in everyone.items():
            taken = one.run(callers, SECONDS[size], batch)
            if not taken.acknowledged:
                raise RuntimeError(f"{one.name} acknowledged nothing within {taken.seconds:.1f} s")
            rounds[name].append(taken)
    for name, one in everyone.items():
        acknowledged = sum(each.acknowledged for each in rounds[name]) * batch
        if one.stored() - before[name] != acknowledged:
            raise AssertionError(f"{one.name} acknowledged {acknowledged} events and holds others")
    words = "1 caller" if callers == 1 else f"{callers} callers"
    what = f"{batch} events at a time, {words}" if batch > 1 else f"one event at a time, {words}"
    for name, target in wanted.items():
        yield Row(
            what=f"append {what}",
            unit="events/s",
            ours=tuple(one.rate * batch for one in rounds["ours"]),
            peer=peers[name].name,
            theirs=tuple(one.rate * batch for one in rounds[name]),
            target=target,
            p99=f"{waited(rounds['ours'])}, theirs {waited(rounds[name])}",
            note=_settings(peers[name], callers, batch),
        )
    if (callers, batch) == (1, 1):
        yield Row(
            what="half of the appends of 1 caller take at most",
            unit="ms",
            ours=tuple(median(one.waits) * 1000 for one in rounds["ours"]),
            peer="pgbench, one-row commit",
            theirs=tuple(median(one.waits) * 1000 for one in rounds["pgbench"]),
            is_less_better=True,
            target=LATENCY_TARGET,
            p99=f"{waited(rounds['ours'])}, theirs {waited(rounds['pgbench'])}",
        )


def _conflicting(ours: Ours, size: Size) -> Iterator[Row]:
    """One append in ten conflicts with one before it; the others don't wait for that."""
    rates, found = [], []
    for _ in range(ROUNDS[size]):
        mixed = deeds(1, int(WORK_RATE * SECONDS[size]) + 10)
        for number in range(9, len(mixed), 10):
            taken = mixed[number - 5]
            mixed[number] = Deed(mixed[number].claim, taken.events, taken.condition)
        found.append(ours.append(mixed, 128, SECONDS[size]))
        rates.append((found[-1].acknowledged + found[-1].refused) / found[-1].seconds)
    refused = sum(one.refused for one in found)
    share = refused / sum(one.refused + one.acknowledged for one in found)
    yield Row(
        what="the same with 128 callers, one in ten conflicting",
        unit="answers/s",
        ours=tuple(rates),
        p99=waited(found),
        note=f"{share:.0%} conflicts",
    )


def waited(rounds: list[Round]) -> str:
    """How long half of the appends of some rounds took at most, and all but one in a hundred."""
    waits = sorted(wait for one in rounds for wait in one.waits)
    return (
        f"median {median(waits) * 1000:.2g} ms, p99 {waits[len(waits) * 99 // 100] * 1000:.2g} ms"
    )


def _settings(peer: Contestant, callers: int, batch: int) -> str:
    if isinstance(peer, Library):
        return f"theirs with {peer.threads(callers, batch)} threads and connections"
    if isinstance(peer, UmaDB):
        return f"theirs with {peer.way(callers, batch)}"
    return ""
