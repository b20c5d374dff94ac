"""Reading spreadsheets: what people's files look like is understood, or refused with the cell and
what to do."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from services.intake.sheets import csv_table, table, xlsx_parts
from services.intake.sheets.matching import matched, taken_by
from services.intake.sheets.reading import open_table
from services.intake.sheets.table import UnreadableTable, cell_name
from tests.ending import ending
from tests.services.intake.sheets.made import (
    HEADS,
    ROW,
    as_csv,
    as_xlsx,
    changed,
    fault,
    lines,
    only,
    with_part,
)

SHEET = "xl/worksheets/sheet1.xml"
XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def refusal(body: bytes, encoding: str | None = None) -> str:
    """Why a file is refused as a whole."""
    with pytest.raises(UnreadableTable) as refused:
        lines(body, encoding=encoding)
    return str(refused.value)


def with_cell(column: str, cell: Any) -> list[list[Any]]:
    """A table of one row with one cell changed or added."""
    heads, row = list(HEADS), list(ROW)
    if column not in heads:
        heads.append(column)
        row.append("")
    row[heads.index(column)] = cell
    return [heads, row]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_csv_is_read_in_whichever_form_programs_write_it(mark: str, encoding: str) -> None:
    """Encodings with and without a mark, and every parting character, are found out."""
    body = as_csv(with_cell("summary", "Côte d’Ivoire: “é”"), mark, encoding)
    assert only(body).summary == "Côte d’Ivoire: “é”"


def test_an_encoding_that_is_not_sure_is_refused_with_what_to_do() -> None:
    """Polish in Windows-1250 would be misread as Western: it is refused, and read when it is
    named."""
    body = as_csv(with_cell("summary", "Łotwa: śąż"), encoding="cp1250")
    assert "CSV UTF-8" in refusal(body)
    (line,) = lines(body, encoding="cp1250")
    assert line.submission is not None
    assert line.submission.claim.summary == "Łotwa: śąż"
    assert "not written in UTF-8" in refusal(body, encoding="utf-8")
    assert "no encoding known here" in refusal(body, encoding="ebcdic")


@pytest.mark.parametrize(
    ("said", "encoding"),
    [
        ("Заявление кампании.", "cp1251"),
        ("Δήλωση της Ελλάδας.", "cp1253"),
        ("הודעה של ישראל", "cp1255"),
        ("بيان الحملة", "cp1256"),
        ("全国的声明", "gbk"),
    ],
)
def test_words_of_other_scripts_are_not_taken_for_western_ones(said: str, encoding: str) -> None:
    """Their bytes are letters in Windows-1252 too, which would be recorded as nonsense."""
    assert "CSV UTF-8" in refusal(as_csv(with_cell("summary", said), encoding=encoding))


def test_western_words_full_of_accents_are_read() -> None:
    """Words with as many letters beyond ASCII in a row as there are."""
    said = "Íslensk þýðing: jäääär, hääyöaie, créée, AÇÕES, ÅÄÖ."
    assert only(as_csv(with_cell("summary", said), encoding="cp1252")).summary == said


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        (date(2025, 4, 1), "2025-04-01"),
        (datetime(2025, 4, 1, 9, 30), "2025-04-01"),  # noqa: DTZ001  # as spreadsheets have it
        (45748, "2025-04-01"),
        (2025, "2025"),
        ("1 April 2025", "2025-04-01"),
        ("April 2025", "2025-04"),
        ("2025-04~", "2025-04~"),
    ],
)
def test_dates_are_read_as_dates_numbers_and_words(cell: Any, meant: str) -> None:
    """A date is a date, whether the spreadsheet knows that or not."""
    assert only(as_xlsx(with_cell("occurred_on", cell))).occurred_on == meant


def test_a_number_that_is_no_date_is_named_to_its_last_figure() -> None:
    """Who wrote 20250401 finds it again in what is said about it."""
    assert fault(as_xlsx(with_cell("occurred_on", 20250401)))[1].startswith("20250401 is not")


def test_dates_that_count_from_1904_are_read_so() -> None:
    """Workbooks of one old program count days from another one."""
    body = as_xlsx(with_cell("occurred_on", date(2021, 4, 1)))
    old = changed(body, "xl/workbook.xml", b"<workbookPr", b'<workbookPr date1904="1"')
    assert only(old).occurred_on == "2025-04-02"


def test_governments_actors_and_sources_are_read_as_people_write_them() -> None:
    """Names, codes, lists, offices and numbered sources become a claim."""
    rows = [
        [*HEADS, "Who acted", "Source", "Link", "Source 2 publisher", "Further sources"],
        [
            *ROW,
            "Norway | foreign minister; ngo: ICBL",
            "Yle",
            "https://yle.fi/a",
            "BNS",
            '[{"title":"x"}]',
        ],
    ]
    rows[1][4] = "Łotwa; Turkey, FIN"
    with pytest.raises(AssertionError, match=r"Turkey, FIN"):
        only(as_csv(rows))
    rows[1][4] = "Łotwa; Turkey; FIN"
    claim = only(as_csv(rows))
    assert claim.targets == ("LVA", "TUR", "FIN")
    assert [(a.kind, a.code or a.name, a.role) for a in claim.actors] == [
        ("state", "NOR", "foreign minister"),
        ("ngo", "ICBL", None),
    ]
    assert [s.publisher or s.title for s in claim.sources] == ["Yle", "BNS", "x"]


def test_details_have_columns_of_their_own() -> None:
    """A column named after a detail fills it in, by its type; JSON stands beside it."""
    heads = [*HEADS, "details.votes.for", "Votes against", "Carried", "details"]
    row = [*ROW, "1,066", 14.0, "yes", '{"chamber": "Saeima"}']
    row[1] = "Parliament vote"
    details = only(as_xlsx([heads, row])).details
    assert (details.votes.votes_for, details.votes.against) == (1066, 14)
    assert (details.carried, details.chamber) == (True, "Saeima")


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("occurred_on", "31.02.2025", "does not exist"),
        ("occurred_on", "03/04/2025", "two days"),
        ("targets", "Finlnd", "did you mean FIN?"),
        ("targets", "Korea", "did you mean KOR or PRK?"),
        ("kind", "withdrawal_anounced", "did you mean withdrawal_announced?"),
        ("treaty", "NPT", "write one of APMBC, CCM"),
        ("actors", "ICBL", "write kind: name"),
        ("details.effective_date", "next year", "is not a date"),
        ("details.legal_effect", "perhaps", "yes nor no"),
        ("details.votes.for", "many", "whole number"),
        ("details.votes.for", "66", "unknown field"),
        ("sources.1.url", "yle.fi", "not a web address"),
        ("relates_to", "fin-0", "lacks how it is related"),
        ("details", "{", "not JSON"),
        ("id", "Fin 1", "small letters"),
        ("summary", "x" * 5000, "4000"),
    ],
)
def test_a_fault_is_named_with_its_cell_and_how_to_mend_it(
    column: str, cell: str, says: str
) -> None:
    """Whatever is wrong with a row is said of the cell it stands in."""
    rows = with_cell(column, cell)
    index = rows[0].index(column)
    for body in (as_csv(rows), as_xlsx(rows)):
        where, why = fault(body)
        assert where == cell_name(index, 2)
        assert says in why


def test_an_empty_required_cell_is_named() -> None:
    """Where a cell that every claim has is empty, it is that cell that is named."""
    assert fault(as_csv(with_cell("summary", "")))[0] == "F2"


def test_headers_are_found_below_a_title_and_tags_below_headers() -> None:
    """A title above the headers is passed over; the row of HXL tags names columns too."""
    tags = ["#event+id", "#event+kind", "#event+treaty", "#date +occurred", "#country+concerned"]
    rows = [
        ["Cluster history"],
        [],
        ["a", "b", "c", "d", "e", "What happened"],
        [*tags, "#description"],
        ROW,
    ]
    assert only(as_csv(rows)).id == "fin-1"
    assert only(as_csv([[*tags, "#description"], ROW])).targets == ("FIN",)


def test_headers_in_other_words_are_matched_and_near_misses_suggested() -> None:
    """German headers are known; a misspelt one is suggested, and taken only when chosen."""
    rows = [["Id", "Typ", "Treaty", "Datum", "Land", "Summry"], ROW]
    assert "not understood: column F 'Summry', which may be summary" in refusal(as_csv(rows))
    assert only(as_csv(rows), Summry="summary").targets == ("FIN",)
    assert only(as_csv(rows), F="summary").targets == ("FIN",)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "title", ["Our list", "Our list, of 2025, without Latvia, as sent", "Claims; as of today | x"]
)
def test_a_title_does_not_decide_what_parts_the_cells(mark: str, title: str) -> None:
    """Whatever a title above the headings holds, and however few of them it has, the cells are
    parted where the headings are, as in an export that a spreadsheet program saved again."""
    body = f"{title}\n\n".encode() + as_csv([HEADS, ROW], mark)
    assert only(body).id == "fin-1"


@pytest.mark.parametrize(
    "heads",
    [
        ["Id", "Art", "Vertrag", "Datum", "Länder", "Was geschah"],
        ["Id", "Type d’événement", "Traité", "Date", "Pays", "Ce qui s’est passé"],
        ["Id", "Tipo", "Tratado", "Fecha", "Países", "Descripción"],
    ],
)
def test_headings_in_other_languages_need_no_choosing(heads: list[str]) -> None:
    """A table that is headed in German, French or Spanish is read as it is."""
    assert only(as_csv([heads, ROW])).summary == ROW[5]


@pytest.mark.parametrize(
    "header", ["Link", "URL", "Lien", "Enlace", "Adresse web", "Dirección web", "Source 1 lien"]
)
def test_the_address_of_the_source_is_known_in_the_languages_of_the_product(header: str) -> None:
    """A column that is headed Lien or Enlace is the address of the first source."""
    rows = [[*HEADS, header], [*ROW, "https://example.org/a"]]
    assert [one.url for one in only(as_csv(rows)).sources] == ["https://example.org/a"]


def test_a_treaty_is_read_by_its_name() -> None:
    """The column of the treaty takes what people call it, and gives the code."""
    for said, code in (("Ottawa Treaty", "APMBC"), ("Convention d'Oslo", "CCM"), ("ccm", "CCM")):
        assert only(as_csv(with_cell("treaty", said))).treaty == code


def test_columns_that_mean_nothing_are_left_out_and_told() -> None:
    """A column nobody knows is told of, with what it may mean; the claims are read without it."""
    rows = [[*HEADS, "Our notes", "Sorce 1 publisher"], [*ROW, "x", "Yle"]]
    found = matched(open_table(io.BytesIO(as_csv(rows))))
    assert [(m.letter, m.header) for m in found.left_out] == [
        ("G", "Our notes"),
        ("H", "Sorce 1 publisher"),
    ]
    assert found.left_out[1].suggestion == "sources.1.publisher"


@pytest.mark.parametrize("form", [as_csv, as_xlsx])
def test_what_stands_beyond_the_columns_of_claims_is_no_id(form: Any) -> None:
    """Notes in the column after the last that is known, with a header or, in a workbook, without,
    name no claim: rows without ids of their own get the ids they would have without the notes."""
    heads, row = list(HEADS)[1:], list(ROW)[1:]
    other = [*row[:-1], "Something else."]
    plain = [line.submission for line in lines(form([heads, row, other]))]
    for more in (["Our notes"], [""]) if form is as_csv else (["Our notes"], []):
        found = lines(form([[*heads, *more], [*row, "checked"], [*other, "checked"]]))
        assert [line.errors for line in found] == [(), ()]
        assert [line.submission for line in found] == plain


def test_a_row_of_text_that_is_torn_apart_is_a_fault() -> None:
    """A row of CSV with more cells than headings was torn where a text holds the character between
    cells: the first cell beyond is named, and nothing of the row is read."""
    body = as_csv([HEADS, ROW]) + b"b,withdrawn,APMBC,2025-04-01,FIN,One, and two,and three\r\n"
    good, torn = lines(body + b"c,withdrawal_announced,APMBC,2025-04-01,FIN,Fine.,,\r\n")[:2]
    assert good.submission is not None
    assert [error.pointer for error in torn.errors] == ["G3"]
    assert "' and two' stands beyond the last heading" in torn.errors[0].detail
    assert [bool(line.errors) for line in lines(body + as_csv([[*ROW, "", ""]]))] == [0, 1, 0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('a,withdrawal_announced,APMBC,2025,FIN,"It left.\nb,', "row 2 opens a quotation mark"),
        ('a,withdrawal_announced,APMBC,2025,FIN,"It" left.\n', "in row 2 a cell goes on after"),
    ],
)
def test_a_quotation_mark_that_is_not_closed_takes_no_rows_with_it(rows: str, said: str) -> None:
    """Where a cell is quoted amiss the table is refused with its row, instead of making one cell of
    all that follows."""
    assert said in refusal(f"{','.join(HEADS)}\n{rows}".encode())


@pytest.mark.parametrize(
    ("shown", "day", "read"),
    [
        ("mmm yyyy", date(2025, 3, 1), "2025-03"),
        ("[$-407]mmmm\\ yyyy;@", date(2025, 3, 1), "2025-03"),
        ("mmm-yy", date(2025, 3, 1), "2025-03"),
        ("mmm yyyy", date(2025, 3, 18), "2025-03-18"),
        ("yyyy", date(2025, 1, 1), "2025"),
        ("yyyy", date(2025, 3, 1), "2025-03-01"),
        ("dd.mm.yyyy", date(2025, 3, 1), "2025-03-01"),
        ("d mmmm", date(2025, 3, 1), "2025-03-01"),
    ],
)
def test_a_month_typed_into_a_workbook_is_no_day(shown: str, day: date, read: str) -> None:
    """Who types `Mar 2025` into a spreadsheet sees a month, which it keeps as its first day: it is
    read as the month it shows. A day that somebody gave stays one."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet, format_ = book.add_worksheet("Events"), book.add_format({"num_format": shown})
    for index, (head, cell) in enumerate(zip(HEADS, ROW, strict=True)):
        sheet.write(0, index, head)
        sheet.write(1, index, cell)
    sheet.write_datetime(1, HEADS.index("occurred_on"), day, format_)
    book.close()
    assert only(out.getvalue()).occurred_on == read


def test_a_heading_that_stands_twice_is_read_once_and_told() -> None:
    """The first of two columns of one heading is read; the other is left out, is told to be the
    same, and is taken for nothing else."""
    found = matched(open_table(io.BytesIO(as_csv([[*HEADS, "Date"], [*ROW, "2024"]]))))
    (other,) = found.left_out
    first = taken_by(other, found.matches)
    assert (other.letter, other.suggestion) == ("G", None)
    assert first is not None
    assert (first.letter, first.path) == ("D", "occurred_on")


def test_sheets_that_are_left_out_are_told() -> None:
    """A workbook is read by one sheet, and says which others it shows; those that exports and
    templates have beside their claims are no loss."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for name in ("2025", "2024", "About"):
        sheet = book.add_worksheet(name)
        for index, head in enumerate(HEADS):
            sheet.write(0, index, head)
    book.add_worksheet("Old").hide()
    book.close()
    assert open_table(out).says == "XLSX, sheet “2025”; left out: “2024”"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"%PDF-1.7\n1 0 obj", "it is a PDF document"),
        (b"\n<!DOCTYPE html><table>", "it is a web page or XML"),
        (b"{\\rtf1 x}", "it is a text document"),
    ],
)
def test_a_file_that_is_no_table_is_called_what_it_is(body: bytes, said: str) -> None:
    """What other programs save under the name of a table is refused as what it is."""
    with pytest.raises(UnreadableTable, match=said):
        open_table(io.BytesIO(body))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Criticism", "statement_of_criticism"),
        ("vote", "parliament_vote"),
        ("Deposit", "withdrawal_instrument_deposited"),
    ],
)
def test_a_kind_that_is_nearly_named_is_suggested(said: str, meant: str) -> None:
    """A word of a kind is answered with the kinds that have it."""
    where, detail = fault(as_csv(with_cell("kind", said)))
    assert where == "B2"
    assert detail.startswith(f"{said!r} is not known here; did you mean ")
    assert meant in detail


def test_two_rows_that_say_otherwise_under_one_id_are_a_fault() -> None:
    """The second row under an id of the file must say the same; rows without id get their own."""
    other = list(ROW)
    other[5] = "Something else."
    found = lines(as_csv([HEADS, ROW, ROW, other]))
    assert [bool(line.errors) for line in found] == [False, False, True]
    assert "says something else under the same id" in found[2].errors[0].detail
    unnamed = [list(HEADS)[1:], list(ROW)[1:], other[1:], list(ROW)[1:]]
    ids = [line.submission.claim.id for line in lines(as_csv(unnamed)) if line.submission]
    assert len(ids) == 3
    assert len(set(ids)) == 2
    assert all(name.startswith("import-") for name in ids)


def test_formulas_are_read_by_their_value_and_named_without_one() -> None:
    """What a formula last showed is its value; without one, or with an error, the cell is named."""
    body = as_xlsx(with_cell("summary", '=CONCATENATE("a","b")'))
    shown = changed(body, SHEET, b"<v>0</v>", b"<v>ab</v>")
    assert only(shown).summary == "ab"
    for nothing in (b"", b"<v></v>", b"<v/>"):
        unsaved = changed(body, SHEET, b"<v>0</v>", nothing)
        assert fault(unsaved)[0] == "F2"
        assert "formula" in fault(unsaved)[1]
    broken = changed(body, SHEET, b'"><f>', b'" t="e"><f>')
    broken = changed(broken, SHEET, b"<v>0</v>", b"<v>#REF!</v>")
    assert fault(broken) == ("F2", "holds the error #REF!; mend the formula, or paste the value")


def test_a_formula_that_shows_nothing_is_an_empty_cell() -> None:
    """A formula may have shown a text without characters, which is not the same as no value; one
    that was never reckoned is named, wherever it stands."""
    body = as_xlsx(with_cell("sources.1.publisher", '=IF(1,"","x")'))
    empty = changed(body, SHEET, b'"><f>', b'" t="str"><f>')
    assert only(changed(empty, SHEET, b"<v>0</v>", b"<v></v>")).sources == ()
    assert fault(changed(body, SHEET, b"<v>0</v>", b"<v></v>"))[0] == "G2"


def test_merged_cells_are_named() -> None:
    """A row that shares cells with others is refused with the cells that are merged."""
    rows = [HEADS, ROW, ROW]
    found = lines(as_xlsx(rows, merge="E2:E3"))
    assert [line.errors[0].pointer for line in found] == ["E2", "E3"]
    assert "merged cells E2:E3" in found[0].errors[0].detail


def test_the_sheet_that_is_shown_is_read() -> None:
    """Hidden sheets are passed over."""
    assert only(as_xlsx([HEADS, ROW], hidden=True)).id == "fin-1"


def test_a_far_cell_costs_nothing_and_is_refused() -> None:
    """A cell in the last column of a sheet is named, whatever lies between."""
    body = changed(as_xlsx([HEADS, ROW]), SHEET, b'r="F2"', b'r="XFD2"')
    assert "cell XFD2 is beyond column" in refusal(body)
    far = changed(as_xlsx([HEADS, ROW]), SHEET, b'<row r="2"', b'<row r="1048576"')
    assert "row 1,048,576 is beyond" in refusal(far)


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to too much, or too well, is refused by its stated size."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"<workbook/>")
        packed.writestr(SHEET, bytes(20 * 1024 * 1024))
    assert "times its size" in refusal(out.getvalue())
    monkeypatch.setattr(xlsx_parts, "INFLATED_BYTES_MAX", 1024 * 1024)
    assert "unpacks to 20 MiB" in refusal(out.getvalue())


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is empty"),
        (b"\n\n\n", "no rows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old .xls workbook"),
        (b"PK\x03\x04 and then nothing", "damaged workbook"),
        (b"\x89PNG\x00\x01\x02\x03" * 20, "neither a text nor"),
        ("id,kind\nx,y\n".encode("utf-32"), "UTF-32"),
        ("\ufeffid,kind\nx,y\n".encode("utf-32-be"), "UTF-32"),
        ("id,kind\nx,y\n".encode("utf-32-le"), "UTF-32"),
        ("id,kind\nx,y\n".encode("utf-32-be"), "UTF-32"),
        (b'id,kind\n"' + b"x\n" * 10_000_000, "longer than"),
        (b"," * 10_000_000, "longer than"),
        (b",".join([b"x"] * 500) + b"\n", "has 500 columns"),
        (b"id,kind,treaty\nx,y,z\n", "lacks the column occurred_on"),
        (b'id,summary\nx,"' + b"y" * 300_000 + b'"\n', "a cell of row 2 is longer"),
    ],
)
def test_what_is_no_table_of_claims_is_refused_in_a_sentence(body: bytes, why: str) -> None:
    """Whatever somebody uploads is refused as a whole, with why and what to do, in what a page
    can show."""
    said = refusal(body)
    assert why in said
    assert said.isprintable()


@pytest.mark.parametrize("form", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("blanks", [0, *range(65_505, 65_540, 5)])
def test_a_document_type_is_never_followed(form: str, blanks: int) -> None:
    """A workbook whose parts declare entities is refused, in whichever form they are written, and
    wherever one read ends and the next begins."""
    bomb = f'<?xml version="1.0"?>{" " * blanks}<!DOCTYPE sst [<!ENTITY b "c">]>'
    strings = f"{bomb}<sst><si><t>&b;</t></si></sst>".encode(form)
    body = with_part(as_xlsx([HEADS, ROW]), "xl/sharedStrings.xml", strings)
    assert "document type" in refusal(body)


def test_blanks_within_a_cell_cost_no_more_than_their_length() -> None:
    """A cell of nothing but blanks between two words is read, or refused, at once."""
    far = f"a{' ' * 250_000}b"
    for column in ("targets", "actors", "relates_to", "tags", "occurred_on", "details.votes.for"):
        with ending():
            assert lines(as_csv(with_cell(column, far)))
    assert only(as_csv(with_cell("targets", "FIN \n ; EST;\n\nLVA"))).targets == (
        *("FIN", "EST", "LVA"),
    )


@pytest.mark.parametrize(
    ("part", "body"),
    [
        (SHEET, b"<worksheet><!--" + b"<mergeCell " * 300_000 + b"--><sheetData/></worksheet>"),
        (
            "xl/styles.xml",
            b'<styleSheet><numFmt formatCode="' + b"[" * 1_000_000 + b'"/></styleSheet>',
        ),
    ],
    ids=["merged cells", "number formats"],
)
def test_what_is_left_open_is_read_once(part: str, body: bytes) -> None:
    """What begins again and again and never ends costs no more than its length."""
    with ending():
        for _row in open_table(io.BytesIO(with_part(as_xlsx([HEADS, ROW]), part, body))).rows:
            pass


def test_merged_cells_that_lie_over_one_another_are_refused() -> None:
    """A few lines may not say that each of many rows is covered thousands of times."""
    over = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 2 + b"</mergeCells></worksheet>"
    assert "lie over one another" in refusal(
        changed(as_xlsx([HEADS, ROW]), SHEET, b"</worksheet>", over)
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<row r="2"', b'<row r="' + b"9" * 5000 + b'" x="1"'),
        (b'<c r="D2" t="s"><v>', b'<c r="D2" x="1"><v>1e999</v></c><c r="G2" t="s"><v>'),
        (b'<c r="D2" t="s"><v>', b'<c r="D2" x="1"><v>nan</v></c><c r="G2" t="s"><v>'),
        (b'<c r="D2" t="s"><v>', b'<c r="D2" x="1" t="s"><v>' + b"9" * 5000),
    ],
    ids=["a row", "infinity", "no number", "a text"],
)
def test_numbers_that_no_workbook_holds_are_a_fault_at_most(old: bytes, new: bytes) -> None:
    """A number of thousands of figures, or one beyond all, is no error of ours."""
    assert lines(changed(as_xlsx([HEADS, ROW]), SHEET, old, new))


def test_a_workbook_with_an_endless_row_is_refused_while_it_is_read() -> None:
    """A row longer than any row of claims ends the reading, not the memory."""
    long = b"<c>" + b"<x/>" * 40_000 + b"</c></row>"
    body = changed(as_xlsx([HEADS, ROW]), SHEET, b"</row>", long)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlsx_parts, "ROW_CHARS_MAX", 100_000)
        assert "a row of it is longer" in refusal(body)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound of rows a file is to be parted."""
    monkeypatch.setattr(csv_table, "ROWS_MAX", 3)
    assert "more than 3 rows" in refusal(as_csv([HEADS, *[ROW] * 4]))
    assert table.ROWS_MAX >= 100_000


def test_a_text_file_of_any_name_is_read_by_what_it_holds(tmp_path: Path) -> None:
    """The name of a file decides nothing."""
    path = tmp_path / "claims.xlsx"
    path.write_bytes(as_csv([HEADS, ROW]))
    with path.open("rb") as file:
        assert open_table(file).says == "CSV, UTF-8, parted by ,"
