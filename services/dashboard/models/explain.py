"""Builds the page that opens one number into its terms, from the facts it is reckoned from; pure,
it neither fetches nor asks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from domain.facts import Facts
from domain.numbers import Measure, Term
from domain.weights import Weights
from projections.accounts import Account, account, in_order
from projections.dossier import MEASURES
from projections.histories import Version
from services.dashboard.charts.figures import Interval
from services.dashboard.charts.figures import Measure as MeasureName
from services.dashboard.charts.series import MEASURE_NAMES
from services.dashboard.formats import figure_text, score_text
from services.dashboard.frame import Frame
from services.dashboard.language import _, decimal_text, told, told_many
from services.dashboard.models.own_weights import OwnWeight, own_fields
from services.dashboard.models.shapes import ClaimStatus, Sentence, ShownStatus
from services.dashboard.models.what_if import Scenario, passing, scenarios
from services.dashboard.sheets import ROWS_MAX, Cell, Sheet
from services.dashboard.states import GOVERNMENTS
from services.dashboard.words import VOICES, instrument_words, reason_words

TERMS_MAX: Final = 60
"""How many terms the page lists; the file has more, see `sheets.ROWS_MAX`."""
EXCLUDED_MAX: Final = 30


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


class NumberAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Which number is opened, and how; `weights` differ from `official` where the reader asks with
    their own."""

    government: str
    measure: MeasureName
    on: date
    weights: Weights
    official: Weights
    status: ShownStatus
    order: str


def explain_page(
    frame: Frame,
    ask: NumberAsk,
    facts: Sequence[Facts],
    versions: Mapping[str, Version],
    found: Measure | None = None,
) -> ExplainPage:
    """The page of one number of a government on a day.

    `facts`: those believed by the second clock that concern it; `versions`: the believed versions
    of the claims that are listed, where they could be had. `found`: the number, where it is known.
    """
    government, on, reckon = ask.government, ask.on, MEASURES[ask.measure]
    found = found or reckon(facts, government, on, ask.weights)
    by_claim = {fact.claim: fact for fact in facts}
    how = {"order": ask.order, "terms_max": TERMS_MAX, "excluded_max": EXCLUDED_MAX}
    published = None
    if ask.weights != ask.official:
        published = _interval(reckon(facts, government, on, ask.official))
    return account_page(
        frame,
        ask,
        account(found, by_claim, ask.weights, **how),  # type: ignore[arg-type]  # each its own
        by_claim,
        versions,
        scenarios(ask.measure, government, facts, found, on=on, weights=ask.weights),
        published=published,
    )


def account_page(
    frame: Frame,
    ask: NumberAsk,
    account: Account,
    by_claim: Mapping[str, Facts],
    versions: Mapping[str, Version],
    changes: tuple[Scenario, ...] | None = None,
    *,
    published: Interval | None,
) -> ExplainPage:
    """The same page from an account, given the facts of the claims that it names; `changes`: what
    would move the number, only time where they are not given; `published`: the number by the
    official weights, where the reader asks with their own."""
    number, listed = account.number, account.number.terms
    floor = 1 if number.floor_claim is not None else 0
    now = Interval(number.score, number.low, number.high, account.counted + floor)
    if changes is None:
        changes = passing(number, account.later, ask.on)
    name, measure = GOVERNMENTS[ask.government], ask.measure
    return ExplainPage(
        frame=frame,
        code=ask.government,
        name=name,
        on=ask.on,
        measure=measure,
        status=ask.status,
        title=_title(name, measure, now),
        lead=_lead(account, measure),
        now=now,
        method=number.method,
        total_c=account.total_c,
        order=ask.order,
        rows=tuple(_rows(number, listed, by_claim, versions, ask.weights)),
        more=account.counted - len(listed),
        more_points=account.rest_points,
        voices=tuple(_voices(account)),
        scenarios=changes,
        left_out=tuple(_left_out(out.claim, out.reason, by_claim) for out in number.excluded),
        left_out_more=account.left_out - len(number.excluded),
        repeats=account.repeats,
        fields=own_fields(ask.weights, ask.official) if measure == "pressure" else (),
        official=published,
    )


def terms_sheet(page: ExplainPage, found: Measure, facts: Iterable[Facts]) -> Sheet:
    """The terms as a file, in the order of the page, then what is not counted and why: up to
    `ROWS_MAX` of all. `found` need not hold more, as `facts` need not."""
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
    total = len(page.rows) + page.more + len(page.left_out) + page.left_out_more
    return Sheet(
        name=f"{page.measure}-{page.code}-{page.on.isoformat()}",
        columns=("claim", "summary", "occurred_on", "kind", "status", *_FIELDS, "not_counted"),
        rows=rows[:ROWS_MAX],
        about=(
            ("method", found.method),
            ("government", page.code),
            ("on", page.on.isoformat()),
            ("known_at", page.frame.known_at),
            ("score", f"{found.score:.4f}"),
            ("low", f"{found.low:.4f}"),
            ("high", f"{found.high:.4f}"),
        ),
        is_cut=total > ROWS_MAX,
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
    score = figure_text(now.score)
    return _("Why %(measure)s of %(name)s reads %(score)s", measure=name_of, name=name, score=score)


def _lead(account: Account, measure: MeasureName) -> Sentence:
    """How many count, which one weighs most, and how wide the interval is."""
    found, first = account.number, account.heaviest
    if not account.counted and not found.floor:
        if not account.left_out:
            return (_("Nothing on file enters this number. That is not the same as silence."),)
        return told_many(
            "%(count)s record is on file, and it does not count.",
            "%(count)s records are on file, and none of them counts.",
            account.left_out,
        )
    pieces: list[str | date] = []
    if found.floor:
        floor = score_text(found.floor)
        pieces += [_("The legal stage gives %(floor)s points by itself.", floor=floor), " "]
    if measure == "erosion":
        pieces += told_many(
            "%(count)s recorded act counts.",
            "%(count)s recorded acts count.",
            account.counted,
        )
    else:
        pieces += told_many(
            "%(count)s statement counts.",
            "%(count)s statements count.",
            account.counted,
        )
    if first is not None:
        said = told(
            "The one that weighs most, of %(day)s, gives %(points)s of %(score)s points.",
            day=first.day,
            points=decimal_text(first.points, 1),
            score=decimal_text(found.score, 1),
        )
        alone = account.counted == 1 and not found.floor
        pieces += [" ", *(told("It is of %(day)s.", day=first.day) if alone else said)]
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


def _voices(account: Account) -> list[VoiceRow]:
    """The points by the kind of speaker of most weight in each statement; not for acts."""
    score = account.number.score
    return [
        VoiceRow(
            VOICES.get(share.voice) or _("Nobody named"),
            share.count,
            share.points,
            share.points / score if score else 0.0,
        )
        for share in account.shares
    ]


def _left_out(claim: str, reason: str, by_claim: Mapping[str, Facts]) -> LeftOut:
    fact = by_claim[claim]
    return LeftOut(
        claim=claim,
        title=fact.summary,
        occurred_on=fact.occurred_on,
        status=fact.status,
        reason=reason_words(reason),
    )
