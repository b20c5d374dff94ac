"""One claim opened for the reader: what it says, on whose word, what follows, and its history;
pure."""

from collections.abc import Sequence
from datetime import date

import msgspec

from domain.claims import Claim
from domain.dates import partial_date
from domain.details import Details
from projections.histories import Version
from projections.portraits import Portrait
from services.dashboard.models.shapes import Evidence, LogLine, Sentence, Source
from services.dashboard.words import kind_words


def evidence_of(history: Sequence[Version], portrait: Portrait) -> Evidence:
    """The claim as believed, the last of the versions known by then."""
    version = history[-1]
    claim = version.claim
    published = [partial_date(s.published_on).first_day for s in claim.sources if s.published_on]
    return Evidence(
        claim=claim.id,
        kind=kind_words(claim.kind),
        title=first_sentence(claim.summary),
        text=claim.summary,
        status=version.status,
        occurred_on=claim.occurred_on,
        published_on=min(published, default=None),
        recorded_on=version.recorded_at.date(),
        known_since=history[0].known_from.date() if history[0].backfilled else None,
        sources=tuple(
            Source(
                publisher=s.publisher or "",
                title=s.title or "",
                url=s.url or "",
                published_on=s.published_on,
                reliability=s.reliability or "F",
                credibility=s.credibility or 6,
                language=s.language,
            )
            for s in claim.sources
        ),
        facts=tuple(details_in_words(claim.details)),
        consequences=tuple(_consequences(claim, portrait)),
        history=tuple(_line(v) for v in history),
    )


def first_sentence(text: str) -> str:
    """The first sentence of a summary, as a title."""
    head, dot, _ = text.partition(". ")
    return head + dot.strip() if dot else text


def details_in_words(details: Details) -> list[tuple[str, str]]:
    """The typed details of a claim as (name, value) in words."""
    plain = msgspec.to_builtins(details)
    return [(kind_words(name), _words(value)) for name, value in plain.items()]


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{kind_words(str(k)).lower()} {_words(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_words(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("_", " ")


def _consequences(claim: Claim, portrait: Portrait) -> list[Sentence]:
    found: list[Sentence] = []
    for name, read in portrait.numbers.items():
        if read.floor_claim == claim.id and read.floor:
            found.append((f"Erosion: legal stage {read.floor:.0f}.",))
        if claim.id in read.points:
            found.append((f"{name.capitalize()}: {read.points[claim.id]:.1f} points.",))
        if (reason := portrait.left_out[name].get(claim.id)) is not None:
            found.append((f"{name.capitalize()}: not counted, {reason}.",))
    effective = getattr(claim.details, "effective_date", None)
    if effective is not None and partial_date(effective).is_day:
        day: date = partial_date(effective).first_day
        found.append(("States that it takes effect on ", day, "."))
    return found


def _line(version: Version) -> LogLine:
    what = version.event.replace("_", " ").capitalize()
    if version.reason:
        what += f": {version.reason}"
    return LogLine(day=version.decided_at.date(), position=version.position, what=what)
