"""Feeds read apart from the process that serves: the same is found, and nobody waits for ever."""

import asyncio

import pytest

from infra.feed_apart import read_feed_apart
from infra.feed_reading import NotAFeed, read_feed

FEED = b"""<rss version="2.0"><channel><title>Ministry \xe2\x80\x93 news</title>
<item><title>Statement</title><link>https://example.org/1</link><guid>g-1</guid>
<pubDate>Wed, 18 Feb 2026 10:00:00 GMT</pubDate></item></channel></rss>"""
AUTHOR = (
    b"<rss version='2.0'><channel><item><guid>g</guid><author>%s</author></item></channel></rss>"
)


def test_a_feed_read_apart_is_the_same() -> None:
    """Whatever process reads a document, it finds the same, or refuses it for the same reason."""
    there = asyncio.run(read_feed_apart(FEED, "application/rss+xml", entries_max=9, seconds_max=60))
    assert there == read_feed(FEED, "application/rss+xml", entries_max=9)
    assert there.entries
    with pytest.raises(NotAFeed, match="neither Atom nor RSS"):
        asyncio.run(read_feed_apart(b"<html/>", "text/html", entries_max=9, seconds_max=60))


def test_a_document_that_keeps_its_reader_busy_is_given_up() -> None:
    """One that would be read for hours is refused in time, and what read it is ended; meanwhile
    everything else goes on."""

    async def beside() -> int:
        turns = 0
        reading = asyncio.create_task(
            read_feed_apart(AUTHOR % (b"a." * 900_000), "", entries_max=9, seconds_max=2)
        )
        while not reading.done():
            turns += 1
            await asyncio.sleep(0.01)
        with pytest.raises(NotAFeed, match="more time or memory"):
            await reading
        return turns

    assert asyncio.run(beside()) > 1
