"""A brief told while claims pass by is, byte for byte, the brief on all of them together."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD
from domain.events import Recorded
from domain.weights import Weights
from projections.histories import Version, believed, fold_all
from services.reports import told as telling
from services.reports.brief import brief
from services.reports.render import FORMS, parts, render
from services.reports.told import BriefPass
from tests.domain.made import WEIGHTS
from tests.histories import GOVERNMENTS, histories
from tests.projections.columnar.dense import dense, made
from tests.services.reports.record import chronology, versions, weights

HELD = st.sampled_from([0, 1 << 20])
LAW: tuple[tuple[str, dict[str, Any]], ...] = (
    ("state_signed", {}),
    ("state_joined", {"instrument": "accession"}),
    ("state_joined", {"instrument": "ratification"}),
    ("suspension_notified", {}),
    ("suspension_notified", {"effective_date": "2025-03-18"}),
    ("withdrawal_instrument_deposited", {}),
    ("withdrawal_effective", {}),
    ("withdrawal_announced", {"announced_action": "withdrawal"}),
)
JOINED = LAW[1:5]


def _step(kinds: Sequence[tuple[str, dict[str, Any]]]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(
        st.sampled_from(kinds),
        st.sampled_from((0, 1, 40, 90)),
        st.sampled_from(("NOR", "SWE")),
        st.sampled_from("AC"),
        st.sampled_from(("pending", "contested", "accepted", "accepted")),
        st.just(("FIN",)),
        st.integers(0, 6),
    )


STEPS = st.sampled_from((LAW, LAW, JOINED)).flatmap(
    lambda kinds: st.lists(_step(kinds), min_size=3, max_size=12).map(made)
)
"""Histories in which a government joins and leaves again and again within days, as several say."""
LOGS = st.one_of(histories(), dense())
DAYS = st.integers(0, 420).map(lambda days: date(2025, 1, 1) + timedelta(days=days))


def told(some: Sequence[Version], code: str, on: date, by: Weights) -> list[bytes]:
    """The documents of every form."""
    with BriefPass(code, on, by) as passing:
        for version in some:
            if code in version.claim.targets:
                passing.take(version)
        found = passing.brief("seq:600")
        return [b"".join(parts(found, form)) for form in FORMS]


@pytest.mark.parametrize("held", [0, 1 << 20])
@pytest.mark.parametrize("code", ["FIN", "UKR", "RUS", "NRU", "LTU", "POL"])
def test_the_shipped_record_is_told_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch, held: int, code: str
) -> None:
    """Whatever is held of its lines."""
    monkeypatch.setattr(telling, "RUN_BYTES_MAX", held)
    some, on = versions(chronology()), date(2026, 2, 19)
    whole = brief(code, some, on=on, known_at="seq:600", weights=weights())
    assert told(some, code, on, weights()) == [render(whole, form) for form in FORMS]


def same(events: list[Recorded], on: date, code: str, held: int) -> None:
    """Assert that the brief told and the brief on all claims together are the same bytes."""
    some = believed(fold_all(events), HEAD)
    whole = brief(code, some, on=on, known_at="seq:600", weights=WEIGHTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telling, "RUN_BYTES_MAX", held)
        assert told(some, code, on, WEIGHTS) == [render(whole, form) for form in FORMS]


@given(events=LOGS, on=DAYS, code=st.sampled_from(GOVERNMENTS), held=HELD)
def test_any_record_is_told_as_it_is_written(
    events: list[Recorded], on: date, code: str, held: int
) -> None:
    """Whatever happened: claims declared the same, contested, refuted, waiting, held up."""
    same(events, on, code, held)


@settings(max_examples=300)
@given(events=STEPS, on=DAYS, held=HELD)
def test_a_standing_rests_on_the_same_claims(events: list[Recorded], on: date, held: int) -> None:
    """The days of joining, leaving and claimed suspension cite every source that tells of them."""
    same(events, on, "FIN", held)


@given(events=LOGS, on=DAYS)
def test_a_form_written_some_at_a_time_is_the_form_written_at_once(
    events: list[Recorded], on: date
) -> None:
    """JSON is indented as a whole is."""
    some = believed(fold_all(events), HEAD)
    whole = brief("FIN", some, on=on, known_at="seq:600", weights=WEIGHTS)
    at_once = msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"
    assert render(whole, "json") == at_once
