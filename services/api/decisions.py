"""The desk's decisions over HTTP: each takes a reason; whether one is possible is never decided
here."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, get_args

import msgspec
from litestar import Request, Response, post
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from domain.claims import Actor, Source, Visibility
from domain.desk import ClaimDesk, Verdict
from domain.details import ClaimId
from domain.errors import FieldError, NotAllowed
from domain.faults import actor_faults, source_faults
from services.api.access import Principal
from services.api.bodies import InvalidBody, decoded
from services.api.claims import Receipt, claim_id, receipt
from services.api.describing import INTEGER, STRING, route, schema_of
from services.api.serving import Served, Serving
from services.api.shapes import reference
from services.recording import decide

REASON_CHARS_MAX: Final = 2000
LIST_MAX: Final = 50

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_CHARS_MAX, pattern=r"\S")]
Call = Request[Any, Any, Any]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a decision takes; unknown fields are refused."""


class MayGiveReason(Body, frozen=True, kw_only=True):
    """A decision that may give its reason; `seen` is the position of what the decider saw."""

    reason: Reason | None = None
    seen: Annotated[int, msgspec.Meta(ge=0)] | None = None


class GivesReason(Body, frozen=True, kw_only=True):
    """A decision that has to give its reason; `seen` is the position of what the decider saw."""

    reason: Reason
    seen: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Contests(GivesReason, frozen=True):
    """Who disputes a claim, and on which sources."""

    by: Annotated[tuple[Actor, ...], msgspec.Meta(max_length=LIST_MAX)] = ()
    sources: Annotated[tuple[Source, ...], msgspec.Meta(max_length=LIST_MAX)] = ()


class Refutes(GivesReason, frozen=True):
    """On which sources a claim is shown to be false."""

    sources: Annotated[tuple[Source, ...], msgspec.Meta(max_length=LIST_MAX)] = ()


class AddsSources(MayGiveReason, frozen=True, kw_only=True):
    """Further sources behind a claim."""

    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1, max_length=LIST_MAX)]


class Withdraws(GivesReason, frozen=True, kw_only=True):
    """Who no longer stands by a joint statement, and on which sources."""

    signatory: Actor
    sources: Annotated[tuple[Source, ...], msgspec.Meta(max_length=LIST_MAX)] = ()


class Shows(MayGiveReason, frozen=True, kw_only=True):
    """To whom a claim may be shown."""

    visibility: Visibility


class Corrects(GivesReason, frozen=True, kw_only=True):
    """Fields of the claim and what they should say; in `details`, null removes one."""

    changes: dict[str, Any]


_SHARED: Final = {
    "reason": Schema(
        type=STRING, min_length=1, max_length=REASON_CHARS_MAX, pattern=r"\S", description="Why."
    ),
    "seen": Schema(
        type=INTEGER,
        minimum=0,
        description="The `Article20-Position` of what you saw of the claim. Where something"
        " happened to it since, the decision is refused (409) and the refusal says what.",
    ),
}
_PARTS: Final = {
    "by": Schema(
        type=OpenAPIType.ARRAY,
        items=reference("Actor"),
        max_items=LIST_MAX,
        description="Who disputes it: actors as in a claim.",
    ),
    "sources": Schema(
        type=OpenAPIType.ARRAY,
        items=reference("Source"),
        max_items=LIST_MAX,
        description="On which sources, as in a claim.",
    ),
    "signatory": reference("Actor"),
    "visibility": Schema(
        type=STRING, enum=list(get_args(Visibility)), description="To whom it may be shown."
    ),
    "changes": Schema(
        type=OpenAPIType.OBJECT, description="Fields of the claim, and what they should say."
    ),
}


def _desk(role: str, *fields: str, needed: tuple[str, ...] = ("reason",)) -> dict[str, Any]:
    """The keyword arguments of a route that takes a decision with these fields."""
    known = {**_SHARED, **_PARTS}
    shape = {
        "type": OpenAPIType.OBJECT,
        "properties": {name: known[name] for name in (*_SHARED, *fields)},
        "required": list(needed) or None,
        "additionalProperties": False,
    }
    return route(role, body=schema_of(shape), refusals=(404, 409, 413, 415, 422)) | {
        "status_code": 200
    }


async def _verdict(
    request: Call,
    serving: Serving,
    claim: str,
    decision: Callable[[ClaimDesk], None],
    *also: str,
    seen: int | None,
    again: bool = False,
) -> Response[Receipt]:
    principal: Principal = request.scope["user"]
    outcome = await decide(
        serving.house,
        principal.workspace,
        (claim, *also),
        decision,
        by=principal.by,
        seen=seen,
        again=again,
    )
    answer = receipt(serving, principal.workspace, outcome)
    answer.status_code = 200
    return answer


def _judging(claim: str, verdict: Verdict, by: str, **facts: Any) -> Callable[[ClaimDesk], None]:
    return lambda desk: desk.decide(claim, verdict, by=by, **facts)


@post("/api/v1/claims/{claim:str}/accept", **_desk("reviewer", needed=()))
async def accept_claim(request: Call, serving: Served, claim: FromPath[str]) -> Response[Receipt]:
    """Hold a claim to be true; whoever recorded it cannot."""
    wanted, by = claim_id(claim), request.scope["user"].by
    body = await decoded(request, serving, MayGiveReason, may_be_absent=True)
    return await _verdict(
        request,
        serving,
        wanted,
        _judging(wanted, "accepted", by, reason=body.reason),
        seen=body.seen,
    )


@post("/api/v1/claims/{claim:str}/reject", **_desk("reviewer"))
async def reject_claim(request: Call, serving: Served, claim: FromPath[str]) -> Response[Receipt]:
    """Not take a claim up: unfounded, out of scope or unusable."""
    wanted, by = claim_id(claim), request.scope["user"].by
    body = await decoded(request, serving, GivesReason)
    return await _verdict(
        request,
        serving,
        wanted,
        _judging(wanted, "rejected", by, reason=body.reason),
        seen=body.seen,
    )


@post("/api/v1/claims/{claim:str}/contest", **_desk("reviewer", "by", "sources"))
async def contest_claim(request: Call, serving: Served, claim: FromPath[str]) -> Response[Receipt]:
    """Note that somebody with standing disputes a claim."""
    wanted, by = claim_id(claim), request.scope["user"].by
    body = await decoded(request, serving, Contests)
    _check(actor_faults(body.by, "/by"))
    _check(source_faults(body.sources, "/sources", serving.house.now()))
    facts = {"reason": body.reason, "contested_by": body.by, "sources": body.sources}
    return await _verdict(
        request, serving, wanted, _judging(wanted, "contested", by, **facts), seen=body.seen
    )


@post("/api/v1/claims/{claim:str}/refute", **_desk("reviewer", "sources"))
async def refute_claim(request: Call, serving: Served, claim: FromPath[str]) -> Response[Receipt]:
    """Note that a claim is shown to be false; it stays readable and counts nowhere."""
    wanted, by = claim_id(claim), request.scope["user"].by
    body = await decoded(request, serving, Refutes)
    _check(source_faults(body.sources, "/sources", serving.house.now()))
    facts = {"reason": body.reason, "sources": body.sources}
    return await _verdict(
        request, serving, wanted, _judging(wanted, "refuted", by, **facts), seen=body.seen
    )


@post("/api/v1/claims/{claim:str}/retract", **_desk("contributor"))
async def retract_claim(request: Call, serving: Served, claim: FromPath[str]) -> Response[Receipt]:
    """Take a claim back: whoever recorded it may, and every reviewer."""
    principal: Principal = request.scope["user"]
    wanted = claim_id(claim)
    body = await decoded(request, serving, GivesReason)

    def retract(desk: ClaimDesk) -> None:
        known = desk.known.get(wanted)
        if (
            known is not None
            and known.recorded_by != principal.by
            and not principal.may("reviewer")
        ):
            raise NotAllowed(reason="only whoever recorded a claim, or a reviewer, takes it back")
        desk.decide(wanted, "retracted", by=principal.by, reason=body.reason)

    return await _verdict(request, serving, wanted, retract, seen=body.seen)


@post(
    "/api/v1/claims/{claim:str}/correct",
    **_desk("reviewer", "changes", needed=("reason", "changes")),
)
async def correct_claim(request: Call, serving: Served, claim: FromPath[str]) -> Response[Receipt]:
    """Correct fields of a claim; what it said before stays readable."""
    wanted = claim_id(claim)
    body = await decoded(request, serving, Corrects)
    now = serving.house.now()
    return await _verdict(
        request,
        serving,
        wanted,
        lambda desk: desk.correct(wanted, body.changes, reason=body.reason, now=now),
        seen=body.seen,
    )


@post("/api/v1/claims/{claim:str}/sources", **_desk("contributor", "sources", needed=("sources",)))
async def add_sources(request: Call, serving: Served, claim: FromPath[str]) -> Response[Receipt]:
    """Put further sources behind a claim: a reviewer behind any, its recorder while it waits."""
    principal: Principal = request.scope["user"]
    wanted = claim_id(claim)
    body = await decoded(request, serving, AddsSources)
    _check(source_faults(body.sources, "/sources", serving.house.now()))

    def add(desk: ClaimDesk) -> None:
        known = desk.known.get(wanted)
        if known is not None and not principal.may("reviewer"):
            waits = known.recorded_by == principal.by and known.status == "pending"
            if not waits:
                raise NotAllowed(reason="reviewers add sources, and recorders while a claim waits")
        desk.add_sources(wanted, body.sources, reason=body.reason)

    return await _verdict(request, serving, wanted, add, seen=body.seen, again=True)


@post(
    "/api/v1/claims/{claim:str}/withdraw-signatory",
    **_desk("reviewer", "signatory", "sources", needed=("reason", "signatory")),
)
async def withdraw_signatory(
    request: Call, serving: Served, claim: FromPath[str]
) -> Response[Receipt]:
    """Note that one who signed a joint statement no longer stands by it; one voice less counts."""
    wanted = claim_id(claim)
    body = await decoded(request, serving, Withdraws)
    _check(
        [
            msgspec.structs.replace(fault, pointer=fault.pointer.replace("/0", "", 1))
            for fault in actor_faults((body.signatory,), "/signatory")
        ]
    )
    _check(source_faults(body.sources, "/sources", serving.house.now()))
    return await _verdict(
        request,
        serving,
        wanted,
        lambda desk: desk.withdraw_signatory(
            wanted, body.signatory, reason=body.reason, sources=body.sources
        ),
        seen=body.seen,
    )


@post(
    "/api/v1/claims/{claim:str}/visibility",
    **_desk("reviewer", "visibility", needed=("visibility",)),
)
async def change_visibility(
    request: Call, serving: Served, claim: FromPath[str]
) -> Response[Receipt]:
    """Say whether a claim may be shown to everybody or only inside the workspace."""
    wanted = claim_id(claim)
    body = await decoded(request, serving, Shows)
    return await _verdict(
        request,
        serving,
        wanted,
        lambda desk: desk.show(wanted, body.visibility, reason=body.reason),
        seen=body.seen,
    )


@post("/api/v1/claims/{claim:str}/same-as/{other:str}", **_desk("reviewer", needed=()))
async def declare_same(
    request: Call, serving: Served, claim: FromPath[str], other: FromPath[str]
) -> Response[Receipt]:
    """Declare that two claims tell of the same happening; of the two, one counts."""
    first, second = _pair(claim, other)
    body = await decoded(request, serving, MayGiveReason, may_be_absent=True)
    return await _verdict(
        request,
        serving,
        first,
        lambda desk: desk.declare_same(first, second, reason=body.reason),
        second,
        seen=body.seen,
    )


@post("/api/v1/claims/{claim:str}/separate/{other:str}", **_desk("reviewer", needed=()))
async def separate(
    request: Call, serving: Served, claim: FromPath[str], other: FromPath[str]
) -> Response[Receipt]:
    """Take back that two claims tell of the same happening."""
    first, second = _pair(claim, other)
    body = await decoded(request, serving, MayGiveReason, may_be_absent=True)
    return await _verdict(
        request,
        serving,
        first,
        lambda desk: desk.separate(first, second, reason=body.reason),
        second,
        seen=body.seen,
    )


def _check(faults: list[FieldError]) -> None:
    if faults:
        raise InvalidBody(faults)


def _pair(claim: str, other: str) -> tuple[ClaimId, ClaimId]:
    return claim_id(claim), claim_id(other)


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    accept_claim,
    reject_claim,
    contest_claim,
    refute_claim,
    retract_claim,
    correct_claim,
    add_sources,
    withdraw_signatory,
    change_visibility,
    declare_same,
    separate,
)
