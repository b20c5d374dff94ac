"""Claims of the first day and the first moment there are: views take them in as any others."""

import json
from typing import Any

import pytest

from tests.services.cli.program import Program, program_folder
from tests.services.running import claim

FIRST = "0001-01-01"


@pytest.fixture(scope="module")
def article20() -> Any:
    """The program with a data folder of its own."""
    with program_folder() as program:
        yield program


@pytest.mark.parametrize("occurred_on", [FIRST, "0001-01", "0001", "0001-01-01/2025"])
def test_a_claim_of_the_first_day_there_is_stops_nothing(
    article20: Program, occurred_on: str
) -> None:
    """It is recorded, projected, found by its words and its day, built anew and proven, also where
    it was known from that day on: who submits it keeps nobody else from the views."""
    name = f"first-{occurred_on.replace('/', '-')}"
    first = claim(id=name, occurred_on=occurred_on)
    first["sources"][0]["published_on"] = FIRST
    file = article20.data_dir / "first.jsonl"
    file.write_text(json.dumps(first))
    article20.done("import", file)
    article20.done("rebuild")
    assert "is sound" in article20.done("verify")
    for on in (FIRST, "9999-12-31"):
        board = article20.answer("replay", "--view", "board", "--on", on)
        assert board["on"] == on
    narrowed = article20.data_dir / "found.jsonl"
    article20.done("export", "--out", narrowed, "--words", "Finland", "--from", FIRST)
    assert name in narrowed.read_text()
