"""A small server for the browser tests: rendered samples, the real policy, a stream to write to."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import msgspec

from services.dashboard.assets import PREFIX, assets
from services.dashboard.charts.world import NAME as WORLD
from services.dashboard.charts.world import world
from services.dashboard.render import render

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Stage:
    """What the server shows, which may change while a page is open, and the streams it feeds."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.streams: list[queue.Queue[bytes | None]] = []
        self.after: list[str | None] = []
        self.down = False
        self.overloaded = False
        self.unserved = threading.Event()
        self.refusal = HTTPStatus.SERVICE_UNAVAILABLE
        self.refused = threading.Event()
        self.address = ""

    def show(self, path: str, page: msgspec.Struct) -> None:
        """Put a page at a path, in place of what was there."""
        self.pages[path] = render(page)

    def announce(self, position: int, governments: tuple[str, ...]) -> None:
        """Say on every open stream that views moved on."""
        views = {"position": position, "governments": governments, "claims": ()}
        data = msgspec.json.encode(views)
        for stream in self.streams:
            stream.put(b"id: %d\nevent: views\ndata: %s\n\n" % (position, data))

    def hang_up(self) -> None:
        """End every open stream."""
        for stream in self.streams:
            stream.put(None)
        self.streams.clear()


class _Handler(BaseHTTPRequestHandler):
    stage: Stage
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A stream, a static file or a page."""
        parts = urlsplit(self.path)
        if parts.path == "/live":
            self._stream(parse_qs(parts.query).get("after", [""])[0])
        elif parts.path.startswith(PREFIX):
            name = parts.path.removeprefix(PREFIX)
            asset = world().asset if name == WORLD else assets()[name]
            self._answer(asset.body, asset.media_type)
        elif self.stage.overloaded:
            self.stage.unserved.set()
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
        elif parts.path in self.stage.pages:
            page = self.stage.pages[parts.path].encode()
            self._answer(page, "text/html; charset=utf-8")
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, body: bytes, media_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, after: str) -> None:
        if self.stage.down:
            self.stage.refused.set()
            self.send_error(self.stage.refusal)
            return
        self.close_connection = True
        self.stage.after.append(self.headers.get("Last-Event-ID") or after)
        stream: queue.Queue[bytes | None] = queue.Queue()
        self.stage.streams.append(stream)  # before the page can know that it is connected
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"retry: 100\n\n")
        self.wfile.flush()
        while (chunk := stream.get()) is not None:
            try:
                self.wfile.write(chunk)
                self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                return


@contextmanager
def served() -> Iterator[Stage]:
    """A stage behind a port of its own on loopback."""
    stage = Stage()
    handler = type("Handler", (_Handler,), {"stage": stage})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    stage.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stage
    finally:
        stage.hang_up()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
