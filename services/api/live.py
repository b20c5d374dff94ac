"""The live stream as a route, for tokens and for open pages; what it tells comes from the hub."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import asgi
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from domain.errors import InvalidQuestion
from services.api.access import Principal
from services.api.asking import number
from services.api.headers import HEAD_ALONE
from services.api.methods import only
from services.api.requests import header, read_query
from services.api.serving import Serving


@asgi(["/api/v1/live", "/live"], copy_scope=False, opt={"role": "viewer"})
async def follow(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell one client, until it leaves, how far the views are and what changed."""
    call: Any = scope
    only(call, "GET")
    serving: Serving = call["app"].state.serving
    principal: Principal = call["user"]
    query = read_query(call, ("after",))
    after = number(query, "after", 0) if "after" in query else None
    resumed = header(call, b"last-event-id")
    if resumed is not None:
        if not resumed.isascii() or not resumed.isdigit() or len(resumed) > 18:
            detail = "send the id of the last message as it came"
            raise InvalidQuestion(parameter="Last-Event-ID", value=resumed[:80], detail=detail)
        after = int(resumed)
    call["state"]["streams"] = True
    holder = principal.cookie or principal.by
    if call["state"].get(HEAD_ALONE, False):
        await serving.hub.open_alone(principal.workspace, send)
        return
    await serving.hub.follow(principal.workspace, after, receive, send, holder)


ROUTES: Final[Sequence[ControllerRouterHandler]] = (follow,)
