"""Several processes that append to one log, one of them killed."""

import asyncio
import signal
import sys

from infra.postgres.log.store import EventStore
from tests.conftest import WORKSPACE
from tests.faults.proof import prove

WRITERS = 3
MORE_EVENTS = 300
STOP_SECONDS_MAX = 120


async def begin(dsn: str, name: str) -> asyncio.subprocess.Process:
    """A writer; what it says is kept until it ends."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.writer", dsn, name),
        stdin=pipe,
        stdout=pipe,
        limit=2**26,
    )


async def end(writer: asyncio.subprocess.Process) -> dict[str, int]:
    """What a writer was told, its last line left out if it was cut short."""
    async with asyncio.timeout(STOP_SECONDS_MAX):
        out, _ = await writer.communicate(b"")
    whole = out.decode()[: out.decode().rfind("\n") + 1]
    pairs = (line.split(" ") for line in whole.splitlines())
    return {claim: int(position) for claim, position in pairs}


async def reached(store: EventStore, position: int) -> int:
    """The head, once it is at a position or beyond."""
    for _ in range(STOP_SECONDS_MAX * 50):
        head = await store.head(WORKSPACE)
        if head >= position:
            return head
        await asyncio.sleep(0.02)
    raise TimeoutError


async def test_a_writer_killed_under_load_harms_nothing(dsn: str, store: EventStore) -> None:
    """Of three processes that append at once one is killed: the others go on, and what each was
    told stands where it was said to."""
    writers = [await begin(dsn, f"writer{number}") for number in range(WRITERS)]
    for writer in writers:  # all have begun, and lines of the one that dies are on their way
        assert writer.stdout is not None
        await writer.stdout.readuntil(b"\n")
    at = await reached(store, await store.head(WORKSPACE) + MORE_EVENTS)
    writers[0].send_signal(signal.SIGKILL)
    await reached(store, at + MORE_EVENTS)
    told = [await end(writer) for writer in writers]
    assert [writer.returncode for writer in writers] == [-signal.SIGKILL, 0, 0]
    assert all(told)
    acknowledged = {claim: at for one in told for claim, at in one.items()}
    assert await prove(dsn, acknowledged) >= at + MORE_EVENTS
