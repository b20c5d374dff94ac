"""What the process logs: in which form, and never what somebody sent."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from domain.errors import StoreUnavailable
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import Projector
from infra.postgres.projecting.view_rows import VIEWS, Folded
from infra.postgres.reading.views import Views
from services.api.logs import log_to_stderr
from services.api.problems import OVERLOAD_SAID_SECONDS, Overload, log_failure
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import append, claim

SECRET = "ada@example.org whsec_dGhlIHNlY3JldA== and a body"


class Terminal(io.StringIO):
    """Something like a terminal, which keeps what was written."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leaves logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def raised(error: Exception) -> Exception:
    """The error with a place where it was raised."""
    try:
        raise error
    except type(error) as caught:
        return caught


def tell() -> None:
    """One line of ours, one of a library with an exception, and two failures."""
    structlog.get_logger("article20").info("request", route="/api/v1/claims", ms=1.5)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("somebody.else").exception("a task failed")
    log_failure(raised(KeyError(SECRET)), "the-request")
    log_failure(raised(StoreUnavailable(reason="the server is away")), "another-request")


def test_without_a_terminal_each_line_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our lines and those of libraries are one JSON object each, with level and time; an exception
    is its type and place, and its text is left out unless it is our own."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    log_to_stderr("info")
    tell()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [
        "request",
        "a task failed",
        "request_failed",
        "request_failed",
    ]
    assert all({"level", "timestamp"} <= set(line) for line in lines)
    assert (lines[1]["error"], lines[1]["raised_in"].partition(":")[0]) == ("ValueError", "tell")
    assert (lines[2]["error"], lines[2]["said"]) == ("KeyError", "")
    assert "the server is away" in lines[3]["said"]
    assert SECRET not in stream.getvalue()


def test_on_a_terminal_the_lines_are_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever watches reads words, and the same is left out."""
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    log_to_stderr("info")
    tell()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 4
    assert "{" not in lines[0]
    assert "request" in lines[0]
    assert "a task failed logger=somebody.else error=ValueError" in lines[1]
    assert SECRET not in stream.getvalue()


def test_an_overload_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are refused because too much waits, the log has a line at once and then one
    every few seconds, with how many they were."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    log_to_stderr("info")
    overload = Overload()
    for number in range(1000):
        overload.count(number * OVERLOAD_SAID_SECONDS / 500)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["event"], line["refused"]) for line in lines] == [
        ("overloaded", 1),
        ("overloaded", 500),
    ]


class Loud:
    """A view that cannot digest anything, and says all it was given."""

    name, form = "loud", 1
    rests_on: tuple[str, ...] = ()

    async def write(self, connection: object, workspace: str, generation: int, f: Folded) -> None:
        """Fails."""
        raise ValueError(SECRET)

    async def forget(self, connection: object, workspace: str, generation: int) -> bool:
        """Has no rows."""
        return False


async def test_what_an_event_holds_is_not_logged_when_a_view_stops(
    dsn: str,
    store: EventStore,
    appender: Appender,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log names the view, the position and the kind of fault; the whole text is kept for
    `article20 status`."""
    await append(appender, WORKSPACE, [claim()])
    listener = Listener(dsn)
    views = Views(store.pool, listener)
    projector = Projector(dsn, listener, views, written=(*VIEWS, Loud()))
    await projector.catch_up(WORKSPACE)
    assert "view loud of coalition stopped at position 1: ValueError" in caplog.text
    assert SECRET not in caplog.text
    (fault,) = (await views.watermark(WORKSPACE)).faults
    assert SECRET in fault.error
