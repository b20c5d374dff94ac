"""A dossier from columns: which versions stand on a page of it, and the dossier once these are at
hand; never any I/O."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.governments import GOVERNMENTS
from domain.standing import Standing, standing_on
from domain.treaties import TREATIES
from domain.weights import Weights
from projections.board import standing_row
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.reckoning import Reckoned, latest_of
from projections.columnar.opened.explaining import placed, reason_of
from projections.columnar.terms.entering import Entered
from projections.columns import STATUSES, Ints, Mask
from projections.dossier import ENTRIES_MAX, MEASURES, SHOWN, STEPS_MAX, Dossier, entry, stages
from projections.effects import Effect
from projections.histories import Version

NOT_SHOWN: Final = tuple(code for code, status in enumerate(STATUSES) if status not in SHOWN)
"""Codes of the statuses of claims that stand on no timeline."""
STEPS_AT_ONCE: Final = 2_048
"""Among so many steps the last ones seen are looked for at a time."""


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """What a dossier is drawn from, claims named by where they were recorded: what was reckoned,
    the standings, the claims of the page and their points, how many `terms` each number has, so
    many of them `weighing` anything, why claims of the page do not count, the steps, all places
    that need a version, and those that need a name."""

    reckoned: Reckoned
    standings: dict[str, Standing]
    page: tuple[int, ...]
    points: dict[str, dict[int, float]]
    terms: dict[str, int]
    weighing: dict[str, int]
    left_out: dict[str, dict[int, str]]
    steps: tuple[int, ...]
    total: int
    places: tuple[tuple[date, int, int], ...]
    named: tuple[tuple[date, int, int], ...]


def outlined(
    reckoner: Reckoner, on: date, known_at: KnownAt, after: int, *, every: bool = False
) -> Outline:
    """The outline of a dossier, whose timeline begins after so many claims; `every`: claims that do
    not stand on a timeline are listed too."""
    seen = reckoner.seen(on, known_at)
    made = reckoner.entered_each(seen, on)
    law = reckoner.legal_rows(seen)
    reckoned = reckoner.reckoned(seen, on, made, law, surprises=True)
    is_shown = seen.copy()
    for code in () if every else NOT_SHOWN:
        is_shown &= reckoner.status != code
    shown = np.flatnonzero(is_shown)
    page = _latest_first(reckoner, shown, after + ENTRIES_MAX)[after:]
    steps = _steps(reckoner, seen)
    government = reckoner.government
    standings = {c: standing_on(t, government, reckoned.legal, on) for c, t in TREATIES.items()}
    told = {claim for one in standings.values() for claim in (*one.surprises, one.stated_by)}
    named = reckoner.places_of([f for f in reckoned.legal if every or f.claim in told], seen)
    if every and reckoned.floor_at is not None:
        at = reckoner.legal[law.at]
        named = np.concatenate([named, at[reckoner.recorded[at] == reckoned.floor_at]])
    places = set(placed(reckoner, np.concatenate([page, steps])))
    if (last := reckoned.latest) is not None:
        places.add((date.fromordinal(last.day), last.recorded, last.position))
    return Outline(
        reckoned=reckoned,
        standings=standings,
        page=tuple(reckoner.recorded[page].tolist()),
        points={
            measure: _points(reckoner, measure, reckoned, made[measure][0], page)
            for measure in MEASURES
        },
        terms={measure: len(made[measure][0].places) for measure in MEASURES},
        weighing={measure: int((made[measure][0].c > 0).sum()) for measure in MEASURES},
        left_out={
            measure: _left_out(reckoner, measure, made[measure][0], page) for measure in MEASURES
        },
        steps=tuple(reckoner.recorded[steps].tolist()),
        total=len(shown),
        places=tuple(sorted(places)),
        named=tuple(sorted(set(placed(reckoner, named)) - places)),
    )


def affected(
    reckoner: Reckoner, recorded: int, *, on: date, known_at: KnownAt
) -> dict[str, Effect]:
    """What the claim that was recorded at a position does to each number of the government, as
    `projections.effects` tells it."""
    seen = reckoner.seen(on, known_at)
    place = np.flatnonzero(seen & (reckoner.recorded == recorded))
    if not len(place):
        return {}
    made = reckoner.entered_each(seen, on)
    reckoned = reckoner.reckoned(seen, on, made, reckoner.legal_rows(seen))
    found: dict[str, Effect] = {}
    for measure in MEASURES:
        score = made[measure][0]
        weighs = bool((score.c[score.places == place[0]] > 0).any())
        points = _points(reckoner, measure, reckoned, score, place)
        left_out = _left_out(reckoner, measure, score, place)
        if measure == "erosion" and reckoned.floor and reckoned.floor_at == recorded:
            found[measure] = Effect(points=reckoned.floor, is_floor=True)
        elif weighs:
            found[measure] = Effect(points=points[recorded])
        elif recorded in left_out:
            found[measure] = Effect(points=None, reason=left_out[recorded])
    return found


def outlined_dossier(
    government: str,
    outline: Outline,
    versions: Mapping[int, Version],
    names: Mapping[str, str],
    *,
    on: date,
    known_at: str,
    weights: Weights,
    after: int,
) -> Dossier:
    """The dossier of an outline; `versions`: those at its places, by where they were recorded;
    `names`: of the claims that it only names, by where they were recorded, as text."""
    reckoned = outline.reckoned
    latest = None if reckoned.latest is None else versions[reckoned.latest.recorded]

    def name(recorded: str) -> str:
        return names.get(recorded) or versions[int(recorded)].claim.id

    def named(standing: Standing) -> Standing:
        by = standing.stated_by
        return msgspec.structs.replace(
            standing,
            surprises=tuple(map(name, standing.surprises)),
            stated_by=None if by is None else name(by),
        )

    points = {
        measure: {versions[recorded].claim.id: value for recorded, value in found.items()}
        for measure, found in outline.points.items()
    }
    steps = [versions[recorded] for recorded in outline.steps]
    following = after + ENTRIES_MAX
    return Dossier(
        government=government,
        name=GOVERNMENTS[government],
        on=on,
        known_at=known_at,
        methods=weights.methods,
        standings={code: standing_row(one) for code, one in outline.standings.items()},
        dates={code: named(one) for code, one in outline.standings.items()},
        stages={code: stages(steps, code) for code in TREATIES},
        erosion=reckoned.erosion,
        pressure=reckoned.pressure,
        backing=reckoned.backing,
        claims=reckoned.claims,
        latest=None if latest is None else latest_of(latest.claim),
        timeline=tuple(entry(versions[recorded], points) for recorded in outline.page),
        timeline_total=outline.total,
        next_after=following if following < outline.total else None,
    )


def _latest_first(reckoner: Reckoner, places: Ints, count: int) -> Ints:
    """The latest of some places, so many of them at most."""
    if len(places) > 4 * count:
        day = reckoner.day[places]
        least = -np.partition(-day, count)[count]
        places = places[day >= least]
    return _ordered(reckoner, places)[::-1][:count]


def _ordered(reckoner: Reckoner, places: Ints) -> Ints:
    return places[np.lexsort((reckoner.recorded[places], reckoner.day[places]))]


def _steps(reckoner: Reckoner, seen: Mask) -> Ints:
    """Of each treaty the last steps among the rows seen that count."""
    found: list[Ints] = [np.empty(0, np.int64)]
    for code in TREATIES:
        steps = reckoner.steps(code)
        last = len(steps)
        some: Ints = steps[:0]
        while last and len(some) < STEPS_MAX:  # the newest are at the end, and few are wanted
            begin = max(0, last - STEPS_AT_ONCE)
            part = steps[begin:last]
            some = np.concatenate([part[seen[part]], some])
            last = begin
        found.append(some[-STEPS_MAX:])
    return np.concatenate(found)


def _points(
    reckoner: Reckoner, measure: str, reckoned: Reckoned, score: Entered, page: Ints
) -> dict[int, float]:
    """What the claims of a page add to a number, by where they were recorded."""
    whole = getattr(reckoned, measure).score
    if measure == "erosion":
        whole -= reckoned.floor
    total = score.total
    is_shown = np.zeros(reckoner.pieces.size, np.bool_)
    is_shown[page] = True
    of_page = is_shown[score.places]
    return {
        int(recorded): whole * c / total if total else 0.0
        for recorded, c in zip(
            reckoner.recorded[score.places[of_page]].tolist(), score.c[of_page].tolist(),
            strict=True,
        )
    }  # fmt: skip


def _left_out(reckoner: Reckoner, measure: str, score: Entered, page: Ints) -> dict[int, str]:
    """Why claims of a page that may enter a number add nothing to it, by where they were
    recorded."""
    matched = page[reckoner.may_enter(measure, page)]
    enters = np.zeros(reckoner.pieces.size, np.bool_)
    enters[score.places] = True
    found = {}
    for place, is_in in zip(matched.tolist(), enters[matched].tolist(), strict=True):
        if not is_in or reckoner.q[place] == 0.0:
            found[int(reckoner.recorded[place])] = reason_of(reckoner, place, enters=is_in)
    return found
