"""Runs the benchmarks: all of them, or those that are named; `--quick` and `--growth` change how
much data they take. Only the page and the files it is written from are touched."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import get_args

from benchmarks import (
    appending,
    asking,
    browsing,
    folding,
    growing,
    holding,
    importing,
    opening,
    page,
    projecting,
    reading,
    showing,
    streaming,
    submitting,
)
from benchmarks.rows import Measured, Section, Size
from benchmarks.timing import machine

SECTIONS: dict[str, Section] = {
    "appending": appending,
    "importing": importing,
    "submitting": submitting,
    "reading": reading,
    "growing": growing,
    "folding": folding,
    "projecting": projecting,
    "asking": asking,
    "opening": opening,
    "holding": holding,
    "streaming": streaming,
    "showing": showing,
    "browsing": browsing,
}


def main() -> None:
    """Measure, tell each row as it comes, and write the page."""
    words = sys.argv[1:]
    sizes = {f"--{size}": size for size in get_args(Size)}
    size: Size = next((sizes[word] for word in words if word in sizes), "full")
    named = [word for word in words if word not in sizes]
    unknown = [word for word in named if word not in SECTIONS]
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    for name in named or SECTIONS:
        section = SECTIONS[name]
        rows = []
        for row in section.measure(size):
            print(page.told(row), flush=True)
            rows.append(row)
        measured = Measured(
            title=section.TITLE,
            about=section.ABOUT,
            machine=machine(),
            commit=_commit(),
            day=datetime.now(UTC).date().isoformat(),
            size=size,
            rows=tuple(rows),
        )
        if size == "quick":  # a look, not a claim
            continue
        page.keep(name if size == "full" else f"{name}-{size}", measured)
        page.write([kept for one in SECTIONS for kept in (one, f"{one}-growth")])


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
