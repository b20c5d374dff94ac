"""Takes times and names the machine they were taken on; it never decides what is fast enough."""

import os
import platform
import time
from collections.abc import Callable

import msgspec

ROUNDS = 5


class Measured(msgspec.Struct, frozen=True):
    """One figure: what was measured, how much, and the unit."""

    name: str
    value: float
    unit: str

    @property
    def figure(self) -> str:
        """The value with as many digits as it is worth, and the unit."""
        return (
            f"{self.value:,.0f} {self.unit}"
            if self.value >= 100
            else f"{self.value:.3g} {self.unit}"
        )


def best_of(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the fastest of `rounds` runs: the one that others disturbed least."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def machine() -> str:
    """What the figures hold for: processors, system, Python."""
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}"
    )
