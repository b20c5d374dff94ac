"""How both clocks are written and read; what they select is for the folds."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt, known_text, read_known_at, read_on
from domain.errors import InvalidQuestion

TODAY = date(2026, 3, 1)
CLOCKS = st.builds(KnownAt, position=st.integers(0, 10**18 - 1)) | st.builds(
    KnownAt, moment=st.datetimes(timezones=st.just(UTC))
)


@given(clock=CLOCKS, position=st.integers(0, 10**18 - 1))
def test_a_clock_reads_as_what_it_is_written_as(clock: KnownAt, position: int) -> None:
    """A position as one and a moment as one, so that an answer can be asked for again by the clock
    it states; the head is stated as the position that it was read at."""
    assert read_known_at(str(clock)) == clock
    assert known_text(clock, position) == str(clock)
    assert read_known_at(known_text(HEAD, position)) == KnownAt(position=position)
    assert read_known_at(None) is HEAD
    assert str(HEAD) == "head"


@given(day=st.dates(), hours=st.integers(-14, 14))
def test_a_day_is_known_to_its_end_and_a_moment_in_any_offset(day: date, hours: int) -> None:
    """A day ends with its last microsecond in UTC; the plus of an offset may have become a space,
    as an address has it."""
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=24, microseconds=-1)
    assert read_known_at(day.isoformat()) == KnownAt(moment=end)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=timezone(timedelta(hours=hours)))
    if date.min < day < date.max:
        assert read_known_at(noon.isoformat().replace("+", " ")) == KnownAt(moment=noon)
    assert read_on(day.isoformat(), TODAY) == day


@pytest.mark.parametrize(
    "text",
    ["", "head", "seq:", "seq:-1", "seq:1.5", "seq:" + "9" * 19, "2025-02-30", "2025", "20250301",
     "2025-03-01T12:00:00", "0001-01-01T00:00:00+10:00", "9999-12-31T23:00:00-10:00", "soon"],
)  # fmt: skip
def test_what_is_no_clock_is_refused_with_how_to_write_it(text: str) -> None:
    """Nothing is guessed: an instant without an offset, or outside the calendar, is none."""
    with pytest.raises(InvalidQuestion) as refused:
        read_known_at(text, "to_known_at")
    facts = refused.value.facts
    assert (facts["parameter"], facts["value"]) == ("to_known_at", text)
    assert "seq:N" in str(refused.value)
    with pytest.raises(InvalidQuestion, match="write a day as YYYY-MM-DD"):
        read_on(text, TODAY)


def test_a_day_that_is_not_asked_for_is_today() -> None:
    """Both clocks have a default, and an empty text is none of it."""
    assert read_on(None, TODAY) == TODAY
