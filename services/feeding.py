"""Polls the feeds of every workspace at a bounded rate and keeps their entries as drafts; it never
records a claim and never asks an address that nobody configured.

Each feed is asked again after the interval of the settings. What a publisher says is honoured: an
unchanged feed (304) costs no body, `Retry-After` is waited for, 410 disables the feed. A feed that
cannot be read is asked less and less often.
"""

import asyncio
import logging
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib import metadata
from typing import Any, Final

import msgspec

from domain.errors import Article20Error, StoreUnavailable
from services.house import House
from services.wiring import (
    PROGRAM,
    AddressRefused,
    Asked,
    Feed,
    Fetched,
    FetchFailed,
    NotAFeed,
    read_feed_apart,
)

SWEEP_SECONDS: Final = 15.0
"""How often feeds that are due are looked for."""
FEEDS_AT_ONCE_MAX: Final = 4
LEASE_SECONDS_SPARE: Final = 60.0
WAIT_SECONDS_MAX: Final = 86_400.0
"""The longest a feed is left alone, whatever its publisher or its failures say."""
FIELD_CHARS_MAX: Final = 500
ACCEPT: Final = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1"
_log: Final = logging.getLogger(__name__)


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """How asking one feed went: how many drafts are new, or what failed."""

    feed: str
    drafts: int = 0
    unchanged: bool = False
    error: str | None = None
    disabled: bool = False


async def add_feed(house: House, workspace: str, feed: str, url: str, *, by: str = PROGRAM) -> Feed:
    """Add a feed; AddressRefused, InvalidFeed or FeedExists say why not."""
    await house.outgoing.vet(url)
    return await house.feeds.add(workspace, feed, url, by=by)


async def poll_due(house: House, workspace: str, feed: str | None = None) -> list[Polled]:
    """Ask the feeds of a workspace that are due, a few at once; or the one named, due or not."""
    settings = house.settings
    due = await house.feeds.take_due(
        workspace,
        lease_seconds=settings.feed_seconds_max + LEASE_SECONDS_SPARE,
        limit=FEEDS_AT_ONCE_MAX,
        feed=feed,
    )
    return list(await asyncio.gather(*(poll(house, workspace, one) for one in due)))


async def poll_all_due(house: House, workspace: str) -> list[Polled]:
    """Ask every feed of a workspace that is due, a few at once, one after the other."""
    found: list[Polled] = []
    while some := await poll_due(house, workspace):
        found += some
    return found


async def poll(house: House, workspace: str, feed: Feed) -> Polled:
    """Ask one feed, keep its new entries as drafts, and when it is asked next."""
    headers = {"Accept": ACCEPT, "User-Agent": f"article20/{metadata.version('article20')}"}
    if feed.etag:
        headers["If-None-Match"] = feed.etag
    if feed.last_modified:
        headers["If-Modified-Since"] = feed.last_modified
    try:
        found = await house.outgoing.get(feed.url, headers)
        if found.status == 200:
            return await _taken(house, workspace, feed, found)
    except (AddressRefused, FetchFailed, NotAFeed) as error:
        return await _failed(house, workspace, feed, str(error))
    if found.status == 304:
        asked = Asked(
            next_seconds=house.settings.feed_poll_seconds,
            etag=feed.etag,
            last_modified=feed.last_modified,
        )
        await house.feeds.polled(workspace, feed.feed, asked)
        return Polled(feed=feed.feed, unchanged=True)
    if found.status == 410:
        said = "The publisher says that the feed is gone (410)."
        asked = Asked(next_seconds=WAIT_SECONDS_MAX, error=said, is_gone=True)
        await house.feeds.polled(workspace, feed.feed, asked)
        return Polled(feed=feed.feed, error=said, disabled=True)
    wait = _retry_after(found, house.now())
    said = f"The publisher answered {found.status}."
    return await _failed(house, workspace, feed, said, least_seconds=wait)


async def _taken(house: House, workspace: str, feed: Feed, found: Fetched) -> Polled:
    settings = house.settings
    media_type = found.headers.get("content-type", "")
    document = await read_feed_apart(
        found.body,
        media_type,
        entries_max=settings.feed_entries_max,
        seconds_max=settings.feed_seconds_max,
    )
    count, is_full = await house.feeds.add_drafts(
        workspace,
        feed.feed,
        document.entries,
        language=document.language,
        waiting_max=settings.feed_drafts_max,
    )
    asked = Asked(
        next_seconds=settings.feed_poll_seconds,
        title=document.title,
        # What was left out is read once there is room, though the feed does not change meanwhile.
        etag=None if is_full else _field(found, "etag"),
        last_modified=None if is_full else _field(found, "last-modified"),
    )
    await house.feeds.polled(workspace, feed.feed, asked)
    return Polled(feed=feed.feed, drafts=count)


async def _failed(
    house: House, workspace: str, feed: Feed, error: str, *, least_seconds: float = 0.0
) -> Polled:
    """Leave the feed alone twice as long after each failure in a row, and as long as was asked."""
    longer = house.settings.feed_poll_seconds * 2.0 ** min(feed.failures, 16)
    asked = Asked(
        next_seconds=min(WAIT_SECONDS_MAX, max(longer, least_seconds)),
        etag=feed.etag,
        last_modified=feed.last_modified,
        failures=feed.failures + 1,
        error=error,
    )
    await house.feeds.polled(workspace, feed.feed, asked)
    return Polled(feed=feed.feed, error=error)


def _retry_after(found: Fetched, now: datetime) -> float:
    """The seconds that `Retry-After` asks for, as a number or as a moment; 0 without one."""
    text = found.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0  # none, or none that can be read: the interval holds


def _field(found: Fetched, name: str) -> str | None:
    """A header to send back next time; an overlong or odd one is not kept."""
    value = found.headers.get(name, "")
    return value if 0 < len(value) <= FIELD_CHARS_MAX and value.isprintable() else None


class Feeding:
    """Asks what is due, workspace by workspace, while a server runs; a feed is asked by one process
    at a time."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._task: asyncio.Task[Any] | None = None

    def start(self) -> None:
        """Begin, unless the settings say that feeds are not polled here."""
        if self.house.settings.feed_polling:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End; a feed that is being asked is asked again when its lease is over."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                for workspace, _head, _moment in await self.house.store.workspaces():
                    for polled in await poll_due(self.house, workspace):
                        if polled.error is not None:
                            _log.info("feed %s was not read: %s", polled.feed, polled.error)
            except StoreUnavailable as error:
                _log.warning("feeds wait for the database: %s", error)
            except Article20Error as error:
                _log.error("feeds were not polled: %s", error)
            await asyncio.sleep(SWEEP_SECONDS)
