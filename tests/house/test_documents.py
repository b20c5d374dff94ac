"""The documents as a contract: what they name exists, and what exists is named; nothing is
judged by its style."""

import csv
import re
import sys
from pathlib import Path

import pytest

from docs.generate import FOLDER, KINDS_TABLE, pages
from domain.events import EVENT_TYPES
from domain.kinds import KINDS
from tests.house import tree

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
AMERICAN = re.compile(r"\b(behavior|favor|honor|neighbor|organization|organize|recognize)", re.I)
REQUIRED = (
    "README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md SECURITY.md LICENSE Makefile "
    "pyproject.toml docker-compose.yml Dockerfile .ci/run docs/glossary.md docs/events.md "
    "docs/settings.md docs/operating.md docs/decisions/README.md benchmarks/README.md "
    "benchmarks/RESULTS.md"
)


def documents() -> list[Path]:
    return [path for path in tree.files() if path.suffix == ".md"]


def read(name: str) -> str:
    return (tree.ROOT / name).read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """The fragments that links may name, as the usual renderers make them from headings."""
    titles = HEADING.findall(path.read_text(encoding="utf-8"))
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.strip().replace(" ", "-") for title in plain}


@pytest.mark.parametrize("name", REQUIRED.split())
def test_the_house_is_furnished(name: str) -> None:
    """Every document and every piece of the house is there."""
    assert (tree.ROOT / name).is_file()


def test_links_lead_somewhere() -> None:
    """A link between documents names a file that exists, and a heading that the file has."""
    dead = []
    for path in documents():
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            if "://" in target or target.startswith("mailto:"):
                continue
            name, _, fragment = target.partition("#")
            there = (path.parent / name).resolve() if name else path
            known = not fragment or there.suffix != ".md"
            if not there.exists() or not (known or fragment in anchors(there)):
                dead.append(f"{tree.name_of(path)}: {target}")
    assert not dead, "\n".join(dead)


def test_architecture_names_what_exists() -> None:
    """Each path that ARCHITECTURE.md names is in the tree."""
    named = re.findall(r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:md|toml|yml))`", read("ARCHITECTURE.md"))
    missing = [name for name in named if not (tree.ROOT / name).exists()]
    assert named
    assert not missing, "\n".join(missing)


def test_architecture_is_one_page() -> None:
    """A new reader gets one page, not a book."""
    assert len(read("ARCHITECTURE.md").splitlines()) <= 80


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_commands_of_the_documents_exist(name: str) -> None:
    """Each `make` target that is named can be made."""
    rules = read("Makefile")
    for targets in re.findall(r"(?:^|`)make ([a-z][a-z -]*?)(?:\s+#|`|$| [A-Z])", read(name), re.M):
        for target in targets.split():
            assert re.search(rf"^{target}:", rules, re.MULTILINE), target


def test_generated_pages_are_fresh() -> None:
    """The pages about events and settings, and the table of kinds, say what the code says; `make
    docs` makes it so."""
    stale = [
        page.name
        for page, contents in pages().items()
        if not page.is_file() or page.read_text(encoding="utf-8") != contents
    ]
    assert not stale, "run make docs"


def test_the_table_of_kinds_names_what_a_claim_may_be() -> None:
    """`data/event_kinds.csv` holds every kind once, each with what happened, for programs that
    submit."""
    with KINDS_TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == list(KINDS)
    assert all(row["definition"] and row["details"] for row in rows)


def test_every_event_is_documented() -> None:
    """Each name that the log may hold is on the page of events."""
    page = (FOLDER / "events.md").read_text(encoding="utf-8")
    missing = [name for name in EVENT_TYPES if f"`{name}`" not in page]
    assert not missing, "\n".join(missing)


def test_every_decision_is_listed() -> None:
    """The list of decision records names each, the numbers run without gaps, and each says whether
    it holds."""
    records = sorted((FOLDER / "decisions").glob("[0-9]*.md"))
    listed = read("docs/decisions/README.md")
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert path.name in listed, path.name
        assert re.match(rf"# {int(path.name[:4])}\. \w", text), path.name
        assert re.search(r"^(Accepted|Superseded by \[\d+\]\(.+\))\.$", text, re.MULTILINE)


def test_the_changelog_keeps_its_form() -> None:
    """Unreleased comes first, each version has its day, each change its kind."""
    titles = re.findall(r"^## (.+)$", read("CHANGELOG.md"), re.MULTILINE)
    assert titles[0] == "[Unreleased]"
    for title in titles[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", title), title
    kinds = set(re.findall(r"^### (.+)$", read("CHANGELOG.md"), re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_british_spelling() -> None:
    """Documents, docstrings and pages are spelt the British way."""
    found = [
        f"{name}: {word.group()}"
        for name, text in tree.texts()
        if name.endswith((".md", ".py", ".html", ".sql"))
        and name != "tests/house/test_documents.py"
        for word in AMERICAN.finditer(text)
    ]
    assert not found, "\n".join(found)


def test_the_tree_names_no_machine() -> None:
    """No file says where this tree, its environment or somebody's home happens to lie."""
    places = {str(tree.ROOT), str(Path.home()), sys.base_prefix}
    private = {place for place in places if len(Path(place).parts) > 2}
    found = [
        f"{name}: {place}" for name, text in tree.texts() for place in private if place in text
    ]
    assert not found, "\n".join(found)
