"""`import` and `export` as a person runs them: nothing half, nothing twice, nothing lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.kinds import KINDS
from infra.shipped import chronology_path
from tests.services.cli.program import Program

CLAIM: dict[str, Any] = {
    "id": "nor-regret",
    "kind": "statement_of_criticism",
    "treaty": "APMBC",
    "occurred_on": "2025-04-02",
    "actors": [{"kind": "state", "code": "NOR"}],
    "targets": ["FIN"],
    "summary": "Norway regretted Finland's move.",
    "sources": [{"publisher": "Reuters", "published_on": "2025-04-03", "reliability": "A"}],
}


def lines(*claims: dict[str, Any] | str) -> str:
    """Claims as JSONL; a text stands as it is."""
    return "".join(
        (claim if isinstance(claim, str) else json.dumps(claim, ensure_ascii=False)) + "\n"
        for claim in claims
    )


def workspace(article20: Program, name: str) -> str:
    article20.done("workspace", "add", name)
    return name


def head(article20: Program, name: str) -> int:
    found = article20.answer("status", "--format", "json")["workspaces"]
    return next(int(w["head"]) for w in found if w["workspace"] == name)


def test_the_chronology_goes_in_once(article20: Program) -> None:
    """The shipped chronology is recorded whole, in the order of the file; a second time nothing
    is."""
    name = workspace(article20, "once")
    count = len(chronology_path().read_bytes().splitlines())
    arguments = ("import", chronology_path(), "--workspace", name, "--format", "json")
    first = article20.answer(*arguments)
    assert (first["new"], first["already_there"], first["refused"]) == (count, 0, 0)
    assert first["same"] > 0
    reached = head(article20, name)
    again = article20.answer(*arguments)
    assert (again["new"], again["already_there"], again["same"]) == (0, count, 0)
    assert head(article20, name) == reached
    exported = article20.done("export", "--out", "-", "--workspace", name).splitlines()
    ids = [json.loads(line)["id"] for line in chronology_path().read_text().splitlines()]
    assert [json.loads(line)["id"] for line in exported] == ids


def test_an_export_makes_the_same_elsewhere(article20: Program, tmp_path: Path) -> None:
    """Statuses, sameness, standings and numbers are reproduced in an empty workspace, by moment
    too; in the same workspace an import of the export changes nothing."""
    here, there = workspace(article20, "here"), workspace(article20, "there")
    made = [
        {"id": f"made-{status}", "status": status, "status_reason": f"Because {status}."}
        for status in ("pending", "contested", "refuted", "rejected", "retracted", "superseded")
    ]
    article20.done("import", chronology_path(), "--workspace", here)
    article20.done("import", "-", "--workspace", here, stdin=lines(*(CLAIM | m for m in made)))
    out = tmp_path / "out.jsonl"
    article20.done("export", "--out", out, "--workspace", here)
    reached = head(article20, here)
    assert article20.answer("import", out, "--workspace", here, "--format", "json")["new"] == 0
    assert head(article20, here) == reached
    article20.done("import", out, "--workspace", there)
    assert article20.done("export", "--out", "-", "--workspace", there) == out.read_text()
    for view in ("board", "parties", "government:UKR", "pressure:FIN"):
        for clocks in (("--on", "2026-02-19"), ("--on", "2026-02-19", "--known-at", "2025-12-05")):
            answers = [
                article20.answer("replay", "--view", view, "--workspace", w, *clocks)
                for w in (here, there)
            ]
            for answer in answers:
                del answer["known_at"]
            assert answers[0] == answers[1], (view, clocks)


@pytest.mark.parametrize(
    ("command", "known"),
    [
        (("export", "--out"), ".csv, .xlsx, .jsonl"),
        (("import", "--template"), ".xlsx, .csv"),
        (("report", "government", "FIN", "--out"), ".html, .json"),
    ],
)
def test_an_ending_that_names_no_form_is_refused(
    article20: Program, tmp_path: Path, command: tuple[str, ...], known: str
) -> None:
    """A file that would hold something else than its name says is not written; the refusal names
    the endings there are."""
    out = tmp_path / "claims.pdf"
    ended = article20(*command, out)
    assert ended.returncode == 2
    assert "'claims.pdf' ends in no form that can be written" in ended.stderr
    assert known in " ".join(ended.stderr.split())
    assert not out.exists()


def test_an_export_of_the_past_holds_what_was_known(article20: Program) -> None:
    """With --known-at, later claims and verdicts are left out."""
    name = workspace(article20, "past")
    article20.done("import", "-", "--workspace", name, stdin=lines(CLAIM))
    later = CLAIM | {"id": "later", "known_since": "2025-06-01"}
    article20.done("import", "-", "--workspace", name, stdin=lines(later))

    def ids(*known_at: str) -> list[str]:
        out = article20.done("export", "--out", "-", "--workspace", name, *known_at)
        return [json.loads(line)["id"] for line in out.splitlines()]

    assert ids() == ["nor-regret", "later"]
    assert ids("--known-at", "seq:1") == ["nor-regret"]
    assert ids("--known-at", "2025-05-31") == ["nor-regret"]
    assert ids("--known-at", "2025-04-01") == []
    refused = article20.refused("export", "--out", "-", "--workspace", name, "--known-at", "seq:99")
    assert "the log has reached position 2" in refused


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: not JSON"),
        ("[{}]", "line 2: must be an object, not a list; each line holds one claim, whole"),
        (json.dumps(CLAIM | {"kind": "rumour"}), "line 2: /kind: 'rumour' is not a kind of claim"),
        (json.dumps(CLAIM | {"id": "B"}), "line 2: /id:"),
        (json.dumps(CLAIM | {"occurred_on": "2025-13"}), "line 2: /occurred_on:"),
        (json.dumps(CLAIM | {"targets": ["FIN", "XXX"]}), "line 2: /targets/1: 'XXX'"),
        (json.dumps(CLAIM | {"mood": "bad"}), "line 2: /mood: unknown field"),
        (json.dumps(CLAIM | {"known_since": "2999-01-01"}), "line 2: /known_since:"),
        (json.dumps(CLAIM | {"id": "a", "same_as": ["a"]}), "line 2: /same_as:"),
        (json.dumps(CLAIM | {"id": "fine", "summary": "Other."}), "line 2: /id: line 1 says"),
        ("x" * (1024 * 1024 + 1), "line 2: longer than"),
    ],
)
def test_one_faulty_line_stops_an_import(article20: Program, line: str, said: str) -> None:
    """Every fault is said with its line and pointer, and nothing is recorded, not even the sound
    lines."""
    name = workspace(article20, "faulty")
    stdin = lines(CLAIM | {"id": "fine"}, line, CLAIM | {"id": "fine-too"})
    ended = article20("import", "-", "--workspace", name, stdin=stdin)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "nothing was recorded" in ended.stderr.splitlines()[-1]
    assert head(article20, name) == 0


def test_faulty_lines_can_be_left_out(article20: Program) -> None:
    """With --skip-faulty the sound lines are recorded and the others counted."""
    name = workspace(article20, "skipping")
    ended = article20(
        "import", "-", "--skip-faulty", "--workspace", name, stdin=lines(CLAIM, "{", "", "[]")
    )
    assert ended.returncode == 0, ended.stderr
    assert "1 new" in ended.stdout
    assert "2 faulty and left out" in ended.stdout
    assert head(article20, name) == 1


def test_a_claim_that_says_something_else_is_refused_by_line(article20: Program) -> None:
    """Under an id on file another content is refused, named by line; the other lines are
    recorded."""
    name = workspace(article20, "exists")
    article20.done("import", "-", "--workspace", name, stdin=lines(CLAIM))
    other = lines(CLAIM | {"id": "new"}, CLAIM | {"summary": "Norway was silent."})
    ended = article20("import", "-", "--workspace", name, stdin=other)
    assert ended.returncode == 1
    assert "line 2: Claim 'nor-regret' already says something else" in ended.stderr
    assert "1 claim refused" in ended.stderr.splitlines()[-1]
    assert head(article20, name) == 2


def test_a_dry_run_says_what_would_happen(article20: Program) -> None:
    """A dry run tells the fate of each line and records nothing."""
    name = workspace(article20, "dry")
    article20.done("import", "-", "--workspace", name, stdin=lines(CLAIM))
    stdin = lines(CLAIM, CLAIM | {"id": "new", "occurred_on": "2001"}, "{}")
    arguments = ("import", "-", "--dry-run", "--pending", "--workspace", name)
    ended = article20(*arguments, "--format", "json", stdin=stdin)
    assert ended.returncode == 1
    found = {f["line"]: (f["fate"], f["detail"]) for f in json.loads(ended.stdout)}
    assert found[1] == ("already_there", "accepted, recorded at position 1")
    assert found[2] == ("new", "pending")
    assert found[3][0] == "faulty"
    assert "1 line of 3 would be refused" in ended.stderr
    other = article20(*arguments, stdin=lines(CLAIM | {"summary": "Else."}))
    assert (
        "nor-regret  refused   summary: Norway regretted Finland's move. on file, Else. here"
        in other.stdout
    )
    assert head(article20, name) == 1
    table = article20(
        *arguments, stdin=lines(CLAIM | {"id": "new", "occurred_on": "2001"})
    ).stdout.splitlines()
    assert table[0].split() == ["LINE", "CLAIM", "WOULD", "BE", "BECAUSE"]
    assert table[1].split() == ["1", "new", "new", "pending"]


def test_claims_without_an_id_stay_the_same_claims(article20: Program) -> None:
    """A claim that brings no id gets the same one each time, from its content."""
    name = workspace(article20, "unnamed")
    unnamed = {field: value for field, value in CLAIM.items() if field != "id"}
    arguments = ("import", "-", "--workspace", name, "--format", "json")
    stdin = lines(unnamed, unnamed | {"summary": "Else."})
    assert article20.answer(*arguments, stdin=stdin)["new"] == 2
    assert article20.answer(*arguments, stdin=stdin)["already_there"] == 2


def test_a_claim_that_stands_twice_in_a_file_is_recorded_once(article20: Program) -> None:
    """Of two equal lines the second is there already."""
    name = workspace(article20, "twice")
    arguments = ("import", "-", "--workspace", name, "--format", "json")
    found = article20.answer(*arguments, stdin=lines(CLAIM, CLAIM))
    assert (found["new"], found["already_there"]) == (1, 1)
    assert head(article20, name) == 1


def test_history_counts_as_known_since_its_sources(article20: Program) -> None:
    """What an import brings in counts as known from its earliest source, or as the line states."""
    name = workspace(article20, "since")
    stated = CLAIM | {"id": "stated", "known_since": "2025-05-01"}
    undated = CLAIM | {"id": "undated", "sources": []}
    article20.done("import", "-", "--workspace", name, stdin=lines(CLAIM, stated, undated))
    out = article20.done("export", "--out", "-", "--workspace", name).splitlines()
    since = {claim["id"]: claim["known_since"] for claim in map(json.loads, out)}
    assert since == {
        "nor-regret": "2025-04-03T00:00:00Z",
        "stated": "2025-05-01T00:00:00Z",
        "undated": "2025-04-02T00:00:00Z",
    }


def test_sameness_with_an_unknown_claim_is_refused(article20: Program) -> None:
    """A line that names a claim nobody has is refused; its claim is recorded all the same."""
    name = workspace(article20, "same")
    ended = article20(
        "import", "-", "--workspace", name, stdin=lines(CLAIM | {"same_as": ["nobody"]})
    )
    assert ended.returncode == 1
    assert "line 1: /same_as: There is no claim 'nobody'" in ended.stderr
    assert head(article20, name) == 1


def test_an_export_takes_the_place_of_a_file_or_leaves_it(
    article20: Program, tmp_path: Path
) -> None:
    """The file is replaced whole; where it cannot be, the old one stands and nothing is left."""
    out = tmp_path / "claims.jsonl"
    out.write_text("old")
    assert "seq:9999" in article20.refused("export", "--out", out, "--known-at", "seq:9999")
    assert out.read_text() == "old"
    said = article20.done("export", "--out", out)
    assert said == f"Wrote 0 claims of default to {out}, from the log up to position 0.\n"
    assert out.read_text() == ""
    assert [path.name for path in tmp_path.iterdir()] == ["claims.jsonl"]
    refused = article20.refused("export", "--out", tmp_path / "nowhere" / "claims.jsonl")
    assert "nowhere/claims.jsonl: No such file or directory. Check its name, and" in refused


def test_a_missing_file_is_named(article20: Program, tmp_path: Path) -> None:
    """A file that is not there is named in one line."""
    assert "nothing.jsonl: No such file" in article20.refused("import", tmp_path / "nothing.jsonl")


def test_an_unknown_workspace_is_named(article20: Program) -> None:
    """A workspace nobody made is not made by a slip of the pen."""
    refused = article20.refused("export", "--out", "-", "--workspace", "typo")
    assert "There is no workspace 'typo'" in refused


def test_every_kind_of_claim_comes_back(article20: Program) -> None:
    """Claims of every kind survive export and import with their details."""
    name = workspace(article20, "kinds")
    kinds = sorted(KINDS)
    made = [CLAIM | {"id": kind.replace("_", "-"), "kind": kind} for kind in kinds]
    article20.done("import", "-", "--workspace", name, stdin=lines(*made))
    out = article20.done("export", "--out", "-", "--workspace", name).splitlines()
    assert sorted(json.loads(line)["kind"] for line in out) == sorted(kinds)
