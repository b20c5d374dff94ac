"""One's own account: logins that last, the password, leaving quickly, and joining by an invitation;
it never tells one person of another's logins."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
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
from services.api.describing import route
from services.api.requests import UnsupportedMediaType, header, media_type, read_query
from services.api.serving import Served, Serving
from services.api.sessions import DOOR_SECONDS, EXPIRED, HOME, whence
from services.dashboard.answering import (
    CLOCKS,
    HTML,
    PAGE,
    Call,
    fields,
    redirect,
    refused,
    show,
    visit_of,
    visitor_of,
)
from services.dashboard.frame import ACCOUNT_PATH, AWAY_PATH, JOIN_PATH, LEAVE_PATH
from services.dashboard.language import _, error_words
from services.dashboard.models.people import AccountPage, JoinPage
from services.dashboard.render import away, render
from services.dashboard.screens.roster import number_of
from services.dashboard.visit import PageAnswer, Visit
from services.wiring import (
    InvalidPerson,
    InvitationOver,
    PersonExists,
    TooManyLogins,
    WeakPassword,
    WrongPassword,
)

DONE: Final = ("password", "ended", "ended-others", "language")
FORGET: Final = '"cache", "cookies", "storage"'
"""What a browser forgets of us when somebody leaves quickly: pages kept for Back among it."""


class NoAccount(Article20Error):
    """A machine has no account here. Log in as a person."""

    slug, status = "no-account", 409


async def account(visit: Visit, *, refusal: str = "", wrong: str = "") -> PageAnswer:
    """Where am I logged in, and how do I change my password?"""
    if (better := visit.better(())) is not None:
        return better
    house, visitor = visit.house, visit.visitor
    position = (await house.views.watermark(visit.workspace)).position
    person = person_of(visitor.by)
    email, logins, language = "", None, ""
    if person is not None:
        found = await house.people.session(visitor.cookie or "")
        email = "" if found is None else found.email
        language = "" if found is None else found.language or ""
        logins = tuple(await house.roster.logins(visit.workspace, person, visitor.cookie))
    page = AccountPage(
        frame=await visit.frame(_("Your account"), position),
        name=visitor.name,
        role=visitor.role,
        email=email,
        logins=logins,
        language=language,
        is_admin=visitor.may("admin"),
        done=visit.asked("done") if visit.asked("done") in DONE else "",
        refusal=refusal,
        wrong=wrong,
        past=visit.reading.clocks.mode(visit.today) == "past",
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


@get(ACCOUNT_PATH, **PAGE, **route("viewer", query=fields(*CLOCKS, "done")))
async def show_account(request: Call, serving: Served) -> Response[Any]:
    """The page of one's own account."""
    return await show(request, serving, account)


@post(ACCOUNT_PATH + "/password", status_code=303, **PAGE, **route("viewer"))
async def change_password(request: Call, serving: Served) -> Response[Any]:
    """Give oneself another password."""
    principal: Principal = request.scope["user"]
    form = await read_form(serving.house, request.scope, request.receive)
    try:
        await serving.house.roster.change_password(
            principal.workspace,
            _own(principal),
            present=form.get("present", ""),
            new=form.get("new", ""),
            cookie=principal.cookie,
        )
    except (WrongPassword, WeakPassword, TooManyLogins) as error:
        visit = visit_of(serving, visitor_of(serving, principal), ACCOUNT_PATH, {})
        wrong = "new" if isinstance(error, WeakPassword) else "present"
        page = await account(visit, refusal=error_words(error), wrong=wrong)
        return refused(page, error.status)
    return redirect(f"{ACCOUNT_PATH}?done=password")


@post(ACCOUNT_PATH + "/logins/{login:str}/end", status_code=303, **PAGE, **route("viewer"))
async def end_login(request: Call, serving: Served, login: FromPath[str]) -> Response[Any]:
    """End one of one's logins; one that is over already is over."""
    principal: Principal = request.scope["user"]
    found = number_of(login)
    if found is not None:
        await serving.house.roster.end_login(principal.workspace, _own(principal), found)
    return redirect(f"{ACCOUNT_PATH}?done=ended")


@post(ACCOUNT_PATH + "/logins/end", status_code=303, **PAGE, **route("viewer"))
async def end_logins(request: Call, serving: Served) -> Response[Any]:
    """End one's logins: all others, or with `which=all` this one too."""
    principal: Principal = request.scope["user"]
    form = await read_form(serving.house, request.scope, request.receive)
    is_all = form.get("which") == "all"
    but = None if is_all else principal.cookie
    await serving.house.roster.end_logins(principal.workspace, _own(principal), but=but)
    return redirect("/login" if is_all else f"{ACCOUNT_PATH}?done=ended-others")


@post(LEAVE_PATH, status_code=303, **PAGE, **route(PUBLIC))
async def leave(request: Call, serving: Served) -> Response[Any]:
    """Leave at once: the login ends, the browser forgets us, and a blank page follows.

    It asks for no token of a form, so that it works however long the page was open; another site
    cannot make anybody leave, for its requests bring no cookie and are told apart.
    """
    answer = redirect(AWAY_PATH)
    if header(request.scope, b"sec-fetch-site") == "cross-site":
        return answer
    access, scope = serving.access, request.scope
    cookie = cookies(scope).get(access.cookie_name(scope, SESSION_COOKIE))
    if cookie:
        await serving.house.people.log_out(cookie, quickly=True)
    answer.headers["Set-Cookie"] = access.set_cookie(scope, SESSION_COOKIE, "", 0)
    answer.headers["Clear-Site-Data"] = FORGET
    return answer


@get(AWAY_PATH, **PAGE, **route(PUBLIC))
async def show_away() -> Response[Any]:
    """A blank page that tells nobody what was looked at."""
    return Response(away(), media_type=HTML)


@get(JOIN_PATH, **PAGE, **route(PUBLIC, query=fields("invitation")))
async def show_join(request: Call, serving: Served) -> Response[Any]:
    """The form of somebody who was invited; looking at it uses nothing up."""
    query = read_query(request.scope, request.route_handler.opt["query"])
    return await _form(request, serving, query.get("invitation", ""))


@post(JOIN_PATH, status_code=303, **PAGE, **route(PUBLIC))
async def join(request: Call, serving: Served) -> Response[Any]:
    """Make a person of an invitation, log them in and lead to the first page."""
    access, scope = serving.access, request.scope
    if media_type(scope) != FORM:
        raise UnsupportedMediaType(allowed=FORM)
    form = await read_form(serving.house, scope, request.receive)
    secret, name = form.get("invitation", ""), form.get("name", "")[:200]
    door = cookies(scope).get(access.cookie_name(scope, DOOR_COOKIE), "")
    is_forged = header(scope, b"sec-fetch-site") == "cross-site"
    if is_forged or not door or not access.is_token_of(door, form.get(CSRF_FIELD, "")):
        return await _form(request, serving, secret, name=name, status=403, says=_(EXPIRED))
    try:
        person, _invitation = await serving.house.roster.join(
            secret, name=name, password=form.get("password", "")
        )
    except (InvalidPerson, WeakPassword, PersonExists, InvitationOver) as error:
        return await _form(
            request, serving, secret, name=name, status=error.status, says=error_words(error)
        )
    cookie = await serving.house.people.begin_session(person, **whence(scope))
    answer = redirect(HOME)
    seconds = serving.settings.session_hours * 3600
    answer.headers["Set-Cookie"] = access.set_cookie(scope, SESSION_COOKIE, cookie, seconds)
    return answer


async def _form(
    request: Call,
    serving: Serving,
    secret: str,
    *,
    name: str = "",
    status: int = 200,
    says: str = "",
) -> Response[Any]:
    """The form that joins with a door of its own; where the invitation is over, that it is."""
    access, scope = serving.access, request.scope
    door = new_door()
    headers = {"Set-Cookie": access.set_cookie(scope, DOOR_COOKIE, door, DOOR_SECONDS)}
    token = access.csrf_token(door)
    try:
        found = await serving.house.roster.invited(secret)
    except InvitationOver as over:
        page = JoinPage(csrf_token=token, secret="", error=error_words(over))
        return Response(render(page), media_type=HTML, status_code=410, headers=headers)
    page = JoinPage(
        csrf_token=token,
        secret=secret,
        workspace=found.workspace,
        email=found.email,
        role=found.role,
        name=name,
        error=says,
    )
    return Response(render(page), media_type=HTML, status_code=status, headers=headers)


def person_of(by: str) -> UUID | None:
    """The person that events name so; None for a machine."""
    kind, _colon, number = by.partition(":")
    return number_of(number) if kind == "person" else None


def _own(principal: Principal) -> UUID:
    person = person_of(principal.by)
    if person is None:
        raise NoAccount()
    return person


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    show_account,
    change_password,
    end_login,
    end_logins,
    leave,
    show_away,
    show_join,
    join,
)
"""The addresses of one's own account, of leaving and of joining."""
