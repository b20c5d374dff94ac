"""Record a claim: shows the form and records what was filled in through the service that the API
uses; whether a claim is valid is never decided here."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, post

from domain.claims import Submission, read_submission
from domain.clocks import HEAD
from domain.errors import InvalidClaim, KeyReused
from domain.kinds import DETAILS_OF
from projections.similar import Similar
from services.api.access import CSRF_FIELD, FormBounds, Principal, read_form
from services.api.describing import route
from services.api.serving import Served, Serving
from services.dashboard.answering import PAGE, Call, redirect, refused, visit_of, visitor_of
from services.dashboard.forms.fields import ClaimFields, Rows, claim_fields
from services.dashboard.forms.reading import (
    Reading,
    Typed,
    read_form_of,
    with_row,
    without_row,
)
from services.dashboard.frame import RECORD_PATH, claim_path
from services.dashboard.language import _
from services.dashboard.models.record_form import RecordAgain, RecordPage, prefilled, record_page
from services.dashboard.render import render
from services.dashboard.screens.drafting import draft_asked, draft_number, draft_view, typed_of
from services.dashboard.visit import PageAnswer, Visit
from services.recording import How, key_over
from services.recording import record as record_claim
from services.spellings import government
from services.wiring import DraftNotFound

FIELDS: Final = ("kind", "government", "draft")
RECORD_FORM: Final = FormBounds(bytes_max=256 * 1024, fields_max=4000)
KEY: Final = "^[A-Za-z0-9_-]{8,80}$"
KEY_BYTES: Final = 18
ALIKE_MAX: Final = 5
_NOT_TYPED: Final = frozenset({CSRF_FIELD, "action", "key"})


async def record(
    visit: Visit,
    typed: Typed | None = None,
    reading: Reading | None = None,
    key: str = "",
    again: RecordAgain = RecordAgain(),  # noqa: B008  # it is frozen
) -> PageAnswer:
    """What do sources say that was done, by whom, to whom, and on whose word?"""
    if (better := visit.better(visit.kept(*FIELDS))) is not None:
        return better
    position = (await visit.house.views.watermark(visit.workspace)).position
    frame = await visit.frame(_("Record a claim"), position, pairs=visit.kept(*FIELDS))
    if visit.reading.clocks.mode(visit.today) == "past":
        page = RecordPage(frame=frame, key="", past=True)
        return PageAnswer(position=position, html=render(page), is_fresh=True)
    if typed is None:
        draft = await draft_asked(visit.house, visit.workspace, visit.asked("draft"))
        about = government(visit.asked("government")) or ""
        typed = prefilled(kind=visit.asked("kind"), government=about)
        if draft is not None:
            feeds = {f.feed: f.title for f in await visit.house.feeds.listed(visit.workspace)}
            typed |= typed_of(draft, feeds.get(draft.feed, ""))
    else:
        draft = None
        with suppress(DraftNotFound):  # decided meanwhile: what was typed stays all the same
            draft = await draft_asked(visit.house, visit.workspace, typed.get("draft", ""))
    fields = claim_fields(typed.get("kind", ""))
    page = record_page(
        frame,
        fields,
        typed,
        reading or read_form_of(fields.nodes, typed),
        again,
        key=key or secrets.token_urlsafe(KEY_BYTES),
        draft=None if draft is None else draft_view(draft),
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


@post(
    RECORD_PATH,
    status_code=303,
    name="record-claim",
    **PAGE,
    **route("contributor", form=RECORD_FORM),
)
async def take_claim(request: Call, serving: Served) -> Response[Any]:
    """Show the fields of the chosen kind, add or remove a row, or record the claim; whatever is
    wrong, the form comes again with all that was typed."""
    principal: Principal = request.scope["user"]
    form = await read_form(serving.house, request.scope, request.receive, RECORD_FORM)
    typed = {name: text for name, text in form.items() if name not in _NOT_TYPED}
    key = form.get("key", "")
    key = key if re.fullmatch(KEY, key) else secrets.token_urlsafe(KEY_BYTES)
    action, _colon, which = form.get("action", "record").partition(":")
    fields = claim_fields(typed.get("kind", ""))

    async def show(
        status: int, again: RecordAgain, *, reading: Reading | None = None
    ) -> Response[Any]:
        visit = visit_of(serving, visitor_of(serving, principal), RECORD_PATH, {})
        fresh = secrets.token_urlsafe(KEY_BYTES) if again.stands else key
        return refused(await record(visit, typed, reading, fresh, again), status)

    if action in ("show", "add", "remove"):
        typed = rearranged(fields, typed, action, which)
        return await show(200, RecordAgain())
    reading = read_form_of(fields.nodes, typed)
    made = f"claim-{hashlib.sha256(f'{principal.by} {key}'.encode()).hexdigest()[:24]}"
    submission, astray = _submission(reading, typed, made, serving.house.now())
    if submission is None:
        return await show(422, RecordAgain(is_sent=True, astray=astray), reading=reading)
    _position, found = await serving.questions.similar_to(
        principal.workspace, submission.claim, HEAD
    )
    alike = found.similar[:ALIKE_MAX]
    shown = _stands_for(alike)
    if alike and not (action == "anyway" and which == shown):
        return await show(409, RecordAgain(alike=alike, anyway=shown), reading=reading)
    once = key_over(f"form:{principal.by}:{key}", msgspec.json.encode(submission.claim))
    how = How(by=principal.by, accepted=False, key=once)
    try:
        outcome = await record_claim(serving.house, principal.workspace, submission, how)
    except KeyReused:
        return await show(409, RecordAgain(stands=made), reading=reading)
    serving.saw(principal.workspace, outcome.position)
    if typed.get("draft"):
        await _complete(serving, principal, typed["draft"], outcome.claim)
    told = {"recorded": "1", "min_position": str(outcome.position)}
    return redirect(f"{claim_path(outcome.claim)}?{urlencode(told)}")


async def _complete(serving: Serving, principal: Principal, draft: str, claim: str) -> None:
    """Let the draft that the claim was made of wait no longer."""
    workspace = principal.workspace
    with suppress(DraftNotFound):  # somebody else was quicker: the claim stands all the same
        number = draft_number(draft, workspace)
        await serving.house.feeds.decide(workspace, number, claim=claim, by=principal.by)


def rearranged(fields: ClaimFields, typed: Typed, action: str, which: str) -> dict[str, str]:
    """What was typed, with a row more or less where that was asked for."""
    name, _colon, number = which.partition(":")
    node = next((n for n in fields.nodes if isinstance(n, Rows) and n.name == name), None)
    if node is not None and action == "add":
        return with_row(node, typed)
    if node is not None and action == "remove" and number.isdecimal() and len(number) <= 4:
        return without_row(node, typed, int(number))
    return dict(typed)


def _submission(
    reading: Reading, typed: Typed, made: str, now: Any
) -> tuple[Submission | None, list[str]]:
    """The claim that was filled in; else None, with every fault beside its field in `reading` and
    what belongs to no field."""
    kind = typed.get("kind", "")
    if kind not in DETAILS_OF:
        reading.errors["kind"] = _("Choose what kind of claim it is.")
    raw = {
        "kind": kind if kind in DETAILS_OF else next(iter(DETAILS_OF)),
        "treaty": typed.get("treaty", ""),
        # Where one of these is missing that is said already; the rest is looked at all the same.
        "occurred_on": now.date().isoformat(),
        "summary": "-",
        **reading.value,
    }
    astray: list[str] = []
    try:
        submission = read_submission(raw, details_of=DETAILS_OF, now=now, new_id=made)
    except InvalidClaim as error:
        astray = reading.blame(error.errors)
        submission = None
    return (None if reading.errors else submission), astray


def _stands_for(alike: Sequence[Similar]) -> str:
    """What stands for the claims shown: others that come meanwhile are shown before recording."""
    names = " ".join(sorted(one.claim for one in alike))
    return hashlib.sha256(names.encode()).hexdigest()[:16]
