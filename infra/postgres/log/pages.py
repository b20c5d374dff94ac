"""Pages of the log as columns, the quick way to read all of it in order; it never filters and never
writes.
"""

import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any, Final

import msgspec

from domain.errors import Article20Error
from domain.events import Recorded, decode_page
from domain.sheaf import SEPARATOR
from infra.postgres.queries import queries

PAGE_BYTES_MAX: Final = 32 * 1024 * 1024
"""Of a page, but for its last event: the server cannot make a value of more than 1 GiB."""
SLICE_EVENTS: Final = 64
"""How many events are decoded at a time: so few that they are used and gone while the processor
still has them at hand, which takes a third of the time it takes to decode thousands at once."""
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""What PostgreSQL counts microseconds from."""
_SQL: Final = queries("log")


class GapInLog(Article20Error):
    """Between the positions {first} and {last} of the log only {count} events stand. Run
    `article20 verify` and restore the newest backup that verifies."""

    slug, status = "gap-in-log", 500


class UnevenPage(Article20Error):
    """A type or an author between the positions {first} and {last} of the log holds what parts them
    from the next. Run `article20 verify` and restore the newest backup that verifies."""

    slug, status = "uneven-page", 500


class Page(msgspec.Struct, frozen=True, gc=False):
    """Events at the consecutive positions `first` to `last`, column by column, and the head of the
    log seen with them; `last` is 0 where there are none.

    `data`: what is stored of each, one after the other; `bounds`: where each begins, and where the
    last one ends.
    """

    head: int
    first: int
    last: int
    names: list[str]
    bounds: list[int]
    data: bytes
    moments: list[datetime]
    authors: list[str]

    @property
    def size(self) -> int:
        """How many events there are."""
        return len(self.bounds) - 1

    @property
    def is_even(self) -> bool:
        """Whether every event has its type and its author."""
        return len(self.names) == len(self.authors) == self.size

    def bodies(self, start: int = 0, stop: int | None = None) -> list[bytes]:
        """What is stored of each event, or of some of them, counted from 0."""
        bounds = self.bounds if stop is None else self.bounds[start : stop + 1]
        data = self.data
        return [data[begin:end] for begin, end in pairwise(bounds)]

    def opened(self) -> list[Recorded]:
        """The events, decoded; UndecodableEvent names the first that cannot be read."""
        return decode_page(self.first, self.names, self.bodies(), self.moments, self.authors)

    def slices(self, events: int = SLICE_EVENTS) -> Iterator[list[Recorded]]:
        """The events, decoded some at a time; UndecodableEvent names the first that cannot be
        read."""
        for start in range(0, self.size, events):
            stop = start + events
            yield decode_page(
                self.first + start,
                self.names[start:stop],
                self.bodies(start, stop),
                self.moments[start:stop],
                self.authors[start:stop],
            )


async def read_page(connection: Any, workspace: str, after: int, limit: int) -> Page | None:
    """The events after a position, `limit` or about PAGE_BYTES_MAX at most, in one round trip; None
    where there is no such workspace, GapInLog where positions are missing among them."""
    row = await connection.fetchrow(_SQL["read_page"], workspace, after, limit, PAGE_BYTES_MAX)
    if row is None:
        return None
    page = page_of(*row)
    if page.last and (page.first != after + 1 or page.last - page.first + 1 != page.size):
        raise GapInLog(first=after + 1, last=page.last, count=page.size)
    if not page.is_even:
        raise UnevenPage(first=page.first, last=page.last)
    return page


def page_of(
    head: int,
    first: int,
    last: int,
    count: int,
    names: str,
    lengths: bytes,
    data: bytes,
    moments: bytes,
    authors: str,
) -> Page:
    """A page from its columns as the server sends them, see `read_packed` in the schema."""
    if not count:
        return Page(head, 1, 0, [], [0], b"", [], [])
    bounds = list(accumulate(struct.unpack(f">{count}i", lengths), initial=0))
    known = _moments(struct.unpack(f">{count}q", moments))
    return Page(
        head, first, last, names.split(SEPARATOR), bounds, data, known, authors.split(SEPARATOR)
    )


def _moments(counted: Iterable[int]) -> list[datetime]:
    """Moments from the microseconds they are counted in; events appended together share theirs."""
    found: list[datetime] = []
    before, moment = None, _EPOCH
    for microseconds in counted:
        if microseconds != before:
            before, moment = microseconds, _EPOCH + timedelta(0, 0, microseconds)
        found.append(moment)
    return found
