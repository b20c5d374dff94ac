"""Proofs of a workspace's store, run in the background of a server and remembered by it; it never
mends what it finds."""

import asyncio
from datetime import datetime

import msgspec

from domain.errors import Article20Error
from services.house import House
from services.wiring import verify

STEPS_SHOWN = 12
"""How many steps of a proof are remembered."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """One proof: when it began and ended, what it went through, and the first fault, if any.

    `ended_at` is None while it runs; `steps` are (name, done, total).
    """

    began_at: datetime
    ended_at: datetime | None = None
    steps: tuple[tuple[str, int, int], ...] = ()
    position: int = 0
    fault: str = ""


class Checks:
    """The last proof of each workspace that this process ran."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._last: dict[str, Proof] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def last(self, workspace: str) -> Proof | None:
        """The proof that runs or ran last; None where none was run since the server started."""
        return self._last.get(workspace)

    def start(self, workspace: str) -> None:
        """Begin a proof, unless one is under way."""
        if workspace in self._running:
            return
        self._last[workspace] = Proof(began_at=self.house.now())
        task = asyncio.create_task(self._prove(workspace))
        self._running[workspace] = task
        task.add_done_callback(lambda _: self._running.pop(workspace, None))

    async def close(self) -> None:
        """End what runs."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _prove(self, workspace: str) -> None:
        proof = self._last[workspace]
        steps: dict[str, tuple[str, int, int]] = {}
        fault, position = "", 0
        try:
            async for reached in verify(self.house.store, self.house.views, workspace):
                steps[reached.step] = (reached.step, reached.done, reached.total)
                position = max(position, reached.total if reached.step == "events" else 0)
                self._last[workspace] = msgspec.structs.replace(
                    proof, steps=tuple(steps.values())[:STEPS_SHOWN], position=position
                )
        except Article20Error as error:
            fault = str(error)
        self._last[workspace] = msgspec.structs.replace(
            self._last[workspace], ended_at=self.house.now(), fault=fault
        )
