"""What differs between two points of knowledge: news, corrections, and what they do."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.errors import InvalidQuestion
from domain.events import Recorded
from projections.board import Board, board
from projections.changes import ChangeList, changes_of, read_range
from projections.histories import believed, fold_all
from tests.domain.made import WEIGHTS
from tests.histories import BEGIN, NOW, histories
from tests.projections.told import told

ON = date(2026, 1, 20)
EXAMPLES = settings(max_examples=80, deadline=None)
CLOCK = {"from_known_at": "a", "to_known_at": "b"}


def at(position: int) -> KnownAt:
    """What the log held at a position."""
    return KnownAt(position=position)


def between(
    events: list[Recorded], first: KnownAt, last: KnownAt = HEAD, on: date = ON
) -> ChangeList:
    """What differs between two points of a history."""
    return changes_of(fold_all(events), first, last, on=on, weights=WEIGHTS, **CLOCK)


def picture(events: list[Recorded], known_at: KnownAt) -> Board:
    """The board of a point of knowledge."""
    held = [v.facts for v in believed(fold_all(events), known_at)]
    return board(held, on=ON, known_at="", weights=WEIGHTS)


def listed(found: ChangeList) -> list[tuple[str, int]]:
    """Claim and version of each difference."""
    return [(d.claim, d.version) for d in found.differences]


def points(events: list[Recorded]) -> st.SearchStrategy[tuple[KnownAt, ...]]:
    """Three points of knowledge, each not before the one before it: positions, or moments."""
    positions = st.lists(st.integers(0, len(events)), min_size=3, max_size=3)
    moments = st.lists(
        st.sampled_from([e.known_since for e in events] + [BEGIN - timedelta(days=400), NOW]),
        min_size=3,
        max_size=3,
    )
    return st.one_of(
        positions.map(lambda found: tuple(KnownAt(position=p) for p in sorted(found))),
        moments.map(lambda found: tuple(KnownAt(moment=m) for m in sorted(found))),
    )


def history() -> list[Recorded]:
    """Joining, a deposit, criticism and an appeal of 2025, told in seven events."""
    deposit = {"kind": "withdrawal_instrument_deposited", "occurred_on": "2025-07-10"}
    return told(
        [
            {"id": "joined", "kind": "state_joined", "occurred_on": "2012-01-09"},
            {"id": "regret", "sources": [{"publisher": "NRK", "reliability": "A"}]},
            {"id": "deposit", **deposit, "sources": [{"publisher": "UN", "reliability": "A"}]},
            {"id": "again", "status": "contested"},
        ],
        same=[("regret", "again")],
    )


def test_news_is_a_claim_that_was_not_known() -> None:
    """A deposit recorded between two points is news, and changes a standing and a score."""
    found = between(history(), at(2), at(3))
    (news,) = found.differences
    assert (news.claim, news.kind, news.event, news.position) == ("deposit", "news", "recorded", 3)
    assert (news.status_before, news.status, news.changed) == (None, "accepted", ())
    (standing,) = found.standings
    assert (standing.government, standing.treaty) == ("FIN", "APMBC")
    assert (standing.before, standing.after, standing.claims) == (
        "party",
        "former_party",
        ("deposit",),
    )
    (score,) = found.scores
    assert (score.measure, score.before.score, score.after.score) == ("erosion", 0.0, 60.0)


def test_what_the_desk_does_to_a_known_claim_is_a_correction() -> None:
    """Declaring two known claims the same is a correction of the one that changes its group."""
    events = history()
    found = between(events, at(len(events) - 1))
    assert {(d.claim, d.kind, d.event) for d in found.differences} == {
        ("regret", "correction", "declared_same"),
        ("again", "correction", "declared_same"),
    }
    assert all("same_as" in d.changed for d in found.differences)
    # What happens to a claim that was not known at the first point is news to the end.
    assert {d.kind for d in between(events, at(0)).differences} == {"news"}


def test_a_difference_of_a_later_day_is_left_out() -> None:
    """Asked about a day before the deposit, the deposit makes no difference."""
    found = between(history(), at(2), at(3), on=date(2025, 7, 9))
    assert (found.total, found.differences, found.standings, found.scores) == (0, (), (), ())


def test_a_long_list_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first differences are listed, and how many there are is told; what they do is told of
    all."""
    monkeypatch.setattr("projections.changes.DIFFERENCES_MAX", 2)
    events = history()
    found = between(events, at(0))
    assert [d.position for d in found.differences] == [1, 2]
    assert found.total == len(events) + 1  # declaring two claims the same changes both
    assert [s.after for s in found.standings] == ["former_party"]


def test_late_news_changes_what_is_known_since_then() -> None:
    """By the second clock a claim makes its difference on the day from which it counts as known."""
    events = told([{"id": "late", "known_since": "2025-05-01"}])
    days = [KnownAt(moment=datetime(2025, month, 1, tzinfo=UTC)) for month in (3, 4, 5)]
    assert listed(between(events, days[0], days[1])) == []
    assert listed(between(events, days[1], days[2])) == [("late", 1)]
    assert between(events, days[1], days[2]).differences[0].backfilled


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (HEAD, HEAD, "say from which point on"),
        (at(5), at(4), "it comes after seq:4"),
        (at(5), KnownAt(moment=NOW), "both points are positions"),
        (KnownAt(moment=NOW), at(5), "both points are positions"),
        (KnownAt(moment=NOW), KnownAt(moment=BEGIN), "it comes after"),
    ],
)
def test_points_that_have_no_order_are_refused(first: KnownAt, last: KnownAt, said: str) -> None:
    """The first point comes before the second, and both are told by one clock."""
    with pytest.raises(InvalidQuestion, match=said):
        read_range(first, last)


def test_points_in_order_are_taken() -> None:
    """Two positions, two moments, or either and the head."""
    for first, last in [
        (at(5), at(5)),
        (at(5), HEAD),
        (KnownAt(moment=BEGIN), HEAD),
        (KnownAt(moment=BEGIN), KnownAt(moment=BEGIN)),
    ]:
        read_range(first, last)


@EXAMPLES
@given(events=histories(), data=st.data())
def test_nothing_differs_between_equal_points(events: list[Recorded], data: st.DataObject) -> None:
    """A point of knowledge does not differ from itself."""
    point, *_ = data.draw(points(events))
    found = between(events, point, point)
    assert (found.total, found.differences, found.standings, found.scores) == (0, (), (), ())


@EXAMPLES
@given(events=histories(), data=st.data())
def test_ways_add_up(events: list[Recorded], data: st.DataObject) -> None:
    """What differs from the first to the last of three points is what differs on the way, and each
    event is listed once."""
    first, middle, last = data.draw(points(events))
    ways = listed(between(events, first, middle)) + listed(between(events, middle, last))
    whole = listed(between(events, first, last))
    assert sorted(ways) == sorted(whole)
    assert len(set(whole)) == len(whole)


@EXAMPLES
@given(events=histories(), data=st.data())
def test_applied_to_the_first_picture_changes_give_the_second(
    events: list[Recorded], data: st.DataObject
) -> None:
    """Standings and scores of the first board, with the changes put in, are those of the second;
    scores up to the step below which nothing is told."""
    first, _, last = data.draw(points(events))
    found = between(events, first, last)
    before, after = picture(events, first), picture(events, last)
    standings = {(s.government, s.treaty): s for s in found.standings}
    scores = {(s.government, s.measure): s for s in found.scores}
    for was, now in zip(before.governments, after.governments, strict=True):
        for treaty, standing in now.standings.items():
            change = standings.pop((now.government, treaty), None)
            assert (was.standings[treaty].status if change is None else change.after) == (
                standing.status
            )
        for measure in ("erosion", "pressure", "backing"):
            score = scores.pop((now.government, measure), None)
            figures: tuple[Any, Any] = (getattr(was, measure), getattr(now, measure))
            if score is None:
                assert abs(figures[0].score - figures[1].score) < 0.05
            else:
                assert (score.before, score.after) == figures
    assert not standings
    assert not scores
