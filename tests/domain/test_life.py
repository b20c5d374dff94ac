"""The life of a claim after it was recorded: sources, signatories, visibility, disputes, and what
can be taken back; as laws over made-up histories where there is a law."""

from itertools import combinations
from math import log2
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.amending import amended
from domain.claims import Actor, Source, Visibility
from domain.clocks import HEAD
from domain.errors import DecidedMeanwhile, DecisionRefused, InvalidClaim
from domain.events import ClaimDecided, Recorded, claim_json
from domain.known import STATUS_AFTER
from domain.numbers import pressure
from projections.claims import claim_page
from projections.histories import Version, believed, fold_all
from tests.domain.made import WEIGHTS
from tests.domain.test_desk import Log as Desk
from tests.histories import CORRECTIONS, NOW, Log, histories

EXAMPLES = settings(deadline=None, max_examples=40)
MALTA = Actor(kind="state", code="MLT")
JOINT: dict[str, Any] = {"details": {"signatories": 93, "forum": "un"}}


def kept(log: Desk, name: str = "nor-regret") -> Version:
    """A claim as it is believed now."""
    return fold_all(log.events)[name][-1]


def believed_now(events: list[Recorded]) -> list[Any]:
    """All that is believed of every claim, without what only says how it came about."""
    return [
        (v.claim, v.status, v.happening, v.same, v.withdrawn, v.contested_by, v.facts)
        for v in believed(fold_all(events), HEAD)
    ]


@EXAMPLES
@given(events=histories())
def test_declaring_the_same_and_separating_gives_back_exactly_what_was(
    events: list[Recorded],
) -> None:
    """For any two claims of any history that are not declared the same."""
    log = Log()
    log.events = list(events)
    before = believed_now(events)
    names = list(fold_all(events))
    for one, other in list(combinations(names, 2))[:5]:
        desk = log.desk(one, other)
        if other in desk.known[one].same:
            continue
        desk.declare_same(one, other, reason=None)
        log.keep(desk, at=NOW, by="person:5")
        desk = log.desk(other, one)
        desk.separate(other, one, reason="two happenings after all")
        log.keep(desk, at=NOW, by="person:5")
        assert believed_now(log.events) == before


@EXAMPLES
@given(events=histories(), changes=st.sampled_from(CORRECTIONS[:-1]))
def test_correcting_and_correcting_back_gives_back_exactly_what_was(
    events: list[Recorded], changes: dict[str, Any]
) -> None:
    """For any claim of any history that can be corrected."""
    log = Log()
    log.events = list(events)
    before = believed_now(events)
    for name, history in list(fold_all(events).items())[:5]:
        was = claim_json(history[-1].claim)
        desk = log.desk(name)
        try:
            desk.correct(name, changes, reason=None, now=NOW)
        except DecisionRefused:
            continue
        log.keep(desk, at=NOW, by="person:5")
        back: dict[str, Any] = {field: was.get(field, []) for field in changes}
        if "details" in changes:
            back["details"] = dict.fromkeys(changes["details"]) | was["details"]
        desk = log.desk(name)
        desk.correct(name, back, reason="it was right before", now=NOW)
        log.keep(desk, at=NOW, by="person:5")
    assert believed_now(log.events) == before


@EXAMPLES
@given(events=histories())
def test_the_desk_and_the_views_know_the_same_of_a_claim(events: list[Recorded]) -> None:
    """What the desk decides upon is what the views show, for every claim of any history."""
    log = Log()
    log.events = list(events)
    for name, history in fold_all(events).items():
        known, version = log.desk(name).known[name], history[-1]
        assert (known.claim, known.status) == (version.claim, version.status)
        assert known.withdrawn == version.withdrawn
        assert known.contested_by == set(version.contested_by)
        assert known.same == set(version.same)


def test_one_of_93_signatories_withdraws_and_92_speak() -> None:
    """The number of voices, the weight in the pressure, and what the claim says are those of 92;
    the version before still says 93."""
    log = Desk()
    log.record(**JOINT)

    def voiced() -> tuple[int, float]:
        facts = kept(log).facts
        counted = msgspec.structs.replace(facts, status="accepted")
        (term,) = pressure([counted], "FIN", NOW.date(), WEIGHTS).terms
        assert term.n == facts.voices
        return term.n, term.c

    count, weight = voiced()
    assert count == 93
    desk = log.desk("nor-regret")
    desk.withdraw_signatory("nor-regret", MALTA, reason="not authorised")
    log.keep(desk, "person:2")
    count, less = voiced()
    assert count == 92
    assert less / weight == pytest.approx((1 + log2(92)) / (1 + log2(93)), abs=1e-12)
    before, after = fold_all(log.events)["nor-regret"]
    assert (before.claim.details.signatories, after.claim.details.signatories) == (93, 92)
    assert after.withdrawn == (MALTA,)
    page = claim_page([before, after], [], HEAD)
    assert page is not None
    step = page.decisions[-1]
    assert (step.event, step.signatory, step.changed) == (
        "signatory_withdrawn",
        MALTA,
        ("details",),
    )


def test_a_listed_signatory_who_withdraws_is_no_actor_any_more() -> None:
    """Where the signatories are listed, they are counted without the one who withdrew."""
    log = Desk()
    log.record(actors=[{"kind": "state", "code": c} for c in ("NOR", "MLT", "CHE")])
    desk = log.desk("nor-regret")
    desk.withdraw_signatory("nor-regret", MALTA, reason=None)
    log.keep(desk)
    facts = kept(log).facts
    assert (facts.states, facts.voices) == (("NOR", "CHE"), 2)


def test_a_signatory_signs_again_by_a_correction() -> None:
    """Listed once more, it is no longer among those who withdrew."""
    log = Desk()
    actors = [{"kind": "state", "code": c} for c in ("NOR", "MLT")]
    log.record(actors=actors)
    desk = log.desk("nor-regret")
    desk.withdraw_signatory("nor-regret", MALTA, reason=None)
    log.keep(desk)
    desk = log.desk("nor-regret")
    desk.correct("nor-regret", {"actors": actors}, reason=None, now=NOW)
    log.keep(desk)
    assert kept(log).withdrawn == ()
    assert kept(log).facts.voices == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "neither lists state:MLT nor states how many signed"),
        ({"details": {"signatories": 1}}, "nobody would be left"),
        ({"actors": [{"kind": "state", "code": "MLT"}]}, "nobody would be left"),
    ],
)
def test_who_cannot_have_signed_cannot_withdraw(fields: dict[str, Any], said: str) -> None:
    """A withdrawal names somebody who signed, and leaves somebody."""
    log = Desk()
    log.record(**fields)
    with pytest.raises(DecisionRefused, match=said):
        log.desk("nor-regret").withdraw_signatory("nor-regret", MALTA, reason=None)


def test_nobody_withdraws_twice() -> None:
    """The second withdrawal says that there was a first."""
    log = Desk()
    log.record(**JOINT)
    desk = log.desk("nor-regret")
    desk.withdraw_signatory("nor-regret", MALTA, reason=None)
    log.keep(desk)
    with pytest.raises(DecisionRefused, match="has withdrawn from it already"):
        log.desk("nor-regret").withdraw_signatory("nor-regret", MALTA, reason=None)


def test_a_statement_that_one_state_signs_twice_is_not_left_without_a_signatory() -> None:
    """Its president and its minister are one signatory, and count as one voice: it cannot withdraw
    from what nobody would stand by any more."""
    log = Desk()
    offices = [{"kind": "state", "code": "MLT", "role": role} for role in ("president", "minister")]
    log.record(actors=offices)
    assert kept(log).facts.voices == 1
    with pytest.raises(DecisionRefused, match="nobody would be left"):
        log.desk("nor-regret").withdraw_signatory("nor-regret", MALTA, reason=None)


@EXAMPLES
@given(events=histories())
def test_what_amends_a_claim_changes_nothing_when_it_is_told_again(events: list[Recorded]) -> None:
    """A correction, a source, a visibility or a withdrawal of a signatory, at any time of any
    history, is the same told once or twice; a verdict amends nothing."""
    for history in fold_all(events).values():
        for version in history:
            claim, withdrawn = version.claim, version.withdrawn
            for recorded in events:
                event = recorded.event
                if not isinstance(event, ClaimDecided) or event.claim != claim.id:
                    continue
                once = amended(claim, withdrawn, event)
                assert amended(*once, event) == once
                if type(event) in STATUS_AFTER:
                    assert once == (claim, withdrawn)


def test_a_source_added_later_raises_the_grade_from_then_on() -> None:
    """The version before has the sources it had; sources it has already are no news."""
    log = Desk()
    log.record(sources=[{"publisher": "Blog", "reliability": "E"}])
    good = Source(publisher="Reuters", reliability="A")
    desk = log.desk("nor-regret")
    desk.add_sources("nor-regret", [good, good], reason=None)
    log.keep(desk)
    before, after = fold_all(log.events)["nor-regret"]
    assert (before.facts.reliabilities, after.facts.reliabilities) == (("E",), ("E", "A"))
    page = claim_page([before, after], [], HEAD)
    assert page is not None
    assert page.decisions[-1].sources == (good,)
    with pytest.raises(DecisionRefused, match="all of them already"):
        log.desk("nor-regret").add_sources("nor-regret", [good], reason=None)
    many = [Source(publisher=f"Paper {n}") for n in range(49)]
    with pytest.raises(DecisionRefused, match="at most 50"):
        log.desk("nor-regret").add_sources("nor-regret", many, reason=None)


def test_visibility_is_a_decision_of_its_own() -> None:
    """It changes to what it is not yet, and no correction changes it."""
    log = Desk()
    log.record()
    with pytest.raises(DecisionRefused, match="it is internal already"):
        log.desk("nor-regret").show("nor-regret", "internal", reason=None)
    shown: Visibility = "public"
    desk = log.desk("nor-regret")
    desk.show("nor-regret", shown, reason=None)
    log.keep(desk)
    assert kept(log).claim.visibility == shown
    with pytest.raises(InvalidClaim, match="/changes/visibility"):
        log.desk("nor-regret").correct(
            "nor-regret", {"visibility": "internal"}, reason=None, now=NOW
        )


@pytest.mark.parametrize("take", ["add_sources", "withdraw_signatory", "show"])
def test_what_is_retracted_is_not_amended(take: str) -> None:
    """A claim that was taken back stays as it was."""
    log = Desk()
    log.record(**JOINT)
    desk = log.desk("nor-regret")
    desk.decide("nor-regret", "retracted", by="person:1", reason=None)
    log.keep(desk)
    argument = {"add_sources": [Source(url="https://a.example/")], "show": "public"}.get(
        take, MALTA
    )
    with pytest.raises(DecisionRefused, match="it is retracted"):
        getattr(log.desk("nor-regret"), take)("nor-regret", argument, reason=None)


def test_further_disputants_join_those_who_contest() -> None:
    """A contested claim is contested by all who said so; a later verdict ends the dispute."""
    log = Desk()
    log.record()
    finland = Actor(kind="state", code="FIN")
    for who, source in ((finland, "A note."), (MALTA, "A letter.")):
        desk = log.desk("nor-regret")
        desk.decide(
            "nor-regret",
            "contested",
            by="person:2",
            reason="disputed",
            contested_by=[who],
            sources=[Source(title=source)],
        )
        log.keep(desk, "person:2")
    version = kept(log)
    assert version.contested_by == (finland, MALTA)
    assert [source.title for source in version.decision_sources] == ["A note.", "A letter."]
    with pytest.raises(DecisionRefused, match="by them already"):
        log.desk("nor-regret").decide(
            "nor-regret", "contested", by="person:2", reason=None, contested_by=[MALTA]
        )
    desk = log.desk("nor-regret")
    desk.decide("nor-regret", "accepted", by="person:2", reason=None)
    log.keep(desk)
    assert (kept(log).contested_by, kept(log).decision_sources) == ((), ())


def test_whoever_decides_upon_a_stale_page_hears_what_happened_meanwhile() -> None:
    """The refusal names each step since, its place and who took it; without one there is none."""
    log = Desk()
    log.record()
    log.desk("nor-regret").unchanged_since(1)
    desk = log.desk("nor-regret")
    desk.decide("nor-regret", "rejected", by="person:2", reason="out of scope")
    log.keep(desk, "person:2")
    desk = log.desk("nor-regret")
    desk.unchanged_since(2)
    desk.show("nor-regret", "public", reason=None)
    log.keep(desk, "person:3")
    with pytest.raises(DecidedMeanwhile) as refused:
        log.desk("nor-regret").unchanged_since(1)
    assert (
        "'nor-regret' was rejected by person:2 (position 2), "
        "'nor-regret' was visibility changed by person:3 (position 3)"
    ) in str(refused.value)
