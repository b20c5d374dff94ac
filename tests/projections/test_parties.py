"""How many states are bound as time goes by; whom a standing binds is for the fold of it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain.standing import Standing
from projections.parties import steps

DAYS = st.dates(date(2024, 12, 28), date(2025, 1, 6))


@st.composite
def states(draw: st.DrawFn) -> Standing:
    """A state that never joins, or one that is bound from a day on and may leave later."""
    entered = draw(st.none() | DAYS)
    left = None if entered is None else draw(st.none() | DAYS.filter(lambda day: day > entered))
    return Standing(in_force_on=entered, leaves_on=left)


@given(now=st.dictionaries(st.sampled_from("ABCDEF"), states()), since=DAYS, on=DAYS)
def test_each_step_says_how_many_are_bound_from_its_day_on(
    now: dict[str, Standing], since: date, on: date
) -> None:
    """From the day asked for on, each day once on which anything changes, with who came and who
    went; what lies ahead is expected."""
    first, *later = found = steps(now, since, on)
    assert (first.day, first.joined, first.left, first.expected) == (since, (), (), False)
    ends = {day for one in now.values() for day in (one.in_force_on, one.leaves_on) if day}
    assert [step.day for step in later] == sorted(day for day in ends if day > since)
    for step in found:
        bound = [
            code
            for code, one in now.items()
            if one.in_force_on is not None
            and one.in_force_on <= step.day
            and (one.leaves_on is None or step.day < one.leaves_on)
        ]
        assert step.bound == len(bound)
    for step in later:
        assert set(step.joined) == {c for c, one in now.items() if one.in_force_on == step.day}
        assert set(step.left) == {c for c, one in now.items() if one.leaves_on == step.day}
        assert step.expected == (step.day > on)
