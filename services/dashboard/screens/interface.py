"""The page API: every address and shape of the interface, for whoever writes a program; asks
nobody and needs no login."""

from typing import Any, Final

from litestar import Response, get
from litestar.routes import HTTPRoute

from services.api.access import PUBLIC, SIGNED
from services.api.describing import route
from services.api.document import whole
from services.dashboard.answering import HTML, PAGE, Call
from services.dashboard.frame import API_PATH
from services.dashboard.language import chosen
from services.dashboard.models.interface import InterfacePage, interface_page
from services.dashboard.render import render
from services.dashboard.squeezing import GZIP, file_squeezed, is_taken

_OPEN: Final = (PUBLIC, SIGNED)


@get(API_PATH, **PAGE, **route(PUBLIC))
async def show_interface(request: Call) -> Response[Any]:
    """What may a program ask and send? Drawn once in each language: it is the same for everybody,
    and for as long as this release runs."""
    drawn: dict[str, bytes] = request.app.state.setdefault("interface", {})
    code = chosen().code
    if code not in drawn:
        drawn[code] = render(_page(request)).encode()
    if not is_taken(request.scope):
        return Response(drawn[code], media_type=HTML)
    small = file_squeezed(drawn[code])
    return Response(small, media_type=HTML, headers={"Content-Encoding": GZIP})


def _page(request: Call) -> InterfacePage:
    roles = {
        (one.path_format, str(method)): str(handler.opt.get("role", PUBLIC))
        for one in request.app.routes
        if isinstance(one, HTTPRoute)
        for handler in one.route_handlers
        for method in handler.http_methods
    }
    needed = {place: "" if role in _OPEN else role for place, role in roles.items()}
    return interface_page(whole(request.app.openapi_schema.to_schema()), needed)
