"""`export`: claims out as a file; what is written is found elsewhere."""

from datetime import date
from pathlib import Path
from typing import Any, Final, get_args

import click
import msgspec

from domain.claims import Status
from domain.clocks import HEAD, KnownAt
from domain.dates import partial_date
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF
from domain.treaties import TREATIES
from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, options
from services.cli.output import counted, progress
from services.cli.writing import named_form, whole_file
from services.house import House
from services.intake.sheets.writing import SHEET_FORMATS, SheetFormat, claims_aside, write_claims
from services.spellings import government as government_meant
from services.tables.believed import believed_claims, reach
from services.tables.exporting import export_list
from services.wiring import PROGRAM, AuditLine, ClaimFilter

VIEWS_WAIT_SECONDS_MAX: Final = 600.0


def _day(ctx: click.Context, param: click.Parameter, said: str | None) -> date | None:
    """The first or last day of what was said."""
    if said is None:
        return None
    try:
        found = partial_date(said)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None
    return found.first_day if param.name == "first_day" else found.last_day


def _government(ctx: click.Context, param: click.Parameter, said: str | None) -> str | None:
    found = None if said is None else government_meant(said)
    if said is not None and found is None:
        raise click.BadParameter(f"{said!r} is no government known here", ctx, param)
    return found if found in GOVERNMENTS else None


@click.command(cls=Command, short_help="Write the claims as JSONL, CSV or XLSX.")
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Where to write; - is stdout.",
)
@click.option(
    "--as",
    "form",
    type=click.Choice(SHEET_FORMATS),
    help="The form of the file; by default the one its name ends in, jsonl without an ending.",
)
@click.option("--government", callback=_government, help="Only claims that concern it.")
@click.option("--kind", type=click.Choice(sorted(DETAILS_OF)), metavar="KIND", help="Only these.")
@click.option("--status", type=click.Choice(get_args(Status)), help="Only claims that stand so.")
@click.option("--treaty", type=click.Choice(sorted(TREATIES)), help="Only claims under it.")
@click.option("--actor", help="Only claims by this actor: `state:NOR`, or a code or name.")
@click.option("--words", "q", help="Only claims in which all these words occur.")
@click.option("--from", "first_day", callback=_day, help="Only claims of this day or later.")
@click.option("--to", "last_day", callback=_day, help="Only claims of this day or earlier.")
@options(*STORE, "known_at")
@click.pass_obj
def export(common: Common, /, out: Path, form: SheetFormat | None, **asked: Any) -> None:
    """Write every claim as believed at --known-at, or those that the filters let through.

    The file says of each claim since when it was known, its status and what it is the same as.
    Importing it into an empty workspace makes the same claims, standings and numbers; into the
    same one it changes nothing.
    """
    if (first := asked["first_day"]) and (last := asked["last_day"]) and first > last:
        raise click.UsageError(
            f"--from {first} comes after --to {last}: give them the other way round."
        )
    known_at = common.known_at()
    chosen = form or named_form(out, SHEET_FORMATS, "jsonl", "--out")
    narrowed = {name: value for name, value in asked.items() if value is not None}

    async def write(house: House) -> tuple[int, int]:
        if narrowed:
            return await _write_list(house, common, known_at, ClaimFilter(**narrowed), chosen, out)
        return await _write_all(house, common, known_at, chosen, out)

    count, position = in_house(common, write, project=bool(narrowed))
    if str(out) != "-":
        said = f"Wrote {counted(count, 'claim')} of {common.workspace()} to {out}"
        click.echo(f"{said}, from the log up to position {position:,}.")


async def _write_all(
    house: House, common: Common, known_at: KnownAt, form: SheetFormat, out: Path
) -> tuple[int, int]:
    """Every claim, from the events alone, some at a time."""
    workspace = common.workspace()
    until = await reach(house, workspace, known_at)
    at = KnownAt(position=until) if known_at == HEAD else known_at
    with whole_file(out) as file, claims_aside() as aside:
        count = read = 0
        with progress("Writing", until, "events") as advance:
            async for position, plains in believed_claims(house, workspace, at):
                for plain in plains:
                    if form == "jsonl":
                        file.write(msgspec.json.encode(plain) + b"\n")
                    else:
                        aside.add(plain)
                count += len(plains)
                advance(position - read)
                read = position
        if form != "jsonl":
            write_claims(aside, form, file, [("known_at", f"seq:{until}")])
        # The file takes its place only after the audit list tells of it.
        await _tell(house, common, count, until)
    return count, until


async def _write_list(
    house: House,
    common: Common,
    known_at: KnownAt,
    filter_: ClaimFilter,
    form: SheetFormat,
    out: Path,
) -> tuple[int, int]:
    """The claims that a filter lets through, from the views."""
    workspace = common.workspace()
    head = await house.store.head(workspace)
    await house.views.wait_for(workspace, head, VIEWS_WAIT_SECONDS_MAX)
    about = [
        (name, str(value))
        for name in filter_.__struct_fields__
        if (value := getattr(filter_, name)) is not None
    ]
    found = await export_list(house, workspace, known_at, filter_, form, about, oldest=True)
    await _tell(house, common, found.count, found.position)
    with whole_file(out) as file:
        for part in found.parts:
            file.write(part)
    return found.count, found.position


async def _tell(house: House, common: Common, count: int, position: int) -> None:
    told = f"{count} claims, from the log up to position {position}"
    exported = AuditLine(action="exported", by=PROGRAM, subject="article20 export", detail=told)
    await house.audit.write(common.workspace(), exported)
