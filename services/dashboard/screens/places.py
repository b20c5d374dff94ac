"""The page Map: asks for the standings, and for the board where a number is shown, builds and
renders; it never draws."""

import asyncio
from typing import Final

from services.dashboard.charts.world import world
from services.dashboard.language import _
from services.dashboard.models.map import SHOWS, map_page, map_sheet
from services.dashboard.render import render
from services.dashboard.sheets import download
from services.dashboard.visit import PageAnswer, Visit

MAP_FIELDS: Final = ("show", "format")


async def map_(visit: Visit) -> PageAnswer:
    """Who is bound on a day, and who does how much?"""
    kept = visit.kept("show")
    if (better := visit.better(kept)) is not None:
        return better
    show = visit.asked("show") if visit.asked("show") in SHOWS else SHOWS[0]
    position, standings = await visit.questions.standings(visit.workspace, visit.on, visit.known_at)
    board = None
    if show != SHOWS[0]:
        await visit.weigh()
        position, board = await visit.questions.board(
            visit.workspace, visit.on, visit.known_at, method=visit.method
        )
    await asyncio.to_thread(world)
    frame = await visit.frame(_("Map"), position, pairs=kept)
    page = map_page(frame, standings, board, on=visit.on, show=show)
    if visit.form is not None:
        return PageAnswer(position=position, download=download(map_sheet(page), visit.form))
    return PageAnswer(position=position, html=render(page))
