"""The country brief told while the claims about a government pass by: its lines are kept aside, put
in order, and made while the document is written; never other bytes than
`services.reports.brief.brief` gives."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, Self

import msgspec

from domain.details import Joined
from domain.numbers import Excluded, is_stage, why_left_out
from domain.weights import Weights
from projections.dossier_pass import StepsPass
from projections.histories import Version, pack, unpack
from projections.opened_pass import term_told
from projections.rows_pass import Reckoned
from services.reckoning import Reckoning, take
from services.reports.brief import (
    DISPUTED,
    NUMBERS,
    Pinning,
    counts,
    disputed_line,
    is_used,
    record_line,
    term_line,
    when_told,
    written,
)
from services.reports.citations import Citations
from services.reports.lines import Lines
from services.reports.model import Brief, DisputedLine, NumberPart, RecordLine, TermLine
from services.reports.numbering import Numbering, cites
from services.reports.standings import TELLING, Stood, days_told, standing_parts, tells_of
from services.wiring import Runs

RUN_BYTES_MAX: Final = 512 * 1024
"""How much of each kind of line is held; there are a dozen kinds."""
TIMELINE: Final = "timeline"
DISPUTES: Final = "disputed"
_ENCODER: Final = msgspec.msgpack.Encoder()
_TERM: Final = msgspec.msgpack.Decoder(tuple[float, float, bytes])
_EXCLUDED: Final = msgspec.msgpack.Decoder(Excluded)


class BriefPass:
    """One pass over the claims about a government in the order of recording; then the brief, which
    can be read until this is closed."""

    def __init__(self, government: str, on: date, weights: Weights) -> None:
        self.government, self.on, self.weights = government, on, weights
        self._reckoning = Reckoning((on,), weights, governments=(government,))
        self._steps, self._pinning = StepsPass(), Pinning()
        self._waiting = 0
        self._kept: dict[tuple[str, str], Version] = {}
        names = ("law", TIMELINE, DISPUTES, *NUMBERS, *(f"not {name}" for name in NUMBERS))
        self._lines = {name: Runs(RUN_BYTES_MAX) for name in names}
        self._counts = dict.fromkeys(names, 0)
        self._numbering: Numbering | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_gone: object) -> None:
        self._reckoning.close()
        for runs in self._lines.values():
            runs.close()
        if self._numbering is not None:
            self._numbering.close()

    def take(self, version: Version) -> None:
        """Look at one believed claim about the government."""
        claim = version.claim
        if claim.date.representative_day > self.on or not is_used(version):
            return
        packed, place = pack(version), version.recorded_position
        self._pinning.take(version)
        self._waiting += version.status == "pending"
        first, last, _ = when_told(version)
        order = first.toordinal(), last.toordinal(), place
        if version.status in DISPUTED:
            self._add(DISPUTES, order, packed)
        take(self._reckoning, version, told=packed)
        if not counts(version):
            return
        self._add(TIMELINE, order, packed)
        self._steps.take(version)
        if claim.kind in TELLING or is_stage(version.facts, self.weights):
            self._add("law", (place,), packed)
        self._keep(version)

    def brief(self, known_at: str) -> Brief:
        """The brief on all of them, its lines made while they are read; `known_at`: the second
        clock as text."""
        _, _, entries = next(self._reckoning.each())
        reckoned = Reckoned(entries, self.on, self.weights, look=self._look)
        stood = Stood(on=self.on, dates=reckoned.standings, stages=self._steps.stages())
        citations = Citations()
        standings = standing_parts(stood, self._resting(reckoned), citations)
        floor = self._law_claim(reckoned.floor_claim)
        floor_cites = () if floor is None else citations.cite(floor.claim.sources)
        numbering = self._numbering = Numbering(citations, RUN_BYTES_MAX)
        self._mention(numbering)
        numbers = tuple(self._number(name, reckoned, floor_cites) for name in NUMBERS)
        return written(
            self.government,
            self._pinning.pin(self.on, known_at, self.weights),
            standings,
            numbers,
            timeline=Lines(self._counts[TIMELINE], self._timeline),
            disputed=Lines(self._counts[DISPUTES], self._disputed),
            waiting=self._waiting,
            sources=numbering.cited(),
        )

    def _add(self, name: str, key: tuple[int, ...], body: bytes) -> None:
        self._lines[name].add(key, body)
        self._counts[name] += 1

    def _keep(self, version: Version) -> None:
        """Of what counts under a treaty: the first claim, the last that names an instrument of
        joining, and the one after which a suspension began first."""
        claim = version.claim
        self._kept.setdefault((claim.treaty, "first"), version)
        if isinstance(claim.details, Joined) and claim.details.instrument is not None:
            self._kept[claim.treaty, "instrument"] = version
        if claim.kind == "suspension_notified":
            held = self._kept.get((claim.treaty, "suspended"))
            if held is None or _began(version) < _began(held):
                self._kept[claim.treaty, "suspended"] = version

    def _look(self, measure: str, place: int, told: bytes, c: float | None, nu: float) -> None:
        fact = unpack(told).facts
        key = fact.day.toordinal(), place
        if c is not None:
            self._add(measure, key, _ENCODER.encode((c * nu, nu, told)))
        reason = why_left_out(fact, is_in=c is not None, weights=self.weights)
        if reason is not None:
            self._add(f"not {measure}", key, _ENCODER.encode(Excluded(fact.claim, reason)))

    def _resting(self, reckoned: Reckoned) -> list[Version]:
        """The claims that the parts about standings rest on, in the order of recording: those that
        tell of their days, also as others of the same happening do, the steps, and what was
        kept."""
        days = {day for one in reckoned.standings.values() for day in days_told(one)}
        law = self._lines["law"]
        there = {v.happening for v in map(_unpacked, law) if tells_of(v, days)}
        found = {v.claim.id: v for v in (*self._kept.values(), *self._steps.versions())}
        for version in map(_unpacked, law):
            if version.claim.kind in TELLING and version.happening in there:
                found[version.claim.id] = version
        return sorted(found.values(), key=lambda v: v.recorded_position)

    def _law_claim(self, claim: str | None) -> Version | None:
        if claim is None:
            return None
        return next(v for v in map(_unpacked, self._lines["law"]) if v.claim.id == claim)

    def _mention(self, numbering: Numbering) -> None:
        """Mention all sources in the order of the lines."""
        for name in NUMBERS:
            numbering.begin(name)
            for _, body in self._lines[name]:
                numbering.mention(unpack(_TERM.decode(body)[2]).claim.sources)
        numbering.begin(TIMELINE)
        for version in map(_unpacked, self._lines[TIMELINE]):
            numbering.mention(version.claim.sources)
        numbering.begin(DISPUTES)
        for version in map(_unpacked, self._lines[DISPUTES]):
            numbering.mention((*version.claim.sources, *version.decision_sources))
        numbering.number()

    def _number(self, name: str, reckoned: Reckoned, floor_cites: tuple[int, ...]) -> NumberPart:
        figure, is_eroding = reckoned.figure(name), name == "erosion"
        share, whole = reckoned.share(name), reckoned.sum_of(name)
        return NumberPart(
            measure=name,
            method=self.weights.method(name),
            score=figure.score,
            low=figure.low,
            high=figure.high,
            floor=reckoned.floor if is_eroding else None,
            floor_claim=reckoned.floor_claim if is_eroding else None,
            floor_cites=floor_cites if is_eroding else (),
            terms=Lines(self._counts[name], lambda: self._terms(name, share, whole)),
            excluded=Lines(self._counts[f"not {name}"], lambda: self._excluded(name)),
        )

    def _terms(self, name: str, share: float, whole: float) -> Iterator[TermLine]:
        numbers = self._numbers(name)
        for _, body in self._lines[name]:
            c, nu, told = _TERM.decode(body)
            version = unpack(told)
            entered = version.facts, c, nu
            term = term_told(name, self.government, entered, self.on, self.weights, share, whole)
            yield term_line(term, version, cites(numbers, version.claim.sources))

    def _excluded(self, name: str) -> Iterator[Excluded]:
        return (_EXCLUDED.decode(body) for _, body in self._lines[f"not {name}"])

    def _timeline(self) -> Iterator[RecordLine]:
        numbers = self._numbers(TIMELINE)
        for version in map(_unpacked, self._lines[TIMELINE]):
            yield record_line(version, cites(numbers, version.claim.sources))

    def _disputed(self) -> Iterator[DisputedLine]:
        numbers = self._numbers(DISPUTES)
        for version in map(_unpacked, self._lines[DISPUTES]):
            said = cites(numbers, version.claim.sources)
            yield disputed_line(version, said, cites(numbers, version.decision_sources))

    def _numbers(self, section: str) -> Iterator[int]:
        assert self._numbering is not None, "lines are read of a brief that was made"
        return self._numbering.numbers(section)


def _unpacked(entry: tuple[Any, bytes]) -> Version:
    return unpack(entry[1])


def _began(version: Version) -> date:
    return version.facts.stated or version.claim.date.representative_day
