"""Rows of sheets taken to pieces by their plain shape: the same as by way of the XML parser."""

import io
import zipfile
from itertools import product
from typing import Any

import pytest

from services.intake.sheets import xlsx_parts, xlsx_rows
from services.intake.sheets.table import UnreadableTable
from services.intake.sheets.xlsx_parts import Parts
from tests.services.intake.sheets.made import HEADS, ROW, as_xlsx

PART = "sheet.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
DIALECT = 'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
HEADERS = (
    f"<worksheet {MAIN}><sheetData>",
    f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet {MAIN} {DIALECT}><cols/><sheetData>',
    f'<?xml version="1.0" encoding="ISO-8859-1"?><worksheet {MAIN}><sheetData>',
    f"<worksheet {MAIN}><!-- <sheetData> --><sheetData>",
    f'<worksheet {MAIN}><sheetData a="1">',
)
ROWS = (
    '<row r="{n}">', '<row r="{n}" spans="1:3" ht="15" customHeight="1">', "<row>",
    '<row r="{n}" x14ac:dyDescent="0.25">', "<row r='{n}'>", '<row r="{n}" r="2">',
    '<row r="{n}"/>', '<row r="{n}"/><!-- <row></row> --><row>',
)  # fmt: skip
CELLS = (
    '<c r="A{n}" t="inlineStr"><is><t>FIN</t></is></c>', '<c r="B{n}"><v>1</v></c>',
    '<c r="C{n}" s="2" t="s"><v>0</v></c>', '<c r="D{n}" s="1"/>', "<c><v>7</v></c>",
    '<c r="E{n}" t="str"><f>A1</f><v>x</v></c>', '<c r="F{n}" t="inlineStr"><is><t></t></is></c>',
    '<c r="G{n}" t="inlineStr"><is><t xml:space="preserve"> Q&amp;A &lt;1&gt; </t></is></c>',
    '<c r="H{n}" t="inlineStr"><is><r><t>in </t></r><r><t>runs</t></r></is></c>',
    '<c r="I{n}" t="b"><v>1</v></c>', "<!-- </row><row></row> -->", "<![CDATA[</row>]]>", "<c/>",
    '<c r="J{n}" t="inlineStr"><is><t>Łódź _x0041_ &amp;lt;</t></is></c>', "\n",
    '<c r="AB{n}" t="d"><v>2025-04-01</v></c>', '<c r="K{n}"><v>&#50;</v></c>',
)  # fmt: skip
BROKEN = (
    '<c r="A1"><v>a]]>b</v></c>', '<c r="A1"><v>&no;</v></c>', '<c r="A1"><v>a\x01</v></c>',
    '<c r="A1"><v>\ufffe</v></c>', '<c r="A1"><v>', "</row></sheetData>", "<row>",
)  # fmt: skip
ENDS = ("</sheetData></worksheet>", "</sheetData><mergeCells/></worksheet>", "</worksheet>", "")


def found(body: bytes) -> Any:
    """The rows of a sheet, or why it is refused."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(PART, body)
    rows = []
    try:
        for row in xlsx_rows.rows_of(Parts(out), PART):
            rows.append(row)  # what came before a refusal counts
    except UnreadableTable:
        return rows, "refused"
    return rows, "whole"


def by_parser(body: bytes) -> Any:
    """The same by way of the XML parser alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlsx_rows, "_data_begins", lambda _head: 0)
        return found(body)


@pytest.mark.parametrize("head", HEADERS)
def test_plain_rows_are_what_the_parser_makes_of_them(head: str) -> None:
    """Whatever stands in a row between plain ones, and however it begins, the rows are those of the
    XML parser, and a sheet is refused where that one refuses it."""
    plain = '<row r="{n}">' + CELLS[0] + CELLS[1] + "</row>"
    seen = set()
    for begins, cell, ends in product(ROWS, (*CELLS, *BROKEN), ENDS[:2]):
        rows = (plain, f"{begins}{CELLS[1]}{cell}{CELLS[0]}</row>", plain)
        body = head + "".join(row.replace("{n}", str(n)) for n, row in enumerate(rows, 3)) + ends
        read = found(body.encode())
        assert read == by_parser(body.encode()), body
        seen.add(read[1])
    assert seen == {"whole", "refused"}
    for ends in ENDS:
        body = head + plain.replace("{n}", "1") + ends
        assert found(body.encode()) == by_parser(body.encode()), body


def test_rows_that_come_in_pieces_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever what is read at a time ends, the rows are the same."""
    row = '<row r="{n}">' + CELLS[0] + CELLS[7] + CELLS[12] + "</row>"
    rows = "".join(row.replace("{n}", str(n)) for n in range(1, 40))
    body = (HEADERS[1] + rows + ENDS[0]).encode()
    whole = found(body)
    assert len(whole[0]) == 39
    for size in (180, 331, 1000):
        monkeypatch.setattr(xlsx_parts, "READ_BYTES", size)
        assert found(body) == whole


def test_rows_as_programs_write_them_are_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row of an ordinary workbook goes through the parser."""
    monkeypatch.delattr(xlsx_rows, "_raw")
    book = io.BytesIO(as_xlsx([HEADS, ROW, ROW, [*ROW[:3], 45748, *ROW[4:]]]))
    rows = list(xlsx_rows.rows_of(Parts(book), "xl/worksheets/sheet1.xml"))
    assert [number for number, _ in rows] == ["1", "2", "3", "4"]
    assert rows[3][1][3] == (3, "n", "0", "45748", False)
