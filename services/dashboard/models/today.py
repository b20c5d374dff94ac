"""Builds the page Today from what is believed; pure, it neither fetches nor words dates."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from domain.claims import Actor
from domain.facts import Facts
from domain.governments import GOVERNMENTS
from domain.numbers import Figure, Measure
from domain.standing import Standing
from domain.treaties import APMBC, TREATIES, Treaty
from projections.deadlines import Deadline, deadlines
from projections.histories import Version
from projections.mornings import LATEST_MAX, Effect, Morning
from projections.parties import standings, steps
from projections.worklists import Queued, ReviewQueue, is_little_criticised
from services.dashboard.charts.figures import BoundStep, BoundSteps, Interval
from services.dashboard.formats import counted, day_text, names_text
from services.dashboard.frame import Frame
from services.dashboard.models.shapes import (
    Change,
    ChangeKind,
    Fact,
    GapRow,
    LegalDate,
    ShownStatus,
    TodayPage,
    Waiting,
)
from services.dashboard.models.usefulness import usefulness
from services.dashboard.sentences import StandingNote, today_headline, today_lead

CHANGES_MAX: Final = LATEST_MAX
EFFECTS_MAX: Final = 5
WAITING_MAX: Final = 5
DATES_MAX: Final = 10
LOOK_AHEAD_DAYS: Final = 60


def today_page(
    frame: Frame,
    morning: Morning,
    *,
    on: date,
    is_now: bool,
    queue: ReviewQueue,
    waiting: Mapping[str, Version],
    waiting_count: int,
) -> TodayPage:
    """The page Today on the day `on`.

    `queue`: the claims that wait, most useful first, of which there are `waiting_count`; `waiting`
    holds the first of them.
    """
    now = standings(APMBC, morning.legal, on)
    bound = bound_steps(now, on)
    suspended = tuple(
        StandingNote(GOVERNMENTS[code], "suspended the treaty")
        for code, standing in now.items()
        if standing.claimed is not None and standing.status == "party"
    )
    return TodayPage(
        frame=frame,
        on=on,
        headline=today_headline(bound),
        lead=today_lead(bound, suspended, now=is_now),
        bound=bound,
        facts=_facts(now, on),
        dates=_dates(morning.legal, on),
        waiting=tuple(_waiting(q, waiting[q.claim]) for q in queue.claims[:WAITING_MAX]),
        waiting_count=waiting_count,
        gaps=_gaps(now, morning),
        changes=tuple(_change(v, morning.effects[v.claim.id]) for v in morning.latest),
        changes_say=_changes_say(len(morning.latest), morning.records),
    )


def bound_steps(now: Mapping[str, Standing], on: date) -> BoundSteps:
    """States bound by the Mine Ban Treaty from the beginning of the year before `on`."""
    since = date(on.year - 1, 1, 1)
    first, *later = steps(now, since, on)
    last = max([on, *(step.day for step in later)])
    return BoundSteps(
        since=since,
        until=last + timedelta(days=LOOK_AHEAD_DAYS),
        today=on,
        count=first.bound,
        steps=tuple(
            BoundStep(
                day=step.day,
                count=step.bound,
                joined=tuple(GOVERNMENTS[code] for code in step.joined),
                left=tuple(GOVERNMENTS[code] for code in step.left),
                expected=step.expected,
            )
            for step in later
        ),
    )


def shown_status(standing: Standing) -> ShownStatus:
    """The word of the tag: a claimed suspension is shown as contested."""
    if standing.claimed is not None and standing.status == "party":
        return "contested"
    return standing.status


def interval(measure: Measure) -> Interval:
    """A number with its bounds and how many claims enter it."""
    floor = 1 if measure.floor_claim is not None else 0
    return Interval(measure.score, measure.low, measure.high, len(measure.terms) + floor)


def _facts(now: Mapping[str, Standing], on: date) -> tuple[Fact, ...]:
    groups: dict[str, list[tuple[str, Standing]]] = {}
    for code, standing in now.items():
        groups.setdefault(shown_status(standing), []).append((code, standing))

    def names(status: str, none: str, word: str = "") -> str:
        found = [GOVERNMENTS[code] for code, _ in groups.get(status, [])]
        return f"{names_text(found, 2)}{word}" if found else none

    bound = sum(
        1
        for s in now.values()
        if s.in_force_on is not None and s.in_force_on <= on and s.status in ("party", "leaving")
    )
    left = groups.get("former_party", [])
    first_left = min((s.leaves_on for _, s in left if s.leaves_on), default=None)
    signed = len(groups.get("signatory", []))
    never = len(groups.get("not_party", []))
    return (
        Fact("Bound today", bound, "deposited and in force"),
        Fact("Leaving", len(groups.get("leaving", [])), names("leaving", "none"), "leaving"),
        Fact(
            "Contested",
            len(groups.get("contested", [])),
            names("contested", "none", ", counted as bound"),
            "contested",
        ),
        Fact(
            "Left",
            len(left),
            f"since {day_text(first_left)}" if first_left else "none",
            "former_party",
        ),
        Fact("Joining", len(groups.get("acceding", [])), names("acceding", "none"), "acceding"),
        Fact(
            "Not party",
            never + signed,
            f"{signed} signed only" if signed else "never joined",
            "not_party",
        ),
    )


def _dates(facts: Sequence[Facts], on: date) -> tuple[LegalDate, ...]:
    found = [
        (treaty, deadline)
        for treaty in TREATIES.values()
        for deadline in deadlines(treaty, standings(treaty, facts, on), on)
    ]
    found.sort(key=lambda pair: (pair[1].on or date.max, pair[1].government or ""))
    return tuple(_legal_date(treaty, deadline) for treaty, deadline in found[:DATES_MAX])


_WHAT: Final = {
    "withdrawal": "withdrawal takes effect",
    "entry_into_force": "{treaty} enters into force",
    "first_report": "first transparency report",
    "yearly_report": "yearly transparency reports",
    "no_exit": "no exit can take effect",
}


def _legal_date(treaty: Treaty, deadline: Deadline) -> LegalDate:
    since = day_text(deadline.counted_from) if deadline.counted_from else ""
    basis = {
        "withdrawal": f"Six months after the depositary received it on {since}, {deadline.article}",
        "entry_into_force": f"First day of the sixth month after the deposit of {since}, "
        f"{deadline.article}",
        "first_report": f"180 days after entry into force on {since}, {deadline.article}",
        "yearly_report": f"Every 30 April, {deadline.article}",
        "no_exit": deadline.reason or "",
    }[deadline.what]
    if deadline.what == "withdrawal" and deadline.reason:
        basis = deadline.reason
    code = deadline.government
    other = "" if treaty.code == APMBC.code else f". {treaty.short_name}"
    return LegalDate(
        on=deadline.on,
        when="" if deadline.on else "After the conflict ends",
        who=GOVERNMENTS[code] if code else "All parties",
        code=code,
        what=_WHAT[deadline.what].format(treaty=treaty.short_name),
        basis=basis[:1].upper() + basis[1:] + other,
        state=deadline.state
        if deadline.state == "expected" or deadline.state == "disputed"
        else "computed",
    )


def _waiting(queued: Queued, version: Version) -> Waiting:
    claim = version.claim
    publishers = [s.publisher for s in claim.sources if s.publisher]
    who = f"{publishers[0]}. " if publishers else "No source named. "
    return Waiting(
        claim=claim.id,
        code=claim.targets[0] if claim.targets else None,
        state="contested" if version.status == "contested" else "pending",
        title=claim.summary,
        note=f"{who}{usefulness(queued)}",
    )


def _gaps(now: Mapping[str, Standing], morning: Morning) -> tuple[GapRow, ...]:
    rows = []
    for code in sorted(morning.told, key=lambda code: GOVERNMENTS[code]):
        told = morning.told[code]
        little_criticised = is_little_criticised(told.erosion, told.pressure)
        critic = told.heard.claim if told.heard else None
        rows.append(
            GapRow(
                code=code,
                name=GOVERNMENTS[code],
                status=shown_status(now[code]),
                erosion=figure_interval(told.erosion, told.acts),
                pressure=figure_interval(told.pressure, told.voices),
                last_critic=actors_text(critic.actors) if critic else None,
                last_on=critic.occurred_on if critic else None,
                verdict="collect"
                if critic is None and not told.pressure.high
                else "gap"
                if little_criticised
                else "none",
                little_criticised=little_criticised,
            )
        )
    return tuple(rows)


def figure_interval(figure: Figure, claims: int) -> Interval:
    """A number into which so many claims enter."""
    return Interval(figure.score, figure.low, figure.high, claims)


def actors_text(actors: Sequence[Actor]) -> str:
    """Who spoke: states by name, others as they are called."""
    names = [GOVERNMENTS.get(a.code or "", "") or a.name or "" for a in actors]
    return names_text([name for name in names if name], 2)


_CHANGE_KINDS: Final[dict[str, ChangeKind]] = {
    "recorded": "new",
    "declared_same": "corrected",
    "separated": "corrected",
    "superseded": "corrected",
}
"""What made a version -> the kind of change it is shown as, where the two words differ."""


def _changes_say(shown: int, total: int | None) -> str:
    if not shown:
        return "nothing on file"
    if total is None:
        return f"the latest {shown} records"
    return f"the latest {min(total, CHANGES_MAX)} of {counted(total, 'record')}"


def _change(version: Version, effects: Sequence[Effect]) -> Change:
    claim = version.claim
    kind = _CHANGE_KINDS.get(version.event) or version.event
    if version.event == "declared_same" and version.backfilled:
        kind = "new"  # history that came in with its double is news, not a correction
    publishers = list(dict.fromkeys(s.publisher for s in claim.sources if s.publisher))
    return Change(
        claim=claim.id,
        code=claim.targets[0] if claim.targets else None,
        kind=kind,  # type: ignore[arg-type]  # every event of a version is a kind of change
        occurred_on=claim.occurred_on,
        known_on=version.known_from.date(),
        back_filled=version.backfilled,
        what=claim.summary,
        source="; ".join(publishers) or "no source named",
        effects=tuple(_effect_text(effect) for effect in effects[:EFFECTS_MAX]),
    )


def _effect_text(effect: Effect) -> str:
    name, measure = GOVERNMENTS[effect.government], effect.measure.capitalize()
    if effect.is_floor:
        return f"{name}, {measure}: legal stage {effect.points:.0f}"
    return f"{name}, {measure}: {effect.points:.1f} points"
