"""The fold of histories: versions, both clocks, merging and taking it back, and what is kept."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import ClaimAccepted, ClaimsDeclaredSame, ClaimsSeparated, Recorded
from projections.histories import (
    BrokenHistory,
    Heading,
    Version,
    believed,
    fold_all,
    pack,
    unpack,
    unpack_heading,
    version_at,
)
from projections.spans import Span, advance, spans
from tests.histories import BEGIN, histories

EXAMPLES = settings(max_examples=150, deadline=None)


def belief(version: Version) -> tuple[object, ...]:
    """What a version says, without where and when it was made."""
    return version.claim, version.status, version.happening, version.same, version.contested_by


@EXAMPLES
@given(events=histories())
def test_versions_are_numbered_and_never_run_backwards(events: list[Recorded]) -> None:
    """Within a claim numbers count 1, 2, 3; positions grow, and the second clock never falls."""
    for claim, history in fold_all(events).items():
        assert [v.number for v in history] == list(range(1, len(history) + 1))
        assert {v.claim.id for v in history} == {claim}
        for before, after in pairwise(history):
            assert before.position < after.position
            assert before.known_from <= after.known_from
            assert before.recorded_position == after.recorded_position


@EXAMPLES
@given(events=histories())
def test_what_was_known_at_a_position_is_what_the_log_then_held(events: list[Recorded]) -> None:
    """Asking for position N of a long history is asking for the head of its first N events."""
    whole = fold_all(events)
    for position in range(len(events) + 1):
        at = believed(whole, KnownAt(position=position))
        assert at == believed(fold_all(events[:position]), HEAD)


@EXAMPLES
@given(events=histories(), cut=st.integers(0, 25))
def test_folding_goes_on_where_it_stopped(events: list[Recorded], cut: int) -> None:
    """The fold of a history is the fold of its second part over that of its first."""
    assert fold_all(events[cut:], fold_all(events[:cut])) == fold_all(events)


@EXAMPLES
@given(events=histories())
def test_groups_are_what_the_links_connect(events: list[Recorded]) -> None:
    """At every position, claims share a happening just when declarations connect them; it is named
    after the earliest."""
    whole = fold_all(events)
    for position in range(len(events) + 1):
        held = {v.claim.id: v for v in believed(whole, KnownAt(position=position))}
        group = {claim: claim for claim in held}
        for _ in held:
            for claim, version in held.items():
                for other in version.same:
                    assert claim in held[other].same
                    group[claim] = min(
                        group[claim], group[other], key=lambda c: held[c].recorded_position
                    )
        assert {claim: v.happening for claim, v in held.items()} == group


@EXAMPLES
@given(events=histories(), data=st.data())
def test_a_merge_taken_back_gives_what_was(events: list[Recorded], data: st.DataObject) -> None:
    """Declaring two claims the same and separating them again leaves what is believed as it
    was."""
    before = fold_all(events)
    claims = sorted(before)
    one, other = data.draw(st.sampled_from(claims)), data.draw(st.sampled_from(claims))
    if one == other or other in before[one][-1].same:
        return
    expected = [belief(v) for v in believed(before, HEAD)]
    at, position = BEGIN + timedelta(days=90), len(events)
    merge = Recorded(position + 1, at, "person:1", ClaimsDeclaredSame(claim=one, other=other))
    part = Recorded(position + 2, at, "person:1", ClaimsSeparated(claim=other, other=one))
    merged = fold_all([*events, merge])
    assert merged[one][-1].happening == merged[other][-1].happening
    after = fold_all([*events, merge, part])
    assert [belief(v) for v in believed(after, HEAD)] == expected


@EXAMPLES
@given(events=histories())
def test_a_version_is_kept_without_loss(events: list[Recorded]) -> None:
    """Packed and unpacked, every version is equal, its details in their own type; and what its
    claim is called by can be read alone."""
    for history in fold_all(events).values():
        for version in history:
            again = unpack(pack(version))
            assert again == version
            assert type(again.claim.details) is type(version.claim.details)
            assert pack(again) == pack(version)
            heading = unpack_heading(pack(version))
            for name in Heading.__struct_fields__:
                assert getattr(heading, name) == getattr(version.claim, name)


@EXAMPLES
@given(events=histories(), data=st.data())
def test_ranges_say_what_is_believed(events: list[Recorded], data: st.DataObject) -> None:
    """A version is believed just where its ranges hold the clock; at no clock are there two."""
    for history in fold_all(events).values():
        made = spans(history)
        moment = data.draw(st.sampled_from([v.known_from for v in history]))
        moment += timedelta(microseconds=data.draw(st.sampled_from([-1, 0, 1])))
        for known_at in (KnownAt(moment=moment), *map(_at, range(len(events) + 1))):
            held = [span.version for span in made if _holds(span, known_at)]
            expected = version_at(history, known_at)
            assert held == ([] if expected is None else [expected])


@EXAMPLES
@given(events=histories(), size=st.integers(1, 9))
def test_batches_open_and_close_the_same_ranges_as_the_whole(
    events: list[Recorded], size: int
) -> None:
    """Ranges gathered batch by batch are the ranges of the whole history."""
    kept: dict[tuple[str, int], Span] = {}
    heads: dict[str, Version] = {}
    for start in range(0, len(events), size):
        change = advance(heads, events[start : start + size])
        for span in (*change.closed, *change.opened):
            kept[span.version.claim.id, span.version.number] = span
            if span.position_to is None:
                heads[span.version.claim.id] = span.version
    whole = fold_all(events)
    assert kept == {
        (claim, span.version.number): span
        for claim, history in whole.items()
        for span in spans(history)
    }


def test_an_event_about_a_claim_nobody_recorded_breaks_the_history() -> None:
    """It is an error that names position and claim, never a claim made up."""
    lost = Recorded(7, BEGIN, "person:1", ClaimAccepted(claim="nobody-recorded"))
    with pytest.raises(BrokenHistory, match="position 7 speaks of claim 'nobody-recorded'"):
        fold_all([lost])


def _at(position: int) -> KnownAt:
    return KnownAt(position=position)


def _holds(span: Span, known_at: KnownAt) -> bool:
    version = span.version
    if known_at.position is not None:
        return version.position <= known_at.position and (
            span.position_to is None or known_at.position < span.position_to
        )
    assert known_at.moment is not None
    return version.known_from <= known_at.moment and (
        span.known_to is None or known_at.moment < span.known_to
    )
