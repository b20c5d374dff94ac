"""Feeds polled from a real server on loopback: each entry a draft once, and the publisher's wishes
honoured."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

import pytest

from infra.feed_reading import read_feed
from services.feeding import FEEDS_AT_ONCE_MAX, WAIT_SECONDS_MAX, Polled, add_feed, poll_due
from services.wiring import AddressRefused, Draft, Feed, FeedExists, InvalidFeed
from tests.services.publishing import asking, publisher
from tests.services.running import OTHER, WORKSPACE, Running, running


@pytest.fixture(scope="module")
def web() -> Iterator[Any]:
    """A publisher; `answers` by path, `asked` what came."""
    with publisher() as found:
        yield found


@pytest.fixture(scope="module")
def site(module_dsn: str, web: Any) -> Iterator[Running]:
    """A server that polls when it is told to, and may ask the publisher of the test."""
    with asking(module_dsn, web) as found:
        yield found


def atom(*entries: tuple[str, str]) -> bytes:
    """A feed of (id, title) pairs."""
    items = "".join(
        f"<entry><id>{guid}</id><title>{title}</title><link href='https://example.org/{guid}'/>"
        "<updated>2026-02-18T10:00:00Z</updated><summary>Said so.</summary></entry>"
        for guid, title in entries
    )
    head = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Campaign news</title>"
    return f"{head}{items}</feed>".encode()


def added(site: Running, web: Any, status: int, headers: dict[str, str], body: bytes) -> str:
    """The name of a new feed whose address answers so."""
    name = f"feed-{uuid4().hex[:8]}"
    web.answers[f"/{name}"] = (status, headers, body)
    url = f"http://{web.host}/{name}"
    site.call(add_feed(site.house, WORKSPACE, name, url))
    return name


def polled(site: Running, name: str) -> Polled:
    """How asking a feed now went."""
    (found,) = site.call(poll_due(site.house, WORKSPACE, name))
    return found


def feed_of(site: Running, name: str) -> Feed:
    """The feed as it stands."""
    return next(f for f in site.call(site.house.feeds.listed(WORKSPACE)) if f.feed == name)


def drafts(site: Running, name: str) -> list[Draft]:
    """The drafts of a feed that wait."""
    _count, found = site.call(site.house.feeds.drafts(WORKSPACE, limit=500))
    return [draft for draft in found if draft.feed == name]


def test_entries_become_drafts_once(site: Running, web: Any) -> None:
    """Each entry is a draft once, by its id, whatever its title says later; a dismissed one does
    not come back, and nothing is a claim."""
    before = site.head()
    name = added(site, web, 200, {}, atom(("a", "First"), ("b", "Second"), ("a", "First again")))
    assert polled(site, name).drafts == 2
    assert feed_of(site, name).title == "Campaign news"
    found = drafts(site, name)
    assert {d.title for d in found} == {"First", "Second"}
    assert {d.link for d in found} == {"https://example.org/a", "https://example.org/b"}
    site.call(site.house.feeds.decide(WORKSPACE, found[0].draft, claim=None, by="person:x"))
    web.answers[f"/{name}"] = (200, {}, atom(("a", "Changed"), ("b", "Second"), ("c", "Third")))
    assert polled(site, name).drafts == 1
    assert len(drafts(site, name)) == 2
    assert site.head() == before
    assert site.call(site.house.feeds.drafts(OTHER, limit=10)) == (0, [])


def test_an_unchanged_feed_costs_no_body(site: Running, web: Any) -> None:
    """What the publisher gave to ask by is sent back, and 304 leaves everything as it is."""
    name = added(site, web, 200, {"ETag": '"v1"', "Last-Modified": "then"}, atom(("x", "One")))
    polled(site, name)
    web.answers[f"/{name}"] = (304, {}, b"")
    assert polled(site, name).unchanged
    sent = {k.lower(): v for k, v in web.asked[-1][1].items()}
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('"v1"', "then")
    assert sent["user-agent"].startswith("article20/")
    assert feed_of(site, name).etag == '"v1"'


def test_failures_are_asked_about_less_and_less_often(site: Running, web: Any) -> None:
    """Each failure in a row doubles the wait; a success ends that."""
    name = added(site, web, 500, {}, b"")
    waits = []
    for _try in range(3):
        assert "500" in (polled(site, name).error or "")
        waits.append((feed_of(site, name).next_poll_at - datetime.now(UTC)).total_seconds())
    assert [round(wait / 1800) for wait in waits] == [1, 2, 4]
    assert feed_of(site, name).failures == 3
    web.answers[f"/{name}"] = (200, {}, b"<html>no feed</html>")
    assert "Atom" in (polled(site, name).error or "")
    web.answers[f"/{name}"] = (200, {}, atom(("y", "Back")))
    polled(site, name)
    assert (feed_of(site, name).failures, feed_of(site, name).last_error) == (0, None)


@pytest.mark.parametrize("as_moment", [False, True])
def test_who_asks_for_time_is_given_it(site: Running, web: Any, as_moment: bool) -> None:
    """`Retry-After`, in seconds or as a moment, is waited for, a day at most."""
    for seconds, expected in ((7200, 7200), (10**7, WAIT_SECONDS_MAX)):
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        said = later if as_moment else str(seconds)
        name = added(site, web, 429, {"Retry-After": said}, b"")
        polled(site, name)
        wait = (feed_of(site, name).next_poll_at - datetime.now(UTC)).total_seconds()
        assert abs(wait - expected) < 60


def test_a_feed_that_is_gone_is_disabled(site: Running, web: Any) -> None:
    """410 ends the polling until somebody enables the feed again."""
    name = added(site, web, 410, {}, b"")
    assert polled(site, name).disabled
    assert feed_of(site, name).disabled_at is not None
    assert site.call(poll_due(site.house, WORKSPACE, name)) == []
    site.call(site.house.feeds.switch(WORKSPACE, name, on=True))
    assert polled(site, name).disabled


def test_a_feed_is_asked_by_one_process_at_a_time(site: Running, web: Any) -> None:
    """What one has taken is not due for another until the lease is over."""
    name = added(site, web, 200, {}, atom(("z", "One")))
    take = site.house.feeds.take_due
    taken = site.call(take(WORKSPACE, lease_seconds=60, limit=100))
    assert name in {feed.feed for feed in taken}
    again = site.call(take(WORKSPACE, lease_seconds=60, limit=100))
    assert name not in {feed.feed for feed in again}


def test_no_more_feeds_are_asked_at_once_than_may_be(site: Running, web: Any) -> None:
    """Of many feeds that are due a few are asked at a time, and none twice."""
    names = {added(site, web, 304, {}, b"") for _ in range(2 * FEEDS_AT_ONCE_MAX + 1)}
    asked: list[str] = []
    while some := site.call(poll_due(site.house, WORKSPACE)):
        assert len(some) <= FEEDS_AT_ONCE_MAX
        asked += [one.feed for one in some]
    assert names <= set(asked)
    assert len(asked) == len(set(asked))


def test_drafts_beyond_the_bound_come_once_there_is_room(site: Running, web: Any) -> None:
    """No more wait than may; what was left out is read when some were decided, though the feed did
    not change meanwhile."""
    entries = tuple((f"e{n}", f"Entry {n}") for n in range(5))
    keep = site.house.feeds.add_drafts
    document = read_feed(atom(*entries), "", entries_max=10)
    name = added(site, web, 200, {}, atom())
    full = site.call(keep(WORKSPACE, name, document.entries, language="", waiting_max=3))
    assert full == (3, True)
    site.call(site.house.feeds.decide(WORKSPACE, drafts(site, name)[0].draft, claim=None, by="x"))
    assert site.call(keep(WORKSPACE, name, document.entries, language="", waiting_max=3)) == (
        1,
        True,
    )
    assert site.call(keep(WORKSPACE, name, document.entries, language="", waiting_max=99)) == (
        1,
        False,
    )


@pytest.mark.parametrize(
    ("name", "url", "refusal"),
    [
        ("No Good", "https://example.org/feed", InvalidFeed),
        ("inside", "http://user@127.0.0.1/feed", AddressRefused),
        ("file", "file:///etc/passwd", AddressRefused),
        ("here", "http://127.0.0.1/feed", AddressRefused),
        ("near", "https://[::ffff:10.0.0.1]/feed", AddressRefused),
        ("metadata", "http://169.254.169.254/latest", AddressRefused),
        ("host", "http://localhost/feed", AddressRefused),
    ],
)
def test_what_cannot_be_a_feed_is_refused_when_it_is_added(
    site: Running, name: str, url: str, refusal: type[Exception]
) -> None:
    """A name or an address that is none, or that lies within, is refused at once."""
    with pytest.raises(refusal):
        site.call(add_feed(site.house, WORKSPACE, name, url))
    listed = site.call(site.house.feeds.listed(WORKSPACE))
    assert name not in [one.feed for one in listed]


def test_a_name_that_stands_for_nothing_now_can_be_added(site: Running) -> None:
    """Somebody who is offline, or early, adds a feed whose name is not known yet."""
    name = f"early-{uuid4().hex[:8]}"
    site.call(add_feed(site.house, WORKSPACE, name, "https://feeds.invalid/news"))
    assert "cannot be resolved" in (polled(site, name).error or "")


def test_an_address_within_is_refused_when_it_is_asked(
    site: Running, web: Any, module_dsn: str
) -> None:
    """A name that leads within by the time it is asked is never asked, and the list says why."""
    name = f"inside-{uuid4().hex[:8]}"
    plain = {"feed_polling": "false", "outgoing_private_hosts": "localhost"}
    with running(module_dsn, **plain) as other:
        other.call(add_feed(other.house, WORKSPACE, name, "http://localhost/feed"))
    with pytest.raises(FeedExists):
        site.call(add_feed(site.house, WORKSPACE, name, "http://example.org/other"))
    before = len(web.asked)
    assert "public" in (polled(site, name).error or "")
    assert len(web.asked) == before
    assert "public" in (feed_of(site, name).last_error or "")


def test_a_server_polls_by_itself(site: Running, web: Any, module_dsn: str) -> None:
    """A server that may poll asks what is due as soon as it runs, and its entries are drafts."""
    name = added(site, web, 200, {}, atom(("self", "Read by the server")))
    with running(module_dsn, outgoing_private_hosts=web.host):
        deadline = time.monotonic() + 60
        while feed_of(site, name).polled_at is None and time.monotonic() < deadline:
            time.sleep(0.05)
    assert feed_of(site, name).polled_at is not None
    assert [draft.title for draft in drafts(site, name)] == ["Read by the server"]
