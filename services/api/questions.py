"""The questions of the contract as routes: the board, a government, its numbers, the parties of a
treaty; answered by the same functions that replay uses."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, Response, get
from litestar.openapi.spec import Schema
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from projections.board import Board
from projections.dossier import MEASURES, Dossier, Explanation
from projections.parties import Parties
from projections.worklists import LISTS, ReviewQueue, read_list
from services.api.asking import Asked, number
from services.api.describing import CLOCKS, INTEGER, METHOD, STRING, Field, route
from services.api.serving import Served

AFTER: Final = Field(
    name="after",
    says="Begin after so many terms and claims left out: the `next_after` of the page before.",
    schema=Schema(type=INTEGER, minimum=0, maximum=10**18 - 1),
)


LIST: Final = Field(
    name="list",
    says="The governments of one list alone: those whose erosion interval lies wholly above their"
    " pressure interval.",
    schema=Schema(type=STRING, enum=list(LISTS)),
)


@get("/api/v1/governments", **route("viewer", query=(*CLOCKS, LIST, METHOD), refusals=(404,)))
async def read_board(request: Request[Any, Any, Any], serving: Served) -> Response[Board]:
    """The board: every government's standings, numbers and claims, or those of one list."""
    asked = Asked(request, serving)
    name = read_list(asked.query.get("list"))
    ask = serving.questions.board
    return await asked.answer(
        lambda: ask(asked.workspace, asked.on, asked.known_at, name, asked.method)
    )


@get("/api/v1/review", **route("viewer", query=(*CLOCKS, METHOD), refusals=(404,)))
async def read_review(request: Request[Any, Any, Any], serving: Served) -> Response[ReviewQueue]:
    """The claims that wait, in the order in which deciding them narrows published intervals."""
    asked = Asked(request, serving)
    ask = serving.questions.queue
    return await asked.answer(lambda: ask(asked.workspace, asked.on, asked.known_at, asked.method))


@get(
    "/api/v1/governments/{code:str}",
    **route("viewer", query=(*CLOCKS, AFTER, METHOD), refusals=(404,)),
)
async def read_government(
    request: Request[Any, Any, Any], serving: Served, code: FromPath[str]
) -> Response[Dossier]:
    """The dossier of one government: standing and stages per treaty, numbers, timeline."""
    asked = Asked(request, serving)
    after = number(asked.query, "after", 0)
    ask = serving.questions.dossier
    return await asked.answer(
        lambda: ask(asked.workspace, code, asked.on, asked.known_at, asked.method, after)
    )


@get(
    [f"/api/v1/governments/{{code:str}}/{measure}" for measure in MEASURES],
    **route("viewer", query=(*CLOCKS, AFTER, METHOD), refusals=(404,)),
)
async def read_measure(
    request: Request[Any, Any, Any], serving: Served, code: FromPath[str]
) -> Response[Explanation]:
    """One number of one government, opened into its terms, a page of them at a time."""
    asked = Asked(request, serving)
    after = number(asked.query, "after", 0)
    ask = serving.questions.explain
    measure = request.scope["path"].rstrip("/").rsplit("/", 1)[1]
    return await asked.answer(
        lambda: ask(asked.workspace, measure, code, asked.on, asked.known_at, after, asked.method)
    )


@get("/api/v1/treaties/{treaty:str}/parties", **route("viewer", query=CLOCKS, refusals=(404,)))
async def read_parties(
    request: Request[Any, Any, Any], serving: Served, treaty: FromPath[str]
) -> Response[Parties]:
    """The parties of a treaty: how many have deposited, how many are bound, and each of them."""
    asked = Asked(request, serving)
    ask = serving.questions.parties
    return await asked.answer(lambda: ask(asked.workspace, treaty, asked.on, asked.known_at))


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    read_board,
    read_review,
    read_government,
    read_measure,
    read_parties,
)
