"""Commitments and responses of governments: who undertook what, and whom they answered."""

from datetime import date
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD
from domain.events import Recorded
from domain.facts import COUNTED
from projections.histories import Version, believed, fold_all
from projections.undertaken import Undertaken
from projections.undertakings import (
    UndertakenAsk,
    Undertakings,
    answered,
    answered_by,
    excerpt_of,
    is_told,
    place_among,
    undertakings,
)
from tests.histories import NOW, histories
from tests.projections.columnar.numbers.test_figures import ONS
from tests.projections.told import believed_now

ON = date(2026, 1, 20)
PROMISE: dict[str, Any] = {
    "id": "promise",
    "kind": "policy_statement",
    "actors": [{"kind": "state", "code": "POL"}],
    "targets": [],
    "details": {"stance": "supports_norm"},
    "summary": "Poland said it will not lay mines before it has left.",
}
DEFENCE = PROMISE | {"id": "defence", "kind": "official_justification", "details": {}}


def ledger(*claims: Any, same: Any = (), on: date = ON) -> Undertakings:
    """The ledger of some claims."""
    held = believed_now(*claims, same=same)
    return undertakings(filter(is_told, held), held, on=on, known_at="seq:1")


def test_a_promise_is_a_commitment_of_who_makes_it() -> None:
    """Words for the norm are commitments; neutral words and words against it are none."""
    neutral = PROMISE | {"id": "neutral", "details": {"stance": "neutral"}}
    against = PROMISE | {"id": "against", "details": {"stance": "opposes_norm"}}
    found = ledger(PROMISE, neutral, against)
    assert [(row.government, row.claim) for row in found.commitments] == [("POL", "promise")]
    assert not found.responses


def test_an_answer_names_what_it_answers() -> None:
    """A response shows the claim it responds to, by whom and when; one that was never recorded is
    named and nothing is made up about it."""
    answers = [
        {"claim": "c-0", "relation": "responds_to"},
        {"claim": "unknown", "relation": "responds_to"},
        {"claim": "c-0", "relation": "mentions"},
    ]
    found = ledger({"targets": ["POL"]}, DEFENCE | {"relates_to": answers})
    (row,) = found.responses
    assert (row.government, row.what, row.kind) == ("POL", "response", "official_justification")
    first, second = row.answers
    assert (first.claim, first.kind, first.occurred_on) == (
        "c-0", "statement_of_criticism", "2025-04-02",
    )  # fmt: skip
    assert (second.claim, second.kind, second.actors) == ("unknown", None, ())


def test_a_promise_made_in_answer_is_a_response() -> None:
    """What responds to a claim is a response, whatever its kind."""
    relates = [{"claim": "c-0", "relation": "responds_to"}]
    found = ledger({"targets": ["POL"]}, PROMISE | {"relates_to": relates})
    assert [row.claim for row in found.responses] == ["promise"]
    assert not found.commitments


def test_two_reports_of_a_promise_are_one_row() -> None:
    """Claims declared the same stand in one row, led by an accepted one."""
    other = PROMISE | {"id": "other"}
    found = ledger(PROMISE | {"status": "contested"}, other, same=[("promise", "other")])
    (row,) = found.commitments
    assert (row.claims, row.claim, row.status) == (("promise", "other"), "other", "accepted")


def test_a_promise_that_two_make_together_has_a_row_of_each_at_a_place_of_its_own() -> None:
    """So that whoever turns a page between the two misses neither."""
    both = [{"kind": "state", "code": code} for code in ("POL", "LVA")]
    rows = ledger(PROMISE | {"actors": both}).commitments
    assert {row.government for row in rows} == {"POL", "LVA"}
    assert len(set(map(place_among, rows))) == 2


def test_nothing_counts_before_its_day_or_while_it_waits() -> None:
    """A later day and a claim that waits leave the ledger empty."""
    assert not ledger(PROMISE, on=date(2025, 4, 1)).commitments
    assert not ledger(PROMISE | {"status": "pending"}).commitments


@settings(max_examples=40, deadline=None)
@given(events=histories())
def test_every_row_is_a_counted_claim_of_a_speaking_government(events: list[Recorded]) -> None:
    """In any history: rows are counted claims, and the government of a row speaks or reversed its
    own withdrawal."""
    held = [h[-1] for h in fold_all(events).values()]
    by_id = {v.claim.id: v for v in held}
    found = undertakings(filter(is_told, held), held, on=NOW.date(), known_at="")
    for row in (*found.commitments, *found.responses):
        for claim in row.claims:
            version = by_id[claim]
            assert version.status in COUNTED
            speaks = {a.code for a in version.claim.actors} | set(version.claim.targets)
            assert row.government in speaks


@settings(max_examples=40, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_undertakings_at_hand_are_those_of_the_believed_claims(
    events: list[Recorded], data: st.DataObject
) -> None:
    """Brought up to date batch by batch, on any day, once the claims that are answered are
    named."""
    at_hand, before = Undertaken(), dict[str, Version]()
    for end in sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=3)) | {len(events)}):
        now = {v.claim.id: v for v in believed(fold_all(events[:end]), HEAD)}
        assert at_hand.take([v for c, v in now.items() if v != before.get(c)], end)
        before = now
        on = data.draw(st.sampled_from(ONS))
        held = sorted(now.values(), key=lambda v: v.recorded_position)
        some = [v for v in held if is_told(v) and v.claim.date.representative_day <= on]
        beside = [now[name] for name in answered_by(some) if name in now]
        ask = UndertakenAsk(
            government=data.draw(st.sampled_from(("", "FIN", "POL", "LTU"))),
            what=data.draw(st.sampled_from(("", "commitment", "response"))),
            treaty=data.draw(st.sampled_from(("", "APMBC", "CCM"))),
            order=data.draw(st.sampled_from(("newest", "oldest", "government"))),
            before=data.draw(st.integers(0, 2)),
        )
        found = at_hand.excerpt(ask, 5, str, on=on, known_at="")
        names = {v.claim.id: v for v in beside}
        rows = tuple(answered(row, names) for row in found.rows)
        ledger = undertakings(some, beside, on=on, known_at="")
        wanted = excerpt_of(ledger, ask, 5, str)
        assert msgspec.structs.replace(found, rows=rows) == wanted
        everything = (*ledger.commitments, *ledger.responses)
        asked = (ask.government, ask.what, ask.treaty)
        each = [(row.government, row.what, row.treaty) for row in everything]
        fits = [all(a in ("", b) for a, b in zip(asked, one, strict=True)) for one in each]
        assert found.total == sum(fits)


def test_a_row_at_hand_is_told_by_the_claims_of_its_days() -> None:
    """Where reports of one happening name several days, a row is of each day what the reports up to
    it tell, and is counted once."""
    later = PROMISE | {"id": "report", "occurred_on": "2026-01-15", "summary": "As reported."}
    early = PROMISE | {"occurred_on": "2026-01-10"}
    for claims in ((later, early), (early, later)):
        held = believed_now(*claims, same=[("report", "promise")])
        at_hand = Undertaken()
        at_hand.take(held, 3)
        shown = []
        for day in (9, 10, 14, 15):
            on = date(2026, 1, day)
            some = [v for v in held if v.claim.date.representative_day <= on]
            wanted = excerpt_of(undertakings(some, (), on=on, known_at=""), UndertakenAsk(), 5, str)
            assert at_hand.excerpt(UndertakenAsk(), 5, str, on=on, known_at="") == wanted
            shown.append([row.claims for row in wanted.rows])
        both = tuple(claim["id"] for claim in claims)
        assert shown == [[], [("promise",)], [("promise",)], [both]]
