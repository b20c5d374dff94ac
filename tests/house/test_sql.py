"""Where SQL lives and how it is named; what a statement does is for other tests."""

import ast
import re
from pathlib import Path

from tests.house import tree

NAMED = re.compile(r"^-- name: (\w+)\n((?:--.*\n)*)", re.MULTILINE)
STATEMENT = re.compile(
    r"^\s*(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|WITH \w+ AS|CREATE|ALTER|DROP|TRUNCATE"
    r"|GRANT|REVOKE|DO|LISTEN|NOTIFY|LOCK TABLE|SET LOCAL|BEGIN|COMMIT|ROLLBACK|CALL|EXPLAIN)\b"
    r"\s+\S"
)


def named_queries() -> list[tuple[Path, str, str]]:
    """File, name and comment of every named query."""
    found = []
    for path in tree.under("infra", suffix=".sql"):
        if path.parent.name == "sql":
            for name, comment in NAMED.findall(path.read_text(encoding="utf-8")):
                words = " ".join(line.lstrip("- ") for line in comment.splitlines())
                found.append((path, name, words))
    return found


def strings(path: Path) -> list[str]:
    """The text constants of a module that are not docstrings."""
    module = tree.syntax(path)
    documents = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documents
    ]


def test_sql_lives_in_infra() -> None:
    """Files of SQL are found below `infra/postgres`, and nowhere else."""
    stray = [
        tree.name_of(path)
        for path in tree.files()
        if path.suffix == ".sql" and not tree.name_of(path).startswith("infra/postgres/")
    ]
    assert not stray, "\n".join(stray)


def test_no_statement_is_written_in_python() -> None:
    """The packages hold no SQL in strings: what is not in a file cannot be read or reviewed."""
    written = [
        f"{tree.name_of(path)}: {text.strip().splitlines()[0]}"
        for path in tree.modules(*tree.PACKAGES)
        for text in strings(path)
        if STATEMENT.match(text) and len(text.split()) > 2
    ]
    assert not written, "\n".join(written)


def test_every_query_says_what_it_does() -> None:
    """Each named query has a comment of one sentence or more."""
    assert named_queries()
    mute = [
        f"{tree.name_of(path)}: {name}: {words!r}"
        for path, name, words in named_queries()
        if not words.endswith((".", ";")) or len(words.split()) < 3
    ]
    assert not mute, "\n".join(mute)


def test_a_name_means_one_query() -> None:
    """Within a file no two queries have the same name, and none goes without one."""
    for path in {path for path, _, _ in named_queries()}:
        text = path.read_text(encoding="utf-8")
        names = [name for name, _ in NAMED.findall(text)]
        assert len(names) == len(set(names)), tree.name_of(path)
        statements = [line for line in text.splitlines() if line.rstrip().endswith(";")]
        assert len(statements) >= len(names), tree.name_of(path)


def test_every_query_is_asked() -> None:
    """A named query that no module of `infra` names is dropped, not kept."""
    known = {text for path in tree.modules("infra") for text in strings(path)}
    idle = [
        f"{tree.name_of(path)}: {name}" for path, name, _ in named_queries() if name not in known
    ]
    assert not idle, "\n".join(idle)


def test_migrations_are_numbered() -> None:
    """Migrations are numbered from 1 without gaps, named, and open with what they bring."""
    found = [
        path for path in tree.under("infra", suffix=".sql") if path.parent.name == "migrations"
    ]
    assert [int(path.name[:4]) for path in found] == list(range(1, len(found) + 1))
    for path in found:
        assert re.fullmatch(r"\d{4}_[a-z_]+\.sql", path.name), path.name
        assert path.read_text(encoding="utf-8").startswith("-- "), path.name
