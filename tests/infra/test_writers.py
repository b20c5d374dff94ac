"""Several processes that append to one log, one of them killed."""

import asyncio
import signal
import sys

from infra.postgres.store import EventStore
from tests.conftest import WORKSPACE

WRITERS = 3
LOAD_SECONDS = 1.0
STOP_SECONDS_MAX = 60


async def begin(dsn: str, name: str) -> asyncio.subprocess.Process:
    """A writer; what it says is kept until it ends."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.infra.writer", dsn, WORKSPACE, name),
        stdin=pipe,
        stdout=pipe,
        limit=2**26,
    )


async def end(writer: asyncio.subprocess.Process) -> list[tuple[int, str]]:
    """What a writer was told, its last line left out if it was cut short."""
    async with asyncio.timeout(STOP_SECONDS_MAX):
        out, _ = await writer.communicate(b"")
    whole = out.decode()[: out.decode().rfind("\n") + 1]
    pairs = (line.split(" ") for line in whole.splitlines())
    return [(int(position), tag) for position, tag in pairs]


async def under_way(store: EventStore) -> None:
    """Return once there are events enough for all to have begun."""
    for _ in range(STOP_SECONDS_MAX * 20):
        if await store.head(WORKSPACE) >= WRITERS * 100:
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


async def test_a_writer_killed_under_load_harms_nothing(dsn: str, store: EventStore) -> None:
    """Of three processes that append at once one is killed: positions are without gaps, everything
    acknowledged stands where it was said to, and nothing stands twice."""
    writers = [await begin(dsn, f"writer{number}") for number in range(WRITERS)]
    await under_way(store)
    await asyncio.sleep(LOAD_SECONDS)
    writers[0].send_signal(signal.SIGKILL)
    at_the_kill = await store.head(WORKSPACE)
    await asyncio.sleep(LOAD_SECONDS)
    acknowledged = [pair for writer in writers for pair in await end(writer)]
    assert [writer.returncode for writer in writers] == [-signal.SIGKILL, 0, 0]

    stored = [event async for page in store.stream(WORKSPACE) for event in page]
    assert len(stored) > at_the_kill, "the others went on"
    assert [event.position for event in stored] == list(range(1, len(stored) + 1))
    tags = {event.position: event.tags[0] for event in stored}
    assert len(set(tags.values())) == len(stored)
    assert len(acknowledged) == len(set(acknowledged))
    assert set(range(WRITERS)) == {
        int(tag.removeprefix("claim:writer").split("-")[0]) for _, tag in acknowledged
    }
    assert all(tags[position] == tag for position, tag in acknowledged)
    moments = [event.recorded_at for event in stored]
    assert moments == sorted(moments)
