"""The program with a data folder of its own: inside this process for speed, or spawned for real;
everything it starts is stopped again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from services.cli.program import run
from tests.house.tree import ROOT

TIMEOUT_SECONDS = 120
STOP_SECONDS_MAX = 60
COMMAND = (sys.executable, "-m", "services.cli")


class Ended(NamedTuple):
    """How a run of the program ended."""

    returncode: int
    stdout: str
    stderr: str


class Program:
    """`article20` bound to one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    @property
    def environ(self) -> dict[str, str]:
        """The environment of this process without settings of article20, but for the folder."""
        mine = {n: v for n, v in os.environ.items() if not n.startswith("ARTICLE20_")}
        return mine | {
            "ARTICLE20_DATA_DIR": str(self.data_dir),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "100",
        }

    def __call__(self, *arguments: str | Path, stdin: str = "", **environ: str) -> Ended:
        """How the program ended, run inside this process."""
        set_here: dict[str, str | None] = {
            n: None for n in os.environ if n.startswith("ARTICLE20_")
        }
        set_here |= {"ARTICLE20_DATA_DIR": str(self.data_dir)} | environ
        with CliRunner().isolation(input=stdin, env=set_here) as (out, err, _):
            code = run([str(argument) for argument in arguments])
            sys.stdout.flush()
            sys.stderr.flush()
            return Ended(code, out.getvalue().decode(), err.getvalue().decode())

    def spawn(self, *arguments: str | Path, stdin: str = "", **environ: str) -> Ended:
        """How the program ended, run as a process of its own."""
        ended = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=stdin,
            env=self.environ | environ,
            cwd=self.data_dir,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def in_shell(self, line: str) -> Ended:
        """How a line that somebody types ended."""
        ended = subprocess.run(
            ["bash", "-c", line],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def done(self, *arguments: str | Path, **how: Any) -> str:
        """What the program printed; it must have exited 0."""
        ended = self(*arguments, **how)
        assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def answer(self, *arguments: str | Path, **how: Any) -> Any:
        """The JSON that the program printed; it must have exited 0."""
        return json.loads(self.done(*arguments, **how))

    def refused(self, *arguments: str | Path, **how: Any) -> str:
        """The line with which the program refused, exiting 1."""
        ended = self(*arguments, **how)
        assert ended.returncode == 1, f"{ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        assert "Traceback" not in ended.stderr
        return ended.stderr.splitlines()[-1]


@contextmanager
def program_folder() -> Iterator[Program]:
    """The program with a fresh data folder; short-named, because a socket's path is."""
    folder = Path(tempfile.mkdtemp(prefix="a20-"))
    try:
        yield Program(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def started(program: Program, *arguments: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """The program running in the background; stopped by its id when the block ends."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        env=program.environ | environ,
        cwd=program.data_dir,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


def first_line(process: subprocess.Popen[str]) -> str:
    """The first line the program prints, once it does."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr else ""
    return line
