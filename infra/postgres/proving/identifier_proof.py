"""Tells whether the ids of events are those that the log gave them, as far as ids alone say; it
never reads them itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import numpy as np

from infra.postgres.log.identifiers import DRAWN, SEALED

_WORDS: Final = 4
"""Of 32 bits, as which ids are compared: the last is the number."""
_VARIANT_BITS: Final = 0b10

Words = np.ndarray[Any, np.dtype[np.uint32]]


def is_known(id_: UUID, recorded_at: datetime, sealed_from: datetime | None) -> bool:
    """Whether the log gave such an id at that moment: a sealed one, or a random one before all had
    to be sealed."""
    if id_.version == DRAWN:
        return sealed_from is not None and recorded_at < sealed_from
    return id_.version == SEALED


class Sequel:
    """How the ids of events follow one another, read in the order of their positions."""

    def __init__(self, sealed_from: datetime | None) -> None:
        self.sealed_from = sealed_from
        self.events = self.beginnings = 0
        """How many sealed ones there are so far, and how many of them do not go on from the one
        before: an append begins with those."""
        self._last: Words = np.zeros((1, _WORDS), np.uint32)

    def take(self, ids: bytes, moments: Sequence[datetime]) -> bool:
        """Go on with the ids of a page, one after the other, and the moments of their events;
        whether the log gave all of them."""
        words: Words = np.frombuffer(ids, ">u4").reshape(-1, _WORDS).astype(np.uint32)
        version = words[:, 1] >> 12 & 0xF
        before = np.concatenate([self._last, words[:-1]])
        goes_on = (words[:, :3] == before[:, :3]).all(axis=1) & (words[:, 3] == before[:, 3] + 1)
        is_sealed = version == SEALED
        self.beginnings += int(np.count_nonzero(is_sealed & ~goes_on))
        self.events += int(np.count_nonzero(is_sealed))
        self._last = words[-1:]
        if not (words[:, 2] >> 30 == _VARIANT_BITS).all():
            return False
        if is_sealed.all():
            return True
        last = moments[int(np.flatnonzero(~is_sealed)[-1])]
        is_early = self.sealed_from is not None and last < self.sealed_from
        return is_early and bool((is_sealed | (version == DRAWN)).all())
