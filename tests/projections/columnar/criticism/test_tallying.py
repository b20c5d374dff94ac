"""What was said by any day at the head, counted once for all days, equals what is counted for the
day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD
from domain.events import ClaimsDeclaredSame, LogEvent, Recorded
from projections.columnar.criticism.saying import Leafed
from projections.columnar.criticism.tallying import Tallied
from projections.columnar.shelf.pointing import believed_at
from tests.domain.made import WEIGHTS
from tests.infra.postgres.filling import claim
from tests.projections.columnar.numbers.test_surveying import shelved

FIRST = date(2025, 1, 1)
WHEN = datetime(2025, 12, 1, tzinfo=UTC)
SAID: tuple[tuple[str, dict[str, Any]], ...] = (
    ("statement_of_criticism", {"strength": "regret"}),
    ("statement_of_criticism", {"forum": "un", "signatories": 42}),
    ("clarification_requested", {}),
    ("objection_lodged", {}),
)
STATEMENTS = st.lists(
    st.tuples(
        st.sampled_from(SAID),
        st.integers(0, 9),
        st.sampled_from((("NOR",), ("SWE",), ("NOR", "SWE"))),
        st.sampled_from((("FIN",), ("FIN", "POL"))),
        st.integers(0, 8),
    ),
    min_size=3,
    max_size=14,
)


def spoken(drawn: list[Any]) -> list[Recorded]:
    """The log of some statements, of which a few tell of the same happening."""
    events: list[LogEvent] = []
    for n, ((kind, details), days, codes, targets, other) in enumerate(drawn):
        actors = [{"kind": "state", "code": code} for code in codes]
        day = str(FIRST + timedelta(days=days))
        fields: dict[str, Any] = {"kind": kind, "details": details, "actors": actors}
        events.append(claim(f"c{n}", occurred_on=day, targets=list(targets), **fields))
        if other < min(n, 3):
            events.append(ClaimsDeclaredSame(claim=f"c{n}", other=f"c{other}"))
    return [Recorded(n, WHEN, "person:1", one) for n, one in enumerate(events, 1)]


@settings(max_examples=25, deadline=None)
@given(drawn=STATEMENTS)
def test_lines_of_what_was_said_tell_every_day(drawn: list[Any]) -> None:
    """Each cell with its happenings, joint ones among them, its strongest instrument and last
    claim; and what each government heard."""
    events = spoken(drawn)
    shelf = shelved(events, [])[-1]
    strengths = WEIGHTS.strengths()
    order = sorted(strengths, key=strengths.__getitem__)
    ranks = np.array([order.index(row.name) for row in shelf.law.rows])
    for after in range(-1, 11):
        on = FIRST + timedelta(days=after)
        present, at = believed_at(shelf, on, HEAD, len(events))
        (leaf,) = present.leaves
        plain = Leafed(leaf, ranks, at, "each")
        tally = Tallied(leaf, ranks).on(at.day)
        together = np.unique(plain.told_joint())
        assert np.unique(tally.told_joint()).tolist() == together.tolist()
        for one in (plain, tally):
            one.settle(together)
        assert listed(tally.cells(3)) == listed(plain.cells(3))
        assert tally.heard() == plain.heard()
        assert listed(tally.said_at_all()) == listed(plain.said_at_all())
        assert sorted(zip(*listed(tally.named({0, 1})), strict=True)) == sorted(
            zip(*listed(plain.named({0, 1})), strict=True)
        )


def listed(columns: tuple[Any, ...]) -> list[list[int]]:
    """Columns as lists."""
    return [column.tolist() for column in columns]
