"""The matrix told while claims pass by is that of the readable law."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alliances import read_alliances
from domain.circles import Circles, read_regions
from domain.clocks import HEAD
from domain.weights import Weights
from infra.shipped import alliances as shipped_alliances
from infra.shipped import regions as shipped_regions
from projections.criticism import JOINTS, CriticismMatrix, Joint, critical, criticism_matrix
from projections.criticism_pass import MatrixPass
from projections.histories import Version, believed, fold_all
from projections.silence import Among
from tests.domain.made import WEIGHTS
from tests.histories import histories
from tests.projections.told import shipped

ON = date(2026, 1, 20)
CIRCLES = Circles(read_alliances(shipped_alliances()), read_regions(shipped_regions()))
ASKED = (
    None, Among(codes=("FIN", "AUT")), Among(allies=True, region=True), Among(speakers=True),
)  # fmt: skip


def passed(
    held: Sequence[Version], joint: Joint, rows_max: int, among: Among | None, weights: Weights
) -> CriticismMatrix:
    """The matrix of a pass."""
    matrix = MatrixPass(joint, rows_max)
    matrix.take(critical(sorted(held, key=lambda v: v.happening), ON, weights))
    return matrix.page(on=ON, known_at="", weights=weights, among=among, circles=CIRCLES)


@settings(max_examples=150, deadline=None)
@given(
    events=histories(),
    joint=st.sampled_from(JOINTS),
    rows_max=st.integers(1, 12),
    among=st.sampled_from(ASKED),
)
def test_a_pass_tells_the_matrix(
    events: list[Any], joint: Joint, rows_max: int, among: Among | None
) -> None:
    """However joint statements are told, of however many critics, whosever silence is asked
    about."""
    held = believed(fold_all(events), HEAD)
    expected = criticism_matrix(
        held, on=ON, known_at="", weights=WEIGHTS, joint=joint, rows_max=rows_max, among=among,
        circles=CIRCLES,
    )  # fmt: skip
    assert passed(held, joint, rows_max, among, WEIGHTS) == expected


@pytest.mark.parametrize("among", ASKED)
@pytest.mark.parametrize("joint", JOINTS)
def test_a_pass_tells_the_matrix_of_the_shipped_record(joint: Joint, among: Among | None) -> None:
    """A page of it, and all of it."""
    held = shipped()
    for rows_max in (5, 40, 10_000):
        expected = criticism_matrix(
            held, on=ON, known_at="", weights=WEIGHTS, joint=joint, rows_max=rows_max, among=among,
            circles=CIRCLES,
        )  # fmt: skip
        assert passed(held, joint, rows_max, among, WEIGHTS) == expected
