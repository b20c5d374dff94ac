"""`import` of spreadsheets as a person runs it: a template, a dry run, the import, and the way
back."""

import csv
import io
import json
from pathlib import Path

from tests.services.cli.program import Program
from tests.services.cli.test_files import CLAIM, head, lines, workspace
from tests.services.intake.sheets.made import HEADS, ROW, as_csv, as_xlsx


def test_a_template_is_filled_in_and_imported(article20: Program, tmp_path: Path) -> None:
    """What is written under the headers of the template becomes claims, in both forms."""
    name = workspace(article20, "template")
    for form in ("csv", "xlsx"):
        article20.done("import", "--template", tmp_path / f"template.{form}")
        assert "0 new" in article20.done("import", tmp_path / f"template.{form}")
    text = (tmp_path / "template.csv").read_text("utf-8-sig")
    heads, tags = csv.reader(io.StringIO(text))
    row = dict.fromkeys(heads, "") | {"Kind": ROW[1], "Treaty": "APMBC", "Date": "April 2025"}
    row |= {"Governments": "Finland; Łotwa", "What happened": ROW[5]}
    path = tmp_path / "filled.xlsx"
    path.write_bytes(as_xlsx([heads, tags, list(row.values())]))
    said = article20.done("import", path, "--workspace", name)
    assert said == f"Imported into {name}: 1 new, 0 already there, 0 refused.\n"
    (claim,) = article20.done("export", "--out", "-", "--workspace", name).splitlines()
    assert json.loads(claim)["targets"] == ["FIN", "LVA"]


def test_a_template_takes_no_filled_in_table_away(article20: Program, tmp_path: Path) -> None:
    """A template is written to a new file alone; what was filled in stays, and is not forgotten
    beside a template or an undo."""
    path = tmp_path / "filled.csv"
    path.write_bytes(as_csv([HEADS, ROW]))
    said = article20.refused("import", "--template", path)
    assert "is there already, and was left as it is" in said
    assert path.read_bytes() == as_csv([HEADS, ROW])
    for more in (("--template", tmp_path / "t.csv"), ("--undo", "x")):
        ended = article20("import", path, *more)
        assert ended.returncode == 2
        assert f"FILE and {more[0]} are two things to do" in ended.stderr
    assert not (tmp_path / "t.csv").exists()


def test_a_table_without_anything_in_it_is_no_success(article20: Program, tmp_path: Path) -> None:
    """A file of no bytes under the name of a table is refused, as where a download failed; one of
    headings alone records nothing and says so."""
    name = workspace(article20, "empty-sheet")
    for ending in ("csv", "xlsx"):
        path = tmp_path / f"empty.{ending}"
        path.touch()
        assert "it is empty" in article20.refused("import", path, "--workspace", name)
    path = tmp_path / "heads.csv"
    path.write_bytes(as_csv([HEADS]))
    ended = article20("import", path, "--workspace", name)
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (0, "The file holds no claims.")


def test_a_dry_run_tells_every_row_apart(article20: Program, tmp_path: Path) -> None:
    """New, likely the same, there already, in conflict, faulty with its cell; nothing is
    recorded."""
    name = workspace(article20, "dry-sheet")
    article20.done("import", "-", "--workspace", name, stdin=lines(CLAIM))
    before = head(article20, name)
    heads = ("id", "kind", "treaty", "occurred_on", "actors", "targets", "summary", "publisher")
    same = ("nor-regret", CLAIM["kind"], "APMBC", "2025-04-02", "Norway", "Finland")
    rows = [
        heads,
        ("other", CLAIM["kind"], "APMBC", "2025-04-03", "Norway", "FIN", CLAIM["summary"], ""),
        (*same, "Norway was pleased.", ""),
        ("new", CLAIM["kind"], "APMBC", "2001", "ngo: ICBL", "FIN", "Something else.", ""),
        ("bad", CLAIM["kind"], "APMBC", "31.02.2025", "", "FIN", "x", ""),
    ]
    path = tmp_path / "rows.csv"
    path.write_bytes(as_csv(rows))
    ended = article20("import", path, "--dry-run", "--workspace", name, "--format", "json")
    assert ended.returncode == 1
    found = {f["line"]: f for f in json.loads(ended.stdout)}
    assert {n: f["fate"] for n, f in found.items()} == {
        2: "likely_duplicate",
        3: "refused",
        4: "new",
        5: "faulty",
    }
    assert found[2]["beside"] == "nor-regret"
    assert "summary: Norway regretted Finland's move. on file" in found[3]["detail"]
    assert found[5]["detail"].startswith("D5: '31.02.2025' does not exist")
    assert head(article20, name) == before


def test_an_import_is_taken_back_but_for_what_was_touched(
    article20: Program, tmp_path: Path
) -> None:
    """An undo retracts what the import brought, leaves what somebody decided about since, says so,
    and is harmless a second time; rows without an id can then be brought anew."""
    name = workspace(article20, "undo")
    rows = [HEADS, ROW, ("", *ROW[1:5], "Something else."), ("", *ROW[1:5], "A third.")]
    path = tmp_path / "rows.xlsx"
    path.write_bytes(as_xlsx(rows))
    arguments = ("import", path, "--workspace", name, "--format", "json")
    found = article20.answer(*arguments)
    assert found["new"] == 3
    assert article20.answer(*arguments)["already_there"] == 3
    same = {
        **json.loads(article20.done("export", "--out", "-", "--workspace", name).split("\n")[0])
    }
    other = same | {"id": "fin-2", "same_as": ["fin-1"]}
    article20.done("import", "-", "--workspace", name, stdin=lines(other))
    undo = ("import", "--undo", found["import"], "--workspace", name, "--format", "json")
    undone = article20.answer(*undo)
    assert (undone["retracted"], [claim for claim, _ in undone["left"]]) == (2, ["fin-1"])
    assert "declared same" in undone["left"][0][1]
    again = article20.answer(*undo)
    assert (again["retracted"], again["already"]) == (0, 2)
    told = article20.done(*undo[:-2])
    assert "Left fin-1: declared same (position" in told
    anew = article20.answer("import", path, "--workspace", name, "--format", "json")
    assert (anew["new"], anew["already_there"]) == (2, 1)
    assert "recorded nothing" in article20.refused("import", "--undo", "nothing-like-it")


def test_sameness_that_an_import_declared_itself_does_not_hold_its_undo(
    article20: Program,
) -> None:
    """What the import itself declared the same is taken back with the rest."""
    name = workspace(article20, "undo-same")
    two = (CLAIM, CLAIM | {"id": "other", "same_as": ["nor-regret"]})
    arguments = ("import", "-", "--workspace", name, "--format", "json")
    found = article20.answer(*arguments, stdin=lines(*two))
    assert (found["new"], found["same"]) == (2, 1)
    undo = ("import", "--undo", found["import"], "--workspace", name, "--format", "json")
    undone = article20.answer(*undo)
    assert (undone["retracted"], undone["left"]) == (2, [])


def test_faulty_rows_and_unknown_columns_are_told_by_cell(
    article20: Program, tmp_path: Path
) -> None:
    """Nothing is recorded while a cell is faulty; a column that is left out is told, and read when
    it is named."""
    path = tmp_path / "rows.csv"
    path.write_bytes(as_csv([[*HEADS[:5], "Summry"], ROW, ("x", "y", *ROW[2:])]))
    assert "column F 'Summry', which may be summary" in article20.refused("import", path)
    ended = article20("import", path, "--column", "Summry=summary")
    assert ended.returncode == 1
    assert "row 3: B3: 'y' is not known here" in ended.stderr
    assert "nothing was recorded" in ended.stderr
    path.write_bytes(as_csv([[*HEADS, "Notes"], ROW]))
    ended = article20("import", path, "--workspace", workspace(article20, "columns"))
    assert ended.returncode == 0
    assert "column G 'Notes' is left out" in ended.stderr
    more = [f"Extra {number}" for number in range(40)]
    path.write_bytes(as_csv([[*HEADS, "Date", *more], [*ROW, "2024", *more]]))
    ended = article20("import", path, "--dry-run", "--workspace", "columns")
    assert "column G 'Date' is left out; column D is occurred_on already\n" in ended.stderr
    assert "… and 21 more columns left out.\n" in ended.stderr


def test_a_list_goes_out_as_a_sheet_and_comes_back(article20: Program, tmp_path: Path) -> None:
    """Whole or filtered, in every form: importing it changes nothing."""
    name = workspace(article20, "out")
    others = [
        CLAIM | {"id": f"claim-{n}", "targets": ["POL"], "summary": f"=n{n}"} for n in range(3)
    ]
    article20.done("import", "-", "--workspace", name, stdin=lines(CLAIM, *others))
    before = head(article20, name)
    for form in ("csv", "xlsx", "jsonl"):
        path = tmp_path / f"whole.{form}"
        assert "Wrote 4 claims" in article20.done("export", "--out", path, "--workspace", name)
        found = article20.answer("import", path, "--workspace", name, "--format", "json")
        assert (found["new"], found["already_there"], found["refused"]) == (0, 4, 0)
    path = tmp_path / "poland.csv"
    asked = ("--government", "Poland", "--from", "2025", "--workspace", name)
    assert "Wrote 3 claims" in article20.done("export", "--out", path, *asked)
    text = path.read_text("utf-8-sig")
    assert "government,POL" in text
    assert "'=n1" in text
    found = article20.answer("import", path, "--workspace", name, "--format", "json")
    assert (found["new"], found["already_there"]) == (0, 3)
    assert head(article20, name) == before
