"""Says to whom a claim may be shown, takes one signatory out of a joint statement, and separates a
claim from another, on the claim's own page; whether any is possible is decided by the service that
the API uses."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, get_args
from urllib.parse import urlencode

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from domain.claims import Actor, ActorKind, Source, Visibility
from domain.clocks import HEAD
from domain.desk import ClaimDesk
from domain.errors import DecidedMeanwhile, DecisionRefused
from domain.faults import source_faults
from services.api.access import Principal, read_form
from services.api.claims import claim_id
from services.api.decisions import REASON_CHARS_MAX
from services.api.describing import route
from services.api.serving import Served, Serving
from services.dashboard.answering import PAGE, Call, redirect, refused, visit_of, visitor_of
from services.dashboard.frame import CLAIMS_PATH, claim_path
from services.dashboard.language import _, error_words
from services.dashboard.models.amending import ANOTHER, Amending
from services.dashboard.screens.deciding import Wrong, decided
from services.dashboard.screens.records import claim as claim_page
from services.dashboard.screens.reviewing import NAME_CHARS_MAX, URL_CHARS_MAX
from services.spellings import government

ROLE: Final = "reviewer"


@post(
    CLAIMS_PATH + "/{claim:str}/visibility",
    status_code=303,
    name="show-claim",
    **PAGE,
    **route(ROLE),
)
async def change_visibility(request: Call, serving: Served, claim: FromPath[str]) -> Response[Any]:
    """Let everybody see a claim, or the workspace alone."""
    form = await read_form(serving.house, request.scope, request.receive)
    wanted = claim_id(claim)
    typed = Amending(act="visibility", reason=form.get("reason", "").strip())

    def read() -> Callable[[ClaimDesk], None]:
        asked: Visibility | None = next(
            (v for v in get_args(Visibility) if v == form.get("visibility")), None
        )
        if asked is None:
            raise Wrong(_("Choose who may see it."), "visibility")
        reason = _reason(typed)
        return lambda desk: desk.show(wanted, asked, reason=reason)

    return await _amend(request, serving, (wanted,), form, typed, read)


@post(
    CLAIMS_PATH + "/{claim:str}/withdraw-signatory",
    status_code=303,
    name="withdraw-from-claim",
    **PAGE,
    **route(ROLE),
)
async def withdraw_signatory(request: Call, serving: Served, claim: FromPath[str]) -> Response[Any]:
    """Note that one who signed no longer stands by it: it speaks with one voice less."""
    principal: Principal = request.scope["user"]
    form = await read_form(serving.house, request.scope, request.receive)
    wanted = claim_id(claim)
    typed = Amending(
        act="signatory",
        reason=form.get("reason", "").strip(),
        signatory=form.get("signatory", ""),
        name=form.get("name", "").strip(),
        kind=form.get("kind", ""),
        source=form.get("source", "").strip(),
    )
    _position, found = await serving.questions.claim(principal.workspace, wanted, HEAD)

    def read() -> Callable[[ClaimDesk], None]:
        signatory = _signatory(typed, found.actors)
        reason, sources = _reason(typed), _sources(typed, serving.house.now())
        return lambda desk: desk.withdraw_signatory(
            wanted, signatory, reason=reason, sources=sources
        )

    return await _amend(request, serving, (wanted,), form, typed, read)


@post(
    CLAIMS_PATH + "/{claim:str}/separate/{other:str}",
    status_code=303,
    name="separate-claim",
    **PAGE,
    **route(ROLE),
)
async def separate(
    request: Call, serving: Served, claim: FromPath[str], other: FromPath[str]
) -> Response[Any]:
    """Take back that two claims tell of the same happening."""
    form = await read_form(serving.house, request.scope, request.receive)
    pair = claim_id(claim), claim_id(other)

    def read() -> Callable[[ClaimDesk], None]:
        return lambda desk: desk.separate(*pair, reason=None)

    return await _amend(request, serving, pair, form, Amending(act="separated"), read)


async def _amend(
    request: Call,
    serving: Serving,
    claims: tuple[str, ...],
    form: Mapping[str, str],
    typed: Amending,
    read: Callable[[], Callable[[ClaimDesk], None]],
) -> Response[Any]:
    """Take the decision about `claims` that `read` finds in the form, on the page of the first; a
    refusal shows the page with the form as it was."""
    principal: Principal = request.scope["user"]
    claim = claims[0]

    async def again(status: int, refusal: str, field: str = "") -> Response[Any]:
        told = msgspec.structs.replace(typed, refusal=refusal, field=field)
        visit = visit_of(serving, visitor_of(serving, principal), claim_path(claim), {})
        return refused(await claim_page(visit, claim, told), status)

    try:
        decision = read()
    except Wrong as wrong:
        return await again(422, str(wrong), wrong.field)
    try:
        outcome = await decided(serving, principal, claims, decision, form)
    except (DecisionRefused, DecidedMeanwhile) as error:
        return await again(error.status, error_words(error))
    told = {"done": typed.act, "min_position": str(outcome.position)}
    return redirect(f"{claim_path(claim)}?{urlencode(told)}")


def _reason(typed: Amending) -> str:
    if not typed.reason:
        raise Wrong(_("Say why, in one sentence."), "reason")
    if len(typed.reason) > REASON_CHARS_MAX:
        most = _("Say it in %(most)s characters or fewer.", most=REASON_CHARS_MAX)
        raise Wrong(most, "reason")
    return typed.reason


def _signatory(typed: Amending, actors: tuple[Actor, ...]) -> Actor:
    """Who withdrew: one of those listed, or another by any name of a government, else by name and
    kind."""
    if typed.signatory != ANOTHER:
        for actor in actors:
            if actor.key == typed.signatory:
                return actor
        raise Wrong(_("Choose who withdrew."), "signatory")
    code = government(typed.name)
    kind = typed.kind or ("state" if code else "")
    if not typed.name or kind not in get_args(ActorKind):
        raise Wrong(_("Say who withdrew, and choose what it is."), "name")
    if kind != "state":
        return Actor(kind=kind, name=typed.name[:NAME_CHARS_MAX])  # type: ignore[arg-type]  # one of them
    if code is None:
        says = _(
            "“%(text)s” is no government we know; give its name or code.", text=typed.name[:80]
        )
        raise Wrong(says, "name")
    return Actor(kind="state", code=code)


def _sources(typed: Amending, now: datetime) -> tuple[Source, ...]:
    if not typed.source:
        return ()
    source = Source(url=typed.source)
    if len(typed.source) > URL_CHARS_MAX or source_faults((source,), "", now):
        says = _("Begin the address with http:// or https://, without spaces.")
        raise Wrong(says, "source")
    return (source,)


ROUTES: Final = (change_visibility, withdraw_signatory, separate)
"""The addresses of decisions that a claim's own page takes."""
