"""The clock form: what people type, its one canonical form, and steps by a day."""

from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dashboard.clocks import Clocks, address, read_clocks, read_known_at, read_on
from services.dashboard.formats import day_text

TODAY = date(2026, 2, 19)
DAYS = st.dates(date(1900, 1, 2), date(2199, 12, 30))
CLOCKS = st.builds(
    Clocks,
    on=st.none() | DAYS.filter(lambda day: day != TODAY),
    known_at=st.none()
    | st.integers(0, 10**12).map(lambda position: f"seq:{position}")
    | st.dates(date(1900, 1, 2), TODAY - timedelta(days=1)).map(date.isoformat),
)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("18 Feb 2026", "2026-02-18"),
        ("18 february 2026", "2026-02-18"),
        ("Feb 18, 2026", "2026-02-18"),
        ("18th of Feb. 2026", "2026-02-18"),
        ("1 Sept. 2025", "2025-09-01"),
        (" 2025-12-05 ", "2025-12-05"),
        ("27 DEC 2025", "2025-12-27"),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, day: str) -> None:
    """Day and month in either order, the month in words or the date in ISO form."""
    assert read_on(typed, TODAY) == date.fromisoformat(day)
    assert read_known_at(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "day"),
    [("Jan 2026", "2026-01-31"), ("2025", "2025-12-31"), ("2024-02", "2024-02-29")],
)
def test_a_month_or_year_stands_for_its_last_day(typed: str, day: str) -> None:
    """The world as it stood at the end of what was named."""
    assert read_on(typed, TODAY) == date.fromisoformat(day)


@pytest.mark.parametrize("typed", ["19 Feb 2026", "Feb 2026", "2026", "today", "Now"])
def test_what_still_runs_is_now(typed: str) -> None:
    """Today, and a month or year that holds today, stand for now."""
    assert read_on(typed, TODAY) is None
    assert read_known_at(typed, TODAY) is None


def test_a_day_to_come_can_be_asked_of_the_world_and_not_of_what_is_known() -> None:
    """`on` may look ahead; nothing can be known by a day that has not come."""
    assert read_on("2027", TODAY) == date(2027, 12, 31)
    assert read_known_at("2027", TODAY) is None


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("seq:120", "seq:120"),
        ("SEQ:007", "seq:7"),
        ("position 120", "seq:120"),
        ("2025-12-05T10:00:00+02:00", "2025-12-05T08:00:00Z"),
        ("2025-12-05T10:00", "2025-12-05T10:00:00Z"),
    ],
)
def test_known_by_takes_positions_and_moments(typed: str, canonical: str) -> None:
    """A position of the log, and a timestamp, which is told in UTC."""
    assert read_known_at(typed, TODAY) == canonical


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("31 Feb 2025", "31 Feb 2025 does not exist. Enter a real date."),
        ("2025-13", "2025-13 does not exist. Enter a real date."),
        ("02/03/2026", "“02/03/2026” is not a date we can read. Enter a day"),
        ("soon", "“soon” is not a date we can read. Enter a day"),
        ("5 Jun May 2025", "“5 Jun May 2025” is not a date we can read. Enter a day"),
        ("5 6 Jun 2025", "“5 6 Jun 2025” is not a date we can read. Enter a day"),
        ("1 Jan 1066", "Enter a year from 1900 to 2199."),
        ("x" * 41, "That is too long for a date. Enter a day"),
        ("2025-12-05T99:00", "“2025-12-05T99:00” is not a moment. Enter a day"),
        ("0001-01-01T00:00+23:00", "“0001-01-01T00:00+23:00” is not a moment. Enter a day"),
    ],
)
def test_what_is_not_a_date_is_told_in_a_sentence(typed: str, told: str) -> None:
    """The person reads what is wrong and how to write it; both clocks stand at now meanwhile."""
    reading = read_clocks({"on": "2025-01-01", "known_at": typed}, TODAY)
    assert reading.known_error is not None
    assert reading.known_error.startswith(told)
    assert reading.known_typed == typed
    assert reading.clocks == Clocks(on=date(2025, 1, 1))
    assert reading.canonical


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=8))
def test_nothing_that_is_typed_breaks_the_page(on: str, known_at: str, step: str) -> None:
    """Any text at all is either read or answered with a sentence."""
    reading = read_clocks({"on": on, "known_at": known_at, "step": step}, TODAY)
    again = read_clocks(dict(reading.clocks.pairs()), TODAY)
    assert again.clocks == reading.clocks
    assert again.canonical


@given(CLOCKS)
def test_an_address_says_its_clocks_and_nothing_else(clocks: Clocks) -> None:
    """Clocks survive the way through an address; reading them back is canonical."""
    parts = urlsplit(address("/today", clocks, (("event", "a&b=c"),), "evidence"))
    query = dict(parse_qsl(parts.query))
    assert query.pop("event") == "a&b=c"
    assert parts.fragment == "evidence"
    reading = read_clocks(query, TODAY)
    assert reading.clocks == clocks
    assert reading.canonical


@given(CLOCKS)
def test_what_the_form_shows_means_the_same_when_it_is_sent(clocks: Clocks) -> None:
    """The words in the two fields, sent unchanged, ask for the same clocks."""
    query = {"on": clocks.on_text(TODAY), "known_at": clocks.known_text(TODAY)}
    reading = read_clocks(query, TODAY)
    assert reading.clocks == clocks


@given(CLOCKS, st.sampled_from(["on", "known"]))
def test_a_step_and_its_opposite_cancel(clocks: Clocks, clock: str) -> None:
    """One day, or one position, back and on again is where it began."""
    query = dict(clocks.pairs())
    back = read_clocks(query | {"step": f"{clock}-1"}, TODAY)
    assert not back.canonical
    if back.clocks != clocks:
        there = dict(back.clocks.pairs()) | {"step": f"{clock}+1"}
        assert read_clocks(there, TODAY).clocks == clocks


def test_a_step_moves_one_clock_by_one_day() -> None:
    """−1 on the first clock is yesterday; the second stays at the head."""
    assert read_clocks({"step": "on-1"}, TODAY).clocks == Clocks(on=date(2026, 2, 18))
    assert read_clocks({"step": "known-1"}, TODAY).clocks == Clocks(known_at="2026-02-18")
    assert read_clocks({"step": "known+1"}, TODAY).clocks == Clocks()
    assert read_clocks({"known_at": "seq:0", "step": "known-1"}, TODAY).clocks == Clocks(
        known_at="seq:0"
    )
    moment = {"known_at": "2025-12-05T08:00:00Z", "step": "known-1"}
    assert read_clocks(moment, TODAY).clocks == Clocks(known_at="2025-12-04")


def test_steps_stop_at_the_ends_of_the_calendar() -> None:
    """A step beyond the first or last year stays where it was."""
    first, last = date(1900, 1, 1), date(2199, 12, 31)
    for day, step in ((first, "on-1"), (last, "on+1")):
        assert read_clocks({"on": day.isoformat(), "step": step}, TODAY).clocks.on == day
    known = {"known_at": "1900-01-01", "step": "known-1"}
    assert read_clocks(known, TODAY).clocks.known_at == "1900-01-01"


@pytest.mark.parametrize(
    ("clocks", "mode"),
    [
        (Clocks(), "now"),
        (Clocks(on=date(2026, 2, 20)), "ahead"),
        (Clocks(on=date(2026, 2, 18)), "past"),
        (Clocks(known_at="seq:9"), "past"),
        (Clocks(on=date(2026, 2, 20), known_at="2026-01-01"), "past"),
    ],
)
def test_a_page_knows_whether_it_stands_at_now(clocks: Clocks, mode: str) -> None:
    """At now it follows the log; in the past, or ahead, it never moves."""
    assert clocks.mode(TODAY) == mode


def test_clocks_are_told_in_words() -> None:
    """Days in one form, positions and moments by name."""
    assert Clocks().on_text(TODAY) == day_text(TODAY) == "19 Feb 2026"
    assert Clocks(known_at="seq:120").known_text(TODAY) == "position 120"
    assert Clocks(known_at="2025-12-05T08:00:00Z").known_text(TODAY) == "5 Dec 2025 08:00 UTC"
