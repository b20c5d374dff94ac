"""What is gathered from many versions is what batches of events add to the columns."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events import Recorded
from domain.facts import told
from projections.columns import (
    CODED,
    NUMBERS,
    Pieces,
    ends_of,
    gathered,
    joined,
    microseconds,
    pack_block,
    parts_of,
    pieces_of,
)
from projections.gathering import Gatherer, told_by
from projections.histories import Version, fold
from projections.spans import advance
from tests.histories import histories


def plain(pieces: Pieces) -> tuple[list[Any], list[Any]]:
    """The rows of columns, words instead of codes, and the closings, which have no order."""
    numbers = (pieces.columns[name].tolist() for name in NUMBERS)
    words = (
        [some[code] for code in pieces.columns[name]]
        for name, some in zip(CODED, pieces.words, strict=True)
    )
    closings = zip(*(column.tolist() for column in pieces.closings.values()), strict=True)
    return list(zip(*numbers, *words, strict=True)), sorted(closings)


@settings(max_examples=40, deadline=None)
@given(events=histories(moves_max=40), cuts=st.sets(st.integers(1, 40)))
def test_gathered_columns_are_those_of_batches(events: list[Recorded], cuts: set[int]) -> None:
    """However often what was gathered is taken, and of whichever governments, its columns hold the
    rows and closings that the same events give as one batch, and nothing is left."""
    gatherer = Gatherer()
    current: dict[str, Version] = {}
    taken: dict[str, list[Pieces]] = {}
    for number, recorded in enumerate(events, 1):
        for version in fold(current, recorded):
            known = microseconds(version.known_from)
            before = current.get(version.claim.id)
            if before is not None:
                gatherer.close(before, version.position, known)
            values = told(version.claim)
            told_now = told_by(values, version.recorded_position, version.claim.actors)
            gatherer.open(version, told_now, known)
            current[version.claim.id] = version
        if number in cuts or number == len(events):
            every = 1 if number == len(events) else 2
            for government, gathered, pieces in gatherer.taken(
                sorted(gatherer.by_government)[::every]
            ):
                assert gathered.row_count == pieces.size
                made = [*pieces.columns["position"], *pieces.closings["position_to"]]
                assert (gathered.first, gathered.last) == (min(made), max(made))
                taken.setdefault(government, []).append(pieces)
    assert gatherer.size == 0
    change = advance({}, events)
    expected = parts_of(change.opened, change.closed)
    assert {code: plain(joined(pieces)) for code, pieces in taken.items()} == {
        code: plain(pieces_of(part)) for code, part in expected.items()
    }


@settings(max_examples=20, deadline=None)
@given(events=histories(moves_max=40), cuts=st.sets(st.integers(1, 40), min_size=2))
def test_a_block_merged_across_others_is_read_in_order(
    events: list[Recorded], cuts: set[int]
) -> None:
    """Where every other part of a government was merged into one block, which spans those between,
    the columns hold the same rows in order of position, and each knows its end."""
    change = advance({}, events)
    whole = parts_of(change.opened, change.closed)
    begins = sorted({0, *(cut for cut in cuts if cut < len(events))})
    heads: dict[str, Version] = {}
    bodies: dict[str, list[Pieces]] = {}
    for begin, end in zip(begins, [*begins[1:], len(events)], strict=True):
        some = advance(heads, events[begin:end])
        for span in some.opened:
            if span.position_to is None:
                heads[span.version.claim.id] = span.version
        for code, part in parts_of(some.opened, some.closed).items():
            bodies.setdefault(code, []).append(pieces_of(part))
    for code, pieces in bodies.items():
        across = [joined(pieces[::2]), *pieces[1::2]]
        read = gathered([(True, pack_block(one)) for one in across])
        expected = pieces_of(whole[code])
        assert plain(read) == plain(expected)
        ends = zip(ends_of(read), ends_of(expected), strict=True)
        assert all(one.tolist() == other.tolist() for one, other in ends)
