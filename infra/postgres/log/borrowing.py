"""Borrows connections of a pool for more than one batch, in turns; it runs no statement itself."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from infra.postgres.pool import UNREACHABLE

BORROWED_BATCHES_MAX: Final = 16
"""After so many batches through one connection it goes back to the pool where readers may wait for
it, which is where the pool has no other to lend: giving it back and borrowing anew costs half an
append of a lone caller. While another workspace of this process waits for one, it goes back after
each batch."""
PARKED_SECONDS: Final = 0.05
"""For so long after the last batch a connection is kept at hand: a lone caller's next append comes
within a millisecond, and borrowing anew costs as much as preparing it does."""


class _Lender:
    """Lends the connections of the pool, in the order in which they are asked for.

    `asking`: how many wait for one.
    """

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.asking = 0

    async def lend(self) -> Any:
        """A connection, as soon as there is one."""
        self.asking += 1
        try:
            return await self._pool.acquire()
        finally:
            self.asking -= 1

    def has_spare(self) -> bool:
        """Whether whoever else asks the pool for a connection gets one without waiting for ours."""
        pool = self._pool
        return bool(pool.get_idle_size() or pool.get_size() < pool.get_max_size())

    async def take_back(self, connection: Any) -> None:
        """Let others have it."""
        with suppress(*UNREACHABLE):  # lost on its way back: the pool makes another
            await self._pool.release(connection)


class Borrowed:
    """A connection of the pool, kept for several batches while nobody else asks for one, and given
    back when it is lost."""

    def __init__(self, lender: _Lender) -> None:
        self._lender = lender
        self._kept: Any = None
        self._batches_left = 0

    async def connection(self) -> Any:
        """The connection for the next batch."""
        if self._kept is not None and not self._batches_left and self._lender.has_spare():
            self._batches_left = BORROWED_BATCHES_MAX
        if self._kept is not None and (
            not self._batches_left or self._lender.asking or self._kept.is_closed()
        ):
            await self.give_back()
        if self._kept is None:
            self._kept = await self._lender.lend()
            self._batches_left = BORROWED_BATCHES_MAX
        self._batches_left -= 1
        return self._kept

    def has_one(self) -> bool:
        """Whether it holds a connection now."""
        return self._kept is not None

    async def give_back(self) -> None:
        """Let others have it."""
        kept, self._kept = self._kept, None
        if kept is not None:
            await self._lender.take_back(kept)


class Parked:
    """The connection of the last batch, at hand for the next one."""

    def __init__(self, pool: Any) -> None:
        self._lender = _Lender(pool)
        self._one: Borrowed | None = None
        self._until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._going: set[asyncio.Task[None]] = set()

    def take(self) -> Borrowed:
        """It, or another one."""
        one, self._one = self._one, None
        return one or Borrowed(self._lender)

    async def park(self, one: Borrowed) -> None:
        """Keep it at hand for a while, or give it back where there is one already or somebody asks
        for one."""
        if self._one is not None or self._lender.asking or not one.has_one():
            await one.give_back()
            return
        self._one = one
        loop = asyncio.get_running_loop()
        self._until = loop.time() + PARKED_SECONDS
        if self._timer is None:
            self._timer = loop.call_at(self._until, self._look, loop)

    async def close(self) -> None:
        """Give it back now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await self.take().give_back()
        if self._going:
            await asyncio.wait(self._going)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if self._one is None:
            return
        if loop.time() < self._until:
            self._timer = loop.call_at(self._until, self._look, loop)
            return
        going = loop.create_task(self.take().give_back())
        self._going.add(going)
        going.add_done_callback(self._going.discard)
