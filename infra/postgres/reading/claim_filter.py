"""What lists of claims are narrowed by, and where their pages begin; it asks no database."""

import base64
import binascii
import re
from datetime import date
from typing import Any

import msgspec

from domain.claims import Status
from domain.errors import InvalidQuestion
from projections.search import actor_keys, terms_of


class Cursor(msgspec.Struct, frozen=True):
    """The last claim of a page: its representative day and where it was recorded."""

    day: date
    position: int

    def __str__(self) -> str:
        """The cursor as an opaque word for addresses."""
        plain = f"{self.day.isoformat()}.{self.position}".encode()
        return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """The cursor that `str` wrote; InvalidQuestion when it is none."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})", plain)
        if match:
            return Cursor(date.fromisoformat(match[1]), int(match[2]))
    except (ValueError, binascii.Error):
        pass  # the one refusal below says what to do
    detail = "take it unchanged from the Link of the page before"
    raise InvalidQuestion(parameter="cursor", value=text, detail=detail)


class ClaimFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which claims a list holds; None lets everything through.

    `actor`: a key such as `state:NOR`, or the code or name alone. `q`: words that all occur in the
    claim. `first_day`, `last_day`: bounds of the representative day, inclusive.
    """

    government: str | None = None
    kind: str | None = None
    status: Status | None = None
    treaty: str | None = None
    actor: str | None = None
    q: str | None = None
    first_day: date | None = None
    last_day: date | None = None


def wanted(filter_: ClaimFilter) -> tuple[Any, ...]:
    """The filter as the queries of lists take it."""
    return (
        filter_.kind,
        filter_.status,
        filter_.treaty,
        None if filter_.actor is None else actor_keys(filter_.actor),
        [f"%{_literal(term)}%" for term in terms_of(filter_.q or "")],
        filter_.first_day,
        filter_.last_day,
    )


def _literal(term: str) -> str:
    """The term with the wildcards of LIKE taken as they stand."""
    return re.sub(r"([\\%_])", r"\\\1", term)


def after_cursor(cursor: Cursor | None) -> tuple[date | None, int | None]:
    """The cursor as the queries of lists take it; nothing for the first page."""
    return (None, None) if cursor is None else (cursor.day, cursor.position)
