"""Campaigns: reads what a decision needs, lets the campaign's desk take it, appends; and the
questions about them, answered from the log and the views; no rules here."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Final

import msgspec

from domain.campaign_events import CAMPAIGNS_TAG
from domain.campaigns import Campaign, CampaignDesk, CampaignNotFound
from domain.clocks import HEAD, KnownAt, known_text
from domain.dcb import DCBQuery, DCBQueryItem
from projections.campaigns import (
    CampaignList,
    CampaignNotes,
    CampaignPage,
    campaign_list,
    campaign_notes,
    campaign_page,
    campaigns_at,
)
from services.deciding import take
from services.house import House
from services.recording import Key
from services.weighing import weigh
from services.wiring import AuditLine, opened

RESTS_ON: Final = ("claims", "governments")
"""The views that an answer is drawn from, beside the log."""


class CampaignOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a decision about a campaign; `replayed`: an earlier call with the same key
    took it."""

    campaign: str
    position: int
    replayed: bool = False


async def decide_campaign(
    house: House,
    workspace: str,
    desk: CampaignDesk,
    decision: Callable[[CampaignDesk], None],
    *,
    by: str,
    key: Key,
) -> CampaignOutcome:
    """Let a campaign's desk take a `decision` and append it, once for each idempotency `key`.

    `desk` names the campaign and the claims the decision names; it is read afresh each time. When
    someone else decided meanwhile, the decision is taken anew upon what the campaign has become.
    KeyReused when the key was used for another body.
    """
    fresh = partial(CampaignDesk, desk.slug, *desk.claims)
    taken = await take(house, workspace, fresh, decision, by=by, key=key)
    if not taken.replayed:
        detail = f"{', '.join(taken.types)} at position {taken.position}"
        subject = f"campaign:{desk.slug}"
        line = AuditLine(action="campaign_decided", by=by, subject=subject, detail=detail)
        house.audit.note(workspace, line)
    return CampaignOutcome(campaign=desk.slug, position=taken.position, replayed=taken.replayed)


class CampaignQuestions:
    """The questions about campaigns; each answer stands for one position."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def campaigns(
        self, workspace: str, on: date, known_at: KnownAt
    ) -> tuple[int, CampaignList]:
        """Every campaign on the day `on`."""
        known_at, known, campaigns = await self._known(workspace, known_at)
        named = sorted({claim for one in campaigns.values() for claim in one.claims})
        position, versions = await self.house.views.versions_of_claims(workspace, known_at, named)
        return position, campaign_list(campaigns, versions, on=on, known_at=known)

    async def campaign(
        self, workspace: str, slug: str, on: date, known_at: KnownAt, method: str | None = None
    ) -> tuple[int, CampaignPage]:
        """One campaign on the day `on`, its targets' numbers by the set of weights `method`;
        CampaignNotFound when it was not known by then."""
        known_at, known, campaigns = await self._known(workspace, known_at)
        weights, _at = await weigh(self.house, workspace, method, known_at)
        campaign = one_campaign(campaigns, slug)
        position, happened = await self.house.views.happened(
            workspace,
            known_at,
            targets=campaign.targets,
            since=campaign.started_on,
            until=on,
            claims=campaign.claims,
        )
        answer = campaign_page(campaign, happened, on=on, known_at=known, weights=weights)
        return position, answer

    async def notes(
        self, workspace: str, slug: str, known_at: KnownAt
    ) -> tuple[int, CampaignNotes]:
        """The notes of one campaign, for those who work on it."""
        known_at, known, campaigns = await self._known(workspace, known_at)
        position = (await self.house.views.watermark(workspace)).position
        return position, campaign_notes(one_campaign(campaigns, slug), known_at=known)

    async def _known(
        self, workspace: str, known_at: KnownAt
    ) -> tuple[KnownAt, str, dict[str, Campaign]]:
        """The clock to ask the views by, as an answer states it, and the campaigns at it.

        The head is the position of the views, so that log and views tell of the same moment.
        """
        watermark = await self.house.views.watermark(workspace)
        stopped = [f.position - 1 for f in watermark.faults if f.view in RESTS_ON]
        until = position = min([watermark.position, *stopped])
        known = known_text(known_at, position)
        if known_at == HEAD:
            known_at = KnownAt(position=position)
        elif known_at.position is not None:
            until = min(known_at.position, position)
        return known_at, known, await campaigns_of(self.house, workspace, known_at, until)


async def campaigns_of(
    house: House, workspace: str, known_at: KnownAt, until: int
) -> dict[str, Campaign]:
    """The campaigns at `known_at` from the events up to the position `until`."""
    query = DCBQuery([DCBQueryItem(tags=[CAMPAIGNS_TAG])])
    events = []
    async for page in house.store.stream(workspace, query, until=until):
        events += [opened(stored) for stored in page]
    return campaigns_at(events, known_at)


def one_campaign(campaigns: dict[str, Campaign], slug: str) -> Campaign:
    """The campaign of that slug; CampaignNotFound otherwise."""
    if slug not in campaigns:
        raise CampaignNotFound(campaign=slug[:80])
    return campaigns[slug]
