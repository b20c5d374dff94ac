"""Rows packed from what earlier rows had packed: the same bytes as rows read and packed whole."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.sheets.matching import columns_of
from services.intake.sheets.reading import RowReader
from services.intake.sheets.table import Cell, Row
from services.tables.packing import PackedReader, Read, read
from tests.services.intake.sheets.made import NOW
from tests.services.intake.sheets.test_recalling import COLUMNS, ODD, SOUND, row_of, rows

MATCHES = columns_of(["?", *COLUMNS], [], {})


def whole(row: Row, *, accepted: bool) -> Read:
    """A row read and packed as if there were no other one."""
    line = RowReader(MATCHES, NOW, restate=True).whole(row)
    return read(line, accepted=accepted, now=NOW)


def plainly(one: Read) -> Any:
    """What was read, to be compared."""
    errors = [(error.pointer, str(error.detail)) for error in one.errors]
    return one.number, errors, one.claim, one.digest, bytes(one.packed), one.pairs


@settings(max_examples=60, deadline=None)
@given(rows, st.booleans())
def test_rows_packed_from_parts_are_the_rows_packed_whole(
    rows: list[list[Cell]], accepted: bool
) -> None:
    """Whatever stands in the rows before and in the row itself, its bytes, its digest or its faults
    are those of the row read and packed alone."""
    quick = PackedReader(MATCHES, NOW, accepted=accepted)
    for number, cells in enumerate(rows, 2):
        row = Row(number, cells)
        assert plainly(quick.read(row)) == plainly(whole(row, accepted=accepted))


def test_every_cell_is_packed_as_it_is_alone() -> None:
    """What a column holds after each other cell that it may hold is packed as if nothing had come
    before."""
    quick = PackedReader(MATCHES, NOW, accepted=True)
    for column, sound in SOUND.items():
        for cell in (*sound, *ODD, *sound):
            row = Row(2, row_of(0, [("status", ""), (column, cell)]))
            assert plainly(quick.read(row)) == plainly(whole(row, accepted=True)), (column, cell)
