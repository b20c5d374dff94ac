"""The API against the status table, the replay against the API, and the store against itself."""

import hashlib
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests import status_table
from tests.acceptance.conftest import Demo

PAIRS = 10
SEED = 20
FIRST_DAY, LAST_DAY = date(1997, 12, 3), date(2026, 3, 31)
VIEWS = {
    "board": "/governments",
    "parties": "/treaties/APMBC/parties",
    "government:FIN": "/governments/FIN",
    "government:UKR": "/governments/UKR",
    "pressure:POL": "/governments/POL/pressure",
    "erosion:LTU": "/governments/LTU/erosion",
    "backing:FIN": "/governments/FIN/backing",
    "claims": "/claims",
}


def test_parties_agree_with_the_status_table(demo: Demo) -> None:
    """On 40 days and more, the day before and after every exit of 2025 and 2026 among them, the
    counts are those of the status table."""
    days = status_table.telling_days()
    assert len(days) >= 40
    exits = [row["withdrawal_effective"] for row in status_table.rows()]
    for exit_on in filter(None, exits):
        day = date.fromisoformat(exit_on)
        assert {day - timedelta(days=1), day, day + timedelta(days=1)} <= set(days)
    for day in days:
        found = demo.api.get("/treaties/APMBC/parties", params={"on": day.isoformat()}).json()
        assert (found["deposited"], found["in_force"]) == status_table.counts(day), day
        assert len(found["parties"]) == found["deposited"]


def test_the_last_day_before_the_exits(demo: Demo) -> None:
    """31 March 2025: 165 deposited, 164 in force."""
    found = demo.api.get("/treaties/APMBC/parties", params={"on": "2025-03-31"}).json()
    assert (found["deposited"], found["in_force"]) == (165, 164)


def pairs(head: int) -> Iterator[tuple[str, str]]:
    """Random days, each with what was known at a random position, day or moment."""
    chance = random.Random(SEED)
    span = (LAST_DAY - FIRST_DAY).days
    for number in range(PAIRS):
        on = FIRST_DAY + timedelta(days=chance.randint(0, span))
        if number % 2:
            yield on.isoformat(), f"seq:{chance.randint(0, head)}"
        else:
            known = date(2024, 1, 1) + timedelta(days=chance.randint(0, 790))
            yield on.isoformat(), known.isoformat() + ("T12:00:00Z" if number % 4 else "")


@pytest.mark.parametrize("view", VIEWS)
def test_a_replay_is_what_the_api_answers(demo: Demo, view: str) -> None:
    """At random pairs of clocks, and at the head, the bytes are the same."""
    head = int(demo.api.get("/governments").headers["Article20-Position"])
    asked: list[dict[str, str]] = [{"on": on, "known_at": known_at} for on, known_at in pairs(head)]
    for clocks in [*asked, {"on": "2026-02-19"}]:
        answer = demo.api.get(VIEWS[view], params=clocks)
        assert answer.status_code == 200, answer.text
        said = [f"--{name.replace('_', '-')}={value}" for name, value in clocks.items()]
        assert demo.run("replay", "--view", view, *said).encode() == answer.content + b"\n", clocks


def test_a_report_is_the_same_bytes_twice(demo: Demo, tmp_path: Path) -> None:
    """The country brief of Finland, written twice as of the same clocks, is the same file."""
    for form in ("html", "json"):
        digests = set()
        for number in range(2):
            out = tmp_path / f"{number}.{form}"
            clocks = ("--on", "2026-02-19", "--known-at", "2026-02-19")
            demo.run(
                "report", "government", "FIN", *clocks, "--format", form, "--out", str(out)
            )  # fmt: skip
            digests.add(hashlib.sha256(out.read_bytes()).hexdigest())
        assert len(digests) == 1


def test_the_store_is_proved_sound(demo: Demo) -> None:
    """While the demo runs, its store verifies."""
    assert "is sound up to position" in demo.run("verify")


def test_an_export_comes_back_without_a_change(demo: Demo, tmp_path: Path) -> None:
    """Importing an export of the demo into the demo changes nothing; into an empty workspace, it
    makes the same answers."""
    out = tmp_path / "claims.jsonl"
    demo.run("export", "--out", str(out))
    assert ": 0 new, " in demo.run("import", str(out))
    assert "is sound" in demo.run("verify")
    demo.program.done("workspace", "add", "copy")
    demo.program.done("import", out, "--workspace", "copy")
    ask = ("replay", "--view", "board", "--on", "2026-02-19", "--workspace")
    boards = [demo.program.answer(*ask, workspace) for workspace in ("demo", "copy")]
    assert boards[0]["governments"] == boards[1]["governments"]
