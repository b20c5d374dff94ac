"""A process that has settled keeps the memory it will need again, once; counted in pages, not
timed."""

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
THREADS = 6
THREADS_PROGRAM = f"""
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from services.collecting import settle

settle()
def resident():
    told = Path("/proc/self/status").read_text("ascii")
    return 1024 * int(re.search("VmRSS:[^0-9]+([0-9]+) kB", told)[1])
def work():
    values = [b"x" * 70_000 for _ in range({VALUES_BYTES} // 70_000)]
    values.clear()
together = Barrier({THREADS})
with ThreadPoolExecutor({THREADS}) as threads:
    list(threads.map(lambda _: together.wait(), range({THREADS})))  # all of them are there
    threads.submit(work).result()
    before = resident()
    for _ in range(20 * {THREADS}):
        threads.submit(work).result()
    print(resident() - before)
"""


def test_large_values_are_made_in_memory_that_is_there() -> None:
    """Values of the size of a batch, made and let go again and again, take their memory from the
    kernel once, not every time."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) * resource.getpagesize() < VALUES_BYTES * ROUNDS / 10


def test_what_one_thread_let_go_of_serves_the_next_one() -> None:
    """Threads that work one after the other need no more memory than one of them."""
    ran = subprocess.run([sys.executable, "-c", THREADS_PROGRAM], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) < VALUES_BYTES
