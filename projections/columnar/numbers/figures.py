"""The numbers of one government reckoned from its columns, many claims at a stroke; never any I/O,
and never a law of its own: `domain.numbers` stays the readable one and the oracle.

`Reckoner` prepares the columns once for one set of weights; each question is then a few passes over
arrays, for any day and any point of knowledge.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date
from typing import Any, Final

import numpy as np

from domain.claims import Status
from domain.clocks import KnownAt
from domain.facts import Facts
from domain.numbers import Figure
from domain.standing import STAGES
from projections.columnar.legal.legal import LEGAL, Floor, LegalRows
from projections.columnar.numbers.reckoning import (
    LatestAt,
    Reckoned,
    Sums,
    eroded_figure,
    reckoned_of,
    voiced_figure,
)
from projections.columnar.numbers.steady import Steady
from projections.columnar.shelf.shelving import FACT_BYTES
from projections.columnar.terms.entering import (
    MEASURES_AT,
    NOBODY,
    Readings,
    Rows,
    readied,
)
from projections.columnar.terms.law import Law
from projections.columns import (
    CODED,
    COUNTED_MAX,
    OPEN,
    POSSIBLE_MAX,
    STATUSES,
    Ints,
    Mask,
    Pieces,
    ends_of,
    microseconds,
)

_SLIM: Final = ("position", "recorded", "day", "stated", "voices")
"""Columns that four bytes hold, unless the log is longer than that."""
_NARROW: Final = ("status", "own", *CODED[:-1])
"""Columns of codes, which one or two bytes may hold."""
_WIDTHS: Final = (np.int8, np.int16, np.int32)
_WHEN_BITS: Final = 40
ROW_BYTES: Final = 160
"""About how much memory a row takes once it is prepared."""


FACTS_KEPT_MAX: Final = 2_000
"""How many legal facts of a government are kept as the law reads them; about 1 MB."""


class Reckoner:
    """The columns of one government, prepared for one set of weights."""

    def __init__(self, government: str, pieces: Pieces, law: Law) -> None:
        pieces = _slimmed(pieces)
        self.government, self.pieces, self.law = government, pieces, law
        self.position_to, self.known_to = ends_of(pieces)
        columns = pieces.columns
        self.position, self.recorded = columns["position"], columns["recorded"]
        self.known: Ints = columns["known"]
        self.day, self.status = columns["day"], columns["status"]
        profiles, voices, *_ = pieces.words
        self._roles = law.roles(profiles)
        self._said = law.said(voices)
        self.q = self._said[columns["voice"], 2]
        self.legal = np.flatnonzero(self._roles[columns["profile"], 3])
        when = (self.day[self.legal].astype(np.int64) << _WHEN_BITS) + self.recorded[self.legal]
        order = np.argsort(when)
        self.legal, self._when = self.legal[order], when[order]
        self._legal: dict[str, Any] = {name: columns[name][self.legal] for name in LEGAL} | {
            "q": self.q[self.legal],
            "role": self._roles.astype(np.int16)[columns["profile"][self.legal]],
        }
        self._facts: dict[int, Facts] = {}
        self._steps: dict[str, Ints] = {}
        self._ready: dict[str, Steady | None] = {}

    def supposing(self, place: int, status: Status) -> "Reckoner":
        """The same columns, had the row at a place another status."""
        other = copy(self)
        other.status = self.status.copy()
        other.status[place] = STATUSES.index(status)
        other._legal = self._legal | {"status": other.status[self.legal]}
        other._facts, other._steps, other._ready = {}, {}, {}
        return other

    @property
    def size_bytes(self) -> int:
        """About how much memory this holds."""
        return ROW_BYTES * self.pieces.size + FACT_BYTES * len(self._facts)

    def reckon(self, on: date, known_at: KnownAt, *, surprises: bool = False) -> Reckoned:
        """The government on the day `on`, as known at `known_at`; with the first claims that fit
        no standing among its legal facts, where `surprises` are asked for."""
        seen = self.seen(on, known_at)
        return self.reckoned(seen, on, self.entered_each(seen, on), surprises=surprises)

    def reckoned(
        self,
        seen: Mask,
        on: date,
        made: Mapping[str, Readings],
        legal: LegalRows | None = None,
        *,
        surprises: bool = False,
    ) -> Reckoned:
        """The same of the rows seen, of which `made` enters the numbers and `legal` are legal."""
        counted = np.flatnonzero(seen & (self.status <= COUNTED_MAX))
        statuses = [
            int(np.count_nonzero(seen & (self.status == status)))
            for status in range(POSSIBLE_MAX + 1)
        ]
        legal = legal or self.legal_rows(seen)
        floors = legal.floors(on)
        heard = made["pressure"][0].places
        return reckoned_of(
            {measure: _sums_of(one) for measure, one in made.items()},
            floors,
            statuses,
            acts=len(made["erosion"][0].places),
            voices=len(heard),
            latest=self._latest(counted),
            heard=self._latest(heard),
            legal=legal.milestones(surprises=surprises),
        )

    def entered_each(self, seen: Mask, on: date) -> dict[str, Readings]:
        """What enters each of `MEASURES_AT` in its score, its low and its high bound."""
        return {measure: self.entered(measure, seen, on) for measure in MEASURES_AT}

    def seen(self, on: date, known_at: KnownAt) -> Mask:
        """The rows believed at `known_at` of claims that had happened by `on`."""
        seen: Mask = self.day <= on.toordinal()
        if known_at.moment is not None:
            moment = microseconds(known_at.moment)
            seen &= self.known <= moment
            seen &= self.known_to > moment
        elif known_at.position is not None:
            seen &= self.position <= known_at.position
            seen &= self.position_to > known_at.position
        else:
            seen &= self.position_to == OPEN
        return seen

    def row_of(self, measure: str, place: int) -> int:
        """The place in `law.rows` of what a row counts as in a number."""
        column = MEASURES_AT.index(measure)
        return int(self._roles[self.pieces.columns["profile"][place], column])

    def profiles_like(self, measure: str, place: int) -> Mask:
        """Of each profile, whether it counts in a number as that of the row at a place does."""
        column = self._roles[:, MEASURES_AT.index(measure)]
        like: Mask = column == self.row_of(measure, place)
        return like

    def rows_of(self, measure: str, places: Ints) -> Ints:
        """The same of the rows at some places."""
        column = MEASURES_AT.index(measure)
        found: Ints = self._roles[self.pieces.columns["profile"][places], column]
        return found

    def said_at(self, places: Ints) -> tuple[Any, Any]:
        """What the actors of the rows at some places weigh, and their shares of several
        targets."""
        said = self._said[self.pieces.columns["voice"][places]]
        return said[:, 0], said[:, 1]

    def floors(self, seen: Mask, on: date) -> list[Floor]:
        """The legal floor in the score, the low and the high bound, with where its claim was
        recorded."""
        return self.legal_rows(seen).floors(on)

    def milestones(self, seen: Mask, *, surprises: bool = False) -> list[Facts]:
        """The facts among the rows seen that standings follow from, in order of happening; see
        `projections.columnar.legal.milestones.milestones`."""
        return self.legal_rows(seen).milestones(surprises=surprises)

    def legal_rows(self, seen: Mask) -> LegalRows:
        """The legal rows seen that may be true, as a table of their own: see `legal`."""
        table = self._legal
        at = np.flatnonzero(seen[self.legal] & (table["status"] <= POSSIBLE_MAX))
        if len(self._facts) > FACTS_KEPT_MAX:
            self._facts.clear()
        return LegalRows(
            self.government,
            table,
            self.pieces.words,
            at,
            role=table["role"][at],
            q=table["q"][at],
            law=self.law,
            made=self._facts,
        )

    def places_of(self, facts: Sequence[Facts], seen: Mask) -> Ints:
        """Places of some of the legal facts seen."""
        when = [(fact.day.toordinal() << _WHEN_BITS) + fact.position for fact in facts]
        begins = np.searchsorted(self._when, when).tolist()
        ends = np.searchsorted(self._when, when, side="right").tolist()
        some = [self.legal[begin:end] for begin, end in zip(begins, ends, strict=True)]
        places: Ints = np.concatenate([self.legal[:0], *some])
        return places[seen[places]]

    def steps(self, treaty: str) -> Ints:
        """Places of the counted steps under a treaty, in order of happening, whenever they are
        seen."""
        if treaty not in self._steps:
            told = [p.kind in STAGES and p.treaty == treaty for p in self.pieces.words[0]]
            is_step = np.array(told, np.bool_)[self._legal["profile"]]
            counted = self._legal["status"] <= COUNTED_MAX
            self._steps[treaty] = self.legal[counted & is_step]
        return self._steps[treaty]

    def matched(self, measure: str, seen: Mask) -> Ints:
        """Places of the rows seen that may enter a number."""
        columns = self.pieces.columns
        column = MEASURES_AT.index(measure)
        mask = seen & (self.status <= POSSIBLE_MAX)
        mask &= (self._roles[:, column] >= 0)[columns["profile"]]
        if measure == "backing":
            mask &= columns["own"] == 0
        return np.flatnonzero(mask)

    def may_enter(self, measure: str, places: Ints) -> Mask:
        """Which of some rows may enter a number, where they are seen."""
        column = MEASURES_AT.index(measure)
        found: Mask = self._roles[self.pieces.columns["profile"][places], column] >= 0
        found &= self.status[places] <= POSSIBLE_MAX
        if measure == "backing":
            found &= self.pieces.columns["own"][places] == 0
        return found

    def entered(self, measure: str, seen: Mask, on: date) -> Readings:
        """What enters a number in its score, its low and its high bound."""
        ready = self.readied(measure)
        if ready is None:
            return NOBODY, NOBODY, NOBODY
        return ready.enter(seen, on.toordinal())

    def readied(self, measure: str) -> Steady | None:
        """All rows that may enter a number, whenever they are seen, made ready once."""
        if measure not in self._ready:
            at = self.matched(measure, np.ones(self.pieces.size, np.bool_))
            ready = readied(self.rows(at), measure, self.law) if len(at) else None
            if ready is not None:
                ready.at = at[ready.at]
            self._ready[measure] = None if ready is None else Steady(ready)
        return self._ready[measure]

    def rows(self, at: Ints) -> Rows:
        """The rows at some places, for the reckoning."""
        columns = self.pieces.columns
        return Rows(
            government=np.zeros(len(at), np.int64),
            recorded=self.recorded[at],
            day=self.day[at],
            status=self.status[at],
            voices=columns["voices"][at],
            own=columns["own"][at],
            actor=columns["actor"][at],
            happening=columns["happening"][at],
            profile=columns["profile"][at],
            voice=columns["voice"][at],
            role=self._roles,
            said=self._said,
            none=self.no_happening,
        )

    @property
    def no_happening(self) -> int:
        """The code of claims that were declared the same as no other; -1 where there are none."""
        happenings = self.pieces.words[3]
        return happenings.index("") if "" in happenings else -1

    def _latest(self, some: Ints) -> LatestAt | None:
        if not len(some):
            return None
        day = self.day[some]
        last = some[day == day.max()]
        place = last[self.recorded[last].argmax()]
        return LatestAt(int(self.day[place]), int(self.recorded[place]), int(self.position[place]))


def voiced_of(made: Readings) -> Figure:
    """Pressure or backing, by what enters it."""
    return voiced_figure(_sums_of(made))


def eroded_of(made: Readings, floors: list[Floor]) -> Figure:
    """Erosion, by what enters it and the legal floors."""
    return eroded_figure(_sums_of(made), floors)


def _sums_of(made: Readings) -> Sums:
    return made[0].total, made[1].total, made[2].total


def _slimmed(pieces: Pieces) -> Pieces:
    """The same in less memory: days, counts and codes in as few bytes as hold them."""
    columns: dict[str, Any] = dict(pieces.columns)
    for name in (*_SLIM, *_NARROW):
        widths = _WIDTHS if name in _NARROW else _WIDTHS[-1:]
        most = int(columns[name].max(initial=0))
        width = next((one for one in widths if most <= np.iinfo(one).max), np.int64)
        columns[name] = columns[name].astype(width, copy=False)
    return Pieces(columns, pieces.words, pieces.closings)
