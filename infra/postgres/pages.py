"""Pages of the log as columns, the quick way to read all of it in order; it never filters and never
writes.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from domain.errors import Article20Error
from domain.events import Recorded, decode_page
from infra.postgres.names import SEPARATOR
from infra.postgres.queries import queries

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


class Page(msgspec.Struct, frozen=True, gc=False):
    """Events at the consecutive positions `first` to `last`, column by column, and the head of the
    log seen with them; `last` is 0 where there are none."""

    head: int
    first: int
    last: int
    names: list[str]
    data: list[bytes]
    moments: list[datetime]
    authors: list[str]

    def __len__(self) -> int:
        return len(self.data)

    def opened(self) -> list[Recorded]:
        """The events, decoded; UndecodableEvent names the first that cannot be read."""
        return decode_page(self.first, self.names, self.data, self.moments, self.authors)

    def slices(self) -> Iterator[list[Recorded]]:
        """The events, decoded some at a time; UndecodableEvent names the first that cannot be
        read."""
        for start in range(0, len(self), SLICE_EVENTS):
            part = slice(start, start + SLICE_EVENTS)
            yield decode_page(
                self.first + start,
                self.names[part],
                self.data[part],
                self.moments[part],
                self.authors[part],
            )


async def read_page(connection: Any, workspace: str, after: int, limit: int) -> Page | None:
    """The events after a position, at most `limit`, in one round trip; None where there is no such
    workspace, GapInLog where positions are missing among them."""
    row = await connection.fetchrow(_SQL["read_page"], workspace, after, limit)
    if row is None:
        return None
    head, first, last, count, names, data, moments, authors = row
    if not count:
        return Page(head, after + 1, 0, [], [], [], [])
    if first != after + 1 or last - first + 1 != count:
        raise GapInLog(first=after + 1, last=last, count=count)
    return Page(
        head, first, last, names.split(SEPARATOR), data, moments_of(moments, count), authors
    )


def moments_of(raw: bytes, count: int) -> list[datetime]:
    """Moments from their binary form, eight bytes each; events appended together share theirs."""
    found: list[datetime] = []
    before, moment = None, _EPOCH
    for microseconds in struct.unpack(f">{count}q", raw):
        if microseconds != before:
            before, moment = microseconds, _EPOCH + timedelta(0, 0, microseconds)
        found.append(moment)
    return found
