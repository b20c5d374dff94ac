"""The clocks of duties, and what was known by a moment, beside their second writing, over made-up
worlds of claims and made-up logs."""

from datetime import date, timedelta, timezone
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims import read_submission
from domain.clocks import read_known_at
from domain.events import ClaimsDeclaredSame, ClaimsSeparated, Recorded, claim_json
from domain.kinds import DETAILS_OF
from projections.deadlines import running_clocks
from projections.histories import Version, believed, fold_all, touched_by
from tests.domain.made import WEIGHTS
from tests.domain.oracle import Belief, World
from tests.domain.oracle_clocks import DUTIES, Known, duties, moment_of
from tests.domain.test_contract import NOW, STATUSES, TURNS, agrees
from tests.histories import BEGIN, histories

GOVERNMENTS = ("FIN", "POL")
ARTICLES = (None, "Art. 3(2)", "Art. 4", "4(1)", "Article 5", "Art. 7")
UNTIL = (None, "2020", "2022-03", "2022-03-01", "2026-12-31")
ENDS = ("2020-12-31", "2021-01-01", "2022-03-01", "2022-03-02", "2022-03-31", "2024-05-31")
"""Days on which a stated deadline runs out, or has just run out."""
JOINED = ("2009-03-15", "2011-09-01", "2012-02", "2015-06-10", "2019-10-31")
KINDS = (
    "stockpile_destroyed", "clearance_completed", "clearance_deadline_extended",
    "clearance_deadline_extended", "meeting_decision", "meeting_decision",
    "obligation_deadline_missed", "obligation_deadline_missed", "clarification_requested",
    "withdrawal_instrument_deposited", "state_joined",
)  # fmt: skip


def worlds(seed: int) -> tuple[World, list[Version]]:
    """A world of claims about duties for the oracle, and the same as versions."""
    chance = Random(seed)
    beliefs: list[Belief] = []
    versions: list[Version] = []
    for number in range(chance.randint(2, 14)):
        kind = "state_joined" if number < 2 else chance.choice(KINDS)
        until, article = chance.choice(UNTIL), chance.choice(ARTICLES)
        day = date(2012, 1, 1) + timedelta(days=chance.randrange(4_900))
        plain: dict[str, Any] = {
            "id": f"claim-{number}",
            "kind": kind,
            "treaty": chance.choice(("APMBC", "CCM")),
            "occurred_on": chance.choice(JOINED) if kind == "state_joined" else str(day),
            "actors": [{"kind": "state", "code": "NOR"}],
            "targets": chance.sample(GOVERNMENTS, chance.choice((1, 1, 2))),
            "summary": "Something happened.",
            "details": _details(chance, kind, until, article),
        }
        status: Any = chance.choices(list(STATUSES), list(STATUSES.values()))[0]
        claim = read_submission(
            plain, details_of=DETAILS_OF, now=NOW, new_id="", backfill=True, restate=True
        ).claim
        versions.append(
            Version(
                claim=claim, status=status, number=1, position=number + 1, known_from=NOW,
                recorded_position=number + 1, recorded_at=NOW, recorded_by="person:1",
                event="recorded", decided_at=NOW, decided_by="person:1", happening=claim.id,
            )
        )  # fmt: skip
        beliefs.append(Belief(plain, status, number + 1, claim.id))
    if chance.random() < 0.4:
        return World(beliefs, date.fromisoformat(chance.choice(ENDS))), versions
    days = [b.day + timedelta(days=chance.choice((0, 27, 28, 29))) for b in beliefs]
    days += [date(2022, 3, 1), date(2022, 4, 1), date(2020, 12, 31), date(2023, 6, 30)]
    return World(beliefs, chance.choice(days)), versions


def _details(chance: Random, kind: str, until: str | None, article: str | None) -> dict[str, Any]:
    """Details that say until when, of whom, and under which article, as far as the kind has room
    for it."""
    room = DETAILS_OF[kind].__struct_fields__
    told: dict[str, Any] = {"deadline": until, "article": article, "answer_due": until}
    if "deadlines" in room and chance.random() < 0.3:
        told["deadlines"] = {"FIN": "2024-05"}
    return {name: value for name, value in told.items() if name in room and value is not None}


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**63))
def test_the_clocks_of_duties_are_those_of_the_treaties(seed: int) -> None:
    """What a party still has to do, by when, and whether that was extended, missed or has passed:
    under both treaties, on days at which something runs out, as a second writing has it."""
    world, versions = worlds(seed)
    facts = [version.facts for version in versions]
    found = running_clocks(facts, versions, on=world.on, known_at="").deadlines
    for treaty in DUTIES:
        for government in GOVERNMENTS:
            told = [
                (one.what, one.on, one.state)
                for one in found
                if (one.treaty, one.government) == (treaty, government)
                and one.what in ("stockpile", "clearance", "answer")
            ]
            expected = duties(world, government, treaty)
            assert sorted(map(str, told)) == sorted(map(str, expected))


@settings(max_examples=50, deadline=None)
@given(
    events=histories(moves_max=30),
    hours=st.integers(-200 * 24, 110 * 24),
    as_day=st.booleans(),
    offset=st.sampled_from((0, 2, -7)),
    on=st.sampled_from(TURNS),
)
def test_what_was_known_by_a_day_is_what_the_events_known_by_then_say(
    events: list[Recorded], hours: int, as_day: bool, offset: int, on: str
) -> None:
    """By a day, which counts whole, or a timestamp in any offset: the claims are believed that the
    events then known make, each from its own `known_since`, and the numbers are theirs."""
    at = BEGIN + timedelta(hours=hours)
    text = (
        at.date().isoformat()
        if as_day
        else at.astimezone(timezone(timedelta(hours=offset))).isoformat()
    )
    known, some = Known(moment_of(text)), []
    for one in events:
        claims, change = touched_by(one.event), ""
        if isinstance(one.event, ClaimsDeclaredSame | ClaimsSeparated):
            change = "same" if isinstance(one.event, ClaimsDeclaredSame) else "separate"
        if claims and known.knows(claims, one.known_since, change):
            some.append(one)
    told = {claim: history[-1] for claim, history in fold_all(some).items()}
    held = believed(fold_all(events), read_known_at(text))
    assert {v.claim.id: (v.claim, v.status, v.same, v.happening) for v in held} == {
        claim: (v.claim, v.status, v.same, v.happening) for claim, v in told.items()
    }
    beliefs = [
        Belief(claim_json(v.claim), v.status, v.recorded_position, v.happening)
        for v in told.values()
    ]
    world = World(beliefs, date.fromisoformat(on))
    for government in ("FIN", "POL"):
        agrees(world, [v.facts for v in held], WEIGHTS, government)
