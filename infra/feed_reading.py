"""Reads Atom and RSS documents with feedparser; it opens no address and no file, and keeps no
mark-up.

feedparser is the maintained reader of what publishers really send (broken dates, wrong encodings,
every version of RSS). It is given a stream, never a text: a text it would take for an address or a
path. Documents that declare entities are refused before they are read. How long it takes is up to
who wrote them: a server reads them apart (`infra.feed_apart`).
"""

import calendar
import html
import io
import re
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from domain.errors import Article20Error

TITLE_CHARS_MAX: Final = 1000
SUMMARY_CHARS_MAX: Final = 2000
LINK_CHARS_MAX: Final = 2000
GUID_CHARS_MAX: Final = 1000
_TAG: Final = re.compile(r"<[^<>]*>")
_ENTITY: Final = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)


class NotAFeed(Article20Error):
    """This is no Atom or RSS document that can be read: {reason}. Give the address of the feed
    itself."""

    slug, status = "not-a-feed", 422


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: `guid` is its id, or its link where it has none; texts are plain."""

    guid: str
    title: str
    link: str = ""
    published_on: date | None = None
    summary: str = ""


class FeedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as it was published: its own title and language, and its entries, the newest first as
    sent."""

    title: str
    language: str = ""
    entries: tuple[Entry, ...]


def read_feed(body: bytes, media_type: str, *, entries_max: int) -> FeedDocument:
    """The feed in a body, its first entries only; NotAFeed where there is none."""
    if _ENTITY.search(body):
        raise NotAFeed(reason="it declares entities")
    # Here and not above: every command would take longer to start, and few read a feed.
    import feedparser

    found = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": media_type or "application/xml"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if not found.get("version"):
        raise NotAFeed(reason="neither Atom nor RSS was found in it")
    entries = [entry for raw in found.entries[:entries_max] if (entry := _entry(raw)) is not None]
    return FeedDocument(
        title=_plain(found.feed.get("title"), TITLE_CHARS_MAX),
        language=_plain(found.feed.get("language"), 35),
        entries=tuple(entries),
    )


def _entry(raw: Any) -> Entry | None:
    """An entry that can be told from others; None for one without id and link."""
    link = _link(raw.get("link"))
    guid = _plain(raw.get("id"), GUID_CHARS_MAX) or link
    title = _plain(raw.get("title"), TITLE_CHARS_MAX)
    summary = _plain(raw.get("summary"), SUMMARY_CHARS_MAX)
    if not guid or not (title or summary or link):
        return None
    published = raw.get("published_parsed") or raw.get("updated_parsed")
    return Entry(
        guid=guid,
        title=title or summary[:120] or link,
        link=link,
        published_on=_day(published),
        summary=summary,
    )


def _plain(text: object, chars_max: int) -> str:
    """A text without mark-up and control characters."""
    if not isinstance(text, str):
        return ""
    bare = html.unescape(_TAG.sub(" ", text))
    kept = "".join(c if c.isprintable() else " " for c in bare)
    return " ".join(kept.split())[:chars_max].strip()


def _link(text: object) -> str:
    if not isinstance(text, str) or len(text) > LINK_CHARS_MAX:
        return ""
    link = text.strip()
    try:
        parts = urlsplit(link)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return link if is_web and link.isprintable() and " " not in link else ""


def _day(parsed: Any) -> date | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC).date() if parsed else None
    except (OverflowError, ValueError, TypeError):
        return None  # a date that no calendar has is a date that is not known
