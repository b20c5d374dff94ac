"""Measures the pages of the dashboard as a browser asks for them: the time each takes, and how soon
an unchanged one is answered, beside a static file."""

import random
import re
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import uvloop

from benchmarks.rows import Row, Size
from benchmarks.sending import Sent, exchange
from benchmarks.server import SEED, WORKSPACE, projected_history
from benchmarks.staging import serving
from services.api.access import SESSION_COOKIE

TITLE = "Showing"
ABOUT = """\
Pages of the dashboard over a made history, asked for by somebody who is logged in, one process \
serving. The time of a page is from the request to the whole answer, over loopback, one request at \
a time; each asks for another day, as one does who scrubs, and reads gzip, as browsers do. An \
unchanged page is asked for with its ETag, beside a file of the same size served by the \
framework's own static files."""
EVENTS: dict[Size, int] = {"quick": 5_000, "full": 20_000, "growth": 1_700_000}
"""1 700 000 events hold 1 000 000 claims."""
REQUESTS: dict[Size, int] = {"quick": 5, "full": 25, "growth": 15}
UNCHANGED: dict[Size, int] = {"quick": 500, "full": 2_000, "growth": 2_000}
CONNECTIONS = 64
ENCODING = "gzip"
ROUNDS = 3
PAGES = (
    *("/today", "/governments", "/governments/FIN", "/governments/FIN/pressure", "/claims"),
    *("/criticism", "/criticism?joint=one", "/transfers", "/map", "/review", "/campaigns"),
    *("/compare", "/deadlines", "/commitments", "/sources", "/people", "/integrity", "/audit"),
    *("/governments/FIN/erosion", "/governments/FIN/backing", "/claims?q=landmines"),
    *("/claims?q=made-20-1234", "/claims?q=xyzzy", "/claims?q=withdrawal+anadolu+latvia"),
    *("/claims?q=treaty&order=oldest", "/claims?q=landmines&known_at=seq:3000", "/claims?q=uk"),
    *("/claims?q=landmines&status=retracted", "/claims?q=treaty&kind=parliament_vote"),
    *("/claims?government=FIN&q=landmines", "/claims?status=superseded"),
    *("/claims?government=FIN&order=oldest", "/find?q=finland", "/record", "/import", "/account"),
)
CLAIMS = "/claims/"
UNCHANGED_PAGE = "/governments"
UNCHANGED_TARGET = 0.5
FIRST_DAY = date(2010, 1, 1)
DAYS = 5_800


def measure(size: Size) -> Iterator[Row]:
    """The time of each page, then the rate of an unchanged one."""
    dsn = projected_history(EVENTS[size])
    with serving("ours", dsn, WORKSPACE) as (_, port, place):
        shown = (
            f"host: 127.0.0.1\r\naccept-encoding: {ENCODING}\r\n"
            f"cookie: {SESSION_COOKIE}={place.cookie}\r\n"
        )
        chance = random.Random(SEED)
        for page in (*PAGES, _first_claim(port, place.cookie)):
            rounds = [
                _asked(port, 1, [_get(_on(page, chance), shown) for _ in range(REQUESTS[size])])
                for _ in range(ROUNDS)
            ]
            yield Row(
                what=f"95 % of answers of {_shown(page)} on any day take at most, "
                f"{EVENTS[size]:,} events",
                unit="ms",
                ours=tuple(one.p95_ms for one in rounds),
                p99=f"median {rounds[1].median_ms:.3g} ms, p99 {rounds[1].p99_ms:.3g} ms",
                note="at most 60 ms is promised",
            )
        yield _unchanged(port, place.cookie, shown, UNCHANGED[size])


def _unchanged(port: int, cookie: str, shown: str, requests: int) -> Row:
    """A page asked for by its ETag, in turns with a file of its size."""
    address = f"http://127.0.0.1:{port}{UNCHANGED_PAGE}"
    encoding = {"accept-encoding": ENCODING}
    page = httpx.get(address, cookies={SESSION_COOKIE: cookie}, headers=encoding)
    known = f"{shown}if-none-match: {page.headers['etag']}\r\n"
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(prefix="a20-") as folder:
        file = Path(folder, "page.html")
        file.write_bytes(page.content)
        with serving("static", str(file)) as (_, other, place):
            for _ in range(ROUNDS):
                asked = [_get(UNCHANGED_PAGE, known)] * requests
                ours.append(requests / _asked(port, CONNECTIONS, asked, "304").seconds)
                asked = [_get(place.follow, "host: 127.0.0.1\r\n")] * requests
                theirs.append(requests / _asked(other, CONNECTIONS, asked).seconds)
    return Row(
        what=f"an unchanged page by its ETag, {CONNECTIONS} connections",
        unit="answers/s",
        ours=tuple(ours),
        peer=f"a static file of the same {len(page.content):,} bytes",
        theirs=tuple(theirs),
        target=UNCHANGED_TARGET,
    )


def _on(page: str, chance: random.Random) -> str:
    day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    return f"{page}{'&' if '?' in page else '?'}on={day}"


def _first_claim(port: int, cookie: str) -> str:
    """The page of a claim that the list of all has on its first page."""
    address = f"http://127.0.0.1:{port}/claims"
    listed = httpx.get(address, cookies={SESSION_COOKIE: cookie}).text
    found = re.search(rf'href="({CLAIMS}[^"?]+)', listed)
    if found is None:
        raise RuntimeError("no claim is listed")
    return found[1]


def _shown(page: str) -> str:
    return f"{CLAIMS}…" if page.startswith(CLAIMS) else page


def _get(path: str, headers: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\n{headers}\r\n".encode()


def _asked(port: int, connections: int, requests: list[bytes], status: str = "200") -> Sent:
    """What came of it; RuntimeError where something else was answered."""
    sent = uvloop.run(exchange(port, connections, requests))
    if set(sent.statuses) != {status}:
        raise RuntimeError(f"answered {sent.statuses}")
    return sent
