"""Serves a house over HTTP until it is told to stop, then lets what is under way end; it never
opens the house itself."""

import asyncio
import errno
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from domain.errors import SetupRefused
from services.api import wire
from services.api.app import enveloped
from services.api.serving import Serving
from services.api.straight import Straight
from services.collecting import settle
from services.house import House
from services.settings import Settings
from services.wiring import ViewsAstray

BACKLOG: Final = 2048
"""How many connections wait to be accepted."""
CONNECTIONS_MAX: Final = 8192
"""How many are served at a time besides live streams; further ones are told to come again."""


def check_port(settings: Settings) -> None:
    """SetupRefused in one line when the address to listen on is not to be had."""
    with _socket(settings) as probe:
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
    app = enveloped(serving)
    async with serve_app(app, house.settings, Straight(serving, app)) as running:
        try:
            yield running
        finally:
            # Streams end before the server stops, or it would wait for them.
            await serving.hub.close()
            await serving.imports.close()
            await serving.checks.close()
            await serving.feeding.close()


@asynccontextmanager
async def serve_app(
    app: Any, settings: Settings, straight: wire.Straight | None = None
) -> AsyncIterator[asyncio.Task[None]]:
    """An ASGI application, served while the block lasts; gives the task of the server."""
    check_port(settings)
    front = wire.Front(
        app,
        # Open streams are connections too: they may not keep others out.
        connections_max=settings.live_clients_max + CONNECTIONS_MAX,
        forwarded_by=settings.forwarded_by or None,
        straight=straight,
    )
    loop = asyncio.get_running_loop()
    server = await loop.create_server(front.connection, sock=_listening(settings), backlog=BACKLOG)
    running = asyncio.create_task(front.keep_watch())
    try:
        yield running
    finally:
        server.close()
        await front.close(settings.shutdown_seconds_max)
        running.cancel()


def _listening(settings: Settings) -> socket.socket:
    """A socket at the address to listen on."""
    listening = _socket(settings)
    listening.bind((settings.host, settings.port))
    listening.setblocking(False)
    return listening


def _socket(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made
