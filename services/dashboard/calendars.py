"""Days that are due as a calendar file (iCalendar, RFC 5545): one event of a whole day each, the
same bytes for the same clocks; it never asks the time."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Final

import msgspec

from services.dashboard.sheets import Download

CALENDAR: Final = "ics"
"""The format that an address asks for."""
LINE_BYTES_MAX: Final = 75
"""How long a line may be before it is folded (RFC 5545, 3.1)."""
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One day: what is due, why, and whether a claim states it; `uid` stays the same for the same
    clock, so that a calendar that reads the file again moves the event instead of doubling it."""

    uid: str
    on: date
    title: str
    says: str
    is_stated: bool


def calendar(name: str, days: Iterable[Due], *, as_of: date) -> Download:
    """The days as a file; `as_of`: the day on which they were asked for."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//article20//article20//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for day in days:
        lines += _event(day, as_of)
    lines.append("END:VCALENDAR")
    body = "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()
    return Download(
        filename=f"deadlines-{as_of.isoformat()}.{CALENDAR}",
        media_type="text/calendar",
        body=body,
    )


def _event(due: Due, as_of: date) -> Iterator[str]:
    stamp = datetime.combine(as_of, time.min)
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(due.uid)}"
    yield f"DTSTAMP:{stamp:%Y%m%dT%H%M%S}Z"
    yield f"DTSTART;VALUE=DATE:{due.on.year:04}{due.on.month:02}{due.on.day:02}"
    yield f"SUMMARY:{_text(due.title)}"
    yield f"DESCRIPTION:{_text(due.says)}"
    yield f"STATUS:{'CONFIRMED' if due.is_stated else 'TENTATIVE'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(said: str) -> str:
    return said.translate(_ESCAPED)


def _folded(line: str) -> Iterator[str]:
    """A line in parts of at most `LINE_BYTES_MAX`, those after the first begin with a space."""
    part, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > LINE_BYTES_MAX:
            yield part
            part, size = " ", 1
        part += character
        size += width
    yield part
