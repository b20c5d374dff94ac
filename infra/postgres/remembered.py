"""What was looked up, remembered for a while, and looked up by one for all who ask meanwhile; it
never remembers that something is not there."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from typing import Final, Generic, TypeVar

AHEAD_SHARE: Final = 0.2
"""In this last part of its time what is asked for is looked up again, and nobody waits for it."""

Found = TypeVar("Found")


class Remembered(Generic[Found]):
    """Answers by name, `kept_max` at most, each for `kept_seconds_max` at most.

    Hundreds of requests may want one at the same moment: whoever comes while another looks it up
    waits for that answer, and what is in use is looked up again before it is forgotten.
    """

    def __init__(
        self,
        look_up: Callable[[str], Awaitable[Found | None]],
        *,
        kept_max: int,
        kept_seconds_max: float,
    ) -> None:
        self._look_up, self._kept_max, self._seconds_max = look_up, kept_max, kept_seconds_max
        self._ahead_seconds = kept_seconds_max * AHEAD_SHARE
        self._kept: dict[str, tuple[float, Found]] = {}
        self._looking: dict[str, asyncio.Task[Found | None]] = {}

    async def find(self, name: str) -> Found | None:
        """What there is under a name, or None; raises what looking it up raised."""
        if (kept := self.kept(name)) is not None:
            return kept
        return await asyncio.shield(self._looking.get(name) or self._begin(name))

    def kept(self, name: str) -> Found | None:
        """What `find` answers, where it is remembered."""
        kept = self._kept.get(name)
        if kept is None:
            return None
        left_seconds = kept[0] - monotonic()
        if left_seconds <= 0:
            return None
        if left_seconds < self._ahead_seconds and name not in self._looking:
            self._begin(name)
        return kept[1]

    def forget(self) -> None:
        """Look everything up again, also what is being looked up now."""
        self._kept.clear()
        self._looking.clear()

    def _begin(self, name: str) -> asyncio.Task[Found | None]:
        looking = self._looking[name] = asyncio.create_task(self._look(name))
        looking.add_done_callback(partial(self._looked, name))
        return looking

    async def _look(self, name: str) -> Found | None:
        found = await self._look_up(name)
        # Names nobody has are not remembered, as anyone could send a flood of them; nor is what was
        # read before everything was forgotten.
        if self._looking.get(name) is asyncio.current_task():
            self._kept.pop(name, None)
            if len(self._kept) >= self._kept_max:
                self._kept.clear()
            if found is not None:
                self._kept[name] = (monotonic() + self._seconds_max, found)
        return found

    def _looked(self, name: str, looking: asyncio.Task[Found | None]) -> None:
        if self._looking.get(name) is looking:
            del self._looking[name]
        if not looking.cancelled():
            looking.exception()  # looked at, as whoever asked may have gone away meanwhile
