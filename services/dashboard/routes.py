"""The addresses of the dashboard: pages for whoever is logged in, and the files they are drawn
with."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from domain.errors import Article20Error
from domain.governments import GOVERNMENTS
from services.api.access import PUBLIC, Principal
from services.api.asking import is_held
from services.api.describing import route
from services.api.requests import read_query
from services.api.serving import Served
from services.dashboard.answering import CLOCKS, PAGE, Call, fields, redirect, show
from services.dashboard.assets import ICON, Asset, assets
from services.dashboard.charts.world import NAME as WORLD
from services.dashboard.charts.world import world
from services.dashboard.frame import (
    AUDIT_PATH,
    CAMPAIGNS_PATH,
    CLAIMS_PATH,
    COMMITMENTS_PATH,
    COMPARE_PATH,
    CRITICISM_PATH,
    DEADLINES_PATH,
    FIND_PATH,
    GOVERNMENTS_PATH,
    IMPORT_PATH,
    INTEGRITY_PATH,
    MAP_PATH,
    RECORD_PATH,
    REVIEW_PATH,
    TODAY_PATH,
    TRANSFERS_PATH,
    government_path,
)
from services.dashboard.models.integrity import CHECK_PATH
from services.dashboard.screens import (
    account,
    amending,
    auditing,
    campaign_desk,
    correcting,
    drafting,
    finding,
    importing,
    interface,
    languages,
    ledgers,
    list_files,
    moments,
    numbers,
    pages,
    places,
    recording,
    records,
    reviewing,
    roster,
    soundness,
    sourcing,
    undertaken,
)
from services.dashboard.squeezing import GZIP, VARIES, is_taken
from services.dashboard.visit import PageAnswer

_FOR_EVER: Final = "public, max-age=31536000, immutable"


@get("/", **PAGE, **route("viewer"))
async def home(request: Call) -> Response[Any]:
    """Lead to Today."""
    return redirect(TODAY_PATH)


def _page(
    path: str,
    page: Callable[..., Awaitable[PageAnswer]],
    *names: str,
    role: str = "viewer",
    keeps: bool = False,
) -> ControllerRouterHandler:
    """The route of one page; what stands in braces in the path is given to `page` by order.

    `keeps`: see `show`.
    """

    async def answer(request: Call, serving: Served) -> Response[Any]:
        found = request.scope["path_params"]
        braced = [part.strip("{}").partition(":")[0] for part in path.split("/") if "{" in part]
        given = [str(found[name]) for name in braced]
        return await show(request, serving, lambda visit: page(visit, *given), keeps=keeps)

    return get(path, name=f"page:{path}", **PAGE, **route(role, query=fields(*CLOCKS, *names)))(
        answer
    )


@get(
    GOVERNMENTS_PATH,
    **PAGE,
    **route("viewer", query=fields(*CLOCKS, *pages.LIST_FIELDS)),
)
async def show_governments(request: Call, serving: Served) -> Response[Any]:
    """The page Governments; a search that fits one government leads to it."""
    query = read_query(request.scope, request.route_handler.opt["query"])
    found = _only_government(query.get("q", ""))
    if found is not None:
        kept = [
            f"{name}={quote(query[name])}"
            for name in ("on", "known_at", "method")
            if query.get(name)
        ]
        return redirect(government_path(found) + ("?" + "&".join(kept) if kept else ""))
    return await show(request, serving, pages.governments, keeps=True)


@post(CHECK_PATH, status_code=303, **PAGE, **route("reviewer"))
async def check_integrity(request: Call, serving: Served) -> Response[Any]:
    """Begin a proof of the workspace's store, and lead back to the page that tells of it."""
    principal: Principal = request.scope["user"]
    serving.checks.start(principal.workspace)
    return redirect(INTEGRITY_PATH)


@get("/static/{name:str}", include_in_schema=False, **route(PUBLIC, query=fields("v")))
async def show_asset(request: Call, name: FromPath[str]) -> Response[Any]:
    """One of the files that pages are drawn with; for ever under its own version."""
    asset = assets().get(name)
    if name == WORLD:
        asset = (await asyncio.to_thread(world)).asset
    if asset is None:
        raise NoAsset(name=name)
    return _file(request, asset)


@get("/favicon.ico", include_in_schema=False, **route(PUBLIC, query=fields("v")))
async def show_icon(request: Call) -> Response[Any]:
    """The icon, where browsers look for it beside what is no page, as an answer of the API."""
    return _file(request, assets()[ICON])


def _file(request: Call, asset: Asset) -> Response[Any]:
    is_small = is_taken(request.scope) and len(asset.small) < len(asset.body)
    tag = f'"{asset.version}{".gz" if is_small else ""}"'
    query = read_query(request.scope, request.route_handler.opt["query"])
    is_pinned = query.get("v") == asset.version
    headers = {
        "ETag": tag,
        "Cache-Control": _FOR_EVER if is_pinned else "no-cache",
        "Vary": VARIES,
    }
    if is_held(request.scope, tag):
        return Response(None, status_code=304, headers=headers)
    if is_small:
        headers["Content-Encoding"] = GZIP
    body = asset.small if is_small else asset.body
    return Response(body, media_type=asset.media_type, headers=headers)


class NoAsset(Article20Error):
    """There is no file {name!r} here."""

    slug, status = "no-file", 404


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
    _page(TODAY_PATH, pages.today, keeps=True),
    show_governments,
    _page(
        GOVERNMENTS_PATH + "/{code:str}",
        pages.government,
        *pages.GOVERNMENT_FIELDS,
        keeps=True,
    ),
    _page(
        GOVERNMENTS_PATH + "/{code:str}/{measure:str}",
        numbers.explain,
        *numbers.FIELDS,
        keeps=True,
    ),
    _page(CLAIMS_PATH, records.claims, *records.LIST_FIELDS),
    _page(RECORD_PATH, recording.record, *recording.FIELDS, role="contributor"),
    recording.take_claim,
    list_files.export,
    _page(CLAIMS_PATH + "/{claim:str}", records.claim, *records.CLAIM_FIELDS),
    *correcting.ROUTES,
    *amending.ROUTES,
    _page(CRITICISM_PATH, ledgers.criticism, *ledgers.MATRIX_FIELDS, keeps=True),
    _page(TRANSFERS_PATH, ledgers.transfers, *ledgers.TRANSFER_FIELDS, keeps=True),
    _page(COMMITMENTS_PATH, undertaken.commitments, *undertaken.COMMITMENT_FIELDS, keeps=True),
    _page(DEADLINES_PATH, undertaken.deadlines, *undertaken.DEADLINE_FIELDS, keeps=True),
    _page(MAP_PATH, places.map_, *places.MAP_FIELDS, keeps=True),
    _page(COMPARE_PATH, moments.compare, *moments.COMPARE_FIELDS, keeps=True),
    _page(INTEGRITY_PATH, soundness.integrity),
    check_integrity,
    _page(REVIEW_PATH, reviewing.review, *reviewing.FIELDS, role="reviewer"),
    reviewing.take_decision,
    reviewing.declare_same,
    reviewing.separate,
    _page(FIND_PATH, finding.find, *finding.FIELDS),
    _page(CAMPAIGNS_PATH, campaign_desk.campaigns, *campaign_desk.LIST_FIELDS),
    _page(CAMPAIGNS_PATH + "/{slug:str}", campaign_desk.campaign, *campaign_desk.FIELDS),
    *campaign_desk.ROUTES,
    *sourcing.ROUTES,
    _page(IMPORT_PATH, importing.imports, role="reviewer"),
    _page(IMPORT_PATH + "/{name:str}", importing.one_import, *importing.FIELDS, role="reviewer"),
    *importing.ROUTES,
    *drafting.ROUTES,
    _page(AUDIT_PATH, auditing.audit, *auditing.FIELDS, role="admin"),
    *roster.ROUTES,
    *account.ROUTES,
    *languages.ROUTES,
    interface.show_interface,
    show_asset,
    show_icon,
)
"""Every address of the dashboard besides login and logout."""
