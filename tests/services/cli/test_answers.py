"""`replay` and `report` as a person runs them."""

import json
from pathlib import Path

import pytest

from infra.shipped import chronology_path
from tests.services.cli.program import Program

ON = ("--on", "2026-02-19")


@pytest.fixture(autouse=True, scope="module")
def _chronology(article20: Program) -> None:
    article20.done("import", chronology_path())


def test_a_replay_prints_one_line_of_json(article20: Program) -> None:
    """31 March 2025: 165 instruments deposited, 164 states bound."""
    out = article20.done("replay", "--view", "parties", "--on", "2025-03-31")
    assert out.count("\n") == 1
    found = json.loads(out)
    assert (found["deposited"], found["in_force"]) == (165, 164)
    ccm = article20.answer("replay", "--view", "parties", "--treaty", "CCM", *ON)
    assert ccm["treaty"] == "CCM"


@pytest.mark.parametrize("view", ["board", "government:FIN", "pressure:FIN", "erosion:FIN",
                                  "backing:FIN", "claims", "transfers", "criticism",
                                  "deadlines"])  # fmt: skip
def test_every_view_is_replayed(article20: Program, view: str) -> None:
    """Each view answers for the clocks it was asked for."""
    found = article20.answer("replay", "--view", view, *ON, "--known-at", "seq:300")
    assert found["known_at"] == "seq:300"
    assert found.get("on", "2026-02-19") == "2026-02-19"


def test_changes_are_replayed_between_two_points(article20: Program) -> None:
    """Two positions, of which the first is said by an option of its own."""
    asked = ("--view", "changes", "--from-known-at", "seq:300", "--known-at", "seq:310", *ON)
    found = article20.answer("replay", *asked)
    assert (found["from_known_at"], found["to_known_at"]) == ("seq:300", "seq:310")
    assert [d["position"] for d in found["differences"]] == list(range(301, 311))


@pytest.mark.parametrize(
    ("view", "option"),
    [
        ("board", ("--treaty", "CCM")),
        ("board", ("--among", "NOR")),
        ("transfers", ("--joint", "only")),
        ("claims", ("--from-known-at", "seq:1")),
    ],
)
def test_an_option_of_another_view_is_refused(
    article20: Program, view: str, option: tuple[str, str]
) -> None:
    """Nobody takes an answer about everything for one that an option narrowed."""
    ended = article20("replay", "--view", view, *option)
    assert ended.returncode == 2
    assert f"{option[0]} means nothing to '{view}'" in ended.stderr


def test_silence_is_replayed_for_a_list(article20: Program) -> None:
    """The governments asked about are those of the option."""
    found = article20.answer("replay", "--view", "criticism", "--among", "TUV,NOR", *ON)
    assert found["among"] == ["NOR", "TUV"]
    assert all("TUV" in target["silent"] for target in found["targets"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--view", "weather"], "use one of board, parties"),
        (["--view", "government"], "use one of board, parties"),
        (["--view", "government:XXX"], "'XXX' is not a government"),
        (["--view", "parties", "--treaty", "NPT"], "'NPT' is not a treaty"),
        (["--view", "changes"], "say from which point on"),
        (["--view", "criticism", "--among", "XXX"], "parted by commas"),
        (["--view", "board", "--on", "yesterday"], "write a day as YYYY-MM-DD"),
        (["--view", "board", "--known-at", "seq:x"], "seq:N"),
        (["--view", "board", "--known-at", "seq:999999"], "the log has reached position"),
    ],
)
def test_a_question_that_is_none_is_refused(
    article20: Program, arguments: list[str], said: str
) -> None:
    """A view, government, treaty or clock that is none is refused, saying what is meant."""
    assert said in article20.refused("replay", *arguments)


@pytest.mark.parametrize("form", ["html", "json"])
def test_a_report_is_the_same_every_time(article20: Program, tmp_path: Path, form: str) -> None:
    """The same clocks give the same bytes, in another process and after later events too."""
    out = [tmp_path / "first", tmp_path / "second"]
    (found,) = article20.answer("status", "--format", "json")["workspaces"]
    clocks = (*ON, "--known-at", f"seq:{found['head']}", "--format", form)
    article20.done("report", "government", "FIN", *clocks, "--out", out[0])
    article20.done("webhook-source", "add", f"between-{form}")
    ended = article20.spawn("report", "government", "FIN", *clocks, "--out", str(out[1]))
    assert ended.returncode == 0, ended.stderr
    assert out[0].read_bytes() == out[1].read_bytes()
    assert b"Former party since" in out[0].read_bytes()


def test_a_report_by_day_is_said_to_be(article20: Program) -> None:
    """By a day, the brief holds what was known by its end."""
    found = article20.answer(
        "report", "government", "fin", "--format", "json", "--out", "-", *ON,
        "--known-at", "2025-07-31",
    )  # fmt: skip
    assert found["pin"]["known_at"].startswith("2025-07-31T23:59:59")
    assert found["pin"]["on"] == "2026-02-19"
    assert all(line["known_since"] <= "2025-07-31" for line in found["timeline"])


def test_a_government_nobody_knows_is_refused(article20: Program, tmp_path: Path) -> None:
    """No file is made for a government that is none."""
    out = tmp_path / "brief.html"
    assert "'XXX'" in article20.refused("report", "government", "XXX", "--out", out)
    assert not out.exists()
