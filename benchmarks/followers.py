"""Many open streams in a process of their own, so that they share nothing with the server: says
when all are open, and when the last one has heard of each message."""

import asyncio
import sys
import time
from typing import Any, Final

import uvloop

OPENING_MAX: Final = 200
"""How many streams are being opened at a time."""
WAIT_SECONDS_MAX: Final = 120
MESSAGE: Final = b"event: views"
OPENED: Final = b"retry:"


class Follower(asyncio.Protocol):
    """One stream; the number of messages it heard of."""

    def __init__(self, request: bytes, crowd: "Crowd") -> None:
        self.request, self.crowd = request, crowd
        self.opened = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        """Ask for the stream."""
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Hear that it is open, or of a message."""
        if MESSAGE in data:
            self.crowd.heard()
        elif OPENED in data and not self.opened.done():
            self.opened.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """A stream that ends early is a failure."""
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("closed by the server"))


class Crowd:
    """All streams, and how many heard of the last message."""

    def __init__(self, count: int) -> None:
        self.count = self.missing = count
        self.everyone = asyncio.Event()

    def heard(self) -> None:
        """One more heard of it."""
        self.missing -= 1
        if not self.missing:
            self.everyone.set()

    async def next(self) -> float:
        """When everyone has heard of the next message, on the clock that all processes share."""
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            await self.everyone.wait()
        at = time.monotonic()
        self.missing = self.count
        self.everyone.clear()
        return at


async def follow(port: int, path: str, token: str, count: int) -> None:
    """Open the streams, and tell of each message until the standard input ends."""
    crowd, loop = Crowd(count), asyncio.get_running_loop()
    shown = f"authorization: Bearer {token}\r\n" if token else ""
    request = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{shown}\r\n".encode()
    room = asyncio.Semaphore(OPENING_MAX)

    async def open_one() -> None:
        async with room:
            _, one = await loop.create_connection(
                lambda: Follower(request, crowd), "127.0.0.1", port
            )
            await one.opened

    async with asyncio.timeout(WAIT_SECONDS_MAX):
        await asyncio.gather(*(open_one() for _ in range(count)))
    print("open", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(await crowd.next(), flush=True)


if __name__ == "__main__":
    uvloop.run(follow(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
