"""Rows kept in order aside on disk come back as sorting all of them at once would give them."""

import os
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.orders import Aside, Bounds

FORM = np.dtype([("first", "i8"), ("second", "i4"), ("body", "f8")])
KEY = "first", "second"
BOUNDS = st.builds(
    Bounds,
    run_rows=st.integers(1, 9),
    block_rows=st.integers(1, 4),
    runs_merged=st.integers(2, 4),
)


@settings(max_examples=150, deadline=None)
@given(
    batches=st.lists(st.lists(st.tuples(st.integers(-3, 3), st.integers(-9, 9)), max_size=20)),
    bounds=BOUNDS,
)
def test_rows_are_read_in_order_however_few_are_held(
    batches: list[list[tuple[int, int]]], bounds: Bounds
) -> None:
    """Every row once, as often as one reads, in pieces of bounded length; equal keys included."""
    keys = [key for batch in batches for key in batch]
    whole = np.array([(*key, place) for place, key in enumerate(keys)], FORM)
    with Aside(bounds) as aside:
        order, at = aside.order(FORM, KEY), 0
        for batch in batches:
            order.put(whole[at : at + len(batch)])
            at += len(batch)
        assert order.size == len(keys)
        for _ in range(2):
            pieces = list(order.read())
            assert all(0 < len(one) <= bounds.block_rows * bounds.runs_merged for one in pieces)
            found = np.concatenate([whole[:0], *pieces])
            assert list(zip(found["first"], found["second"], strict=True)) == sorted(keys)
            assert sorted(found["body"].tolist()) == list(range(len(keys)))


def test_what_is_set_aside_goes_with_the_answer() -> None:
    """Few rows never reach the disk; the file of many has no name, and is closed with them."""
    rows = np.zeros(100, FORM)
    with Aside(Bounds(run_rows=1000)) as aside:
        aside.order(FORM, KEY).put(rows)
        assert aside.end == 0
    with Aside(Bounds(run_rows=10)) as aside:
        aside.order(FORM, KEY).put(rows)
        assert aside.end == rows.nbytes
        number = aside.file.fileno()
        assert os.fstat(number).st_nlink == 0
    assert not Path(f"/proc/self/fd/{number}").exists()
