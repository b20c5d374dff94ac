"""The page People: lists who is on the desk, invites, gives roles and takes them; whether a change
is possible is never decided here."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from services.api.access import Principal, read_form
from services.api.describing import route
from services.api.requests import header
from services.api.serving import Served, Serving
from services.dashboard.answering import (
    CLOCKS,
    PAGE,
    Call,
    fields,
    redirect,
    refused,
    show,
    visit_of,
    visitor_of,
)
from services.dashboard.formats import moment_text
from services.dashboard.frame import JOIN_PATH, PEOPLE_PATH
from services.dashboard.language import _, error_words
from services.dashboard.models.people import (
    ORDERS,
    STATES,
    Invited,
    InviteForm,
    PeopleAsk,
    people_page,
    people_sheet,
)
from services.dashboard.render import render
from services.dashboard.sheets import download
from services.dashboard.visit import PageAnswer, Visit
from services.wiring import (
    ROLES,
    InvalidPerson,
    InvitationOver,
    LastAdmin,
    NotMailed,
    PersonExists,
    PersonNotFound,
    Role,
)

FIELDS: Final = ("q", "role", "state", "order", "done", "format")


async def people(
    visit: Visit,
    *,
    form: InviteForm | None = None,
    invited: Invited | None = None,
    refusal: str = "",
) -> PageAnswer:
    """Who may log in, with which role, and who was invited?"""
    kept = visit.kept("q", "role", "state", "order")
    if (better := visit.better(kept)) is not None:
        return better
    ask = PeopleAsk(
        q=visit.asked("q"),
        role=visit.choice("role", ROLES),
        state=visit.choice("state", STATES),
        order=visit.choice("order", ORDERS) or "name",
    )
    members = await visit.house.roster.members(visit.workspace)
    position = (await visit.house.views.watermark(visit.workspace)).position
    if visit.form is not None:
        file = download(people_sheet(members, ask), visit.form)
        return PageAnswer(position=position, download=file, is_fresh=True)
    page = people_page(
        await visit.frame(_("People"), position, pairs=kept),
        members,
        await visit.house.roster.invitations(visit.workspace),
        by=visit.visitor.by,
        ask=ask,
        form=form,
        invited=invited,
        done=visit.asked("done"),
        refusal=refusal,
        past=visit.reading.clocks.mode(visit.today) == "past",
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


@get(PEOPLE_PATH, **PAGE, **route("admin", query=fields(*CLOCKS, *FIELDS)))
async def show_people(request: Call, serving: Served) -> Response[Any]:
    """The page People."""
    return await show(request, serving, people)


@post(PEOPLE_PATH + "/invite", status_code=200, **PAGE, **route("admin"))
async def invite(request: Call, serving: Served) -> Response[Any]:
    """Invite somebody; the link is shown on the page that answers, and never again."""
    principal: Principal = request.scope["user"]
    form = await read_form(serving.house, request.scope, request.receive)
    email, wanted = form.get("email", "")[:254], form.get("role", "")
    visit = visit_of(serving, visitor_of(serving, principal), PEOPLE_PATH, {})
    role = _role_of(wanted)
    if role is None:
        typed = InviteForm(email=email, refusal=_("Choose a role."))
        return refused(await people(visit, form=typed), 422)
    try:
        invitation, secret = await serving.house.roster.invite(
            principal.workspace, email=email, role=role, by=principal.by
        )
    except (InvalidPerson, PersonExists) as error:
        typed = InviteForm(email=email, role=role, refusal=error_words(error))
        return refused(await people(visit, form=typed), error.status)
    shown = Invited(
        link=f"{_origin(request, serving)}{JOIN_PATH}?invitation={secret}",
        email=invitation.email,
        expires_at=invitation.expires_at,
    )
    shown = await _mailed(serving, shown, invitation.workspace)
    return refused(await people(visit, invited=shown), 200)


async def _mailed(serving: Serving, shown: Invited, workspace: str) -> Invited:
    """The invitation, mailed where the settings name a server; that it failed is shown beside the
    link, which can be handed over another way."""
    if serving.house.mail is None:
        return shown
    text = _(
        "You are invited to the workspace %(workspace)s.\n\nOpen this link to choose your name and"
        " a password:\n\n%(link)s\n\nIt works once, until %(when)s. If you did not expect this,"
        " leave it alone: nothing happens then.\n",
        workspace=workspace,
        link=shown.link,
        when=moment_text(shown.expires_at),
    )
    try:
        await serving.house.mail.send(shown.email, _("An invitation"), text)
    except NotMailed as error:
        return msgspec.structs.replace(shown, not_mailed=error_words(error))
    return msgspec.structs.replace(shown, is_mailed=True)


@post(
    PEOPLE_PATH + "/invitations/{invitation:str}/withdraw",
    status_code=303,
    **PAGE,
    **route("admin"),
)
async def withdraw(request: Call, serving: Served, invitation: FromPath[str]) -> Response[Any]:
    """End an invitation before it is used."""
    principal: Principal = request.scope["user"]

    async def work() -> str:
        found = number_of(invitation)
        if found is None:
            raise InvitationOver()
        await serving.house.roster.withdraw(principal.workspace, found, by=principal.by)
        return "withdrawn"

    return await _changed(request, serving, work)


@post(PEOPLE_PATH + "/{person:str}/role", status_code=303, **PAGE, **route("admin"))
async def change_role(request: Call, serving: Served, person: FromPath[str]) -> Response[Any]:
    """Give somebody another role."""
    principal: Principal = request.scope["user"]
    form = await read_form(serving.house, request.scope, request.receive)

    async def work() -> str:
        role = _role_of(form.get("role", ""))
        if role is None:
            raise InvalidPerson(field="the role", detail=f"use one of {', '.join(ROLES)}")
        found = _person(principal, person)
        await serving.house.roster.set_role(principal.workspace, found, role, by=principal.by)
        return "role"

    return await _changed(request, serving, work)


@post(PEOPLE_PATH + "/{person:str}/disable", status_code=303, **PAGE, **route("admin"))
async def disable(request: Call, serving: Served, person: FromPath[str]) -> Response[Any]:
    """Let somebody log in no longer."""
    return await _set_disabled(request, serving, person, disabled=True)


@post(PEOPLE_PATH + "/{person:str}/enable", status_code=303, **PAGE, **route("admin"))
async def enable(request: Call, serving: Served, person: FromPath[str]) -> Response[Any]:
    """Let somebody log in again."""
    return await _set_disabled(request, serving, person, disabled=False)


async def _set_disabled(
    request: Call, serving: Serving, person: str, *, disabled: bool
) -> Response[Any]:
    principal: Principal = request.scope["user"]

    async def work() -> str:
        await serving.house.roster.set_disabled(
            principal.workspace, _person(principal, person), disabled=disabled, by=principal.by
        )
        return "disabled" if disabled else "enabled"

    return await _changed(request, serving, work)


async def _changed(
    request: Call, serving: Serving, work: Callable[[], Awaitable[str]]
) -> Response[Any]:
    """Do it and show the list again, or show the list with why it was not done."""
    principal: Principal = request.scope["user"]
    try:
        done = await work()
    except (PersonNotFound, LastAdmin, InvitationOver, InvalidPerson) as error:
        visit = visit_of(serving, visitor_of(serving, principal), PEOPLE_PATH, {})
        return refused(await people(visit, refusal=error_words(error)), error.status)
    return redirect(f"{PEOPLE_PATH}?done={done}")


def _role_of(text: str) -> Role | None:
    """The role of that name."""
    return next((role for role in ROLES if role == text), None)


def number_of(text: str) -> UUID | None:
    """The number that an address names a person, a login or an invitation by."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _person(principal: Principal, text: str) -> UUID:
    found = number_of(text)
    if found is None:
        raise PersonNotFound(workspace=principal.workspace)
    return found


def _origin(request: Call, serving: Serving) -> str:
    """The address that people type, as far as it is known."""
    public = serving.settings.public_url.rstrip("/")
    host = header(request.scope, b"host") or f"{serving.settings.host}:{serving.settings.port}"
    return public or f"{request.scope['scheme']}://{host}"


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    show_people,
    invite,
    withdraw,
    change_role,
    disable,
    enable,
)
"""The addresses of the page People."""
