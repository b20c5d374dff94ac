"""Gathers the facts of many versions by government, as the numbers that columns are made of; it
never reckons with them and never does I/O.

What a batch adds to the columns is made of one object for each row (see `projections.columns`),
which is good for a few. Of many, each row is packed as whole numbers at once, its texts as codes of
dictionaries that all governments share until everything is taken.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from struct import Struct
from typing import Any, Final

import msgspec
import numpy as np

from domain.claims import Actor
from domain.facts import is_about_receipt, voices_of
from projections.columns import CLOSED, CODED, NUMBERS, STATUS_CODES, Ints, Pieces, Profile, Voice
from projections.histories import Version
from projections.speakers import Speaker, Speakers, spoken

NUMBER_BYTES: Final = 8
_ROW_LENGTH: Final = len(NUMBERS) + len(CODED)
_row: Final = Struct(f"<{_ROW_LENGTH}q").pack
_closing: Final = Struct(f"<{len(CLOSED)}q").pack
_OWN: Final = NUMBERS.index("own") * NUMBER_BYTES
"""The lowest byte of a row's `own`."""
_MADE: Final[tuple[Callable[[Any], Any], ...]] = (
    lambda profile: Profile(*profile),
    lambda voice: Voice(*voice),
    str,
    str,
    tuple,
    lambda speakers: Speakers(*speakers),
)
"""What makes a word of each of `CODED` from the key it has here."""
_NOBODY: Final[tuple[str, ...]] = ()


class Told(msgspec.Struct, frozen=True, gc=False):
    """What the rows of all versions with the same claim have in common; see `columns.FigureRow`.

    `acting`: the acting states; `states`: those of them that lodge an objection.
    """

    recorded: int
    day: int
    voices: int
    stated: int
    profile: tuple[Any, ...]
    voice: tuple[Any, ...]
    actor: str
    states: tuple[str, ...]
    speakers: tuple[int, tuple[Speaker, ...]]
    targets: tuple[str, ...]
    acting: tuple[str, ...]


class Words:
    """The dictionaries of `CODED` that rows of several governments share."""

    def __init__(self) -> None:
        self._codes: tuple[dict[Any, int], ...] = tuple({} for _ in CODED)

    def coded(self, told: Told, happening: str) -> tuple[int, ...]:
        """The codes of a row, in the order of `CODED`."""
        profiles, voices, actors, happenings, states, speakers = self._codes
        return (
            profiles.setdefault(told.profile, len(profiles)),
            voices.setdefault(told.voice, len(voices)),
            actors.setdefault(told.actor, len(actors)),
            happenings.setdefault(happening, len(happenings)),
            states.setdefault(told.states, len(states)),
            speakers.setdefault(told.speakers, len(speakers)),
        )

    @property
    def happenings(self) -> dict[str, int]:
        """The codes of happenings."""
        return self._codes[CODED.index("happening")]

    def lists(self) -> tuple[list[Any], ...]:
        """The words that codes stand for."""
        return tuple(
            [made(key) for key in codes] for made, codes in zip(_MADE, self._codes, strict=True)
        )

    def clear(self) -> None:
        """Forget them all; no code stands for anything afterwards."""
        for codes in self._codes:
            codes.clear()


class Gathered:
    """The rows and closings of one government, each packed one after the other, and the first and
    the last position that made some."""

    __slots__ = ("closings", "first", "last", "rows")

    def __init__(self, first: int) -> None:
        self.rows, self.closings = bytearray(), bytearray()
        self.first = self.last = first

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self.rows) // (NUMBER_BYTES * _ROW_LENGTH)

    @property
    def row_columns(self) -> Ints:
        """The rows: columns are those of `NUMBERS`, then the codes of `CODED`."""
        return np.frombuffer(self.rows, "<i8").reshape(-1, _ROW_LENGTH)

    @property
    def closing_columns(self) -> Ints:
        """The closings: columns are those of `CLOSED`."""
        return np.frombuffer(self.closings, "<i8").reshape(-1, len(CLOSED))


class Gatherer:
    """Rows that come in order of position, until they are taken as columns.

    `by_government`: what is gathered. `size`: how many bytes of rows and closings that is.
    """

    def __init__(self) -> None:
        self.by_government: dict[str, Gathered] = {}
        self.size = 0
        self._words = Words()

    def open(self, version: Version, told: Told, known: int) -> None:
        """Add the row of a version; `known`: its `known_from` in microseconds since 1970."""
        happening = version.happening if version.same else ""
        position = version.position
        row = bytearray(
            _row(
                position,
                told.recorded,
                known,
                told.day,
                STATUS_CODES[version.status],
                told.voices,
                0,
                told.stated,
                *self._words.coded(told, happening),
            )
        )
        for government in told.targets:
            row[_OWN] = government in told.acting
            self._of(government, position).rows += row
            self.size += len(row)

    def close(self, version: Version, position_to: int, known_to: int) -> None:
        """Add that a version is believed no longer than this; `known_to` as `known` in `open`."""
        row = _closing(version.position, version.recorded_position, position_to, known_to)
        for government in version.claim.targets:
            self._of(government, position_to).closings += row
            self.size += len(row)

    def taken(self, governments: Iterable[str]) -> Iterator[tuple[str, Gathered, Pieces]]:
        """Some governments with what was gathered of them and its columns; it is gathered no
        more."""
        words = self._words.lists()
        for government in governments:
            gathered = self.by_government.pop(government)
            self.size -= len(gathered.rows) + len(gathered.closings)
            yield government, gathered, _pieces(gathered, words)
        if not self.by_government:
            self._words.clear()

    def emptied(self) -> tuple[dict[str, Gathered], tuple[list[Any], ...]]:
        """All governments with what was gathered of them, and the words that its codes stand for;
        it is gathered no more."""
        gathered, words = self.by_government, self._words.lists()
        self.by_government, self.size = {}, 0
        self._words.clear()
        return gathered, words

    def _of(self, government: str, position: int) -> Gathered:
        gathered = self.by_government.get(government)
        if gathered is None:
            gathered = self.by_government[government] = Gathered(position)
        gathered.last = position
        return gathered


def told_by(values: tuple[Any, ...], recorded: int, actors_told: Iterable[Actor] = ()) -> Told:
    """What the rows of all versions with a claim have in common that was recorded there; `values`:
    what `domain.facts.told` says of it. Without the actors it tells, nothing is known of who
    speaks."""
    kind, treaty, occurred_on, _, _, day, targets, states, actor, actors, signatories, *left = (
        values
    )
    reliabilities, stance, forum, strength, stated, carried, engaged, _ = left
    return Told(
        recorded,
        day.toordinal(),
        voices_of(signatories, states),
        0 if stated is None else stated.toordinal(),
        (
            *(kind, treaty, stance, forum, strength, (signatories or 0) >= 2, carried, engaged),
            is_about_receipt(kind, occurred_on),
        ),
        (actors, len(targets) > 1, reliabilities),
        actor,
        states if kind == "objection_lodged" else _NOBODY,
        spoken(kind, signatories, actors_told),
        targets,
        states,
    )


def _pieces(gathered: Gathered, words: Sequence[list[Any]]) -> Pieces:
    rows, closings = gathered.row_columns, gathered.closing_columns
    columns = {name: np.ascontiguousarray(rows[:, i]) for i, name in enumerate(NUMBERS)}
    used: list[list[Any]] = []
    for place, name in enumerate(CODED):
        codes, own = np.unique(rows[:, len(NUMBERS) + place], return_inverse=True)
        columns[name] = own.astype(np.int64)
        used.append([words[place][code] for code in codes])
    closed: dict[str, Ints] = {
        name: np.ascontiguousarray(closings[:, i]) for i, name in enumerate(CLOSED)
    }
    return Pieces(columns, tuple(used), closed)
