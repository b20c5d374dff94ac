"""`replay` and `report`: answers as of two clocks; they are computed elsewhere and printed here."""

from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click
import msgspec
from click.core import ParameterSource

from domain.clocks import read_known_at
from domain.weight_sets import read_method
from projections.criticism import JOINTS, read_joint
from projections.silence import read_among
from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, Group, options
from services.cli.output import say_parts
from services.cli.writing import named_form, whole_file
from services.house import House
from services.questions import government_code
from services.replay import VIEWS
from services.replay import replay as replay_view
from services.replayed import ListedClaims, json_parts, replayed
from services.reports.model import Brief
from services.reports.render import FORMS, Form, parts
from services.reports.told import BriefPass
from services.spellings import government as government_meant
from services.weighing import weigh

CLOCKS = ("on", "known_at")
VIEW_OF: Final = {
    "treaty": "parties",
    "among": "criticism",
    "joint": "criticism",
    "from_known_at": "changes",
}
"""Options of `replay` and the view that each is of."""
_method = click.option(
    "--method",
    metavar="NAME",
    help="The set of weights to reckon with, one of `weights list`; the published ones by default.",
)


@click.command(cls=Command, short_help="Answer from the events alone.")
@click.option("--view", required=True, metavar="VIEW", help=f"One of {', '.join(VIEWS)}.")
@click.option(
    "--treaty", default="APMBC", show_default=True, metavar="T", help="The treaty of `parties`."
)
@click.option(
    "--among",
    metavar="CODES",
    help="Governments, alliances or regions whose silence `criticism` tells of, parted by commas.",
)
@click.option(
    "--joint",
    type=click.Choice(JOINTS),
    help="How `criticism` tells joint statements: in each voice's row (default), in one of their"
    " own, alone, or not at all.",
)
@click.option(
    "--from-known-at",
    metavar="P",
    help="The first point of knowledge of `changes`; the second is --known-at.",
)
@_method
@options(*CLOCKS, *STORE)
@click.pass_obj
def replay(
    common: Common,
    view: str,
    treaty: str,
    among: str | None,
    joint: str | None,
    from_known_at: str | None,
    method: str | None,
) -> None:
    """Answer from the events alone, with the same JSON as the API gives.

    No view table is read: where this and the API differ, the views are wrong.
    """
    _refuse_others(view)
    on, known_at = common.on(), common.known_at()
    known_from = read_known_at(from_known_at, "from_known_at")
    chosen = read_method(method)

    async def ask(house: House) -> msgspec.Struct | ListedClaims:
        return await replay_view(
            house,
            common.workspace(),
            view,
            on=on,
            known_at=known_at,
            treaty_code=treaty,
            last_day=common.on_said(),
            among=read_among(among, house.circles),
            joint=read_joint(joint),
            known_from=known_from,
            method=chosen,
        )

    say_parts(json_parts(in_house(common, ask)))


def _refuse_others(view: str) -> None:
    """Refuse an option that is another view's, which would be passed over."""
    ctx = click.get_current_context()
    for name, whose in VIEW_OF.items():
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE and view != whose:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} means nothing to {view!r}, only to {whose!r}.", ctx)


@click.group(short_help="Write a report with numbered sources.", cls=Group)
def report() -> None:
    """Write a report with numbered sources, the same bytes for the same clocks."""


@report.command(cls=Command)
@click.argument("code", metavar="CODE")
@click.option(
    "--format",
    type=click.Choice(["html", "json"]),
    help="A page that needs no other file, or JSON; by default as FILE ends, else the page.",
)
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Where to write; - is stdout.",
)
@_method
@options(*CLOCKS, *STORE)
@click.pass_obj
def government(
    common: Common, code: str, format: Form | None, out: Path, method: str | None
) -> None:
    """Write the country brief of the government CODE, such as FIN or Finland."""
    on, known_at = common.on(), common.known_at()
    found = government_code(government_meant(code) or code.upper())
    chosen = read_method(method)
    asked: Form | None = format or ("json" if common.as_json else None)
    form = asked or named_form(out, FORMS, "html", "--out")

    async def gather(house: House) -> Brief:
        log = await replayed(house, common.workspace(), known_at)
        weights, _ = await weigh(house, common.workspace(), chosen, log.known_at)
        told = stack.enter_context(BriefPass(found, on, weights))
        async for version in log.about((found,)):
            told.take(version)
        return told.brief(log.known)

    with ExitStack() as stack:
        document, size = in_house(common, gather), 0
        with whole_file(out) as file:
            for part in parts(document, form):
                size += file.write(part)
    if str(out) != "-":
        click.echo(f"Wrote the country brief of {found} to {out} ({size:,} bytes).")
