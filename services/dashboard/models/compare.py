"""Builds the page that puts two moments side by side as a list of differences; pure, and it never
says which of the two was right."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from domain.numbers import CRITICAL_KINDS, Figure
from domain.standing import LEGAL_KINDS
from domain.treaties import APMBC, TREATIES
from projections.board import Board, StandingRow
from projections.changes import SCORE_STEP_MIN, Difference
from projections.histories import Version
from services.dashboard.charts.figures import Interval, Measure
from services.dashboard.clocks import ClockReading, Clocks
from services.dashboard.frame import Frame
from services.dashboard.language import _, many
from services.dashboard.models.shapes import ClaimStatus, ShownStatus
from services.dashboard.sheets import Cell, Sheet
from services.dashboard.states import GOVERNMENTS, in_order, treaty_name
from services.dashboard.words import EVENTS, FIELDS, kind_words

BECAUSE_MAX: Final = 3
ROWS_MAX: Final = 200
NAMES: Final[tuple[Measure, ...]] = ("erosion", "pressure", "backing")


class Because(msgspec.Struct, frozen=True):
    """A claim that came between the two moments and concerns what differs."""

    claim: str
    title: str


class StandingDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A standing that reads otherwise."""

    code: str
    name: str
    treaty: str
    before: ShownStatus
    after: ShownStatus
    because: tuple[Because, ...]
    note: str = ""
    """Why it differs where no claim says so: time has passed."""


class ScoreDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A number that reads otherwise."""

    code: str
    name: str
    measure: Measure
    before: Interval
    after: Interval
    because: tuple[Because, ...]


class Between(msgspec.Struct, frozen=True, kw_only=True):
    """One claim that is in one picture and not in the other, or reads otherwise there."""

    claim: str
    title: str
    occurred_on: str
    known_since: date
    backfilled: bool
    word: str
    detail: str
    status: ClaimStatus
    targets: tuple[str, ...]
    kind: str


class Moment(msgspec.Struct, frozen=True):
    """One of the two moments: both clocks, in words and as query pairs."""

    on: date
    known: str
    clocks: Clocks


class ComparePage(msgspec.Struct, frozen=True, kw_only=True):
    """What is different between two moments, and because of what?"""

    frame: Frame
    before: Moment | None
    after: Moment
    vs: ClockReading
    """What was typed for the other moment, with what is wrong with it."""
    refusal: str = ""
    """Why the two cannot be compared, such as a position beside a day."""
    standings: tuple[StandingDifference, ...] = ()
    scores: tuple[ScoreDifference, ...] = ()
    more_scores: int = 0
    between: tuple[Between, ...] = ()
    more_between: int = 0
    lead: str = ""


def compare_page(
    frame: Frame,
    before: Moment,
    after: Moment,
    boards: tuple[Board, Board],
    between: Sequence[Between],
    total: int,
    *,
    vs: ClockReading,
) -> ComparePage:
    """The page of two moments; `between`: the claims that differ, of which there are `total`."""
    by_code: dict[str, list[Between]] = {}
    for found in between:
        for code in found.targets:
            by_code.setdefault(code, []).append(found)
    standings = tuple(_standings(boards, by_code))
    scores = tuple(_scores(boards, by_code))
    return ComparePage(
        frame=frame,
        before=before,
        after=after,
        vs=vs,
        standings=standings,
        scores=scores[:ROWS_MAX],
        more_scores=len(scores[ROWS_MAX:]),
        between=tuple(between[:ROWS_MAX]),
        more_between=max(0, total - len(between[:ROWS_MAX])),
        lead=_lead(standings, scores, total),
    )


def happened(version: Version, *, is_back: bool) -> Between:
    """A claim that happened between two days."""
    claim = version.claim
    word = _("not yet happened") if is_back else _("happened")
    return Between(
        claim=claim.id,
        title=claim.summary,
        occurred_on=claim.occurred_on,
        known_since=version.known_from.date(),
        backfilled=version.backfilled,
        word=word,
        detail=kind_words(claim.kind),
        status=version.status,
        targets=claim.targets,
        kind=claim.kind,
    )


def came(difference: Difference, *, is_back: bool) -> Between:
    """A claim, or a decision on one, that came to be known between two points of knowledge."""
    what = EVENTS.get(difference.event) or kind_words(difference.event)
    fields = ", ".join(FIELDS.get(name, name) for name in difference.changed)
    word = _("became known") if difference.kind == "news" else _("corrected")
    return Between(
        claim=difference.claim,
        title=difference.summary,
        occurred_on=difference.occurred_on,
        known_since=difference.known_since.date(),
        backfilled=difference.backfilled,
        word=_("not yet known") if is_back else word,
        detail=f"{what}: {fields}" if fields else what,
        status=difference.status,
        targets=difference.targets,
        kind=difference.claim_kind,
    )


def compare_sheet(page: ComparePage) -> Sheet:
    """Every difference as a file, in the order of the page."""
    rows: list[tuple[Cell, ...]] = []
    for s in page.standings:
        because = " ".join(b.claim for b in s.because)
        rows.append(("standing", s.code, s.treaty, s.before, s.after, because, s.note))
    for n in page.scores:
        because = " ".join(b.claim for b in n.because)
        pair = f"{n.before.score:.2f}", f"{n.after.score:.2f}"
        rows.append(("number", n.code, n.measure, *pair, because, ""))
    for b in page.between:
        rows.append(("claim", " ".join(b.targets), b.word, "", b.status, b.claim, b.title))
    columns = ("what", "government", "of", "before", "after", "claims", "note")
    about = (
        *((f"from_{name}", value) for name, value in _pairs(page.before)),
        *((f"to_{name}", value) for name, value in _pairs(page.after)),
    )
    return Sheet(name="differences", columns=columns, rows=rows, about=about)


def _pairs(moment: Moment | None) -> tuple[tuple[str, str], ...]:
    if moment is None:
        return ()
    return ("on", moment.on.isoformat()), ("known_at", moment.clocks.known_at or "now")


def _status(row: StandingRow) -> ShownStatus:
    return "contested" if row.claimed is not None and row.status == "party" else row.status


def _standings(
    boards: tuple[Board, Board], between: Mapping[str, Sequence[Between]]
) -> list[StandingDifference]:
    found = []
    for was, now in zip(boards[0].governments, boards[1].governments, strict=True):
        for treaty in TREATIES:
            before, after = _status(was.standings[treaty]), _status(now.standings[treaty])
            if before == after:
                continue
            legal = [b for b in between.get(was.government, ()) if b.kind in LEGAL_KINDS]
            ended = (before, after) in (("leaving", "former_party"), ("former_party", "leaving"))
            found.append(
                StandingDifference(
                    code=was.government,
                    name=GOVERNMENTS[was.government],
                    treaty=treaty_name(treaty) if treaty != APMBC.code else "",
                    before=before,
                    after=after,
                    because=_because(legal),
                    note=_("the six months after receipt ended") if ended else _("time passed"),
                )
            )
    return sorted(found, key=lambda difference: in_order(difference.name))


def _scores(
    boards: tuple[Board, Board], between: Mapping[str, Sequence[Between]]
) -> list[ScoreDifference]:
    found = []
    for was, now in zip(boards[0].governments, boards[1].governments, strict=True):
        for measure in NAMES:
            before: Figure = getattr(was, measure)
            after: Figure = getattr(now, measure)
            if abs(after.score - before.score) < SCORE_STEP_MIN:
                continue
            found.append(
                ScoreDifference(
                    code=was.government,
                    name=GOVERNMENTS[was.government],
                    measure=measure,
                    before=Interval(before.score, before.low, before.high, 1),
                    after=Interval(after.score, after.low, after.high, 1),
                    because=_because(
                        [b for b in between.get(was.government, ()) if _may_enter(measure, b.kind)]
                    ),
                )
            )
    return sorted(found, key=lambda one: (in_order(one.name), NAMES.index(one.measure)))


def _may_enter(measure: Measure, kind: str) -> bool:
    """Whether claims of a kind may be why a number reads otherwise: criticism never enters Erosion,
    and nothing else enters Pressure."""
    return measure == "backing" or (kind in CRITICAL_KINDS) == (measure == "pressure")


def _because(found: Sequence[Between]) -> tuple[Because, ...]:
    return tuple(Because(b.claim, b.title) for b in found[:BECAUSE_MAX])


def _lead(
    standings: Sequence[StandingDifference], scores: Sequence[ScoreDifference], total: int
) -> str:
    if not standings and not scores and not total:
        return _("Nothing differs between these two moments.")
    return " ".join(
        (
            many("%(count)s standing differs,", "%(count)s standings differ,", len(standings)),
            many("%(count)s number differs,", "%(count)s numbers differ,", len(scores)),
            many(
                "over %(count)s claim or decision.", "over %(count)s claims and decisions.", total
            ),
        )
    )
