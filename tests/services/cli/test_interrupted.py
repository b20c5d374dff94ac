"""Ctrl-C at any step on the way into the house, brought about on purpose."""

import json
import subprocess
import sys

from tests.services.cli.interrupted import STEPS
from tests.services.cli.program import TIMEOUT_SECONDS


def test_whenever_it_is_interrupted_it_says_one_line() -> None:
    """A command that is interrupted while it puts up its loop exits 1 and says that it stopped, in
    one line: nothing is left that was never begun, and nothing fails on its way out."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.services.cli.interrupted"],
        capture_output=True,
        check=True,
        timeout=TIMEOUT_SECONDS,
    )
    found = [(code, err.strip()) for code, err in json.loads(ended.stdout)]
    assert found == [(1, "article20: stopped before it was done.")] * STEPS
