"""What is asked of a government whose rows pass by is what is asked of its rows at hand."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from itertools import product
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from domain.facts import Facts
from infra.orders import Aside
from projections.accounts import ORDERS
from projections.columnar.numbers import adding, supposing
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.opened import accounting, explaining, outlining, portraying
from projections.columnar.shelf.slimming import slim
from projections.columnar.streams import filling as passing_filling
from projections.columnar.streams import lawful
from projections.columnar.streams import opening as passing_opening
from projections.columnar.streams import outlining as passing_outlining
from projections.columnar.streams import supposing as passing_supposing
from projections.columnar.streams.filling import Filling
from projections.columnar.streams.stream import Stream
from projections.columnar.terms.entering import MEASURES_AT
from projections.columnar.terms.law import Law
from projections.histories import fold_all
from tests.domain.made import WEIGHTS
from tests.histories import GOVERNMENTS, histories
from tests.infra.test_orders import BOUNDS
from tests.projections.columnar.dense import dense
from tests.projections.columnar.numbers.test_figures import ONS
from tests.projections.columnar.numbers.test_sweeping import Bodies, batched, stored

UNTOLD = frozenset({"actor", "happening"})
"""What nobody asks of a legal fact, and no stream keeps."""


def plain(found: Any) -> Any:
    """An answer as plain values, its numbers to 1e-9 and places in no order."""
    if isinstance(found, msgspec.Struct):
        left = UNTOLD if isinstance(found, Facts) else frozenset[str]()
        return {
            name: sorted(set(getattr(found, name)))
            if name == "places"
            else plain(getattr(found, name))
            for name in found.__struct_fields__
            if name not in left
        }
    if isinstance(found, dict):
        return {key: plain(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [plain(value) for value in found]
    return round(found, 9) + 0.0 if isinstance(found, float) else found


class Asking:
    """One government asked both ways, as known at a point."""

    def __init__(
        self, bodies: Bodies, government: str, on: date, known_at: KnownAt, data: st.DataObject
    ) -> None:
        law = Law(WEIGHTS)
        self.on, self.known_at = on, known_at
        self.at_hand = Reckoner(government, slim(bodies[government]), law)
        self._stack = ExitStack()
        aside = self._stack.enter_context(Aside(data.draw(BOUNDS)))
        patch = self._stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(passing_filling, "ROWS_AT_ONCE", data.draw(st.sampled_from([1, 3, 2_048])))
        filling = Filling(known_at, aside)
        parts = data.draw(st.permutations(bodies[government]))
        for some in batched(parts, data.draw(st.integers(1, 4))):
            filling.take(some)
        self.stream = Stream(government, law, filling, aside, on=on, known_at=known_at)

    def __enter__(self) -> "Asking":
        return self

    def __exit__(self, *_gone: object) -> None:
        self._stack.close()

    def agree(
        self, ask: Callable[..., Any], ask_passing: Callable[..., Any], *what: Any, **how: Any
    ) -> None:
        """Both say the same."""
        clocks: dict[str, Any] = {"on": self.on, "known_at": self.known_at}
        expected = ask(self.at_hand, *what, **clocks, **how)
        assert plain(ask_passing(self.stream, *what, **how)) == plain(expected)


def asked_of(events: list[Recorded], data: st.DataObject) -> list[tuple[Bodies, str, KnownAt]]:
    """Every government of a made history at some points of knowledge, its rows stored in some
    parts and blocks."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=6)) - {len(events)})
    bodies = stored(events, cuts, data.draw(st.integers(1, 4)))
    moments = sorted({v.known_from for h in fold_all(events).values() for v in h})
    clocks = [
        HEAD,
        KnownAt(position=data.draw(st.integers(0, len(events)))),
        KnownAt(moment=data.draw(st.sampled_from(moments))),
    ]
    codes = sorted(bodies.keys() & GOVERNMENTS)
    return [(bodies, code, known_at) for code, known_at in product(codes, clocks)]


HISTORIES = st.one_of(histories(moves_max=40), dense())


@settings(max_examples=25, deadline=None)
@given(events=HISTORIES, data=st.data())
def test_a_government_is_outlined_and_drawn_alike(
    events: list[Recorded], data: st.DataObject
) -> None:
    """What is reckoned, the outline of the dossier, the page with its courses, and what each claim
    does to each number, on any day and as known at any point, however rows are cut and whatever is
    kept of legal facts."""
    on = data.draw(st.sampled_from(ONS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portraying, "COURSE_ROWS_MAX", data.draw(st.sampled_from([0, 40_000])))
        patch.setattr(passing_outlining, "COURSE_ROWS_MAX", portraying.COURSE_ROWS_MAX)
        patch.setattr(lawful, "KEPT_ROWS", data.draw(st.sampled_from([0, 2])))
        for government in asked_of(events, data):
            with Asking(*government[:2], on, government[2], data) as both:
                for surprises in (False, True):
                    how = {"surprises": surprises}
                    both.agree(Reckoner.reckon, passing_outlining.reckoned, **how)
                for after, every in ((0, True), (0, False), (2, False)):
                    both.agree(outlining.outlined, passing_outlining.outlined,
                               after=after, every=every)  # fmt: skip
                both.agree(portraying.drawn, passing_outlining.drawn)
                for recorded in np.unique(both.at_hand.recorded).tolist():
                    both.agree(outlining.affected, passing_outlining.affected, recorded)


@settings(max_examples=25, deadline=None)
@given(events=HISTORIES, data=st.data())
def test_a_number_is_opened_alike(events: list[Recorded], data: st.DataObject) -> None:
    """Its pages, its account in any order, what claims add to it and which may enter it."""
    on = data.draw(st.sampled_from(ONS))
    after, most = data.draw(st.integers(0, 4)), data.draw(st.integers(1, 4))
    order, out = data.draw(st.sampled_from(ORDERS)), data.draw(st.sampled_from([None, 2]))
    later = max(on, data.draw(st.sampled_from(ONS)))
    with pytest.MonkeyPatch.context() as patch:
        for module in (explaining, passing_opening):
            patch.setattr(module, "TERMS_MAX", most)
        for (bodies, code, known_at), measure in product(asked_of(events, data), MEASURES_AT):
            with Asking(bodies, code, on, known_at, data) as both:
                both.agree(explaining.opened, passing_opening.opened, measure, after=after)
                both.agree(accounting.accounted, passing_opening.accounted, measure, order=order,
                           terms_max=most, excluded_max=out, later=later)  # fmt: skip
                both.agree(accounting.figured, passing_opening.figured, measure)
                some = np.unique(both.at_hand.recorded)[::2]
                both.agree(accounting.pointed, passing_opening.pointed, measure, recorded=some)
                expected = accounting.entering_places(both.at_hand, measure, on, known_at, most)
                found = passing_opening.entering_places(both.stream, measure, most)
                assert (found is None) == (expected is None)
                assert sorted(found or ()) == sorted(expected or ())


@settings(max_examples=25, deadline=None)
@given(events=HISTORIES, data=st.data())
def test_a_decision_is_supposed_alike(events: list[Recorded], data: st.DataObject) -> None:
    """What deciding about each claim would narrow, and what each does to the numbers."""
    on = data.draw(st.sampled_from(ONS))
    at_once = data.draw(st.integers(1, 4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supposing, "WHOLE_ROWS_MAX", data.draw(st.sampled_from([0, 256])))
        patch.setattr(passing_supposing, "CLAIMS_AT_ONCE", at_once)
        patch.setattr(lawful, "KEPT_ROWS", data.draw(st.sampled_from([0, 2])))
        for bodies, code, known_at in asked_of(events, data):
            with Asking(bodies, code, on, known_at, data) as both:
                claims = np.unique(both.at_hand.recorded).tolist()
                how = {"claims": claims, "reckoned": both.at_hand.reckon(on, known_at)}
                both.agree(supposing.narrowings_of, passing_supposing.narrowings_of, **how)
                both.agree(adding.effects_of, passing_supposing.effects_of, **how)
