"""The second clock: what was known, as a position of the log or a moment; it never asks the time
itself."""

import re
from datetime import UTC, date, datetime, time

import msgspec

from domain.errors import InvalidQuestion


class KnownAt(msgspec.Struct, frozen=True):
    """What was known: by `position` (audit), by `moment` (UTC), or at the head where both are
    None."""

    position: int | None = None
    moment: datetime | None = None

    def __str__(self) -> str:
        if self.position is not None:
            return f"seq:{self.position}"
        return "head" if self.moment is None else self.moment.isoformat()

    def holds(self, position: int, known_since: datetime) -> bool:
        """Whether what stands at a position, and was known since a moment, was known by then."""
        if self.position is not None:
            return position <= self.position
        return self.moment is None or known_since <= self.moment


HEAD = KnownAt()


def known_text(known_at: KnownAt, position: int) -> str:
    """The second clock as an answer states it: the head is the position it was read at."""
    if known_at.position is None and known_at.moment is None:
        return f"seq:{position}"
    return str(known_at)


def reached(known_at: KnownAt, position: int, who: str = "the log has") -> int:
    """Up to which position to read, of what has come as far as `position`; InvalidQuestion where
    `known_at` is beyond that."""
    if known_at.position is not None and known_at.position > position:
        detail = f"{who} reached position {position}"
        raise InvalidQuestion(parameter="known_at", value=str(known_at), detail=detail)
    return position if known_at.position is None else known_at.position


def read_known_at(text: str | None, parameter: str = "known_at") -> KnownAt:
    """The clock written as `seq:N`, a day (its end, UTC) or an RFC 3339 timestamp; None is the
    head.

    InvalidQuestion says how to write it, and what it is called where it was asked for.
    """
    if text is None:
        return HEAD
    match = re.fullmatch(r"seq:([0-9]{1,18})", text)
    if match:
        return KnownAt(position=int(match[1]))
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return KnownAt(moment=datetime.combine(date.fromisoformat(text), time.max, UTC))
        # In a query an unescaped plus before the offset arrives as a space.
        moment = msgspec.convert(re.sub(r" (?=[0-9]{2}:[0-9]{2}$)", "+", text), datetime)
        if moment.tzinfo is not None:
            return KnownAt(moment=moment.astimezone(UTC))
    except (ValueError, OverflowError, msgspec.ValidationError):
        pass  # the one refusal below says how to write it
    detail = (
        "write seq:N for a position, a day (YYYY-MM-DD), or a timestamp with its offset (RFC 3339)"
    )
    raise InvalidQuestion(parameter=parameter, value=text, detail=detail)


def read_on(text: str | None, today: date) -> date:
    """The first clock written as a day; None is `today`. InvalidQuestion says how to write it."""
    if text is None:
        return today
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # the one refusal below says how to write it
    raise InvalidQuestion(parameter="on", value=text, detail="write a day as YYYY-MM-DD")
