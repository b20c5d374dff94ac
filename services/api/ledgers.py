"""Ledgers as routes: transfers, criticism, running clocks, and what changed between two points of
knowledge; answered by the same functions that replay uses."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.openapi.spec import Schema
from litestar.types import ControllerRouterHandler

from domain.clocks import KnownAt, read_known_at
from projections.changes import ChangeList
from projections.criticism import JOINTS, CriticismMatrix, read_joint
from projections.deadlines import Deadlines
from projections.paging import ROWS_MAX, Place
from projections.silence import read_among
from projections.transfers import Transfers
from projections.undertakings import Undertakings
from services.api.asking import Answer, Asked, number
from services.api.claims import link_next
from services.api.describing import (
    CLOCKS,
    INTEGER,
    KNOWN_AT,
    METHOD,
    MIN_POSITION,
    ON,
    STRING,
    Field,
    route,
)
from services.api.places import read_critic_place, read_place, written
from services.api.serving import Served

AMONG: Final = Field(
    name="among",
    says="Governments whose silence is asked about: ISO 3166-1 alpha-3 codes, names of alliances"
    " (AU, EU, NATO) and of sub-regions of the United Nations (`northern-europe`), parted by"
    " commas; `allies` for those in an alliance with each government, `region` for those in its"
    " sub-region.",
    schema=Schema(type=STRING, pattern="^([A-Z]{2,5}|[a-z-]+)(,([A-Z]{2,5}|[a-z-]+))*$"),
)
JOINT: Final = Field(
    name="joint",
    says="How joint statements are told: in the row of `each` voice named (unless given), in `one`"
    " row of their own, joint ones `only`, or not at all: `off`.",
    schema=Schema(type=STRING, enum=list(JOINTS)),
)
FROM_KNOWN_AT: Final = msgspec.structs.replace(
    KNOWN_AT,
    name="from_known_at",
    says="The first point of knowledge: `seq:N`, a day, or a timestamp with its offset.",
    required=True,
)
TO_KNOWN_AT: Final = msgspec.structs.replace(
    KNOWN_AT,
    name="to_known_at",
    says="The second point of knowledge, written as the first; everything unless given.",
)


PAGE: Final = (
    Field(
        name="limit",
        says="How many rows a page holds at most.",
        schema=Schema(type=INTEGER, minimum=1),
    ),
    Field(
        name="cursor",
        says="Where the page begins; from the `Link` of the page before.",
        schema=Schema(type=STRING),
    ),
)
Paged = tuple[int, msgspec.Struct, Place | None]


@get("/api/v1/transfers", **route("viewer", query=(*CLOCKS, *PAGE)))
async def read_transfers(request: Request[Any, Any, Any], serving: Served) -> Response[Transfers]:
    """The ledger of transfers: one row per happening, and totals as ranges; pages follow by the
    header `Link`."""
    asked = Asked(request, serving)
    return await _paged(asked, serving.questions.transfers, partial(read_place, names=1))


@get(
    "/api/v1/criticism",
    **route("viewer", query=(*CLOCKS, AMONG, JOINT, METHOD, *PAGE), refusals=(404,)),
)
async def read_criticism(
    request: Request[Any, Any, Any], serving: Served
) -> Response[CriticismMatrix]:
    """Who criticised whom: critics, governments criticised, and the cells between them; pages of
    critics follow by the header `Link`."""
    asked = Asked(request, serving)
    among = read_among(asked.query.get("among"), serving.house.circles)
    joint = read_joint(asked.query.get("joint"))
    ask = serving.questions.criticism

    def page(
        workspace: str, on: date, known_at: KnownAt, after: Place | None, limit: int
    ) -> Awaitable[Paged]:
        return ask(workspace, on, known_at, among, asked.method, joint, after, limit)

    return await _paged(asked, page, read_critic_place)


@get("/api/v1/commitments", **route("viewer", query=(*CLOCKS, *PAGE)))
async def read_commitments(
    request: Request[Any, Any, Any], serving: Served
) -> Response[Undertakings]:
    """What governments undertook for the norm, and how they answered those who addressed them;
    pages follow by the header `Link`."""
    asked = Asked(request, serving)
    return await _paged(asked, serving.questions.undertakings, partial(read_place, names=3))


@get("/api/v1/deadlines", **route("viewer", query=CLOCKS))
async def read_deadlines(request: Request[Any, Any, Any], serving: Served) -> Response[Deadlines]:
    """Every clock that runs, under every treaty, soonest first."""
    asked = Asked(request, serving)
    ask = serving.questions.deadlines
    return await asked.answer(lambda: ask(asked.workspace, asked.on, asked.known_at))


@get(
    "/api/v1/changes",
    **route(
        "viewer", query=(ON, FROM_KNOWN_AT, TO_KNOWN_AT, METHOD, MIN_POSITION), refusals=(404,)
    ),
)
async def read_changes(request: Request[Any, Any, Any], serving: Served) -> Response[ChangeList]:
    """What differs between two points of knowledge, each with the event that made it differ."""
    asked = Asked(request, serving)
    known_from = read_known_at(asked.query.get("from_known_at"), "from_known_at")
    known_to = read_known_at(asked.query.get("to_known_at"), "to_known_at")
    ask = serving.questions.changes
    return await asked.answer(
        lambda: ask(asked.workspace, asked.on, known_from, known_to, asked.method)
    )


async def _paged(
    asked: Asked, ask: Callable[..., Awaitable[Paged]], read: Callable[[str], Place]
) -> Response[Any]:
    """A page of a ledger, whose cursors are read so."""
    cursor = asked.query.get("cursor")
    after = None if cursor is None else read(cursor)
    limit = min(number(asked.query, "limit", ROWS_MAX, least=1), ROWS_MAX)
    following: list[Place] = []

    async def page() -> Answer:
        position, found, next_ = await ask(asked.workspace, asked.on, asked.known_at, after, limit)
        following.extend([] if next_ is None else [next_])
        return position, found

    def links() -> dict[str, str]:
        path = asked.request.scope["path"]
        return link_next(path, asked.query, cursor=written(following[0])) if following else {}

    return await asked.answer(page, links)


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    read_transfers,
    read_criticism,
    read_commitments,
    read_deadlines,
    read_changes,
)
