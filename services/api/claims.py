"""Claims over HTTP: lists, one in full, and recording one; whether a claim is true is never decided
here."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, get_args
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIFormat
from litestar.params import FromPath
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from domain.claims import Status, read_submission
from domain.clocks import HEAD, KnownAt
from domain.details import CLAIM_ID
from domain.errors import Article20Error, ClaimNotFound, InvalidQuestion
from domain.kinds import DETAILS_OF
from domain.treaties import TREATIES
from projections.claims import ClaimList, ClaimPage
from projections.similar import Suggestions
from services.api.access import Principal
from services.api.asking import POSITION, Answer, Asked, json_answer, number
from services.api.bodies import json_body
from services.api.describing import CLOCKS, INTEGER, STRING, Field, route, text_field
from services.api.requests import header
from services.api.serving import Served, Serving
from services.api.shapes import reference
from services.intake.sheets.writing import MEDIA_TYPES, SHEET_FORMATS, SheetFormat
from services.looking import looked_at, looked_through
from services.questions import government_code
from services.recording import How, Outcome, key_over, record
from services.tables.exporting import export_list
from services.wiring import AuditLine, ClaimFilter, Cursor, read_cursor

IDEMPOTENCY_KEY: Final = "^[!-~]{1,200}$"
STATUSES: Final = get_args(Status)


class MissingKey(Article20Error):
    """Recording needs an Idempotency-Key, of 1 to 200 visible ASCII characters. Send one that is
    new each time, and the same one when sending again."""

    slug, status = "missing-idempotency-key", 400


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a claim: its id, the position it stands at, and its status."""

    claim: str
    position: int
    status: Status


KEY: Final = Field(
    name="Idempotency-Key",
    says="New each time, the same when sending again.",
    schema=Schema(type=STRING, pattern=IDEMPOTENCY_KEY),
    where="header",
    required=True,
)
FILTERS: Final = (
    text_field("government", "Claims that concern this government (ISO alpha-3)."),
    text_field("kind", "Claims of this kind.", enum=sorted(DETAILS_OF)),
    text_field("status", "Claims with this status.", enum=list(STATUSES)),
    text_field("treaty", "Claims under this treaty.", enum=sorted(TREATIES)),
    text_field("actor", "Claims by this actor: `state:NOR`, or a code or name.", max_length=300),
    text_field("q", "Claims in which all these words occur.", max_length=300),
    text_field("from", "Claims of this day or later.", format=OpenAPIFormat.DATE),
    text_field("to", "Claims of this day or earlier.", format=OpenAPIFormat.DATE),
)
FORMAT: Final = text_field(
    "format", "The format of the file; `jsonl` unless said.", enum=list(SHEET_FORMATS)
)
ORDERS: Final = ("newest", "oldest")
ORDER: Final = text_field("order", "Newest or oldest first.", enum=list(ORDERS))
PRINTED: Final = frozenset({"on", "known_at", *(field.name for field in FILTERS)})
"""What is printed in a file of claims."""
NARROWING: Final = frozenset(field.name for field in FILTERS)
PAGE: Final = (
    Field(
        name="limit",
        says="How many claims a page holds at most.",
        schema=Schema(type=INTEGER, minimum=1),
    ),
    text_field("cursor", "Where the page begins; from the `Link` of the page before."),
)


@get("/api/v1/claims", **route("viewer", query=(*CLOCKS, *FILTERS, *PAGE), refusals=(404,)))
async def list_claims(request: Request[Any, Any, Any], serving: Served) -> Response[ClaimList]:
    """Claims as believed, newest first; pages follow by the header `Link`."""
    asked = Asked(request, serving)
    filter_ = _filter(asked)
    most = serving.settings.page_claims_max
    limit = min(number(asked.query, "limit", most, least=1), most)
    cursor = asked.query.get("cursor")
    after = read_cursor(cursor) if cursor is not None else None
    following: list[Cursor] = []

    async def ask() -> Answer:
        position, found, next_ = await serving.questions.claims(
            asked.workspace, asked.known_at, filter_, after=after, limit=limit
        )
        following.extend([next_] if next_ is not None else [])
        by = asked.principal.by
        looked_through(serving.house, asked.workspace, by, found.claims, "/api/v1/claims")
        return position, found

    def links() -> dict[str, str]:
        return (
            link_next("/api/v1/claims", asked.query, cursor=str(following[0])) if following else {}
        )

    return await asked.answer(ask, links)


@get(
    "/api/v1/export",
    **route("viewer", query=(*CLOCKS, *FILTERS, FORMAT, ORDER), refusals=(404, 422)),
    media_type="application/octet-stream",
)
async def export_claims(request: Request[Any, Any, Any], serving: Served) -> Stream:
    """Claims as a file that can be imported: CSV, XLSX or JSONL, with the filters printed in it."""
    asked = Asked(request, serving)
    await asked.wait()
    filter_ = _filter(asked)
    form = _one_of(asked.query, "format", SHEET_FORMATS) or "jsonl"
    return await exported(
        serving,
        asked.principal,
        asked.known_at,
        filter_,
        form,  # type: ignore[arg-type]  # one of them
        tuple((name, value) for name, value in asked.query.items() if name in PRINTED),
        oldest=_one_of(asked.query, "order", ORDERS) == "oldest",
        hold=asked.hold,
    )


async def exported(
    serving: Serving,
    principal: Principal,
    known_at: KnownAt,
    filter_: ClaimFilter,
    form: SheetFormat,
    about: Sequence[tuple[str, str]],
    *,
    oldest: bool,
    hold: Callable[[int], None] | None = None,
) -> Stream:
    """A list of claims as a file, which the audit list tells of; `hold` may refuse the position
    that it stands for."""
    found = await export_list(
        serving.house, principal.workspace, known_at, filter_, form, about, oldest=oldest
    )
    if hold is not None:
        hold(found.position)
    narrowed = urlencode([*about, ("format", form)], safe=":")
    told = AuditLine(action="exported", by=principal.by, subject="/claims", detail=narrowed)
    await serving.house.audit.write(principal.workspace, told)
    names = [value for name, value in about if name in ("government", "kind", "status", "treaty")]
    name = "-".join(["claims", *names, f"seq{found.position}"])
    headers = {
        POSITION: str(found.position),
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
        # Said here, because of several formats the route can only declare that it gives a file.
        "Content-Type": MEDIA_TYPES[form] + ("; charset=utf-8" if form == "csv" else ""),
    }
    return Stream(found.parts, media_type=MEDIA_TYPES[form], headers=headers)


@get("/api/v1/claims/{claim:str}", **route("viewer", query=CLOCKS, refusals=(404,)))
async def read_claim(
    request: Request[Any, Any, Any], serving: Served, claim: FromPath[str]
) -> Response[ClaimPage]:
    """One claim in full: its versions, decisions, sources and related claims."""
    asked = Asked(request, serving)
    wanted = claim_id(claim)

    async def ask() -> Answer:
        position, found = await serving.questions.claim(asked.workspace, wanted, asked.known_at)
        looked_at(serving.house, asked.workspace, asked.principal.by, found)
        return position, found

    return await asked.answer(ask)


@get("/api/v1/claims/{claim:str}/similar", **route("viewer", query=CLOCKS, refusals=(404,)))
async def read_similar(
    request: Request[Any, Any, Any], serving: Served, claim: FromPath[str]
) -> Response[Suggestions]:
    """Claims that may tell of the same happening, likeliest first; nothing is decided by it."""
    asked = Asked(request, serving)
    wanted = claim_id(claim)
    ask = serving.questions.similar
    return await asked.answer(lambda: ask(asked.workspace, wanted, asked.known_at))


@post(
    "/api/v1/similar",
    **route("contributor", body=reference("Claim"), refusals=(413, 415, 422))
    | {"status_code": 200},
)
async def find_similar(request: Request[Any, Any, Any], serving: Served) -> Response[Suggestions]:
    """Claims that may tell of the same happening as one not recorded yet; nothing is recorded."""
    principal: Principal = request.scope["user"]
    submission = read_submission(
        await json_body(request, serving),
        details_of=DETAILS_OF,
        now=serving.house.now(),
        new_id="not-recorded",
        backfill=principal.may("reviewer"),
    )
    position, found = await serving.questions.similar_to(
        principal.workspace, submission.claim, HEAD
    )
    return json_answer(found, 200, {POSITION: str(position)})


@post(
    "/api/v1/claims",
    **route(
        "contributor",
        headers=(KEY,),
        body=reference("Claim"),
        refusals=(409, 413, 415, 422),
        replays=Receipt,
    ),
)
async def record_claim(request: Request[Any, Any, Any], serving: Served) -> Response[Receipt]:
    """Record one claim, which then waits for a reviewer."""
    principal: Principal = request.scope["user"]
    key = idempotency_key(request, principal)
    raw = await json_body(request, serving)
    submission = read_submission(
        raw,
        details_of=DETAILS_OF,
        now=serving.house.now(),
        new_id=f"claim-{hashlib.sha256(key.encode()).hexdigest()[:24]}",
        backfill=principal.may("reviewer"),
    )
    how = How(by=principal.by, accepted=False, key=key_over(key, raw))
    outcome = await record(serving.house, principal.workspace, submission, how)
    return receipt(serving, principal.workspace, outcome)


def receipt(serving: Serving, workspace: str, outcome: Outcome) -> Response[Receipt]:
    """201 for what is new, else 200; with where it stands."""
    serving.saw(workspace, outcome.position)
    headers = {POSITION: str(outcome.position)}
    if outcome.is_new:
        headers["Location"] = f"/api/v1/claims/{outcome.claim}"
    if outcome.replayed:
        headers["Idempotent-Replayed"] = "true"
    body = Receipt(claim=outcome.claim, position=outcome.position, status=outcome.status)
    return json_answer(body, 201 if outcome.is_new else 200, headers)


def idempotency_key(request: Request[Any, Any, Any], principal: Principal) -> str:
    """The key of a request, which belongs to its caller; MissingKey where there is none."""
    key = header(request.scope, b"idempotency-key")
    if key is None or not re.fullmatch(IDEMPOTENCY_KEY, key):
        raise MissingKey()
    return f"api:{principal.by}:{key}"


def claim_id(text: str) -> str:
    """The id of a claim in an address; ClaimNotFound where it can be none."""
    if not re.fullmatch(CLAIM_ID, text):
        raise ClaimNotFound(claim=text[:128])
    return text


def link_next(path: str, query: Mapping[str, str], **changed: str) -> dict[str, str]:
    """The header that leads to the next page (RFC 8288)."""
    return {"Link": f'<{path}?{urlencode({**query, **changed}, safe=":")}>; rel="next"'}


def _filter(asked: Asked) -> ClaimFilter:
    # A field of a form that was left empty filters nothing.
    query = {name: value for name, value in asked.query.items() if value or name not in NARROWING}
    government = query.get("government")
    last_day = _day(query, "to")
    if "on" in query:
        last_day = asked.on if last_day is None else min(last_day, asked.on)
    return ClaimFilter(
        government=None if government is None else government_code(government),
        kind=_one_of(query, "kind", DETAILS_OF),
        status=_one_of(query, "status", STATUSES),  # type: ignore[arg-type]  # one of them
        treaty=_one_of(query, "treaty", TREATIES),
        actor=query.get("actor"),
        q=query.get("q"),
        first_day=_day(query, "from"),
        last_day=last_day,
    )


def _one_of(query: Mapping[str, str], name: str, known: Any) -> str | None:
    value = query.get(name)
    if value is not None and value not in known:
        detail = f"use one of {', '.join(known)}"
        raise InvalidQuestion(parameter=name, value=value[:80], detail=detail)
    return value


def _day(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # the one refusal below says how to write it
    raise InvalidQuestion(parameter=name, value=text[:80], detail="write a day as YYYY-MM-DD")


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    list_claims,
    export_claims,
    read_claim,
    read_similar,
    find_similar,
    record_claim,
)
