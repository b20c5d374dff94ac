"""The legal clock of both treaties, rule by rule, on easy and on awkward days; it asks no claim."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import TreatyNotFound
from domain.treaties import (
    APMBC,
    CCM,
    TREATIES,
    Expiry,
    Treaty,
    in_force_for,
    treaty,
    withdrawal_expiry,
)

DAYS = st.dates(min_value=date(1997, 12, 3), max_value=date(2100, 12, 31))
EACH = pytest.mark.parametrize("each", TREATIES.values(), ids=TREATIES)


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_the_treaties_and_their_days() -> None:
    """The Mine Ban Treaty is in force since 1 March 1999, the cluster munition treaty since
    1 August 2010."""
    assert (APMBC.in_force_on, CCM.in_force_on) == (date(1999, 3, 1), date(2010, 8, 1))
    assert (APMBC.opened_on, CCM.opened_on) == (date(1997, 12, 3), date(2008, 12, 3))
    assert (APMBC.depositary_key, CCM.depositary_key) == ("XXVI-5", "XXVI-6")
    assert treaty("APMBC") is APMBC


def test_an_unknown_treaty_is_refused_with_the_known_ones() -> None:
    """Asking for another treaty names those there are."""
    with pytest.raises(TreatyNotFound, match="Use one of APMBC, CCM"):
        treaty("ATT")


@pytest.mark.parametrize(
    ("deposited", "bound"),
    [
        ("2025-03-12", "2025-09-01"),
        ("2025-06-25", "2025-12-01"),
        ("2025-06-26", "2025-12-01"),
        ("2025-06-01", "2025-12-01"),
        ("2025-06-30", "2025-12-01"),
        ("2025-07-01", "2026-01-01"),
        ("2025-08-31", "2026-02-01"),
        ("2025-12-31", "2026-06-01"),
        ("2012-12-27", "2013-06-01"),
        ("1998-10-08", "1999-04-01"),
        ("1998-09-30", "1999-03-01"),
        ("1997-12-03", "1999-03-01"),
    ],
)
def test_a_state_is_bound_from_the_sixth_month(deposited: str, bound: str) -> None:
    """From the first day of the sixth month after the month of deposit, not before the treaty
    itself."""
    assert in_force_for(APMBC, day(deposited)) == day(bound)


def test_the_same_rule_holds_for_cluster_munitions() -> None:
    """The other treaty counts alike, from its own beginning."""
    assert in_force_for(CCM, day("2025-09-05")) == day("2026-03-01")
    assert in_force_for(CCM, day("2009-01-05")) == day("2010-08-01")


def test_a_stored_entry_into_force_wins() -> None:
    """A succession reaches back: what the depositary stored is not computed."""
    stored = day("2011-07-09")
    assert in_force_for(APMBC, day("2011-11-11"), stored) == stored


@EACH
@given(deposited=DAYS)
def test_entry_into_force_is_a_first_of_the_month_far_enough_away(
    each: Treaty, deposited: date
) -> None:
    """Always a first of a month, more than 150 days after the deposit, and never before the
    treaty."""
    bound = in_force_for(each, deposited)
    assert bound.day == 1
    assert bound >= each.in_force_on
    assert bound - deposited > timedelta(days=150)
    if bound > each.in_force_on:
        assert bound - deposited <= timedelta(days=184)


@EACH
@given(one=DAYS, other=DAYS)
def test_who_deposits_earlier_is_not_bound_later(each: Treaty, one: date, other: date) -> None:
    """The order of deposits is the order of entries into force."""
    first, second = sorted((one, other))
    assert in_force_for(each, first) <= in_force_for(each, second)


@pytest.mark.parametrize(
    ("received", "effect", "about"),
    [
        ("2025-06-27", "2025-12-27", False),
        ("2025-07-10", "2026-01-10", False),
        ("2025-08-20", "2026-02-20", False),
        ("2024-09-06", "2025-03-06", False),
        ("2025-08-28", "2026-02-28", False),
        ("2025-08-29", "2026-02-28", True),
        ("2025-08-30", "2026-02-28", True),
        ("2025-08-31", "2026-02-28", True),
        ("2023-08-29", "2024-02-29", False),
        ("2023-08-31", "2024-02-29", True),
        ("2025-03-31", "2025-09-30", True),
        ("2025-12-31", "2026-06-30", True),
    ],
)
def test_a_withdrawal_takes_six_months(received: str, effect: str, about: bool) -> None:
    """Six months after receipt; on a day the month lacks, its last day, marked as about."""
    assert withdrawal_expiry(APMBC, day(received)) == Expiry(on=day(effect), about=about)
    assert withdrawal_expiry(CCM, day(received)) == Expiry(on=day(effect), about=about)


def test_a_stored_effective_day_wins() -> None:
    """What the depositary's notification says is certain, even on a day that the rule lacks."""
    stored = day("2026-03-01")
    assert withdrawal_expiry(APMBC, day("2025-08-31"), stored) == Expiry(
        on=stored, about=False, stated=True
    )


@EACH
@given(received=DAYS)
def test_no_withdrawal_takes_less_than_six_months_of_days(each: Treaty, received: date) -> None:
    """Between receipt and effect lie 181 to 184 days, or as few as 178 where the month lacks the
    day."""
    expiry = withdrawal_expiry(each, received)
    assert expiry.on is not None
    days = (expiry.on - received).days
    assert (178 if expiry.about else 181) <= days <= 184
