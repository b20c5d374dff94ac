"""What is kept at hand of critical claims says what all versions say."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.circles import NO_CIRCLES
from domain.clocks import KnownAt
from domain.events import Recorded
from projections.criticism import JOINTS, criticism_matrix, matrix_of
from projections.histories import believed, fold_all, version_at
from projections.statements import Statements
from tests.domain.made import WEIGHTS
from tests.histories import histories

ONS = tuple(date.fromisoformat(d) for d in ("2025-04-20", "2025-12-31", "2026-07-11"))


@settings(max_examples=25, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_statements_at_hand_make_the_matrix_of_all_versions(
    events: list[Recorded], data: st.DataObject
) -> None:
    """However the log was cut, on any day and however joint statements are told."""
    statements = Statements()
    history = fold_all(events)
    cuts = data.draw(st.sets(st.integers(1, len(events)), max_size=4)) | {len(events)}
    told: dict[str, object] = {}
    for position in sorted(cuts):
        at = KnownAt(position=position)
        now = {v.claim.id: v for each in history.values() if (v := version_at(each, at))}
        assert statements.take([v for c, v in now.items() if v != told.get(c)], position)
        told = dict(now)
        versions = sorted(believed(history, at), key=lambda v: v.recorded_position)
        on, joint = data.draw(st.sampled_from(ONS)), data.draw(st.sampled_from(JOINTS))
        expected = criticism_matrix(versions, on=on, known_at="", weights=WEIGHTS, joint=joint)
        assert expected == matrix_of(
            statements.said(on, WEIGHTS), on=on, known_at="", weights=WEIGHTS,
            among=None, circles=NO_CIRCLES, joint=joint,
        )  # fmt: skip
