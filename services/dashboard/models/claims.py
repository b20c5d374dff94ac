"""Builds the list of claims and a claim's own page from what is believed; pure, it neither fetches
nor asks."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, get_args

import msgspec

from domain.claims import Actor, Claim
from domain.dates import partial_date
from domain.treaties import TREATIES
from projections.claims import ClaimPage as Answer
from projections.claims import ClaimRow, Decided
from projections.effects import Effect as Told
from projections.histories import Version
from services.dashboard.charts.figures import Measure
from services.dashboard.formats import names_text
from services.dashboard.frame import Frame
from services.dashboard.language import _, who
from services.dashboard.models.amending import Amends
from services.dashboard.models.evidence import details_in_words, first_sentence, value_in_words
from services.dashboard.models.shapes import ClaimStatus, Source
from services.dashboard.models.ties import Tie, same_ties, tie_of
from services.dashboard.sheets import Cell, Sheet
from services.dashboard.states import GOVERNMENTS, in_order, treaty_name
from services.dashboard.words import EVENTS, FIELDS, RELATIONS, kind_words, reason_words

NAMES_MAX: Final = 4


class ListedClaim(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the list."""

    claim: str
    title: str
    kind: str
    occurred_on: str
    actors: str
    targets: tuple[tuple[str, str], ...]
    """Governments concerned as (code, name), at most `NAMES_MAX`."""
    more_targets: int
    sources: str
    status: ClaimStatus
    known_since: date
    backfilled: bool


class ClaimAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What the list was narrowed to, as typed; `errors` by field are sentences for who typed it."""

    q: str = ""
    government: str = ""
    kind: str = ""
    status: str = ""
    treaty: str = ""
    actor: str = ""
    from_typed: str = ""
    to_typed: str = ""
    order: str = "newest"
    errors: Mapping[str, str] = {}

    @property
    def narrows(self) -> bool:
        """Whether anything is asked besides the order."""
        asked = (self.q, self.government, self.kind, self.status, self.treaty, self.actor)
        return any((*asked, self.from_typed, self.to_typed))


class ClaimsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What is on file, narrowed and in order; one page of it."""

    frame: Frame
    on: date
    ask: ClaimAsk
    rows: tuple[ListedClaim, ...]
    following: str = ""
    begun: bool = False
    kinds: tuple[tuple[str, str], ...] = ()
    governments: tuple[tuple[str, str], ...] = ()
    treaties: tuple[tuple[str, str], ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One decision in the life of a claim: what, when, by whom, why, and what changed by it."""

    number: int
    what: str
    at: datetime
    position: int
    by: str
    is_second: bool
    """Whether somebody else than whoever recorded the claim judged it."""
    reason: str
    status: ClaimStatus
    known_since: date
    changed: tuple[str, ...] = ()
    said_by: str = ""
    """Who contests it or refutes it, in the record."""
    sources: tuple[Source, ...] = ()


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What the claim does to one number of one government; `points` is None where left out."""

    code: str
    name: str
    measure: Measure
    points: float | None
    note: str = ""


class Dispute(msgspec.Struct, frozen=True):
    """A detail on which sources differ, with the values they give."""

    field: str
    values: tuple[str, ...]


class ClaimView(msgspec.Struct, frozen=True, kw_only=True):
    """What is claimed, on whose word, who says otherwise, what follows, and how it came here."""

    frame: Frame
    claim: str
    kind: str
    treaty: str
    title: str
    text: str
    status: ClaimStatus
    occurred_on: str
    published_on: date | None
    recorded_at: datetime
    recorded_by: str
    position: int
    known_since: date
    backfilled: bool
    visibility: str
    actors: tuple[str, ...]
    targets: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    disputes: tuple[Dispute, ...]
    sources: tuple[Source, ...]
    against: tuple[Tie, ...]
    """Claims that contradict it or that it contradicts: the other side."""
    same: tuple[Tie, ...]
    ties: tuple[Tie, ...]
    steps: tuple[Step, ...]
    effects: tuple[Effect, ...]
    is_own: bool = False
    """Whether whoever looks has just recorded it."""

    amends: Amends | None = None
    """What may be decided on the page; None where whoever looks decides nothing here."""

    done: str = ""
    """What was just decided on the page."""


def claims_page(
    frame: Frame,
    rows: Sequence[ClaimRow],
    *,
    on: date,
    ask: ClaimAsk,
    following: str,
    begun: bool,
    kinds: Sequence[str],
) -> ClaimsPage:
    """One page of the list."""
    return ClaimsPage(
        frame=frame,
        on=on,
        ask=ask,
        rows=tuple(listed(row) for row in rows),
        following=following,
        begun=begun,
        kinds=tuple((kind, kind_words(kind)) for kind in sorted(kinds)),
        governments=tuple(sorted(GOVERNMENTS.items(), key=lambda pair: in_order(pair[1]))),
        treaties=tuple((code, treaty_name(code)) for code in TREATIES),
    )


def listed(row: ClaimRow | Version) -> ListedClaim:
    """A claim as lists show it."""
    if isinstance(row, Version):
        claim, known = row.claim, row.known_from
        id_ = claim.id
    else:
        claim, known, id_ = row, row.known_since, row.id  # type: ignore[assignment]  # same fields
    return ListedClaim(
        claim=id_,
        title=claim.summary,
        kind=kind_words(claim.kind),
        occurred_on=claim.occurred_on,
        actors=names_text(actor_names(claim.actors), 2),
        targets=tuple((code, GOVERNMENTS[code]) for code in claim.targets[:NAMES_MAX]),
        more_targets=len(claim.targets[NAMES_MAX:]),
        sources=publishers(claim),
        status=row.status,
        known_since=known.date(),
        backfilled=row.backfilled,
    )


def claims_sheet(rows: Sequence[ClaimRow], frame: Frame, *, is_cut: bool) -> Sheet:
    """The claims of the list as a file: the same rows in the same order."""
    lines: list[tuple[Cell, ...]] = [
        (
            *(row.id, row.occurred_on, row.kind, row.treaty, row.status, row.summary),
            "; ".join(actor_names(row.actors)),
            " ".join(row.targets),
            "; ".join(s.publisher or "" for s in row.sources),
            " ".join(s.url for s in row.sources if s.url),
            " ".join(f"{s.reliability or 'F'}{s.credibility or 6}" for s in row.sources),
            *(row.known_since.date(), row.backfilled, row.position, row.version),
        )
        for row in rows
    ]
    columns = (
        *("claim", "occurred_on", "kind", "treaty", "status", "summary", "actors", "targets"),
        *("publishers", "urls", "grades", "known_since", "backfilled", "position", "version"),
    )
    return Sheet(name="claims", columns=columns, rows=lines, about=frame.question, is_cut=is_cut)


def claim_view(
    frame: Frame,
    answer: Answer,
    others: Mapping[str, Version],
    effects: Mapping[str, Mapping[str, Told]],
    *,
    is_own: bool = False,
    amends: Amends | None = None,
    done: str = "",
) -> ClaimView:
    """A claim's own page; `others`: the believed versions of the claims it has to do with,
    and of the whole group that tells of the same happening;
    `effects`: what it does to numbers of governments it concerns, by code and measure; `is_own`:
    whether whoever looks has just recorded it; `amends` and `done`: what may be, and what was just
    decided on the page."""
    published = [partial_date(s.published_on).first_day for s in answer.sources if s.published_on]
    ties = [
        tie_of(
            r.claim,
            others,
            RELATIONS[r.direction][r.relation],
            author="".join(actor_names([r.author] if r.author else [], roles=True)),
        )
        for r in answer.related
    ]
    opposed = {r.claim for r in answer.related if r.relation == "contradicts"}
    return ClaimView(
        frame=frame,
        is_own=is_own,
        amends=amends,
        done=done,
        claim=answer.id,
        kind=kind_words(answer.kind),
        treaty=treaty_name(answer.treaty),
        title=first_sentence(answer.summary),
        text=answer.summary,
        status=answer.status,
        occurred_on=answer.occurred_on,
        published_on=min(published, default=None),
        recorded_at=answer.recorded_at,
        recorded_by=who(answer.recorded_by),
        position=answer.position,
        known_since=answer.versions[0].known_since.date(),
        backfilled=answer.versions[0].backfilled,
        visibility=answer.visibility,
        actors=tuple(actor_names(answer.actors, roles=True)),
        targets=tuple((code, GOVERNMENTS[code]) for code in answer.targets),
        facts=tuple(details_in_words(answer.details)),
        disputes=tuple(
            Dispute(kind_words(d.field), tuple(value_in_words(value) for value in d.values))
            for d in answer.details.disputed
        ),
        sources=tuple(_source(s) for s in answer.sources),
        against=tuple(tie for tie in ties if tie.claim in opposed),
        same=tuple(same_ties(answer.id, answer.same_as, others)),
        ties=tuple(tie for tie in ties if tie.claim not in opposed),
        steps=tuple(_steps(answer)),
        effects=tuple(
            _effect(code, measure, of[measure])
            for code, of in effects.items()
            for measure in get_args(Measure)
            if measure in of
        ),
    )


def claim_sheet(answer: Answer, frame: Frame) -> Sheet:
    """Every version of a claim as a file, oldest first."""
    whole = claims_sheet(answer.versions, frame, is_cut=False)
    return msgspec.structs.replace(whole, name=answer.id)


def actor_names(actors: Sequence[Actor], *, roles: bool = False) -> list[str]:
    """States by name, others as they are called, with the office spoken from where asked."""
    found = []
    for actor in actors:
        name = GOVERNMENTS.get(actor.code or "", "") or actor.name or _("not named")
        found.append(f"{name}, {actor.role}" if roles and actor.role else name)
    return found


def publishers(claim: Claim | ClaimRow) -> str:
    """The publishers behind a claim, the first two by name."""
    named = dict.fromkeys(s.publisher or s.title or "" for s in claim.sources)
    return names_text([name for name in named if name], 2) or _("no source named")


JUDGED: Final = frozenset({"accepted", "rejected", "contested", "refuted"})
"""Events by which a claim is judged."""


def _source(source: object) -> Source:
    return Source(
        publisher=getattr(source, "publisher", None) or "",
        title=getattr(source, "title", None) or "",
        url=getattr(source, "url", None) or "",
        published_on=getattr(source, "published_on", None),
        reliability=getattr(source, "reliability", None) or "F",
        credibility=getattr(source, "credibility", None) or 6,
        language=getattr(source, "language", None),
    )


def _steps(answer: Answer) -> list[Step]:
    """The decisions, newest first, each with the fields that read otherwise since."""
    steps = []
    before: ClaimRow | None = None
    for decided, row in zip(answer.decisions, answer.versions, strict=True):
        changed = () if before is None else tuple(_changed(before, row))
        steps.append(_step(decided, answer.recorded_by, changed))
        before = row
    return steps[::-1]


def _step(decided: Decided, recorded_by: str, changed: tuple[str, ...]) -> Step:
    return Step(
        number=decided.version,
        what=EVENTS.get(decided.event) or kind_words(decided.event),
        at=decided.decided_at,
        position=decided.position,
        by=who(decided.decided_by),
        is_second=decided.event in JUDGED and decided.decided_by != recorded_by,
        reason=decided.reason or "",
        status=decided.status,
        known_since=decided.known_since.date(),
        changed=changed,
        said_by=names_text(actor_names(decided.contested_by), NAMES_MAX),
        sources=tuple(_source(s) for s in decided.sources),
    )


def _changed(before: ClaimRow, after: ClaimRow) -> list[str]:
    """What reads otherwise, as `Date: 2025 → 2025-03`, or `Same as: fin-2025` where nothing stood
    there; long values are named alone."""
    lines = []
    for name, word in FIELDS.items():
        was, now = getattr(before, name), getattr(after, name)
        if was == now:
            continue
        both = [_short(value) for value in (was, now)]
        if all(both):
            lines.append(f"{word}: {both[0]} → {both[1]}")
        else:
            lines.append(f"{word}: {both[1]}" if both[1] and not was else word)
    return lines


def _short(value: object) -> str:
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else ""


def _effect(code: str, measure: Measure, found: Told) -> Effect:
    note = reason_words(found.reason) if found.reason else ""
    return Effect(
        code=code,
        name=GOVERNMENTS[code],
        measure=measure,
        points=found.points,
        note=_("the legal stage") if found.is_floor else note,
    )
