"""The answer to a delivery that went straight, written in one go; what it says is decided
elsewhere."""

from collections.abc import Iterable
from typing import Any

from services.api.headers import CLOSE
from services.api.writing import Header, written


class Answering:
    """The answer to a delivery that went straight, in the place of what uvicorn has for requests:
    it is written in one go."""

    __slots__ = ("disconnected", "keep_alive", "response_complete", "wire")

    def __init__(self, wire: Any, *, keep_alive: bool) -> None:
        self.wire = wire
        self.keep_alive = keep_alive
        self.disconnected = self.response_complete = False

    @property
    def message_event(self) -> "Answering":
        """What uvicorn sets when the client is gone."""
        return self

    def set(self) -> None:
        """Nobody waits for that."""

    def reply(self, status: int, headers: Iterable[Header], body: bytes) -> None:
        """Write the answer, unless the client is gone."""
        wire = self.wire
        self.response_complete = True
        if wire.transport.is_closing():
            return
        if not self.keep_alive:
            headers = [*headers, CLOSE]
        wire.transport.write(written(status, headers, wire.front.date, body))
        if not self.keep_alive:
            wire.transport.close()
        wire.on_response_complete()
