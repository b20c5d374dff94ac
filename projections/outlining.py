"""A dossier from columns: which versions stand on a page of it, and the dossier once these are at
hand; never any I/O."""

from collections.abc import Mapping
from datetime import date

import msgspec
import numpy as np

from domain.clocks import KnownAt
from domain.governments import GOVERNMENTS
from domain.standing import STAGES, standing_on
from domain.treaties import TREATIES
from domain.weights import Weights
from projections.columns import COUNTED_MAX, STATUSES, Ints
from projections.dossier import ENTRIES_MAX, MEASURES, SHOWN, STEPS_MAX, Dossier, entry, stages
from projections.figures import Reckoned, Reckoner
from projections.histories import Version
from projections.reckoning import reckoned_row


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """What a dossier is drawn from, claims named by where they were recorded: what was reckoned,
    the claims of the page and their points, the steps, all places that need a version."""

    reckoned: Reckoned
    page: tuple[int, ...]
    points: dict[str, dict[int, float]]
    steps: tuple[int, ...]
    total: int
    places: tuple[tuple[date, int, int], ...]


def outlined(reckoner: Reckoner, on: date, known_at: KnownAt, after: int) -> Outline:
    """The outline of a dossier, whose timeline begins after so many claims."""
    seen = reckoner.seen(on, known_at)
    reckoned = reckoner.reckon(on, known_at, surprises=True)
    codes = [code for code, status in enumerate(STATUSES) if status in SHOWN]
    shown = _ordered(reckoner, np.flatnonzero(seen & np.isin(reckoner.status, codes)))[::-1]
    page = shown[after : after + ENTRIES_MAX]
    steps = _steps(reckoner, np.flatnonzero(seen & (reckoner.status <= COUNTED_MAX)))
    legal = [int(fact.claim) for fact in reckoned.legal]
    named = np.flatnonzero(seen & np.isin(reckoner.recorded, legal))
    latest = [] if reckoned.latest is None else [reckoned.latest.recorded]
    last = np.flatnonzero(seen & np.isin(reckoner.recorded, latest))
    places = np.unique(np.concatenate([page, steps, named, last]))
    return Outline(
        reckoned=reckoned,
        page=tuple(reckoner.recorded[page].tolist()),
        points={
            measure: _points(reckoner, measure, reckoned, page, on, known_at)
            for measure in MEASURES
        },
        steps=tuple(reckoner.recorded[steps].tolist()),
        total=len(shown),
        places=tuple(
            (date.fromordinal(int(reckoner.day[p])), int(reckoner.recorded[p]),
             int(reckoner.position[p]))
            for p in places
        ),
    )  # fmt: skip


def outlined_dossier(
    government: str,
    outline: Outline,
    versions: Mapping[int, Version],
    *,
    on: date,
    known_at: str,
    weights: Weights,
    after: int,
) -> Dossier:
    """The dossier of an outline; `versions`: those at its places, by where they were recorded."""
    reckoned = outline.reckoned
    legal = [
        msgspec.structs.replace(fact, claim=versions[fact.position].claim.id)
        for fact in reckoned.legal
    ]
    latest = None if reckoned.latest is None else versions[reckoned.latest.recorded]
    row = reckoned_row(government, reckoned, latest, on)
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
        standings=row.standings,
        dates={code: standing_on(t, government, legal, on) for code, t in TREATIES.items()},
        stages={code: stages(steps, code) for code in TREATIES},
        erosion=row.erosion,
        pressure=row.pressure,
        backing=row.backing,
        claims=row.claims,
        latest=row.latest,
        timeline=tuple(entry(versions[recorded], points) for recorded in outline.page),
        timeline_total=outline.total,
        next_after=following if following < outline.total else None,
    )


def _ordered(reckoner: Reckoner, places: Ints) -> Ints:
    return places[np.lexsort((reckoner.recorded[places], reckoner.day[places]))]


def _steps(reckoner: Reckoner, counted: Ints) -> Ints:
    """Of each treaty the last steps among some rows."""
    profiles = reckoner.pieces.words[0]
    found: list[Ints] = [np.empty(0, np.int64)]
    for code in TREATIES:
        codes = [i for i, p in enumerate(profiles) if p.kind in STAGES and p.treaty == code]
        mine = counted[np.isin(reckoner.pieces.columns["profile"][counted], codes)]
        found.append(_ordered(reckoner, mine)[-STEPS_MAX:])
    return np.concatenate(found)


def _points(
    reckoner: Reckoner, measure: str, reckoned: Reckoned, page: Ints, on: date, known_at: KnownAt
) -> dict[int, float]:
    """What the claims of a page add to a number, by where they were recorded."""
    seen = reckoner.seen(on, known_at)
    score = reckoner.entered(measure, seen, on)[0]
    share = getattr(reckoned, measure).score
    if measure == "erosion":
        share -= reckoner.floors(seen, on)[0][0]
    total = score.total
    of_page = np.isin(score.places, page)
    return {
        int(recorded): share * c / total if total else 0.0
        for recorded, c in zip(
            reckoner.recorded[score.places[of_page]].tolist(), score.c[of_page].tolist(),
            strict=True,
        )
    }  # fmt: skip
