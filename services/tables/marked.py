"""An uploaded table given back with what is wrong in it, in bounded memory; it judges no row."""

import asyncio
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import msgspec

from services.house import House
from services.intake.sheets.marking import MarkedFormat, MarkedRow, write_marked
from services.intake.sheets.table import COLUMNS_MAX, Cell, column_name
from services.tables.choices import cells_of
from services.wiring import ImportRow

ROWS_AT_A_TIME: Final = 500
SPOOLED_BYTES_MAX: Final = 16 * 1024 * 1024
_CELLS: Final = msgspec.msgpack.Decoder(list[Cell])
_ROW: Final = msgspec.msgpack.Decoder(MarkedRow)


async def marked_table(house: House, workspace: str, name: str, form: MarkedFormat) -> BinaryIO:
    """The table of an import with its faults and conflicts, as a temporary file that whoever asked
    closes; ImportNotFound."""
    one, _touched = await house.imports.one(workspace, name)
    letters = {column_name(index): index for index in range(COLUMNS_MAX)}
    heads = [(letters[column.letter], column.header) for column in one.columns]
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES_MAX) as aside:
        after = 0
        while rows := await house.imports.rows(workspace, name, after=after, limit=ROWS_AT_A_TIME):
            for row in rows:
                packed = msgspec.msgpack.encode(_marked(*row))
                aside.write(len(packed).to_bytes(4, "big") + packed)
            after = rows[-1][0]
        out: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  # whoever asked closes it
        try:
            await asyncio.to_thread(write_marked, heads, _kept(aside), form, out)
        except BaseException:
            out.close()
            raise
    out.seek(0)
    return out


def _kept(aside: Any) -> Iterator[MarkedRow]:
    aside.seek(0)
    while head := aside.read(4):
        yield _ROW.decode(aside.read(int.from_bytes(head, "big")))


def _marked(number: int, cells: bytes, row: ImportRow | None) -> MarkedRow:
    read = _CELLS.decode(cells)
    if row is None or row.fate not in ("error", "conflict"):
        return MarkedRow(number=number, cells=read)
    faulty = tuple(index for _name, index in cells_of(row))
    return MarkedRow(number=number, cells=read, said=row.detail, faulty=faulty)
