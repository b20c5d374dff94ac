"""The country brief as a pure function of believed claims and two clocks; it never asks the time,
so the same clocks give the same brief."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from domain.claims import Actor
from domain.events import claim_json
from domain.facts import COUNTED, POSSIBLE
from domain.governments import GOVERNMENTS
from domain.numbers import Measure, Term
from domain.weights import Weights
from projections.dossier import MEASURES, dossier
from projections.histories import Version
from services.dashboard.formats import (
    date_text,
    moment_text,
    score_text,
    upper_first,
)
from services.reports.citations import Citations
from services.reports.model import (
    Brief,
    Cited,
    DisputedLine,
    NumberPart,
    Pin,
    RecordLine,
    StandingPart,
    TermLine,
)
from services.reports.standings import Stood, standing_parts

LIMITS: Final = (
    "Erosion describes recorded acts against the norm, Pressure counts recorded criticism, Backing "
    "counts recorded support for those acts. They are never subtracted from one another, and none "
    "of them measures effect or legality.",
    "The lower bound counts only accepted, uncontested claims whose best source is graded A or B. "
    "The upper bound counts every claim that is not rejected, refuted, retracted or superseded as "
    "if it were certain.",
    "Only what is on file counts. Where nothing is on file, that is an absence of records, not a "
    "record of silence.",
    "A vague date counts from the middle of its span. Of claims declared the same, only the one "
    "that counts most enters a number.",
    "Claims marked back-filled were brought in after the day since when they count as known. A "
    "later back-filled claim may change what a brief asked by day says; a brief asked by position "
    "never changes.",
)
"""How to read the numbers; every brief carries it."""


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 day`, `2 days`, `1,029,763 mines`: reports are written in English."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def brief(
    government: str, versions: Sequence[Version], *, on: date, known_at: str, weights: Weights
) -> Brief:
    """The brief on `government` as it stood on the day `on`.

    `versions`: the claims believed at the second clock, in the order of recording; `known_at`: that
    clock as text.
    """
    used = [
        v
        for v in versions
        if government in v.claim.targets and v.claim.date.representative_day <= on and is_used(v)
    ]
    citations = Citations()
    found = dossier(government, used, on=on, known_at=known_at, weights=weights)
    facts = [v.facts for v in used]
    stood = Stood(on=on, dates=found.dates, stages=found.stages)
    standings = standing_parts(stood, used, citations)
    numbers = tuple(
        _number(name, MEASURES[name](facts, government, on, weights), used, citations)
        for name in NUMBERS
    )
    ordered = sorted(used, key=when_told)
    timeline = tuple(record_line(v, citations.cite(v.claim.sources)) for v in ordered if counts(v))
    disputed = tuple(
        disputed_line(v, citations.cite(v.claim.sources), citations.cite(v.decision_sources))
        for v in ordered
        if v.status in DISPUTED
    )
    pinning = Pinning()
    for version in used:
        pinning.take(version)
    return written(
        government,
        pinning.pin(on, known_at, weights),
        standings,
        numbers,
        timeline=timeline,
        disputed=disputed,
        waiting=sum(v.status == "pending" for v in used),
        sources=citations.cited(),
    )


def written(
    government: str,
    pin: Pin,
    standings: tuple[StandingPart, ...],
    numbers: tuple[NumberPart, ...],
    *,
    timeline: Collection[RecordLine],
    disputed: Collection[DisputedLine],
    waiting: int,
    sources: Collection[Cited],
) -> Brief:
    """The brief that its parts make."""
    name = GOVERNMENTS[government]
    title = f"{name} and the Mine Ban Treaty"
    return Brief(
        title=title,
        government=government,
        name=name,
        pin=pin,
        lead=_lead(standings[0], numbers),
        standings=standings,
        numbers=numbers,
        timeline=timeline,
        disputed=disputed,
        waiting=waiting,
        limits=LIMITS,
        citation=f"{title}. Country brief as it stood on {date_text(pin.on.isoformat())}, as known "
        f"at {pin.known_at}. article20, records {pin.records_sha256[:16]}. For the original "
        "sources see the list.",
        sources=sources,
    )


NUMBERS: Final = ("erosion", "pressure", "backing")
"""The numbers in the order in which a brief opens them."""
DISPUTED: Final = frozenset({"contested", "refuted"})


def is_used(version: Version) -> bool:
    """Whether a brief has any use for a claim, given its status."""
    return version.status in POSSIBLE or version.status == "refuted"


def counts(version: Version) -> bool:
    """Whether a claim stands in the record."""
    return version.status in COUNTED


def known_words(known_at: str) -> str:
    """The second clock as readers say it: `position 217 of the log`, or a moment."""
    if known_at.startswith("seq:"):
        return f"position {known_at.removeprefix('seq:')} of the log"
    return moment_text(msgspec.convert(known_at, type=datetime))


def _lead(standing: StandingPart, numbers: Sequence[NumberPart]) -> str:
    said = [standing.sentence]
    for number in numbers:
        if not number.terms and not number.floor:
            said.append(f"No record counts towards {upper_first(number.measure)}.")
            continue
        interval = f"from {score_text(number.low)} to {score_text(number.high)}"
        sentence = f"{upper_first(number.measure)} is {score_text(number.score)}, {interval}"
        if number.terms:
            records = counted(len(number.terms), "record")
            sentence += f", made of {records}" + (" and the legal step" if number.floor else "")
        elif number.floor:
            sentence += ", made of the legal step alone"
        said.append(f"{sentence}.")
    return " ".join(said)


def _number(
    name: str, measure: Measure, used: Sequence[Version], citations: Citations
) -> NumberPart:
    by_claim = {v.claim.id: v for v in used}
    floor = by_claim.get(measure.floor_claim or "")
    floor_cites = citations.cite(floor.claim.sources) if floor is not None else ()
    return NumberPart(
        measure=name,
        method=measure.method,
        score=measure.score,
        low=measure.low,
        high=measure.high,
        floor=measure.floor,
        floor_claim=measure.floor_claim,
        floor_cites=floor_cites,
        terms=tuple(_terms(measure, by_claim, citations)),
        excluded=measure.excluded,
    )


def _terms(
    measure: Measure, by_claim: dict[str, Version], citations: Citations
) -> Iterator[TermLine]:
    for term in measure.terms:
        version = by_claim[term.claim]
        yield term_line(term, version, citations.cite(version.claim.sources))


def term_line(term: Term, version: Version, cites: tuple[int, ...]) -> TermLine:
    """A term with the claim that it rests on."""
    factors = {name: getattr(term, name) for name in _FACTORS}
    return TermLine(
        claim=term.claim,
        when=date_text(version.claim.occurred_on),
        summary=version.claim.summary,
        status=term.status,
        backfilled=version.backfilled,
        cites=cites,
        **factors,
    )


_FACTORS: Final = (
    "instrument", "w", "half_life_days", "a", "s", "nu", "n", "q", "age_days", "c", "points",
)  # fmt: skip


def when_told(version: Version) -> tuple[date, date, int]:
    """Where a claim stands in the record."""
    return version.claim.date.first_day, version.claim.date.last_day, version.recorded_position


def record_line(version: Version, cites: tuple[int, ...]) -> RecordLine:
    """A claim of the record."""
    return RecordLine(**_record(version, cites))


def disputed_line(
    version: Version, cites: tuple[int, ...], decision_cites: tuple[int, ...]
) -> DisputedLine:
    """A claim that is contested or refuted."""
    return DisputedLine(
        **_record(version, cites),
        disputed_by=tuple(_names([actor]) for actor in version.contested_by),
        reason=version.reason,
        decision_cites=decision_cites,
    )


def _record(version: Version, cites: tuple[int, ...]) -> dict[str, Any]:
    claim = version.claim
    return {
        "claim": claim.id,
        "kind": claim.kind,
        "treaty": claim.treaty,
        "when": date_text(claim.occurred_on),
        "who": _names(claim.actors),
        "summary": claim.summary,
        "status": version.status,
        "known_since": version.known_from.date(),
        "backfilled": version.backfilled,
        "same_as": version.same,
        "cites": cites,
    }


def _names(actors: Iterable[Actor]) -> str:
    return ", ".join(GOVERNMENTS.get(actor.code or "", actor.name or actor.key) for actor in actors)


class Pinning:
    """What pins a brief, told of the claims it uses in the order of recording."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._records = self._position = 0

    def take(self, version: Version) -> None:
        """Look at one claim."""
        said = [claim_json(version.claim), version.status]
        self._digest.update(msgspec.json.encode(said) + b"\n")
        self._records += 1
        self._position = max(self._position, version.position)

    def pin(self, on: date, known_at: str, weights: Weights) -> Pin:
        """The pin of a brief that uses those."""
        weighed = msgspec.json.encode(weights, order="deterministic")
        return Pin(
            on=on,
            known_at=known_at,
            position=self._position,
            methods=weights.methods,
            records=self._records,
            records_sha256=self._digest.hexdigest(),
            weights_sha256=hashlib.sha256(weighed).hexdigest(),
        )
