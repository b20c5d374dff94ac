"""The pages Commitments and Deadlines: ask the ledgers, build and render; they judge nobody."""

from typing import Final, get_args

from msgspec.structs import replace

from domain.clocks import KnownAt, known_text
from domain.governments import GOVERNMENTS
from domain.treaties import TREATIES
from projections.deadlines import What
from projections.undertakings import UndertakenAsk, UndertakenExcerpt, answered
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
    ROWS_SHOWN_MAX,
    WHATS,
    commitments_page,
    commitments_sheet,
    place_of_government,
)
from services.dashboard.render import render
from services.dashboard.sheets import ROWS_MAX, download
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
    if visit.form is not None:
        when, whole = (visit.workspace, visit.on, visit.known_at), replace(ask, before=0)
        position, found = await visit.questions.undertakings_shown(
            *when, whole, ROWS_MAX, place_of_government
        )
        frame = await visit.frame(_("Commitments"), position, pairs=kept)
        file = download(commitments_sheet(found, frame), visit.form)
        return PageAnswer(position=position, download=file)
    position, found = await _shown(visit, ask)
    frame = await visit.frame(_("Commitments"), position, pairs=kept)
    _position, standings = await visit.questions.standings(
        visit.workspace, visit.on, visit.known_at, {row.government for row in found.rows}
    )
    statuses = {code: shown_status(standing) for code, standing in standings.items()}
    page = commitments_page(frame, found, ask=ask, statuses=statuses)
    return PageAnswer(position=position, html=render(page))


async def _shown(visit: Visit, ask: UndertakenAsk) -> tuple[int, UndertakenExcerpt]:
    """What the page shows of the ledger: from what is at hand, where that tells it."""
    async with visit.house.views.undertakings.of(visit.workspace, visit.known_at) as at_hand:
        found = None
        if at_hand is not None:
            position = at_hand.through
            known = known_text(visit.known_at, position)
            asked = ask, ROWS_SHOWN_MAX, place_of_government
            found = at_hand.excerpt(*asked, on=visit.on, known_at=known)
    if found is None:
        when = visit.workspace, visit.on, visit.known_at
        return await visit.questions.undertakings_shown(
            *when, ask, ROWS_SHOWN_MAX, place_of_government
        )
    claims = {one.claim for row in found.rows for one in row.answers}
    _position, versions = await visit.house.views.versions_of_claims(
        visit.workspace, KnownAt(position=position), claims
    )
    names = {version.claim.id: version for version in versions}
    rows = tuple(answered(row, names) for row in found.rows)
    return position, replace(found, rows=rows)


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
