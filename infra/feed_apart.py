"""Reads a feed in a process of its own, which is ended when that takes too long; it never reads one
in the process that serves.

Some documents keep a reader busy for hours, within one expression, and as long as that lasts
nothing else goes on in its process. What others publish may cost us a process for some seconds, and
no more: no page waits for it, and neither secrets nor connections are within its reach.
"""

import asyncio
import os
import resource
import sys
from typing import Final

import msgspec

from infra.feed_reading import FeedDocument, NotAFeed, read_feed

MEMORY_BYTES_MAX: Final = 1024 * 1024 * 1024
"""Of the process that reads one feed."""
TOO_MUCH: Final = "reading it takes more time or memory than a feed may"
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH")
"""What that process knows of the environment, where secrets may stand."""


class Given(msgspec.Struct, frozen=True, array_like=True):
    """What is read."""

    body: bytes
    media_type: str
    entries_max: int


class Told(msgspec.Struct, frozen=True, array_like=True):
    """What was found, or why it is no feed."""

    document: FeedDocument | None
    reason: str = ""


async def read_feed_apart(
    body: bytes, media_type: str, *, entries_max: int, seconds_max: float
) -> FeedDocument:
    """The feed in a body; NotAFeed where there is none, or where it is not read in time."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "infra.feed_apart"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
    )
    given = msgspec.msgpack.encode(Given(body, media_type, entries_max))
    try:
        async with asyncio.timeout(seconds_max):
            said, _ = await process.communicate(given)
    except TimeoutError:
        raise NotAFeed(reason=TOO_MUCH) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise NotAFeed(reason=TOO_MUCH)
    told = msgspec.msgpack.decode(said, type=Told)
    if told.document is None:
        raise NotAFeed(reason=told.reason)
    return told.document


def _read() -> None:
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    given = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Given)
    try:
        told = Told(read_feed(given.body, given.media_type, entries_max=given.entries_max))
    except NotAFeed as error:
        told = Told(None, error.facts["reason"])
    sys.stdout.buffer.write(msgspec.msgpack.encode(told))


if __name__ == "__main__":
    _read()
