"""Runs every benchmark and writes `benchmarks/RESULTS.md`; nothing else writes a number there."""

from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import appending, folding
from benchmarks.timing import Measured, machine

RESULTS = Path(__file__).with_name("RESULTS.md")
BENCHMARKS: dict[str, tuple[str, Callable[[], Iterator[Measured]]]] = {
    "Appending": (
        f"Durable appends to an embedded PostgreSQL, {appending.CLAIMS:,} made claims.",
        appending.measure,
    ),
    "Folding": (
        f"From events to answers, in memory, over a made history of {folding.CLAIMS:,} claims.",
        folding.measure,
    ),
}


def main() -> None:
    """Measure everything, tell it as it comes, and write the page."""
    lines = [
        "# Results",
        "",
        f"Written by `make bench` on {machine()}. In memory the best of five runs, of the store "
        "one run.",
    ]
    for name, (about, measure) in BENCHMARKS.items():
        lines += ["", f"## {name}", "", about, "", "| what | figure |", "| --- | --- |"]
        for one in measure():
            print(f"{one.name}: {one.figure}")
            lines.append(f"| {one.name} | {one.figure} |")
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
