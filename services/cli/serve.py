"""`serve` and `project`: what runs until somebody stops it; what is served is put together
elsewhere."""

import asyncio
import signal

import click
import msgspec

from services.api.logs import log_to_stderr
from services.api.server import address, check_port
from services.api.server import serve as serve_house
from services.cli.housing import in_house_of
from services.cli.options import STORE, Command, Common, options
from services.house import House


@click.command(cls=Command)
@click.option("--host", help="The address to listen on (ARTICLE20_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="The port (ARTICLE20_PORT).")
@options(*STORE)
@click.pass_obj
def serve(common: Common, host: str | None, port: int | None) -> None:
    """Serve the dashboard and the API until Ctrl-C.

    Several processes may serve one database; one of them keeps the views.
    """
    settings = common.settings(
        host=host,
        port=None if port is None else str(port),
        workspace=common.said.get("workspace"),
    )
    log_to_stderr(settings.log_level)
    check_port(settings)

    async def work(house: House) -> None:
        where = f"Serving {address(settings)}, workspace {settings.workspace}. Ctrl-C stops."
        await serve_house(house, lambda: click.echo(where))

    in_house_of(settings, work, project=True, missing="first")


@click.command(cls=Command, short_help="Bring the views forward until Ctrl-C.")
@options(*STORE)
@click.pass_obj
def project(common: Common) -> None:
    """Bring the views of every workspace forward until Ctrl-C.

    For servers that leave it to others (ARTICLE20_PROJECT=false). Of several processes that would,
    one does, and another takes over when it ends.
    """
    settings = msgspec.structs.replace(common.settings(), project=True)
    log_to_stderr(settings.log_level)

    async def work(_house: House) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        click.echo("Bringing the views forward. Ctrl-C stops.")
        await stop.wait()

    in_house_of(settings, work, project=True, missing="left")
