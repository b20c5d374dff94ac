"""Parts of rows that come for the first time, packed at once where it is sure what their cells say;
of any other it says nothing, and leaves it to be read as a whole.

Of a part with few words that come again nothing is gained here. Days, and lists of members or of
relations to other claims, are nearly as many as the rows.
"""

from datetime import datetime
from typing import Any, Final

from domain.dates import last_moment
from domain.fragments import day_fragment, fragment, list_head, map_head, name_of, pack
from domain.governments import GOVERNMENTS
from services.intake.sheets.recalling import (
    ANY_CLAIM,
    MEMBERS_MAX,
    PARTED,
    PARTS_KNOWN_MAX,
    Part,
    Recalling,
    is_odd_list,
    is_relation,
)

Day = tuple[bytes, bytes, datetime | None]
"""A day as that of a claim, as that of a source, and the last moment it may mean."""
NO_DAY: Final[Day] = (b"", b"", None)
_RELATION: Final = map_head(2) + name_of("claim")


def day(text: str | None) -> Day:
    """A day that is sound."""
    if text is None:
        return NO_DAY
    return fragment("occurred_on", text), day_fragment(text), last_moment(text)


class Surely:
    """Packs what the cells of a row surely say, each method for one part of a single column; None
    where that is not sure."""

    def __init__(self, recalling: Recalling) -> None:
        self.recalling = recalling
        self.actor: dict[str, bytes] = {}
        self.relation: dict[str, bytes] = {}

    def day(self, part: Part, cells: list[Any], _keeps: bool) -> Day | None:
        """A day of the calendar."""
        cell = cells[part.reads[0].index]
        return day(cell) if type(cell) is str and self.recalling.is_sound_day(cell) else None

    def targets(
        self, part: Part, cells: list[Any], _keeps: bool
    ) -> tuple[bytes, tuple[str, ...]] | None:
        """Governments by their codes, and these."""
        codes = tuple(_members(part, cells))
        known = set(codes)
        if not known or len(known) < len(codes) or not known <= GOVERNMENTS.keys():
            return None
        return fragment("targets", codes), codes

    def actors(self, part: Part, cells: list[Any], keeps: bool) -> tuple[bytes] | None:
        """Actors of whom each is found sound alone."""
        members = _members(part, cells)
        packed: list[bytes] = []
        for member in members:
            one = self.actor.get(member)
            if one is None:
                alone = self._alone(part, cells, member, keeps)
                if len(alone) != 1:
                    return None
                one = _keep(self.actor, member, pack(alone[0]), keeps)
            packed.append(one)
        return (list_head("actors", len(packed)) + b"".join(packed),) if packed else None

    def relations(
        self, part: Part, cells: list[Any], keeps: bool
    ) -> tuple[bytes, tuple[str, ...]] | None:
        """Relations to any claims, in words that are found sound for one, and these claims."""
        members = _members(part, cells)
        if len(set(members)) < len(members):
            return None
        packed: list[bytes] = []
        claims: list[str] = []
        for member in members:
            match = is_relation(member)
            if match is None or match[2] == ANY_CLAIM:
                return None
            word, claim = match[1], match[2]
            one = self.relation.get(word)
            if one is None:
                alone = self._alone(part, cells, f"{word}: {ANY_CLAIM}", keeps)
                if len(alone) != 1:
                    return None
                one = _keep(self.relation, word, fragment("relation", alone[0].relation), keeps)
            packed += (_RELATION, pack(claim), one)
            claims.append(claim)
        if not claims:
            return None
        return list_head("relates_to", len(claims)) + b"".join(packed), tuple(claims)

    def _alone(self, part: Part, cells: list[Any], member: str, keeps: bool) -> Any:
        """What the part would be if it were this member alone."""
        row = [*cells]
        row[part.reads[0].index] = member
        return self.recalling.value(part, row, keeps)


def _members(part: Part, cells: list[Any]) -> list[str]:
    """The members of a list; none where that is not sure."""
    cell = cells[part.reads[0].index]
    if type(cell) is not str or is_odd_list(cell) is not None:
        return []
    members = cell.split(PARTED)
    return members if len(members) <= MEMBERS_MAX else []


def _keep(known: dict[str, bytes], name: str, packed: bytes, keeps: bool) -> bytes:
    if keeps and len(known) < PARTS_KNOWN_MAX:
        known[name] = packed
    return packed
