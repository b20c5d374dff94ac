"""What critics said, passing by in leaves of few rows, makes the matrix that a shelf makes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from infra.orders import Aside
from projections.columnar.criticism import merging
from projections.columnar.criticism.matrices import MatrixDraw, named, tabled
from projections.columnar.shelf.pointing import point
from projections.columnar.streams import filling, speaking
from projections.columnar.terms.law import Law
from projections.histories import believed, fold_all
from projections.paging import Place
from projections.silence import Among
from tests.domain.made import WEIGHTS
from tests.histories import GOVERNMENTS, histories
from tests.infra.test_orders import BOUNDS
from tests.projections.columnar.criticism.test_criticising import (
    ASKED,
    SPOKEN,
    VOICES,
    chosen,
    spoken,
)
from tests.projections.columnar.dense import dense
from tests.projections.columnar.numbers.test_surveying import shelved
from tests.projections.columnar.numbers.test_sweeping import batched, stored
from tests.projections.test_criticism import CIRCLES

HISTORIES = (
    histories(moves_max=40) | dense() | st.lists(SPOKEN, min_size=2, max_size=12).map(spoken)
)


@settings(max_examples=40, deadline=None)
@given(events=HISTORIES, data=st.data())
def test_leaves_that_pass_by_tell_what_a_shelf_tells(
    events: list[Recorded], data: st.DataObject
) -> None:
    """Whole, by pages and as far as a page shows it, on any day and as known at any point, however
    joint statements are told, wherever rows are cut and however often cells are added up."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=4)) - {len(events)})
    bodies = stored(events, cuts, data.draw(st.integers(1, 4)))
    shelf = shelved(events, cuts)[-1]
    shelf.presents = shelf.sums = False
    history = fold_all(events)
    moments = sorted({v.known_from for h in history.values() for v in h})
    picked = data.draw(st.sets(st.sampled_from(GOVERNMENTS)))
    rows_max = data.draw(st.integers(1, 3))
    choice = chosen(data.draw(st.sampled_from((None, "state", "ngo"))), picked, rows_max)
    government = data.draw(st.sampled_from(("", *GOVERNMENTS)))
    among = data.draw(st.sampled_from([None, Among(allies=True), Among(speakers=True)]))
    clocks = (
        HEAD,
        KnownAt(position=data.draw(st.integers(0, len(events)))),
        KnownAt(moment=data.draw(st.sampled_from(moments))),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speaking, "LEAF_ROWS", data.draw(st.integers(1, 6)))
        patch.setattr(filling, "ROWS_AT_ONCE", data.draw(st.sampled_from([1, 3, 2_048])))
        patch.setattr(merging, "MERGED_CELLS", data.draw(st.integers(0, 4)))
        for known_at in clocks:
            held = believed(history, known_at)
            names = {v.recorded_position: (v.claim.id, v.claim.occurred_on) for v in held}
            for on, joint in ASKED:
                how: dict[str, Any] = {"among": among, "circles": CIRCLES, "joint": joint}
                after: Place | None = None
                with Aside(data.draw(BOUNDS)) as aside:
                    passing = speaking.Speakings(Law(WEIGHTS), aside, on=on, known_at=known_at)
                    for code in sorted(bodies):
                        for some in batched(reversed(bodies[code]), 2):
                            passing.take(code, some)
                    at = point(on, known_at, len(events))
                    for draw in (
                        MatrixDraw(**how),
                        MatrixDraw(**how, rows_max=rows_max),
                        MatrixDraw(**how, government=government, choice=choice),
                    ):
                        found = speaking.tabled(passing, at, draw)
                        expected = tabled(shelf, on, known_at, until=len(events), draw=draw)
                        assert named(found, names) == named(expected, names)
                        assert found.following == expected.following
                        assert found.stands.tolist() == expected.stands.tolist()
                        after = found.following or after
                    draw = MatrixDraw(**how, rows_max=rows_max, after=after)
                    found = speaking.tabled(passing, at, draw)
                    expected = tabled(shelf, on, known_at, until=len(events), draw=draw)
                    assert named(found, names) == named(expected, names)
                    assert found.following == expected.following
                    assert found.stands.tolist() == expected.stands.tolist()


def test_a_happening_that_several_joint_claims_tell_is_led_by_the_first() -> None:
    """It has the first voice of the claim that came first, and as many signatories as any claim
    says, whichever government is told of first."""
    both = VOICES[0], VOICES[2]
    said: tuple[tuple[Any, ...], ...] = (
        (both, {"signatories": 5}, "statement_of_criticism", ("POL",), True, 9, "2025-02-01"),
        (both[::-1], {}, "statement_of_criticism", ("FIN",), True, 0, "2025-02-03"),
    )
    events = spoken([(list(actors), *rest) for actors, *rest in said])
    names = {
        v.recorded_position: (v.claim.id, v.claim.occurred_on)
        for v in believed(fold_all(events), HEAD)
    }
    bodies, on = stored(events, [], 2), ASKED[0][0]
    with Aside() as aside:
        passing = speaking.Speakings(Law(WEIGHTS), aside, on=on, known_at=HEAD)
        for code in sorted(bodies):
            passing.take(code, bodies[code])
        draw = MatrixDraw(among=None, circles=CIRCLES, joint="one")
        found = speaking.tabled(passing, point(on, HEAD, len(events)), draw)
    (critic,) = named(found, names).matrix.critics
    assert (critic.actor, critic.code, critic.targets) == ("joint:c0", "NOR", 2)
    assert critic.signatories == 5
