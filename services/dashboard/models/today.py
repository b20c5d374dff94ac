"""Builds the page Today from what is believed; pure, it neither fetches nor words dates."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from domain.claims import Actor
from domain.dates import days_after
from domain.numbers import Figure, Measure
from domain.standing import Standing
from domain.treaties import APMBC, TREATIES, Treaty
from projections.board import StandingRow
from projections.deadlines import Deadline, deadlines
from projections.histories import Version
from projections.mornings import LATEST_MAX, Effect, Morning
from projections.parties import steps
from projections.worklists import Queued, ReviewQueue, is_little_criticised
from services.dashboard.charts.figures import BoundStep, BoundSteps, Interval
from services.dashboard.charts.series import MEASURE_NAMES
from services.dashboard.formats import day_text, names_text
from services.dashboard.frame import Frame
from services.dashboard.language import _, count_text, decimal_text, many, word
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
from services.dashboard.sentences import (
    StandingNote,
    nothing_headline,
    nothing_lead,
    today_headline,
    today_lead,
)
from services.dashboard.states import GOVERNMENTS, in_order, treaty_name
from services.dashboard.words import reason_words

CHANGES_MAX: Final = LATEST_MAX
EFFECTS_MAX: Final = 5
WAITING_MIN, WAITING_MAX = 3, 5
"""Of the claims that wait as many are shown as there are legal dates beside them, within these."""
DATES_MAX: Final = 10
LOOK_AHEAD_DAYS: Final = 60
AHEAD_DAYS_MAX: Final = 5 * 366
"""What is expected later than so many days from now is told in lists and left out of charts."""


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
    under = morning.standings
    now = under[APMBC.code]
    dates = _dates(under, on)
    shown = min(max(len(dates), WAITING_MIN), WAITING_MAX)
    bound = bound_steps(now, on)
    suspended = tuple(
        StandingNote(GOVERNMENTS[code], _("suspended the treaty"))
        for code, standing in now.items()
        if standing.claimed is not None and standing.status == "party"
    )
    return TodayPage(
        frame=frame,
        on=on,
        headline=today_headline(bound) if morning.latest else nothing_headline(on),
        lead=today_lead(bound, suspended, now=is_now) if morning.latest else nothing_lead(on),
        bound=bound if morning.latest else None,
        facts=_facts(now, on, is_now=is_now) if morning.latest else (),
        dates=dates,
        waiting=tuple(_waiting(q, waiting[q.claim]) for q in queue.claims[:shown]),
        waiting_count=waiting_count,
        gaps=_gaps(now, morning),
        further=morning.further,
        little=morning.little,
        changes=tuple(_change(v, morning.effects[v.claim.id]) for v in morning.latest),
        changes_say=_changes_say(len(morning.latest), morning.records),
    )


def bound_steps(now: Mapping[str, Standing], on: date) -> BoundSteps:
    """States bound by the Mine Ban Treaty from the beginning of the year before `on`."""
    since = date(on.year - 1, 1, 1)
    first, *later = steps(now, since, on)
    later = [step for step in later if step.day <= days_after(on, AHEAD_DAYS_MAX)]
    last = max([on, *(step.day for step in later)])
    return BoundSteps(
        since=since,
        until=days_after(last, LOOK_AHEAD_DAYS),
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


def shown_status(standing: Standing | StandingRow) -> ShownStatus:
    """The word of the tag: a claimed suspension is shown as contested."""
    if standing.claimed is not None and standing.status == "party":
        return "contested"
    return standing.status


def interval(measure: Measure) -> Interval:
    """A number with its bounds and how many claims enter it."""
    floor = 1 if measure.floor_claim is not None else 0
    return Interval(measure.score, measure.low, measure.high, len(measure.terms) + floor)


def _facts(now: Mapping[str, Standing], on: date, *, is_now: bool) -> tuple[Fact, ...]:
    groups: dict[str, list[tuple[str, Standing]]] = {}
    for code, standing in now.items():
        groups.setdefault(shown_status(standing), []).append((code, standing))

    def names(status: str) -> str:
        found = [GOVERNMENTS[code] for code, _standing in groups.get(status, [])]
        return names_text(found, 2) if found else _("none")

    bound = sum(
        1
        for s in now.values()
        if s.in_force_on is not None and s.in_force_on <= on and s.status in ("party", "leaving")
    )
    left = groups.get("former_party", [])
    first_left = min((s.leaves_on for _code, s in left if s.leaves_on), default=None)
    signed = len(groups.get("signatory", []))
    never = len(groups.get("not_party", []))
    when = _("Bound today") if is_now else _("Bound that day")
    return (
        Fact(when, bound, _("deposited and in force")),
        Fact(_("Leaving"), len(groups.get("leaving", [])), names("leaving"), "leaving"),
        Fact(
            _("Contested"),
            len(groups.get("contested", [])),
            _("%(names)s, counted as bound", names=names("contested"))
            if groups.get("contested")
            else _("none"),
            "contested",
        ),
        Fact(
            _("Left"),
            len(left),
            _("since %(day)s", day=day_text(first_left)) if first_left else _("none"),
            "former_party",
        ),
        Fact(_("Joining"), len(groups.get("acceding", [])), names("acceding"), "acceding"),
        Fact(
            _("Not party"),
            never + signed,
            many("%(count)s signed only", "%(count)s signed only", signed)
            if signed
            else _("never joined"),
            "not_party",
        ),
    )


def _dates(under: Mapping[str, Mapping[str, Standing]], on: date) -> tuple[LegalDate, ...]:
    found = [
        (treaty, deadline)
        for code, treaty in TREATIES.items()
        for deadline in deadlines(treaty, under[code], on)
    ]
    found.sort(key=lambda pair: (pair[1].on or date.max, pair[1].government or ""))
    return tuple(_legal_date(treaty, deadline) for treaty, deadline in found[:DATES_MAX])


_WHAT: Final = {
    "withdrawal": word("withdrawal takes effect"),
    "entry_into_force": word("%(treaty)s enters into force"),
    "first_report": word("first transparency report"),
    "yearly_report": word("yearly transparency reports"),
    "no_exit": word("no exit can take effect"),
}

_BASIS: Final = {
    "withdrawal": word("Six months after the depositary received it on %(day)s, %(article)s"),
    "entry_into_force": word(
        "First day of the sixth month after the deposit of %(day)s, %(article)s"
    ),
    "first_report": word("180 days after entry into force on %(day)s, %(article)s"),
    "yearly_report": word("Every 30 April, %(article)s"),
    "no_exit": word("no exit can take effect"),
}
"""Why a clock ends when it ends."""


def _legal_date(treaty: Treaty, deadline: Deadline) -> LegalDate:
    since = day_text(deadline.counted_from) if deadline.counted_from else ""
    if deadline.reason and deadline.what in ("withdrawal", "no_exit"):
        basis = reason_words(deadline.reason)
    elif deadline.confirmed:
        basis = _(
            "stated by a claim about the deposit of %(day)s, %(article)s",
            day=since,
            article=deadline.article,
        )
    else:
        basis = _(_BASIS[deadline.what], day=since, article=deadline.article)
    code = deadline.government
    other = "" if treaty.code == APMBC.code else f". {treaty_name(treaty.code)}"
    return LegalDate(
        on=deadline.on,
        about=deadline.about,
        when="" if deadline.on else _("After the conflict ends"),
        who=GOVERNMENTS[code] if code else _("All parties"),
        code=code,
        what=_(_WHAT[deadline.what], treaty=treaty_name(treaty.code)),
        basis=basis[:1].upper() + basis[1:] + other,
        state=deadline.state
        if deadline.state == "expected" or deadline.state == "disputed"
        else "computed",
        claim=deadline.claim,
    )


def _waiting(queued: Queued, version: Version) -> Waiting:
    claim = version.claim
    publishers = [s.publisher for s in claim.sources if s.publisher]
    who = f"{publishers[0]}." if publishers else _("No source named.")
    return Waiting(
        claim=claim.id,
        code=claim.targets[0] if claim.targets else None,
        state="contested" if version.status == "contested" else "pending",
        title=claim.summary,
        note=f"{who} {usefulness(queued)}",
    )


def _gaps(now: Mapping[str, Standing], morning: Morning) -> tuple[GapRow, ...]:
    rows = []
    for code in sorted(morning.told, key=lambda code: in_order(GOVERNMENTS[code])):
        found = morning.told[code]
        little_criticised = is_little_criticised(found.erosion, found.pressure)
        critic = found.heard.claim if found.heard else None
        rows.append(
            GapRow(
                code=code,
                name=GOVERNMENTS[code],
                status=shown_status(now[code]),
                erosion=figure_interval(found.erosion, found.acts),
                pressure=figure_interval(found.pressure, found.voices),
                last_critic=actors_text(critic.actors) if critic else None,
                last_on=critic.occurred_on if critic else None,
                verdict="collect"
                if critic is None and not found.pressure.high
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
    "source_added": "amended",
    "signatory_withdrawn": "amended",
    "visibility_changed": "amended",
}
"""What made a version -> the kind of change it is shown as, where the two words differ."""


def _changes_say(shown: int, total: int | None) -> str:
    if not shown:
        return _("nothing on file")
    if total is None:
        return many("the latest %(count)s record", "the latest %(count)s records", shown)
    return many(
        "the latest %(shown)s of %(count)s record",
        "the latest %(shown)s of %(count)s records",
        total,
        shown=count_text(min(total, CHANGES_MAX)),
    )


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
        source=_("; ").join(publishers) or _("no source named"),
        effects=tuple(_effect_text(effect) for effect in effects[:EFFECTS_MAX]),
    )


def _effect_text(effect: Effect) -> str:
    named = {
        "government": GOVERNMENTS[effect.government],
        "measure": MEASURE_NAMES[effect.measure],
    }
    if effect.is_floor:
        floor = f"{effect.points:.0f}"
        return _("%(government)s, %(measure)s: legal stage %(points)s", points=floor, **named)
    points = decimal_text(effect.points, 1)
    return _("%(government)s, %(measure)s: %(points)s points", points=points, **named)
