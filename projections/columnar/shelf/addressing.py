"""Who addresses whom: the pairs of critics and governments on a shelf, in the order in which the
matrix of Criticism tells them; it never counts them and never does I/O."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from projections.columns import Ints, Pieces
from projections.speakers import Speaker, Speakers

Column = npt.NDArray[Any]
JOINT: Final = 1
"""The bit of `manner` that says that several speak."""
UNNAMED: Final = 2
"""The bit that says that more signed than are named."""
_SIGNED_MAX: Final = 2**31 - 1


class Critics:
    """One dictionary of speakers for all leaves; who is added stays.

    `speakers`: as claims name them; `critic`: the code of each among `keys`, which tell critics
    apart; `several`: the critics that claims name in several ways.
    """

    def __init__(self) -> None:
        self.speakers: list[Speaker] = []
        self.critic: list[int] = []
        self.keys: list[str] = []
        self.several: set[int] = set()
        self._codes: dict[Speaker, int] = {}
        self._critics: dict[str, int] = {}

    def coded(self, speaker: Speaker) -> int:
        """The code of a speaker."""
        code = self._codes.get(speaker)
        if code is None:
            code = self._codes[speaker] = len(self.speakers)
            critic = self._critics.setdefault(speaker.key, len(self.keys))
            if critic == len(self.keys):
                self.keys.append(speaker.key)
            else:
                self.several.add(critic)
            self.speakers.append(speaker)
            self.critic.append(critic)
        return code

    def named(self, actors: Sequence[Speaker]) -> list[int]:
        """The codes of the speakers of one claim, each critic once, as named last."""
        codes = [self.coded(one) for one in actors]
        if len(codes) < 2:
            return codes
        return list({self.critic[code]: code for code in codes}.values())

    def code(self, key: str) -> int:
        """The code of a critic, -1 where nobody of that key ever spoke."""
        return self._critics.get(key, -1)


class Addressed(msgspec.Struct, frozen=True):
    """The pairs of a leaf by government, critic and order of happening: the row that each stands
    in, who speaks, and its `cell`, of which there are `governments` and `critics`."""

    at: Column
    speaker: Column
    cell: Column
    governments: Column
    critics: Column

    @property
    def size_bytes(self) -> int:
        """How much memory they take."""
        some = (self.at, self.speaker, self.cell, self.governments, self.critics)
        return sum(array.nbytes for array in some)


def paired(
    pieces: Pieces, some: Ints, critics: Critics
) -> tuple[dict[str, Column], dict[str, Column]]:
    """The pairs of `some` rows of a government, `at` being places among all its rows; and of each
    row the `manner` in which it speaks, who takes the `lead`, -1 where nobody does, and how many
    `signed`."""
    words: list[Speakers] = pieces.words[-1]
    column = pieces.columns["speakers"]
    manner = np.zeros(len(words), np.int64)
    lead = np.full(len(words), -1, np.int64)
    signed = np.zeros(len(words), np.int64)
    sizes = np.zeros(len(words), np.int64)
    starts = np.zeros(len(words), np.int64)
    flat: list[int] = []
    for place in np.flatnonzero(np.bincount(column, minlength=len(words))).tolist():
        word = words[place]
        codes = critics.named(word.actors)
        institutions = sum(critics.speakers[code].kind != "individual" for code in codes)
        sizes[place], starts[place] = len(codes), len(flat)
        signed[place] = min(word.signed, _SIGNED_MAX)
        if codes:
            lead[place] = codes[0]
        if max(word.signed, institutions or len(codes)) > 1:
            manner[place] |= JOINT
        if word.signed > len(codes):
            manner[place] |= UNNAMED
        flat += codes
    own = column[some]
    lengths = sizes[own]
    at = np.repeat(some, lengths)
    within = np.arange(len(at)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    speaker = np.array(flat, np.int64)[np.repeat(starts[own], lengths) + within]
    spoken = {"manner": manner[column], "lead": lead[column], "signed": signed[column]}
    return {"at": at, "speaker": speaker}, spoken


def in_order(
    pairs: dict[str, Column], governments: Column, when: Ints, critics: Critics
) -> Addressed:
    """The pairs of a leaf, given the government and the order of happening of each of its rows."""
    at, speaker = pairs["at"], pairs["speaker"]
    critic = np.array(critics.critic, np.int64)[speaker]
    government = governments[at].astype(np.int64)
    order = np.lexsort((when[at], critic, government))
    at, critic, government = at[order], critic[order], government[order]
    is_first = np.ones(len(at), np.bool_)
    is_first[1:] = (critic[1:] != critic[:-1]) | (government[1:] != government[:-1])
    return Addressed(
        at=at.astype(np.int32),
        speaker=speaker[order].astype(np.int32),
        cell=(np.cumsum(is_first) - 1).astype(np.int32),
        governments=government[is_first].astype(np.uint8),
        critics=critic[is_first].astype(np.int32),
    )
