"""What a request brings, read with bounds: its id, its query, its body; it never trusts a size that
was promised."""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

from domain.errors import Article20Error, InvalidQuestion

QUERY_BYTES_MAX: Final = 8192
FIELDS_MAX: Final = 50
MEDIA_TYPES_KEPT_MAX: Final = 256


class BodyTooLarge(Article20Error):
    """The body is larger than {bytes_max} bytes. Send less at a time."""

    slug, status = "too-large", 413


class BodyTooSlow(Article20Error):
    """The body did not arrive within {seconds_max} s. Send it again."""

    slug, status = "too-slow", 408


class ClientGone(Article20Error):
    """The client went away before its body was complete."""

    slug, status = "client-gone", 400


class UnsupportedMediaType(Article20Error):
    """The body is of a kind that is not taken here. Send {allowed}, in UTF-8, not compressed."""

    slug, status = "unsupported-media-type", 415


def request_id(scope: Any) -> str:
    """The id given to a request when it came in."""
    return str(scope["state"].get("request_id", ""))


def instance_of(scope: Any) -> str:
    """The name of a request in problems."""
    return f"urn:article20:request:{request_id(scope)}"


def header(scope: Any, name: bytes) -> str | None:
    """The value of a header, or None; the first one where it is repeated."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def media_type(scope: Any) -> str:
    """The media type of the body, in small letters; empty where none is given, where its charset is
    not UTF-8, or where it is compressed."""
    if (header(scope, b"content-encoding") or "identity").strip().lower() != "identity":
        return ""
    return media_type_of(header(scope, b"content-type") or "")


@lru_cache(maxsize=MEDIA_TYPES_KEPT_MAX)
def media_type_of(said: str) -> str:
    """The media type in a header; see `media_type`."""
    main, *parameters = said.lower().split(";")
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            return ""
    return main.strip()


def read_query(scope: Any, known: tuple[str, ...]) -> Mapping[str, str]:
    """The query of an address; InvalidQuestion where a name is unknown, repeated or unreadable."""
    raw = scope["query_string"]
    if not raw:
        return {}
    try:
        if len(raw) > QUERY_BYTES_MAX:
            raise ValueError("too long")
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError:
        detail = f"write it as name=value, percent-encoded UTF-8, {QUERY_BYTES_MAX} bytes at most"
        raise InvalidQuestion(parameter="query", value="", detail=detail) from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            allowed = ", ".join(known) if known else "none"
            detail = f"this address does not know it; it takes {allowed}"
            raise InvalidQuestion(parameter=name[:40], value=value[:80], detail=detail)
        if name in found:
            raise InvalidQuestion(parameter=name, value=value[:80], detail="it is given twice")
        if any(ord(character) < 32 for character in value):
            detail = "it holds a control character"
            raise InvalidQuestion(parameter=name, value=value[:80], detail=detail)
        found[name] = value
    return found


class Patience:
    """Ends what lasts too long, with one timer for all that is waited for: a timer for each would
    cost a quick request more than reading its body does."""

    def __init__(self, seconds_max: float) -> None:
        self.seconds_max = seconds_max
        self._until: dict[asyncio.Task[Any], float] = {}
        self._ended: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> asyncio.Task[Any]:
        """Count from now on how long the present task waits."""
        task = asyncio.current_task()
        assert task is not None
        loop = task.get_loop()
        self._until[task] = loop.time() + self.seconds_max
        if self._timer is None:
            self._timer = loop.call_later(self.seconds_max, self._look, loop)
        return task

    def end(self, task: asyncio.Task[Any]) -> None:
        """It waits no longer."""
        self._until.pop(task, None)

    def is_over(self, task: asyncio.Task[Any]) -> bool:
        """Whether a task was cancelled because it waited too long, and for nothing else."""
        if task not in self._ended:
            return False
        self._ended.discard(task)
        return task.uncancel() == 0

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel what waits too long; who began first is first to be looked at."""
        self._timer = None
        now = loop.time()
        while self._until:
            task, until = next(iter(self._until.items()))
            if until > now:
                self._timer = loop.call_at(until, self._look, loop)
                return
            del self._until[task]
            self._ended.add(task)
            task.cancel()


async def read_body(scope: Any, receive: Any, *, bytes_max: int, seconds_max: float) -> bytes:
    """The body, counted while it arrives; BodyTooLarge, BodyTooSlow or ClientGone end it early."""
    try:
        async with asyncio.timeout(seconds_max):
            return await _whole(scope, receive, bytes_max)
    except TimeoutError:
        raise BodyTooSlow(seconds_max=seconds_max) from None


async def read_quick_body(scope: Any, receive: Any, *, bytes_max: int, patience: Patience) -> bytes:
    """The same as `read_body`, where thousands of small bodies come in a second."""
    length = _promised(scope, bytes_max)
    task = patience.begin()
    try:
        body, is_whole = _first(await receive(), length, bytes_max)
        return body if is_whole else await _rest(body, receive, bytes_max)
    except asyncio.CancelledError:
        if patience.is_over(task):
            raise BodyTooSlow(seconds_max=patience.seconds_max) from None
        raise
    finally:
        patience.end(task)


async def _whole(scope: Any, receive: Any, bytes_max: int) -> bytes:
    length = _promised(scope, bytes_max)
    body, is_whole = _first(await receive(), length, bytes_max)
    return body if is_whole else await _rest(body, receive, bytes_max)


def _promised(scope: Any, bytes_max: int) -> int | None:
    """How long the body is said to be; BodyTooLarge where that is too long."""
    promised = header(scope, b"content-length")
    length = int(promised) if promised is not None and promised.isdigit() else None
    if length is not None and length > bytes_max:
        raise BodyTooLarge(bytes_max=bytes_max)
    return length


def _first(message: Any, length: int | None, bytes_max: int) -> tuple[bytes, bool]:
    """The first part of a body, and whether it is all of it."""
    if message["type"] != "http.request":
        raise ClientGone()
    body: bytes = message.get("body", b"")
    if len(body) > bytes_max:
        raise BodyTooLarge(bytes_max=bytes_max)
    # A body as long as promised is whole: nothing else comes, so it is not waited for.
    return body, len(body) == length or not message.get("more_body", False)


async def _rest(first: bytes, receive: Any, bytes_max: int) -> bytes:
    parts = bytearray(first)
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone()
        parts += message.get("body", b"")
        if len(parts) > bytes_max:
            raise BodyTooLarge(bytes_max=bytes_max)
        more = message.get("more_body", False)
    return bytes(parts)
