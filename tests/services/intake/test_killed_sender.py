"""A sender that is killed at any moment and tries again by the schedule of Standard Webhooks, with
a clock of its own: every event exactly once."""

import asyncio
import json
import time as real
from random import Random
from typing import Any

import msgspec
import pytest

from services.api import hooks, straight
from services.api.server import served
from services.house import open_house
from tests.faults.proof import Acknowledged, prove
from tests.services.intake.fuzzing import opened
from tests.services.intake.over_wire import Answered, Connection, Made, Spoken, plainly
from tests.services.running import WORKSPACE, claim, signed

MINUTE, HOUR = 60, 3600
SCHEDULE_SECONDS = (
    0, 5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
)  # fmt: skip
"""How long the sender waits before each of its tries."""
MESSAGES = 40
CUT_SECONDS_MAX = 0.02
FATES = ("before", "amid", "cut", "unheard", "through")
"""When the sender dies: before it sent, amid the request, while it is answered, before it noted the
answer, or not at all."""


class Clock:
    """A clock that goes only when it is set."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def time(self) -> float:
        """The moment it was set to."""
        return self.seconds

    perf_counter = staticmethod(real.perf_counter)


class Message(msgspec.Struct):
    """What the sender keeps on its disk of one message: when to try next, and how often it did."""

    id: str
    body: bytes
    media: bytes
    due: float
    tries: int = 0


def message(number: int, now: float) -> Message:
    """A claim without an id of its own, every second one in an event: only the delivery or the
    event can say that it is the same."""
    plain: dict[str, Any] = claim(summary=f"Statement {number}.")
    media = b"application/json"
    if number % 2:
        event = {"specversion": "1.0", "source": "/kept", "type": "x", "id": f"e-{number}"}
        plain = event | {"data": plain}
        media = b"application/cloudevents+json"
    return Message(f"msg_{number}", json.dumps(plain).encode(), media, now)


class Sender:
    """Sends to a server over sockets, from what it keeps, and dies as chance has it."""

    def __init__(self, port: int, secret: str, clock: Clock, chance: Random) -> None:
        self.port, self.secret, self.clock, self.chance = port, secret, clock, chance
        self.kept = [message(number, clock.seconds) for number in range(MESSAGES)]
        self.noted: Acknowledged = {}
        self.deaths = 0

    async def run(self) -> None:
        """Try whatever is due, again and again, until every message was answered."""
        while self.kept:
            self.clock.seconds = min(one.due for one in self.kept)
            due = [one for one in self.kept if one.due <= self.clock.seconds]
            await asyncio.gather(*(self._try(one) for one in due))

    async def _try(self, one: Message) -> None:
        last = one.tries == len(SCHEDULE_SECONDS) - 1
        fate = "through" if last else self.chance.choice(FATES)
        one.tries += 1
        if not last:
            one.due = self.clock.seconds + SCHEDULE_SECONDS[one.tries]
        answer = await self._send(one, fate)
        if answer is None:
            self.deaths += 1
            return
        assert answer.status in (200, 201), answer
        receipt = json.loads(answer.body)
        self.noted[receipt["claim"]] = receipt["position"]
        self.kept.remove(one)

    async def _send(self, one: Message, fate: str) -> Answered | None:
        if fate == "before":
            return None
        whole = plainly("kept", self._signed(one))
        if fate == "amid":
            whole = whole[: self.chance.randrange(1, len(whole))]
        connection = Connection(Spoken([whole], 1))
        await connection.speak(self.port)
        if fate in ("amid", "cut"):
            await asyncio.sleep(self.chance.random() * CUT_SECONDS_MAX)
        else:
            await connection.answered()
        connection.transport.abort()
        return connection.answers[0] if fate == "through" else None

    def _signed(self, one: Message) -> Made:
        headers = signed(self.secret, one.body.decode(), one.id, at=self.clock.seconds)
        headers |= {"content-type": one.media.decode(), "content-length": str(len(one.body))}
        return Made([(n.encode(), v.encode()) for n, v in headers.items()], b"", one.body)


@pytest.mark.parametrize("seed", range(3))
async def test_a_sender_that_is_killed_loses_and_repeats_nothing(
    dsn: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """However often and whenever it dies, each message is recorded once, at the position that its
    answer names, and the log verifies."""
    clock = Clock()
    monkeypatch.setattr(hooks, "time", clock)
    monkeypatch.setattr(straight, "time", clock)
    settings = await opened(dsn)
    async with open_house(settings, project=False) as house, served(house):
        _, secret = await house.sources.add(WORKSPACE, "kept", trusted=True)
        sender = Sender(settings.port, secret, clock, Random(seed))
        await sender.run()
    assert sender.deaths > MESSAGES
    assert len(sender.noted) == MESSAGES
    assert await prove(dsn, sender.noted) == MESSAGES
