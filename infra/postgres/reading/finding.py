"""Finds claims by an index of their words, kinds, actors and targets: asks it span by span of days,
newest or oldest first, until a page is full; it never writes.

How many claims a word stands in is known to nobody beforehand. So no more than some months are
asked of at once, however rare a word seems, and as few as seem to fill the page.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from infra.postgres.queries import queries
from infra.postgres.reading.claim_filter import ClaimFilter, Cursor, after_cursor, wanted
from projections.finding import (
    Part,
    grams_asked,
    key_of,
    of_actors,
    of_kind,
    of_target,
    parts_of,
    positions_up_to,
    spans,
    years_up_to,
)
from projections.search import actor_keys

WORDS_MAX: Final = 256
"""A part that more words hold than this narrows nothing: it is nearly everywhere."""
LISTS_MAX: Final = 4
"""How many lists of keys the index is asked by at once, those of fewest keys."""
SPANS_MAX: Final = 24
"""How many months or years are asked of at once."""
SPANS_MORE: Final = 3
"""So many times more of them are asked of after some that gave nothing."""
SETTLED: Final = frozenset({"rejected", "contested", "refuted", "retracted", "superseded"})
"""The statuses that few claims come to, which have an index of their own."""
SETTLED_MAX: Final = 20_000
"""Up to so many versions with such a status are looked at whatever else is asked for."""
_SQL: Final = queries("views")
_CLAIMS: Final = (_SQL["claims"], _SQL["claims_oldest"])
_CLAIMS_OF_GOVERNMENT: Final = (_SQL["claims_of_government"], _SQL["claims_of_government_oldest"])


class Reach(msgspec.Struct, frozen=True):
    """What a search is asked of: a workspace, the generations of claims and of governments, and the
    position or the moment."""

    workspace: str
    generation: int
    clocks: tuple[int | None, datetime | None]
    governments: int
    known: tuple[int, ...] = ()
    """The numbers of the positions or years in question, where that narrows."""


class Page(msgspec.Struct, frozen=True):
    """Which page of a list: what it comes `after`, how many claims it holds, and its order."""

    after: Cursor | None
    limit: int
    oldest: bool


def known_by(
    clocks: tuple[int | None, datetime | None], position: int, recorded_at: datetime | None
) -> tuple[int, ...]:
    """The numbers of the positions or years that a question is about; nothing where these are about
    as many as there are up to the watermark's own `position` and `recorded_at`."""
    asked, moment = clocks
    if asked is not None and asked.bit_length() < position.bit_length():
        return tuple(positions_up_to(asked))
    if moment is not None and recorded_at is not None and moment.year < recorded_at.year:
        return tuple(years_up_to(moment))
    return ()


async def narrowing(
    connection: Any, reach: Reach, filter_: ClaimFilter
) -> tuple[tuple[int, ...], ...] | None:
    """Lists of keys, of each of which every claim that fits has one, those that seem to narrow most
    first; none where an index would not help, and None where nothing can fit."""
    asked = parts_of(filter_.q or "")
    if filter_.government is None:
        asked += [of_actors(actor_keys(filter_.actor))] if filter_.actor is not None else []
        asked += [of_kind(filter_.kind)] if filter_.kind is not None else []
    found: list[tuple[int, ...]] = []
    for part in asked:
        features = part.features or await _words_with(connection, reach, part)
        if not features:
            return None
        if len(features) <= WORDS_MAX:
            found.append(tuple(map(key_of, features)))
    if found and filter_.government is not None:
        found.append(tuple(map(key_of, of_target(filter_.government).features)))
    return tuple(sorted(dict.fromkeys(found), key=len))


async def claims_page(
    connection: Any,
    reach: Reach,
    filter_: ClaimFilter,
    page: Page,
) -> list[Any]:
    """Rows of one page of the claims that fit, in the way that looks at fewest: body, day, recorded
    position."""
    lists = await narrowing(connection, reach, filter_)
    if lists is None:
        return []
    if filter_.government is None and await _is_settled(connection, reach, filter_, lists):
        asked = (reach.workspace, reach.generation, *reach.clocks, *wanted(filter_))
        rows = await connection.fetch(
            _SQL["settled"], *asked, *after_cursor(page.after), page.limit, page.oldest
        )
        return list(rows)
    if lists:
        return await found_claims(connection, reach, lists, filter_, page)
    return await listed_claims(connection, reach, filter_, page)


async def _is_settled(
    connection: Any, reach: Reach, filter_: ClaimFilter, lists: Sequence[Sequence[int]]
) -> bool:
    if filter_.status not in SETTLED:
        return False
    asked = (reach.workspace, reach.generation, filter_.status, SETTLED_MAX + 1)
    return not lists or await connection.fetchval(_SQL["settled_count"], *asked) <= SETTLED_MAX


async def found_claims(
    connection: Any,
    reach: Reach,
    lists: Sequence[Sequence[int]],
    filter_: ClaimFilter,
    page: Page,
) -> list[Any]:
    """Rows of one page of the claims that fit: body, day, recorded position."""
    limit, oldest = page.limit, page.oldest
    days = await _days(connection, reach, filter_, page)
    if days is None:
        return []
    keys: list[list[int] | None] = [list(one) for one in lists[:LISTS_MAX]]
    keys += [None] * (LISTS_MAX - len(keys))
    found: list[Any] = []
    asked = (reach.workspace, reach.generation, *reach.clocks, *wanted(filter_))
    apart = spans(*days, oldest=oldest)
    for those in (apart.months, apart.years):
        begin, count = 0, 1
        while begin < len(those) and len(found) < limit:
            some = those[begin : begin + count]
            rows = await connection.fetch(
                _SQL["found"],
                *asked,
                *after_cursor(page.after),
                limit - len(found),
                reach.governments,
                filter_.government,
                some,
                reach.known,
                *keys,
                oldest,
            )
            found += rows
            begin += count
            count = _next_count(count, len(rows), limit - len(found))
    return found


async def listed_claims(
    connection: Any,
    reach: Reach,
    filter_: ClaimFilter,
    page: Page,
) -> list[Any]:
    """The same where nothing narrows: one claim after another is looked at, by day."""
    asked = (
        *(reach.workspace, reach.generation, *reach.clocks),
        *(*wanted(filter_), *after_cursor(page.after), page.limit),
    )
    if filter_.government is None:
        rows = await connection.fetch(_CLAIMS[page.oldest], *asked)
    else:
        of_one = (reach.governments, filter_.government)
        rows = await connection.fetch(_CLAIMS_OF_GOVERNMENT[page.oldest], *asked, *of_one)
    return list(rows)


async def _words_with(connection: Any, reach: Reach, part: Part) -> tuple[str, ...]:
    rows = await connection.fetch(
        _SQL["words_with"],
        reach.workspace,
        reach.generation,
        grams_asked(part.part),
        f"%{part.part}%",
        WORDS_MAX + 1,
    )
    return tuple(row[0] for row in rows)


async def _days(
    connection: Any, reach: Reach, filter_: ClaimFilter, page: Page
) -> tuple[date, date] | None:
    """The first and the last day on which there may be something; None where there is none."""
    first, last = filter_.first_day or date.min, filter_.last_day or date.max
    if page.after is not None and page.oldest:
        first = max(first, page.after.day)
    elif page.after is not None:
        last = min(last, page.after.day)
    asked = (reach.workspace, reach.generation, first, last)
    found = await connection.fetchrow(_SQL["days_between"], *asked)
    return None if found[0] is None else (found[0], found[1])


def _next_count(count: int, found: int, wanted_more: int) -> int:
    """How many spans to ask of after `count` gave so many claims, and so many more are wanted."""
    more = count * SPANS_MORE
    if found:
        more = min(more, -(-count * wanted_more // found))
    return max(1, min(more, SPANS_MAX))
