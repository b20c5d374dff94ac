"""Builds the page Today from what is believed; pure, it neither fetches nor words dates."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from domain.claims import Actor
from domain.facts import Facts
from domain.governments import GOVERNMENTS
from domain.numbers import Measure, backing, erosion, pressure
from domain.standing import Standing
from domain.treaties import APMBC, TREATIES, Treaty
from domain.weights import Weights
from projections.board import by_government
from projections.deadlines import Deadline, deadlines
from projections.histories import Version
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

CHANGES_MAX: Final = 8
WAITING_MAX: Final = 5
DATES_MAX: Final = 10
LOOK_AHEAD_DAYS: Final = 60
GAP_EROSION_MIN: Final = 1.0
"""A government that is not little criticised enters the list from this erosion on."""


def today_page(
    frame: Frame,
    versions: Sequence[Version],
    *,
    on: date,
    is_now: bool,
    weights: Weights,
    queue: ReviewQueue,
    waiting_count: int,
) -> TodayPage:
    """The page Today on the day `on` over the claims believed by the second clock.

    `queue`: those of them that wait, most useful first, of which there are `waiting_count`.
    """
    facts = [version.facts for version in versions]
    now = standings(APMBC, facts, on)
    bound = bound_steps(now, on)
    suspended = tuple(
        StandingNote(GOVERNMENTS[code], "suspended the treaty")
        for code, standing in now.items()
        if standing.claimed is not None and standing.status == "party"
    )
    by_claim = {version.claim.id: version for version in versions}
    measured = _Measured(by_government(facts), on, weights)
    happened = [v for v in versions if v.claim.date.representative_day <= on]
    return TodayPage(
        frame=frame,
        on=on,
        headline=today_headline(bound),
        lead=today_lead(bound, suspended, now=is_now),
        bound=bound,
        facts=_facts(now, on),
        dates=_dates(facts, on),
        waiting=tuple(_waiting(q, by_claim[q.claim]) for q in queue.claims[:WAITING_MAX]),
        waiting_count=waiting_count,
        gaps=_gaps(now, measured, by_claim),
        changes=_changes(happened, measured),
        changes_say=_changes_say(len(happened)),
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


class _Measured:
    """The numbers of each government, reckoned once when first asked for."""

    def __init__(self, facts: Mapping[str, Sequence[Facts]], on: date, weights: Weights) -> None:
        self.facts, self.on, self.weights = facts, on, weights
        self._kept: dict[str, tuple[Measure, Measure, Measure]] = {}

    def of(self, code: str) -> tuple[Measure, Measure, Measure]:
        """Erosion, pressure and backing of one government."""
        if code not in self._kept:
            facts = self.facts[code]
            self._kept[code] = (
                erosion(facts, code, self.on, self.weights),
                pressure(facts, code, self.on, self.weights),
                backing(facts, code, self.on, self.weights),
            )
        return self._kept[code]


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


def _gaps(
    now: Mapping[str, Standing], measured: _Measured, by_claim: Mapping[str, Version]
) -> tuple[GapRow, ...]:
    rows = []
    for code in sorted(GOVERNMENTS, key=lambda code: GOVERNMENTS[code]):
        if not measured.facts[code]:
            continue
        eroded, pressed, _ = measured.of(code)
        little_criticised = is_little_criticised(eroded, pressed)
        if eroded.high < GAP_EROSION_MIN and not little_criticised:
            continue
        last = pressed.terms[-1] if pressed.terms else None
        critic = by_claim[last.claim].claim if last else None
        rows.append(
            GapRow(
                code=code,
                name=GOVERNMENTS[code],
                status=shown_status(now[code]),
                erosion=interval(eroded),
                pressure=interval(pressed),
                last_critic=actors_text(critic.actors) if critic else None,
                last_on=critic.occurred_on if critic else None,
                verdict="collect"
                if last is None and not pressed.high
                else "gap"
                if little_criticised
                else "none",
                little_criticised=little_criticised,
            )
        )
    return tuple(rows)


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


def _changes(versions: Sequence[Version], measured: _Measured) -> tuple[Change, ...]:
    latest = sorted(versions, key=lambda v: (v.known_from, v.position), reverse=True)
    once: dict[str, Version] = {}
    for version in latest:
        # Of claims declared the same one stands for the happening, the one that counts if it can.
        held = once.get(version.happening)
        if held is None or version.claim.id == version.happening:
            once[version.happening] = version
    return tuple(_change(v, measured) for v in list(once.values())[:CHANGES_MAX])


def _changes_say(total: int) -> str:
    if not total:
        return "nothing on file"
    return f"the latest {min(total, CHANGES_MAX)} of {counted(total, 'record')}"


def _change(version: Version, measured: _Measured) -> Change:
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
        effects=_effects(version, measured),
    )


def _effects(version: Version, measured: _Measured) -> tuple[str, ...]:
    effects = []
    for code in version.claim.targets:
        for name, measure in zip(
            ("Erosion", "Pressure", "Backing"), measured.of(code), strict=True
        ):
            if measure.floor_claim == version.claim.id and measure.floor:
                effects.append(f"{GOVERNMENTS[code]}, {name}: legal stage {measure.floor:.0f}")
            for term in measure.terms:
                if term.claim == version.claim.id and term.points >= 0.05:
                    effects.append(f"{GOVERNMENTS[code]}, {name}: {term.points:.1f} points")
    return tuple(effects[:5])
