"""Work that has to end whatever it is given: what would take for ever fails instead."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

SECONDS_MAX: Final = 60
"""Far beyond what the work takes, and far below what it would take the wrong way."""


@contextmanager
def ending() -> Iterator[None]:
    """The block ends, or is interrupted: an expression looks for signals while it tries."""

    def interrupt(_number: int, _frame: Any) -> None:
        raise AssertionError(f"it goes on for longer than {SECONDS_MAX} s")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(SECONDS_MAX)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
