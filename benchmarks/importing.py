"""Measures the import of a table of claims beside COPY of the same rows into a plain table on the
same server; each has a database of its own, made here and removed at the end."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from benchmarks.histories import claims
from benchmarks.rows import Row, Size
from benchmarks.server import database
from services.importing import Brought, author_of, bring, chunks, packed
from services.intake.sheets.matching import matched
from services.intake.sheets.reading import RowReader, open_table
from services.intake.sheets.writing import claims_aside, write_claims
from services.settings import read_settings
from services.wiring import House, open_house

TITLE = "Importing"
ROWS: dict[Size, int] = {"quick": 5_000, "full": 100_000, "growth": 100_000}
ABOUT = (
    "A made CSV of claims, as an export writes them, on the embedded PostgreSQL, fsync on. Ours: "
    "the file is opened, its columns matched, every row read, validated and appended as a claim "
    "under the condition that it is new. COPY: the same file into a table of text columns on the "
    "same server, which checks nothing."
)
ROUNDS = 3
SEED = 20
TARGET = 0.2
WORKSPACE = "default"


def measure(size: Size) -> Iterator[Row]:
    """Rows a second of both in turns, and what one row costs the process that imports."""
    rows = ROWS[size]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "claims.csv"
        with claims_aside() as aside, path.open("wb") as file:
            for plain in claims(SEED, rows):
                aside.add(plain)
            write_claims(aside, "csv", file)
            width = len(aside.columns())
        ours, theirs, costs = [], [], []
        for _ in range(ROUNDS):
            seconds, cpu = uvloop.run(_import(database(), path, rows))
            ours.append(rows / seconds)
            costs.append(cpu / rows * 1_000_000)
            theirs.append(rows / uvloop.run(_copy(database(), path, rows, width)))
    yield Row(
        what=f"import of {rows:,} rows",
        unit="rows/s",
        ours=tuple(ours),
        peer="COPY into a plain table",
        theirs=tuple(theirs),
        target=TARGET,
    )
    yield Row(
        what="what a row costs the process that imports",
        unit="µs",
        ours=tuple(costs),
        is_less_better=True,
        note="time of the processor",
    )


async def _import(dsn: str, path: Path, rows: int) -> tuple[float, float]:
    """The seconds an import takes, and those of this process's time; every row must be new."""
    settings = read_settings({"ARTICLE20_DATABASE_URL": dsn, "ARTICLE20_WORKSPACE": WORKSPACE})
    async with open_house(settings, project=False) as house:
        begun, cpu = time.perf_counter(), time.process_time()
        brought = await _bring(house, path)
        seconds = time.perf_counter() - begun
        assert brought.new == rows
        assert await house.store.head(WORKSPACE) == rows
        return seconds, time.process_time() - cpu


async def _bring(house: House, path: Path) -> Brought:
    now, brought = datetime.now(UTC), Brought()
    with path.open("rb") as file:
        found = matched(open_table(file))
        reader = RowReader(found.matches, now, restate=True)
        ready = (
            packed(line.number, line.submission, accepted=True, now=now)
            for line in reader.lines(found.rows)
            if line.submission is not None
        )
        appending: asyncio.Task[None] | None = None
        for chunk in chunks(ready):
            if appending is not None:
                await appending
            appending = asyncio.create_task(
                bring(
                    house,
                    WORKSPACE,
                    "measured",
                    chunk,
                    by=author_of("measured"),
                    into=brought,
                    refuse=_refuse,
                )
            )
            await asyncio.sleep(0)  # it is sent while the next rows are read
        if appending is not None:
            await appending
    return brought


def _refuse(line: int, why: str) -> None:
    raise AssertionError(f"row {line}: {why}")


async def _copy(dsn: str, path: Path, rows: int, width: int) -> float:
    """The seconds COPY takes into a table of so many text columns, durable."""
    connection: Any = await asyncpg.connect(dsn)
    try:
        columns = ", ".join(f"c{number} text" for number in range(width))
        await connection.execute(f"CREATE TABLE plain ({columns})")
        begun = time.perf_counter()
        await connection.copy_to_table("plain", source=str(path), format="csv", header=True)
        seconds = time.perf_counter() - begun
        # The row of HXL tags is one more.
        assert await connection.fetchval("SELECT count(*) FROM plain") == rows + 1
        return seconds
    finally:
        await connection.close()
