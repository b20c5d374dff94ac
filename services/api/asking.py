"""Reads over HTTP: clocks, waiting for a position, ETag and the answer; it never asks a view
itself."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from functools import cache
from importlib import metadata
from typing import Any, Final

import msgspec
from litestar import Request, Response

from domain.clocks import KnownAt, read_known_at, read_on
from domain.errors import Article20Error, InvalidQuestion, ViewsStopped
from domain.weight_sets import read_method
from services.api.access import Principal
from services.api.requests import header, read_query
from services.api.serving import Serving

JSON: Final = "application/json"
POSITION: Final = "Article20-Position"
NOT_FOUND: Final = 404
DIGITS_MAX: Final = 18

Answer = tuple[int, msgspec.Struct]


class Asked:
    """One question: who asks in which workspace, on which day, as known when, with which query."""

    def __init__(self, request: Request[Any, Any, Any], serving: Serving) -> None:
        self.request, self.serving = request, serving
        self.principal: Principal = request.scope["user"]
        self.workspace = self.principal.workspace
        self.query: Mapping[str, str] = read_query(
            request.scope, request.route_handler.opt["query"]
        )
        self.today = serving.house.now().date()
        self.on: date = read_on(self.query.get("on"), self.today)
        self.known_at: KnownAt = read_known_at(self.query.get("known_at"))
        self.min_position = number(self.query, "min_position", 0)
        self.method: str | None = read_method(self.query.get("method"))

    async def answer(
        self,
        ask: Callable[[], Awaitable[Answer]],
        headers: Callable[[], dict[str, str]] | None = None,
    ) -> Response[Any]:
        """The answer of `ask`, or 304 where the client has it; `headers` are asked for after."""
        await self.wait()
        watermark = await self.serving.house.views.watermark(self.workspace)
        self.serving.saw(self.workspace, watermark.position)
        standing = {POSITION: str(watermark.position), "Cache-Control": "private, no-cache"}
        tag = self.tag(watermark.position, watermark.epoch)
        if is_held(self.request.scope, tag):
            return json_answer(None, 304, {**standing, "ETag": tag})
        try:
            position, found = await ask()
        except Article20Error as error:
            if error.status == NOT_FOUND and watermark.faults:
                # What is not there may stand behind the event that stopped a view.
                self.hold(min(fault.position for fault in watermark.faults) - 1)
            raise
        self.hold(position)
        standing[POSITION] = str(position)
        standing["ETag"] = self.tag(position, watermark.epoch)
        if headers is not None:
            standing.update(headers())
        return json_answer(found, 200, standing)

    async def wait(self) -> None:
        """Wait until the views have reached the position asked for; StillBehind after a while."""
        if self.min_position:
            await self.serving.house.views.wait_for(
                self.workspace,
                self.min_position,
                self.serving.settings.min_position_wait_seconds_max,
            )

    def hold(self, position: int) -> None:
        """Hold an answer to the position asked for: ViewsStopped where rows that it was drawn from
        stopped before it, although the views as a whole went on."""
        if position < self.min_position:
            raise ViewsStopped(position=position, min_position=self.min_position)

    def tag(self, position: int, epoch: int) -> str:
        """What an answer at this address depends on: where the views stand, in which workspace,
        both clocks, and this release."""
        rest = f"{self.workspace} {epoch} {self.on} {self.known_at} {release()}"
        return f'"{position}.{hashlib.sha256(rest.encode()).hexdigest()[:16]}"'


def json_answer(
    found: msgspec.Struct | None, status: int = 200, headers: dict[str, str] | None = None
) -> Response[Any]:
    """An answer in JSON, written here and not by the framework; without a body for None."""
    body = None if found is None else msgspec.json.encode(found)
    return Response(body, media_type=JSON, status_code=status, headers=headers)


def is_held(scope: Any, tag: str) -> bool:
    """Whether the client holds the answer that a tag stands for (`If-None-Match`)."""
    held = header(scope, b"if-none-match")
    if held is None:
        return False
    tags = {one.strip().removeprefix("W/") for one in held.split(",")}
    return tag in tags or "*" in tags


@cache
def release() -> str:
    """The release of article20 that runs."""
    return metadata.version("article20")


def number(query: Mapping[str, str], name: str, default: int, *, least: int = 0) -> int:
    """A whole number of the query; InvalidQuestion says how to write it."""
    text = query.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX and int(text) >= least:
        return int(text)
    detail = f"write a whole number, {least} or more, of at most {DIGITS_MAX} digits"
    raise InvalidQuestion(parameter=name, value=text[:80], detail=detail)
