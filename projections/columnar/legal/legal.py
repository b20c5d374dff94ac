"""The legal facts of one government among its columns, and what standings and floors follow from;
it decides nothing itself: the law in `domain` reads the facts it makes."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from itertools import repeat
from typing import Any, Final

import numpy as np

from domain.facts import Facts
from domain.floors import floor_of
from domain.numbers import SURE
from projections.columnar.legal.milestones import (
    CONFLICT,
    JOINED,
    REVERSED,
    Legal,
    changes,
    milestones,
    present,
    stages_since,
)
from projections.columnar.terms.entering import Floats
from projections.columnar.terms.law import Law
from projections.columns import COUNTED_MAX, STATUSES, Ints, Mask, Profile

READINGS: Final = ("score", "low", "high")
FEW_ROWS_MAX: Final = 48
"""So few legal facts are all read by the law: choosing among them takes longer."""

DAYS_KEPT: Final = 4_096
"""Of so many days it is kept how they are written; about 1 MB."""

Floor = tuple[float, str | None]
NO_FLOORS: Final[list[Floor]] = [(0.0, None)] * len(READINGS)


LEGAL: Final = (
    *("profile", "voice", "day", "stated", "recorded", "status", "happening", "states", "actor"),
    "voices",
)


def facts_at(
    governments: Iterable[str], columns: dict[str, Any], words: tuple[list[Any], ...], at: Ints
) -> list[Facts]:
    """What some rows say, each under a government, as the law reads it; their claims are named by
    where they were recorded."""
    profiles, voices, actors, happenings, states, *_ = words
    found = []
    values = zip(governments, *(columns[name][at].tolist() for name in LEGAL), strict=True)
    for code, profiled, voiced, day_at, stated, recorded, status, told, by, actor, spoken in values:
        profile: Profile = profiles[profiled]
        voice = voices[voiced]
        day, written = _day(day_at)
        name = str(recorded)
        found.append(
            Facts(
                claim=name,
                position=recorded,
                happening=happenings[told] or name,
                status=STATUSES[status],
                kind=profile.kind,
                treaty=profile.treaty,
                occurred_on=f"{written}~" if profile.about else written,
                first=day,
                last=day,
                day=day,
                targets=(code,),
                states=states[by],
                actor=actors[actor],
                actors=voice.actors,
                signatories=spoken,
                reliabilities=voice.reliabilities,
                stance=profile.stance,
                forum=profile.forum,
                strength=profile.strength,
                stated=_day(stated)[0] if stated else None,
                carried=profile.carried,
                engaged=profile.engaged,
                summary="",
            )
        )
    return found


@lru_cache(maxsize=DAYS_KEPT)
def _day(ordinal: int) -> tuple[date, str]:
    day = date.fromordinal(ordinal)
    return day, day.isoformat()


class LegalRows:
    """The legal rows of one government that are believed and may be true, in order of happening.

    `at`: their places in the columns; `role` and `q` are of those rows, see `Law`; `made`: facts
    that are at hand, by their place.
    """

    def __init__(
        self,
        government: str,
        columns: dict[str, Ints],
        words: tuple[list[Any], ...],
        at: Ints,
        *,
        role: Ints,
        q: Floats,
        law: Law,
        made: dict[int, Facts] | None = None,
        until: Mapping[int, int] | None = None,
        counted_total: int | None = None,
    ) -> None:
        """`until`: see `projections.columnar.legal.milestones.milestones`, of the counted ones;
        `counted_total`: how many of these there were before some were left out."""
        self._until, self._counted_total = until, counted_total
        self.government, self.columns, self.words, self.at = government, columns, words, at
        self.role, self.q, self.law = role, q, law
        self.status = columns["status"][at]
        self.counted: Mask = self.status <= COUNTED_MAX
        self._made: dict[int, Facts] = {} if made is None else made

    def until(self, day: date) -> "LegalRows":
        """Those that had happened by a day."""
        days = self.columns["day"][self.at]
        count = int(np.searchsorted(days, day.toordinal(), side="right"))
        return LegalRows(
            self.government,
            self.columns,
            self.words,
            self.at[:count],
            role=self.role[:count],
            q=self.q[:count],
            law=self.law,
            made=self._made,
        )

    def milestones(self, *, surprises: bool = False) -> list[Facts]:
        """The counted facts that standings follow from, in order of happening; see
        `projections.columnar.legal.milestones.milestones`."""
        counted = np.flatnonzero(self.counted)
        total = len(counted) if self._counted_total is None else self._counted_total
        if total <= FEW_ROWS_MAX:
            return self._facts(counted)
        chosen = milestones(self.legal(counted), surprises=surprises, until=self._until)
        return self._facts(counted[chosen])

    def floors(self, on: date, *, few_max: int | None = None) -> list[Floor]:
        """The legal floor in each of `READINGS`, with where its claim was recorded.

        `few_max`: so many facts are read by the law without choosing among them, which is sooner
        done where many days are asked about.
        """
        few = FEW_ROWS_MAX if few_max is None else few_max
        if not len(self.at):
            return NO_FLOORS
        reports = np.flatnonzero((self.role[:, 4] == CONFLICT) & self.counted)
        reports = reports[changes(self.role[reports, 6])]
        found: list[Floor] = []
        known: dict[bytes, Floor] = {}
        for chosen in self._stages(few):
            key = chosen.tobytes()
            if key not in known:
                stages = self._facts(self._reached(chosen, few))
                about = sorted([*stages, *self._facts(reports)], key=lambda f: f.order)
                known[key] = floor_of(stages, about, self.government, on, self.law.weights)
            found.append(known[key])
        return found

    def stages(self) -> tuple[Mask, ...]:
        """Which rows set a stage, in each of `READINGS`."""
        is_stage: Mask = self.role[:, 8] == 1
        sure = (self.status == 0) & (self.q >= SURE)
        return is_stage & (self.status <= COUNTED_MAX), is_stage & sure, is_stage

    def _stages(self, few: int) -> list[Ints]:
        """The rows that set a stage, in each of `READINGS`; of many those before a reversal that
        counts in every reading are left out, but for the first of each treaty and the first
        joining."""
        stages = np.flatnonzero(self.role[:, 8] == 1)
        readings = tuple(one[stages] for one in self.stages())
        sure = readings[1]
        if len(stages) > few:
            kind, treaty = self.role[stages, 4], self.role[stages, 5]
            resets = np.flatnonzero(sure & (kind == REVERSED))
            keep = np.zeros(len(stages), np.bool_)
            for one in present(treaty):
                mine = treaty == one
                for reading in readings:
                    keep[np.argmax(mine & reading)] = True
                    keep[np.argmax(mine & reading & (kind == JOINED))] = True
                last = resets[treaty[resets] == one][-1:]
                begin = int(last[0]) if len(last) else 0
                keep[begin:] |= mine[begin:]
            readings = tuple(reading & keep for reading in readings)
        return [stages[reading] for reading in readings]

    def _reached(self, chosen: Ints, few: int) -> Ints:
        """Of some rows those that a floor may follow from: of each treaty the first, which decides
        between equals, the first joining, and those since the last reversal."""
        if len(chosen) <= few:
            return chosen
        kind, treaty = self.role[chosen, 4], self.role[chosen, 5]
        keep = np.zeros(len(chosen), np.bool_)
        for one in present(treaty):
            mine = np.flatnonzero(treaty == one)
            keep[mine[0]] = True
            keep[mine[kind[mine] == JOINED][:1]] = True
            resets = mine[kind[mine] == REVERSED]
            keep[mine[mine >= resets[-1]] if len(resets) else mine] = True
        since = chosen[keep]
        if len(since) <= few:
            return since
        return since[stages_since(self.legal(since))]

    def legal(self, some: Ints) -> Legal:
        """Some of them as `projections.columnar.legal.milestones` chooses among them."""
        at, role = self.at[some], self.role[some]
        return Legal(
            profile=self.columns["profile"][at],
            kind=role[:, 4],
            treaty=role[:, 5],
            engaged=role[:, 6],
            step=role[:, 7],
            stated=self.columns["stated"][at],
            status=self.status[some],
            states=self.columns["states"][at],
        )

    def _facts(self, some: Ints) -> list[Facts]:
        places = self.at[some]
        wanted = places.tolist()
        new = [place for place in wanted if place not in self._made]
        if new:
            codes = repeat(self.government, len(new))
            made = facts_at(codes, self.columns, self.words, np.array(new))
            self._made.update(zip(new, made, strict=True))
        return [self._made[place] for place in wanted]
