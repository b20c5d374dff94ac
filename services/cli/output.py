"""How the command line shows what it found: tables and progress on a terminal, plain lines
elsewhere; it never decides what to show. What draws on a terminal is loaded where there is one."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

import click
import msgspec

PLAIN_LINE_SECONDS: Final = 5.0
"""How often long work says how far it is where no terminal shows a bar."""
GAP: Final = "  "


class Advance(Protocol):
    """Says that `steps` more of the work are done, of `total` where that became known."""

    def __call__(self, steps: int = 1, *, total: int | None = None) -> None: ...


def say_json(answer: Any) -> None:
    """Print an answer as one line of JSON."""
    stream = sys.stdout.buffer
    stream.write(msgspec.json.encode(answer) + b"\n")
    stream.flush()


def say_parts(parts: Iterable[bytes]) -> None:
    """Print an answer that comes in parts as one line."""
    stream = sys.stdout.buffer
    for part in parts:
        stream.write(part)
    stream.write(b"\n")
    stream.flush()


def say_table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows: a table on a terminal, else columns parted by two spaces or more, never cut."""
    cells = [[cell_text(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(*heads, box=None, pad_edge=False, header_style="bold")
        for row in cells:
            table.add_row(*(Text(cell) for cell in row))
        Console().print(table)
        return
    lines = [[head.upper() for head in heads], *cells]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo(GAP.join(padded).rstrip())


def say_list(found: Sequence[Any], columns: Mapping[str, str], *, as_json: bool) -> None:
    """Print what was found, one row each; `columns`: a heading and the field that stands below."""
    if as_json:
        say_json(found)
        return
    fields = columns.values()
    say_table(tuple(columns), [[getattr(one, field) for field in fields] for one in found])


def say_facts(facts: Sequence[tuple[str, Any]]) -> None:
    """Print named facts, one a line, their values in one column."""
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        click.echo(f"{name.ljust(width)}{GAP}{cell_text(value)}".rstrip())


def cell_text(value: Any) -> str:
    """A value as a table shows it: nothing for None, `yes` and `no`, moments without fractions,
    several in one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(map(cell_text, value))
    if hasattr(value, "isoformat"):
        return str(value.isoformat(timespec="seconds") if hasattr(value, "hour") else value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def counted(number: int, noun: str) -> str:
    """So many of something, in words."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


@contextmanager
def progress(label: str, total: int | None, noun: str) -> Iterator[Advance]:
    """Show on stderr how far long work is: a bar on a terminal, else a line now and then."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(stderr=True)
        with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
            task = bar.add_task(label, total=total)

            def advance(steps: int = 1, *, total: int | None = None) -> None:
                bar.update(task, advance=steps, total=total)

            yield advance
        return
    yield _PlainProgress(label, total, noun)


class _PlainProgress:
    """Progress in lines: the first after some seconds, so that short work stays silent."""

    def __init__(self, label: str, total: int | None, noun: str) -> None:
        self.label, self.total, self.noun = label, total, noun
        self.done = 0
        self.said_at = time.monotonic()

    def __call__(self, steps: int = 1, *, total: int | None = None) -> None:
        self.done += steps
        self.total = self.total if total is None else total
        now = time.monotonic()
        if now - self.said_at >= PLAIN_LINE_SECONDS:
            self.said_at = now
            of = f" of {self.total:,}" if self.total is not None else ""
            click.echo(f"{self.label}: {self.done:,}{of} {self.noun}", err=True)
