"""Logging in and out of the dashboard; it never tells whether an e-mail is known."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.openapi.spec import Schema
from litestar.types import ControllerRouterHandler

from domain.errors import Article20Error
from services.api.access import (
    CSRF_FIELD,
    DOOR_COOKIE,
    FORM,
    PUBLIC,
    SESSION_COOKIE,
    Principal,
    cookies,
    new_door,
    read_form,
)
from services.api.describing import STRING, Field, route
from services.api.problems import problem_of
from services.api.requests import UnsupportedMediaType, header, media_type, read_query
from services.api.serving import Served, Serving
from services.dashboard.language import _, problem_words, word
from services.dashboard.models.shapes import LoginPage
from services.dashboard.render import render
from services.dashboard.speaking import marked, speak
from services.devices import device_of, place_of
from services.wiring import LoginRefused, TooManyLogins

HTML: Final = "text/html"
HOME: Final = "/"
DOOR_SECONDS: Final = 3600
AGENT_CHARS_MAX: Final = 1000
OWN_PATH: Final = re.compile(r"/(?![/\\])[!-~]{0,1000}")
"""A path of our own host: `//` and `/\\` begin the address of another."""
EXPIRED: Final = word("The form was open for too long. Try again.")

Call = Request[Any, Any, Any]


@get(
    "/login",
    include_in_schema=False,
    before_request=speak,
    after_request=marked,
    **route(
        PUBLIC,
        query=(
            Field(name="next", says="Where to go after.", schema=Schema(type=STRING)),
            Field(name="workspace", says="Whose desk.", schema=Schema(type=STRING)),
        ),
    ),
)
async def show_login(request: Call, serving: Served) -> Response[Any]:
    """The form that logs a person in."""
    query = read_query(request.scope, request.route_handler.opt["query"])
    next_, workspace = own_path(query.get("next", HOME)), query.get("workspace", "")
    return _form(request, serving, next_=next_, workspace=workspace)


@post(
    "/login",
    include_in_schema=False,
    before_request=speak,
    after_request=marked,
    **route(PUBLIC),
)
async def log_in(request: Call, serving: Served) -> Response[Any]:
    """Begin a session and go where the person wanted to go."""
    access, scope = serving.access, request.scope
    if media_type(scope) != FORM:
        raise UnsupportedMediaType(allowed=FORM)
    form = await read_form(serving.house, scope, request.receive)
    found = cookies(scope)
    door = found.get(access.cookie_name(scope, DOOR_COOKIE), "")
    next_, email = own_path(form.get("next", HOME)), form.get("email", "")[:254]
    workspace = form.get("workspace", "")
    again = partial(_form, request, serving, next_=next_, email=email, workspace=workspace)
    is_forged = header(scope, b"sec-fetch-site") == "cross-site"
    if is_forged or not door or not access.is_token_of(door, form.get(CSRF_FIELD, "")):
        return again(status=403, says=_(EXPIRED))
    try:
        _person, cookie = await serving.house.people.log_in(
            workspace or serving.settings.workspace,
            email=email,
            password=form.get("password", ""),
            address=scope["client"][0] if scope["client"] else "",
            **whence(scope),
        )
    except (LoginRefused, TooManyLogins) as error:
        return again(error=error)
    before = found.get(access.cookie_name(scope, SESSION_COOKIE))
    if before:
        await serving.house.people.log_out(before)
    answer: Response[Any] = Response(b"", status_code=303, headers={"Location": next_})
    seconds = serving.settings.session_hours * 3600
    answer.headers["Set-Cookie"] = access.set_cookie(scope, SESSION_COOKIE, cookie, seconds)
    return answer


@post("/logout", include_in_schema=False, **route("viewer"))
async def log_out(request: Call, serving: Served) -> Response[Any]:
    """End the session and show the form again."""
    principal: Principal = request.scope["user"]
    answer: Response[Any] = Response(b"", status_code=303, headers={"Location": "/login"})
    if principal.cookie is not None:
        await serving.house.people.log_out(principal.cookie)
        answer.headers["Set-Cookie"] = serving.access.set_cookie(
            request.scope, SESSION_COOKIE, "", 0
        )
    return answer


def whence(scope: Any) -> dict[str, str]:
    """What a login says of the device and the network that a request came from."""
    address = scope["client"][0] if scope["client"] else ""
    agent = (header(scope, b"user-agent") or "")[:AGENT_CHARS_MAX]
    return {"device": device_of(agent), "place": place_of(address)}


def own_path(text: str) -> str:
    """The path to go to after a login; home where it leads elsewhere."""
    return text if OWN_PATH.fullmatch(text) else HOME


def _form(
    request: Call,
    serving: Serving,
    *,
    next_: str,
    workspace: str,
    email: str = "",
    status: int = 200,
    says: str | None = None,
    error: Article20Error | None = None,
) -> Response[Any]:
    """The form with a door of its own; after an error with what it says."""
    access, scope = serving.access, request.scope
    door = new_door()
    headers = {"Set-Cookie": access.set_cookie(scope, DOOR_COOKIE, door, DOOR_SECONDS)}
    if error is not None:
        problem, more = problem_of(error, "")
        more.pop("WWW-Authenticate", None)
        headers |= more
        status, says = problem.status, problem_words(error, problem.detail)
    page = LoginPage(
        csrf_token=access.csrf_token(door),
        next=next_,
        workspace=workspace,
        email=email,
        error=says,
    )
    return Response(render(page), media_type=HTML, status_code=status, headers=headers)


ROUTES: Final[Sequence[ControllerRouterHandler]] = (show_login, log_in, log_out)
