"""Measures the memory that one answer of every kind takes, each in a process of its own, at two
lengths of the log; it writes nothing to the histories that it asks about."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache
from itertools import repeat
from typing import Final

from benchmarks.histories import weighed_governments
from benchmarks.memory import forget_most, most_until_ended, taken
from benchmarks.rows import Row, Size
from benchmarks.server import SEED, WORKSPACE, database, projected_copy, projected_history
from benchmarks.staging import serving
from services.api.access import SESSION_COOKIE

TITLE: Final = "Memory"
ABOUT: Final = (
    "The most resident memory that a process took for one answer of every kind, above what it "
    "took before it was asked: each in a process of its own, of the government with most claims "
    "where it is of one, with at most 4 MiB kept at hand, at two lengths of the log. Of commands, "
    "the most that the process took, above a command that asks for nothing. Each is asked once. "
    "Three in five events record a claim; claims fall on governments after Zipf."
)
EVENTS: Final[dict[Size, tuple[int, int]]] = {
    "quick": (4_000, 10_000),
    "full": (10_000, 100_000),
    "growth": (100_000, 1_000_000),
}
AT_ONCE: Final = 2
"""How many answers are asked for at a time: what each takes is its own process's."""
LEAST_MB: Final = 0.01
"""What takes no more than a command that asks for nothing may come out below it."""
LITTLE_BYTES: Final = 4 << 20
CLOCKS: Final = "on=2023-12-31&known_at=seq:{known}"
"""The day on which most has happened, as known shortly before the head: nothing that is kept of the
head answers."""
UNCLOCKED: Final = tuple(f"/api/v1/{path}" for path in ("events", "live", "weights", "changes"))
CLAIM: Final = f"made-{SEED}-1"
LISTS: Final = (
    *("governments", "governments/{code}", "claims", "criticism", "transfers", "commitments"),
    *("deadlines", "compare", "review", "campaigns", "audit", "people", "sources"),
    *(f"governments/{{code}}/{measure}" for measure in ("pressure", "erosion", "backing")),
)
"""Pages that list, each of which is a file too."""
PAGES: Final = ("today", "map", "integrity", "find?q=mine", "import", *LISTS)
API: Final = (
    *("governments", "governments/{code}", "claims", "criticism", "criticism?joint=one"),
    *(f"governments/{{code}}/{measure}" for measure in ("pressure", "erosion", "backing")),
    *("transfers", "commitments", "deadlines", "treaties/APMBC/parties", "review", "campaigns"),
    *("events", "weights", "changes?from_known_at=seq:{half}&to_known_at=seq:{events}"),
    *("changes?from_known_at=seq:{some}&to_known_at=seq:{events}", "claims/{claim}"),
    *("claims/{claim}/similar", "claims?q=mine", "claims?government={code}", "live?after=1"),
)
EXPORTS: Final = tuple(f"export?format={form}" for form in ("jsonl", "csv", "xlsx"))
COMMANDS: Final = (
    "status",
    *(f"export --out {{out}}.{form}" for form in ("jsonl", "csv", "xlsx")),
    "export --government {code} --out {out}.csv",
    *(f"replay --view {view}" for view in ("board", "claims", "parties", "government:{code}")),
    *(f"replay --view {view}" for view in ("pressure:{code}", "transfers", "criticism")),
    *(f"replay --view {view}" for view in ("deadlines", "commitments", "campaigns", "review")),
    "replay --view changes --from-known-at seq:{half}",
    "report government {code} --out {out}.html",
    "verify",
)
REBUILDS: Final = ("rebuild", "rebuild claims", "rebuild figures")
"""What writes, each to a copy of the history."""

BRIEF: Final = ("/api/v1/governments/{code}", "/today", f"/api/v1/{EXPORTS[0]}", COMMANDS[1])
"""Some kinds, for a look."""


def measure(size: Size) -> Iterator[Row]:
    """A row of every kind of answer."""
    few, many = EVENTS[size]
    for events in (few, many):
        projected_history(events)
    _idle_command()
    with ThreadPoolExecutor(AT_ONCE) as workers:
        kinds = BRIEF if size == "quick" else tuple(answers())
        if size == "growth":  # no workbook has room for so many records
            kinds = tuple(what for what in kinds if "xlsx" not in what)
        less = workers.map(held, kinds, repeat(few))
        more = workers.map(held, kinds, repeat(many))
        yield from map(_row, kinds, less, more, repeat(few), repeat(many))
    if size == "full":  # one at a time: a history that is read cannot be copied
        for what in REBUILDS:
            yield _row(what, held(what, few), held(what, many), few, many)


def _row(what: str, less: float, more: float, few: int, many: int) -> Row:
    return Row(
        what=f"{what}, {many:,} events",
        unit="MB",
        ours=(more,),
        peer=f"the same at {few:,} events",
        theirs=(less,),
        is_less_better=True,
    )


def answers() -> Iterator[str]:
    """Every kind of answer: an address, or a command that only reads."""
    yield from (f"/api/v1/{path}" for path in (*API, *EXPORTS))
    yield from (f"/{path}" for path in PAGES)
    yield from (f"/{path}?format=csv" for path in LISTS)
    yield from COMMANDS


def held(what: str, events: int) -> float:
    """The memory that an answer takes, in MB."""
    asked = what.format(
        code=_most_claims(),
        events=events,
        half=events // 2,
        some=events - 5_000,
        claim=CLAIM,
        out="{out}",
    )
    if asked.startswith("/"):
        if not asked.startswith(UNCLOCKED):
            clocks = CLOCKS.format(known=events * 9 // 10)
            asked += ("&" if "?" in asked else "?") + clocks
        return _of_an_answer(asked, projected_history(events))
    dsn = projected_copy(events) if what in REBUILDS else projected_history(events)
    return max(LEAST_MB, _of_a_command(asked, dsn) - _idle_command())


def _most_claims() -> str:
    codes, weights = weighed_governments()
    return max(zip(weights, codes, strict=True))[1]


@cache
def _idle_command() -> float:
    """What a command takes that asks for nothing, of a database without events."""
    return _of_a_command("status", database())


def _of_an_answer(path: str, dsn: str) -> float:
    with serving("ours", dsn, WORKSPACE, str(LITTLE_BYTES)) as (pid, port, place):
        who = f"cookie: {SESSION_COOKIE}={place.cookie}"
        if path.startswith("/api/"):
            who = f"authorization: Bearer {place.token}"
        asked = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n{who}\r\n\r\n"
        before = taken(pid, "VmRSS")
        forget_most(pid)
        status = _sent(port, asked.encode())
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        return (taken(pid, "VmHWM") - before) / 1e6


def _sent(port: int, asked: bytes) -> int:
    """The status of an answer, all of which is read; of a stream, its first messages."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=600)) as connection:
        connection.sendall(asked)
        head = connection.recv(65536)
        body = head.partition(b"\r\n\r\n")[2]
        is_live = b"text/event-stream" in head
        while True:
            if is_live and b"data:" in body:
                break
            part = connection.recv(1 << 20)
            if not part:
                break
            body = part
        return int(head.split(b" ", 2)[1])


def _of_a_command(words: str, dsn: str) -> float:
    """The most memory that a command takes, or any process it starts."""
    with tempfile.TemporaryDirectory(prefix="a20-") as folder:
        said = words.format(out=f"{folder}/out").split()
        command = [sys.executable, "-m", "services.cli", *said]
        command += ["--database-url", dsn, "--workspace", WORKSPACE]
        environ = {**os.environ, "ARTICLE20_FIGURES_BYTES_MAX": str(LITTLE_BYTES)}
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environ) as process:
            most = most_until_ended(process)
        if process.returncode:
            raise RuntimeError(f"{words} ended with {process.returncode}")
        return most / 1e6
