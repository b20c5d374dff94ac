"""The ledger kept at hand shows what the readable ledger does, however the log came to it."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD
from domain.events import ClaimRefuted, ClaimsDeclaredSame, ClaimsSeparated, LogEvent, Recorded
from projections.histories import Version, believed, fold_all
from projections.ledgers import Ledger
from projections.transfers import STAGES, LedgerAsk, excerpt_of, transfers
from tests.histories import histories
from tests.infra.postgres.filling import claim
from tests.projections.columnar.dense import FIRST_DAY, WHEN

BESIDE = ("procurement_announced",)
_KINDS = ("transfer_announced", "transfer_delivered", "transfer_authorized", *BESIDE)
_ONE = st.tuples(
    st.sampled_from(_KINDS),
    st.integers(0, 9),
    st.sampled_from(("USA", "NOR", None)),
    st.sampled_from(("UKR", "FIN", None)),
    st.sampled_from((None, 7, {"at_least": 200}, {"words": "thousands"}, {"at_most": 9})),
    st.sampled_from(("accepted", "accepted", "refuted", "pending")),
    st.integers(0, 9),
)


def told(drawn: list[tuple[Any, ...]]) -> list[Recorded]:
    """The log of some transfers, many of which are declared the same, and some separated again."""
    events: list[LogEvent] = []
    for n, (kind, days, supplier, recipient, quantity, status, other) in enumerate(drawn):
        ends = {"supplier": supplier, "recipient": recipient, "quantity": quantity}
        details = {name: one for name, one in ends.items() if one is not None}
        fields: dict[str, Any] = {"kind": kind, "targets": ["UKR"], "details": details}
        if kind in BESIDE:
            fields |= {"details": {}, "targets": [recipient or "UKR", "USA"][: 1 + days % 2]}
        day = str(FIRST_DAY + timedelta(days=days))
        events.append(claim(f"c{n}", accepted=status == "accepted", occurred_on=day, **fields))
        if status == "refuted":
            events.append(ClaimRefuted(claim=f"c{n}", reason="no"))
        if other < min(n, 4):
            events.append(ClaimsDeclaredSame(claim=f"c{n}", other=f"c{other}"))
            if days == 3:
                events.append(ClaimsSeparated(claim=f"c{n}", other=f"c{other}"))
    return [Recorded(n, WHEN, "person:1", event) for n, event in enumerate(events, 1)]


TOLD = st.lists(_ONE, min_size=1, max_size=10).map(told)


def named(code: str | None) -> str:
    """What governments are put in order by: not their codes."""
    return (code or "none")[::-1]


@settings(max_examples=40, deadline=None)
@given(
    events=TOLD | histories(moves_max=30),
    data=st.data(),
)
def test_a_ledger_at_hand_shows_what_the_readable_one_does(
    events: list[Recorded], data: st.DataObject
) -> None:
    """On any day and narrowed in any way, after each of several batches; and what is told beside
    it."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=4)) | {len(events)})
    ledger = Ledger(BESIDE)
    before: dict[str, Version] = {}
    for _, end in pairwise([0, *cuts]):
        now = {v.claim.id: v for v in believed(fold_all(events[:end]), HEAD)}
        touched = {c for c, v in now.items() if v != before.get(c)}
        groups = {one.happening for c in touched for one in (now[c], before.get(c, now[c]))}
        assert ledger.take([v for v in now.values() if v.happening in groups], end)
        before = now
        for days in data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=2)):
            on = data.draw(st.sampled_from((FIRST_DAY + timedelta(days=days), date(2026, 5, 1))))
            ask = LedgerAsk(
                government=data.draw(st.sampled_from(("", "UKR", "USA"))),
                stage=data.draw(st.sampled_from(("", *STAGES[:3], "received"))),
                order=data.draw(st.sampled_from(("newest", "oldest", "supplier"))),
                rows_max=data.draw(st.sampled_from((2, 100))),
                totals_max=data.draw(st.sampled_from((1, 100))),
            )
            whole = transfers(now.values(), on=on, known_at="")
            found = ledger.excerpt(ask, on=on, known_at="", name=named)
            assert found == excerpt_of(whole, ask, named)
            plans = [
                v
                for v in now.values()
                if v.claim.kind in BESIDE and v.claim.date.representative_day <= on
            ]
            plans.sort(key=lambda v: (v.claim.date.representative_day, v.recorded_position))
            assert not ledger.plans(msgspec.structs.replace(ask, stage="used"), on=on).listed
            told = ledger.plans(msgspec.structs.replace(ask, stage=""), on=on)
            kept = [v for v in plans[::-1] if ask.government in ("", *v.claim.targets)]
            assert (told.count, told.more) == (len(plans), len(kept[ask.rows_max :]))
            assert told.codes == {code for v in plans for code in v.claim.targets}
            assert [p.claim for p in told.listed] == [v.claim.id for v in kept[: ask.rows_max]]


def test_a_ledger_that_lacks_a_claim_says_so() -> None:
    """Where one is touched that a row was made of, and is not given, nothing is made up."""
    one = claim("c0", kind="transfer_delivered", targets=["UKR"], details={})
    two = claim("c1", kind="transfer_delivered", targets=["UKR"], details={})
    same = ClaimsDeclaredSame(claim="c1", other="c0")
    log = [Recorded(n, WHEN, "person:1", e) for n, e in enumerate((one, two, same), 1)]
    ledger = Ledger(())
    assert ledger.take(believed(fold_all(log[:2]), HEAD), 2)
    (now,) = [v for v in believed(fold_all(log), HEAD) if v.claim.id == "c1"]
    assert now.happening == "c0"
    assert not ledger.take([now], 3)
