"""The files that ship beside the packages: the chronology, the status table, the weights,
the alliances, the regions; it reads them and judges nothing.

Columns and provenance: `data/README.md`.
"""

import csv
from pathlib import Path
from typing import Final

from domain.weights import TABLES

DATA: Final = Path(__file__).resolve().parent.parent / "data"
"""The folder `data` next to the packages, in a clone as in an installation."""


def chronology_path() -> Path:
    """Where the chronology lies: JSON Lines, one claim per line, ordered by first day, then id."""
    return DATA / "apmbc-chronology.jsonl"


def status_rows() -> list[dict[str, str]]:
    """The rows of the status table by column name, one per government, in order of code; an
    unknown or inapplicable value is the empty text."""
    return _rows(DATA / "apmbc-status.csv")


def weights() -> dict[str, list[dict[str, str]]]:
    """The raw rows of every table of weights, by the table's name; `domain.weights` types them."""
    return {name: _rows(DATA / "weights" / f"{name}.csv") for name in TABLES}


def alliances() -> list[dict[str, str]]:
    """The raw rows of the table of alliances; `domain.alliances` types them."""
    return _rows(DATA / "alliances.csv")


def regions() -> list[dict[str, str]]:
    """The raw rows of the table of regions; `domain.circles` types them."""
    return _rows(DATA / "regions.csv")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
