"""Asks who criticised whom: of a long log from columns, of a short one by the readable law; it
never words anything."""

from datetime import date
from typing import Any

import msgspec

from domain.clocks import KnownAt, known_text
from domain.numbers import CRITICAL_KINDS
from projections.columnar.criticism.matrices import MatrixDraw
from projections.criticism import (
    Choice,
    CriticismMatrix,
    Excerpt,
    Joint,
    critical,
    excerpt_of,
    matrix_of,
)
from projections.paging import Place
from projections.silence import Among
from services.house import House
from services.weighing import weigh


class MatrixAsked(msgspec.Struct, frozen=True):
    """What is asked of Criticism; see `projections.criticism.criticism_matrix`."""

    workspace: str
    on: date
    known_at: KnownAt
    among: Among | None
    joint: Joint
    method: str | None
    after: Place | None = None
    rows_max: int | None = None


async def matrix(
    house: House, asked: MatrixAsked, *, is_long: bool
) -> tuple[int, CriticismMatrix, Place | None]:
    """A page of the matrix, after which critic the next one begins, and the position it stands
    for; `is_long`: whether the log is."""
    if not is_long:
        return await _by_law(house, asked)
    position, found, following = await _by_columns(house, asked, "", None)
    return position, found.matrix, following


async def excerpt(
    house: House, asked: MatrixAsked, government: str, choice: Choice, *, is_long: bool
) -> tuple[int, Excerpt]:
    """What a page shows of it; see `projections.criticism.excerpt_of`."""
    if is_long:
        return (await _by_columns(house, asked, government, choice))[:2]
    position, whole, _ = await _by_law(house, asked)
    return position, excerpt_of(whole, government, choice)


async def _by_columns(
    house: House, asked: MatrixAsked, government: str, choice: Choice | None
) -> tuple[int, Excerpt, Place | None]:
    weights, known_at = await weigh(house, asked.workspace, asked.method, asked.known_at)
    draw = MatrixDraw(
        among=asked.among,
        circles=house.circles,
        joint=asked.joint,
        after=asked.after,
        rows_max=asked.rows_max,
        government=government,
        choice=choice,
    )
    position, some, following = await house.figures.criticism(
        asked.workspace, asked.on, known_at, weights, draw
    )
    known = known_text(known_at, position)
    whole = msgspec.structs.replace(some.matrix, known_at=known)
    return position, msgspec.structs.replace(some, matrix=whole), following


async def _by_law(house: House, asked: MatrixAsked) -> tuple[int, CriticismMatrix, Place | None]:
    """From every critical claim, of which a short log has few."""
    weights, known_at = await weigh(house, asked.workspace, asked.method, asked.known_at)
    how: dict[str, Any] = {
        "on": asked.on,
        "weights": weights,
        "among": asked.among,
        "circles": house.circles,
        "joint": asked.joint,
        "after": asked.after,
        "rows_max": asked.rows_max,
    }
    position, versions = await house.views.versions_of_kinds(
        asked.workspace, known_at, CRITICAL_KINDS, until=asked.on
    )
    said = list(critical(versions, asked.on, weights))
    return position, *matrix_of(said, known_at=known_text(known_at, position), **how)
