"""PartialDate against the public EDTF library and against its own properties; no clock is asked."""

import re
from datetime import date, timedelta
from time import struct_time

import pytest
from edtf import EDTFObject, parse_edtf
from edtf.parser import grammar
from edtf.parser.edtf_exceptions import EDTFParseException
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.dates import (
    EDTF_PATTERN,
    PartialDate,
    add_months,
    days_after,
    last_moment,
    partial_date,
    plain_day,
)

DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
MARKS = st.sampled_from(["", "~", "?", "%"])

# Levels 0 and 1 are what article20 reads; to try level 2 as well takes six times as long.
grammar.edtfParser = grammar.level0Expression ^ grammar.level1Expression


@st.composite
def single_dates(draw: st.DrawFn) -> str:
    """One date of levels 0 and 1 that exists in the calendar, without its mark."""
    day = draw(DAYS)
    year, month = f"{day.year:04}", f"{day.month:02}"
    forms = [year, f"{year}-{month}", day.isoformat()]
    forms += [f"{year[:3]}X", f"{year[:2]}XX", f"{year}-XX", f"{year}-XX-XX", f"{year}-{month}-XX"]
    return draw(st.sampled_from(forms))


@st.composite
def oracles_dates(draw: st.DrawFn) -> str:
    """A date that the library reads: it stumbles over unspecified digits within intervals."""
    if draw(st.booleans()):
        return draw(single_dates()) + draw(MARKS)
    ends = draw(st.lists(DAYS.map(date.isoformat), min_size=2, max_size=2))
    lengths = draw(st.lists(st.sampled_from((4, 7, 10)), min_size=2, max_size=2))
    return "/".join(
        end[:length] + draw(MARKS) for end, length in zip(sorted(ends), lengths, strict=True)
    )


@st.composite
def dates(draw: st.DrawFn) -> str:
    """One date or an interval, each end with a mark or none."""
    ends = draw(st.lists(single_dates(), min_size=1, max_size=2))
    return "/".join(end + draw(MARKS) for end in ends)


def read(text: str) -> PartialDate | None:
    try:
        return partial_date(text)
    except ValueError:
        return None


def oracle(text: str) -> EDTFObject | None:
    try:
        understood: EDTFObject = parse_edtf(text)
    except EDTFParseException:
        return None
    return understood


def day_of(moment: struct_time) -> date:
    return date(moment[0], moment[1], moment[2])


@settings(deadline=None)
@given(oracles_dates())
def test_bounds_equal_those_of_the_edtf_library(text: str) -> None:
    """Where both understand a date, its first and last day are the library's strict bounds."""
    ours, theirs = read(text), oracle(text)
    assume(ours is not None and theirs is not None)
    assert ours is not None
    assert theirs is not None
    assert ours.first_day == day_of(theirs.lower_strict())
    assert ours.last_day == day_of(theirs.upper_strict())


@settings(deadline=None)
@given(single_dates(), MARKS)
def test_a_date_the_edtf_library_understands_is_understood(text: str, mark: str) -> None:
    """A date that lies in the calendar is refused only where the year lies before 0001."""
    if oracle(text + mark) is not None and not text.startswith(("000X", "00XX")):
        assert read(text + mark) is not None


@settings(deadline=None)
@given(st.from_regex(r"\A[0-9]{4}-[0-9]{2}(-[0-9]{2})?\Z"))
def test_what_the_edtf_library_refuses_is_refused(text: str) -> None:
    """A month or day that does not exist is refused, as by the library."""
    if oracle(text) is None:
        assert read(text) is None


@given(dates())
def test_a_date_that_is_read_keeps_its_promises(text: str) -> None:
    """First day <= representative day <= last day, and the representative day is the floor of the
    middle."""
    when = read(text)
    assume(when is not None)
    assert when is not None
    assert when.first_day <= when.representative_day <= when.last_day
    span = (when.last_day - when.first_day).days
    assert when.representative_day == when.first_day + timedelta(days=span // 2)
    assert when.is_day == bool(re.fullmatch(r"(\d{4}-\d{2}-\d{2})(/\1)?", text))


@given(single_dates(), MARKS)
def test_a_mark_changes_no_bound(text: str, mark: str) -> None:
    """Approximate and uncertain dates have the bounds of the plain one, and say what they are."""
    plain, marked = read(text), read(text + mark)
    assume(plain is not None and marked is not None)
    assert plain is not None
    assert marked is not None
    assert (marked.first_day, marked.last_day) == (plain.first_day, plain.last_day)
    assert marked.approximate == (mark in ("~", "%"))
    assert marked.uncertain == (mark in ("?", "%"))


@given(single_dates(), single_dates())
def test_an_interval_spans_its_ends(first: str, last: str) -> None:
    """An interval goes from the first day of its first date to the last day of its last one."""
    start, end, both = read(first), read(last), read(f"{first}/{last}")
    assume(start is not None and end is not None)
    assert start is not None
    assert end is not None
    if end.last_day < start.first_day:
        assert both is None
    else:
        assert both is not None
        assert (both.first_day, both.last_day) == (start.first_day, end.last_day)


@given(dates())
def test_what_is_read_fits_the_published_pattern(text: str) -> None:
    """The pattern that the schema publishes holds for every date that is understood."""
    if read(text) is not None:
        assert re.search(EDTF_PATTERN, text)


@given(st.one_of(st.from_regex(EDTF_PATTERN), st.text(max_size=24)))
def test_no_text_breaks_the_reading(text: str) -> None:
    """Any text is a date or is refused with words on how to write one."""
    if read(text) is None:
        with pytest.raises(ValueError, match="write") as refused:
            partial_date(text)
        assert repr(text) in str(refused.value)


@given(dates())
def test_dates_are_equal_when_their_texts_are(text: str) -> None:
    """The same text is the same date; another text is another, even with the same bounds."""
    assume(read(text) is not None)
    assert PartialDate(text) == PartialDate(text) == partial_date(text)
    assert len({PartialDate(text), partial_date(text)}) == 1
    assert PartialDate(text) != text
    assert repr(text) in repr(PartialDate(text))


@pytest.mark.parametrize(
    ("text", "first", "last", "middle"),
    [
        ("2025", "2025-01-01", "2025-12-31", "2025-07-02"),
        ("2024", "2024-01-01", "2024-12-31", "2024-07-01"),
        ("2025-03", "2025-03-01", "2025-03-31", "2025-03-16"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-02-15"),
        ("2025-03-18", "2025-03-18", "2025-03-18", "2025-03-18"),
        ("2025-06-25/2025-06-26", "2025-06-25", "2025-06-26", "2025-06-25"),
        ("2025-07-18/2025-12-02", "2025-07-18", "2025-12-02", "2025-09-24"),
        ("2024-11-19/2024-11-30~", "2024-11-19", "2024-11-30", "2024-11-24"),
        ("202X", "2020-01-01", "2029-12-31", "2024-12-31"),
        ("19XX", "1900-01-01", "1999-12-31", "1949-12-31"),
        ("2025-XX-XX?", "2025-01-01", "2025-12-31", "2025-07-02"),
    ],
)
def test_dates_as_archives_write_them(text: str, first: str, last: str, middle: str) -> None:
    """Years, months, days, decades and intervals have the bounds and the day that stands for
    them."""
    when = partial_date(text)
    found = (when.first_day, when.last_day, when.representative_day)
    assert tuple(day.isoformat() for day in found) == (first, last, middle)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 2025",
        "2025\n",
        "25",
        "2025-3",
        "2025-00",
        "2025-13",
        "2025-02-29",
        "2025-02-30",
        "2025-03-00",
        "20250318",
        "18.3.2025",
        "2025-03-18T10:00:00Z",
        "2025-XX-18",
        "202X-03",
        "2XXX",
        "XXXX",
        "0000",
        "000X",
        "2025~?",
        "~2025",
        "2025/",
        "/2025",
        "../2025",
        "2025/..",
        "2025/2026/2027",
        "2026/2025",
        "2025-06-26/2025-06-25",
        "2025-21",
        "Y12025",
        "-2025",
        "٢٠٢٥",
        "２０２５-03",
    ],
)
def test_what_is_no_date_is_refused_with_help(text: str) -> None:
    """Times, open ends, seasons, days that do not exist and other scripts are refused in words."""
    with pytest.raises(ValueError, match="write") as refused:
        partial_date(text)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2025/..", "is open"),
        ("../2025", "is open"),
        ("2025/", "is open"),
        ("/2025-03", "is open"),
        ("2025-21", "season"),
        ("2025-41", "part of a year"),
        ("2025-21-05", "no such month"),
        ("2025-42", "no such month"),
        ("soon", "no date that is understood"),
    ],
)
def test_what_is_edtf_and_has_no_first_or_last_day_is_told_so(text: str, words: str) -> None:
    """An open interval and a season are EDTF; what a claim lacks with them is said, not that they
    are none."""
    with pytest.raises(ValueError, match=words):
        partial_date(text)


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2900, 1, 1)),
    st.integers(min_value=0, max_value=24),
)
def test_moving_by_months_keeps_the_day_where_the_month_has_it(day: date, months: int) -> None:
    """The month is that many months later; the day is the same, or the month's last and so
    said."""
    moved, exact = add_months(day, months)
    assert moved.year * 12 + moved.month == day.year * 12 + day.month + months
    if exact:
        assert moved.day == day.day
    else:
        assert moved.day < day.day
        assert (moved + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("day", "moved", "exact"),
    [
        ("2025-08-31", "2026-02-28", False),
        ("2023-08-31", "2024-02-29", False),
        ("2025-08-29", "2026-02-28", False),
        ("2025-08-28", "2026-02-28", True),
        ("2025-12-31", "2026-06-30", False),
        ("2025-07-10", "2026-01-10", True),
    ],
)
def test_six_months_on_awkward_days(day: str, moved: str, exact: bool) -> None:
    """The 31st moves to the last day of a shorter month, leap years included."""
    assert add_months(date.fromisoformat(day), 6) == (date.fromisoformat(moved), exact)


def test_nothing_lies_beyond_the_calendar() -> None:
    """What would fall due after 9999-12-31 falls due then, and breaks nothing."""
    assert add_months(date(9999, 8, 1), 6) == (date.max, False)
    assert add_months(date(9999, 6, 15), 6) == (date(9999, 12, 15), True)
    assert days_after(date(9999, 12, 1), 180) == date.max
    assert days_after(date(2025, 9, 1), 180) == date(2026, 2, 28)


@given(dates())
def test_the_last_moment_of_a_date_begins_its_last_day(text: str) -> None:
    """A plain day, which is read without its parts, ends when the date that is read whole does;
    and only a plain day is one."""
    found = read(text)
    assert found is None or last_moment(text).date() == found.last_day
    assert plain_day(text) == (
        found.first_day if found and found.is_day and len(text) == 10 else None
    )


@pytest.mark.parametrize(
    "text", ["2025-02-30", "0000-01-01", "2025-W10-1", "20250301", " 2025-03-01", "２０２５-03-01"]
)
def test_what_the_calendar_lacks_is_no_plain_day(text: str) -> None:
    """Neither a day that does not exist nor another way to write one is a plain day."""
    assert plain_day(text) is None
