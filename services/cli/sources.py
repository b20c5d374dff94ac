"""`webhook-source`: the machines that may submit; a secret is printed when it is made, and never
again."""

import click
import msgspec

from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, Group, options
from services.cli.output import say_facts, say_json, say_list
from services.house import House
from services.wiring import Limits, WebhookSource


class Made(msgspec.Struct, frozen=True):
    """A source whose secret was just made: its name, the secret, and where it submits."""

    source: str
    secret: str
    path: str


COLUMNS = {
    **{"source": "source", "path": "path", "trusted": "trusted", "signs": "scheme"},
    **{"kinds": "kinds", "governments": "governments", "a second": "requests_per_second_max"},
    **{"made": "created_at", "rotated": "rotated_at"},
    **{"secret before good until": "previous_until", "disabled": "disabled_at"},
}
"""Heading of a list of sources -> the field below it."""
PUBLIC_KEY = click.option(
    "--public-key",
    metavar="WHPK",
    help="The Ed25519 key it signs with (whpk_…), instead of a secret made here.",
)


@click.group("webhook-source", short_help="Add, list, rotate, disable webhook sources.", cls=Group)
def webhook_source() -> None:
    """Add, list, rotate and disable the machines that may submit by signed webhook."""


@webhook_source.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.option("--trusted", is_flag=True, help="Accept its claims at once, instead of pending.")
@PUBLIC_KEY
@options(*STORE, "format")
@click.pass_obj
def add(common: Common, name: str, public_key: str | None, *, trusted: bool) -> None:
    """Add a source and print, this once, its secret and where it submits."""

    async def work(house: House) -> tuple[WebhookSource, str]:
        return await house.sources.add(
            common.workspace(), name, trusted=trusted, public_key=public_key
        )

    _say_made(common, *in_house(common, work, missing="first"))


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
    else:
        say_list(found, COLUMNS, as_json=False)


@webhook_source.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.option(
    "--overlap-hours",
    type=click.IntRange(min=0, max=24 * 365),
    help="How long the secret before stays good (ARTICLE20_ROTATION_OVERLAP_HOURS).",
)
@PUBLIC_KEY
@options(*STORE, "format")
@click.pass_obj
def rotate(common: Common, name: str, overlap_hours: int | None, public_key: str | None) -> None:
    """Give a source a new secret, printed this once; the one before stays good for a while."""

    async def work(house: House) -> tuple[WebhookSource, str]:
        hours = house.settings.rotation_overlap_hours if overlap_hours is None else overlap_hours
        return await house.sources.rotate(
            common.workspace(), name, overlap_hours=hours, public_key=public_key
        )

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


@webhook_source.command(cls=Command)
@click.argument("name", metavar="NAME")
@options(*STORE)
@click.pass_obj
def enable(common: Common, name: str) -> None:
    """Let a disabled source submit again."""

    async def work(house: House) -> WebhookSource:
        return await house.sources.enable(common.workspace(), name)

    found = in_house(common, work)
    click.echo(f"{found.source} is enabled; it may submit to {found.path}.")


@webhook_source.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.argument("whether", type=click.Choice(["yes", "no"]))
@options(*STORE)
@click.pass_obj
def trust(common: Common, name: str, whether: str) -> None:
    """Accept the claims of a source at once (yes), or let them pend (no), from now on."""

    async def work(house: House) -> WebhookSource:
        return await house.sources.trust(common.workspace(), name, trusted=whether == "yes")

    found = in_house(common, work)
    what = "are accepted at once" if found.trusted else "wait for the desk"
    click.echo(f"Claims of {found.source} {what} from now on.")


@webhook_source.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="A kind it may submit.")
@click.option(
    "--government",
    "governments",
    multiple=True,
    metavar="CODE",
    help="A government its claims may concern.",
)
@click.option(
    "--per-second", type=click.FloatRange(min=0, min_open=True), help="Its rate, on average."
)
@click.option("--burst", type=click.IntRange(min=1), help="How many it may send at once.")
@options(*STORE)
@click.pass_obj
def limit(
    common: Common,
    name: str,
    kinds: tuple[str, ...],
    governments: tuple[str, ...],
    per_second: float | None,
    burst: int | None,
) -> None:
    """Limit what a source may submit and how often, in place of its limits before.

    What is not named is not limited; the rate is then the one of the settings.
    """
    limits = Limits(
        kinds=kinds or None,
        governments=governments or None,
        requests_per_second_max=per_second,
        burst_requests_max=burst,
    )

    async def work(house: House) -> WebhookSource:
        return await house.sources.limit(common.workspace(), name, limits)

    found = in_house(common, work)
    said = [
        ", ".join(found.kinds or ("every kind",)),
        ", ".join(found.governments or ("every government",)),
    ]
    if found.requests_per_second_max is not None:
        said.append(f"{found.requests_per_second_max:g} a second")
    click.echo(f"{found.source} may submit: {'; '.join(said)}.")


def _say_made(common: Common, source: WebhookSource, secret: str) -> None:
    made = Made(source.source, secret, source.path)
    if common.as_json:
        say_json(made)
        return
    what = "public key" if source.scheme == "v1a" else "secret"
    say_facts([("source", made.source), (what, made.secret), ("path", made.path)])
    if source.previous_until is not None:
        until = source.previous_until.isoformat(timespec="minutes")
        click.echo(f"The secret before stays good until {until}.", err=True)
    if source.scheme == "v1":
        click.echo("The secret is shown this once; keep it now.", err=True)
