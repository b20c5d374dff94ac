"""Builds the page that opens one number into its terms, from the facts it is reckoned from; pure,
it neither fetches nor asks."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from domain.facts import Facts
from domain.numbers import Measure, Term
from domain.weights import Weights
from projections.dossier import MEASURES
from projections.histories import Version
from services.dashboard.charts.figures import Interval
from services.dashboard.charts.figures import Measure as MeasureName
from services.dashboard.charts.series import MEASURE_NAMES
from services.dashboard.formats import score_text
from services.dashboard.frame import Frame
from services.dashboard.language import _, decimal_text, told, told_many
from services.dashboard.models.shapes import ClaimStatus, Sentence, ShownStatus
from services.dashboard.models.what_if import Scenario, scenarios
from services.dashboard.screens.own_weights import OwnWeight, own_fields
from services.dashboard.sheets import Cell, Sheet
from services.dashboard.states import GOVERNMENTS
from services.dashboard.words import VOICES, instrument_words, reason_words

TERMS_MAX: Final = 60
"""How many terms the page lists; the file has them all."""
EXCLUDED_MAX: Final = 30
ORDERS: Final = ("points", "day", "kind")


class TermRow(msgspec.Struct, frozen=True, kw_only=True):
    """One bar of the waterfall: from `start` to `start + points` on the scale of 0 to 100.

    `claim` is None for nothing; `term` is None for the legal stage of an erosion.
    """

    claim: str
    title: str
    occurred_on: str
    kind: str
    status: ClaimStatus
    sources: int
    grade: str
    start: float
    points: float
    term: Term | None = None


class VoiceRow(msgspec.Struct, frozen=True):
    """What one group of speakers adds."""

    voice: str
    count: int
    points: float
    share: float


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that is read but not counted, and why."""

    claim: str
    title: str
    occurred_on: str
    status: ClaimStatus
    reason: str


class ExplainPage(msgspec.Struct, frozen=True, kw_only=True):
    """Where does each point come from, and what would change it?"""

    frame: Frame
    code: str
    name: str
    on: date
    measure: MeasureName
    status: ShownStatus
    title: str
    lead: Sentence
    now: Interval
    method: str
    total_c: float
    order: str
    rows: tuple[TermRow, ...]
    more: int
    """Terms beyond those listed, and the points they add together."""
    more_points: float
    voices: tuple[VoiceRow, ...]
    scenarios: tuple[Scenario, ...]
    left_out: tuple[LeftOut, ...]
    left_out_more: int
    repeats: int
    """Terms whose speaker repeated the same kind of statement within 90 days."""
    fields: tuple[OwnWeight, ...] = ()
    official: Interval | None = None
    """The published number, where the page shows one with the reader's own weights."""


def explain_page(
    frame: Frame,
    government: str,
    measure: MeasureName,
    facts: Sequence[Facts],
    versions: Mapping[str, Version],
    *,
    on: date,
    weights: Weights,
    official: Weights,
    status: ShownStatus,
    order: str,
    found: Measure | None = None,
) -> ExplainPage:
    """The page of one number of `government` on the day `on`.

    `facts`: those believed by the second clock that concern it; `versions`: the believed versions
    of the claims that are listed, where they could be had. `weights` differ from `official` where
    the reader asks with their own. `found`: the number by these, where it is known.
    """
    found = found or MEASURES[measure](facts, government, on, weights)
    by_claim = {fact.claim: fact for fact in facts}
    ordered = in_order(found, by_claim, order)
    now = _interval(found)
    own = weights != official
    return ExplainPage(
        frame=frame,
        code=government,
        name=GOVERNMENTS[government],
        on=on,
        measure=measure,
        status=status,
        title=_title(GOVERNMENTS[government], measure, now),
        lead=_lead(found, by_claim, measure),
        now=now,
        method=found.method,
        total_c=sum(term.c for term in found.terms),
        order=order,
        rows=tuple(_rows(found, ordered[:TERMS_MAX], by_claim, versions, weights)),
        more=len(ordered[TERMS_MAX:]),
        more_points=sum(term.points for term in ordered[TERMS_MAX:]),
        voices=tuple(_voices(found, by_claim, weights)),
        scenarios=scenarios(measure, government, facts, found, on=on, weights=weights),
        left_out=tuple(
            _left_out(out.claim, out.reason, by_claim) for out in found.excluded[:EXCLUDED_MAX]
        ),
        left_out_more=len(found.excluded[EXCLUDED_MAX:]),
        repeats=sum(term.nu < 1 for term in found.terms),
        fields=own_fields(weights, official) if measure == "pressure" else (),
        official=_interval(MEASURES[measure](facts, government, on, official)) if own else None,
    )


def listed_claims(found: Measure, facts: Sequence[Facts], order: str) -> set[str]:
    """The claims whose sources the page names: those of the terms it lists, and of the floor."""
    by_claim = {fact.claim: fact for fact in facts}
    claims = {term.claim for term in in_order(found, by_claim, order)[:TERMS_MAX]}
    return claims | ({found.floor_claim} if found.floor_claim else set())


def in_order(found: Measure, by_claim: Mapping[str, Facts], order: str) -> list[Term]:
    """The terms that add something: by points, largest first; by day, latest first; or by kind,
    then by points."""
    entering = [term for term in found.terms if term.c > 0]
    terms = sorted(entering, key=lambda t: (-t.points, by_claim[t.claim].order))
    if order == "day":
        return sorted(terms, key=lambda t: by_claim[t.claim].order, reverse=True)
    return sorted(terms, key=lambda t: t.instrument) if order == "kind" else terms


def terms_sheet(page: ExplainPage, found: Measure, facts: Sequence[Facts]) -> Sheet:
    """Every term as a file, in the order of the page, then what is not counted and why."""
    by_claim = {fact.claim: fact for fact in facts}
    rows: list[tuple[Cell, ...]] = []
    if found.floor and found.floor_claim:
        fact = by_claim[found.floor_claim]
        rows.append((*_opening(fact, fact.kind), *(None,) * 9, found.floor, None))
    for term in in_order(found, by_claim, page.order):
        given = (getattr(term, name) for name in _FIELDS)
        rows.append((*_opening(by_claim[term.claim], term.instrument), *given, None))
    for out in found.excluded:
        fact = by_claim[out.claim]
        rows.append((*_opening(fact, fact.kind), *(None,) * len(_FIELDS), out.reason))
    return Sheet(
        name=f"{page.measure}-{page.code}-{page.on.isoformat()}",
        columns=("claim", "summary", "occurred_on", "kind", "status", *_FIELDS, "not_counted"),
        rows=rows,
        about=(
            ("method", found.method),
            ("government", page.code),
            ("on", page.on.isoformat()),
            ("known_at", page.frame.known_at),
            ("score", f"{found.score:.4f}"),
            ("low", f"{found.low:.4f}"),
            ("high", f"{found.high:.4f}"),
        ),
    )


_FIELDS: Final = (
    *("w", "a", "s", "nu", "n", "q", "age_days", "half_life_days"),
    *("c", "points"),
)


def _opening(fact: Facts, kind: str) -> tuple[Cell, ...]:
    return fact.claim, fact.summary, fact.occurred_on, kind, fact.status


def _interval(found: Measure) -> Interval:
    floor = 1 if found.floor_claim is not None else 0
    counted = sum(term.c > 0 for term in found.terms)
    return Interval(found.score, found.low, found.high, counted + floor)


def _title(name: str, measure: MeasureName, now: Interval) -> str:
    name_of = MEASURE_NAMES[measure]
    if not now.claims and not now.high:
        return _("%(measure)s of %(name)s: none recorded", measure=name_of, name=name)
    score = score_text(now.score)
    return _("Why %(measure)s of %(name)s reads %(score)s", measure=name_of, name=name, score=score)


def _lead(found: Measure, by_claim: Mapping[str, Facts], measure: MeasureName) -> Sentence:
    """How many count, which one weighs most, and how wide the interval is."""
    terms = in_order(found, by_claim, "points")
    if not terms and not found.floor:
        if not found.excluded:
            return (_("Nothing on file enters this number. That is not the same as silence."),)
        return told_many(
            "%(count)s record is on file, and it does not count.",
            "%(count)s records are on file, and none of them counts.",
            len(found.excluded),
        )
    pieces: list[str | date] = []
    if found.floor:
        floor = score_text(found.floor)
        pieces += [_("The legal stage gives %(floor)s points by itself.", floor=floor), " "]
    if measure == "erosion":
        pieces += told_many(
            "%(count)s recorded act counts.", "%(count)s recorded acts count.", len(terms)
        )
    else:
        pieces += told_many(
            "%(count)s statement counts.", "%(count)s statements count.", len(terms)
        )
    if terms:
        said = told(
            "The one that weighs most, of %(day)s, gives %(points)s of %(score)s points.",
            day=terms[0].day,
            points=decimal_text(terms[0].points, 1),
            score=score_text(found.score),
        )
        pieces += [" ", *said]
    span = _(
        "From what is beyond doubt to what may be true: %(low)s to %(high)s.",
        low=score_text(found.low),
        high=score_text(found.high),
    )
    return (*pieces, " ", span)


def _rows(
    found: Measure,
    terms: Sequence[Term],
    by_claim: Mapping[str, Facts],
    versions: Mapping[str, Version],
    weights: Weights,
) -> list[TermRow]:
    rows: list[TermRow] = []
    at = 0.0
    if found.floor and found.floor_claim:
        fact = by_claim[found.floor_claim]
        rows.append(_row(fact, versions, weights, fact.kind, 0.0, found.floor, None))
        at = found.floor
    for term in terms:
        fact = by_claim[term.claim]
        rows.append(_row(fact, versions, weights, term.instrument, at, term.points, term))
        at += term.points
    return rows


def _row(
    fact: Facts,
    versions: Mapping[str, Version],
    weights: Weights,
    kind: str,
    start: float,
    points: float,
    term: Term | None,
) -> TermRow:
    version = versions.get(fact.claim)
    best = max(fact.reliabilities, key=lambda g: (weights.grades[g], -ord(g)), default="")
    return TermRow(
        claim=fact.claim,
        title=fact.summary,
        occurred_on=fact.occurred_on,
        kind=instrument_words(kind),
        status=fact.status,
        sources=len(version.claim.sources) if version else len(fact.reliabilities),
        grade=best,
        start=start,
        points=points,
        term=term,
    )


def _voices(found: Measure, by_claim: Mapping[str, Facts], weights: Weights) -> list[VoiceRow]:
    """The points by the kind of speaker of most weight in each statement; not for acts."""
    if found.floor is not None:
        return []
    groups: dict[str, list[Term]] = {}
    for term in (t for t in found.terms if t.c > 0):
        kinds = by_claim[term.claim].actors
        voice = max(kinds, key=lambda kind: weights.actors[kind], default="")
        groups.setdefault(voice, []).append(term)
    rows = [
        VoiceRow(
            VOICES.get(voice) or _("Nobody named"),
            len(terms),
            sum(t.points for t in terms),
            sum(t.points for t in terms) / found.score if found.score else 0.0,
        )
        for voice, terms in groups.items()
    ]
    return sorted(rows, key=lambda row: -row.points)


def _left_out(claim: str, reason: str, by_claim: Mapping[str, Facts]) -> LeftOut:
    fact = by_claim[claim]
    return LeftOut(
        claim=claim,
        title=fact.summary,
        occurred_on=fact.occurred_on,
        status=fact.status,
        reason=reason_words(reason),
    )
