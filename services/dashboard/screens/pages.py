"""The pages Today, Governments and one government: asks the views, builds and renders; it never
reads a clock from the address itself."""

from collections.abc import Mapping
from typing import Final

from domain.clocks import HEAD, KnownAt
from domain.errors import InvalidQuestion
from domain.weights import Weights
from projections.histories import Version, version_at
from services.dashboard.language import _, word
from services.dashboard.models.government import Asked, government_page, records_sheet
from services.dashboard.models.governments import (
    ORDERS,
    governments_page,
    governments_sheet,
)
from services.dashboard.models.ordering import Order, read_order
from services.dashboard.models.today import today_page
from services.dashboard.render import render
from services.dashboard.screens.records import every_claim
from services.dashboard.sheets import Format, download
from services.dashboard.states import GOVERNMENTS
from services.dashboard.visit import PageAnswer, Visit
from services.looking import looked_at
from services.questions import government_code
from services.wiring import ClaimFilter

LIST_FIELDS: Final = ("list", "status", "q", "order", "cursor", "format")
GOVERNMENT_FIELDS: Final = ("lane", "status", "from", "event", "format")


async def today(visit: Visit) -> PageAnswer:
    """Which clocks run, what changed, what waits, who does much and hears little?"""
    if (better := visit.better(())) is not None:
        return better
    await visit.weigh()
    question = visit.questions.morning
    position, morning = await question(visit.workspace, visit.on, visit.known_at, visit.method)
    at = KnownAt(position=position) if visit.known_at == HEAD else visit.known_at
    _position, queue = await visit.questions.queue(visit.workspace, visit.on, at, visit.method)
    _position, waiting = await visit.questions.waiting_claims(visit.workspace, at)
    page = today_page(
        await visit.frame(_("Today"), position),
        morning,
        on=visit.on,
        is_now=visit.on == visit.today,
        queue=queue,
        waiting={version.claim.id: version for version in waiting},
        waiting_count=await visit.questions.waiting(visit.workspace, at),
    )
    return PageAnswer(position=position, html=render(page))


async def governments(visit: Visit) -> PageAnswer:
    """Where does every government stand, what does it do and what does it hear?"""
    kept = visit.kept(*LIST_FIELDS[:-1])
    before, order = visit.before(), order_of(visit, ORDERS)
    if (better := visit.better(kept)) is not None:
        return better
    await visit.weigh()
    position, board = await visit.questions.board(
        visit.workspace, visit.on, visit.known_at, method=visit.method
    )
    frame = await visit.frame(_("Governments"), position, pairs=kept)
    narrowed = {
        "status": visit.asked("status"),
        "list_": visit.asked("list"),
        "asked": visit.asked("q"),
    }
    if visit.form is not None:
        file = download(governments_sheet(frame, board, order=order, **narrowed), visit.form)
        return PageAnswer(position=position, download=file)
    page = governments_page(frame, board, on=visit.on, order=order, before=before, **narrowed)
    return PageAnswer(position=position, html=render(page))


def order_of(visit: Visit, orders: Mapping[str, Order]) -> Order:
    """The order that the address asks for; InvalidQuestion where there is none of that name."""
    text = visit.asked("order")
    order = read_order(text, orders)
    if order is None:
        detail = word("choose one of the list")
        raise InvalidQuestion(parameter="order", value=text[:80], detail=detail)
    return order


async def government(visit: Visit, code: str) -> PageAnswer:
    """What has it done, on whose word, and what did it hear?"""
    government = government_code(code)
    kept = visit.kept(*GOVERNMENT_FIELDS[:-1])
    if (better := visit.better(kept)) is not None:
        return better
    weights = await visit.weigh()
    asked = Asked(
        lane=visit.asked("lane"),
        status=visit.asked("status"),
        from_typed=visit.asked("from"),
        event=visit.asked("event") or None,
    )
    if visit.form is not None:
        return await _records(visit, visit.form, government, asked, weights)
    position, portrait = await visit.questions.portrait(
        visit.workspace, government, visit.on, visit.known_at, weights
    )
    opened = await _opened(visit, government, asked.event)
    page = government_page(
        await visit.frame(GOVERNMENTS[government], position, pairs=kept, concerns=(government,)),
        government,
        portrait,
        opened,
        on=visit.on,
        asked=asked,
    )
    return PageAnswer(position=position, html=render(page))


async def _records(
    visit: Visit, form: Format, government: str, asked: Asked, weights: Weights
) -> PageAnswer:
    """The records of a government as a file, with the points of those that are counted."""
    filter_ = ClaimFilter(government=government, last_day=visit.on)
    position, rows, is_cut = await every_claim(visit, filter_, oldest=False)
    at = KnownAt(position=position) if visit.known_at == HEAD else visit.known_at
    recorded = [row.position for row in rows]
    points = await visit.house.figures.points(
        visit.workspace, government, "pressure", recorded, visit.on, at, weights
    )
    frame = await visit.frame(
        GOVERNMENTS[government], position, pairs=visit.kept(*GOVERNMENT_FIELDS[:-1])
    )
    sheet = records_sheet(
        rows,
        points,
        frame,
        code=government,
        method=weights.method("pressure"),
        asked=asked,
        is_cut=is_cut,
    )
    return PageAnswer(position=position, download=download(sheet, form))


async def _opened(visit: Visit, government: str, claim: str | None) -> list[Version]:
    """Every version known by then of the claim that is opened, where it concerns the government and
    had happened."""
    if claim is None:
        return []
    _position, history, _relating = await visit.house.views.claim(
        visit.workspace, claim, visit.known_at
    )
    version = version_at(history, visit.known_at)
    if version is None or government not in version.claim.targets:
        return []
    if version.claim.date.representative_day > visit.on:
        return []
    looked_at(visit.house, visit.workspace, visit.visitor.by, version.claim)
    return [v for v in history if v.number <= version.number]
