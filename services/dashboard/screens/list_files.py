"""The list of claims as a file that can be imported again; it chooses no claim itself."""

from typing import Any, Final

from litestar import Response, get
from litestar.response import Stream

from services.api.access import Principal
from services.api.claims import exported
from services.api.describing import route
from services.api.requests import read_query
from services.api.serving import Served
from services.dashboard.answering import (
    CLOCKS,
    PAGE,
    Call,
    fields,
    redirect,
    visit_of,
    visitor_of,
)
from services.dashboard.clocks import address
from services.dashboard.frame import CLAIMS_PATH, EXPORT_PATH
from services.dashboard.screens.records import asked_of
from services.intake.sheets.writing import SHEET_FORMATS, SheetFormat

EXPORT_FIELDS: Final = (
    *("q", "government", "kind", "status", "treaty", "actor", "from", "to"),
    *("order", "format"),
)


@get(EXPORT_PATH, **PAGE, **route("viewer", query=fields(*CLOCKS, *EXPORT_FIELDS)))
async def export(request: Call, serving: Served) -> Response[Any] | Stream:
    """The list as a file that can be imported; a filter that cannot be read leads to the list."""
    principal: Principal = request.scope["user"]
    query = read_query(request.scope, request.route_handler.opt["query"])
    visit = visit_of(serving, visitor_of(serving, principal), CLAIMS_PATH, query)
    kept = visit.kept(*EXPORT_FIELDS[:-1])
    ask, filter_ = asked_of(visit)
    if ask.errors or visit.reading.on_error or visit.reading.known_error:
        return redirect(address(CLAIMS_PATH, visit.reading.clocks, (*kept, *visit.weighing_pairs)))
    asked = visit.asked("format")
    form: SheetFormat = next((one for one in SHEET_FORMATS if one == asked), "xlsx")
    about = (*visit.reading.clocks.pairs(), *kept)
    return await exported(
        serving, principal, visit.known_at, filter_, form, about, oldest=ask.order == "oldest"
    )
