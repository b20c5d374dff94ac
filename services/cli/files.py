"""`import` and `export`: claims in and out as JSONL; what is recorded is decided elsewhere."""

import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import click
import msgspec

from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, options
from services.cli.output import progress, say_json, say_table
from services.cli.refusals import Refused
from services.cli.writing import whole_file
from services.export import believed_claims
from services.intake.jsonl import Foreseen, Line, Tally, foresee, read_lines, record_lines
from services.wiring import PROGRAM, AuditLine, House

FAULTS_SAID_MAX: Final = 100
SPOOLED_BYTES_MAX: Final = 32 * 1024 * 1024
IMPORTED_BY: Final = "import"


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a line, where in it, and how to mend it."""

    line: int
    pointer: str
    detail: str


class Faults:
    """The faults of a file: the first are said at once, all are counted, the latest are
    remembered."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Say and remember a fault, unless there were too many already."""
        self.count += 1
        if self.count <= FAULTS_SAID_MAX:
            self.kept.append(fault)
            where = f" {fault.pointer}:" if fault.pointer else ""
            click.echo(f"line {fault.line}:{where} {fault.detail}", err=True)

    def close(self) -> None:
        """Say how many went unsaid."""
        if self.count > FAULTS_SAID_MAX:
            click.echo(f"… and {self.count - FAULTS_SAID_MAX:,} more.", err=True)


@click.command("import", cls=Command, short_help="Record claims from JSONL.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Say per line what would happen; record nothing.")
@click.option("--skip-faulty", is_flag=True, help="Leave faulty lines out instead of refusing.")
@click.option("--pending", is_flag=True, help="Leave the claims to the desk instead of accepting.")
@options(*STORE, "format")
@click.pass_obj
def import_(common: Common, file: Path, *, dry_run: bool, skip_faulty: bool, pending: bool) -> None:
    """Record the claims of FILE, one JSON object a line; - reads stdin.

    Every line is validated first, and nothing is recorded while one is faulty. A claim that is
    there already with the same content is left alone, so importing a file twice is harmless.
    """
    with _opened(file) as lines:
        if dry_run:
            in_house(common, lambda house: _dry_run(house, common, lines, accepted=not pending))
            return
        faults = Faults()
        count = _check(lines, faults)
        faults.close()
        if faults.count and not skip_faulty:
            if common.as_json:
                say_json({"faulty": faults.count, "faults": faults.kept})
            raise Refused(
                what=f"{_counted(faults.count, 'fault')} in {_counted(count, 'line')}; nothing was "
                "recorded.",
                how="Mend them, or leave faulty lines out with --skip-faulty.",
            )
        tally = in_house(
            common,
            lambda house: _record(house, common, lines, count, faults, accepted=not pending),
        )
    _say_tally(common, tally, faults)


async def _record(
    house: House, common: Common, file: BinaryIO, count: int, faults: Faults, *, accepted: bool
) -> Tally:
    file.seek(0)
    with progress("Importing", count, "lines") as advance:
        return await record_lines(
            house,
            common.workspace(),
            read_lines(file, house.now()),
            by=IMPORTED_BY,
            accepted=accepted,
            refuse=lambda line, detail: faults.add(Fault(line, "", detail)),
            advance=advance,
        )


async def _dry_run(house: House, common: Common, file: BinaryIO, *, accepted: bool) -> None:
    found: deque[Foreseen] = deque()
    lines = read_lines(file, house.now())
    with progress("Looking up", None, "lines") as advance:
        async for foreseen in foresee(house, common.workspace(), lines, accepted=accepted):
            found.append(foreseen)
            advance()
    if common.as_json:
        say_json(list(found))
    else:
        words = [(f.line, f.claim, f.fate.replace("_", " "), f.detail) for f in found]
        say_table(("line", "claim", "would be", "because"), words)
    refused = sum(f.fate in ("refused", "faulty") for f in found)
    if refused:
        raise Refused(
            what=f"{_counted(refused, 'line')} of {len(found):,} would be refused.",
            how="The table says why.",
        )


def _check(file: BinaryIO, faults: Faults) -> int:
    """How many lines the file has; its faults are told to `faults`."""
    count = 0
    with progress("Checking", None, "lines") as advance:
        for line in read_lines(file, datetime.now(UTC)):
            count += 1
            advance()
            for fault in _faults(line):
                faults.add(fault)
    return count


def _faults(line: Line) -> Iterator[Fault]:
    for error in line.errors:
        yield Fault(line.number, error.pointer, error.detail)


def _say_tally(common: Common, tally: Tally, faults: Faults) -> None:
    if common.as_json:
        say_json({**msgspec.structs.asdict(tally), "faults": faults.kept})
    else:
        said = [f"{tally.new:,} new", f"{tally.already_there:,} already there"]
        said += [f"{tally.refused:,} refused"]
        said += [f"{tally.faulty:,} faulty and left out"] if tally.faulty else []
        said += [f"{_counted(tally.same, 'pair')} declared the same"] if tally.same else []
        click.echo(f"Imported into {common.workspace()}: {', '.join(said)}.")
    if tally.refused:
        raise Refused(
            what=f"{_counted(tally.refused, 'claim')} refused, as said above.",
            how="Correct the claim on file, or send another id.",
        )


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file, to be read more than once; what cannot be is copied first."""
    if str(path) == "-":
        with _spooled(sys.stdin.buffer) as copy:
            yield copy
        return
    with path.open("rb") as file:
        if file.seekable():
            yield file
        else:
            with _spooled(file) as copy:
                yield copy


@contextmanager
def _spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES_MAX) as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy  # type: ignore[misc]  # a spooled file reads like any other


@click.command(cls=Command, short_help="Write the claims as JSONL.")
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Where to write; - is stdout.",
)
@options(*STORE, "known_at")
@click.pass_obj
def export(common: Common, out: Path) -> None:
    """Write every claim as believed at --known-at, one JSON object a line.

    The file says of each claim since when it was known, its status and what it is the same as.
    Importing it into an empty workspace makes the same claims, standings and numbers.
    """
    known_at = common.known_at()

    async def write(house: House) -> tuple[int, int]:
        claims = await believed_claims(house, common.workspace(), known_at)
        told = f"{len(claims)} claims, from the log up to position {claims.position}"
        exported = AuditLine(action="exported", by=PROGRAM, subject="article20 export", detail=told)
        await house.audit.write(common.workspace(), exported)
        with whole_file(out) as file, progress("Writing", len(claims), "claims") as advance:
            for line in claims.lines():
                file.write(line)
                advance()
        return len(claims), claims.position

    count, position = in_house(common, write)
    if str(out) != "-":
        said = f"Wrote {_counted(count, 'claim')} of {common.workspace()} to {out}"
        click.echo(f"{said}, from the log up to position {position:,}.")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else noun + 's'}"
