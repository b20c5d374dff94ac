"""What claims weigh and would narrow, told from the rows around them, is what the law gives."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import KnownAt
from domain.events import Recorded
from domain.governments import GOVERNMENTS
from projections.board import by_government
from projections.columnar.adding import effects_of
from projections.columnar.figures import Reckoner
from projections.columnar.law import Law
from projections.columnar.nearby import effects_nearby, narrowings_nearby
from projections.columnar.surveying import survey
from projections.histories import believed, fold_all
from projections.worklists import WAITING, narrowings
from tests.domain.made import WEIGHTS
from tests.histories import histories
from tests.projections.columnar.dense import dense
from tests.projections.columnar.test_figures import ONS, columns_of
from tests.projections.columnar.test_outlining import plain
from tests.projections.columnar.test_surveying import shelved
from tests.projections.test_worklists import in_order


@settings(max_examples=40, deadline=None)
@given(events=dense() | histories(moves_max=30), data=st.data())
def test_rows_around_a_claim_tell_what_it_weighs_and_would_narrow(
    events: list[Recorded], data: st.DataObject
) -> None:
    """For every claim that waits, and the effects of every claim, whatever was said around it and
    declared the same as it, on any day and as known at any point."""
    until = len(events)
    shelf = shelved(events, [])[-1]
    columns = columns_of(events, [], 1)
    known_at = KnownAt(position=data.draw(st.integers(1, until) | st.just(until)))
    held = believed(fold_all(events), known_at)
    grouped = by_government(v.facts for v in held)
    wanted: dict[str, list[int]] = {}
    waiting: dict[str, list[int]] = {}
    for version in held:
        for code in GOVERNMENTS.keys() & set(version.claim.targets):
            wanted.setdefault(code, []).append(version.recorded_position)
            if version.status in WAITING:
                waiting.setdefault(code, []).append(version.recorded_position)
    names = {v.recorded_position: v.claim.id for v in held}
    for on in ONS:
        reckoned = survey(shelf, on, known_at, until=until)
        how: dict[str, Any] = {"on": on, "known_at": known_at}
        found = narrowings_nearby(shelf, waiting, reckoned, on, known_at, until=until)
        for code, claims in waiting.items():
            for claim in claims:
                expected = narrowings(names[claim], code, grouped[code], on, WEIGHTS)
                assert in_order(found.get(code, {}).get(claim, [])) == in_order(expected)
        effects = effects_nearby(shelf, wanted, reckoned, on, known_at, until=until)
        for code, claims in wanted.items():
            reckoner = Reckoner(code, columns[code], Law(WEIGHTS))
            moved = effects_of(reckoner, claims, reckoned[code], **how)
            for claim in claims:
                some = effects.get(code, {}).get(claim, [])
                assert plain([to_plain(e) for e in some]) == plain(
                    [to_plain(e) for e in moved[claim]]
                )


def to_plain(effect: Any) -> Any:
    """An effect as plain values."""
    return {name: getattr(effect, name) for name in effect.__struct_fields__}
