"""`serve`: the dashboard and the API until somebody stops them; what is served is put together
elsewhere."""

import click

from services.api.logs import log_to_stderr
from services.api.server import address, check_port
from services.api.server import serve as serve_house
from services.cli.housing import in_house_of
from services.cli.options import STORE, Command, Common, options
from services.wiring import House


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

    in_house_of(settings, work, project=True)
