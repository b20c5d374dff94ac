"""The legal facts of one government as they pass by in order of happening, of which only those are
kept that a standing or a floor may follow from, whatever is to come; never any I/O, and it decides
nothing itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from domain.standing import SURPRISES_MAX
from domain.treaties import TREATIES
from projections.columnar.legal.legal import FEW_ROWS_MAX, LegalRows
from projections.columnar.legal.milestones import JOINED, lasting
from projections.columnar.streams.filling import ROW
from projections.columnar.streams.orders import Table, through
from projections.columnar.streams.stream import HAPPENED, Stream
from projections.columns import COUNTED_MAX, POSSIBLE_MAX

KEPT_ROWS: Final = 1_024
"""From twice as many rows on as were left the last time, or from so many, those that nothing
follows from are let go."""
Decide = Callable[[Table], Table]


class Lawful:
    """The legal rows that passed by so far."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._limit = KEPT_ROWS
        self._counted = 0
        self._joinings = dict.fromkeys(range(len(TREATIES)), 0)
        self._untils: dict[int, tuple[int, int]] = {}
        self.rows = np.empty(0, ROW)

    def take(self, rows: Table) -> None:
        """Take the next ones."""
        self._counted += int((rows["status"] <= COUNTED_MAX).sum())
        self._note_joinings(rows)
        self.rows = np.concatenate([self.rows, rows])
        if len(self.rows) > self._limit:
            legal = self.told()
            everything = legal.legal(np.arange(len(self.rows)))
            places = lasting(everything, legal.stages(), self._until())
            if self._counted <= FEW_ROWS_MAX:  # so few are all read
                places = np.union1d(places, np.flatnonzero(legal.counted))
            self.rows = self.rows[places]
            self._limit = max(KEPT_ROWS, 2 * len(self.rows))

    def told(self) -> LegalRows:
        """What is left of them, for the law to be asked about."""
        stream, rows = self._stream, self.rows
        columns: dict[str, Any] = {name: rows[name] for name in ROW.names or ()}
        columns |= dict.fromkeys(("actor", "happening"), np.zeros(len(rows), np.int8))
        return LegalRows(
            stream.government,
            columns,
            (stream.profiles, stream.voices, [""], [""], stream.states),
            np.arange(len(rows)),
            role=stream.roles.astype(np.int16)[rows["profile"]],
            q=stream.grades[rows["voice"]],
            law=stream.law,
            until=self._until(),
            counted_total=self._counted,
        )

    def _note_joinings(self, rows: Table) -> None:
        """Remember after how many joinings no more claims are named that fit no standing: of those
        that are let go it could not be told."""
        roles = self._stream.roles[rows["profile"]]
        joins = (roles[:, 4] == JOINED) & (rows["status"] <= COUNTED_MAX)
        for treaty, before in self._joinings.items():
            some = rows[joins & (roles[:, 5] == treaty)]
            self._joinings[treaty] = before + len(some)
            if before <= SURPRISES_MAX < before + len(some):
                row = some[SURPRISES_MAX - before]
                self._untils[treaty] = int(row["day"]), int(row["recorded"])

    def _until(self) -> dict[int, int]:
        """Their places among the counted rows."""
        counted = self.rows[self.rows["status"] <= COUNTED_MAX]
        return {
            treaty: through(counted, HAPPENED, (day, recorded - 1))
            for treaty, (day, recorded) in self._untils.items()
        }


def legal_rows(stream: Stream, decide: Decide | None = None) -> Iterator[Table]:
    """The legal rows of a stream that may be true, in order of happening; `decide`: rows as they
    would be had the desk decided about some."""
    is_legal = stream.roles[:, 3] == 1
    for rows in stream.rows():
        legal = rows[is_legal[rows["profile"]]]
        if decide is not None:
            legal = decide(legal)
        yield legal[legal["status"] <= POSSIBLE_MAX]


def lawful(stream: Stream, decide: Decide | None = None) -> Lawful:
    """The legal rows of a stream, all of which passed by; see `legal_rows`."""
    found = Lawful(stream)
    for rows in legal_rows(stream, decide):
        found.take(rows)
    return found


def on_days(stream: Stream, days: Sequence[date]) -> Iterator[tuple[date, LegalRows]]:
    """On each of some days, which rise, what is left of the rows that had happened by it."""
    found = Lawful(stream)
    waiting = list(days)
    for rows in legal_rows(stream):
        begin = 0
        while waiting and len(rows) and rows["day"][-1] > waiting[0].toordinal():
            end = int(np.searchsorted(rows["day"], waiting[0].toordinal(), side="right"))
            found.take(rows[begin:end])
            yield waiting.pop(0), found.told()
            begin = end
        found.take(rows[begin:])
    for day in waiting:
        yield day, found.told()


def placed(rows: Table) -> Mapping[int, tuple[date, int, int]]:
    """The (day, recorded, position) of the versions of some rows, by where they were recorded."""
    columns = (rows[name].tolist() for name in ("day", "recorded", "position"))
    return {
        recorded: (date.fromordinal(day), recorded, position)
        for day, recorded, position in zip(*columns, strict=True)
    }
