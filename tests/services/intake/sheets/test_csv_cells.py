"""CSV taken apart line by line: the same rows as the csv module finds."""

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.intake.sheets import csv_table
from services.intake.sheets.csv_cells import Splitter
from services.intake.sheets.csv_table import csv_table as read_csv
from services.intake.sheets.table import UnreadableTable

pieces = st.sampled_from(
    ["a", "b c", ",", ",,", ",,,,,,,,", '"', '""', '","', ',"', '",', "\n", "\r\n", "\r", " ", "é"]
)


def rows_of(text: str) -> list[tuple[int, list[str]]]:
    """Rows with something in them and their numbers, as the csv module finds them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=",", strict=True)
    found = enumerate(reader, 1)
    return [(number, cells) for number, cells in found if any(cells)]


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=40).map("".join), st.integers(1, 9))
@example('x,y\r\n"a\r\nb",c\r\nd,e\r', 3)
@example('"a",x"b,",c\nd', 1)
@example('"a","",b,"c d",\n,"e"\n"f"g,h\n', 1)
def test_rows_are_those_of_the_csv_module(text: str, chars: int) -> None:
    """However cells are quoted, and wherever lines and what is read at a time end, the rows are
    those that the csv module finds, under the same numbers; a table that it refuses, as one whose
    quotation marks are not closed, is refused."""
    text = f"a,b,c\n{text}"
    try:
        rows = rows_of(text)
    except csv.Error:
        rows = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table, "READ_AT_ONCE", chars)
        table = read_csv(io.BytesIO(text.encode()), "utf-8")
        assert table.says.endswith("parted by ,")
        if rows is None:
            with pytest.raises(UnreadableTable, match="quotation mark"):
                list(table.rows)
        else:
            assert [(row.number, row.cells) for row in table.rows] == rows


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=12).map("".join))
@example('a,"b"\r\n')
@example('a"b,"c"')
@example('c,"a",x"b,",c')
@example('c,"""a"" b"')
@example('a\n\n"b"\r\n"c\n')
def test_rows_that_are_passed_over_are_counted(text: str) -> None:
    """A text that is passed over has as many rows as were counted, and they end where it does."""
    text = text.removesuffix("\r")
    rows = Splitter(",").rows_in(text.encode()) if text else None
    if rows is not None:
        assert len(list(csv.reader(io.StringIO(text, newline="")))) == rows
        joined = text if text.endswith("\n") else f"{text}\n"
        assert len(list(csv.reader(io.StringIO(f"{joined}x", newline="")))) == rows + 1


@pytest.mark.parametrize("encoding", sorted(csv_table.ENCODINGS))
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_alike_in_every_encoding(encoding: str, end: str) -> None:
    """Rows are the same however they are written and however their lines end, wherever what is read
    at a time ends."""
    rows = [["a", "b", "c"], *([f"é{n}", 'in "two"' + end + "lines", "x" * n] for n in range(40))]
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerows(rows)
    for size in (1, 64, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csv_table, "READ_AT_ONCE", size)
            table = read_csv(io.BytesIO(out.getvalue().encode(encoding)), encoding)
            assert [row.cells for row in table.rows] == rows


def test_a_text_in_one_endless_line_further_down_is_refused() -> None:
    """Where lines end in another way from somewhere on, so that no end is found within bounds, the
    table is refused and no line is torn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table, "ROW_BYTES_MAX", 1000)
        patch.setattr(csv_table, "READ_AT_ONCE", 10)
        patch.setattr(csv_table, "SAMPLE_CHARS", 10)
        table = read_csv(io.BytesIO(b"a,b,c\n1,2,3\n" + b"4,5,6\r" * 500), "utf-8")
        with pytest.raises(UnreadableTable, match="lines end in other ways further down"):
            list(table.rows)


def test_plain_and_quoted_lines_need_no_csv_module() -> None:
    """A line as an export writes it is taken apart at once; one whose cell goes on in the next line
    is not."""
    split = Splitter(",").cells
    assert split('1,"a, b","",c' + "," * 12 + "yes\n") == ["1", "a, b", "", "c", *[""] * 11, "yes"]
    assert Splitter(",").rows_in(b'1,"a, ""b""","",c,,yes\r\n2\r\n"3"\r\n') == 3
    assert Splitter(",").rows_in(b'3,"a, b\nc"\n') is None
    assert split('1,"a, b\n') is None
    assert split('1,"a ""b"""\n') is None
