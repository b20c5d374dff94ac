"""Bodies that are read while they arrive, within what a server waits for."""

import asyncio
from typing import Any

import pytest

from services.api.requests import BodyTooLarge, BodyTooSlow, Patience, read_quick_body

SCOPE: dict[str, Any] = {"headers": []}


def arriving(*parts: bytes, ends: bool = True) -> Any:
    """A client that sends some parts, and then nothing at all unless it `ends`."""
    left = list(parts)

    async def receive() -> Any:
        if not left and not ends:
            await asyncio.Event().wait()
        body = left.pop(0) if left else b""
        return {"type": "http.request", "body": body, "more_body": bool(left) or not ends}

    return receive


async def test_a_body_that_does_not_arrive_ends_its_request_and_no_other() -> None:
    """Who sends too slowly is told so; who waits beside it less long is served, and one timer
    serves both."""
    patience = Patience(0.02)
    slow = asyncio.create_task(
        read_quick_body(SCOPE, arriving(b"a", ends=False), bytes_max=9, patience=patience)
    )
    assert (
        await read_quick_body(SCOPE, arriving(b"b", b"c"), bytes_max=9, patience=patience) == b"bc"
    )
    with pytest.raises(BodyTooSlow):
        await slow
    assert slow.cancelling() == 0
    # The next one is watched over as well.
    with pytest.raises(BodyTooSlow):
        await read_quick_body(SCOPE, arriving(ends=False), bytes_max=9, patience=patience)


async def test_a_cancelled_request_stays_cancelled() -> None:
    """Whoever ends a request from outside is not told that it was slow."""
    patience = Patience(60)
    task = asyncio.create_task(
        read_quick_body(SCOPE, arriving(ends=False), bytes_max=9, patience=patience)
    )
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_body_is_counted_while_it_arrives() -> None:
    """More than was allowed is refused without being kept, whatever its length was said to be."""
    with pytest.raises(BodyTooLarge):
        await read_quick_body(SCOPE, arriving(b"123", b"456"), bytes_max=5, patience=Patience(60))
