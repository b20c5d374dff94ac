"""The arrows between the packages, and what the pure ones may know; import-linter does the walk."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

from tests.house import tree

PURE_LIBRARIES = frozenset({"eventsourcing", "msgspec", "numpy", "rapidfuzz", "typing_extensions"})
PURE_STANDARD = frozenset(
    {"__future__", "abc", "array", "bisect", "calendar", "collections", "copy", "dataclasses"}
    | {"datetime", "decimal", "enum", "fractions", "functools", "hashlib", "heapq", "itertools"}
    | {"json", "math", "operator", "re", "string", "struct", "textwrap", "types", "typing"}
    | {"unicodedata", "urllib.parse", "uuid", "zlib", "zoneinfo"}
)
IMPURE_CALLS = frozenset(
    {"today", "now", "utcnow", "fromtimestamp", "uuid1", "uuid4", "open", "print", "input"}
    | {"read_text", "read_bytes", "write_text", "write_bytes"}
)


def test_imports_follow_the_arrows() -> None:
    """Services know infra (through the house and its wiring alone), infra projections, projections
    domain; never the other way round."""
    # In a process of its own: import-linter switches off every logger that is there before it.
    ended = _lint(tree.ROOT)
    assert ended.returncode == 0, ended.stdout


def test_what_is_true_is_computed_from_what_is_given() -> None:
    """`domain` and `projections` import nothing that reads a clock, a file, a socket or chance."""
    own = {"domain", "projections"}
    foreign = [
        f"{tree.name_of(path)}: {name}"
        for path in tree.modules("domain", "projections")
        for name in tree.imported(path)
        if name.split(".")[0] not in own | PURE_LIBRARIES | PURE_STANDARD
        and name not in PURE_STANDARD
    ]
    assert not foreign, "\n".join(foreign)


def test_the_pure_packages_never_ask_the_world() -> None:
    """`domain` and `projections` call no clock, make no random id and open no file, and await
    nothing."""
    impure = []
    for path in tree.modules("domain", "projections"):
        for node in ast.walk(tree.syntax(path)):
            where = f"{tree.name_of(path)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                impure.append(f"{where} awaits")
            elif isinstance(node, ast.Call):
                called = node.func
                name = (
                    called.attr
                    if isinstance(called, ast.Attribute)
                    else (called.id if isinstance(called, ast.Name) else "")
                )
                if name in IMPURE_CALLS:
                    impure.append(f"{where} {name}()")
    assert not impure, "\n".join(impure)


BREACHES = (
    ("domain.a", "projections.a"),
    ("domain.a", "asyncpg"),
    ("domain.a", "time"),
    ("projections.a", "random"),
    ("projections.a", "infra.a"),
    ("infra.a", "services.a"),
    ("services.a", "infra.a"),
    ("services.deep.a", "infra.a"),
    ("projections.columnar.shelf.a", "projections.columnar.numbers.a"),
    ("projections.columnar.opened.a", "projections.columnar.criticism.a"),
    ("projections.columnar.opened.a", "projections.columnar.streams.a"),
    ("services.dashboard.models.a", "services.dashboard.screens.a"),
    ("services.dashboard.forms.a", "services.dashboard.models.a"),
)
"""Which module imports what it must not."""


def test_a_breach_of_the_arrows_is_found(tmp_path: Path) -> None:
    """The contracts are not decoration: each way of breaking them is refused and named."""
    _build_packages(tmp_path)
    for module, imported in BREACHES:
        with (tmp_path / f"{module.replace('.', '/')}.py").open("a", encoding="utf-8") as file:
            file.write(f"import {imported}\n")
    said = _lint(tmp_path).stdout
    assert [one for one in BREACHES if f"{one[0]} -> {one[1]} (l." not in said] == []


def test_no_breach_is_found_where_there_is_none(tmp_path: Path) -> None:
    """The packages in which a breach is found keep the contracts without it."""
    _build_packages(tmp_path)
    ended = _lint(tmp_path)
    assert ended.returncode == 0, ended.stdout


def _build_packages(folder: Path) -> None:
    rooms = ("terms", "shelf", "legal", "numbers", "criticism", "opened", "streams")
    columnar = ("projections/columnar", *(f"projections/columnar/{room}" for room in rooms))
    pages = (
        "services/dashboard",
        *(f"services/dashboard/{r}" for r in ("forms", "models", "screens")),
    )
    for package in (*tree.PACKAGES, "services/deep", *columnar, *pages):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
        (folder / package / "a.py").touch()
    for room in ("house", "wiring"):
        (folder / "services" / f"{room}.py").write_text("import infra.a\n")
    (folder / "services" / "a.py").write_text("import services.wiring\n")
    shutil.copy(tree.ROOT / "pyproject.toml", folder)


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )
