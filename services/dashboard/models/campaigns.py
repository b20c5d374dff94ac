"""The models of the pages Campaigns and Campaign, and the list as a file; pure, they neither fetch
nor decide."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from projections.campaigns import (
    CampaignList,
    CampaignNotes,
    CampaignRow,
    Figures,
    Happening,
    NextDate,
)
from projections.campaigns import CampaignPage as Answer
from services.dashboard.charts.figures import Interval, Measure
from services.dashboard.formats import Tag, names_text
from services.dashboard.frame import Frame
from services.dashboard.language import Words, who, word
from services.dashboard.models.claims import actor_names
from services.dashboard.sheets import Cell, Sheet
from services.dashboard.states import GOVERNMENTS

NAMES_MAX: Final = 4
TIMELINE_SHOWN_MAX: Final = 25
"""How many happenings the page shows, the latest ones; the files hold more."""
CLOCK_WORDS: Final = Words(
    {
        "withdrawal": word("The withdrawal takes effect"),
        "entry_into_force": word("The treaty enters into force"),
        "first_report": word("The first transparency report is due"),
        "yearly_report": word("The yearly transparency report is due"),
        "no_exit": word("No exit can take effect"),
        "stockpile": word("Stocks are to be destroyed"),
        "clearance": word("Mined areas are to be cleared"),
        "answer": word("An answer is due"),
    }
)
CAMPAIGN_STATES: Final[Mapping[str, Tag]] = {
    "planned": Tag("state", "expected", "v-clock", word("Planned")),
    "running": Tag("state", "confirmed", "m-circle", word("Running")),
    "ended": Tag("state", "unverified", "m-square", word("Ended")),
}
ASK_STATES: Final[Mapping[str, Tag]] = {
    "open": Tag("state", "expected", "m-ring", word("Open")),
    "met": Tag("state", "confirmed", "v-ok", word("Met")),
    "abandoned": Tag("state", "refuted", "v-x", word("Abandoned")),
}
ORDERS: Final = Words({"next": word("Next date"), "title": word("Title"), "start": word("Start")})
DONE: Final = Words(
    {
        "start": word("The campaign was started."),
        "date": word("The date is noted."),
        "drop-date": word("The date matters no longer."),
        "action": word("The claim is marked as your own doing."),
        "remove-action": word("The claim is no longer marked as your own doing."),
        "note": word("The note is written."),
        "ask": word("The ask is added."),
        "meet": word("The ask is met, while the claim that shows it counts."),
        "abandon": word("The ask is abandoned."),
        "reopen": word("The ask is open again."),
        "change": word("The campaign is changed."),
        "end": word("The campaign has ended; it stays readable."),
        "resume": word("The campaign goes on."),
    }
)
COLUMNS: Final = (
    *("slug", "title", "treaty", "targets", "state", "started_on", "ended_on"),
    *("asks", "met", "open", "abandoned", "next_on", "next"),
)
TIMELINE_COLUMNS: Final = ("occurred_on", "claim", "kind", "summary", "status", "own")
MEASURES: Final[tuple[Measure, ...]] = ("erosion", "pressure", "backing")


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A form that was refused: which one, what it held, why, and for which of its fields."""

    act: str = ""
    key: str = ""
    values: Mapping[str, str] = {}
    refusal: str = ""
    field: str = ""

    def is_wrong(self, act: str, name: str, key: str = "") -> bool:
        """Whether the form was refused for this field of it."""
        return (act, name, key) == (self.act, self.field, self.key)

    def held(self, act: str, name: str, otherwise: str = "", key: str = "") -> str:
        """What a field of a form held, where it is the refused one."""
        if (act, key) != (self.act, self.key):
            return otherwise
        return self.values.get(name, otherwise)


class CampaignAsk(msgspec.Struct, frozen=True, kw_only=True):
    """How the list is narrowed and ordered."""

    state: str = ""
    treaty: str = ""
    order: str = "next"

    @property
    def narrows(self) -> bool:
        """Whether a campaign may be left out."""
        return bool(self.state or self.treaty)


class CampaignsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which campaigns are there, and how far have they come?"""

    frame: Frame
    rows: tuple[CampaignRow, ...]
    running: int
    asks: int
    met: int
    ask: CampaignAsk
    treaties: tuple[str, ...]
    may_start: bool
    once: str
    filled: Filled


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a target, at the start of the campaign and now."""

    measure: Measure
    before: Interval
    after: Interval

    @property
    def by(self) -> float:
        """How much higher it is than at the start, in points."""
        return self.after.score - self.before.score


class TargetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One target: its standing, and what its numbers did since the start."""

    code: str
    name: str
    status: str
    leaves_on: date | None
    leaves_about: bool
    moved: tuple[Moved, ...]


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """One day to come; `key` where the campaign noted it, `government` where a law's clock runs."""

    day: date
    days: int
    text: str
    key: str
    government: str
    code: str
    article: str


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One claim since the start; `own` where it tells of the campaign's doing."""

    row: Happening
    actors: str


class NoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """One internal note."""

    text: str
    by: str
    position: int


class CampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign: asks, targets, what comes, what happened, and what may be done about it.

    `notes` is None for whoever may not see them.
    """

    frame: Frame
    answer: Answer
    targets: tuple[TargetRow, ...]
    coming: tuple[Coming, ...]
    past_dates: tuple[Coming, ...]
    timeline: tuple[Happened, ...]
    own: int
    show: str
    notes: tuple[NoteRow, ...] | None
    may_work: bool
    may_decide: bool
    once: str
    filled: Filled
    done: str = ""


def campaigns_page(
    frame: Frame,
    answer: CampaignList,
    *,
    ask: CampaignAsk,
    may_start: bool,
    once: str,
    filled: Filled | None = None,
) -> CampaignsPage:
    """The list, narrowed and ordered as asked."""
    every = answer.campaigns
    return CampaignsPage(
        frame=frame,
        rows=tuple(listed(every, ask)),
        running=sum(row.state == "running" for row in every),
        asks=sum(row.progress.asks - row.progress.abandoned for row in every),
        met=sum(row.progress.met for row in every),
        ask=ask,
        treaties=tuple(sorted({row.treaty for row in every})),
        may_start=may_start,
        once=once,
        filled=filled or Filled(),
    )


def listed(rows: Sequence[CampaignRow], ask: CampaignAsk) -> list[CampaignRow]:
    """The campaigns that a question lets through, in its order."""
    keys: dict[str, Callable[[CampaignRow], Any]] = {
        "next": lambda r: (r.next.day if r.next else date.max, r.title.casefold()),
        "title": lambda r: r.title.casefold(),
        "start": lambda r: (-r.started_on.toordinal(), r.title.casefold()),
    }
    found = [r for r in rows if ask.state in ("", r.state) and ask.treaty in ("", r.treaty)]
    return sorted(found, key=keys[ask.order])


def campaigns_sheet(rows: Sequence[CampaignRow], frame: Frame) -> Sheet:
    """The list as a file holds it."""
    cells: list[Sequence[Cell]] = [
        (
            *(r.slug, r.title, r.treaty, " ".join(r.targets), r.state, r.started_on, r.ended_on),
            *(r.progress.asks, r.progress.met, r.progress.open, r.progress.abandoned),
            *(r.next.day if r.next else None, r.next.text if r.next else None),
        )
        for r in rows
    ]
    return Sheet(name="campaigns", columns=COLUMNS, rows=cells, about=frame.question)


def campaign_view(
    frame: Frame,
    answer: Answer,
    notes: CampaignNotes | None,
    names: Mapping[str, str],
    *,
    show: str,
    may_work: bool,
    may_decide: bool,
    once: str,
    filled: Filled | None = None,
    done: str = "",
) -> CampaignView:
    """The page of one campaign; `names`: of the people who wrote notes."""
    own = [h for h in answer.timeline if h.own]
    return CampaignView(
        frame=frame,
        answer=answer,
        targets=tuple(
            TargetRow(
                code=t.government,
                name=GOVERNMENTS[t.government],
                status="contested"
                if t.standing.claimed is not None and t.standing.status == "party"
                else t.standing.status,
                leaves_on=t.standing.expected_on if t.standing.status == "leaving" else None,
                leaves_about=t.standing.about,
                moved=tuple(_moved(m, t.at_start, t.now) for m in MEASURES),
            )
            for t in answer.governments
        ),
        coming=tuple(_coming(one, answer.on) for one in answer.upcoming),
        past_dates=tuple(
            _coming(NextDate(day=d.day, text=d.text, key=d.key), answer.on)
            for d in reversed(answer.dates)
            if d.day < answer.on
        ),
        timeline=tuple(
            Happened(row=h, actors=names_text(actor_names(h.actors), NAMES_MAX))
            for h in (own if show == "own" else answer.timeline)[:TIMELINE_SHOWN_MAX]
        ),
        own=len(own),
        show=show,
        notes=None if notes is None else _notes(notes, names),
        may_work=may_work,
        may_decide=may_decide,
        once=once,
        filled=filled or Filled(),
        done=done if done in DONE else "",
    )


def timeline_sheet(answer: Answer, frame: Frame, show: str) -> Sheet:
    """What happened since the start as a file holds it."""
    cells: list[Sequence[Cell]] = [
        (h.occurred_on, h.claim, h.kind, h.summary, h.status, h.own)
        for h in answer.timeline
        if h.own or show != "own"
    ]
    return Sheet(
        name=f"campaign-{answer.slug}", columns=TIMELINE_COLUMNS, rows=cells, about=frame.question
    )


def _notes(notes: CampaignNotes, names: Mapping[str, str]) -> tuple[NoteRow, ...]:
    """The notes, latest first."""
    return tuple(
        NoteRow(text=n.text, by=names.get(n.by, who(n.by)), position=n.position)
        for n in reversed(notes.notes)
    )


def _moved(measure: Measure, before: Figures, after: Figures) -> Moved:
    then, now = getattr(before, measure), getattr(after, measure)
    return Moved(
        measure=measure,
        before=Interval(then.score, then.low, then.high),
        after=Interval(now.score, now.low, now.high),
    )


def _next_text(one: NextDate) -> str:
    """What a date is about: as it was noted, or what a clock of the law ends in."""
    return one.text if one.key else CLOCK_WORDS.get(one.text, one.text)


def _coming(one: NextDate, on: date) -> Coming:
    code = one.government or ""
    return Coming(
        day=one.day,
        days=(one.day - on).days,
        text=_next_text(one),
        key=one.key or "",
        government=GOVERNMENTS.get(code, code),
        code=code,
        article=one.article or "",
    )
