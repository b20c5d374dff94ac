"""What the page Today is drawn from: what standings follow from, the numbers of every government,
and what came to be known last; a pure question that never words anything.

`morning` asks versions and the readable law; of a long log columns give the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from domain.numbers import Figure, Measure, figure
from domain.standing import Standing
from domain.treaties import TREATIES
from domain.weights import Weights
from projections.board import by_government
from projections.dossier import MEASURES
from projections.histories import Version
from projections.parties import standings
from projections.worklists import MeasureName, is_little_criticised

LATEST_MAX: Final = 8
"""How many happenings that came to be known last are told."""
TOLD_MAX: Final = 24
"""Of how many governments is told what they do and hear; more are a list by themselves."""
ERODING_MIN: Final = 1.0
"""From this erosion on a government is told of, unless it is little criticised anyway."""
EFFECT_MIN: Final = 0.05
"""By fewer points a claim is not said to have moved a number."""
SHOWN: Final[tuple[MeasureName, ...]] = ("erosion", "pressure", "backing")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one government: `acts` and `voices` count the claims that enter erosion, its
    legal floor being one, and pressure; `heard` is the last claim that enters pressure."""

    erosion: Figure
    pressure: Figure
    acts: int
    voices: int
    heard: Version | None


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What one claim does to a number of one government; `is_floor`: as the legal stage."""

    government: str
    measure: MeasureName
    points: float
    is_floor: bool


class Morning(msgspec.Struct, frozen=True, kw_only=True):
    """The day `on` as known by the second clock: `standings` by treaty and government; of
    governments that do much or hear little what is `told`, how many `further` ones there are of
    whom nothing is told, and how many of all are `little` criticised; the `latest` happenings with
    the `effects` of their claims; how many `records` there are, None where they were not counted.
    """

    standings: dict[str, dict[str, Standing]]
    told: dict[str, Told]
    further: int
    little: int
    latest: tuple[Version, ...]
    effects: dict[str, tuple[Effect, ...]]
    records: int | None


def is_told(erosion: Figure | Measure, pressure: Figure | Measure) -> bool:
    """Whether a government does much, or does more than it hears."""
    return erosion.high >= ERODING_MIN or is_little_criticised(erosion, pressure)


class Picked(msgspec.Struct, frozen=True):
    """Governments of whom is told, by code; how many more there are, and how many of all are little
    criticised."""

    codes: tuple[str, ...]
    further: int
    little: int


def picked(numbers: Mapping[str, tuple[Figure, Figure]]) -> Picked:
    """Of governments with their erosion and pressure those of whom is told: the little criticised
    before others, then those that erode most."""
    told = [code for code, (eroded, pressed) in numbers.items() if is_told(eroded, pressed)]
    little = {code for code in told if is_little_criticised(*numbers[code])}
    told.sort(key=lambda code: (code not in little, -round(numbers[code][0].score, 6), code))
    some = told[:TOLD_MAX]
    return Picked(tuple(sorted(some)), len(told) - len(some), len(little))


def morning(versions: Sequence[Version], *, on: date, weights: Weights) -> Morning:
    """The morning over the believed `versions`, in the order of recording."""
    facts = [version.facts for version in versions]
    by_claim = {version.claim.id: version for version in versions}
    grouped = by_government(facts)
    measured = {
        code: {name: of(some, code, on, weights) for name, of in MEASURES.items()}
        for code, some in grouped.items()
        if some
    }
    happened = [v for v in versions if v.claim.date.representative_day <= on]
    latest = latest_happenings(sorted(happened, key=_lateness))
    leads = {v.claim.id: v for v in happened}
    latest = tuple(leads.get(v.happening, v) for v in latest)
    some = picked(
        {code: (figure(m["erosion"]), figure(m["pressure"])) for code, m in measured.items()}
    )
    return Morning(
        standings={code: standings(treaty, facts, on) for code, treaty in TREATIES.items()},
        told={code: _told(measured[code], by_claim) for code in some.codes},
        further=some.further,
        little=some.little,
        latest=latest,
        effects={v.claim.id: _effects(v, measured) for v in latest},
        records=len(happened),
    )


def _lateness(version: Version) -> tuple[float, int, int]:
    """Sorts what came to be known last before the rest; of one moment as it was recorded."""
    return -version.known_from.timestamp(), -version.position, version.recorded_position


def latest_happenings(latest: Iterable[Version]) -> tuple[Version, ...]:
    """The first `LATEST_MAX` happenings among versions, those that came to be known last first.

    Of claims declared the same the first one is given; the one that the happening is named by
    stands for it, where that has happened too.
    """
    found: dict[str, Version] = {}
    for version in latest:
        if version.happening not in found:
            found[version.happening] = version
            if len(found) == LATEST_MAX:
                break
    return tuple(found.values())


def _told(found: Mapping[str, Measure], by_claim: Mapping[str, Version]) -> Told:
    eroded, pressed = found["erosion"], found["pressure"]
    return Told(
        erosion=figure(eroded),
        pressure=figure(pressed),
        acts=len(eroded.terms) + (eroded.floor_claim is not None),
        voices=len(pressed.terms),
        heard=by_claim[pressed.terms[-1].claim] if pressed.terms else None,
    )


def _effects(version: Version, measured: Mapping[str, Mapping[str, Measure]]) -> tuple[Effect, ...]:
    claim = version.claim.id
    found: list[Effect] = []
    for code in version.claim.targets:
        for name in SHOWN:
            measure = measured[code][name]
            if measure.floor_claim == claim and measure.floor:
                found.append(
                    Effect(government=code, measure=name, points=measure.floor, is_floor=True)
                )
            found += (
                Effect(government=code, measure=name, points=term.points, is_floor=False)
                for term in measure.terms
                if term.claim == claim and term.points >= EFFECT_MIN
            )
    return tuple(found)
