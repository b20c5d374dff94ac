"""What a page lists of a number, from columns, equals what the law gives."""

from datetime import date
from typing import Any

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import KnownAt
from domain.events import Recorded
from domain.numbers import figure
from projections.accounts import ORDERS, account
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.opened.accounting import (
    accounted,
    entering_places,
    figured,
    named_account,
    pointed,
)
from projections.columnar.terms.law import Law
from projections.dossier import MEASURES
from projections.histories import Version, believed, fold_all
from tests.domain.made import WEIGHTS
from tests.histories import GOVERNMENTS, histories
from tests.projections.columnar.dense import dense
from tests.projections.columnar.numbers.test_figures import columns_of
from tests.projections.columnar.opened.test_outlining import ONS, plain

LATER = date(2027, 1, 9)
EVENTS = st.one_of(histories(moves_max=40), dense())


@settings(max_examples=25, deadline=None)
@given(events=EVENTS, data=st.data())
def test_an_account_from_columns_is_the_one_of_the_law(
    events: list[Recorded], data: st.DataObject
) -> None:
    """For every number, government, day, order and length of the lists: the terms that are listed
    in their order, what they leave, who speaks, what was left out, and what time alone would do."""
    known_at = KnownAt(position=data.draw(st.integers(1, len(events))))
    held = believed(fold_all(events), known_at)
    order = data.draw(st.sampled_from(ORDERS))
    most = {"terms_max": data.draw(st.integers(0, 4)), "excluded_max": data.draw(st.integers(0, 3))}
    for government, pieces in columns_of(events, [], 1).items():
        if government not in GOVERNMENTS:
            continue
        reckoner = Reckoner(government, pieces, Law(WEIGHTS))
        for on in ONS:
            some = _about(held, government, on)
            facts = {v.claim.id: v.facts for v in some}
            names = {str(v.recorded_position): v.claim.id for v in some}
            for measure, of in MEASURES.items():
                found = accounted(
                    reckoner, measure, on=on, known_at=known_at, order=order, later=LATER, **most
                )
                whole = of(facts.values(), government, on, WEIGHTS)
                expected = account(whole, facts, WEIGHTS, order=order, **most)
                then = figure(of(facts.values(), government, LATER, WEIGHTS))
                expected = msgspec.structs.replace(expected, later=then)
                told = named_account(found.account, names)
                for name in expected.__struct_fields__:
                    assert (name, _plain(getattr(told, name))) == (
                        name,
                        _plain(getattr(expected, name)),
                    )
                _check_places(found.places, some)
                assert len(found.places) <= sum(most.values()) + 2  # the heaviest, and the floor


@settings(max_examples=25, deadline=None)
@given(events=EVENTS, data=st.data())
def test_the_claims_that_may_enter_make_the_number(
    events: list[Recorded], data: st.DataObject
) -> None:
    """The law over these alone gives what it gives over all; where they are too many, none are
    named. The points of some claims are those among their terms."""
    known_at = KnownAt(position=data.draw(st.integers(1, len(events))))
    held = believed(fold_all(events), known_at)
    on = data.draw(st.sampled_from(ONS))
    for government, pieces in columns_of(events, [], 1).items():
        if government not in GOVERNMENTS:
            continue
        reckoner = Reckoner(government, pieces, Law(WEIGHTS))
        some = _about(held, government, on)
        for measure, of in MEASURES.items():
            whole = of([v.facts for v in some], government, on, WEIGHTS)
            places = entering_places(reckoner, measure, on, known_at, len(events))
            assert places is not None
            assert entering_places(reckoner, measure, on, known_at, len(places) - 1) is None
            at = {recorded for _, recorded, _ in places}
            entering = [v.facts for v in some if v.recorded_position in at]
            assert of(entering, government, on, WEIGHTS) == whole
            number, claims = figured(reckoner, measure, on, known_at)
            assert plain(msgspec.to_builtins(number)) == plain(msgspec.to_builtins(figure(whole)))
            weighing = sum(term.c > 0 for term in whole.terms)
            assert claims == weighing + (whole.floor_claim is not None)
            asked = np.array([v.recorded_position for v in some[::2]], np.int64)
            points = pointed(reckoner, measure, asked, on, known_at)
            by_name = {term.claim: term.points for term in whole.terms}
            assert plain(points) == plain(
                {
                    v.recorded_position: by_name[v.claim.id]
                    for v in some[::2]
                    if v.claim.id in by_name
                }
            )


def _about(held: list[Version], government: str, on: date) -> list[Version]:
    """The believed versions of what happened to a government by a day."""
    return [v for v in held if government in v.claim.targets and v.facts.day <= on]


def _check_places(places: Any, some: list[Version]) -> None:
    at = {(v.facts.day, v.recorded_position, v.position) for v in some}
    assert set(places) <= at


def _plain(found: Any) -> Any:
    return plain(msgspec.to_builtins(found))
