"""Rows packed from what earlier rows had packed: the same bytes as rows read and packed whole."""

import io
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events import claim_json
from domain.kinds import KINDS, ClaimRecorded, claim_of
from services.intake.sheets.csv_cells import Cells, Splitter
from services.intake.sheets.matching import columns_of, matched
from services.intake.sheets.reading import RowReader, open_table
from services.intake.sheets.table import Cell, Row
from services.intake.sheets.writing import claims_aside, write_claims
from services.tables.packing import PackedReader, Read, read
from tests.domain.test_event_samples import NAMES, decoded
from tests.services.intake.sheets.made import HEADS, NOW
from tests.services.intake.sheets.test_recalling import COLUMNS, ODD, SOUND, row_of, rows

MATCHES = columns_of(["?", *COLUMNS], [], {})


def whole(row: Row, *, accepted: bool) -> Read:
    """A row read and packed as if there were no other one."""
    line = RowReader(MATCHES, NOW, restate=True).whole(row)
    return read(line, accepted=accepted, now=NOW)


def plainly(one: Read) -> Any:
    """What was read, to be compared."""
    errors = [(error.pointer, str(error.detail)) for error in one.errors]
    return one.number, errors, one.claim, one.digest, one.events, one.pairs


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


def test_lines_of_wide_tables_are_packed_as_their_cells_are() -> None:
    """A line whose ending is known from others is packed as the row with its cells in it, whatever
    stands before the ending and in it."""
    split = Splitter(",").cells
    heads = [*HEADS, "details.note", *(f"sources.{n}.title" for n in range(1, 13)), "details.place"]
    matches = columns_of(heads, [], {})
    quick = PackedReader(matches, NOW, accepted=True)
    endings = set()
    for number, (note, title, place, treaty) in enumerate(
        product(("", "a note"), ("", "A title"), ("", "Vilnius"), ("APMBC", "CCM", "NPT")), 2
    ):
        line = f"c-{number},withdrawal_announced,{treaty},2025-04-01,FIN,It left.,{note},{title}"
        cells = split(f"{line}{',' * 12}{place}")
        assert isinstance(cells, Cells)
        endings.add(cells.ending)
        alone = PackedReader(matches, NOW, accepted=True).read(Row(number, list(cells)))
        assert plainly(quick.read(Row(number, cells))) == plainly(alone)
        assert bool(alone.errors) == (treaty == "NPT")
    assert len(endings) == 6
    assert len(quick.frame.known) > len(endings)


def test_claims_of_every_kind_are_packed_from_parts() -> None:
    """An export of claims of all kinds, with its row of HXL tags, is packed the same from parts as
    row by row, and none of its rows is read whole a second time."""
    out = io.BytesIO()
    with claims_aside() as aside:
        for name in sorted(NAMES):
            event = decoded(name)
            if isinstance(event, ClaimRecorded):
                aside.add(claim_json(claim_of(event)))
        write_claims(aside, "csv", out)
    table = matched(open_table(out))
    rows = list(table.rows)
    assert len(rows) >= len(KINDS)
    quick = PackedReader(table.matches, NOW, accepted=True)
    for row in rows:
        alone = RowReader(table.matches, NOW, restate=True).whole(row)
        assert plainly(quick.read(row)) == plainly(read(alone, accepted=True, now=NOW))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick.reader, "line", None)
        assert [one.number for one in map(quick.read, rows)] == [row.number for row in rows]
