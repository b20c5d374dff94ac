"""What is reckoned of a government as its claims pass by, the outline of its dossier, the course of
its numbers, and what a claim does to them; never any I/O."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from domain.facts import Facts
from domain.numbers import Figure
from domain.standing import STAGES, Standing, standing_on
from domain.treaties import TREATIES
from projections.columnar.legal.legal import LegalRows
from projections.columnar.numbers.reckoning import (
    Reckoned,
    eroded_figure,
    reckoned_of,
    voiced_figure,
)
from projections.columnar.opened.explaining import reason_for
from projections.columnar.opened.outlining import NOT_SHOWN, Outline
from projections.columnar.opened.portraying import (
    COURSE_POINTS,
    COURSE_ROWS_MAX,
    Courses,
    Drawn,
    course_days,
)
from projections.columnar.streams.filling import ROW
from projections.columnar.streams.lawful import lawful, on_days, placed
from projections.columnar.streams.opening import Number, places_among, ranked
from projections.columnar.streams.orders import Table
from projections.columnar.streams.stream import Stream
from projections.columnar.terms.entering import ERODING, MEASURES_AT
from projections.columns import COUNTED_MAX, POSSIBLE_MAX
from projections.dossier import ENTRIES_MAX, MEASURES, STEPS_MAX
from projections.effects import Effect
from projections.portraits import COURSES

Points = dict[str, dict[int, float]]
LeftOut = dict[str, dict[int, str]]
_NO_ROWS: Final = np.empty(0, ROW)


def reckoned(stream: Stream, law: LegalRows | None = None, *, surprises: bool = False) -> Reckoned:
    """The government on the day of the stream; see `Reckoner.reckon`."""
    law = law or lawful(stream).told()
    tallies = {measure: stream.tally(measure) for measure in MEASURES_AT}
    return reckoned_of(
        {measure: one.sums for measure, one in tallies.items()},
        law.floors(stream.on),
        stream.statuses[: POSSIBLE_MAX + 1].tolist(),
        acts=tallies["erosion"].terms,
        voices=tallies["pressure"].terms,
        latest=stream.latest,
        heard=tallies["pressure"].last,
        legal=law.milestones(surprises=surprises),
    )


def outlined(stream: Stream, after: int, *, every: bool = False) -> Outline:
    """See `projections.columnar.opened.outlining.outlined`."""
    law = lawful(stream).told()
    found = reckoned(stream, law, surprises=True)
    total, page = _latest_page(stream, after, every=every)
    steps = _steps(stream)
    government = stream.government
    standings = {
        code: standing_on(treaty, government, found.legal, stream.on)
        for code, treaty in TREATIES.items()
    }
    places = {*placed(np.concatenate([page, steps])).values()}
    if (last := found.latest) is not None:
        places.add((date.fromordinal(last.day), last.recorded, last.position))
    named = _named(law, found, standings, every=every)
    points, left_out = _of_page(stream, found, page)
    return Outline(
        reckoned=found,
        standings=standings,
        page=tuple(page["recorded"].tolist()),
        points=points,
        terms={measure: stream.tally(measure).terms for measure in MEASURES},
        weighing={measure: stream.tally(measure).weighing for measure in MEASURES},
        left_out=left_out,
        steps=tuple(steps["recorded"].tolist()),
        total=total,
        places=tuple(sorted(places)),
        named=tuple(sorted({*named.values()} - places)),
    )


def drawn(stream: Stream, courses: Courses | None = None) -> Drawn:
    """See `projections.columnar.opened.portraying.drawn`."""
    outline = outlined(stream, 0, every=True)
    if not stream.may_be_true:
        courses = {}
    elif courses is None:
        courses = {name: _course(stream, name) for name in COURSES}
    return Drawn(outline, courses)


def affected(stream: Stream, recorded: int) -> dict[str, Effect]:
    """See `projections.columnar.opened.outlining.affected`."""
    row = row_of(stream, recorded)
    if not len(row):
        return {}
    whole = reckoned(stream)
    points, left_out = _of_page(stream, whole, row)
    weighs = weighing(stream, [recorded])
    found: dict[str, Effect] = {}
    for measure in MEASURES:
        if measure == ERODING and whole.floor and whole.floor_at == recorded:
            found[measure] = Effect(points=whole.floor, is_floor=True)
        elif weighs[measure].get(recorded, 0.0) > 0:
            found[measure] = Effect(points=points[measure][recorded])
        elif recorded in left_out[measure]:
            found[measure] = Effect(points=None, reason=left_out[measure][recorded])
    return found


def row_of(stream: Stream, recorded: int) -> Table:
    """The row of the claim that was recorded at a position; none where it is not among them."""
    for rows in stream.rows():
        some: Table = rows[rows["recorded"] == recorded]
        if len(some):
            return some
    return _NO_ROWS


def weighing(stream: Stream, recorded: Sequence[int]) -> dict[str, dict[int, float]]:
    """What the claims recorded at some positions weigh in the score of each number they enter."""
    wanted = np.array(recorded, np.int64)
    found: dict[str, dict[int, float]] = {measure: {} for measure in MEASURES_AT}
    for measure, own in found.items():
        for some in stream.terms(measure):
            at = some.enters[0] & np.isin(some.rows["recorded"], wanted)
            own.update(zip(some.rows["recorded"][at].tolist(), some.c[0][at].tolist(), strict=True))
    return found


def _latest_page(stream: Stream, after: int, *, every: bool) -> tuple[int, Table]:
    """How many claims stand on a timeline, and the rows of a page of it, the latest first."""
    hidden = () if every else NOT_SHOWN
    total = int(stream.statuses.sum()) - sum(int(stream.statuses[code]) for code in hidden)
    end = max(0, total - after)
    begin, passed = max(0, end - ENTRIES_MAX), 0
    page = _NO_ROWS
    for rows in stream.rows():
        shown = rows[~np.isin(rows["status"], hidden)]
        page = np.concatenate([page, shown[max(0, begin - passed) : max(0, end - passed)]])
        passed += len(shown)
        if passed >= end:
            break
    return total, page[::-1]


def _steps(stream: Stream) -> Table:
    """Of each treaty the last counted steps."""
    told = {
        code: np.array([p.kind in STAGES and p.treaty == code for p in stream.profiles], np.bool_)
        for code in TREATIES
    }
    found = dict.fromkeys(TREATIES, _NO_ROWS)
    for rows in stream.rows():
        counted = rows[rows["status"] <= COUNTED_MAX]
        for code, is_step in told.items():
            steps = counted[is_step[counted["profile"]]]
            found[code] = np.concatenate([found[code], steps])[-STEPS_MAX:]
    return np.concatenate(list(found.values()))


def _named(
    law: LegalRows, found: Reckoned, standings: dict[str, Standing], *, every: bool
) -> dict[int, tuple[date, int, int]]:
    """The places of claims that are only named."""
    surprises = {claim for one in standings.values() for claim in one.surprises}
    legal: list[Facts] = [f for f in found.legal if every or f.claim in surprises]
    recorded = [fact.position for fact in legal]
    if every and found.floor_at is not None:
        recorded.append(found.floor_at)
    return places_among(law, recorded)


def _of_page(stream: Stream, whole: Reckoned, page: Table) -> tuple[Points, LeftOut]:
    """What the claims of a page add to each number, and why others of them add nothing, by where
    they were recorded."""
    points: Points = {}
    left_out: LeftOut = {}
    for measure in MEASURES:
        figure = getattr(whole, measure)
        floor = whole.floor if measure == ERODING else None
        number = Number(figure, floor, whole.floor_at, whole.sums[measure][0])
        mine = points[measure] = dict[int, float]()
        for some in stream.terms(measure):
            rows = ranked(some, number)
            rows = rows[(rows["enters"] == 1) & np.isin(rows["recorded"], page["recorded"])]
            mine.update(zip(rows["recorded"].tolist(), rows["points"].tolist(), strict=True))
        left_out[measure] = dict[int, str]()
        roles = stream.roles[page["profile"], MEASURES_AT.index(measure)]
        may = (roles >= 0) & (page["status"] <= POSSIBLE_MAX)
        if measure == "backing":
            may &= page["own"] == 0
        for row in page[may]:
            recorded, enters = int(row["recorded"]), int(row["recorded"]) in mine
            if not enters or stream.grades[row["voice"]] == 0.0:
                left_out[measure][recorded] = reason_for(int(row["status"]), enters=enters)
    return points, left_out


def _course(stream: Stream, measure: str) -> tuple[tuple[date, Figure], ...]:
    """A number on days of the time that is drawn, the first and the last among them."""
    wanted = COURSE_ROWS_MAX // max(1, stream.matched(measure))
    days = course_days(stream.on, min(max(wanted, COURSE_POINTS[0]), COURSE_POINTS[-1]))
    each = [(day, stream.tally(measure, day).sums) for day in days]
    if measure != ERODING:
        return tuple((day, voiced_figure(sums)) for day, sums in each)
    floors = {day: law.floors(day) for day, law in on_days(stream, days)}
    return tuple((day, eroded_figure(sums, floors[day])) for day, sums in each)
