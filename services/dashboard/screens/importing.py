"""Import: takes a table, shows what it would do, lets it be recorded and taken back; what a row
would become is never decided here."""

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from domain.errors import Article20Error
from services.api.access import UPLOAD, FormBounds, Principal, read_form
from services.api.asking import number
from services.api.describing import route
from services.api.serving import Served, Serving
from services.api.uploads import read_upload
from services.dashboard.answering import PAGE, Call, redirect, refused, visit_of, visitor_of
from services.dashboard.frame import IMPORT_PATH
from services.dashboard.language import _, error_words
from services.dashboard.models.imports import (
    FATES,
    ROWS_SHOWN_MAX,
    ImportsPage,
    import_page,
)
from services.dashboard.render import render
from services.dashboard.visit import PageAnswer, Visit
from services.intake.sheets.table import Cell
from services.intake.sheets.writing import MEDIA_TYPES, write_template
from services.tables.choices import UnknownCell, UnknownChoice
from services.tables.marked import marked_table
from services.tables.uploads import MOVING, STALE_SECONDS, NotNow, UnknownColumn
from services.wiring import ImportNotFound

FIELDS: Final = ("show", "after")
LATEST_SHOWN_MAX: Final = 20
PART_BYTES: Final = 256 * 1024
WAITED_SECONDS: Final = 2.0
"""A step that is quicker is over when the page is shown."""
ROWS_FORM: Final = FormBounds(bytes_max=512 * 1024, fields_max=1_000)
Step = Literal["columns", "choose", "check", "commit", "undo"]
STEPS: Final[tuple[Step, ...]] = ("columns", "choose", "check", "commit", "undo")
CELLS: Final = msgspec.msgpack.Decoder(list[Cell])


async def imports(visit: Visit, refusal: str = "") -> PageAnswer:
    """What would this file do? Choose one."""
    if (better := visit.better(())) is not None:
        return better
    position = (await visit.house.views.watermark(visit.workspace)).position
    past = visit.reading.clocks.mode(visit.today) == "past"
    page = ImportsPage(
        frame=await visit.frame(_("Import"), position),
        latest=tuple(await visit.house.imports.latest(visit.workspace, LATEST_SHOWN_MAX)),
        bytes_max=visit.house.settings.import_bytes_max,
        refusal=refusal,
        past=past,
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


async def one_import(visit: Visit, name: str, refusal: str = "") -> PageAnswer:
    """What would this file do, row by row?"""
    kept = visit.kept("show", "after")
    if (better := visit.better(kept)) is not None:
        return better
    one, touched = await visit.house.imports.one(visit.workspace, name)
    show = next((fate for fate in FATES if fate == visit.asked("show")), None)
    after = number(visit.query, "after", 0)
    rows = await visit.house.imports.rows(
        visit.workspace,
        name,
        after=after,
        limit=ROWS_SHOWN_MAX + 1,
        fates=(show,) if show else FATES,
    )
    position = (await visit.house.views.watermark(visit.workspace)).position
    quiet = (visit.house.now() - touched).total_seconds() > STALE_SECONDS
    found = [(row, cells) for _number, cells, row in rows if row is not None]
    page = import_page(
        await visit.frame(_("Import"), position, pairs=kept),
        one,
        [row for row, _cells in found],
        await visit.house.imports.counts(visit.workspace, name),
        by=visit.visitor.by,
        show=show or "",
        begun=after > 0,
        after=after,
        cells={row.number: CELLS.decode(cells) for row, cells in found if row.fate == "error"},
        choices=await visit.house.imports.choices(visit.workspace, name),
        is_moving=one.state in MOVING and not quiet,
        is_stale=one.state in MOVING and quiet,
        refusal=refusal,
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


def _upload_route() -> dict[str, Any]:
    found = route("reviewer")
    return {**found, "opt": {**found["opt"], "form": UPLOAD}}


def _step_route() -> dict[str, Any]:
    found = route("reviewer")
    return {**found, "opt": {**found["opt"], "form": ROWS_FORM}}


@post(IMPORT_PATH, status_code=303, **PAGE, **_upload_route())
async def take_table(request: Call, serving: Served) -> Response[Any]:
    """Take a table that is uploaded, and lead to what it would do; a refusal shows the form."""
    principal: Principal = request.scope["user"]
    settings = serving.settings
    try:
        upload = await read_upload(
            request.scope,
            request.receive,
            serving.access,
            principal.cookie or "",
            bytes_max=settings.import_bytes_max,
            seconds_max=settings.import_seconds_max,
        )
        try:
            one = await serving.imports.take(
                principal.workspace, principal.by, upload.filename, upload.file
            )
        except BaseException:
            upload.file.close()
            raise
    except Article20Error as error:
        if error.status == 403:
            raise
        visit = visit_of(serving, visitor_of(serving, principal), IMPORT_PATH, {})
        return refused(await imports(visit, error_words(error)), error.status)
    await serving.imports.settled(principal.workspace, one.name, WAITED_SECONDS)
    return redirect(f"{IMPORT_PATH}/{one.name}")


@post(IMPORT_PATH + "/{name:str}/{step:str}", status_code=303, **PAGE, **_step_route())
async def take_step(
    request: Call, serving: Served, name: FromPath[str], step: FromPath[str]
) -> Response[Any]:
    """Choose columns or what becomes of rows, check again, record, or take back; then lead back to
    the table."""
    principal: Principal = request.scope["user"]
    form = await read_form(serving.house, request.scope, request.receive, ROWS_FORM)
    wanted = next((known for known in STEPS if known == step), None)
    if wanted is None:
        raise ImportNotFound(import_=f"{name}/{step}")
    try:
        await _taken(serving, principal, name, wanted, form)
    except (NotNow, UnknownCell, UnknownChoice, UnknownColumn) as error:
        path = f"{IMPORT_PATH}/{name}"
        visit = visit_of(serving, visitor_of(serving, principal), path, {})
        return refused(await one_import(visit, name, error_words(error)), error.status)
    await serving.imports.settled(principal.workspace, name, WAITED_SECONDS)
    one, _touched = await serving.house.imports.one(principal.workspace, name)
    serving.saw(principal.workspace, one.position)
    pairs = {key: form[key] for key in FIELDS if form.get(key)} if one.state == "ready" else {}
    if one.state in ("imported", "undone"):
        pairs = {"min_position": str(one.position)}
    query = f"?{urlencode(pairs)}" if pairs else ""
    return redirect(f"{IMPORT_PATH}/{name}{query}")


async def _taken(
    serving: Serving, principal: Principal, name: str, step: Step, form: dict[str, str]
) -> None:
    workspace = principal.workspace
    if step == "columns":
        chosen = {key[7:]: path for key, path in form.items() if key.startswith("column-")}
        await serving.imports.choose(workspace, name, chosen)
        return
    if step == "undo":
        await serving.imports.take_back(workspace, name, principal.by)
        return
    is_mended = await serving.imports.say(workspace, name, form)
    # What was written anew is looked at before it is recorded.
    if step == "check" or is_mended:
        await serving.imports.check(workspace, name)
    elif step == "commit":
        await serving.imports.commit(workspace, name, with_likely=form.get("likely") == "yes")


@get(IMPORT_PATH + "/template/{form:str}", **PAGE, **route("contributor"))
async def show_template(request: Call, form: FromPath[str]) -> Response[Any]:
    """A table to fill in, as CSV or XLSX."""
    wanted: Literal["csv", "xlsx"] = "csv" if form == "csv" else "xlsx"
    out = io.BytesIO()
    await asyncio.to_thread(write_template, wanted, out)
    headers = {"Content-Disposition": f'attachment; filename="claims-template.{wanted}"'}
    return Response(out.getvalue(), media_type=MEDIA_TYPES[wanted], headers=headers)


@get(IMPORT_PATH + "/{name:str}/marked/{form:str}", **PAGE, **route("reviewer"))
async def show_marked(
    request: Call, serving: Served, name: FromPath[str], form: FromPath[str]
) -> Stream:
    """The table with what is wrong in it: comments on cells in XLSX, a column in CSV too."""
    principal: Principal = request.scope["user"]
    wanted: Literal["csv", "xlsx"] = "csv" if form == "csv" else "xlsx"
    file = await marked_table(serving.house, principal.workspace, name, wanted)

    async def parts() -> AsyncIterator[bytes]:
        with file:
            while part := await asyncio.to_thread(file.read, PART_BYTES):
                yield part

    headers = {"Content-Disposition": f'attachment; filename="faults-{name}.{wanted}"'}
    return Stream(parts(), media_type=MEDIA_TYPES[wanted], headers=headers)


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    take_table,
    take_step,
    show_template,
    show_marked,
)
"""Where tables are taken and gone on with; the pages are listed beside the others."""
