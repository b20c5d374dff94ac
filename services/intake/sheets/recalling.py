"""Claims of rows put together from parts that were found sound before; it judges nothing itself.

A claim falls into parts that say nothing of one another: its date, its actors, a source, the
details with the kind that prescribes them. A part that comes for the first time is tried within a
claim that is otherwise sound; from then on it is known by the cells it stands in. A row with
anything else to it, a fault first of all, is left to be read whole. Both ways lead to the same
claim, and a test says so.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

import msgspec

from domain.claims import SUMMARY_CHARS_MAX, Claim, Relation, Source, Submission, read_submission
from domain.dates import plain_day
from domain.details import CLAIM_ID
from domain.errors import InvalidClaim
from domain.faults import latest_day, shows_nothing
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF
from services.intake.lines import MADE_LATER
from services.intake.sheets.cells import Unfit
from services.intake.sheets.csv_cells import Cells
from services.intake.sheets.placing import DEEP, DETAIL, SOURCE, TOP, UNKNOWN, Read, put, value_of
from services.intake.sheets.table import Cell

PARTS_KNOWN_MAX: Final = 16_384
"""How many different parts of one sort are remembered; 40 years have fewer days."""
ROW_KNOWN_CHARS_MAX: Final = 2_000
"""Of a row with more characters no part is remembered."""
SOUND: Final = {"kind": "state_joined", "treaty": "APMBC", "occurred_on": "2000", "summary": "-"}
"""A claim within which parts are tried; each of its fields every claim has."""
DAY: Final = "published_on"
FIELDS: Final = ("treaty", "actors", "targets", "relates_to", "visibility")
"""Fields of a claim that are a part each, as its day is."""
LISTS: Final = ("actors", "targets", "relates_to")
"""Those that are lists, parted by `PARTED` as an export has them: of few different members, or of
relations in few words."""
PARTED: Final = "; "
MEMBERS_MAX: Final = 50
ANY_CLAIM: Final = "any"
"""The claim to which a relation is tried."""
WHOLE: Final = ("details", "more_sources")
"""Columns of JSON, into which other columns are put: rows that use them are read whole."""
_is_claim_id: Final = re.compile(CLAIM_ID).match
is_relation: Final = re.compile(r"([a-z_]+): ([a-z0-9][a-z0-9._-]{0,127})").fullmatch
is_odd_list: Final = re.compile(r"['\[{\n]").search


class ReadWhole(Exception):
    """The row is not to be put together from parts."""


class Part:
    """One part of a claim: the columns it stands in, and what it is by what stands in them."""

    __slots__ = ("is_day", "key", "known", "of", "reads")

    def __init__(
        self, reads: Sequence[Read], of: Callable[[Submission], Any], *, is_day: bool = False
    ) -> None:
        self.reads, self.of, self.is_day = reads, of, is_day
        self.key: Callable[[Any], Any] = (
            itemgetter(*(one.index for one in reads)) if reads else _nothing
        )
        self.known: dict[Any, Any] = {}


class Recalling:
    """Puts together the claims of a table whose columns are matched."""

    def __init__(self, reads: Sequence[Read], now: datetime, *, restate: bool) -> None:
        self.now, self.restate = now, restate
        self.latest = latest_day(now)
        top = {one.parts[0]: one for one in reads if one.place == TOP}
        self.fits = top.keys() >= SOUND.keys()
        """Whether the table has what every claim has; else all rows are read whole."""
        if not self.fits:
            return
        self.width = 1 + max(one.index for one in reads)
        self.id = top["id"].index if "id" in top else None
        self.summary = top["summary"].index
        self.whole = [top[name].index for name in WHOLE if name in top]
        inner = [one for one in reads if one.place in (DETAIL, DEEP)]
        rest = sorted(top.keys() - SOUND.keys() - {"id", *FIELDS, *WHOLE})
        self.parts = (
            Part([top["kind"], *inner], _kind_and_details),
            Part([top[name] for name in rest], _restating),
            Part([top["occurred_on"]], _day, is_day=True),
            *(Part([top[n]] if n in top else [], _field(n)) for n in FIELDS),
        )
        self.actors, self.targets, self.relations = (
            self.parts[3 + FIELDS.index(name)] for name in LISTS
        )
        self.lists = (self.actors, self.targets, self.relations)
        numbered: dict[int, list[Read]] = {}
        for one in reads:
            if one.place == SOURCE:
                numbered.setdefault(int(one.parts[1]), []).append(one)
        # Nearly every source has another day, so that it is a part of its own.
        self.sources = [
            (
                Part([one for one in found if one.parts[2] != DAY], _source),
                Part([one for one in found if one.parts[2] == DAY], _day, is_day=True),
            )
            for _, found in sorted(numbered.items())
        ]
        known: dict[Any, dict[Any, Any]] = {(DAY,): self.parts[2].known}
        for part in (part for pair in self.sources for part in pair):
            # What one source says, another one may.
            part.known = known.setdefault(tuple(one.parts[2] for one in part.reads), part.known)

    def submission(self, cells: list[Any]) -> Submission | None:
        """The submission in the cells of a row, its id `MADE_LATER` where it brings none; None
        where the row is to be read whole."""
        own = self.own(cells)
        if own is None:
            return None
        try:
            return self._put_together(*own)
        except ReadWhole:
            return None

    def own(self, cells: list[Any]) -> tuple[list[Any], str, str, bool] | None:
        """What a row has to itself: its cells, as many as there are columns, the id and the summary
        in them, and whether its parts are worth remembering; None where it is to be read whole."""
        if not self.fits:
            return None
        text = "".join(cells[: cells.begun]) if type(cells) is Cells else text_of(cells)
        if text is None or "\0" in text or "\\u0000" in text:
            return None
        if len(cells) < self.width:
            cells = [*cells, *[None] * (self.width - len(cells))]
        for index in self.whole:
            if cells[index]:
                return None
        summary = cells[self.summary]
        claim_id = MADE_LATER if self.id is None else cells[self.id] or MADE_LATER
        if type(summary) is not str or type(claim_id) is not str:
            return None
        summary = summary.strip()
        if not 0 < len(summary) <= SUMMARY_CHARS_MAX or summary[0] == "'":
            return None
        if shows_nothing(summary):
            return None
        if claim_id != MADE_LATER and _is_claim_id(claim_id) is None:
            return None
        return cells, claim_id, summary, len(text) <= ROW_KNOWN_CHARS_MAX

    def _put_together(
        self, cells: list[Any], claim_id: str, summary: str, keeps: bool
    ) -> Submission:
        found = [self.value(part, cells, keeps) for part in self.parts]
        sources = []
        for whole, dated in self.sources:
            source = self.value(whole, cells, keeps)
            day = self.value(dated, cells, keeps)
            if day is not None:
                if source is None:
                    raise ReadWhole
                source = msgspec.structs.replace(source, published_on=day)
            if source is not None:
                sources.append(source)
        (kind, details), restated, occurred_on, treaty, actors, targets, relations, seen = found
        if occurred_on is None:
            raise ReadWhole
        for relation in relations:
            if relation.claim == claim_id:
                raise ReadWhole
        claim = Claim(
            id=claim_id,
            kind=kind,
            treaty=treaty,
            occurred_on=occurred_on,
            actors=actors,
            targets=targets,
            summary=summary,
            details=details,
            sources=tuple(sources),
            relates_to=relations,
            visibility=seen,
        )
        if restated is None:
            return Submission(claim=claim)
        restating: Submission = msgspec.structs.replace(restated, claim=claim)
        return restating

    def value(self, part: Part, cells: list[Any], keeps: bool) -> Any:
        """What a part of a row is; ReadWhole where it is not sound."""
        value = part.known.get(part.key(cells), UNKNOWN)
        return self._tried(part, cells, keeps) if value is UNKNOWN else value

    def _tried(self, part: Part, cells: list[Any], keeps: bool) -> Any:
        """What a part of a row is that is not known yet; ReadWhole where it is not sound."""
        found = self._listed(part, cells, keeps)
        if found is None:
            found = part.of(self._sound(self._plain(part, cells)))
        if keeps and len(part.known) < PARTS_KNOWN_MAX:
            part.known[part.key(cells)] = found
        return found

    def _listed(self, part: Part, cells: list[Any], keeps: bool) -> Any:
        """The whole of a list whose members are known, or can be, or a day of the calendar; None
        where that is not sure. Lists are many, and their members few."""
        if not part.reads or not (part.is_day or part in self.lists):
            return None
        cell = cells[part.reads[0].index]
        if type(cell) is not str:
            return None
        if part.is_day:
            return cell if self.is_sound_day(cell) else None
        if part is self.relations:
            return self._related(cell, cells, keeps)
        if PARTED not in cell or is_odd_list(cell) is not None:
            return None
        members = cell.split(PARTED)
        if len(members) > MEMBERS_MAX:
            return None
        if part is self.targets:
            fits = len(set(members)) == len(members) and GOVERNMENTS.keys() >= set(members)
            return tuple(members) if fits else None
        found: list[Any] = []
        for member in members:
            alone = part.known.get(member)
            if alone is None:
                row = [*cells]
                row[part.reads[0].index] = member
                alone = self._tried(part, row, keeps)
            if len(alone) != 1:
                return None
            found += alone
        return tuple(found)

    def is_sound_day(self, text: str) -> bool:
        """Whether it is a day of the calendar, and none that lies ahead."""
        day = plain_day(text)
        return day is not None and day <= self.latest

    def _related(self, cell: str, cells: list[Any], keeps: bool) -> Any:
        """Relations to any claims, in words that were found sound for one; None where that is not
        sure."""
        found: list[Relation] = []
        for member in cell.split(PARTED):
            match = is_relation(member)
            if match is None or len(found) == MEMBERS_MAX:
                return None
            relation, claim = match[1], match[2]
            row = [*cells]
            row[self.relations.reads[0].index] = f"{relation}: {ANY_CLAIM}"
            known = self.value(self.relations, row, keeps) if claim != ANY_CLAIM else None
            if not known:
                return None
            found.append(msgspec.structs.replace(known[0], claim=claim))
        return tuple(found) if len(set(found)) == len(found) else None

    def _plain(self, part: Part, cells: list[Any]) -> dict[str, Any]:
        """A claim, as it is sent, that is sound but for this part of a row."""
        plain: dict[str, Any] = {**SOUND}
        details: dict[str, Any] = {}
        source: dict[str, Any] = {}
        for one in part.reads:
            value = _value(one, cells[one.index])
            if value is None:
                if one.parts[0] in SOUND:
                    raise ReadWhole
            elif part.is_day:  # what may be the day of one may be that of the other
                plain["occurred_on"], source = value, {"title": "-", DAY: value}
            elif one.place == TOP:
                plain[one.parts[0]] = value
            elif one.place == SOURCE:
                source[one.parts[2]] = value
            else:
                put(details, one.parts[1:], value)
        if details:
            plain["details"] = details
        if source:
            plain["sources"] = [source]
        return plain

    def _sound(self, plain: dict[str, Any]) -> Submission:
        try:
            return read_submission(
                plain,
                details_of=DETAILS_OF,
                now=self.now,
                new_id=MADE_LATER,
                backfill=True,
                restate=self.restate,
                is_nul_free=True,
            )
        except InvalidClaim:
            raise ReadWhole from None


def _value(one: Read, cell: Cell) -> Any:
    if not cell:
        return None
    known = one.known.get(cell, UNKNOWN) if type(cell) is str else UNKNOWN
    if known is not UNKNOWN:
        return known
    try:
        return value_of(one, cell)
    except Unfit:
        raise ReadWhole from None


def text_of(cells: list[Any]) -> str | None:
    """All texts of a row; None where a cell holds yes or no as such, which is equal to 1 or 0."""
    try:
        return "".join(cells)  # as CSV has them
    except TypeError:
        if bool in map(type, cells):
            return None
        return "".join([cell for cell in cells if type(cell) is str])


def _nothing(_cells: Any) -> None:
    return None


def _field(name: str) -> Callable[[Submission], Any]:
    def of(submission: Submission) -> Any:
        return getattr(submission.claim, name)

    return of


def _kind_and_details(submission: Submission) -> Any:
    return submission.claim.kind, submission.claim.details


def _source(submission: Submission) -> Source | None:
    return submission.claim.sources[0] if submission.claim.sources else None


def _day(submission: Submission) -> str | None:
    return submission.claim.sources[0].published_on if submission.claim.sources else None


def _restating(submission: Submission) -> Submission | None:
    """The submission for what it says beside the claim; None where it says nothing."""
    beside = (name for name in Submission.__struct_fields__ if name != "claim")
    return submission if any(getattr(submission, name) for name in beside) else None
