"""What a workspace may decide about its campaigns: pure decisions over what the log says of one; no
I/O, no clock.

The fold `after` is the same for the desk that decides and for the view that shows.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Final, Literal

import msgspec

from domain.campaign_events import (
    CampaignActionAdded,
    CampaignActionRemoved,
    CampaignAskAbandoned,
    CampaignAskAdded,
    CampaignAskMet,
    CampaignAskReopened,
    CampaignChanged,
    CampaignDateDropped,
    CampaignDateSet,
    CampaignEnded,
    CampaignEvent,
    CampaignNoted,
    CampaignResumed,
    CampaignStarted,
)
from domain.claims import TARGETS_MAX
from domain.dcb import DCBAppendCondition, DCBQuery, DCBQueryItem, Perspective, Selector
from domain.errors import Article20Error, ClaimNotFound, FieldError, InvalidFields, Said
from domain.events import Recorded, tags_of
from domain.governments import GOVERNMENTS
from domain.kinds import ClaimRecorded
from domain.treaties import TREATIES

SLUG: Final = r"^[a-z0-9][a-z0-9-]{0,62}$(?!\n)"
"""A slug of a campaign, and a key of its asks and dates."""
ASKS_MAX: Final = 200
DATES_MAX: Final = 200
ACTIONS_MAX: Final = 2000
NOTES_MAX: Final = 2000

AskState = Literal["open", "met", "abandoned"]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"\S")]
Slug = Annotated[str, msgspec.Meta(pattern=SLUG.removesuffix(r"(?!\n)"))]


class CampaignNotFound(Article20Error):
    """There is no campaign {campaign!r} in this workspace. Check the slug, or start it first."""

    slug, status = "campaign-not-found", 404


class CampaignRefused(Article20Error):
    """Campaign {campaign!r} cannot {decision}: {reason}."""

    slug, status = "campaign-refused", 409


class InvalidCampaign(InvalidFields):
    """The campaign is not valid: {summary}. Mend the fields named and send it again."""

    slug = "invalid-campaign"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One ask: what is asked, of whom, how it stands, and the claim or the reason why."""

    ask: str
    text: str
    government: str | None = None
    state: AskState = "open"
    claim: str | None = None
    reason: str | None = None


class KeyDate(msgspec.Struct, frozen=True, kw_only=True):
    """One day that matters."""

    key: str
    day: date
    text: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One note for those who work on the campaign: what, where in the log, and by whom."""

    text: str
    position: int
    by: str


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign as its events leave it; asks and dates by key, actions as ids of claims."""

    slug: str
    title: str
    treaty: str
    targets: tuple[str, ...]
    started_on: date
    ended_on: date | None = None
    asks: dict[str, Ask] = {}
    dates: dict[str, KeyDate] = {}
    actions: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def claims(self) -> tuple[str, ...]:
        """Every claim that it names: those that show an ask met, and its own actions."""
        shown = (ask.claim for ask in self.asks.values() if ask.claim is not None)
        return tuple(dict.fromkeys((*shown, *self.actions)))


def after(campaign: Campaign | None, recorded: Recorded) -> Campaign | None:
    """The campaign after one of its events; None stays None until it starts."""
    event = recorded.event
    if isinstance(event, CampaignStarted):
        return Campaign(
            slug=event.campaign,
            title=event.title,
            treaty=event.treaty,
            targets=event.targets,
            started_on=event.started_on,
        )
    if campaign is None or not isinstance(event, CampaignEvent):
        return campaign
    replace = msgspec.structs.replace
    match event:
        case CampaignChanged():
            named = ("title", "targets", "started_on")
            changes = {n: v for n in named if (v := getattr(event, n)) is not None}
            return replace(campaign, **changes)
        case CampaignEnded():
            return replace(campaign, ended_on=event.ended_on)
        case CampaignResumed():
            return replace(campaign, ended_on=None)
        case CampaignDateSet():
            key_date = KeyDate(key=event.key, day=event.day, text=event.text)
            return replace(campaign, dates={**campaign.dates, event.key: key_date})
        case CampaignDateDropped():
            rest = {key: kept for key, kept in campaign.dates.items() if key != event.key}
            return replace(campaign, dates=rest)
        case CampaignActionAdded():
            return replace(campaign, actions=(*campaign.actions, event.claim))
        case CampaignActionRemoved():
            return replace(campaign, actions=tuple(c for c in campaign.actions if c != event.claim))
        case CampaignNoted():
            note = Note(text=event.text, position=recorded.position, by=recorded.recorded_by)
            return replace(campaign, notes=(*campaign.notes, note))
    return replace(campaign, asks=_asks_after(campaign.asks, event))


def _asks_after(asks: dict[str, Ask], event: CampaignEvent) -> dict[str, Ask]:
    match event:
        case CampaignAskAdded():
            ask = Ask(ask=event.ask, text=event.text, government=event.government)
        case CampaignAskMet():
            ask = _standing(asks[event.ask], "met", claim=event.claim)
        case CampaignAskAbandoned():
            ask = _standing(asks[event.ask], "abandoned", reason=event.reason)
        case CampaignAskReopened():
            ask = _standing(asks[event.ask], "open", reason=event.reason)
        case _:
            return asks
    return {**asks, ask.ask: ask}


def _standing(
    ask: Ask, state: AskState, *, claim: str | None = None, reason: str | None = None
) -> Ask:
    return msgspec.structs.replace(ask, state=state, claim=claim, reason=reason)


class CampaignDesk(Perspective[CampaignEvent]):
    """Those who run one campaign: fold with `take`, decide, then append what was decided.

    `claims`: further claims that are looked at, because a decision names them.
    """

    def __init__(self, slug: str, *claims: str) -> None:
        self.slug, self.claims = slug, claims
        self.campaign: Campaign | None = None
        self.recorded: set[str] = set()

    def consistency_boundary(self) -> list[Selector]:
        """Every event of the campaign; a claim that was recorded stays recorded."""
        return [Selector(tags=[f"campaign:{self.slug}"])]

    def query(self) -> DCBQuery:
        """What is to be read: the campaign's events and those of the claims looked at."""
        tags = [f"campaign:{self.slug}", *(f"claim:{claim}" for claim in self.claims)]
        return DCBQuery([DCBQueryItem(tags=[tag]) for tag in tags])

    def condition(self) -> DCBAppendCondition:
        """The boundary as a condition of the append, after what was read."""
        items = [DCBQueryItem(tags=list(s.tags)) for s in self.consistency_boundary()]
        return DCBAppendCondition(DCBQuery(items), after=self.last_known_position)

    def read(self, events: Iterable[Recorded], head: int) -> None:
        """Fold the events read when the log's head was `head`."""
        for recorded in events:
            if isinstance(recorded.event, ClaimRecorded):
                self.recorded.add(recorded.event.claim)
            elif isinstance(recorded.event, CampaignEvent):
                self.campaign = after(self.campaign, recorded)
        self.last_known_position = head

    def start(self, *, title: str, treaty: str, targets: tuple[str, ...], on: date) -> None:
        """Start a campaign; InvalidCampaign names what is wrong with it."""
        if self.campaign is not None:
            raise self._refused(
                Said("start"), Said("it is there already; take another slug, or resume it")
            )
        faults = [] if re.match(SLUG, self.slug) else [_SLUG_FAULT]
        if treaty not in TREATIES:
            known = ", ".join(TREATIES)
            faults.append(FieldError("/treaty", f"{treaty!r} is not known; use one of {known}"))
        self._check([*faults, *_target_faults(targets)])
        self._append(
            CampaignStarted(
                campaign=self.slug, title=title, treaty=treaty, targets=targets, started_on=on
            )
        )

    def change(
        self,
        *,
        title: str | None = None,
        targets: tuple[str, ...] | None = None,
        on: date | None = None,
        reason: str | None = None,
    ) -> None:
        """Change title, targets or start; what is None stays. No ask is left without its target."""
        held = self._running(Said("change"))
        if targets is not None:
            self._check(_target_faults(targets))
            asked = {ask.government for ask in held.asks.values() if ask.government is not None}
            if lost := sorted(asked - set(targets)):
                raise self._refused(
                    Said("change"), Said("something is asked of {codes}", codes=", ".join(lost))
                )
        new = {"title": title, "targets": targets, "started_on": on}
        changes = {n: v for n, v in new.items() if v is not None and v != getattr(held, n)}
        if not changes:
            raise self._refused(Said("change"), Said("nothing would be other than it is"))
        self._append(CampaignChanged(campaign=self.slug, reason=reason, **changes))  # type: ignore[arg-type]  # by name

    def end(self, *, on: date, reason: str) -> None:
        """End it on a day, not before it started."""
        held = self._running(Said("end"))
        if on < held.started_on:
            raise self._refused(
                Said("end"), Said("it started on {day}, after that", day=held.started_on)
            )
        self._append(CampaignEnded(campaign=self.slug, ended_on=on, reason=reason))

    def resume(self, *, reason: str) -> None:
        """Go on with one that had ended."""
        if self._held().ended_on is None:
            raise self._refused(Said("resume"), Said("it has not ended"))
        self._append(CampaignResumed(campaign=self.slug, reason=reason))

    def ask(self, ask: str, *, text: str, government: str | None = None) -> None:
        """Ask something, of one of its targets or of all."""
        held = self._running(Said("ask this"))
        if ask in held.asks:
            raise self._refused(
                Said("ask this"), Said("ask {ask!r} is there already; take another key", ask=ask)
            )
        if len(held.asks) >= ASKS_MAX:
            raise self._refused(
                Said("ask this"), Said("a campaign has at most {most} asks", most=ASKS_MAX)
            )
        if government is not None and government not in held.targets:
            known = ", ".join(held.targets)
            detail = f"{government!r} is not one of the campaign's targets ({known})"
            raise InvalidCampaign([FieldError("/government", detail)])
        event = CampaignAskAdded(campaign=self.slug, ask=ask, text=text, government=government)
        self._append(event)

    def meet(self, ask: str, *, claim: str) -> None:
        """Note that an open ask was met, as a recorded claim shows."""
        self._settles(ask, "open")
        self._append(CampaignAskMet(campaign=self.slug, ask=ask, claim=self._recorded(claim)))

    def abandon(self, ask: str, *, reason: str) -> None:
        """Ask this no longer."""
        self._settles(ask, "open")
        self._append(CampaignAskAbandoned(campaign=self.slug, ask=ask, reason=reason))

    def reopen(self, ask: str, *, reason: str) -> None:
        """Ask again what was met or abandoned."""
        self._settles(ask, "met", "abandoned")
        self._append(CampaignAskReopened(campaign=self.slug, ask=ask, reason=reason))

    def set_date(self, key: str, *, day: date, text: str) -> None:
        """Note a day that matters, or move it."""
        held = self._running(Said("set a date"))
        if held.dates.get(key) == KeyDate(key=key, day=day, text=text):
            raise self._refused(Said("set a date"), Said("date {key!r} is set so already", key=key))
        if key not in held.dates and len(held.dates) >= DATES_MAX:
            raise self._refused(
                Said("set a date"), Said("a campaign has at most {most} dates", most=DATES_MAX)
            )
        self._append(CampaignDateSet(campaign=self.slug, key=key, day=day, text=text))

    def drop_date(self, key: str, *, reason: str | None = None) -> None:
        """Note that a day matters no longer."""
        if key not in self._held().dates:
            raise self._refused(Said("drop a date"), Said("there is no date {key!r}", key=key))
        self._append(CampaignDateDropped(campaign=self.slug, key=key, reason=reason))

    def add_action(self, claim: str) -> None:
        """Note that a recorded claim tells of the campaign's own doing."""
        held = self._held()
        if claim in held.actions:
            raise self._refused(
                Said("add an action"), Said("claim {claim!r} is one already", claim=claim)
            )
        if len(held.actions) >= ACTIONS_MAX:
            raise self._refused(
                Said("add an action"),
                Said("a campaign has at most {most} actions", most=ACTIONS_MAX),
            )
        self._append(CampaignActionAdded(campaign=self.slug, claim=self._recorded(claim)))

    def remove_action(self, claim: str, *, reason: str | None = None) -> None:
        """Note that a claim does not tell of the campaign's own doing."""
        if claim not in self._held().actions:
            raise self._refused(
                Said("remove an action"),
                Said("claim {claim!r} is none of its actions", claim=claim),
            )
        self._append(CampaignActionRemoved(campaign=self.slug, claim=claim, reason=reason))

    def note(self, text: str) -> None:
        """Write a note for those who work on it."""
        if len(self._held().notes) >= NOTES_MAX:
            raise self._refused(
                Said("be noted upon"), Said("a campaign has at most {most} notes", most=NOTES_MAX)
            )
        self._append(CampaignNoted(campaign=self.slug, text=text))

    def _held(self) -> Campaign:
        if self.campaign is None:
            raise CampaignNotFound(campaign=self.slug)
        return self.campaign

    def _running(self, decision: str) -> Campaign:
        held = self._held()
        if held.ended_on is not None:
            raise self._refused(decision, Said("it ended on {day}; resume it", day=held.ended_on))
        return held

    def _settles(self, ask: str, *states: AskState) -> None:
        held = self._running(Said("settle an ask")).asks.get(ask)
        if held is None:
            raise self._refused(Said("settle an ask"), Said("there is no ask {ask!r}", ask=ask))
        if held.state not in states:
            reason = Said("ask {ask!r} is {state}", ask=ask, state=held.state)
            if held.state == "met":  # which reads as open where its claim has fallen since
                reason = Said("{ask!r} is met by {claim!r}; reopen it", ask=ask, claim=held.claim)
            raise self._refused(Said("settle an ask"), reason)

    def _recorded(self, claim: str) -> str:
        if claim not in self.recorded:
            raise ClaimNotFound(claim=claim)
        return claim

    def _refused(self, decision: str, reason: str) -> CampaignRefused:
        return CampaignRefused(campaign=self.slug, decision=decision, reason=reason)

    def _check(self, faults: list[FieldError]) -> None:
        if faults:
            raise InvalidCampaign(faults)

    def _append(self, event: CampaignEvent) -> None:
        self.trigger_event(lambda: event, tags_of(event))


_SLUG_FAULT: Final = FieldError(
    "/slug", "begin with a small letter or digit, then letters, digits and dashes, 63 at most"
)


def _target_faults(targets: tuple[str, ...]) -> list[FieldError]:
    faults: list[FieldError] = []
    if not 1 <= len(targets) <= TARGETS_MAX:
        faults.append(FieldError("/targets", f"name 1 to {TARGETS_MAX} governments"))
    for i, code in enumerate(targets):
        if code not in GOVERNMENTS:
            detail = f"{code!r} is not a government; use an ISO 3166-1 alpha-3 code"
            faults.append(FieldError(f"/targets/{i}", detail))
        elif code in targets[:i]:
            detail = f"{code} is named twice; name each government once"
            faults.append(FieldError(f"/targets/{i}", detail))
    return faults
