"""The page about spreadsheets: its commands are run as they stand there, in their order."""

import re
import shlex
from pathlib import Path

from services.intake.sheets.table import (
    CELL_CHARS_MAX,
    COLUMNS_MAX,
    INFLATED_BYTES_MAX,
    MEBIBYTE,
    RATIO_MAX,
    ROWS_MAX,
)
from tests.house.tree import ROOT
from tests.services.cli.program import Program

PAGE = (ROOT / "docs" / "spreadsheets.md").read_text("utf-8")


def test_the_commands_of_the_page_do_what_it_says(article20: Program, tmp_path: Path) -> None:
    """Template, dry run, import, export and import again: each ends as the page says."""
    (name, table), = re.findall(r"```csv (\S+)\n(.*?)```", PAGE, re.DOTALL)  # fmt: skip
    (tmp_path / name).write_text(table, "utf-8")
    said = []
    for how, block in re.findall(r"```sh( fails)?\n(.*?)```", PAGE, re.DOTALL):
        for line in block.splitlines():
            words = [
                str(tmp_path / word) if re.search(r"\.(csv|xlsx)$", word) else word
                for word in shlex.split(line)[1:]
            ]
            ended = article20(*words)
            assert ended.returncode == (1 if how else 0), (line, ended.stderr)
            said.append(ended.stdout)
    template, dry, recorded, everything, finland, again = said
    assert template == ""
    assert "A4: '31.02.2025' does not exist" in dry
    assert "2 new, 0 already there, 0 refused, 1 faulty and left out" in recorded
    assert "Wrote 2 claims" in everything
    assert "Wrote 1 claim " in finland
    assert "0 new, 2 already there" in again


def test_the_bounds_of_the_page_are_those_of_the_code() -> None:
    """What is said to be refused is what is refused."""
    for bound in (ROWS_MAX, COLUMNS_MAX, CELL_CHARS_MAX, INFLATED_BYTES_MAX // MEBIBYTE, RATIO_MAX):
        assert f"{bound:,}" in PAGE
