"""Rows of a table packed as the log keeps them, put together from what earlier rows had packed; it
judges nothing itself, and records nothing.

A row that says nothing new costs a look at each of its parts, and bytes laid one after the other. A
part that comes for the first time is read as `services.intake.sheets.recalling` reads it; a row
with anything else to it, a fault first of all, is read and packed whole. Both ways lead to the same
bytes, and a test says so.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

import msgspec

from domain.claims import Submission
from domain.desk import recording
from domain.errors import FieldError
from domain.events import claim_tag, encode, name_of_kind, places
from domain.fragments import (
    SourceFragment,
    fragment,
    list_head,
    map_head,
    name_of,
    pack,
    source_fragment,
)
from domain.sheaf import Plain
from services.intake.lines import MADE_LATER, Line, pairs_of
from services.intake.sheets.csv_cells import Cells
from services.intake.sheets.matching import Match
from services.intake.sheets.reading import RowReader
from services.intake.sheets.recalling import PARTS_KNOWN_MAX, Part, ReadWhole, Recalling
from services.intake.sheets.table import Row
from services.tables.surely import Surely
from services.tables.surely import day as packed_day

NO_SOURCE: Final = SourceFragment(0, b"", b"")
_CLAIM: Final = name_of("claim")
_SUMMARY: Final = name_of("summary")
_HEADS: Final = [map_head(count) for count in range(16)]
_HEADS_OF_SOURCES: Final = [map_head(count) for count in range(8)]


class Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A claim ready to be recorded: the row it stands in, its id, and its events as the log's port
    takes them."""

    number: int
    claim: str
    events: tuple[Plain, ...]


class Read(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A row that was read: the claim in it with its id, a digest of what it says, see `_digest`,
    its events, see `Packed`, and the pairs it declares the same; or what is wrong."""

    number: int
    errors: tuple[FieldError, ...] = ()
    claim: str = ""
    digest: int = 0
    events: tuple[Plain, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


def packed(number: int, submission: Submission, *, accepted: bool, now: datetime) -> Packed:
    """A new claim as it goes into the log, as history brought in afterwards."""
    made = map(encode, recording(submission, accepted=accepted, now=now, backfilled=True))
    events = tuple([(one.type, one.data, tuple(one.tags)) for one in made])
    return Packed(number, submission.claim.id, events)


def read(line: Line, *, accepted: bool, now: datetime) -> Read:
    """A line, packed."""
    submission = line.submission
    if submission is None:
        return Read(line.number, line.errors)
    ready = packed(line.number, submission, accepted=accepted, now=now)
    plain = ready
    if len(ready.events) > 1 or submission.status or submission.known_since:
        alone = Submission(claim=submission.claim)
        plain = packed(line.number, alone, accepted=accepted, now=now)
    # How the claim alone would be recorded is all that it says, and is at hand for nearly all.
    kind, said, _ = plain.events[0]
    return Read(
        line.number,
        claim=ready.claim,
        digest=_digest(kind, said),
        events=ready.events,
        pairs=tuple(pairs_of(submission)),
    )


class PackedReader:
    """Reads rows whose columns are matched, as `RowReader` does with all that restates, and packs
    their claims."""

    def __init__(self, matches: Sequence[Match], now: datetime, *, accepted: bool) -> None:
        self.now, self.accepted = now, accepted
        self.reader = RowReader(matches, now, restate=True)
        self.recalling = self.reader.recalling
        self.status = fragment("status", "accepted" if accepted else "pending")
        self.since: dict[datetime, bytes] = {}
        if self.recalling.fits:
            self._divide(self.recalling)

    def _divide(self, recalling: Recalling) -> None:
        kind, restating, day, treaty, actors, targets, relations, seen = recalling.parts
        # Few combinations of these come again and again.
        self.frame = _Piece(recalling, [kind, treaty, seen], _frame)
        self.frame.key = _by_ending(self.frame.key, kind, treaty, seen)
        self.restating = _Piece(recalling, [restating], _stated)
        surely = Surely(recalling)
        self.day = _Piece(recalling, [day], packed_day, surely.day)
        self.actors = _Piece(recalling, [actors], _actors, surely.actors)
        self.targets = _Piece(recalling, [targets], _targets, surely.targets)
        self.relations = _Piece(recalling, [relations], _relations, surely.relations)
        self.sources = [
            (
                _Piece(recalling, [whole], _source),
                _Piece(recalling, [dated], packed_day, surely.day),
                _about(whole, dated),
            )
            for whole, dated in recalling.sources
        ]
        alike: dict[int, dict[Any, Any]] = {id(day.known): self.day.known}
        for pair, parts in zip(self.sources, recalling.sources, strict=True):
            for piece, part in zip(pair[:2], parts, strict=True):
                piece.know(alike.setdefault(id(part.known), piece.known))

    def read(self, row: Row) -> Read:
        """One row: the claim in it, packed, or what is wrong in which cell."""
        own = self.recalling.own(row.cells)
        if own is not None:
            try:
                return self._put_together(row, *own)
            except ReadWhole:
                pass
        return read(self.reader.line(row), accepted=self.accepted, now=self.now)

    def _put_together(
        self, row: Row, cells: list[Any], claim: str, summary: str, keeps: bool
    ) -> Read:
        # Written out, without a call for what is known: a hundred thousand rows pass here.
        piece = self.frame
        type_, treaty, treaty_packed, details, seen, count = piece.get(
            piece.key(cells)
        ) or piece.made(cells, keeps)
        piece = self.restating
        (stated,) = piece.get(piece.key(cells)) or piece.made(cells, keeps)
        piece = self.day
        occurred_on, _, last = piece.get(piece.key(cells)) or piece.made(cells, keeps)
        if last is None:
            raise ReadWhole
        piece = self.actors
        (actors,) = piece.get(piece.key(cells)) or piece.made(cells, keeps)
        piece = self.targets
        targets, codes = piece.get(piece.key(cells)) or piece.made(cells, keeps)
        piece = self.relations
        relations, related = piece.get(piece.key(cells)) or piece.made(cells, keeps)
        sources, published = self._sources(cells, keeps)
        if claim in related:
            raise ReadWhole
        if claim == MADE_LATER:  # its id is made of all that it says
            submission = self.reader.line(row).submission
            if submission is None:
                raise ReadWhole
            claim = submission.claim.id
        known = published or last
        since = self.since.get(known) or self._since(known)
        fields = (
            _HEADS[
                count + bool(self.status) + bool(actors) + bool(targets) + bool(sources)
                + bool(relations)
            ],
            _CLAIM, pack(claim), treaty_packed, occurred_on, _SUMMARY, pack(summary), details,
            self.status, actors, targets, sources, relations, seen,
        )  # fmt: skip
        most = b"".join(fields)
        said = most + since
        tags = (claim_tag(claim), *places(codes, treaty))
        data = said if stated is None else most + stated
        return Read(row.number, (), claim, _digest(type_, said), ((type_, data, tags),))

    def _sources(self, cells: list[Any], keeps: bool) -> tuple[bytes, datetime | None]:
        """The sources of a row, packed, and when the first of them was published at the latest."""
        packed: list[bytes] = []
        count = 0
        first: datetime | None = None
        for whole, dated, cells_of in self.sources:
            if not any(cells[cells_of]):
                continue
            source = whole.get(whole.key(cells)) or whole.made(cells, keeps)
            _, day, last = dated.get(dated.key(cells)) or dated.made(cells, keeps)
            if source is NO_SOURCE:
                if last is not None:
                    raise ReadWhole
            elif last is None:
                count += 1
                packed += (_HEADS_OF_SOURCES[source.count], source.before, source.after)
            else:
                count += 1
                packed += (
                    _HEADS_OF_SOURCES[source.count + 1], source.before, day, source.after,
                )  # fmt: skip
                if first is None or last < first:
                    first = last
        return list_head("sources", count) + b"".join(packed), first

    def _since(self, known: datetime) -> bytes:
        made = fragment("known_since", min(known, self.now))
        if len(self.since) < PARTS_KNOWN_MAX:
            self.since[known] = made
        return made


class _Piece:
    """Parts of a row that are packed together, and what they are by what stands in their cells:
    never anything that is false. `surely`: says it of a part alone where it is sure, see `Surely`.
    """

    __slots__ = ("get", "key", "known", "of", "parts", "recalling", "surely")

    def __init__(
        self,
        recalling: Recalling,
        parts: Sequence[Part],
        of: Callable[..., Any],
        surely: Callable[[Part, list[Any], bool], Any] | None = None,
    ) -> None:
        self.recalling, self.parts, self.of = recalling, parts, of
        # A column that is missing says nothing, which is known at once.
        self.surely = surely if any(part.reads for part in parts) else None
        indexes = [one.index for part in parts for one in part.reads]
        self.key: Callable[[Any], Any] = itemgetter(*indexes) if indexes else _nothing
        self.know({})

    def know(self, known: dict[Any, Any]) -> None:
        """Remember there what is found."""
        self.known, self.get = known, known.get

    def made(self, cells: list[Any], keeps: bool) -> Any:
        """What a row has that is not known yet; ReadWhole where it is not sound."""
        found = None if self.surely is None else self.surely(self.parts[0], cells, keeps)
        if found is None:
            found = self.of(*[self.recalling.value(part, cells, keeps) for part in self.parts])
        if keeps and len(self.known) < PARTS_KNOWN_MAX:
            self.known[self.key(cells)] = found
        return found


def _by_ending(
    key: Callable[[Any], Any], kind: Part, treaty: Part, seen: Part
) -> Callable[[Any], Any]:
    """The same, but by the text in which a line ends, where that is known, instead of the many
    cells in it: whatever details do not stand in it stand between the first of them and it."""
    (_, *inner) = indexes = [one.index for one in kind.reads]
    first = min(inner, default=0)
    few = itemgetter(indexes[0], *(one.index for one in (*treaty.reads, *seen.reads)))

    def quickly(cells: Any) -> Any:
        if type(cells) is not Cells:
            return key(cells)
        return cells.ending, cells.begun, few(cells), tuple(cells[first : cells.begun])

    return quickly


def _about(*parts: Part) -> slice:
    """The cells of some parts, and what stands between them."""
    indexes = [one.index for part in parts for one in part.reads]
    return slice(min(indexes), max(indexes) + 1)


def _nothing(_cells: Any) -> None:
    return None


def _frame(kind_and_details: Any, treaty: str, seen: str) -> Any:
    """The name of the event, the treaty, and four fields; with how many fields are sure to be."""
    kind, details = kind_and_details
    type_ = name_of_kind(kind)
    visibility = fragment("visibility", seen)
    # The id, treaty, day, summary, details, and since when it is known: none of them is ever left
    # out of what is brought in afterwards.
    return (
        type_, treaty, fragment("treaty", treaty), fragment("details", details), visibility,
        6 + bool(visibility),
    )  # fmt: skip


def _stated(restated: Submission | None) -> tuple[bytes | None]:
    """Since when a claim was known, where that is all that is stated beside it."""
    if restated is None:
        return (None,)
    if restated != Submission(claim=restated.claim, known_since=restated.known_since):
        raise ReadWhole
    return (fragment("known_since", restated.known_since),)


def _actors(actors: Any) -> tuple[bytes]:
    return (fragment("actors", actors),)


def _targets(targets: Any) -> tuple[bytes, tuple[str, ...]]:
    return fragment("targets", targets), targets


def _relations(relations: Any) -> tuple[bytes, tuple[str, ...]]:
    return fragment("relates_to", relations), tuple(one.claim for one in relations)


def _source(source: Any) -> SourceFragment:
    return NO_SOURCE if source is None else source_fragment(source)


def _digest(kind: str, said: bytes) -> int:
    """What a claim says, in a number: it tells apart what two rows of a file say under the same id,
    and is kept nowhere. Processes forked from one another agree on it, others do not."""
    return hash((kind, said))
