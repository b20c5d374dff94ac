"""Takes times and names the machine they were taken on; it never decides what is fast enough."""

import os
import platform
import socket
import time
from collections.abc import Callable

import psutil

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    """How long one run takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turns(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int = ROUNDS
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds of every round of both, taken in turns, so that a busy moment hits both alike."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    return tuple(a for a, _ in pairs), tuple(b for _, b in pairs)


def cpu_seconds(process: psutil.Process) -> float:
    """The time of the processor that a process has taken, its own alone."""
    times = process.cpu_times()
    return float(times.user + times.system)


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def machine() -> str:
    """What the figures hold for: processors, system, Python."""
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}"
    )
