"""Live streams: one waker per process tells every client how far the views are and what changed;
it never sends what a page shows.

A message is made once for all clients of a workspace that stand at the same position. A client that
is slow to take one gets the next for everything it missed; nothing is lost, for a message says what
changed between two positions.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any, Final

import msgspec
import structlog

from domain.errors import Article20Error, BeyondLog
from services.api.headers import POSITION
from services.house import House
from services.wiring import VIEWED

RETRY_MS: Final = 2000
PING: Final = b": here\n\n"
HOLDERS_AT_ONCE_MAX: Final = 1000
"""Of so many sessions and tokens at a time it is asked whether they still hold."""
RESTART_SECONDS: Final = 1.0
LASTING_JITTER: Final = 0.2
"""Streams end at different times, so that their clients don't all come back at once."""

_log = structlog.get_logger("article20")


class TooManyStreams(Article20Error):
    """This process has as many live streams as it may. Try again in {retry_after_seconds} s."""

    slug, status, retryable = "too-many-streams", 503, True


class Client:
    """One open stream: where it stands, whether it is taking a message, whether it has ended, and
    by which session or token it was opened (`holder`)."""

    __slots__ = ("busy", "holder", "is_over", "limit", "position", "send")

    def __init__(self, send: Any, position: int, limit: asyncio.Timeout, holder: str) -> None:
        self.send, self.position, self.limit, self.holder = send, position, limit, holder
        self.busy = self.is_over = False

    def end(self) -> None:
        """Let the stream end; the client comes back if it wants to."""
        self.limit.reschedule(asyncio.get_running_loop().time())


class Channel:
    """The clients of one workspace, how far its views are, and the messages made for there."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.position = 0
        self.made: dict[int, asyncio.Task[bytes]] = {}


class Hub:
    """Keeps the streams of one process and tells them what changed."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.settings = house.settings
        self.count = 0
        self._channels: dict[str, Channel] = defaultdict(Channel)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False

    def start(self) -> None:
        """Begin to watch the views, and to say now and then that the streams are alive."""
        self._keep(self._watch)
        self._keep(self._ping)
        self._keep(self._look_again)

    async def close(self) -> None:
        """End every stream."""
        self._closing = True
        for channel in self._channels.values():
            for client in list(channel.clients):
                client.end()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def follow(
        self, workspace: str, after: int | None, receive: Any, send: Any, holder: str = ""
    ) -> None:
        """Stream to one client from a position (None: from now on, which it is told first, so that
        it can resume before anything changed) until it leaves, its time is over, or its `holder`
        (the cookie of a session, or `token:` and an id; empty where nobody is to be asked) is let
        in no longer; TooManyStreams when there is no room, BeyondLog when the log does not reach
        the position."""
        if self._closing or self.count >= self.settings.live_clients_max:
            raise TooManyStreams(retry_after_seconds=10)
        self.count += 1
        try:
            position = (await self.house.views.watermark(workspace)).position
            if after is not None and after > position:
                head = await self.house.store.head(workspace)
                if after > head:
                    raise BeyondLog(position=after, head=head)
            begins = position if after is None else after
            await send(_start(position))
            await send(_body(b"retry: %d\nid: %d\n\n" % (RETRY_MS, begins)))
            lasting = self.settings.live_stream_seconds_max
            lasting *= 1 - LASTING_JITTER * random.random()
            async with asyncio.timeout(lasting) as limit:
                client = Client(send, begins, limit, holder)
                await self._stay(workspace, position, client, receive)
        except TimeoutError:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.count -= 1

    async def open_alone(self, workspace: str, send: Any) -> None:
        """Answer as a stream begins, and end it."""
        await send(_start((await self.house.views.watermark(workspace)).position))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _stay(self, workspace: str, position: int, client: Client, receive: Any) -> None:
        """Be told of everything until the client leaves."""
        # Nothing is awaited between finding the channel and joining it: the last client that leaves
        # takes it away.
        channel = self._channels[workspace]
        channel.clients.add(client)
        if self._closing:
            client.end()  # it was let in before the others were told
        self._tell(workspace, position)
        self._deliver(channel, workspace, client)
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            client.is_over = True
            channel.clients.discard(client)
            if not channel.clients:
                self._channels.pop(workspace, None)

    async def _watch(self) -> None:
        while True:
            woken = await self.house.listener.wait_any(VIEWED)
            # After silence everyone is looked after, in case a notification was lost.
            for workspace in [w for w in list(self._channels) if not woken or w in woken]:
                try:
                    watermark = await self.house.views.watermark(workspace)
                except Article20Error:
                    continue  # the store is away for now; the next turn looks again
                self._tell(workspace, watermark.position)

    def _tell(self, workspace: str, position: int) -> None:
        channel = self._channels.get(workspace)
        if channel is None or position <= channel.position:
            return
        channel.position = position
        channel.made.clear()
        for client in list(channel.clients):
            self._deliver(channel, workspace, client)

    def _deliver(self, channel: Channel, workspace: str, client: Client) -> None:
        if not client.busy and client.position < channel.position:
            client.busy = True
            self._begin(self._catch_up(channel, workspace, client))

    async def _catch_up(self, channel: Channel, workspace: str, client: Client) -> None:
        try:
            while client.position < channel.position:
                position = channel.position
                message = await self._message(channel, workspace, client.position)
                await self._send(client, message)
                client.position = position
        except Article20Error:
            client.end()
        finally:
            client.busy = False

    async def _message(self, channel: Channel, workspace: str, after: int) -> bytes:
        """The message from one position to the channel's, made by whoever needs it first."""
        made = channel.made.get(after)
        if made is None:
            made = channel.made[after] = asyncio.create_task(
                self._make(workspace, after, channel.position)
            )
            self._tasks.add(made)
            made.add_done_callback(self._tasks.discard)
        return await asyncio.shield(made)

    async def _make(self, workspace: str, after: int, until: int) -> bytes:
        changed = await self.house.changes.between(workspace, after, until)
        return b"id: %d\nevent: views\ndata: %s\n\n" % (until, msgspec.json.encode(changed))

    async def _look_again(self) -> None:
        """End the streams of those who are let in no longer, however long ago they came."""
        while True:
            await asyncio.sleep(self.settings.live_access_seconds)
            for workspace, channel in list(self._channels.items()):
                holders = sorted({client.holder for client in channel.clients if client.holder})
                for start in range(0, len(holders), HOLDERS_AT_ONCE_MAX):
                    some = holders[start : start + HOLDERS_AT_ONCE_MAX]
                    try:
                        still = await self.house.people.still_let_in(workspace, some)
                    except Article20Error:
                        break  # the store is away for now; the next turn looks again
                    gone = set(some) - still
                    for client in [c for c in channel.clients if c.holder in gone]:
                        client.end()

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(self.settings.live_heartbeat_seconds)
            for workspace, channel in list(self._channels.items()):
                for client in list(channel.clients):
                    if not client.busy:
                        client.busy = True
                        self._begin(self._ping_one(channel, workspace, client))

    async def _ping_one(self, channel: Channel, workspace: str, client: Client) -> None:
        try:
            await self._send(client, PING)
        finally:
            client.busy = False
        self._deliver(channel, workspace, client)

    async def _send(self, client: Client, message: bytes) -> None:
        if client.is_over:  # its message was still being made
            return
        try:
            async with asyncio.timeout(self.settings.live_send_seconds_max):
                await client.send(_body(message))
        except (TimeoutError, OSError):
            client.end()

    def _keep(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do work for ever; should it fail, log why and begin again after a while."""

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and not self._closing:
                task.get_loop().call_later(RESTART_SECONDS, self._keep, work)

        self._begin(work()).add_done_callback(ended)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("live_failed", error=type(error).__name__)


def _start(position: int) -> dict[str, Any]:
    """The head of a stream, with how far the views are: this process may not have heard of it by
    any other way yet."""
    return {
        "type": "http.response.start",
        "status": 200,
        "headers": [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            (POSITION, b"%d" % position),
        ],
    }


def _body(part: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": part, "more_body": True}
