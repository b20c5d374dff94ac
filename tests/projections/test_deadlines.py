"""The clocks that run: of every treaty, soonest first."""

from datetime import date

from projections.deadlines import Deadline, Deadlines, running_clocks
from tests.projections.told import shipped

FACTS = [version.facts for version in shipped()]


def clocks(day: str) -> Deadlines:
    """What runs on a day, over the shipped record."""
    return running_clocks(FACTS, on=date.fromisoformat(day), known_at="seq:1")


def of(found: Deadlines, government: str, what: str) -> list[Deadline]:
    """The clocks of one government."""
    return [d for d in found.deadlines if (d.government, d.what) == (government, what)]


def test_a_withdrawal_runs_until_it_takes_effect() -> None:
    """Finland's clock ran from 10 July 2025 to 10 January 2026."""
    (one,) = of(clocks("2025-08-01"), "FIN", "withdrawal")
    assert (one.on, one.counted_from, one.article) == (
        date(2026, 1, 10),
        date(2025, 7, 10),
        "Art. 20(3)",
    )
    assert not of(clocks("2026-01-10"), "FIN", "withdrawal")


def test_clocks_of_all_treaties_are_in_one_order() -> None:
    """Soonest first, those without a date last; the yearly report is every party's."""
    found = clocks("2025-08-01")
    days = [d.on or date.max for d in found.deadlines]
    assert days == sorted(days)
    (yearly,) = [d for d in found.deadlines if d.what == "yearly_report"]
    assert (yearly.on, yearly.government) == (date(2026, 4, 30), None)
    (disputed,) = of(found, "UKR", "no_exit")
    assert disputed.on is None
    assert disputed.state == "disputed"


def test_nothing_runs_where_nothing_is_known() -> None:
    """Without claims no clock runs."""
    assert not running_clocks([], on=date(2025, 8, 1), known_at="seq:0").deadlines
