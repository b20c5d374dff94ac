"""A process of its own that projects for ever, or rebuilds once and says how long that took; it
measures nothing else."""

import sys
import time

import uvloop

from benchmarks.server import WORKSPACE
from infra.postgres.listener import Listener
from infra.postgres.pool import open_pool
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading.views import Views
from services.collecting import settle


async def main(work: str, dsn: str) -> None:
    """`project`: for ever; `rebuild`: print the seconds until the new rows were read, and those
    until the old ones were cleared away."""
    listener = Listener(dsn)
    await listener.start()
    projector = Projector(dsn, listener, Views(await open_pool(dsn), listener))
    if work == "project":
        await projector.run()
    begun = time.perf_counter()
    swapped: list[float] = []

    def tell(position: int, until: int) -> None:
        if position >= until:
            swapped.append(time.perf_counter() - begun)

    position = await projector.rebuild(WORKSPACE, None, tell)
    print(position, swapped[-1], time.perf_counter() - begun, flush=True)
    await listener.close()


if __name__ == "__main__":
    settle()  # as every process of the program does, and on the loop it runs on
    uvloop.run(main(sys.argv[1], sys.argv[2]))
