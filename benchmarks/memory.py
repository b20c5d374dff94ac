"""What processes take of memory, as the system tells it; it takes no times."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

LOOK_SECONDS: Final = 0.01


def taken(pid: int, what: Literal["VmRSS", "VmHWM"]) -> int:
    """Bytes that a process takes now, or took at most; 0 where it has ended."""
    told = ""
    with suppress(FileNotFoundError, ProcessLookupError):
        told = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(rf"^{what}:\s+(\d+) kB$", told, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def forget_most(pid: int) -> None:
    """Let the most that a process took be what it takes now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")


def most_until_ended(process: subprocess.Popen[Any]) -> int:
    """Bytes that a process takes at most until it ends, or any that it starts.

    Looked at while they run: what the system tells in the end counts what their starter held.
    """
    most = 0
    while process.poll() is None:
        most = max(most, *(taken(pid, "VmHWM") for pid in _family(process.pid)))
        time.sleep(LOOK_SECONDS)
    return most


def _family(pid: int) -> Iterator[int]:
    yield pid
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in file.read_text("ascii").split():
                yield from _family(int(child))
