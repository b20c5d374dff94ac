"""Reads the view `figures`: one government's columns at a time, in bounded memory, ready to be
reckoned with; it never writes.

Columns of governments that were asked about are kept, up to so many bytes, and brought up to date
by the parts that came since; a question about all governments streams those that are not kept.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeVar

import msgspec

from domain.clocks import KnownAt
from domain.facts import Facts
from domain.governments import GOVERNMENTS
from domain.weights import Weights
from infra.postgres.queries import queries
from infra.postgres.store import snapshot
from infra.postgres.views import Views, clocks_of
from projections.board import BoardRow
from projections.columnar.explaining import named, opened
from projections.columnar.figures import Reckoned, Reckoner
from projections.columnar.law import Law
from projections.columnar.outlining import outlined, outlined_dossier
from projections.columnar.reckoning import NOTHING, reckoned_row
from projections.columnar.supposing import narrowings_of
from projections.columnar.sweeping import Sweep
from projections.columns import gathered, joined
from projections.dossier import Dossier, Explanation
from projections.histories import Version, unpack
from projections.worklists import TARGETS_RANKED_MAX, Narrowing

KEPT_BYTES_MAX: Final = 128 * 1024 * 1024
"""How much memory the columns of governments asked about may take."""
PARTS_AT_ONCE: Final = 32
"""How many parts are read while those before them are reckoned with."""
THREAD_ROWS_MIN: Final = 20_000
"""From so many rows on a government is reckoned beside the event loop."""
LAWS_MAX: Final = 8
PICTURES_MAX: Final = 64
"""How many pictures at the head are kept, one per workspace, day and set of weights."""
_SQL: Final = queries("figures")
T = TypeVar("T")


class Place(msgspec.Struct, frozen=True):
    """Where a version stands: its representative day, where its claim was recorded, and its own
    position."""

    day: date
    recorded: int
    position: int


class Picture(msgspec.Struct, frozen=True):
    """What was reckoned of every government on a day, and its row of the board."""

    reckoned: dict[str, Reckoned]
    rows: dict[str, BoardRow]


class Figures:
    """The columns of every workspace, for reading."""

    def __init__(self, views: Views, *, kept_bytes_max: int = KEPT_BYTES_MAX) -> None:
        self.views = views
        self.kept_bytes_max = kept_bytes_max
        self._kept: OrderedDict[tuple[str, int, str, bytes], tuple[int, Reckoner]] = OrderedDict()
        self._pictures: OrderedDict[Hashable, tuple[int, Picture]] = OrderedDict()
        self._laws: OrderedDict[bytes, Law] = OrderedDict()

    async def board(
        self, workspace: str, on: date, known_at: KnownAt, weights: Weights
    ) -> tuple[int, dict[str, BoardRow]]:
        """The row of every government, and the position they stand for; see `picture`."""
        position, found = await self.picture(workspace, on, known_at, weights)
        return position, found.rows

    async def picture(
        self, workspace: str, on: date, known_at: KnownAt, weights: Weights
    ) -> tuple[int, Picture]:
        """What was reckoned of every government, with its row of the board, and the position they
        stand for.

        At the head the last answers are kept, and only governments that were touched since are
        reckoned anew.
        """
        async with self.at(workspace, known_at, weights) as moment:
            return moment.position, await self.pictured(moment, on)

    async def pictured(self, moment: "Moment", on: date) -> Picture:
        """The picture of a day that a snapshot gives; see `picture`."""
        key = moment.workspace, moment.epoch, moment.generation, on, moment.law.key
        held = self._pictures.get(key) if moment.is_head else None
        if held is not None and held[0] <= moment.position:
            touched = sorted((await moment.touched(held[0])) & GOVERNMENTS.keys())
            found = {
                code: await moment.of(code, lambda r: r.reckon(on, moment.known_at))
                for code in touched
            }
            rows = held[1].rows | await moment.rows(found, on)
            picture = Picture(held[1].reckoned | found, rows)
        else:
            found = dict.fromkeys(GOVERNMENTS, NOTHING) | await moment.swept(on)
            picture = Picture(found, await moment.rows(found, on))
        if moment.is_head and (held is None or held[0] <= moment.position):
            self._pictures[key] = moment.position, picture
            self._pictures.move_to_end(key)
            while len(self._pictures) > PICTURES_MAX:
                self._pictures.popitem(last=False)
        return picture

    async def milestones(
        self, workspace: str, on: date, known_at: KnownAt, weights: Weights
    ) -> tuple[int, list[Facts]]:
        """The few facts of every government that standings follow from, under each government by
        itself, and the position they stand for; they name claims by where they were recorded."""
        async with self.at(workspace, known_at, weights) as moment:
            found = (await self.pictured(moment, on)).reckoned
            return moment.position, [fact for one in found.values() for fact in one.legal]

    async def explain(
        self,
        workspace: str,
        measure: str,
        government: str,
        on: date,
        known_at: KnownAt,
        weights: Weights,
        after: int = 0,
    ) -> tuple[int, Explanation]:
        """A page of one number of one government, and the position it stands for."""
        async with self.at(workspace, known_at, weights) as moment:
            found = await moment.of(
                government,
                lambda r: opened(r, measure, on=on, known_at=moment.known_at, after=after),
            )
            claims = await moment.claims_at([Place(*place) for place in found.places])
            return moment.position, named(found.explanation, "", claims)

    async def dossier(
        self,
        workspace: str,
        government: str,
        on: date,
        known_at: KnownAt,
        weights: Weights,
        after: int = 0,
    ) -> tuple[int, Dossier]:
        """A page of the dossier of one government, and the position it stands for."""
        async with self.at(workspace, known_at, weights) as moment:
            outline = await moment.of(government, lambda r: outlined(r, on, moment.known_at, after))
            versions = await moment.versions([Place(*place) for place in outline.places])
            return moment.position, outlined_dossier(
                government, outline, versions, on=on, known_at="", weights=weights, after=after
            )

    async def narrowings(
        self,
        workspace: str,
        versions: Iterable[Version],
        on: date,
        known_at: KnownAt,
        weights: Weights,
    ) -> tuple[int, dict[str, list[Narrowing]]]:
        """What deciding each of some believed claims would narrow, by the claim, and the position
        it stands for; of each claim the first `TARGETS_RANKED_MAX` governments are looked at."""
        by_government: dict[str, dict[int, str]] = {}
        for version in versions:
            for code in version.claim.targets[:TARGETS_RANKED_MAX]:
                if code in GOVERNMENTS:
                    claims = by_government.setdefault(code, {})
                    claims[version.recorded_position] = version.claim.id
        found: dict[str, list[Narrowing]] = {}
        async with self.at(workspace, known_at, weights) as moment:
            picture = await self.pictured(moment, on)
            for code, claims in sorted(by_government.items()):
                ask = partial(
                    narrowings_of,
                    claims=claims,
                    reckoned=picture.reckoned[code],
                    on=on,
                    known_at=moment.known_at,
                )
                narrowed = await moment.of(code, ask)
                for claim, some in narrowed.items():
                    found.setdefault(claims[claim], []).extend(some)
            return moment.position, found

    @asynccontextmanager
    async def at(
        self, workspace: str, known_at: KnownAt, weights: Weights
    ) -> AsyncIterator["Moment"]:
        """One snapshot of a workspace, asked as known at `known_at` and weighed by `weights`."""
        async with snapshot(self.views.pool, workspace) as connection:
            standing = await self.views.standing(connection, workspace)
            position, clocks = clocks_of(standing, known_at, "figures", "claims")
            yield Moment(
                self,
                connection,
                workspace,
                position=position,
                known_at=KnownAt(*clocks),
                epoch=standing.watermark.epoch,
                generation=standing.generation(workspace, "figures"),
                claims=standing.generation(workspace, "claims"),
                law=self._law(weights),
                is_head=known_at.moment is None and clocks[0] == position,
            )

    def _law(self, weights: Weights) -> Law:
        law = Law(weights)
        held = self._laws.get(law.key)
        if held is None:
            held = self._laws[law.key] = law
            while len(self._laws) > LAWS_MAX:
                self._laws.popitem(last=False)
        return held

    def recall(self, key: tuple[str, int, str, bytes]) -> tuple[int, Reckoner] | None:
        """The columns kept under a key, and up to which position they go."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, key: tuple[str, int, str, bytes], through: int, reckoner: Reckoner) -> None:
        """Keep columns, and let go of those that were not asked about for longest."""
        held = self._kept.get(key)
        if held is not None and held[0] > through:
            return
        self._kept[key] = through, reckoner
        total = sum(r.size_bytes for _, r in self._kept.values())
        while total > self.kept_bytes_max and self._kept:
            _, (_, gone) = self._kept.popitem(last=False)
            total -= gone.size_bytes


class Moment:
    """A snapshot of one workspace: `position` is what answers stand for, `known_at` how rows are
    chosen (a position or a moment, never the head)."""

    def __init__(
        self,
        figures: Figures,
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

    async def of(self, government: str, ask: Callable[[Reckoner], T]) -> T:
        """What is asked of the columns of one government, which are kept for the next question."""
        key = self._key(government)
        held = self.figures.recall(key)
        through = 0 if held is None else held[0]
        rows = await self.connection.fetch(
            _SQL["parts_since"], self.workspace, self.generation, government, through
        )
        if held is not None and not rows:
            return await _reckon(lambda: ask(held[1]), held[1].pieces.size)
        pieces = [] if held is None else [held[1].pieces]
        pieces.append(gathered((row["is_block"], row["body"]) for row in rows).after(through))
        last = max([through, *(row["last_position"] for row in rows)])

        def made() -> tuple[Reckoner, T]:
            reckoner = Reckoner(government, joined(pieces), self.law)
            return reckoner, ask(reckoner)

        reckoner, answer = await _reckon(made, sum(p.size for p in pieces))
        self.figures.keep(key, last, reckoner)
        return answer

    async def swept(self, on: date) -> dict[str, Reckoned]:
        """What is reckoned of every government that has any claims, in one pass over all columns;
        none is kept, and the next are read while some are reckoned with."""
        sweep = Sweep(self.law, on, self.known_at)
        asked = self.workspace, self.generation, self.known_at.position or _LAST
        cursor = await self.connection.cursor(_SQL["parts"], *asked)
        found: dict[str, Reckoned] = {}
        waiting: list[Any] = []
        reading = asyncio.create_task(cursor.fetch(PARTS_AT_ONCE))
        try:
            while rows := await reading:
                reading = asyncio.create_task(cursor.fetch(PARTS_AT_ONCE))
                waiting += rows
                last = waiting[-1]["government"]
                whole = [row for row in waiting if row["government"] != last]
                waiting = [row for row in waiting if row["government"] == last]
                found.update(await asyncio.to_thread(_take, sweep, whole))
            found.update(await asyncio.to_thread(_take, sweep, waiting))
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        found.update(await asyncio.to_thread(dict, sweep.rest()))
        return {code: one for code, one in found.items() if code in GOVERNMENTS}

    async def touched(self, since: int) -> set[str]:
        """The governments that events after a position touched."""
        rows = await self.connection.fetch(_SQL["touched"], self.workspace, self.generation, since)
        return {row[0] for row in rows}

    async def versions(self, places: Sequence[Place]) -> dict[int, Version]:
        """The versions at some places, by where their claims were recorded."""
        if not places:
            return {}
        rows = await self.connection.fetch(
            _SQL["versions_at"],
            self.workspace,
            self.claims,
            [p.day for p in places],
            [p.recorded for p in places],
            [p.position for p in places],
        )
        return {row["recorded_position"]: unpack(row["body"]) for row in rows}

    async def claims_at(self, places: Sequence[Place]) -> dict[str, str]:
        """The names of the claims at some places, by where they were recorded, as text."""
        rows = await self.connection.fetch(
            _SQL["claims_at"],
            self.workspace,
            self.claims,
            [p.day for p in places],
            [p.recorded for p in places],
            [p.position for p in places],
        )
        return {str(row[0]): row[1] for row in rows}

    async def rows(self, found: Mapping[str, Reckoned], on: date) -> dict[str, BoardRow]:
        """The rows of the board of what was reckoned."""
        places = [
            Place(date.fromordinal(r.latest.day), r.latest.recorded, r.latest.position)
            for r in found.values()
            if r.latest is not None
        ]
        versions = await self.versions(places)
        return {
            code: reckoned_row(
                code, r, None if r.latest is None else versions[r.latest.recorded], on
            )
            for code, r in found.items()
        }

    def _key(self, government: str) -> tuple[str, int, str, bytes]:
        """Under what the columns of a government are kept."""
        return self.workspace, self.generation, government, self.law.key


def _take(sweep: Sweep, rows: Iterable[Any]) -> dict[str, Reckoned]:
    found: dict[str, Reckoned] = {}
    for government, parts in groupby(rows, key=itemgetter("government")):
        found.update(sweep.take(government, ((row["is_block"], row["body"]) for row in parts)))
    return found


async def _reckon(work: Callable[[], T], rows: int) -> T:
    return await asyncio.to_thread(work) if rows >= THREAD_ROWS_MIN else work()


_LAST: Final = 2**63 - 1
