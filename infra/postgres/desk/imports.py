"""Imports of spreadsheets as they are kept while somebody looks at them: the rows, what each would
become, how far an import is; and where in the log it recorded. It judges nothing itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from domain.errors import Article20Error
from infra.postgres.queries import queries
from infra.postgres.scope import Entered

Fate = Literal["new", "likely", "duplicate", "conflict", "error"]
Choice = Literal["take", "leave", "same"]
State = Literal[
    "reading", "columns", "ready", "importing", "imported", "undoing", "undone", "refused"
]
_SQL: Final = queries("imports")


class ImportNotFound(Article20Error):
    """There is no import {import_!r} in this workspace; uploaded tables are kept for a bounded
    time."""

    slug, status = "import-not-found", 404


class ImportColumn(msgspec.Struct, frozen=True):
    """One column of the table: its letters and header, the claim's column it is read as, and what
    may be meant where it is left out."""

    letter: str
    header: str
    path: str | None = None
    suggestion: str | None = None


class Import(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One import: where it comes from, how it is read, and how far it is.

    `rows` and `done`: how many there are and how many the present step is through with. `recorded`:
    how many claims it brought; `position`: of the last of them; `problem`: why a step ended early.
    """

    name: str
    by: str
    filename: str
    received_at: datetime
    says: str = ""
    state: State = "reading"
    columns: tuple[ImportColumn, ...] = ()
    rows: int = 0
    done: int = 0
    recorded: int = 0
    already_there: int = 0
    refused: int = 0
    position: int = 0
    with_likely: bool = False
    problem: str = ""
    retracted: int = 0
    left: tuple[tuple[str, str], ...] = ()
    left_count: int = 0


class ImportRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one row would become: the claim in short, what was found of it, and in which cell.

    `beside`: the claim on file that it is, contradicts or resembles. `choice`: what somebody chose
    for it, None where nobody did.
    """

    number: int
    fate: Fate
    claim: str = ""
    kind: str = ""
    occurred_on: str = ""
    title: str = ""
    targets: tuple[str, ...] = ()
    detail: str = ""
    cell: str = ""
    beside: str = ""
    likeness: float = 0.0
    choice: Choice | None = None


class Imports:
    """The imports of a store."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool

    async def keep(self, workspace: str, one: Import) -> None:
        """Keep an import as it stands."""
        async with Entered(self.pool, workspace) as connection:
            body = msgspec.msgpack.encode(one)
            await connection.execute(_SQL["keep"], workspace, one.name, one.received_at, body)

    async def one(self, workspace: str, name: str) -> tuple[Import, datetime]:
        """An import, and when it was kept last; ImportNotFound."""
        async with Entered(self.pool, workspace) as connection:
            row = await connection.fetchrow(_SQL["import"], workspace, name)
        if row is None:
            raise ImportNotFound(import_=name[:80])
        return msgspec.msgpack.decode(row["body"], type=Import), row["touched_at"]

    async def latest(self, workspace: str, limit: int) -> list[Import]:
        """The latest imports, newest first."""
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(_SQL["imports"], workspace, limit)
        return [msgspec.msgpack.decode(row["body"], type=Import) for row in rows]

    async def add_rows(self, workspace: str, name: str, rows: Sequence[tuple[int, bytes]]) -> None:
        """Add rows as they were read: number and cells."""
        async with Entered(self.pool, workspace) as connection:
            numbers, cells = [n for n, _ in rows], [c for _, c in rows]
            await connection.execute(_SQL["add_rows"], workspace, name, numbers, cells)

    async def judge_rows(self, workspace: str, name: str, rows: Sequence[ImportRow]) -> None:
        """Keep what rows would become."""
        async with Entered(self.pool, workspace) as connection:
            await connection.execute(
                _SQL["judge_rows"],
                workspace,
                name,
                [row.number for row in rows],
                [row.fate for row in rows],
                [msgspec.msgpack.encode(row) for row in rows],
            )

    async def rows(
        self, workspace: str, name: str, *, after: int, limit: int, fates: Sequence[Fate] = ()
    ) -> list[tuple[int, bytes, ImportRow | None]]:
        """Rows in order after one of them: number, cells, and what they would become."""
        async with Entered(self.pool, workspace) as connection:
            named = list(fates) or None
            rows = await connection.fetch(_SQL["rows"], workspace, name, after, named, limit)
        return [_row(*row) for row in rows]

    async def some_rows(
        self, workspace: str, name: str, numbers: Sequence[int]
    ) -> list[tuple[int, bytes, ImportRow | None]]:
        """Some rows by their numbers, as `rows` gives them; nothing for those there are not."""
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(_SQL["some_rows"], workspace, name, list(numbers))
        return [_row(*row) for row in rows]

    async def choose_rows(
        self, workspace: str, name: str, choices: Mapping[int, Choice | None]
    ) -> None:
        """Keep what was chosen for some rows."""
        async with Entered(self.pool, workspace) as connection:
            numbers, chosen = list(choices), list(choices.values())
            await connection.execute(_SQL["choose_rows"], workspace, name, numbers, chosen)

    async def mend_rows(self, workspace: str, name: str, rows: Mapping[int, bytes]) -> None:
        """Write the cells of some rows anew."""
        async with Entered(self.pool, workspace) as connection:
            numbers, cells = list(rows), list(rows.values())
            await connection.execute(_SQL["mend_rows"], workspace, name, numbers, cells)

    async def choices(self, workspace: str, name: str) -> dict[tuple[str, str], int]:
        """For how many rows what was chosen, by fate and choice."""
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(_SQL["choices"], workspace, name)
        return {(row["fate"], row["choice"]): row["count"] for row in rows}

    async def counts(self, workspace: str, name: str) -> dict[str, int]:
        """How many rows would become what, by fate; by an empty one those not judged yet."""
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(_SQL["counts"], workspace, name)
        return {row["fate"]: row["count"] for row in rows}

    async def prune(self, workspace: str, *, days_max: int, count_max: int) -> None:
        """Let go of what is older or more than the bounds."""
        async with Entered(self.pool, workspace) as connection:
            await connection.execute(_SQL["prune"], workspace, days_max, count_max)

    async def brought(self, workspace: str, prefix: str) -> list[tuple[int, int]]:
        """Where in the log appends under keys with a prefix stand: first and last positions."""
        async with Entered(self.pool, workspace) as connection:
            end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
            rows = await connection.fetch(_SQL["brought"], workspace, prefix, end)
        return [(row["first"], row["last"]) for row in rows]


def _row(
    number: int, cells: bytes, body: bytes | None, choice: Choice | None
) -> tuple[int, bytes, ImportRow | None]:
    if body is None:
        return number, cells, None
    row = msgspec.msgpack.decode(body, type=ImportRow)
    return number, cells, msgspec.structs.replace(row, choice=choice) if choice else row
