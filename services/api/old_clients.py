"""Answers to clients of HTTP/1.0, which know no chunks: what has no length ends with the
connection; it never changes what is answered."""

from typing import Any, Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

VERSION: Final = "1.0"


def until_closed(app: ASGIApp, cycle: Any) -> ASGIApp:
    """The application for one request of such a client.

    `cycle` is what uvicorn keeps of the request: it sends in chunks whatever tells no length, and
    closes the connection after each answer to HTTP/1.0.
    """

    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        is_unmeasured = False

        async def sending(message: Message) -> None:
            nonlocal is_unmeasured
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message.get("headers", ())}
                is_unmeasured = b"content-length" not in names
                if is_unmeasured:
                    cycle.chunked_encoding = False
            elif message["type"] == "http.response.body" and is_unmeasured:
                cycle.expected_content_length = len(message.get("body", b""))
            await send(message)

        await app(scope, receive, sending)

    return plain
