"""The part of a brief that says what a government is to one treaty, and how it is leaving; it cites
as it goes and decides nothing."""

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Final

import msgspec

from domain.details import Joined
from domain.facts import COUNTED
from domain.governments import GOVERNMENTS
from domain.standing import Standing
from domain.treaties import TREATIES, Treaty
from projections.dossier import Step
from projections.histories import Version
from services.dashboard.formats import date_text, sentence_text
from services.dashboard.sentences import StandingFacts, standing_sentence
from services.reports.citations import Citations
from services.reports.model import Milestone, StandingPart, StepLine

STAGE_NAMES: Final = {
    "recommended": "Recommended",
    "announced": "Announced",
    "government_approval": "Approved by the government",
    "bill": "Bill introduced",
    "parliament_vote": "Vote in parliament",
    "assent": "Assent of the head of state",
    "deposit": "Instrument deposited",
    "circulated": "Circulated by the depositary",
    "in_effect": "In effect",
}
"""Step of leaving -> how a brief heads it."""
SIGNED: Final = ("state_signed",)
JOINED: Final = ("state_joined",)
RECEIVING: Final = ("withdrawal_instrument_deposited",)
EFFECTIVE: Final = ("withdrawal_effective",)
TELLING: Final = frozenset((*SIGNED, *JOINED, *RECEIVING, *EFFECTIVE))
"""Kinds of claims that tell of the days of a standing."""


def _standing_facts(
    treaty: Treaty, standing: Standing, versions: Sequence[Version], on: date
) -> StandingFacts:
    """What the sentence about a standing needs.

    `versions`: believed claims about the government, from which the instrument of joining and the
    day of a claimed suspension are read.
    """
    counted = _counted(versions, treaty, on)
    instruments = [
        v.claim.details.instrument
        for v in counted
        if v.claim.kind == "state_joined" and isinstance(v.claim.details, Joined)
    ]
    suspended = [
        v.facts.stated or v.claim.date.representative_day
        for v in counted
        if v.claim.kind == "suspension_notified"
    ]
    return StandingFacts(
        status=standing.status,
        instrument=next((i for i in reversed(instruments) if i is not None), None),
        signed_on=standing.signed_on,
        deposited_on=standing.deposited_on,
        in_force_on=standing.in_force_on,
        received_on=standing.received_on,
        received_about=standing.received_about,
        expected_on=standing.expected_on,
        left_on=standing.leaves_on if standing.status == "former_party" else None,
        confirmed=standing.confirmed is not False,
        about=standing.about,
        reason="it is engaged in armed conflict" if standing.reason else None,
        claimed="suspended the treaty" if standing.claimed else None,
        claimed_on=min(suspended, default=None) if standing.claimed else None,
        disputed_by=tuple(GOVERNMENTS[code] for code in standing.disputed_by),
    )


class Stood(msgspec.Struct, frozen=True, kw_only=True):
    """What a government is on the day `on` to each treaty, and the last steps it took."""

    on: date
    dates: Mapping[str, Standing]
    stages: Mapping[str, Sequence[Step]]


def standing_parts(
    found: Stood, versions: Sequence[Version], citations: Citations
) -> tuple[StandingPart, ...]:
    """One part per treaty: the Mine Ban Treaty always, another where something is on file.

    `versions`: the claims about the government, or those of them that it rests on.
    """
    return tuple(
        _part(treaty, found, versions, citations)
        for code, treaty in TREATIES.items()
        if code == "APMBC" or _counted(versions, treaty, found.on)
    )


def _part(
    treaty: Treaty, found: Stood, versions: Sequence[Version], citations: Citations
) -> StandingPart:
    standing = found.dates[treaty.code]
    facts = _standing_facts(treaty, standing, versions, found.on)
    counted = _counted(versions, treaty, found.on)
    return StandingPart(
        treaty=treaty.code,
        treaty_name=treaty.short_name,
        status=standing.status,
        stage=standing.stage,
        since=standing.since,
        expected_on=standing.expected_on,
        confirmed=standing.confirmed,
        claimed=standing.claimed,
        disputed_by=standing.disputed_by,
        sentence=sentence_text(standing_sentence(facts)),
        milestones=tuple(_milestones(treaty, standing, counted, found.on, citations)),
        steps=tuple(_steps(treaty, standing, found.stages[treaty.code], versions, citations)),
    )


def _milestones(
    treaty: Treaty,
    standing: Standing,
    counted: Sequence[Version],
    on: date,
    citations: Citations,
) -> Iterator[Milestone]:
    def cited(day: date, *kinds: str) -> tuple[int, ...]:
        return citations.cite(
            source for v in _telling(counted, day, kinds) for source in v.claim.sources
        )

    if standing.signed_on is not None:
        cites = cited(standing.signed_on, *SIGNED)
        yield Milestone(what="Signed", on=standing.signed_on, basis="", cites=cites)
    if standing.deposited_on is not None:
        cites = cited(standing.deposited_on, *JOINED)
        what = "Deposited its instrument of joining"
        yield Milestone(what=what, on=standing.deposited_on, basis="", cites=cites)
    if standing.in_force_on is not None:
        what = "Bound from" if standing.in_force_on <= on else "Will be bound from"
        basis = f"{treaty.code} {treaty.entry_article}"
        yield Milestone(what=what, on=standing.in_force_on, basis=basis)
    if standing.received_on is not None:
        cites = cited(standing.received_on, *RECEIVING)
        about = ", about" if standing.received_about else ""
        what = f"Deposited its instrument of withdrawal{about}"
        yield Milestone(what=what, on=standing.received_on, basis="", cites=cites)
    if standing.expected_on is not None:
        cites = cited(standing.expected_on, *EFFECTIVE) if standing.confirmed else ()
        basis = f"{treaty.code} {treaty.withdrawal_article}"
        yield Milestone(what=_effect(standing), on=standing.expected_on, basis=basis, cites=cites)


def _effect(standing: Standing) -> str:
    about = " about" if standing.about else ""
    if standing.status == "leaving":
        return f"Withdrawal expected to take effect{about}"
    if standing.confirmed:
        return "Withdrawal took effect"
    return f"Withdrawal took effect{about}, computed and not confirmed by a source"


def _steps(
    treaty: Treaty,
    standing: Standing,
    steps: Sequence[Step],
    versions: Sequence[Version],
    citations: Citations,
) -> Iterator[StepLine]:
    by_claim = {v.claim.id: v for v in versions}
    told: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        told.setdefault((step.stage, by_claim[step.claim].happening), []).append(step)
    for same in told.values():
        # Claims declared the same are one step: the accepted one leads, all their sources stand.
        step = min(same, key=lambda s: s.status != "accepted")
        sources = [source for s in same for source in by_claim[s.claim].claim.sources]
        yield StepLine(
            stage=STAGE_NAMES[step.stage],
            when=date_text(step.occurred_on),
            summary=step.summary,
            state=step.status,
            claim=step.claim,
            backfilled=step.backfilled,
            cites=citations.cite(sources),
        )
    if standing.expected_on is not None and not standing.confirmed:
        leaving = standing.status == "leaving"
        verb = "takes" if leaving else "took"
        about = "about " if standing.about else ""
        yield StepLine(
            stage=STAGE_NAMES["in_effect"],
            when=about + date_text(standing.expected_on.isoformat()),
            summary=f"The withdrawal {verb} effect, six months after the depositary received the "
            f"instrument ({treaty.code} {treaty.withdrawal_article}).",
            state="expected" if leaving else "computed",
        )


def _counted(versions: Sequence[Version], treaty: Treaty, on: date) -> list[Version]:
    return [
        v
        for v in versions
        if v.claim.treaty == treaty.code
        and v.status in COUNTED
        and v.claim.date.representative_day <= on
    ]


def _telling(counted: Sequence[Version], day: date, kinds: Sequence[str]) -> list[Version]:
    """The claims of these kinds that tell of that day, and those declared the same as one of
    them."""
    of_kind = [v for v in counted if v.claim.kind in kinds]
    there = {v.happening for v in of_kind if day in (v.claim.date.representative_day, _stated(v))}
    return [v for v in of_kind if v.happening in there]


def _stated(version: Version) -> date | None:
    return version.facts.stated


def days_told(standing: Standing) -> set[tuple[str, date]]:
    """The days of a standing of which claims tell, and of which kind these are."""
    days = (
        (SIGNED, standing.signed_on),
        (JOINED, standing.deposited_on),
        (RECEIVING, standing.received_on),
        (EFFECTIVE, standing.expected_on),
    )
    return {(kind, day) for kinds, day in days if day is not None for kind in kinds}


def tells_of(version: Version, told: Set[tuple[str, date]]) -> bool:
    """Whether a claim tells of one of some days of a standing."""
    days = version.claim.date.representative_day, _stated(version)
    return any((version.claim.kind, day) in told for day in days)
