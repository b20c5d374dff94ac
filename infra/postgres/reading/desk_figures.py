"""Reads what pages of the desk are drawn from: columns, and the few versions that a page names; it
never writes, and never reads everything that is on file."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final

from domain.clocks import KnownAt
from domain.governments import GOVERNMENTS
from domain.weights import Weights
from infra.postgres.queries import queries
from infra.postgres.reading.accounts import Opened, opened_number, points_of
from infra.postgres.reading.figures import LATEST_KEPT_MAX, Figures, Picture
from infra.postgres.reading.leafing import streamed
from infra.postgres.reading.moments import LATEST_AT_ONCE, Moment, Place, reckon
from projections.accounts import AccountAsked
from projections.columnar.criticism.choosing import Name
from projections.columnar.criticism.matrices import MatrixDraw, named, tabled
from projections.columnar.numbers.reckoning import LatestAt, Reckoned, standings_under
from projections.columnar.opened.portraying import drawn, portrayed
from projections.columnar.streams.orders import Table
from projections.columnar.streams.outlining import drawn as drawn_passing
from projections.criticism import Excerpt
from projections.histories import Version, unpack
from projections.mornings import LATEST_MAX, Effect, Morning, Told, latest_happenings, picked
from projections.paging import Place as Stands
from projections.portraits import Portrait

READ_AT_ONCE: Final = 4 * LATEST_MAX
COUNTED_EVENTS_MAX: Final = 3_000
"""In a log up to so long it is counted how many records there are."""
_SQL: Final = queries("views")


class DeskFigures(Figures):
    """The columns of every workspace, for reading by pages of the desk."""

    async def morning(
        self, workspace: str, on: date, known_at: KnownAt, weights: Weights
    ) -> tuple[int, Morning]:
        """What the page Today is drawn from, and the position it stands for; its records are
        counted while the log has at most `COUNTED_EVENTS_MAX` events."""
        async with self.at(workspace, known_at, weights) as moment:
            picture = await self.pictured(moment, on)
            latest = await _latest(moment, on)
            some = picked({c: (r.erosion, r.pressure) for c, r in picture.reckoned.items()})
            return moment.position, Morning(
                standings=standings_under(picture.reckoned, on),
                told=await _told(moment, {code: picture.reckoned[code] for code in some.codes}),
                further=some.further,
                little=some.little,
                latest=latest,
                effects=await _effects(moment, picture, latest, on),
                records=await _records(moment, on),
            )

    async def criticism(
        self, workspace: str, on: date, known_at: KnownAt, weights: Weights, draw: MatrixDraw
    ) -> tuple[int, Excerpt, Stands | None]:
        """What is drawn of the matrix of Criticism, after which critic the next page begins, and
        the position it stands for."""
        async with self.at(workspace, known_at, weights) as moment:
            shelf = await self.shelves.at(moment)
            if shelf is None:
                found = await streamed(moment, on, draw)
            else:
                asked = partial(tabled, shelf, on, moment.known_at)
                asked = partial(asked, until=moment.position, draw=draw)
                found = await reckon(asked, shelf.rows)
            names = await _names(moment, found.stands)
            return moment.position, named(found, names), found.following

    async def portrait(
        self, workspace: str, government: str, on: date, known_at: KnownAt, weights: Weights
    ) -> tuple[int, Portrait]:
        """What the page of one government is drawn from, and the position it stands for; it lists
        the latest claims alone."""
        async with self.at(workspace, known_at, weights) as moment:
            courses = await moment.courses(government, on)
            found = await moment.of(
                government,
                on,
                lambda r: drawn(r, on, moment.known_at, courses),
                lambda s: drawn_passing(s, courses),
            )
            places = *found.outline.places, *found.outline.named
            versions = await moment.versions([Place(*place) for place in places])
            return moment.position, portrayed(government, found, versions, on=on)

    async def account(
        self,
        workspace: str,
        government: str,
        known_at: KnownAt,
        weights: Weights,
        asked: AccountAsked,
    ) -> tuple[int, Opened]:
        """One number of one government as a page lists it, and the position it stands for."""
        async with self.at(workspace, known_at, weights) as moment:
            official = moment.weighed(self.law(asked.official))
            return moment.position, await opened_number(moment, official, government, asked)

    async def points(
        self,
        workspace: str,
        government: str,
        measure: str,
        recorded: Sequence[int],
        on: date,
        known_at: KnownAt,
        weights: Weights,
    ) -> dict[int, float]:
        """The points that some claims, named by where they were recorded, add to a number of a
        government."""
        async with self.at(workspace, known_at, weights) as moment:
            return await points_of(moment, government, measure, recorded, on)


async def _names(moment: Moment, stands: Table) -> dict[int, Name]:
    """The names of claims and the days they tell of, by where they were recorded. Of more claims
    than what is told of them is kept for, none is."""
    names: dict[int, Name] = {}
    days: dict[str, str] = {}
    keeps = len(stands) <= LATEST_KEPT_MAX
    for begin in range(0, len(stands), LATEST_AT_ONCE):
        some = stands[begin : begin + LATEST_AT_ONCE].tolist()
        places = [Place(date.fromordinal(day), *where) for day, *where in some]
        for recorded, one in (await moment.latest(places, keeps=keeps)).items():
            names[recorded] = one.claim, days.setdefault(one.occurred_on, one.occurred_on)
    return names


async def _told(moment: Moment, told: Mapping[str, Reckoned]) -> dict[str, Told]:
    places = [_place(one.heard) for one in told.values() if one.heard is not None]
    versions = await moment.versions(places)
    return {
        code: Told(
            erosion=one.erosion,
            pressure=one.pressure,
            acts=one.acts,
            voices=one.voices,
            heard=None if one.heard is None else versions[one.heard.recorded],
        )
        for code, one in told.items()
    }


async def _latest(moment: Moment, on: date) -> tuple[Version, ...]:
    """What came to be known last, one claim for each happening."""
    clocks = moment.known_at.position, moment.known_at.moment
    asked = moment.workspace, moment.claims, *clocks
    count = READ_AT_ONCE
    while True:
        rows = await moment.connection.fetch(_SQL["latest"], *asked, on, count)
        latest = latest_happenings(unpack(row["body"]) for row in rows)
        if len(latest) == LATEST_MAX or len(rows) < count:
            break
        count *= READ_AT_ONCE  # many claims of one happening
    found = {version.happening: version for version in latest}
    others = sorted(name for name, version in found.items() if name != version.claim.id)
    if others:
        for row in await moment.connection.fetch(_SQL["versions_of_claims"], *asked, others):
            lead = unpack(row["body"])
            if lead.claim.date.representative_day <= on:
                found[lead.claim.id] = lead
    return tuple(found.values())


async def _effects(
    moment: Moment, picture: Picture, latest: Sequence[Version], on: date
) -> dict[str, tuple[Effect, ...]]:
    """What each of some claims does to the numbers, government by government as it names them."""
    concerned: dict[str, list[int]] = {}
    for version in latest:
        for code in version.claim.targets:
            if code in GOVERNMENTS:
                concerned.setdefault(code, []).append(version.recorded_position)
    found = await moment.effects(concerned, picture.reckoned, on)
    return {
        version.claim.id: tuple(
            effect
            for code in version.claim.targets
            for effect in found.get(code, {}).get(version.recorded_position, ())
        )
        for version in latest
    }


async def _records(moment: Moment, on: date) -> int | None:
    """How many claims had happened by a day, where the log is short enough to count them."""
    if moment.position > COUNTED_EVENTS_MAX:
        return None
    clocks = moment.known_at.position, moment.known_at.moment
    asked = moment.workspace, moment.claims, *clocks, on
    return int(await moment.connection.fetchval(_SQL["happened_count"], *asked))


def _place(latest: LatestAt) -> Place:
    return Place(date.fromordinal(latest.day), latest.recorded, latest.position)
