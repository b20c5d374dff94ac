"""Starts the processes that measurements over HTTP are made with, and ends them; it measures
nothing."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from benchmarks.stages import Place
from benchmarks.timing import free_port

END_SECONDS_MAX = 60


@contextmanager
def process(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A module run as a process that ends when its standard input does."""
    started = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield started
    finally:
        assert started.stdin is not None
        started.stdin.close()
        started.wait(END_SECONDS_MAX)


def told(by: subprocess.Popen[bytes]) -> bytes:
    """The next line that a process says."""
    assert by.stdout is not None
    return by.stdout.readline()


@contextmanager
def serving(kind: str, *what: str) -> Iterator[tuple[int, int, Place]]:
    """A server of `benchmarks.stages`: its process id, its port, and where to follow and send."""
    port = free_port()
    with process("benchmarks.stages", kind, str(port), *what) as server:
        yield server.pid, port, msgspec.json.decode(told(server), type=Place)
