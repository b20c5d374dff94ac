"""A process that appends as fast as it can and prints what was acknowledged, until its standard
input ends; for the test that kills one."""

import asyncio
import sys

from domain.dcb import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from infra.postgres.appender import Appender, AppendRequest
from infra.postgres.pool import open_pool

CALLERS = 24


async def main(dsn: str, workspace: str, name: str) -> None:
    """Print `<position> <tag>` for every append that was acknowledged."""
    pool = await open_pool(dsn)
    appender = Appender(pool)
    ended = asyncio.Event()

    async def caller(number: int) -> None:
        turn = 0
        while not ended.is_set():
            turn += 1
            tag = f"claim:{name}-{number}-{turn}"
            request = AppendRequest(
                events=(DCBEvent("noted.v1", b"x" * 600, [tag, "gov:FIN"]),),
                condition=DCBAppendCondition(DCBQuery([DCBQueryItem(tags=[tag])])),
                key=tag,
            )
            done = await appender.append(workspace, request)
            sys.stdout.write(f"{done.first} {tag}\n")
            sys.stdout.flush()

    callers = asyncio.gather(*(caller(number) for number in range(CALLERS)))
    await asyncio.to_thread(sys.stdin.read)
    ended.set()
    await callers
    await appender.close()
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
