"""Campaigns over HTTP: lists, one in full, its notes, and what is decided about one; whether that
is possible is never decided here."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from domain.campaigns import SLUG, CampaignDesk, CampaignNotFound, Slug, Text, Title
from domain.details import ClaimId
from domain.governments import GOVERNMENTS
from domain.treaties import TREATIES
from projections.campaigns import CampaignList, CampaignNotes, CampaignPage
from services.api.access import Principal
from services.api.asking import POSITION, Asked, json_answer
from services.api.bodies import decoded
from services.api.claims import KEY, claim_id, idempotency_key
from services.api.describing import CLOCKS, KNOWN_AT, METHOD, MIN_POSITION, STRING, route, schema_of
from services.api.serving import Served, Serving
from services.campaigning import decide_campaign
from services.recording import key_over

Call = Request[Any, Any, Any]
Decide = Callable[[CampaignDesk], None]


class CampaignReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a decision about a campaign: its slug, and where it stands in the log."""

    campaign: str
    position: int


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a decision takes; unknown fields are refused."""


class Starts(Body, frozen=True, kw_only=True):
    """A new campaign."""

    slug: Slug
    title: Title
    treaty: str
    targets: tuple[str, ...]
    started_on: date


class ChangesCampaign(Body, frozen=True, kw_only=True):
    """What is other from now on; what is not named stays."""

    title: Title | None = None
    targets: tuple[str, ...] | None = None
    started_on: date | None = None
    reason: Text | None = None


class Ends(Body, frozen=True, kw_only=True):
    """On which day a campaign ended, and why."""

    ended_on: date
    reason: Text


class GivesItsReason(Body, frozen=True, kw_only=True):
    """Why."""

    reason: Text


class MayGiveItsReason(Body, frozen=True, kw_only=True):
    """Why, if anybody asks."""

    reason: Text | None = None


class Asks(Body, frozen=True, kw_only=True):
    """What is asked, under which key, of one target or of all."""

    ask: Slug
    text: Text
    government: str | None = None


class NamesClaim(Body, frozen=True, kw_only=True):
    """A recorded claim."""

    claim: ClaimId


class SetsDate(Body, frozen=True, kw_only=True):
    """A day that matters, under which key, and what is on it."""

    key: Slug
    day: date
    text: Text


class Notes(Body, frozen=True, kw_only=True):
    """A note for those who work on the campaign."""

    text: Text


_SLUG: Final = Schema(type=STRING, pattern=SLUG.removesuffix(r"(?!\n)"))
_TEXT: Final = Schema(type=STRING, min_length=1, max_length=2000, pattern=r"\S")
_DAY: Final = Schema(type=STRING, format=OpenAPIFormat.DATE)
_FIELDS: Final = {
    "slug": _SLUG,
    "ask": _SLUG,
    "key": _SLUG,
    "title": Schema(type=STRING, min_length=1, max_length=200, pattern=r"\S"),
    "text": _TEXT,
    "reason": _TEXT,
    "treaty": Schema(type=STRING, enum=sorted(TREATIES)),
    "targets": Schema(
        type=OpenAPIType.ARRAY,
        items=Schema(type=STRING, enum=sorted(GOVERNMENTS)),
        unique_items=True,
        min_items=1,
    ),
    "government": Schema(type=STRING, enum=sorted(GOVERNMENTS)),
    "started_on": _DAY,
    "ended_on": _DAY,
    "day": _DAY,
    "claim": Schema(type=STRING, description="The id of a recorded claim."),
}


def _desk(role: str, body: type[Body], *, status: int = 200) -> dict[str, Any]:
    """The keyword arguments of a route that takes a decision with such a body."""
    fields = msgspec.structs.fields(body)
    shape = {
        "type": OpenAPIType.OBJECT,
        "properties": {field.encode_name: _FIELDS[field.encode_name] for field in fields},
        "required": [f.encode_name for f in fields if f.required] or None,
        "additionalProperties": False,
    }
    described = route(
        role,
        headers=(KEY,),
        body=schema_of(shape),
        refusals=(404, 409, 413, 415, 422),
        replays=CampaignReceipt if status != 200 else None,
    )
    return described | {"status_code": status}


async def _decide(
    request: Call,
    serving: Serving,
    slug: str,
    body: Body,
    decision: Decide,
    *claims: str,
    status: int = 200,
) -> Response[CampaignReceipt]:
    principal: Principal = request.scope["user"]
    key = idempotency_key(request, principal)
    told = msgspec.json.encode((request.scope["path"], body), order="deterministic")
    outcome = await decide_campaign(
        serving.house,
        principal.workspace,
        CampaignDesk(slug, *claims),
        decision,
        by=principal.by,
        key=key_over(key, told),
    )
    serving.saw(principal.workspace, outcome.position)
    headers = {POSITION: str(outcome.position)}
    if outcome.replayed:
        headers["Idempotent-Replayed"] = "true"
    elif status == 201:
        headers["Location"] = f"/api/v1/campaigns/{slug}"
    receipt = CampaignReceipt(campaign=slug, position=outcome.position)
    return json_answer(receipt, 200 if outcome.replayed else status, headers)


@get("/api/v1/campaigns", **route("viewer", query=CLOCKS))
async def list_campaigns(request: Call, serving: Served) -> Response[CampaignList]:
    """Every campaign: its targets, its start, how its asks stand, its next date."""
    asked = Asked(request, serving)
    ask = serving.campaigns.campaigns
    return await asked.answer(lambda: ask(asked.workspace, asked.on, asked.known_at))


@get("/api/v1/campaigns/{slug:str}", **route("viewer", query=(*CLOCKS, METHOD), refusals=(404,)))
async def read_campaign(
    request: Call, serving: Served, slug: FromPath[str]
) -> Response[CampaignPage]:
    """One campaign: asks, the numbers of its targets since its start, what happened, what comes."""
    asked = Asked(request, serving)
    wanted = slug_of(slug)
    ask = serving.campaigns.campaign
    return await asked.answer(
        lambda: ask(asked.workspace, wanted, asked.on, asked.known_at, asked.method)
    )


@get(
    "/api/v1/campaigns/{slug:str}/notes",
    **route("contributor", query=(KNOWN_AT, MIN_POSITION), refusals=(404,)),
)
async def read_notes(
    request: Call, serving: Served, slug: FromPath[str]
) -> Response[CampaignNotes]:
    """The notes of one campaign, for those who work on it."""
    asked = Asked(request, serving)
    wanted = slug_of(slug)
    ask = serving.campaigns.notes
    return await asked.answer(lambda: ask(asked.workspace, wanted, asked.known_at))


@post("/api/v1/campaigns", **_desk("reviewer", Starts, status=201))
async def start_campaign(request: Call, serving: Served) -> Response[CampaignReceipt]:
    """Start a campaign."""
    body = await decoded(request, serving, Starts)

    def start(desk: CampaignDesk) -> None:
        desk.start(title=body.title, treaty=body.treaty, targets=body.targets, on=body.started_on)

    return await _decide(request, serving, body.slug, body, start, status=201)


@post("/api/v1/campaigns/{slug:str}/change", **_desk("reviewer", ChangesCampaign))
async def change_campaign(
    request: Call, serving: Served, slug: FromPath[str]
) -> Response[CampaignReceipt]:
    """Change title, targets or start of a campaign."""
    body = await decoded(request, serving, ChangesCampaign)

    def change(desk: CampaignDesk) -> None:
        desk.change(title=body.title, targets=body.targets, on=body.started_on, reason=body.reason)

    return await _decide(request, serving, slug_of(slug), body, change)


@post("/api/v1/campaigns/{slug:str}/end", **_desk("reviewer", Ends))
async def end_campaign(
    request: Call, serving: Served, slug: FromPath[str]
) -> Response[CampaignReceipt]:
    """End a campaign, which stays readable."""
    body = await decoded(request, serving, Ends)

    def end(desk: CampaignDesk) -> None:
        desk.end(on=body.ended_on, reason=body.reason)

    return await _decide(request, serving, slug_of(slug), body, end)


@post("/api/v1/campaigns/{slug:str}/resume", **_desk("reviewer", GivesItsReason))
async def resume_campaign(
    request: Call, serving: Served, slug: FromPath[str]
) -> Response[CampaignReceipt]:
    """Go on with a campaign that had ended."""
    body = await decoded(request, serving, GivesItsReason)
    return await _decide(
        request, serving, slug_of(slug), body, lambda desk: desk.resume(reason=body.reason)
    )


@post("/api/v1/campaigns/{slug:str}/asks", **_desk("reviewer", Asks))
async def add_ask(request: Call, serving: Served, slug: FromPath[str]) -> Response[CampaignReceipt]:
    """Ask something, of one target or of all."""
    body = await decoded(request, serving, Asks)

    def ask(desk: CampaignDesk) -> None:
        desk.ask(body.ask, text=body.text, government=body.government)

    return await _decide(request, serving, slug_of(slug), body, ask)


@post("/api/v1/campaigns/{slug:str}/asks/{ask:str}/meet", **_desk("reviewer", NamesClaim))
async def meet_ask(
    request: Call, serving: Served, slug: FromPath[str], ask: FromPath[str]
) -> Response[CampaignReceipt]:
    """Note that an ask was met, as a recorded claim shows."""
    body = await decoded(request, serving, NamesClaim)
    claim = claim_id(body.claim)
    return await _decide(
        request, serving, slug_of(slug), body, lambda desk: desk.meet(ask, claim=claim), claim
    )


@post("/api/v1/campaigns/{slug:str}/asks/{ask:str}/abandon", **_desk("reviewer", GivesItsReason))
async def abandon_ask(
    request: Call, serving: Served, slug: FromPath[str], ask: FromPath[str]
) -> Response[CampaignReceipt]:
    """Ask something no longer."""
    body = await decoded(request, serving, GivesItsReason)
    return await _decide(
        request, serving, slug_of(slug), body, lambda desk: desk.abandon(ask, reason=body.reason)
    )


@post("/api/v1/campaigns/{slug:str}/asks/{ask:str}/reopen", **_desk("reviewer", GivesItsReason))
async def reopen_ask(
    request: Call, serving: Served, slug: FromPath[str], ask: FromPath[str]
) -> Response[CampaignReceipt]:
    """Ask again what was met or abandoned."""
    body = await decoded(request, serving, GivesItsReason)
    return await _decide(
        request, serving, slug_of(slug), body, lambda desk: desk.reopen(ask, reason=body.reason)
    )


@post("/api/v1/campaigns/{slug:str}/dates", **_desk("contributor", SetsDate))
async def set_date(
    request: Call, serving: Served, slug: FromPath[str]
) -> Response[CampaignReceipt]:
    """Note a day that matters, or move it."""
    body = await decoded(request, serving, SetsDate)

    def put(desk: CampaignDesk) -> None:
        desk.set_date(body.key, day=body.day, text=body.text)

    return await _decide(request, serving, slug_of(slug), body, put)


@post("/api/v1/campaigns/{slug:str}/dates/{key:str}/drop", **_desk("contributor", MayGiveItsReason))
async def drop_date(
    request: Call, serving: Served, slug: FromPath[str], key: FromPath[str]
) -> Response[CampaignReceipt]:
    """Note that a day matters no longer."""
    body = await decoded(request, serving, MayGiveItsReason, may_be_absent=True)
    return await _decide(
        request, serving, slug_of(slug), body, lambda desk: desk.drop_date(key, reason=body.reason)
    )


@post("/api/v1/campaigns/{slug:str}/actions", **_desk("contributor", NamesClaim))
async def add_action(
    request: Call, serving: Served, slug: FromPath[str]
) -> Response[CampaignReceipt]:
    """Note that a recorded claim tells of the campaign's own doing."""
    body = await decoded(request, serving, NamesClaim)
    claim = claim_id(body.claim)
    return await _decide(
        request, serving, slug_of(slug), body, lambda desk: desk.add_action(claim), claim
    )


@post(
    "/api/v1/campaigns/{slug:str}/actions/{claim:str}/remove",
    **_desk("contributor", MayGiveItsReason),
)
async def remove_action(
    request: Call, serving: Served, slug: FromPath[str], claim: FromPath[str]
) -> Response[CampaignReceipt]:
    """Note that a claim does not tell of the campaign's own doing."""
    body = await decoded(request, serving, MayGiveItsReason, may_be_absent=True)

    def remove(desk: CampaignDesk) -> None:
        desk.remove_action(claim, reason=body.reason)

    return await _decide(request, serving, slug_of(slug), body, remove)


@post("/api/v1/campaigns/{slug:str}/notes", **_desk("contributor", Notes))
async def add_note(
    request: Call, serving: Served, slug: FromPath[str]
) -> Response[CampaignReceipt]:
    """Write a note for those who work on the campaign."""
    body = await decoded(request, serving, Notes)
    return await _decide(request, serving, slug_of(slug), body, lambda desk: desk.note(body.text))


def slug_of(text: str) -> str:
    """The slug in an address; CampaignNotFound where it can be none."""
    if not re.match(SLUG, text):
        raise CampaignNotFound(campaign=text[:80])
    return text


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    list_campaigns,
    read_campaign,
    read_notes,
    start_campaign,
    change_campaign,
    end_campaign,
    resume_campaign,
    add_ask,
    meet_ask,
    abandon_ask,
    reopen_ask,
    set_date,
    drop_date,
    add_action,
    remove_action,
    add_note,
)
