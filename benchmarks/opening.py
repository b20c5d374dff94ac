"""Measures one number and one government opened by the API as a client sees it, and the memory that
the serving process takes for answers of every kind at two lengths of the log; it writes nothing."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Final

import uvloop

from benchmarks.histories import BEGIN, NOW, weighed_governments
from benchmarks.memory import taken
from benchmarks.rows import Row, Size
from benchmarks.sending import Sent, exchange
from benchmarks.server import SEED, WORKSPACE, projected_history
from benchmarks.staging import serving
from domain.governments import GOVERNMENTS
from services.api.access import SESSION_COOKIE

TITLE: Final = "Opening"
ABOUT: Final = (
    "An explanation and a dossier asked for through the API by one client over loopback, each "
    "for any day, as known at any point or moment, by a process that has answered "
    "about most governments before; and the most memory that the serving process took while it "
    "gave answers of every kind, at two lengths of the log, with what it keeps at hand by default "
    "and with very little. Three in five events record a claim; "
    "claims fall on governments after Zipf."
)
EVENTS: Final[dict[Size, tuple[int, int]]] = {
    "quick": (4_000, 10_000),
    "full": (10_000, 100_000),
    "growth": (170_000, 1_700_000),
}
"""The two lengths of the log: 1 700 000 events hold 1 000 000 claims."""
REQUESTS: Final[dict[Size, int]] = {"quick": 10, "full": 100, "growth": 40}
WARMING: Final = 2
"""How many times as many answers are given before those that are measured."""
ROUNDS: Final = 3
FIRST_DAY: Final = date(2005, 1, 1)
DAYS: Final = 7_600
OPENED: Final = (
    ("explain pressure", "/api/v1/governments/{code}/pressure"),
    ("a dossier", "/api/v1/governments/{code}"),
)
EVERY_KIND: Final = (
    "/api/v1/governments",
    "/api/v1/governments/{code}",
    "/api/v1/governments/{code}/erosion",
    "/api/v1/treaties/APMBC/parties",
    "/api/v1/criticism",
    "/api/v1/criticism?joint=one",
    "/api/v1/deadlines",
    "/api/v1/transfers",
    "/api/v1/commitments",
    "/api/v1/claims",
    "/governments/{code}",
    "/today",
)
"""Answers that are drawn from everything that is on file, one of each kind."""
LITTLE_BYTES: Final = 4 << 20
"""What a process may keep at hand that has to stream boards of either length."""
MOST_CLAIMS: Final = [1.0] + [0.0] * (len(GOVERNMENTS) - 1)
"""Chances by which the first of the governments is asked about alone."""
TIMES: Final[dict[Size, int]] = {"quick": 1, "full": 5, "growth": 2}


def measure(size: Size) -> Iterator[Row]:
    """The times of answers at the greater length, and memory at both."""
    peaks: dict[int, list[float]] = {}
    least: dict[int, list[float]] = {}
    for events in EVENTS[size]:
        dsn = projected_history(events)
        with serving("ours", dsn, WORKSPACE) as (pid, port, place):
            asker = Asker(port, place.token, place.cookie, events)
            if events == EVENTS[size][-1]:
                yield from _opened(asker, REQUESTS[size])
            peaks[events] = [_answered(asker, pid, TIMES[size]) for _ in range(ROUNDS)]
        with serving("ours", dsn, WORKSPACE, str(LITTLE_BYTES)) as (pid, port, place):
            asker = Asker(port, place.token, place.cookie, events)
            least[events] = [_answered(asker, pid, 1) for _ in range(ROUNDS)]
    few, many = EVENTS[size]
    yield Row(
        what=f"most memory of a process that gives every kind of answer, {many:,} events",
        unit="MB",
        ours=tuple(peaks[many]),
        peer=f"the same at {few:,} events",
        theirs=tuple(peaks[few]),
        is_less_better=True,
        note="what is kept of boards and of opened governments is bounded by `figures_bytes_max`, "
        "512 MiB for each by default",
    )
    yield Row(
        what=f"the same of a process that keeps at most {LITTLE_BYTES >> 20} MiB at hand, "
        f"{many:,} events",
        unit="MB",
        ours=tuple(least[many]),
        peer=f"the same at {few:,} events",
        theirs=tuple(least[few]),
        is_less_better=True,
        note="what is too much to keep passes by, some of a government's parts at a time",
    )


def _opened(asker: "Asker", requests: int) -> Iterator[Row]:
    codes, weights = asker.codes, asker.weights
    for (what, path), (of_whom, weighed) in product(
        OPENED,
        (
            ("any government", [1.0] * len(codes)),
            ("governments as often as claims concern them", weights),
            ("the government with most claims", MOST_CLAIMS),
        ),
    ):
        asker.weights = weighed
        asker.sent(path, WARMING * requests)
        rounds = [asker.sent(path, requests) for _ in range(ROUNDS)]
        yield Row(
            what=f"{what} ({of_whom}), any pair of clocks, p95, by the API, "
            f"{asker.events:,} events",
            unit="ms",
            ours=tuple(one.p95_ms for one in rounds),
            is_less_better=True,
            p99=f"median {rounds[1].median_ms:.3g} ms, p99 {rounds[1].p99_ms:.3g} ms",
            note="at most 50 ms is promised",
        )


def _answered(asker: "Asker", pid: int, times: int) -> float:
    """The most memory that a process took so far, in MB, once it gave answers of every kind; of the
    government with most claims, where they are of one."""
    asker.weights = MOST_CLAIMS
    for path in EVERY_KIND:
        asker.sent(path, times)
    return taken(pid, "VmHWM") / 1e6


class Asker:
    """Somebody who asks one thing after another, each of another government, day and knowledge."""

    def __init__(self, port: int, token: str, cookie: str, events: int) -> None:
        self.port, self.events = port, events
        self.headers = (
            f"host: 127.0.0.1\r\nauthorization: Bearer {token}\r\n"
            f"cookie: {SESSION_COOKIE}={cookie}\r\n\r\n"
        )
        self.chance = random.Random(SEED)
        self.codes, self.weights = weighed_governments()

    def sent(self, path: str, requests: int) -> Sent:
        """What came of some requests; RuntimeError where something else was answered."""
        asked = [self._get(path) for _ in range(requests)]
        found = uvloop.run(exchange(self.port, 1, asked))
        if set(found.statuses) != {"200"}:
            raise RuntimeError(f"{path} answered {found.statuses}")
        return found

    def _get(self, path: str) -> bytes:
        chance = self.chance
        on = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
        known_at = f"seq:{chance.randint(1, self.events)}"
        if chance.random() < 0.5:
            moment = BEGIN + (NOW - BEGIN) * chance.random()
            known_at = datetime.strftime(moment.astimezone(UTC), "%Y-%m-%dT%H:%M:%SZ")
        where = path.format(code=chance.choices(self.codes, self.weights)[0])
        joint = "&" if "?" in where else "?"
        asked = f"{where}{joint}on={on}&known_at={known_at}"
        return f"GET {asked} HTTP/1.1\r\n{self.headers}".encode()
