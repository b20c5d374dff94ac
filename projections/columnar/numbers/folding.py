"""The board folded straight from the events of the log: of every claim only what numbers and
standings follow from; never any I/O, and never a law of its own.

`projections.histories` stays the readable fold and the oracle. What this one leaves out is the
versions: a claim is one entry that changes, its facts reckoned once, when it is recorded or
amended.
"""

from collections.abc import Iterable
from datetime import date
from struct import Struct
from typing import Any, Final

import msgspec
import numpy as np

from domain.amending import Withdrawn, amended
from domain.claims import Claim, Status, read_claim
from domain.events import ClaimCorrected, ClaimDecided, ClaimsDeclaredSame, OwnEvent, Recorded
from domain.facts import POSSIBLE, Telling, told
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF, ClaimRecorded, claim_of
from domain.known import STATUS_AFTER
from domain.weights import Weights
from projections.board import Board, Latest
from projections.columnar.numbers.reckoning import NOTHING, board_row_of, reckoned_board
from projections.columnar.numbers.sweeping import reckoned
from projections.columnar.shelf.sifting import Sifted
from projections.columnar.terms.law import Law
from projections.columns import CODED, NUMBERS, STATUS_CODES
from projections.gathering import NUMBER_BYTES, Words, told_by
from projections.histories import REGROUPING, BrokenHistory, reachable

_LENGTH: Final = 1 + len(NUMBERS) + len(CODED)
_row: Final = Struct(f"<{_LENGTH}q").pack
_code: Final = Struct("<q")
_GOVERNMENT: Final = 0
"""Where a row says which government it is of; governments are few enough for one byte."""
_STATUS, _OWN = ((1 + NUMBERS.index(name)) * NUMBER_BYTES for name in ("status", "own"))
_HAPPENING: Final = (1 + len(NUMBERS) + CODED.index("happening")) * NUMBER_BYTES


class _Entry(msgspec.Struct, gc=False):
    """A claim as it stands: its row but for government and what may yet change, and what the board
    says of the latest claim."""

    row: bytearray
    recorded: int
    day: int
    targets: tuple[str, ...]
    acting: tuple[str, ...]
    status: Status
    kind: str
    occurred_on: str
    summary: str


class BoardFold:
    """Takes the events of a log in order and tells the board that they lead to.

    What a claim says is not kept. `amended`: the claims that were amended by what an earlier event
    says of them, see `amend`.
    """

    def __init__(self) -> None:
        self.amended: set[str] = set()
        self._entries: dict[str, _Entry] = {}
        self._same: dict[str, set[str]] = {}
        self._words = Words()

    def take(self, events: Iterable[Recorded]) -> None:
        """Fold events that follow those before; BrokenHistory when one names a claim that was never
        recorded."""
        for recorded in events:
            event = recorded.event
            if isinstance(event, ClaimRecorded):
                self._put(event.claim, event, recorded.position, event.status)
            elif not isinstance(event, OwnEvent):
                self._decide(event, recorded)

    def amend(self, claim: Claim) -> None:
        """Say how one of the claims that were `amended` reads now."""
        entry = self._entries[claim.id]
        self._put(claim.id, claim, entry.recorded, entry.status)
        self.amended.discard(claim.id)

    def _put(self, claim: str, contents: Telling, recorded: int, status: Status) -> None:
        one = told_by(told(contents), recorded)
        row = _row(
            *(0, recorded, recorded, 0, one.day, 0, one.voices, 0, one.stated),
            *self._words.coded(one, ""),
        )
        self._entries[claim] = _Entry(
            bytearray(row),
            recorded,
            one.day,
            one.targets,
            one.acting,
            status,
            contents.kind,
            contents.occurred_on,
            contents.summary,
        )

    def board(self, *, on: date, known_at: str, weights: Weights) -> Board:
        """The board on a day, over the claims believed after the events that were taken.

        ValueError while claims that were `amended` wait for what they read now.
        """
        if self.amended:
            raise ValueError(f"nobody said how {', '.join(sorted(self.amended))} reads now")
        law = Law(weights)
        places = {one.recorded: claim for claim, one in self._entries.items()}
        sifted, words = self._columns(on)
        found = dict.fromkeys(GOVERNMENTS, NOTHING) | dict(reckoned(sifted, words, law, on))
        rows = {}
        for code, one in found.items():
            last = None if one.latest is None else self._latest(places[one.latest.recorded])
            rows[code] = board_row_of(code, one, last, on)
        return reckoned_board(rows, on=on, known_at=known_at, weights=weights)

    def _decide(self, event: ClaimDecided, recorded: Recorded) -> None:
        entry = self._entry(event.claim, recorded)
        status = STATUS_AFTER.get(type(event))
        if status is not None:
            entry.status = status
        elif isinstance(event, REGROUPING):
            self._entry(event.other, recorded)
            for one, other in ((event.claim, event.other), (event.other, event.claim)):
                links = self._same.setdefault(one, set())
                if isinstance(event, ClaimsDeclaredSame):
                    links.add(other)
                else:
                    links.discard(other)
        elif isinstance(event, ClaimCorrected):
            corrected = read_claim(event.after, DETAILS_OF)
            self._put(event.claim, corrected, entry.recorded, entry.status)
            self.amended.discard(event.claim)
        else:
            self.amended.add(event.claim)

    def _entry(self, claim: str, recorded: Recorded) -> _Entry:
        entry = self._entries.get(claim)
        if entry is None:
            raise BrokenHistory(position=recorded.position, claim=claim)
        return entry

    def _columns(self, on: date) -> tuple[list[tuple[str, Sifted]], tuple[list[Any], ...]]:
        """The rows of claims that had happened and may be true, government by government."""
        happenings, codes = self._happenings(), self._words.happenings
        numbers = {code: number for number, code in enumerate(sorted(GOVERNMENTS))}
        day, rows = on.toordinal(), bytearray()
        for claim, entry in self._entries.items():
            if entry.day > day or entry.status not in POSSIBLE:
                continue
            row, acting = entry.row, entry.acting
            row[_STATUS] = STATUS_CODES[entry.status]
            happening = happenings.get(claim, "")
            _code.pack_into(row, _HAPPENING, codes.setdefault(happening, len(codes)))
            for government in entry.targets:
                number = numbers.get(government)
                if number is not None:
                    row[_GOVERNMENT] = number
                    row[_OWN] = government in acting
                    rows += row
        table = np.frombuffer(rows, "<i8").reshape(-1, _LENGTH)
        table = table[np.argsort(table[:, 0], kind="stable")]
        bounds = np.searchsorted(table[:, 0], np.arange(len(numbers) + 1)).tolist()
        columns = [np.ascontiguousarray(table[:, 1 + i]) for i in range(_LENGTH - 1)]
        named = dict(zip((*NUMBERS, *CODED), columns, strict=True))
        sifted = [
            (code, Sifted({name: one[begin:end] for name, one in named.items()}))
            for code, begin, end in zip(numbers, bounds, bounds[1:], strict=False)
            if begin < end
        ]
        return sifted, self._words.lists()

    def _happenings(self) -> dict[str, str]:
        """Of claims declared the same as others, the one of their group that was recorded first."""
        found: dict[str, str] = {}
        for claim, links in self._same.items():
            if links and claim not in found:
                group = reachable(self._same.__getitem__, claim)
                first = min(group, key=lambda one: self._entries[one].recorded)
                found |= dict.fromkeys(group, first)
        return found

    def _latest(self, claim: str) -> Latest:
        one = self._entries[claim]
        return Latest(claim=claim, occurred_on=one.occurred_on, kind=one.kind, summary=one.summary)


def contents_of(events: Iterable[Recorded], claim: str) -> Claim:
    """How a claim reads after all events about it, which are among `events`, in order."""
    found: tuple[Claim | None, Withdrawn] = (None, ())
    for recorded in events:
        event = recorded.event
        if isinstance(event, ClaimRecorded) and event.claim == claim:
            found = claim_of(event), ()
        elif isinstance(event, ClaimDecided) and event.claim == claim and found[0] is not None:
            found = amended(found[0], found[1], event)
    if found[0] is None:
        raise ValueError(f"none of these events records {claim}")
    return found[0]
