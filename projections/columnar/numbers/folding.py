"""The board folded straight from the events of the log: of every claim only what numbers and
standings follow from; never any I/O, and never a law of its own.

`projections.histories` stays the readable fold and the oracle. What this one leaves out is the
versions: a claim is a row of a pile, another row once it is amended, and what was decided about it.
"""

from array import array
from collections.abc import Iterable
from datetime import date
from itertools import compress, count, repeat
from typing import Final

import msgspec
import numpy as np

from domain.amending import Withdrawn, amended
from domain.claims import Claim, read_claim
from domain.events import ClaimCorrected, ClaimDecided, ClaimsDeclaredSame, Recorded
from domain.facts import Telling
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF, ClaimRecorded, claim_of
from domain.known import STATUS_AFTER
from domain.weights import Weights
from projections.board import Board, Latest
from projections.columnar.numbers.piling import PILED, Pile, Texts, Told
from projections.columnar.numbers.reckoning import NOTHING, board_row_of, reckoned_board
from projections.columnar.numbers.sweeping import Reckoning
from projections.columnar.terms.law import Law
from projections.columns import POSSIBLE_MAX, STATUS_CODES, Ints
from projections.histories import REGROUPING, BrokenHistory, reachable

_CODE_AFTER: Final = {shape: STATUS_CODES[status] for shape, status in STATUS_AFTER.items()}
_AS_BEFORE: Final = len(STATUS_CODES)
"""Of a decision that leaves the status of its claim alone."""
_AGAIN: Final = 0
"""Where a row does not record a claim: it says how an earlier one reads now."""


class _Standing(msgspec.Struct):
    """The claims as they stand, in the order of recording: their numbers by id, where each was
    recorded, its status, and the row that says how it reads now."""

    numbers: dict[str, int]
    recorded: Ints
    status: Ints
    rows: Ints


class BoardFold:
    """Takes the events of a log in order and tells the board that they lead to.

    What a claim says is not kept as it was said. `amended`: the claims that were amended by what an
    earlier event says of them, see `amend`.
    """

    def __init__(self) -> None:
        self.amended: set[str] = set()
        self._pile, self._positions, self._statuses = Pile(), array("q"), bytearray()
        self._judged, self._judged_at, self._verdicts = Texts(), array("q"), bytearray()
        self._same: dict[str, set[str]] = {}

    def take(self, events: Iterable[Recorded]) -> None:
        """Fold events that follow those before. Some dozens at a time are folded soonest."""
        claims: list[str] = []
        told: list[Telling] = []
        judged: list[str] = []
        for recorded in events:
            event = recorded.event
            if isinstance(event, ClaimRecorded):
                claims.append(event.claim)
                told.append(event)
                self._positions.append(recorded.position)
                self._statuses.append(STATUS_CODES[event.status])
            elif isinstance(event, ClaimDecided):
                verdict = _CODE_AFTER.get(type(event), _AS_BEFORE)
                judged.append(event.claim)
                self._judged_at.append(recorded.position)
                self._verdicts.append(verdict)
                if isinstance(event, REGROUPING):
                    judged.append(event.other)
                    self._judged_at.append(recorded.position)
                    self._verdicts.append(verdict)
                    self._regroup(event.claim, event.other, isinstance(event, ClaimsDeclaredSame))
                elif isinstance(event, ClaimCorrected):
                    claims.append(event.claim)
                    told.append(read_claim(event.after, DETAILS_OF))
                    self._positions.append(_AGAIN)
                    self.amended.discard(event.claim)
                elif verdict == _AS_BEFORE:
                    self.amended.add(event.claim)
        self._pile.put(claims, told)
        self._judged.add(judged)

    def amend(self, claim: Claim) -> None:
        """Say how one of the claims that were `amended` reads now."""
        self._pile.put([claim.id], [claim])
        self._positions.append(_AGAIN)
        self.amended.discard(claim.id)

    def board(self, *, on: date, known_at: str, weights: Weights) -> Board:
        """The board on a day, over the claims believed after the events that were taken.

        BrokenHistory where one of them decides about a claim that none before it recorded.
        ValueError while claims that were `amended` wait for what they read now.
        """
        if self.amended:
            raise ValueError(f"nobody said how {', '.join(sorted(self.amended))} reads now")
        told = self._pile.read()
        claims = self._standing(told.claims)
        happenings, codes = self._happenings(claims)
        some = np.flatnonzero(
            (told.columns["day"][claims.rows] <= on.toordinal()) & (claims.status <= POSSIBLE_MAX)
        )
        which, place, own = told.concerned(claims.rows[some])
        some = some[which]
        rows, recorded = claims.rows[some], claims.recorded[some]
        columns = {name: one[rows] for name, one in told.columns.items()}
        columns |= {"position": recorded, "recorded": recorded, "own": own}
        columns |= {"status": claims.status[some], "happening": codes[some]}
        profiles, voices, actors, states = told.words
        words = (profiles, voices, actors, happenings, states)
        numbers, sizes = np.unique(place, return_counts=True)
        law = Law(weights)
        found = dict.fromkeys(GOVERNMENTS, NOTHING)
        governments = [PILED[number] for number in numbers]
        found |= Reckoning(governments, sizes, columns, words, law, on).each()
        board = {}
        for code, one in found.items():
            last = None if one.latest is None else self._latest(claims, one.latest.recorded, told)
            board[code] = board_row_of(code, one, last, on)
        return reckoned_board(board, on=on, known_at=known_at, weights=weights)

    def _regroup(self, claim: str, other: str, is_same: bool) -> None:
        for one, another in ((claim, other), (other, claim)):
            links = self._same.setdefault(one, set())
            if is_same:
                links.add(another)
            else:
                links.discard(another)

    def _standing(self, claims: list[str]) -> _Standing:
        """The claims after all decisions, given the id of each row."""
        positions = np.array(self._positions, np.int64)
        records = positions != _AGAIN
        rows = np.flatnonzero(records)
        numbers = dict(zip(compress(claims, records.tolist()), count(), strict=False))
        recorded, status = positions[rows], np.array(self._statuses, np.int64)
        judged, at = self._judged.all(), np.array(self._judged_at, np.int64)
        number = np.fromiter(map(numbers.get, judged, repeat(-1)), np.int64, len(judged))
        broken = number < 0
        broken[~broken] = at[~broken] < recorded[number[~broken]]
        if broken.any():
            first = int(broken.argmax())
            raise BrokenHistory(position=int(at[first]), claim=judged[first])
        verdicts = np.array(self._verdicts, np.int64)
        is_verdict = verdicts != _AS_BEFORE
        status[number[is_verdict]] = verdicts[is_verdict]  # the last one assigned stays
        again = np.flatnonzero(~records)
        rows[[numbers[claims[row]] for row in again.tolist()]] = again
        return _Standing(numbers, recorded, status, rows)

    def _happenings(self, claims: _Standing) -> tuple[list[str], Ints]:
        """Of claims declared the same as others, the one of their group that was recorded first,
        and of every claim the place of that one, 0 for none."""
        words, codes = [""], np.zeros(len(claims.rows), np.int64)
        seen: set[str] = set()
        for claim, links in self._same.items():
            if links and claim not in seen:
                group = reachable(self._same.__getitem__, claim)
                codes[[claims.numbers[one] for one in group]] = len(words)
                words.append(min(group, key=claims.numbers.__getitem__))
                seen |= group
        return words, codes

    def _latest(self, claims: _Standing, recorded: int, told: Told) -> Latest:
        row = int(claims.rows[np.searchsorted(claims.recorded, recorded)])
        kind, occurred_on, summary = self._pile.heading(row)
        return Latest(claim=told.claims[row], occurred_on=occurred_on, kind=kind, summary=summary)


def contents_of(events: Iterable[Recorded], claim: str) -> Claim:
    """How a claim reads after all events about it, which are among `events`, in order;
    BrokenHistory where one decides about it before any records it."""
    found: tuple[Claim | None, Withdrawn] = (None, ())
    for recorded in events:
        event = recorded.event
        if isinstance(event, ClaimRecorded) and event.claim == claim:
            found = claim_of(event), ()
        elif isinstance(event, ClaimDecided) and event.claim == claim:
            if found[0] is None:
                raise BrokenHistory(position=recorded.position, claim=claim)
            found = amended(found[0], found[1], event)
    if found[0] is None:
        raise ValueError(f"none of these events records {claim}")
    return found[0]
