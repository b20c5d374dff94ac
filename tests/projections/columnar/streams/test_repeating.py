"""What is carried from one piece of a stream to the next gives what the whole stream would."""

from itertools import groupby, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.numbers import NOVELTY_DAYS
from projections.columnar.streams.repeating import (
    LOSING,
    READINGS,
    Lost,
    Repeating,
    Weighed,
    losing,
)

SAID = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2 * NOVELTY_DAYS), st.booleans()), min_size=1
)
TOLD = st.lists(
    st.tuples(st.integers(0, 2), *[st.sampled_from((-1.0, 0.0, 0.5, 1.0))] * READINGS), min_size=1
)


@settings(max_examples=200, deadline=None)
@given(drawn=SAID, at_once=st.integers(1, 7))
def test_repetition_is_counted_over_every_cut(
    drawn: list[tuple[int, int, bool]], at_once: int
) -> None:
    """The how-manieth each is of what the same group said within days, wherever rows are cut."""
    said = sorted(drawn)
    counting = Repeating()
    found: list[float] = []
    for begin in range(0, len(said), at_once):
        some = said[begin : begin + at_once]
        group = np.array([[one[0], 7, -one[0]] for one in some], np.int64)
        number = np.cumsum([0, *(a[0] != b[0] for a, b in pairwise(some))])
        day = np.array([one[1] for one in some], np.int64)
        enters = np.array([one[2] for one in some], np.bool_)
        if enters.any():
            found += counting.counted(group, number, day, enters).tolist()
        else:
            counting.counted(group, number, day, enters)
    entering = [one for one in said if one[2]]
    assert found == [
        sum(group == own and day - NOVELTY_DAYS < when for own, when, _ in entering[: place + 1])
        for place, (group, day, _) in enumerate(entering)
    ]


@settings(max_examples=200, deadline=None)
@given(drawn=TOLD, at_once=st.integers(1, 5), read=st.integers(1, 5), apart=st.integers(1, 3))
def test_one_of_those_declared_the_same_enters(
    drawn: list[tuple[int, float, float, float]], at_once: int, read: int, apart: int
) -> None:
    """In each reading the one that weighs most, the earliest of equals, wherever rows are cut; what
    loses is found beside the stream, however that is read."""
    told = sorted(drawn, key=lambda one: one[0])
    pieces = [
        Weighed(
            np.arange(begin, begin + len(some)) * apart,
            np.array([[one[0], 3] for one in some], np.int64),
            np.array([one[1:] for one in some], np.float64),
        )
        for begin in range(0, len(told), at_once)
        for some in [told[begin : begin + at_once]]
    ]
    lost = np.sort(np.concatenate([np.empty(0, LOSING), *losing(iter(pieces))]), order="at")
    beside = Lost(lost[begin : begin + read] for begin in range(0, len(lost), read))
    size = len(told) * apart
    found = np.concatenate(
        [beside.among(begin, min(begin + read, size)) for begin in range(0, size, read)]
    )
    expected = np.zeros(size, np.int8)
    for _, some in groupby(enumerate(told), key=lambda one: one[1][0]):
        members = list(some)
        for reading in range(READINGS):
            entering = [(at, one[1 + reading]) for at, one in members if one[1 + reading] >= 0]
            most = max((weight for _, weight in entering), default=0.0)
            winner = next((at for at, weight in entering if weight == most), None)
            for at, _ in entering:
                if at != winner:
                    expected[at * apart] |= 1 << reading
    assert found.tolist() == expected.tolist()
