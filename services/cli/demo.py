"""`demo`: everything started and furnished, and what to try with it printed; it listens on this
machine alone."""

import shlex
import shutil
import sys
from pathlib import Path

import click

from services.api.logs import log_to_stderr
from services.api.server import address, check_port, serve
from services.cli.housing import in_house_of
from services.cli.options import STORE, Command, Common, options
from services.cli.output import say_json
from services.demo import WORKSPACE, Furnished, furnish
from services.house import House
from services.settings import Settings, user_data_dir

PORT_VARIABLE = "PORT"
LOG_LEVEL = "warning"


@click.command(cls=Command, short_help="Start everything, with the shipped chronology.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar=PORT_VARIABLE,
    help=f"The port to listen on; by default 8020 ({PORT_VARIABLE}, ARTICLE20_PORT).",
)
@options(*STORE, "format")
@click.pass_obj
def demo(common: Common, port: int | None) -> None:
    """Start everything with the shipped chronology, and print how to try it.

    The dashboard listens on this machine alone. Running it again changes nothing; Ctrl-C stops
    everything it started.
    """
    settings = common.settings(
        host="127.0.0.1",
        port=None if port is None else str(port),
        workspace=common.said.get("workspace", WORKSPACE),
    )
    log_to_stderr(LOG_LEVEL)
    check_port(settings)
    tell = _silent if common.as_json else click.echo
    tell(f"Starting PostgreSQL in {settings.data_dir} ...")

    async def work(house: House) -> None:
        furnished = await furnish(house, tell)
        if house.projector is not None:
            await house.projector.catch_up(settings.workspace)

        def ready() -> None:
            if common.as_json:
                say_json(_facts(settings, furnished))
            else:
                _say(settings, furnished)

        await serve(house, ready)

    in_house_of(settings, work, project=True, missing="made")
    tell("Stopped everything.")


def _silent(_: str) -> None:
    """Says nothing: the one line of JSON comes when everything is ready."""


def _facts(settings: Settings, furnished: Furnished) -> dict[str, object]:
    return {
        "url": address(settings),
        "workspace": settings.workspace,
        "logins": furnished.logins,
        "source": furnished.source,
        "secret": furnished.secret,
        "sample": str(furnished.sample),
        "send": _send_command(settings, furnished),
        "token": _token_command(settings),
    }


def _say(settings: Settings, furnished: Furnished) -> None:
    click.echo(f"\nThe dashboard is at {address(settings)}\n")
    width = max(len(login.email) for login in furnished.logins)
    click.echo("Log in as")
    for login in furnished.logins:
        click.echo(f"  {login.email.ljust(width)}  password {login.password}")
    click.echo("\nMake a token for the API with")
    click.echo(f"  {_token_command(settings)}")
    click.echo("\nSend a signed webhook, and see the page of Finland change, with")
    click.echo(f"  {_send_command(settings, furnished)}")
    click.echo("\nCtrl-C stops everything.")


def _send_command(settings: Settings, furnished: Furnished) -> str:
    words = [*_program(), "send", str(furnished.sample)]
    words += ["--source", furnished.source, "--url", address(settings)]
    return f"WEBHOOK_SECRET={shlex.quote(furnished.secret)} {shlex.join(words)}"


def _token_command(settings: Settings) -> str:
    words = [*_program(), "token", "create", "--role", "viewer", "--workspace", settings.workspace]
    if settings.database_url:
        words += ["--database-url", "..."]  # it holds a password, which is not for the screen
    elif settings.data_dir != user_data_dir():
        words += ["--data-dir", str(settings.data_dir)]
    return shlex.join(words)


def _program() -> list[str]:
    """How this program is called from the folder in which it was called now."""
    called = Path(sys.argv[0])
    if called.name != "article20":
        return [sys.executable, "-m", "services.cli"]
    if shutil.which("article20") == str(called):
        return ["article20"]
    here = Path.cwd()
    absolute = called.absolute()
    return [str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute)]
