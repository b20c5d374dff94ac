"""The board folded straight from events equals the one that the versions of claims give."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.claims import Actor
from domain.clocks import HEAD
from domain.events import (
    ClaimAccepted,
    ClaimCorrected,
    ClaimDecided,
    ClaimsDeclaredSame,
    LogEvent,
    Recorded,
    SourceAdded,
    claim_json,
)
from domain.kinds import DETAILS_OF, KINDS, ClaimRecorded, claim_of
from projections.board import board
from projections.columnar.numbers.folding import BoardFold, contents_of
from projections.histories import BrokenHistory, believed, fold_all
from tests.domain.made import WEIGHTS
from tests.histories import NOW, histories, made

ONS = tuple(date.fromisoformat(d) for d in ("2024-11-20", "2025-04-20", "2025-12-31", "2026-07-11"))
EXACT = 9
"""Decimals to which numbers agree."""


def plain(value: Any) -> Any:
    """An answer as plain values, its numbers rounded."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return round(value, EXACT) + 0.0 if isinstance(value, float) else value


@settings(max_examples=30, deadline=None)
@given(
    events=histories(moves_max=40),
    on=st.sampled_from(ONS),
    days=st.integers(0, 40),
    cut=st.integers(1, 20),
)
def test_a_folded_board_equals_the_law(
    events: list[Recorded], on: date, days: int, cut: int
) -> None:
    """On any day, after any events, taken some at a time, and asked for more than once."""
    on += timedelta(days)
    fold = BoardFold()
    for begin in range(0, len(events), cut):
        fold.take(events[begin : begin + cut])
        if begin % 3 == 0:
            for claim in list(fold.amended):
                fold.amend(contents_of(events[: begin + cut], claim))
            assert told(fold, on) == lawful(events[: begin + cut], on)


def told(fold: BoardFold, on: date) -> Any:
    """The board that was folded, as plain values."""
    found = fold.board(on=on, known_at="head", weights=WEIGHTS)
    return plain(msgspec.to_builtins(found))


def lawful(events: list[Recorded], on: date) -> Any:
    """The board that the law gives of what the versions of claims say."""
    facts = [v.facts for v in believed(fold_all(events), HEAD)]
    expected = board(facts, on=on, known_at="head", weights=WEIGHTS)
    return plain(msgspec.to_builtins(expected))


@pytest.mark.parametrize("objectors", [("NOR",), ("NOR", "FRA", "NOR"), ()])
def test_a_folded_board_names_who_objects(objectors: tuple[str, ...]) -> None:
    """To a suspension, as the law does, a joint objection among them."""
    actors: list[tuple[Actor, ...]] = [(Actor(kind="state", code="FIN"),)]
    actors.append(tuple(Actor(kind="state", code=code) for code in objectors))
    kinds, claims = ("suspension_notified", "objection_lodged"), ("one", "two")
    shapes: list[Any] = [KINDS[kind] for kind in kinds]
    records = [
        shape(claim=claim, treaty="APMBC", occurred_on="2025-07-18", actors=by, targets=("FIN",),
              summary=".", details=DETAILS_OF[shape.kind](), status="accepted")
        for shape, claim, by in zip(shapes, claims, actors, strict=True)
    ]  # fmt: skip
    events = [Recorded(n, NOW, "somebody", one) for n, one in enumerate(records, 1)]
    fold = BoardFold()
    fold.take(events)
    found = fold.board(on=ONS[-1], known_at="head", weights=WEIGHTS)
    finland = next(row for row in found.governments if row.government == "FIN")
    assert set(finland.standings["APMBC"].disputed_by) == set(objectors)
    assert told(fold, ONS[-1]) == lawful(events, ONS[-1])


RECORD = next(one.event for one in made([65536]) if isinstance(one.event, ClaimRecorded))
DECISIONS: tuple[ClaimDecided, ...] = (
    ClaimAccepted(claim="nowhere"),
    ClaimsDeclaredSame(claim="nowhere", other="else"),
    ClaimsDeclaredSame(claim="else", other="nowhere"),
    ClaimCorrected(
        claim="nowhere",
        changed=("summary",),
        after=claim_json(claim_of(replace(RECORD, claim="nowhere"))),
    ),
)


@pytest.mark.parametrize("event", DECISIONS)
@pytest.mark.parametrize("before", [(), ("else",)])
@pytest.mark.parametrize("after", [(), ("nowhere",)])
def test_a_decision_about_no_claim_before_it_is_a_broken_history(
    event: ClaimDecided, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    """What was not yet recorded cannot be decided upon, as in the fold of versions."""
    told: list[LogEvent] = [replace(RECORD, claim=claim) for claim in before]
    told += [event, *(replace(RECORD, claim=claim) for claim in after)]
    events = [Recorded(position, NOW, "somebody", one) for position, one in enumerate(told, 7)]
    with pytest.raises(BrokenHistory) as expected:
        fold_all(events)
    fold = BoardFold()
    fold.take(events)
    with pytest.raises(BrokenHistory) as found:
        fold.board(on=ONS[0], known_at="head", weights=WEIGHTS)
    assert str(found.value) == str(expected.value)


def test_how_a_claim_reads_that_nobody_recorded_is_a_broken_history() -> None:
    """It is amended before it is there: who folds the board says how it reads."""
    event = SourceAdded(claim="nowhere", sources=RECORD.sources)
    fold = BoardFold()
    fold.take([Recorded(7, NOW, "somebody", event)])
    assert fold.amended == {"nowhere"}
    with pytest.raises(BrokenHistory, match="position 7 speaks of claim 'nowhere'"):
        contents_of([Recorded(7, NOW, "somebody", event)], "nowhere")
