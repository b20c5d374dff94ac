"""The product beside a second writing of the contract: numbers, bounds, standings and counts over
made-up worlds of claims, on days at which something turns."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims import read_submission
from domain.clocks import KnownAt
from domain.events import Recorded, claim_json
from domain.facts import Facts, facts_of
from domain.kinds import DETAILS_OF
from domain.numbers import backing, erosion, pressure
from domain.standing import standing_on
from domain.treaties import TREATIES
from domain.weight_events import WeightChanges
from domain.weight_sets import WeightSet, weighed
from projections.histories import believed, fold_all
from projections.parties import parties
from tests.domain.made import WEIGHTS
from tests.domain.oracle import Belief, Tables, World, representative
from tests.histories import histories

NOW = datetime(2027, 1, 1, tzinfo=UTC)
EXACT = 1e-9
MEASURES = {"pressure": pressure, "erosion": erosion, "backing": backing}
GOVERNMENTS = ("FIN", "POL", "UKR")
LEGAL: dict[str, tuple[dict[str, Any], ...]] = {
    "state_signed": ({},),
    "state_joined": ({}, {}, {"entry_into_force": "2024-03-01"}),
    "withdrawal_recommended": ({},),
    "withdrawal_announced": ({},),
    "government_approval": ({},),
    "bill_introduced": ({},),
    "parliament_vote": (
        {"stance": "weakens", "carried": True},
        {"stance": "weakens"},
        {"stance": "weakens", "carried": False},
        {"stance": "weakens", "votes": {"for": 10, "against": 9}},
        {"stance": "weakens", "votes": {"for": 10, "against": 9, "threshold": 20}},
        {"stance": "weakens", "votes": {"for": 10, "seats": 20}},
        {"stance": "strengthens"},
        {},
    ),
    "head_of_state_assent": ({},),
    "withdrawal_instrument_deposited": ({}, {}, {"effective_date": "2025-12-30"}),
    "withdrawal_circulated": ({},),
    "withdrawal_effective": ({},),
    "withdrawal_reversed": ({},),
    "suspension_notified": ({}, {"effective_date": "2025-07-18"}),
    "objection_lodged": ({}, {"stance": "opposes_norm"}),
    "armed_conflict_engagement_reported": ({}, {}, {"engaged": False}),
}
_CRITICAL: tuple[dict[str, Any], ...] = ({}, {"stance": "critical"}, {"stance": "opposes_norm"})
KINDS: dict[str, tuple[dict[str, Any], ...]] = LEGAL | {
    "statement_of_criticism": (
        {},
        {"strength": "condemnation", "forum": "media"},
        {"strength": "condemnation", "signatories": 1},
        {"forum": "un", "signatories": 42},
        {"forum": "treaty"},
        {"signatories": 2},
        {"signatories": 3, "stance": "opposes_norm"},
    ),
    "statement_contesting_norm": ({}, {"stance": "opposes_norm"}),
    "policy_statement": ({}, {"stance": "opposes_norm"}),
    "clarification_requested": ({},),
    "compliance_complaint": ({},),
    "open_letter": (*_CRITICAL, {"stance": "critical", "signatories": 101}),
    **dict.fromkeys(("diplomatic_demarche", "campaign_action"), _CRITICAL),
    **dict.fromkeys(("parliamentary_question", "meeting_decision"), _CRITICAL),
    "policy_change": ({}, {"stance": "weakens"}, {"stance": "strengthens"}),
    **dict.fromkeys(("mine_use_confirmed", "mine_use_alleged", "transfer_delivered"), ({},)),
    **dict.fromkeys(("transfer_announced", "transfer_authorized", "funding_suspended"), ({},)),
    **dict.fromkeys(("production_announced", "production_capacity_stated"), ({},)),
    **dict.fromkeys(("procurement_announced", "obligation_deadline_missed"), ({},)),
}
"""Kinds with details for each branch of the contract."""
ACTORS: tuple[dict[str, str], ...] = (
    *({"kind": "state", "code": code} for code in ("NOR", "FIN", "POL")),
    *({"kind": kind, "name": kind.title()} for kind in ("io", "ngo", "individual", "media")),
    *({"kind": kind, "name": kind.title()} for kind in ("parliament", "coalition")),
)
DAYS = (
    "1998-06-10", "2009-01-15", "2023-08-29", "2023-08-31", "2024", "2024-02-29", "2025-03",
    "2025-04-02", "2025-05-10/2025-05-20", "2025-06-19~", "2025-06-30", "2025-07-01", "2025-07-10",
    "2025-08-31", "2025?",
    "2025-09-01", "2025-09-30", "2025-10-01", "2025-12-27", "2026-01-10",
)  # fmt: skip
TURNS = (
    "2024-02-28", "2024-02-29", "2024-03-01", "2025-08-30", "2025-09-01", "2025-12-30",
    "2026-01-09", "2026-01-10", "2026-02-27", "2026-02-28", "2026-03-01",
)  # fmt: skip
APART = (0, 1, 44, 45, 89, 89, 90, 90, 91)
"""How many days lie between a claim and the same again: it counts less within 90."""
STATUSES = {
    "accepted": 60, "contested": 14, "pending": 10,
    "rejected": 4, "refuted": 4, "retracted": 4, "superseded": 4,
}  # fmt: skip
SETS: tuple[dict[str, dict[str, float]], ...] = (
    {},
    {},
    {
        "instruments": {"objection": 3, "statement": 5, "backing": 6},
        "half_lives": {"statement": 30, "mine_use_alleged": 10},
        "actors": {"ngo": 1.4},
        "grades": {"C": 0.95},
        "floors": {"withdrawal_announced": 35},
        "conduct": {"transfer_delivered": 11},
    },
)


def worlds(seed: int) -> tuple[World, list[Facts], Any]:
    """A world of claims for the oracle, the same as the product's facts, and its weights."""
    chance = Random(seed)
    legal_share = chance.choice((0.2, 0.8))
    again_share = chance.choice((0.1, 0.8))
    is_chorus = chance.random() < 0.3  # few speak, and say the same again and again
    groups: list[str] = []
    beliefs: list[Belief] = []
    facts: list[Facts] = []
    for number in range(chance.randint(1, 16)):
        kind = chance.choice(list(LEGAL if chance.random() < legal_share else KINDS))
        if is_chorus:
            kind = chance.choice(("statement_of_criticism", "statement_contesting_norm"))
        graded = chance.sample(["A", "A", "B", "C", "D", "F", None], chance.choice((0, 1, 1, 2)))
        plain = {
            "id": f"claim-{number}",
            "kind": kind,
            "treaty": chance.choice(("APMBC", "APMBC", "CCM")),
            "occurred_on": chance.choice(DAYS),
            "actors": chance.sample(ACTORS, chance.choice((0, 1, 1, 1, 2, 3))),
            "targets": chance.sample(GOVERNMENTS, chance.choice((0, 1, 1, 1, 1, 2))),
            "summary": "Something happened.",
            "details": chance.choice(KINDS[kind]),
            "sources": [
                {"publisher": "Yle"} | ({"reliability": grade} if grade else {}) for grade in graded
            ],
        }
        if beliefs and (
            is_chorus or chance.random() < again_share
        ):  # the same again, on another day
            again = chance.choice(beliefs).claim
            plain |= {name: again[name] for name in ("kind", "actors", "targets", "details")}
            if (
                is_chorus or chance.random() < 0.6
            ):  # and near the end of the days in which it counts less
                day = representative(again["occurred_on"])
                later = day + timedelta(days=chance.choice(APART))
                plain["occurred_on"] = str(later if later < NOW.date() else day)
        is_told_before = bool(groups) and chance.random() < 0.2
        groups.append(chance.choice(groups) if is_told_before else f"claim-{number}")
        status: Any = chance.choices(list(STATUSES), list(STATUSES.values()))[0]
        if is_chorus:
            status = "accepted"
        claim = read_submission(
            plain, details_of=DETAILS_OF, now=NOW, new_id="", backfill=True, restate=True
        ).claim
        how: dict[str, Any] = {"status": status, "position": number + 1}
        facts.append(facts_of(claim, happening=groups[-1], **how))
        beliefs.append(Belief(plain, group=groups[-1], **how))
    on = date(2023, 6, 1) + timedelta(days=chance.randrange(1300))
    if chance.random() < 0.3:
        on = date.fromisoformat(chance.choice(TURNS))
    changes = chance.choice(SETS)
    own = WeightSet(
        name="own", version=1, changes=WeightChanges(**changes), reason="ours", position=1
    )
    return World(beliefs, on, Tables(changes)), facts, weighed(WEIGHTS, own) if changes else WEIGHTS


def agrees(world: World, facts: list[Facts], weights: Any, government: str) -> None:
    """Whether product and oracle say the same of a government."""
    for name, of in MEASURES.items():
        found = of(facts, government, world.on, weights)
        expected = getattr(world, name)(government)
        assert (found.score, found.low, found.high) == pytest.approx(
            (expected.score, expected.low, expected.high), abs=EXACT
        ), name
    for code, treaty in TREATIES.items():
        standing = standing_on(treaty, government, facts, world.on)
        clock = world.standing(government, code)
        assert standing.status == clock.status
        assert (standing.stage, standing.since) == (clock.stage, clock.since)
        assert standing.deposited_on == clock.deposited
        assert standing.in_force_on == clock.in_force
        assert standing.expected_on == clock.leaves
        assert bool(standing.confirmed) == (clock.effective is not None)
        assert (standing.claimed is not None) == clock.claimed
        assert set(standing.disputed_by) == (clock.objectors if clock.claimed else set())


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ({}, False),
        ({"carried": True}, True),
        ({"votes": {"for": 10, "against": 9}}, True),
        ({"votes": {"for": 9, "against": 10}}, False),
        ({"votes": {"for": 10, "against": 10}}, False),
        ({"votes": {"for": 20, "against": 9, "threshold": 20}}, True),
        ({"votes": {"for": 10, "against": 9, "threshold": 20}}, False),
        ({"carried": True, "votes": {"for": 9, "against": 10}}, True),
        ({"votes": {"for": 10}}, False),
        ({"votes": {"for": 10, "threshold": 10}}, True),
        ({"votes": {"for": 10, "threshold": 11}}, False),
        ({"votes": {"for": 10, "seats": 20}}, False),
        ({"votes": {"for": 11, "seats": 20}}, True),
    ],
)
def test_a_vote_counts_once_it_is_known_to_have_been_carried(
    told: dict[str, Any], counts: bool
) -> None:
    """A vote of which nobody says how it ended raises no floor; what the claim states comes before
    what its votes show. How many were against is not none where nobody says: then the votes that
    were required, or the seats, must tell."""
    plain = {
        "id": "vote",
        "kind": "parliament_vote",
        "treaty": "APMBC",
        "occurred_on": "2025-06-19",
        "targets": ["FIN"],
        "summary": "A parliament voted on leaving.",
        "details": {"stance": "weakens", **told},
        "sources": [{"publisher": "Yle", "reliability": "A"}],
    }
    claim = read_submission(plain, details_of=DETAILS_OF, now=NOW, new_id="").claim
    vote = facts_of(claim, happening="vote", status="accepted", position=1)
    found = erosion([vote], "FIN", date(2026, 1, 1), WEIGHTS)
    assert (found.floor == 30.0) == counts


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**63))
def test_the_numbers_and_the_clock_are_those_of_the_contract(seed: int) -> None:
    """Score, low and high of every number, under published and own weights; every standing with its
    dates; both counts of both treaties: as a second writing of the contract has them."""
    world, facts, weights = worlds(seed)
    for government in GOVERNMENTS:
        agrees(world, facts, weights, government)
    for code, treaty in TREATIES.items():
        found = parties(treaty, facts, on=world.on, known_at="")
        assert (found.deposited, found.in_force) == world.counts(list(GOVERNMENTS), code)


@settings(max_examples=25, deadline=None)
@given(events=histories(), share=st.floats(0, 1), on=st.sampled_from(TURNS))
def test_what_was_known_at_a_position_is_reckoned_as_the_contract_has_it(
    events: list[Recorded], share: float, on: str
) -> None:
    """After corrections, merges, separations, withdrawn signatories and added sources, at any
    position of the log, the numbers are those of the claims as they then read."""
    known_at = KnownAt(position=1 + int(share * (len(events) - 1)))
    held = believed(fold_all(events), known_at)
    beliefs = [
        Belief(claim_json(v.claim), v.status, v.recorded_position, v.happening) for v in held
    ]
    world = World(beliefs, date.fromisoformat(on))
    for government in ("FIN", "POL", "UKR"):
        agrees(world, [v.facts for v in held], WEIGHTS, government)
