"""What claims weigh and would narrow, told from the rows around them, is what the law gives."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import KnownAt
from domain.events import LogEvent, Recorded
from domain.governments import GOVERNMENTS
from projections.board import by_government
from projections.columnar.numbers.adding import effects_of
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.nearby import effects_nearby, narrowings_nearby
from projections.columnar.numbers.surveying import survey
from projections.columnar.terms.law import Law
from projections.histories import believed, fold_all
from projections.worklists import WAITING, Narrowing, narrowings
from tests.domain.made import WEIGHTS
from tests.histories import histories
from tests.infra.postgres.filling import claim
from tests.projections.columnar.dense import WHEN, dense
from tests.projections.columnar.numbers.test_figures import ONS, columns_of
from tests.projections.columnar.numbers.test_surveying import shelved
from tests.projections.columnar.opened.test_outlining import plain
from tests.projections.test_worklists import in_order


@settings(max_examples=40, deadline=None)
@given(events=dense() | histories(moves_max=30), data=st.data())
def test_rows_around_a_claim_tell_what_it_weighs_and_would_narrow(
    events: list[Recorded], data: st.DataObject
) -> None:
    """For every claim that waits, and the effects of every claim, whatever was said around it and
    declared the same as it, on any day and as known at any point."""
    until = len(events)
    known_at = KnownAt(position=data.draw(st.integers(1, until) | st.just(until)))
    assert_told(events, known_at, presents=data.draw(st.booleans()))


def test_a_report_of_conflict_that_waits_moves_the_floor_it_would_hold_back() -> None:
    """A state at war stays bound, so what waits to be accepted may stop a leaving under any treaty,
    whatever was reversed under the one it was reported under."""
    events = [
        in_finland("war", "armed_conflict_engagement_reported", "2025-01-21", accepted=False),
        in_finland("back", "withdrawal_reversed", "2025-02-10", grade="A"),
        in_finland("out", "withdrawal_instrument_deposited", "2025-03-01", treaty="CCM"),
    ]
    log = [Recorded(n, WHEN, "person:1", event) for n, event in enumerate(events, 1)]
    head = KnownAt(position=len(log))
    (reported, *_) = assert_told(log, head)
    assert [one.measure for one in reported] == ["erosion"]


def in_finland(
    name: str, kind: str, on: str, *, accepted: bool = True, grade: str = "C", treaty: str = "APMBC"
) -> LogEvent:
    """A legal step or a report of Finland, by Finland."""
    return claim(
        name,
        accepted=accepted,
        kind=kind,
        treaty=treaty,
        occurred_on=on,
        details={},
        actors=[{"kind": "state", "code": "FIN"}],
        targets=["FIN"],
        sources=[{"publisher": "Yle", "reliability": grade}],
    )


def assert_told(
    events: list[Recorded], known_at: KnownAt, *, presents: bool = True
) -> list[list[Narrowing]]:
    """Rows around each claim tell what the law does, on every day; what narrows anything."""
    until = len(events)
    shelf = shelved(events, [])[-1]
    shelf.presents = presents
    columns = columns_of(events, [], 1)
    narrowed: list[list[Narrowing]] = []
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
            for place in claims:
                expected = narrowings(names[place], code, grouped[code], on, WEIGHTS)
                assert in_order(found.get(code, {}).get(place, [])) == in_order(expected)
                narrowed += filter(None, [expected])
        effects = effects_nearby(shelf, wanted, reckoned, on, known_at, until=until)
        for code, claims in wanted.items():
            reckoner = Reckoner(code, columns[code], Law(WEIGHTS))
            moved = effects_of(reckoner, claims, reckoned[code], **how)
            for place in claims:
                some = effects.get(code, {}).get(place, [])
                assert plain([to_plain(e) for e in some]) == plain(
                    [to_plain(e) for e in moved[place]]
                )
    return narrowed


def to_plain(effect: Any) -> Any:
    """An effect as plain values."""
    return {name: getattr(effect, name) for name in effect.__struct_fields__}
