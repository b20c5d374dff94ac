"""Feeds as publishers send them: what is read, and what is refused."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.feed_reading import TITLE_CHARS_MAX, Entry, NotAFeed, read_feed
from tests.ending import ending

ATOM = b"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Campaign news</title>
<entry><id>tag:example.org,2026:1</id><title type="html">Norway &lt;b&gt;objects&lt;/b&gt;</title>
<link href="https://example.org/1"/><updated>2026-02-18T23:30:00-05:00</updated>
<summary>Norway &amp; others wrote.</summary></entry>
<entry><title>Without an id</title><link href="https://example.org/2"/></entry>
<entry><title>Neither id nor link</title></entry></feed>"""
RSS = b"""<rss version="2.0"><channel><title>Ministry</title><language>fi</language>
<item><title>Statement</title><link>javascript:alert(1)</link><guid>g-1</guid>
<pubDate>Wed, 18 Feb 2026 10:00:00 GMT</pubDate>
<description><![CDATA[<p>Said\x0b so</p>]]></description></item>
</channel></rss>"""


def test_an_atom_feed_is_read_as_plain_entries() -> None:
    """Ids, titles without mark-up, links and days in UTC; an entry nobody can tell apart is left
    out."""
    found = read_feed(ATOM, "application/atom+xml", entries_max=10)
    assert found.title == "Campaign news"
    assert found.entries == (
        Entry(
            guid="tag:example.org,2026:1",
            title="Norway objects",
            link="https://example.org/1",
            published_on=date(2026, 2, 19),
            summary="Norway & others wrote.",
        ),
        Entry(guid="https://example.org/2", title="Without an id", link="https://example.org/2"),
    )
    assert len(read_feed(ATOM, "", entries_max=1).entries) == 1


def test_an_rss_feed_is_read_and_a_link_that_is_none_left_out() -> None:
    """A link that no page may carry is dropped; the entry stays by its guid."""
    found = read_feed(RSS.replace(b"\x0b", b""), "application/rss+xml", entries_max=10)
    (entry,) = found.entries
    assert (entry.guid, entry.link, entry.summary) == ("g-1", "", "Said so")
    assert entry.published_on == date(2026, 2, 18)
    assert found.language == "fi"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html><body>Not found</body></html>", b"{}", b"\x00\x01",
        b'<!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel>'
        b"<title>&b;</title></channel></rss>",
    ],
)  # fmt: skip
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    """A page, nothing at all, and a document that declares entities are refused."""
    with pytest.raises(NotAFeed):
        read_feed(body, "text/html", entries_max=10)


def test_a_body_that_names_a_file_opens_none(tmp_path: Path) -> None:
    """A body is a body: one that is the path of a file, or an address, is not followed."""
    path = tmp_path / "feed.xml"
    path.write_bytes(ATOM)
    for body in (str(path).encode(), path.as_uri().encode()):
        with pytest.raises(NotAFeed):
            read_feed(body, "", entries_max=10)


def test_tags_that_never_end_are_read_once() -> None:
    """What begins like a tag a hundred thousand times costs no more than its length."""
    body = b"<rss version='2.0'><channel><item><guid>g</guid><title>" + b"&lt;" * 400_000
    with ending():
        found = read_feed(body + b"</title></item></channel></rss>", "", entries_max=10)
    assert found.entries[0].title == "<" * TITLE_CHARS_MAX


@given(st.binary(max_size=400))
def test_any_bytes_are_a_feed_or_a_refusal(body: bytes) -> None:
    """Whatever a publisher answers, nothing else is raised."""
    for whole in (body, ATOM[:200] + body, RSS[:60] + body):
        with suppress(NotAFeed):
            assert len(read_feed(whole, "application/xml", entries_max=10).entries) <= 10
