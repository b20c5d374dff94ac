"""The two commands and what they print when they cannot; nothing is installed here."""

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from tests.house import tree


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`make` with these arguments, untouched by a make that may be running the tests."""
    inherited = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=tree.ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def program(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_ci_runs_make_test() -> None:
    """`.ci/run` is executable and ends in `make test`, with nothing of its own."""
    path = tree.ROOT / ".ci" / "run"
    assert path.stat().st_mode & stat.S_IXUSR
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert lines[-1] == "exec make test"


def test_help_names_every_target() -> None:
    """`make` alone says what can be made."""
    told = make().stdout
    rules = (tree.ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", rules, re.MULTILINE)
    for target in set(phony.split()) - {"help", "env-dev", "browser"}:
        assert re.search(rf"\b{target}\b", told), target


def test_make_test_leaves_nothing_out(tmp_path: Path) -> None:
    """`make test` prepares the browser and runs lint, formatting, types, imports and every test."""
    steps = make("--dry-run", "test", f"VENV={tmp_path / 'v'}").stdout
    for step in (".ci/browser", "ruff check", "ruff format --check", "/mypy", "/lint-imports"):
        assert step in steps, step
    assert re.search(r"-m pytest .*tests\n", steps)


def test_installing_is_bound_to_the_locks(tmp_path: Path) -> None:
    """Everything that is fetched is fetched by hash; the project itself brings nothing along."""
    steps = make("--dry-run", "env-dev", f"VENV={tmp_path / 'v'}").stdout
    installs = [line for line in steps.splitlines() if "-m pip " in line]
    assert len(installs) == 3
    for line in installs:
        assert "--require-hashes" in line or "--no-deps --no-build-isolation" in line, line


def test_locking_leaves_what_is_locked(tmp_path: Path) -> None:
    """`make lock` moves no version that is locked and still fits; `make upgrade` moves all, those
    that measuring needs too. Both install what they locked at the end."""
    for target, upgrades in (("lock", 0), ("upgrade", 2)):
        steps = make("--dry-run", target, f"VENV={tmp_path / 'v'}").stdout.splitlines()
        resolved = [line for line in steps if " pip compile " in line]
        assert len(resolved) == 4
        assert sum("--upgrade" in line for line in resolved) == upgrades
        assert any("--require-hashes" in line for line in steps[steps.index(resolved[-1]) :])


def test_what_is_compiled_is_kept() -> None:
    """Where the environment asks Python to keep nothing, what `make` starts keeps it all the same:
    every start of the program would compile it anew."""
    asked = {"PYTHONDONTWRITEBYTECODE": "1", "KEPT": "1"}
    given = make("--eval", "given: ; @env", "given", **asked).stdout
    assert "KEPT=1" in given
    assert "PYTHONDONTWRITEBYTECODE" not in given


def test_demo_passes_the_port_on(tmp_path: Path) -> None:
    """`make demo PORT=8021` asks the demo for that port; without it the demo's own holds."""
    venv = f"VENV={tmp_path / 'v'}"
    assert "article20 demo --port 8021\n" in make("--dry-run", "demo", venv, "PORT=8021").stdout
    assert re.search(r"article20 demo\s*\n", make("--dry-run", "demo", venv).stdout)


def test_an_old_python_is_named(tmp_path: Path) -> None:
    """With a Python before 3.11, make says so in one line and how to name another."""
    old = program(tmp_path, "old-python", "exit 1")
    answer = make("env", f"PYTHON={old}", f"VENV={tmp_path / 'v'}")
    assert answer.returncode != 0
    assert f"article20 needs Python 3.11 or later, and {old} is not" in answer.stderr
    assert not (tmp_path / "v").exists()


def test_a_python_without_venv_is_named(tmp_path: Path) -> None:
    """Where Python cannot make environments, make says which package does."""
    bare = program(tmp_path, "bare-python", 'case "$1" in -m) exit 1 ;; esac')
    answer = make("env", f"PYTHON={bare}", f"VENV={tmp_path / 'v'}")
    assert answer.returncode != 0
    assert "apt-get install python3-venv" in answer.stderr


def test_a_missing_browser_is_named(tmp_path: Path) -> None:
    """Where no browser is found and none may be installed, one line says what to install."""
    program(tmp_path, "id", "echo 1000")
    program(tmp_path, "bash", 'exec /bin/bash "$@"')
    answer = subprocess.run(
        ["/bin/bash", str(tree.ROOT / ".ci" / "browser")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "apt-get install chromium" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize("script", ["run", "browser"])
def test_the_scripts_are_sound_shell(script: str) -> None:
    """The shell reads the scripts of `.ci` without complaint."""
    path = tree.ROOT / ".ci" / script
    answer = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
