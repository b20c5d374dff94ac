"""Writing spreadsheets: what is written reads back the same, no cell is a formula, and the template
can be filled in."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims import Submission, read_submission
from domain.details import Details
from domain.faults import shows_nothing
from domain.kinds import DETAILS_OF
from infra.shipped import chronology_path
from services.intake.sheets.cells import FORMULA, read_cell, read_text, written_cell, written_text
from services.intake.sheets.columns import all_columns, details_columns
from services.intake.sheets.matching import matched
from services.intake.sheets.reading import RowReader, open_table
from services.intake.sheets.writing import (
    SheetFormat,
    TooLongForSheet,
    claims_aside,
    write_claims,
    write_template,
)
from tests.services.intake.sheets.made import NOW, ROW, as_xlsx, only

ODD = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        "=1+1",
        "'=1",
        "''",
        "'",
        "'\"",
        '\'"x"',
        " x ",
        "a\r\nb",
        "_x000D_",
        "-",
        "@x",
        "\t",
        "[1]",
        "{",
        "",
    ]
)
LINES = ODD.filter(lambda text: not shows_nothing(text))


def submission(plain: Mapping[str, Any]) -> Submission:
    """A claim as an import reads it."""
    return read_submission(
        dict(plain), details_of=DETAILS_OF, now=NOW, new_id="x", backfill=True, restate=True
    )


def written(plains: Sequence[Mapping[str, Any]], form: SheetFormat) -> bytes:
    """Claims as a file."""
    out = io.BytesIO()
    with claims_aside() as claims:
        for plain in plains:
            claims.add(plain)
        write_claims(claims, form, out, [("known_at", "seq:4"), ("q", "=mines")])
    return out.getvalue()


def read(body: bytes) -> list[Submission]:
    """A file as claims."""
    found = matched(open_table(io.BytesIO(body)))
    assert found.left_out == ()
    read = list(RowReader(found.matches, NOW, restate=True).lines(found.rows))
    assert [line.errors for line in read if line.errors] == []
    return [line.submission for line in read if line.submission is not None]


@given(ODD)
def test_any_text_reads_back_and_is_no_formula(text: str) -> None:
    """Whatever a claim says stands in a cell as text, and comes back as it was."""
    cell = written_text(text)
    assert read_text(cell) == text
    assert not cell.startswith(tuple(FORMULA))


def test_a_text_with_an_apostrophe_of_its_own_keeps_it() -> None:
    """In a file that article20 did not write, an apostrophe before a letter is one."""
    assert read_text("'s-Hertogenbosch") == "'s-Hertogenbosch"
    assert read_text("'=1+1") == "=1+1"


actors = st.lists(
    st.fixed_dictionaries({"kind": st.just("ngo"), "name": LINES}, optional={"role": LINES})
    | st.just({"kind": "state", "code": "FIN"}),
    max_size=3,
)
sources = st.lists(
    st.fixed_dictionaries(
        {"publisher": LINES}, optional={"title": ODD, "reliability": st.sampled_from("ABF")}
    ),
    max_size=5,
)
details = st.fixed_dictionaries(
    {},
    optional={
        "note": ODD,
        "via": st.lists(LINES, min_size=1, max_size=3),
        "quantity": st.integers(0, 10**12)
        | st.fixed_dictionaries({}, optional={"words": LINES, "at_least": st.integers(0, 9)}),
        "supplier": st.sampled_from(["FIN", "NOR"]),
        "signatories": st.integers(1, 99),
        "stance": st.sampled_from(["weakens", "neutral"]),
        "announced": st.sampled_from(["2025?", "2025-04/2025-05"]),
        "disputed": st.lists(
            st.fixed_dictionaries({"field": LINES, "values": st.lists(ODD | st.integers(0, 9))}),
            min_size=1,
            max_size=2,
        ),
    },
)
claims = st.fixed_dictionaries(
    {
        "kind": st.just("transfer_announced"),
        "treaty": st.sampled_from(["APMBC", "CCM"]),
        "occurred_on": st.sampled_from(["2025", "2025-03~", "2025-03-18", "2025-05-10/2025-05-20"]),
        "summary": LINES,
        "actors": actors,
        "targets": st.lists(st.sampled_from(["FIN", "POL", "VAT"]), unique=True),
        "details": details,
        "sources": sources,
    },
    optional={
        "known_since": st.just("2025-06-01T09:00:00Z"),
        "visibility": st.just("public"),
        "same_as": st.lists(st.sampled_from(["a-1", "b.2"]), unique=True),
        "relates_to": st.just(
            [{"claim": "a-1", "relation": "claimed_cause", "author": {"kind": "ngo", "name": "x"}}]
        ),
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(claims, max_size=5))
def test_claims_read_back_as_they_were_written(plains: list[dict[str, Any]]) -> None:
    """In CSV, XLSX and JSONL alike, every field of every claim comes back, however odd."""
    plains = [p | {"id": f"c-{n}"} for n, p in enumerate(plains) if "\0" not in json.dumps(p)]
    plains = [p for p in plains if "\\u0000" not in json.dumps(p)]
    wanted = [submission(p) for p in plains]
    for form in ("csv", "xlsx"):
        assert (read(written(plains, form)) if plains else []) == wanted
    assert [
        submission(json.loads(line)) for line in written(plains, "jsonl").splitlines()
    ] == wanted


def test_the_shipped_record_reads_back_from_every_format() -> None:
    """All claims of the chronology survive the way through a spreadsheet."""
    plains = [json.loads(line) for line in chronology_path().read_text().splitlines()]
    wanted = [submission(p) for p in plains]
    for form in ("csv", "xlsx"):
        assert read(written(plains, form)) == wanted


def test_no_cell_of_an_export_is_a_formula() -> None:
    """A claim that begins like a formula is text in both, in what it says and in the filters."""
    plain = {
        "id": "a",
        "kind": "open_letter",
        "treaty": "CCM",
        "occurred_on": "2025",
        "summary": '=HYPERLINK("http://example.org")',
        "sources": [{"publisher": "+1"}],
    }
    rows = csv.reader(io.StringIO(written([plain], "csv").decode("utf-8-sig")))
    cells = [cell for row in rows for cell in row]
    assert '\'=HYPERLINK("http://example.org")' in cells
    assert "'=mines" in cells
    assert [cell for cell in cells if cell.startswith(tuple(FORMULA))] == []
    with zipfile.ZipFile(io.BytesIO(written([plain], "xlsx"))) as book:
        sheets = [book.read(n) for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
    assert not any(b"<f>" in sheet or b"hyperlink" in sheet for sheet in sheets)


def test_the_filters_are_printed_in_the_file() -> None:
    """A sheet says what it holds: in the first rows of CSV, on a page of its own in a workbook."""
    plain = {
        "id": "a",
        "kind": "open_letter",
        "treaty": "CCM",
        "occurred_on": "2025",
        "summary": "x",
    }
    text = written([plain], "csv").decode("utf-8-sig").splitlines()
    assert text[1:3] == ["known_at,seq:4", "q,'=mines"]
    with zipfile.ZipFile(io.BytesIO(written([plain], "xlsx"))) as book:
        assert b'name="About"' in book.read("xl/workbook.xml")
        strings = b"".join(book.read(n) for n in book.namelist())
    assert b"seq:4" in strings


def test_a_claim_too_long_for_a_cell_of_a_workbook_is_refused_by_name() -> None:
    """Nothing is cut: the claim is named, and CSV holds it."""
    many = [{"kind": "ngo", "name": "x" * 390} for _ in range(100)]
    plain = {
        "id": "long",
        "kind": "open_letter",
        "treaty": "CCM",
        "occurred_on": "2025",
        "summary": "x",
        "actors": many,
    }
    with pytest.raises(TooLongForSheet, match="Claim 'long' does not fit a workbook: its actors"):
        written([plain], "xlsx")
    assert read(written([plain], "csv")) == [submission(plain)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_matches_its_own_headers_and_tags(form: Literal["csv", "xlsx"]) -> None:
    """Every column of the template is known, by its label as by its tag, and no row is there."""
    out = io.BytesIO()
    write_template(form, out)
    found = matched(open_table(out))
    assert found.left_out == ()
    assert found.has_tags
    assert list(found.rows) == []


def test_the_workbook_offers_lists_and_notes() -> None:
    """Kinds, treaties and governments drop down, and every header has its note."""
    out = io.BytesIO()
    write_template("xlsx", out)
    with zipfile.ZipFile(out) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        notes = book.read("xl/comments1.xml").decode()
    assert sheet.count("<dataValidation ") >= 6
    assert "Lists!$A$2" in sheet
    assert "Every claim has it. When it happened" in notes


def test_a_filled_in_template_reads_as_claims() -> None:
    """What somebody types under the labels becomes a claim."""
    out = io.BytesIO()
    write_template("csv", out)
    heads, tags = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig")))
    filled = dict.fromkeys(heads, "")
    filled |= {
        "Kind": ROW[1],
        "Treaty": "APMBC",
        "Date": "1 April 2025",
        "Governments": "Finland",
        "What happened": ROW[5],
        "Source 1 publisher": "Yle",
    }
    claim = only(as_xlsx([heads, tags, list(filled.values())]))
    assert (claim.targets, claim.sources[0].publisher) == (("FIN",), "Yle")


def test_every_detail_of_every_kind_has_one_column_that_reads_it() -> None:
    """No two kinds mean different things by one column, and each choice reads back."""
    paths = {p.split(".")[1] for p in details_columns()}
    assert paths == {field for shape in DETAILS_OF.values() for field in shape.__struct_fields__}
    shapes: dict[str, set[str]] = {}
    kinds: set[type] = {Details, *DETAILS_OF.values()}
    for shape in kinds:
        for cls in shape.__mro__:
            for name, hint in getattr(cls, "__annotations__", {}).items():
                shapes.setdefault(name, set()).add(str(hint))
    differing = {name for name, hints in shapes.items() if len(hints) > 1 and name in paths}
    assert differing <= {"mine_types"}
    for column in all_columns().values():
        for value in (column.choices or ())[:2]:
            assert read_cell(column, written_cell(column, value)) == value
