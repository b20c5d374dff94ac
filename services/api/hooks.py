"""`POST /hooks/{source}`: a bare ASGI route that takes signed submissions in the order of the
contract; before the signature holds it tells nobody anything.

Cap while streaming, headers, time, signature, idempotency, parse, validate, append.
"""

import re
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import asgi
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from domain.errors import Article20Error, InvalidQuestion
from services.api.access import SIGNED
from services.api.claims import Receipt
from services.api.headers import CLOSE, POSITION, UNREAD
from services.api.methods import only
from services.api.problems import MEDIA_TYPE, TooManyRequests, log_failure, problem_of
from services.api.requests import (
    ClientGone,
    instance_of,
    media_type,
    read_query,
    read_quick_body,
    request_id,
)
from services.api.serving import Serving
from services.intake.webhooks import cloudevents
from services.intake.webhooks.posted import (
    Item,
    Posted,
    SourceDisabled,
    noted,
    status_of,
    take_posted,
)
from services.intake.webhooks.signatures import read_delivery, verify
from services.recording import Outcome
from services.wiring import Signer

JSON: Final = b"application/json"
ABORT: Final = (b"webhook-delivery", b"abort-message")
"""Tells the sender that sending the same again will not help."""
TEMPLATE: Final = "/hooks/{source}"
ENCODER: Final = msgspec.json.Encoder()
_PATH: Final = re.compile(r"/[^/]+/")
_DELIVERY: Final = re.compile(r"/hooks/[^/]+/?")

Header = tuple[bytes, bytes]
Answer = tuple[int, list[Header], bytes]
"""A status, headers, and a body."""


class ItemAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to one event of a batch: `status` is the one it would have had alone."""

    index: int
    id: str | None
    status: int
    claim: str | None = None
    position: int | None = None
    claim_status: str | None = None
    problem: Any = None


@asgi("/hooks", is_mount=True, copy_scope=False, opt={"role": SIGNED})
async def take_hook(scope: Scope, receive: Receive, send: Send) -> None:
    """Take one delivery of a webhook source."""
    call: Any = scope
    call["path_template"] = TEMPLATE
    # Mounted, because the framework's bare routes know no parameters; the rest of the path is ours.
    if not _PATH.fullmatch(call["path"]):
        raise NotFoundException()
    only(call, "POST")
    await answer_hook(call["app"].state.serving, call, receive, send, ())


def is_hook(scope: Any) -> bool:
    """Whether a request is a delivery, which need not be led through the framework."""
    return bool(
        scope["type"] == "http" and scope["method"] == "POST" and _DELIVERY.fullmatch(scope["path"])
    )


async def answer_hook(
    serving: Serving, scope: Any, receive: Receive, send: Send, always: tuple[Header, ...]
) -> int:
    """Answer one delivery, whatever goes wrong as a problem, and note what became of it; `always`
    are the headers that every answer carries, none where the envelope adds them. The status, 0
    where nobody was left to answer."""
    scope["path_template"] = TEMPLATE
    call = _Call()
    told: Outcome | list[Item] | Exception
    try:
        told = await _take(serving, scope, receive, call)
    except ClientGone:
        return 0
    except Article20Error as error:
        told = error
        status, headers, body = refusal(serving, scope, error, is_genuine=call.is_genuine)
        if always and status in UNREAD:
            headers.append(CLOSE)
    except Exception as error:
        # The outermost place: nobody else is left to answer.
        status, headers, body = refusal(serving, scope, error, is_genuine=call.is_genuine)
        await _send(send, status, [*headers, *always], body)
        raise
    else:
        assert call.signer is not None
        status, headers, body = taken(serving, call.signer, scope, told)
    await _send(send, status, [*headers, *always], body)
    if call.signer is not None and call.posted is not None:
        note(serving, call.signer, call.posted, call.is_genuine, status, told)
    return status


async def _send(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


class _Call:
    """How far a delivery came: whose it says it is, what it is, and whether that was verified."""

    __slots__ = ("is_genuine", "posted", "signer")

    def __init__(self) -> None:
        self.signer: Signer | None = None
        self.posted: Posted | None = None
        self.is_genuine = False


async def _take(
    serving: Serving, scope: Any, receive: Receive, call: _Call
) -> Outcome | list[Item]:
    settings, house = serving.settings, serving.house
    media = media_type(scope)
    is_batch = media == cloudevents.BATCH
    body = await read_quick_body(
        scope,
        receive,
        bytes_max=settings.batch_bytes_max if is_batch else settings.body_bytes_max,
        patience=serving.patience,
    )
    headers = scope["headers"]
    delivery = read_delivery(headers)
    source = scope["path"].rstrip("/").rpartition("/")[2]
    call.signer = signer = house.sources.kept(source) or await house.sources.find(source)
    attributes = tuple([pair for pair in headers if pair[0].startswith(cloudevents.PREFIX)])
    call.posted = posted = Posted(
        webhook_id=delivery.id, media_type=media, body=body, attributes=attributes
    )
    verify(
        delivery,
        body,
        signer.secrets(house.now()) if signer is not None else (),
        now=time.time(),
        tolerance_seconds=settings.signature_tolerance_seconds,
    )
    assert signer is not None  # no secrets, no verification
    call.is_genuine = True
    scope["state"]["workspace"] = signer.workspace
    if not signer.enabled:
        raise SourceDisabled()
    serving.source_buckets.take(
        signer.source, signer.requests_per_second_max, signer.burst_requests_max
    )
    if is_batch and scope["query_string"]:
        call.posted = posted = msgspec.structs.replace(posted, is_atomic=_is_atomic(scope))
    return await take_posted(house, signer, posted)


def _is_atomic(scope: Any) -> bool:
    atomic = read_query(scope, ("atomic",)).get("atomic", "false")
    if atomic not in ("true", "false"):
        raise InvalidQuestion(parameter="atomic", value=atomic[:80], detail="use true or false")
    return atomic == "true"


def note(
    serving: Serving,
    signer: Signer,
    posted: Posted,
    is_genuine: bool,
    status: int,
    told: Outcome | list[Item] | Exception,
) -> None:
    """Note what became of a delivery, behind its answer; what anybody can send, a bit of it."""
    if not is_genuine:
        try:
            serving.unverified_buckets.take(signer.source)
        except TooManyRequests:
            return
    house = serving.house
    arrived = noted(signer, posted, house.now(), status, told, is_genuine=is_genuine)
    house.deliveries.note(signer.workspace, arrived)


def taken(serving: Serving, signer: Signer, scope: Any, told: Outcome | list[Item]) -> Answer:
    """The answer to a delivery of which that became."""
    if isinstance(told, Outcome):
        serving.saw(signer.workspace, told.position)
        return _receipt(told)
    done = [item.outcome for item in told if isinstance(item.outcome, Outcome)]
    for outcome in done:
        serving.saw(signer.workspace, outcome.position)
    answers = [_item(scope, index, item.id, item.outcome) for index, item in enumerate(told)]
    headers = [(b"content-type", JSON), (POSITION, b"%d" % serving.position(signer.workspace))]
    if done and all(outcome.replayed for outcome in done):
        headers.append((b"idempotent-replayed", b"true"))
    return 207, headers, ENCODER.encode(answers)


def _receipt(outcome: Outcome) -> Answer:
    headers = [
        (b"content-type", JSON),
        (POSITION, b"%d" % outcome.position),
    ]
    if outcome.is_new:
        headers.append((b"location", f"/api/v1/claims/{outcome.claim}".encode()))
    if outcome.replayed:
        headers.append((b"idempotent-replayed", b"true"))
    receipt = Receipt(claim=outcome.claim, position=outcome.position, status=outcome.status)
    return status_of(outcome), headers, ENCODER.encode(receipt)


def _item(scope: Any, index: int, id_: str | None, outcome: Outcome | Article20Error) -> ItemAnswer:
    if isinstance(outcome, Article20Error):
        problem, _ = problem_of(outcome, instance_of(scope))
        return ItemAnswer(index=index, id=id_, status=problem.status, problem=problem)
    return ItemAnswer(
        index=index,
        id=id_,
        status=201 if outcome.is_new else 200,
        claim=outcome.claim,
        position=outcome.position,
        claim_status=outcome.status,
    )


def refusal(serving: Serving, scope: Any, error: Exception, *, is_genuine: bool) -> Answer:
    """The answer to a delivery that is refused."""
    problem, more = problem_of(error, instance_of(scope))
    more.pop("WWW-Authenticate", None)
    if problem.status >= 500:
        log_failure(error, request_id(scope))
    position = serving.position(scope["state"].get("workspace", ""))
    headers = [(b"content-type", MEDIA_TYPE.encode()), (POSITION, b"%d" % position)]
    headers += [(name.lower().encode(), value.encode()) for name, value in more.items()]
    if is_genuine and problem.status in (400, 409, 413, 415, 422):
        headers.append(ABORT)
    return problem.status, headers, ENCODER.encode(problem)


ROUTES: Final[Sequence[ControllerRouterHandler]] = (take_hook,)
