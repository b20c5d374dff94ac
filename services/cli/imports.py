"""`import`: claims in from JSONL, CSV and XLSX, and what an import brought taken back; what is
recorded is decided elsewhere."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import click
import msgspec

from services.cli.claim_files import SPOOLED_BYTES_MAX, Checked, Source, opened
from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, options
from services.cli.output import progress, say_json, say_table
from services.cli.refusals import Refused
from services.cli.writing import named_form, whole_file
from services.intake.jsonl import Tally, declare_same
from services.intake.lines import Line
from services.intake.sheets.writing import write_template
from services.tables.bringing import Brought, author_of, bring_all
from services.tables.judging import judge, undo
from services.wiring import House, Import, ImportColumn

FAULTS_SAID_MAX: Final = 100
LOOKED_UP_LINES: Final = 500
LIKELY_WAIT_SECONDS_MAX: Final = 60.0
LEFT_SAID_MAX: Final = 100
TEMPLATE_FORMATS: Final[tuple[Literal["csv", "xlsx"], ...]] = ("xlsx", "csv")
FATES: Final = {
    "new": "new",
    "likely": "likely_duplicate",
    "duplicate": "already_there",
    "conflict": "refused",
    "error": "faulty",
}
"""What may become of a line -> the word of this command for it."""


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a line, where in it, and how to mend it."""

    line: int
    pointer: str
    detail: str


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of one line, and why; `beside`: the claim on file it is like."""

    line: int
    claim: str | None
    fate: str
    detail: str = ""
    beside: str | None = None


class Faults:
    """The faults of a file: the first are said at once, all are counted, the first ones
    remembered."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.count = 0
        self.kept: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Say and remember a fault, unless there were too many already."""
        self.count += 1
        if self.count <= FAULTS_SAID_MAX:
            self.kept.append(fault)
            where = f" {fault.pointer}:" if fault.pointer else ""
            click.echo(f"{self.noun} {fault.line}:{where} {fault.detail}", err=True)

    def close(self) -> None:
        """Say how many went unsaid."""
        if self.count > FAULTS_SAID_MAX:
            click.echo(f"… and {self.count - FAULTS_SAID_MAX:,} more.", err=True)


@click.command("import", cls=Command, short_help="Record claims from JSONL, CSV or XLSX.")
@click.argument(
    "file", metavar="FILE", required=False, type=click.Path(path_type=Path, allow_dash=True)
)
@click.option("--dry-run", is_flag=True, help="Say per line what would happen; record nothing.")
@click.option("--skip-faulty", is_flag=True, help="Leave faulty lines out instead of refusing.")
@click.option("--pending", is_flag=True, help="Leave the claims to the desk instead of accepting.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="HEADER=COLUMN",
    help="Read a column of a table as one of a claim; - leaves it out. Repeatable.",
)
@click.option("--encoding", metavar="NAME", help="How a CSV is written, where it is not found out.")
@click.option(
    "--template",
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Write a table to fill in, .xlsx or .csv, and end.",
)
@click.option(
    "--undo", "undone", metavar="IMPORT", help="Take back what an import brought, and end."
)
@options(*STORE, "format")
@click.pass_obj
def import_(
    common: Common,
    file: Path | None,
    *,
    dry_run: bool,
    skip_faulty: bool,
    pending: bool,
    columns: tuple[str, ...],
    encoding: str | None,
    template: Path | None,
    undone: str | None,
) -> None:
    """Record the claims of FILE: JSONL, CSV or XLSX; - reads stdin.

    Every line is validated first, and nothing is recorded while one is faulty. A claim that is
    there already with the same content is left alone, so importing a file twice is harmless. What
    an import brought can be taken back by its name.
    """
    if template is not None:
        form = named_form(template, TEMPLATE_FORMATS, "xlsx", "--template")
        with whole_file(template) as out:
            write_template(form, out)
        return
    if undone is not None:
        _undo(common, undone)
        return
    if file is None:
        raise click.UsageError("Name a FILE, or use --template or --undo.")
    chosen = dict(_pair(said) for said in columns)
    with opened(file) as found:
        source = Source(file, found, encoding, chosen)
        if dry_run:
            in_house(
                common,
                lambda house: _dry_run(house, common, source, accepted=not pending),
                project=True,
            )
            return
        _import(common, source, skip_faulty=skip_faulty, accepted=not pending)


def _import(common: Common, source: Source, *, skip_faulty: bool, accepted: bool) -> None:
    faults = Faults(source.noun)
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES_MAX) as spool:
        checked = _check(source, spool, faults, accepted=accepted)
        source.say_columns()
        faults.close()
        if faults.count and not skip_faulty:
            if common.as_json:
                say_json({"faulty": faults.count, "faults": faults.kept})
            raise Refused(
                what=f"{_counted(faults.count, 'fault')} in "
                f"{_counted(checked.lines, source.noun)}; nothing was recorded.",
                how="Mend them, or leave faulty lines out with --skip-faulty.",
            )
        name = source.name(accepted)
        tally = in_house(
            common, lambda house: _record(house, common, source, name, checked, faults)
        )
    _say_tally(common, tally, faults, name)


def _check(source: Source, spool: Any, faults: Faults, *, accepted: bool) -> Checked:
    """Read every line, keep its claim aside, tell its faults to `faults`."""
    now = datetime.now(UTC)
    checked = Checked(spool)
    with progress("Checking", None, f"{source.noun}s") as advance:
        for one in source.reads(now, accepted=accepted):
            checked.lines += 1
            advance()
            if one.errors:
                checked.faulty += 1
                for error in one.errors:
                    faults.add(Fault(one.number, error.pointer, error.detail))
            else:
                checked.add(one)
    return checked


async def _record(
    house: House, common: Common, source: Source, name: str, checked: Checked, faults: Faults
) -> Tally:
    workspace, by = common.workspace(), author_of(name)

    def refuse(line: int, detail: str) -> None:
        faults.add(Fault(line, "", detail))

    brought = Brought()
    with progress("Importing", checked.claims, "claims") as advance:
        await bring_all(
            house,
            workspace,
            name,
            checked,
            by=by,
            into=brought,
            refuse=refuse,
            advance=advance,
        )
    tally = Tally(
        new=brought.new,
        already_there=brought.already_there,
        refused=brought.refused,
        faulty=checked.faulty,
    )
    await declare_same(house, workspace, checked.pairs, by, refuse, tally)
    if brought.new:
        kept = Import(
            name=name,
            by=by,
            filename=source.path.name,
            received_at=house.now(),
            says=source.says,
            state="imported",
            columns=tuple(
                ImportColumn(m.letter, m.header, m.path, m.suggestion) for m in source.matches
            ),
            rows=checked.lines,
            done=checked.lines,
            recorded=brought.new,
            already_there=brought.already_there,
            refused=brought.refused,
            position=brought.position,
        )
        await house.imports.keep(workspace, kept)
    return tally


async def _dry_run(house: House, common: Common, source: Source, *, accepted: bool) -> None:
    workspace = common.workspace()
    await house.views.wait_for(
        workspace, await house.store.head(workspace), LIKELY_WAIT_SECONDS_MAX
    )
    found: list[Foreseen] = []
    seen: dict[str, int] = {}
    waiting: list[Line] = []
    with progress("Looking up", None, f"{source.noun}s") as advance:

        async def look_up() -> None:
            for one in await judge(house, workspace, waiting, seen, likely=True):
                status = (one.submission.status if one.submission else None) or (
                    "accepted" if accepted else "pending"
                )
                detail = (
                    f"resembles {one.beside}: {one.detail}" if one.fate == "likely" else one.detail
                )
                found.append(
                    Foreseen(
                        line=one.line.number,
                        claim=one.submission.claim.id if one.submission else None,
                        fate=FATES[one.fate],
                        detail=detail or status,
                        beside=one.beside or None,
                    )
                )
            advance(len(waiting))
            waiting.clear()

        for line in source.lines(house.now()):
            waiting.append(line)
            if len(waiting) == LOOKED_UP_LINES:
                await look_up()
        await look_up()
    source.say_columns()
    if common.as_json:
        say_json(found)
    else:
        words = [(f.line, f.claim, f.fate.replace("_", " "), f.detail) for f in found]
        say_table((source.noun, "claim", "would be", "because"), words)
    refused = sum(f.fate in ("refused", "faulty") for f in found)
    if refused:
        raise Refused(
            what=f"{_counted(refused, source.noun)} of {len(found):,} would be refused.",
            how="The table says why.",
        )


def _undo(common: Common, name: str) -> None:
    async def work(house: House) -> Any:
        workspace = common.workspace()
        reason = f"import {name} was undone"
        undone = await undo(house, workspace, name, by=author_of(name), reason=reason)
        known = {one.name: one for one in await house.imports.latest(workspace, 1000)}
        if name in known:
            one = known[name]
            one.state, one.retracted = "undone", one.retracted + undone.retracted
            one.left, one.left_count = tuple(undone.left[:LEFT_SAID_MAX]), len(undone.left)
            await house.imports.keep(workspace, one)
        return undone

    undone = in_house(common, work)
    if common.as_json:
        say_json(undone)
        return
    said = f"Took back {_counted(undone.retracted, 'claim')} of import {name}"
    said += f"; {undone.already:,} were taken back already" if undone.already else ""
    click.echo(f"{said}.")
    for claim, why in undone.left[:LEFT_SAID_MAX]:
        click.echo(f"Left {claim}: {why}")
    if len(undone.left) > LEFT_SAID_MAX:
        click.echo(f"… and {len(undone.left) - LEFT_SAID_MAX:,} more were left.")


def _say_tally(common: Common, tally: Tally, faults: Faults, name: str) -> None:
    if common.as_json:
        say_json({"import": name, **msgspec.structs.asdict(tally), "faults": faults.kept})
    else:
        said = [f"{tally.new:,} new", f"{tally.already_there:,} already there"]
        said += [f"{tally.refused:,} refused"]
        said += [f"{tally.faulty:,} faulty and left out"] if tally.faulty else []
        said += [f"{_counted(tally.same, 'pair')} declared the same"] if tally.same else []
        click.echo(f"Imported into {common.workspace()}: {', '.join(said)}.")
        if tally.new:
            click.echo(f"To take them back: article20 import --undo {name}", err=True)
    if tally.refused:
        raise Refused(
            what=f"{_counted(tally.refused, 'claim')} refused, as said above.",
            how="Correct the claim on file, or send another id.",
        )


def _pair(said: str) -> tuple[str, str]:
    header, equals, column = said.rpartition("=")
    if not equals or not header:
        raise click.UsageError(f"--column {said!r} is not HEADER=COLUMN.")
    return header.strip(), column.strip()


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else noun + 's'}"
