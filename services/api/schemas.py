"""Documents for senders at fixed addresses: a JSON Schema of every kind of claim, and AsyncAPI for
what is submitted and streamed; written once, and kept by whoever fetched them."""

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from domain.errors import Article20Error
from domain.kinds import DETAILS_OF
from services.api.access import PUBLIC
from services.api.asking import is_held, release
from services.api.describing import route
from services.api.shapes import claim_schema, components
from services.intake.webhooks.cloudevents import BATCH, JSON, STRUCTURED

SCHEMA_JSON: Final = "application/schema+json"
ASYNCAPI_JSON: Final = "application/vnd.aai.asyncapi+json;version=3.0.0"
KEPT: Final = "public, max-age=3600"
_REF: Final = "#/components/schemas/{name}"


class NoSuchSchema(Article20Error):
    """There is no schema {name!r}. Kinds of claim have one each, such as
    /schema/claims/withdrawal_announced.json."""

    slug, status = "not-found", 404


@get("/schema/claims/{name:str}", media_type=SCHEMA_JSON, **route(PUBLIC, refusals=(404,)))
async def read_schema(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """The JSON Schema of a claim of one kind, as `<kind>.json`."""
    kind = name.removesuffix(".json")
    if kind == name or kind not in DETAILS_OF:
        raise NoSuchSchema(name=name[:80])
    return _kept(request, _claim(kind), SCHEMA_JSON)


@get("/schema/asyncapi.json", media_type=ASYNCAPI_JSON, **route(PUBLIC))
async def read_asyncapi(request: Request[Any, Any, Any]) -> Response[Any]:
    """AsyncAPI 3: what may be submitted by webhook, and what the live stream says."""
    return _kept(request, _asyncapi(), ASYNCAPI_JSON)


def _kept(request: Request[Any, Any, Any], body: bytes, media_type: str) -> Response[Any]:
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": KEPT}
    if is_held(request.scope, tag):
        return Response(None, status_code=304, media_type=media_type, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


@cache
def _claim(kind: str) -> bytes:
    return msgspec.json.encode(claim_schema(kind))


@cache
def _asyncapi() -> bytes:
    return msgspec.json.encode(asyncapi())


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document."""
    event = {
        "type": "object",
        "required": ["specversion", "id", "source", "type"],
        "oneOf": [{"required": ["data"]}, {"required": ["data_base64"]}],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "minLength": 1},
            "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
            "type": {"type": "string", "minLength": 1},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"type": "string"},
            "data": {"$ref": _REF.format(name="Claim")},
            "data_base64": {"type": "string", "description": "The claim as JSON, in base64."},
        },
    }
    changed = {
        "type": "object",
        "required": ["position", "governments", "claims"],
        "properties": {
            "position": {"type": "integer", "minimum": 0},
            "governments": {"type": "array", "items": {"type": "string"}},
            "claims": {"type": "array", "items": {"type": "string"}},
            "more": {"const": True},
        },
    }
    messages = {
        "claim": _message(JSON, "Claim", "A claim.", signed=True),
        "event": _message(STRUCTURED, "Event", "A CloudEvent whose data is a claim.", signed=True),
        "batch": _message(BATCH, "Batch", "Several of those, answered one by one.", signed=True),
        "changed": _message(JSON, "Changed", "The views reached a position; data of `views`."),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "article20",
            "version": release(),
            "description": "Claims come in by signed webhook (Standard Webhooks 1.0); what they"
            " change goes out as server-sent events.",
        },
        "defaultContentType": JSON,
        "channels": _CHANNELS,
        "operations": _OPERATIONS,
        "components": {
            "messages": messages,
            "schemas": {
                **components(_REF),
                "Event": event,
                "Batch": {"type": "array", "items": {"$ref": _REF.format(name="Event")}},
                "Changed": changed,
                "Signature": _SIGNATURE,
            },
        },
    }


def _message(media_type: str, shape: str, says: str, *, signed: bool = False) -> dict[str, Any]:
    message: dict[str, Any] = {
        "contentType": media_type,
        "summary": says,
        "payload": {"$ref": _REF.format(name=shape)},
    }
    if signed:
        message["headers"] = {"$ref": _REF.format(name="Signature")}
    return message


def _references(names: Sequence[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


_SIGNATURE: Final = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        "webhook-timestamp": {"type": "string", "pattern": "^[0-9]{1,12}$"},
        "webhook-signature": {
            "type": "string",
            "description": "`v1,<base64>` (HMAC-SHA256) or `v1a,<base64>` (Ed25519), several parted"
            " by spaces.",
        },
    },
}
_CHANNELS: Final = {
    "hooks": {
        "address": "/hooks/{source}",
        "description": "Signed submission; an answer in the 2xx means: stored.",
        "parameters": {"source": {"description": "The name of the webhook source."}},
        "messages": _references(("claim", "event", "batch")),
        "bindings": {"http": {}},
    },
    "live": {
        "address": "/api/v1/live",
        "description": "Server-sent events; `id` is the position, and a stream is taken up"
        " again by Last-Event-ID.",
        "messages": _references(("changed",)),
        "bindings": {"http": {}},
    },
}
_OPERATIONS: Final = {
    "submit": {
        "action": "receive",
        "channel": {"$ref": "#/channels/hooks"},
        "bindings": {"http": {"method": "POST"}},
        "messages": [
            {"$ref": f"#/channels/hooks/messages/{name}"} for name in ("claim", "event", "batch")
        ],
    },
    "follow": {
        "action": "send",
        "channel": {"$ref": "#/channels/live"},
        "bindings": {"http": {"method": "GET"}},
        "messages": [{"$ref": "#/channels/live/messages/changed"}],
    },
}
ROUTES: Final[Sequence[ControllerRouterHandler]] = (read_schema, read_asyncapi)
