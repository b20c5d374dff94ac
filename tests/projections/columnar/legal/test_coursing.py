"""What the law folded once says the same on every day as the law asked of that day."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facts import COUNTED, Facts
from domain.floors import Floors, floor_of
from domain.numbers import is_stage
from domain.standing import Standings, conflicts, standing_on
from domain.treaties import APMBC, TREATIES
from projections.columnar.legal.coursing import Told
from tests.domain.made import WEIGHTS
from tests.projections.columnar.legal.test_milestones import BEGIN, FACTS, fact, plain

HELD_UP = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *("withdrawal_instrument_deposited", "armed_conflict_engagement_reported") * 3,
                *("state_joined", "withdrawal_announced", "withdrawal_reversed"),
            )
        ),
        st.integers(0, 900),
        st.sampled_from(("accepted", "contested")),
        st.sampled_from((0, 100, 400)),
        st.booleans(),
        st.just(APMBC.code),
    ),
    min_size=2,
    max_size=9,
)
"""Few facts, of which many are deposits, or hold them up."""


@settings(max_examples=50, deadline=None)
@given(
    drawn=FACTS | HELD_UP,
    after=st.lists(st.integers(-2, 3400), min_size=6, max_size=6),
    data=st.data(),
)
def test_what_was_folded_once_answers_for_every_day(
    drawn: list[Any], after: list[int], data: st.DataObject
) -> None:
    """Standings under each treaty, and the floor, whatever was joined, left, held up by armed
    conflict, reversed or suspended in between; also where it was folded anew from some day on, and
    where it was asked once for each stretch of days."""
    facts = sorted((fact(place, one) for place, one in enumerate(drawn)), key=lambda f: f.order)
    periods = conflicts(facts, "FIN", date.max)
    counted = [f for f in facts if f.status in COUNTED]
    stages = [f for f in counted if is_stage(f, WEIGHTS)]
    cut = BEGIN + timedelta(days=data.draw(st.integers(0, 3400)))
    floors = Floors(periods, WEIGHTS)
    for stage in stages:
        floors.take(stage)
    floors = _again(floors, stages, cut)
    folded = {code: Standings(treaty, periods) for code, treaty in TREATIES.items()}
    for f in counted:
        folded[f.treaty].take(f)
    folded = {
        code: _again(one, [f for f in counted if f.treaty == code], cut)
        for code, one in folded.items()
    }
    told_floors, told_folded = Told(floors), {code: Told(one) for code, one in folded.items()}
    turns = {f.day + timedelta(days=d) for f in facts for d in (-1, 0, 1)}
    for day in sorted({*turns, *(BEGIN + timedelta(days=d) for d in after)}):
        told = [f for f in facts if f.day <= day]
        reached = [f for f in stages if f.day <= day]
        assert floors.on(day) == floor_of(reached, told, "FIN", day, WEIGHTS)
        assert told_floors.on(day) == floors.on(day)
        for code, treaty in TREATIES.items():
            wanted = plain(standing_on(treaty, "FIN", facts, day), surprises=False)
            assert plain(folded[code].on(day), surprises=False) == wanted
            assert told_folded[code].on(day) == folded[code].on(day)


def _again(folded: Any, facts: list[Facts], day: date) -> Any:
    """The same, with what happened from a day on forgotten and folded in again."""
    found = folded.until(day)
    for one in facts:
        if one.day >= day:
            found.take(one)
    return found
