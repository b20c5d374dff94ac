"""What single claims do to the numbers of a government, and what deciding about them would narrow,
as its claims pass by; never any I/O, and it keeps no supposition.

A claim moves what was declared the same as it, and what the same speakers said by the same
instruments within the days of repetition: that alone is held.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from domain.claims import Status
from domain.numbers import NOVELTY_DAYS, SURE, Figure
from projections.columnar.legal.flooring import leaves
from projections.columnar.legal.legal import Floor
from projections.columnar.numbers.adding import effects_by
from projections.columnar.numbers.reckoning import Reckoned, Sums, eroded_figure, voiced_figure
from projections.columnar.streams.lawful import lawful
from projections.columnar.streams.orders import Table, through
from projections.columnar.streams.outlining import weighing
from projections.columnar.streams.stream import GROUP, RECKONED, SAME, TERM, Stream
from projections.columnar.terms.entering import ERODING, MEASURES_AT, Rows, entered
from projections.columns import POSSIBLE_MAX, STATUSES, Mask
from projections.mornings import Effect
from projections.worklists import MeasureName, Narrowing, narrowing

CLAIMS_AT_ONCE: Final = 16
"""What stands beside so many claims is held together."""
_LAST: Final = 2**63 - 1


def effects_of(
    stream: Stream, claims: Iterable[int], reckoned: Reckoned
) -> dict[int, list[Effect]]:
    """See `projections.columnar.numbers.adding.effects_of`."""
    wanted = list(claims)
    weighs = weighing(stream, wanted)
    there = {int(one) for row in rows_of(stream, wanted).values() for one in row["recorded"]}
    return effects_by(
        stream.government,
        wanted,
        reckoned,
        lambda measure, claim: [weighs[measure].get(claim, 0.0)] if claim in there else [],
    )


def narrowings_of(
    stream: Stream, claims: Iterable[int], reckoned: Reckoned
) -> dict[int, list[Narrowing]]:
    """See `projections.columnar.numbers.supposing.narrowings_of`."""
    found: dict[int, list[Narrowing]] = {}
    wanted = list(claims)
    for begin in range(0, len(wanted), CLAIMS_AT_ONCE):
        rows = rows_of(stream, wanted[begin : begin + CLAIMS_AT_ONCE])
        moved = {claim: _moved_by(stream, row) for claim, row in rows.items()}
        measures = sorted({measure for some in moved.values() for measure in some})
        beside = {m: _beside(stream, m, rows) for m in measures}
        for claim, row in rows.items():
            for measure in moved[claim]:
                how = _Supposing(stream, reckoned, measure, beside[measure], row)
                one = narrowing(
                    stream.government,
                    measure,
                    getattr(reckoned, measure),
                    how.figure("accepted"),
                    how.figure("rejected"),
                )
                if one is not None:
                    found.setdefault(claim, []).append(one)
    return found


def rows_of(stream: Stream, claims: Collection[int]) -> dict[int, Table]:
    """The rows of the claims recorded at some positions, as far as they are among them, in the
    order in which they are named."""
    wanted = np.array(sorted(claims), np.int64)
    found: dict[int, Table] = {}
    for rows in stream.rows():
        for row in rows[np.isin(rows["recorded"], wanted)]:
            found[int(row["recorded"])] = row.reshape(1)
    return {claim: found[claim] for claim in claims if claim in found}


def _beside(stream: Stream, measure: str, claims: Mapping[int, Table]) -> Table:
    """Of the rows that may enter a number those that decide what some claims weigh there, or weigh
    otherwise because of them.

    Those are what the same speaker said by the same instrument, within the days of repetition, as
    each of them or anything declared the same as it; and what was declared the same as any of that.
    Of what else is among them the sums are the same, whatever is supposed.
    """
    column = MEASURES_AT.index(measure)
    some = (row for row in claims.values() if stream.roles[row["profile"][0], column] >= 0)
    own = [np.empty(0, TERM), *(stream.entering_rows(row, measure) for row in some)]
    mine = [*own, *_same(stream, measure, np.concatenate(own))]
    near = [*mine, *_near(stream, measure, np.concatenate(mine))]
    whole = np.concatenate([*near, *_same(stream, measure, np.concatenate(near))])
    found: Table = whole[np.unique(whole["recorded"], return_index=True)[1]]
    return found


def _same(stream: Stream, measure: str, rows: Table) -> list[Table]:
    """What was declared the same as any of some rows."""
    told = rows[_is_told(rows)]
    if not len(told):
        return []
    return [
        some[_is_told(some) & np.isin(some[SAME[0]], told[SAME[0]])]
        for some in stream.entering(measure)
    ]


def _is_told(rows: Table) -> Mask:
    found: Mask = (rows[SAME[0]] != 0) | (rows[SAME[1]] != 0)
    return found


def _near(stream: Stream, measure: str, rows: Table) -> list[Table]:
    """What the same speakers said by the same instruments within days of any of some rows."""
    if measure == ERODING:
        return []
    reach = NOVELTY_DAYS - 1
    windows = {(tuple(int(row[name]) for name in GROUP), int(row["day"])) for row in rows}
    found = []
    for some in stream.entering(measure):
        for group, day in windows:
            begin = through(some, RECKONED, (*group, day - reach, -1))
            end = through(some, RECKONED, (*group, day + reach, _LAST))
            if end > begin:
                found.append(some[begin:end].copy())
    return found


class _Supposing:
    """One number of one government, of which one claim is supposed to have another status."""

    def __init__(
        self,
        stream: Stream,
        reckoned: Reckoned,
        measure: MeasureName,
        beside: Table,
        row: Table,
    ) -> None:
        self.stream, self.reckoned, self.measure = stream, reckoned, measure
        self.beside, self.row = beside, row
        self.claim = int(row["recorded"][0])
        role = stream.roles[row["profile"][0]]
        self.enters = bool(role[MEASURES_AT.index(measure)] >= 0)
        self.is_legal = bool(role[3])

    def figure(self, status: Status) -> Figure:
        """The number if the claim had that status."""
        some = self.beside if self.enters else np.empty(0, TERM)
        other = some.copy()
        other["status"][other["recorded"] == self.claim] = STATUSES.index(status)
        before, after = self._sums(some), self._sums(other)
        whole = self.reckoned.sums[self.measure]
        low, middle, high = (
            max(0.0, w - b + a) for w, b, a in zip(whole, before, after, strict=True)
        )
        sums = low, middle, high
        if self.measure != ERODING:
            return voiced_figure(sums)
        return eroded_figure(sums, self._floors(STATUSES.index(status)))

    def _floors(self, status: int) -> Sequence[Floor]:
        now, stream, row = self.reckoned.floors, self.stream, self.row
        if not self.is_legal:
            return now
        before = int(row["status"][0])
        then = status if status <= POSSIBLE_MAX else None
        profile = stream.profiles[int(row["profile"][0])]
        is_sure = bool(stream.grades[row["voice"][0]] >= SURE)
        if before <= POSSIBLE_MAX and leaves(
            stream.law, profile, before, then, now, is_sure=is_sure
        ):
            return now

        def decide(rows: Table) -> Table:
            rows["status"][rows["recorded"] == self.claim] = status
            return rows

        return lawful(stream, decide).told().floors(stream.on)

    def _sums(self, rows: Table) -> Sums:
        some = rows[rows["status"] <= POSSIBLE_MAX]
        if not len(some):
            return 0.0, 0.0, 0.0
        on = self.stream.on.toordinal()
        made = entered(_plain(self.stream, some), self.measure, on, self.stream.law)
        return made[0].total, made[1].total, made[2].total


def _plain(stream: Stream, rows: Table) -> Rows:
    """Some rows for the reckoning; speakers and happenings are told apart by numbers of their
    own."""
    nobody = np.zeros(1, rows.dtype)
    whole = np.concatenate([nobody, rows])
    actor, happening = (
        np.unique(np.stack([whole[f"{n}_{half}"] for half in "ab"], axis=1), axis=0,
                  return_inverse=True)[1].reshape(-1)
        for n in ("actor", "happening")
    )  # fmt: skip
    return Rows(
        government=np.zeros(len(rows), np.int64),
        recorded=rows["recorded"],
        day=rows["day"].astype(np.int64),
        status=rows["status"],
        voices=rows["voices"],
        own=np.zeros(len(rows), np.int8),
        actor=actor[1:],
        happening=happening[1:],
        profile=rows["profile"],
        voice=rows["voice"],
        role=stream.roles,
        said=stream.said,
        none=int(happening[0]),
    )


def _moved_by(stream: Stream, row: Table) -> list[MeasureName]:
    """The numbers that one row can move at all."""
    role = dict(zip(MEASURES_AT, stream.roles[row["profile"][0]].tolist(), strict=False))
    is_legal = bool(stream.roles[row["profile"][0], 3])
    measures: list[MeasureName] = []
    if role["pressure"] >= 0:
        measures.append("pressure")
    if role["erosion"] >= 0 or is_legal:
        measures.append("erosion")
    if role["backing"] >= 0 and not row["own"][0]:
        measures.append("backing")
    return measures
