"""A command of which each child process is interrupted at another step of putting up its loop; what
each said goes to stdout as JSON."""

import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

from services.cli import housing
from services.cli.program import run

STEPS = 80
ARGUMENTS = ("status", "--database-url", "postgresql:///none?host=/nowhere")
ENTRY = housing.in_house_of.__name__


def interrupted(step: int) -> tuple[int, str]:
    """How a child ended and what it said on stderr, interrupted at the n-th call after `ENTRY`."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 2)
            _interrupt_at(step)
            code = run(ARGUMENTS)
            sys.setprofile(None)
            sys.stderr.flush()
            os._exit(code)
        _, ended = os.waitpid(child, 0)
        said.seek(0)
        return os.waitstatus_to_exitcode(ended), said.read().decode()


def _interrupt_at(step: int) -> None:
    calls = -1

    def count(frame: FrameType, event: str, _given: Any) -> None:
        nonlocal calls
        if calls < 0 and frame.f_code.co_name != ENTRY:
            return
        if event in ("call", "c_call"):
            calls += 1
            if calls == step:
                sys.setprofile(None)
                signal.raise_signal(signal.SIGINT)

    sys.setprofile(count)


if __name__ == "__main__":
    os.chdir(Path(tempfile.gettempdir()))
    json.dump([interrupted(step) for step in range(STEPS)], sys.stdout)
