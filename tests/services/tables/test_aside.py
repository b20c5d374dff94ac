"""Tables read by several processes: whatever is in them reads as it does in one."""

import io
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import SetupRefused
from services.cli.claim_files import Source, opened
from services.intake.sheets import csv_table, matching
from services.intake.sheets.matching import matched
from services.intake.sheets.reading import RowReader, open_table
from services.intake.sheets.table import COLUMNS_MAX, UnreadableTable
from services.tables import aside, binding
from services.tables.aside import Order, Part, blocks_of_part, merged, reading_aside
from services.tables.binding import Block, Bound
from services.tables.packing import Read, read
from tests.services.intake.sheets.made import HEADS, NOW, ROW, as_csv, as_xlsx

ROW_CHARS_MAX = 2000
ROWS = 8000
"""More than a reader can say before somebody listens."""
ENDLESS = ("x", "y" * (ROW_CHARS_MAX + 1))
WIDE = ("x",) * (COLUMNS_MAX + 1)
"""Rows that no table may have."""
CHOICES: tuple[dict[str, Any], ...] = (
    {},
    {"targets": "LVA; FIN"},
    {"targets": "nowhere"},
    {"occurred_on": "never"},
    {"summary": ""},
    {"summary": "In two\nlines"},
    {"id": "always-the-same"},
    {"id": "always-the-same", "targets": "Finland"},
    {"id": "always-the-same", "summary": "Something else."},
)
SOUND_ALONE = len(CHOICES) - 3
"""Those before say nothing of one another's ids."""


def table(choices: list[int]) -> list[tuple[Any, ...]]:
    """Rows with a claim each, sound or not, under headers."""
    plain = dict(zip(HEADS, ROW, strict=True))
    rows = [plain | {"id": f"c-{number}"} | CHOICES[one] for number, one in enumerate(choices)]
    return [HEADS, *(tuple(row.values()) for row in rows)]


def order() -> Order:
    """To read a file as it is."""
    return Order(encoding=None, chosen={}, now=NOW, accepted=True)


def alone(body: bytes) -> tuple[list[Read], str]:
    """What one reader finds in a table, and why it went no further."""
    found = matched(open_table(io.BytesIO(body)))
    reads: list[Read] = []
    try:
        for line in RowReader(found.matches, NOW, restate=True).lines(found.rows):
            reads.append(read(line, accepted=True, now=NOW))
    except UnreadableTable as error:
        return reads, str(error)
    return reads, ""


def plainly(one: Read) -> Any:
    """What was read, to be compared: the texts themselves, without a template of theirs."""
    errors = [(error.pointer, str(error.detail)) for error in one.errors]
    return one.number, errors, one.claim, one.digest, one.events, one.pairs


def rows_of(some: Iterable[Block]) -> Iterator[Read]:
    """The rows of blocks, in their order."""
    for one in some:
        reads = [*one.faulty]
        claims = msgspec.msgpack.decode(one.bound, type=Bound)
        assert (claims.numbers, claims.claims) == (one.numbers, one.claims)
        for claim, digest in zip(claims.packed(), one.digests, strict=True):
            pairs = tuple(pair for number, pair in one.pairs if number == claim.number)
            reads.append(Read(claim.number, (), claim.claim, digest, claim.events, pairs))
        assert len(reads) == one.rows
        yield from sorted(reads, key=lambda read: read.number)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(range(len(CHOICES) - 2)), max_size=14),
    st.integers(1, 4),
    st.sampled_from([(), (ENDLESS,), (WIDE,)]),
    st.integers(1, 3000),
)
def test_parts_of_a_table_are_the_whole(
    choices: list[int], parts: int, ends: tuple[Any, ...], chars: int
) -> None:
    """Read in any number of parts, a table has the same rows in the same order, and goes on to the
    same row where it cannot be read further."""
    rows = [*table(choices), *ends]
    body = as_csv(rows)
    reads: list[Read] = []
    refused = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(binding, "BLOCK_ROWS", 3)
        patch.setattr(csv_table, "READ_AT_ONCE", chars)
        patch.setattr(matching, "HEAD_ROWS_MAX", 1)
        patch.setattr(csv_table, "ROW_CHARS_MAX", ROW_CHARS_MAX)
        several = [
            blocks_of_part(Part(order(), part, parts), io.BytesIO(body)) for part in range(parts)
        ]
        try:
            reads += rows_of(merged(several))
        except UnreadableTable as error:
            refused = str(error)
        expected, why = alone(body)
    assert list(map(plainly, reads)) == list(map(plainly, expected))
    assert refused == why


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_processes_read_what_one_would(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    """Two processes find the same claims and the same faults in a file, those among its rows
    included, in the file that was opened, whatever its name stands for meanwhile."""
    rows = table([number * 5 % len(CHOICES) for number in range(2 * binding.BLOCK_ROWS + 500)])
    body = as_csv(rows) if form == "csv" else as_xlsx(rows)
    path = tmp_path / f"table.{form}"
    path.write_bytes(body)
    monkeypatch.setattr(aside, "ASIDE_BYTES_MIN", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    with opened(path) as file:
        source = Source(path, file, None, {})
        path.unlink()
        path.write_text("Another file stands under its name.")
        with source.blocks(NOW, accepted=True) as found:
            reads = list(rows_of(found))
    expected, _ = alone(body)
    assert [plainly(one) for one in reads] == [plainly(one) for one in expected]
    assert any("says something else" in str(one.errors) for one in reads)


def test_a_reader_is_silent_when_the_import_is_interrupted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C, which goes to a group of processes, reaches the import alone; and a process whose
    import was killed ends without a traceback."""
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv(table([0] * ROWS)))
    said: list[BinaryIO] = []
    begin: Any = os.fdopen

    def keep(*arguments: Any, **how: Any) -> Any:
        said.append(begin(*arguments, **how))
        return said[-1]

    monkeypatch.setattr(os, "fdopen", keep)
    with path.open("rb") as file, reading_aside(order(), file.fileno(), 1) as found:
        next(found)
        (process,) = multiprocessing.active_children()
        assert process.pid is not None
        assert os.getpgid(process.pid) != os.getpgrp()
        said[0].close()
        process.join()
        assert process.exitcode == -signal.SIGPIPE
    assert capfd.readouterr().err == ""


def test_a_process_that_ends_early_is_told(tmp_path: Path) -> None:
    """Where a process is killed, for want of memory or otherwise, nothing passes for the end of the
    file."""
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv(table([0] * ROWS)))
    with path.open("rb") as file, reading_aside(order(), file.fileno(), 1) as found:
        next(found)
        (process,) = multiprocessing.active_children()
        process.kill()
        with pytest.raises(SetupRefused, match="ended with -9"):
            list(found)
    assert not multiprocessing.active_children()
