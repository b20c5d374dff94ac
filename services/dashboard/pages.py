"""Answers the addresses of the dashboard: reads the clocks, asks the views, builds and renders a
page."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from domain.clocks import KnownAt, read_known_at
from domain.governments import GOVERNMENTS
from services.dashboard.clocks import ClockReading, address, read_clocks
from services.dashboard.frame import (
    GOVERNMENTS_PATH,
    TODAY_PATH,
    Frame,
    Link,
    Live,
    NavItem,
    Person,
    government_path,
)
from services.dashboard.government import Asked, government_page
from services.dashboard.governments import governments_page
from services.dashboard.render import render
from services.dashboard.today import today_page
from services.questions import Questions, government_code
from services.wiring import House

STREAM_PATH: Final = "/live"
_PRESETS: Final = (
    ("Day before the Baltic deposits", (("on", "2025-06-26"),)),
    ("Baltic exits", (("on", "2025-12-27"),)),
    ("Same day, as known at the 22MSP", (("on", "2025-12-27"), ("known_at", "2025-12-05"))),
)


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a page: the person, their workspace and the token of their session's forms."""

    name: str
    role: str
    workspace: str
    csrf_token: str


class PageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page at a position, or a better address for the same question."""

    position: int
    html: str = ""
    redirect: str | None = None


class Pages:
    """The pages of the dashboard."""

    def __init__(self, house: House, questions: Questions) -> None:
        self.house = house
        self.questions = questions

    async def today(self, visitor: Visitor, query: Mapping[str, str]) -> PageAnswer:
        """Which clocks run, what changed, what waits, who does much and hears little?"""
        today = self.house.now().date()
        reading = read_clocks(query, today)
        if not reading.canonical:
            return _redirect(TODAY_PATH, reading)
        position, versions = await self.house.views.versions(visitor.workspace, _known(reading))
        frame = await self._frame(visitor, "Today", TODAY_PATH, reading, position, today)
        on = reading.clocks.on or today
        page = today_page(frame, versions, on=on, is_now=on == today, weights=self.house.weights)
        return PageAnswer(position=position, html=render(page))

    async def governments(self, visitor: Visitor, query: Mapping[str, str]) -> PageAnswer:
        """Where does every government stand, what does it do and what does it hear?"""
        today = self.house.now().date()
        reading = read_clocks(query, today)
        status, asked = query.get("status", ""), query.get("q", "")
        kept = tuple((k, v) for k, v in (("status", status), ("q", asked)) if v)
        if not reading.canonical:
            return _redirect(GOVERNMENTS_PATH, reading, kept)
        on = reading.clocks.on or today
        position, board = await self.questions.board(visitor.workspace, on, _known(reading))
        frame = await self._frame(
            visitor, "Governments", GOVERNMENTS_PATH, reading, position, today, pairs=kept
        )
        page = governments_page(frame, board, on=on, status=status, asked=asked)
        return PageAnswer(position=position, html=render(page))

    async def government(self, visitor: Visitor, code: str, query: Mapping[str, str]) -> PageAnswer:
        """What has it done, on whose word, and what did it hear?"""
        government = government_code(code)
        today = self.house.now().date()
        reading = read_clocks(query, today)
        names = ("lane", "status", "from", "event")
        kept = tuple((name, query[name]) for name in names if query.get(name))
        path = government_path(government)
        if not reading.canonical:
            return _redirect(path, reading, kept)
        on = reading.clocks.on or today
        known_at = _known(reading)
        position, versions = await self.house.views.versions(
            visitor.workspace, known_at, government=government
        )
        asked = Asked(
            lane=query.get("lane", ""),
            status=query.get("status", ""),
            from_typed=query.get("from", ""),
            event=query.get("event"),
        )
        opened = [v for v in versions if v.claim.id == asked.event]
        histories = {}
        for version in opened:
            _, history, _ = await self.house.views.claim(
                visitor.workspace, version.claim.id, known_at
            )
            histories[version.claim.id] = [v for v in history if v.number <= version.number]
        frame = await self._frame(
            visitor,
            GOVERNMENTS[government],
            path,
            reading,
            position,
            today,
            pairs=kept,
            concerns=(government,),
        )
        page = government_page(
            frame,
            government,
            versions,
            histories,
            on=on,
            weights=self.house.weights,
            asked=asked,
        )
        return PageAnswer(position=position, html=render(page))

    async def frame(self, visitor: Visitor, title: str, path: str) -> Frame:
        """What surrounds a page that answers no question of its own, such as a refusal."""
        today = self.house.now().date()
        reading = read_clocks({}, today)
        position = (await self.house.views.watermark(visitor.workspace)).position
        return await self._frame(visitor, title, path, reading, position, today)

    async def _frame(
        self,
        visitor: Visitor,
        title: str,
        path: str,
        reading: ClockReading,
        position: int,
        today: date,
        *,
        pairs: tuple[tuple[str, str], ...] = (),
        concerns: tuple[str, ...] = (),
    ) -> Frame:
        watermark = await self.house.views.watermark(visitor.workspace)
        return Frame(
            title=title,
            path=path,
            today=today,
            reading=reading,
            live=Live(
                position=position,
                recorded_at=watermark.recorded_at,
                stream=STREAM_PATH,
                concerns=concerns,
            ),
            csrf_token=visitor.csrf_token,
            person=Person(visitor.name, visitor.role, visitor.workspace),
            nav=(
                NavItem("Today", TODAY_PATH, current=path == TODAY_PATH),
                NavItem(
                    "Governments",
                    GOVERNMENTS_PATH,
                    current=path.startswith(GOVERNMENTS_PATH),
                ),
            ),
            pairs=pairs,
            presets=tuple(
                Link(label, path, pinned + pairs, pinned=True) for label, pinned in _PRESETS
            ),
            footer=(Link("API description", "/schema", pinned=True),),
            faults=tuple(
                f"The view “{fault.view}” could not take in position {fault.position}; what it "
                "shows may lack what came since."
                for fault in watermark.faults
            ),
        )


def _known(reading: ClockReading) -> KnownAt:
    return read_known_at(reading.clocks.known_at)


def _redirect(
    path: str, reading: ClockReading, pairs: tuple[tuple[str, str], ...] = ()
) -> PageAnswer:
    return PageAnswer(position=0, redirect=address(path, reading.clocks, pairs))
