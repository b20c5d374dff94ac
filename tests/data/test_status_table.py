"""The status table against the codes, the legal clock and known counts; it never mends a row."""

from datetime import date

import pytest

from domain.dates import partial_date
from domain.governments import GOVERNMENTS
from domain.treaties import APMBC, in_force_for, withdrawal_expiry
from infra import shipped
from tests import status_table

ROWS = shipped.status_rows()
COLUMNS = [
    "iso_alpha3",
    "name",
    "signed",
    "instrument_type",
    "deposited",
    "entry_into_force",
    "withdrawal_deposited",
    "withdrawal_effective",
    "source",
    "confidence",
    "entry_into_force_basis",
    "note",
]


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_the_table_has_its_columns() -> None:
    """The columns are those that the data's README explains, in its order."""
    assert all(list(row) == COLUMNS for row in ROWS)


def test_the_governments_of_the_code_are_those_of_the_table() -> None:
    """Codes and names of the governments equal the rows of the table."""
    assert {row["iso_alpha3"]: row["name"] for row in ROWS} == GOVERNMENTS
    assert len(ROWS) == len(GOVERNMENTS) == 197
    assert [row["iso_alpha3"] for row in ROWS] == sorted(GOVERNMENTS)


@pytest.mark.parametrize("row", [r for r in ROWS if r["deposited"]], ids=lambda r: r["iso_alpha3"])
def test_the_clock_agrees_with_the_table(row: dict[str, str]) -> None:
    """For every state the rule of Art. 17 gives the table's entry into force, but for the two
    successions, whose dates are stored."""
    computed = in_force_for(APMBC, day(row["deposited"]))
    if row["instrument_type"] == "succession":
        stated = day(row["entry_into_force"])
        assert in_force_for(APMBC, day(row["deposited"]), stated) == stated
        if row["iso_alpha3"] == "SSD":
            assert computed == date(2012, 5, 1) != stated
    else:
        assert computed == day(row["entry_into_force"])


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r["withdrawal_deposited"]], ids=lambda r: r["iso_alpha3"]
)
def test_the_clock_agrees_with_every_withdrawal(row: dict[str, str]) -> None:
    """Six months after the deposit is the day of effect in the table."""
    expiry = withdrawal_expiry(APMBC, day(row["withdrawal_deposited"]))
    assert (expiry.on, expiry.about) == (day(row["withdrawal_effective"]), False)


def test_the_order_of_steps_holds_in_every_row() -> None:
    """Nobody deposits before signing, is bound without depositing, or leaves without joining."""
    for row in ROWS:
        if row["signed"]:
            assert day(row["signed"]) >= APMBC.opened_on
            assert not row["deposited"] or row["signed"] <= row["deposited"]
        assert (
            bool(row["deposited"]) == bool(row["entry_into_force"]) == bool(row["instrument_type"])
        )
        assert bool(row["withdrawal_deposited"]) == bool(row["withdrawal_effective"])
        assert not row["withdrawal_deposited"] or row["deposited"]
        assert row["instrument_type"] not in ("accession", "succession") or not row["signed"]


def test_every_row_says_where_it_comes_from() -> None:
    """A row names its sources, its reliability and the basis of its entry into force."""
    for row in ROWS:
        assert "http" in row["source"], row["iso_alpha3"]
        assert row["confidence"] in ("A", "B")
        basis = ("stored", "computed", "unconfirmed") if row["deposited"] else ("",)
        assert row["entry_into_force_basis"] in basis


@pytest.mark.parametrize(
    ("on", "deposited", "in_force"),
    [
        ("1997-12-02", 0, 0),
        ("1997-12-03", 3, 0),
        ("1998-09-15", 38, 0),
        ("1998-09-16", 40, 0),
        ("1999-02-28", 67, 0),
        ("1999-03-01", 67, 45),
        ("2025-03-11", 164, 164),
        ("2025-03-31", 165, 164),
        ("2025-06-25", 166, 164),
        ("2025-09-01", 166, 165),
        ("2025-12-01", 166, 166),
        ("2025-12-26", 166, 166),
        ("2025-12-27", 163, 163),
        ("2026-01-09", 163, 163),
        ("2026-01-10", 162, 162),
        ("2026-02-19", 162, 162),
        ("2026-02-20", 161, 161),
        ("2026-11-01", 161, 161),
    ],
)
def test_the_counts_of_known_days(on: str, deposited: int, in_force: int) -> None:
    """Counted from the table alone, the known days have their known counts."""
    assert status_table.counts(day(on)) == (deposited, in_force)


def test_there_are_days_enough_to_compare() -> None:
    """The days offered for comparison are 40 or more and hold both sides of every exit."""
    days = status_table.telling_days()
    assert len(days) >= 40
    for row in ROWS:
        if row["withdrawal_effective"]:
            exit_day = partial_date(row["withdrawal_effective"]).first_day
            assert {exit_day - date.resolution, exit_day} <= set(days)
