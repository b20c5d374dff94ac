"""The rows of the views as a bulk build sends them: packed by hand, for tables of its own session;
it never sends any.

What every version of the same claim has in common is packed once (`Packer.share`). A row lacks its
last two columns, where its ranges end, until a later version closes it or the build is over.
"""

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from typing import Any, Final, Protocol

import msgspec

from domain.claims import Actor
from domain.dates import partial_date
from domain.facts import TOLD, Facts
from domain.standing import LEGAL_KINDS
from infra.postgres.projecting.copying import (
    FALSE,
    INT2,
    INT4,
    INT8,
    NULL,
    TRUE,
    WORDS_KEPT,
    day_number,
    length,
    microseconds,
    text,
    texts,
    word,
)
from infra.postgres.projecting.search_rows import SearchPacker
from infra.postgres.projecting.sheets import Sheet
from projections.histories import Version, array_head, pack, pack_claim
from projections.search import actor_key, texts_of
from projections.spans import Span

NO_GOVERNMENT: Final = ""
"""The code under which a claim stands that concerns no government."""
OPEN: Final = NULL + NULL
"""The ends of ranges that have none yet."""
_DAYS_KEPT: Final = 65_536
_ENCODER: Final = msgspec.msgpack.Encoder()


Ranged = tuple[list[bytes], bytes]
"""The rows of a sheet, and a row for it that lacks its ends."""


class Packer(Protocol):
    """Packs the rows of one view for one bulk build."""

    @property
    def sheets(self) -> Sequence[Sheet]:
        """The rows it has packed, by table."""

    def share(self, version: Version, told: tuple[Any, ...]) -> Any:
        """What the rows of all versions with this claim have in common; `told`: see
        `domain.facts.told`, of its claim."""

    def pack(self, version: Version, shared: Any, begins: bytes) -> Sequence[Ranged]:
        """The rows of a version, without their ends; rows without ranges go to their sheet at once.

        `begins`: see `begins_of`.
        """


def begins_of(version: Version, known: int) -> bytes:
    """Three columns that every row of a version has: number, position_from, known_from.

    `known`: its `known_from` as COPY counts it.
    """
    return _begins(INT4, version.number, INT8, version.position, INT8, known)


def ends_from(begins: bytes) -> bytes:
    """The ends that the version with these begins gives to the rows of the one before it."""
    return begins[_BEGINS_NUMBER_BYTES:]


def ends_of(span: Span) -> bytes:
    """The last two columns of the rows of a version: where its ranges end."""
    if span.position_to is None or span.known_to is None:
        return OPEN
    return _ends(INT8, span.position_to, INT8, microseconds(span.known_to))


class ClaimsPacker:
    """Packs versions, relations and what claims are found by, see
    `infra.postgres.projecting.view_rows.ClaimsView`."""

    def __init__(self, search: SearchPacker | None = None) -> None:
        self.search = search or SearchPacker()
        self.versions = Sheet("staged_version", make="stage_versions", fill="fill_versions")
        self.relations = Sheet("staged_relation", make="stage_relations", fill="fill_relations")
        self.sheets = (self.versions, self.relations, *self.search.sheets)

    def share(self, version: Version, told: tuple[Any, ...]) -> tuple[Any, ...]:
        """See `Packer.share`."""
        claim = version.claim
        passages = texts_of(claim)
        days = _day_columns(claim.occurred_on)
        columns = b"".join(
            (
                text(claim.id),
                _kind_columns(claim.kind, claim.treaty),
                days,
                _recorded(INT8, version.recorded_position),
                _actors(claim.actors),
                text(" ".join(passages)),
            )
        )
        # The same cause may be claimed by several authors: one row leads to all of them.
        relations = dict.fromkeys(
            (text(relation.claim) + text(claim.id), word(relation.relation))
            for relation in claim.relates_to
        )
        return pack_claim(claim), columns, relations, passages, days[: INT4 + INT4]

    def pack(self, version: Version, shared: tuple[Any, ...], begins: bytes) -> Sequence[Ranged]:
        """See `Packer.pack`."""
        parts, columns, relations, passages, day = shared
        self.search.pack(version, passages, day, begins)
        body = pack(version, parts)
        row = (
            _VERSION_COLUMNS,
            begins,
            word(version.status),
            text(version.happening),
            length(len(body)),
            body,
            columns,
        )
        for claims, relation in relations:
            number = _related(INT4, version.number)
            self.relations.rows.append(_RELATION_COLUMNS + claims + number + relation)
        return ((self.versions.rows, b"".join(row)),)


class GovernmentsPacker:
    """Packs facts under the governments they concern, see
    `infra.postgres.projecting.view_rows.GovernmentsView`."""

    def __init__(self) -> None:
        self.facts = Sheet("staged_facts", make="stage_facts", fill="fill_facts")
        self.sheets = (self.facts,)

    def share(self, version: Version, told: tuple[Any, ...]) -> tuple[Any, ...]:
        """See `Packer.share`."""
        claim = version.claim
        columns = b"".join(
            (
                text(claim.id),
                _kind_columns(claim.kind, claim.treaty),
                _day(INT4, day_number(told[_DAY])),
                TRUE if claim.kind in LEGAL_KINDS else FALSE,
            )
        )
        return columns, *_facts_parts(version, told), _governments(claim.targets)

    def pack(self, version: Version, shared: tuple[Any, ...], begins: bytes) -> Sequence[Ranged]:
        """See `Packer.pack`."""
        columns, before, name, after, governments = shared
        happening = version.happening
        facts = b"".join(
            (
                before,
                name if happening == version.claim.id else _ENCODER.encode(happening),
                _packed_word(version.status),
                after,
            )
        )
        row = b"".join(
            (
                _FACTS_COLUMNS,
                begins,
                word(version.status),
                columns,
                length(len(facts)),
                facts,
            )
        )
        rows = self.facts.rows
        return [(rows, row + government) for government in governments]


_VERSION_COLUMNS: Final = (17).to_bytes(2, "big")
_FACTS_COLUMNS: Final = (14).to_bytes(2, "big")
_RELATION_COLUMNS: Final = (4).to_bytes(2, "big")
_BEGINS_NUMBER_BYTES: Final = 2 * INT4
_ends: Final = Struct(">iqiq").pack
_begins: Final = Struct(">iiiqiq").pack
_recorded: Final = Struct(">iq").pack
_related: Final = Struct(">ii").pack
_day: Final = Struct(">ii").pack
_days: Final = Struct(">iiiiii").pack
_ordinal: Final = Struct(">ih").pack


@lru_cache(maxsize=_DAYS_KEPT)
def _day_columns(occurred_on: str) -> bytes:
    when = partial_date(occurred_on)
    days = (when.representative_day, when.first_day, when.last_day)
    numbers = [day_number(day) for day in days]
    return _days(INT4, numbers[0], INT4, numbers[1], INT4, numbers[2])


@lru_cache(maxsize=WORDS_KEPT)
def _kind_columns(kind: str, treaty: str) -> bytes:
    return text(kind) + text(treaty)


@lru_cache(maxsize=WORDS_KEPT)
def _actors(actors: tuple[Actor, ...]) -> bytes:
    return texts(dict.fromkeys([actor_key(actor.key) for actor in actors]))


@lru_cache(maxsize=WORDS_KEPT)
def _packed_word(value: str) -> bytes:
    return _ENCODER.encode(value)


@lru_cache(maxsize=WORDS_KEPT)
def _governments(targets: tuple[str, ...]) -> list[bytes]:
    """The columns government and ordinal of each row."""
    codes = targets or (NO_GOVERNMENT,)
    return [text(code) + _ordinal(INT2, ordinal) for ordinal, code in enumerate(codes)]


def _facts_parts(version: Version, told: tuple[Any, ...]) -> tuple[bytes, bytes, bytes]:
    """The packed facts before `happening`, the packed name of the claim, the facts after
    `status`."""
    name = _ENCODER.encode(version.claim.id)
    before = b"".join((_FACTS_HEAD, name, _ENCODER.encode(version.recorded_position)))
    return before, name, _ENCODER.encode(told)[_TOLD_HEAD_BYTES:]


_FACTS_HEAD: Final = array_head(len(Facts.__struct_fields__))
_TOLD_HEAD_BYTES: Final = len(array_head(len(TOLD)))
_DAY: Final = TOLD.index("day")
