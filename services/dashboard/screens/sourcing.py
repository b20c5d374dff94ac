"""The page Sources: lists the machines that may submit and what they delivered, adds, rotates,
limits and disables them, and replays what was refused; a secret is shown once and never logged."""

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from domain.errors import Article20Error, InvalidQuestion
from services.api.access import Principal, read_form
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
from services.dashboard.frame import DELIVERIES_PATH, SOURCES_PATH
from services.dashboard.language import _, error_words, word
from services.dashboard.models.sources import (
    ORDERS,
    OUTCOMES,
    SOURCE_DONE,
    AddForm,
    FeedForm,
    Secret,
    SourcesAsk,
    SourcesPage,
    deliveries_sheet,
    source_rows,
)
from services.dashboard.render import render
from services.dashboard.screens.pages import order_of
from services.dashboard.sheets import ROWS_MAX, download
from services.dashboard.visit import PageAnswer, Visit
from services.intake.webhooks.posted import NotReplayable, SourceDisabled, replay
from services.spellings import government
from services.wiring import (
    DeliveryFilter,
    DeliveryNotFound,
    InvalidLimit,
    InvalidPublicKey,
    InvalidSource,
    Limits,
    Noted,
    SourceExists,
    SourceNotFound,
    TooManySecrets,
    WebhookSource,
)

FIELDS: Final = (
    *("source", "outcome", "reason", "webhook_id", "claim", "order"),
    *("before", "done", "format"),
)
ROLE: Final = "contributor"
MANAGES: Final = "admin"
PAGE_DELIVERIES: Final = 50
DRAFTS_SHOWN_MAX: Final = 50
COUNTED_DAYS: Final = 30
"""Of how many days deliveries are counted per source."""
RATE_MAX: Final = 1_000_000


class NoSuchChange(Article20Error):
    """A source cannot be changed so: {change!r}. Use the buttons of the page Sources."""

    slug, status = "not-found", 404


async def sources(
    visit: Visit,
    *,
    form: AddForm | None = None,
    feed_form: FeedForm | None = None,
    secret: Secret | None = None,
    refusal: str = "",
) -> PageAnswer:
    """Who submits, what came of it, and what has to be mended?"""
    kept = visit.kept(*FIELDS[:-2])
    if (better := visit.better(kept)) is not None:
        return better
    house, workspace = visit.house, visit.workspace
    may_manage = visit.visitor.may(MANAGES)
    ask = SourcesAsk(
        source=visit.asked("source"),
        outcome=visit.choice("outcome", OUTCOMES),
        reason=visit.asked("reason"),
        webhook_id=visit.asked("webhook_id"),
        claim=visit.asked("claim"),
        order=order_of(visit, ORDERS),
    )
    before = _identifier(visit)
    if may_manage and visit.form is not None:
        some = await _deliveries(visit, ask, None, ROWS_MAX + 1)
        position = (await house.views.watermark(workspace)).position
        frame = await visit.frame(_("Sources"), position, pairs=kept)
        file = download(deliveries_sheet(some, frame), visit.form)
        return PageAnswer(position=position, download=file, is_fresh=True)
    found = await _deliveries(visit, ask, before, PAGE_DELIVERIES + 1) if may_manage else []
    shown = tuple(found[:PAGE_DELIVERIES])
    waiting, drafts = await house.feeds.drafts(workspace, limit=DRAFTS_SHOWN_MAX)
    position = (await house.views.watermark(workspace)).position
    page = SourcesPage(
        frame=await visit.frame(_("Sources"), position, pairs=kept),
        may_manage=may_manage,
        rows=source_rows(
            await house.sources.listed(workspace),
            await house.deliveries.counts(workspace, days=COUNTED_DAYS),
        ),
        counted_days=COUNTED_DAYS,
        ask=ask,
        deliveries=shown,
        following=str(shown[-1].delivery) if len(found) > PAGE_DELIVERIES else "",
        begun=before is not None,
        feeds=tuple(await house.feeds.listed(workspace)),
        drafts=tuple(drafts),
        drafts_waiting=waiting,
        form=form or AddForm(),
        feed_form=feed_form or FeedForm(),
        secret=secret,
        done=visit.asked("done") if visit.asked("done") in SOURCE_DONE else "",
        refusal=refusal,
        past=visit.reading.clocks.mode(visit.today) == "past",
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


async def _deliveries(
    visit: Visit, ask: SourcesAsk, before: UUID | None, limit: int
) -> list[Noted]:
    """The deliveries that the list is narrowed to, in the order asked for."""
    await visit.house.deliveries.flush()
    asked = DeliveryFilter(
        source=ask.source or None,
        refused=None if not ask.outcome else ask.outcome == "refused",
        reason=ask.reason or None,
        webhook_id=ask.webhook_id or None,
        claim=ask.claim or None,
    )
    return await visit.house.deliveries.listed(
        visit.workspace, asked, before=before, limit=limit, oldest=ask.oldest
    )


@get(SOURCES_PATH, **PAGE, **route(ROLE, query=fields(*CLOCKS, *FIELDS)))
async def show_sources(request: Call, serving: Served) -> Response[Any]:
    """The page Sources."""
    return await show(request, serving, sources)


@post(SOURCES_PATH, status_code=200, **PAGE, **route(MANAGES))
async def add_source(request: Call, serving: Served) -> Response[Any]:
    """Add a source; its secret is shown on the page that answers, and never again."""
    principal: Principal = request.scope["user"]
    form = await read_form(serving.house, request.scope, request.receive)
    name, key = form.get("name", "").strip(), form.get("public_key", "").strip()
    trusted = form.get("trusted") == "yes"
    visit = visit_sources(serving, principal)
    try:
        source, text = await serving.house.sources.add(
            principal.workspace, name, trusted=trusted, public_key=key or None, by=principal.by
        )
    except (InvalidSource, SourceExists, InvalidPublicKey) as error:
        typed = AddForm(
            name=name[:200], public_key=key[:200], trusted=trusted, refusal=error_words(error)
        )
        return refused(await sources(visit, form=typed), error.status)
    return refused(await sources(visit, secret=_secret(source, text)), 200)


@post(SOURCES_PATH + "/{source:str}/{change:str}", status_code=303, **PAGE, **route(MANAGES))
async def change_source(
    request: Call, serving: Served, source: FromPath[str], change: FromPath[str]
) -> Response[Any]:
    """Rotate the secret of a source, shown this once, or replace it so that no former one is
    good any more; or limit, trust, disable or enable it."""
    principal: Principal = request.scope["user"]
    workspace, known, by = principal.workspace, serving.house.sources, principal.by
    form = await read_form(serving.house, request.scope, request.receive)
    try:
        if change in ("rotate", "replace"):
            hours = serving.settings.rotation_overlap_hours if change == "rotate" else 0
            key = form.get("public_key", "").strip() or None
            found, text = await known.rotate(
                workspace, source, overlap_hours=hours, public_key=key, by=by
            )
            shown = await sources(visit_sources(serving, principal), secret=_secret(found, text))
            return refused(shown, 200)
        if change in ("trust", "distrust"):
            await known.trust(workspace, source, trusted=change == "trust", by=by)
        elif change == "disable":
            await known.disable(workspace, source, by=by)
        elif change == "enable":
            await known.enable(workspace, source, by=by)
        elif change == "limit":
            await known.limit(workspace, source, _limits(form), by=by)
        else:
            raise NoSuchChange(change=change[:40])
    except (InvalidLimit, InvalidPublicKey, SourceNotFound, TooManySecrets) as error:
        again = await sources(visit_sources(serving, principal), refusal=error_words(error))
        return refused(again, error.status)
    return redirect(f"{SOURCES_PATH}?{urlencode({'done': change})}")


@post(DELIVERIES_PATH + "/{delivery:str}/replay", status_code=303, **PAGE, **route(MANAGES))
async def replay_again(request: Call, serving: Served, delivery: FromPath[str]) -> Response[Any]:
    """Take a refused delivery again, once what it was refused for is mended."""
    principal: Principal = request.scope["user"]
    try:
        found = await replay(serving.house, principal.workspace, UUID(delivery))
    except (NotReplayable, SourceDisabled, SourceNotFound) as error:
        again = await sources(visit_sources(serving, principal), refusal=error_words(error))
        return refused(again, error.status)
    except ValueError:
        raise DeliveryNotFound(delivery=delivery[:80], workspace=principal.workspace) from None
    told = {"done": "taken" if found.reason is None else "refused"}
    if found.position is not None:
        serving.saw(principal.workspace, found.position)
        told["min_position"] = str(found.position)
    return redirect(f"{SOURCES_PATH}?{urlencode(told)}#deliveries-h")


def visit_sources(serving: Serving, principal: Principal) -> Visit:
    """One look at the page, by whoever asks."""
    return visit_of(serving, visitor_of(serving, principal), SOURCES_PATH, {})


def _secret(source: WebhookSource, text: str) -> Secret:
    return Secret(
        source=source.source,
        text=text,
        path=source.path,
        until=source.previous_until,
        is_public_key=source.scheme == "v1a",
    )


def _limits(form: dict[str, str]) -> Limits:
    """The limits that were typed; InvalidLimit names what is none."""
    kinds = [w for w in re.split(r"[,\s]+", form.get("kinds", "")) if w]
    names = [n.strip() for n in re.split(r"[,;\n]+", form.get("governments", "")) if n.strip()]
    codes = []
    for name in names:
        code = government(name)
        if code is None:
            raise InvalidLimit(limit=name[:80], what="a government")
        codes.append(code)
    rate, burst = form.get("per_second", "").strip(), form.get("burst", "").strip()
    if burst and not (burst.isdecimal() and 1 <= int(burst[:9]) <= RATE_MAX):
        raise InvalidLimit(limit=burst[:80], what="a whole number of requests")
    try:
        per_second = float(rate) if rate else None
    except ValueError:
        per_second = -1.0
    if per_second is not None and not 0 < per_second <= RATE_MAX:
        raise InvalidLimit(limit=rate[:80], what="a rate in requests a second")
    return Limits(
        kinds=tuple(kinds) or None,
        governments=tuple(codes) or None,
        requests_per_second_max=per_second,
        burst_requests_max=int(burst) if burst else None,
    )


def _identifier(visit: Visit) -> UUID | None:
    text = visit.asked("before")
    try:
        return UUID(text) if text else None
    except ValueError:
        detail = word("follow the link to the next page")
        raise InvalidQuestion(parameter="before", value=text[:80], detail=detail) from None


ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    show_sources,
    add_source,
    change_source,
    replay_again,
)
"""The addresses of the page Sources."""
