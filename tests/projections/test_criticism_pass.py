"""The matrix told while claims pass by is that of the readable law."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alliances import read_alliances
from domain.circles import Circles, read_regions
from domain.clocks import HEAD
from domain.events import Recorded
from domain.weights import Weights
from infra.runs import Runs
from infra.shipped import alliances as shipped_alliances
from infra.shipped import regions as shipped_regions
from projections.criticism import JOINTS, CriticismMatrix, Joint, critical, criticism_matrix
from projections.criticism_pass import PAIRS_MAX, MatrixPass
from projections.histories import Version, believed, fold_all
from projections.silence import Among
from tests.domain.made import WEIGHTS
from tests.histories import BEGIN, histories
from tests.infra.postgres.filling import claim
from tests.projections.told import shipped

ON = date(2026, 1, 20)
CIRCLES = Circles(read_alliances(shipped_alliances()), read_regions(shipped_regions()))
ASKED = (
    None, Among(codes=("FIN", "AUT")), Among(allies=True, region=True), Among(speakers=True),
)  # fmt: skip


def passed(
    held: Sequence[Version], joint: Joint, rows_max: int, among: Among | None, weights: Weights,
    pairs_max: int = PAIRS_MAX,
) -> CriticismMatrix:  # fmt: skip
    """The matrix of a pass."""
    with Runs(0) as aside:
        matrix = MatrixPass(joint, rows_max, aside, pairs_max=pairs_max)
        matrix.take(critical(sorted(held, key=lambda v: v.happening), ON, weights))
        return matrix.page(on=ON, known_at="", weights=weights, among=among, circles=CIRCLES)


@settings(max_examples=150, deadline=None)
@given(
    events=histories(),
    joint=st.sampled_from(JOINTS),
    rows_max=st.integers(1, 12),
    among=st.sampled_from(ASKED),
    pairs_max=st.sampled_from((0, 1, 4, PAIRS_MAX)),
)
def test_a_pass_tells_the_matrix(
    events: list[Any], joint: Joint, rows_max: int, among: Among | None, pairs_max: int
) -> None:
    """However joint statements are told, of however many critics, whosever silence is asked
    about, and however many pairs are kept."""
    held = believed(fold_all(events), HEAD)
    expected = criticism_matrix(
        held, on=ON, known_at="", weights=WEIGHTS, joint=joint, rows_max=rows_max, among=among,
        circles=CIRCLES,
    )  # fmt: skip
    assert passed(held, joint, rows_max, among, WEIGHTS, pairs_max) == expected


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
        for pairs_max in (7, PAIRS_MAX):
            assert passed(held, joint, rows_max, among, WEIGHTS, pairs_max) == expected


@pytest.mark.parametrize("pairs_max", [0, PAIRS_MAX])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_critic_is_named_as_the_last_claim_names_it(
    pairs_max: int, form: Literal["NFC", "NFD"]
) -> None:
    """However its accents were typed, and whichever happening is told last."""
    typed: Literal["NFC", "NFD"] = "NFD" if form == "NFC" else "NFC"
    first, last = normalize(typed, "Ámbar"), normalize(form, "Ámbar")
    events = [
        claim(name, actors=[{"kind": "ngo", "name": how}])
        for name, how in (("z", first), ("b", last), ("c", first), ("a", last))
    ]
    held = believed(fold_all(Recorded(n, BEGIN, "one", e) for n, e in enumerate(events, 1)), HEAD)
    found = passed(held, "each", 10, None, WEIGHTS, pairs_max)
    assert [critic.name for critic in found.critics] == [last]
    assert found == criticism_matrix(
        held, on=ON, known_at="", weights=WEIGHTS, joint="each", rows_max=10, among=None,
        circles=CIRCLES,
    )  # fmt: skip
