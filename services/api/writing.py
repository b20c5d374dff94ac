"""Answers as they go over the wire; what they say is decided elsewhere."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from services.api.headers import CLOSE, POSITION, SECURITY_HEADERS, UNKEPT

RETRY_AFTER_SECONDS: Final = 5
NOWHERE: Final = (POSITION, b"0")
"""Of an answer that tells of no workspace."""
LINE: Final = b"%s: %s\r\n"
_PROBLEM: Final = (b"content-type", b"application/problem+json")

Header = tuple[bytes, bytes]


def written(status: int, headers: Iterable[Header], date: bytes, body: bytes) -> bytes:
    """An answer as it goes over the wire; RuntimeError where a header holds the end of a line."""
    lines = [LINE % header for header in headers]
    head = b"".join([STATUS_LINE[status], date, *lines])
    if head.count(b"\n") != len(lines) + 2 or head.count(b"\r") != len(lines) + 2:
        raise RuntimeError("a header holds the end of a line")
    return b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body)


def refused(status: int, detail: str, date: bytes) -> bytes:
    """The answer to what became no request, as a problem of RFC 9457; the last one."""
    title = HTTPStatus(status).phrase
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    headers: list[Header] = [_PROBLEM, CLOSE, UNKEPT, NOWHERE, *SECURITY_HEADERS]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"%d" % RETRY_AFTER_SECONDS))
    return written(status, headers, date, msgspec.json.encode(problem))
