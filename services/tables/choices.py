"""What somebody says of the rows of an import before it is recorded: which are taken, and what a
faulty cell should hold; it judges no row and stores nothing."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from domain.errors import Article20Error
from services.intake.sheets.table import CELL_CHARS_MAX, COLUMNS_MAX, Cell, column_name
from services.wiring import Choice, Fate, ImportRow

CHOICES: Final[Mapping[Fate, tuple[Choice, ...]]] = {
    "new": ("take", "leave"),
    "likely": ("take", "same", "leave"),
}
"""What a row may be chosen to become, by what it would become by itself."""
_CELL: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_INDEXES: Final = {column_name(index): index for index in range(COLUMNS_MAX)}


class UnknownChoice(Article20Error):
    """{said!r} cannot be chosen for row {row}. Choose again from the page as it stands now."""

    slug, status = "unknown-choice", 422


class UnknownCell(Article20Error):
    """There is no cell {said!r} to mend in this table. Write it again on the page as it stands
    now."""

    slug, status = "unknown-cell", 422


def read_choices(form: Mapping[str, str]) -> dict[int, str]:
    """Row -> what was chosen for it, from fields such as `row-17`; UnknownChoice."""
    found: dict[int, str] = {}
    for key, said in form.items():
        if key.startswith("row-"):
            number = key.removeprefix("row-")
            if not (number.isascii() and number.isdecimal() and len(number) <= 7):
                raise UnknownChoice(said=said[:40], row=number[:20])
            found[int(number)] = said
    return found


def chosen(row: ImportRow, said: str) -> Choice | None:
    """The choice that was made for a row, None for none; UnknownChoice where it has no such one."""
    if not said:
        return None
    for choice in CHOICES.get(row.fate, ()):
        if choice == said:
            return choice
    raise UnknownChoice(said=said[:40], row=row.number)


def read_mends(form: Mapping[str, str]) -> dict[int, dict[int, str]]:
    """Row -> column, from 0 -> the text its cell should hold, from fields such as `cell-C17`;
    UnknownCell."""
    found: dict[int, dict[int, str]] = {}
    for key, said in form.items():
        if key.startswith("cell-"):
            match = _CELL.fullmatch(key.removeprefix("cell-"))
            if match is None or match[1] not in _INDEXES or len(said) > CELL_CHARS_MAX:
                raise UnknownCell(said=key[5:25])
            found.setdefault(int(match[2]), {})[_INDEXES[match[1]]] = said
    return found


def mended(cells: Sequence[Cell], mends: Mapping[int, str]) -> list[Cell]:
    """The cells of a row with some of them written anew; one that says what it said stays as it
    was, also where it is a number."""
    made = list(cells)
    for index, text in mends.items():
        made += [None] * (index + 1 - len(made))
        if text.strip() != cell_text(made[index]).strip():
            made[index] = text.replace("\r\n", "\n") or None
    return made


def cell_text(cell: Cell) -> str:
    """A cell as a field of a form shows it; empty where it has no value that can be written."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return f"{cell:.15g}"
    return cell if isinstance(cell, str) else ""


def cells_of(row: ImportRow) -> list[tuple[str, int]]:
    """The faulty cells of a row: name and column, from 0."""
    found = []
    for name in row.cell.split(", "):
        match = _CELL.fullmatch(name)
        if match is not None and match[1] in _INDEXES:
            found.append((name, _INDEXES[match[1]]))
    return list(dict.fromkeys(found))


def is_taken(row: ImportRow, *, with_likely: bool) -> bool:
    """Whether a row is recorded: new ones unless left out, those that resemble something where it
    was chosen for them, or for all that nothing was chosen for."""
    if row.fate == "new":
        return row.choice != "leave"
    if row.fate != "likely":
        return False
    return row.choice in ("take", "same") or (row.choice is None and with_likely)
