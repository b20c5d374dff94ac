"""Keeps the figures of each section and writes `RESULTS.md` from them; it never measures."""

from pathlib import Path
from statistics import median

import msgspec

from benchmarks import growth
from benchmarks.rows import Measured, Row

PAGE = Path(__file__).with_name("RESULTS.md")
KEPT = Path(__file__).with_name("results")
HEADING = """\
# Results

Written by `make bench` from the files in [results](results), never by hand. Every figure is the \
median of its rounds, ours and the peer's taken in turns in one run on one machine. A ratio above \
1 says that ours is better, whichever way better lies; where we promise a ratio, it stands beside \
the one measured.
"""
COLUMNS = "| what | ours | peer | the peer's | ratio | promised | rounds | p99, remarks |"
RULE = "| --- | --- | --- | --- | --- | --- | --- | --- |"


def keep(name: str, measured: Measured) -> None:
    """Keep what a section measured in place of what it measured before at that size."""
    KEPT.mkdir(exist_ok=True)
    body = msgspec.json.format(msgspec.json.encode(measured), indent=1)
    (KEPT / f"{name}.json").write_bytes(body + b"\n")


def write(order: list[str]) -> None:
    """Write the page and its plot from what is kept, in the order of the sections."""
    files = [KEPT / f"{name}.json" for name in order]
    sections = [
        msgspec.json.decode(file.read_bytes(), type=Measured) for file in files if file.exists()
    ]
    lines = [HEADING]
    # A curve comes from one run: where a longer one was measured too, from that.
    curves = {row.curve: section for section in sections for row in section.rows if row.curve}
    points = [
        row for section in sections for row in section.rows if curves.get(row.curve) is section
    ]
    if points:
        growth.draw(points)
        lines += [f"![{growth.WORDS}]({growth.FILE.name})", ""]
    for section in sections:
        lines += _section(section)
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def told(row: Row) -> str:
    """A row for a person at a terminal."""
    peer = f" | {row.peer}: {amount(median(row.theirs), row.unit)}" if row.theirs else ""
    ratio = "" if row.ratio is None else f" | {row.ratio:.2f}x"
    return f"{row.what}: {amount(median(row.ours), row.unit)}{peer}{ratio}"


def amount(value: float, unit: str) -> str:
    """A value with as many digits as it is worth, and its unit."""
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def _section(measured: Measured) -> list[str]:
    run = (
        f"Measured on {measured.day}, {measured.size}, at commit `{measured.commit}`, "
        f"on {measured.machine}."
    )
    rows = [_cells(row) for row in measured.rows]
    title = f"{measured.title}, a long history" if measured.size == "growth" else measured.title
    return [f"## {title}", "", measured.about, "", run, "", COLUMNS, RULE, *rows, ""]


def _cells(row: Row) -> str:
    has_peer = bool(row.theirs)
    cells = (
        row.what,
        amount(median(row.ours), row.unit),
        row.peer,
        amount(median(row.theirs), row.unit) if has_peer else "",
        "" if row.ratio is None else f"{row.ratio:.2f}×",
        "" if row.target is None else f"≥ {row.target:g}×",
        str(len(row.ours)),
        "; ".join(part for part in (row.p99, row.note) if part),
    )
    return f"| {' | '.join(cells)} |"
