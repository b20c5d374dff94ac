"""How a page is answered: who looks, whether their browser has it already, and what a refusal looks
like; it never knows what a page is about."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import msgspec
from litestar import Request, Response
from litestar.openapi.spec import Schema

from domain.errors import Article20Error, StillBehind
from services.api.access import CSRF_FIELD, SESSION_COOKIE, Principal, cookies, is_ours
from services.api.asking import POSITION, is_held, number, release
from services.api.describing import STRING, Field
from services.api.keeping import Kept
from services.api.problems import (
    Forbidden,
    ForgedRequest,
    Unauthenticated,
    log_failure,
    problem_of,
)
from services.api.requests import instance_of, read_query, request_id
from services.api.serving import Serving
from services.dashboard.assets import assets
from services.dashboard.frame import TODAY_PATH, Link
from services.dashboard.language import ENGLISH, _, choose, chosen, problem_words, tongue
from services.dashboard.models.people import ROLE_WORDS
from services.dashboard.models.shapes import Again, ErrorPage
from services.dashboard.render import render
from services.dashboard.sheets import read_format
from services.dashboard.speaking import language_of, mark, marked, speak
from services.dashboard.squeezing import GZIP, is_silent, is_taken, page_squeezed
from services.dashboard.visit import BEHIND_EVENTS_MAX, PageAnswer, Visit, Visitor
from services.wiring import AuditLine, Watermark

HTML: Final = "text/html"
OPENING: Final = frozenset({"event", "critic", "format"})
"""What a query holds that opens a claim or a list of them, or asks for a file."""
SECRET: Final = "password"
"""No field whose name holds this is given back."""
CLOCKS: Final = ("on", "known_at", "step", "min_position", "method")
MOMENTS: Final = ("on", "known_at", "method")
"""What comes along wherever one goes."""

Call = Request[Any, Any, Any]


def fields(*names: str) -> tuple[Field, ...]:
    """Names that the query of a page may hold."""
    return tuple(Field(name=name, says="", schema=Schema(type=STRING)) for name in names)


def show_problem(request: Call, error: Exception) -> Response[Any]:
    """A refusal as a page; who is not logged in is led to the form and back, and who sent a form
    without a session of theirs keeps what they typed."""
    again = typed_again(request) if isinstance(error, Unauthenticated | ForgedRequest) else None
    if isinstance(error, Unauthenticated) and again is None:
        return redirect(f"/login?next={quote(page_of(request), safe='/')}")
    problem, headers = problem_of(error, instance_of(request.scope))
    if problem.status >= 500:
        log_failure(error, request_id(request.scope))
    choose(tongue(language_of(request)))
    page = ErrorPage(
        status=problem.status,
        title=_(problem.title),
        detail=problem_words(error, problem.detail),
        todo=_("Go back, or begin with"),
        request_id=request_id(request.scope),
        links=(Link(_("Today"), TODAY_PATH, pairs=_moments_of(request), pinned=True),),
    )
    if again is not None:
        page = msgspec.structs.replace(
            page,
            title=_("Your login ended while you wrote"),
            detail=_("The form was sent without a login that lasts, and was not taken."),
            again=again,
        )
        headers = {"Cache-Control": "no-store"}
    if isinstance(error, Forbidden):
        page = not_allowed(page, str(error.facts["needed"]), str(error.facts["role"]))
    shown = Response(render(page), media_type=HTML, status_code=problem.status, headers=headers)
    return mark(shown)


def page_of(request: Call) -> str:
    """The page somebody is on: what they ask for or, where they send a form, whose address may be
    none of a page, what they sent it from."""
    if request.method in ("GET", "HEAD"):
        path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    else:
        try:
            sent_from = urlsplit(request.headers.get("referer", ""))
        except ValueError:
            sent_from = urlsplit("")
        is_own = sent_from.netloc == request.headers.get("host", "")
        path, query = (sent_from.path, sent_from.query) if is_own else (TODAY_PATH, "")
    return f"{path}?{query}" if query else path


def _moments_of(request: Call) -> tuple[tuple[str, str], ...]:
    """The two clocks and the weights of the page somebody is on, as they are typed there: a refusal
    knows no workspace that could read them, the page it leads to does."""
    asked = dict(parse_qsl(urlsplit(page_of(request)).query))
    return tuple((name, asked[name]) for name in MOMENTS if asked.get(name))


def typed_again(request: Call) -> Again | None:
    """The form of a page of ours that came without a session, or with the token of another one;
    None where no browser says that it was one of ours."""
    scope, access = request.scope, request.app.state.serving.access
    form: dict[str, str] | None = scope["state"].get("form")
    if form is None or not is_ours(scope):
        return None
    cookie = cookies(scope).get(access.cookie_name(scope, SESSION_COOKIE))
    is_in = cookie is not None and "workspace" in scope["state"]
    return Again(
        path=str(scope["path"]),
        fields=tuple(
            (name, typed)
            for name, typed in form.items()
            if name != CSRF_FIELD and SECRET not in name
        ),
        csrf_token=access.csrf_token(cookie) if is_in else None,
    )


def not_allowed(page: ErrorPage, needed: str, role: str) -> ErrorPage:
    """The refusal to somebody whose role does not reach, with what is open to them."""
    return msgspec.structs.replace(
        page,
        title=_("Your role does not reach here"),
        detail=_(
            "This needs the role %(needed)s, or one above it; yours is %(role)s. Nothing was"
            " changed, and what you may read is open to you as before.",
            needed=ROLE_WORDS.get(needed, needed).lower(),
            role=ROLE_WORDS.get(role, role).lower(),
        ),
        todo=_("An admin of the workspace can give you another role. Or begin with"),
    )


PAGE: Final[dict[str, Any]] = {
    "include_in_schema": False,
    "exception_handlers": {Article20Error: show_problem},
    "before_request": speak,
    "after_request": marked,
}


async def show(
    request: Call,
    serving: Serving,
    page: Callable[[Visit], Awaitable[PageAnswer]],
    *,
    keeps: bool = False,
) -> Response[Any]:
    """The page, or 304 where the browser has it, or a better address for the same question.

    `keeps`: a page drawn before is shown again while nothing has changed, other than where it opens
    a claim, which is noted each time.
    """
    principal: Principal = request.scope["user"]
    query = read_query(request.scope, request.route_handler.opt["query"])
    least = number(query, "min_position", 0)
    if least:
        wait_seconds = serving.settings.min_position_wait_seconds_max
        await serving.house.views.wait_for(principal.workspace, least, wait_seconds)
    if read_format(query.get("format")) is not None:
        choose(tongue(ENGLISH))  # a file is for machines
    visitor = visitor_of(serving, principal)
    serving.house.views.look_once()
    watermark = await serving.house.views.watermark(principal.workspace)
    # From before the page is drawn: what comes meanwhile makes a page newer than its tag, never
    # older, be it an event, a fault or midnight.
    is_small = is_taken(request.scope) and is_silent(query)
    tag = _tag(request, serving, visitor, watermark, GZIP if is_small else "")
    headers = {
        POSITION: str(watermark.position),
        "ETag": tag,
        "Cache-Control": "private, no-cache",
    }
    keeps = keeps and OPENING.isdisjoint(query)
    held, kept = is_held(request.scope, tag), serving.pages.recall(tag) if keeps else None
    if held or kept is not None:
        behind = await serving.house.store.head(principal.workspace) - watermark.position
        if held and behind <= BEHIND_EVENTS_MAX:
            return Response(None, status_code=304, headers=headers)
        if kept is not None and not behind:
            headers[POSITION] = str(kept.position)
            return _whole(kept.body, headers, is_small=is_small)
    path = unquote(request.scope["path"])
    answer = await page(visit_of(serving, visitor, path, query))
    if answer.redirect is not None:
        return redirect(answer.redirect)
    headers[POSITION] = str(answer.position)
    if answer.is_fresh:
        del headers["ETag"]
        headers["Cache-Control"] = "no-store"
    if answer.download is not None:
        narrowed = _scope_query(request)
        line = AuditLine(action="exported", by=principal.by, subject=path, detail=narrowed)
        await serving.house.audit.write(principal.workspace, line)
        headers["Content-Disposition"] = f'attachment; filename="{answer.download.filename}"'
        file = answer.download
        return Response(file.body, media_type=file.media_type, headers=headers)
    body, is_small = answer.html.encode(), is_small and not answer.is_fresh
    body = page_squeezed(body) if is_small else body
    if keeps and not answer.is_fresh and answer.position <= watermark.position:
        serving.pages.keep(tag, Kept(answer.position, body))
    return _whole(body, headers, is_small=is_small)


def _whole(body: bytes, headers: dict[str, str], *, is_small: bool) -> Response[Any]:
    """A page as it is sent."""
    if is_small:
        headers["Content-Encoding"] = GZIP
    return Response(body, media_type=HTML, headers=headers)


def _scope_query(request: Call) -> str:
    """The query of a request as it was typed."""
    return unquote(request.scope["query_string"].decode("latin-1"))


def visitor_of(serving: Serving, principal: Principal) -> Visitor:
    """Whoever asks, as pages know them."""
    return Visitor(
        by=principal.by,
        name=principal.name,
        role=principal.role,
        workspace=principal.workspace,
        csrf_token=serving.access.csrf_token(principal.cookie or ""),
        cookie=principal.cookie,
    )


def visit_of(serving: Serving, visitor: Visitor, path: str, query: Mapping[str, str]) -> Visit:
    """One look at one page."""
    return Visit(
        serving.house,
        serving.questions,
        visitor,
        path,
        query,
        serving.checks,
        campaigns=serving.campaigns,
    )


async def caught_up(serving: Serving, workspace: str) -> None:
    """Wait, as long as a read does, until the views hold what the log holds: a refusal that tells
    of what was decided meanwhile stands beside it, and the form sent again is judged by it."""
    head = await serving.house.store.head(workspace)
    with suppress(StillBehind):
        wait_seconds = serving.settings.min_position_wait_seconds_max
        await serving.house.views.wait_for(workspace, head, wait_seconds)


def refused(answer: PageAnswer, status: int) -> Response[Any]:
    """A form shown again with what is wrong and all that was typed; nobody keeps it."""
    headers = {POSITION: str(answer.position), "Cache-Control": "no-store"}
    return Response(answer.html, media_type=HTML, status_code=status, headers=headers)


def _tag(
    request: Call, serving: Serving, visitor: Visitor, watermark: Watermark, encoding: str
) -> str:
    """What a page depends on: where the views stand and which of them stopped, address, day,
    visitor, language, how it is sent and this release."""
    scope = request.scope
    parts = (
        visitor.workspace,
        visitor.by,
        visitor.name,
        visitor.role,
        visitor.csrf_token,
        scope["path"],
        scope["query_string"].decode("latin-1"),
        serving.house.now().date().isoformat(),
        str(watermark.epoch),
        *(f"{fault.view} {fault.position}" for fault in watermark.faults),
        release(),
        chosen().code,
        encoding,
        *(asset.version for asset in assets().values()),
    )
    return f'"{watermark.position}.{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}"'


def redirect(address: str) -> Response[Any]:
    """Lead to an address of our own host."""
    return Response(b"", status_code=303, headers={"Location": address})
