"""Measures many open streams of one process beside a bare sender: how soon all of them have heard
of a change, and what each of them takes of memory."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import httpx

from benchmarks.memory import taken
from benchmarks.rows import ROUNDS, Row, Size
from benchmarks.sending import body_of, signed_headers
from benchmarks.server import database
from benchmarks.stages import Place
from benchmarks.staging import process, serving, told

TITLE = "Streaming"
ABOUT = """\
Open streams of one process, followed from another one. Ours: a signed claim is sent; it is \
appended and projected by the same process, and every stream is told; the time runs from the \
sending to the last stream's hearing. Theirs: a bare ASGI application on the same server, \
which sends the same bytes to everybody when it is posted to, and keeps nothing else. Memory is \
what the process holds more with the streams open."""
STREAMS: dict[Size, int] = {"quick": 1_000, "full": 10_000, "growth": 10_000}
MESSAGES = 3
TIME_TARGET = 1 / 4
MEMORY_TARGET = 1 / 2
MESSAGE = (
    b'id: 1000\nevent: views\ndata: {"position":1000,"governments":["FIN"],'
    b'"claims":["sent-0123456789ab-1"]}\n\n'
)


def measure(size: Size) -> Iterator[Row]:
    """The time until all have heard, and the memory of one stream."""
    streams = STREAMS[size]
    seconds: dict[str, list[float]] = {"ours": [], "bare": []}
    kilobytes: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS[size]):
        for kind in seconds:
            with serving(kind, database()) as (server, port, place):
                before = taken(server, "VmRSS") / 1024
                with _following(port, place, streams) as followers:
                    kilobytes[kind].append((taken(server, "VmRSS") / 1024 - before) / streams)
                    waits = [_told(port, place, followers, number) for number in range(MESSAGES)]
                    seconds[kind].append(median(waits))
    words = f"{streams:,} open streams"
    yield Row(
        what=f"a change is told to {words}",
        unit="ms",
        ours=tuple(one * 1000 for one in seconds["ours"]),
        peer="a bare ASGI sender",
        theirs=tuple(one * 1000 for one in seconds["bare"]),
        is_less_better=True,
        target=TIME_TARGET,
    )
    yield Row(
        what=f"memory of one of {words}",
        unit="KiB",
        ours=tuple(kilobytes["ours"]),
        peer="a bare ASGI sender",
        theirs=tuple(kilobytes["bare"]),
        is_less_better=True,
        target=MEMORY_TARGET,
    )


@contextmanager
def _following(port: int, place: Place, streams: int) -> Iterator[subprocess.Popen[bytes]]:
    """So many open streams."""
    where = [str(port), place.follow, place.token, str(streams)]
    with process("benchmarks.followers", *where) as following:
        if told(following) != b"open\n":
            raise RuntimeError("the streams could not be opened")
        yield following


def _told(port: int, place: Place, followers: subprocess.Popen[bytes], number: int) -> float:
    """Seconds from sending something until every stream has heard of it."""
    assert followers.stdin is not None
    assert followers.stdout is not None
    followers.stdin.write(b"next\n")
    followers.stdin.flush()
    body = body_of(number, f"{port}") if place.secret else MESSAGE
    headers = signed_headers(place.secret, f"msg-{number}", body) if place.secret else {}
    begun = time.monotonic()
    answer = httpx.post(f"http://127.0.0.1:{port}{place.tell}", content=body, headers=headers)
    if answer.status_code != 201:
        raise RuntimeError(f"answered {answer.status_code}: {answer.text}")
    return float(followers.stdout.readline()) - begun
