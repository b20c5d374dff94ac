"""What every contestant of the appending benchmark appends, and what it tells of a round; it knows
none of them."""

import random
import threading
import time
from bisect import bisect
from collections.abc import Callable, Iterator
from itertools import accumulate, count
from typing import Protocol

import msgspec

from domain.dcb import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF

DATA_BYTES = 600
DATA_VARIANTS = 256
_drawn = random.Random(20)
_DATA = [_drawn.randbytes(DATA_BYTES) for _ in range(DATA_VARIANTS)]
_CODES = sorted(GOVERNMENTS)
_TYPES = [f"{kind}.v1" for kind in sorted(DETAILS_OF)]
_CODE_ODDS = list(accumulate(1 / place for place in range(1, len(_CODES) + 1)))
_TYPE_ODDS = list(accumulate(1 / place for place in range(1, len(_TYPES) + 1)))
_numbers = count(1)


class Deed(msgspec.Struct, frozen=True):
    """One append: its events, all under a claim of their own, and the condition that no event is
    under that claim yet."""

    claim: str
    events: tuple[DCBEvent, ...]
    condition: DCBAppendCondition


class Round(msgspec.Struct, frozen=True):
    """What became of one round: appends acknowledged and refused, in how many seconds, and how many
    seconds each of them took, in order of length."""

    acknowledged: int
    refused: int
    seconds: float
    waits: list[float]

    @property
    def rate(self) -> float:
        """Acknowledged appends a second."""
        return self.acknowledged / self.seconds


class Contestant(Protocol):
    """A store that is appended to durably."""

    name: str

    def run(self, callers: int, seconds: float, batch: int) -> Round:
        """Append for so long, with so many callers waiting at a time, so many events at a time."""

    def stored(self) -> int:
        """How many events the store holds."""

    def close(self) -> None:
        """Stop and remove it."""


def deeds(batch: int, number: int) -> list[Deed]:
    """So many appends of `batch` events each: 600 bytes, the type and two governments drawn as
    unevenly as in the chronology, four tags, and a claim that nobody wrote of before."""
    return [_deed(batch) for _ in range(number)]


def _deed(batch: int) -> Deed:
    claim = f"claim:contest-{next(_numbers):09}"
    events = tuple(_event(claim) for _ in range(batch))
    return Deed(claim, events, DCBAppendCondition(DCBQuery([DCBQueryItem(tags=[claim])])))


def _event(claim: str) -> DCBEvent:
    first = _zipf(_CODE_ODDS)
    second = (first + 1 + _zipf(_CODE_ODDS)) % len(_CODES)
    return DCBEvent(
        _TYPES[_zipf(_TYPE_ODDS)],
        _DATA[_drawn.randrange(DATA_VARIANTS)],
        [
            claim,
            f"gov:{_CODES[first]}",
            f"gov:{_CODES[second]}",
            "treaty:APMBC" if _drawn.random() < 0.8 else "treaty:CCM",
        ],
    )


def _zipf(odds: list[float]) -> int:
    return min(bisect(odds, _drawn.random() * odds[-1]), len(odds) - 1)


def in_threads(
    append: Callable[[int], Callable[[Deed], bool]], threads: int, work: list[Deed], seconds: float
) -> Round:
    """Let so many threads append until the time is over or the work is; `append` gives each thread,
    by its number, what it appends with, which says whether it was acknowledged."""
    left: Iterator[Deed] = iter(work)
    lock = threading.Lock()
    waits: list[float] = []
    refused = 0
    begin = threading.Barrier(threads + 1)
    errors: list[BaseException] = []
    ends_at = 0.0

    def caller(number: int) -> None:
        nonlocal refused
        mine, bad = [], 0
        try:
            do = append(number)
            begin.wait()
            while time.perf_counter() < ends_at:
                with lock:
                    deed = next(left, None)
                if deed is None:
                    break
                begun = time.perf_counter()
                if do(deed):
                    mine.append(time.perf_counter() - begun)
                else:
                    bad += 1
        except BaseException as error:
            errors.append(error)
            begin.abort()
            raise
        finally:
            with lock:
                waits.extend(mine)
                refused += bad

    running = [threading.Thread(target=caller, args=(number,)) for number in range(threads)]
    for one in running:
        one.start()
    ends_at = time.perf_counter() + seconds
    begun = time.perf_counter()
    begin.wait()
    for one in running:
        one.join()
    if errors:
        raise errors[0]
    return Round(len(waits), refused, time.perf_counter() - begun, sorted(waits))
