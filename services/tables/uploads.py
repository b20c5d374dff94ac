"""Imports of tables that were uploaded, step by step in the background of a server: read, judged,
recorded, taken back. What is recorded is decided elsewhere."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO, Final

import msgspec

from domain.claims import Submission
from domain.errors import Article20Error
from services.house import House
from services.intake.lines import Line, Seen, distinct
from services.intake.recorded_lines import Tally, declare_same
from services.intake.sheets.columns import folded, names
from services.intake.sheets.matching import UNUSED, Match, lacking, matched
from services.intake.sheets.reading import RowReader, open_table
from services.intake.sheets.table import Cell, Row, column_name
from services.tables.binding import bound
from services.tables.bringing import CLAIMS_AT_ONCE, Brought, author_of, bring, prefix_of
from services.tables.choices import (
    UnknownCell,
    chosen,
    is_taken,
    mended,
    read_choices,
    read_mends,
)
from services.tables.judging import Judged, judge, undo
from services.tables.packing import packed
from services.wiring import Fate, Import, ImportColumn, ImportRow

ROWS_AT_A_TIME: Final = 500
LEFT_KEPT_MAX: Final = 200
IMPORTS_KEPT_MAX: Final = 200
TITLE_CHARS_MAX: Final = 400
STALE_SECONDS: Final = 20.0
"""A step that has not moved for so long was broken off, with its process."""
MOVING: Final = ("reading", "importing", "undoing")
_CELLS: Final = msgspec.msgpack.Decoder(list[Cell])
_log: Final = logging.getLogger(__name__)


class NotNow(Article20Error):
    """The import cannot be {step} while it is {state}. Look at it again."""

    slug, status = "not-now", 409


class UnknownColumn(Article20Error):
    """{said!r} is no column of a claim. Choose one of the list, or leave the field empty."""

    slug, status = "unknown-column", 422


class TableImports:
    """The imports that this process works on, one at a time; every process shows them all."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._one_at_a_time = asyncio.Semaphore(1)
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def close(self) -> None:
        """End what runs; what was recorded stays, and a step can be taken again."""
        running = list(self._tasks.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def take(self, workspace: str, by: str, filename: str, file: BinaryIO) -> Import:
        """Begin with a table that was uploaded; UnreadableTable where its head cannot be read.

        `file` is read in the background and closed at the end.
        """
        found = await asyncio.to_thread(_head, file)
        settings = self.house.settings
        await self.house.imports.prune(
            workspace, days_max=settings.imports_days_max, count_max=IMPORTS_KEPT_MAX
        )
        one = Import(
            name=secrets.token_hex(6),
            by=by,
            filename=filename,
            received_at=self.house.now(),
            says=found.says,
            columns=found.columns,
        )
        await self.house.imports.keep(workspace, one)
        self._begin(workspace, one, lambda: self._read(workspace, one, found.rows, file))
        return one

    async def choose(self, workspace: str, name: str, chosen: Mapping[str, str]) -> None:
        """Read the columns otherwise, letters -> what they are, and judge every row anew.

        UnknownColumn where one is called what no column of a claim is called; empty leaves it out.
        """
        one = await self._free(workspace, name, ("columns", "ready"), "read otherwise")
        taken: set[str] = set()
        columns = []
        for column in one.columns:
            path = _path(chosen.get(column.letter, column.path or ""))
            fits = path != UNUSED and path not in taken
            taken |= {path} if fits else set()
            columns.append(
                ImportColumn(
                    column.letter, column.header, path if fits else None, column.suggestion
                )
            )
        one.columns = tuple(columns)
        await self._judge_anew(workspace, one)

    async def check(self, workspace: str, name: str) -> None:
        """Judge every row anew, against what is on file now."""
        one = await self._free(workspace, name, ("columns", "ready", "undone"), "checked")
        await self._judge_anew(workspace, one)

    async def say(self, workspace: str, name: str, form: Mapping[str, str]) -> bool:
        """Keep what a form says of rows: what each becomes, and what faulty cells should hold.
        Whether a cell was written anew, so that the rows have to be judged again.

        UnknownChoice, UnknownCell where it says what no row has.
        """
        choices, mends = read_choices(form), read_mends(form)
        if not choices and not mends:
            return False
        await self._free(workspace, name, ("ready",), "changed")
        imports = self.house.imports
        held = await imports.some_rows(workspace, name, [*choices, *mends])
        rows = {number: (cells, row) for number, cells, row in held if row is not None}
        for number in (*choices, *mends):
            if number not in rows:
                raise UnknownCell(said=str(number))
        kept = {n: chosen(rows[n][1], said) for n, said in choices.items()}
        anew: dict[int, bytes] = {}
        for number, cells in mends.items():
            before = rows[number][0]
            after = msgspec.msgpack.encode(mended(_CELLS.decode(before), cells))
            if after != before:
                anew[number] = after
        await imports.choose_rows(workspace, name, kept)
        await imports.mend_rows(workspace, name, anew)
        return bool(anew)

    async def commit(self, workspace: str, name: str, *, with_likely: bool) -> None:
        """Record the rows that are new, and those that resemble something on file where wanted;
        what was chosen for a row goes before."""
        one = await self._free(workspace, name, ("ready", "importing"), "recorded")
        one.state, one.done, one.with_likely, one.problem = "importing", 0, with_likely, ""
        await self.house.imports.keep(workspace, one)
        self._begin(workspace, one, lambda: self._record(workspace, one))

    async def take_back(self, workspace: str, name: str, by: str) -> None:
        """Retract what an import brought and nobody has touched since."""
        one = await self._free(workspace, name, ("imported", "undoing", "undone"), "undone")
        one.state, one.problem = "undoing", ""
        await self.house.imports.keep(workspace, one)
        self._begin(workspace, one, lambda: self._undo(workspace, one, by))

    async def settled(self, workspace: str, name: str, seconds_max: float) -> None:
        """Wait until the step under way ends, or for a while."""
        task = self._tasks.get((workspace, name))
        if task is not None:
            await asyncio.wait({task}, timeout=seconds_max)

    def is_moving(self, workspace: str, name: str) -> bool:
        """Whether this process works on it."""
        return (workspace, name) in self._tasks

    async def _free(self, workspace: str, name: str, states: tuple[str, ...], step: str) -> Import:
        one, touched = await self.house.imports.one(workspace, name)
        moving = self.is_moving(workspace, name) or (
            one.state in MOVING and (self.house.now() - touched).total_seconds() < STALE_SECONDS
        )
        if moving or one.state not in states:
            raise NotNow(step=step, state=one.state)
        return one

    def _begin(self, workspace: str, one: Import, work: Callable[[], Awaitable[None]]) -> None:
        key = workspace, one.name

        async def run() -> None:
            async with self._one_at_a_time:
                try:
                    await work()
                except Article20Error as error:
                    one.problem = str(error)
                    one.state = "refused" if one.state == "reading" else one.state
                    _log.warning("an import stopped: %s", type(error).__name__)
                    await self.house.imports.keep(workspace, one)

        task = asyncio.create_task(run())
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _read(self, workspace: str, one: Import, rows: Iterator[Row], file: BinaryIO) -> None:
        try:
            while chunk := await asyncio.to_thread(_some, rows):
                await self.house.imports.add_rows(workspace, one.name, chunk)
                one.rows += len(chunk)
                await self.house.imports.keep(workspace, one)
        finally:
            file.close()
        await self._judge_anew(workspace, one, begin=False)
        await self._judge(workspace, one)

    async def _judge_anew(self, workspace: str, one: Import, *, begin: bool = True) -> None:
        one.done, one.problem = 0, ""
        missing = lacking(_matches(one))
        one.state = "columns" if missing else "reading"
        await self.house.imports.keep(workspace, one)
        if begin and not missing:
            self._begin(workspace, one, lambda: self._judge(workspace, one))

    async def _judge(self, workspace: str, one: Import) -> None:
        """Judge every row, so many at a time."""
        if one.state == "columns":
            return
        reader = RowReader(_matches(one), self.house.now(), restate=False)
        said = Seen()
        seen: dict[str, int] = {}
        async for rows in self._pages(workspace, one, ()):
            lines = await asyncio.to_thread(_lines, reader, rows, said)
            judged = await judge(self.house, workspace, lines, seen, likely=True)
            await self.house.imports.judge_rows(
                workspace, one.name, [_row(found) for found in judged]
            )
            one.done += len(rows)
            await self.house.imports.keep(workspace, one)
        one.state = "ready"
        await self.house.imports.keep(workspace, one)

    async def _record(self, workspace: str, one: Import) -> None:
        """Record the good rows; what an earlier run recorded is there already."""
        reader = RowReader(_matches(one), self.house.now(), restate=False)
        brought = Brought()
        pairs: dict[tuple[str, str], int] = {}

        def refuse(_line: int, _detail: str) -> None:
            """Counted; the page tells how many."""

        waiting = []
        async for rows in self._pages(workspace, one, ("new", "likely")):
            lines = await asyncio.to_thread(_lines, reader, [(n, c) for n, c, _ in rows], Seen())
            for line, (_number, _cells, row) in zip(lines, rows, strict=True):
                if row is None or not is_taken(row, with_likely=one.with_likely):
                    continue
                if line.submission is not None:
                    submission = _under(line.submission, row.claim)
                    if row.fate == "likely" and row.choice == "same":
                        first, second = sorted((submission.claim.id, row.beside))
                        pairs[first, second] = line.number
                    waiting.append(
                        packed(line.number, submission, accepted=False, now=self.house.now())
                    )
            one.done += len(rows)
            if len(waiting) >= CLAIMS_AT_ONCE:
                await self._bring(workspace, one, waiting, brought, refuse)
                waiting = []
        await self._bring(workspace, one, waiting, brought, refuse)
        tally, by = Tally(), author_of(one.name)
        await declare_same(self.house, workspace, pairs, by, refuse, tally)
        one.state = "imported"
        await self.house.imports.keep(workspace, one)

    async def _bring(
        self, workspace: str, one: Import, waiting: list[Any], brought: Brought, refuse: Any
    ) -> None:
        if waiting:
            await bring(
                self.house,
                workspace,
                one.name,
                bound(waiting),
                by=one.by,
                into=brought,
                refuse=refuse,
            )
        ranges = await self.house.imports.brought(workspace, prefix_of(one.name))
        one.recorded = sum(last - first + 1 for first, last in ranges)
        one.position = max((last for _, last in ranges), default=0)
        one.refused = brought.refused
        await self.house.imports.keep(workspace, one)

    async def _undo(self, workspace: str, one: Import, by: str) -> None:
        reason = f"import {one.name} of {one.filename} was undone"[:400]
        undone = await undo(self.house, workspace, one.name, by=by, reason=reason)
        one.retracted += undone.retracted
        one.left, one.left_count = tuple(undone.left[:LEFT_KEPT_MAX]), len(undone.left)
        one.position = max(one.position, undone.position)
        one.state = "undone"
        await self.house.imports.keep(workspace, one)

    async def _pages(self, workspace: str, one: Import, fates: tuple[Fate, ...]) -> Any:
        """The rows of an import, so many at a time: number, cells, what they would become."""
        after = 0
        while rows := await self.house.imports.rows(
            workspace, one.name, after=after, limit=ROWS_AT_A_TIME, fates=fates
        ):
            yield rows if fates else [(number, cells) for number, cells, _ in rows]
            after = rows[-1][0]


class _Head(msgspec.Struct, frozen=True):
    says: str
    columns: tuple[ImportColumn, ...]
    rows: Iterator[Row]


def _head(file: BinaryIO) -> _Head:
    table = open_table(file)
    found = matched(table, strict=False)
    columns = tuple(ImportColumn(m.letter, m.header, m.path, m.suggestion) for m in found.matches)
    return _Head(table.says, columns, found.rows)


def _some(rows: Iterator[Row]) -> list[tuple[int, bytes]]:
    return [(row.number, msgspec.msgpack.encode(row.cells)) for row in islice(rows, ROWS_AT_A_TIME)]


def _lines(reader: RowReader, rows: list[tuple[int, bytes]], said: Seen) -> list[Line]:
    read = (reader.line(Row(number, _CELLS.decode(cells))) for number, cells in rows)
    return list(distinct(read, said))


def _path(said: str) -> str:
    """The path that a column is called by; `UNUSED` for none."""
    if not said.strip():
        return UNUSED
    path = names().get(folded(said))
    if path is None:
        raise UnknownColumn(said=said[:80])
    return path


def _matches(one: Import) -> tuple[Match, ...]:
    indexes = {column_name(index): index for index in range(1000)}
    return tuple(
        Match(index=indexes[c.letter], header=c.header, path=c.path, suggestion=c.suggestion)
        for c in one.columns
    )


def _under(submission: Submission, claim: str) -> Submission:
    """The submission under the id that its row was given when it was judged."""
    if submission.claim.id == claim or not claim:
        return submission
    named = msgspec.structs.replace(submission.claim, id=claim)
    return msgspec.structs.replace(submission, claim=named)


def _row(found: Judged) -> ImportRow:
    claim = found.submission.claim if found.submission is not None else None
    errors = found.line.errors
    said = "; ".join(error.detail for error in errors) if errors else found.detail
    if claim is None:
        return ImportRow(
            number=found.line.number,
            fate=found.fate,
            detail=said,
            cell=", ".join(error.pointer for error in errors if error.pointer),
        )
    return ImportRow(
        number=found.line.number,
        fate=found.fate,
        claim=claim.id,
        kind=claim.kind,
        occurred_on=claim.occurred_on,
        title=claim.summary[:TITLE_CHARS_MAX],
        targets=claim.targets,
        detail=said,
        beside=found.beside,
        likeness=found.likeness,
    )
