"""The board folded straight from events equals the one that the versions of claims give."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD
from domain.events import ClaimAccepted, ClaimsDeclaredSame, Recorded
from projections.board import board
from projections.columnar.numbers.folding import BoardFold, contents_of
from projections.histories import BrokenHistory, believed, fold_all
from tests.domain.made import WEIGHTS
from tests.histories import NOW, histories

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
            facts = [v.facts for v in believed(fold_all(events[: begin + cut]), HEAD)]
            expected = board(facts, on=on, known_at="head", weights=WEIGHTS)
            found = fold.board(on=on, known_at="head", weights=WEIGHTS)
            assert plain(msgspec.to_builtins(found)) == plain(msgspec.to_builtins(expected))


@pytest.mark.parametrize(
    "event", [ClaimAccepted(claim="nowhere"), ClaimsDeclaredSame(claim="nowhere", other="else")]
)
def test_a_decision_about_no_claim_is_a_broken_history(event: Any) -> None:
    """What was never recorded cannot be decided upon, as in the fold of versions."""
    with pytest.raises(BrokenHistory, match="nowhere"):
        BoardFold().take([Recorded(1, NOW, "somebody", event)])
