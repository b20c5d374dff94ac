"""The worklists: who erodes much and hears little, and which decision narrows most."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import KnownAt
from domain.events import Recorded
from domain.numbers import Figure
from projections.board import board, by_government
from projections.columnar.numbers import supposing
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.supposing import narrowings_of
from projections.columnar.terms.law import Law
from projections.histories import believed, fold_all
from projections.worklists import (
    LITTLE_CRITICISED,
    RANKED_MAX,
    TARGETS_RANKED_MAX,
    Narrowing,
    is_little_criticised,
    listed,
    narrowings,
    review_queue,
)
from tests import chronology
from tests.domain.made import WEIGHTS
from tests.histories import histories
from tests.projections.columnar.numbers.test_figures import columns_of
from tests.projections.columnar.opened.test_outlining import plain
from tests.projections.told import believed_now

ON = date(2026, 2, 19)
ONS = tuple(date.fromisoformat(d) for d in ("2025-04-20", "2025-12-31", "2026-07-11"))


def test_touching_intervals_are_not_little_criticised() -> None:
    """Only an erosion that lies wholly above the pressure puts a government on the list."""
    pressure = Figure(score=10, low=5, high=20)
    assert is_little_criticised(Figure(score=30, low=20.001, high=40), pressure)
    assert not is_little_criticised(Figure(score=30, low=20, high=40), pressure)


def test_the_list_is_the_board_narrowed() -> None:
    """Rows, clocks and methods are the board's; every row erodes beyond doubt more than it may
    have been criticised for, and no row left out does."""
    facts = [v.facts for v in chronology.versions()]
    whole = board(facts, on=ON, known_at="seq:9", weights=chronology.weights())
    found = listed(whole, LITTLE_CRITICISED)
    assert (found.on, found.known_at, found.methods) == (ON, "seq:9", whole.methods)
    assert {row.government for row in found.governments} == {
        row.government for row in whole.governments if row.erosion.low > row.pressure.high
    }


def test_the_queue_is_ordered_by_what_a_decision_narrows() -> None:
    """A waiting objection narrows more than a waiting statement, whichever was recorded first; what
    moves no number stands last; among equals the first recorded stands first."""
    pending = {"status": "pending", "targets": ["POL"]}
    source = [{"publisher": "Yle", "reliability": "A"}]
    versions = believed_now(
        {"id": "nothing", **pending, "kind": "meeting_held", "actors": []},
        {"id": "said", **pending, "sources": source},
        {"id": "objected", **pending, "kind": "objection_lodged", "sources": source},
        {"id": "nothing-again", **pending, "kind": "meeting_held", "actors": []},
        {"id": "counted", "sources": source, "targets": ["POL"]},
    )
    found = review_queue(versions, on=ON, known_at="seq:5", weights=WEIGHTS)
    assert [q.claim for q in found.claims] == ["objected", "said", "nothing", "nothing-again"]
    first = found.claims[0].intervals[0]
    assert (first.government, first.measure) == ("POL", "pressure")
    assert first.points == found.claims[0].points > found.claims[1].points
    assert found.claims[2].points == 0
    width = first.now.high - first.now.low
    narrower = min(f.high - f.low for f in (first.accepted, first.refused))
    assert first.points == pytest.approx(width - narrower)


def test_what_does_not_wait_is_not_in_the_queue() -> None:
    """Pending and contested claims wait; accepted and refuted ones do not."""
    statuses = ("pending", "contested", "accepted", "refuted")
    versions = believed_now(*({"id": status, "status": status} for status in statuses))
    found = review_queue(versions, on=ON, known_at="seq:4", weights=WEIGHTS)
    assert {q.claim for q in found.claims} == {"pending", "contested"}
    assert not found.more


def test_of_many_claims_the_first_recorded_are_ranked() -> None:
    """A queue has a bound, and says when others wait behind it."""
    rows = [{"id": f"w-{n}", "status": "pending"} for n in range(RANKED_MAX + 1)]
    found = review_queue(believed_now(*rows), on=date(2024, 1, 1), known_at="", weights=WEIGHTS)
    assert found.more
    assert [q.claim for q in found.claims] == [f"w-{n}" for n in range(RANKED_MAX)]


@settings(max_examples=25, deadline=None)
@given(events=histories(moves_max=30), data=st.data())
def test_columns_narrow_what_the_law_narrows(events: list[Recorded], data: st.DataObject) -> None:
    """For every waiting claim, day and point of knowledge, column by column as claim by claim."""
    columns = columns_of(events, [], 1)
    history = fold_all(events)
    known_at = KnownAt(position=data.draw(st.integers(1, len(events))))
    held = believed(history, known_at)
    grouped = by_government(v.facts for v in held)
    whole_max = data.draw(st.sampled_from([0, supposing.WHOLE_ROWS_MAX]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(supposing, "WHOLE_ROWS_MAX", whole_max)
        for on in ONS:
            for version in held:
                for code in version.claim.targets[:TARGETS_RANKED_MAX]:
                    reckoner = Reckoner(code, columns[code], Law(WEIGHTS))
                    reckoned = reckoner.reckon(on, known_at)
                    place = version.recorded_position
                    how: dict[str, Any] = {"on": on, "known_at": known_at}
                    found = narrowings_of(reckoner, [place], reckoned, **how).get(place, [])
                    expected = narrowings(version.claim.id, code, grouped[code], on, WEIGHTS)
                    assert in_order(found) == in_order(expected)


def in_order(found: list[Narrowing]) -> Any:
    """Narrowings by the name of the number, to 1e-9."""
    return plain(msgspec.to_builtins(sorted(found, key=lambda n: n.measure)))
