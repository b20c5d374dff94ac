"""The screens of campaigns in each of their states; no store is asked."""

from datetime import date

import msgspec

from domain.campaigns import Ask, Campaign, KeyDate, Note
from projections.campaigns import all_happened, campaign_list, campaign_notes, campaign_page
from services.dashboard.models.campaigns import (
    CampaignAsk,
    CampaignsPage,
    CampaignView,
    Filled,
    campaign_view,
    campaigns_page,
)
from tests import chronology
from tests.services.dashboard.samples import EVE, NOW, PAST, frame

MISREPORT = "ltu-2025-exit-date-misreport"
DEPOSIT = "pol-2025-withdrawal-deposited"
BALTIC = Campaign(
    slug="keep-the-baltics-in",
    title="Keep the Baltics and Poland in",
    treaty="APMBC",
    targets=("EST", "LTU", "POL"),
    started_on=date(2025, 3, 18),
    asks={
        "vote": Ask(ask="vote", text="Let parliament debate Article 20 in public", state="open"),
        "shown": Ask(
            ask="shown", text="Answer our letter", government="POL", state="met", claim=DEPOSIT
        ),
        "false": Ask(
            ask="false", text="Say the date of the exit", government="LTU", state="met",
            claim=MISREPORT,
        ),
        "gone": Ask(
            ask="gone", text="Keep no mines", state="abandoned", reason="It was asked too late."
        ),
    },
    dates={
        "msp": KeyDate(key="msp", day=date(2026, 11, 30), text="Meeting of the parties, Geneva"),
        "then": KeyDate(key="then", day=date(2025, 6, 26), text="The day before the deposits"),
    },
    actions=(DEPOSIT,),
    notes=(Note(text="Call the ministry again on Monday.", position=410, by="person:mira"),),
)  # fmt: skip
BARE = Campaign(
    slug="new", title="A new one", treaty="CCM", targets=("TON",), started_on=date(2026, 3, 1)
)


def campaign(
    given: Campaign = BALTIC,
    *,
    role: str = "reviewer",
    show: str = "",
    past: bool = False,
    filled: Filled | None = None,
    done: str = "",
) -> CampaignView:
    """One campaign for somebody of a role."""
    happened = all_happened(given, chronology.versions(), until=EVE)
    answer = campaign_page(
        given, happened, on=EVE, known_at="seq:412", weights=chronology.weights()
    )
    return campaign_view(
        frame(given.title, f"/campaigns/{given.slug}", reading=PAST if past else NOW),
        answer,
        None if role == "viewer" else campaign_notes(given, known_at="seq:412"),
        {"person:mira": "Mira Okafor"},
        show=show,
        may_work=role != "viewer" and not past,
        may_decide=role == "reviewer" and not past,
        once="once",
        filled=filled,
        done=done,
    )


def campaigns(
    ask: CampaignAsk | None = None, *, rows: bool = True, filled: Filled | None = None
) -> CampaignsPage:
    """The list of campaigns."""
    ended = msgspec.structs.replace(
        BARE,
        slug="old",
        title="An older one",
        started_on=date(2024, 1, 1),
        ended_on=date(2025, 1, 1),
    )
    given = {one.slug: one for one in (BALTIC, BARE, ended)} if rows else {}
    answer = campaign_list(given, chronology.versions(), on=EVE, known_at="seq:412")
    return campaigns_page(
        frame("Campaigns", "/campaigns"),
        answer,
        ask=ask or CampaignAsk(),
        may_start=filled is not None or rows,
        once="once",
        filled=filled,
    )


def pages() -> dict[str, msgspec.Struct]:
    """Name -> page model, every screen of campaigns in every state."""
    unknown = Filled(
        act="start",
        values={"title": "Keep it", "targets": "Finlnd"},
        refusal="“Finlnd” is no government we know. Did you mean FIN?",
        field="targets",
    )
    mute = Filled(act="abandon", key="vote", refusal="Say why, in one sentence.", field="reason")
    over = msgspec.structs.replace(BALTIC, ended_on=date(2026, 1, 1))
    return {
        "campaigns": campaigns(),
        "campaigns-refused": campaigns(filled=unknown),
        "campaigns-filtered": campaigns(CampaignAsk(state="running", treaty="CCM")),
        "campaigns-empty": campaigns(rows=False),
        "campaign": campaign(done="note"),
        "campaign-viewer": campaign(role="viewer"),
        "campaign-refused": campaign(filled=mute),
        "campaign-own": campaign(show="own"),
        "campaign-bare": campaign(BARE, role="contributor", show="own"),
        "campaign-ended": campaign(over),
        "campaign-past": campaign(past=True),
    }
