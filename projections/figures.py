"""The numbers of one government reckoned from its columns, many claims at a stroke; never any I/O,
and never a law of its own: `domain.numbers` stays the readable one and the oracle.

`Reckoner` prepares the columns once for one set of weights; each question is then a few passes over
arrays, for any day and any point of knowledge.
"""

from datetime import date
from math import exp, fsum, log2
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from domain.clocks import KnownAt
from domain.facts import Facts
from domain.numbers import (
    NOVELTY_DAYS,
    SCALE,
    SURE,
    Figure,
    floor_of,
    is_stage,
)
from projections.board import ClaimCounts
from projections.columns import (
    COUNTED_MAX,
    OPEN,
    POSSIBLE_MAX,
    STATUSES,
    Ints,
    Mask,
    Pieces,
    Profile,
    ends_of,
    microseconds,
)
from projections.law import Law
from projections.milestones import Legal, milestones, reports_of_conflict, stages_since

Floats = npt.NDArray[np.float64]

READINGS: Final = ("score", "low", "high")
EXACT_ROWS_MAX: Final = 4096
"""Up to so many claims a number agrees with the law to the last bit, beyond that to 1e-9."""
_DAY_BITS: Final = 22
"""Enough for the ordinal of any day up to the year 9999, and 90 more."""
_KEY_BITS_MAX: Final = 63


class Entered(msgspec.Struct):
    """The claims that enter one reading of one number, in the order of the reckoning: places of
    their rows, what each weighs, and how much repetition takes from it."""

    places: Ints
    c: Floats
    nu: Floats
    q: Floats

    @property
    def total(self) -> float:
        """The sum of all terms."""
        few = len(self.c) <= EXACT_ROWS_MAX
        return fsum(self.c.tolist()) if few else float(self.c.sum())


_NOBODY: Final = Entered(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))


class _Voiced(msgspec.Struct):
    """The rows that may enter one number, sorted by instrument, speaker, day and claim."""

    places: Ints
    row: Ints
    group_day: Ints
    weight: Floats
    half_life: Floats
    is_voiced: bool

    @property
    def size(self) -> int:
        """Bytes held."""
        return 40 * len(self.places)


class Latest(msgspec.Struct, frozen=True):
    """Where the latest counted claim stands: its day, where it was recorded, and its version."""

    day: int
    recorded: int
    position: int


class Reckoned(msgspec.Struct, frozen=True, kw_only=True):
    """One government on a day: its numbers, how many claims, the latest of them, and the few facts
    that its standings follow from, which name claims by where they were recorded."""

    erosion: Figure
    pressure: Figure
    backing: Figure
    claims: ClaimCounts
    latest: Latest | None
    legal: tuple[Facts, ...]


class Reckoner:
    """The columns of one government, prepared for one set of weights."""

    def __init__(self, government: str, pieces: Pieces, law: Law) -> None:
        self.government, self.pieces, self.law = government, pieces, law
        self.position_to, self.known_to = ends_of(pieces)
        columns = pieces.columns
        self.position, self.recorded = columns["position"], columns["recorded"]
        self.known: Ints = columns["known"]
        self.day, self.status = columns["day"], columns["status"]
        profiles, voices, *_ = pieces.words
        roles = np.array([law.role(p) for p in profiles], np.int64).reshape(-1, 8)
        role = roles[columns["profile"]]
        spoken = np.array([law.voice(v) for v in voices], np.float64).reshape(-1, 3)
        self.share, self.several, self.q = spoken[columns["voice"]].T
        self.numbers = {
            "pressure": self._voiced(role[:, 0], np.ones(pieces.size, np.bool_), True),
            "backing": self._voiced(role[:, 1], columns["own"] == 0, True),
            "erosion": self._voiced(role[:, 2], np.ones(pieces.size, np.bool_), False),
        }
        self._roles = roles
        self.legal = np.flatnonzero(role[:, 3])
        self.legal = self.legal[np.lexsort((self.recorded[self.legal], self.day[self.legal]))]

    @property
    def size_bytes(self) -> int:
        """About how much memory this holds."""
        return 150 * self.pieces.size + sum(v.size for v in self.numbers.values())

    def reckon(self, on: date, known_at: KnownAt, *, surprises: bool = False) -> Reckoned:
        """The government on the day `on`, as known at `known_at`; with the first claims that fit
        no standing among its legal facts, where `surprises` are asked for."""
        seen = self.seen(on, known_at)
        counted = np.flatnonzero(seen & (self.status <= COUNTED_MAX))
        tally = np.bincount(self.status[seen], minlength=len(STATUSES))
        return Reckoned(
            erosion=self.erosion(seen, on),
            pressure=self.figure("pressure", seen, on),
            backing=self.figure("backing", seen, on),
            claims=ClaimCounts(
                accepted=int(tally[0]), pending=int(tally[2]), contested=int(tally[1])
            ),
            latest=self._latest(counted),
            legal=tuple(self.milestones(seen, surprises=surprises)),
        )

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
        column = ("pressure", "backing", "erosion").index(measure)
        return int(self._roles[self.pieces.columns["profile"][place], column])

    def figure(self, measure: str, seen: Mask, on: date) -> Figure:
        """Pressure or backing of the rows seen."""
        sums = [entered.total for entered in self.entered(measure, seen, on)]
        scores = [100.0 * (1.0 - exp(-total / SCALE)) for total in sums]
        return _figure(scores)

    def erosion(self, seen: Mask, on: date) -> Figure:
        """The erosion of the rows seen."""
        scores = [
            100.0 * (1.0 - (1.0 - floor / 100.0) * exp(-entered.total / SCALE))
            for entered, (floor, _) in zip(
                self.entered("erosion", seen, on), self.floors(seen, on), strict=True
            )
        ]
        return _figure(scores)

    def floors(self, seen: Mask, on: date) -> list[tuple[float, str | None]]:
        """The legal floor in each of `READINGS`, with where its claim was recorded."""
        at = self.legal[seen[self.legal] & (self.status[self.legal] <= POSSIBLE_MAX)]
        if not len(at):
            return [(0.0, None)] * len(READINGS)
        conflicts = self._facts(at, reports_of_conflict(self._legal(at)))
        found: list[tuple[float, str | None]] = []
        known: dict[bytes, tuple[float, str | None]] = {}
        for mask in self._readings(at):
            if (again := known.get(mask.tobytes())) is not None:
                found.append(again)
                continue
            chosen = at[mask]
            stages = self._facts(chosen, stages_since(self._legal(chosen)))
            stages = [f for f in stages if is_stage(f, self.law.weights)]
            about = sorted([*stages, *conflicts], key=lambda f: f.order)
            known[mask.tobytes()] = floor_of(stages, about, self.government, on, self.law.weights)
            found.append(known[mask.tobytes()])
        return found

    def milestones(self, seen: Mask, *, surprises: bool = False) -> list[Facts]:
        """The facts among the rows seen that standings follow from, in order of happening; see
        `projections.milestones.milestones`."""
        at = self.legal[seen[self.legal] & (self.status[self.legal] <= COUNTED_MAX)]
        if not len(at):
            return []
        return self._facts(at, milestones(self._legal(at), surprises=surprises))

    def entered(self, measure: str, seen: Mask, on: date) -> tuple[Entered, Entered, Entered]:
        """What enters a number in each of `READINGS`."""
        of = self.numbers[measure]
        picked = np.flatnonzero(seen[of.places] & (self.status[of.places] <= POSSIBLE_MAX))
        if not len(picked):
            return _NOBODY, _NOBODY, _NOBODY
        places = of.places[picked]
        age = (on.toordinal() - self.day[places]) / of.half_life[picked]
        decay = _halved(age)
        base, group_day = of.weight[picked], of.group_day[picked]
        made: list[Entered] = []
        score, low, high = self._readings(places)
        q = self.q[places] * np.where(self.status[places] == 1, 0.5, 1.0)
        for mask, chance in ((score, q), (low, q), (high, np.ones(len(places)))):
            entering = np.flatnonzero(mask)
            c = base[entering] * chance[entering] * decay[entering]
            entering, c = self._largest(places, entering, c)
            if of.is_voiced:
                nu = 1.0 / _counted(group_day[entering])
                c = c * nu
            else:
                nu = np.ones(len(entering))
            made.append(Entered(places[entering], c, nu, chance[entering]))
        return made[0], made[1], made[2]

    def _voiced(self, row: Ints, mask: Mask, is_voiced: bool) -> _Voiced:
        places = np.flatnonzero((row >= 0) & mask)
        found = row[places]
        weight = np.array([r.weight for r in self.law.rows] or [0.0])[found]
        half_life = np.array([r.half_life_days for r in self.law.rows] or [1.0])[found]
        if is_voiced:
            several, code = np.unique(self.pieces.columns["voices"][places], return_inverse=True)
            spoken = np.array([1.0 + log2(n) for n in several.tolist()] or [1.0])[code]
            weight = weight * self.share[places] * self.several[places] * spoken
        group = found * len(self.pieces.words[2]) + self.pieces.columns["actor"][places]
        group_day = (group << _DAY_BITS) + self.day[places]
        order = _order(group_day, self.recorded[places])
        return _Voiced(
            places[order], found[order], group_day[order], weight[order], half_life[order],
            is_voiced,
        )  # fmt: skip

    def _readings(self, places: Ints) -> tuple[Mask, Mask, Mask]:
        """Which of some possible rows enter the score, the low and the high bound."""
        status = self.status[places]
        sure = (status == 0) & (self.q[places] >= SURE)
        return status <= COUNTED_MAX, sure, np.ones(len(places), np.bool_)

    def _largest(self, places: Ints, entering: Ints, c: Floats) -> tuple[Ints, Floats]:
        """Of claims declared the same only the one that weighs most, the earliest of equals."""
        happening = self.pieces.columns["happening"][places[entering]]
        told = np.flatnonzero(happening != self._none)
        if not len(told):
            return entering, c
        at = places[entering[told]]
        order = np.lexsort((self.recorded[at], self.day[at], -c[told], happening[told]))
        first = np.ones(len(order), np.bool_)
        sorted_happening = happening[told][order]
        first[1:] = sorted_happening[1:] != sorted_happening[:-1]
        keep = np.ones(len(entering), np.bool_)
        keep[told[order[~first]]] = False
        return entering[keep], c[keep]

    @property
    def _none(self) -> int:
        """The code of claims that were declared the same as no other."""
        happenings = self.pieces.words[3]
        return happenings.index("") if "" in happenings else -1

    def _latest(self, counted: Ints) -> Latest | None:
        if not len(counted):
            return None
        day = self.day[counted]
        last = counted[day == day.max()]
        place = last[self.recorded[last].argmax()]
        return Latest(int(self.day[place]), int(self.recorded[place]), int(self.position[place]))

    def _legal(self, at: Ints) -> Legal:
        columns = self.pieces.columns
        role = self._roles[columns["profile"][at]]
        return Legal(
            profile=columns["profile"][at],
            kind=role[:, 4],
            treaty=role[:, 5],
            engaged=role[:, 6],
            step=role[:, 7],
            stated=columns["stated"][at],
            status=self.status[at],
            states=columns["states"][at],
        )

    def _facts(self, at: Ints, some: Ints) -> list[Facts]:
        return [self.fact(int(place)) for place in at[some]]

    def fact(self, place: int) -> Facts:
        """What a row says, as the law reads it; its claim is named by where it was recorded."""
        columns = self.pieces.columns
        profiles, voices, actors, happenings, states = self.pieces.words
        profile: Profile = profiles[columns["profile"][place]]
        voice = voices[columns["voice"][place]]
        day = date.fromordinal(int(self.day[place]))
        stated = int(columns["stated"][place])
        name = str(self.recorded[place])
        return Facts(
            claim=name,
            position=int(self.recorded[place]),
            happening=happenings[columns["happening"][place]] or name,
            status=STATUSES[int(self.status[place])],
            kind=profile.kind,
            treaty=profile.treaty,
            occurred_on=day.isoformat(),
            first=day,
            last=day,
            day=day,
            targets=(self.government,),
            states=states[columns["states"][place]],
            actor=actors[columns["actor"][place]],
            actors=voice.actors,
            signatories=int(columns["voices"][place]),
            reliabilities=voice.reliabilities,
            stance=profile.stance,
            forum=profile.forum,
            strength=profile.strength,
            stated=date.fromordinal(stated) if stated else None,
            carried=profile.carried,
            engaged=profile.engaged,
            summary="",
        )


def _halved(half_lives: Floats) -> Floats:
    """What is left after so many half-lives."""
    if len(half_lives) <= EXACT_ROWS_MAX:
        return np.array([2.0**-age for age in half_lives.tolist()], np.float64)
    return np.exp2(-half_lives)


def _figure(scores: list[float]) -> Figure:
    return Figure(score=scores[0], low=min(scores[0], scores[1]), high=max(scores[0], scores[2]))


def _counted(group_day: Ints) -> Floats:
    """The how-manieth of its group each is within the days in which repetition counts less."""
    found = np.ones(len(group_day))
    near = np.flatnonzero(np.diff(group_day) < NOVELTY_DAYS) + 1
    if len(near):
        begins = np.searchsorted(group_day, group_day[near] - (NOVELTY_DAYS - 1))
        found[near] = near - begins + 1
    return found


def _order(group_day: Ints, recorded: Ints) -> Ints:
    """The places in order of group and day, then of recording; by one key where it has room."""
    if not len(group_day):
        return np.empty(0, np.int64)
    bits = int(recorded.max() - recorded.min()).bit_length()
    if int(group_day.max()).bit_length() + bits < _KEY_BITS_MAX:
        return np.argsort((group_day << bits) + (recorded - recorded.min()))
    return np.lexsort((recorded, group_day))
