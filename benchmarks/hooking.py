"""One server process for the measurements of `submitting`: article20 as it is served, the same on
granian, or a plain route that verifies and validates the same claims and stores nothing."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, Response, post
from litestar.params import FromPath

from benchmarks.overloading import WAITING_MAX
from domain.claims import read_submission
from domain.kinds import DETAILS_OF
from services.api.app import enveloped
from services.api.claims import Receipt
from services.api.logs import log_to_stderr
from services.api.server import BACKLOG, CONNECTIONS_MAX, serve_app, served
from services.api.serving import Serving
from services.collecting import settle
from services.house import House, open_house
from services.intake.webhooks.signatures import read_delivery, verify
from services.settings import read_settings

SECRET_KEY: Final = "a key for measurements, of forty letters"
SOURCE: Final = "measured"


class Hook(msgspec.Struct, frozen=True):
    """Where to send, and the secret to sign with; told in one line once requests are answered."""

    path: str
    secret: str


async def serve(kind: str, port: int, dsn: str) -> None:
    """Serve until the standard input ends; of the kind `projecting` the same process brings the
    views forward, of the kind `narrow` few submissions may wait."""
    environ = {
        "ARTICLE20_DATABASE_URL": dsn,
        "ARTICLE20_PROJECT": str(kind == "projecting").lower(),
        "ARTICLE20_PORT": str(port),
        "ARTICLE20_SECRET_KEY": SECRET_KEY,
        "ARTICLE20_SOURCE_REQUESTS_PER_SECOND_MAX": "1000000",
        "ARTICLE20_SOURCE_BURST_REQUESTS_MAX": "1000000",
    }
    if kind == "narrow":
        environ["ARTICLE20_APPEND_WAITING_MAX"] = str(WAITING_MAX)
    settings = read_settings(environ)
    log_to_stderr(settings.log_level)  # as `article20 serve` does
    async with open_house(settings, project=True) as house:
        _, secret = await house.sources.add(settings.workspace, SOURCE, trusted=True)
        tell = msgspec.json.encode(Hook(f"/hooks/{SOURCE}", secret)) + b"\n"
        if kind == "plain":
            serving = serve_app(plain(house), settings)
        elif kind == "granian":
            serving = on_granian(house, port)
        else:
            serving = served(house)
        async with serving:
            settle()  # as `article20 serve` does, for whoever serves here
            sys.stdout.buffer.write(tell)
            sys.stdout.buffer.flush()
            await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def on_granian(house: House, port: int) -> AsyncIterator[asyncio.Task[None]]:
    """The house as it is served, by granian in the same process, as its documentation has it."""
    serving = Serving(house)
    serving.hub.start()
    server: Any = Server(
        enveloped(serving),
        port=port,
        interface=Interfaces.ASGINL,
        websockets=False,
        backlog=BACKLOG,
        backpressure=CONNECTIONS_MAX,
        log_access=False,
        log_enabled=False,
    )
    running = asyncio.create_task(server.serve())
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.close()
        break
    yield running
    server.stop()
    await running
    await serving.hub.close()
    await serving.checks.close()


def plain(house: House) -> Litestar:
    """An ordinary route: the framework reads the body and writes the answer, nothing is stored."""

    @post("/hooks/{source:str}")
    async def take(request: Request[Any, Any, Any], source: FromPath[str]) -> Response[Receipt]:
        raw = await request.body()
        delivery = read_delivery(request.scope["headers"])
        signer = await house.sources.find(source)
        assert signer is not None
        now = house.now()
        verify(delivery, raw, signer.secrets(now), now=time.time(), tolerance_seconds=300)
        submission = read_submission(
            raw, details_of=DETAILS_OF, now=now, new_id="none", backfill=True
        )
        return Response(Receipt(claim=submission.claim.id, position=1, status="accepted"))

    return Litestar([take], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
