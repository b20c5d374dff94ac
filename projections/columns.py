"""The facts of one government as columns of numbers, packed in parts and blocks; it never reckons
with them and never does I/O.

A part is what a batch of events adds: a few plain rows. A block is many of them, each column as an
array of the narrowest whole numbers that hold it, texts as codes of the block's own dictionary.
Both are never changed: that a version is followed by another is a row of its own (`Closing`).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from domain.facts import is_about_receipt
from projections.histories import Version
from projections.spans import Span
from projections.speakers import Speakers, spoken

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

STATUSES: Final = (
    "accepted", "contested", "pending", "rejected", "refuted", "retracted", "superseded",
)  # fmt: skip
"""Statuses by their stored code: the counted ones first, then those that may yet be true."""
COUNTED_MAX: Final = 1
POSSIBLE_MAX: Final = 2
OPEN: Final = 2**63 - 1
"""The end of a range that has none."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
STATUS_CODES: Final = {status: code for code, status in enumerate(STATUSES)}
NUMBERS: Final = ("position", "recorded", "known", "day", "status", "voices", "own", "stated")
CODED: Final = ("profile", "voice", "actor", "happening", "states", "speakers")
_numbers_of: Final = attrgetter(*NUMBERS)
CLOSED: Final = ("position", "recorded", "position_to", "known_to")
_WIDTHS: Final = (("u1", 8), ("u2", 16), ("u4", 32))


class Profile(msgspec.Struct, frozen=True, array_like=True):
    """What decides which instrument, stage or conduct a claim is; see `domain.facts.Facts`.

    `joint`: at least two signatories are stated. `about`: see `domain.facts.is_about_receipt`.
    """

    kind: str
    treaty: str
    stance: str | None
    forum: str | None
    strength: str | None
    joint: bool
    carried: bool
    engaged: bool
    about: bool = False


class Voice(msgspec.Struct, frozen=True, array_like=True):
    """Who speaks and on what ground: kinds of actors, whether to several governments, and the
    reliabilities of the sources."""

    actors: tuple[str, ...]
    several: bool
    reliabilities: tuple[str, ...]


class FigureRow(msgspec.Struct, frozen=True, array_like=True):
    """One version of a claim under one government.

    `position` and `known`: from where and when on it is believed, in microseconds since 1970;
    `recorded`: where the claim was recorded, which tells claims apart. `day` and `stated` are
    ordinals of days, 0 for none. `happening`: of claims declared the same, else empty. `own`:
    whether the government is one of the acting states. `states`: those that lodge an objection.
    """

    position: int
    recorded: int
    known: int
    day: int
    status: int
    voices: int
    own: bool
    stated: int
    profile: Profile
    voice: Voice
    actor: str
    happening: str
    states: tuple[str, ...]
    speakers: Speakers


class Closing(msgspec.Struct, frozen=True, array_like=True):
    """That the row of (position, recorded) is believed no longer than this."""

    position: int
    recorded: int
    position_to: int
    known_to: int


class Part(msgspec.Struct, frozen=True, array_like=True):
    """The rows that a batch adds to one government, in order of position, and the rows it ends."""

    rows: list[FigureRow]
    closings: list[Closing]


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """Whole numbers as differences from the least, in the narrowest form; none where all are
    equal."""

    least: int
    form: str
    body: bytes


class _Block(msgspec.Struct, frozen=True, array_like=True, tag="b"):
    size: int
    numbers: list[Packed]
    codes: list[Packed]
    profiles: list[Profile]
    voices: list[Voice]
    actors: list[str]
    happenings: list[str]
    states: list[tuple[str, ...]]
    speakers: list[Speakers]
    closed: int
    closings: list[Packed]


class Pieces(msgspec.Struct):
    """Columns with their dictionaries: one array per name of `NUMBERS` and `CODED`, codes being
    places in the list of the same order; `closings` are the columns of `Closing`."""

    columns: dict[str, Ints]
    words: tuple[list[Any], ...]
    closings: dict[str, Ints]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.columns["position"])

    def after(self, position: int) -> "Pieces":
        """Those that came after a position: a block may hold earlier ones too."""
        rows = self.columns["position"] > position
        closings = self.closings["position_to"] > position
        return Pieces(
            {name: column[rows] for name, column in self.columns.items()},
            self.words,
            {name: column[closings] for name, column in self.closings.items()},
        )


_ENCODER: Final = msgspec.msgpack.Encoder()
_PARTS: Final = msgspec.msgpack.Decoder(Part)
_BLOCKS: Final = msgspec.msgpack.Decoder(_Block)


def microseconds(moment: datetime) -> int:
    """A moment as whole microseconds since 1970, UTC."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def figure_rows(span: Span) -> dict[str, FigureRow]:
    """The row of a version under each government it concerns."""
    version, facts = span.version, span.version.facts
    profile = Profile(
        facts.kind,
        facts.treaty,
        facts.stance,
        facts.forum,
        facts.strength,
        (facts.signatories or 0) >= 2,
        facts.carried,
        facts.engaged,
        is_about_receipt(facts.kind, facts.occurred_on),
    )
    voice = Voice(facts.actors, len(facts.targets) > 1, facts.reliabilities)
    known = microseconds(version.known_from)
    stated = 0 if facts.stated is None else facts.stated.toordinal()
    states = facts.states if facts.kind == "objection_lodged" else ()
    happening = version.happening if version.same else ""
    speakers = Speakers(*spoken(facts.kind, facts.signatories, version.claim.actors))
    return {
        government: FigureRow(
            version.position,
            facts.position,
            known,
            facts.day.toordinal(),
            STATUS_CODES[facts.status],
            facts.voices,
            government in facts.states,
            stated,
            profile,
            voice,
            facts.actor,
            happening,
            states,
            speakers,
        )
        for government in facts.targets
    }


def closing(span: Span) -> Closing | None:
    """The closing of a version that another follows; None while none does."""
    version: Version = span.version
    if span.position_to is None or span.known_to is None:
        return None
    known_to = microseconds(span.known_to)
    return Closing(version.position, version.recorded_position, span.position_to, known_to)


def pack_part(part: Part) -> bytes:
    """A part as MessagePack."""
    return _ENCODER.encode(part)


def pack_block(pieces: Pieces) -> bytes:
    """Pieces as one block."""
    profiles, voices, actors, happenings, states, speakers = pieces.words
    block = _Block(
        pieces.size,
        [_packed(pieces.columns[name]) for name in NUMBERS],
        [_packed(pieces.columns[name]) for name in CODED],
        profiles,
        voices,
        actors,
        happenings,
        states,
        speakers,
        len(pieces.closings["position"]),
        [_packed(pieces.closings[name]) for name in CLOSED],
    )
    return _ENCODER.encode(block)


def unpack_pieces(body: bytes, *, is_block: bool) -> Pieces:
    """The columns that `pack_part` or `pack_block` wrote."""
    return _of_block(_BLOCKS.decode(body)) if is_block else pieces_of(_PARTS.decode(body))


def gathered(bodies: Iterable[tuple[bool, bytes]]) -> Pieces:
    """The columns of blocks (True) and parts (False), in order of position; parts in a row are
    turned into columns together. A block that was merged of parts far from one another holds rows
    from before and after those of other blocks."""
    found: list[Pieces] = []
    rows: list[FigureRow] = []
    closings: list[Closing] = []

    def turn() -> None:
        if rows or closings:
            found.append(pieces_of(Part(rows[:], closings[:])))
            rows.clear()
            closings.clear()

    for is_block, body in bodies:
        if is_block:
            turn()
            found.append(_of_block(_BLOCKS.decode(body)))
        else:
            part = _PARTS.decode(body)
            rows += part.rows
            closings += part.closings
    turn()
    return in_order(joined(found))


def in_order(pieces: Pieces) -> Pieces:
    """The rows in order of position."""
    positions = pieces.columns["position"]
    if bool((positions[1:] >= positions[:-1]).all()):
        return pieces
    order = np.argsort(positions, kind="stable")
    columns = {name: column[order] for name, column in pieces.columns.items()}
    return Pieces(columns, pieces.words, pieces.closings)


def joined(pieces: Sequence[Pieces]) -> Pieces:
    """Pieces one after another, under one dictionary."""
    if len(pieces) < 2:
        return pieces[0] if pieces else pieces_of(Part([], []))
    columns = {
        name: np.concatenate([np.empty(0, np.int64), *(p.columns[name] for p in pieces)])
        for name in NUMBERS
    }
    words: list[list[Any]] = []
    for place, name in enumerate(CODED[: len(pieces[0].words)]):
        codes: dict[Any, int] = {}
        parts = [np.empty(0, np.int64)]
        for piece in pieces:
            new = [codes.setdefault(word, len(codes)) for word in piece.words[place]]
            parts.append(np.array(new, np.int64)[piece.columns[name]])
        columns[name] = np.concatenate(parts)
        words.append(list(codes))
    closings = {
        name: np.concatenate([np.empty(0, np.int64), *(p.closings[name] for p in pieces)])
        for name in CLOSED
    }
    return Pieces(columns, tuple(words), closings)


def ends_of(pieces: Pieces) -> tuple[Ints, Ints]:
    """Up to which position and which moment each row, in order of position, is believed, `OPEN`
    where no other follows; closings of rows that are not here are passed over."""
    positions, recorded = pieces.columns["position"], pieces.columns["recorded"]
    position_to = np.full(pieces.size, OPEN, np.int64)
    known_to = np.full(pieces.size, OPEN, np.int64)
    closed = pieces.closings
    waiting = np.arange(len(closed["position"]))
    places = np.searchsorted(positions, closed["position"])
    while len(waiting := waiting[places[waiting] < pieces.size]):
        waiting = waiting[positions[places[waiting]] == closed["position"][waiting]]
        here = places[waiting]
        found = recorded[here] == closed["recorded"][waiting]
        position_to[here[found]] = closed["position_to"][waiting[found]]
        known_to[here[found]] = closed["known_to"][waiting[found]]
        waiting = waiting[~found]
        places[waiting] += 1
    return position_to, known_to


def pieces_of(part: Part) -> Pieces:
    """The columns of a part."""
    rows = part.rows
    numbers = np.array([_numbers_of(row) for row in rows], np.int64).reshape(-1, len(NUMBERS))
    columns = {name: np.ascontiguousarray(numbers[:, i]) for i, name in enumerate(NUMBERS)}
    words: list[list[Any]] = []
    for name in CODED:
        codes: dict[Any, int] = {}
        of = attrgetter(name)
        found = [codes.setdefault(of(row), len(codes)) for row in rows]
        columns[name] = np.array(found, np.int64)
        words.append(list(codes))
    closings = {
        name: np.array([getattr(one, name) for one in part.closings], np.int64) for name in CLOSED
    }
    return Pieces(columns, tuple(words), closings)


def _of_block(block: _Block) -> Pieces:
    names = (*NUMBERS, *CODED)
    packed = zip(names, (*block.numbers, *block.codes), strict=True)
    return Pieces(
        {name: unpacked(one, block.size) for name, one in packed},
        (
            *(block.profiles, block.voices, block.actors, block.happenings, block.states),
            block.speakers,
        ),
        {
            name: unpacked(one, block.closed)
            for name, one in zip(CLOSED, block.closings, strict=True)
        },
    )


def _packed(column: Ints) -> Packed:
    if not len(column):
        return Packed(0, "", b"")
    least = int(column.min())
    span = int(column.max()) - least
    if span == 0:
        return Packed(least, "", b"")
    form = next((form for form, bits in _WIDTHS if span < 1 << bits), "i8")
    return Packed(least, form, (column - least).astype(form).tobytes())


def unpacked(packed: Packed, size: int) -> Ints:
    """All numbers of a packed column."""
    if not packed.form:
        return np.full(size, packed.least, np.int64)
    found = np.frombuffer(packed.body, packed.form).astype(np.int64)
    found += packed.least
    return found


def parts_of(opened: Iterable[Span], closed: Iterable[Span]) -> dict[str, Part]:
    """What a batch adds under each government: versions that `opened` and earlier ones that it
    `closed`, as an advance has them."""
    found: dict[str, Part] = {}

    def part(government: str) -> Part:
        return found.setdefault(government, Part([], []))

    for span in sorted(opened, key=lambda s: (s.version.position, s.version.recorded_position)):
        ended = closing(span)
        for government, row in figure_rows(span).items():
            part(government).rows.append(row)
            if ended is not None:
                part(government).closings.append(ended)
    for span in closed:
        ended = closing(span)
        if ended is not None:
            for government in span.version.claim.targets:
                part(government).closings.append(ended)
    return found
