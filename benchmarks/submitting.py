"""Measures signed claims over HTTP, every answer durable, beside a route that stores nothing; each
server is a process of its own, and so is whoever sends."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import msgspec
import psutil

from benchmarks import overloading
from benchmarks.hooking import Hook
from benchmarks.rows import ROUNDS, Row, Size
from benchmarks.sending import Load, Sent
from benchmarks.server import cpu_seconds as database_cpu_seconds
from benchmarks.server import database
from benchmarks.timing import cpu_seconds, free_port

TITLE = "Submitting"
ABOUT = """\
Signed claims of 600 bytes to `POST /hooks/{source}`, one process serving, every claim a new one \
and every answer durable, fsync on. Beside it an ordinary Litestar route on the same server that \
verifies the signature, validates the claim, and stores nothing. The process that serves does \
nothing else: unless a row says otherwise the views are left to a process of their own \
(ARTICLE20_PROJECT=false here, `article20 project` there), which does not run meanwhile."""
KINDS = ("ours", "plain", "granian", "projecting")
REQUESTS: dict[Size, dict[int, int]] = {
    "quick": {1: 200, 64: 1500},
    "full": {1: 1500, 64: 8_000, 256: 8_000},
    "growth": {1: 1500, 64: 8_000, 256: 8_000},
}
TARGETS = {1: None, 64: 1.0, 256: 1.0}
WARMING = 500
START_SECONDS_MAX = 60


def measure(size: Size) -> Iterator[Row]:
    """Claims a second and the waits of senders, by connections."""
    with ExitStack() as stack:
        hooks = {kind: stack.enter_context(_serving(kind)) for kind in KINDS}
        for connections, requests in REQUESTS[size].items():
            rounds: dict[str, list[Sent]] = {kind: [] for kind in KINDS}
            costs: dict[str, list[Cost]] = {kind: [] for kind in KINDS}
            for _ in range(ROUNDS[size]):
                for kind, (process, port, hook) in hooks.items():
                    load = Load(
                        port=port,
                        path=hook.path,
                        secret=hook.secret,
                        connections=connections,
                        requests=requests,
                        warming=min(WARMING, requests),
                    )
                    before = cpu_seconds(process), database_cpu_seconds()
                    rounds[kind].append(sent := _sent(load))
                    claims = load.requests + load.warming
                    costs[kind].append(
                        Cost(
                            server=(cpu_seconds(process) - before[0]) / claims,
                            database=(database_cpu_seconds() - before[1]) / claims,
                            sender=sent.cpu_seconds / load.requests,
                        )
                    )
            words = "1 connection" if connections == 1 else f"{connections} connections"
            for mine, theirs, peer, target in (
                ("ours", "plain", "a route that stores nothing", TARGETS[connections]),
                ("projecting", "plain", "a route that stores nothing", None),
                ("ours", "granian", "the same on granian", None),
            ):
                where = ", views followed in the same process" if mine == "projecting" else ""
                yield Row(
                    what=f"signed claims over HTTP, {words}{where}",
                    unit="claims/s",
                    ours=tuple(requests / one.seconds for one in rounds[mine]),
                    peer=peer,
                    theirs=tuple(requests / one.seconds for one in rounds[theirs]),
                    target=target,
                    p99=f"{_waits(rounds[mine])}, theirs {_waits(rounds[theirs])}",
                    note=f"processor time a claim: {_told(costs[mine])}; "
                    f"theirs {_told(costs[theirs])}",
                )
    with _serving("narrow") as (_, port, hook):
        yield from overloading.measured(size, port, hook.path, hook.secret)


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of the processor that one claim took: in the process that serves, in PostgreSQL with
    all its processes, and in the process that sends."""

    server: float
    database: float
    sender: float


@contextmanager
def _serving(kind: str) -> Iterator[tuple[psutil.Process, int, Hook]]:
    """A server of that kind over a database of its own: its process, its port, and where to
    send."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.hooking", kind, str(port), database()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        hook = msgspec.json.decode(process.stdout.readline(), type=Hook)
        yield psutil.Process(process.pid), port, hook
    finally:
        process.stdin.close()
        process.wait(START_SECONDS_MAX)


def _sent(load: Load) -> Sent:
    """What came of it; RuntimeError where a claim was not taken."""
    command = [sys.executable, "-m", "benchmarks.sending", msgspec.json.encode(load).decode()]
    done = subprocess.run(command, capture_output=True, check=True)
    sent = msgspec.json.decode(done.stdout, type=Sent)
    if set(sent.statuses) != {"201"}:
        raise RuntimeError(f"answered {sent.statuses}")
    return sent


def _told(costs: list[Cost]) -> str:
    """The least of all rounds: what else the machine did adds to it and never takes away."""
    server, in_database, sender = (
        1_000_000 * min(getattr(cost, name) for cost in costs)
        for name in ("server", "database", "sender")
    )
    return f"server {server:.0f} µs, PostgreSQL {in_database:.0f} µs, sender {sender:.0f} µs"


def _waits(rounds: list[Sent]) -> str:
    by_median = sorted(rounds, key=lambda one: one.median_ms)
    middle = by_median[len(by_median) // 2]
    return f"median {middle.median_ms:.2g} ms, p99 {middle.p99_ms:.2g} ms"
