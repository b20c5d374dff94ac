"""What is asked of the believed rows of a government alone equals what is asked of all its rows."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.opened import portraying
from projections.columnar.opened.explaining import opened
from projections.columnar.opened.outlining import outlined
from projections.columnar.opened.portraying import drawn
from projections.columnar.shelf.sifting import Sieve, Sifting
from projections.columnar.shelf.slimming import slim
from projections.columnar.terms.entering import MEASURES_AT
from projections.columnar.terms.law import Law
from projections.histories import fold_all
from tests.domain.made import WEIGHTS
from tests.histories import GOVERNMENTS, histories
from tests.projections.columnar.numbers.test_figures import ONS
from tests.projections.columnar.numbers.test_sweeping import Bodies, batched, stored


def believed(
    bodies: Bodies, government: str, known_at: KnownAt, *, order: list[int], at_once: int
) -> Reckoner:
    """The rows of a government that are believed at a point, its parts having come in some
    order."""
    parts = bodies[government]
    sieve = Sieve(date.max, known_at, every=True)
    sifting = Sifting(sieve)
    for some in batched((parts[i] for i in order if i < len(parts)), at_once):
        sifting.take(some)
    return Reckoner(government, sifting.sifted().pieces(sieve.words()), Law(WEIGHTS))


@settings(max_examples=25, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_believed_rows_answer_as_all_rows_do(events: list[Recorded], data: st.DataObject) -> None:
    """Dossier, page and every number opened, to the last bit, on any day and as known at any point,
    in whichever order parts are read and however many of them at once."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=6)) - {len(events)})
    bodies = stored(events, cuts, data.draw(st.integers(1, 4)))
    moments = sorted({v.known_from for h in fold_all(events).values() for v in h})
    clocks = [
        HEAD,
        KnownAt(position=data.draw(st.integers(0, len(events)))),
        KnownAt(moment=data.draw(st.sampled_from(moments))),
    ]
    order = data.draw(st.permutations(range(len(events))))
    at_once = data.draw(st.integers(1, 4))
    on = data.draw(st.sampled_from(ONS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portraying, "COURSE_ROWS_MAX", data.draw(st.sampled_from([0, 40_000])))
        for government, known_at in product(sorted(bodies.keys() & GOVERNMENTS), clocks):
            whole = Reckoner(government, slim(bodies[government]), Law(WEIGHTS))
            some = believed(bodies, government, known_at, order=order, at_once=at_once)
            assert outlined(some, on, known_at, 0) == outlined(whole, on, known_at, 0)
            assert drawn(some, on, known_at) == drawn(whole, on, known_at)
            for measure in MEASURES_AT:
                found, expected = (
                    opened(one, measure, on=on, known_at=known_at, after=0) for one in (some, whole)
                )
                assert found == expected
