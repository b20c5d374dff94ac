"""Rows of a shelf are found as looking through all of them finds them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from projections.columnar.shelf.pointing import holding

POSITIONS = st.lists(st.integers(1, 40), max_size=20)


@given(POSITIONS, POSITIONS)
def test_rows_are_found_by_where_their_claims_were_recorded(
    recorded: list[int], wanted: list[int]
) -> None:
    """Every row of a wanted claim and no other, also of claims recorded after all wanted ones."""
    found = holding(np.array(recorded, np.int32), np.array(sorted({*wanted}), np.int64))
    assert found.tolist() == [place for place, one in enumerate(recorded) if one in wanted]
