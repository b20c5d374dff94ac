"""Reads the view `figures`: one government's columns at a time, in bounded memory, ready to be
reckoned with; it never writes.

Columns of governments that were asked about are kept, up to so many bytes, and brought up to date
by the parts that came since; a question about all governments streams those that are not kept.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Hashable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any, Final

import msgspec

from domain.clocks import KnownAt
from domain.governments import GOVERNMENTS
from domain.standing import Standing as LegalStanding
from domain.weights import Weights
from infra.orders import Bounds
from infra.postgres.log.store import snapshot
from infra.postgres.reading.comparing import compared_in
from infra.postgres.reading.moments import Moment, Place
from infra.postgres.reading.passing import HELD_ROWS_MAX
from infra.postgres.reading.shelves import SHELVES_BYTES_MAX, Shelves
from infra.postgres.reading.views import Standing, Views, clocks_of
from projections.board import BoardRow, Latest
from projections.changes import Compared, Rows
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.reckoning import NOTHING, Reckoned
from projections.columnar.opened.explaining import named, opened
from projections.columnar.opened.outlining import affected, outlined, outlined_dossier
from projections.columnar.streams.opening import opened as opened_passing
from projections.columnar.streams.outlining import affected as affected_passing
from projections.columnar.streams.outlining import outlined as outlined_passing
from projections.columnar.terms.law import Law
from projections.dossier import Dossier, Explanation
from projections.effects import Effect
from projections.histories import Version
from projections.worklists import TARGETS_RANKED_MAX, Narrowing

LAWS_MAX: Final = 8
LATEST_KEPT_MAX: Final = 8192
"""Of how many versions it is kept what a board says of the latest claim; about 4 MB."""
NAMES_KEPT_MAX: Final = 200_000
"""Of how many claims the name is kept by where it was recorded; about 40 MB."""
LatestKey = tuple[int, int, int]
PICTURES_MAX: Final = 64
"""How many pictures at the head are kept, one per workspace, day and set of weights."""


class Picture(msgspec.Struct, frozen=True):
    """What was reckoned of every government on a day, and its row of the board where somebody asked
    for rows."""

    reckoned: dict[str, Reckoned]
    rows: dict[str, BoardRow] | None


class Figures:
    """The columns of every workspace, for reading."""

    def __init__(
        self,
        views: Views,
        *,
        kept_bytes_max: int | None = None,
        shelves_bytes_max: int = SHELVES_BYTES_MAX,
        held_rows_max: int = HELD_ROWS_MAX,
        bounds: Bounds | None = None,
    ) -> None:
        """Columns of governments that were asked about may take as much memory as the shelves,
        unless something else is said. `held_rows_max`: of what is not kept so many rows are held
        while a question is asked, and more pass by in order, within `bounds`."""
        self.views = views
        self.shelves = Shelves(shelves_bytes_max)
        self.kept_bytes_max = shelves_bytes_max if kept_bytes_max is None else kept_bytes_max
        self.held_rows_max, self.bounds = held_rows_max, bounds
        self._kept: OrderedDict[tuple[str, int, str, bytes], tuple[int, Reckoner]] = OrderedDict()
        self._pictures: OrderedDict[Hashable, tuple[int, Picture]] = OrderedDict()
        self._latest: OrderedDict[tuple[str, int, int, int], Latest] = OrderedDict()
        self._names: OrderedDict[tuple[str, int], str] = OrderedDict()
        self._laws: OrderedDict[bytes, Law] = OrderedDict()

    async def board(
        self, workspace: str, on: date, known_at: KnownAt, weights: Weights
    ) -> tuple[int, dict[str, BoardRow]]:
        """The row of every government, and the position they stand for.

        At the head the last answers are kept, and only governments that were touched since are
        reckoned anew.
        """
        async with self.at(workspace, known_at, weights) as moment:
            rows = (await self.pictured(moment, on, with_rows=True)).rows
            return moment.position, rows or {}

    async def pictured(self, moment: Moment, on: date, *, with_rows: bool = False) -> Picture:
        """The picture of a day that a snapshot gives; at the head the last ones are kept."""
        key = moment.workspace, moment.epoch, moment.generation, on, moment.law.key
        held = self._pictures.get(key) if moment.is_head else None
        if held is None or held[0] > moment.position:
            found = dict.fromkeys(GOVERNMENTS, NOTHING) | await moment.reckoned(on)
            picture = Picture(found, None)
        elif held[0] < moment.position:
            touched = (await moment.touched(held[0])) & GOVERNMENTS.keys()
            found = await moment.reckoned(on, touched)
            rows = held[1].rows
            if rows is not None:
                rows = rows | await moment.rows(found, on)
            picture = Picture(held[1].reckoned | found, rows)
        else:
            picture = held[1]
        if with_rows and picture.rows is None:
            rows = await moment.rows(picture.reckoned, on)
            picture = Picture(picture.reckoned, rows)
        if moment.is_head and (held is None or held[0] <= moment.position):
            self._pictures[key] = moment.position, picture
            self._pictures.move_to_end(key)
            while len(self._pictures) > PICTURES_MAX:
                self._pictures.popitem(last=False)
        return picture

    async def between(
        self,
        workspace: str,
        known_from: KnownAt,
        known_to: KnownAt,
        on: date,
        weights: Weights,
    ) -> tuple[int, Compared, Rows, Rows]:
        """Two points of knowledge of one snapshot with the rows of the board, at either point, of
        every government touched, and the position they stand for."""
        async with snapshot(self.views.pool, workspace) as connection:
            standing = await self.views.standing(connection, workspace)
            views = "claims", "governments", "figures"
            position, begins = clocks_of(standing, known_from, *views)
            _, ends = clocks_of(standing, known_to, *views)
            found = await compared_in(connection, standing, workspace, begins, ends, until=on)
            touched = [one.government for one in found.touched]
            before, after = [
                await self._moment(
                    connection, standing, workspace, position, clocks, weights
                ).of_some(touched, on)
                for clocks in (begins, ends)
            ]
            return position, found, before, after

    async def standings(
        self,
        workspace: str,
        on: date,
        known_at: KnownAt,
        weights: Weights,
        only: Collection[str] | None = None,
    ) -> tuple[int, dict[str, dict[str, LegalStanding]]]:
        """The standing of every government, or of `only` some, by treaty and government, and the
        position they stand for; what does not fit them is not named."""
        async with self.at(workspace, known_at, weights) as moment:
            return moment.position, await moment.standings(on, only)

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
                on,
                lambda r: opened(r, measure, on=on, known_at=moment.known_at, after=after),
                lambda s: opened_passing(s, measure, after=after),
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
            outline = await moment.of(
                government,
                on,
                lambda r: outlined(r, on, moment.known_at, after),
                lambda s: outlined_passing(s, after),
            )
            versions = await moment.versions([Place(*place) for place in outline.places])
            names = await moment.claims_at([Place(*place) for place in outline.named])
            return moment.position, outlined_dossier(
                government, outline, versions, names,
                on=on, known_at="", weights=weights, after=after,
            )  # fmt: skip

    async def effects(
        self,
        workspace: str,
        recorded: int,
        governments: Iterable[str],
        on: date,
        known_at: KnownAt,
        weights: Weights,
    ) -> dict[str, dict[str, Effect]]:
        """What the claim that was recorded at a position does to the numbers of governments, by
        code and measure."""
        async with self.at(workspace, known_at, weights) as moment:
            return {
                code: await moment.of(
                    code,
                    on,
                    lambda r: affected(r, recorded, on=on, known_at=moment.known_at),
                    lambda s: affected_passing(s, recorded),
                )
                for code in governments
            }

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
            narrowed = await moment.narrowed(by_government, picture.reckoned, on)
            for code, each in sorted(narrowed.items()):
                for claim, ones in each.items():
                    found.setdefault(by_government[code][claim], []).extend(ones)
            return moment.position, found

    @asynccontextmanager
    async def at(
        self, workspace: str, known_at: KnownAt, weights: Weights
    ) -> AsyncIterator[Moment]:
        """One snapshot of a workspace, asked as known at `known_at` and weighed by `weights`."""
        async with snapshot(self.views.pool, workspace) as connection:
            standing = await self.views.standing(connection, workspace)
            position, clocks = clocks_of(standing, known_at, "figures", "claims")
            yield self._moment(connection, standing, workspace, position, clocks, weights)

    def _moment(
        self,
        connection: Any,
        standing: Standing,
        workspace: str,
        position: int,
        clocks: tuple[int | None, datetime | None],
        weights: Weights,
    ) -> Moment:
        return Moment(
            self,
            connection,
            workspace,
            position=position,
            known_at=KnownAt(*clocks),
            epoch=standing.watermark.epoch,
            generation=standing.generation(workspace, "figures"),
            claims=standing.generation(workspace, "claims"),
            law=self.law(weights),
            is_head=clocks[0] == position,
        )

    def law(self, weights: Weights) -> Law:
        """The law under some weights; the last ones asked for are kept."""
        law = Law(weights)
        held = self._laws.get(law.key)
        if held is None:
            held = self._laws[law.key] = law
            while len(self._laws) > LAWS_MAX:
                self._laws.popitem(last=False)
        return held

    def latest_of(self, workspace: str, keys: Iterable[LatestKey]) -> dict[LatestKey, Latest]:
        """What the board says of some versions, as far as it is kept; each is named by the
        generation of the claims, where its claim was recorded, and its position."""
        found = {}
        for key in keys:
            one = self._latest.get((workspace, *key))
            if one is not None:
                found[key] = one
        return found

    def keep_latest(self, workspace: str, told: Mapping[LatestKey, Latest]) -> None:
        """Keep what the board says of some versions, which never changes; the first kept go
        first."""
        self._latest.update({(workspace, *key): one for key, one in told.items()})
        while len(self._latest) > LATEST_KEPT_MAX:
            self._latest.popitem(last=False)

    def names_of(self, workspace: str, recorded: Iterable[int]) -> dict[int, str]:
        """The names of claims by where they were recorded, as far as they are kept; what was
        recorded at a position is the same for ever."""
        names = self._names
        keys = ((workspace, one) for one in recorded)
        return {key[1]: names[key] for key in keys if key in names}

    def keep_names(self, workspace: str, names: Mapping[int, str]) -> None:
        """Keep names of claims, by where they were recorded; the first kept go first."""
        self._names.update({(workspace, recorded): name for recorded, name in names.items()})
        while len(self._names) > NAMES_KEPT_MAX:
            self._names.popitem(last=False)

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
