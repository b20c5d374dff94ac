"""Sums carried through the days say the same as all terms added up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD
from domain.events import Recorded
from domain.numbers import Figure
from projections.columnar.numbers import carrying, summing
from projections.columnar.numbers.reckoning import Reckoned
from projections.columnar.numbers.surveying import courses_on, survey
from projections.columnar.numbers.turning import NEVER, turns
from projections.columnar.shelf.shelving import Shelf
from projections.columnar.terms.sameness import Same
from projections.portraits import COURSES
from tests.histories import histories
from tests.projections.columnar.dense import FIRST_DAY, dense
from tests.projections.columnar.numbers.test_figures import ONS
from tests.projections.columnar.numbers.test_surveying import shelved

EXACT = 1e-9


@contextmanager
def summed_always(changes: int) -> Iterator[None]:
    """However few rows there are and many told the same, marked after so many changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summing, "EXACT_ROWS_MAX", 0)
        patch.setattr(summing, "MOVED_PER_ROW_MAX", 1000)
        patch.setattr(carrying, "MARK_CHANGES", changes)
        yield


@settings(max_examples=20, deadline=None)
@given(
    events=dense() | histories(moves_max=40),
    days=st.lists(st.integers(-40, 2600), min_size=4, max_size=4),
    changes=st.sampled_from([1, 3, 4096]),
    data=st.data(),
)
def test_sums_carried_through_the_days_equal_all_terms(
    events: list[Recorded], days: list[int], changes: int, data: st.DataObject
) -> None:
    """On any day at the head, whatever was repeated, contested, corrected, declared the same or
    separated, brought in from before or dated later; however the log was cut, and after more
    came."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=3)) - {len(events)})
    ons = *ONS, *(FIRST_DAY + timedelta(days=day) for day in days)
    shelves = shelved(events, cuts)
    plain = [survey(shelves[-1], on, HEAD, until=len(events)) for on in ons]
    with summed_always(changes):
        for shelf, _ in product(shelves, range(2)):  # asked twice, sums are kept
            survey(shelf, ons[0], HEAD, until=shelf.through)
        assert all(is_summed(shelf) for shelf in shelves)
        for on, wanted in zip(ons, plain, strict=True):
            found = survey(shelves[-1], on, HEAD, until=len(events))
            assert found.keys() == wanted.keys()
            for code, one in found.items():
                assert_alike(one, wanted[code])
        for code in sorted(plain[0])[:2]:
            courses = courses_on(shelves[-1], code, COURSES, sorted(ons), HEAD, until=len(events))
            for measure, course in (courses or {}).items():
                for on, figure in course:
                    assert_close(figure, getattr(plain[ons.index(on)][code], measure))


def is_summed(shelf: Shelf) -> bool:
    """Whether the sums of every leaf are kept."""
    present = [leaf.present[0].leaf for leaf in shelf.leaves]
    return all(not leaf.size or leaf.sums[1:] != [None] for leaf in present)


def assert_alike(found: Reckoned, wanted: Reckoned) -> None:
    """The same to 1e-9 in what is summed, and the same in all else."""
    for measure, readings in wanted.sums.items():
        assert found.sums[measure] == pytest.approx(readings, abs=EXACT)
        assert_close(getattr(found, measure), getattr(wanted, measure))
    for name in ("claims", "latest", "standings", "floors", "acts", "voices", "heard"):
        assert getattr(found, name) == getattr(wanted, name)


def assert_close(found: Figure, wanted: Figure) -> None:
    """The same to 1e-9."""
    scores = found.score, found.low, found.high
    assert scores == pytest.approx((wanted.score, wanted.low, wanted.high), abs=EXACT)


SAID = st.tuples(
    st.integers(0, 400),
    st.sampled_from((0.0, 1.0, 2.5, 7.3)),
    st.sampled_from((90.0, 180.0, 730.0)),
)


@settings(max_examples=40, deadline=None)
@given(
    groups=st.lists(st.lists(SAID, min_size=1, max_size=5), max_size=4), after=st.integers(0, 900)
)
def test_of_claims_declared_the_same_the_heaviest_takes_its_turn(
    groups: list[list[tuple[int, float, float]]], after: int
) -> None:
    """On every day exactly one of each group that has happened enters, the one that weighs most
    then, the earliest of equals."""
    said = [one for group in groups for one in sorted(group, key=lambda one: one[0])]
    sizes = [len(group) for group in groups]
    told = Same(
        np.arange(len(said)),
        np.cumsum([0, *sizes[:-1]]) if sizes else np.empty(0, np.int64),
        np.repeat(np.arange(len(groups)), sizes),
    )
    day, weight, half_life = (np.array([one[i] for one in said]) for i in range(3))
    found = turns(
        told, (np.arange(len(said)), day.astype(np.int64), weight, half_life),
        np.ones(len(said), np.bool_),
    )  # fmt: skip
    turning = {day for day in (*found.begins.tolist(), *found.ends.tolist()) if day < NEVER}
    for on in {after, *turning, *(day - 1 for day in turning)}:
        entering = found.row[(found.begins <= on) & (on < found.ends)].tolist()
        wanted = []
        for group in range(len(groups)):
            some = [i for i in range(len(said)) if told.group[i] == group and said[i][0] <= on]
            weighs = [said[i][1] * 2.0 ** -((on - said[i][0]) / said[i][2]) for i in some]
            if some:
                wanted.append(some[weighs.index(max(weighs))])
        assert sorted(entering) == wanted
    assert found.ends.max(initial=NEVER) == NEVER


def test_sums_are_carried_over_centuries() -> None:
    """A day long before or after all terms neither overflows nor loses what is left."""
    lanes = carrying.Lanes(np.array([90.0, 730.0]), np.array([0, 1]))
    day = np.array([1, 700_000, 730_000])
    course = carrying.carried(day, np.array([0, 1, 0]), np.array([5.0, 3.0, 2.0]), lanes)
    assert course.on(0).tolist() == [0.0, 0.0]
    assert course.on(700_730).tolist() == [0.0, 1.5]
    assert course.on(730_090)[0] == 1.0
    assert course.on(date.max.toordinal()).tolist() == pytest.approx([0.0, 0.0], abs=EXACT)
