"""A process that does nothing but project, for tests that kill it; never a test of its own."""

import asyncio
import sys

from infra.postgres.listener import Listener
from infra.postgres.pool import open_pool
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading.views import Views


async def project(dsn: str, lock_life_seconds: float) -> None:
    """Project for ever."""
    listener = Listener(dsn)
    await listener.start()
    views = Views(await open_pool(dsn), listener)
    await Projector(dsn, listener, views, lock_life_seconds=lock_life_seconds).run()


if __name__ == "__main__":
    asyncio.run(project(sys.argv[1], float(sys.argv[2])))
