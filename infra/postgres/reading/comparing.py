"""Reads what differs between two points of knowledge: of claims that differ alone, and of no more
than one answer lists; it never writes.
"""

from datetime import date, datetime
from typing import Any, Final

from domain.governments import GOVERNMENTS
from infra.postgres.queries import queries
from infra.postgres.reading.views import Standing
from projections.changes import CLAIMS_NAMED_MAX, DIFFERENCES_MAX, Compared, Passed, Touched
from projections.histories import unpack

_SQL: Final = queries("views")
Clocks = tuple[int | None, datetime | None]


async def compared_in(
    connection: Any,
    standing: Standing,
    workspace: str,
    begins: Clocks,
    ends: Clocks,
    *,
    until: date,
) -> Compared:
    """Two points of knowledge of one snapshot as `projections.changes.compared` compares them."""
    claims, governments = [
        standing.generation(workspace, view) for view in ("claims", "governments")
    ]
    asked = (*begins, *ends, until)
    passed = await connection.fetch(
        _SQL["versions_between"], workspace, claims, *asked, DIFFERENCES_MAX
    )
    touched = await connection.fetch(
        _SQL["touched_between"], workspace, governments, *asked, CLAIMS_NAMED_MAX
    )
    return Compared(
        passed=tuple(
            Passed(unpack(body), None if before is None else unpack(before), was_known)
            for body, before, was_known, _ in passed
        ),
        total=passed[0][3] if passed else 0,
        touched=tuple(
            Touched(code, tuple(names), total)
            for code, names, total in touched
            if code in GOVERNMENTS
        ),
    )
