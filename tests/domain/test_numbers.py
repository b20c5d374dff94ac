"""Pressure, erosion and backing: figures computed by hand, and what holds for any history."""

from datetime import date, timedelta
from math import exp, log2
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD
from domain.events import Recorded
from domain.facts import Facts
from domain.numbers import Measure, backing, erosion, pressure
from domain.standing import standing_on
from domain.treaties import TREATIES
from projections.histories import believed, fold_all
from tests.domain.made import WEIGHTS, day, fact
from tests.histories import GOVERNMENTS, histories

MEASURES = (pressure, erosion, backing)
EXACT = 1e-9


def criticism(when: str, by: str = "NOR", **fields: object) -> Facts:
    """A statement of criticism of Finland."""
    return fact("statement_of_criticism", when, by=by, **fields)


def pressed(*facts: Facts, on: str) -> Measure:
    """The pressure on Finland on a day."""
    return pressure(facts, "FIN", day(on), WEIGHTS)


def eroded(*facts: Facts, on: str) -> Measure:
    """The erosion of Finland on a day."""
    return erosion(facts, "FIN", day(on), WEIGHTS)


def test_one_fresh_objection() -> None:
    """c = 8 * 1 * 1 * 1 * 1 * 0.98 * 1 = 7.84; 100 * (1 - e^(-7.84/25)) = 26.91887."""
    found = pressed(fact("objection_lodged", "2025-09-01", by="NOR"), on="2025-09-01")
    assert found.terms[0].c == pytest.approx(7.84, abs=EXACT)
    assert found.score == pytest.approx(26.918870578, abs=1e-8)
    assert found.terms[0].points == pytest.approx(found.score, abs=EXACT)


def test_a_half_life_halves() -> None:
    """An objection of 730 days ago weighs half of a fresh one: c = 3.92."""
    found = pressed(fact("objection_lodged", "2023-09-01", by="NOR"), on="2025-08-31")
    assert found.terms[0].age_days == 730
    assert found.terms[0].c == pytest.approx(3.92, abs=EXACT)


def test_every_factor_of_a_term() -> None:
    """42 states in the UN against two governments, an io speaking, a source graded B, contested,
    180 days old: 5 * 1.5 * 0.5 * 1 * (1 + log2 42) * 0.45 * 0.5."""
    statement = criticism(
        "2025-01-01",
        forum="un",
        signatories=42,
        targets=("FIN", "POL"),
        actor="io:UN",
        actors=("io", "state"),
        reliabilities=("B", "C"),
        status="contested",
    )
    found = pressed(statement, on="2025-06-30").terms[0]
    assert (found.instrument, found.w, found.half_life_days) == ("forum_statement", 5.0, 180.0)
    assert (found.a, found.s, found.nu, found.n, found.q) == (1.5, 0.5, 1.0, 42, 0.45)
    assert found.c == pytest.approx(5 * 1.5 * 0.5 * (1 + log2(42)) * 0.45 * 0.5, abs=EXACT)


@pytest.mark.parametrize(
    ("kind", "fields", "instrument"),
    [
        ("objection_lodged", {}, "objection"),
        ("clarification_requested", {}, "clarification_request"),
        ("meeting_decision", {"stance": "critical"}, "meeting_decision"),
        ("statement_of_criticism", {"forum": "treaty", "signatories": 9}, "forum_statement"),
        ("statement_of_criticism", {"forum": "un", "strength": "condemnation"}, "forum_statement"),
        ("statement_of_criticism", {"forum": "media", "signatories": 2}, "joint_statement"),
        ("statement_of_criticism", {"signatories": 2, "strength": "regret"}, "joint_statement"),
        ("compliance_complaint", {}, "compliance_complaint"),
        ("statement_of_criticism", {"strength": "condemnation"}, "condemnation"),
        ("diplomatic_demarche", {"stance": "critical"}, "demarche"),
        ("open_letter", {"stance": "critical"}, "open_letter"),
        ("campaign_action", {"stance": "critical"}, "campaign_action"),
        ("parliamentary_question", {"stance": "critical"}, "parliamentary_question"),
        ("statement_of_criticism", {"signatories": 1, "strength": "regret"}, "statement"),
        ("open_letter", {}, None),
        ("diplomatic_demarche", {"stance": "neutral"}, None),
        ("meeting_decision", {"stance": "supports_norm"}, None),
        ("statement_of_criticism", {"stance": "opposes_norm"}, None),
        ("statement_of_support", {}, None),
    ],
)  # fmt: skip
def test_the_first_matching_instrument_is_taken(
    kind: str, fields: dict[str, object], instrument: str | None
) -> None:
    """Rows of the table are tried from top to bottom; what matches none is no pressure."""
    found = pressed(fact(kind, "2025-04-02", by="NOR", **fields), on="2025-04-02")
    assert [term.instrument for term in found.terms] == ([instrument] if instrument else [])


def test_repeating_oneself_counts_less_and_less() -> None:
    """The k-th of the same by the same within 90 days counts 1/k; another speaker and another time
    count in full."""
    first = criticism("2025-04-01")
    second = criticism("2025-06-29")  # 89 days later
    other = criticism("2025-06-29", by="CHE")
    third = criticism("2025-06-30")  # 90 days after the first, one after the second
    louder = criticism("2025-06-30", strength="condemnation")
    found = pressed(third, louder, first, other, second, on="2025-07-01")
    shares = {term.claim: term.nu for term in found.terms}
    assert shares == {
        first.claim: 1.0,
        second.claim: 0.5,
        other.claim: 1.0,
        third.claim: 0.5,
        louder.claim: 1.0,
    }


def test_of_claims_declared_the_same_the_weightiest_counts() -> None:
    """Three reports of one statement are one term, and take no novelty from a later one."""
    one = criticism("2025-04-02", happening="it", reliabilities=("C",))
    best = criticism("2025-04-02", happening="it")
    late = criticism("2025-04-03", happening="it", status="contested")
    later = criticism("2025-04-20")
    found = pressed(one, best, late, later, on="2025-05-01")
    assert [(t.claim, t.nu) for t in found.terms] == [(best.claim, 1.0), (later.claim, 0.5)]
    assert {e.claim for e in found.excluded} == {one.claim, late.claim}


def test_the_bounds_of_a_score() -> None:
    """Low: only what is accepted and near certain. High: everything that may be true, as if it
    were."""
    sure = criticism("2025-04-02", by="NOR")
    likely = criticism("2025-04-02", by="CHE", reliabilities=("C",))
    disputed = criticism("2025-04-02", by="AUT", status="contested")
    pending = criticism("2025-04-02", by="IRL", status="pending")
    gone = criticism("2025-04-02", by="ISL", status="refuted")
    found = pressed(sure, likely, disputed, pending, gone, on="2025-04-02")
    assert found.low == pytest.approx(100 * (1 - exp(-1.96 / 25)), abs=EXACT)
    assert found.score == pytest.approx(100 * (1 - exp(-(1.96 + 1.4 + 0.98) / 25)), abs=EXACT)
    assert found.high == pytest.approx(100 * (1 - exp(-8 / 25)), abs=EXACT)
    assert [e.claim for e in found.excluded] == [pending.claim]


def test_what_has_no_credible_source_is_shown_and_counts_nothing() -> None:
    """Grades D, E and F weigh 0; the claim is named with the reason."""
    rumour = criticism("2025-04-02", reliabilities=("D", "F"))
    found = pressed(rumour, on="2025-04-02")
    assert (found.score, found.terms[0].points) == (0.0, 0.0)
    assert [e.claim for e in found.excluded] == [rumour.claim]
    assert found.high > 0


def test_a_claim_of_a_later_day_is_not_there_yet() -> None:
    """Figures use claims whose representative day has come."""
    assert pressed(criticism("2025-04-02"), on="2025-04-01").terms == ()
    assert len(pressed(criticism("2025-04-02"), on="2025-04-02").terms) == 1


def test_backing_is_what_others_say_for_leaving() -> None:
    """A government does not back itself; support for leaving never counts as pressure."""
    own = fact("statement_contesting_norm", "2025-04-02", by="FIN")
    ally = fact("statement_contesting_norm", "2025-04-02", by="LTU")
    joint = criticism("2025-04-02", by="POL", stance="opposes_norm")
    found = backing([own, ally, joint], "FIN", day("2025-07-01"), WEIGHTS)
    assert [term.claim for term in found.terms] == [ally.claim, joint.claim]
    assert found.terms[0].c == pytest.approx(2 * 0.98 * 0.5, abs=EXACT)
    assert pressed(own, ally, joint, on="2025-07-01").score == 0.0


def test_the_floor_of_an_erosion_is_the_furthest_stage() -> None:
    """Announced 20, vote carried 30, deposited 50; in effect 60 once the day has passed, confirmed
    or not."""
    steps = (
        fact("withdrawal_announced", "2025-04-01"),
        fact("parliament_vote", "2025-06-19", stance="weakens"),
        fact("withdrawal_instrument_deposited", "2025-07-10"),
    )
    for on, floor in (
        ("2025-03-31", 0.0),
        ("2025-04-01", 20.0),
        ("2025-06-19", 30.0),
        ("2025-07-10", 50.0),
        ("2026-01-09", 50.0),
        ("2026-01-10", 60.0),
    ):
        found = eroded(*steps, on=on)
        assert found.floor == floor
        assert found.score == pytest.approx(floor, abs=EXACT)
    assert found.floor_claim == steps[2].claim


def test_a_vote_that_fails_or_strengthens_raises_no_floor() -> None:
    """A parliament vote counts only when it is carried and weakens."""
    lost = fact("parliament_vote", "2025-06-19", stance="weakens", carried=False)
    other = fact("parliament_vote", "2025-06-19", stance="strengthens")
    assert eroded(lost, other, on="2025-12-01").score == 0.0


def test_armed_conflict_keeps_the_floor_at_the_deposit() -> None:
    """While no withdrawal can take effect, the expected day raises nothing."""
    left = fact("withdrawal_instrument_deposited", "2025-07-10")
    war = fact("armed_conflict_engagement_reported", "2025-09-01")
    assert eroded(left, war, on="2026-06-01").floor == 50.0


def test_a_reversal_resets_the_floor_of_its_treaty() -> None:
    """What was taken back no longer erodes; what follows does, and other treaties are untouched."""
    left = fact("withdrawal_instrument_deposited", "2025-07-10")
    back = fact("withdrawal_reversed", "2025-11-02")
    again = fact("withdrawal_announced", "2026-03-01")
    other = fact("bill_introduced", "2025-05-01", treaty="CCM")
    assert eroded(left, back, on="2026-01-01").floor == 0.0
    assert eroded(left, back, again, on="2026-04-01").floor == 20.0
    assert eroded(left, back, other, on="2026-04-01").floor == 27.0


def test_a_second_report_of_a_joining_takes_nothing_back() -> None:
    """A state that is bound joins nothing anew: what it did to leave stands, and takes effect; one
    that left and joins again begins anew."""
    joined = fact("state_joined", "2012-01-09")
    left = fact("withdrawal_instrument_deposited", "2025-07-10")
    told_again = fact("state_joined", "2025-09-01")
    back = fact("state_joined", "2026-05-04")
    assert eroded(joined, left, told_again, on="2025-09-02").floor == 50.0
    assert eroded(joined, left, told_again, on="2026-02-01").floor == 60.0
    assert eroded(joined, left, back, on="2026-05-04").floor == 0.0


COMINGS_AND_GOINGS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "state_joined",
                "state_joined",
                "withdrawal_instrument_deposited",
                "withdrawal_instrument_deposited",
                "withdrawal_effective",
                "withdrawal_reversed",
                "armed_conflict_engagement_reported",
            ]
        ),
        st.integers(0, 700),
        st.sampled_from(["accepted", "accepted", "contested"]),
        st.sampled_from([None, None, "2024-02-29"]),
        st.booleans(),
    ),
    min_size=3,
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(drawn=COMINGS_AND_GOINGS, days=st.integers(300, 900))
def test_the_floor_says_no_less_than_the_standing(
    drawn: list[tuple[str, int, str, str | None, bool]], days: int
) -> None:
    """However a state came and went, who is a former party, expected or confirmed, has the floor of
    a withdrawal in effect, and who leaves that of a deposit; a party has neither, unless on word
    that is contested."""
    begin = date(2023, 1, 1)
    facts = [
        fact(kind, str(begin + timedelta(after)), status=status, stated=stated, engaged=engaged)
        for kind, after, status, stated, engaged in drawn
    ]
    on = begin + timedelta(days)
    floor = erosion(facts, "FIN", on, WEIGHTS).floor or 0.0
    status = standing_on(TREATIES["APMBC"], "FIN", facts, on).status
    assert floor >= {"former_party": 60.0, "leaving": 50.0}.get(status, 0.0)
    if status == "party" and all(one.status == "accepted" for one in facts):
        assert floor == 0.0


def test_a_leaving_that_may_be_true_is_true_for_the_high_bound_with_all_that_follows() -> None:
    """A state that may have left and joined again stands at neither in the highest reading; where
    the leaving is contested, the joining is the second report of a state that is bound."""
    joined = fact("state_joined", "2012-01-09")
    approved = fact("government_approval", "2024-05-01")
    back = fact("state_joined", "2026-05-04")
    for status, floor, high in (("pending", 25.0, 25.0), ("contested", 60.0, 60.0)):
        left = fact("withdrawal_effective", "2025-07-10", status=status)
        found = eroded(joined, approved, left, back, on="2026-06-01")
        assert found.floor == floor
        assert found.high == pytest.approx(high)
    announced = fact("withdrawal_announced", "2024-02-01", status="pending")
    may_have_left = fact("withdrawal_effective", "2025-07-10", status="pending")
    assert eroded(joined, announced, may_have_left, back, on="2026-06-01").high == 0.0


def test_conduct_adds_to_the_floor_and_decays() -> None:
    """Floor 20 and a fresh confirmed use: 100 * (1 - 0.8 * e^(-14.7/25)) = 55.56504; half of the
    conduct is left after a year."""
    announced = fact("withdrawal_announced", "2025-04-01")
    use = fact("mine_use_confirmed", "2025-05-01", by="UN", actors=("io",), targets=("FIN", "POL"))
    found = eroded(announced, use, on="2025-05-01")
    assert found.terms[0].c == pytest.approx(14.7, abs=EXACT)
    assert found.score == pytest.approx(55.565036104, abs=1e-8)
    assert found.terms[0].points == pytest.approx(found.score - 20.0, abs=EXACT)
    later = eroded(announced, use, on="2026-05-01")
    assert later.score == pytest.approx(100 * (1 - 0.8 * exp(-7.35 / 25)), abs=EXACT)


def test_a_change_of_policy_counts_only_when_it_weakens() -> None:
    """Policy that strengthens, or says nothing of its stance, erodes nothing."""
    for stance, terms in (("weakens", 1), ("strengthens", 0), (None, 0)):
        found = eroded(fact("policy_change", "2025-05-01", stance=stance), on="2025-05-01")
        assert len(found.terms) == terms


def facts_of(events: list[Recorded]) -> list[Facts]:
    """The facts believed after some events."""
    return [version.facts for version in believed(fold_all(events), HEAD)]


EXAMPLES = settings(max_examples=150, deadline=None)
DAYS = st.dates(date(2024, 11, 1), date(2027, 1, 1))


@EXAMPLES
@given(events=histories(), on=DAYS, code=st.sampled_from(GOVERNMENTS), seed=st.integers(0, 99))
def test_what_holds_for_every_number(
    events: list[Recorded], on: date, code: str, seed: int
) -> None:
    """0 <= low <= score <= high <= 100; points add up; neither the order of facts nor other
    governments' matter."""
    facts = facts_of(events)
    shuffled = list(facts)
    Random(seed).shuffle(shuffled)
    own = [f for f in facts if code in f.targets]
    for of in MEASURES:
        found = of(facts, code, on, WEIGHTS)
        assert 0.0 <= found.low <= found.score <= found.high <= 100.0
        points = sum(term.points for term in found.terms)
        assert points == pytest.approx(found.score - (found.floor or 0.0), abs=EXACT)
        assert of(shuffled, code, on, WEIGHTS) == found
        assert of(own, code, on, WEIGHTS) == found
        assert all(term.day <= on for term in found.terms)


@EXAMPLES
@given(events=histories(), on=DAYS, code=st.sampled_from(GOVERNMENTS))
def test_a_number_is_never_netted_against_another(
    events: list[Recorded], on: date, code: str
) -> None:
    """Backing lowers no pressure, and criticism lowers no erosion: each is computed from its own
    claims."""
    facts = facts_of(events)
    voices = {t.claim for t in pressure(facts, code, on, WEIGHTS).terms}
    for of in (erosion, backing):
        before = of(facts, code, on, WEIGHTS)
        after = of([f for f in facts if f.claim not in voices], code, on, WEIGHTS)
        assert after.score == before.score
