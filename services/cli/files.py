"""`export`: claims out as a file; what is written is found elsewhere."""

from pathlib import Path

import click

from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, options
from services.cli.output import progress
from services.cli.writing import whole_file
from services.export import believed_claims
from services.wiring import PROGRAM, AuditLine, House


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
