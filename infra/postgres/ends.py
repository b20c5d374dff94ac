"""The first and the last day and moment that Python has, as PostgreSQL counts all others; asyncpg
takes them for the infinities, of which no year can be asked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

DAYS_MIN, DAYS_MAX = -(2**31), 2**31 - 1
MICROSECONDS_MIN, MICROSECONDS_MAX = -(2**63), 2**63 - 1
_EPOCH_DAYS: Final = date(2000, 1, 1).toordinal()
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


async def use_true_ends(connection: Any) -> None:
    """Let a connection write days and moments as what they are; infinities read as the ends."""
    for name, encoder, decoder in (
        ("date", _day_sent, _day_read),
        ("timestamptz", _moment_sent, _moment_read),
    ):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=encoder, decoder=decoder, format="tuple"
        )


def _day_sent(day: date) -> tuple[int]:
    """A day as PostgreSQL counts it."""
    return (day.toordinal() - _EPOCH_DAYS,)


def _day_read(sent: tuple[int]) -> date:
    """A day that PostgreSQL counted."""
    (days,) = sent
    if days == DAYS_MIN:
        return date.min
    return date.max if days == DAYS_MAX else date.fromordinal(days + _EPOCH_DAYS)


def _moment_sent(moment: datetime) -> tuple[int]:
    """A moment as PostgreSQL counts it."""
    return ((moment - _EPOCH) // _MICROSECOND,)


def _moment_read(sent: tuple[int]) -> datetime:
    """A moment that PostgreSQL counted."""
    (microseconds,) = sent
    if microseconds == MICROSECONDS_MIN:
        return _FIRST
    return _LAST if microseconds == MICROSECONDS_MAX else _EPOCH + microseconds * _MICROSECOND
