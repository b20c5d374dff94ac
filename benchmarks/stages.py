"""One server process for the measurements of `streaming` and `showing`: article20 as it is served,
a bare ASGI application that sends one message to everybody who is connected, or a static file."""

import asyncio
import sys
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
import uvloop
from litestar import Litestar
from litestar.static_files import create_static_files_router

from services.api.logs import log_to_stderr
from services.api.server import serve_app, served
from services.collecting import settle
from services.house import open_house
from services.settings import Settings, read_settings

SECRET_KEY: Final = "a key for measurements, of forty letters"
SOURCE: Final = "measured"
STREAM: Final = b"content-type", b"text/event-stream"
EMPTY: Final = {"type": "http.response.body", "body": b"", "more_body": False}


class Place(msgspec.Struct, frozen=True):
    """Where to follow and where to send, and what to show or sign with, by API or as a person's
    session; told in one line once requests are answered."""

    follow: str
    tell: str = ""
    token: str = ""
    secret: str = ""
    cookie: str = ""


class Bare:
    """Keeps whoever asks connected, and tells them all what is posted."""

    def __init__(self) -> None:
        self.sends: set[Any] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["method"] == "POST":
            body = (await receive())["body"]
            message = {"type": "http.response.body", "body": bytes(body), "more_body": True}
            await asyncio.gather(*(one(message) for one in self.sends))
            await send({"type": "http.response.start", "status": 201, "headers": []})
            await send(EMPTY)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [STREAM]})
        await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
        self.sends.add(send)
        while (await receive())["type"] != "http.disconnect":
            pass
        self.sends.discard(send)


async def serve(
    kind: str, port: int, dsn: str, workspace: str = "default", figures_bytes_max: str = ""
) -> None:
    """Serve until the standard input ends; `dsn` is the file to serve of the kind `static`;
    `figures_bytes_max`: the setting, where it is not to be the default."""
    environ = {
        "ARTICLE20_WORKSPACE": workspace,
        "ARTICLE20_DATABASE_URL": dsn if kind == "ours" else "",
        "ARTICLE20_PORT": str(port),
        "ARTICLE20_SECRET_KEY": SECRET_KEY,
        "ARTICLE20_TOKEN_REQUESTS_PER_SECOND_MAX": "1000000",
        "ARTICLE20_TOKEN_BURST_REQUESTS_MAX": "1000000",
    }
    if figures_bytes_max:
        environ["ARTICLE20_FIGURES_BYTES_MAX"] = figures_bytes_max
    settings = read_settings(environ)
    log_to_stderr(settings.log_level)
    if kind == "bare":
        async with serve_app(Bare(), settings):
            await _told(Place("/live", "/tell"))
    elif kind == "static":
        file = Path(dsn)
        files = create_static_files_router(path="/", directories=[file.parent])
        async with serve_app(Litestar([files], openapi_config=None), settings):
            await _told(Place(f"/{file.name}"))
    else:
        await _ours(settings)


async def _ours(settings: Settings) -> None:
    async with open_house(settings, project=True) as house, served(house):
        settle()
        own = uuid4().hex[:12]  # another server of the same database has another
        source = f"{SOURCE}-{own}"
        _, secret = await house.sources.add(settings.workspace, source, trusted=True)
        _, token = await house.people.create_token(settings.workspace, name="m", role="viewer")
        person = await house.people.add(
            settings.workspace,
            email=f"m-{own}@example.org",
            name="M",
            role="admin",
            password=SECRET_KEY,
        )
        cookie = await house.people.begin_session(person)
        await _told(Place("/api/v1/live", f"/hooks/{source}", token, secret, cookie))


async def _told(place: Place) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(place) + b"\n")
    sys.stdout.buffer.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    settle()  # as every process of the program does when it begins
    uvloop.run(serve(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
