"""Size, names and docstrings of every module; never what the code does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house import tree

LINES_MAX = 400
TEST_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
VAGUE = frozenset({"base", "common", "helper", "helpers", "manager", "managers", "misc", "shared"})
VAGUE_CLASS = re.compile(r"(Manager|Helper|Helpers|Util|Utils|Misc)$")
UNFINISHED = re.compile(
    r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK|WI" + r"P|TB" + r"D)\b|(#|--|/[/*]) ?X" + r"XX\b"
)
SUPPRESSION = re.compile(r"#\s*(type:\s*ignore|noqa|pragma:\s*no cover|mypy:|ruff:)(.*)")
JUSTIFIED = re.compile(r"^(\[[\w, -]+\]|: ?[A-Z]+\d+(, ?[A-Z]+\d+)*)\s+(#\s*|- |-- )\w.{5,}")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(tree.syntax(path)):
        if isinstance(node, Function):
            yield node


def test_files_stay_readable() -> None:
    """A module has at most 400 lines, a test at most 600, whatever its language."""
    long = []
    for path in tree.under(*tree.CODE):
        if path.suffix not in {".py", ".js"}:
            continue
        lines = len(path.read_text(encoding="utf-8").splitlines())
        allowed = TEST_LINES_MAX if tree.name_of(path).startswith("tests/") else LINES_MAX
        if lines > allowed:
            long.append(f"{tree.name_of(path)}: {lines} lines, allowed are {allowed}")
    assert not long, "\n".join(long)


def test_functions_stay_readable() -> None:
    """A function has at most 70 lines, its docstring included."""
    long = []
    for path in tree.modules():
        for function in functions(path):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                long.append(f"{tree.name_of(path)}:{function.lineno} {function.name}: {lines}")
    assert not long, "\n".join(long)


def test_every_module_opens_with_a_sentence() -> None:
    """A module opens with a docstring whose first paragraph is a sentence; only the empty
    `__init__.py` of a folder of tests may do without."""
    mute = []
    for path in tree.modules():
        if path.name == "__init__.py" and "tests" in path.parts and not path.read_text().strip():
            continue
        opening = (ast.get_docstring(tree.syntax(path)) or "").split("\n\n")[0]
        if not opening.endswith(".") or len(opening.split()) < 4:
            mute.append(f"{tree.name_of(path)}: {opening!r}")
    assert not mute, "\n".join(mute)


def test_every_test_says_the_behaviour() -> None:
    """The docstring of a test is the behaviour in a sentence."""
    mute = [
        f"{tree.name_of(path)}:{function.lineno} {function.name}"
        for path in tree.modules("tests")
        for function in functions(path)
        if function.name.startswith("test_")
        and not (ast.get_docstring(function) or "").rstrip().endswith((".", "?", ":"))
    ]
    assert not mute, "\n".join(mute)


def test_every_public_class_and_function_says_what_it_is() -> None:
    """What a package offers to the others has a docstring; private names speak for themselves."""
    mute = [
        f"{tree.name_of(path)}:{node.lineno} {node.name}"
        for path in tree.modules(*tree.PACKAGES)
        for node in tree.syntax(path).body
        if isinstance(node, ast.ClassDef | Function)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not mute, "\n".join(mute)


def test_names_say_what_a_thing_is() -> None:
    """No module, folder or class is called after being useful (`utils`, `helpers`, `manager`)."""
    vague = []
    for path in tree.files():
        parts = {Path(part).stem for part in path.relative_to(tree.ROOT).parts}
        if parts & (VAGUE | {"util", "utils"}):
            vague.append(tree.name_of(path))
    for path in tree.modules():
        for node in ast.walk(tree.syntax(path)):
            if isinstance(node, ast.ClassDef) and VAGUE_CLASS.search(node.name):
                vague.append(f"{tree.name_of(path)}:{node.lineno} {node.name}")
    assert not vague, "\n".join(vague)


def test_every_folder_of_tests_is_a_package() -> None:
    """A folder of tests has an `__init__.py`, or `tests/domain` would hide `domain`."""
    folders = {path.parent for path in tree.modules("tests")}
    bare = [tree.name_of(folder) for folder in folders if not (folder / "__init__.py").is_file()]
    assert not bare, "\n".join(bare)


def test_the_tree_holds_what_people_wrote() -> None:
    """Every file is text that people read, or a catalogue: no archive, no package, no built asset
    strays into the tree."""
    written = tree.TEXT | {".po"}
    assert [tree.name_of(path) for path in tree.files() if path.suffix not in written] == []


def test_nothing_is_left_for_later() -> None:
    """No marker of unfinished work, no `NotImplementedError`, no test that is skipped."""
    left = []
    for name, text in tree.texts():
        if not name.endswith((".lock", ".jsonl", ".csv")):
            left += [f"{name}: {found.group()}" for found in UNFINISHED.finditer(text)]
    for path in tree.modules():
        for node in ast.walk(tree.syntax(path)):
            words = (
                {node.id}
                if isinstance(node, ast.Name)
                else ({node.attr} if isinstance(node, ast.Attribute) else set())
            )
            if words & {"NotImplementedError", "skip", "skipif", "skipTest", "xfail"}:
                left.append(f"{tree.name_of(path)}:{getattr(node, 'lineno', 0)} {words}")
    assert not left, "\n".join(left)


def _catches_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(c, ast.Name) and c.id in {"Exception", "BaseException"} for c in caught)


def test_no_error_is_swallowed() -> None:
    """Who catches every exception raises it again; nobody catches one and does nothing unless the
    clause names it."""
    swallowed = [
        f"{tree.name_of(path)}:{node.lineno}"
        for path in tree.modules()
        for node in ast.walk(tree.syntax(path))
        if isinstance(node, ast.ExceptHandler)
        and _catches_all(node)
        and not (isinstance(node.body[-1], ast.Raise))
    ]
    assert not swallowed, "\n".join(swallowed)


def test_every_suppression_names_its_rule_and_its_reason() -> None:
    """`type: ignore` and `noqa` carry a code and say why."""
    bare = []
    for path in tree.modules():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = SUPPRESSION.search(line)
            if found and not JUSTIFIED.match(found.group(2)):
                bare.append(f"{tree.name_of(path)}:{number}: {found.group()}")
    assert not bare, "\n".join(bare)
