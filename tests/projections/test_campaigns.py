"""Campaigns as pages show them: progress, the numbers of the targets since the start, the timeline
with the campaign's own doing, and what comes next, at both clocks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from domain.campaign_events import CampaignEvent
from domain.campaigns import CampaignDesk
from domain.clocks import HEAD, KnownAt
from domain.events import ClaimRefuted, LogEvent, Recorded
from projections.campaigns import (
    CampaignPage,
    all_happened,
    campaign_list,
    campaign_notes,
    campaign_page,
    campaigns_at,
)
from projections.histories import believed, fold_all
from tests.domain.made import WEIGHTS
from tests.histories import histories
from tests.infra.postgres.filling import claim

SLUG = "keep-the-ban"
START = date(2025, 4, 1)
MORNING = datetime(2026, 1, 20, 9, tzinfo=UTC)


class Told:
    """A log of a campaign about Poland, an hour between events."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.add(
            claim("announced", kind="withdrawal_announced", occurred_on="2025-03-18", **POLAND),
            claim("letter", kind="open_letter", occurred_on="2025-04-10", **CRITICS),
            claim("early", occurred_on="2025-03-20", **CRITICS),
            claim("deposit", kind="withdrawal_instrument_deposited", **DEPOSIT),
            claim("hearing", kind="meeting_held", occurred_on="2025-05-05", **POLAND),
        )
        self.decide(
            lambda d: d.start(title="Keep it", treaty="APMBC", targets=("POL",), on=START),
            lambda d: d.ask("hearing", text="Hold a hearing.", government="POL"),
            lambda d: d.ask("vote", text="Vote it down."),
            lambda d: d.meet("hearing", claim="hearing"),
            lambda d: d.abandon("vote", reason="Lost."),
            lambda d: d.add_action("letter"),
            lambda d: d.set_date("review", day=date(2025, 11, 30), text="MSP"),
            lambda d: d.note("Do not publish."),
        )

    def add(self, *events: LogEvent) -> None:
        for event in events:
            at = MORNING + timedelta(hours=len(self.events))
            self.events.append(Recorded(len(self.events) + 1, at, "person:1", event))

    def decide(self, *decisions: Callable[[CampaignDesk], None]) -> None:
        for decision in decisions:
            desk = CampaignDesk(SLUG, "letter", "hearing")
            desk.read(self.events, len(self.events))
            decision(desk)
            self.add(*(tagged.decision for tagged in desk.collect_events()))

    def page(self, on: date, known_at: KnownAt = HEAD) -> CampaignPage:
        campaign = campaigns_at(self.events, known_at)[SLUG]
        held = believed(fold_all(self.events), known_at)
        happened = all_happened(campaign, held, until=on)
        return campaign_page(campaign, happened, on=on, known_at="x", weights=WEIGHTS)


POLAND: dict[str, Any] = {
    "actors": [{"kind": "state", "code": "POL"}], "targets": ["POL"], "details": {},
}  # fmt: skip
CRITICS: dict[str, Any] = {
    "targets": ["POL"],
    "details": {"stance": "critical"},
    "sources": [{"publisher": "Reuters", "reliability": "A"}],
}
DEPOSIT: dict[str, Any] = POLAND | {"occurred_on": "2025-08-20"}


@pytest.fixture
def told() -> Told:
    """The campaign as it stands at the end."""
    return Told()


def test_a_page_tells_of_progress_and_of_what_shows_it(told: Told) -> None:
    """An ask is met by a claim that counts; of two asks one is met and one abandoned."""
    page = told.page(date(2025, 9, 1))
    assert [(a.ask, a.state, a.claim, a.met_on) for a in page.asks] == [
        ("hearing", "met", "hearing", date(2025, 5, 5)),
        ("vote", "abandoned", None, None),
    ]
    assert msgspec.structs.astuple(page.progress) == (2, 0, 1, 1)


def test_an_ask_is_open_before_it_was_met_and_after_its_claim_is_refuted(told: Told) -> None:
    """On an earlier day it was not met yet; when the claim counts no longer it is open again."""
    assert told.page(date(2025, 5, 4)).asks[0].state == "open"
    told.add(ClaimRefuted(claim="hearing"))
    ask = told.page(date(2025, 9, 1)).asks[0]
    assert (ask.state, ask.claim, ask.claim_status) == ("open", "hearing", "refuted")
    before = KnownAt(position=len(told.events) - 1)
    assert told.page(date(2025, 9, 1), before).asks[0].state == "met"


def test_the_numbers_of_a_target_are_those_of_the_start_and_of_the_day(told: Told) -> None:
    """Both as known at the same point: erosion has grown by the deposit, pressure by the letter."""
    (target,) = told.page(date(2025, 9, 1)).governments
    assert (target.at_start.on, target.now.on) == (START, date(2025, 9, 1))
    assert target.now.erosion.score > target.at_start.erosion.score
    early = told.page(date(2025, 4, 10)).governments[0]
    assert early.now.pressure.score > early.at_start.pressure.score > 0
    assert target.standing.status == "leaving"


def test_the_timeline_begins_with_the_campaign_and_marks_its_own_doing(told: Told) -> None:
    """Latest first, what happened before the start left out."""
    timeline = told.page(date(2025, 9, 1)).timeline
    assert [(h.claim, h.own) for h in timeline] == [
        ("deposit", False), ("hearing", False), ("letter", True),
    ]  # fmt: skip


def test_what_comes_next_are_its_own_dates_and_the_clocks_of_its_targets(told: Told) -> None:
    """Soonest first; a key date that has passed is none to come."""
    page = told.page(date(2025, 9, 1))
    assert [(d.day, d.key, d.government) for d in page.upcoming] == [
        (date(2025, 11, 30), "review", None),
        (date(2026, 2, 20), None, "POL"),
    ]
    assert page.next is not None
    assert page.next.key == "review"
    later = told.page(date(2025, 12, 1))
    assert (later.next, [d.key for d in later.dates]) == (None, ["review"])


def test_a_campaign_is_planned_then_running_then_ended(told: Told) -> None:
    """By the day asked about; before its first event it is not known at all."""
    assert told.page(date(2025, 3, 1)).state == "planned"
    assert told.page(date(2025, 9, 1)).state == "running"
    told.decide(lambda d: d.end(on=date(2025, 10, 1), reason="Over."))
    assert told.page(date(2025, 9, 30)).state == "running"
    assert told.page(date(2025, 10, 1)).state == "ended"
    assert campaigns_at(told.events, KnownAt(position=5)) == {}
    assert campaigns_at(told.events, KnownAt(moment=MORNING)) == {}


def test_notes_are_on_no_page_but_their_own(told: Told) -> None:
    """Neither the list nor the page says what a note says."""
    campaigns = campaigns_at(told.events, HEAD)
    named = believed(fold_all(told.events), HEAD)
    listed = campaign_list(campaigns, named, on=START, known_at="x")
    for answer in (listed, told.page(date(2025, 9, 1))):
        assert b"Do not publish" not in msgspec.json.encode(answer)
    notes = campaign_notes(campaigns[SLUG], known_at="x")
    assert [note.text for note in notes.notes] == ["Do not publish."]


@settings(deadline=None, max_examples=30)
@given(events=histories())
def test_campaigns_change_no_claim(events: list[Recorded]) -> None:
    """Whatever campaigns do between them, claims are believed as without them."""
    without = [r for r in events if not isinstance(r.event, CampaignEvent)]
    assert fold_all(events) == fold_all(without)
