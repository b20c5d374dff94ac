"""What claims say, piled as columns of whole numbers, some claims at a time; never any I/O, and
never a law of its own.

Where `projections.gathering` packs every version under every government it concerns, a claim here
is one row. What claims say again and again has a code, and the law is asked about it once, when all
are piled.
"""

from array import array
from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final

import msgspec
import numpy as np

from domain.dates import partial_date
from domain.facts import Telling, done, grades, is_about_receipt, speaking, voices_of
from domain.governments import GOVERNMENTS
from projections.columns import Ints, Mask, Profile, Voice

PILED: Final = tuple(sorted(GOVERNMENTS))
"""The governments by the number that stands for each in a pile."""
_ELSEWHERE: Final = len(PILED)
_contents: Final = attrgetter(
    *("kind", "treaty", "occurred_on", "summary", "actors", "targets", "sources", "details")
)
_said: Final = attrgetter("stance", "forum", "strength", "signatories")
_reliability: Final = attrgetter("reliability")
_ENCODER: Final = msgspec.msgpack.Encoder()
_TEXTS: Final = msgspec.msgpack.Decoder(list[str])


class _Places(dict[str, int]):
    """The number of each government, one for all others together."""

    def __missing__(self, code: str) -> int:
        return _ELSEWHERE


class _Days(dict[str, int]):
    """The ordinal of the representative day of each date."""

    def __missing__(self, text: str) -> int:
        day = self[text] = partial_date(text).representative_day.toordinal()
        return day


class _Codes(dict[Any, int]):
    """A number for each word, in the order in which they come."""

    def __missing__(self, word: Any) -> int:
        code = self[word] = len(self)
        return code


_PLACES: Final = _Places(zip(PILED, range(_ELSEWHERE), strict=True))


class Texts:
    """Texts by their number, put away packed, some together: kept one by one, they would leave
    holes in the memory that the next events are decoded into."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._ends: list[int] = []

    def add(self, texts: Sequence[str]) -> None:
        """Add some behind the others."""
        self._packed.append(_ENCODER.encode(texts))
        self._ends.append(len(texts) + (self._ends[-1] if self._ends else 0))

    def all(self) -> list[str]:
        """All of them."""
        return list(chain.from_iterable(map(_TEXTS.decode, self._packed)))

    def at(self, number: int) -> str:
        """The one of a number."""
        some = bisect(self._ends, number)
        text: str = _TEXTS.decode(self._packed[some])[number - self._ends[some]]
        return text


class _Coded:
    """What is said again and again: its words, in the order of their codes, and the code of each
    row."""

    def __init__(self) -> None:
        self.words, self._rows = _Codes(), array("i")

    def add(self, words: Iterable[Any]) -> None:
        """Add some behind the others."""
        self._rows.extend(map(self.words.__getitem__, words))

    def codes(self) -> Ints:
        """Those of all rows."""
        return np.array(self._rows, np.int64)

    def at(self, row: int) -> Any:
        """The word of a row."""
        return list(self.words)[self._rows[row]]


class Told(msgspec.Struct):
    """What the claims of a pile say, row by row.

    `claims`: their ids. `columns`: those of `projections.columns.FigureRow` that the claim alone
    decides, whoever it concerns; `words`: their profiles, voices, actors and objecting states.
    `targets`: the governments they concern, one claim after the other; `counts`: how many each
    concerns. `speakers`: codes of their actors; `acting`: which governments are among those.
    """

    claims: list[str]
    columns: dict[str, Ints]
    words: tuple[list[Profile], list[Voice], list[str], list[tuple[str, ...]]]
    targets: Ints
    counts: Ints
    speakers: Ints
    acting: Mask

    def concerned(self, rows: Ints) -> tuple[Ints, Ints, Ints]:
        """The governments that some rows concern, one after another: the place among `rows`, the
        number of the government in `PILED`, and 1 where it acted itself."""
        begins, counts = (np.cumsum(self.counts) - self.counts)[rows], self.counts[rows]
        which = np.repeat(np.arange(len(rows)), counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        place = self.targets[np.repeat(begins, counts) + within]
        order = np.argsort(place, kind="stable")
        order = order[: np.searchsorted(place[order], _ELSEWHERE)]
        which, place = which[order], place[order]
        return which, place, self.acting[self.speakers[rows][which], place].astype(np.int64)


class Pile:
    """Claims by their row, in the order in which they were put here."""

    def __init__(self) -> None:
        self._acts, self._speakers, self._sources = _Coded(), _Coded(), _Coded()
        self._targets, self._counts = array("h"), array("i")
        self._claims, self._occurred, self._summaries = Texts(), Texts(), Texts()

    def put(self, claims: Sequence[str], told: Sequence[Telling]) -> None:
        """Add some claims by their ids and what they say."""
        if not claims:
            return
        columns = zip(*map(_contents, told), strict=True)
        kinds, treaties, occurred, summaries, actors, targets, sources, details = columns
        about = map(is_about_receipt, kinds, occurred)
        said, acts = map(_said, details), map(done, details)
        self._acts.add(zip(kinds, treaties, said, acts, about, strict=True))
        self._speakers.add(actors)
        self._sources.add([tuple(map(_reliability, some)) for some in sources])
        self._counts.extend(map(len, targets))
        self._targets.extend(map(_PLACES.__getitem__, chain.from_iterable(targets)))
        self._claims.add(claims)
        self._occurred.add(occurred)
        self._summaries.add(summaries)

    def heading(self, row: int) -> tuple[str, str, str]:
        """The kind of the claim of a row, when it happened, and its summary."""
        return self._acts.at(row)[0], self._occurred.at(row), self._summaries.at(row)

    def read(self) -> Told:
        """What all of them say."""
        acts, speakers = self._acts.codes(), self._speakers.codes()
        counts, days = np.array(self._counts, np.int64), _Days()
        profiles, actors, states = _Codes(), _Codes(), _Codes()
        nobody = states[()]
        profile, signed, stated, is_objection = _columns(
            4,
            (
                (
                    profiles[kind, treaty, *said, (signed or 0) >= 2, *how, about],
                    signed or 0,
                    0 if day is None else day.toordinal(),
                    kind == "objection_lodged",
                )
                for kind, treaty, (*said, signed), (day, *how), about in self._acts.words
            ),
        )[:, acts]
        each = list(map(speaking, self._speakers.words))
        actor, objecting, alone = _columns(
            3, ((actors[key], states[acting], voices_of(None, acting)) for acting, key, _ in each)
        )[:, speakers]
        voice, voices = self._voices([kinds for *_, kinds in each], speakers, counts > 1)
        return Told(
            claims=self._claims.all(),
            columns={
                "day": np.array([days[text] for text in self._occurred.all()], np.int64),
                "voices": np.where(signed > 0, signed, alone),
                "stated": stated,
                "profile": profile,
                "voice": voice,
                "actor": actor,
                "states": np.where(is_objection, objecting, nobody),
            },
            words=([Profile(*one) for one in profiles], voices, list(actors), list(states)),
            targets=np.array(self._targets, np.int16),
            counts=counts,
            speakers=speakers,
            acting=_acting([acting for acting, *_ in each]),
        )

    def _voices(
        self, kinds: Sequence[tuple[str, ...]], speakers: Ints, several: Mask
    ) -> tuple[Ints, list[Voice]]:
        """Who speaks and on what ground, by codes, and the words of those."""
        codes = _Codes()
        kind = np.array([codes[one] for one in kinds], np.int64)[speakers]
        some, graded = list(codes), [grades(one) for one in self._sources.words]
        code = (kind * 2 + several) * len(graded) + self._sources.codes()
        found, voice = np.unique(code, return_inverse=True)
        words = []
        for one in found.tolist():
            spoken, source = divmod(one, len(graded))
            words.append(Voice(some[spoken // 2], bool(spoken % 2), graded[source]))
        return voice, words


def _columns(width: int, rows: Iterable[tuple[int, ...]]) -> Ints:
    """So many columns of whole numbers, from their rows."""
    return np.array(list(rows), np.int64).reshape(-1, width).T


def _acting(each: Sequence[Iterable[str]]) -> Mask:
    """Which governments are among some states, row by row."""
    rows, places = _columns(
        2, ((row, _PLACES[state]) for row, states in enumerate(each) for state in states)
    )
    found = np.zeros((len(each), len(PILED) + 1), np.bool_)
    found[rows, places] = True
    return found
