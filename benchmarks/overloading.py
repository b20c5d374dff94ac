"""Measures more senders than a server lets wait: what it still takes, how soon it refuses the rest,
and how soon it answers whoever only reads; whoever sends and reads is a process of its own."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import Final

import msgspec
import uvloop

from benchmarks.rows import ROUNDS, Row, Size
from benchmarks.sending import Connection, Load, prepared

WAITING_MAX: Final = 64
"""How many submissions may wait at the server that is measured."""
SENDERS: Final = {"bearable": WAITING_MAX // 2, "overload": 2 * WAITING_MAX}
REQUESTS: dict[Size, int] = {"quick": 2000, "full": 10_000, "growth": 10_000}
READ: Final = ("/healthz", "/login")
PAUSE_SECONDS: Final = 0.005
WARMING_SECONDS: Final = 0.5
"""How long whoever reads does so alone, before the first claim is sent."""
SECONDS_MAX: Final = 120


class Borne(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the seconds it took, and the waits in milliseconds, by status of the
    submissions and by what was read beside."""

    seconds: float
    waits: dict[str, list[float]]


class Noting(Connection):
    """A connection that sends the next claim whatever became of the one before."""

    by_status: dict[str, list[float]]

    def keep(self, status: str, seconds: float) -> None:
        """Keep how long it took, by status."""
        self.by_status.setdefault(status, []).append(seconds * 1000)


async def bear(load: Load) -> Borne:
    """Send everything, each connection one claim at a time, and read beside."""
    loop = asyncio.get_running_loop()
    requests, waits = prepared(load, load.requests), dict[str, list[float]]()

    def made() -> Noting:
        connection = Noting(requests, [], {})
        connection.by_status = waits
        return connection

    reading = asyncio.create_task(_read(load.port, waits))
    await asyncio.sleep(WARMING_SECONDS)
    waits.clear()
    begun = time.perf_counter()
    opened = [
        await loop.create_connection(made, "127.0.0.1", load.port) for _ in range(load.connections)
    ]
    async with asyncio.timeout(SECONDS_MAX):
        await asyncio.gather(*(connection.done for _, connection in opened))
    seconds = time.perf_counter() - begun
    reading.cancel()
    return Borne(seconds=seconds, waits=waits)


async def _read(port: int, waits: dict[str, list[float]]) -> None:
    """Ask for what anybody may read, one after the other, until nobody sends any more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            for path in READ:
                begun = time.perf_counter()
                writer.write(b"GET %s HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" % path.encode())
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
                if not head.startswith(b"http/1.1 200"):
                    raise RuntimeError(f"{path} was answered {head[:20]!r}")
                waits.setdefault(path, []).append((time.perf_counter() - begun) * 1000)
                await asyncio.sleep(PAUSE_SECONDS)
    finally:
        writer.close()


def measured(size: Size, port: int, path: str, secret: str) -> Iterator[Row]:
    """The rows about a server that lets `WAITING_MAX` submissions wait, see `hooking`."""
    rounds: dict[str, list[Borne]] = {kind: [] for kind in SENDERS}
    for _ in range(ROUNDS[size]):
        for kind, connections in SENDERS.items():
            load = Load(
                port=port,
                path=path,
                secret=secret,
                connections=connections,
                requests=REQUESTS[size],
                warming=0,
            )
            rounds[kind].append(_borne(load))
    over, under = rounds["overload"], rounds["bearable"]
    refused = [wait for one in over for wait in one.waits.get("503", [0.0])]
    taken = sum(len(one.waits["201"]) for one in over) / (len(over) * REQUESTS[size])
    senders = f"{SENDERS['overload']} senders where {WAITING_MAX} submissions may wait"
    yield Row(
        what=f"claims taken from {senders}",
        unit="claims/s",
        ours=tuple(len(one.waits["201"]) / one.seconds for one in over),
        peer=f"{SENDERS['bearable']} senders",
        theirs=tuple(len(one.waits["201"]) / one.seconds for one in under),
        p99=f"503 after {_waits(refused)}",
        note=f"{taken:.0%} of what was sent is taken, the rest is 503"
        " with Retry-After; refused senders go on at once with another claim",
    )
    for what in READ:
        seen = [[wait for one in some for wait in one.waits[what]] for some in (over, under)]
        yield Row(
            what=f"{what} beside {senders}",
            unit="ms",
            ours=tuple(median(one.waits[what]) for one in over),
            peer=f"{SENDERS['bearable']} senders",
            theirs=tuple(median(one.waits[what]) for one in under),
            is_less_better=True,
            p99=f"{_waits(seen[0])}, theirs {_waits(seen[1])}",
            note="every one answered 200",
        )


def _borne(load: Load) -> Borne:
    command = [sys.executable, "-m", "benchmarks.overloading", msgspec.json.encode(load).decode()]
    done = subprocess.run(command, capture_output=True, check=True)
    borne = msgspec.json.decode(done.stdout, type=Borne)
    unforeseen = borne.waits.keys() - {"201", "503", *READ}
    if unforeseen:
        raise RuntimeError(f"answered {unforeseen}")
    return borne


def _waits(waits: list[float]) -> str:
    waits = sorted(waits)
    middle, late = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    return f"median {middle:.2g} ms, p99 {late:.2g} ms"


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.argv[1], type=Load)
    sys.stdout.write(msgspec.json.encode(uvloop.run(bear(asked))).decode())
