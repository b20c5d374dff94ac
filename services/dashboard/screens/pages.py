"""The pages Today, Governments and one government: asks the views, builds and renders; it never
reads a clock from the address itself."""

from domain.clocks import HEAD, KnownAt
from projections.histories import Version, version_at
from services.dashboard.language import _
from services.dashboard.models.government import Asked, government_page
from services.dashboard.models.governments import governments_page
from services.dashboard.models.today import WAITING_MAX, today_page
from services.dashboard.render import render
from services.dashboard.states import GOVERNMENTS
from services.dashboard.visit import PageAnswer, Visit
from services.looking import looked_at
from services.questions import government_code


async def today(visit: Visit) -> PageAnswer:
    """Which clocks run, what changed, what waits, who does much and hears little?"""
    if (better := visit.better(())) is not None:
        return better
    await visit.weigh()
    question = visit.questions.morning
    position, morning = await question(visit.workspace, visit.on, visit.known_at, visit.method)
    at = KnownAt(position=position) if visit.known_at == HEAD else visit.known_at
    _position, queue = await visit.questions.queue(visit.workspace, visit.on, at, visit.method)
    first = [queued.claim for queued in queue.claims[:WAITING_MAX]]
    waiting: list[Version] = []
    if first:
        _position, waiting = await visit.house.views.versions_of_claims(visit.workspace, at, first)
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
    kept = visit.kept("list", "status", "q", "cursor")
    before = visit.before()
    if (better := visit.better(kept)) is not None:
        return better
    await visit.weigh()
    position, board = await visit.questions.board(
        visit.workspace, visit.on, visit.known_at, method=visit.method
    )
    page = governments_page(
        await visit.frame(_("Governments"), position, pairs=kept),
        board,
        on=visit.on,
        status=visit.asked("status"),
        list_=visit.asked("list"),
        asked=visit.asked("q"),
        before=before,
    )
    return PageAnswer(position=position, html=render(page))


async def government(visit: Visit, code: str) -> PageAnswer:
    """What has it done, on whose word, and what did it hear?"""
    government = government_code(code)
    kept = visit.kept("lane", "status", "from", "event")
    if (better := visit.better(kept)) is not None:
        return better
    weights = await visit.weigh()
    position, portrait = await visit.questions.portrait(
        visit.workspace, government, visit.on, visit.known_at, weights
    )
    asked = Asked(
        lane=visit.asked("lane"),
        status=visit.asked("status"),
        from_typed=visit.asked("from"),
        event=visit.asked("event") or None,
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
