"""The model of the page Integrity: where log and views stand, and what the last proof said; it
never asks."""

from datetime import datetime
from typing import Final

import msgspec

from services.checking import Proof
from services.dashboard.frame import Frame

CHECK_PATH: Final = "/integrity/check"


class Stopped(msgspec.Struct, frozen=True):
    """A view that could not take in the event at `position`, and why."""

    view: str
    position: int
    error: str


class IntegrityPage(msgspec.Struct, frozen=True, kw_only=True):
    """Can what stands here be trusted?"""

    frame: Frame
    head: int
    position: int
    recorded_at: datetime | None
    epoch: int
    listening: bool
    stopped: tuple[Stopped, ...]
    proof: Proof | None
    may_check: bool

    @property
    def behind(self) -> int:
        """Events that the views have yet to take in."""
        return max(0, self.head - self.position)
