"""What is left of long legal histories says the same of standings and floors as all of it."""

from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facts import COUNTED, POSSIBLE, Facts
from domain.floors import floor_of
from domain.numbers import SURE, best_grade, is_stage
from domain.standing import standing_on
from domain.treaties import TREATIES
from projections.columnar.legal import winnowing
from projections.columnar.terms.law import Law
from projections.columns import STATUSES, Profile
from tests.domain.made import WEIGHTS
from tests.projections.columnar.legal.test_milestones import BEGIN, FACTS, fact, plain

GRADED = st.lists(st.sampled_from("AAC"), min_size=60, max_size=60)


def table_of(governments: list[list[Facts]]) -> dict[str, Any]:
    """The legal table of some governments' facts, each in order of happening."""
    law = Law(WEIGHTS)
    profiles: dict[Profile, int] = {}
    states: dict[Any, int] = {}
    rows: list[tuple[int, ...]] = []
    for place, facts in enumerate(governments):
        for f in facts:
            profile = Profile(
                f.kind, f.treaty, f.stance, f.forum, f.strength, False, f.carried, f.engaged
            )
            code = profiles.setdefault(profile, len(profiles))
            state = states.setdefault(f.states, len(states))
            stated = f.stated.toordinal() if f.stated else 0
            rows.append((place, code, STATUSES.index(f.status), state, stated))
    made = np.array(rows, np.int64).reshape(-1, 5)
    return {
        "government": made[:, 0],
        "profile": made[:, 1],
        "status": made[:, 2],
        "states": made[:, 3],
        "stated": made[:, 4],
        "role": law.roles(profiles)[made[:, 1]],
        "q": np.array(
            [best_grade(f.reliabilities, WEIGHTS) for facts in governments for f in facts]
        ),
    }


def floors(facts: list[Facts], on: date) -> list[Any]:
    """The floor in the score, the low and the high bound, by the law."""

    def is_sure(f: Facts) -> bool:
        return f.status == "accepted" and best_grade(f.reliabilities, WEIGHTS) >= SURE

    stages = [f for f in facts if is_stage(f, WEIGHTS)]
    readings = (lambda f: f.status in COUNTED, is_sure, lambda f: True)
    return [
        floor_of([f for f in stages if reading(f)], facts, "FIN", on, WEIGHTS)
        for reading in readings
    ]


@settings(max_examples=40, deadline=None)
@given(drawn=st.lists(FACTS, min_size=1, max_size=3), grades=GRADED, days=st.integers(0, 3400))
def test_what_is_left_says_the_same(drawn: list[list[Any]], grades: list[str], days: int) -> None:
    """Of every government at a stroke, in every reading, whatever was joined, left, reversed,
    suspended or objected to in between."""
    on = BEGIN + timedelta(days=days)
    governments = []
    for some in drawn:
        made = [
            msgspec.structs.replace(fact(place, one), reliabilities=(grades[place],))
            for place, one in enumerate(some)
        ]
        known = [f for f in made if f.status in POSSIBLE and f.day <= on]
        governments.append(sorted(known, key=lambda f: f.order))
    table = table_of(governments)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winnowing, "ALL_ROWS_MAX", 0)
        left = winnowing.winnowed(table, np.arange(len(table["q"])), len(governments))
    begin = 0
    for facts in governments:
        picked = [facts[i - begin] for i in left.tolist() if begin <= i < begin + len(facts)]
        begin += len(facts)
        assert floors(picked, on) == floors(facts, on)
        for treaty in TREATIES.values():
            found = plain(standing_on(treaty, "FIN", picked, on), surprises=False)
            assert found == plain(standing_on(treaty, "FIN", facts, on), surprises=False)


def test_little_is_left_of_a_government_that_left_and_came_back_often() -> None:
    """However long the story, what came before its last turn is not read again."""
    story = []
    kinds = ("withdrawal_instrument_deposited", "withdrawal_effective", "state_joined")
    for place in range(300):
        drawn = kinds[place % 3], 10 * place, "accepted", 0, True, "APMBC"
        story.append(fact(place, drawn))
    table = table_of([story])
    assert len(winnowing.winnowed(table, np.arange(300), 1)) <= 6


def test_a_suspension_after_a_reversal_is_left_with_who_objects_to_it() -> None:
    """The first one was lifted by the reversal, and says nothing any more."""
    kinds = (
        *("state_joined", "suspension_notified", "objection_lodged", "withdrawal_reversed"),
        *("suspension_notified", "objection_lodged", "objection_lodged"),
    )
    story = [
        fact(place, (kind, 30 * place, "accepted", 0, place != 6, "APMBC"))
        for place, kind in enumerate(kinds)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winnowing, "ALL_ROWS_MAX", 0)
        left = winnowing.winnowed(table_of([story]), np.arange(len(story)), 1)
    picked = [story[place] for place in left.tolist()]
    standing = standing_on(TREATIES["APMBC"], "FIN", picked, BEGIN + timedelta(days=400))
    assert (standing.claimed, standing.disputed_by) == ("suspended", ("EST", "LVA"))


def test_a_suspension_that_was_lifted_stays_lifted() -> None:
    """Though a floor is read from it, and though whoever lifted it has left and come back since."""
    story = ("suspension_notified", "withdrawal_reversed", "withdrawal_effective", "state_joined")
    facts = [
        fact(place, (kind, place, "accepted", 0, True, "APMBC")) for place, kind in enumerate(story)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winnowing, "ALL_ROWS_MAX", 0)
        left = winnowing.winnowed(table_of([facts]), np.arange(len(facts)), 1)
    picked = [facts[place] for place in left.tolist()]
    found = standing_on(TREATIES["APMBC"], "FIN", picked, BEGIN + timedelta(days=400))
    assert found.claimed is None
