"""The addresses of the dashboard: pages for whoever is logged in, and the files they are drawn
with."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from urllib.parse import quote, unquote

from litestar import Request, Response, get, post
from litestar.openapi.spec import Schema
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from domain.errors import Article20Error
from domain.governments import GOVERNMENTS
from services.api.access import PUBLIC, Principal
from services.api.asking import POSITION, is_held, number, release
from services.api.describing import STRING, Field, route
from services.api.problems import Unauthenticated, log_failure, problem_of
from services.api.requests import instance_of, read_query, request_id
from services.api.serving import Served, Serving
from services.dashboard import ledgers, moments, numbers, pages, places, records, soundness
from services.dashboard.assets import assets
from services.dashboard.frame import (
    CLAIMS_PATH,
    COMPARE_PATH,
    CRITICISM_PATH,
    GOVERNMENTS_PATH,
    INTEGRITY_PATH,
    MAP_PATH,
    TODAY_PATH,
    TRANSFERS_PATH,
    Link,
    government_path,
)
from services.dashboard.integrity import CHECK_PATH
from services.dashboard.model import ErrorPage
from services.dashboard.render import render
from services.dashboard.visit import PageAnswer, Visit, Visitor
from services.dashboard.world import NAME as WORLD
from services.dashboard.world import world

HTML: Final = "text/html; charset=utf-8"
_CLOCKS: Final = ("on", "known_at", "step", "min_position")
_FOR_EVER: Final = "public, max-age=31536000, immutable"

Call = Request[Any, Any, Any]


def _fields(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name=name, says="", schema=Schema(type=STRING)) for name in names)


def show_problem(request: Call, error: Exception) -> Response[Any]:
    """A refusal as a page; who is not logged in is led to the form and back."""
    if isinstance(error, Unauthenticated):
        address = request.scope["path"]
        if request.scope["query_string"]:
            address += "?" + request.scope["query_string"].decode("latin-1")
        return _redirect(f"/login?next={quote(address, safe='/')}")
    problem, headers = problem_of(error, instance_of(request.scope))
    if problem.status >= 500:
        log_failure(error, request_id(request.scope))
    page = ErrorPage(
        status=problem.status,
        title=problem.title,
        detail=problem.detail,
        todo="Go back, or begin with Today.",
        request_id=request_id(request.scope),
        links=(Link("Today", TODAY_PATH),),
    )
    return Response(render(page), media_type=HTML, status_code=problem.status, headers=headers)


_PAGE: Final[dict[str, Any]] = {
    "include_in_schema": False,
    "exception_handlers": {Article20Error: show_problem},
}


@get("/", **_PAGE, **route("viewer"))
async def home(request: Call) -> Response[Any]:
    """Lead to Today."""
    return _redirect(TODAY_PATH)


def _page(
    path: str, show: Callable[..., Awaitable[PageAnswer]], *fields: str
) -> ControllerRouterHandler:
    """The route of one page; what stands in braces in the path is given to `show` by order."""

    async def answer(request: Call, serving: Served) -> Response[Any]:
        found = request.scope["path_params"]
        names = [part.strip("{}").partition(":")[0] for part in path.split("/") if "{" in part]
        given = [str(found[name]) for name in names]
        return await _show(request, serving, lambda visit: show(visit, *given))

    return get(
        path, name=f"page:{path}", **_PAGE, **route("viewer", query=_fields(*_CLOCKS, *fields))
    )(answer)


@get(GOVERNMENTS_PATH, **_PAGE, **route("viewer", query=_fields(*_CLOCKS, "q", "status")))
async def show_governments(request: Call, serving: Served) -> Response[Any]:
    """The page Governments; a search that fits one government leads to it."""
    query = read_query(request.scope, request.route_handler.opt["query"])
    found = _only_government(query.get("q", ""))
    if found is not None:
        kept = [f"{name}={quote(query[name])}" for name in ("on", "known_at") if query.get(name)]
        return _redirect(government_path(found) + ("?" + "&".join(kept) if kept else ""))
    return await _show(request, serving, pages.governments)


@post(CHECK_PATH, status_code=303, **_PAGE, **route("reviewer"))
async def check_integrity(request: Call, serving: Served) -> Response[Any]:
    """Begin a proof of the workspace's store, and lead back to the page that tells of it."""
    principal: Principal = request.scope["user"]
    serving.checks.start(principal.workspace)
    return _redirect(INTEGRITY_PATH)


@get("/static/{name:str}", include_in_schema=False, **route(PUBLIC, query=_fields("v")))
async def show_asset(request: Call, name: FromPath[str]) -> Response[Any]:
    """One of the files that pages are drawn with; for ever under its own version."""
    asset = assets().get(name)
    if name == WORLD:
        asset = (await asyncio.to_thread(world)).asset
    if asset is None:
        raise NoAsset(name=name)
    tag = f'"{asset.version}"'
    query = read_query(request.scope, request.route_handler.opt["query"])
    is_pinned = query.get("v") == asset.version
    headers = {"ETag": tag, "Cache-Control": _FOR_EVER if is_pinned else "no-cache"}
    if is_held(request.scope, tag):
        return Response(None, status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)


class NoAsset(Article20Error):
    """There is no file {name!r} here."""

    slug, status = "no-file", 404


async def _show(
    request: Call,
    serving: Serving,
    page: Callable[[Visit], Awaitable[PageAnswer]],
) -> Response[Any]:
    """The page, or 304 where the browser has it, or a better address for the same question."""
    principal: Principal = request.scope["user"]
    query = read_query(request.scope, request.route_handler.opt["query"])
    least = number(query, "min_position", 0)
    if least:
        wait_seconds = serving.settings.min_position_wait_seconds_max
        await serving.house.views.wait_for(principal.workspace, least, wait_seconds)
    visitor = Visitor(
        name=principal.name,
        role=principal.role,
        workspace=principal.workspace,
        csrf_token=serving.access.csrf_token(principal.cookie or ""),
    )
    watermark = await serving.house.views.watermark(principal.workspace)
    tag = _tag(request, serving, visitor, watermark.position, watermark.epoch)
    headers = {
        POSITION: str(watermark.position),
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie",
    }
    if is_held(request.scope, tag):
        return Response(None, status_code=304, headers=headers)
    path = unquote(request.scope["path"])
    answer = await page(
        Visit(serving.house, serving.questions, visitor, path, query, serving.checks)
    )
    if answer.redirect is not None:
        return _redirect(answer.redirect)
    headers[POSITION] = str(answer.position)
    if answer.is_fresh:
        kept = {name: value for name, value in headers.items() if name != "ETag"}
        kept["Cache-Control"] = "no-store"
        return Response(answer.html, media_type=HTML, headers=kept)
    headers["ETag"] = _tag(request, serving, visitor, answer.position, watermark.epoch)
    if answer.download is not None:
        headers["Content-Disposition"] = f'attachment; filename="{answer.download.filename}"'
        file = answer.download
        return Response(file.body, media_type=file.media_type, headers=headers)
    return Response(answer.html, media_type=HTML, headers=headers)


def _tag(request: Call, serving: Serving, visitor: Visitor, position: int, epoch: int) -> str:
    """What a page depends on: position, address, day, visitor and this release."""
    scope = request.scope
    parts = (
        visitor.workspace,
        visitor.name,
        visitor.role,
        visitor.csrf_token,
        scope["path"],
        scope["query_string"].decode("latin-1"),
        serving.house.now().date().isoformat(),
        str(epoch),
        release(),
        *(asset.version for asset in assets().values()),
    )
    return f'"{position}.{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}"'


def _redirect(address: str) -> Response[Any]:
    return Response(b"", status_code=303, headers={"Location": address})


def _only_government(asked: str) -> str | None:
    """The one government whose code or whole name was asked for, or whose name alone begins so."""
    words = asked.strip().casefold()
    if not words:
        return None
    exact = [c for c, name in GOVERNMENTS.items() if words in (c.casefold(), name.casefold())]
    if exact:
        return exact[0]
    begun = [c for c, name in GOVERNMENTS.items() if name.casefold().startswith(words)]
    return begun[0] if len(begun) == 1 else None


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    home,
    _page(TODAY_PATH, pages.today),
    show_governments,
    _page(GOVERNMENTS_PATH + "/{code:str}", pages.government, "lane", "status", "from", "event"),
    _page(GOVERNMENTS_PATH + "/{code:str}/{measure:str}", numbers.explain, *numbers.FIELDS),
    _page(CLAIMS_PATH, records.claims, *records.LIST_FIELDS),
    _page(CLAIMS_PATH + "/{claim:str}", records.claim, *records.CLAIM_FIELDS),
    _page(CRITICISM_PATH, ledgers.criticism, *ledgers.MATRIX_FIELDS),
    _page(TRANSFERS_PATH, ledgers.transfers, *ledgers.TRANSFER_FIELDS),
    _page(MAP_PATH, places.map_, *places.MAP_FIELDS),
    _page(COMPARE_PATH, moments.compare, *moments.COMPARE_FIELDS),
    _page(INTEGRITY_PATH, soundness.integrity),
    check_integrity,
    show_asset,
)
"""Every address of the dashboard besides login and logout."""
