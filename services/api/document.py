"""The OpenAPI document as it is served: what the framework derives from the routes, and the bare
routes it cannot see; it never describes what does not exist."""

from typing import Any, Final

import msgspec
from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

from services.api.problems import MEDIA_TYPE as PROBLEM_TYPE
from services.api.shapes import PREFIX, shapes
from services.intake.sheets.writing import MEDIA_TYPES
from services.intake.webhooks.cloudevents import BATCH, JSON, STRUCTURED

MEDIA_TYPE: Final = "application/vnd.oai.openapi+json;version=3.1"
EXPORT: Final = "/api/v1/export"
PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
RECEIPT: Final = {"$ref": "#/components/schemas/Receipt"}


class Document(OpenAPIRenderPlugin):
    """Serves the document as JSON at the root of the schema and as openapi.json."""

    def __init__(self) -> None:
        super().__init__(path=["/", "/openapi.json"], media_type=MEDIA_TYPE)  # type: ignore[arg-type]  # declared as an enum, used as text
        self._written: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The document, written once."""
        if self._written is None:
            self._written = msgspec.json.encode(whole(openapi_schema))
        return self._written


def whole(derived: dict[str, Any]) -> dict[str, Any]:
    """The document: what the framework derived, and what it cannot see."""
    components = derived["components"]
    return {
        **derived,
        "paths": {**derived["paths"], EXPORT: _files(derived["paths"][EXPORT]), **BARE},
        "components": {**components, "schemas": {**components["schemas"], **shapes()}},
    }


def _files(path: dict[str, Any]) -> dict[str, Any]:
    """A route that gives files, with the media type of each format in place of any file's."""
    get = path["get"]
    done = get["responses"]["200"]
    schema = next(iter(done["content"].values()))
    content = dict.fromkeys(sorted(MEDIA_TYPES.values()), schema)
    answers = {**get["responses"], "200": {**done, "content": content}}
    return {**path, "get": {**get, "responses": answers}}


def _header(name: str, says: str, pattern: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": says,
        "schema": {"type": "string", "pattern": pattern},
    }


def _answers(said: dict[int, str], schema: dict[str, Any], media: str) -> dict[str, Any]:
    return {
        str(status): {"description": says, "content": {media: {"schema": schema}}}
        for status, says in said.items()
    }


_CLAIM: Final = {"$ref": f"#/components/schemas/{PREFIX}Claim"}
_EVENT: Final = {
    "type": "object",
    "required": ["specversion", "id", "source", "type"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string"},
        "source": {"type": "string"},
        "type": {"type": "string"},
        "data": _CLAIM,
    },
}
"""The attributes of a CloudEvent that matter here; others may stand beside them."""
_HOOK: Final = {
    "post": {
        "operationId": "TakeHook",
        "summary": "Submit by signed webhook",
        "description": "Standard Webhooks 1.0, symmetric v1; the headers may be named svix-* too. A"
        " body is a claim, a CloudEvent whose data is a claim, or a batch of those. An answer in"
        " the 2xx means that the claim is stored.",
        "security": [],
        "parameters": [
            {
                "name": "source",
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
                "description": "The name of the webhook source.",
            },
            {
                "name": "atomic",
                "in": "query",
                "required": False,
                "schema": {"type": "string", "enum": ["true", "false"]},
                "description": "For a batch: all or nothing.",
            },
            _header("webhook-id", "The same when the delivery is sent again.", "^[!-~]{1,255}$"),
            _header("webhook-timestamp", "Unix seconds.", "^[0-9]{1,12}$"),
            _header(
                "webhook-signature",
                "One or more of `v1,<base64>`, parted by spaces.",
                "^v1,[A-Za-z0-9+/]{43}=$",
            ),
        ],
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": _CLAIM},
                STRUCTURED: {"schema": _EVENT},
                BATCH: {"schema": {"type": "array", "items": _EVENT}},
            },
        },
        "responses": _answers(
            {
                200: "The same delivery or the same claim again: the first answer.",
                201: "Stored.",
            },
            RECEIPT,
            JSON,
        )
        | _answers(
            {207: "A batch: the answer to each event, in order."},
            {"type": "array", "items": {"type": "object"}},
            JSON,
        )
        | _answers(
            {
                400: "Headers are missing or malformed.",
                401: "The signature is wrong, the time is off, or the source is unknown.",
                408: "The body did not arrive in time.",
                409: "The claim's id stands for another content.",
                410: "The source is disabled.",
                413: "The body is too large.",
                415: "The body is of a kind that is not taken here.",
                422: "The claim is not valid, or the id was used for another body.",
                429: "Too many requests; `Retry-After` says when to come back.",
                503: "Not now; `Retry-After` says when to come back.",
            },
            PROBLEM,
            PROBLEM_TYPE,
        ),
    }
}
_LIVE: Final = {
    "get": {
        "operationId": "Follow",
        "summary": "Follow what changes",
        "description": "Server-sent events: `id` is the position, `event` is `views`, and `data` is"
        ' `{"position", "governments", "claims"}`; `"more": true` where further claims changed.',
        "security": [{"token": []}, {"session": []}],
        "parameters": [
            {
                "name": "after",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 0},
                "description": "From this position on; from now on unless given.",
            },
            {
                "name": "Last-Event-ID",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
                "description": "The id of the last message; it counts more than `after`.",
            },
        ],
        "responses": _answers({200: "The stream."}, {"type": "string"}, "text/event-stream")
        | _answers(
            {
                400: "The position is not one.",
                401: "Neither a token nor a session that lasts.",
                429: "Too many requests.",
                503: "Too many streams.",
            },
            PROBLEM,
            PROBLEM_TYPE,
        ),
    }
}
BARE: Final = {"/hooks/{source}": _HOOK, "/api/v1/live": _LIVE}
"""The routes that the framework does not look into."""
