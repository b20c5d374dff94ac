"""What the desk may decide: who, after what, and what its boundary protects."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.claims import Submission, read_submission
from domain.clocks import HEAD
from domain.desk import ClaimDesk, OnFile
from domain.errors import (
    ClaimExists,
    ClaimNotFound,
    DecisionRefused,
    InvalidClaim,
    NotDeclaredSame,
)
from domain.events import Recorded, decode, encode
from domain.kinds import DETAILS_OF
from projections.histories import believed, fold_all

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)


def submission(claim: str = "nor-regret", **fields: Any) -> Submission:
    """A valid submission; `fields` replace its own."""
    plain: dict[str, Any] = {
        "id": claim,
        "kind": "statement_of_criticism",
        "treaty": "APMBC",
        "occurred_on": "2025-04-02",
        "actors": [{"kind": "state", "code": "NOR"}],
        "targets": ["FIN"],
        "summary": "Norway regretted Finland's move.",
        "details": {"strength": "regret"},
        "sources": [{"publisher": "Reuters", "published_on": "2025-04-03", "reliability": "A"}],
    }
    return read_submission(
        plain | fields, details_of=DETAILS_OF, now=NOW, new_id="made", backfill=True, restate=True
    )


class Log:
    """A log in memory that keeps what desks decide, through the stored form."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []

    def desk(self, *claims: str) -> ClaimDesk:
        """A desk that has read what the log says of `claims`."""
        desk = ClaimDesk(*claims)
        named = {f"claim:{claim}" for claim in claims}
        desk.read((e for e in self.events if named & set(encode(e.event).tags)), len(self.events))
        return desk

    def keep(self, desk: ClaimDesk, by: str = "person:1") -> None:
        """Append what the desk decided, encoded and decoded as in the store."""
        for tagged in desk.collect_events():
            stored = encode(tagged.decision)
            self.events.append(
                decode(
                    stored.type,
                    stored.data,
                    position=len(self.events) + 1,
                    recorded_at=NOW,
                    recorded_by=by,
                )
            )

    def record(self, claim: str = "nor-regret", by: str = "person:1", **fields: Any) -> None:
        """Record a pending claim."""
        desk = self.desk(claim)
        assert desk.record(submission(claim, **fields), accepted=False, now=NOW) is None
        self.keep(desk, by)


@pytest.fixture
def log() -> Log:
    """A log with one pending claim, recorded by person:1."""
    log = Log()
    log.record()
    return log


def test_the_boundary_of_a_desk_is_every_event_of_the_claims_it_looked_at(log: Log) -> None:
    """The condition of the append names the claims by tag and begins after what was read."""
    condition = log.desk("nor-regret").condition()
    assert [item.tags for item in condition.fail_if_events_match.items] == [["claim:nor-regret"]]
    assert condition.after == 1


def test_nobody_accepts_their_own_claim(log: Log) -> None:
    """Whoever recorded a claim is refused, a second person is not."""
    with pytest.raises(DecisionRefused, match="second person"):
        log.desk("nor-regret").decide("nor-regret", "accepted", by="person:1", reason=None)
    desk = log.desk("nor-regret")
    desk.decide("nor-regret", "accepted", by="person:2", reason="two outlets")
    assert len(desk.collect_events()) == 1


def test_a_workspace_may_let_people_accept_their_own_claims(log: Log) -> None:
    """The rule of the second person yields where the workspace says so."""
    desk = log.desk("nor-regret")
    desk.decide("nor-regret", "accepted", by="person:1", reason=None, may_review_own=True)
    assert len(desk.collect_events()) == 1


def test_a_claim_must_exist_before_it_is_reviewed() -> None:
    """A verdict on an unknown claim names it."""
    with pytest.raises(ClaimNotFound, match="'none'"):
        Log().desk("none").decide("none", "accepted", by="person:2", reason=None)


def test_nothing_is_retracted_twice(log: Log) -> None:
    """The second retraction says that the claim is retracted already."""
    desk = log.desk("nor-regret")
    desk.decide("nor-regret", "retracted", by="person:1", reason="mistaken identity")
    log.keep(desk)
    with pytest.raises(DecisionRefused, match="it is retracted"):
        log.desk("nor-regret").decide("nor-regret", "retracted", by="person:1", reason=None)


def test_the_same_content_under_the_same_id_is_the_same_claim(log: Log) -> None:
    """Recording it again appends nothing and says where it stands."""
    desk = log.desk("nor-regret")
    assert desk.record(submission(), accepted=True, now=NOW) == OnFile(1, "pending")
    assert not desk.collect_events()


def test_other_content_under_a_used_id_is_refused(log: Log) -> None:
    """The refusal names the claim and where it stands."""
    with pytest.raises(ClaimExists, match=r"'nor-regret'.*position 1"):
        log.desk("nor-regret").record(submission(summary="Other."), accepted=True, now=NOW)


def test_a_correction_changes_the_named_fields_and_keeps_the_first_version(log: Log) -> None:
    """Details merge field by field, null removes one, and both contents count as the same claim."""
    desk = log.desk("nor-regret")
    changes = {"occurred_on": "2025-04-03", "details": {"forum": "media", "strength": None}}
    desk.correct("nor-regret", changes, reason="day was wrong", now=NOW)
    log.keep(desk, "person:2")
    first, second = fold_all(log.events)["nor-regret"]
    assert first.claim.occurred_on == "2025-04-02"
    assert second.claim.occurred_on == "2025-04-03"
    assert (second.claim.details.forum, second.claim.details.strength) == ("media", None)
    again = log.desk("nor-regret").record(submission(), accepted=False, now=NOW)
    assert again == OnFile(1, "pending")


def test_a_correction_keeps_the_details_that_it_does_not_name(log: Log) -> None:
    """Whoever adds where something was said takes nothing away from how strongly it was."""
    desk = log.desk("nor-regret")
    desk.correct("nor-regret", {"details": {"forum": "media"}}, reason=None, now=NOW)
    log.keep(desk, "person:2")
    details = fold_all(log.events)["nor-regret"][-1].claim.details
    assert (details.forum, details.strength) == ("media", "regret")


def test_a_correction_that_changes_nothing_is_refused(log: Log) -> None:
    """Correcting a field to its own value is no correction."""
    with pytest.raises(DecisionRefused, match="nothing would change"):
        log.desk("nor-regret").correct("nor-regret", {"treaty": "APMBC"}, reason=None, now=NOW)


def test_a_correction_to_nonsense_names_the_field(log: Log) -> None:
    """The claim as it would read afterwards is validated as a whole, and a fault points into what
    was sent."""
    with pytest.raises(InvalidClaim) as refused:
        log.desk("nor-regret").correct(
            "nor-regret", {"occurred_on": "2025-13"}, reason=None, now=NOW
        )
    assert [fault.pointer for fault in refused.value.errors] == ["/changes/occurred_on"]


def test_declaring_the_same_twice_is_refused_in_either_order(log: Log) -> None:
    """Sameness has no direction."""
    log.record("nor-regret-2")
    desk = log.desk("nor-regret", "nor-regret-2")
    desk.declare_same("nor-regret", "nor-regret-2", reason=None)
    log.keep(desk)
    with pytest.raises(DecisionRefused, match="already"):
        log.desk("nor-regret", "nor-regret-2").declare_same(
            "nor-regret-2", "nor-regret", reason=None
        )


def test_separating_gives_back_what_was_before_declaring_the_same(log: Log) -> None:
    """Merge, then unmerge: links and groups are as they were."""
    log.record("nor-regret-2")
    before = [(v.claim.id, v.same, v.happening) for v in believed(fold_all(log.events), HEAD)]
    for take in ("declare_same", "separate"):
        desk = log.desk("nor-regret", "nor-regret-2")
        getattr(desk, take)("nor-regret", "nor-regret-2", reason=None)
        log.keep(desk)
    after = [(v.claim.id, v.same, v.happening) for v in believed(fold_all(log.events), HEAD)]
    assert after == before


def test_what_is_not_declared_the_same_is_not_separated(log: Log) -> None:
    """Neither what never was nor what was taken back; nothing is appended."""
    log.record("nor-regret-2")
    desk = log.desk("nor-regret", "nor-regret-2")
    with pytest.raises(NotDeclaredSame, match="not declared the same as 'nor-regret-2'"):
        desk.separate("nor-regret", "nor-regret-2", reason=None)
    assert not desk.collect_events()


def test_what_supersedes_a_claim_is_kept(log: Log) -> None:
    """The claim that tells the same with more precision, named by who decides."""
    desk = log.desk("nor-regret")
    desk.decide("nor-regret", "accepted", by="person:2", reason=None)
    desk.decide("nor-regret", "superseded", by="person:2", reason=None, superseded_by="nor-2")
    log.keep(desk, "person:2")
    found = fold_all(log.events)["nor-regret"][-1]
    assert (found.status, found.superseded_by) == ("superseded", "nor-2")


def test_what_comes_as_it_happens_is_known_since_it_was_recorded(log: Log) -> None:
    """However early its sources were published: nobody here knew of it before."""
    assert log.events[-1].known_since == log.events[-1].recorded_at == NOW


def test_history_brought_in_afterwards_is_known_since_its_earliest_source(log: Log) -> None:
    """An import without `known_since` takes the earliest day a source was published."""
    desk = log.desk("old")
    desk.record(submission("old"), accepted=True, now=NOW, backfilled=True)
    log.keep(desk)
    assert log.events[-1].known_since == datetime(2025, 4, 3, tzinfo=UTC)


def test_how_a_claim_reads_is_known_no_sooner_than_what_was_decided_last(log: Log) -> None:
    """History known for long that is contested today is contested since today; a decision known
    earlier than its claim moves nothing back."""
    desk = log.desk("old")
    desk.record(submission("old"), accepted=True, now=NOW, backfilled=True)
    log.keep(desk)
    desk = log.desk("old")
    desk.decide("old", "contested", by="person:2", reason=None)
    log.keep(desk)
    assert log.desk("old").known["old"].known_since == NOW


def test_history_without_dated_sources_is_known_since_the_last_day_it_may_have_happened(
    log: Log,
) -> None:
    """Where no source is dated, the last day of `occurred_on` stands in."""
    desk = log.desk("old")
    old = submission("old", sources=[{"title": "A page"}], occurred_on="2025-03")
    desk.record(old, accepted=True, now=NOW, backfilled=True)
    log.keep(desk)
    assert log.events[-1].known_since == datetime(2025, 3, 31, tzinfo=UTC)


def test_a_restated_verdict_follows_the_recording(log: Log) -> None:
    """An import of a refuted claim records it and its refutation, known since the same moment."""
    desk = log.desk("old")
    old = submission("old", status="refuted", status_reason="A mistranslation.")
    desk.record(old, accepted=True, now=NOW, backfilled=True)
    log.keep(desk)
    version = fold_all(log.events)["old"][-1]
    assert (version.status, version.reason) == ("refuted", "A mistranslation.")
    assert version.known_from == datetime(2025, 4, 3, tzinfo=UTC)
