"""Measures the import of a table of claims beside COPY of the same rows into a plain table on the
same server; each has a database of its own, made here and removed at the end."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import uvloop

from benchmarks.histories import claims
from benchmarks.memory import most_until_ended
from benchmarks.rows import Row, Size
from benchmarks.server import database
from services.cli.claim_files import SPOOLED_BYTES_MAX, Faults, Source, opened
from services.cli.imports import check
from services.collecting import settle
from services.house import House, open_house
from services.intake.sheets.writing import SheetFormat, claims_aside, write_claims
from services.settings import read_settings
from services.tables.bringing import Brought, author_of, bring_all

TITLE = "Importing"
ROWS: dict[Size, int] = {"quick": 5_000, "full": 100_000, "growth": 100_000}
FORMATS: dict[Size, tuple[SheetFormat, ...]] = {
    "quick": ("csv",),
    "full": ("csv",),
    "growth": ("csv", "xlsx"),
}
ABOUT = (
    "A made CSV of claims, as an export writes them, on the embedded PostgreSQL, fsync on. Ours: "
    "the file is opened, its columns matched, every row read and validated by processes beside "
    "the one that asks for them, and kept aside; when the last row was found sound, all are "
    "appended as claims under the condition that they are new. That is what the command does "
    "between its start and its end; beside it stands the command as a whole. COPY: the same file "
    "into a table of text columns on the same server, which checks nothing."
)
ROUNDS = 3
SEED = 20
TARGET = 0.2
WORKSPACE = "default"


def measure(size: Size) -> Iterator[Row]:
    """Rows a second of all in turns, and what one row costs the process that imports."""
    rows = ROWS[size]
    settle()  # as every process of the program does
    with tempfile.TemporaryDirectory() as folder:
        paths = _tables(Path(folder), rows, FORMATS[size])
        table = paths["csv"]
        width = len(table.open(encoding="utf-8-sig").readline().split(","))
        ours, theirs, costs = [], [], []
        commands: dict[SheetFormat, list[Ran]] = {form: [] for form in paths}
        for _ in range(ROUNDS):
            seconds, cpu = uvloop.run(_import(database(), table, rows))
            ours.append(rows / seconds)
            costs.append(cpu / rows * 1_000_000)
            theirs.append(rows / uvloop.run(_copy(database(), table, rows, width)))
            for form, path in paths.items():
                commands[form].append(_command(database(), path, rows))
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
        note="time of the processor, in all its processes",
    )
    for form, runs in commands.items():
        yield Row(
            what=f"`article20 import` of {rows:,} rows, {form.upper()}",
            unit="rows/s",
            ours=tuple(rows / run.seconds for run in runs),
            peer="COPY into a plain table",
            theirs=tuple(theirs),
            note="from start to end of the command, every row checked before the first is "
            f"recorded; {max(run.mebibytes for run in runs):.0f} MiB of memory at most in each of "
            "its processes",
        )


class Ran(msgspec.Struct, frozen=True):
    """What a command took: its time, and the memory of its largest process at the most."""

    seconds: float
    mebibytes: float


def _tables(folder: Path, rows: int, forms: tuple[SheetFormat, ...]) -> dict[SheetFormat, Path]:
    """The same claims as tables, as an export writes them."""
    paths: dict[SheetFormat, Path] = {form: folder / f"claims.{form}" for form in forms}
    with claims_aside() as aside:
        for plain in claims(SEED, rows):
            aside.add(plain)
        for form, path in paths.items():
            with path.open("wb") as file:
                write_claims(aside, form, file)
    return paths


def _command(dsn: str, path: Path, rows: int) -> Ran:
    """The command over an empty store; every row must be new."""
    command = [sys.executable, "-m", "services.cli", "import", str(path), "--format", "json"]
    command += ["--database-url", dsn, "--workspace", WORKSPACE]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        most = most_until_ended(process)
        seconds = time.perf_counter() - begun
        assert msgspec.json.decode(process.stdout.read())["new"] == rows
    return Ran(seconds, most / 1024**2)


async def _import(dsn: str, path: Path, rows: int) -> tuple[float, float]:
    """The seconds an import takes, and those of this process's time; every row must be new."""
    settings = read_settings({"ARTICLE20_DATABASE_URL": dsn, "ARTICLE20_WORKSPACE": WORKSPACE})
    async with open_house(settings, project=False) as house:
        begun, cpu = time.perf_counter(), _cpu_seconds()
        brought = await _bring(house, path)
        seconds = time.perf_counter() - begun
        assert brought.new == rows
        assert await house.store.head(WORKSPACE) == rows
        return seconds, _cpu_seconds() - cpu


async def _bring(house: House, path: Path) -> Brought:
    """What the command does between its start and its end."""
    brought = Brought()
    with opened(path) as file, tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES_MAX) as spool:
        checked = check(Source(path, file, None, {}), spool, Faults("row"), accepted=True)
        await bring_all(
            house,
            WORKSPACE,
            "measured",
            checked,
            by=author_of("measured"),
            into=brought,
            refuse=_refuse,
        )
    assert not checked.faulty
    return brought


def _cpu_seconds() -> float:
    """Of this process and of those that it waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


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
