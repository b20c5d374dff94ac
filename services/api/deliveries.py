"""What webhook sources delivered, over HTTP: lists, and a refused one taken again; it never shows a
body or a secret."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.spec import Schema
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from domain.errors import InvalidQuestion
from services.api.access import Principal
from services.api.asking import json_answer, number
from services.api.claims import link_next
from services.api.describing import INTEGER, Field, route, text_field
from services.api.requests import read_query
from services.api.serving import Served
from services.intake.webhooks.posted import replay
from services.wiring import DeliveryFilter, DeliveryNotFound, Noted

ROLE: Final = "admin"
PAGE_DELIVERIES: Final = 100
PAGE_DELIVERIES_MAX: Final = 1000
OUTCOMES: Final = ("accepted", "refused")
PATH: Final = "/api/v1/deliveries"


class DeliveryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries, newest first."""

    deliveries: tuple[Noted, ...]


QUERY: Final = (
    text_field("source", "Those of this webhook source."),
    text_field("outcome", "Only those that were taken, or refused.", enum=list(OUTCOMES)),
    text_field("reason", "Refused for this reason: the last part of a problem's type."),
    text_field("webhook_id", "Those with this webhook-id."),
    text_field("claim", "Those that brought this claim."),
    text_field("before", "Those older than this one; from the `Link` of the page before."),
    Field(
        name="limit",
        says="How many deliveries a page holds at most.",
        schema=Schema(type=INTEGER, minimum=1),
    ),
)


@get(PATH, **route(ROLE, query=QUERY))
async def list_deliveries(
    request: Request[Any, Any, Any], serving: Served
) -> Response[DeliveryPage]:
    """What was delivered and what became of it, newest first; pages follow by the header `Link`."""
    principal: Principal = request.scope["user"]
    query = read_query(request.scope, tuple(field.name for field in QUERY))
    outcome = query.get("outcome")
    if outcome is not None and outcome not in OUTCOMES:
        detail = f"use {' or '.join(OUTCOMES)}"
        raise InvalidQuestion(parameter="outcome", value=outcome[:80], detail=detail)
    limit = min(number(query, "limit", PAGE_DELIVERIES, least=1), PAGE_DELIVERIES_MAX)
    before = query.get("before")
    found = await serving.house.deliveries.listed(
        principal.workspace,
        DeliveryFilter(
            source=query.get("source"),
            refused=None if outcome is None else outcome == "refused",
            reason=query.get("reason"),
            webhook_id=query.get("webhook_id"),
            claim=query.get("claim"),
        ),
        before=None if before is None else _identifier(before),
        limit=limit + 1,
    )
    headers = {}
    if len(found) > limit:
        headers = link_next(PATH, query, before=str(found[limit - 1].delivery))
    return json_answer(DeliveryPage(deliveries=tuple(found[:limit])), 200, headers)


@post(
    PATH + "/{delivery:str}/replay",
    status_code=200,
    **route(ROLE, refusals=(404, 409, 410)),
)
async def replay_delivery(
    request: Request[Any, Any, Any], serving: Served, delivery: FromPath[str]
) -> Response[Noted]:
    """Take a refused delivery again, once what it was refused for is mended; `reason` says whether
    it was refused again."""
    principal: Principal = request.scope["user"]
    try:
        wanted = UUID(delivery)
    except ValueError:
        raise DeliveryNotFound(delivery=delivery[:80], workspace=principal.workspace) from None
    found = await replay(serving.house, principal.workspace, wanted)
    if found.position is not None:
        serving.saw(principal.workspace, found.position)
    return json_answer(found)


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        detail = "take it from the `Link` of the page before"
        raise InvalidQuestion(parameter="before", value=text[:80], detail=detail) from None


ROUTES: Final[Sequence[ControllerRouterHandler]] = (list_deliveries, replay_delivery)
