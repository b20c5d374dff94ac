"""The events of a campaign, each a frozen struct of facts; nothing here decides anything.

A campaign is a workspace's own work, so its events count as known from the moment of recording and
are never back-filled. They lie in the same log as the claims, under the tags `campaign:<slug>` and
`campaigns`.
"""

from datetime import date, datetime
from typing import ClassVar, Final

from domain.dcb import Decision

CAMPAIGNS_TAG: Final = "campaigns"
"""The tag of every event of every campaign."""


class CampaignEvent(Decision, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened to one campaign, named by its slug."""

    known_since: ClassVar[datetime | None] = None

    campaign: str


class CampaignStarted(CampaignEvent, frozen=True, kw_only=True):
    """A campaign began: its treaty, the governments it is about, and the day it counts from."""

    title: str
    treaty: str
    targets: tuple[str, ...]
    started_on: date


class CampaignChanged(CampaignEvent, frozen=True, kw_only=True):
    """Title, targets or start of a campaign are others from now on; what is not named stays."""

    title: str | None = None
    targets: tuple[str, ...] | None = None
    started_on: date | None = None
    reason: str | None = None


class CampaignEnded(CampaignEvent, frozen=True, kw_only=True):
    """A campaign ended on a day; it stays readable."""

    ended_on: date
    reason: str


class CampaignResumed(CampaignEvent, frozen=True, kw_only=True):
    """A campaign that had ended goes on."""

    reason: str


class CampaignAskAdded(CampaignEvent, frozen=True, kw_only=True):
    """A campaign asks something: of one of its `targets`, or of all where `government` is not
    named."""

    ask: str
    text: str
    government: str | None = None


class CampaignAskMet(CampaignEvent, frozen=True, kw_only=True):
    """What was asked was done, as `claim` shows."""

    ask: str
    claim: str


class CampaignAskAbandoned(CampaignEvent, frozen=True, kw_only=True):
    """A campaign asks this no longer."""

    ask: str
    reason: str


class CampaignAskReopened(CampaignEvent, frozen=True, kw_only=True):
    """An ask that was met or abandoned is open again."""

    ask: str
    reason: str


class CampaignDateSet(CampaignEvent, frozen=True, kw_only=True):
    """A day matters to a campaign: a vote, a meeting, a hand-over; set again, it moves."""

    key: str
    day: date
    text: str


class CampaignDateDropped(CampaignEvent, frozen=True, kw_only=True):
    """A day that mattered to a campaign does so no longer."""

    key: str
    reason: str | None = None


class CampaignActionAdded(CampaignEvent, frozen=True, kw_only=True):
    """A claim tells of the campaign's own doing: a letter, a meeting, a petition."""

    claim: str


class CampaignActionRemoved(CampaignEvent, frozen=True, kw_only=True):
    """A claim that was taken for the campaign's own doing is not."""

    claim: str
    reason: str | None = None


class CampaignNoted(CampaignEvent, frozen=True, kw_only=True):
    """A note for those who work on the campaign, not for those who only read."""

    text: str


CAMPAIGN_EVENTS: Final[dict[str, type[CampaignEvent]]] = {
    "campaign_started.v1": CampaignStarted,
    "campaign_changed.v1": CampaignChanged,
    "campaign_ended.v1": CampaignEnded,
    "campaign_resumed.v1": CampaignResumed,
    "campaign_ask_added.v1": CampaignAskAdded,
    "campaign_ask_met.v1": CampaignAskMet,
    "campaign_ask_abandoned.v1": CampaignAskAbandoned,
    "campaign_ask_reopened.v1": CampaignAskReopened,
    "campaign_date_set.v1": CampaignDateSet,
    "campaign_date_dropped.v1": CampaignDateDropped,
    "campaign_action_added.v1": CampaignActionAdded,
    "campaign_action_removed.v1": CampaignActionRemoved,
    "campaign_noted.v1": CampaignNoted,
}
"""The name of each event in the log -> the struct it decodes to."""
INTERNAL: Final = frozenset({"campaign_noted.v1"})
"""Events whose contents are only for those who work on a campaign."""
