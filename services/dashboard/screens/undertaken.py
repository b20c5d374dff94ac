"""The pages Commitments and Deadlines: ask the ledgers, build and render; they judge nobody."""

from typing import Final, get_args

from domain.clocks import KnownAt, known_text
from domain.governments import GOVERNMENTS
from domain.treaties import TREATIES
from projections.deadlines import What
from projections.histories import Version
from projections.undertakings import Undertakings
from services.dashboard.calendars import CALENDAR
from services.dashboard.language import _
from services.dashboard.models import deadlines as clocks
from services.dashboard.models import undertaken
from services.dashboard.models.deadlines import (
    DeadlinesAsk,
    deadlines_calendar,
    deadlines_page,
    deadlines_sheet,
)
from services.dashboard.models.today import shown_status
from services.dashboard.models.undertaken import (
    WHATS,
    UndertakenAsk,
    commitments_page,
    commitments_sheet,
    shown_rows,
)
from services.dashboard.render import render
from services.dashboard.sheets import download
from services.dashboard.visit import PageAnswer, Visit

COMMITMENT_FIELDS: Final = ("government", "what", "treaty", "order", "cursor", "format")
DEADLINE_FIELDS: Final = (
    *("government", "what", "treaty", "confirmed", "order", "cursor", "format"),
)


async def commitments(visit: Visit) -> PageAnswer:
    """What did governments undertake, and whom did they answer?"""
    kept = visit.kept(*COMMITMENT_FIELDS[:-1])
    if (better := visit.better(kept)) is not None:
        return better
    ask = UndertakenAsk(
        government=_one_of(visit, "government", tuple(GOVERNMENTS)),
        what=_one_of(visit, "what", tuple(WHATS)),
        treaty=_one_of(visit, "treaty", tuple(TREATIES)),
        order=_one_of(visit, "order", undertaken.ORDERS) or undertaken.ORDERS[0],
        before=visit.before(),
    )
    async with visit.house.views.undertakings.of(visit.workspace, visit.known_at) as at_hand:
        told = None if at_hand is None or visit.form else at_hand
        if told is not None:
            position = told.through
            found = told.on(visit.on, known_text(visit.known_at, position))
    if told is None:
        asked = visit.workspace, visit.on, visit.known_at
        position, found = await visit.questions.undertakings(*asked)
    names = None if told is None else await _answered(visit, position, found, ask)
    frame = await visit.frame(_("Commitments"), position, pairs=kept)
    if visit.form is not None:
        file = download(commitments_sheet(found, ask, frame), visit.form)
        return PageAnswer(position=position, download=file)
    _position, standings = await visit.questions.standings(
        visit.workspace, visit.on, visit.known_at
    )
    statuses = {code: shown_status(standing) for code, standing in standings.items()}
    page = commitments_page(frame, found, ask=ask, statuses=statuses, names=names)
    return PageAnswer(position=position, html=render(page))


async def _answered(
    visit: Visit, position: int, found: Undertakings, ask: UndertakenAsk
) -> dict[str, Version]:
    """The claims that the rows of the page answer, by name."""
    claims = {one.claim for row in shown_rows(found, ask)[0] for one in row.answers}
    _position, versions = await visit.house.views.versions_of_claims(
        visit.workspace, KnownAt(position=position), claims
    )
    return {version.claim.id: version for version in versions}


async def deadlines(visit: Visit) -> PageAnswer:
    """Which clocks are running, until when, and how do we know?"""
    kept = visit.kept(*DEADLINE_FIELDS[:-1])
    is_calendar = visit.asked("format") == CALENDAR
    asked = (*kept, *visit.kept("format")) if is_calendar else kept
    if (better := visit.better(asked)) is not None:
        return better
    ask = DeadlinesAsk(
        government=_one_of(visit, "government", tuple(GOVERNMENTS)),
        what=_one_of(visit, "what", get_args(What)),
        treaty=_one_of(visit, "treaty", tuple(TREATIES)),
        confirmed=_one_of(visit, "confirmed", ("yes", "no")),
        order=_one_of(visit, "order", clocks.ORDERS) or clocks.ORDERS[0],
        before=visit.before(),
    )
    position, found = await visit.questions.deadlines(visit.workspace, visit.on, visit.known_at)
    frame = await visit.frame(_("Deadlines"), position, pairs=kept)
    if is_calendar:
        return PageAnswer(position=position, download=deadlines_calendar(found, ask))
    if visit.form is not None:
        file = download(deadlines_sheet(found, ask, frame), visit.form)
        return PageAnswer(position=position, download=file)
    page = deadlines_page(frame, found, ask=ask)
    return PageAnswer(position=position, html=render(page))


def _one_of(visit: Visit, name: str, known: tuple[str, ...]) -> str:
    """What was chosen of a list; empty where nothing was, or something that is not on it."""
    return visit.asked(name) if visit.asked(name) in known else ""
