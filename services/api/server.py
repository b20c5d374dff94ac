"""Serves a house over HTTP until it is told to stop, then lets what is under way end; it never
opens the house itself."""

import asyncio
import errno
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from granian.constants import Interfaces
from granian.server.embed import Server
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from domain.errors import SetupRefused
from services.api.app import enveloped
from services.api.serving import Serving
from services.collecting import settle
from services.settings import Settings
from services.wiring import House, ViewsAstray

START_SECONDS_MAX: Final = 10.0
BACKLOG: Final = 2048
"""How many connections wait to be accepted."""
CONNECTIONS_MAX: Final = 8192
"""How many are served at a time besides live streams; further ones wait."""


def check_port(settings: Settings) -> None:
    """SetupRefused in one line when the address to listen on is not to be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            raise SetupRefused(
                what=f"port {settings.port} of {settings.host} "
                + ("is taken" if taken else f"cannot be used ({error.strerror})"),
                how="give another one with --port or ARTICLE20_PORT",
            ) from error


def address(settings: Settings) -> str:
    """Where the server is reached: what people type, or the address it listens on."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


async def serve(house: House, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once requests are answered."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        async with served(house) as running:
            settle()
            ready()
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({stopped, running}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if running.done():
                await running
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def served(house: House) -> AsyncIterator[asyncio.Task[None]]:
    """The house, served while the block lasts; gives the task of the server."""
    check_port(house.settings)
    if (workspace := await house.watch.astray()) is not None:
        raise ViewsAstray(workspace=workspace)
    serving = Serving(house)
    serving.hub.start()
    serving.feeding.start()
    async with serve_app(enveloped(serving), house.settings) as running:
        try:
            yield running
        finally:
            # Streams end before the server stops, or it would wait for them.
            await serving.hub.close()
            await serving.imports.close()
            await serving.checks.close()
            await serving.feeding.close()


@asynccontextmanager
async def serve_app(app: Any, settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """An ASGI application, served while the block lasts; gives the task of the server."""
    check_port(settings)
    if settings.forwarded_by:
        app = wrap_asgi_with_proxy_headers(app, settings.forwarded_by)
    server = Server(
        app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        websockets=False,
        backlog=BACKLOG,
        # Open streams are connections too: they may not keep others out.
        backpressure=settings.live_clients_max + CONNECTIONS_MAX,
        log_access=False,
        log_enabled=False,
    )
    running = asyncio.create_task(server.serve())
    try:
        await _answering(settings, running)
        yield running
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # untyped in the library
        try:
            async with asyncio.timeout(settings.shutdown_seconds_max):
                await asyncio.shield(running)
        except TimeoutError:
            running.cancel()


async def _answering(settings: Settings, running: asyncio.Task[None]) -> None:
    """Wait until the server accepts connections; SetupRefused when it does not come to that."""
    async with asyncio.timeout(START_SECONDS_MAX):
        while not running.done():
            try:
                _, writer = await asyncio.open_connection(settings.host, settings.port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            return
    await running
