"""Correct a claim: the form it would be recorded with, filled in with what it says; what was
changed is decided by the service that the API uses, and the version before stays readable."""

import re
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from domain.claims import Claim
from domain.clocks import HEAD
from domain.desk import ClaimDesk
from domain.errors import DecidedMeanwhile, DecisionRefused, InvalidClaim
from projections.claims import ClaimPage as Answer
from services.api.access import CSRF_FIELD, Principal, read_form
from services.api.claims import claim_id
from services.api.decisions import REASON_CHARS_MAX
from services.api.describing import route
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
from services.dashboard.formats import without_turns
from services.dashboard.forms.fields import claim_fields
from services.dashboard.forms.reading import Reading, Typed, read_form_of
from services.dashboard.forms.writing import written
from services.dashboard.frame import CLAIMS_PATH, claim_path, correct_path
from services.dashboard.language import _, error_words
from services.dashboard.models.record_form import CorrectAgain, CorrectPage, correct_page
from services.dashboard.render import render
from services.dashboard.screens.deciding import decided
from services.dashboard.screens.recording import RECORD_FORM, rearranged
from services.dashboard.visit import PageAnswer, Visit

ROLE: Final = "reviewer"
_NOT_TYPED: Final = frozenset({CSRF_FIELD, "action", "reason", "seen"})


async def correct(
    visit: Visit,
    name: str,
    typed: Typed | None = None,
    reading: Reading | None = None,
    again: CorrectAgain = CorrectAgain(),  # noqa: B008  # it is frozen
) -> PageAnswer:
    """What of it was wrong, and how should it read?"""
    if (better := visit.better(())) is not None:
        return better
    position, found = await visit.questions.claim(visit.workspace, claim_id(name), HEAD)
    frame = await visit.frame(_("Correct a claim"), position)
    if visit.reading.clocks.mode(visit.today) == "past":
        page = CorrectPage(frame=frame, key="", claim=found.id, title=found.summary, past=True)
        return PageAnswer(position=position, html=render(page), is_fresh=True)
    typed = typed or written(claim_fields(found.kind), _plain(found))
    asked = claim_fields(typed.get("kind", ""))
    page = correct_page(
        frame,
        asked,
        typed,
        reading or read_form_of(asked.nodes, typed),
        again,
        claim=found.id,
        title=found.summary,
        seen=position,
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


@get(
    CLAIMS_PATH + "/{claim:str}/correct",
    name="correct-claim",
    **PAGE,
    **route(ROLE, query=fields(*CLOCKS)),
)
async def show_form(request: Call, serving: Served, claim: FromPath[str]) -> Response[Any]:
    """The form, filled in with what the claim says."""
    return await show(request, serving, lambda visit: correct(visit, claim))


@post(
    CLAIMS_PATH + "/{claim:str}/correct",
    status_code=303,
    name="take-correction",
    **PAGE,
    **route(ROLE, form=RECORD_FORM),
)
async def take_correction(request: Call, serving: Served, claim: FromPath[str]) -> Response[Any]:
    """Add or remove a row, or correct the claim; whatever is wrong, the form comes again with all
    that was typed."""
    principal: Principal = request.scope["user"]
    wanted = claim_id(claim)
    form = await read_form(serving.house, request.scope, request.receive, RECORD_FORM)
    typed = {name: text for name, text in form.items() if name not in _NOT_TYPED}
    reason = form.get("reason", "").strip()
    action, _colon, which = form.get("action", "correct").partition(":")
    asked = claim_fields(typed.get("kind", ""))

    async def show_again(status: int, reading: Reading | None = None, **how: Any) -> Response[Any]:
        told = CorrectAgain(reason=reason, **how)
        return await _again(serving, principal, wanted, typed, reading, told, status)

    if action in ("show", "add", "remove"):
        typed = rearranged(asked, typed, action, which)
        return await show_again(200)
    _position, found = await serving.questions.claim(principal.workspace, wanted, HEAD)
    before = _plain(found)
    typed = untouched(typed, written(claim_fields(found.kind), before))
    reading = read_form_of(asked.nodes, typed)
    if reading.errors:
        return await show_again(422, reading, is_sent=True)
    if not reason or len(reason) > REASON_CHARS_MAX:
        most = _("Say it in %(most)s characters or fewer.", most=REASON_CHARS_MAX)
        why = most if reason else _("Say why, in one sentence.")
        return await show_again(422, reading, is_sent=True, reason_error=why)
    changes = changes_of(before, typed, reading)
    now = serving.house.now()

    def amend(desk: ClaimDesk) -> None:
        desk.correct(wanted, changes, reason=reason, now=now)

    try:
        outcome = await decided(serving, principal, (wanted,), amend, form)
    except InvalidClaim as error:
        told = [
            msgspec.structs.replace(one, pointer=one.pointer.removeprefix("/changes"))
            for one in error.errors
        ]
        astray = reading.blame(tuple(told))
        return await show_again(422, reading, is_sent=True, astray=astray)
    except (DecisionRefused, DecidedMeanwhile) as error:
        return await show_again(409, reading, refusal=error_words(error))
    return redirect(f"{claim_path(wanted)}?{urlencode({'min_position': outcome.position})}")


def untouched(typed: Typed, stated: Typed) -> dict[str, str]:
    """What was typed, the texts of the claim itself put back that stand as they were shown.

    A page shows no character that turns the order of reading, see `formats.without_turns`: who did
    not touch a text has taken none out of it. A row that moved up is found by what it says.
    """
    turning = {name: text for name, text in stated.items() if without_turns(text) != text}
    moved = {(_any_row(name), _as_sent(text)): text for name, text in turning.items()}
    plain = {(_any_row(n), _as_sent(t)) for n, t in stated.items() if n not in turning}
    kept = dict(typed)
    for name, text in typed.items():
        said = _as_sent(text)
        if name in stated and _as_sent(stated[name]) == said:
            kept[name] = stated[name]
        elif (place := (_any_row(name), said)) in moved and place not in plain:
            kept[name] = moved[place]
    return kept


def _as_sent(text: str) -> str:
    """A text as a form shows and sends it."""
    return without_turns(text).replace("\r\n", "\n").strip()


def _any_row(name: str) -> str:
    return re.sub(r"\.\d+(?=\.|$)", ".#", name)


def changes_of(before: dict[str, Any], typed: Typed, reading: Reading) -> dict[str, Any]:
    """What the form says otherwise than the claim, as a correction takes it: fields with their new
    values, and of the details those alone that differ, null for one that is gone.

    What the form shows of the claim is read back first, so that what nobody touched never changes,
    however it was written when it came in.
    """
    shown = claim_fields(before["kind"])
    was, now = read_form_of(shown.nodes, written(shown, before)).value, reading.value
    changes: dict[str, Any] = {
        name: typed[name] for name in ("kind", "treaty") if typed.get(name, "") != before[name]
    }
    for name in {**was, **now}:
        if name not in ("details", "visibility") and was.get(name) != now.get(name):
            changes[name] = now.get(name, [])
    had, has = was.get("details", {}), now.get("details", {})
    details = {name: has.get(name) for name in {**had, **has} if had.get(name) != has.get(name)}
    if details:
        changes["details"] = details
    return changes


def _plain(found: Answer) -> dict[str, Any]:
    """The claim as JSON values."""
    names = Claim.__struct_fields__
    plain: dict[str, Any] = msgspec.to_builtins({name: getattr(found, name) for name in names})
    return plain


async def _again(
    serving: Serving,
    principal: Principal,
    claim: str,
    typed: Typed,
    reading: Reading | None,
    told: CorrectAgain,
    status: int,
) -> Response[Any]:
    visit = visit_of(serving, visitor_of(serving, principal), correct_path(claim), {})
    return refused(await correct(visit, claim, typed, reading, told), status)


ROUTES: Final = (show_form, take_correction)
"""The addresses of corrections."""
