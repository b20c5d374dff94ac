"""The examples of docs/legal-clock.md, recomputed row by row."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from domain.treaties import TREATIES, due_on, in_force_for, treaty, withdrawal_expiry

PAGE = Path(__file__).resolve().parents[2] / "docs" / "legal-clock.md"


def rows(*header: str) -> list[list[str]]:
    """The rows of the table with this header."""
    lines: Iterator[str] = iter(PAGE.read_text(encoding="utf-8").splitlines())
    wanted = "| " + " | ".join(header) + " |"
    for line in lines:
        if line == wanted:
            next(lines)
            break
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    assert found, wanted
    return found


@pytest.mark.parametrize("row", rows("treaty", "deposit", "in force"))
def test_an_entry_into_force_on_the_page_is_the_computed_one(row: list[str]) -> None:
    """From the deposit, by the treaty's months."""
    code, deposit, in_force = row
    found = in_force_for(treaty(code), date.fromisoformat(deposit))
    assert found == date.fromisoformat(in_force)


@pytest.mark.parametrize("row", rows("treaty", "received", "in effect", "about"))
def test_a_withdrawal_on_the_page_takes_effect_when_computed(row: list[str]) -> None:
    """From the receipt, with whether the month lacks the day."""
    code, received, in_effect, about = row
    expiry = withdrawal_expiry(treaty(code), date.fromisoformat(received))
    assert expiry.on == date.fromisoformat(in_effect)
    assert expiry.about == (about == "yes")


@pytest.mark.parametrize("row", rows("treaty", "in force for the state", "duty", "due"))
def test_a_duty_on_the_page_is_due_when_computed(row: list[str]) -> None:
    """From the entry into force for the state."""
    code, in_force, what, due = row
    (duty,) = [one for one in treaty(code).duties if one.what == what]
    assert due_on(duty, date.fromisoformat(in_force)) == date.fromisoformat(due)


def test_the_page_names_every_duty_of_every_treaty() -> None:
    """With its article, its time, and what allows more."""
    told = rows("treaty", "duty", "article", "time", "more time")
    assert told == [
        [
            law.code,
            duty.what,
            duty.article,
            f"{duty.years} years" if duty.years else f"{duty.days} days",
            f"{duty.extension_article}, up to {duty.extension_years_max} years"
            if duty.extension_article
            else "none",
        ]
        for law in TREATIES.values()
        for duty in law.duties
    ]
