"""Proves that the view `figures` equals a replay, one government at a time; it never mends.

Of the columns that a replay gathers, and of those that lie in the view, only digests are kept: each
row has one, in which its texts stand as digests of their own, and the rows of a government, in
whatever order they lie, must have the same sum. They are keyed as Python's hash is, of 64 bits.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from infra.postgres.queries import queries
from projections.columns import CLOSED, CODED, NUMBERS, Ints, Pieces, unpack_pieces
from projections.gathering import Gatherer

PARTS_AT_ONCE: Final = 8
"""How many parts are read at a time."""
UNREADABLE: Final = (msgspec.MsgspecError, ValueError, TypeError, LookupError)
"""What a body that is no part can do to whoever unpacks it."""
_SHIFT_BITS: Final = np.uint64(32)
_ENCODER: Final = msgspec.msgpack.Encoder()
_SQL: Final = queries("verify")

Digests = npt.NDArray[np.uint64]


def _keys(names: Iterable[str]) -> list[np.uint64]:
    """Odd factors, one for each column, that no two processes share."""
    return [np.uint64(hash(name.encode()) & (1 << 64) - 1 | 1) for name in names]


_ROW_KEYS: Final = _keys(f"row {name}" for name in (*NUMBERS, *CODED))
_CLOSING_KEYS: Final = _keys(f"closing {name}" for name in CLOSED)


class Figures(msgspec.Struct):
    """The rows and the closings of one government, in whatever order: how many, and the sum of
    their digests."""

    rows: int = 0
    closings: int = 0
    total: int = 0


class FigureTallies:
    """What the columns of every government must hold, by its code."""

    def __init__(self) -> None:
        self.by_government: dict[str, Figures] = {}

    def take(self, gatherer: Gatherer) -> None:
        """Count everything that was gathered, which is gathered no more."""
        gathered, words = gatherer.emptied()
        each_rows = [one.row_columns for one in gathered.values()]
        each_closings = [one.closing_columns for one in gathered.values()]
        columns = list(np.concatenate([_NO_ROWS, *each_rows]).T)
        for place, some in enumerate(words, len(NUMBERS)):
            columns[place] = _told(some)[columns[place]]
        rows = _digests(_ROW_KEYS, columns)
        closings = _digests(_CLOSING_KEYS, list(np.concatenate([_NO_CLOSINGS, *each_closings]).T))
        row = closing = 0
        for code, some_rows, some_closings in zip(gathered, each_rows, each_closings, strict=True):
            next_row, next_closing = row + len(some_rows), closing + len(some_closings)
            tally = self.by_government.setdefault(code, Figures())
            _add(tally, rows[row:next_row], closings[closing:next_closing])
            row, closing = next_row, next_closing


async def figures_proof(
    connection: Any, workspace: str, generation: int, wanted: FigureTallies, until: int
) -> AsyncIterator[tuple[str, str]]:
    """Every government that either side knows, and what is wrong with its rows up to the position
    `until`, nothing where they are the ones that a replay gives; seen by the snapshot of a
    connection."""
    found = dict[str, Figures]()
    broken = dict[str, str]()
    cursor = await connection.cursor(_SQL["figure_rows"], workspace, generation)
    while rows := await cursor.fetch(PARTS_AT_ONCE):
        for row in rows:
            tally = found.setdefault(row["government"], Figures())
            try:
                pieces = unpack_pieces(row["body"], is_block=row["is_block"])
                count(tally, pieces, until)
            except UNREADABLE as error:
                broken[row["government"]] = f"holds what nobody can read ({error})"
                continue
            if not _reaches(row, pieces):
                broken[row["government"]] = "has a part that says otherwise how far it reaches"
    for code in sorted({*wanted.by_government, *found}):
        is_same = found.get(code, _NOTHING) == wanted.by_government.get(code, _NOTHING)
        yield code, broken.get(code, "" if is_same else "differs from a replay")


def count(tally: Figures, pieces: Pieces, until: int) -> None:
    """Count the rows and closings of columns, as far as they go back to `until`."""
    columns = [pieces.columns[name] for name in (*NUMBERS, *CODED)]
    for place, words in enumerate(pieces.words, len(NUMBERS)):
        columns[place] = _told(words)[columns[place]]
    known = pieces.columns["position"] <= until
    closings = [pieces.closings[name] for name in CLOSED]
    ended = pieces.closings["position_to"] <= until
    _add(tally, _digests(_ROW_KEYS, columns)[known], _digests(_CLOSING_KEYS, closings)[ended])


def _reaches(row: Any, pieces: Pieces) -> bool:
    """Whether a part says how many rows it has, and reaches from the first to the last event that
    made some: others are not asked for them."""
    made = np.concatenate([pieces.columns["position"], pieces.closings["position_to"]])
    is_within = (row["first_position"] <= made) & (made <= row["last_position"])
    return pieces.size == row["row_count"] and bool(is_within.all())


def _add(tally: Figures, rows: Digests, closings: Digests) -> None:
    tally.rows += len(rows)
    tally.closings += len(closings)
    total = tally.total + int(rows.sum()) + int(closings.sum())
    tally.total = total & (1 << 64) - 1


def _told(words: Sequence[Any]) -> Ints:
    """The digests of the words of a dictionary."""
    return np.array([hash(_ENCODER.encode(word)) for word in words], np.int64)


def _digests(keys: Sequence[np.uint64], columns: Sequence[Ints]) -> Digests:
    """The digest of each row of some columns."""
    found: Digests = np.full(len(columns[0]), keys[-1])
    for key, column in zip(keys, columns, strict=True):
        found ^= column.astype(np.uint64)
        for _ in range(2):  # once leaves in the lower half what was there
            found *= key
            found ^= found >> _SHIFT_BITS
    return found


_NOTHING: Final = Figures()
_NO_ROWS: Final = np.empty((0, len(NUMBERS) + len(CODED)), np.int64)
_NO_CLOSINGS: Final = np.empty((0, len(CLOSED)), np.int64)
