"""A process that has settled keeps the memory it will need again; counted in pages, not timed."""

import resource
import subprocess
import sys

ROUNDS = 50
VALUES_BYTES = 4 * 700_000
PROGRAM = f"""
import resource
from services.collecting import settle

settle()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def work():
    return [b"x" * 700_000 for _ in range(4)]
work()
before = faults()
for _ in range({ROUNDS}):
    work()
print(faults() - before)
"""


def test_large_values_are_made_in_memory_that_is_there() -> None:
    """Values of the size of a batch, made and let go again and again, take their memory from the
    kernel once, not every time."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) * resource.getpagesize() < VALUES_BYTES * ROUNDS / 10
