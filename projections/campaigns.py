"""Campaigns as pages show them: asks and how they stand, the numbers of the targets since the
start, what happened meanwhile and what comes next; pure questions, without the internal notes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from domain.campaign_events import CampaignEvent
from domain.campaigns import Ask, AskState, Campaign, KeyDate, Note, after
from domain.claims import Actor, Status
from domain.clocks import KnownAt
from domain.events import Recorded
from domain.facts import COUNTED, Facts
from domain.governments import GOVERNMENTS
from domain.numbers import Figure, backing, erosion, figure, pressure
from domain.standing import Standing, standing_on
from domain.treaties import treaty
from domain.weights import Weights
from projections.board import StandingRow, standing_row
from projections.deadlines import deadlines
from projections.dossier import when
from projections.histories import Version

TIMELINE_MAX: Final = 200
"""How many happenings a page tells of, the latest ones."""

CampaignState = Literal["planned", "running", "ended"]


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How many asks there are, and how many of them stand how."""

    asks: int
    open: int
    met: int
    abandoned: int


class AskRow(msgspec.Struct, frozen=True, kw_only=True):
    """One ask. It is met while a claim that counts shows it; `claim_status` and `met_on` are that
    claim's, also where it counts no longer and the ask is open again."""

    ask: str
    text: str
    government: str | None
    state: AskState
    claim: str | None
    claim_status: Status | None
    met_on: date | None
    reason: str | None


class NextDate(msgspec.Struct, frozen=True, kw_only=True):
    """A day to come: of the campaign (`key`), or of the law for one target (`article`)."""

    day: date
    text: str
    key: str | None = None
    government: str | None = None
    article: str | None = None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The three numbers on one day."""

    on: date
    erosion: Figure
    pressure: Figure
    backing: Figure


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One target: its standing on the day, and its numbers at the start of the campaign and now,
    both as known at the same point."""

    government: str
    name: str
    standing: StandingRow
    at_start: Figures
    now: Figures


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One claim on the timeline; `own`: it tells of the campaign's own doing."""

    claim: str
    kind: str
    occurred_on: str
    day: date
    status: Status
    summary: str
    actors: tuple[Actor, ...]
    targets: tuple[str, ...]
    own: bool


class CampaignRow(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign as lists show it; `next`: its next key date."""

    slug: str
    title: str
    treaty: str
    targets: tuple[str, ...]
    state: CampaignState
    started_on: date
    ended_on: date | None
    progress: Progress
    next: KeyDate | None


class CampaignList(msgspec.Struct, frozen=True, kw_only=True):
    """The campaigns of a workspace on the day `on`, as known at `known_at`, by slug."""

    on: date
    known_at: str
    campaigns: tuple[CampaignRow, ...]


class CampaignPage(CampaignRow, frozen=True, kw_only=True):
    """One campaign in full: `dates` its key dates in order, `upcoming` those to come with the
    running clocks of its targets, `timeline` what happened since its start, latest first."""

    on: date
    known_at: str
    methods: tuple[str, ...]
    asks: tuple[AskRow, ...]
    dates: tuple[KeyDate, ...]
    upcoming: tuple[NextDate, ...]
    governments: tuple[Target, ...]
    timeline: tuple[Happening, ...]


class CampaignNotes(msgspec.Struct, frozen=True, kw_only=True):
    """The notes of one campaign, for those who work on it, in the order of writing."""

    slug: str
    known_at: str
    notes: tuple[Note, ...]


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """The believed claims a page is drawn from.

    `facts`: of every target, all that concern it up to the day asked about. `around`: versions that
    concern any target from the start on, at least the latest `TIMELINE_MAX` that count. `named`:
    versions of the claims that the campaign names.
    """

    facts: Mapping[str, Sequence[Facts]]
    around: Sequence[Version]
    named: Sequence[Version]


def all_happened(campaign: Campaign, versions: Sequence[Version], *, until: date) -> Happened:
    """What a page of a campaign is drawn from, given every believed version."""
    facts: dict[str, list[Facts]] = {code: [] for code in campaign.targets}
    for version in versions:
        if version.claim.date.representative_day <= until:
            for code in version.claim.targets:
                if code in facts:
                    facts[code].append(version.facts)
    return Happened(facts=facts, around=versions, named=versions)


def campaigns_at(events: Iterable[Recorded], known_at: KnownAt) -> dict[str, Campaign]:
    """Every campaign by slug as its events up to `known_at` leave it; other events are passed
    over."""
    found: dict[str, Campaign] = {}
    for recorded in events:
        event = recorded.event
        if not isinstance(event, CampaignEvent) or not known_at.holds(
            recorded.position, recorded.known_since
        ):
            continue
        campaign = after(found.get(event.campaign), recorded)
        if campaign is not None:
            found[event.campaign] = campaign
    return found


def campaign_list(
    campaigns: Mapping[str, Campaign], named: Iterable[Version], *, on: date, known_at: str
) -> CampaignList:
    """The campaigns by slug; `named`: believed versions of the claims that they name."""
    shown = {version.claim.id: version for version in named}
    rows = (_row(campaigns[slug], shown, on) for slug in sorted(campaigns))
    return CampaignList(on=on, known_at=known_at, campaigns=tuple(rows))


def campaign_page(
    campaign: Campaign, happened: Happened, *, on: date, known_at: str, weights: Weights
) -> CampaignPage:
    """One campaign on the day `on`, over the claims believed at `known_at`."""
    law = treaty(campaign.treaty)
    facts = {code: happened.facts.get(code, ()) for code in campaign.targets}
    reached = Reached(
        standings={code: standing_on(law, code, some, on) for code, some in facts.items()},
        at_start={
            code: _figures(code, some, first_day(campaign, on), weights)
            for code, some in facts.items()
        },
        now={code: _figures(code, some, on, weights) for code, some in facts.items()},
        around=happened.around,
        named=happened.named,
    )
    return campaign_reached(campaign, reached, on=on, known_at=known_at, weights=weights)


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """What a page is drawn from, the standings under the campaign's treaty and the numbers of every
    target being known; `around` and `named` as in `Happened`."""

    standings: Mapping[str, Standing]
    at_start: Mapping[str, Figures]
    now: Mapping[str, Figures]
    around: Sequence[Version]
    named: Sequence[Version]


def first_day(campaign: Campaign, on: date) -> date:
    """The day from which a campaign's numbers are told: when it starts, or before that the day
    itself."""
    return min(campaign.started_on, on)


def campaign_reached(
    campaign: Campaign, reached: Reached, *, on: date, known_at: str, weights: Weights
) -> CampaignPage:
    """The same page, given the standings and numbers of its targets."""
    shown = {version.claim.id: version for version in reached.named}
    dates = tuple(sorted(campaign.dates.values(), key=lambda d: (d.day, d.key)))
    return CampaignPage(
        **msgspec.structs.asdict(_row(campaign, shown, on)),
        on=on,
        known_at=known_at,
        methods=weights.methods,
        asks=tuple(_ask(ask, shown, on) for ask in campaign.asks.values()),
        dates=dates,
        upcoming=_upcoming(campaign, dates, reached.standings, on),
        governments=tuple(
            Target(
                government=code,
                name=GOVERNMENTS[code],
                standing=standing_row(reached.standings[code]),
                at_start=reached.at_start[code],
                now=reached.now[code],
            )
            for code in campaign.targets
        ),
        timeline=_timeline(campaign, (*reached.around, *reached.named), on),
    )


def campaign_notes(campaign: Campaign, *, known_at: str) -> CampaignNotes:
    """The notes of a campaign."""
    return CampaignNotes(slug=campaign.slug, known_at=known_at, notes=campaign.notes)


def _row(campaign: Campaign, shown: Mapping[str, Version], on: date) -> CampaignRow:
    asks = [_ask(ask, shown, on).state for ask in campaign.asks.values()]
    state: CampaignState = "running"
    if on < campaign.started_on:
        state = "planned"
    elif campaign.ended_on is not None and campaign.ended_on <= on:
        state = "ended"
    to_come = [d for d in campaign.dates.values() if d.day >= on]
    return CampaignRow(
        slug=campaign.slug,
        title=campaign.title,
        treaty=campaign.treaty,
        targets=campaign.targets,
        state=state,
        started_on=campaign.started_on,
        ended_on=campaign.ended_on,
        progress=Progress(
            asks=len(asks),
            open=asks.count("open"),
            met=asks.count("met"),
            abandoned=asks.count("abandoned"),
        ),
        next=min(to_come, key=lambda d: (d.day, d.key), default=None),
    )


def _ask(ask: Ask, shown: Mapping[str, Version], on: date) -> AskRow:
    version = None if ask.claim is None else shown.get(ask.claim)
    day = None if version is None else version.claim.date.representative_day
    is_shown = version is not None and version.status in COUNTED and day is not None and day <= on
    return AskRow(
        ask=ask.ask,
        text=ask.text,
        government=ask.government,
        state="open" if ask.state == "met" and not is_shown else ask.state,
        claim=ask.claim,
        claim_status=None if version is None else version.status,
        met_on=day,
        reason=ask.reason,
    )


def _upcoming(
    campaign: Campaign,
    dates: Sequence[KeyDate],
    standings: Mapping[str, Standing],
    on: date,
) -> tuple[NextDate, ...]:
    found = [NextDate(day=d.day, text=d.text, key=d.key) for d in dates if d.day >= on]
    for clock in deadlines(treaty(campaign.treaty), standings, on):
        if clock.on is not None and clock.on >= on and clock.government is not None:
            found.append(
                NextDate(
                    day=clock.on,
                    text=clock.what,
                    government=clock.government,
                    article=clock.article,
                )
            )
    return tuple(sorted(found, key=lambda d: (d.day, d.government or "", d.text)))


def _figures(code: str, facts: Sequence[Facts], day: date, weights: Weights) -> Figures:
    return Figures(
        on=day,
        erosion=figure(erosion(facts, code, day, weights)),
        pressure=figure(pressure(facts, code, day, weights)),
        backing=figure(backing(facts, code, day, weights)),
    )


def is_happening(campaign: Campaign, version: Version, on: date) -> bool:
    """Whether a claim stands on the timeline: it counts, happened since the start, and concerns a
    target or tells of the campaign's own doing."""
    claim = version.claim
    is_meant = claim.id in campaign.actions or not set(campaign.targets).isdisjoint(claim.targets)
    day = claim.date.representative_day
    return is_meant and version.status in COUNTED and campaign.started_on <= day <= on


def _timeline(campaign: Campaign, happened: Iterable[Version], on: date) -> tuple[Happening, ...]:
    own = set(campaign.actions)
    versions = {v.claim.id: v for v in happened if is_happening(campaign, v, on)}
    latest = sorted(
        versions.values(),
        key=when,
        reverse=True,
    )
    return tuple(
        Happening(
            claim=v.claim.id,
            kind=v.claim.kind,
            occurred_on=v.claim.occurred_on,
            day=v.claim.date.representative_day,
            status=v.status,
            summary=v.claim.summary,
            actors=v.claim.actors,
            targets=v.claim.targets,
            own=v.claim.id in own,
        )
        for v in latest[:TIMELINE_MAX]
    )
