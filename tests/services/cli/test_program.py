"""How the program is called and how it ends; what its commands do is tested beside each."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from services.cli import program as program_module
from services.cli.program import COMMANDS, program
from tests.house.tree import ROOT
from tests.services.cli.program import COMMAND, Program


def test_every_command_of_the_contract_is_there() -> None:
    """The commands are those of the contract, in its order, each listed with the sentence of its
    own help."""
    contract = (
        "demo serve migrate import export replay rebuild report webhook-source send token person "
        "workspace verify status"
    )
    assert [name for name in COMMANDS if name in contract.split()] == contract.split()
    told = CliRunner().invoke(program, ["--help"]).output
    for name in COMMANDS:
        command = program.get_command(click.Context(program), name)
        assert command is not None
        assert re.search(rf"\n  {name} +{re.escape(command.get_short_help_str(100))}\n", told), name


def test_help_needs_no_database(article20: Program) -> None:
    """Help and version are told at once, whatever the settings."""
    for arguments in (["--help"], ["import", "--help"], ["--version"]):
        ended = article20.spawn(*arguments, ARTICLE20_PORT="none")
        assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["exprot"], "No such command 'exprot': did you mean 'export'?"),
        (["report", "FIN"], "No such command 'FIN': use one of government."),
        (["token", "revok", "x"], "did you mean 'revoke'?"),
        (["export", "--out", "x.csv", "--from", "2026", "--to", "2025"], "comes after --to"),
        (["export"], "--out"),
        (["--format", "xml", "status"], "--format"),
        (["token", "create", "--role", "king"], "--role"),
        (["token", "revoke", "7"], "ID"),
        (["--on", "2025-01-01", "status"], "--on means nothing to 'status'"),
        (["import", "-", "--known-at", "seq:1"], "--known-at"),
    ],
)
def test_a_wrong_call_exits_2(article20: Program, arguments: list[str], said: str) -> None:
    """A command or option that does not exist, lacks or means nothing is a usage error."""
    ended = article20(*arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"ARTICLE20_PORT": "none"}, "ARTICLE20_PORT is not usable: must be a whole number"),
        ({"ARTICLE20_COLOUR": "blue"}, "ARTICLE20_COLOUR is not a setting"),
        (
            {"ARTICLE20_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            "the database cannot be used",
        ),
    ],
)
def test_a_setting_that_does_not_work_is_one_line(
    article20: Program, environ: dict[str, str], said: str
) -> None:
    """A malformed, unknown or useless setting is refused in one line that names it."""
    assert said in article20.refused("status", **environ)


def test_shared_options_stand_before_or_after(article20: Program) -> None:
    """A shared option means the same on both sides of the command; the later one wins."""
    article20.done("workspace", "add", "either")
    before = article20.answer("--workspace", "either", "--format", "json", "token", "list")
    after = article20.answer("token", "list", "--workspace", "either", "--format", "json")
    assert before == after == []
    both = ("--workspace", "nowhere", "export", "--out", "-", "--workspace", "either")
    assert article20.done(*both) == ""


def test_the_option_wins_over_the_environment(article20: Program, tmp_path: Path) -> None:
    """--data-dir and --workspace say it better than the environment."""
    file = tmp_path / "file"
    file.touch()
    refused = article20.refused("status", "--data-dir", file)
    assert str(file) in refused
    article20.done("workspace", "add", "said")
    out = article20.done("export", "--out", "-", "--workspace", "said", ARTICLE20_WORKSPACE="other")
    assert out == ""


def test_a_data_folder_that_cannot_be_written_is_said(article20: Program) -> None:
    """Where the data folder cannot be made, one line says so and what to do."""
    refused = article20.refused("status", "--data-dir", "/proc/article20")
    assert "the data folder /proc/article20 cannot be used" in refused
    assert "--data-dir" in refused


def test_what_nobody_expected_leaves_a_trace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unexpected error is one line that names a file, and the traceback is in that file."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    try:
        raise KeyError("a\nb")
    except KeyError as error:
        program_module.report_unexpected(type(error), error, error.__traceback__)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "failed unexpectedly (KeyError: 'a\\nb')" in said
    log = tmp_path / program_module.LOG_NAME
    assert str(log) in said
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_trace_goes_where_nobody_else_laid_a_link(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link in a folder that is everybody's leads nothing of ours elsewhere."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    (tmp_path / program_module.LOG_NAME).symlink_to(victim)
    error = KeyError("a")
    program_module.report_unexpected(type(error), error, None)
    assert victim.read_text() == "as it was"
    assert "the details are in the lines above" in capsys.readouterr().err


def test_a_reader_that_had_enough_is_no_error(article20: Program) -> None:
    """`article20 … | head` ends without a complaint."""
    article20.done("workspace", "add", "long")
    script = " ".join([*COMMAND, "replay", "--view", "board", "--workspace", "long"])
    ended = article20.in_shell(f"{script} | head -c 10")
    assert ended.stdout == '{"on":"' + ended.stdout[7:]
    assert ended.stderr == ""


def test_it_runs_as_a_module_and_spawned(article20: Program) -> None:
    """`python -m services.cli` is the program, and finds the database that runs."""
    found = json.loads(article20.spawn("status", "--format", "json").stdout)
    assert found["database"] == f"embedded, in {article20.data_dir}"


DRIVER_LOGS = """
import logging
from services.cli.program import main
try:
    main(["--version"])
except SystemExit:
    try:
        raise ConnectionRefusedError
    except ConnectionRefusedError:
        logging.getLogger("asyncpg.pool").warning("cannot connect again", exc_info=True)
"""


def test_what_the_driver_logs_of_a_lost_connection_is_not_printed() -> None:
    """The driver logs it with its traceback, in the background; a command says it in one line."""
    ended = subprocess.run(
        [sys.executable, "-c", DRIVER_LOGS],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.stdout.startswith("article20 ")
    assert ended.stderr == ""


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_who_ends_it_while_it_loads_is_told_in_a_line(
    article20: Program, tmp_path: Path, number: str
) -> None:
    """Ctrl-C, or a polite end by another process, before the program is loaded ends it as later:
    exit 1, one line, no traceback."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.abc, signal, sys\n"
        "class Impatient(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'services.cli.options':\n"
        f"            signal.raise_signal(signal.{number})\n"
        "sys.meta_path.insert(0, Impatient())\n"
    )
    paths = os.pathsep.join([str(tmp_path), article20.environ["PYTHONPATH"]])
    ended = article20.spawn("status", PYTHONPATH=paths)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "article20: stopped before it was done.\n"


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["exprot"]])
def test_commands_are_loaded_when_called(arguments: list[str]) -> None:
    """Asking for the version or the list of commands, or for one that is not there, imports no
    command, neither the database's driver nor the templates, numbers or tables."""
    script = (
        f"import sys; from services.cli.program import run; run({arguments}); print();"
        "heavy = {'asyncpg', 'httpx', 'jinja2', 'litestar', 'numpy', 'rich', 'xlsxwriter'};"
        "mine = {where.partition(':')[0] for where, _ in run.__globals__['COMMANDS'].values()};"
        "print(sorted((heavy | mine) & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.stdout.splitlines()[-1] == "[]", ended.stderr


def test_output_that_finds_no_room_is_one_line(article20: Program) -> None:
    """Where stdout is full the program says so in a line and exits 1, and Python adds nothing."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*COMMAND, "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=article20.environ,
            check=False,
            text=True,
        )
    said = "article20: No space left on device. Make room on the disk, and do it again.\n"
    assert (ended.returncode, ended.stderr) == (1, said)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["exprot"], 2), (["verify", "--workspace", "nope"], 1), (["status"], 0)],
)
def test_how_it_ended_is_told_where_nobody_reads_what_it_says(
    article20: Program, arguments: list[str], code: int
) -> None:
    """Where stderr is full the program exits as ever."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=full,
            env=article20.environ,
            check=False,
        )
    assert ended.returncode == code


CLOSED = "standard input or output is closed, and is needed"


@pytest.mark.parametrize(
    ("arguments", "closed", "ends"),
    [
        ("status", ">&-", (1, "", f"article20: {CLOSED}\n")),
        ("import -", "<&-", (1, "", f"article20: {CLOSED}\n")),
        ("workspace add w", "<&-", (0, "Workspace w is there.\n", "")),
        ("workspace add v", "2>&-", (0, "Workspace v is there.\n", "")),
    ],
)
def test_a_standard_stream_that_is_closed_is_missed_only_where_it_is_needed(
    article20: Program, arguments: str, closed: str, ends: tuple[int, str, str]
) -> None:
    """Whoever closes a standard stream, as some that start programs do, is told so in a line where
    it is needed; nothing else takes its place, and what needs it not goes on as ever."""
    script = f"{' '.join(COMMAND)} {arguments} {closed}"
    assert article20.in_shell(script) == ends
