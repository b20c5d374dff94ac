"""What the tests of the house look at: the files of the tree, read once; it never changes one."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("domain", "projections", "infra", "services")
SHIPPED = (*PACKAGES, "data")
CODE = (*PACKAGES, "tests", "docs", "benchmarks")
TEXT = frozenset(
    {".cfg", ".css", ".csv", ".html", ".js", ".json", ".jsonl", ".lock", ".md", ".py", ".sh"}
    | {".sql", ".svg", ".toml", ".txt", ".xml", ".yaml", ".yml", ""}
)


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the tree, tracked or about to be; absolute paths, in order.

    Git says which, because it knows what is ignored; without it (a source archive) every file
    counts that lies outside hidden folders.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = sorted(name for name in listed.stdout.decode().split("\0") if name)
        return tuple(path for path in map(ROOT.joinpath, names) if path.is_file())
    found = (path for path in sorted(ROOT.rglob("*")) if path.is_file())
    return tuple(path for path in found if not _hidden(path.relative_to(ROOT)))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts[:-1])


def name_of(path: Path) -> str:
    """The path as people write it: from the root, with slashes."""
    return path.relative_to(ROOT).as_posix()


def under(*folders: str, suffix: str = "") -> list[Path]:
    """The files below `folders` whose names end in `suffix`."""
    return [
        path
        for path in files()
        if path.relative_to(ROOT).parts[0] in folders and path.name.endswith(suffix)
    ]


def texts() -> Iterator[tuple[str, str]]:
    """Name and contents of every file that people read, the lock files among them."""
    for path in files():
        if path.suffix in TEXT:
            yield name_of(path), path.read_text(encoding="utf-8")


@cache
def syntax(path: Path) -> ast.Module:
    """The parsed module at `path`."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def modules(*folders: str) -> list[Path]:
    """The Python modules below `folders`, by default below every folder that holds code."""
    return under(*(folders or CODE), suffix=".py")


def imported(path: Path) -> set[str]:
    """The modules that the module at `path` imports, by their full names."""
    found: set[str] = set()
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found
