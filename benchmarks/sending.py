"""Sends signed claims over so many connections and takes the time of each answer; a process of its
own, so that it shares nothing with the server it asks."""

import asyncio
import json
import sys
import time
from base64 import b64decode, b64encode
from hmac import digest
from typing import Any, Final
from uuid import uuid4

import msgspec
import uvloop

SECONDS_MAX: Final = 120
ANSWER: Final = b"HTTP/1.1 "
END: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length:"


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What to send: where, signed with which secret, over how many connections."""

    port: int
    path: str
    secret: str
    connections: int
    requests: int
    warming: int


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the seconds it took, and those of this process's time; half, 95 % and 99 %
    of the waits at most, and how many answers had which status."""

    seconds: float
    cpu_seconds: float
    median_ms: float
    p95_ms: float
    p99_ms: float
    statuses: dict[str, int]


class Connection(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, left: list[bytes], waits: list[float], statuses: dict[str, int]) -> None:
        self.left, self.waits, self.statuses = left, waits, statuses
        self.done = asyncio.get_running_loop().create_future()
        self.received = b""

    def connection_made(self, transport: Any) -> None:
        """Ask for the first time."""
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send the next request, or end."""
        if not self.left:
            self.transport.close()
            self.done.set_result(None)
            return
        self.begun = time.perf_counter()
        self.transport.write(self.left.pop())

    def keep(self, status: str, seconds: float) -> None:
        """Note an answer and how long it took."""
        self.waits.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def data_received(self, data: bytes) -> None:
        """Count the answer once it is whole."""
        self.received += data
        head, end, body = self.received.partition(END)
        if not end:
            return
        length = head.lower().partition(LENGTH)[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0):
            return
        status = head[len(ANSWER) : len(ANSWER) + 3].decode()
        self.keep(status, time.perf_counter() - self.begun)
        self.received = b""
        self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that the server closes early is a failure."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("closed by the server"))


def body_of(number: int, run: str) -> bytes:
    """A claim, another one for each number."""
    plain = {
        "id": f"sent-{run}-{number}",
        "kind": "statement_of_criticism",
        "treaty": "APMBC",
        "occurred_on": "2026-02-20",
        "actors": [{"kind": "state", "code": "NOR"}],
        "targets": ["FIN"],
        "summary": f"Norway regretted, for the {number}th time, that Finland left the treaty.",
        "details": {"strength": "regret", "forum": "government"},
        "sources": [
            {
                "title": "Statement by the minister",
                "publisher": "Ministry of Foreign Affairs",
                "url": "https://example.org/statements/1234",
                "published_on": "2026-02-20",
                "language": "en",
                "reliability": "A",
                "credibility": 1,
            }
        ],
    }
    return json.dumps(plain).encode()


def signed_headers(secret: str, webhook_id: str, body: bytes) -> dict[str, str]:
    """The headers of a delivery, signed now."""
    sent = int(time.time())
    signed = b"%s.%d.%s" % (webhook_id.encode(), sent, body)
    signature = digest(b64decode(secret.removeprefix("whsec_")), signed, "sha256")
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(sent),
        "webhook-signature": f"v1,{b64encode(signature).decode()}",
    }


def prepared(load: Load, count: int) -> list[bytes]:
    """So many requests as they go over the wire, signed now."""
    secret = b64decode(load.secret.removeprefix("whsec_"))
    run = uuid4().hex[:12]
    sent = int(time.time())
    made = []
    for number in range(count):
        body = body_of(number, run)
        signed = b"msg-%s-%d.%d.%s" % (run.encode(), number, sent, body)
        signature = b64encode(digest(secret, signed, "sha256"))
        made.append(
            b"POST %s HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            b"webhook-id: msg-%s-%d\r\nwebhook-timestamp: %d\r\nwebhook-signature: v1,%s\r\n"
            b"content-length: %d\r\n\r\n%s"
            % (load.path.encode(), run.encode(), number, sent, signature, len(body), body)
        )
    return made


async def send(load: Load) -> Sent:
    """Send everything signed, each connection one request at a time."""
    warming, requests = prepared(load, load.warming), prepared(load, load.requests)
    await exchange(load.port, load.connections, warming)
    return await exchange(load.port, load.connections, requests)


async def exchange(port: int, connections: int, requests: list[bytes]) -> Sent:
    """Send requests as they go over the wire, each connection one at a time; empties the list."""
    loop = asyncio.get_running_loop()
    waits: list[float] = []
    statuses: dict[str, int] = {}
    begun, cpu = time.perf_counter(), time.process_time()
    opened = [
        await loop.create_connection(
            lambda: Connection(requests, waits, statuses), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    async with asyncio.timeout(SECONDS_MAX):
        await asyncio.gather(*(connection.done for _, connection in opened))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    waits.sort()
    return Sent(
        seconds=seconds,
        cpu_seconds=cpu,
        median_ms=waits[len(waits) // 2] * 1000,
        p95_ms=waits[len(waits) * 95 // 100] * 1000,
        p99_ms=waits[len(waits) * 99 // 100] * 1000,
        statuses=statuses,
    )


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.argv[1], type=Load)
    sys.stdout.write(msgspec.json.encode(uvloop.run(send(asked))).decode())
