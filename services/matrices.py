"""Asks who criticised whom: of a long log from what is at hand, of a short one by the readable law;
it never words anything."""

import asyncio
from datetime import date
from typing import Final

import msgspec

from domain.clocks import HEAD, KnownAt, known_text
from domain.numbers import CRITICAL_KINDS
from projections.criticism import (
    Among,
    Choose,
    CriticismMatrix,
    Excerpt,
    Joint,
    criticism_matrix,
    excerpt_of,
    matrix_of,
)
from services.weighing import weigh
from services.wiring import House

STATEMENTS_EVENTS_MAX: Final = 60_000
"""Of a log up to so long what critical claims say is kept at hand, as the law reads it."""


class MatrixAsked(msgspec.Struct, frozen=True):
    """What is asked of Criticism; see `projections.criticism.criticism_matrix`."""

    workspace: str
    on: date
    known_at: KnownAt
    among: Among | None
    joint: Joint
    method: str | None


async def matrix(house: House, asked: MatrixAsked, *, is_long: bool) -> tuple[int, CriticismMatrix]:
    """The whole matrix, and the position it stands for; `is_long`: whether the log is."""
    found = await _at_hand(house, asked, "", None) if is_long else None
    return await _by_law(house, asked) if found is None else (found[0], found[1].matrix)


async def excerpt(
    house: House, asked: MatrixAsked, government: str, choose: Choose, *, is_long: bool
) -> tuple[int, Excerpt]:
    """What a page shows of it; see `projections.criticism.excerpt_of`."""
    found = await _at_hand(house, asked, government, choose) if is_long else None
    if found is not None:
        return found
    position, whole = await _by_law(house, asked)
    return position, excerpt_of(whole, government, choose)


async def _at_hand(
    house: House, asked: MatrixAsked, government: str, choose: Choose | None
) -> tuple[int, Excerpt] | None:
    """From what is at hand, which does not tell joint statements by themselves; None where it does
    not tell the answer."""
    if asked.joint == "one":
        return None
    weights, known_at = await weigh(house, asked.workspace, asked.method, asked.known_at)
    found = await house.figures.criticism(
        asked.workspace,
        asked.on,
        known_at,
        weights,
        among=asked.among,
        circles=house.circles,
        joint=asked.joint,
        government=government,
        choose=choose,
    )
    if found is None:
        return None
    position, some = found
    known = known_text(known_at, position)
    return position, msgspec.structs.replace(
        some, matrix=msgspec.structs.replace(some.matrix, known_at=known)
    )


async def _by_law(house: House, asked: MatrixAsked) -> tuple[int, CriticismMatrix]:
    """From every critical claim: at the head of a log that is not too long from those at hand."""
    weights, known_at = await weigh(house, asked.workspace, asked.method, asked.known_at)
    watermark = await house.views.watermark(asked.workspace)
    if known_at == HEAD and watermark.position <= STATEMENTS_EVENTS_MAX:
        async with house.views.statements.of(asked.workspace, known_at) as statements:
            if statements is not None:
                return statements.through, await asyncio.to_thread(
                    matrix_of,
                    statements.said(asked.on, weights),
                    on=asked.on,
                    known_at=known_text(known_at, statements.through),
                    weights=weights,
                    among=asked.among,
                    circles=house.circles,
                    joint=asked.joint,
                )
    position, versions = await house.views.versions_of_kinds(
        asked.workspace, known_at, CRITICAL_KINDS, until=asked.on
    )
    return position, criticism_matrix(
        versions,
        on=asked.on,
        known_at=known_text(known_at, position),
        weights=weights,
        among=asked.among,
        circles=house.circles,
        joint=asked.joint,
    )
