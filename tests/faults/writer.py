"""A process that records claims as fast as it can and prints what was acknowledged, until its
standard input ends; for the test that kills one."""

import asyncio
import sys

from infra.postgres.log.appender import Appender
from infra.postgres.pool import open_pool
from tests.conftest import WORKSPACE
from tests.faults.proof import recording

CALLERS = 16


async def main(dsn: str, name: str) -> None:
    """Print `<claim> <position>` for every recording that was acknowledged."""
    pool = await open_pool(dsn)
    appender = Appender(pool)
    ended = asyncio.Event()

    async def caller(number: int) -> None:
        turn = 0
        while not ended.is_set():
            turn += 1
            claim = f"{name}-{number}-{turn}"
            done = await appender.append(WORKSPACE, recording(claim))
            sys.stdout.write(f"{claim} {done.first}\n")
            sys.stdout.flush()

    callers = asyncio.gather(*(caller(number) for number in range(CALLERS)))
    await asyncio.to_thread(sys.stdin.read)
    ended.set()
    await callers
    await appender.close()
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
