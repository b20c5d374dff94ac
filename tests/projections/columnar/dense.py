"""Made-up histories in which few speakers tell much of few governments within days, so that
repetition and sameness meet; none of it happened, and none of it is a test."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from domain.claims import Actor
from domain.events import ClaimAccepted, ClaimContested, ClaimsDeclaredSame, LogEvent, Recorded
from tests.infra.postgres.filling import claim

FIRST_DAY = date(2025, 1, 1)
WHEN = datetime(2025, 12, 1, tzinfo=UTC)
TOLD: tuple[tuple[str, dict[str, Any]], ...] = (
    *(("statement_of_criticism", {"strength": "regret"}),) * 5,
    ("statement_contesting_norm", {}),
    ("objection_lodged", {}),
    ("withdrawal_announced", {"announced_action": "withdrawal"}),
    ("transfer_delivered", {"supplier": "NOR", "quantity": {"at_least": 200}}),
    ("armed_conflict_engagement_reported", {}),
    ("withdrawal_instrument_deposited", {}),
)
_ONE = st.tuples(
    st.sampled_from(TOLD),
    st.integers(0, 150),
    st.sampled_from(("NOR", "SWE")),
    st.sampled_from("AABCF"),
    st.sampled_from(("pending", "contested", "accepted", "accepted")),
    st.sampled_from((("FIN",), ("FIN", "POL"))),
    st.integers(0, 12),
)


def made(drawn: Sequence[tuple[Any, ...]]) -> list[Recorded]:
    """The log of some drawn claims with what was decided about each."""
    events: list[LogEvent] = []
    by = (Actor(kind="state", code="FIN"),)
    for number, (told, days, code, grade, status, targets, other) in enumerate(drawn):
        name = f"c{number}"
        events.append(
            claim(
                name,
                accepted=False,
                kind=told[0],
                details=told[1],
                occurred_on=str(FIRST_DAY + timedelta(days=days)),
                actors=[{"kind": "state", "code": code}],
                targets=list(targets),
                sources=[{"publisher": f"Yle {number % 4}", "reliability": grade}],
            )
        )
        if status == "contested":
            events.append(ClaimContested(claim=name, by=by, reason="denied"))
        elif status == "accepted":
            events.append(ClaimAccepted(claim=name))
        if other < min(number, 4):
            events.append(ClaimsDeclaredSame(claim=name, other=f"c{other}"))
    return [Recorded(n, WHEN, "person:1", event) for n, event in enumerate(events, 1)]


def dense() -> st.SearchStrategy[list[Recorded]]:
    """Such histories, of three to fourteen claims."""
    return st.lists(_ONE, min_size=3, max_size=14).map(made)
