"""What we ask of a log beyond the library's cases, over its recorder in memory and over ours."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBQueryItem,
    DCBRecorder,
)
from eventsourcing.persistence import IntegrityError, ProgrammingError


def event(name: str, *tags: str) -> DCBEvent:
    """An event whose data is its type's name."""
    return DCBEvent(name, name.encode(), list(tags))


def query(*items: tuple[list[str], list[str]]) -> DCBQuery:
    """A query of pairs of types and tags."""
    return DCBQuery([DCBQueryItem(types=types, tags=tags) for types, tags in items])


def positions(
    recorder: DCBRecorder, asked: DCBQuery | None, after: int = 0, limit: int | None = None
) -> list[int]:
    """Where the events stand that match."""
    return [one.position for one in recorder.read(asked, after=after, limit=limit)]


@pytest.fixture
def filled(recorder: DCBRecorder) -> DCBRecorder:
    """Six events of three types with overlapping tags."""
    recorder.append([event("said", "claim:a", "gov:FIN"), event("left", "claim:b", "gov:FIN")])
    recorder.append([event("said", "claim:c", "gov:POL"), event("voted")])
    recorder.append([event("left", "claim:a", "gov:FIN", "treaty:APMBC"), event("said", "gov:FIN")])
    return recorder


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, [1, 2, 3, 4, 5, 6]),
        (query(), [1, 2, 3, 4, 5, 6]),
        (query(([], [])), [1, 2, 3, 4, 5, 6]),
        (query((["said"], [])), [1, 3, 6]),
        (query((["said", "voted"], [])), [1, 3, 4, 6]),
        (query(([], ["gov:FIN"])), [1, 2, 5, 6]),
        (query(([], ["gov:FIN", "claim:a"])), [1, 5]),
        (query(([], ["treaty:APMBC", "gov:FIN", "claim:a"])), [5]),
        (query((["left"], ["gov:FIN", "claim:a"])), [5]),
        (query(([], ["claim:c"]), (["voted"], [])), [3, 4]),
        (query(([], ["claim:a"]), ([], ["gov:FIN"]), (["left"], [])), [1, 2, 5, 6]),
        (query(([], ["claim:a"]), ([], [])), [1, 2, 3, 4, 5, 6]),
        (query((["none"], [])), []),
        (query(([], ["claim:a", "gov:POL"])), []),
    ],
)
def test_a_query_finds_what_matches_any_of_its_items(
    filled: DCBRecorder, asked: DCBQuery | None, found: list[int]
) -> None:
    """Types are alternatives, tags are needed all, items are alternatives; each event comes once
    and in order; `after` and `limit` cut from the front and the end."""
    assert positions(filled, asked) == found
    assert positions(filled, asked, after=2) == [one for one in found if one > 2]
    assert positions(filled, asked, limit=2) == found[:2]
    assert positions(filled, asked, after=1, limit=1) == [one for one in found if one > 1][:1]
    assert positions(filled, asked, limit=0) == []
    assert positions(filled, asked, after=6) == []
    assert positions(filled, asked, after=600) == []


@pytest.mark.parametrize("after", [None, 0, 2, 5, 6, 50])
@pytest.mark.parametrize(
    "asked",
    [
        query(),
        query(([], [])),
        query((["left"], [])),
        query((["voted", "none"], [])),
        query(([], ["gov:FIN"])),
        query(([], ["gov:FIN", "treaty:APMBC"])),
        query((["said"], ["claim:a"])),
        query(([], ["claim:none"]), (["voted"], [])),
        query(([], ["claim:none"])),
    ],
)
def test_a_condition_fails_exactly_when_its_query_finds_something(
    filled: DCBRecorder, asked: DCBQuery, after: int | None
) -> None:
    """What a reader would find after a position is what an append there conflicts with."""
    condition = DCBAppendCondition(asked, after)
    if positions(filled, asked, after=after or 0):
        with pytest.raises(IntegrityError):
            filled.append([event("new")], condition)
        assert positions(filled, None) == [1, 2, 3, 4, 5, 6]
    else:
        assert filled.append([event("new")], condition) == 7


def test_what_fails_leaves_no_gap(filled: DCBRecorder) -> None:
    """Positions go on after refused appends as if those had not been."""
    for _ in range(3):
        with pytest.raises(IntegrityError):
            filled.append([event("new"), event("new")], DCBAppendCondition())
    assert filled.append([event("new"), event("new")]) == 8
    assert positions(filled, None) == list(range(1, 9))


def test_the_same_event_twice_is_two_events(recorder: DCBRecorder) -> None:
    """Content doesn't identify an event."""
    one = event("said", "claim:a")
    assert recorder.append([one, one]) == 2
    assert recorder.append([one]) == 3
    assert positions(recorder, query(([], ["claim:a"]))) == [1, 2, 3]


def test_events_come_back_as_they_were(recorder: DCBRecorder) -> None:
    """Type, data and the order of tags are kept, whatever the characters and bytes."""
    events = [
        DCBEvent(
            "ärger.v1", bytes(range(256)), ["z", "a", "gov:CÔTE D'IVOIRE", "{x,y}", '"', "\\"]
        ),
        DCBEvent("empty", b"", []),
        DCBEvent("地雷 禁止", b"\x00", ["a b", "NULL", "', '", "%s", "🕊"]),
    ]
    recorder.append(events)
    assert [one.event for one in recorder.read()] == events
    for one in events[0].tags + events[2].tags:
        assert len(positions(recorder, query(([], [one])))) == 1


def test_an_append_without_events_is_an_error(recorder: DCBRecorder) -> None:
    """There is nothing to give a position to."""
    with pytest.raises(ProgrammingError):
        recorder.append([])


def test_large_appends_stay_together(recorder: DCBRecorder) -> None:
    """Two appends of 10,000 events at once stand one behind the other, each in its order."""

    def append(name: str) -> int:
        return recorder.append([event(name, f"n:{number}") for number in range(10_000)])

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(append, ["one", "two"])) == [10_000, 20_000]
    stored = list(recorder.read())
    assert [one.position for one in stored] == list(range(1, 20_001))
    assert len({one.event.type for one in stored[:10_000]}) == 1
    assert [one.event.tags[0] for one in stored] == [f"n:{n}" for n in range(10_000)] * 2


def test_of_many_who_want_the_same_one_gets_it(recorder: DCBRecorder) -> None:
    """Of 32 concurrent appends that each exclude the others, exactly one succeeds."""
    condition = DCBAppendCondition(query(([], ["seat"])))

    def take(number: int) -> bool:
        try:
            recorder.append([event("taken", "seat", f"by:{number}")], condition)
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(take, range(32))) == 1
    assert positions(recorder, None) == [1]
