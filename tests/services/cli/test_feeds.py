"""`feed add`, `list`, `poll`, `disable`, `enable`, with a publisher on loopback."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from services.feeding import FEEDS_AT_ONCE_MAX
from tests.infra.test_outgoing import Publisher
from tests.services.cli.program import Program
from tests.services.test_feeding import atom


@pytest.fixture(scope="module")
def web() -> Iterator[Any]:
    """A publisher; `answers` by path."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    server.answers, server.asked = {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.host = f"127.0.0.1:{server.server_address[1]}"
    yield server
    server.shutdown()
    server.server_close()


def test_a_feed_is_followed_from_the_command_line(article20: Program, web: Any) -> None:
    """A feed is added, listed, read, left and followed again; each refusal is one line."""
    web.answers["/news"] = (200, {}, atom(("1", "One"), ("2", "Two")))
    within = {"ARTICLE20_OUTGOING_PRIVATE_HOSTS": web.host}
    url = f"http://{web.host}/news"
    refused = article20("feed", "add", "news", url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "port" in refused.stderr
    inside = article20("feed", "add", "news", "http://127.0.0.1/news")
    assert (inside.returncode, inside.stderr.count("\n")) == (1, 1)
    assert "lies within a network of its own" in inside.stderr
    article20.done("feed", "add", "news", url, **within)
    again = article20("feed", "add", "news", url, **within)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    polled = article20.answer("feed", "poll", "--format", "json", **within)
    assert [(one["feed"], one["drafts"]) for one in polled] == [("news", 2)]
    (listed,) = article20.answer("feed", "list", "--format", "json")
    assert (listed["title"], listed["failures"]) == ("Campaign news", 0)
    assert "is disabled" in article20.done("feed", "disable", "news")
    assert article20("feed", "poll", "news", **within).returncode == 1
    assert "is enabled" in article20.done("feed", "enable", "news")
    web.answers["/news"] = (500, {}, b"")
    failed = article20("feed", "poll", "news", **within)
    assert failed.returncode == 1
    assert "The publisher answered 500." in failed.stderr
    assert article20("feed", "disable", "nothing").returncode == 1


def test_every_feed_that_is_due_is_asked(article20: Program, web: Any) -> None:
    """Without a name each feed is asked, however many are due; then none is."""
    within = {"ARTICLE20_OUTGOING_PRIVATE_HOSTS": web.host}
    names = [f"many-{number}" for number in range(2 * FEEDS_AT_ONCE_MAX + 1)]
    for name in names:
        web.answers[f"/{name}"] = (200, {}, atom((name, "One")))
        article20.done("feed", "add", name, f"http://{web.host}/{name}", **within)
    polled = article20.answer("feed", "poll", "--format", "json", **within)
    assert sorted(one["feed"] for one in polled) == names
    assert article20.answer("feed", "poll", "--format", "json", **within) == []
