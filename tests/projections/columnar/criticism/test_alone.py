"""Joint statements that are kept apart for all days are told on each of them as the readable law
tells them."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD
from projections.columnar.criticism.alone import Apart, apart_at_head
from projections.columnar.criticism.matrices import MatrixDraw, named, tabled
from projections.columnar.shelf.presenting import at_head
from projections.criticism import Choice, critical, criticism_matrix, excerpt_of, matrix_of
from projections.histories import believed, fold_all
from projections.silence import Among
from tests.domain.made import WEIGHTS
from tests.projections.columnar.criticism.test_tallying import FIRST, STATEMENTS, spoken
from tests.projections.columnar.numbers.test_surveying import shelved
from tests.projections.test_criticism import CIRCLES


@settings(max_examples=25, deadline=None)
@given(drawn=STATEMENTS, limit=st.integers(1, 3), government=st.sampled_from(("", "FIN", "POL")))
def test_every_day_tells_the_joint_statements_made_by_then(
    drawn: list[Any], limit: int, government: str
) -> None:
    """Whole, the first of them by whom they addressed, and page by page."""
    events = spoken(drawn)
    shelf = shelved(events, [])[-1]
    present = at_head(shelf, len(events))
    assert apart_at_head(present) is None
    assert isinstance(apart_at_head(present), Apart)
    held = believed(fold_all(events), HEAD)
    names = {v.recorded_position: (v.claim.id, v.claim.occurred_on) for v in held}
    choice = Choice(lambda one: -one.targets, lambda found: frozenset({"FIN", "POL"}), limit)
    how: dict[str, Any] = {"among": Among(speakers=True), "circles": CIRCLES, "joint": "one"}
    for after in range(-1, 11):
        on = FIRST + timedelta(days=after)
        law: dict[str, Any] = how | {"on": on, "known_at": "", "weights": WEIGHTS}
        for page in ({}, {"government": government, "choice": choice}, {"rows_max": limit}):
            draw = MatrixDraw(**how, **page)
            found = tabled(shelf, on, HEAD, until=len(events), draw=draw)
            told = named(found, names)
            whole = criticism_matrix(held, **law)
            if "choice" in page:
                assert told == excerpt_of(whole, government, choice)
            elif page:
                said = list(critical(held, on, WEIGHTS))
                assert (told.matrix, found.following) == matrix_of(said, **law, **page)
            else:
                assert told.matrix == whole
