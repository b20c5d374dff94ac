"""Reads what the page of one number lists: of many claims an account from columns, of few their
versions, for the readable law; it never writes, and never reads all of many."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
import numpy as np

from domain.facts import Facts
from domain.numbers import Figure
from domain.standing import Standing
from domain.treaties import APMBC
from infra.postgres.reading.moments import Moment, Place
from projections.accounts import Account, AccountAsked
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.opened.accounting import (
    Accounted,
    Places,
    accounted,
    entering_places,
    figured,
    named_account,
    pointed,
)
from projections.columnar.streams import opening
from projections.columnar.streams.stream import Stream
from projections.histories import Version

VERSIONS_AT_ONCE: Final = 500
"""Of so many versions at a time no more than the facts is kept."""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A number opened: the standing of its government; of few claims the `versions` of all that may
    enter it, and no account; else the account with the `facts` of the claims that it names, and
    the versions of these where they are few; `published`: the number by the official weights and
    how many claims it rests on."""

    standing: Standing
    versions: tuple[Version, ...]
    facts: tuple[Facts, ...] = ()
    account: Account | None = None
    published: tuple[Figure, int] | None = None


async def opened_number(
    moment: Moment, official: Moment, government: str, asked: AccountAsked
) -> Opened:
    """A number of a government opened, as a moment sees it; `official`: the same snapshot under the
    official weights."""
    measure, on, known_at = asked.measure, asked.on, moment.known_at
    standing = (await moment.standings(on, (government,)))[APMBC.code][government]

    def work(reckoner: Reckoner) -> tuple[Places | None, Accounted | None]:
        few = entering_places(reckoner, measure, on, known_at, asked.few_max)
        if few is not None:
            return few, None
        return None, accounted(
            reckoner,
            measure,
            on=on,
            known_at=known_at,
            order=asked.order,
            terms_max=asked.terms_max,
            excluded_max=asked.excluded_max,
            later=asked.later,
        )

    def work_passing(stream: Stream) -> tuple[Places | None, Accounted | None]:
        few = opening.entering_places(stream, measure, asked.few_max)
        if few is not None:
            return few, None
        return None, opening.accounted(
            stream,
            measure,
            order=asked.order,
            terms_max=asked.terms_max,
            excluded_max=asked.excluded_max,
            later=asked.later,
        )

    few, found = await moment.of(government, on, work, work_passing)
    if found is None:
        places = sorted(few or (), key=lambda place: place[1])
        read = await moment.versions([Place(*place) for place in places])
        return Opened(standing=standing, versions=tuple(read[p[1]] for p in places))
    published = None
    if official.law.key != moment.law.key:
        published = await official.of(
            government,
            on,
            lambda r: figured(r, measure, on, known_at),
            lambda s: opening.figured(s, measure),
        )
    versions, facts = await _told(moment, [Place(*place) for place in found.places])
    return Opened(
        standing=standing,
        versions=tuple(versions),
        facts=tuple(facts.values()),
        account=named_account(found.account, {str(r): f.claim for r, f in facts.items()}),
        published=published,
    )


async def points_of(
    moment: Moment, government: str, measure: str, recorded: Sequence[int], on: date
) -> dict[int, float]:
    """The points that the claims recorded at some positions add to a number of a government."""
    wanted = np.array(sorted(recorded), np.int64)
    return await moment.of(
        government,
        on,
        lambda r: pointed(r, measure, wanted, on=on, known_at=moment.known_at),
        lambda s: opening.pointed(s, measure, wanted),
    )


async def _told(moment: Moment, places: Sequence[Place]) -> tuple[list[Version], dict[int, Facts]]:
    """The facts of the versions at some places, by where their claims were recorded, and the
    versions themselves where they are few."""
    facts: dict[int, Facts] = {}
    versions: list[Version] = []
    for begin in range(0, len(places), VERSIONS_AT_ONCE):
        some = await moment.versions(places[begin : begin + VERSIONS_AT_ONCE])
        facts |= {recorded: version.facts for recorded, version in some.items()}
        if len(places) <= VERSIONS_AT_ONCE:
            versions += some.values()
    return versions, facts
