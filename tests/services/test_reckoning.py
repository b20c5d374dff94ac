"""What is told of governments while their claims pass by in order is what the readable law tells of
all of them together, to the last bit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claims import Status
from domain.clocks import HEAD
from domain.events import Recorded
from domain.facts import Facts
from domain.numbers import figure
from infra import runs
from infra.runs import ENTRY_BYTES
from projections import dossier as plain
from projections import dossier_pass, opened_pass
from projections.board import board_row, by_government
from projections.dossier import MEASURES, dossier, explain
from projections.dossier_pass import DossierPass
from projections.histories import Version, believed, fold_all
from projections.opened_pass import explanation_told, packed_facts
from projections.rows_pass import Reckoned, row_told
from projections.worklists import WAITING
from services.reckoning import Reckoning, take
from tests.domain.made import WEIGHTS
from tests.histories import GOVERNMENTS, histories
from tests.projections.columnar.dense import dense

LOGS = st.one_of(histories(), dense())
DAYS = st.integers(0, 420).map(lambda days: date(2025, 1, 1) + timedelta(days=days))
HELD = st.sampled_from([0, 3 * ENTRY_BYTES, 1 << 20])
SUPPOSED: tuple[Status, Status] = ("accepted", "rejected")


@pytest.fixture(scope="module", autouse=True)
def short_pages() -> Iterator[None]:
    """Pages that a made-up history fills."""
    with pytest.MonkeyPatch.context() as patch:
        for where in (plain, opened_pass):
            patch.setattr(where, "TERMS_MAX", 2)
        for where in (plain, dossier_pass):
            patch.setattr(where, "ENTRIES_MAX", 2)
            patch.setattr(where, "STEPS_MAX", 1)
        yield


@contextmanager
def taken(
    versions: Sequence[Version], days: Sequence[date], held: int, *, tells_facts: bool = False
) -> Iterator[Reckoning]:
    """The claims of some versions on their way, each of every day; of every claim that waits it is
    supposed that it were accepted, and that it were refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "RUN_BYTES_MAX", held)
        patch.setattr(runs, "RUNS_MAX", 3)
        with Reckoning(days, WEIGHTS) as reckoning:
            for place, version in enumerate(versions):
                if version.status in WAITING:
                    for code in version.claim.targets:
                        supposed = {2 * place + n: s for n, s in enumerate(SUPPOSED)}
                        reckoning.suppose(code, version.claim.id, supposed)
                told = packed_facts(version.facts) if tells_facts else b""
                for which, _ in enumerate(days):
                    take(reckoning, version, which, told)
            yield reckoning


@given(events=LOGS, days=st.lists(DAYS, min_size=1, max_size=2), held=HELD)
def test_a_row_is_told_in_order_as_of_all_at_once(
    events: list[Recorded], days: list[date], held: int
) -> None:
    """Of every government and each day, whatever is held."""
    versions = believed(fold_all(events), HEAD)
    grouped = by_government(version.facts for version in versions)
    told = 0
    with taken(versions, days, held) as reckoning:
        for code, which, entries in reckoning.each():
            row = row_told(
                code, Reckoned(entries, days[which], WEIGHTS), reckoning.tally(code, which)
            )
            assert row == board_row(code, grouped[code], days[which], WEIGHTS)
            told += 1
    assert told == len(days) * len(grouped)


@given(events=LOGS, on=DAYS, held=HELD)
def test_what_deciding_a_claim_would_do_is_told_in_the_same_pass(
    events: list[Recorded], on: date, held: int
) -> None:
    """Every number reads as it would if the claim were accepted, or refused."""
    versions = believed(fold_all(events), HEAD)
    grouped = by_government(version.facts for version in versions)

    def as_if(code: str, claim: str, status: Status) -> list[Facts]:
        return [
            msgspec.structs.replace(f, status=status) if f.claim == claim else f
            for f in grouped[code]
        ]

    with taken(versions, [on], held) as reckoning:
        for code, _, entries in reckoning.each():
            reckoned = Reckoned(entries, on, WEIGHTS)
            for place, version in enumerate(versions):
                if version.status not in WAITING or code not in version.claim.targets:
                    continue
                for number, status in enumerate(SUPPOSED):
                    facts = as_if(code, version.claim.id, status)
                    wanted = {n: figure(of(facts, code, on, WEIGHTS)) for n, of in MEASURES.items()}
                    assert reckoned.figures(2 * place + number) == wanted


@given(events=LOGS, on=DAYS, held=HELD, code=st.sampled_from(GOVERNMENTS))
def test_a_number_is_opened_in_order_as_of_all_at_once(
    events: list[Recorded], on: date, held: int, code: str
) -> None:
    """Its first terms and the first that were left out, their shares, and how many there are."""
    versions = believed(fold_all(events), HEAD)
    facts = by_government(version.facts for version in versions)[code]
    for measure in MEASURES:
        with taken(versions, [on], held, tells_facts=True) as reckoning:
            entries = next(e for c, _, e in reckoning.each() if c == code)
            found = explanation_told(measure, code, entries, on, "x", WEIGHTS)
        assert found == explain(measure, code, facts, on=on, known_at="x", weights=WEIGHTS)


@given(events=LOGS, on=DAYS, held=HELD, code=st.sampled_from(GOVERNMENTS))
def test_a_dossier_is_told_in_order_as_of_all_at_once(
    events: list[Recorded], on: date, held: int, code: str
) -> None:
    """Its timeline with what each claim adds, its steps, and what does not fit."""
    versions = [v for v in believed(fold_all(events), HEAD) if code in v.claim.targets]
    told = DossierPass(code, on)
    for version in versions:
        told.take(version)
    with taken(versions, [on], held) as reckoning:
        entries = next(e for c, _, e in reckoning.each() if c == code)
        found = told.dossier(entries, reckoning.tally(code), "x", WEIGHTS)
    assert found == dossier(code, versions, on=on, known_at="x", weights=WEIGHTS)
