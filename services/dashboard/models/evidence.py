"""One claim opened for the reader: what it says, on whose word, what follows, and its history;
pure."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from domain.claims import Claim
from domain.dates import partial_date
from domain.details import Details
from projections.histories import Version
from projections.portraits import Portrait
from services.dashboard.charts.series import MEASURE_NAMES
from services.dashboard.formats import date_text, short_number
from services.dashboard.forms.words import LABELS
from services.dashboard.language import _, count_text, decimal_text, told
from services.dashboard.models.shapes import Evidence, LogLine, Sentence, Source
from services.dashboard.names import CHOICES
from services.dashboard.states import GOVERNMENTS
from services.dashboard.words import EVENTS, kind_words, reason_words

MONEY: Final = frozenset({"amount_usd", "package_value_usd"})
"""Details whose name does not say well what they hold."""
_DAY: Final = re.compile(r"\d{4}-\d{2}(-\d{2})?")


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
    head, dot, _rest = text.partition(". ")
    return head + dot.strip() if dot else text


def details_in_words(details: Details) -> list[tuple[str, str]]:
    """The typed details of a claim as (name, value) in words."""
    plain = msgspec.to_builtins(details)
    words = {name: value_in_words(value) for name, value in plain.items()}
    if details.disputed:
        words["disputed"] = _("; ").join(
            _("%(label)s: %(value)s", label=kind_words(one.field), value=_either(one.values))
            for one in details.disputed
        )
    return [
        (_(LABELS[name]) if name in MONEY else kind_words(name), said)
        for name, said in words.items()
    ]


def _either(values: Sequence[int | str]) -> str:
    return _(" or ").join(value_in_words(value) for value in values)


def value_in_words(value: object) -> str:
    """What a field of a claim holds, its dates as the language writes them, and governments by
    name."""
    if isinstance(value, dict):
        return ", ".join(
            f"{kind_words(str(k)).lower()} {value_in_words(v)}" for k, v in value.items()
        )
    if isinstance(value, list | tuple):
        return _("; ").join(value_in_words(item) for item in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return count_text(value)
    if isinstance(value, float):
        return short_number(value)
    text = str(value)
    if text in GOVERNMENTS:
        return GOVERNMENTS[text]
    if text in CHOICES:
        return kind_words(text).lower()
    return date_text(text) if _DAY.fullmatch(text) else text.replace("_", " ")


def _consequences(claim: Claim, portrait: Portrait) -> list[Sentence]:
    found: list[Sentence] = []
    for name, read in portrait.numbers.items():
        word = MEASURE_NAMES[name]
        if read.floor_claim == claim.id and read.floor:
            floor = f"{read.floor:.0f}"
            found.append((_("%(measure)s: legal stage %(points)s.", measure=word, points=floor),))
        if claim.id in read.points:
            points = decimal_text(read.points[claim.id], 1)
            found.append((_("%(measure)s: %(points)s points.", measure=word, points=points),))
        if (reason := portrait.left_out[name].get(claim.id)) is not None:
            why = reason_words(reason)
            found.append((_("%(measure)s: not counted, %(why)s.", measure=word, why=why),))
    effective = getattr(claim.details, "effective_date", None)
    if effective is not None and partial_date(effective).is_day:
        day: date = partial_date(effective).first_day
        found.append(told("States that it takes effect on %(day)s.", day=day))
    return found


def _line(version: Version) -> LogLine:
    what = EVENTS.get(version.event) or kind_words(version.event)
    if version.reason:
        what += f": {version.reason}"
    return LogLine(day=version.decided_at.date(), position=version.position, what=what)
