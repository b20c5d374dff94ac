"""What surrounds every request and answer: its id, the headers every answer carries, counts and the
log line; it never reads a body and never changes a status."""

import os
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

from services.api.headers import (
    ALWAYS,
    CLOSE,
    HEAD_ALONE,
    POSITION,
    SECURITY_HEADERS,
    TRANSPORT_SECURITY,
    UNKEPT,
    UNREAD,
    VARY,
)
from services.api.serving import Serving

ID_BYTES: Final = 16

Header = tuple[bytes, bytes]
Door = Callable[[Any, Any, Any, tuple[Header, ...]], Awaitable[int]]
"""Answers a request by itself, with the headers that every answer carries; the status, 0 where
nobody was left to answer."""

_log = structlog.get_logger("article20")


class Envelope:
    """The outermost ASGI application, around the framework's.

    `door` takes the requests that `is_for_door`: those come by thousands a second, and the way
    through the framework costs more than what is done about them.
    """

    def __init__(
        self, app: Any, serving: Serving, is_for_door: Callable[[Any], bool], door: Door
    ) -> None:
        self.app, self.serving = app, serving
        self._is_for_door, self._door = is_for_door, door
        self._tells_requests = serving.settings.log_level == "debug"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        id_ = os.urandom(ID_BYTES).hex()
        state: dict[str, Any] = {"request_id": id_}
        scope["state"] = state
        method = scope["method"]
        status = 0
        try:
            if self._is_for_door(scope):
                status = 500
                status = await self._door(scope, receive, send, self._always(scope, id_))
                return
            if method == "HEAD":
                scope = {**scope, "method": "GET"}  # to the server it stays what it is
                state[HEAD_ALONE] = True

            async def send_on(message: Any) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    # A new message: the one given may be the same for every request.
                    headers = self._headers(scope, state, message["headers"])
                    if status in UNREAD:
                        headers.append(CLOSE)
                    message = {**message, "headers": headers}
                elif method == "HEAD":
                    if message.get("more_body", False):
                        return
                    message = {**message, "body": b""}
                await send(message)

            await self.app(scope, receive, send_on)
        finally:
            route = str(scope.get("path_template") or "unknown")
            seconds = None if state.get("streams", False) else time.perf_counter() - started
            self.count(route, method, status, seconds, id_)

    def _always(self, scope: Any, request_id: str) -> tuple[Header, ...]:
        always = ALWAYS[self.serving.access.is_secure(scope)]
        return (*always, (b"x-request-id", request_id.encode()))

    def _headers(self, scope: Any, state: Any, headers: Any) -> list[Header]:
        found = [(bytes(name).lower(), bytes(value)) for name, value in headers]
        names = {name for name, _ in found}
        if b"allow" in names:
            found = [(n, _allowed(state, v) if n == b"allow" else v) for n, v in found]
        found += SECURITY_HEADERS
        found.append((b"x-request-id", state["request_id"].encode()))
        if self.serving.access.is_secure(scope):
            found.append(TRANSPORT_SECURITY)
        if b"cache-control" not in names:
            found.append(UNKEPT)
        if b"vary" not in names:
            found.append(VARY)
        if POSITION not in names:
            position = self.serving.position(state.get("workspace", ""))
            found.append((POSITION, b"%d" % position))
        return found

    def count(
        self, route: str, method: str, status: int, seconds: float | None, request_id: str
    ) -> None:
        """Count an answer, and log it where requests are told; without seconds it was a stream."""
        self.serving.metrics.answered(route, method, status, seconds)
        if self._tells_requests:
            _log.debug(
                "request",
                request_id=request_id,
                route=route,
                method=method,
                status=status,
                ms=None if seconds is None else round(seconds * 1000, 1),
            )


def _allowed(state: Any, value: bytes) -> bytes:
    """The methods of an address, HEAD among them wherever GET is."""
    methods = set(state.get("methods", value.decode().split(", ")))
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set()))).encode()
