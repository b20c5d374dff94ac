"""One look at one page: who asks, what the address says, and the frame around the answer; it never
asks a question of the views itself."""

from collections.abc import Container, Mapping
from datetime import date
from typing import Final

import msgspec

from domain.clocks import KnownAt, read_known_at
from domain.dates import PartialDate, partial_date
from domain.errors import InvalidQuestion
from domain.weight_sets import WeightSetNotFound, read_method
from domain.weights import Weights
from services.campaigning import CampaignQuestions
from services.checking import Checks
from services.dashboard.clocks import address, read_clocks
from services.dashboard.frame import (
    API_PATH,
    AUDIT_PATH,
    CAMPAIGNS_PATH,
    CLAIMS_PATH,
    COMMITMENTS_PATH,
    COMPARE_PATH,
    CRITICISM_PATH,
    DEADLINES_PATH,
    GOVERNMENTS_PATH,
    IMPORT_PATH,
    INTEGRITY_PATH,
    MAP_PATH,
    PEOPLE_PATH,
    REVIEW_PATH,
    SOURCES_PATH,
    TODAY_PATH,
    TRANSFERS_PATH,
    Frame,
    Link,
    Live,
    NavItem,
    Person,
    Weighing,
)
from services.dashboard.language import _, word
from services.dashboard.sheets import Download, Format, read_format
from services.house import House
from services.partial_dates import edtf
from services.questions import Questions
from services.weighing import offered, weigh
from services.wiring import ROLES, Role

CURSOR_MAX: Final = 1_000_000
STREAM_PATH: Final = "/live"
BEHIND_EVENTS_MAX: Final = 20
"""A page says that it is stale when the views have this many events yet to take in."""
NAV: Final[tuple[tuple[str, str, Role], ...]] = (
    (word("Today"), TODAY_PATH, "viewer"),
    (word("Governments"), GOVERNMENTS_PATH, "viewer"),
    (word("Criticism"), CRITICISM_PATH, "viewer"),
    (word("Transfers"), TRANSFERS_PATH, "viewer"),
    (word("Map"), MAP_PATH, "viewer"),
    (word("Claims"), CLAIMS_PATH, "viewer"),
    (word("Campaigns"), CAMPAIGNS_PATH, "viewer"),
    (word("Review"), REVIEW_PATH, "reviewer"),
    (word("Import"), IMPORT_PATH, "reviewer"),
)
"""The pages of the main navigation, in order, and the role each needs."""
PRESETS: Final = (
    (word("Day before the Baltic deposits"), (("on", "2025-06-26"),)),
    (word("Baltic exits"), (("on", "2025-12-27"),)),
    (word("Same day, as known at the 22MSP"), (("on", "2025-12-27"), ("known_at", "2025-12-05"))),
)


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a page: the person, their workspace and the token of their session's forms."""

    by: str
    """What events keep of them."""
    name: str
    role: Role
    workspace: str
    csrf_token: str
    cookie: str | None = None
    """Of the session that asks; None for a machine."""

    def may(self, role: Role) -> bool:
        """Whether the role of this visitor reaches `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)


class PageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page at a position, a file of what it lists, or a better address for the same question."""

    position: int
    html: str = ""
    redirect: str | None = None
    download: Download | None = None
    is_fresh: bool = False
    """Whether it tells of more than the views, so that no browser may keep it."""


class Visit:
    """What a page needs to know to answer: the house, the visitor, the clocks and the query."""

    def __init__(
        self,
        house: House,
        questions: Questions,
        visitor: Visitor,
        path: str,
        query: Mapping[str, str],
        checks: Checks | None = None,
        campaigns: CampaignQuestions | None = None,
    ) -> None:
        self.checks, self.campaigns = checks, campaigns
        self.house, self.questions, self.visitor = house, questions, visitor
        self.workspace = visitor.workspace
        self.path, self.query = path, query
        self.today: date = house.now().date()
        self.reading = read_clocks(query, self.today)
        self.on: date = self.reading.clocks.on or self.today
        self.known_at: KnownAt = read_known_at(self.reading.clocks.known_at)
        self.method: str | None = read_method(self.asked("method") or None)
        self.weights: Weights | None = None
        self.refusal = ""
        self.form: Format | None = read_format(query.get("format"))

    def asked(self, name: str) -> str:
        """What the query says under a name, without spaces around it; empty where nothing."""
        return self.query.get(name, "").strip()

    def choice(self, name: str, known: Container[str]) -> str:
        """What the query says under a name, or nothing; InvalidQuestion where it is not known."""
        text = self.asked(name)
        if text and text not in known:
            detail = word("choose one of the list")
            raise InvalidQuestion(parameter=name, value=text[:80], detail=detail)
        return text

    def before(self) -> int:
        """How many rows of a list stand before the page; InvalidQuestion where that is no
        number."""
        text = self.asked("cursor") or "0"
        if text.isascii() and text.isdigit() and int(text) <= CURSOR_MAX:
            return int(text)
        detail = f"write a number from 0 to {CURSOR_MAX}, as the links of the page do"
        raise InvalidQuestion(parameter="cursor", value=text[:80], detail=detail)

    def span(self, errors: dict[str, str]) -> tuple[date | None, date | None]:
        """The first day of what is typed under `from` and the last of what is under `to`; None,
        with a sentence in `errors`, for what is no date."""
        found: dict[str, PartialDate | None] = {}
        for name in ("from", "to"):
            text = self.asked(name)
            try:
                found[name] = partial_date(edtf(text)) if text else None
            except ValueError:
                found[name] = None
                errors[name] = _(
                    "“%(text)s” is not a date; write 18 Mar 2025, Mar 2025 or 2025.", text=text
                )
        first, last = found["from"], found["to"]
        return first.first_day if first else None, last.last_day if last else None

    def kept(self, *names: str) -> tuple[tuple[str, str], ...]:
        """The named pairs of the query that hold something, in this order."""
        return tuple((name, self.asked(name)) for name in names if self.asked(name))

    def better(self, pairs: tuple[tuple[str, str], ...]) -> PageAnswer | None:
        """A redirect to the better address of the same question; None where this is it."""
        if self.reading.canonical:
            return None
        form = (("format", self.form),) if self.form else ()
        where = address(self.path, self.reading.clocks, (*pairs, *self.weighing_pairs, *form))
        return PageAnswer(position=0, redirect=where)

    @property
    def weighing_pairs(self) -> tuple[tuple[str, str], ...]:
        """The query pair that carries the set of weights on."""
        asked = self.asked("method")
        return (("method", asked),) if read_method(asked or None) else ()

    async def weigh(self) -> Weights:
        """The weights of the set asked for, which the page then says; the published ones, and why,
        where there is no such set as known then."""
        try:
            self.weights, _known = await weigh(
                self.house, self.workspace, self.method, self.known_at
            )
        except WeightSetNotFound:
            self.refusal = _(
                "No set of weights “%(name)s” is on offer as known then; these are the numbers by"
                " the published weights.",
                name=self.method,
            )
            self.method, self.weights = None, self.house.weights
        return self.weights

    async def _weighing(self, weights: Weights) -> Weighing:
        _position, found = await offered(self.house, self.workspace, self.known_at)
        return Weighing(
            method=self.method or "",
            methods=weights.methods,
            choices=tuple((one.name, f"{one.name}/{one.version}") for one in found.sets),
            refusal=self.refusal,
        )

    async def frame(
        self,
        title: str,
        position: int,
        *,
        pairs: tuple[tuple[str, str], ...] = (),
        concerns: tuple[str, ...] = (),
    ) -> Frame:
        """What surrounds the page at a position; `pairs` are kept when a clock is changed."""
        watermark = await self.house.views.watermark(self.workspace)
        if position > watermark.position:  # something came while the page was drawn
            watermark = await self.house.views.look_again(self.workspace)
        behind = await self.house.store.head(self.workspace) - watermark.position
        return Frame(
            title=title,
            path=self.path,
            today=self.today,
            reading=self.reading,
            live=Live(
                position=position,
                recorded_at=watermark.recorded_at,
                stream=STREAM_PATH,
                concerns=concerns,
            ),
            csrf_token=self.visitor.csrf_token,
            person=Person(self.visitor.name, self.visitor.role, self.workspace),
            nav=await self._nav(),
            pairs=pairs,
            presets=tuple(
                Link(_(label), self.path, pinned + pairs + self.weighing_pairs, pinned=True)
                for label, pinned in PRESETS
            ),
            footer=(
                *((Link(_("Sources"), SOURCES_PATH),) if self.visitor.may("contributor") else ()),
                *((Link(_("People"), PEOPLE_PATH),) if self.visitor.may("admin") else ()),
                *((Link(_("Audit list"), AUDIT_PATH),) if self.visitor.may("admin") else ()),
                Link(_("Deadlines"), DEADLINES_PATH),
                Link(_("Commitments"), COMMITMENTS_PATH),
                Link(_("Compare two moments"), COMPARE_PATH),
                Link(_("Integrity"), INTEGRITY_PATH),
                Link(_("API"), API_PATH, pinned=True),
            ),
            faults=tuple(
                _(
                    "The view “%(view)s” could not take in position %(position)s; what it shows"
                    " may lack what came since.",
                    view=fault.view,
                    position=fault.position,
                )
                for fault in watermark.faults
            ),
            method=dict(self.weighing_pairs).get("method", ""),
            weighing=None if self.weights is None else await self._weighing(self.weights),
            behind=behind if behind > BEHIND_EVENTS_MAX else 0,
        )

    async def _nav(self) -> tuple[NavItem, ...]:
        """The pages that the visitor may open, and what waits there."""
        found = []
        for label, path, role in NAV:
            if self.visitor.may(role):
                count = await self.questions.waiting(self.workspace) if path == REVIEW_PATH else 0
                current = is_under(self.path, path)
                item = NavItem(_(label), path, current, count or None, _("waiting"))
                found.append(item)
        return tuple(found)


def is_under(path: str, head: str) -> bool:
    """Whether an address lies at or under another."""
    return path == head or path.startswith(f"{head}/")
