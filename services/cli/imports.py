"""`import`: claims in from JSONL, CSV and XLSX, and what an import brought taken back; what is
recorded is decided elsewhere."""

import importlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import click
import msgspec

from services.cli.claim_files import SPOOLED_BYTES_MAX, Checked, Fault, Faults, Source, opened
from services.cli.options import STORE, Command, Common, options
from services.cli.output import counted, progress, say_json
from services.cli.refusals import Refused
from services.cli.writing import named_form, whole_file

TEMPLATE_FORMATS: Final[tuple[Literal["csv", "xlsx"], ...]] = ("xlsx", "csv")


@click.command("import", cls=Command, short_help="Record claims from JSONL, CSV or XLSX.")
@click.argument(
    "file", metavar="[FILE]", required=False, type=click.Path(path_type=Path, allow_dash=True)
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
    said = [name for name, one in (("--template", template), ("--undo", undone)) if one is not None]
    if len(said) + (file is not None) > 1:
        both = f"FILE and {said[0]}" if file is not None else " and ".join(said)
        raise click.UsageError(f"{both} are two things to do: say one of them.")
    if template is not None:
        _write_template(template)
        return
    if undone is not None:
        _in_the_house().take_back(common, undone)
        return
    if file is None:
        raise click.UsageError("Name a FILE, or use --template or --undo.")
    chosen = dict(_pair(said) for said in columns)
    with _nothing_recorded(), opened(file) as found:
        source = Source(file, found, encoding, chosen)
        if dry_run:
            _in_the_house().try_out(common, source, accepted=not pending)
            return
        name, tally, faults = _import(common, source, skip_faulty=skip_faulty, accepted=not pending)
    _say_tally(common, tally, faults, name)


def _write_template(path: Path) -> None:
    """Write a table to fill in; Refused where a file stands under that name, as one that was filled
    in would be lost."""
    form = named_form(path, TEMPLATE_FORMATS, "xlsx", "--template")
    if path.is_file():
        raise Refused(
            what=f"{path} is there already, and was left as it is.",
            how=f"Name another file to write the template to; `article20 import {path}` reads it.",
        )
    with whole_file(path) as out:
        _module("services.intake.sheets.writing").write_template(form, out)


@contextmanager
def _nothing_recorded() -> Iterator[None]:
    """Note so for whoever ends the block, unless what was recorded is noted by then."""
    try:
        yield
    except KeyboardInterrupt as ended:
        if not hasattr(ended, "__notes__"):
            ended.add_note("Nothing was recorded.")
        raise


def _import(
    common: Common, source: Source, *, skip_faulty: bool, accepted: bool
) -> tuple[str, Any, Faults]:
    """Record what is in a file; the name of the import, and what became of its lines."""
    faults = Faults(source.noun)
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES_MAX) as spool:
        checked = check(source, spool, faults, accepted=accepted)
        source.say_columns()
        faults.close()
        if faults.count and not skip_faulty:
            if common.as_json:
                say_json({"faulty": faults.count, "faults": faults.kept})
            raise Refused(
                what=f"{counted(faults.count, 'fault')} in "
                f"{counted(checked.lines, source.noun)}; nothing was recorded.",
                how="Mend them, or leave faulty lines out with --skip-faulty.",
            )
        name = source.name(accepted)
        tally = _in_the_house().record_all(common, source, name, checked, faults)
    return name, tally, faults


def check(source: Source, spool: Any, faults: Faults, *, accepted: bool) -> Checked:
    """Read every line, keep its claim aside, tell its faults to `faults`."""
    now = datetime.now(UTC)
    checked = Checked(spool)
    with (
        source.blocks(now, accepted=accepted) as blocks,
        progress("Checking", None, f"{source.noun}s") as advance,
    ):
        if source.is_read_aside:
            _in_the_house()  # to have it at hand when they are through
        for block in blocks:
            checked.add(block)
            for one in block.faulty:
                for error in one.errors:
                    faults.add(Fault(one.number, error.pointer, error.detail))
            advance(block.rows)
    return checked


def _in_the_house() -> Any:
    """What is done in the house, whose modules take longer to load than a small file to check."""
    return _module("services.cli.importing")


def _module(name: str) -> Any:
    return importlib.import_module(name)


def _say_tally(common: Common, tally: Any, faults: Faults, name: str) -> None:
    if common.as_json:
        say_json({"import": name, **msgspec.structs.asdict(tally), "faults": faults.kept})
    else:
        said = [f"{tally.new:,} new", f"{tally.already_there:,} already there"]
        said += [f"{tally.refused:,} refused"]
        said += [f"{tally.faulty:,} faulty and left out"] if tally.faulty else []
        said += [f"{counted(tally.same, 'pair')} declared the same"] if tally.same else []
        click.echo(f"Imported into {common.workspace()}: {', '.join(said)}.")
        if not (tally.new or tally.already_there or tally.refused or tally.faulty):
            click.echo("The file holds no claims.", err=True)
        if tally.new:
            undo = _in_the_house().undo_command(common, name)
            click.echo(f"To take them back: {undo}", err=True)
    if tally.refused:
        raise Refused(
            what=f"{counted(tally.refused, 'claim')} refused, as said above.",
            how="Correct the claim on file, or send another id.",
        )


def _pair(said: str) -> tuple[str, str]:
    header, equals, column = said.rpartition("=")
    if not equals or not header:
        raise click.UsageError(f"--column {said!r} is not HEADER=COLUMN.")
    return header.strip(), column.strip()
