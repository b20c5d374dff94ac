"""Review: shows what waits and takes decisions through the service that the API uses; whether one
is possible is never decided here."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, get_args
from urllib.parse import urlencode

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from domain.claims import Actor, ActorKind, Source, Status
from domain.clocks import HEAD, KnownAt
from domain.desk import ClaimDesk, Verdict
from domain.errors import DecidedMeanwhile, DecisionRefused, NotAllowed
from domain.faults import source_faults
from domain.numbers import figure
from projections.claims import ClaimPage as Answer
from projections.dossier import MEASURES
from projections.histories import Version
from projections.similar import Similar
from projections.worklists import by_recording
from services.api.access import Principal, read_form
from services.api.claims import claim_id
from services.api.decisions import REASON_CHARS_MAX
from services.api.describing import route
from services.api.serving import Served, Serving
from services.dashboard.answering import (
    PAGE,
    Call,
    redirect,
    refused,
    visit_of,
    visitor_of,
)
from services.dashboard.charts.figures import Measure
from services.dashboard.frame import REVIEW_PATH
from services.dashboard.language import _, error_words
from services.dashboard.models.review import (
    DONE,
    ORDERS,
    VERDICTS,
    ReviewPage,
    Shift,
    Typed,
    desk_of,
    queue_of,
    queue_sheet,
)
from services.dashboard.render import render
from services.dashboard.screens.deciding import Wrong, decided
from services.dashboard.sheets import download
from services.dashboard.states import GOVERNMENTS
from services.dashboard.visit import PageAnswer, Visit
from services.looking import looked_at
from services.spellings import government

FIELDS: Final = ("claim", "order", "done", "as", "format")
QUEUE_SHOWN_MAX: Final = 50
TWINS_MAX: Final = 3
NAME_CHARS_MAX: Final = 400
URL_CHARS_MAX: Final = 2000
TARGETS_RECKONED_MAX: Final = 8
"""Of how many governments it is reckoned what accepting a claim would change."""
WAITS: Final[frozenset[Status]] = frozenset({"pending", "contested"})


async def review(visit: Visit, typed: Typed | None = None) -> PageAnswer:
    """Is this true, new, and the same as something on file?"""
    kept = visit.kept("claim", "order")
    if (better := visit.better(kept)) is not None:
        return better
    order = visit.choice("order", ORDERS) or "useful"
    typed = typed or Typed()
    if visit.reading.clocks.mode(visit.today) == "past":
        position = await visit.house.views.reached_by(visit.workspace, visit.known_at)
        frame = await visit.frame(_("Review"), position)
        page = ReviewPage(frame=frame, waiting=0, queue=(), desk=None, typed=typed, past=True)
        return PageAnswer(position=position, html=render(page), is_fresh=True)
    newest = order == "newest"
    position, waiting = await visit.questions.queue(
        visit.workspace, visit.today, HEAD, newest=newest
    )
    if order != "useful":
        waiting = by_recording(waiting, newest=newest)
    if visit.form is not None:
        file = queue_sheet(waiting, await visit.frame(_("Review"), position, pairs=kept))
        return PageAnswer(position=position, download=download(file, visit.form), is_fresh=True)
    shown = waiting.claims[:QUEUE_SHOWN_MAX]
    _position, versions = await visit.house.views.versions_of_claims(
        visit.workspace, KnownAt(position=position), {queued.claim for queued in shown}
    )
    chosen = visit.asked("claim") or next((queued.claim for queued in shown), "")
    queue = queue_of(shown, versions, chosen, visit.visitor.by)
    frame = await visit.frame(_("Review"), position, pairs=kept)
    done = await _done(visit)
    desk = None
    if chosen:
        seen, answer = await visit.questions.claim(visit.workspace, claim_id(chosen), HEAD)
        looked_at(visit.house, visit.workspace, visit.visitor.by, answer)
        waits = answer.status in WAITS
        codes = answer.targets[:TARGETS_RECKONED_MAX] if waits else ()
        desk = desk_of(
            frame,
            answer,
            by=visit.visitor.by,
            twins=await _twins(visit, answer) if waits else (),
            shifts=await _shifts(visit, answer, codes),
            reckoned=len(codes),
            queue=queue,
            typed=typed,
            seen=seen,
        )
    page = ReviewPage(
        frame=frame,
        waiting=await visit.questions.waiting(visit.workspace),
        queue=queue,
        desk=desk,
        typed=typed,
        order=order,
        done=done,
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


@post(REVIEW_PATH + "/{claim:str}", status_code=303, **PAGE, **route("reviewer"))
async def take_decision(request: Call, serving: Served, claim: FromPath[str]) -> Response[Any]:
    """Take a decision about a claim and go on with the queue; a refusal shows the form again."""
    principal: Principal = request.scope["user"]
    wanted = claim_id(claim)
    form = await read_form(serving.house, request.scope, request.receive)
    verdict = next((v for v in get_args(Verdict) if v == form.get("verdict")), None)
    reason = form.get("reason", "").strip()
    typed = Typed(
        verdict=verdict or "",
        reason=reason,
        disputed_by=form.get("by", "").strip(),
        disputed_kind=form.get("by_kind", ""),
        source=form.get("source", "").strip(),
    )

    async def again(status: int, refusal: str, field: str = "") -> Response[Any]:
        told = msgspec.structs.replace(typed, refusal=refusal, field=field)
        return await _again(serving, principal, wanted, told, status, form)

    if verdict is None or verdict not in {offered for offered, _word, _says in VERDICTS}:
        return await again(422, _("Choose a decision."), "verdict")
    if not reason and verdict != "accepted":
        return await again(422, _("Say why, in one sentence; only acceptance goes without."), "why")
    if len(reason) > REASON_CHARS_MAX:
        most = _("Say it in %(most)s characters or fewer.", most=REASON_CHARS_MAX)
        return await again(422, most, "why")

    try:
        said = _beside(typed, serving.house.now())
    except Wrong as wrong:
        return await again(422, str(wrong), wrong.field)

    def judge(desk: ClaimDesk) -> None:
        desk.decide(wanted, verdict, by=principal.by, reason=reason or None, **said)

    try:
        outcome = await decided(serving, principal, (wanted,), judge, form)
    except (DecisionRefused, DecidedMeanwhile, NotAllowed) as error:
        return await again(error.status, error_words(error))
    told = {"done": wanted, "as": verdict, "min_position": str(outcome.position)}
    told |= _ordered(form)
    return redirect(f"{REVIEW_PATH}?{urlencode(told)}")


def _beside(typed: Typed, now: datetime) -> dict[str, Any]:
    """Who disputes the claim and on which source, as the desk takes them; Wrong says what is
    wrong."""
    if not typed.says_more:
        return {}
    if typed.verdict not in ("contested", "refuted"):
        raise Wrong(_("Only what is contested or refuted says by whom or on which source."), "by")
    said: dict[str, Any] = {}
    if typed.source:
        source = Source(url=typed.source)
        if len(typed.source) > URL_CHARS_MAX or source_faults((source,), "", now):
            raise Wrong(_("Begin the address with http:// or https://, without spaces."), "source")
        said["sources"] = (source,)
    if typed.disputed_by or typed.disputed_kind:
        if typed.verdict != "contested":
            raise Wrong(_("Only what is contested says by whom."), "by")
        said["contested_by"] = (_disputing(typed),)
    return said


def _disputing(typed: Typed) -> Actor:
    """Whoever disputes: a government by any of its names, anybody else by name and kind."""
    code = government(typed.disputed_by)
    kind = typed.disputed_kind or ("state" if code else "")
    if not typed.disputed_by or kind not in get_args(ActorKind):
        raise Wrong(_("Say who disputes it, and choose what it is."), "by")
    if kind != "state":
        return Actor(kind=kind, name=typed.disputed_by[:NAME_CHARS_MAX])  # type: ignore[arg-type]  # one of them
    if code is None:
        name = typed.disputed_by[:80]
        raise Wrong(
            _("“%(text)s” is no government we know; give its name or code.", text=name), "by"
        )
    return Actor(kind="state", code=code)


@post(
    REVIEW_PATH + "/{claim:str}/same-as/{other:str}", status_code=303, **PAGE, **route("reviewer")
)
async def declare_same(
    request: Call, serving: Served, claim: FromPath[str], other: FromPath[str]
) -> Response[Any]:
    """Declare that two claims tell of the same happening: of the two, one counts."""
    first, second = claim_id(claim), claim_id(other)

    def declare(desk: ClaimDesk) -> None:
        desk.declare_same(first, second, reason=None)

    return await _paired(request, serving, (first, second), declare, "same")


@post(
    REVIEW_PATH + "/{claim:str}/separate/{other:str}", status_code=303, **PAGE, **route("reviewer")
)
async def separate(
    request: Call, serving: Served, claim: FromPath[str], other: FromPath[str]
) -> Response[Any]:
    """Take back that two claims tell of the same happening."""
    first, second = claim_id(claim), claim_id(other)

    def part(desk: ClaimDesk) -> None:
        desk.separate(first, second, reason=None)

    return await _paired(request, serving, (first, second), part, "separated")


async def _paired(
    request: Call,
    serving: Serving,
    pair: tuple[str, str],
    decision: Callable[[ClaimDesk], None],
    told: str,
) -> Response[Any]:
    """Take a decision about a pair of claims, and show the first of them again."""
    principal: Principal = request.scope["user"]
    form = await read_form(serving.house, request.scope, request.receive)
    try:
        outcome = await decided(serving, principal, pair, decision, form)
    except (DecisionRefused, DecidedMeanwhile) as error:
        return await _again(
            serving, principal, pair[0], Typed(refusal=error_words(error)), error.status, form
        )
    query = {"claim": pair[0], "done": pair[0], "as": told, "min_position": str(outcome.position)}
    query |= _ordered(form)
    return redirect(f"{REVIEW_PATH}?{urlencode(query)}")


async def _again(
    serving: Serving,
    principal: Principal,
    claim: str,
    typed: Typed,
    status: int,
    form: dict[str, str],
) -> Response[Any]:
    """The claim with its form as it was, and why nothing was decided."""
    asked = {"claim": claim} | _ordered(form)
    visit = visit_of(serving, visitor_of(serving, principal), REVIEW_PATH, asked)
    return refused(await review(visit, typed), status)


def _ordered(form: dict[str, str]) -> dict[str, str]:
    """The order of the queue that a form carries on, where it is one."""
    order = form.get("order", "")
    return {"order": order} if order in ORDERS else {}


async def _done(visit: Visit) -> tuple[str, str, str] | None:
    """What the address says was just decided, where the claim stands so."""
    name, verdict = visit.asked("done"), visit.asked("as")
    if not name or verdict not in DONE:
        return None
    _position, found = await visit.house.views.versions_of_claims(visit.workspace, HEAD, {name})
    stands = [v for v in found if verdict in (v.status, "same", "separated")]
    title = next((v.claim.summary for v in stands), None)
    return None if title is None else (name, title, _(DONE[verdict]))


async def _twins(visit: Visit, answer: Answer) -> Sequence[tuple[Similar | None, Version]]:
    """The claims declared the same, then the likeliest that may tell of the same happening."""
    _position, found = await visit.questions.similar(visit.workspace, answer.id, HEAD)
    likeliest = found.similar[:TWINS_MAX]
    _position, versions = await visit.house.views.versions_of_claims(
        visit.workspace, HEAD, {one.claim for one in likeliest} | set(answer.same_as)
    )
    by_name = {v.claim.id: v for v in versions}
    declared: list[tuple[Similar | None, Version]] = [
        (None, by_name[name]) for name in answer.same_as if name in by_name
    ]
    return declared + [(one, by_name[one.claim]) for one in likeliest if one.claim in by_name]


async def _shifts(visit: Visit, answer: Answer, codes: Sequence[str]) -> list[Shift]:
    """The published numbers that would read otherwise once the claim were accepted."""
    shifts = []
    for code in codes:
        _position, facts = await visit.questions.facts(visit.workspace, code, visit.today, HEAD)
        then = [
            msgspec.structs.replace(fact, status="accepted") if fact.claim == answer.id else fact
            for fact in facts
        ]
        for measure in get_args(Measure):
            reckon = MEASURES[measure]
            before = figure(reckon(facts, code, visit.today, visit.house.weights))
            after = figure(reckon(then, code, visit.today, visit.house.weights))
            if before != after:
                name = GOVERNMENTS[code]
                shift = Shift(code=code, name=name, measure=measure, before=before, after=after)
                shifts.append(shift)
    return shifts
