"""The wheel, installed where no source tree is near; nothing is fetched."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.house import tree


def run(*command: str | Path, cwd: Path) -> str:
    """What the command prints; its complaint, where it fails, is the test's."""
    answer = subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert answer.returncode == 0, f"{answer.stdout}\n{answer.stderr}"
    return answer.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=tree.ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a clean environment that holds the wheel.

    Its dependencies are those of this environment, reached through a path file. Path files in a
    folder that was itself reached through one are not read, so the source tree, which this
    environment holds through such a file, stays out of reach.
    """
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python, "--quiet", "install"]
    run(*pip, "--no-index", "--no-deps", wheel, cwd=folder)
    purelib = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site_packages = Path(run(python, "-c", purelib, cwd=folder).strip())
    site_packages.joinpath("dependencies.pth").write_text(
        "\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}) + "\n",
        encoding="utf-8",
    )
    return python.parent


def test_the_wheel_holds_the_five_folders_and_nothing_else(wheel: Path) -> None:
    """Every file of the five folders is in the wheel under its own path, and no other file is."""
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {tree.name_of(path) for path in tree.under(*tree.SHIPPED)}
    assert inside == expected


def test_the_wheel_carries_its_licence(wheel: Path) -> None:
    """The licence travels with the wheel, and the metadata name it."""
    with zipfile.ZipFile(wheel) as archive:
        (licence,) = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
        assert "Apache License" in archive.read(licence).decode()
        (about,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        assert "License-Expression: Apache-2.0" in archive.read(about).decode()


def test_the_installed_program_says_what_it_can(installed: Path, tmp_path: Path) -> None:
    """`article20 --help` runs from a clean environment, far from any source tree."""
    told = run(installed / "article20", "--help", cwd=tmp_path)
    for command in ("demo", "serve", "import", "replay", "verify"):
        assert command in told, command


def test_the_installed_program_runs_as_a_module(installed: Path, tmp_path: Path) -> None:
    """`python -m services.cli` is the same program."""
    assert "demo" in run(installed / "python", "-m", "services.cli", "--help", cwd=tmp_path)


def test_the_installed_packages_are_the_wheels_own(installed: Path, tmp_path: Path) -> None:
    """What is imported there comes from the wheel, and not from this tree."""
    script = "\n".join(f"import {name}; print({name}.__file__)" for name in tree.PACKAGES)
    for line in run(installed / "python", "-c", script, cwd=tmp_path).split():
        assert Path(line).is_relative_to(installed.parent), line


def test_the_installed_packages_find_their_data_and_sql(installed: Path, tmp_path: Path) -> None:
    """The shipped history, the tables and the SQL are readable from the installed packages."""
    script = """if True:
        from importlib.resources import files
        data = files("data")
        print(len(data.joinpath("apmbc-chronology.jsonl").read_text("utf-8").splitlines()))
        print(len(data.joinpath("apmbc-status.csv").read_text("utf-8").splitlines()))
        print(len([f for f in data.joinpath("weights").iterdir() if f.name.endswith(".csv")]))
        postgres = files("infra").joinpath("postgres")
        print(len(postgres.joinpath("schema.sql").read_text("utf-8").splitlines()))
        print(len([f for f in postgres.joinpath("migrations").iterdir()]))
    """
    counts = [int(n) for n in run(installed / "python", "-c", script, cwd=tmp_path).split()]
    chronology, status, weights, schema, migrations = counts
    assert chronology >= 175
    assert status >= 197
    assert weights >= 4
    assert schema > 10
    assert migrations >= 1
