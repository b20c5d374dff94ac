"""One snapshot of a workspace's columns, to be asked as known at one point; it never writes.

What is at hand is brought up to date by the parts that came since; what is too much to keep is
streamed.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from domain.clocks import KnownAt
from domain.events import claim_tag
from domain.governments import GOVERNMENTS
from domain.standing import Standing
from domain.treaties import TREATIES
from domain.weights import Weights
from infra.postgres.queries import queries
from infra.postgres.reading.passing import passing
from projections.board import BoardRow, Latest
from projections.columnar.numbers.adding import effects_of
from projections.columnar.numbers.figures import ROW_BYTES, Reckoner
from projections.columnar.numbers.nearby import Wanted, effects_nearby, narrowings_nearby
from projections.columnar.numbers.reckoning import (
    NOTHING,
    Reckoned,
    board_row_of,
    by_treaty,
    latest_of,
    settled,
    standings_under,
)
from projections.columnar.numbers.supposing import narrowings_of
from projections.columnar.numbers.surveying import courses_on, standings_on, survey
from projections.columnar.numbers.sweeping import Sweep
from projections.columnar.opened.portraying import Courses, course_days
from projections.columnar.shelf.shelving import Shelf
from projections.columnar.shelf.sifting import Sieve, Sifting
from projections.columnar.shelf.slimming import slim
from projections.columnar.streams.outlining import reckoned as reckoned_passing
from projections.columnar.streams.stream import Stream
from projections.columnar.streams.supposing import effects_of as effects_passing
from projections.columnar.streams.supposing import narrowings_of as narrowings_passing
from projections.columnar.terms.law import Law
from projections.columns import joined
from projections.histories import Version, unpack, unpack_heading
from projections.mornings import Effect
from projections.portraits import COURSES
from projections.worklists import Narrowing

if TYPE_CHECKING:
    from infra.postgres.reading.figures import Figures

PARTS_AT_ONCE: Final = 2
"""How many parts are read while those before them are reckoned with."""
KEPT_TOGETHER_MIN: Final = 2
"""The columns of a government are kept where there is room for those of so many as large."""
LATEST_AT_ONCE: Final = 500
"""Of so many versions at a time no more than the heading is kept."""
THREAD_ROWS_MIN: Final = 20_000
"""From so many rows on a government is reckoned beside the event loop."""
_SQL: Final = queries("figures")
T = TypeVar("T")


class Place(msgspec.Struct, frozen=True):
    """Where a version stands: its representative day, where its claim was recorded, and its own
    position."""

    day: date
    recorded: int
    position: int


class Moment:
    """A snapshot of one workspace: `position` is what answers stand for, `known_at` how rows are
    chosen (a position or a moment, never the head)."""

    def __init__(
        self,
        figures: "Figures",
        connection: Any,
        workspace: str,
        *,
        position: int,
        known_at: KnownAt,
        epoch: int,
        generation: int,
        claims: int,
        law: Law,
        is_head: bool,
    ) -> None:
        self.figures, self.connection, self.workspace = figures, connection, workspace
        self.position, self.known_at, self.epoch = position, known_at, epoch
        self.generation, self.claims, self.law = generation, claims, law
        self.is_head = is_head

    @property
    def weights(self) -> Weights:
        """The weights it is asked with."""
        return self.law.weights

    def weighed(self, law: Law) -> "Moment":
        """The same snapshot asked with other weights."""
        other = copy(self)
        other.law = law
        return other

    async def of(
        self,
        government: str,
        on: date,
        ask: Callable[[Reckoner], T],
        ask_passing: Callable[[Stream], T],
    ) -> T:
        """What is asked of the columns of one government, which are kept for the next question
        where there is room for them; of too many to be at hand it is asked while they pass by."""
        key = self._key(government)
        held = self.figures.recall(key)
        if held is None:
            counted = self.workspace, self.generation, government
            size = await self.connection.fetchval(_SQL["row_total_of"], *counted)
            if size * ROW_BYTES * KEPT_TOGETHER_MIN > self.figures.kept_bytes_max:
                if size > self.figures.held_rows_max:
                    return await passing(self, government, on, ask_passing)
                reckoner = await self._believed(government)
                return await reckon(partial(ask, reckoner), reckoner.pieces.size)
        through = 0 if held is None else held[0]
        rows = await self.connection.fetch(
            _SQL["parts_since"], self.workspace, self.generation, government, through
        )
        if held is not None and not rows:
            return await reckon(lambda: ask(held[1]), held[1].pieces.size)
        pieces = [] if held is None else [held[1].pieces]
        last = max([through, *(row["last_position"] for row in rows)])

        def made() -> tuple[Reckoner, T]:
            new = slim((row["is_block"], row["body"]) for row in rows)
            new = new.after(through) if through else new
            reckoner = Reckoner(government, joined([*pieces, new]), self.law)
            return reckoner, ask(reckoner)

        size = sum(p.size for p in pieces) + sum(row["row_count"] for row in rows)
        reckoner, answer = await reckon(made, size)
        self.figures.keep(key, last, reckoner)
        return answer

    async def _believed(self, government: str) -> Reckoner:
        """Of the columns of one government the rows that are believed, taken out of what is read
        while it is read, the newest parts first."""
        sieve = Sieve(date.max, self.known_at, every=True)
        sifting = Sifting(sieve)
        asked = self.workspace, self.generation, government, self.known_at.position or _LAST
        cursor = await self.connection.cursor(_SQL["parts_of"], *asked)
        while rows := await cursor.fetch(PARTS_AT_ONCE):
            bodies = [(row["is_block"], row["body"]) for row in rows]
            await asyncio.to_thread(sifting.take, bodies)
        return await asyncio.to_thread(
            lambda: Reckoner(government, sifting.sifted().pieces(sieve.words()), self.law)
        )

    async def reckoned(self, on: date, only: Collection[str] | None = None) -> dict[str, Reckoned]:
        """What is reckoned of every government that has any claims, or of `only` some: from what is
        at hand, or from the columns where those are too many to keep."""
        shelf = await self.figures.shelves.at(self)
        if shelf is not None:
            return await reckon(partial(self._surveyed, shelf, on, only), shelf.rows)
        if only is None:
            return await self.swept(on)
        return {code: settled(code, await self._reckoned(code, on), on) for code in sorted(only)}

    async def _reckoned(self, code: str, on: date) -> Reckoned:
        return await self.of(code, on, lambda r: r.reckon(on, self.known_at), reckoned_passing)

    async def standings(
        self, on: date, only: Collection[str] | None
    ) -> dict[str, dict[str, Standing]]:
        """The standing of every government, or of `only` some, by treaty and government."""
        some = GOVERNMENTS.keys() if only is None else only
        shelf = await self.figures.shelves.at(self)
        if shelf is not None:
            asked = partial(standings_on, shelf, on, self.known_at, only=some)
            found = await reckon(partial(asked, until=self.position), shelf.rows)
            nothing = dict.fromkeys(TREATIES, Standing())
            return await self._named(by_treaty({code: found.get(code, nothing) for code in some}))
        reckoned = await self.reckoned(on, only)
        under = standings_under({code: reckoned.get(code, NOTHING) for code in some}, on)
        return await self._named(under)

    async def _named(self, under: dict[str, dict[str, Standing]]) -> dict[str, dict[str, Standing]]:
        """Standings that name the claims that columns know by where they were recorded."""
        stated = {
            int(one.stated_by) for some in under.values() for one in some.values() if one.stated_by
        }
        if not stated:
            return under
        held = self.figures.names_of(self.workspace, stated)
        if new := stated - held.keys():
            rows = await self.connection.fetch(_SQL["recorded_at"], self.workspace, sorted(new))
            read = {row["position"]: row["tag"].removeprefix(claim_tag("")) for row in rows}
            self.figures.keep_names(self.workspace, read)
            held |= read
        return {
            treaty: {
                code: msgspec.structs.replace(one, stated_by=held[int(one.stated_by)])
                if one.stated_by
                else one
                for code, one in some.items()
            }
            for treaty, some in under.items()
        }

    def _surveyed(
        self, shelf: Shelf, on: date, only: Collection[str] | None
    ) -> dict[str, Reckoned]:
        found = survey(shelf, on, self.known_at, until=self.position, only=only)
        return {code: one for code, one in found.items() if code in GOVERNMENTS}

    async def courses(self, government: str, on: date) -> Courses | None:
        """The course of the numbers of one government up to a day, where it is summed."""
        shelf = await self.figures.shelves.at(self) if self.is_head else None
        if shelf is None:
            return None
        asked = partial(courses_on, shelf, government, COURSES, course_days(on), self.known_at)
        return await reckon(partial(asked, until=self.position), shelf.rows)

    async def narrowed(
        self, wanted: Wanted, reckoned: Mapping[str, Reckoned], on: date
    ) -> dict[str, dict[int, list[Narrowing]]]:
        """What decisions about some waiting claims would narrow, government by government."""
        shelf = await self.figures.shelves.at(self)
        if shelf is not None:
            asked = shelf, wanted, reckoned, on, self.known_at
            return await asyncio.to_thread(narrowings_nearby, *asked, until=self.position)
        how: dict[str, Any] = {"on": on, "known_at": self.known_at}
        return {
            code: await self.of(
                code,
                on,
                partial(narrowings_of, claims=claims, reckoned=reckoned[code], **how),
                partial(narrowings_passing, claims=claims, reckoned=reckoned[code]),
            )
            for code, claims in sorted(wanted.items())
        }

    async def effects(
        self, wanted: Wanted, reckoned: Mapping[str, Reckoned], on: date
    ) -> dict[str, dict[int, list[Effect]]]:
        """What each of some claims does to the numbers of each government they are asked of."""
        shelf = await self.figures.shelves.at(self)
        if shelf is not None:
            asked = shelf, wanted, reckoned, on, self.known_at
            return await asyncio.to_thread(effects_nearby, *asked, until=self.position)
        how: dict[str, Any] = {"on": on, "known_at": self.known_at}
        return {
            code: await self.of(
                code,
                on,
                partial(effects_of, claims=claims, reckoned=reckoned[code], **how),
                partial(effects_passing, claims=claims, reckoned=reckoned[code]),
            )
            for code, claims in sorted(wanted.items())
        }

    async def swept(self, on: date) -> dict[str, Reckoned]:
        """What is reckoned of every government that has any claims, in one pass over all columns;
        none is kept, and the next are read while some are reckoned with."""
        sweep = Sweep(self.law, on, self.known_at)
        counted = self.workspace, self.generation
        totals = dict(await self.connection.fetch(_SQL["row_totals"], *counted))
        many = [code for code, rows in totals.items() if rows > self.figures.held_rows_max]
        asked = self.workspace, self.generation, self.known_at.position or _LAST, many
        cursor = await self.connection.cursor(_SQL["parts"], *asked)
        found: dict[str, Reckoned] = {}
        reading = asyncio.create_task(cursor.fetch(PARTS_AT_ONCE))
        try:
            while rows := await reading:
                reading = asyncio.create_task(cursor.fetch(PARTS_AT_ONCE))
                found.update(await asyncio.to_thread(_take, sweep, rows, on, totals))
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        found.update(await asyncio.to_thread(_settled, sweep.rest(), on))
        for code in many:
            found[code] = settled(code, await passing(self, code, on, reckoned_passing), on)
        return {code: one for code, one in found.items() if code in GOVERNMENTS}

    async def touched(self, since: int) -> set[str]:
        """The governments that events after a position touched."""
        rows = await self.connection.fetch(_SQL["touched"], self.workspace, self.generation, since)
        return {row[0] for row in rows}

    async def versions(self, places: Sequence[Place]) -> dict[int, Version]:
        """The versions at some places, by where their claims were recorded."""
        return {recorded: unpack(body) for recorded, body in await self._packed(places)}

    async def _packed(self, places: Sequence[Place]) -> list[tuple[int, bytes]]:
        """The same packed."""
        if not places:
            return []
        rows = await self.connection.fetch(
            _SQL["versions_at"],
            self.workspace,
            self.claims,
            [p.day for p in places],
            [p.recorded for p in places],
            [p.position for p in places],
        )
        return [(row["recorded_position"], row["body"]) for row in rows]

    async def claims_at(self, places: Sequence[Place]) -> dict[str, str]:
        """The names of the claims at some places, by where they were recorded, as text."""
        held = self.figures.names_of(self.workspace, (p.recorded for p in places))
        new = [place for place in places if place.recorded not in held]
        if new:
            rows = await self.connection.fetch(
                _SQL["claims_at"],
                self.workspace,
                self.claims,
                [p.day for p in new],
                [p.recorded for p in new],
                [p.position for p in new],
            )
            read = {int(row[0]): str(row[1]) for row in rows}
            self.figures.keep_names(self.workspace, read)
            held |= read
        return {str(recorded): name for recorded, name in held.items()}

    async def rows(self, found: Mapping[str, Reckoned], on: date) -> dict[str, BoardRow]:
        """The rows of the board of what was reckoned."""
        told = await self.latest(
            Place(date.fromordinal(r.latest.day), r.latest.recorded, r.latest.position)
            for r in found.values()
            if r.latest is not None
        )
        return {
            code: board_row_of(code, r, None if r.latest is None else told[r.latest.recorded], on)
            for code, r in found.items()
        }

    async def of_some(self, governments: Collection[str], on: date) -> dict[str, BoardRow]:
        """The rows of the board of some governments."""
        if not governments:
            return {}
        found = await self.reckoned(on, set(governments))
        return await self.rows({code: found.get(code, NOTHING) for code in governments}, on)

    async def latest(self, places: Iterable[Place], *, keeps: bool = True) -> dict[int, Latest]:
        """What a board says of the versions at some places, by where their claims were recorded;
        what was told last is kept, unless it is too much."""
        wanted = {(self.claims, one.recorded, one.position): one for one in places}
        told = self.figures.latest_of(self.workspace, wanted)
        new = [one for key, one in wanted.items() if key not in told]
        read: dict[tuple[int, int, int], Latest] = {}
        for begin in range(0, len(new), LATEST_AT_ONCE):
            some = new[begin : begin + LATEST_AT_ONCE]
            packed = dict(await self._packed(some))
            for place in some:
                heading = unpack_heading(packed[place.recorded])
                read[self.claims, place.recorded, place.position] = latest_of(heading)
        if keeps:
            self.figures.keep_latest(self.workspace, read)
        return {recorded: one for (_, recorded, _), one in (told | read).items()}

    def _key(self, government: str) -> tuple[str, int, str, bytes]:
        """Under what the columns of a government are kept."""
        return self.workspace, self.generation, government, self.law.key


def _take(
    sweep: Sweep, rows: Iterable[Any], on: date, totals: Mapping[str, int]
) -> dict[str, Reckoned]:
    found: dict[str, Reckoned] = {}
    for government, parts in groupby(rows, key=itemgetter("government")):
        bodies = ((row["is_block"], row["body"]) for row in parts)
        found.update(_settled(sweep.take(government, bodies, totals[government]), on))
    return found


def _settled(found: Iterable[tuple[str, Reckoned]], on: date) -> dict[str, Reckoned]:
    return {code: settled(code, one, on) for code, one in found}


async def reckon(work: Callable[[], T], rows: int) -> T:
    """Do some work over so many rows, beside the event loop where they are many."""
    return await asyncio.to_thread(work) if rows >= THREAD_ROWS_MIN else work()


_LAST: Final = 2**63 - 1
