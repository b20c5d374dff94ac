"""`webhook-source`: the machines that may submit; a secret is printed when it is made, and never
again."""

import click
import msgspec

from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, options
from services.cli.output import say_facts, say_json, say_table
from services.wiring import House, WebhookSource


class Made(msgspec.Struct, frozen=True):
    """A source whose secret was just made: its name, the secret, and where it submits."""

    source: str
    secret: str
    path: str


@click.group("webhook-source", short_help="Add, list, rotate, disable webhook sources.")
def webhook_source() -> None:
    """Add, list, rotate and disable the machines that may submit by signed webhook."""


@webhook_source.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.option("--trusted", is_flag=True, help="Accept its claims at once, instead of pending.")
@options(*STORE, "format")
@click.pass_obj
def add(common: Common, name: str, *, trusted: bool) -> None:
    """Add a source and print, this once, its secret and where it submits."""

    async def work(house: House) -> tuple[WebhookSource, str]:
        return await house.sources.add(common.workspace(), name, trusted=trusted)

    _say_made(common, *in_house(common, work))


@webhook_source.command("list", cls=Command)
@options(*STORE, "format")
@click.pass_obj
def list_(common: Common) -> None:
    """List the sources of the workspace; disabled ones stay listed."""

    async def work(house: House) -> list[WebhookSource]:
        return await house.sources.listed(common.workspace())

    found = in_house(common, work)
    if common.as_json:
        say_json([msgspec.structs.asdict(source) | {"path": source.path} for source in found])
        return
    heads = ("source", "path", "trusted", "made", "rotated", "secret before good until", "disabled")
    say_table(
        heads,
        [
            (
                source.source,
                source.path,
                source.trusted,
                source.created_at,
                source.rotated_at,
                source.previous_until,
                source.disabled_at,
            )
            for source in found
        ],
    )


@webhook_source.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.option(
    "--overlap-hours",
    type=click.IntRange(min=0, max=24 * 365),
    help="How long the secret before stays good (ARTICLE20_ROTATION_OVERLAP_HOURS).",
)
@options(*STORE, "format")
@click.pass_obj
def rotate(common: Common, name: str, overlap_hours: int | None) -> None:
    """Give a source a new secret, printed this once; the one before stays good for a while."""

    async def work(house: House) -> tuple[WebhookSource, str]:
        hours = house.settings.rotation_overlap_hours if overlap_hours is None else overlap_hours
        return await house.sources.rotate(common.workspace(), name, overlap_hours=hours)

    _say_made(common, *in_house(common, work))


@webhook_source.command(cls=Command)
@click.argument("name", metavar="NAME")
@options(*STORE)
@click.pass_obj
def disable(common: Common, name: str) -> None:
    """Let a source submit no longer; what it submitted stays."""

    async def work(house: House) -> WebhookSource:
        return await house.sources.disable(common.workspace(), name)

    found = in_house(common, work)
    click.echo(f"{found.source} is disabled; {found.path} answers 410 from now on.")


def _say_made(common: Common, source: WebhookSource, secret: str) -> None:
    made = Made(source.source, secret, source.path)
    if common.as_json:
        say_json(made)
        return
    say_facts([("source", made.source), ("secret", made.secret), ("path", made.path)])
    if source.previous_until is not None:
        until = source.previous_until.isoformat(timespec="minutes")
        click.echo(f"The secret before stays good until {until}.", err=True)
    click.echo("The secret is shown this once; keep it now.", err=True)
