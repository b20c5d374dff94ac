"""Feeds and their drafts on the page Sources: follows, reads and leaves feeds, and dismisses
drafts; a draft becomes a claim through the form alone."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from services.api.access import Principal, read_form
from services.api.describing import route
from services.api.serving import Served
from services.dashboard.answering import PAGE, Call, redirect, refused
from services.dashboard.frame import DRAFTS_PATH, FEEDS_PATH, SOURCES_PATH
from services.dashboard.language import error_words
from services.dashboard.models.record_form import DraftView
from services.dashboard.models.sources import FeedForm
from services.dashboard.screens.sourcing import MANAGES, ROLE, NoSuchChange, sources, visit_sources
from services.feeding import add_feed, poll_due
from services.house import House
from services.wiring import (
    AddressRefused,
    Draft,
    DraftNotFound,
    FeedExists,
    FeedNotFound,
    InvalidFeed,
)

TYPED_CHARS_MAX: Final = 2000


@post(FEEDS_PATH, status_code=303, **PAGE, **route(MANAGES))
async def follow(request: Call, serving: Served) -> Response[Any]:
    """Follow a feed."""
    principal: Principal = request.scope["user"]
    form = await read_form(serving.house, request.scope, request.receive)
    name, url = form.get("name", "").strip(), form.get("url", "").strip()
    try:
        await add_feed(serving.house, principal.workspace, name, url, by=principal.by)
    except (AddressRefused, InvalidFeed, FeedExists) as error:
        typed = FeedForm(name=name[:80], url=url[:TYPED_CHARS_MAX], refusal=error_words(error))
        visit = visit_sources(serving, principal)
        return refused(await sources(visit, feed_form=typed), error.status)
    return _done("feed-added", "feeds-h")


@post(FEEDS_PATH + "/{feed:str}/{change:str}", status_code=303, **PAGE, **route(MANAGES))
async def change_feed(
    request: Call, serving: Served, feed: FromPath[str], change: FromPath[str]
) -> Response[Any]:
    """Read a feed now, or leave it, or follow it again."""
    principal: Principal = request.scope["user"]
    workspace = principal.workspace
    refusal, status = "", 200
    try:
        if change in ("enable", "disable"):
            await serving.house.feeds.switch(
                workspace, feed, on=change == "enable", by=principal.by
            )
            return _done(f"feed-{change}", "feeds-h")
        if change != "poll":
            raise NoSuchChange(change=change[:40])
        polled = await poll_due(serving.house, workspace, feed)
        if not polled:
            raise FeedNotFound(feed=feed[:80], workspace=workspace)
        if polled[0].error is None:
            return _done("feed-polled", "drafts-h" if polled[0].drafts else "feeds-h")
        refusal, status = polled[0].error, 409
    except FeedNotFound as error:
        refusal, status = error_words(error), error.status
    visit = visit_sources(serving, principal)
    return refused(await sources(visit, refusal=refusal), status)


@post(DRAFTS_PATH + "/{draft:str}/dismiss", status_code=303, **PAGE, **route(ROLE))
async def dismiss(request: Call, serving: Served, draft: FromPath[str]) -> Response[Any]:
    """Let a draft wait no longer, without a claim; its entry does not come again."""
    principal: Principal = request.scope["user"]
    workspace = principal.workspace
    try:
        number = draft_number(draft, workspace)
        await serving.house.feeds.decide(workspace, number, claim=None, by=principal.by)
    except DraftNotFound as error:
        visit = visit_sources(serving, principal)
        return refused(await sources(visit, refusal=error_words(error)), error.status)
    return _done("dismissed", "drafts-h")


async def draft_asked(house: House, workspace: str, text: str) -> Draft | None:
    """The draft that an address or a form names; None where it names none, DraftNotFound where it
    waits no longer."""
    if not text:
        return None
    number = draft_number(text, workspace)
    found = await house.feeds.draft(workspace, number)
    if found.decided_at is not None:
        raise DraftNotFound(draft=number, workspace=workspace)
    return found


def draft_number(text: str, workspace: str) -> UUID:
    """The number of a draft; DraftNotFound where it can be none."""
    try:
        return UUID(text)
    except ValueError:
        raise DraftNotFound(draft=text[:40], workspace=workspace) from None


def draft_view(draft: Draft) -> DraftView:
    """The draft beside the form."""
    return DraftView(
        draft=str(draft.draft),
        feed=draft.feed,
        title=draft.title,
        link=draft.link,
        summary=draft.summary if draft.summary != draft.title else "",
    )


def typed_of(draft: Draft, publisher: str) -> dict[str, str]:
    """What the form holds already for a draft: its title, and itself as the source."""
    published = "" if draft.published_on is None else draft.published_on.isoformat()
    return {
        "summary": draft.title,
        "occurred_on": published,
        "sources.0.title": draft.title,
        "sources.0.publisher": publisher[:400],
        "sources.0.url": draft.link,
        "sources.0.published_on": published,
        "sources.0.language": draft.language,
    }


def _done(what: str, where: str) -> Response[Any]:
    return redirect(f"{SOURCES_PATH}?{urlencode({'done': what})}#{where}")


ROUTES: Final[Sequence[ControllerRouterHandler]] = (follow, change_feed, dismiss)
"""The addresses of feeds and drafts."""
