"""Builds the page of one government from its dossier and its claims; pure, it neither fetches
nor asks."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from domain.claims import Claim, Status
from domain.dates import days_after, partial_date
from domain.details import Joined
from domain.facts import COUNTED
from domain.standing import STAGES, Standing
from domain.treaties import APMBC, TREATIES, Treaty
from projections.claims import ClaimRow
from projections.histories import Version
from projections.portraits import Portrait
from services.dashboard.charts.figures import (
    DayMark,
    Lane,
    LaneKey,
    Mark,
    Series,
    SeriesPoint,
    Timeline,
)
from services.dashboard.charts.figures import Measure as MeasureName
from services.dashboard.formats import STATE_TAGS, date_text, day_text
from services.dashboard.frame import Frame
from services.dashboard.language import _, many, word
from services.dashboard.models.evidence import evidence_of
from services.dashboard.models.number_notes import backing_note, number_note
from services.dashboard.models.shapes import (
    Countdown,
    GovernmentPage,
    Number,
    Record,
    RecordFilter,
    Stage,
    TreatyStanding,
)
from services.dashboard.models.stages import misfits_of, stages_of
from services.dashboard.models.today import (
    AHEAD_DAYS_MAX,
    actors_text,
    figure_interval,
    shown_status,
)
from services.dashboard.sentences import StandingFacts, standing_sentence
from services.dashboard.sheets import Cell, Sheet
from services.dashboard.states import GOVERNMENTS, treaty_name
from services.dashboard.words import JOINING_KINDS, LANES, MINES_KINDS
from services.partial_dates import edtf

RECORDS_SHOWN_MAX: Final = 40
"""How many records the list shows; all of them have a page of their own."""
TIMELINE_DAYS: Final = 420
TIMELINE_DAYS_MAX: Final = 1096
"""How far back it reaches for the first step of leaving."""
TIMELINE_BEFORE_DAYS: Final = 30
TIMELINE_AHEAD_DAYS: Final = 30


class Asked:
    """What the reader narrowed the list of records to, and which claim is opened."""

    def __init__(
        self,
        *,
        lane: str = "",
        status: str = "",
        from_typed: str = "",
        event: str | None = None,
    ) -> None:
        self.lane, self.status, self.from_typed, self.event = lane, status, from_typed, event
        self.from_day: date | None = None
        self.from_error: str | None = None
        if from_typed:
            try:
                self.from_day = partial_date(edtf(from_typed)).first_day
            except ValueError:
                self.from_error = _(
                    "“%(text)s” is not a date; write 18 Mar 2025, Mar 2025 or 2025.",
                    text=from_typed,
                )


def government_page(
    frame: Frame,
    government: str,
    portrait: Portrait,
    history: Sequence[Version],
    *,
    on: date,
    asked: Asked,
) -> GovernmentPage:
    """The page of `government` on the day `on`.

    `history`: every version known by then of the claim that is opened, where one is.
    """
    about, standings, numbers = portrait.versions, portrait.standings, portrait.numbers
    records = [_record(v, numbers["pressure"].points) for v in _listed(about)]
    shown = [r for r in records if fits(asked, r.lane, r.status, r.occurred_on)]
    main = standings[APMBC.code]
    return GovernmentPage(
        frame=frame,
        code=government,
        name=GOVERNMENTS[government],
        standings=tuple(
            _treaty_standing(TREATIES[code], standing, portrait.steps, on)
            for code, standing in standings.items()
            if code == APMBC.code or standing.status != "not_party"
        ),
        countdown=_countdown(main, on),
        numbers=tuple(
            Number(
                measure=name,
                now=figure_interval(numbers[name].figure, numbers[name].claims),
                series=_series(name, portrait),
                note=number_note(name, numbers[name]),
            )
            for name in ("erosion", "pressure")
        ),
        backing=backing_note(numbers["backing"]),
        timeline=_timeline(portrait, on, asked.event),
        records=tuple(shown[:RECORDS_SHOWN_MAX]),
        filter=RecordFilter(
            lane=asked.lane,
            status=asked.status,
            from_typed=asked.from_typed,
            from_error=asked.from_error,
            shown=min(len(shown), RECORDS_SHOWN_MAX),
            total=portrait.records,
            listed=len(records) if len(shown) <= RECORDS_SHOWN_MAX else RECORDS_SHOWN_MAX,
        ),
        evidence=evidence_of(history, portrait) if history else None,
    )


def records_sheet(
    rows: Sequence[ClaimRow],
    points: Mapping[int, float],
    frame: Frame,
    *,
    code: str,
    method: str,
    asked: Asked,
    is_cut: bool,
) -> Sheet:
    """The list as a file: every record that it is narrowed to, newest first, with the points that
    it adds to the pressure by `method`, given by where claims were recorded; an empty cell where
    it adds none."""
    lines: list[tuple[Cell, ...]] = [
        (
            *(row.id, row.occurred_on, _lane_of(row), row.kind, row.status, row.summary),
            "; ".join(source.publisher or "" for source in row.sources),
            points.get(row.position) or None,
        )
        for row in rows
        if fits(asked, _lane_of(row), row.status, row.occurred_on)
    ]
    columns = (
        *("claim", "occurred_on", "lane", "kind", "status", "summary", "publishers"),
        "pressure_points",
    )
    about = (*frame.question, ("method", method))
    return Sheet(name=f"records-{code}", columns=columns, rows=lines, about=about, is_cut=is_cut)


def _lane_of(claim: Claim | ClaimRow) -> LaneKey:
    """The lane of the timeline a claim belongs in."""
    if claim.kind in STAGES or claim.kind in JOINING_KINDS or claim.kind == "suspension_notified":
        return "legal"
    if claim.kind in MINES_KINDS:
        return "mines"
    if claim.details.stance in ("opposes_norm", "supports_norm", "neutral"):
        return "other"
    if claim.kind in _CRITICISM or claim.details.stance == "critical":
        return "criticism"
    return "other"


_CRITICISM: Final = frozenset(
    {
        "statement_of_criticism",
        "objection_lodged",
        "clarification_requested",
        "compliance_complaint",
    }
)


def _listed(versions: Sequence[Version]) -> list[Version]:
    """The records of the list, newest first."""
    return sorted(
        versions,
        key=lambda v: (v.claim.date.first_day, v.claim.date.last_day, v.recorded_position),
        reverse=True,
    )


def _record(version: Version, points: Mapping[str, float]) -> Record:
    claim = version.claim
    grades = {s.reliability or "F" for s in claim.sources}
    counted_ = version.status in COUNTED and bool(grades & {"A", "B", "C"})
    note = ""
    if version.status == "accepted" and not counted_:
        note = (
            _("Grade %(grade)s, not counted", grade=min(grades))
            if grades
            else _("No source, not counted")
        )
    elif version.status == "accepted" and claim.details.disputed:
        note = _("Disputed in part")
    return Record(
        claim=claim.id,
        occurred_on=claim.occurred_on,
        lane=_lane_of(claim),
        title=claim.summary,
        sources=_sources_text(claim),
        status=version.status,
        counted=counted_,
        note=note,
        points=points.get(claim.id) or None,
    )


def _sources_text(claim: Claim) -> str:
    """The first publisher with its date, and how many more there are."""
    named = [s for s in claim.sources if s.publisher or s.title]
    if not named:
        return _("no source named")
    first = named[0]
    when = f", {date_text(first.published_on)}" if first.published_on else ""
    said = f"{first.publisher or first.title}{when}"
    if len(named) == 1:
        return said
    more = len(named) - 1
    return many("%(names)s and %(count)s more", "%(names)s and %(count)s more", more, names=said)


def fits(asked: Asked, lane: LaneKey, status: Status, occurred_on: str) -> bool:
    """Whether the list, as it is narrowed, shows a record."""
    return (
        (not asked.lane or lane == asked.lane)
        and (not asked.status or status == asked.status)
        and (asked.from_day is None or partial_date(occurred_on).last_day >= asked.from_day)
    )


def _treaty_standing(
    treaty: Treaty, standing: Standing, versions: Sequence[Version], on: date
) -> TreatyStanding:
    joined = [
        v
        for v in versions
        if v.claim.kind == "state_joined"
        and v.claim.treaty == treaty.code
        and v.status in COUNTED
        and isinstance(v.claim.details, Joined)
        and v.claim.details.instrument
    ]
    suspended = [
        v
        for v in versions
        if v.claim.kind == "suspension_notified"
        and v.claim.treaty == treaty.code
        and v.status in COUNTED
    ]
    details = joined[-1].claim.details if joined else None
    sentence = standing_sentence(
        StandingFacts(
            status=standing.status,
            instrument=details.instrument if isinstance(details, Joined) else None,
            signed_on=standing.signed_on,
            deposited_on=standing.deposited_on,
            in_force_on=standing.in_force_on,
            received_on=standing.received_on,
            received_about=standing.received_about,
            expected_on=standing.expected_on,
            left_on=standing.leaves_on if standing.status == "former_party" else None,
            confirmed=bool(standing.confirmed),
            about=standing.about,
            reason=standing.reason,
            claimed=_("suspended the treaty") if standing.claimed else None,
            claimed_on=suspended[0].claim.date.representative_day if suspended else None,
            disputed_by=tuple(GOVERNMENTS[code] for code in standing.disputed_by),
        )
    )
    stages: tuple[Stage, ...] = stages_of(treaty, standing, versions, on)
    return TreatyStanding(
        treaty=treaty.code,
        treaty_name=treaty_name(treaty.code),
        status=shown_status(standing),
        sentence=sentence,
        title=_(_STEPS_TITLE.get(standing.status, STEPS)) if stages else "",
        stages=stages,
        stated_by=standing.stated_by,
        misfits=misfits_of(standing, versions),
    )


STEPS: Final = word("Steps on record")
_STEPS_TITLE: Final = {
    "leaving": word("How it is leaving"),
    "former_party": word("How it left"),
}


def _countdown(standing: Standing, on: date) -> Countdown | None:
    if standing.status != "leaving" or standing.expected_on is None or not standing.received_on:
        return None
    return Countdown(
        _("Takes effect, expected"),
        standing.received_on,
        standing.expected_on,
        on,
        about=standing.about,
    )


def _series(name: MeasureName, portrait: Portrait) -> Series | None:
    course, standing = portrait.courses.get(name), portrait.standings[APMBC.code]
    if course is None:
        return None
    points = tuple(
        SeriesPoint(day, figure.score, figure.low, figure.high) for day, figure in course
    )
    marks = []
    if standing.received_on is not None and standing.received_on > course[0][0]:
        marks.append(DayMark(standing.received_on, _("Deposited")))
    return Series(name, points, tuple(marks))


def _timeline(portrait: Portrait, on: date, chosen: str | None) -> Timeline:
    start = _timeline_start(portrait, on)
    horizon = days_after(on, AHEAD_DAYS_MAX)
    shown = [v for v in portrait.versions if v.claim.date.last_day >= start]
    entered = {claim for n in portrait.numbers.values() for claim, p in n.points.items() if p > 0}
    coming = [
        (code, s.expected_on)
        for code, s in portrait.standings.items()
        if s.status == "leaving" and s.expected_on is not None and s.expected_on <= horizon
    ]
    end = days_after(max([on, *(day for _code, day in coming)]), TIMELINE_AHEAD_DAYS)
    lanes = []
    for key, label, sub in LANES:
        marks = [_mark(v, entered, chosen) for v in shown if _lane_of(v.claim) == key]
        if key == "legal":
            marks += [_coming(code, day) for code, day in coming]
        lanes.append(Lane(key, _(label), _(sub), tuple(marks)))
    return Timeline(start, end, on, tuple(lanes), earlier=portrait.records - len(shown))


def _timeline_start(portrait: Portrait, on: date) -> date:
    """So many days ago, or shortly before the first step of leaving of the last few years."""
    start = on - timedelta(days=TIMELINE_DAYS)
    first = on - timedelta(days=TIMELINE_DAYS_MAX)
    begun = [
        v.claim.date.first_day
        for v in portrait.steps
        if v.claim.kind in STAGES and v.status in COUNTED and v.claim.date.first_day >= first
    ]
    return min([start, *(day - timedelta(days=TIMELINE_BEFORE_DAYS) for day in begun)])


def _mark(version: Version, entered: set[str], chosen: str | None) -> Mark:
    claim = version.claim
    is_dead = version.status in ("refuted", "rejected", "retracted", "superseded")
    is_criticism = _lane_of(claim) == "criticism"
    is_counted = claim.id in entered or (version.status in COUNTED and not is_criticism)
    return Mark(
        day=claim.date.representative_day,
        first_day=claim.date.first_day,
        last_day=claim.date.last_day,
        when=date_text(claim.occurred_on),
        title=f"{actors_text(claim.actors)}: {claim.summary}" if is_criticism else claim.summary,
        href=f"#e-{claim.id}",
        state="refuted" if is_dead else "counted" if is_counted else "not_counted",
        note="" if version.status == "accepted" else STATE_TAGS[version.status].word.lower(),
        chosen=claim.id == chosen,
    )


def _coming(code: str, day: date) -> Mark:
    return Mark(
        day=day,
        first_day=day,
        last_day=day,
        when=day_text(day),
        title=_("withdrawal takes effect"),
        href=f"#legal-{code}",
        state="expected",
        note=_("expected"),
    )
