"""Keeps the embedded PostgreSQL running for as long as a process works with it; it never starts the
first one, and never touches a server of one's own."""

import asyncio
import logging
from typing import Final

from domain.errors import SetupRefused
from infra.postgres.embedded import EmbeddedServer

LOOK_SECONDS: Final = 0.5
"""How often it is looked whether the server is still there; who waits for it waits as long."""
AGAIN_SECONDS: Final = 5.0
"""After a start that was refused, as on a disk that is full."""
_log: Final = logging.getLogger(__name__)


async def keep_running(server: EmbeddedServer) -> None:
    """Start the server again whenever it is gone, and say so; for ever."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if not server.is_gone():
            continue
        try:
            if await asyncio.to_thread(server.revive):
                _log.warning("PostgreSQL was gone, and is started again")
        except (SetupRefused, OSError) as error:
            _log.error("PostgreSQL is gone, and does not start: %s", error)
            await asyncio.sleep(AGAIN_SECONDS)
