"""What may be decided about a campaign, and what its events leave it as."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.campaigns import Campaign, CampaignDesk, CampaignNotFound, CampaignRefused
from domain.campaigns import InvalidCampaign as Invalid
from domain.errors import ClaimNotFound
from domain.events import Recorded, decode, encode, tags_of
from tests.infra.postgres.filling import claim

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
START = date(2025, 3, 18)
SLUG = "keep-the-ban"


class Log:
    """A log in memory with one recorded claim, `hearing`."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.add(claim("hearing"))

    def add(self, event: Any) -> None:
        """Append an event, through its stored form."""
        stored, position = encode(event), len(self.events) + 1
        self.events.append(
            decode(stored.type, stored.data, position=position, recorded_at=NOW, recorded_by="p:1")
        )

    def desk(self, slug: str = SLUG) -> CampaignDesk:
        """A desk that has read what the log says of a campaign and of the claim."""
        desk = CampaignDesk(slug, "hearing", "unheard")
        named = {f"campaign:{slug}", "claim:hearing", "claim:unheard"}
        desk.read((e for e in self.events if named & set(tags_of(e.event))), len(self.events))
        return desk

    def decide(self, decision: Callable[[CampaignDesk], None]) -> Campaign:
        """Take a decision, keep it, and return the campaign as it is then."""
        desk = self.desk()
        decision(desk)
        for tagged in desk.collect_events():
            self.add(tagged.decision)
        campaign = self.desk().campaign
        assert campaign is not None
        return campaign


@pytest.fixture
def log() -> Log:
    """A log with a campaign that asks two things."""
    log = Log()
    log.decide(lambda d: d.start(title="Keep it", treaty="APMBC", targets=("POL",), on=START))
    log.decide(lambda d: d.ask("hearing", text="Hold a hearing.", government="POL"))
    log.decide(lambda d: d.ask("vote", text="Vote it down."))
    return log


def test_an_ask_is_open_then_met_or_abandoned_and_may_be_open_again(log: Log) -> None:
    """Each step is an event; met names the claim that shows it, abandoned the reason."""
    met = log.decide(lambda d: d.meet("hearing", claim="hearing"))
    assert (met.asks["hearing"].state, met.asks["hearing"].claim) == ("met", "hearing")
    left = log.decide(lambda d: d.abandon("vote", reason="The vote was lost."))
    assert (left.asks["vote"].state, left.asks["vote"].reason) == (
        "abandoned",
        "The vote was lost.",
    )
    again = log.decide(lambda d: d.reopen("hearing", reason="It was another hearing."))
    assert (again.asks["hearing"].state, again.asks["hearing"].claim) == ("open", None)
    assert list(again.asks) == ["hearing", "vote"]


def test_dates_move_actions_and_notes_are_kept(log: Log) -> None:
    """A key date set again moves; actions name claims; notes say who wrote them."""
    log.decide(lambda d: d.set_date("vote", day=date(2025, 6, 25), text="Vote"))
    log.decide(lambda d: d.set_date("vote", day=date(2025, 6, 26), text="Vote"))
    log.decide(lambda d: d.add_action("hearing"))
    held = log.decide(lambda d: d.note("A quiet word."))
    assert [d.day for d in held.dates.values()] == [date(2025, 6, 26)]
    assert held.actions == held.claims == ("hearing",)
    assert [(n.text, n.by) for n in held.notes] == [("A quiet word.", "p:1")]
    held = log.decide(lambda d: d.drop_date("vote"))
    assert held.dates == {}
    assert log.decide(lambda d: d.remove_action("hearing")).actions == ()


def test_a_campaign_changes_ends_and_goes_on(log: Log) -> None:
    """What is not named stays; an ended campaign is only noted upon until it is resumed."""
    held = log.decide(lambda d: d.change(targets=("POL", "LTU"), reason="A second vote."))
    assert (held.targets, held.title) == (("POL", "LTU"), "Keep it")
    held = log.decide(lambda d: d.end(on=date(2026, 2, 20), reason="In effect."))
    assert held.ended_on == date(2026, 2, 20)
    with pytest.raises(CampaignRefused, match="it ended on 2026-02-20; resume it"):
        log.desk().ask("rejoin", text="Join again.")
    log.decide(lambda d: d.note("For the archive."))
    assert log.decide(lambda d: d.resume(reason="A bill to rejoin.")).ended_on is None


def test_who_settles_an_ask_that_is_met_learns_by_which_claim_and_what_to_do(log: Log) -> None:
    """Its claim may have fallen since, and the ask reads as open: what is in the way is named."""
    log.decide(lambda d: d.meet("vote", claim="hearing"))
    said = "'vote' is met by 'hearing'; reopen it"
    with pytest.raises(CampaignRefused, match=said):
        log.desk().meet("vote", claim="hearing")
    with pytest.raises(CampaignRefused, match=said):
        log.desk().abandon("vote", reason="x")


REFUSED: list[tuple[Callable[[CampaignDesk], None], type[Exception], str]] = [
    (
        lambda d: d.start(title="x", treaty="APMBC", targets=("POL",), on=START),
        CampaignRefused,
        "is there already",
    ),
    (lambda d: d.ask("vote", text="Again."), CampaignRefused, "'vote' is there already"),
    (lambda d: d.ask("x", text="x", government="FIN"), Invalid, "/government: 'FIN'"),
    (lambda d: d.meet("nothing", claim="hearing"), CampaignRefused, "no ask 'nothing'"),
    (lambda d: d.meet("vote", claim="unheard"), ClaimNotFound, "'unheard'"),
    (lambda d: d.reopen("vote", reason="x"), CampaignRefused, "'vote' is open"),
    (lambda d: d.add_action("unheard"), ClaimNotFound, "'unheard'"),
    (lambda d: d.remove_action("hearing"), CampaignRefused, "none of its actions"),
    (lambda d: d.drop_date("x"), CampaignRefused, "no date 'x'"),
    (lambda d: d.change(title="Keep it"), CampaignRefused, "nothing would be other"),
    (lambda d: d.change(targets=("LTU",)), CampaignRefused, "something is asked of POL"),
    (lambda d: d.change(targets=("ZZZ",)), Invalid, "/targets/0"),
    (lambda d: d.end(on=date(2025, 1, 1), reason="x"), CampaignRefused, "it started on 2025-03-18"),
    (lambda d: d.resume(reason="x"), CampaignRefused, "has not ended"),
]


@pytest.mark.parametrize(("decision", "error", "said"), REFUSED)
def test_what_cannot_be_decided_says_why(
    log: Log, decision: Callable[[CampaignDesk], None], error: type[Exception], said: str
) -> None:
    """Each refusal names what stands in the way."""
    with pytest.raises(error, match=said):
        decision(log.desk())


@pytest.mark.parametrize(
    ("slug", "changes", "pointer"),
    [
        ("Not a slug", {}, "/slug"),
        ("new", {"treaty": "NPT"}, "/treaty"),
        ("new", {"targets": ()}, "/targets"),
        ("new", {"targets": ("POL", "POL")}, "/targets/1"),
    ],
)
def test_a_campaign_that_is_not_valid_is_not_started(
    slug: str, changes: dict[str, Any], pointer: str
) -> None:
    """The fault is named by its pointer."""
    fields: dict[str, Any] = {"title": "x", "treaty": "APMBC", "targets": ("POL",), "on": START}
    with pytest.raises(Invalid) as refused:
        Log().desk(slug).start(**(fields | changes))
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_nothing_is_decided_about_a_campaign_that_is_not_there() -> None:
    """The refusal names the slug."""
    with pytest.raises(CampaignNotFound, match="'keep-the-ban'"):
        Log().desk().note("To whom?")


def test_the_boundary_of_a_decision_is_the_campaign_alone(log: Log) -> None:
    """Claims that it names are read, but an event about one makes no decision stale."""
    desk = log.desk()
    assert [i.tags for i in desk.condition().fail_if_events_match.items] == [[f"campaign:{SLUG}"]]
    assert ["claim:hearing"] in [item.tags for item in desk.query().items]
