"""A workspace's own sets of weights over HTTP: which are offered, and decisions about one; whether
that is possible is never decided here."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from domain.weight_events import WeightChanges
from domain.weight_sets import REASON_CHARS_MAX, WeightsDesk
from projections.weight_sets import WeightSetList
from services.api.access import Principal
from services.api.asking import POSITION, Asked, json_answer
from services.api.bodies import decoded
from services.api.claims import KEY, idempotency_key
from services.api.describing import KNOWN_AT, MIN_POSITION, STRING, route, schema_of
from services.api.serving import Served, Serving
from services.recording import key_over
from services.weighing import WeightsReceipt, decide_weights, offered

Call = Request[Any, Any, Any]


class Defines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a set differs from the published weights, and why."""

    changes: WeightChanges
    reason: str


class Withdraws(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a set is offered no longer."""

    reason: str


_REASON: Final = Schema(type=STRING, min_length=1, max_length=REASON_CHARS_MAX, pattern=r"\S")
_NUMBERS: Final = Schema(
    type=OpenAPIType.OBJECT, additional_properties=Schema(type=OpenAPIType.NUMBER)
)
_CHANGES: Final = {
    "type": OpenAPIType.OBJECT,
    "properties": {f.encode_name: _NUMBERS for f in msgspec.structs.fields(WeightChanges)},
    "additionalProperties": False,
}


def _decision(properties: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a route that takes a decision with such a body."""
    shape = {
        "type": OpenAPIType.OBJECT,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    described = route(
        "admin", headers=(KEY,), body=schema_of(shape), refusals=(404, 409, 413, 415, 422)
    )
    return described | {"status_code": 200}


@get("/api/v1/weights", **route("viewer", query=(KNOWN_AT, MIN_POSITION)))
async def list_weights(request: Call, serving: Served) -> Response[WeightSetList]:
    """The sets of weights that `method=` may name, and where each differs from the published."""
    asked = Asked(request, serving)
    return await asked.answer(lambda: offered(serving.house, asked.workspace, asked.known_at))


@post(
    "/api/v1/weights/{name:str}/define",
    **_decision({"changes": schema_of(_CHANGES), "reason": _REASON}),
)
async def define_weights(
    request: Call, serving: Served, name: FromPath[str]
) -> Response[WeightsReceipt]:
    """Let a set of weights read so from now on; earlier answers stand as known then."""
    body = await decoded(request, serving, Defines)
    return await _decide(
        request, serving, name, body, lambda desk: desk.define(body.changes, reason=body.reason)
    )


@post("/api/v1/weights/{name:str}/withdraw", **_decision({"reason": _REASON}))
async def withdraw_weights(
    request: Call, serving: Served, name: FromPath[str]
) -> Response[WeightsReceipt]:
    """Offer a set of weights no longer."""
    body = await decoded(request, serving, Withdraws)
    return await _decide(
        request, serving, name, body, lambda desk: desk.withdraw(reason=body.reason)
    )


async def _decide(
    request: Call,
    serving: Serving,
    name: str,
    body: msgspec.Struct,
    decision: Callable[[WeightsDesk], None],
) -> Response[WeightsReceipt]:
    principal: Principal = request.scope["user"]
    key = idempotency_key(request, principal)
    told = msgspec.json.encode((request.scope["path"], body), order="deterministic")
    receipt, replayed = await decide_weights(
        serving.house,
        principal.workspace,
        name,
        decision,
        by=principal.by,
        key=key_over(key, told),
    )
    serving.saw(principal.workspace, receipt.position)
    headers = {POSITION: str(receipt.position)}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return json_answer(receipt, 200, headers)


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    list_weights,
    define_weights,
    withdraw_weights,
)
